"""Events out of a store: by id, of one client, within days, and client by client as the engine counts them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal, TypeVar, cast
from zoneinfo import ZoneInfo

from relcare._fields import check_day, check_moment, to_day, to_moment
from relcare.codec import BookSettings, load_record
from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import Consent, MembershipEvent, Purchase, Touchpoint, civil_day, standing
from relcare.storage._book_entries import BOOK_ID, Event, entry_id, event_of, is_of_kind, kind_of_event
from relcare.storage._by_client import entries_by_client
from relcare.storage._protocols import ReadUnit
from relcare.storage._values import StoredEntry

__all__ = ["EventReader"]

E = TypeVar("E", Touchpoint, Purchase, Consent, MembershipEvent)


class EventReader:
    """The part of a `BookReader` that reads events.

    Args:
        unit: A unit of a store, of reading or of work.
    """

    def __init__(self, unit: ReadUnit) -> None:
        self._view = unit

    def settings(self) -> BookSettings:
        """Zone and currency of the stored book.

        Raises:
            UnknownRecordError: If no book was ever saved here.
        """
        record = self._view.records.get("book", BOOK_ID)
        if record is None:
            raise UnknownRecordError("book", BOOK_ID, "save one first, an empty one will do: save_book(store, Book(zone=...))")
        return load_record("book", record.payload)

    def find_touchpoint(self, touchpoint_id: str) -> Touchpoint | None:
        """The touchpoint as it is stored; None when there is none."""
        value = self._event("touchpoint", touchpoint_id)
        return value if isinstance(value, Touchpoint) else None

    def find_purchase(self, purchase_id: str) -> Purchase | None:
        """The purchase as it is stored; None when there is none."""
        value = self._event("purchase", purchase_id)
        return value if isinstance(value, Purchase) else None

    def find_consent(self, consent_id: str) -> Consent | None:
        """The consent or refusal as it is stored; None when there is none."""
        value = self._event("consent", consent_id)
        return value if isinstance(value, Consent) else None

    def find_membership_event(self, event_id: str) -> MembershipEvent | None:
        """The step in a VIP programme as it is stored; None when there is none."""
        value = self._event("membership_event", event_id)
        return value if isinstance(value, MembershipEvent) else None

    def find_stored(self, event: E) -> E | None:
        """What is stored under the id of an event of this kind, whether it says the same or not; None when nothing is."""
        return cast("E | None", self._event(kind_of_event(event), event.id))

    def touchpoints_of(self, client_id: str, *, since: date | None = None) -> tuple[Touchpoint, ...]:
        """The touchpoints of a client that stand (TIM-7), in the order in which they were recorded; none for an unknown client.

        Nothing of other clients is read. What was corrected is not there, and its correction is, which names it in `voids_id`.

        Args:
            client_id: The client.
            since: Only those of this civil day in the book's zone and later; of an aware instant, those at it and later. A
                touchpoint that says no hour counts as long as its day is not over then. None for all.

        Raises:
            InvalidValueError: If `since` is a naive instant or no date.
            UnknownRecordError: If no book was ever saved here.

        Source: TIM-2, TIM-7
        """
        first = None if since is None else to_moment(since)
        if first is not None:
            check_moment("since", first)
        zone = ZoneInfo(self.settings().zone)
        kept = standing(self._touchpoints(self._view.log.of_client(client_id)))
        return kept if first is None else tuple(touch for touch in kept if _is_since(touch.occurred_at, first, zone))

    def purchases_of(self, client_id: str, *, start_on: date | None = None, end_on: date | None = None) -> tuple[Purchase, ...]:
        """Purchases, returns and credits of a client in a window, in the order in which they were recorded.

        None for an unknown client; nothing of other clients is read. A return is found by its own day, whether what it returns
        is in the window or not.

        Args:
            client_id: The client.
            start_on: The first day, included; None for the beginning.
            end_on: The first day that is not included any more; None for no end.

        Raises:
            InvalidValueError: If a day is no civil date, or the window ends before it starts.

        Source: TIM-4, FCT-3
        """
        start, end = _window(start_on, end_on)
        return tuple(one for one in self._purchases(self._view.log.of_client(client_id)) if start <= one.purchased_on < end)

    def touchpoints_between(self, start_on: date, end_on: date) -> Iterator[Touchpoint]:
        """The touchpoints of all clients that stand (TIM-7) and happened in a window, as a stream.

        By client id in code point order, those of a client in the order in which they were recorded. One pass over the log: a
        correction may come at any time later. It ends with its unit.

        Args:
            start_on: The first civil day in the book's zone, included.
            end_on: The first day that is not included any more.

        Raises:
            InvalidValueError: If a day is no civil date, or the window ends before it starts.
            UnknownRecordError: If no book was ever saved here.

        Source: TIM-2, TIM-4, TIM-7
        """
        start, end = _window(start_on, end_on)
        zone = ZoneInfo(self.settings().zone)
        clients = (standing(self._touchpoints(entries)) for _, entries in entries_by_client(self._view.log))
        return (touch for kept in clients for touch in kept if start <= civil_day(touch.occurred_at, zone) < end)

    def purchases_between(self, start_on: date, end_on: date) -> Iterator[Purchase]:
        """Purchases, returns and credits of all clients in a window, as a stream; order and end as for `touchpoints_between`.

        Args:
            start_on: The first day, included.
            end_on: The first day that is not included any more.

        Raises:
            InvalidValueError: If a day is no civil date, or the window ends before it starts.

        Source: TIM-4, FCT-3
        """
        start, end = _window(start_on, end_on)
        clients = (self._purchases(entries) for _, entries in entries_by_client(self._view.log))
        return (one for bought in clients for one in bought if start <= one.purchased_on < end)

    def _touchpoints(self, entries: Iterable[StoredEntry]) -> Iterator[Touchpoint]:
        return (cast("Touchpoint", event) for event in _events_of_kind(entries, "touchpoint"))

    def _purchases(self, entries: Iterable[StoredEntry]) -> Iterator[Purchase]:
        return (cast("Purchase", event) for event in _events_of_kind(entries, "purchase"))

    def _event(self, kind: str, event_id: str) -> Event | None:
        stored = self._view.log.get(entry_id(kind, event_id))
        return None if stored is None else event_of(stored.entry)


def _events_of_kind(entries: Iterable[StoredEntry], kind: Literal["touchpoint", "purchase"]) -> Iterator[Event | None]:
    return (event_of(stored.entry) for stored in entries if is_of_kind(stored.entry, kind))


def _is_since(moment: date, first: date, zone: ZoneInfo) -> bool:
    if isinstance(moment, datetime) and isinstance(first, datetime):
        return moment >= first
    return civil_day(moment, zone) >= civil_day(first, zone)


def _window(start_on: date | None, end_on: date | None) -> tuple[date, date]:
    start, end = date.min if start_on is None else to_day(start_on), date.max if end_on is None else to_day(end_on)
    if start_on is not None:
        check_day("start_on", start)
    if end_on is not None:
        check_day("end_on", end)
    if end < start:
        raise InvalidValueError("end_on", end, f"must not be before the start, {start}")
    return start, end
