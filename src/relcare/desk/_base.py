"""What every part of the desk has: a store, a policy, a clock, and the questions that the others begin with."""

from datetime import date, datetime

import attrs

from relcare._fields import check_id
from relcare.calendars import Calendar
from relcare.decisions import BookResult, Policy
from relcare.desk._clock import Clock, day_of, instant_of
from relcare.model import Book
from relcare.storage import Store, load_book

__all__ = ["BaseDesk"]


@attrs.frozen(kw_only=True, eq=False)
class BaseDesk:
    """See `Desk`."""

    store: Store
    policy: Policy
    clock: Clock
    calendar: Calendar | None = None

    def book(self, *, by: str) -> Book:
        """The whole book as it is stored now; see `BookReader.book` for its order.

        Args:
            by: Who asks; not looked at yet.
        """
        check_id("by", by)
        return load_book(self.store)

    def decide(self, *, by: str, as_of: date | None = None) -> BookResult:
        """Everything the policy says about the whole book at the end of a day.

        Args:
            by: Who asks; not looked at yet.
            as_of: The day; an aware instant stands for its day in the book's zone. By default today by the clock, in that zone.

        Raises:
            PolicyError: If the policy is not in force on that day.
        """
        book = self.book(by=by)
        return self.policy.decide(book, as_of=self._day(as_of, book.zone), calendar=self.calendar)

    def _now(self) -> datetime:
        return instant_of(self.clock)

    def _day(self, as_of: date | None, zone: str) -> date:
        return day_of(as_of, zone, self.clock)
