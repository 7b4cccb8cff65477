"""The civil days that calendars are asked about, checked at the edge."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from relcare._fields import MAX_TEXT
from relcare.errors import InvalidValueError

__all__ = [
    "FIRST_ORDINAL",
    "FIRST_YEAR",
    "LAST_ORDINAL",
    "LAST_YEAR",
    "WEEKEND",
    "checked_count",
    "checked_day",
    "checked_days",
    "checked_name",
    "checked_weekdays",
    "checked_year",
    "is_within",
    "refuse_inverted_horizon",
]

FIRST_YEAR = 1900
LAST_YEAR = 2199
FIRST_ORDINAL = date(FIRST_YEAR, 1, 1).toordinal()
LAST_ORDINAL = date(LAST_YEAR, 12, 31).toordinal()
WEEKEND = frozenset({5, 6})
"""Saturday and Sunday, Monday being 0."""


def checked_day(value: object, name: str = "day") -> date:
    """The civil day itself, as a plain `date`; an instant, a text and a year outside 1900 to 2199 are refused."""
    if isinstance(value, datetime):
        # A datetime is a date to isinstance, and its civil day depends on a zone that only the caller knows.
        raise InvalidValueError(name, value, "must be a civil date, not an instant", "take its date in the zone of the book")
    if not isinstance(value, date):
        raise InvalidValueError(name, value, "must be a date", "use datetime.date")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidValueError(name, value, f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return value if type(value) is date else date(value.year, value.month, value.day)


def checked_days(values: Iterable[object], name: str) -> frozenset[date]:
    """The days of an iterable, each checked; order and repetition do not matter."""
    return frozenset(checked_day(value, name) for value in _each(values, name))


def checked_weekdays(values: Iterable[object], name: str) -> frozenset[int]:
    """Days of the week, 0 for Monday to 6 for Sunday."""
    return frozenset(_checked_weekday(value, name) for value in _each(values, name))


def _checked_weekday(value: object, name: str) -> int:
    if type(value) is not int or not 0 <= value <= 6:
        raise InvalidValueError(name, value, "must be a day of the week, 0 for Monday to 6 for Sunday")
    return value


def _each(values: Iterable[object], name: str) -> Iterator[object]:
    try:
        return iter(values)
    except TypeError:
        raise InvalidValueError(name, values, "must be a list, a set or another iterable") from None


def checked_name(value: object) -> str:
    """The name of a calendar: some printable text without spaces around it."""
    if not isinstance(value, str) or not value or value != value.strip() or not value.isprintable() or len(value) > MAX_TEXT:
        raise InvalidValueError(
            "name", value, f"must be printable text of at most {MAX_TEXT} characters, without spaces around it"
        )
    return value


def checked_count(value: object, name: str = "n") -> int:
    """A count of days; True, False and fractions are refused."""
    if type(value) is not int:
        raise InvalidValueError(name, value, "must be a whole number of business days")
    return value


def checked_year(value: object, name: str = "years") -> int:
    """A year from 1900 to 2199."""
    if type(value) is not int or not FIRST_YEAR <= value <= LAST_YEAR:
        raise InvalidValueError(name, value, f"must be a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value


def is_within(day: date, first: date | None, last: date | None) -> bool:
    """Does the day lie in the inclusive range, where None on a side means no limit there."""
    return (first is None or first <= day) and (last is None or day <= last)


def refuse_inverted_horizon(first: date | None, last: date | None) -> None:
    """Refuses a range whose end lies before its beginning."""
    if first is not None and last is not None and last < first:
        raise InvalidValueError("known_until", last, f"must not lie before known_from, {first.isoformat()}")
