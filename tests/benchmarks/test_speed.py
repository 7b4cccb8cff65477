"""What speed is promised of rules and of the first import, each as a ratio against a reference that does the same work."""

import random
import resource
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.policy import Core, FactType, Vocabulary, compile_for_rows, criterion, evaluate

Ratio = Callable[..., None]
TEXTS = [f"revenue >= {1_000 * n} and orders < {n + 5}" for n in range(1, 11)]
"""Ten rules; the grammars of the engines that they are measured against read them as they are."""
RULES = [criterion(text) for text in TEXTS]
WORDS = Vocabulary({"revenue": FactType(kind="integer", grain=Decimal(1)), "orders": FactType(kind="integer", grain=Decimal(1))})
BY_ENGINE = "the engines are not installed: they are in the dependency group `bench`"


def rows(count: int) -> list[dict[str, Core]]:
    """Clients as most books have them: many who buy little, few who buy much."""
    draw = random.Random(21)
    return [
        {"revenue": int(draw.lognormvariate(6.5, 1.2)), "orders": min(50, int(draw.lognormvariate(1, 0.8)))} for _ in range(count)
    ]


def by_hand(row: Any) -> tuple[bool, ...]:
    r, o = row["revenue"], row["orders"]
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


@pytest.mark.speed("ten rules against a function written by hand", at_most=1.5, goal=1.2)
def test_ten_rules_against_a_function_written_by_hand(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    compiled = compile_for_rows(RULES, WORDS, is_for_many=True)
    data = rows(20_000 if benchmark.enabled else 100)
    assert compiled(data) == [by_hand(row) for row in data]
    ratio(
        lambda: compiled(data),
        lambda: [by_hand(row) for row in data],
        rounds=30,
        is_collecting=False,
        note=lambda seconds: f"{seconds / len(data) * 1e9:.0f} ns a client",
    )


@pytest.mark.speed("ten rules against our plain interpreter", faster=10)
def test_ten_rules_against_the_plain_interpreter(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    compiled = compile_for_rows(RULES, WORDS, is_for_many=True)
    data = rows(2_000 if benchmark.enabled else 20)
    ratio(
        lambda: compiled(data), lambda: [tuple(evaluate(rule, row, WORDS) for rule in RULES) for row in data], is_collecting=False
    )


@pytest.mark.speed("ten rules against zen-engine", faster=30, goal=40)
def test_ten_rules_against_zen_engine(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    zen: Any = pytest.importorskip("zen", reason=BY_ENGINE)
    expressions = [zen.compile_expression(text) for text in TEXTS]  # its quickest form
    compiled = compile_for_rows(RULES, WORDS, is_for_many=True)
    data = rows(2_000 if benchmark.enabled else 20)

    def by_engine() -> list[tuple[bool, ...]]:
        return [tuple(expression.evaluate(row) for expression in expressions) for row in data]

    assert compiled(data) == by_engine()
    ratio(lambda: compiled(data), by_engine, rounds=30, is_collecting=False)


@pytest.mark.speed("ten rules against rule-engine", faster=120, goal=180)
def test_ten_rules_against_rule_engine(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    rule_engine: Any = pytest.importorskip("rule_engine", reason=BY_ENGINE)
    rules = [rule_engine.Rule(text) for text in TEXTS]
    compiled = compile_for_rows(RULES, WORDS, is_for_many=True)
    data = rows(2_000 if benchmark.enabled else 20)

    def by_engine() -> list[tuple[bool, ...]]:
        return [tuple(rule.matches(row) for rule in rules) for row in data]

    assert compiled(data) == by_engine()
    ratio(lambda: compiled(data), by_engine, rounds=10, is_collecting=False)


def statement_seconds(statement: str) -> float:
    """How long a processor is busy with a fresh interpreter that runs one statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


HELP = "from relcare.cli import main\ntry: main(['--help'])\nexcept SystemExit as end: assert not end.code"
FLOOR = "import attrs, pendulum"


@pytest.mark.parametrize(
    ("statement", "floor"),
    [
        pytest.param(
            "import relcare",
            FLOOR,
            marks=pytest.mark.speed("import relcare against import of attrs and pendulum", at_most=1.3, goal=1.2),
            id="import",
        ),
        pytest.param(
            "import relcare; relcare.Client",
            FLOOR,
            marks=pytest.mark.speed("first use of relcare.Client against import of attrs and pendulum", at_most=2, goal=1.3),
            id="first-use",
        ),
        pytest.param(
            HELP,
            f"{FLOOR}, click",
            marks=pytest.mark.speed("relcare --help against import of attrs, pendulum and click", at_most=1.6, goal=1.5),
            id="help",
        ),
    ],
)
def test_importing_relcare_against_importing_what_it_stands_on(
    benchmark: BenchmarkFixture, judge: Callable[..., None], statement: str, floor: str
) -> None:
    rounds = 15 if benchmark.enabled else 1
    pairs = [(statement_seconds(statement), statement_seconds(floor)) for _ in range(rounds)]
    ours, other = (median(times) for times in zip(*pairs, strict=True))
    benchmark.pedantic(statement_seconds, args=(statement,), rounds=3)  # type: ignore[no-untyped-call]
    judge(ours / max(other, 1e-9), f"{ours * 1e3:.0f} ms, of an interpreter that does nothing else")
