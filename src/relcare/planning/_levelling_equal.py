"""Jobs of one length: the exact optimum by successive shortest paths over days (PLN-2).

Jobs are a supply, days have room, and a job that finds none is left out: a minimum-cost flow. Jobs come one by one, the heaviest
first, so that none that was placed is ever left out for a lighter one. Each takes the cheapest way to a free place: onto a day,
from where another job moves on to another day, and so forth. The way is looked for among days, of which there are few, and not
among jobs.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

from relcare.planning._levelling_jobs import NOWHERE, Job

__all__ = ["level_equal"]

_FAR: Final = 1 << 60
_Step: TypeAlias = tuple[int, int, int]
"""To which day, at what cost, and which job goes there."""
_Way: TypeAlias = list[tuple[int, int] | None]
"""How each day is reached: from which day, and which job makes room there; None where the new job itself goes."""


def level_equal(jobs: Sequence[Job], room: Sequence[int]) -> list[int]:
    """The places of the jobs: the most weight, of these the least cost of moves.

    Args:
        jobs: In an order that settles ties.
        room: How many jobs each day takes, from 0.
    """
    return _Days(jobs, room).filled()


class _Days:
    def __init__(self, jobs: Sequence[Job], room: Sequence[int]) -> None:
        self.jobs = jobs
        self.room = list(room)
        self.on_day: list[list[int]] = [[] for _ in room]
        self.places = [NOWHERE] * len(jobs)
        # Which steps lead away from a day; None where that has to be worked out anew.
        self.steps: list[list[_Step] | None] = [None] * len(room)

    def filled(self) -> list[int]:
        for job in sorted(range(len(self.jobs)), key=lambda one: -self.jobs[one].weight):
            preferred = self.jobs[job].preferred
            if len(self.on_day[preferred]) < self.room[preferred]:
                self._put(job, preferred)
            else:
                self._insert(job)
        return self.places

    def _put(self, job: int, day: int) -> None:
        self.on_day[day].append(job)
        self.places[job] = day
        self.steps[day] = None

    def _take(self, job: int, day: int) -> None:
        self.on_day[day].remove(job)
        self.places[job] = NOWHERE
        self.steps[day] = None

    def _insert(self, job: int) -> None:
        """Place a job at the least cost, or in the place of one as heavy where that saves moves, or nowhere."""
        costs, way = self._search(job)
        preferred = self.jobs[job].preferred
        free = [
            (cost, abs(day - preferred), -day)
            for day, cost in enumerate(costs)
            if cost < _FAR and len(self.on_day[day]) < self.room[day]
        ]
        day = -min(free)[2] if free else NOWHERE
        if day == NOWHERE:
            leaving = self._leaving(job, costs)
            if leaving == NOWHERE:
                return
            day = self.places[leaving]
            self._take(leaving, day)
        self._shift(job, day, way)

    def _search(self, job: int) -> tuple[list[int], _Way]:
        """What it costs to make room on each day for a new job, and by which way.

        Steps back to a preferred day save what they cost before, so a day may be reached again, and cheaper. No round trip saves
        anything: the jobs stand as cheaply as they can.
        """
        on_day, room, steps = self.on_day, self.room, self.steps
        one = self.jobs[job]
        costs = [_FAR] * len(room)
        way: _Way = [None] * len(room)
        for day in one.days:
            costs[day] = one.price
        costs[one.preferred] = 0
        queue = deque(one.days)
        waiting = [False] * len(room)
        for day in one.days:
            waiting[day] = True
        while queue:
            day = queue.popleft()
            waiting[day] = False
            if len(on_day[day]) < room[day]:
                continue  # who finds a free place here drives nobody on
            cost = costs[day]
            for to, price, who in steps[day] or self._steps(day):
                total = cost + price
                if total < costs[to]:
                    costs[to] = total
                    way[to] = (day, who)
                    if not waiting[to]:
                        waiting[to] = True
                        if price < 0:
                            queue.appendleft(to)
                        else:
                            queue.append(to)
        return costs, way

    def _steps(self, day: int) -> list[_Step]:
        """The cheapest step from a day to each other one that a job there is allowed on."""
        best: dict[int, _Step] = {}
        for who in self.on_day[day]:
            job = self.jobs[who]
            price, preferred = job.price, job.preferred
            saved = 0 if day == preferred else price
            for to in job.days:
                cost = -saved if to == preferred else price - saved
                known = best.get(to)
                if known is None or cost < known[1]:
                    best[to] = (to, cost, who)
        best.pop(day, None)
        found = self.steps[day] = list(best.values())
        return found

    def _leaving(self, job: int, costs: Sequence[int]) -> int:
        """Of the jobs as heavy as a new one that finds no room the one whose leaving saves most moves, if any does."""
        weight, least, leaving = self.jobs[job].weight, 0, NOWHERE
        for day, cost in enumerate(costs):
            if cost == _FAR:
                continue
            for who in self.on_day[day]:
                other = self.jobs[who]
                if other.weight == weight:
                    saved = cost - (other.price if day != other.preferred else 0)
                    if saved < least:
                        least, leaving = saved, who
        return leaving

    def _shift(self, job: int, day: int, way: _Way) -> None:
        """Move every job along the way, the last one first."""
        while (step := way[day]) is not None:
            before, who = step
            self._take(who, before)
            self._put(who, day)
            day = before
        self._put(job, day)
