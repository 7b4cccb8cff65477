"""What a store keeps about one client: records, entries of the log, rows of reviews, links of the audit trail."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from relcare.access import RETENTION_KINDS, RetentionKind, RetentionRecord
from relcare.codec import load_record
from relcare.model import Consent, Purchase, Review, Touchpoint, civil_day
from relcare.storage._book_entries import Event, told_by
from relcare.storage._erasing import ERASED, RESTRICTED
from relcare.storage._protocols import ReadUnit
from relcare.storage._review_texts import review_of
from relcare.storage._values import Record, StoredEntry

__all__ = [
    "KINDS_BY_CLIENT",
    "Piece",
    "client_entries",
    "client_ids",
    "client_records",
    "event_in",
    "records_with",
    "retention_record",
    "reviews_about",
    "without_client",
]

Piece: TypeAlias = Record | StoredEntry
"""Something that is about one client."""

KINDS_BY_CLIENT: Final = ("client", "tiers", "pins", "owners")
"""The kinds of records whose id is that of the client."""

_BY_KEY: Final = ("person", "appointment", RESTRICTED)
# Proposals of changes to a file, and requests to see it, are kept under the client whom they concern.
_KIND_OF: Final = {"change": "client", "change_step": "client", "grant_step": "audit"}

_SEEN_AS: Final[Mapping[str, RetentionKind]] = {kind: kind for kind in RETENTION_KINDS}


def client_records(unit: ReadUnit, client_id: str, *, trusts_keys: bool = False) -> Iterator[Record]:
    """The records that are about a client and about nobody else.

    Args:
        unit: In which they lie.
        client_id: Of whom.
        trusts_keys: Whether they may be asked for by their keys. Else all are looked at: a key that a damaged book has lost
            would hide one, and one that is damaged itself is an error and not passed over.
    """
    for kind in KINDS_BY_CLIENT:
        if trusts_keys:
            record = unit.records.get(kind, client_id)
            yield from () if record is None else (record,)
        else:
            yield from (record for record in unit.records.scan(kind) if record.id == client_id)
    for kind in _BY_KEY:
        yield from records_with(unit, kind, ("client_id", client_id), trusts_keys=trusts_keys)


def records_with(unit: ReadUnit, kind: str, key: tuple[str, str], *, trusts_keys: bool = False) -> Iterator[Record]:
    """The records of a kind that carry a key; see `client_records`."""
    found = unit.records.scan(kind, key=key) if trusts_keys else unit.records.scan(kind)
    return (record for record in found if key in record.keys)


def client_entries(unit: ReadUnit, client_id: str, *, trusts_keys: bool = False) -> Iterator[StoredEntry]:
    """The entries of the log that are about a client, without those that were erased; see `client_records`."""
    found = unit.log.of_client(client_id) if trusts_keys else unit.log.since()
    return (stored for stored in found if stored.entry.client_id == client_id and stored.entry.kind != ERASED)


def client_ids(unit: ReadUnit) -> Iterator[str]:
    """Every client of whom anything is stored, each once."""
    found = {record.id for kind in KINDS_BY_CLIENT for record in unit.records.scan(kind)}
    for kind in _BY_KEY:
        for record in unit.records.scan(kind):
            found.update(value for name, value in record.keys if name == "client_id")
    about = (stored.entry.client_id for stored in unit.log.since() if stored.entry.kind != ERASED)
    # No client's id begins with a blank: such entries are about nobody's file.
    found.update(client_id for client_id in about if not client_id.startswith(" "))
    return iter(sorted(found))


def reviews_about(unit: ReadUnit, client_id: str) -> Iterator[tuple[Review, int]]:
    """The reviews in which a client is, each with its version."""
    for record in unit.records.scan("review"):
        review = review_of(unit.records, record)
        if any(row.client_id == client_id for row in review.rows):
            yield review, record.version


def without_client(review: Review, client_id: str) -> Review:
    """A review without the rows and challenges of one client; the borders of its quotas stay as they were decided."""
    return attrs.evolve(
        review,
        rows=[row for row in review.rows if row.client_id != client_id],
        challenges=[one for one in review.challenges if one.client_id != client_id],
    )


def retention_record(
    piece: Piece, zone: str, *, on: date, last_contact_on: date | None = None, ended_on: date | None = None
) -> RetentionRecord:
    """A piece as retention looks at it.

    Args:
        piece: What is stored.
        zone: Of the book.
        on: The day that it is: the day of what has none of its own and is in use as long as it is stored.
        last_contact_on: Of the client.
        ended_on: Of the relationship.
    """
    kind, topic, moment = _seen(piece)
    day = on if moment is None else civil_day(moment, ZoneInfo(zone))
    return RetentionRecord(kind=kind, topic=topic, event_on=day, last_contact_on=last_contact_on, ended_on=ended_on)


def event_in(piece: Piece) -> Event | None:
    """The event that a piece tells of; None for a record, and for an entry that tells of none."""
    return None if isinstance(piece, Record) else told_by(piece.entry)


def _seen(piece: Piece) -> tuple[RetentionKind, str | None, date | None]:
    if isinstance(piece, Record):
        appointment = load_record("appointment", piece.payload) if piece.kind == "appointment" else None
        return _kind(piece.kind), None, None if appointment is None else appointment.on
    event = told_by(piece.entry)
    if event is None:
        stamp = piece.entry.recorded_at
        return _kind(_KIND_OF.get(piece.entry.kind, "")), None, None if stamp is None else datetime.fromisoformat(stamp)
    if isinstance(event, Touchpoint):
        return "touchpoint", event.purpose, event.occurred_at
    if isinstance(event, Purchase):
        return "purchase", event.category, event.purchased_on
    if isinstance(event, Consent):
        return "consent", event.purpose, event.end_on or event.start_on
    return "membership_event", None, event.on


def _kind(kind: str) -> RetentionKind:
    return _SEEN_AS.get(kind, "client")
