"""The payers of the screen golf shops: VIPs counted by a dictionary and a loop, and the policy's; the line itself is in."""

import csv
import os
import runpy
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import relcare as rc
from relcare.decisions import BookResult

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DATA = Path(os.environ.get("RELCARE_DATA", "")) / "kr_screengolf"
LINE, LAST_DAY = 100_000, date(2024, 5, 31)

pytestmark = pytest.mark.skipif(
    "RELCARE_DATA" not in os.environ or not DATA.is_dir(), reason="RELCARE_DATA names no folder with the payments of the shops"
)


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "kr_screengolf.py"))


@pytest.fixture(scope="module")
def paid() -> dict[str, int]:
    """What each payer paid in May, by nothing but the table."""
    totals: dict[str, int] = defaultdict(int)
    with (DATA / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            totals[f"payer-{row['uid']}"] += int(row["total_payment_may"])
    return totals


@pytest.fixture(scope="module")
def result(example: dict[str, Any]) -> BookResult:
    return rc.load_policy(EXAMPLES / "kr_screengolf.toml").decide(example["load"](DATA), as_of=LAST_DAY)


def test_the_vips_are_those_that_a_loop_finds(paid: dict[str, int], result: BookResult) -> None:
    members = {decision.client_id for decision in result.vip_decisions("vip") if decision.is_eligible}
    assert members == {payer for payer, amount in paid.items() if amount >= LINE}
    assert (len(paid), len(members)) == (22_478, 3_822)


def test_who_paid_the_line_exactly_is_in_since_the_last_day_and_one_grain_less_is_out(
    paid: dict[str, int], result: BookResult
) -> None:
    on_the_line = [payer for payer, amount in paid.items() if amount == LINE]
    assert len(on_the_line) == 69
    decisions = [result.vip("vip", payer) for payer in on_the_line]
    assert {(decision.qualification, decision.first_eligible_on) for decision in decisions} == {("yes", LAST_DAY)}
    policy = rc.load_policy(EXAMPLES / "kr_screengolf.toml")
    below = policy.decide_facts({"best_month": str(LINE - 1)}, as_of=LAST_DAY).vip[0]
    assert below.shortfall == {"one month": {"best_month": Decimal(1)}}


def test_what_is_lacking_is_what_the_payments_lack(paid: dict[str, int], result: BookResult) -> None:
    lacking = {
        decision.client_id: decision.shortfall["one month"]["best_month"]
        for decision in result.vip_decisions("vip")
        if not decision.is_eligible
    }
    assert lacking == {payer: LINE - amount for payer, amount in paid.items() if amount < LINE}


def test_the_example_prints_what_it_promises(example: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    example["main"]([str(DATA)])
    printed = capsys.readouterr().out
    assert "22,478 payers, 3,822 VIPs as of 2024-05-31: 17.0%" in printed
    assert "exactly on the line of 100,000: 69, all of them in" in printed
    assert "path one month is missed by 100 in best_month" in printed
