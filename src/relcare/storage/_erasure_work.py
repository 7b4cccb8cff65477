"""Erasing in one unit of work: each piece of a client's file is taken out, wrapped or left, as it was decided."""

import json
from collections import Counter
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from relcare.access import (
    AuditEntry,
    DigestKey,
    RetentionDecision,
    RetentionQuestion,
    RetentionRecord,
    RetentionRules,
    decide_retention,
    erased_link,
)
from relcare.errors import StorageError
from relcare.model import civil_day
from relcare.storage._audit_texts import load_link
from relcare.storage._audit_trail import LINK_KIND, link_record
from relcare.storage._book_entries import BOOK_ID, entry_id
from relcare.storage._book_reader import BookReader
from relcare.storage._erasing import ERASED, RESTRICTED, ErasingUnit
from relcare.storage._erasure_decisions import Decided, decided
from relcare.storage._erasure_journal import Erasure
from relcare.storage._erasure_scope import KINDS_BY_CLIENT, Piece, client_entries, client_records, reviews_about, without_client
from relcare.storage._protocols import ReadUnit
from relcare.storage._review_texts import put_review
from relcare.storage._values import LogEntry, Record

__all__ = ["ErasureReport", "Order", "erase_pieces"]

_NOTHING: Final = "{}"
_FOREVER: Final = "9999-12-31"


@attrs.frozen(kw_only=True)
class ErasureReport:
    """What came of an erasure.

    Attributes:
        erasure: As the journal has it.
        decisions: Of each piece of the file its kind and what became of it, records first.
        left: What is left of it in files that the store cannot clean by itself, and until when; None for nothing.
    """

    erasure: Erasure
    decisions: tuple[tuple[str, RetentionDecision], ...] = ()
    left: str | None = None


@attrs.frozen(kw_only=True)
class Order:
    """What is to be done, the same for each client."""

    key: DigestKey
    at: datetime
    by: str
    ground: str
    rules: RetentionRules | None = None
    asked: RetentionQuestion = "erasure"
    erases_links: bool = False


def erase_pieces(unit: ErasingUnit, client_id: str, order: Order, ended_on: date | None) -> ErasureReport:
    zone = _zone(unit)
    on = civil_day(order.at, ZoneInfo(zone))
    pieces: list[Piece] = [*client_records(unit, client_id), *client_entries(unit, client_id)]
    open_pieces = [piece for piece in pieces if not _is_stored_only(piece)]
    every = decided(open_pieces, order.rules, zone=zone, on=on, asked=order.asked, ended_on=ended_on)
    mark = order.key.digest("client", client_id)
    counts: Counter[str] = Counter()
    for one in every:
        _carry_out(unit, client_id, mark, one, counts)
    for piece in pieces:
        if _is_stored_only(piece) and (order.rules is None or _until(piece) <= on):
            _take_out(unit, mark, piece, counts)
    if not any(one.decision.is_usable for one in every):
        _take_out_traces(unit, client_id, counts)
    if order.erases_links:
        counts["link"] += _erase_links(unit, mark, zone, on, order)
    erasure = Erasure(
        at=order.at,
        client_digest=mark,
        by=order.by,
        ground=order.ground,
        record_count=counts["record"],
        entry_count=counts["entry"],
        link_count=counts["link"],
        restricted_count=counts["restricted"],
    )
    return ErasureReport(erasure=erasure, decisions=tuple((one.kind, one.decision) for one in every))


def _carry_out(unit: ErasingUnit, client_id: str, mark: str, one: Decided, counts: Counter[str]) -> None:
    if one.decision.outcome == "erase":
        _take_out(unit, mark, one.piece, counts)
    elif one.decision.outcome == "restrict":
        _restrict(unit, client_id, one)
        counts["restricted"] += 1


def _take_out(unit: ErasingUnit, mark: str, piece: Piece, counts: Counter[str]) -> None:
    if isinstance(piece, Record):
        unit.eraser.forget_record(piece.kind, piece.id)
        counts["record"] += 1
        return
    position = piece.position
    # Under the digest, so that what was erased of whom can be counted; nothing else of the entry stays, its id included.
    unit.eraser.rewrite_entry(position, LogEntry(id=f"{ERASED}:{position}", kind=ERASED, client_id=mark, payload=_NOTHING))
    counts["entry"] += 1


def _take_out_traces(unit: ErasingUnit, client_id: str, counts: Counter[str]) -> None:
    """What is left of a client of whom nothing may be used any more: rows of reviews, and versions of records deleted before."""
    for review, version in tuple(reviews_about(unit, client_id)):
        put_review(unit.records, without_client(review, client_id), expected=version)
        counts["record"] += 1
    for kind in KINDS_BY_CLIENT:
        counts["record"] += unit.eraser.forget_record(kind, client_id)


def _restrict(unit: ErasingUnit, client_id: str, one: Decided) -> None:
    """Wraps a piece, so that it is stored and nobody who reads the book sees it."""
    until = _FOREVER if one.decision.until is None else one.decision.until.isoformat()
    if isinstance(one.piece, Record):
        record = one.piece
        unit.eraser.forget_record(record.kind, record.id)
        wrapped = Record(
            kind=RESTRICTED,
            id=entry_id(record.kind, record.id),
            payload=_wrapped(record.kind, until, record.payload),
            keys={"client_id": client_id},
        )
        known = unit.records.get(RESTRICTED, wrapped.id)
        unit.records.put(wrapped, expected=0 if known is None else known.version)
        return
    entry = one.piece.entry
    payload = _wrapped(entry.kind, until, entry.payload)
    unit.eraser.rewrite_entry(one.piece.position, attrs.evolve(entry, kind=RESTRICTED, payload=payload))


def _wrapped(kind: str, until: str, payload: str) -> str:
    return f'{{"format":1,"kind":{json.dumps(kind)},"until":"{until}","payload":{payload}}}'


def _is_stored_only(piece: Piece) -> bool:
    return (piece.kind if isinstance(piece, Record) else piece.entry.kind) == RESTRICTED


def _until(piece: Piece) -> date:
    payload = piece.payload if isinstance(piece, Record) else piece.entry.payload
    try:
        return date.fromisoformat(json.loads(payload)["until"])
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(f"a stored {RESTRICTED} record is damaged ({type(error).__name__}); hint: restore a backup") from error


def _erase_links(unit: ErasingUnit, mark: str, zone: str, on: date, order: Order) -> int:
    """How many entries of the audit trail went; the links stay, and the chain is whole.

    Only those that are about the client alone: one of a list is what others are told from about whom was shown.
    """
    count = 0
    for record in tuple(unit.records.scan(LINK_KIND, key=("client", mark))):
        link = load_link(record.payload)
        if link.entry is None or link.client_digest != mark or not _link_may_go(link.entry, zone, on, order):
            continue
        chain_id = record.id.rpartition(":")[0]
        unit.records.put(link_record(chain_id, erased_link(link)), expected=record.version)
        count += 1
    return count


def _link_may_go(entry: AuditEntry, zone: str, on: date, order: Order) -> bool:
    if order.rules is None:
        return True
    record = RetentionRecord(kind="audit", event_on=civil_day(entry.at, ZoneInfo(zone)))
    return decide_retention(order.rules, record, on=on, asked=order.asked).outcome == "erase"


def _zone(unit: ReadUnit) -> str:
    has_book = unit.records.get("book", BOOK_ID) is not None
    return BookReader(unit).settings().zone if has_book else "UTC"
