"""Store, policy and clock together: what an application asks all day. The only room that knows what time it is."""

from relcare.desk._clock import Clock, SystemClock
from relcare.desk._desk import Desk

__all__ = ["Clock", "Desk", "SystemClock"]
