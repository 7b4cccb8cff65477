from datetime import date

import pytest

from relcare.facts import window_exit, window_start
from relcare.policy import Window


def on(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    "window, as_of, first",
    [
        ("1 day", "2026-03-31", "2026-03-31"),
        ("90 days", "2026-03-31", "2026-01-01"),
        ("3 months", "2026-03-31", "2026-01-01"),
        ("3 months", "2026-03-30", "2025-12-31"),
        ("1 week", "2026-01-01", "2025-12-26"),
        ("1 month", "2026-03-31", "2026-03-01"),
        ("1 month", "2026-03-30", "2026-02-28"),
        ("1 month", "2026-03-29", "2026-02-28"),
        ("1 month", "2026-03-28", "2026-02-28"),
        ("1 month", "2026-03-27", "2026-02-28"),
        ("1 month", "2026-03-26", "2026-02-27"),
        ("1 month", "2024-03-28", "2024-02-29"),
        ("12 months", "2025-02-28", "2024-03-01"),
        ("12 months", "2024-02-28", "2023-02-28"),
        ("12 months", "2024-02-29", "2023-03-01"),
        ("1 year", "2026-12-31", "2026-01-01"),
        ("1 calendar month", "2026-03-01", "2026-03-01"),
        ("1 calendar month", "2026-03-31", "2026-03-01"),
        ("2 calendar months", "2026-01-01", "2025-12-01"),
        ("12 calendar months", "2026-03-31", "2025-04-01"),
        ("1 calendar quarter", "2026-03-31", "2026-01-01"),
        ("1 calendar quarter", "2026-04-01", "2026-04-01"),
        ("2 calendar quarters", "2026-05-15", "2026-01-01"),
        ("1 calendar year", "2026-12-31", "2026-01-01"),
        ("3 calendar years", "2026-01-01", "2024-01-01"),
        ("lifetime", "2026-01-01", "0001-01-01"),
    ],
)
def test_a_window_ends_with_the_day_asked_about_and_begins_so_long_before_the_day_after_it(
    window: str, as_of: str, first: str
) -> None:
    assert date.fromordinal(window_start(Window.parse(window), on(as_of))) == date.fromisoformat(first)


@pytest.mark.parametrize(
    "window, day, leaves",
    [
        ("1 day", "2026-03-31", "2026-04-01"),
        ("90 days", "2026-01-01", "2026-04-01"),
        ("3 months", "2026-01-01", "2026-04-01"),
        ("1 month", "2026-02-28", "2026-03-31"),
        ("1 month", "2026-02-27", "2026-03-27"),
        ("1 month", "2026-01-31", "2026-02-28"),
        ("1 month", "2026-01-29", "2026-02-28"),
        ("1 month", "2026-01-28", "2026-02-28"),
        ("1 month", "2026-01-27", "2026-02-27"),
        ("12 months", "2024-02-29", "2025-02-28"),
        ("12 months", "2024-03-01", "2025-03-01"),
        ("1 calendar month", "2026-03-31", "2026-04-01"),
        ("12 calendar months", "2025-04-30", "2026-04-01"),
        ("1 calendar quarter", "2026-01-01", "2026-04-01"),
        ("2 calendar quarters", "2026-03-31", "2026-07-01"),
        ("1 calendar year", "2026-12-31", "2027-01-01"),
    ],
)
def test_a_day_leaves_a_window_on_the_first_day_that_no_longer_looks_at_it(window: str, day: str, leaves: str) -> None:
    parsed = Window.parse(window)
    exit_day = window_exit(parsed, on(day))
    assert exit_day is not None
    assert window_start(parsed, exit_day) > on(day) >= window_start(parsed, exit_day - 1)
    assert date.fromordinal(exit_day) == date.fromisoformat(leaves)


def test_nothing_ever_leaves_a_lifetime() -> None:
    assert window_exit(Window.parse("lifetime"), on("2026-03-31")) is None


@pytest.mark.parametrize(
    "window", ["1 month", "2 months", "12 months", "13 months", "1 calendar quarter", "1 calendar year", "29 days"]
)
def test_every_day_of_four_years_leaves_on_the_day_that_a_search_finds(window: str) -> None:
    parsed = Window.parse(window)
    for day in range(on("2023-01-01"), on("2027-01-01")):
        exit_day = window_exit(parsed, day)
        assert exit_day is not None
        assert window_start(parsed, exit_day) > day >= window_start(parsed, exit_day - 1), date.fromordinal(day)


@pytest.mark.parametrize("window", ["9999 months", "9999 days", "9999 weeks", "833 calendar years"])
@pytest.mark.parametrize("as_of", ["1900-01-01", "2199-12-31"])
def test_the_longest_windows_stay_within_the_dates_there_are(window: str, as_of: str) -> None:
    assert window_start(Window.parse(window), on(as_of)) < on(as_of)
    exit_day = window_exit(Window.parse(window), on(as_of))
    assert exit_day is not None
    assert exit_day > on(as_of)
