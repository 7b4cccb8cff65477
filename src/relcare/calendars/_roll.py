"""Moving a date to a business day, and counting in business days: the plain functions that a roll table must equal."""

from datetime import date
from typing import Literal, get_args

from relcare.calendars._days import FIRST_ORDINAL, LAST_ORDINAL, checked_count, checked_day
from relcare.calendars._protocol import Calendar
from relcare.errors import InvalidValueError, PolicyError, nearest

__all__ = ["LONGEST_CLOSURE_DAYS", "Roll", "add_business_days", "business_days_between", "checked_roll", "roll"]

Roll = Literal["following", "preceding", "nearest", "none"]
"""Where a date goes that is no business day: to the next, to the one before, to the closer of the two, or nowhere."""

LONGEST_CLOSURE_DAYS = 366
"""A search for a business day gives up after so many days: no office is closed for a year, a wrong set of closures may be."""


def checked_roll(how: object) -> Roll:
    """The way to roll, if there is one of that name."""
    for known in get_args(Roll):
        if how == known:
            return known  # type: ignore[no-any-return]
    close = nearest(how, get_args(Roll)) if isinstance(how, str) else None
    hint = f"did you mean {close!r}?" if close else None
    raise InvalidValueError("how", how, f"must be one of {', '.join(get_args(Roll))}", hint)


def roll(day: date, how: Roll, calendar: Calendar) -> date:
    """To which business day does the day move; a business day stays where it is.

    Two dates can roll to one day. Whether that day is published, `calendar.is_known` says.

    Args:
        day: A civil date.
        how: `following` takes the next business day, also across the end of a month; `preceding` the one before; `nearest` the
            closer, and the following where both are equally close; `none` leaves the day, business day or not.
        calendar: What counts as a business day.

    Raises:
        InvalidValueError: The day, or one that had to be looked at, lies outside 1900 to 2199; or there is no such way to roll.
        PolicyError: The calendar has no business day within 366 days.

    Examples:
        >>> from relcare.calendars import Weekdays
        >>> saturday, sunday = date(2026, 8, 1), date(2026, 8, 2)
        >>> roll(saturday, "nearest", Weekdays()).isoformat(), roll(sunday, "nearest", Weekdays()).isoformat()
        ('2026-07-31', '2026-08-03')

    Source: TIM-6.
    """
    day, how = checked_day(day), checked_roll(how)
    if how == "none" or calendar.is_business_day(day):
        return day
    if how != "nearest":
        return _next(day, 1 if how == "following" else -1, calendar)
    for distance in range(1, LONGEST_CLOSURE_DAYS + 1):
        for step in (distance, -distance):
            candidate = _moved(day, step)
            if calendar.is_business_day(candidate):
                return candidate
    raise _no_business_day(day, calendar)


def add_business_days(day: date, n: int, calendar: Calendar) -> date:
    """Which day is the n-th business day after the day.

    The day itself never counts, business day or not: Saturday plus 1 is Monday, and so is Friday plus 1. Plus 0 is the day
    itself, even where it is no business day. Negative numbers count backwards.

    Args:
        day: A civil date.
        n: Business days; negative for before the day.
        calendar: What counts as a business day.

    Raises:
        InvalidValueError: A day that had to be looked at lies outside 1900 to 2199, or n is not a whole number.
        PolicyError: The calendar has no business day within 366 days of the one before.

    Examples:
        >>> from relcare.calendars import Weekdays
        >>> add_business_days(date(2026, 7, 31), 1, Weekdays()).isoformat()
        '2026-08-03'
        >>> add_business_days(date(2026, 8, 1), -5, Weekdays()).isoformat()
        '2026-07-27'

    Source: TIM-6, CAD-5.
    """
    day = checked_day(day)
    step = 1 if checked_count(n) > 0 else -1
    for _ in range(abs(n)):
        day = _next(day, step, calendar)
    return day


def business_days_between(from_on: date, until_on: date, calendar: Calendar) -> int:
    """How many business days lead from one day to the other.

    The first day never counts and the last does, as in `add_business_days`: the count from a day to that day plus n is n, for
    negative n too. From a day to itself it is 0.

    Args:
        from_on: Where the count begins, exclusive.
        until_on: Where it ends, inclusive; a day before `from_on` gives a count of 0 or less.
        calendar: What counts as a business day.

    Raises:
        InvalidValueError: A day is not a civil date of the years 1900 to 2199.

    Examples:
        >>> from relcare.calendars import Weekdays
        >>> business_days_between(date(2026, 7, 31), date(2026, 8, 4), Weekdays())
        2
        >>> business_days_between(date(2026, 8, 4), date(2026, 7, 31), Weekdays())
        -2

    Source: TIM-6, CAD-5.
    """
    first, last = checked_day(from_on, "from_on").toordinal(), checked_day(until_on, "until_on").toordinal()
    step = 1 if last >= first else -1
    return step * sum(calendar.is_business_day(date.fromordinal(at)) for at in range(first + step, last + step, step))


def _next(day: date, step: int, calendar: Calendar) -> date:
    """The closest business day in a direction, the day itself left out."""
    for distance in range(1, LONGEST_CLOSURE_DAYS + 1):
        candidate = _moved(day, step * distance)
        if calendar.is_business_day(candidate):
            return candidate
    raise _no_business_day(day, calendar)


def _moved(day: date, days: int) -> date:
    ordinal = day.toordinal() + days
    if not FIRST_ORDINAL <= ordinal <= LAST_ORDINAL:
        raise InvalidValueError("day", day, "leaves no business day on that side within the years 1900 to 2199")
    return date.fromordinal(ordinal)


def _no_business_day(day: date, calendar: Calendar) -> PolicyError:
    return PolicyError(
        f"the calendar {calendar.name!r} has no business day within {LONGEST_CLOSURE_DAYS} days of {day.isoformat()}",
        "look for an endless run of closures",
    )
