"""What a business calendar must answer."""

from datetime import date
from typing import Protocol

__all__ = ["Calendar"]


class Calendar(Protocol):
    """Which days are business days, and how far that is published.

    Any object with these members is a calendar. It never changes: two questions about one day give one answer. The days it is
    asked about lie in the years 1900 to 2199.

    A calendar always answers. Outside the days it knows the answer is provisional (weekends, and the holidays that can be
    computed), and `is_known` says so: whoever decides with such a day adds the reason `calendar.not_published`.

    Source: TIM-6.
    """

    @property
    def name(self) -> str:
        """The name by which reasons and messages cite the calendar (`CN`, `US-CA`, `weekdays`)."""
        ...

    @property
    def known_from(self) -> date | None:
        """The first day about which the calendar answers for certain; None when there is no such limit."""
        ...

    @property
    def known_until(self) -> date | None:
        """The last day, inclusive, about which the calendar answers for certain; None when there is no such limit."""
        ...

    def is_business_day(self, day: date) -> bool:
        """Is it a working day; provisional where `is_known` is false."""
        ...

    def is_known(self, day: date) -> bool:
        """Is the answer about the day published, not merely computed."""
        ...
