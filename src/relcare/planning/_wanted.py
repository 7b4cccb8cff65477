"""What is to be planned: obligations with their days as numbers, as they are or with their intervals stretched (PLN-2, PLN-3)."""

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final

import attrs

from relcare._time import Every
from relcare.model import Obligation, Reason
from relcare.planning._capacity import Capacity
from relcare.planning._weights import Weights

__all__ = ["AS_IT_IS", "Wanted", "base_staff", "stretched", "wanted_of"]

AS_IT_IS: Final = 100
"""Percent of an interval that is not stretched."""

_ROLLING: Final = frozenset({"cadence.last_contact", "cadence.never_contacted"})


@attrs.frozen(kw_only=True, eq=False)
class Wanted:
    """One contact to be planned.

    Attributes:
        obligation: What is owed, or foreseen.
        staff_id: Whose work it is while nobody is away, or None.
        weight: What it weighs.
        minutes: How long it takes.
        rank: Its place in the order that settles ties.
        earliest: The first of its days, an ordinal.
        due: The day on which it is due.
        latest: The last day on which it is on time.
        is_projected: Whether it is a later occurrence.
        reasons: What was done to its days.
    """

    obligation: Obligation
    staff_id: str | None
    weight: int
    minutes: int
    rank: int
    earliest: int
    due: int
    latest: int
    is_projected: bool
    reasons: tuple[Reason, ...] = ()


def wanted_of(obligation: Obligation, *, rank: int, weights: Weights, capacity: Capacity, is_projected: bool = False) -> Wanted:
    """An obligation as it is."""
    return Wanted(
        obligation=obligation,
        staff_id=base_staff(obligation),
        weight=weights.of(obligation),
        minutes=capacity.minutes_for(obligation.minutes),
        rank=rank,
        earliest=obligation.earliest_on.toordinal(),
        due=obligation.due_on.toordinal(),
        latest=obligation.latest_on.toordinal(),
        is_projected=is_projected,
    )


def base_staff(obligation: Obligation) -> str | None:
    """Whose work it is while nobody is away: a deputy's is given back, for it is decided for each day anew (PLN-6)."""
    for reason in obligation.reasons:
        if reason.code == "role.deputy":
            absent = reason.values.get("absent")
            return absent if isinstance(absent, str) else obligation.staff_id
    return obligation.staff_id


def stretched(one: Wanted, percent: int) -> Wanted:
    """The same with its interval multiplied; dates that are not counted from the last contact stay as they are (PLN-3)."""
    if percent == AS_IT_IS or not any(reason.code in _ROLLING for reason in one.obligation.reasons):
        return one
    times = 1 + _occurrence(one.obligation)
    days = ceil(_average(one.obligation.interval) * times * (percent - AS_IT_IS) / 100)
    reason = Reason("plan.stretched", {}, {"percent": percent, "due": one.obligation.due_on, "days": days})
    return attrs.evolve(
        one, earliest=one.earliest + days, due=one.due + days, latest=one.latest + days, reasons=(*one.reasons, reason)
    )


def _occurrence(obligation: Obligation) -> int:
    """Which later occurrence it is: 0 for what is owed, 1 for the next."""
    for reason in obligation.reasons:
        if reason.code == "plan.projected":
            nth = reason.values.get("nth")
            return nth if isinstance(nth, int) else 0
    return 0


@lru_cache(maxsize=1_024)
def _average(interval: str) -> Fraction:
    return Every.parse(interval).average_days
