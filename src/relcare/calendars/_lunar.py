"""Dates after the Chinese and the Korean lunar calendar (extra `lunar`).

The two differ: a new moon near midnight falls on another day an hour further east, so that the lunar New Year of 2027 is
6 February in China and 7 February in Korea.
"""

from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, get_args

from relcare.errors import InvalidValueError, MissingExtraError

__all__ = ["LUNAR_CALENDARS", "LUNAR_YEARS", "LunarCalendar", "solar_day"]

LunarCalendar: TypeAlias = Literal["chinese", "korean"]
LUNAR_CALENDARS: Final[tuple[LunarCalendar, ...]] = get_args(LunarCalendar)

LUNAR_YEARS: Final[dict[LunarCalendar, tuple[int, int]]] = {"chinese": (1900, 2056), "korean": (1900, 2049)}
"""The lunar years, inclusive, in which the conversion is right: the tables of the packages err or end beyond them."""


@lru_cache(maxsize=65_536)
def solar_day(calendar: LunarCalendar, year: int, month: int, day: int, *, is_leap: bool = False) -> date | None:
    """The civil day of a lunar date; None outside the years for which it is known.

    A day 30 of a month that has 29 days is its last day; a leap month that the year does not have is the plain month (TIM-5).

    Args:
        calendar: `chinese` or `korean`.
        year: The lunar year, named after the civil year in which it begins.
        month: 1 to 12.
        day: 1 to 30.
        is_leap: Whether the leap month of that number is meant.

    Raises:
        InvalidValueError: If there is no such calendar, month or day.
        MissingExtraError: If the extra `lunar` is not installed.

    Examples:
        >>> solar_day("chinese", 2027, 1, 1), solar_day("korean", 2027, 1, 1)
        (datetime.date(2027, 2, 6), datetime.date(2027, 2, 7))

    Source: TIM-5, CAD-7.
    """
    if calendar not in LUNAR_CALENDARS:
        raise InvalidValueError("calendar", calendar, "must be 'chinese' or 'korean'")
    if not 1 <= month <= 12 or not 1 <= day <= 30:
        raise InvalidValueError("lunar date", f"{month}-{day}", "must have a month from 1 to 12 and a day from 1 to 30")
    first, last = LUNAR_YEARS[calendar]
    if not first <= year <= last:
        return None
    convert = _chinese if calendar == "chinese" else _korean
    tried = [(leap, number) for leap in ([True, False] if is_leap else [False]) for number in (day, day - 1) if number]
    return next((found for leap, number in tried if (found := convert(year, month, number, is_leap=leap)) is not None), None)


def _chinese(year: int, month: int, day: int, *, is_leap: bool) -> date | None:
    try:
        from borax.calendars import lunardate
    except ImportError as error:
        raise MissingExtraError("lunar dates", "lunar") from error
    untyped: Any = lunardate  # the package has no types
    try:
        found: date = untyped.LunarDate(year, month, day, int(is_leap)).to_solar_date()
    except ValueError:
        return None
    return found


def _korean(year: int, month: int, day: int, *, is_leap: bool) -> date | None:
    try:
        import korean_lunar_calendar
    except ImportError as error:
        raise MissingExtraError("lunar dates", "lunar") from error
    untyped: Any = korean_lunar_calendar  # the package has no types
    lunar = untyped.KoreanLunarCalendar()
    if not lunar.setLunarDate(year, month, day, is_leap):
        return None
    found = date(lunar.solarYear, lunar.solarMonth, lunar.solarDay)
    # The package takes the leap flag of a month that has no leap for the plain month, and day 30 of a short one for the next day.
    lunar.setSolarDate(found.year, found.month, found.day)
    same = (lunar.lunarYear, lunar.lunarMonth, lunar.lunarDay, bool(lunar.isIntercalation)) == (year, month, day, is_leap)
    return found if same else None
