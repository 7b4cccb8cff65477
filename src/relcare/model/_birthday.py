"""Birthdays, with or without the year."""

import re
from datetime import date, datetime
from typing import Final, Self

import attrs

from relcare._fields import check_day
from relcare._time import LeapDay, day_of_year_in
from relcare.errors import InvalidValueError

__all__ = ["Birthday", "to_birthday"]

_TEXT: Final = re.compile(r"(?:([0-9]{4})|-)-([0-9]{2})-([0-9]{2})", re.ASCII)


def _matched(value: object) -> re.Match[str] | None:
    return _TEXT.fullmatch(value) if isinstance(value, str) else None


@attrs.frozen(kw_only=True)
class Birthday:
    """A solar birthday; the year may be unknown.

    Attributes:
        month: 1 to 12.
        day: 1 to the length of the month; 29 February is allowed when the year is unknown or a leap year.
        year: 1900 to 2199, or None when unknown.

    Raises:
        InvalidValueError: If there is no such day.

    Source: CAD-7.
    """

    month: int
    day: int
    year: int | None = None

    def __attrs_post_init__(self) -> None:
        year = 2000 if self.year is None else self.year  # a leap year, so that --02-29 is allowed
        parts = (year, self.month, self.day)
        try:
            day = date(*parts) if all(type(part) is int for part in parts) else None
        except (ValueError, OverflowError):
            day = None
        if day is None:
            given = (self.year, self.month, self.day)
            raise InvalidValueError("birthday", given, "must be the year or None, the month and the day of a day that exists")
        check_day("birthday", day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The birthday that `1980-02-29`, or `--02-29` for an unknown year, means.

        Raises:
            InvalidValueError: If the text has another form or names no day.
        """
        match = _matched(text)
        if match is None:
            raise InvalidValueError("birthday", text, "must be a date as 1980-02-29, or --02-29 when the year is unknown")
        return cls(year=int(match[1]) if match[1] else None, month=int(match[2]), day=int(match[3]))

    def in_year(self, year: int, leap_day: LeapDay = "28 February") -> date | None:
        """The day it is kept in a year; None before the year of birth, or when 29 February is skipped (TIM-5)."""
        if self.year is not None and year < self.year:
            return None
        ordinal = day_of_year_in(year, self.month, self.day, leap_day)
        return None if ordinal is None else date.fromordinal(ordinal)

    def __str__(self) -> str:
        year = "-" if self.year is None else f"{self.year:04}"
        return f"{year}-{self.month:02}-{self.day:02}"


def to_birthday(value: Birthday | date | None) -> Birthday | None:
    """A birthday from a date; anything else is handed on for the check to refuse."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Birthday(year=value.year, month=value.month, day=value.day)
    return value  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
