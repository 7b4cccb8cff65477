from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from relcare.calendars import (
    Calendar,
    RollTable,
    SetCalendar,
    Weekdays,
    add_business_days,
    business_days_between,
    calendar,
    combine,
    roll,
)
from relcare.errors import InvalidValueError, PolicyError

CHINA, KOREA = calendar("CN"), calendar("KR")
TABLES = {"CN": RollTable(CHINA, date(2026, 1, 1), date(2026, 1, 1)), "KR": RollTable(KOREA, date(2019, 1, 1), date(2027, 1, 1))}
LONG_CLOSURE = combine(Weekdays(), closures=[date(2025, 6, 3) + timedelta(days=n) for n in range(364)], name="rebuilding")

_NASTY = [
    date(2024, 2, 29),
    date(2025, 1, 31),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 2, 28),
    date(2026, 10, 4),
    date(2027, 2, 7),
]
days = st.sampled_from(_NASTY) | st.dates(date(2018, 1, 1), date(2032, 12, 31))
counts = st.integers(0, 300)


@st.composite
def _set_calendars(draw: st.DrawFn) -> SetCalendar:
    holidays = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2027, 12, 31)), max_size=40))
    working = draw(st.frozensets(st.dates(date(2024, 1, 1), date(2027, 12, 31)), max_size=10))
    weekend = draw(st.frozensets(st.integers(0, 6), max_size=6))
    return SetCalendar(name="drawn", holidays=holidays, working_days=working - holidays, weekend=weekend)


calendars: st.SearchStrategy[Calendar] = st.one_of(
    st.just(Weekdays()), st.just(CHINA), st.just(KOREA), st.just(LONG_CLOSURE), _set_calendars()
)


class TestTim6:
    """TIM-6: business calendars and rolling.

    "Business calendars: country and subdivision holidays, make-up working days, the firm's closures, an owner's days off, a
    client's visiting days. Roll: following, preceding, nearest, none; declared. Beyond the published horizon the answer says so."
    """

    @given(days, calendars)
    @example(date(2025, 12, 1), LONG_CLOSURE)
    def test_a_roll_ends_on_a_business_day_on_its_own_side_with_none_in_between(self, day: date, calendar: Calendar) -> None:
        after, before, near = (roll(day, how, calendar) for how in ("following", "preceding", "nearest"))
        assert calendar.is_business_day(after)
        assert calendar.is_business_day(before)
        assert before <= day <= after
        passed = (before.toordinal() + 1, after.toordinal())
        assert not any(calendar.is_business_day(date.fromordinal(at)) for at in range(*passed) if before != after)
        assert near == (after if after - day <= day - before else before)
        assert roll(day, "none", calendar) == day

    @given(days, calendars)
    def test_rolling_twice_is_rolling_once_and_a_business_day_stays(self, day: date, calendar: Calendar) -> None:
        for how in ("following", "preceding", "nearest", "none"):
            once = roll(day, how, calendar)
            assert roll(once, how, calendar) == once
            assert once == day or not calendar.is_business_day(day)

    @given(days, days, calendars)
    def test_a_later_day_never_rolls_to_an_earlier_one(self, one: date, other: date, calendar: Calendar) -> None:
        first, last = min(one, other), max(one, other)
        for how in ("following", "preceding", "nearest", "none"):
            assert roll(first, how, calendar) <= roll(last, how, calendar)

    @given(days, counts, counts, calendars)
    def test_business_days_add_up(self, day: date, n: int, m: int, calendar: Calendar) -> None:
        n, m = n // 4, m // 4
        for sign in (1, -1):
            assert add_business_days(add_business_days(day, sign * n, calendar), sign * m, calendar) == add_business_days(
                day, sign * (n + m), calendar
            )

    @given(days, st.integers(-80, 80), calendars)
    def test_what_was_added_is_counted_between_and_can_be_undone(self, day: date, n: int, calendar: Calendar) -> None:
        there = add_business_days(day, n, calendar)
        assert business_days_between(day, there, calendar) == n
        if calendar.is_business_day(day):
            assert add_business_days(there, -n, calendar) == day

    @given(days, st.integers(-300, 300), days, _set_calendars() | st.just(LONG_CLOSURE))
    def test_a_table_says_what_the_plain_functions_say(self, day: date, n: int, other: date, calendar: SetCalendar) -> None:
        _assert_equal(RollTable(calendar, date(2026, 1, 1), date(2026, 1, 1)), day, n, other)

    @given(days, st.integers(-300, 300), days)
    def test_a_table_of_a_country_says_what_the_plain_functions_say(self, day: date, n: int, other: date) -> None:
        for table in TABLES.values():
            _assert_equal(table, day, n, other)

    @given(
        st.frozensets(st.dates(date(1900, 1, 1), date(1903, 12, 31)), max_size=12),
        st.dates(date(1900, 1, 1), date(1905, 1, 1)),
        st.integers(-20, 20),
    )
    def test_a_table_fails_where_the_plain_functions_fail(self, open_on: frozenset[date], day: date, n: int) -> None:
        rota = SetCalendar(name="rota", weekend=range(7), working_days=open_on)
        _assert_equal(RollTable(rota, day, day), day, n, day)

    @given(days, st.frozensets(days, max_size=5), calendars)
    def test_a_closure_takes_its_day_away_and_no_other(self, day: date, closures: frozenset[date], calendar: Calendar) -> None:
        closed = combine(calendar, closures=closures)
        assert closed.is_business_day(day) == (calendar.is_business_day(day) and day not in closures)
        assert closed.is_known(day) == calendar.is_known(day)

    @given(days)
    def test_beyond_the_published_horizon_the_answer_says_so(self, day: date) -> None:
        for there in (CHINA, KOREA):
            assert there.is_known(day) == (there.known_from <= day <= there.known_until)


def _assert_equal(table: RollTable, day: date, n: int, other: date) -> None:
    at, calendar = day.toordinal(), table.calendar
    for how in ("following", "preceding", "nearest", "none"):
        assert _text(table.roll, how, at) == _text(roll, day, how, calendar)
    assert _text(table.add, at, n) == _text(add_business_days, day, n, calendar)
    assert table.between(at, other.toordinal()) == business_days_between(day, other, calendar)
    assert table.is_business_day(at) == calendar.is_business_day(day)


def _text(function: Callable[..., int | date], *arguments: object) -> str:
    """The answer as a day, or the error as text."""
    try:
        found = function(*arguments)
    except (InvalidValueError, PolicyError) as error:
        return str(error)
    return str(found if isinstance(found, date) else date.fromordinal(found))
