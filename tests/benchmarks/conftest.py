"""Speed as ratios within one run: what is measured and what it is measured against run in the same test, alternately."""

import gc
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture


@pytest.fixture
def ratio(benchmark: BenchmarkFixture) -> Callable[[Callable[[], Any], Callable[[], Any]], float]:
    """How many times as long ours takes as the reference: the best of several alternate runs of each.

    The benchmark fixture times ours for the report; the ratio is in its `extra_info`.
    """

    def measure(ours: Callable[[], Any], reference: Callable[[], Any], rounds: int = 5) -> float:
        def once(work: Callable[[], Any]) -> float:
            gc.collect()
            started = process_time()
            work()
            return process_time() - started

        pairs = [(once(ours), once(reference)) for _ in range(rounds if benchmark.enabled else 1)]
        benchmark(ours)
        found = min(pair[0] for pair in pairs) / max(min(pair[1] for pair in pairs), 1e-9)
        benchmark.extra_info["ratio"] = round(found, 3)
        return found

    return measure
