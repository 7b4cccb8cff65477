"""Birthdays, with or without the year."""

import re
from datetime import date, datetime
from typing import Final, Literal, Self, TypeAlias, get_args

import attrs

from relcare._fields import check_choice, check_day
from relcare._time import FIRST_DAY, LAST_DAY, LeapDay, day_of_year_in
from relcare.calendars import solar_day
from relcare.errors import InvalidValueError

__all__ = ["BIRTHDAY_CALENDARS", "Birthday", "BirthdayCalendar", "to_birthday"]

BirthdayCalendar: TypeAlias = Literal["solar", "chinese", "korean"]
BIRTHDAY_CALENDARS: Final[tuple[BirthdayCalendar, ...]] = get_args(BirthdayCalendar)

_TEXT: Final = re.compile(r"(?:(chinese|korean) )?(?:([0-9]{4})|-)-([0-9]{2})-([0-9]{2})( leap)?", re.ASCII)


def _matched(value: object) -> re.Match[str] | None:
    return _TEXT.fullmatch(value) if isinstance(value, str) else None


@attrs.frozen(kw_only=True)
class Birthday:
    """A solar or lunar birthday; the year may be unknown.

    Attributes:
        month: 1 to 12.
        day: 1 to the length of the month, 29 February when the year is unknown or a leap year; of a lunar month 1 to 30.
        year: 1900 to 2199, or None when unknown; of a lunar birthday the lunar year.
        calendar: `solar`, `chinese` or `korean`.
        is_leap: Whether a leap month is meant; of a lunar birthday only.

    Raises:
        InvalidValueError: If there is no such day.

    Source: CAD-7, TIM-5.

    Examples:
        >>> str(Birthday.parse("korean 1957-08-15").in_year(2026))
        '2026-09-25'
    """

    month: int
    day: int
    year: int | None = None
    calendar: BirthdayCalendar = "solar"
    is_leap: bool = False

    def __attrs_post_init__(self) -> None:
        check_choice("calendar", self.calendar, BIRTHDAY_CALENDARS)
        if not isinstance(self.is_leap, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("is_leap", self.is_leap, "must be true or false")
        if self.calendar != "solar":
            self._check_lunar()
            return
        if self.is_leap:
            raise InvalidValueError("is_leap", self.is_leap, "must go with a lunar calendar")
        year = 2000 if self.year is None else self.year  # a leap year, so that --02-29 is allowed
        parts = (year, self.month, self.day)
        try:
            day = date(*parts) if all(type(part) is int for part in parts) else None
        except (ValueError, OverflowError):
            day = None
        if day is None:
            raise self._no_such_day()
        check_day("birthday", day)

    def _check_lunar(self) -> None:
        if type(self.month) is not int or type(self.day) is not int or not 1 <= self.month <= 12 or not 1 <= self.day <= 30:
            raise self._no_such_day()
        if self.year is not None and (type(self.year) is not int or not FIRST_DAY.year <= self.year <= LAST_DAY.year):
            raise self._no_such_day()

    def _no_such_day(self) -> InvalidValueError:
        given = (self.year, self.month, self.day)
        return InvalidValueError("birthday", given, "must be the year or None, the month and the day of a day that exists")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The birthday that a text means.

        `1980-02-29`; `--02-29` for an unknown year; `chinese 1957-08-15` or `korean --08-15` after a lunar calendar, with ` leap`
        behind it for a leap month.

        Raises:
            InvalidValueError: If the text has another form or names no day.
        """
        match = _matched(text)
        if match is None:
            raise InvalidValueError(
                "birthday",
                text,
                "must be a date as 1980-02-29, or --02-29 when the year is unknown",
                "write chinese 1957-08-15 or korean 1957-08-15 for a lunar date",
            )
        return cls(
            year=int(match[2]) if match[2] else None,
            month=int(match[3]),
            day=int(match[4]),
            calendar="chinese" if match[1] == "chinese" else "korean" if match[1] == "korean" else "solar",
            is_leap=match[5] is not None,
        )

    def in_year(self, year: int, leap_day: LeapDay = "28 February") -> date | None:
        """The day it is kept in a year; None before the year of birth, or when 29 February is skipped (TIM-5).

        Of a lunar birthday the day in the lunar year that begins in that civil year: late ones fall in January or February of the
        next. A day 30 of a short month is its last day, a leap month that the year has not is the plain month; None beyond the
        years for which the lunar calendar is known.

        Raises:
            MissingExtraError: For a lunar birthday, if the extra `lunar` is not installed.
        """
        if self.year is not None and year < self.year:
            return None
        if self.calendar != "solar":
            return solar_day(self.calendar, year, self.month, self.day, is_leap=self.is_leap)
        ordinal = day_of_year_in(year, self.month, self.day, leap_day)
        return None if ordinal is None else date.fromordinal(ordinal)

    def __str__(self) -> str:
        year = "-" if self.year is None else f"{self.year:04}"
        calendar = "" if self.calendar == "solar" else f"{self.calendar} "
        return f"{calendar}{year}-{self.month:02}-{self.day:02}{' leap' if self.is_leap else ''}"


def to_birthday(value: Birthday | date | None) -> Birthday | None:
    """A birthday from a date; anything else is handed on for the check to refuse."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Birthday(year=value.year, month=value.month, day=value.day)
    return value  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
