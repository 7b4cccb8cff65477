"""What the law has kept: a piece of a client's file is wrapped so that it is stored and nothing else, until it may go.

Source: ACC-5.
"""

import json
from datetime import date
from typing import Any, Final

import attrs

from relcare.access import RetentionDecision, RetentionQuestion, RetentionRules, decide_retention
from relcare.errors import StorageError
from relcare.model import Reason
from relcare.storage._book_entries import entry_id
from relcare.storage._erasing import RESTRICTED, ErasingUnit
from relcare.storage._erasure_decisions import Decided
from relcare.storage._erasure_scope import Piece, retention_record
from relcare.storage._values import Record, StoredEntry

__all__ = ["decided_again", "is_stored_only", "keep_until", "restrict"]

_FOREVER: Final = date.max
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@attrs.frozen(kw_only=True)
class _Wrapped:
    """A piece as it is stored.

    Attributes:
        kind: What it was.
        id: Under which id.
        until: The first day on which it may go; `date.max` while that is not known.
        on: The day on which it was decided.
        asked: What was asked then.
        payload: What it says.
    """

    kind: str
    id: str
    until: date
    on: date
    asked: RetentionQuestion
    payload: Any

    def as_text(self) -> str:
        shape = {**attrs.asdict(self, recurse=False), "until": self.until.isoformat(), "on": self.on.isoformat()}
        return _encode({"format": 1, **shape})


def is_stored_only(piece: Piece) -> bool:
    """Whether a piece is stored and nothing else."""
    return (piece.kind if isinstance(piece, Record) else piece.entry.kind) == RESTRICTED


def restrict(unit: ErasingUnit, client_id: str, one: Decided) -> None:
    """Wraps a piece, so that it is stored and nobody who reads the book sees it; what it was called can be used again."""
    decision = one.decision
    piece = one.piece if isinstance(one.piece, Record) else one.piece.entry
    wrapped = _Wrapped(
        kind=piece.kind,
        id=piece.id,
        until=decision.until or _FOREVER,
        on=decision.on,
        asked=decision.asked,
        payload=json.loads(piece.payload),
    )
    if isinstance(one.piece, Record):
        unit.eraser.forget_record(one.piece.kind, one.piece.id)
        record_id = _free_id(unit, one.piece)
        record = Record(kind=RESTRICTED, id=record_id, payload=wrapped.as_text(), keys={"client_id": client_id})
        unit.records.put(record, expected=0)
        return
    place = one.piece.position
    entry = attrs.evolve(one.piece.entry, id=f"{RESTRICTED}:{place}", kind=RESTRICTED, payload=wrapped.as_text())
    unit.eraser.rewrite_entry(place, entry)


def decided_again(
    piece: Piece, rules: RetentionRules | None, *, zone: str, on: date, asked: RetentionQuestion, ended_on: date | None
) -> Decided:
    """What becomes of a piece that is only stored: it goes on the day that was known, or when it is known now and has come.

    Args:
        piece: As it is stored.
        rules: Of retention; None: it goes.
        zone: Of the book.
        on: The day that it is.
        asked: What is asked now.
        ended_on: On which day the relationship ended.
    """
    wrapped = _read(piece)
    record = retention_record(_unwrapped(piece, wrapped), zone, on=wrapped.on, ended_on=ended_on)
    if rules is None:
        reason = Reason("retention.asked", {}, {"asked": asked})
        return Decided(piece, record.kind, RetentionDecision(outcome="erase", asked=asked, reasons=(reason,), on=on))
    found = decide_retention(rules, record, on=on, asked=wrapped.asked)
    until = wrapped.until
    if until == _FOREVER and found.outcome in {"erase", "restrict"}:
        until = on if found.outcome == "erase" else found.until or _FOREVER
    known = None if until == _FOREVER else until
    decision = attrs.evolve(found, outcome="erase" if until <= on else "restrict", until=None if until <= on else known)
    return Decided(piece, record.kind, decision)


def keep_until(unit: ErasingUnit, one: Decided) -> None:
    """Notes until when a piece that is only stored is kept, where that has become known."""
    wrapped, until = _read(one.piece), one.decision.until
    if until is None or until == wrapped.until:
        return
    text = attrs.evolve(wrapped, until=until).as_text()
    if isinstance(one.piece, Record):
        unit.records.put(attrs.evolve(one.piece, payload=text), expected=one.piece.version)
    else:
        unit.eraser.rewrite_entry(one.piece.position, attrs.evolve(one.piece.entry, payload=text))


def _free_id(unit: ErasingUnit, record: Record) -> str:
    """An id for what is stored of a record; somebody who came back may have another one of the same id stored."""
    free, number = entry_id(record.kind, record.id), 1
    while unit.records.get(RESTRICTED, free) is not None:
        number += 1
        free = entry_id(record.kind, f"{record.id}:{number}")
    return free


def _unwrapped(piece: Piece, wrapped: _Wrapped) -> Piece:
    payload = _encode(wrapped.payload)
    if isinstance(piece, Record):
        return Record(kind=wrapped.kind, id=wrapped.id, payload=payload)
    entry = attrs.evolve(piece.entry, id=wrapped.id, kind=wrapped.kind, payload=payload)
    return StoredEntry(position=piece.position, entry=entry)


def _read(piece: Piece) -> _Wrapped:
    payload = piece.payload if isinstance(piece, Record) else piece.entry.payload
    try:
        shape: dict[str, Any] = json.loads(payload)
        return _Wrapped(
            kind=shape["kind"],
            id=shape["id"],
            until=date.fromisoformat(shape["until"]),
            on=date.fromisoformat(shape["on"]),
            asked=shape["asked"],
            payload=shape["payload"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(f"a stored {RESTRICTED} record is damaged ({type(error).__name__}); hint: restore a backup") from error
