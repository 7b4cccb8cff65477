"""A series is days and units: what a measure makes of them, without clients and criteria."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from relcare.facts import Series
from relcare.policy import Measure, Span, Window


def on(text: str) -> int:
    return date.fromisoformat(f"2026-{text}").toordinal()


def series(
    function: str, *events: tuple[str, int], returns: Sequence[tuple[str, int, int]] = (), credit: Any = (), **given: Any
) -> Series:
    """Purchases of so many units, returns as day, index and units."""
    field = {"sum": "amount", "max": "amount", "min": "amount", "distinct": "category"}.get(function)
    over = given.pop("over", "purchases")
    keys = given.pop("keys", ())
    return Series(
        measure=Measure(function=function, over=over, field=field, **given),  # type: ignore[arg-type]
        days=[on(day) for day, _ in events],
        values=[units for _, units in events],
        keys=keys,
        returns=[(on(day), index, units) for day, index, units in returns],
        credits=[(on(day), units) for day, units in credit],
    )


THREE = (("01-31", 5), ("02-28", 9), ("03-31", 2))


@pytest.mark.parametrize(
    "function, before, after",
    [("sum", 14, 16), ("count", 2, 3), ("max", 9, 9), ("min", 5, 2), ("latest", on("02-28"), on("03-31")), ("days_since", 30, 0)],
)
def test_an_event_counts_from_its_own_day_on(function: str, before: int, after: int) -> None:
    found = series(function, *THREE)
    assert found.at(on("03-30")) == before
    assert found.at(on("03-31")) == after


@pytest.mark.parametrize(
    "function, value",
    [("sum", 0), ("count", 0), ("distinct", 0), ("max", None), ("min", None), ("latest", None), ("days_since", None)],
)
def test_over_no_events_sums_and_counts_are_0_and_all_else_is_missing(function: str, value: int | None) -> None:
    assert series(function).at(on("03-31")) == value
    outside = series(function, ("01-01", 5), keys=["a"], window=Window(days=1))
    assert outside.at(on("03-31")) == value


@pytest.mark.parametrize("function, value", [("sum", 11), ("count", 2), ("max", 9), ("min", 2), ("days_since", 0)])
def test_a_window_leaves_out_what_is_older(function: str, value: int) -> None:
    assert series(function, *THREE, window=Window(months=2)).at(on("03-31")) == value


def test_the_greatest_is_not_taken_from_before_the_window() -> None:
    found = series("max", ("01-01", 9), ("02-01", 3), ("03-01", 5), window=Window(days=40))
    assert [found.at(on(day)) for day in ("01-31", "02-10", "03-12", "03-13")] == [9, 3, 5, 5]


def test_distinct_tells_kinds_apart_and_an_event_without_one_is_of_none() -> None:
    found = series("distinct", ("01-01", 1), ("01-02", 1), ("01-03", 1), ("01-04", 1), keys=["a", "b", "a", ""])
    assert [found.at(on(day)) for day in ("01-01", "01-02", "01-03", "01-04")] == [1, 2, 2, 2]


@pytest.mark.parametrize(
    "function, before, on_the_day",
    [("sum", 16, 7), ("count", 3, 2), ("max", 9, 5), ("latest", on("03-31"), on("03-31"))],
)
def test_what_came_back_whole_was_not_bought_from_the_day_of_its_return_on(function: str, before: int, on_the_day: int) -> None:
    found = series(function, *THREE, returns=[("04-10", 1, 9)])
    assert found.at(on("04-09")) == before
    assert found.at(on("04-10")) == on_the_day


def test_what_came_back_in_part_was_bought_for_less() -> None:
    back = [("04-01", 1, 3), ("04-02", 1, 4)]
    assert [series("sum", *THREE, returns=back).at(on(day)) for day in ("03-31", "04-01", "04-02")] == [16, 13, 9]
    assert [series("max", *THREE, returns=back).at(on(day)) for day in ("03-31", "04-01", "04-02")] == [9, 6, 5]
    assert [series("count", *THREE, returns=back).at(on(day)) for day in ("03-31", "04-01", "04-02")] == [3, 3, 3]


def test_a_return_counts_in_the_month_of_its_purchase_and_leaves_the_window_with_it() -> None:
    found = series("sum", ("01-31", 5), ("03-01", 2), returns=[("03-15", 0, 5)], window=Window(months=1, is_calendar=True))
    assert found.at(on("01-31")) == 5
    assert found.at(on("03-15")) == 2, "the return is of January, which the window no longer looks at"


@pytest.mark.parametrize("function, value", [("count", 2), ("min", 0), ("sum", 5), ("distinct", 1)])
def test_a_purchase_free_of_charge_stays_when_another_one_comes_back(function: str, value: int) -> None:
    found = series(function, ("01-01", 0), ("01-02", 9), ("01-03", 5), keys=["a", "b", ""], returns=[("01-10", 1, 9)])
    assert found.at(on("01-10")) == value


def test_a_credit_counts_in_its_own_window() -> None:
    found = series("sum", ("01-31", 9), credit=[("02-10", -4)], window=Window(months=1, is_calendar=True))
    assert [found.at(on(day)) for day in ("01-31", "02-09", "02-10", "02-28", "03-01")] == [9, 0, -4, -4, 0]


def test_a_delay_lets_an_event_count_once_it_is_so_old() -> None:
    found = series("sum", *THREE, returns_delay=Span(days=14))
    assert [found.at(on(day)) for day in ("02-13", "02-14", "03-13", "03-14")] == [0, 5, 5, 14]
    assert series("days_since", *THREE, returns_delay=Span(days=14)).at(on("03-20")) == 20


def test_what_comes_back_within_the_delay_never_counts() -> None:
    found = series("sum", *THREE, returns=[("02-10", 0, 5)], returns_delay=Span(days=14))
    assert [found.at(on(day)) for day in ("02-09", "02-14", "03-14")] == [0, 0, 9]


@pytest.mark.parametrize(
    "function, value",
    [("sum", 0), ("count", 0), ("distinct", 0), ("max", None), ("min", None), ("latest", None), ("days_since", None)],
)
def test_a_delay_longer_than_the_window_leaves_no_events(function: str, value: int | None) -> None:
    found = series(function, *THREE, keys=["a", "b", "c"], window=Window(days=7), returns_delay=Span(days=14))
    for day in ("01-31", "02-05", "02-14", "03-04", "03-31", "04-05"):
        assert found.at(on(day)) == value, day
    best = series("sum", *THREE, window=Window(days=7), returns_delay=Span(days=14), per="calendar month")
    assert best.at(on("02-05")) is None


def test_the_best_month_is_the_one_with_the_greatest_sum() -> None:
    events = (("01-30", 4), ("01-31", 4), ("02-01", 7), ("03-01", 5), ("03-31", 2))
    best = series("sum", *events, per="calendar month")
    assert [best.at(on(day)) for day in ("01-30", "01-31", "02-28", "03-31")] == [4, 8, 8, 8]
    assert series("count", *events, per="calendar month").at(on("03-31")) == 2
    assert series("sum", *events, per="calendar quarter").at(on("03-31")) == 22
    assert series("sum", *events, per="calendar year").at(on("03-31")) == 22
    assert series("sum", *events, per="calendar month", window=Window(days=60)).at(on("04-01")) == 7


def test_a_return_and_a_credit_make_a_month_less_good() -> None:
    best = series("sum", ("01-30", 9), ("02-01", 7), returns=[("03-01", 0, 4)], credit=[("02-03", -3)], per="calendar month")
    assert [best.at(on(day)) for day in ("02-01", "02-03", "03-01")] == [9, 9, 5]


@pytest.mark.parametrize("function", ["sum", "count"])
def test_the_best_month_over_no_events_is_missing(function: str) -> None:
    assert series(function, per="calendar month").at(on("03-31")) is None


def test_a_month_in_which_everything_came_back_has_no_purchases() -> None:
    back = [("04-01", 0, 5), ("04-01", 1, 9)]
    assert series("count", *THREE, per="calendar month", returns=back).at(on("04-01")) == 1
    assert series("count", *THREE[:2], per="calendar month", returns=back).at(on("04-01")) is None
    assert series("count", ("01-01", 0), ("01-02", 9), per="calendar month", returns=[("04-01", 1, 9)]).at(on("03-31")) == 2


def test_change_days_are_the_events_the_ends_of_their_windows_returns_and_credits() -> None:
    found = series("sum", ("01-31", 5), returns=[("02-05", 0, 5)], credit=[("02-10", -4)], window=Window(months=1))
    assert set(found.change_days()) == {on("01-31"), on("02-28"), on("02-05"), on("02-10"), on("03-10")}
    delayed = series("sum", ("01-31", 5), returns_delay=Span(days=3))
    assert set(delayed.change_days()) == {on("02-03")}


@pytest.mark.parametrize(
    "given, rises",
    [
        ({"function": "sum"}, True),
        ({"function": "max", "when_empty": "0"}, True),
        ({"function": "max", "when_empty": "1"}, False),
        ({"function": "count", "per": "calendar month"}, True),
        ({"function": "count", "per": "calendar month", "when_empty": "1"}, False),
        ({"function": "latest"}, True),
        ({"function": "min"}, False),
        ({"function": "days_since"}, False),
        ({"function": "sum", "window": Window(months=12)}, False),
        ({"function": "sum", "returns": [("02-05", 0, 5)]}, False),
        ({"function": "sum", "credit": [("02-05", -1)]}, False),
    ],
)
def test_only_a_lifetime_measure_that_nothing_lowers_rises(given: dict[str, Any], rises: bool) -> None:
    assert series(given.pop("function"), *THREE, **given).is_rising is rises
