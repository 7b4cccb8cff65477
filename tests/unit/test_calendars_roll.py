import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from relcare.calendars import (
    Calendar,
    Roll,
    RollTable,
    SetCalendar,
    Weekdays,
    add_business_days,
    business_days_between,
    combine,
    roll,
)
from relcare.errors import InvalidValueError, PolicyError

WEEK = Weekdays()
# 1 to 5 October 2026 and 7 May 2026 (a Thursday) closed.
OFFICE = SetCalendar(name="office", holidays=[*(date(2026, 10, day) for day in range(1, 6)), date(2026, 5, 7)])
NEVER = SetCalendar(name="never", weekend=range(7))
LAST, FIRST = date(2199, 12, 31), date(1900, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def ordinal(text: str) -> int:
    return day(text).toordinal()


@pytest.mark.parametrize(
    ("calendar", "on", "following", "preceding", "nearest"),
    [
        (WEEK, "2026-07-31", "2026-07-31", "2026-07-31", "2026-07-31"),  # a Friday stays
        (WEEK, "2026-08-01", "2026-08-03", "2026-07-31", "2026-07-31"),  # a Saturday, over the end of the month either way
        (WEEK, "2026-08-02", "2026-08-03", "2026-07-31", "2026-08-03"),  # a Sunday
        (WEEK, "2027-01-02", "2027-01-04", "2027-01-01", "2027-01-01"),  # over the end of a year
        (WEEK, "2028-02-29", "2028-02-29", "2028-02-29", "2028-02-29"),
        (OFFICE, "2026-05-07", "2026-05-08", "2026-05-06", "2026-05-08"),  # equally close: the following
        (OFFICE, "2026-10-01", "2026-10-06", "2026-09-30", "2026-09-30"),
        (OFFICE, "2026-10-03", "2026-10-06", "2026-09-30", "2026-10-06"),  # equally close
        (OFFICE, "2026-10-05", "2026-10-06", "2026-09-30", "2026-10-06"),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_day_rolls_as_declared(calendar: Calendar, on: str, following: str, preceding: str, nearest: str) -> None:
    table = RollTable(calendar, day(on), day(on))
    expected: dict[Roll, str] = {"following": following, "preceding": preceding, "nearest": nearest, "none": on}
    for how, to in expected.items():
        assert roll(day(on), how, calendar) == day(to)
        assert table.roll(how, ordinal(on)) == ordinal(to)


@pytest.mark.parametrize(
    ("calendar", "on", "n", "to"),
    [
        (WEEK, "2026-08-01", 0, "2026-08-01"),  # a Saturday: nothing is added, so it does not move
        (WEEK, "2026-07-31", 1, "2026-08-03"),
        (WEEK, "2026-08-01", 1, "2026-08-03"),
        (WEEK, "2026-08-02", -1, "2026-07-31"),
        (WEEK, "2026-08-03", -1, "2026-07-31"),
        (WEEK, "2026-12-31", 261, "2027-12-31"),
        (WEEK, "2026-12-31", 2_609, "2036-12-31"),
        (OFFICE, "2026-09-30", 1, "2026-10-06"),
        (OFFICE, "2026-10-06", -1, "2026-09-30"),
        (OFFICE, "2026-10-03", 2, "2026-10-07"),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_business_days_are_counted_from_the_day_after(calendar: Calendar, on: str, n: int, to: str) -> None:
    assert add_business_days(day(on), n, calendar) == day(to)
    assert RollTable(calendar, day(on), day(on)).add(ordinal(on), n) == ordinal(to)


@pytest.mark.parametrize(
    ("from_on", "until_on", "count"),
    [
        ("2026-07-31", "2026-07-31", 0),
        ("2026-07-31", "2026-08-03", 1),
        ("2026-08-01", "2026-08-02", 0),
        ("2026-08-03", "2026-07-31", -1),
        ("2026-08-02", "2026-07-31", -1),
        ("2026-09-30", "2026-10-07", 2),
        ("2025-12-31", "2026-12-31", 261 - 4),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_the_first_day_does_not_count_and_the_last_does(from_on: str, until_on: str, count: int) -> None:
    assert business_days_between(day(from_on), day(until_on), OFFICE) == count
    assert RollTable(OFFICE, day(from_on), day(from_on)).between(ordinal(from_on), ordinal(until_on)) == count


def test_an_unknown_way_to_roll_is_refused_with_the_nearest() -> None:
    table = RollTable(WEEK, FIRST, FIRST)
    with pytest.raises(InvalidValueError, match=r"how is 'follow': must be one of .*; hint: did you mean 'following'\?"):
        roll(FIRST, "follow", WEEK)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"how is None: must be one of following, preceding, nearest, none$"):
        table.roll(None, FIRST.toordinal())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [True, 1.0, "1", None], ids=repr)
def test_only_a_whole_number_of_business_days_is_added(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match=r"n is .*: must be a whole number of business days"):
        add_business_days(FIRST, wrong, WEEK)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"n is .*: must be a whole number of business days"):
        RollTable(WEEK, FIRST, FIRST).add(FIRST.toordinal(), wrong)  # type: ignore[arg-type]


def test_instants_and_days_outside_the_years_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="not an instant"):
        roll(datetime(2026, 8, 1, tzinfo=UTC), "none", WEEK)
    with pytest.raises(InvalidValueError, match=r"from_on is .*: must lie in the years"):
        business_days_between(date(1899, 12, 31), FIRST, WEEK)
    with pytest.raises(InvalidValueError, match=r"until_on is .*: must not lie before from_on, 2199-12-31"):
        RollTable(WEEK, LAST, FIRST)
    for wrong in (FIRST.toordinal() - 1, LAST.toordinal() + 1, 10**12):
        with pytest.raises(InvalidValueError, match="must be the ordinal of a day in the years 1900 to 2199"):
            RollTable(WEEK, FIRST, FIRST).nearest(wrong)


@pytest.mark.parametrize("how", ["following", "preceding", "nearest"])
def test_an_endless_closure_is_an_error_and_no_endless_search(how: Roll) -> None:
    message = "the calendar 'never' has no business day within 366 days of 2026-08-01; hint: look for an endless run of closures"
    table = RollTable(NEVER, day("2026-01-01"), day("2026-12-31"))
    for search in (lambda: roll(day("2026-08-01"), how, NEVER), lambda: table.roll(how, ordinal("2026-08-01"))):
        with pytest.raises(PolicyError, match=message):
            search()
    for n in (1, -1):
        with pytest.raises(PolicyError, match=message):
            add_business_days(day("2026-08-01"), n, NEVER)
        with pytest.raises(PolicyError, match=message):
            table.add(ordinal("2026-08-01"), n)


def test_the_longest_closure_that_is_searched_through_has_366_days() -> None:
    before, after = day("2026-01-05"), day("2026-01-05") + timedelta(days=366)
    for gap, is_found in ((0, True), (1, False)):
        rota = SetCalendar(name="rota", weekend=range(7), working_days=[before, after + timedelta(days=gap)])
        table = RollTable(rota, before, before)
        for add in (
            lambda n, c=rota: add_business_days(before, n, c).toordinal(),
            lambda n, t=table: t.add(before.toordinal(), n),
        ):
            if is_found:
                assert add(1) == after.toordinal()
            else:
                with pytest.raises(PolicyError):
                    add(1)


def test_a_search_that_leaves_the_years_is_refused() -> None:
    closed = combine(WEEK, closures=[LAST, FIRST])
    last, first = RollTable(closed, LAST, LAST), RollTable(closed, FIRST, FIRST)
    for search in (
        lambda: roll(LAST, "following", closed),
        lambda: last.following(LAST.toordinal()),
        lambda: last.nearest(LAST.toordinal()),
        lambda: roll(FIRST, "preceding", closed),
        lambda: first.preceding(FIRST.toordinal()),
        lambda: add_business_days(LAST, 1, WEEK),
        lambda: last.add(LAST.toordinal(), 1),
        lambda: first.add(FIRST.toordinal(), -1),
    ):
        with pytest.raises(InvalidValueError, match="leaves no business day on that side within the years 1900 to 2199"):
            search()
    assert roll(FIRST, "nearest", closed) == date(1900, 1, 2) == date.fromordinal(first.nearest(FIRST.toordinal()))
    assert roll(LAST, "preceding", closed) == date(2199, 12, 30) == date.fromordinal(last.preceding(LAST.toordinal()))


def test_a_table_grows_in_both_directions_and_asks_about_each_day_once() -> None:
    asked: list[date] = []

    class Counting(Weekdays):
        def is_business_day(self, day: date) -> bool:
            asked.append(day)
            return super().is_business_day(day)

    table = RollTable(Counting(), day("2026-03-01"), day("2026-03-02"))
    assert repr(table) == "RollTable('weekdays', 2026-01-01 to 2026-12-31)"
    assert table.is_business_day(ordinal("2027-01-01"))
    assert not table.is_business_day(ordinal("2024-12-29"))
    assert repr(table) == "RollTable('weekdays', 2024-01-01 to 2027-12-31)"
    inside = [at for at in asked if 2024 <= at.year <= 2027]
    # The days beside an edge are looked at once more, to know where the edge rolls to.
    assert len(inside) - len(set(inside)) <= 20
    assert table.calendar.name == "weekdays"


def test_threads_may_share_a_table() -> None:
    table = RollTable(OFFICE, day("2026-01-01"), day("2026-01-01"))
    days = [date(year, month, 1).toordinal() for year in range(2000, 2050) for month in (1, 6)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda at: (table.following(at), table.add(at, 300), table.between(at, days[0])), days[::-1]))
    finally:
        sys.setswitchinterval(interval)
    plain = RollTable(OFFICE, date(1999, 1, 1), date(2060, 1, 1))
    assert found == [(plain.following(at), plain.add(at, 300), plain.between(at, days[0])) for at in days[::-1]]
