"""What time it is: asked for here and nowhere below."""

from datetime import datetime
from typing import Protocol

import pendulum

__all__ = ["Clock", "SystemClock"]


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
