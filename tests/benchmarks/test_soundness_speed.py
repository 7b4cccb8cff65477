"""What a proof may cost: against a solver that answers the same questions, for a large table, and at worst."""

import random
import runpy
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.decisions import Policy
from relcare.policy import Fact, Vocabulary, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier
from relcare.soundness import prove

Ratio = Callable[..., None]
SOLVER: Final = Path(__file__).parents[1] / "oracle" / "solver.py"
FACTS: Final = (
    Fact(id="revenue", type="money", min="0", polarity="more"),
    Fact(id="orders", type="integer", min="0", polarity="more"),
    Fact(id="recency", type="integer", min="0", max="3650", polarity="less"),
    Fact(id="region", type="category", values=("direct", "partner", "reseller", "public")),
    Fact(id="is_key", type="flag"),
)
TWELVE: Final = (
    (
        "is_key",
        "revenue >= 100_000 and recency < 181",
        "50_000 <= revenue < 100_000 and orders >= 24 and recency < 91 and region in ('direct', 'partner')",
    ),
    (
        "revenue >= 100_000 and recency >= 181",
        "50_000 <= revenue < 100_000 and recency < 366",
        "10_000 <= revenue < 50_000 and orders >= 12 and recency < 181",
        "10_000 <= revenue < 50_000 and region == 'partner' and recency < 91",
    ),
    (
        "50_000 <= revenue < 100_000 and recency >= 366",
        "10_000 <= revenue < 50_000",
        "1_000 <= revenue < 10_000",
        "revenue < 1_000 and recency < 366",
        "revenue < 1_000 and recency >= 366",
    ),
)
"""Twelve rules over five facts for three tiers."""


def policy_of(whens: Sequence[str], facts: Sequence[Fact] = FACTS, otherwise: str | None = None) -> Policy:
    tiers = [ThresholdTier(f"T{at}", criterion(when)) for at, when in enumerate(whens)]
    scheme = ThresholdScheme(id="s", tiers=tiers, otherwise=otherwise)
    return Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=facts, segmentation=[scheme])


def solving(policy: Policy) -> Callable[[], Any]:
    """All questions about the scheme, each put to a solver of its own."""
    pytest.importorskip("z3", reason="z3-solver is not installed: it is in the dependency group `oracle`")
    verdicts = runpy.run_path(str(SOLVER))["verdicts_of_scheme"]
    words = Vocabulary({fact.id: fact.fact_type for fact in policy.facts})
    return lambda: verdicts(policy.segmentation[0], words)


@pytest.mark.speed("all questions on twelve rules of three tiers against z3", faster=20, goal=50)
def test_all_questions_on_twelve_rules_of_three_tiers_against_a_solver(ratio: Ratio) -> None:
    """The rules joined to three criteria: the solver has half as many questions to answer, the proof the same work on cells."""
    policy = policy_of([" or ".join(f"({rule})" for rule in rules) for rules in TWELVE])
    solve = solving(policy)
    assert prove(policy).is_sound
    assert not any(solve().values())
    ratio(lambda: prove(policy), solve)


@pytest.mark.speed("all questions on twelve rules of twelve tiers against z3", faster=50)
def test_all_questions_on_twelve_rules_of_twelve_tiers_against_a_solver(ratio: Ratio) -> None:
    """Each rule a tier of its own: the most outcomes that twelve rules can have to be compared."""
    policy = policy_of([rule for rules in TWELVE for rule in rules])
    solve = solving(policy)
    assert prove(policy).is_sound
    assert not any(solve().values())
    ratio(lambda: prove(policy), solve)


def test_four_hundred_rules_like_a_decision_table(benchmark: BenchmarkFixture) -> None:
    """About a second; printed, and not judged."""
    rows, columns = (20, 20) if benchmark.enabled else (4, 5)
    bands = [f"revenue >= {10_000 * (rows - row - 1)}" for row in range(rows)]
    bands = [band if not row else f"{band} and revenue < {10_000 * (rows - row)}" for row, band in enumerate(bands)]
    spans = [
        f"recency >= {30 * column}" + (f" and recency < {30 * (column + 1)}" if column + 1 < columns else "")
        for column in range(columns)
    ]
    policy = policy_of([f"{band} and {span}" for band in bands for span in spans])
    report = benchmark(prove, policy)
    assert report.is_sound


@pytest.mark.speed("a proof that is given up against one that is not", at_most=500)
def test_a_proof_that_is_given_up_against_one_that_is_not(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    """Rules that overlap in every fact can have exponentially many cases: the budget is what such a proof costs at most."""
    count = 7 if benchmark.enabled else 3
    draw = random.Random(1)
    facts = [Fact(id=f"fact_{at}", type="integer", min="0", max="100", polarity="more") for at in range(count)]
    whens = []
    for _ in range(count):
        parts = []
        for fact in draw.sample(facts, min(4, count)):
            low = draw.randrange(0, 60)
            parts.append(f"{low} <= {fact.id} < {low + draw.randrange(5, 40)}")
        whens.append(" and ".join(parts))
    nasty, plain = (
        policy_of(whens, facts, otherwise="rest"),
        policy_of([" or ".join(f"({rule})" for rule in rules) for rules in TWELVE]),
    )
    ratio(lambda: prove(nasty, budget=1_000), lambda: prove(plain))
