"""The music retailer's customers: segments, VIPs and two years of tiers, each worked out a second time by loops and sorting."""

import os
import runpy
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

import relcare as rc
from relcare.decisions import BookResult
from relcare.review import Simulation, history

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
DATA = Path(os.environ.get("RELCARE_DATA", "")) / "cdnow"
LAST_DAY: Final = date(1998, 6, 30)
BANDS: Final = {"0%": Fraction(0), "5%": Fraction(1, 20), "10%": Fraction(1, 10), "20%": Fraction(1, 5)}
FIRST_WORKING_DAYS: Final = [
    *(date(1997, month, day) for month, day in enumerate((2, 3, 3, 1, 1, 2, 1, 1, 2, 1, 3, 1), 1)),
    *(date(1998, month, day) for month, day in enumerate((2, 2, 2, 1, 1, 1, 1, 3, 1, 1, 2, 1), 1)),
]
"""Without weekends, New Year and Labor Day."""

pytestmark = [
    pytest.mark.skipif(
        "RELCARE_DATA" not in os.environ or not DATA.is_dir(), reason="RELCARE_DATA names no folder with the retailer's purchases"
    ),
    # What they share takes half a minute to make.
    pytest.mark.xdist_group("cdnow"),
]

Bought = Mapping[str, Sequence[tuple[date, int]]]
Spent = Mapping[date, Mapping[str, int]]


