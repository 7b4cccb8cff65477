"""The clients of a store one after the other, as the facts are counted from them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import attrs

from relcare.codec import BookSettings, load_record
from relcare.errors import InvalidValueError, StorageError
from relcare.facts import ClientHistory, history_of
from relcare.model import (
    Appointment,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Purchase,
    Staff,
    Touchpoint,
    standing,
)
from relcare.storage._book_entries import Event, event_of
from relcare.storage._by_client import entries_by_client
from relcare.storage._protocols import ReadUnit
from relcare.storage._values import StoredEntry

__all__ = ["histories_in", "parts_in", "unfit"]

E = TypeVar("E", Touchpoint, Purchase, Consent, MembershipEvent)

_NOBODY: Final[tuple[str | None, Sequence[StoredEntry]]] = (None, ())


def histories_in(view: ReadUnit, settings: BookSettings, staff: Sequence[Staff]) -> Iterator[ClientHistory]:
    """See `BookReader.histories`."""
    zone, by_id = ZoneInfo(settings.zone), {member.id: member for member in staff}
    people = _people_by_client(view)
    for client, events in _clients_with_events(view):
        part = _part(client, people.pop(client.id, ()), events, settings)
        kept = standing(part.touchpoints)
        yield history_of(client, people=part.people, touchpoints=kept, purchases=part.purchases, staff=by_id, zone=zone)
    if people:
        raise unfit(InvalidValueError("people.client_id", None, "must name a client of the book"))


def parts_in(view: ReadUnit, firm: Book) -> Iterator[Book]:
    """See `BookReader.parts`."""
    people, appointments = _people_by_client(view), _appointments_by_client(view)
    for client, events in _clients_with_events(view):
        tiers, pins, owners = (view.records.get(kind, client.id) for kind in ("tiers", "pins", "owners"))
        yield _fitting(
            firm,
            clients=(client,),
            people=people.pop(client.id, ()),
            appointments=appointments.pop(client.id, ()),
            touchpoints=_of(Touchpoint, events),
            purchases=_of(Purchase, events),
            consents=_of(Consent, events),
            membership_events=_of(MembershipEvent, events),
            tier_spells=() if tiers is None else load_record("tiers", tiers.payload).spells,
            pins=() if pins is None else load_record("pins", pins.payload).pins,
            owner_spells=() if owners is None else load_record("owners", owners.payload).spells,
        )
    for name, others in (("people", people), ("appointments", appointments)):
        if others:
            raise unfit(InvalidValueError(f"{name}.client_id", None, "must name a client of the book"))


def unfit(error: InvalidValueError) -> StorageError:
    """The error for values that are sound and contradict each other. The value stays in the chain: it is about a client."""
    return StorageError(f"the stored book does not fit together: {error.name} {error.rule}; hint: restore a backup")


def _people_by_client(view: ReadUnit) -> dict[str, Sequence[ContactPerson]]:
    found: dict[str, list[ContactPerson]] = {}
    for record in view.records.scan("person"):
        person = load_record("person", record.payload)
        found.setdefault(person.client_id, []).append(person)
    return dict(found)


def _appointments_by_client(view: ReadUnit) -> dict[str, Sequence[Appointment]]:
    found: dict[str, list[Appointment]] = {}
    for record in view.records.scan("appointment"):
        appointment = load_record("appointment", record.payload)
        found.setdefault(appointment.client_id, []).append(appointment)
    return dict(found)


def _clients_with_events(view: ReadUnit) -> Iterator[tuple[Client, list[Event]]]:
    """Two streams in one order, side by side: the clients, and the log."""
    log: Iterator[tuple[str | None, Sequence[StoredEntry]]] = iter(entries_by_client(view.log))
    next_id, entries = next(log, _NOBODY)
    for record in view.records.scan("client"):
        while next_id is not None and next_id < record.id:
            _refuse_events(entries)
            next_id, entries = next(log, _NOBODY)
        own: Sequence[StoredEntry] = ()
        if next_id == record.id:
            own, (next_id, entries) = entries, next(log, _NOBODY)
        yield load_record("client", record.payload), _events(own)
    _refuse_events(entries)
    for _, rest in log:
        _refuse_events(rest)


def _events(entries: Sequence[StoredEntry]) -> list[Event]:
    return [event for stored in entries if (event := event_of(stored.entry)) is not None]


def _refuse_events(entries: Sequence[StoredEntry]) -> None:
    """Of a client that is not there the log may tell what was done with it, and nothing that happened."""
    if _events(entries):
        raise unfit(InvalidValueError("events.client_id", None, "must name a client of the book"))


def _of(kind: type[E], events: Sequence[Event]) -> tuple[E, ...]:
    return tuple(event for event in events if isinstance(event, kind))


def _part(client: Client, people: Sequence[ContactPerson], events: Sequence[Event], settings: BookSettings) -> Book:
    return _fitting(
        Book(zone=settings.zone, currency=settings.currency),
        clients=(client,),
        people=people,
        touchpoints=_of(Touchpoint, events),
        purchases=_of(Purchase, events),
    )


def _fitting(firm: Book, **fields: Any) -> Book:  # noqa: ANN401 - the fields of a book
    """The part of a book that goes with a firm; what does not fit together is the store's fault."""
    try:
        return attrs.evolve(firm, **fields)
    except InvalidValueError as error:
        raise unfit(error) from error
