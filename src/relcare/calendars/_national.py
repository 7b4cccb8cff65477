"""The calendars of countries and their subdivisions, on top of the holidays package."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

import attrs

from relcare.calendars._days import FIRST_YEAR, LAST_YEAR, checked_day, checked_year, is_within
from relcare.calendars._horizon import COVERED_YEARS, is_estimated, known_days
from relcare.errors import InvalidValueError, MissingExtraError, nearest

if TYPE_CHECKING:
    from holidays import HolidayBase

__all__ = ["NationalCalendar", "calendar", "check_name"]


@attrs.frozen
class _Year:
    """One year, frozen: a flag for each day from 1 January on, 1 for a business day."""

    first: int
    flags: bytes
    is_estimated: bool


@attrs.frozen(kw_only=True)
class NationalCalendar:
    """The business days of a country or one of its subdivisions; made by `calendar`.

    A year is worked out when it is first asked about and then kept in the value, so that the first question about a year costs
    about a millisecond and the others do not. Two values with the same name and source are equal.

    Attributes:
        name: The ISO code, with the subdivision where there is one (`CN`, `US-CA`).
        country: The ISO 3166-1 code.
        subdivision: The subdivision as the package spells it, or None.
        known_from: The first day known for certain.
        known_until: The last day known for certain, inclusive.
        source: The package and its version, for explanations: another version may know other days.

    Source: TIM-6.
    """

    name: str
    country: str
    subdivision: str | None
    known_from: date
    known_until: date
    source: str
    # A value that fills itself: entries are only ever added, each equal to what anybody else would add, so threads may share it.
    _years: dict[int, _Year] = attrs.field(factory=dict[int, _Year], init=False, eq=False, repr=False)

    def is_business_day(self, day: date) -> bool:
        """Is it a working day, make-up working days included.

        Outside `known_from` to `known_until` the answer is provisional: weekends, and the holidays that can be computed.

        Raises:
            InvalidValueError: The day is not a civil date of the years 1900 to 2199.
            MissingExtraError: The value was carried to a place without the extra `calendar`.
        """
        day = checked_day(day)
        year = self._year(day.year)
        return year.flags[day.toordinal() - year.first] == 1

    def is_known(self, day: date) -> bool:
        """Is the day within what is published, and no holiday of its year merely estimated."""
        day = checked_day(day)
        return is_within(day, self.known_from, self.known_until) and not self._year(day.year).is_estimated

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            found = _frozen_year(number, _build(self.country, self.subdivision, (number,)))
            self._years[number] = found
        return found


def calendar(name: str, *, years: Iterable[int] = ()) -> NationalCalendar:
    """The business days of the country or subdivision with this ISO code.

    Public holidays with their substitutes, the weekend of the country (Sunday alone where Saturdays are worked, as in Hong Kong),
    and make-up working days. Half days are working days. After `known_until` every answer is provisional: for China that is after
    the last year with a notice of the State Council, for Korea after the last almanac that was compared.

    Args:
        name: An ISO 3166-1 code of two capital letters (`KR`), or that, a hyphen and a subdivision (`US-CA`, `DE-BY`). No other
            spelling is understood.
        years: Years to work out at once, instead of when they are first asked about; none by default.

    Raises:
        InvalidValueError: There is no such country or subdivision, with the nearest that exists; or a year is not 1900 to 2199.
        MissingExtraError: The extra `calendar` is not installed.

    Examples:
        >>> china = calendar("CN")
        >>> china.is_business_day(date(2026, 2, 28)), china.is_business_day(date(2026, 10, 5))  # a Saturday worked, a Monday off
        (True, False)
        >>> calendar("cn")
        Traceback (most recent call last):
        relcare.errors.InvalidValueError: calendar is 'cn': not an ISO code of a country; hint: did you mean 'CN'?

    Source: TIM-6.
    """
    from importlib.metadata import version  # heavy: not for those who bring their own business days

    country, subdivision = check_name(name)
    first, last = known_days(country, lambda numbers: _build(country, subdivision, numbers))
    found = NationalCalendar(
        name=name,
        country=country,
        subdivision=subdivision,
        known_from=first,
        known_until=last,
        source=f"holidays {version('holidays')}",
    )
    for number in years:
        found.is_business_day(date(checked_year(number), 1, 1))
    return found


def check_name(name: object) -> tuple[str, str | None]:
    """The country and the subdivision of a name, both known to the package.

    Raises:
        InvalidValueError: There is no such country or subdivision, with the nearest that exists.
        MissingExtraError: The extra `calendar` is not installed.
    """
    if not isinstance(name, str):
        raise InvalidValueError("calendar", name, "must be text", "an ISO code such as 'KR' or 'US-CA'")
    try:
        from holidays.registry import COUNTRIES
    except ImportError as error:
        raise MissingExtraError(f"the calendar {name!r}", "calendar") from error
    country, hyphen, subdivision = name.partition("-")
    # Each entry of the package is the English name, the code of two letters, and further codes.
    if country not in {names[1] for names in COUNTRIES.values()}:
        meant = _meant(country, {word: names[1] for names in COUNTRIES.values() for word in names})
        hint = f"did you mean {meant + hyphen + subdivision!r}?" if meant else "write an ISO code such as 'KR' or 'US-CA'"
        raise InvalidValueError("calendar", name, "not an ISO code of a country", hint)
    if hyphen:
        blank = _build(country, None, ())
        if subdivision not in blank.subdivisions:
            meant = _meant(subdivision, blank.subdivisions_aliases | {code: code for code in blank.subdivisions})
            raise InvalidValueError(
                "calendar", name, f"not a subdivision of {country}", f"did you mean {f'{country}-{meant}'!r}?" if meant else None
            )
    return country, subdivision or None


def _meant(word: str, code_by_word: Mapping[str, str]) -> str | None:
    """The code of the word that is closest, whatever its case."""
    folded = {known.casefold(): code for known, code in code_by_word.items()}
    close = nearest(word.casefold(), folded)
    return None if close is None else folded[close]


def _build(country: str, subdivision: str | None, years: Iterable[int]) -> "HolidayBase":
    """The package's object for these years alone: without `expand` a question changes nothing in it."""
    try:
        import holidays
    except ImportError as error:
        raise MissingExtraError(f"the calendar {country!r}", "calendar") from error
    first, last = COVERED_YEARS.get(country, (FIRST_YEAR, LAST_YEAR))
    covered = [year for year in years if first <= year <= last]
    return holidays.country_holidays(country, subdiv=subdivision, years=covered, expand=False)


def _frozen_year(number: int, days: "HolidayBase") -> _Year:
    first = date(number, 1, 1)
    count = date(number, 12, 31).toordinal() - first.toordinal() + 1
    return _Year(
        first=first.toordinal(),
        flags=bytes(days.is_working_day(first + timedelta(days=n)) for n in range(count)),
        is_estimated=is_estimated(days, number),
    )
