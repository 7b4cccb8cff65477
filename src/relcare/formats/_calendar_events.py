"""Appointments as events of a calendar, and how an event follows the one that was exported before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import attrs

from relcare.errors import InvalidValueError
from relcare.model import Appointment, AppointmentState, Book, civil_day

__all__ = ["CalendarEvent", "EventStatus", "day_of", "event_uid", "events_of", "revised"]

EventStatus: TypeAlias = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

_SPACE: Final = UUID("8f6c2f0e-5f0a-5d0b-9a3e-6f7c1d2b4a90")
_STATUSES: Final[Mapping[AppointmentState, EventStatus]] = {
    "planned": "TENTATIVE",
    "confirmed": "CONFIRMED",
    "cancelled": "CANCELLED",
}


@attrs.frozen(kw_only=True)
class CalendarEvent:
    """One VEVENT.

    Attributes:
        uid: The same for the same appointment in every export.
        start: The instant in UTC, or the civil day where only that is agreed.
        end: The instant in UTC at which it ends; None for a day, or where nothing says how long it takes.
        summary: The title.
        description: What else there is to know, in lines.
        place: Where; None where that is not said.
        category: The channel.
        status: Whether it is planned, confirmed or called off.
        sequence: How often it was changed; a later version has a higher one.
        stamped_at: When this version was made, in UTC, to the second.
    """

    uid: str
    start: date
    end: datetime | None = None
    summary: str
    description: str = ""
    place: str | None = None
    category: str
    status: EventStatus
    sequence: int
    stamped_at: datetime


def event_uid(appointment: Appointment) -> str:
    """The UID: of the obligation where there is one, so that planning it and agreeing on it is one event, else of the id."""
    if appointment.obligation_key is not None:
        return str(uuid5(_SPACE, f"obligation/{appointment.obligation_key}"))
    return str(uuid5(_SPACE, f"appointment/{appointment.id}"))


def events_of(appointments: Iterable[Appointment], book: Book, stamp: datetime) -> Mapping[str, CalendarEvent]:
    """Each event once, by UID.

    Of several appointments for one obligation the one that stands is the event, and its version comes after all of them.

    Raises:
        InvalidValueError: If an entry is no appointment, or two that stand keep the same obligation.
    """
    together: dict[str, list[Appointment]] = {}
    for index, one in enumerate(appointments):
        if not isinstance(one, Appointment):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"appointments[{index}]", one, "must be an Appointment")
        same = together.setdefault(event_uid(one), [])
        if one.is_standing and any(other.is_standing for other in same):
            raise InvalidValueError(
                f"appointments[{index}].id", one.id, "must keep another obligation than an appointment that stands does"
            )
        same.append(one)
    words = _Words(book)
    return {uid: words.event(uid, _latest(same), _version(same), stamp) for uid, same in together.items()}


def _latest(same: Sequence[Appointment]) -> Appointment:
    return max(same, key=lambda one: (one.is_standing, one.sequence, one.on, one.id))


def _version(same: Sequence[Appointment]) -> int:
    """Later than every one that was called off before it: calendars pass over what is not."""
    latest = _latest(same)
    return max([latest.sequence, *(one.sequence + 1 for one in same if one is not latest)])


class _Words:
    """What events say of appointments, with the names of a book; ids stand where there is no name."""

    def __init__(self, book: Book) -> None:
        self._zone = ZoneInfo(book.zone)
        self._clients = {client.id: client.name for client in book.clients}
        self._people = {(person.client_id, person.id): person.name for person in book.people}
        self._staff = {member.id: member.name for member in book.staff}

    def event(self, uid: str, one: Appointment, sequence: int, stamp: datetime) -> CalendarEvent:
        starts_at = None if one.starts_at is None else _in_utc(one.starts_at)
        ends_at = starts_at + timedelta(minutes=one.minutes) if starts_at is not None and one.minutes else None
        client, member = self._clients.get(one.client_id, one.client_id), self._staff.get(one.staff_id, one.staff_id)
        return CalendarEvent(
            uid=uid,
            start=starts_at or one.on,
            end=ends_at,
            summary=f"{one.channel}: {client} ({member})",
            description="\n".join(self._lines(one)),
            place=one.place,
            category=one.channel,
            status=_STATUSES[one.state],
            sequence=sequence,
            stamped_at=stamp,
        )

    def _lines(self, one: Appointment) -> Iterator[str]:
        if one.person_id is not None:
            yield f"with {self._people.get((one.client_id, one.person_id), one.person_id)}"
        if one.purpose is not None:
            yield f"for {one.purpose}"
        if one.minutes:
            yield f"{one.minutes} minutes"


def _in_utc(moment: datetime) -> datetime:
    """A plain instant to the second, which is all that calendars carry."""
    plain = datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=moment.tzinfo, fold=moment.fold
    )
    return plain.astimezone(UTC)


def revised(
    events: Mapping[str, CalendarEvent],
    previous: Mapping[str, CalendarEvent],
    stamp: datetime,
    is_elsewhere: Callable[[CalendarEvent], bool],
) -> Iterator[CalendarEvent]:
    """The events of this export, each with its version after the one that was exported before.

    Args:
        events: What there is now, by UID.
        previous: What was exported before, by UID.
        stamp: When this export is made.
        is_elsewhere: Whether an event of before is on a day that this export says nothing about: it stays as it was.
    """
    for uid, event in events.items():
        before = previous.get(uid)
        yield event if before is None else _after(before, event)
    for uid, before in previous.items():
        if uid not in events:
            is_kept = before.status == "CANCELLED" or is_elsewhere(before)
            yield before if is_kept else attrs.evolve(before, status="CANCELLED", sequence=before.sequence + 1, stamped_at=stamp)


def _after(before: CalendarEvent, event: CalendarEvent) -> CalendarEvent:
    is_same = attrs.evolve(event, sequence=before.sequence, stamped_at=before.stamped_at) == before
    if is_same and event.sequence <= before.sequence:
        return before
    return attrs.evolve(event, sequence=max(event.sequence, before.sequence + 1))


def day_of(event: CalendarEvent, zone: ZoneInfo) -> date:
    """The civil day on which an event starts."""
    return civil_day(event.start, zone)
