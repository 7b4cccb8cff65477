"""What every part of the desk has: a store, a policy, a clock, and the questions that the others begin with."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_id, check_moment, to_moment
from relcare.calendars import Calendar
from relcare.decisions import BookResult, Policy
from relcare.desk._clock import Clock
from relcare.errors import InvalidValueError
from relcare.model import Book, civil_day
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
        now = to_moment(self.clock.now())
        if not isinstance(now, datetime):
            raise InvalidValueError("clock.now()", now, "must be an aware instant")
        check_moment("clock.now()", now)
        return now

    def _day(self, as_of: date | None, zone: str) -> date:
        moment = self._now() if as_of is None else to_moment(as_of)
        check_moment("as_of", moment)
        return civil_day(moment, ZoneInfo(zone))
