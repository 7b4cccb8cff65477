"""How much weight any plan can have at most: contacts cut into minutes, which may go to different days (PLN-2)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise

from relcare.planning._levelling_jobs import Job, densities

__all__ = ["bound_of"]


def bound_of(jobs: Sequence[Job], free: Sequence[int]) -> int:
    """The weight of the best plan in which contacts may be cut: no plan that leaves them whole has more.

    Sets of minutes that fit together are a polymatroid, so taking the minutes by weight, the densest job first, as many as fit
    beside those taken before, is the exact optimum of the linear programme. Its weight is rounded down: weights are whole.

    Args:
        jobs: In any order.
        free: The minutes that are free on each day, from 0.
    """
    minutes = _Minutes(free)
    total = Fraction()
    density = densities(jobs)
    for job in (jobs[one] for one in sorted(range(len(jobs)), key=density.__getitem__, reverse=True)):
        # On a day that has not even room for the job alone it cannot be.
        mask = sum(1 << day for day in job.days if free[day] >= job.minutes)
        taken = minutes.take(mask, job.minutes)
        total += job.weight if taken == job.minutes else Fraction(job.weight * taken, job.minutes)
    return int(total)


class _Minutes:
    """The minutes taken so far, which may still move to other days; sets of days are bits of an integer."""

    def __init__(self, free: Sequence[int]) -> None:
        self.free = list(free)
        self.masks: list[int] = []
        # Whose minutes each day holds, and where these may go to.
        self.held: list[dict[int, int]] = [{} for _ in free]
        self.reach = [0] * len(free)
        self.full = 0
        """Days from which no minute can move to one that has room: it stays so for ever."""

    def take(self, days: int, minutes: int) -> int:
        """Take as many minutes as fit on these days, moving others where that helps; says how many."""
        name = len(self.masks)
        self.masks.append(days)
        left = minutes
        while left and (way := self._way(days & ~self.full)):
            left -= self._push(name, way, left)
        return minutes - left

    def _way(self, days: int) -> list[int]:
        """The shortest way from one of these days to a day with room; empty when there is none."""
        came_from: dict[int, int] = {}
        seen = days & ~self.full
        queue = list(_bits(seen))
        for day in queue:  # it grows while it is read
            if self.free[day]:
                return self._back(day, came_from)
            for to in _bits(self.reach[day] & ~seen & ~self.full):
                came_from[to] = day
                queue.append(to)
            seen |= self.reach[day]
        self.full |= seen
        return []

    @staticmethod
    def _back(day: int, came_from: dict[int, int]) -> list[int]:
        way = [day]
        while way[-1] in came_from:
            way.append(came_from[way[-1]])
        return way[::-1]

    def _push(self, name: int, way: Sequence[int], most: int) -> int:
        """Move minutes along a way, as many as all its days allow."""
        movers = [next(who for who in self.held[day] if self.masks[who] >> to & 1) for day, to in pairwise(way)]
        amount = min(most, self.free[way[-1]], *(self.held[day][who] for day, who in zip(way, movers, strict=False)))
        for day, who in zip(way, movers, strict=False):
            left = self.held[day].pop(who) - amount
            if left:
                self.held[day][who] = left
        for day, who in zip(way, [name, *movers], strict=True):
            self.held[day][who] = self.held[day].get(who, 0) + amount
        for day in way:
            self.reach[day] = reduce(int.__or__, (self.masks[who] for who in self.held[day]), 0)
        self.free[way[-1]] -= amount
        return amount


def _bits(days: int) -> Iterator[int]:
    """The places of the bits, ascending."""
    while days:
        lowest = days & -days
        yield lowest.bit_length() - 1
        days ^= lowest
