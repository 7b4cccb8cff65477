"""What planning promises about speed: equal contacts against a flow solver, different ones by the greedy, one owner by itself."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.model import Obligation, Obligations
from relcare.planning import plan
from relcare.planning._levelling import level
from relcare.planning._levelling_different import level_different
from relcare.planning._levelling_jobs import NOWHERE, Job

Ratio = Callable[..., None]
DAYS = 60
EACH = 500
FIRST = date(2026, 3, 30)


def owners(count: int, lengths: Sequence[int]) -> list[list[Job]]:
    """So many owners with 500 contacts in 60 days, most of them due on Mondays."""
    draw = random.Random(11)
    found: list[list[Job]] = []
    for _ in range(count):
        jobs: list[Job] = []
        for due in draw.choices(range(DAYS), [3, 1.3, 1, 1, 0.8] * (DAYS // 5), k=EACH):
            days = range(max(0, due - draw.randrange(4)), min(DAYS, due + draw.randrange(2, 7)))
            jobs.append(Job(draw.choices((5, 3, 1), (1, 2, 2))[0], draw.choice(lengths), days, due))
        found.append(jobs)
    return found


def by_flow(jobs: Sequence[Job], room: int) -> int:
    """One owner's minimum-cost flow, handed over in whole arrays as the solver likes it best."""
    numpy: Any = pytest.importorskip("numpy")
    flow: Any = pytest.importorskip("ortools.graph.python.min_cost_flow")
    count, worth = len(jobs), 1_000
    tails = [number for number, job in enumerate(jobs) for _ in job.days]
    heads = [count + day for job in jobs for day in job.days]
    costs = [(day != job.preferred) - job.weight * worth for job in jobs for day in job.days]
    sink, days = count + DAYS, list(range(count, count + DAYS))
    solver = flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        numpy.array([*tails, *range(count), *days]),
        numpy.array([*heads, *[sink] * (count + DAYS)]),
        numpy.array([1] * (len(tails) + count) + [room] * DAYS),
        numpy.array([*costs, *[0] * (count + DAYS)]),
    )
    solver.set_nodes_supplies(numpy.array([*range(count), sink]), numpy.array([1] * count + [-count]))
    assert solver.solve() == solver.OPTIMAL
    return int(solver.optimal_cost())


def cost(jobs: Sequence[Job], places: Sequence[int]) -> int:
    return sum((place != job.preferred) - job.weight * 1_000 for job, place in zip(jobs, places, strict=True) if place != NOWHERE)


@pytest.mark.speed("a plan of 50,000 equal contacts against a flow solver", at_most=2)
def test_fifty_thousand_equal_contacts_within_twice_the_flow_solver(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    pytest.importorskip("ortools", reason="ortools is not installed: it is in the dependency group `solver`")
    asked = owners(100 if benchmark.enabled else 1, [1])
    assert [cost(jobs, level(jobs, [8] * DAYS).places) for jobs in asked] == [by_flow(jobs, 8) for jobs in asked]
    ratio(lambda: [level(jobs, [8] * DAYS) for jobs in asked], lambda: [by_flow(jobs, 8) for jobs in asked])


@pytest.mark.speed("a plan of 10,000 contacts of different lengths against equal ones", faster=2)
def test_contacts_of_different_lengths_are_faster_than_equal_ones(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    asked = owners(20 if benchmark.enabled else 1, [15, 30, 45, 60, 90])
    room = [int(sum(job.minutes for job in jobs) / DAYS / 1.04) for jobs in asked]
    equal = owners(len(asked), [1])
    ratio(
        lambda: [level_different(jobs, [minutes] * DAYS) for jobs, minutes in zip(asked, room, strict=True)],
        lambda: [level(jobs, [8] * DAYS) for jobs in equal],
        note=lambda seconds: f"{len(asked) * EACH / seconds:,.0f} contacts a second",
    )


def owed(count: int, staff: int) -> Obligations:
    draw = random.Random(3)
    found: list[Obligation] = []
    for n in range(count):
        due, who = FIRST + timedelta(days=draw.randrange(28)), f"s{n % staff:03}"
        found.append(
            Obligation(
                key=f"c{n}/call/first",
                client_id=f"c{n}",
                rule_id="call",
                rule_ids=("call",),
                owner_id=who,
                staff_id=who,
                attributed_to=None,
                channel="call",
                role="account manager",
                minutes=30,
                priority=draw.randrange(3),
                state="upcoming",
                never_contacted=True,
                last_contact_on=None,
                interval="1 month",
                interval_days=Decimal(30),
                earliest_on=due - timedelta(days=2),
                due_on=due,
                latest_on=due + timedelta(days=4),
                overdue_days=0,
                policy_id="house",
                policy_version="1",
                as_of=FIRST,
            )
        )
    return Obligations(found)


@pytest.mark.speed("one of fifty owners planned anew against all of them", faster=3)
def test_planning_one_of_fifty_anew_costs_little_and_touches_nobody_else(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    count = 12_000 if benchmark.enabled else 300
    asked, until = owed(count, 50), FIRST + timedelta(days=27)
    before = plan(asked, as_of=FIRST, until=until)
    changed = Obligations([one for one in asked if one.key != "c7/call/first"], is_sorted=True)

    def one_anew() -> Any:
        return plan(changed, as_of=FIRST, until=until, previous=before, staff_ids=["s007"])

    after = one_anew()
    kept = {slot.key: slot for slot in before if slot.staff_id != "s007"}
    assert all(kept[slot.key] is slot for slot in after if slot.staff_id != "s007")
    ratio(one_anew, lambda: plan(changed, as_of=FIRST, until=until))
