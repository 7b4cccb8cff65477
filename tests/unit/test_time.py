from datetime import date
from fractions import Fraction

import pytest

from relcare._time import (
    FIRST_DAY,
    LAST_DAY,
    Every,
    LeapDay,
    Span,
    add_months,
    day_from_text,
    day_of_year_in,
    first_of_month,
    month_index,
)
from relcare.errors import InvalidValueError


def plus(day: date, months: int) -> date:
    return date.fromordinal(add_months(day.toordinal(), months))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2026, 1, 31), -1, date(2025, 12, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 3, 31), -13, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
    ],
)
def test_months_are_calendar_months_kept_or_clamped_to_the_end(start: date, months: int, end: date) -> None:
    assert plus(start, months) == end


def test_a_month_has_an_index_and_a_first_day() -> None:
    index = month_index(date(2026, 1, 31).toordinal())
    assert date.fromordinal(first_of_month(index)) == date(2026, 1, 1)
    assert date.fromordinal(first_of_month(index - 1)) == date(2025, 12, 1)
    assert date.fromordinal(first_of_month(index + 12)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("year", "rule", "kept"),
    [
        (2024, "28 February", date(2024, 2, 29)),
        (2024, "skip", date(2024, 2, 29)),
        (2025, "28 February", date(2025, 2, 28)),
        (2025, "1 March", date(2025, 3, 1)),
        (2025, "skip", None),
        (2100, "28 February", date(2100, 2, 28)),
        (2000, "1 March", date(2000, 2, 29)),
    ],
)
def test_29_february_in_other_years_is_declared(year: int, rule: LeapDay, kept: date | None) -> None:
    assert day_of_year_in(year, 2, 29, rule) == (None if kept is None else kept.toordinal())


@pytest.mark.parametrize("rule", ["28 February", "1 March", "skip"])
def test_other_days_keep_their_day_whatever_the_rule(rule: LeapDay) -> None:
    assert day_of_year_in(2025, 2, 28, rule) == date(2025, 2, 28).toordinal()
    assert day_of_year_in(2025, 3, 1, rule) == date(2025, 3, 1).toordinal()


@pytest.mark.parametrize(
    ("text", "step", "canonical"),
    [
        ("1 day", Every(days=1), "1 day"),
        ("10 days", Every(days=10), "10 days"),
        ("14 days", Every(days=14), "2 weeks"),
        ("1 week", Every(days=7), "1 week"),
        ("2 weeks", Every(days=14), "2 weeks"),
        ("1 month", Every(months=1), "1 month"),
        ("1 quarter", Every(months=3), "3 months"),
        ("12 months", Every(months=12), "1 year"),
        ("2 years", Every(months=24), "2 years"),
        ("9999 weeks", Every(days=69_993), "9999 weeks"),
        ("9999 months", Every(months=9_999), "9999 months"),
        ("3333 quarters", Every(months=9_999), "9999 months"),
    ],
)
def test_a_step_is_read_and_written(text: str, step: Every, canonical: str) -> None:
    assert Every.parse(text) == step
    assert str(step) == canonical
    assert Every.parse(canonical) == step


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 days",
        "1",
        "day",
        "week",
        "1  day",
        " 1 day",
        "1 day ",
        "1 day\n",
        "01 days",
        "69994 days",
        "100000 days",
        "-1 day",
        "1.5 months",
        "1 Day",
        "1 business day",
        "١ day",
        "monthly",
        "9999 years",
        "P1M",
        None,
        7,
        True,
    ],
)
def test_anything_else_is_no_step(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Every.parse(text)


def test_the_message_names_the_parameter_that_was_read() -> None:
    with pytest.raises(InvalidValueError, match=r"^grace is 'soon': must be a whole number and a unit; hint: write"):
        Every.parse("soon", "grace")


@pytest.mark.parametrize(
    ("months", "days"), [(0, 0), (1, 1), (-1, 0), (0, -1), (True, 0), (1.0, 0), (10_000, 0), (0, 69_994), ("1", 0)]
)
def test_a_step_is_months_or_days_and_never_both(months: int, days: int) -> None:
    with pytest.raises(InvalidValueError):
        Every(months=months, days=days)


def test_thirty_days_are_not_a_month_and_neither_hashes_like_the_other() -> None:
    assert Every(days=30) != Every(months=1)
    assert len({Every(days=30), Every(months=1)}) == 2


def test_a_step_counts_from_its_day_and_never_from_the_step_before() -> None:
    january = date(2026, 1, 31).toordinal()
    month = Every(months=1)
    assert [date.fromordinal(month.after(january, n)).day for n in range(5)] == [31, 28, 31, 30, 31]
    assert Every(days=7).after(january, -2) == january - 14
    assert month.after(january) == date(2026, 2, 28).toordinal()


def test_average_lengths_are_exact_and_order_steps() -> None:
    assert Every(days=7).average_days == 7
    assert Every(months=4_800).average_days == 146_097
    assert Every(months=1).average_days == Fraction(146_097, 4_800)
    assert Every(days=30).average_days < Every(months=1).average_days < Every(days=31).average_days


def test_no_step_from_an_allowed_day_leaves_what_a_date_can_hold() -> None:
    for longest in (Every(months=9_999), Every(days=69_993)):
        assert longest.after(FIRST_DAY.toordinal(), -1) > 0
        assert date.fromordinal(longest.after(LAST_DAY.toordinal())) > LAST_DAY


@pytest.mark.parametrize(
    ("text", "span", "canonical"),
    [
        ("0 days", Span(), "0 days"),
        ("1 day", Span(days=1), "1 day"),
        ("1 week", Span(days=7), "7 days"),
        ("3 business days", Span(days=3, is_business=True), "3 business days"),
        ("1 business day", Span(days=1, is_business=True), "1 business day"),
    ],
)
def test_a_tolerance_is_read_and_written(text: str, span: Span, canonical: str) -> None:
    assert Span.parse(text) == span
    assert str(span) == canonical
    assert Span.parse(canonical) == span


@pytest.mark.parametrize("text", ["", "1 month", "-1 days", "1 business week", "00 days", "1  day", None, 1])
def test_anything_else_is_no_tolerance(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^grace is"):
        Span.parse(text, "grace")


@pytest.mark.parametrize("days", [-1, 69_994, True, 1.0, "1", None])
def test_a_tolerance_is_a_whole_number_of_days(days: int) -> None:
    with pytest.raises(InvalidValueError, match=r"^days is"):
        Span(days=days)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2025-02-29", None),
        ("2026-W53-7", None),
        ("20260131", None),
        ("2026-1-31", None),
        ("2026-01-31 ", None),
        ("２０２６-01-31", None),
        ("0000-01-01", None),
        ("now", None),
    ],
)
def test_a_day_has_one_written_form(text: str, day: date | None) -> None:
    assert day_from_text(text) == day