@pytest.fixture(scope="module")
def bought() -> Bought:
    """Day and cents of every purchase by customer, in order, by nothing but the table."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for line in (DATA / "CDNOW_master.txt").read_text(encoding="ascii").splitlines()[1:]:
        if line.strip():
            number, day, _, dollars = line.split()
            whole, cents = dollars.split(".")
            found[f"customer-{number}"].append(
                (date(int(day[:4]), int(day[4:6]), int(day[6:])), 100 * int(whole) + int(cents.ljust(2, "0")))
            )
    return {customer: sorted(events) for customer, events in found.items()}


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "cdnow.py"))


@pytest.fixture(scope="module")
def book(example: dict[str, Any]) -> rc.Book:
    found = example["load"](DATA)
    assert isinstance(found, rc.Book)
    return found


@pytest.fixture(scope="module")
def policy() -> rc.Policy:
    return rc.load_policy(EXAMPLES / "cdnow.toml")


@pytest.fixture(scope="module")
def result(policy: rc.Policy, book: rc.Book) -> BookResult:
    return policy.decide(book, as_of=LAST_DAY)


@pytest.fixture(scope="module")
def simulations(example: dict[str, Any], policy: rc.Policy, book: rc.Book) -> dict[str, Simulation]:
    found = example["rehearsed"](policy, book)
    assert isinstance(found, dict)
    return found


def cut_at(count: int, share: Fraction) -> int:
    """The nearest whole number, half up."""
    return min(count, int(count * share + Fraction(1, 2)))


def in_order(scores: Mapping[str, int]) -> list[str]:
    return sorted(scores, key=lambda customer: (-scores[customer], customer))


def test_the_book_has_every_purchase_of_every_customer(bought: Bought, book: rc.Book) -> None:
    assert (len(book.clients), len(book.purchases)) == (len(bought), sum(map(len, bought.values()))) == (23_570, 69_659)
    cents = sum(amount for events in bought.values() for _, amount in events)
    assert sum(purchase.amount.amount for purchase in book.purchases) == Decimal(cents) / 100


class TestVips:
    def test_first_days_are_those_that_a_loop_finds(self, bought: Bought, result: BookResult) -> None:
        expected: dict[str, date] = {}
        for customer, events in bought.items():
            months: dict[tuple[int, int], int] = defaultdict(int)
            for day, cents in events:
                months[day.year, day.month] += cents
                if cents >= 20_000 or months[day.year, day.month] >= 40_000:
                    expected.setdefault(customer, day)
        found = {d.client_id: d.first_eligible_on for d in result.vip_decisions("vip") if d.is_eligible}
        assert found == expected
        assert len(found) == 330

    def test_each_path_has_those_that_a_loop_finds(self, bought: Bought, result: BookResult) -> None:
        held: dict[str, set[str]] = defaultdict(set)
        for decision in result.vip_decisions("vip"):
            for path in decision.paths:
                if path.answer == "yes":
                    held[path.id].add(str(decision.client_id))
        assert held["one purchase"] == {c for c, events in bought.items() if max(cents for _, cents in events) >= 20_000}
        months: dict[tuple[str, int, int], int] = defaultdict(int)
        for customer, events in bought.items():
            for day, cents in events:
                months[customer, day.year, day.month] += cents
        assert held["one month"] == {customer for (customer, _, _), cents in months.items() if cents >= 40_000}
        assert {path: len(customers) for path, customers in held.items()} == {"one purchase": 308, "one month": 95}


def quintiles(scores: Mapping[str, int]) -> dict[str, int]:
    """5 for the best fifth; equals whom a cut would part go up together."""
    order, found = in_order(scores), dict[str, int]()
    cuts = [cut_at(len(order), Fraction(part, 5)) for part in (1, 2, 3, 4)]
    lowest = [scores[order[cut - 1]] for cut in cuts]
    for customer in order:
        found[customer] = next((5 - part for part, score in enumerate(lowest) if scores[customer] >= score), 1)
    return found


class TestSegments:
    def test_quintiles_are_those_of_a_sort(self, bought: Bought, result: BookResult) -> None:
        scores = {
            "recency": {customer: -(LAST_DAY - events[-1][0]).days for customer, events in bought.items()},
            "frequency": {customer: len(events) for customer, events in bought.items()},
            "money": {customer: sum(cents for _, cents in events) for customer, events in bought.items()},
        }
        for grade, by_customer in scores.items():
            assert result.grades[grade].grades == quintiles(by_customer)

    def test_segments_follow_from_the_quintiles(self, result: BookResult) -> None:
        names = {1: "low", 2: "low", 3: "mid", 4: "mid", 5: "top"}
        table = {
            "low": ("lost", "at risk", "at risk"),
            "mid": ("promising", "loyal", "loyal"),
            "top": ("promising", "loyal", "champion"),
        }
        columns = list(table)
        recency, money = (result.grades[grade].grades for grade in ("recency", "money"))
        assert result.schemes["rfm"].tiers == {
            customer: table[names[recency[customer]]][columns.index(names[money[customer]])] for customer in recency
        }
        assert result.schemes["rfm"].sizes["champion"] == 2_817

    def test_equals_at_a_cut_are_reported(self, result: BookResult) -> None:
        assert [(len(tie.client_ids), tie.value) for tie in result.grades["money"].ties] == [
            (2, Decimal("133.95")),
            (6, Decimal("31.35")),
            (424, Decimal("15.36")),
        ]


def year_before(day: date) -> date:
    """The first day of the twelve months that end with a day."""
    following = day + timedelta(days=1)
    return following.replace(year=following.year - 1)


def places(scores: Mapping[str, int], band: Fraction) -> dict[str, int]:
    """The tier of everybody as a number, with shares of 20 % and 60 % wider by a band; equals at a cut go down together."""
    order = in_order(scores)
    reached: list[float] = []
    for share in (Fraction(1, 5), Fraction(3, 5)):
        cut = cut_at(len(order), share + band)
        last, following = scores[order[cut - 1]] if cut else float("inf"), scores[order[cut]] if cut < len(order) else -1
        reached.append(last if last > following else min((s for s in scores.values() if s > last), default=float("inf")))
    return {customer: next((at for at, score in enumerate(reached) if scores[customer] >= score), 2) for customer in order}


@pytest.fixture(scope="module")
def spent(bought: Bought) -> Spent:
    """What everybody who had bought by then spent in the twelve months until each review."""
    return {
        day: {
            customer: sum(cents for on, cents in events if first <= on <= day)
            for customer, events in bought.items()
            if events[0][0] <= day
        }
        for first, day in ((year_before(day), day) for day in FIRST_WORKING_DAYS)
    }


def by_hand(spent: Spent, band: Fraction) -> tuple[list[tuple[date, int]], list[dict[str, int]]]:
    """The moves of each review, and the tiers after it."""
    moves: list[tuple[date, int]] = []
    tiers: list[dict[str, int]] = [{}]
    for day, scores in spent.items():
        proposed, wider, before = places(scores, Fraction(0)), places(scores, band), tiers[-1]
        after = {
            customer: min(there, max(before[customer], wider[customer])) if before.get(customer, 2) < there else there
            for customer, there in proposed.items()
        }
        moves.append((day, sum(before[customer] != after[customer] for customer in before)))
        tiers.append(after)
    return moves, tiers[1:]


class TestReviews:
    @pytest.mark.parametrize("band", BANDS)
    def test_two_years_of_reviews_move_whom_a_loop_moves(
        self, spent: Spent, simulations: dict[str, Simulation], band: str
    ) -> None:
        moves, tiers = by_hand(spent, BANDS[band])
        found = simulations[band]
        assert list(found.moves) == moves
        for review, expected in zip(found.reviews, tiers, strict=True):
            counts = Counter(expected.values())
            assert review.sizes["abc"] == {tier: counts[place] for place, tier in enumerate("ABC")}
        standing = {s.client_id: "ABC".index(s.tier) for s in found.book.tier_spells if s.end_on is None}
        assert standing == tiers[-1]

    def test_transitions_count_every_customer_once(
        self, policy: rc.Policy, spent: Spent, simulations: dict[str, Simulation]
    ) -> None:
        _, tiers = by_hand(spent, Fraction(0))
        (scheme,) = (scheme for scheme in policy.segmentation if scheme.id == "abc")
        told = history(scheme, simulations["0%"].book, from_on=date(1998, 1, 31), until_on=date(1998, 12, 31))
        expected = Counter((("ABC"[tiers[12][customer]], "ABC"[place]) for customer, place in tiers[-1].items()))
        assert told.transitions == expected
        assert told.stability == Fraction(sum(count for (a, b), count in expected.items() if a == b), 23_570)

    def test_a_wider_band_moves_fewer(self, simulations: dict[str, Simulation]) -> None:
        churns = [simulations[band].expected_churn for band in BANDS]
        assert churns == sorted(churns, key=lambda churn: churn or 0, reverse=True)
        assert len(set(churns)) == len(BANDS)


def test_the_example_prints_what_it_promises(
    example: dict[str, Any], result: BookResult, simulations: dict[str, Simulation], capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("show_segments", "show_vips", "show_borders"):
        example[part](result)
    example["show_churn"](simulations)
    printed = capsys.readouterr().out
    assert "424 with 15.36 stand at a cut" in printed
    assert "VIPs as of 1998-06-30: 95 by one month, 308 by one purchase, 330 by either" in printed
    assert "customer-00020 qualifies for programme vip since 1997-01-01" in printed
    assert "the cut below B runs through 15,238 customers with 0.00: 15,238 in C" in printed
