"""What live tiers promise about speed: one update among many clients costs little more than among few (SEG-13)."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.policy import FactType, Vocabulary
from relcare.segmentation import LiveScheme, QuotaScheme, QuotaTier

WORDS = Vocabulary({"points": FactType(kind="integer", grain=Decimal(1))})
SCHEME = QuotaScheme(id="abc", tiers=[QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")], score="points")
UPDATES = 500
FEW = 10_000


def live(count: int) -> LiveScheme:
    draw = random.Random(7)
    rows = {f"c-{number:07}": {"points": draw.randrange(count)} for number in range(count)}
    return LiveScheme(SCHEME, rows, vocabulary=WORDS)


def updates(scheme: LiveScheme, count: int) -> Callable[[], None]:
    draw = random.Random(11)
    events = [(f"c-{draw.randrange(count):07}", {"points": draw.randrange(count)}) for _ in range(UPDATES)]

    def run() -> None:
        for client_id, row in events:
            scheme.update(client_id, row)

    return run


@pytest.mark.speed("one update of live tiers among 1,000,000 clients against one among 10,000", at_most=3)
def test_an_update_among_a_million_costs_at_most_three_times_one_among_ten_thousand(
    ratio: Callable[..., None], benchmark: BenchmarkFixture
) -> None:
    many = 1_000_000 if benchmark.enabled else 2 * FEW  # untimed, a smaller book will do
    ours, reference = updates(live(many), many), updates(live(FEW), FEW)
    ratio(ours, reference, note=lambda seconds: f"{seconds / UPDATES * 1e6:.0f} microseconds an update")
