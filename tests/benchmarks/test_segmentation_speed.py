"""What quota tiers promise about speed: a border for each tier in place of a sort of everybody (SEG-2, SEG-3)."""

import random
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

import attrs
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.policy import FactType, Vocabulary
from relcare.ranking import cuts, rank_columns
from relcare.segmentation import QuotaScheme, QuotaTier, ScoreTerm, assign

Ratio = Callable[..., None]
WEIGHTS: Final = {"fit": 30, "need": 25, "budget": 20, "access": 15, "history": 10}
WORDS: Final = Vocabulary({fact: FactType(kind="integer", grain=Decimal(1)) for fact in WEIGHTS})
SCHEME: Final = QuotaScheme(
    id="abc",
    tiers=[QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")],
    score=[ScoreTerm(fact=fact, weight=weight) for fact, weight in WEIGHTS.items()],
)


@attrs.frozen(kw_only=True)
class Scored:
    """A client as a program of its own might hold it."""

    id: str
    fit: int
    need: int
    budget: int
    access: int
    history: int

    @property
    def score(self) -> int:
        return 30 * self.fit + 25 * self.need + 20 * self.budget + 15 * self.access + 10 * self.history


def rows(benchmark: BenchmarkFixture) -> dict[str, dict[str, int]]:
    """Facts from 0 to 100, by ids that are in no order."""
    draw = random.Random(20)
    numbers = list(range(1_000_000 if benchmark.enabled else 1_000))
    draw.shuffle(numbers)
    return {f"c-{number:07}": {fact: draw.randrange(101) for fact in WEIGHTS} for number in numbers}


def tiers(order: Iterable[str], count: int) -> dict[str, str]:
    """The tiers of clients in the order of their ranks."""
    best, good, _ = cuts(count, [tier.share for tier in SCHEME.tiers])
    return {client_id: "A" if place < best else "B" if place < good else "C" for place, client_id in enumerate(order)}


@pytest.mark.speed("quota tiers of 1,000,000 rows of facts against sorted with a key tuple", faster=3, goal=3.5)
def test_a_quota_scheme_over_rows(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    facts = rows(benchmark)

    def key(client_id: str) -> tuple[int, str]:
        row = facts[client_id]
        return -(30 * row["fit"] + 25 * row["need"] + 20 * row["budget"] + 15 * row["access"] + 10 * row["history"]), client_id

    def by_sorting() -> dict[str, str]:
        return tiers(sorted(facts, key=key), len(facts))

    def by_borders() -> dict[str, str]:
        return dict(assign(SCHEME, facts, vocabulary=WORDS, tiers_in_force={}).tiers.items())

    assert by_borders() == by_sorting()
    ratio(by_borders, by_sorting, rounds=3)


@pytest.mark.speed("quota tiers of 1,000,000 Python objects against sorted with a key tuple", faster=3, goal=3.5)
def test_borders_among_objects(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    objects = [Scored(id=client_id, **row) for client_id, row in rows(benchmark).items()]
    at = cuts(len(objects), [tier.share for tier in SCHEME.tiers])

    def by_sorting() -> dict[str, str]:
        order = sorted(objects, key=lambda one: (-one.score, one.id))
        return tiers((one.id for one in order), len(order))

    def by_borders() -> dict[str, str]:
        ranking = rank_columns([one.id for one in objects], [one.score for one in objects], at)
        return ranking.labelled(SCHEME.tier_ids, "C")

    assert by_borders() == by_sorting()
    ratio(by_borders, by_sorting, rounds=3)
