import copy
import pickle
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import holidays
import pytest

from relcare.calendars import NationalCalendar, RollTable, calendar
from relcare.calendars._horizon import known_days
from relcare.errors import InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    from holidays import HolidayBase


def build_china(years: Iterable[int]) -> "HolidayBase":
    return holidays.country_holidays("CN", years=years, expand=False)


def test_china_works_on_make_up_days_and_is_known_until_the_last_notice() -> None:
    china = calendar("CN")
    assert china.is_business_day(date(2026, 2, 28))  # a Saturday worked for Spring Festival
    assert not china.is_business_day(date(2026, 2, 23))
    assert (china.name, china.known_from, china.known_until) == ("CN", date(2001, 1, 1), date(2026, 12, 31))
    assert [china.is_known(day) for day in (date(2000, 12, 31), date(2001, 1, 1), date(2026, 12, 31))] == [False, True, True]


def test_china_in_2027_answers_provisionally_and_says_that_it_is_not_known() -> None:
    china = calendar("CN")
    assert not any(china.is_known(date(2027, 1, 1) + timedelta(days=n)) for n in range(365))
    assert not china.is_business_day(date(2027, 1, 1))  # a statutory holiday, computed
    assert not china.is_business_day(date(2027, 10, 9))  # a Saturday, whatever the notice will say


def test_the_run_of_notices_ends_at_the_first_year_without_moved_days() -> None:
    def with_later_notices(*noticed: int) -> date:
        def build(years: Iterable[int]) -> "HolidayBase":
            found = build_china(years)
            found.weekend_workdays |= {date(year, 9, 26) for year in noticed if year in found.years}
            return found

        return known_days("CN", build)[1]

    assert with_later_notices() == date(2026, 12, 31)
    assert with_later_notices(2030) == date(2026, 12, 31)  # a stray entry further on does not count
    assert with_later_notices(2027) == date(2027, 12, 31)
    # 1 January 2029 is a Monday: the notice of 2029 may move the last days of 2028.
    assert with_later_notices(2027, 2028) == date(2028, 12, 28)


def test_every_notice_since_2001_moves_days_and_reaches_into_december_only_before_a_sunday_monday_or_tuesday() -> None:
    every = build_china(range(2000, 2028))
    assert {day.year for day in every.weekend_workdays} == set(range(2001, 2027))
    reaching = {day.year + 1 for day in every.weekend_workdays if (day.month, day.day) > (12, 28)}
    assert {date(year, 1, 1).strftime("%a") for year in reaching} <= {"Sun", "Mon", "Tue"}


def test_korea_has_its_two_new_holidays_and_is_known_until_the_last_almanac() -> None:
    korea = calendar("KR")
    assert korea.known_until == date(2027, 12, 31)
    assert not korea.is_business_day(date(2026, 5, 1))
    assert not korea.is_business_day(date(2026, 7, 17))
    assert not korea.is_known(date(2028, 1, 3))


def test_an_older_package_without_the_new_korean_holidays_is_known_until_2025() -> None:
    def build(years: Iterable[int]) -> "HolidayBase":
        found = holidays.country_holidays("KR", years=years, expand=False)
        if 2026 in found.years:
            found.pop(date(2026, 5, 1))
        return found

    assert known_days("KR", build)[1] == date(2025, 12, 31)


def test_statutory_holidays_are_known_as_far_as_the_package_goes() -> None:
    federal, california = calendar("US"), calendar("US-CA")
    assert (federal.known_until, california.known_until) == (date(2100, 12, 31), date(2100, 12, 31))
    assert not federal.is_business_day(date(2027, 12, 31))  # New Year 2028, a Saturday, observed the day before
    cesar_chavez = date(2026, 3, 31)
    assert (federal.is_business_day(cesar_chavez), california.is_business_day(cesar_chavez)) == (True, False)
    assert federal.is_business_day(date(2150, 1, 1))  # beyond the package: weekends only, and not known
    assert not federal.is_known(date(2150, 1, 1))


def test_decrees_and_sighted_moons_end_what_is_known() -> None:
    hungary, emirates = calendar("HU"), calendar("AE")
    assert hungary.is_known(date(2024, 8, 3))
    assert hungary.is_business_day(date(2024, 8, 3))  # a Saturday worked by decree
    assert not hungary.is_known(date(2050, 1, 3))
    assert not emirates.is_known(date(2050, 1, 3))
    # Friday and Saturday until 2021, Saturday and Sunday since.
    assert [emirates.is_business_day(date(year, 6, day)) for year, day in ((2021, 4), (2023, 2))] == [False, True]


