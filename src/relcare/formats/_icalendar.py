"""Appointments as an iCalendar file (RFC 5545), and such a file read back (extra `ical`)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Protocol, cast
from zoneinfo import ZoneInfo

from relcare._fields import check_day
from relcare.errors import InvalidValueError, MissingExtraError
from relcare.formats._calendar_events import CalendarEvent, EventStatus, day_of, events_of, revised
from relcare.model import Appointment, Book

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["read_icalendar", "write_icalendar"]

_MAKER: Final = "-//relcare//appointments//EN"
_NEEDED: Final = ("uid", "dtstamp", "dtstart", "summary", "categories", "status", "sequence")


class _Part(Protocol):
    """What is read of a component, whatever the version of the library says of its types."""

    def get(self, name: str, default: object = None) -> object: ...
    def decoded(self, name: str, default: object = None) -> object: ...


class _Categories(Protocol):
    cats: Sequence[object]


def write_icalendar(
    appointments: Iterable[Appointment],
    book: Book,
    *,
    stamp: datetime,
    previous: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
) -> str:
    """Appointments as one iCalendar text with an event for each.

    An event has the same UID in every export. Where the text of the export before is given, what has changed since comes with a
    higher SEQUENCE, what is gone comes as cancelled, and what is as it was stays to the letter, so that exporting twice changes
    nothing. Instants are written in UTC; an appointment with a day alone is an event of that day that keeps nobody busy. Texts
    are escaped and lines folded at 75 octets, whatever stands in a name.

    Args:
        appointments: In any order; cancelled ones are cancelled events. At most one that stands for each obligation.
        book: Whose names stand in the events, and whose zone says on which day an event is. Ids stand where it has no name.
        stamp: The aware instant at which this export is made; kept in UTC, to the second.
        previous: What the last export returned; None for the first one.
        from_on: The first day for which `appointments` speaks: events of `previous` before it stay as they were. None: from the
            first on.
        until_on: The last day for which it speaks, inclusive. None: for all that come.

    Returns:
        The text, its lines ended by CR LF: write it without changing them, `newline=""`.

    Raises:
        InvalidValueError: If the stamp is no aware instant, two appointments that stand keep one obligation, or `previous` was
            not written here.
        MissingExtraError: If the extra `ical` is not installed.

    Examples:
        >>> from relcare.model import Client
        >>> book = Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul")
        >>> visit = Appointment(id="a-1", client_id="c-17", staff_id="lee", on=date(2026, 4, 2), channel="visit")
        >>> text = write_icalendar([visit], book, stamp=datetime(2026, 3, 31, tzinfo=UTC))
        >>> [line for line in text.splitlines() if line.startswith("SUMMARY")]
        ['SUMMARY:visit: 김철수 (lee)']
        >>> write_icalendar([visit], book, stamp=datetime(2026, 4, 1, tzinfo=UTC), previous=text) == text
        True

    Source: PLN-4.
    """
    stamped_at = _checked_stamp(stamp)
    for name, day in (("from_on", from_on), ("until_on", until_on)):
        if day is not None:
            check_day(name, day)
    zone = ZoneInfo(book.zone)
    now = events_of(appointments, book, stamped_at)
    before = {} if previous is None else {event.uid: event for event in read_icalendar(previous)}
    first, last = from_on or date.min, until_on or date.max
    events = revised(now, before, stamped_at, lambda event: not first <= day_of(event, zone) <= last)
    return _text(sorted(events, key=lambda event: (day_of(event, zone), event.start.isoformat(), event.uid)))


def read_icalendar(text: str) -> tuple[CalendarEvent, ...]:
    """The events of a text that `write_icalendar` returned, in its order.

    Raises:
        InvalidValueError: If it is anything else: a calendar of another program is not taken for an export.
        MissingExtraError: If the extra `ical` is not installed.
    """
    library = _library()
    try:
        calendar = library.Calendar.from_ical(text)
        maker = str(calendar.get("prodid", ""))
        events = tuple(_read(cast("_Part", part)) for part in calendar.walk("VEVENT")) if maker == _MAKER else ()
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as fault:
        raise InvalidValueError("previous", text[:40], "must be a text that write_icalendar returned") from fault
    if maker != _MAKER:
        raise InvalidValueError("previous", maker, f"must be a text that write_icalendar returned, by {_MAKER}")
    return events


def _library() -> "ModuleType":
    try:
        import icalendar
    except ImportError as error:
        raise MissingExtraError("iCalendar", "ical") from error
    return icalendar


def _checked_stamp(stamp: datetime) -> datetime:
    if not isinstance(stamp, datetime) or stamp.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("stamp", stamp, "must be an aware instant", "give it a zone")
    return datetime.fromtimestamp(int(stamp.timestamp()), UTC)


def _text(events: Iterable[CalendarEvent]) -> str:
    library = _library()
    calendar = library.Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for event in events:
        calendar.add_component(_component(library, event))
    return cast("bytes", calendar.to_ical()).decode()


class _Text:
    r"""A text as RFC 5545 writes it; the library takes `\N` in it for a line end (7.3.0)."""

    def __init__(self, library: "ModuleType", text: str) -> None:
        self.params: object = library.Parameters()
        self._text = text

    def to_ical(self) -> bytes:
        """What stands in the file."""
        text = self._text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return text.encode()


def _component(library: "ModuleType", event: CalendarEvent) -> object:
    made = library.Event()
    made.add("uid", event.uid)
    made.add("dtstamp", event.stamped_at)
    made.add("dtstart", event.start)
    if event.end is not None:
        made.add("dtend", event.end)
    texts = {
        "summary": event.summary,
        "description": event.description,
        "location": event.place,
        "categories": event.category,
    }
    for name, text in texts.items():
        if text:
            made.add(name, _Text(library, text), encode=False)
    made.add("status", event.status)
    made.add("sequence", event.sequence)
    if not isinstance(event.start, datetime):
        made.add("transp", "TRANSPARENT")
    return cast("object", made)


def _read(part: _Part) -> CalendarEvent:
    if missing := [name for name in _NEEDED if part.get(name) is None]:
        raise KeyError(missing[0])
    place, description = part.get("location"), part.get("description")
    return CalendarEvent(
        uid=str(part.get("uid")),
        start=cast("date", part.decoded("dtstart")),
        end=cast("datetime | None", part.decoded("dtend", None)),
        summary=str(part.get("summary")),
        description="" if description is None else str(description),
        place=None if place is None else str(place),
        category=str(cast("_Categories", part.get("categories")).cats[0]),
        status=cast("EventStatus", str(part.get("status"))),
        sequence=cast("int", part.decoded("sequence")),
        stamped_at=cast("datetime", part.decoded("dtstamp")),
    )
