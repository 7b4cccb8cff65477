"""How the nouns lie in a store: which are records and which are log entries, under which ids, found by which keys."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final, TypeAlias, cast

import attrs

from relcare.codec import (
    BookSettings,
    ClientOwners,
    ClientPins,
    ClientTiers,
    RecordChange,
    StaffAbsences,
    dump_record,
    load_record,
    load_records,
)
from relcare.errors import InvalidValueError, StorageError
from relcare.model import (
    Absence,
    Appointment,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    OwnerSpell,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.storage._values import MAX_ID_CHARS, LogEntry, Record, StoredEntry

__all__ = [
    "BOOK_ID",
    "Event",
    "Noun",
    "change_entry",
    "client_owners",
    "client_pins",
    "client_tiers",
    "entry_id",
    "entry_of",
    "event_of",
    "events_of",
    "is_of_kind",
    "kind_of_event",
    "record_of",
    "staff_absences",
    "told_by",
]

BOOK_ID: Final = "book"
"""The id of the one record that says what the book is."""

_AT_ONCE: Final = 5_000
_EVENT_KINDS: Final = frozenset({"consent", "membership_event", "purchase", "touchpoint"})
_ABOUT_THE_BOOK: Final = frozenset({"change", "change_step", "delegation_step", "erased", "grant_step", "restricted"})
"""Kinds of entries that tell no event of a client's: who changed or asked for what, and what is erased or only stored (ACC-5)."""

_KINDS_BY_CLIENT: Final = {ClientTiers: "tiers", ClientPins: "pins", ClientOwners: "owners"}

Event: TypeAlias = Touchpoint | Purchase | Consent | MembershipEvent
"""What is appended to the log and never changed (TIM-7)."""

Noun: TypeAlias = (
    Appointment | BookSettings | Client | ClientOwners | ClientPins | ClientTiers | ContactPerson | Staff | StaffAbsences
)
"""What is kept as a record, replaced as a whole under its version (STO-2)."""


def entry_id(kind: str, event_id: str) -> str:
    """Under which id an event lies in the log.

    Events of two kinds may have the same id, and the log has one set of ids for all: so the kind stands before it. An id
    that would become too long is kept as a digest.
    """
    text = f"{kind}:{event_id}"
    return text if len(text) <= MAX_ID_CHARS else f"{kind}#{sha256(text.encode()).hexdigest()}"


def kind_of_event(event: Event) -> str:
    """The kind of its log entry."""
    if isinstance(event, Touchpoint):
        return "touchpoint"
    if isinstance(event, MembershipEvent):
        return "membership_event"
    return "purchase" if isinstance(event, Purchase) else "consent"


def entry_of(event: Event, *, by: str | None, recorded_at: datetime | None = None) -> LogEntry:
    """An event as it goes into the log.

    Args:
        event: What happened. What it says of itself goes into the payload, `recorded_at` included where it has one.
        by: Who recorded it.
        recorded_at: The stamp of whoever stores it, in UTC, for an event that says nothing. It stays out of the payload: a retry
            with a later stamp tells the same event.
    """
    kind = kind_of_event(event)
    own = event.recorded_at
    stamp = recorded_at if own is None else own
    return LogEntry(
        id=entry_id(kind, event.id),
        kind=kind,
        client_id=event.client_id,
        payload=dump_record(event),
        by=by,
        recorded_at=stamp.isoformat() if isinstance(stamp, datetime) else None,
    )


def told_by(entry: LogEntry) -> Event | None:
    """What the payload of an entry says, without the stamp of whoever stored it; None where it tells of none.

    Raises:
        StorageError: If the entry is of a kind that this release does not know: to pass it over could change decisions.
    """
    if entry.kind == "touchpoint":
        return load_record("touchpoint", entry.payload)
    if entry.kind == "purchase":
        return load_record("purchase", entry.payload)
    if entry.kind == "consent":
        return load_record("consent", entry.payload)
    if entry.kind == "membership_event":
        return load_record("membership_event", entry.payload)
    if entry.kind in _ABOUT_THE_BOOK:
        return None
    raise _unknown(entry)


def is_of_kind(entry: LogEntry, kind: str) -> bool:
    """Whether an entry is of a kind of event, without reading what it says.

    Raises:
        StorageError: As for `told_by`.
    """
    if entry.kind == kind:
        return True
    if entry.kind not in _EVENT_KINDS and entry.kind not in _ABOUT_THE_BOOK:
        raise _unknown(entry)
    return False


def _unknown(entry: LogEntry) -> StorageError:
    return StorageError(f"the log holds entries of the unknown kind {entry.kind!r}; hint: a newer relcare may have written them")


