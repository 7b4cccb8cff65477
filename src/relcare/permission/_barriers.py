"""What a barrier is: something that keeps a contact from happening, and says when it gives way.

Every rule becomes one barrier for each zone that the client may be in. A barrier is a set of instants at which contact is not
allowed; it can say, for any instant, the first one from there on at which it does not stand in the way. The first instant that is
allowed altogether then follows without trying minutes: from barrier to barrier, until none objects.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import attrs

from relcare.model import Reason
from relcare.permission._law import LawRow
from relcare.permission._local_days import local_day, pieces_of, start_of

__all__ = ["Barrier", "DayBarrier", "Lifted", "Valid", "first_open"]


class Barrier(Protocol):
    """What stands in the way, in one zone."""

    def opens_at(self, at: datetime) -> datetime | None:
        """The first instant from this one on, itself included, at which it is open; None when it never opens by itself."""
        ...

    def reason(self, at: datetime) -> Reason:
        """Why it is not open at an instant."""
        ...


class DayBarrier(Protocol):
    """What stands in the way all day or not at all."""

    def opens_on(self, day: int) -> int | None:
        """The first day from this one on, itself included, on which it is open; None when it never opens by itself."""
        ...

    def reason(self, day: int) -> Reason:
        """Why it is not open on a day."""
        ...


@attrs.frozen(eq=False)
class Lifted:
    """A barrier of days as one of instants, by the calendar of a zone."""

    zone: str
    days: DayBarrier

    def opens_at(self, at: datetime) -> datetime | None:
        """See `Barrier`."""
        while True:
            day = local_day(self.zone, at)
            target = self.days.opens_on(day)
            if target == day:
                return at
            end = next(piece.end for piece in pieces_of(self.zone, day) if at < piece.end)
            if local_day(self.zone, end) <= day:  # the clocks went back over midnight: an earlier day, or this one, comes again
                at = end
            elif target is None:
                return None
            else:
                at = max(end, start_of(self.zone, target))

    def reason(self, at: datetime) -> Reason:
        """See `Barrier`."""
        return self.days.reason(local_day(self.zone, at))


@attrs.frozen(eq=False)
class Valid:
    """A barrier that stands only while the law behind it is in force."""

    zone: str
    barrier: Barrier
    row: LawRow

    def opens_at(self, at: datetime) -> datetime | None:
        """See `Barrier`."""
        if not self.row.is_in_force(local_day(self.zone, at)):
            return at
        found = self.barrier.opens_at(at)
        if self.row.valid_until is None:
            return found
        over = start_of(self.zone, self.row.valid_until.toordinal())
        return over if found is None or found > over else found

    def reason(self, at: datetime) -> Reason:
        """See `Barrier`."""
        return self.barrier.reason(at)


def first_open(barriers: Sequence[Barrier], at: datetime, horizon: datetime) -> datetime | None:
    """The first instant from one on at which every barrier is open; None if there is none up to the horizon, itself included.

    No barrier ever names an instant later than its first open one, so the search never steps over an instant that all allow.
    """
    moment = at
    while moment <= horizon:
        latest = moment
        for barrier in barriers:
            opens = barrier.opens_at(latest)
            if opens is None:
                return None
            latest = opens
        if latest == moment:
            return moment
        moment = latest
    return None
