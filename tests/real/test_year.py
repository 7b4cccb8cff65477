"""Some weeks of a policy over the sample book and the trading company's, replayed day by day with all that is owed done when due.

The whole years are run by `docs/examples/year.py`.
"""

import os
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

import relcare as rc
from relcare.demo import demo_book
from relcare.model import Absence
from relcare.planning import Attainment

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DATA = Path(os.environ.get("RELCARE_DATA", "")) / "northwind"
needs_tables = pytest.mark.skipif(
    "RELCARE_DATA" not in os.environ or not DATA.is_dir(), reason="RELCARE_DATA names no folder with the trading company's tables"
)


@pytest.fixture(scope="module")
def year() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "year.py"))


@pytest.fixture(scope="module")
def trading() -> tuple[rc.Policy, rc.Book]:
    example = runpy.run_path(str(EXAMPLES / "northwind.py"))
    return rc.load_policy(EXAMPLES / "northwind.toml"), example["load"](DATA)


@pytest.fixture(scope="module")
def sample() -> tuple[rc.Policy, rc.Book]:
    return rc.preset("consulting"), demo_book()


def replayed(
    year: dict[str, Any], firm: tuple[rc.Policy, rc.Book], days: tuple[str, str], *absences: Absence
) -> tuple[Attainment, int]:
    """What came of some days, and how many contacts were made; none of them against caps or quiet hours."""
    policy, (first, last) = year["with_permission"](firm[0]), map(date.fromisoformat, days)
    book = attrs.evolve(year["started"](policy, firm[1], (first, last)), absences=absences)
    report, made, broken = year["replay"](policy, book, (first, last))
    assert broken == 0
    return report, made


def away(staff_id: str, start_on: str, end_on: str, deputy_id: str | None = None) -> Absence:
    return Absence(
        staff_id=staff_id, start_on=date.fromisoformat(start_on), end_on=date.fromisoformat(end_on), deputy_id=deputy_id
    )


def test_nothing_is_late_at_the_consulting_firm_when_all_is_done_on_its_due_day(
    year: dict[str, Any], sample: tuple[rc.Policy, rc.Book]
) -> None:
    report, made = replayed(year, sample, ("2026-04-01", "2026-04-21"))
    assert made > 150
    assert report.total.on_time_ratio == report.total.coverage_ratio == 1
    assert not report.lateness


@needs_tables
def test_nothing_is_late_at_the_trading_company_when_all_is_done_on_its_due_day(
    year: dict[str, Any], trading: tuple[rc.Policy, rc.Book]
) -> None:
    assert year["last_year_of"](trading[1]) == (date(1997, 1, 1), date(1997, 12, 31))
    report, made = replayed(year, trading, ("1997-01-01", "1997-02-28"))
    assert made > 100
    assert report.total.on_time_ratio == report.total.coverage_ratio == 1
    assert not report.lateness


def test_at_the_consulting_firm_only_who_is_away_is_late_and_by_that_alone(
    year: dict[str, Any], sample: tuple[rc.Policy, rc.Book]
) -> None:
    report, _ = replayed(year, sample, ("2026-04-01", "2026-05-05"), away("lin", "2026-04-13", "2026-05-04"))
    assert {(late.staff_id, late.cause) for late in report.lateness} == {("lin", "owner_absent")}
    assert report.lateness[0].about.owner_id == "lin"
    assert {late.until_on for late in report.lateness} <= {date(2026, 4, n) for n in range(13, 31)} | {
        date(2026, 5, n) for n in range(1, 4)
    }


@needs_tables
def test_at_the_trading_company_only_who_is_away_is_late_and_by_that_alone(
    year: dict[str, Any], trading: tuple[rc.Policy, rc.Book]
) -> None:
    report, _ = replayed(year, trading, ("1997-06-02", "1997-07-04"), away("employee-1", "1997-06-09", "1997-06-30"))
    assert {(late.staff_id, late.cause) for late in report.lateness} == {("employee-1", "owner_absent")}


@needs_tables
def test_with_a_deputy_nothing_is_late(year: dict[str, Any], trading: tuple[rc.Policy, rc.Book]) -> None:
    absence = away("employee-1", "1997-06-09", "1997-06-30", "employee-3")
    report, _ = replayed(year, trading, ("1997-06-02", "1997-07-04"), absence)
    assert not report.lateness
    assert {outcome.staff_id for outcome in report.outcomes if outcome.about.owner_id == "employee-1"} >= {"employee-3"}
