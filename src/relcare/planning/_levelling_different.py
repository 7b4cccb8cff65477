"""Jobs of different lengths: a greedy answer, improved step by step until no step helps (PLN-2)."""

from collections.abc import Iterator, Sequence

from relcare.planning._levelling_jobs import NOWHERE, Job, densities

__all__ = ["level_different"]


def level_different(jobs: Sequence[Job], free: Sequence[int]) -> list[int]:
    """The places of the jobs: much weight, and few moves.

    First every job goes to the allowed day with room that is nearest to its preferred one, the dearest to move first, then the
    most weight a minute. Then, as long as that helps, a job without a day gets one by moving another one, or instead of a lighter
    one. Each step gains weight, so there is an end.

    Args:
        jobs: In an order that settles ties.
        free: The minutes that are free on each day, from 0.
    """
    days = _Days(jobs, free)
    density = densities(jobs)
    order = sorted(range(len(jobs)), key=lambda one: (-jobs[one].price, -density[one]))
    left = [job for job in order if not days.place(job)]
    while left:
        still = [job for job in left if not days.squeeze(job)]
        if len(still) == len(left):
            break
        left = [job for job in order if days.places[job] == NOWHERE]
    return days.places


class _Days:
    def __init__(self, jobs: Sequence[Job], free: Sequence[int]) -> None:
        self.jobs = jobs
        self.free = list(free)
        self.on_day: list[list[int]] = [[] for _ in free]
        self.places = [NOWHERE] * len(jobs)

    def place(self, job: int) -> bool:
        """Put a job on the day nearest to its preferred one that has room; says whether there was any."""
        one = self.jobs[job]
        preferred = one.preferred
        if self.free[preferred] >= one.minutes:
            self._put(job, preferred)
            return True
        day = self._nearest(one)
        if day == NOWHERE:
            return False
        self._put(job, day)
        return True

    def squeeze(self, job: int) -> bool:
        """Find a place for a job by moving one other, or by leaving out a lighter one; says whether that was possible."""
        return self.place(job) or self._by_moving(job) or self._instead(job)

    def _put(self, job: int, day: int) -> None:
        self.on_day[day].append(job)
        self.places[job] = day
        self.free[day] -= self.jobs[job].minutes

    def _take(self, job: int) -> None:
        day = self.places[job]
        self.on_day[day].remove(job)
        self.places[job] = NOWHERE
        self.free[day] += self.jobs[job].minutes

    def _nearest(self, one: Job, but: int = NOWHERE) -> int:
        """The day with room that is nearest to a job's preferred one, another than this; `NOWHERE` when there is none."""
        best, least = NOWHERE, 1 << 60
        for day in one.days:
            distance = abs(day - one.preferred)
            if distance < least and day != but and self.free[day] >= one.minutes:
                best, least = day, distance
        return best

    def _short(self, job: int) -> Iterator[tuple[int, int]]:
        """The days of a job that can hold it at all, with the minutes that are short there."""
        one = self.jobs[job]
        return ((day, one.minutes - self.free[day]) for day in one.days if self.on_day[day])

    def _by_moving(self, job: int) -> bool:
        best: tuple[int, int, int, int] | None = None
        for found in self._movable(job):
            best = found if best is None else min(best, found)
            if best[0] == 1:
                break  # none is cheaper
        if best is None:
            return False
        _, other, day, to = best
        self._take(other)
        self._put(other, to)
        self._put(job, day)
        return True

    def _movable(self, job: int) -> Iterator[tuple[int, int, int, int]]:
        """Jobs that leave enough room when they go to another day: what that costs, which, from where and to where."""
        for day, short in self._short(job):
            for other in self.on_day[day]:
                one = self.jobs[other]
                if one.minutes >= short and (to := self._nearest(one, day)) != NOWHERE:
                    yield one.price, other, day, to

    def _instead(self, job: int) -> bool:
        weight = self.jobs[job].weight
        lighter = [
            (self.jobs[other].weight, other, day)
            for day, short in self._short(job)
            for other in self.on_day[day]
            if self.jobs[other].minutes >= short and self.jobs[other].weight < weight
        ]
        if not lighter:
            return False
        _, other, day = min(lighter)
        self._take(other)
        self._put(job, day)
        self.place(other)
        return True
