"""Erasing in one unit of work: each piece of a client's file is taken out, wrapped or left, as it was decided."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from relcare.access import (
    AuditEntry,
    ChainLink,
    DigestKey,
    RetentionDecision,
    RetentionQuestion,
    RetentionRecord,
    RetentionRules,
    decide_retention,
)
from relcare.codec import load_record
from relcare.model import civil_day
from relcare.storage._access_steps import case_of
from relcare.storage._book_entries import BOOK_ID
from relcare.storage._book_reader import BookReader
from relcare.storage._erasing import ERASED, ErasingUnit
from relcare.storage._erasure_decisions import Decided, decided
from relcare.storage._erasure_journal import Erasure, check_of
from relcare.storage._erasure_links import erase_links
from relcare.storage._erasure_scope import (
    KINDS_BY_CLIENT,
    Piece,
    client_entries,
    client_records,
    reviews_about,
    without_client,
)
from relcare.storage._erasure_stored import decided_again, is_stored_only, keep_until, restrict
from relcare.storage._last_contact import forget_last_contact, keep_last_contact, last_contact
from relcare.storage._protocols import ReadUnit
from relcare.storage._review_texts import put_review
from relcare.storage._values import LogEntry, Record

__all__ = ["ErasureReport", "Order", "erase_pieces"]

_NOTHING: Final = "{}"
_KINDS_OF_ONE: Final = frozenset({"appointment", "person"})
"""The kinds of records with an id of their own that are about one client."""


@attrs.frozen(kw_only=True)
class ErasureReport:
    """What came of an erasure.

    Attributes:
        erasure: As the journal has it.
        decisions: Of each piece of the file its kind and what became of it, records first, what was only stored before last.
        left: What is left of it in files that the store cannot clean by itself, and until when; None for nothing.
    """

    erasure: Erasure
    decisions: tuple[tuple[str, RetentionDecision], ...] = ()
    left: str | None = None


@attrs.frozen(kw_only=True)
class Order:
    """What is to be done, the same for each client.

    Attributes:
        key: For the digests.
        at: The instant that it is, in UTC.
        by: Who has it done.
        ground: Why.
        rules: Of retention; None: everything goes.
        asked: Whether somebody asks, or time alone.
        erases_links: Whether the audit trail's entries about the client go too.
        links: Which of them, by the digests of their links, where that is known; None: as the rules say.
        trusts_keys: Whether the book was verified just now, so that what is about a client may be asked for by its keys.
        spares_own: Whether what the trail says of their own accesses stays whatever they ask for.
    """

    key: DigestKey
    at: datetime
    by: str
    ground: str
    rules: RetentionRules | None = None
    asked: RetentionQuestion = "erasure"
    erases_links: bool = False
    links: frozenset[str] | None = None
    spares_own: bool = False
    trusts_keys: bool = False


def erase_pieces(unit: ErasingUnit, client_id: str, order: Order, ended_on: date | None) -> ErasureReport:
    zone = _zone(unit)
    on = civil_day(order.at, ZoneInfo(zone))
    pieces: list[Piece] = [
        *client_records(unit, client_id, trusts_keys=order.trusts_keys),
        *client_entries(unit, client_id, trusts_keys=order.trusts_keys),
    ]
    stored = [piece for piece in pieces if is_stored_only(piece)]
    open_pieces = [piece for piece in pieces if not is_stored_only(piece)]
    touched = last_contact(unit, client_id, open_pieces, zone)
    every = decided(open_pieces, order.rules, zone=zone, on=on, asked=order.asked, ended_on=ended_on, last_contact_on=touched)
    mark = order.key.digest("client", client_id)
    named = _named_in(open_pieces)
    counts: Counter[str] = Counter()
    for one in every:
        _carry_out(unit, client_id, mark, one, counts)
    again = [decided_again(piece, order.rules, zone=zone, on=on, asked=order.asked, ended_on=ended_on) for piece in stored]
    for one in again:
        _carry_out_again(unit, mark, one, counts)
    usable = [one.piece for one in every if one.decision.is_usable]
    if usable:
        keep_last_contact(unit, client_id, touched, usable, zone)
    else:
        counts["record"] += forget_last_contact(unit, client_id)
        _take_out_traces(unit, client_id, named, counts)
    links: tuple[str, ...] = ()
    if order.erases_links:
        links = erase_links(
            unit, mark, lambda link, entry: _link_may_go(link, entry, zone, on, order), trusts_keys=order.trusts_keys
        )
    erasure = Erasure(
        at=order.at,
        client_digest=mark,
        by=order.by,
        ground=order.ground,
        asked=order.asked,
        ended_on=ended_on,
        by_rules=order.rules is not None,
        key_check=check_of(order.key),
        record_count=counts["record"],
        entry_count=counts["entry"],
        link_count=len(links),
        restricted_count=counts["restricted"],
        links=links,
    )
    return ErasureReport(erasure=erasure, decisions=tuple((one.kind, one.decision) for one in (*every, *again)))


def _carry_out(unit: ErasingUnit, client_id: str, mark: str, one: Decided, counts: Counter[str]) -> None:
    if not one.decision.is_usable:
        _forget_case(unit, one.piece)
    if one.decision.outcome == "erase":
        _take_out(unit, mark, one.piece, counts)
    elif one.decision.outcome == "restrict":
        restrict(unit, client_id, one)
        counts["restricted"] += 1


def _carry_out_again(unit: ErasingUnit, mark: str, one: Decided, counts: Counter[str]) -> None:
    if one.decision.outcome == "erase":
        _take_out(unit, mark, one.piece, counts)
    else:
        keep_until(unit, one)


def _forget_case(unit: ErasingUnit, piece: Piece) -> None:
    """Takes away what finds the grant or the change of which this is a step: its steps go together, and nobody has it open."""
    case = None if isinstance(piece, Record) else case_of(piece.entry)
    if case is not None:
        unit.eraser.forget_record(*case)


def _take_out(unit: ErasingUnit, mark: str, piece: Piece, counts: Counter[str]) -> None:
    if isinstance(piece, Record):
        unit.eraser.forget_record(piece.kind, piece.id)
        counts["record"] += 1
        return
    position = piece.position
    # Under the digest, so that what was erased of whom can be counted; nothing else of the entry stays, its id included.
    unit.eraser.rewrite_entry(position, LogEntry(id=f"{ERASED}:{position}", kind=ERASED, client_id=mark, payload=_NOTHING))
    counts["entry"] += 1


def _named_in(pieces: Iterable[Piece]) -> tuple[tuple[str, str], ...]:
    """Kind and id of the records that the log says were changed: those too that were deleted since."""
    entries = (piece.entry for piece in pieces if not isinstance(piece, Record))
    changes = (load_record("change", entry.payload) for entry in entries if entry.kind == "change")
    return tuple(dict.fromkeys((change.kind, change.record_id) for change in changes))


def _take_out_traces(unit: ErasingUnit, client_id: str, named: Iterable[tuple[str, str]], counts: Counter[str]) -> None:
    """What is left of a client of whom nothing may be used any more: rows of reviews, and versions of records deleted before."""
    for review, version in tuple(reviews_about(unit, client_id)):
        put_review(unit.records, without_client(review, client_id), expected=version)
        counts["record"] += 1
    for kind in KINDS_BY_CLIENT:
        counts["record"] += unit.eraser.forget_record(kind, client_id)
    for kind, record_id in named:
        if kind in _KINDS_OF_ONE and unit.records.get(kind, record_id) is None:
            counts["record"] += unit.eraser.forget_record(kind, record_id)


def _link_may_go(link: ChainLink, entry: AuditEntry, zone: str, on: date, order: Order) -> bool:
    if order.links is not None:
        return link.digest in order.links
    if order.spares_own and entry.actor_id == order.by:
        return False
    if order.rules is None:
        return True
    record = RetentionRecord(kind="audit", event_on=civil_day(entry.at, ZoneInfo(zone)))
    return decide_retention(order.rules, record, on=on, asked=order.asked).outcome == "erase"


def _zone(unit: ReadUnit) -> str:
    has_book = unit.records.get("book", BOOK_ID) is not None
    return BookReader(unit).settings().zone if has_book else "UTC"