def event_of(entry: LogEntry) -> Event | None:
    """What an entry says, with its stamp; see `told_by`."""
    value = told_by(entry)
    return None if value is None else _stamped(value, entry)


def _stamped(value: Event, entry: LogEntry) -> Event:
    """An event with the stamp of whoever stored it, where it says none itself."""
    if value.recorded_at is not None or entry.recorded_at is None:
        return value
    return attrs.evolve(value, recorded_at=datetime.fromisoformat(entry.recorded_at))


def events_of(entries: Iterable[StoredEntry]) -> Iterator[Event]:
    """What many entries say, with their stamps, in their order; those that tell of no event are left out. See `event_of`.

    They are read some thousands at a time, because it costs less than one by one.
    """
    left = iter(entries)
    while several := [stored.entry for stored in islice(left, _AT_ONCE)]:
        payloads: dict[str, list[str]] = {}
        for entry in several:
            if entry.kind in _EVENT_KINDS:
                payloads.setdefault(entry.kind, []).append(entry.payload)
        try:
            told = {kind: iter(load_records(kind, texts)) for kind, texts in payloads.items()}
        except StorageError:  # one by one tells the first that is damaged
            yield from (event for entry in several if (event := event_of(entry)) is not None)
            continue
        for entry in several:
            if entry.kind in told:
                yield _stamped(cast("Event", next(told[entry.kind])), entry)
            elif entry.kind not in _ABOUT_THE_BOOK:
                raise _unknown(entry)


def client_tiers(client_id: str, spells: Iterable[TierSpell]) -> ClientTiers:
    """The tier spells of a client in the order in which they are stored."""
    return ClientTiers(client_id, tuple(sorted(spells, key=lambda spell: (spell.scheme_id, spell.start_on))))


def client_owners(client_id: str, spells: Iterable[OwnerSpell]) -> ClientOwners:
    """The owner spells of a client in the order in which they are stored."""
    return ClientOwners(client_id, tuple(sorted(spells, key=lambda spell: spell.start_on)))


def client_pins(client_id: str, pins: Iterable[Pin]) -> ClientPins:
    """The pins of a client in the order in which they are stored."""
    return ClientPins(client_id, tuple(sorted(pins, key=lambda pin: (pin.scheme_id, pin.start_on))))


def staff_absences(staff_id: str, absences: Iterable[Absence]) -> StaffAbsences:
    """The absences of a member of staff in the order in which they are stored."""
    return StaffAbsences(staff_id, tuple(sorted(absences, key=lambda absence: absence.start_on)))


def record_of(value: Noun) -> Record:
    """A value as it goes among the records, with what it can be found by."""
    payload = dump_record(value)
    if isinstance(value, Client):
        return Record(kind="client", id=value.id, payload=payload, keys={"owner_id": value.owner_id} if value.owner_id else ())
    if isinstance(value, Appointment):
        return Record(kind="appointment", id=value.id, payload=payload, keys={"client_id": value.client_id})
    if isinstance(value, ContactPerson):
        return Record(kind="person", id=value.id, payload=payload, keys={"client_id": value.client_id})
    if isinstance(value, Staff):
        return Record(kind="staff", id=value.id, payload=payload)
    if isinstance(value, (ClientTiers, ClientPins, ClientOwners)):
        return Record(kind=_KINDS_BY_CLIENT[type(value)], id=value.client_id, payload=payload)
    if isinstance(value, StaffAbsences):
        return Record(kind="absences", id=value.staff_id, payload=payload)
    if isinstance(value, BookSettings):  # pyright: ignore[reportUnnecessaryIsInstance]
        return Record(kind="book", id=BOOK_ID, payload=payload)
    raise InvalidValueError(
        "value", value, "must be settings, a client, a person, an appointment, staff, tiers, pins, owners, absences"
    )


def change_entry(
    record: Record, client_id: str, *, by: str | None, recorded_at: datetime | None, is_shared: bool = False
) -> LogEntry:
    """The log entry that tells who changed a record of a client, and when.

    Args:
        record: As it is now stored.
        client_id: Whom the change concerns.
        by: Who changed it.
        recorded_at: When, in UTC.
        is_shared: Whether the record is about several clients, so that one change may have an entry for each.
    """
    change = RecordChange(kind=record.kind, record_id=record.id, version=record.version)
    place = f"{record.kind}:{record.id}:{record.version}"
    return LogEntry(
        id=entry_id("change", f"{place}:{client_id}" if is_shared else place),
        kind="change",
        client_id=client_id,
        payload=dump_record(change),
        by=by,
        recorded_at=None if recorded_at is None else recorded_at.isoformat(),
    )
