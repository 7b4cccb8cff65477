"""Contacts to days: the integers of a plan, for one member of staff at a time (PLN-2).

A contact has days on which it is allowed, a preferred one among them, a length and a weight. Days are places in a row, lengths
and free minutes whole numbers. Who plans for many people asks once for each: their days have nothing to do with each other.
"""

from collections.abc import Sequence

import attrs

from relcare.planning._levelling_bound import bound_of
from relcare.planning._levelling_different import level_different
from relcare.planning._levelling_equal import level_equal
from relcare.planning._levelling_jobs import NOWHERE, Job

__all__ = ["Levelled", "level"]


@attrs.frozen(kw_only=True, eq=False)
class Levelled:
    """What came of it.

    Attributes:
        places: The day of each job, in their order; `NOWHERE` for those that found none.
        is_exact: Whether it is the optimum.
        weight: Of the jobs that found a day.
        bound: No other plan has more weight.
        moves: How many jobs stand on another day than the preferred one.
    """

    places: Sequence[int]
    is_exact: bool
    weight: int
    bound: int
    moves: int


def level(jobs: Sequence[Job], free: Sequence[int]) -> Levelled:
    """The days of one member of staff's contacts: the most weight first, then the least cost of moves.

    Where all jobs take equally long the answer is the optimum, and so it is where each has its preferred day. Else the question
    is a packing problem that nobody answers exactly in reasonable time: a greedy answer is improved step by step, and `bound`
    says how good it is at least.

    Args:
        jobs: In an order that settles ties: of equal ones the earlier goes first.
        free: The minutes that are free on each day, from 0.

    Source: PLN-2.
    """
    lengths = {job.minutes for job in jobs}
    is_equal = len(lengths) <= 1
    if is_equal:
        length = lengths.pop() if lengths else 1
        places = level_equal(jobs, [minutes // length for minutes in free])
    else:
        places = level_different(jobs, free)
    is_perfect = all(place == job.preferred for job, place in zip(jobs, places, strict=True))
    weight = sum(job.weight for job, place in zip(jobs, places, strict=True) if place != NOWHERE)
    return Levelled(
        places=places,
        is_exact=is_equal or is_perfect,
        weight=weight,
        bound=weight if is_equal or NOWHERE not in places else bound_of(jobs, free),
        moves=sum(place not in {NOWHERE, job.preferred} for job, place in zip(jobs, places, strict=True)),
    )
