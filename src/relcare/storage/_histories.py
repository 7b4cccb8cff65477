"""The clients of a store one after the other, as the facts are counted from them."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from relcare.codec import BookSettings, load_record
from relcare.errors import InvalidValueError, StorageError
from relcare.facts import ClientHistory, history_of
from relcare.model import Book, Client, ContactPerson, Purchase, Staff, Touchpoint, standing
from relcare.storage._book_entries import Event, event_of
from relcare.storage._by_client import entries_by_client
from relcare.storage._protocols import ReadUnit
from relcare.storage._values import StoredEntry

__all__ = ["histories_in", "unfit"]

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


def unfit(error: InvalidValueError) -> StorageError:
    """The error for values that are sound and contradict each other. The value stays in the chain: it is about a client."""
    return StorageError(f"the stored book does not fit together: {error.name} {error.rule}; hint: restore a backup")


def _people_by_client(view: ReadUnit) -> dict[str, Sequence[ContactPerson]]:
    found: dict[str, list[ContactPerson]] = {}
    for record in view.records.scan("person"):
        person = load_record("person", record.payload)
        found.setdefault(person.client_id, []).append(person)
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


def _part(client: Client, people: Sequence[ContactPerson], events: Sequence[Event], settings: BookSettings) -> Book:
    try:
        return Book(
            clients=(client,),
            people=people,
            touchpoints=[event for event in events if isinstance(event, Touchpoint)],
            purchases=[event for event in events if isinstance(event, Purchase)],
            zone=settings.zone,
            currency=settings.currency,
        )
    except InvalidValueError as error:
        raise unfit(error) from error
