"""What speed is promised, each as a ratio against a reference that does the same work."""

import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from relcare.policy import Core, FactType, Vocabulary, compile_criteria, criterion, evaluate
from relcare.ranking import cuts, rank

Ratio = Callable[[Callable[[], Any], Callable[[], Any]], float]
SHARES = (Fraction(1, 5), Fraction(2, 5), Fraction(2, 5))
RULES = [criterion(f"revenue >= {1_000 * n} and orders < {n + 5}") for n in range(1, 11)]
WORDS = Vocabulary({"revenue": FactType(kind="integer", grain=Decimal(1)), "orders": FactType(kind="integer", grain=Decimal(1))})


def gate(benchmark: BenchmarkFixture, found: float, most: float) -> None:
    """Ratios are only judged where they are measured: a run without timing executes the work once."""
    if benchmark.enabled:
        assert found <= most, f"{found:.2f} times the reference, at most {most} allowed"


def test_quota_tiers_against_sorting_everybody(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    draw = random.Random(20)
    scores = {f"c{i:06}": draw.randrange(200) for i in range(100_000 if benchmark.enabled else 1_000)}
    at = cuts(len(scores), SHARES)

    def sorted_by_everybody() -> dict[str, int]:
        order = sorted(scores, key=lambda client_id: (-scores[client_id], client_id))
        return {client_id: 0 if i < at[0] else 1 if i < at[1] else 2 for i, client_id in enumerate(order)}

    def by_borders() -> dict[str, int | None]:
        return rank(scores, at).places()

    assert by_borders() == sorted_by_everybody()
    gate(benchmark, ratio(by_borders, sorted_by_everybody), 1.0)


def rows(count: int) -> list[tuple[Core, ...]]:
    draw = random.Random(21)
    return [(draw.randrange(12_000), draw.randrange(20)) for _ in range(count)]


def test_ten_rules_against_a_function_written_by_hand(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    compiled = compile_criteria(RULES, WORDS, ("revenue", "orders"))
    data = rows(20_000 if benchmark.enabled else 100)

    def by_hand(row: Any) -> tuple[bool, ...]:
        r, o = row
        return (
            r >= 1_000 and o < 6,
            r >= 2_000 and o < 7,
            r >= 3_000 and o < 8,
            r >= 4_000 and o < 9,
            r >= 5_000 and o < 10,
            r >= 6_000 and o < 11,
            r >= 7_000 and o < 12,
            r >= 8_000 and o < 13,
            r >= 9_000 and o < 14,
            r >= 10_000 and o < 15,
        )

    assert [compiled(row) for row in data] == [by_hand(row) for row in data]
    gate(benchmark, ratio(lambda: [compiled(row) for row in data], lambda: [by_hand(row) for row in data]), 1.5)


def test_ten_rules_against_the_plain_interpreter(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    compiled = compile_criteria(RULES, WORDS, ("revenue", "orders"))
    data = rows(2_000 if benchmark.enabled else 20)
    named = [dict(zip(("revenue", "orders"), row, strict=True)) for row in data]
    gate(
        benchmark,
        ratio(lambda: [compiled(row) for row in data], lambda: [[evaluate(rule, row, WORDS) for rule in RULES] for row in named]),
        0.1,
    )


def test_importing_relcare_against_importing_what_it_stands_on(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    def fresh(statement: str) -> Callable[[], Any]:
        return lambda: subprocess.run([sys.executable, "-c", statement], check=True)

    import resource

    def children(work: Callable[[], Any]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        work()
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    rounds = 5 if benchmark.enabled else 1
    ours = min(children(fresh("import relcare; relcare.Client")) for _ in range(rounds))
    floor = min(children(fresh("import attrs, pendulum")) for _ in range(rounds))
    benchmark.extra_info["ratio"] = round(ours / max(floor, 1e-9), 3)
    benchmark(fresh("import relcare"))
    gate(benchmark, ours / max(floor, 1e-9), 2.0)
