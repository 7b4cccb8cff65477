"""Contacts to days: against every plan there is, where there are few, and against a flow in tests/oracle."""

import random
from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from relcare.planning._levelling import level
from relcare.planning._levelling_bound import bound_of
from relcare.planning._levelling_different import level_different
from relcare.planning._levelling_equal import level_equal
from relcare.planning._levelling_jobs import NOWHERE, Job, densities


def every_plan(jobs: Sequence[Job], free: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All places that keep within the days and their minutes."""
    for places in product(*((NOWHERE, *job.days) for job in jobs)):
        used = [0] * len(free)
        for job, place in zip(jobs, places, strict=True):
            if place != NOWHERE:
                used[place] += job.minutes
        if all(minutes <= most for minutes, most in zip(used, free, strict=True)):
            yield places


def worth(jobs: Sequence[Job], places: Sequence[int]) -> tuple[int, int]:
    """Weight, and the cost of moves below zero: the more the better."""
    placed = [(job, place) for job, place in zip(jobs, places, strict=True) if place != NOWHERE]
    return sum(job.weight for job, _ in placed), -sum(job.price for job, place in placed if place != job.preferred)


def small(seed: int, lengths: Sequence[int]) -> tuple[list[Job], list[int]]:
    draw = random.Random(seed)
    days = draw.randint(1, 4)
    jobs: list[Job] = []
    for _ in range(draw.randint(1, 5)):
        allowed = sorted(draw.sample(range(days), draw.randint(1, days)))
        price = draw.choice((1, 1, 6))
        jobs.append(Job(draw.choice((1, 1, 2, 5)), draw.choice(lengths), allowed, draw.choice(allowed), price))
    return jobs, [draw.choice((0, 10, 20, 30)) for _ in range(days)]


@pytest.mark.parametrize("seed", range(200))
def test_equal_jobs_have_the_best_of_all_plans(seed: int) -> None:
    jobs, free = small(seed, [10])
    found = level(jobs, free)
    assert found.is_exact
    assert worth(jobs, found.places) == max(worth(jobs, places) for places in every_plan(jobs, free))
    assert found.bound == found.weight == worth(jobs, found.places)[0]


@pytest.mark.parametrize("seed", range(200))
def test_different_jobs_have_a_plan_that_is_possible_and_a_bound_that_no_plan_exceeds(seed: int) -> None:
    jobs, free = small(seed, [5, 10, 15])
    plans = list(every_plan(jobs, free))
    places = tuple(level_different(jobs, free))
    assert places in plans
    assert worth(jobs, places)[0] <= max(worth(jobs, one)[0] for one in plans) <= bound_of(jobs, free)


@pytest.mark.parametrize("seed", range(200))
def test_no_single_move_or_exchange_would_gain_weight(seed: int) -> None:
    jobs, free = small(seed, [5, 10, 15])
    places = level_different(jobs, free)
    left = [job for job, place in zip(jobs, places, strict=True) if place == NOWHERE]
    used = [sum(j.minutes for j, place in zip(jobs, places, strict=True) if place == day) for day in range(len(free))]
    for job in left:
        for day in job.days:
            short = job.minutes - (free[day] - used[day])
            assert short > 0
            others = [j for j, place in zip(jobs, places, strict=True) if place == day and j.minutes >= short]
            assert all(other.weight >= job.weight for other in others)


def test_a_job_stays_on_its_preferred_day_while_there_is_room() -> None:
    assert level_equal([Job(1, 1, [0, 1, 2], 1), Job(1, 1, [0, 1, 2], 2)], [1, 1, 1]) == [1, 2]


def test_the_heavier_job_keeps_the_day_and_the_lighter_one_goes_next_to_it() -> None:
    assert level_equal([Job(1, 1, [0, 1, 2], 1), Job(5, 1, [0, 1, 2], 1)], [1, 1, 1]) == [2, 1]


def test_of_equal_jobs_the_earlier_one_keeps_the_day() -> None:
    assert level_equal([Job(1, 1, [1], 1), Job(1, 1, [1], 1)], [1, 1]) == [1, NOWHERE]


def test_a_lighter_job_never_displaces_a_heavier_one() -> None:
    jobs = [Job(1, 1, [0], 0), Job(1, 1, [0], 0), Job(3, 1, [0], 0)]
    assert level_equal(jobs, [1]) == [NOWHERE, NOWHERE, 0]


def test_jobs_move_on_to_make_room_for_one_that_has_no_other_day() -> None:
    jobs = [Job(3, 1, [0, 1], 0), Job(3, 1, [1, 2], 1), Job(1, 1, [0], 0)]
    assert level_equal(jobs, [1, 1, 1]) == [1, 2, 0]


def test_of_equally_heavy_jobs_that_exclude_each_other_the_one_that_saves_a_move_stays() -> None:
    moved, settled = Job(1, 1, [0, 1], 1), Job(1, 1, [0], 0)
    assert level_equal([moved, settled], [1, 0]) == [NOWHERE, 0]


def test_a_job_that_is_dear_to_move_stays_and_a_cheap_one_moves() -> None:
    cheap, dear = Job(5, 1, [0, 1], 0), Job(1, 1, [0, 1], 0, price=9)
    assert level_equal([cheap, dear], [1, 1]) == [1, 0]


def test_different_jobs_that_all_have_their_preferred_day_could_not_be_better_off() -> None:
    assert level([Job(1, 10, [0, 1], 0), Job(1, 20, [0, 1], 1)], [20, 20]).is_exact
    assert not level([Job(1, 10, [0, 1], 0), Job(1, 20, [0, 1], 0)], [20, 20]).is_exact


def test_without_jobs_or_days_there_is_nothing_to_place() -> None:
    assert (level([], [10]).places, level([], []).bound) == ([], 0)


def test_the_bound_cuts_jobs_into_minutes() -> None:
    # 30 minutes for two jobs of 20: one and a half of them.
    jobs = [Job(2, 20, [0], 0), Job(2, 20, [0], 0), Job(1, 5, [0], 0)]
    assert bound_of(jobs, [30]) == 3


def test_the_bound_leaves_out_a_job_that_no_day_can_hold() -> None:
    assert bound_of([Job(9, 50, [0, 1], 0)], [40, 40]) == 0


def test_the_bound_moves_minutes_to_make_room() -> None:
    jobs = [Job(4, 10, [0, 1], 0), Job(3, 10, [1, 2], 1), Job(2, 10, [0], 0)]
    assert bound_of(jobs, [10, 10, 10]) == 9


def test_densities_are_whole_and_compare_as_weight_a_minute_does() -> None:
    assert densities([Job(1, 10, [0], 0), Job(2, 15, [0], 0), Job(1, 6, [0], 0)]) == [3, 4, 5]


def test_a_different_job_moves_another_one_rather_than_going_without() -> None:
    jobs = [Job(5, 10, [0, 1], 0), Job(1, 15, [0], 0)]
    assert level_different(jobs, [15, 10]) == [1, 0]


def test_a_different_job_takes_the_place_of_a_lighter_one() -> None:
    # A short one goes first by its weight a minute; the long one weighs more.
    jobs = [Job(2, 5, [0], 0), Job(3, 10, [0], 0)]
    assert level_different(jobs, [10]) == [NOWHERE, 0]
