"""Civil-date arithmetic: the one module that knows how long a month is.

Inside the library a day is an `int`, the proleptic Gregorian ordinal of `date.toordinal`, and a step is an `Every`. Nothing
here reads a clock, and nothing uses pendulum: its date arithmetic costs 80 to 330 times the standard library's and loses months
on the way.
"""

import re
from calendar import monthrange
from datetime import date
from fractions import Fraction
from typing import Final, Literal, Self

import attrs

from relcare.errors import InvalidValueError

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Every",
    "LeapDay",
    "Span",
    "add_months",
    "day_from_text",
    "day_of_year_in",
    "first_of_month",
    "month_index",
]

LeapDay = Literal["28 February", "1 March", "skip"]
"""What 29 February becomes in a common year (TIM-5)."""

# Dates outside these years are refused at the edge, so that no sum of dates and steps leaves what `date` can hold.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)

_MAX_COUNT: Final = 9_999
# The Gregorian calendar repeats after 400 years: 146,097 days and 4,800 months.
_DAYS_PER_MONTH: Final = Fraction(146_097, 4_800)

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_STEP = re.compile(r"([1-9][0-9]{0,4}) (day|week|month|quarter|year)s?")
_SPAN = re.compile(r"(0|[1-9][0-9]{0,4}) (business day|day|week)s?")
_STEP_UNITS: Final = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}


def _matched(pattern: re.Pattern[str], value: object) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None


def add_months(day: int, months: int) -> int:
    """Which day is so many months after (or before) the given one, kept or clamped to the month's end (TIM-3).

    Args:
        day: An ordinal.
        months: How many months, negative for earlier.

    Examples:
        >>> str(date.fromordinal(add_months(date(2026, 1, 31).toordinal(), 1)))
        '2026-02-28'
        >>> str(date.fromordinal(add_months(date(2026, 1, 31).toordinal(), 2)))
        '2026-03-31'
    """
    start = date.fromordinal(day)
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day <= 28:  # every month has 28 days: no look-up needed
        return date(year, month0 + 1, start.day).toordinal()
    return date(year, month0 + 1, min(start.day, monthrange(year, month0 + 1)[1])).toordinal()


def day_from_text(text: str) -> date | None:
    """The day that `2026-01-31` means; None for any other form: no week dates, no `20260131`."""
    if not _ISO_DAY.fullmatch(text):  # `date.fromisoformat` alone reads more forms with every version of Python
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def month_index(day: int) -> int:
    """The month of a day as one integer: 12 x year + month - 1."""
    that = date.fromordinal(day)
    return that.year * 12 + that.month - 1


def first_of_month(index: int) -> int:
    """The ordinal of the first day of the month with this index (see `month_index`)."""
    year, month0 = divmod(index, 12)
    return date(year, month0 + 1, 1).toordinal()


def day_of_year_in(year: int, month: int, day: int, leap_day: LeapDay = "28 February") -> int | None:
    """On which day a yearly date falls in a year; None for 29 February in a common year when the rule says skip (TIM-5)."""
    if (month, day) != (2, 29) or monthrange(year, 2)[1] == 29:
        return date(year, month, day).toordinal()
    if leap_day == "skip":
        return None
    return date(year, 3, 1).toordinal() if leap_day == "1 March" else date(year, 2, 28).toordinal()


@attrs.frozen
class Every:
    """How long a step is: a number of calendar months or a number of days, never both.

    Weeks are kept as days, quarters and years as months: `Every.parse("1 year") == Every(months=12)`. 30 days and 1 month differ.

    Attributes:
        months: Calendar months, from 0 to 9,999.
        days: Days, from 0 to 69,993 (9,999 weeks).

    Raises:
        InvalidValueError: If both are given, neither is, or one is out of range.

    Source: TIM-3, TIM-4.
    """

    months: int = 0
    days: int = 0

    def __attrs_post_init__(self) -> None:
        for name, value, most in (("months", self.months, _MAX_COUNT), ("days", self.days, _MAX_COUNT * 7)):
            if type(value) is not int or not 0 <= value <= most:
                raise InvalidValueError(name, value, f"must be a whole number from 0 to {most}")
        if (self.months > 0) == (self.days > 0):
            raise InvalidValueError("every", (self.months, self.days), "must be either months or days, at least one of them")

    @classmethod
    def parse(cls, text: str, name: str = "every") -> Self:
        """The step that a text such as `2 months` or `1 week` means.

        Args:
            text: A whole number from 1 on, one blank and `day`, `week`, `month`, `quarter` or `year`, with or without an s: at
                most 9,999 months or 69,993 days.
            name: What the error message calls it.

        Raises:
            InvalidValueError: If the text is anything else.

        Examples:
            >>> Every.parse("2 weeks")
            Every(months=0, days=14)
        """
        match = _matched(_STEP, text)
        if match is None:
            raise InvalidValueError(
                name, text, "must be a whole number and a unit", 'write "2 weeks", "10 days", "1 month", "1 quarter" or "1 year"'
            )
        months, days = (unit * int(match[1]) for unit in _STEP_UNITS[match[2]])
        if months > _MAX_COUNT or days > _MAX_COUNT * 7:
            raise InvalidValueError(name, text, f"must be at most {_MAX_COUNT} months or {_MAX_COUNT * 7} days")
        return cls(months=months, days=days)

    def after(self, day: int, steps: int = 1) -> int:
        """The day that is so many steps after (or before) a day, always counted from that day (TIM-3)."""
        return add_months(day, self.months * steps) if self.months else day + self.days * steps

    @property
    def average_days(self) -> Fraction:
        """The average length in days, exact: a month is 146,097 / 4,800 days. It only serves to compare steps."""
        return self.months * _DAYS_PER_MONTH if self.months else Fraction(self.days)

    def __str__(self) -> str:
        """The canonical text, in the largest unit that fits: `Every(days=14)` is `2 weeks`."""
        if self.months:
            count, unit = (self.months // 12, "year") if self.months % 12 == 0 else (self.months, "month")
        else:
            count, unit = (self.days // 7, "week") if self.days % 7 == 0 else (self.days, "day")
        return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@attrs.frozen
class Span:
    """A tolerance around a date: calendar days, or business days when so written; 0 is allowed.

    Attributes:
        days: From 0 to 69,993.
        is_business: Whether the days are counted on the business calendar.

    Source: CAD-5.
    """

    days: int = 0
    is_business: bool = False

    def __attrs_post_init__(self) -> None:
        if type(self.days) is not int or not 0 <= self.days <= _MAX_COUNT * 7:
            raise InvalidValueError("days", self.days, f"must be a whole number from 0 to {_MAX_COUNT * 7}")
        if type(self.is_business) is not bool:
            raise InvalidValueError("is_business", self.is_business, "must be True or False")

    @classmethod
    def parse(cls, text: str, name: str = "span") -> Self:
        """The tolerance that a text such as `2 days`, `1 week` or `3 business days` means.

        Raises:
            InvalidValueError: If the text is anything else.
        """
        match = _matched(_SPAN, text)
        if match is None:
            raise InvalidValueError(
                name, text, "must be a whole number and a unit", 'write "2 days", "1 week" or "3 business days"'
            )
        days = int(match[1]) * (7 if match[2] == "week" else 1)
        if days > _MAX_COUNT * 7:
            raise InvalidValueError(name, text, f"must be at most {_MAX_COUNT * 7} days")
        return cls(days=days, is_business=match[2] == "business day")

    def __str__(self) -> str:
        unit = "business day" if self.is_business else "day"
        return f"{self.days} {unit}" if self.days == 1 else f"{self.days} {unit}s"
