"""Random plans, levelled by ours and by a minimum-cost flow: as much weight on time, and as few moves (PLN-2).

A slice runs with the other tests; `RELCARE_ORACLE_PLANS` asks for thousands. Without the solver they are skipped: small plans
are compared with every plan there is in tests/unit/test_levelling.py.
"""

import os
import random
from collections.abc import Sequence
from typing import Any, Final

import pytest

from relcare.planning._levelling import level
from relcare.planning._levelling_jobs import NOWHERE, Job

PLANS: Final = int(os.environ.get("RELCARE_ORACLE_PLANS", "152"))
CHUNKS: Final = 8
LENGTH: Final = 15


def random_plan(seed: int) -> tuple[list[Job], list[int]]:
    """Jobs of one length on days of different room, some of them closed; some jobs were planned before and are dear to move."""
    draw = random.Random(seed)
    days = draw.randint(6, 40)
    most = draw.randint(1, 8)
    free = [draw.choice((0, most * LENGTH, most * LENGTH, most * LENGTH + 7)) for _ in range(days)]
    count = int(days * most * draw.uniform(0.6, 1.6))
    jobs: list[Job] = []
    for _ in range(count):
        due = draw.choice((draw.randrange(days), draw.randrange(days) // 5 * 5))
        allowed: Sequence[int] = range(max(0, due - draw.randint(0, 3)), min(days, due + draw.randint(0, 6) + 1))
        if draw.random() < 0.3:  # days in between that the client does not permit
            allowed = sorted({due, *(day for day in allowed if draw.random() < 0.6)})
        price = count + 1 if draw.random() < 0.3 else 1
        jobs.append(Job(draw.choice((1, 1, 3, 5)), LENGTH, allowed, draw.choice(allowed) if price > 1 else due, price))
    return jobs, free


def best_by_flow(jobs: Sequence[Job], free: Sequence[int]) -> tuple[int, int]:
    """The most weight and the least cost of moves: jobs flow over their days, or past them at no gain."""
    flow: Any = pytest.importorskip("ortools.graph.python.min_cost_flow")
    worth = 1 + sum(job.price for job in jobs)
    solver = flow.SimpleMinCostFlow()
    first_day, sink = len(jobs), len(jobs) + len(free)
    for number, job in enumerate(jobs):
        for day in job.days:
            cost = (0 if day == job.preferred else job.price) - job.weight * worth
            solver.add_arc_with_capacity_and_unit_cost(number, first_day + day, 1, cost)
        solver.add_arc_with_capacity_and_unit_cost(number, sink, 1, 0)
        solver.set_node_supply(number, 1)
    for day, minutes in enumerate(free):
        solver.add_arc_with_capacity_and_unit_cost(first_day + day, sink, minutes // LENGTH, 0)
    solver.set_node_supply(sink, -len(jobs))
    assert solver.solve() == solver.OPTIMAL
    weight = -(solver.optimal_cost() // worth)
    return weight, weight * worth + solver.optimal_cost()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_equal_jobs_are_levelled_as_well_as_by_a_minimum_cost_flow(chunk: int) -> None:
    for seed in range(chunk, PLANS, CHUNKS):
        jobs, free = random_plan(seed)
        found = level(jobs, free)
        assert found.is_exact
        cost = sum(job.price for job, place in zip(jobs, found.places, strict=True) if place not in {NOWHERE, job.preferred})
        assert (found.weight, cost) == best_by_flow(jobs, free), f"seed {seed}"