def test_years_without_tables_are_asked_about_without_a_warning() -> None:
    india = calendar("IN-MH", years=[1950, 2035, 2150])
    assert india.known_from == date(2001, 1, 1)
    assert india.is_business_day(date(2040, 1, 26))  # weekends only, and not known
    assert not india.is_known(date(2040, 1, 26))


def test_an_estimated_year_before_the_horizon_is_not_known() -> None:
    emirates = calendar("AE")
    assert emirates.known_from < date(2010, 3, 3) < emirates.known_until
    assert [emirates.is_known(date(year, 3, 3)) for year in (2010, 2024)] == [False, True]


def test_countries_of_every_kind_can_be_asked() -> None:
    for code in ("AD", "BR", "DE-BY", "GB-ENG", "HK", "IN-MH", "JP", "LK", "RU", "SA", "TW", "VN"):
        there = calendar(code, years=[2025])
        assert there.known_from <= date(2025, 1, 1)
        assert sum(there.is_business_day(date(2025, 1, 1) + timedelta(days=n)) for n in range(365)) in range(225, 300)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cn", "calendar is 'cn': not an ISO code of a country; hint: did you mean 'CN'?"),
        ("CHN", "calendar is 'CHN': not an ISO code of a country; hint: did you mean 'CN'?"),
        ("SouthKorea", "calendar is 'SouthKorea': not an ISO code of a country; hint: did you mean 'KR'?"),
        ("usa-CA", "calendar is 'usa-CA': not an ISO code of a country; hint: did you mean 'US-CA'?"),
        ("", "calendar is '': not an ISO code of a country; hint: write an ISO code such as 'KR' or 'US-CA'"),
        ("CN ", "calendar is 'CN ': not an ISO code of a country; hint: did you mean 'CN'?"),
        ("US_CA", "calendar is 'US_CA': not an ISO code of a country; hint: did you mean"),
        ("US-", "calendar is 'US-': not a subdivision of US"),
        ("US-ca", "calendar is 'US-ca': not a subdivision of US; hint: did you mean 'US-CA'?"),
        ("US-California", "calendar is 'US-California': not a subdivision of US; hint: did you mean 'US-CA'?"),
        ("CN-BJ", "calendar is 'CN-BJ': not a subdivision of CN"),
        (None, "calendar is None: must be text"),
        (["CN"], "calendar is ['CN']: must be text"),
    ],
    ids=repr,
)
def test_names_are_strict_and_the_error_names_the_nearest(name: object, message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        calendar(name)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("year", [1899, 2200, True, "2026"], ids=repr)
def test_years_outside_the_range_are_refused(year: object) -> None:
    with pytest.raises(InvalidValueError, match=r"years is .*: must be a year from 1900 to 2199"):
        calendar("KR", years=[year])  # type: ignore[list-item]


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    carried = pickle.loads(pickle.dumps(calendar("KR")))
    monkeypatch.setitem(sys.modules, "holidays", None)
    monkeypatch.setitem(sys.modules, "holidays.registry", None)
    with pytest.raises(
        MissingExtraError, match=r"the calendar 'KR' needs the extra 'calendar'; hint: pip install 'relcare\[calendar\]'"
    ):
        calendar("KR")
    with pytest.raises(MissingExtraError, match="the calendar 'KR' needs the extra 'calendar'"):
        carried.is_business_day(date(2026, 1, 2))


def test_a_calendar_is_a_value_that_survives_copies_and_names_its_source() -> None:
    korea = calendar("KR", years=[2026])
    assert korea == calendar("KR")
    assert hash(korea) == hash(calendar("KR"))
    assert korea.source.startswith("holidays ")
    for twin in (pickle.loads(pickle.dumps(korea)), copy.deepcopy(korea)):
        assert isinstance(twin, NationalCalendar)
        assert twin == korea
        assert not twin.is_business_day(date(2026, 7, 17))


def test_asking_one_calendar_changes_no_other() -> None:
    one, other = calendar("CN"), calendar("CN")
    answers = [one.is_business_day(date(2020, 1, 1) + timedelta(days=n)) for n in range(4_000)]
    assert answers == [other.is_business_day(date(2020, 1, 1) + timedelta(days=n)) for n in reversed(range(4_000))][::-1]


def test_a_roll_table_of_a_country_rolls_over_its_holidays() -> None:
    table = RollTable(calendar("CN"), date(2026, 1, 1), date(2026, 12, 31))
    assert date.fromordinal(table.following(date(2026, 10, 1).toordinal())) == date(2026, 10, 8)
    assert date.fromordinal(table.following(date(2026, 10, 10).toordinal())) == date(2026, 10, 10)


def test_importing_the_room_loads_no_holidays() -> None:
    code = "import sys, relcare.calendars; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
