from datetime import UTC, date, datetime
from typing import Any

import attrs
import pendulum
import pytest

from relcare.calendars import Calendar, CombinedCalendar, SetCalendar, Weekdays, combine
from relcare.errors import InvalidValueError

MONDAY, SATURDAY, SUNDAY = date(2026, 8, 3), date(2026, 8, 1), date(2026, 8, 2)
REFUSED_DAYS: list[tuple[object, str]] = [
    (datetime(2026, 8, 3, tzinfo=UTC), "must be a civil date, not an instant"),
    (pendulum.datetime(2026, 8, 3), "must be a civil date, not an instant"),
    ("2026-08-03", "must be a date"),
    (739_831, "must be a date"),
    (None, "must be a date"),
    (date(1899, 12, 31), "must lie in the years 1900 to 2199"),
    (date(2200, 1, 1), "must lie in the years 1900 to 2199"),
]


def test_weekdays_are_monday_to_friday_and_known_without_limit() -> None:
    week = Weekdays()
    assert [week.is_business_day(date(2026, 8, day)) for day in range(3, 10)] == [True] * 5 + [False] * 2
    assert (week.name, week.known_from, week.known_until) == ("weekdays", None, None)
    assert week.is_known(date(1900, 1, 1))
    assert week.is_known(date(2199, 12, 31))
    assert week == Weekdays()


@pytest.mark.parametrize(
    "calendar", [Weekdays(), SetCalendar(name="office"), combine(Weekdays())], ids=["week", "set", "combined"]
)
@pytest.mark.parametrize("question", ["is_business_day", "is_known"])
@pytest.mark.parametrize(("day", "rule"), REFUSED_DAYS, ids=repr)
def test_every_calendar_refuses_what_is_no_civil_day_of_its_years(
    calendar: Calendar, question: str, day: object, rule: str
) -> None:
    with pytest.raises(InvalidValueError, match=rule):
        getattr(calendar, question)(day)


def test_a_pendulum_date_is_a_civil_day() -> None:
    office = SetCalendar(name="office", holidays=[pendulum.date(2026, 8, 3)])
    assert not office.is_business_day(MONDAY)
    assert not office.is_business_day(pendulum.date(2026, 8, 3))
    assert {type(day) for day in office.holidays} == {date}


def test_holidays_close_weekdays_and_working_days_open_weekends() -> None:
    office = SetCalendar(name="office", holidays=[MONDAY, MONDAY, SUNDAY], working_days=[SATURDAY])
    assert [office.is_business_day(day) for day in (SATURDAY, SUNDAY, MONDAY, date(2026, 8, 4))] == [True, False, False, True]
    assert office.holidays == frozenset({MONDAY, SUNDAY})


def test_the_weekend_is_the_calendars_own() -> None:
    friday = SetCalendar(name="riyadh", weekend=[4, 5])
    assert friday.is_business_day(SUNDAY)
    assert not friday.is_business_day(date(2026, 7, 31))
    assert SetCalendar(name="rota", weekend=range(7), working_days=[SUNDAY]).is_business_day(SUNDAY)


def test_the_horizon_is_inclusive_and_beyond_it_the_sets_still_answer() -> None:
    office = SetCalendar(name="office", known_from=date(2026, 1, 1), known_until=date(2026, 12, 31))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [office.is_known(day) for day in days] == [False, True, True, False]
    assert office.is_business_day(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "name is '': must be printable text"),
        ({"name": " office"}, "must be printable text"),
        ({"name": "a\nb"}, "must be printable text"),
        ({"name": 3}, "name is 3: must be printable text"),
        ({"holidays": ["2026-08-03"]}, "holidays is '2026-08-03': must be a date"),
        ({"holidays": MONDAY}, "holidays is .*: must be a list, a set or another iterable"),
        ({"working_days": [datetime(2026, 8, 3, tzinfo=UTC)]}, "working_days is .*: must be a civil date"),
        ({"weekend": [7]}, "weekend is 7: must be a day of the week"),
        ({"weekend": [True]}, "weekend is True: must be a day of the week"),
        ({"known_from": "2026"}, "known_from is '2026': must be a date"),
        ({"known_until": date(2200, 1, 1)}, "known_until is .*: must lie in the years"),
        ({"known_from": MONDAY, "known_until": SUNDAY}, "known_until is .*: must not lie before known_from, 2026-08-03"),
        ({"holidays": [MONDAY], "working_days": [MONDAY]}, "working_days is .*: must not be a holiday"),
    ],
    ids=str,
)
def test_a_set_calendar_names_the_field_that_it_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        SetCalendar(**{"name": "office", **given})


def test_a_host_that_switches_validators_off_switches_no_check_off() -> None:
    attrs.validators.set_disabled(True)
    try:
        with pytest.raises(InvalidValueError):
            SetCalendar(name="office", known_from=MONDAY, known_until=SUNDAY)
    finally:
        attrs.validators.set_disabled(False)


def test_closures_win_over_make_up_working_days_and_stack() -> None:
    office = SetCalendar(name="office", working_days=[SATURDAY], known_until=date(2026, 12, 31))
    closed = combine(combine(office, closures=[SATURDAY]), closures=[MONDAY], name="lee")
    assert [closed.is_business_day(day) for day in (SATURDAY, MONDAY, date(2026, 8, 4))] == [False, False, True]
    assert closed.name == "lee"
    assert combine(office).name == "office"
    assert (closed.known_from, closed.known_until) == (None, date(2026, 12, 31))
    assert not closed.is_known(date(2027, 1, 1))
    assert not combine(office, closures=[date(2027, 1, 1)]).is_known(date(2027, 1, 1))


def test_visiting_days_leave_only_those_days_of_the_week_that_are_business_days_underneath() -> None:
    client = combine(SetCalendar(name="office", holidays=[date(2026, 8, 4)]), open_weekdays=[1, 5])
    assert [day for day in range(1, 15) if client.is_business_day(date(2026, 8, day))] == [11]
    with pytest.raises(InvalidValueError, match="open_weekdays is -1"):
        combine(Weekdays(), open_weekdays=[-1])
    with pytest.raises(InvalidValueError, match="closures is None"):
        combine(Weekdays(), closures=[None])  # type: ignore[list-item]


def test_calendars_are_values() -> None:
    assert "holidays={2026-08-02, 2026-08-03}, working_days={}" in repr(SetCalendar(name="a", holidays=[MONDAY, SUNDAY]))
    assert combine(Weekdays(), closures=[MONDAY, SUNDAY]) == combine(Weekdays(), closures=[SUNDAY, MONDAY])
    assert len({SetCalendar(name="a", holidays=[MONDAY]), SetCalendar(name="a", holidays=[MONDAY])}) == 1
    assert isinstance(combine(Weekdays()), CombinedCalendar)
