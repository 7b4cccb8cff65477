"""What time it is: asked for here and nowhere below."""

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import pendulum

from relcare._fields import check_moment, to_moment
from relcare.errors import InvalidValueError
from relcare.model import civil_day

__all__ = ["Clock", "SystemClock", "day_of", "instant_of"]


class Clock(Protocol):
    """Tells the time. `relcare.testing.FixedClock` stands still."""

    def now(self) -> datetime:
        """The aware instant that it is now, in any zone."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The instant that it is now, in UTC."""
        return pendulum.now("UTC")

    def __repr__(self) -> str:
        return "SystemClock()"


def instant_of(clock: Clock) -> datetime:
    """What time a clock says that it is.

    Raises:
        InvalidValueError: If it is no aware instant.
    """
    now = to_moment(clock.now())
    if not isinstance(now, datetime):
        raise InvalidValueError("clock.now()", now, "must be an aware instant")
    check_moment("clock.now()", now)
    return now


def day_of(as_of: date | None, zone: str, clock: Clock) -> date:
    """The civil day that is asked about, in the zone of a book; today by the clock where none is.

    Raises:
        InvalidValueError: If it is neither a day nor an aware instant.
    """
    moment = instant_of(clock) if as_of is None else to_moment(as_of)
    check_moment("as_of", moment)
    return civil_day(moment, ZoneInfo(zone))
