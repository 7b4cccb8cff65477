"""How far the holidays of a country are published: our own horizon, because the holidays package computes on without a word.

Where it comes from:

- CN: the General Office of the State Council announces the days off and the make-up working days of a year in autumn of the year
  before (notices at gov.cn). Every notice since 2001 moves working days, so a year without moved days is a year without notice.
- KR: the almanac (월력요항) of a year is published by the middle of the year before; that of 2027 is out. From 2026 the Public
  Holidays Act has two new holidays, 1 May and 17 July: a package without them is out of date from 2026 on. Temporary holidays can
  still be proclaimed at a few weeks' notice.
- Other countries whose government moves working days: the last year for which the package has a decree.
- Countries with holidays after a moon that has to be sighted: the last year whose dates the package does not mark as estimated.
- All others: statutory dates (for the US 5 U.S.C. 6103), computed as far as the package goes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from relcare.calendars._days import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from holidays import HolidayBase

__all__ = ["COVERED_YEARS", "Build", "is_estimated", "known_days", "moved_working_days"]

Build = Callable[[Iterable[int]], "HolidayBase"]
"""Makes the package's object for the years given."""

COVERED_YEARS: Mapping[str, tuple[int, int]] = {"IN": (2001, 2035)}
"""The years, inclusive, that the package has tables for, where it warns about others instead of leaving them out by itself."""

_CN_FIRST_NOTICE = 2001
# From here on every day was compared with the notices; the run of years that have one is followed from here.
_CN_FIRST_COMPARED = 2019
_KR_LAST_ALMANAC = 2027
_KR_LABOUR_DAY = date(2026, 5, 1)
# Estimated dates are looked for from here on; a year before is asked about one at a time.
_FIRST_SEARCHED = 2000


def known_days(country: str, build: Build) -> tuple[date, date]:
    """The first and the last day, inclusive, about which the package answers for certain."""
    blank = build(())
    covered = COVERED_YEARS.get(country, (FIRST_YEAR, LAST_YEAR))
    first, last = max(blank.start_year, covered[0]), min(blank.end_year, covered[1])
    if country == "CN":
        return date(max(first, _CN_FIRST_NOTICE), 1, 1), _cn_known_until(build)
    if country == "KR":
        last = _KR_LAST_ALMANAC if _KR_LABOUR_DAY in build((_KR_LABOUR_DAY.year,)) else _KR_LABOUR_DAY.year - 1
    elif blank.has_substituted_holidays:
        decrees: Mapping[int, object] = getattr(blank, "special_public_holidays", {})
        last = min(last, max(decrees, default=first))
    if is_estimated(build((last,)), last):
        estimated = _estimated_years(build(range(_FIRST_SEARCHED, last + 1)))
        while last in estimated:
            last -= 1
    return date(first, 1, 1), date(last, 12, 31)


def _cn_known_until(build: Build) -> date:
    """The last day settled by the notices, in the unbroken run of years that have one: a stray later entry does not count.

    The notice of a year moves the last days of the year before (Saturday 29 December 2018 was worked, Monday 31 was free) when
    its 1 January is a Sunday, Monday or Tuesday; then those days wait for it.
    """
    year = _CN_FIRST_COMPARED
    while year <= LAST_YEAR and moved_working_days(build((year,)), year):
        year += 1
    last_day = 28 if date(year, 1, 1).weekday() in {6, 0, 1} else 31
    return date(year - 1, 12, last_day)


def moved_working_days(days: "HolidayBase", year: int) -> frozenset[date]:
    """The make-up working days of one year; the package also lists those that it moved into other years."""
    return frozenset(day for day in days.weekend_workdays if day.year == year)


def is_estimated(days: "HolidayBase", year: int) -> bool:
    """Does the package mark a holiday of the year as estimated."""
    return year in _estimated_years(days)


def _estimated_years(days: "HolidayBase") -> frozenset[int]:
    label: str | None = getattr(days, "estimated_label", None)
    if not label:
        return frozenset()
    mark = days.tr(label).replace("%s", "").strip(" ()（）")
    return frozenset(day.year for day, name in days.items() if mark in name)
