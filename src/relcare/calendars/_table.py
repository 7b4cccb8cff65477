"""The roll table: business days of a calendar as arrays over day ordinals, for loops over many dates."""

from datetime import date
from itertools import accumulate, pairwise

import attrs

from relcare.calendars._days import FIRST_ORDINAL, FIRST_YEAR, LAST_ORDINAL, LAST_YEAR, checked_count, checked_day
from relcare.calendars._protocol import Calendar
from relcare.calendars._roll import LONGEST_CLOSURE_DAYS, Roll, add_business_days, checked_roll, roll
from relcare.errors import InvalidValueError

__all__ = ["RollTable"]

# In no calendar that is worth a table are there fewer business days in a year; only the number of rounds depends on it.
_FEWEST_A_YEAR = 200


@attrs.frozen(kw_only=True)
class _Span:
    """Whole years, worked out; never changed after it was made.

    In `following` and `preceding` a 0 stands where the search leaves 1900 to 2199 or passes the longest closure.
    """

    first: int
    last: int
    flags: bytes
    following: list[int]
    preceding: list[int]
    business: list[int]
    counts: list[int]
    has_long_closure: bool


class RollTable:
    """The answers of `roll` and `add_business_days` for one calendar, looked up instead of searched for.

    Days go in and come out as `date.toordinal()` numbers. The table covers whole years and grows by itself when it is asked about
    a day outside them, so the range given is a matter of speed alone. It gives the same answers and the same errors as the plain
    functions. Threads may share it: a grown table replaces the old one in a single step.

    Args:
        calendar: What counts as a business day.
        from_on: A day in the first year to work out.
        until_on: A day in the last year to work out, not before `from_on`.

    Raises:
        InvalidValueError: A day is not a civil date of the years 1900 to 2199, or the range is inverted.

    Examples:
        >>> from relcare.calendars import Weekdays
        >>> table = RollTable(Weekdays(), date(2026, 1, 1), date(2026, 12, 31))
        >>> date.fromordinal(table.following(date(2026, 8, 1).toordinal())).isoformat()
        '2026-08-03'
        >>> date.fromordinal(table.add(date(2026, 12, 31).toordinal(), 10)).isoformat()  # the table grows into 2027
        '2027-01-14'

    Source: TIM-6.
    """

    __slots__ = ("_calendar", "_span")

    def __init__(self, calendar: Calendar, from_on: date, until_on: date) -> None:
        first, last = checked_day(from_on, "from_on"), checked_day(until_on, "until_on")
        if last < first:
            raise InvalidValueError("until_on", last, f"must not lie before from_on, {first.isoformat()}")
        self._calendar = calendar
        self._span = _worked_out(calendar, first.year, last.year, None)

    def __repr__(self) -> str:
        span = self._span
        return f"RollTable({self._calendar.name!r}, {date.fromordinal(span.first)} to {date.fromordinal(span.last)})"

    @property
    def calendar(self) -> Calendar:
        """The calendar that the table was made from, which also says whether a day is known."""
        return self._calendar

    def is_business_day(self, ordinal: int) -> bool:
        """Is the day a business day."""
        span = self._covering(ordinal)
        return span.flags[ordinal - span.first] == 1

    def following(self, ordinal: int) -> int:
        """The day itself if it is a business day, otherwise the next one; see `roll`."""
        span = self._covering(ordinal)
        return span.following[ordinal - span.first] or self._plain("following", ordinal)

    def preceding(self, ordinal: int) -> int:
        """The day itself if it is a business day, otherwise the one before; see `roll`."""
        span = self._covering(ordinal)
        return span.preceding[ordinal - span.first] or self._plain("preceding", ordinal)

    def nearest(self, ordinal: int) -> int:
        """The closer of the following and the preceding business day, the following where both are equally close; see `roll`."""
        span = self._covering(ordinal)
        after, before = span.following[ordinal - span.first], span.preceding[ordinal - span.first]
        if not after or not before:
            return self._plain("nearest", ordinal)
        return after if after - ordinal <= ordinal - before else before

    def roll(self, how: Roll, ordinal: int) -> int:
        """The day moved in the way that is named; `none` leaves it; see `roll`."""
        if how == "following":
            return self.following(ordinal)
        if how == "preceding":
            return self.preceding(ordinal)
        if how == "nearest":
            return self.nearest(ordinal)
        checked_roll(how)
        self._covering(ordinal)
        return ordinal

    def add(self, ordinal: int, n: int) -> int:
        """The n-th business day after the day, backwards for negative n, the day itself for 0; see `add_business_days`."""
        span = self._covering(ordinal)
        if checked_count(n) == 0:
            return ordinal
        while not span.has_long_closure:
            at = ordinal - span.first
            # For n > 0 the day itself is passed over when it counts, for n < 0 it is not among those before.
            index = span.counts[at] + n - 1 if n > 0 else span.counts[at] - span.flags[at] + n
            if 0 <= index < len(span.business):
                return span.business[index]
            missing = index - len(span.business) + 1 if n > 0 else -index
            further = 366 * (1 + missing // _FEWEST_A_YEAR)
            edge = min(span.last + further, LAST_ORDINAL) if n > 0 else max(span.first - further, FIRST_ORDINAL)
            if span.first <= edge <= span.last:
                break
            span = self._grown(span, edge)
        return add_business_days(date.fromordinal(ordinal), n, self._calendar).toordinal()

    def between(self, from_ordinal: int, until_ordinal: int) -> int:
        """How many business days lead from one day to the other; see `business_days_between`."""
        span = self._covering(from_ordinal)
        if not span.first <= until_ordinal <= span.last:
            span = self._grown(span, until_ordinal)
        first, last = from_ordinal - span.first, until_ordinal - span.first
        if last >= first:
            return span.counts[last] - span.counts[first]
        return (span.counts[last] - span.flags[last]) - (span.counts[first] - span.flags[first])

    def _plain(self, how: Roll, ordinal: int) -> int:
        """What the plain function says where the table has no answer: mostly its error."""
        return roll(date.fromordinal(ordinal), how, self._calendar).toordinal()

    def _covering(self, ordinal: int) -> _Span:
        span = self._span
        return span if span.first <= ordinal <= span.last else self._grown(span, ordinal)

    def _grown(self, span: _Span, ordinal: int) -> _Span:
        """The span with the year of the day and all between, which the table then keeps.

        It grows from the span at hand and not from the table's: another thread may have put back a shorter one in between.
        """
        if type(ordinal) is not int or not FIRST_ORDINAL <= ordinal <= LAST_ORDINAL:
            raise InvalidValueError("ordinal", ordinal, f"must be the ordinal of a day in the years {FIRST_YEAR} to {LAST_YEAR}")
        year = date.fromordinal(ordinal).year
        first, last = date.fromordinal(span.first).year, date.fromordinal(span.last).year
        grown = _worked_out(self._calendar, min(first, year), max(last, year), span)
        self._span = grown
        return grown


def _worked_out(calendar: Calendar, first_year: int, last_year: int, old: _Span | None) -> _Span:
    """The span of these years, taking over the days that an older and shorter one has."""
    first, last = date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()
    if old is None:
        flags = _flags(calendar, first, last)
    else:
        flags = _flags(calendar, first, old.first - 1) + old.flags + _flags(calendar, old.last + 1, last)
    business = [first + at for at, flag in enumerate(flags) if flag]
    return _Span(
        first=first,
        last=last,
        flags=flags,
        following=[after if after - at <= LONGEST_CLOSURE_DAYS else 0 for at, after in _followings(calendar, first, flags)],
        preceding=[before if at - before <= LONGEST_CLOSURE_DAYS else 0 for at, before in _precedings(calendar, first, flags)],
        business=business,
        counts=list(accumulate(flags)),
        has_long_closure=any(b - a > LONGEST_CLOSURE_DAYS for a, b in pairwise([first, *business, last])),
    )


def _flags(calendar: Calendar, first: int, last: int) -> bytes:
    return bytes(calendar.is_business_day(date.fromordinal(at)) for at in range(first, last + 1))


def _followings(calendar: Calendar, first: int, flags: bytes) -> list[tuple[int, int]]:
    """Each day with the business day on or after it; a day too far off where there is none."""
    last = first + len(flags) - 1
    beyond = range(last + 1, min(last + LONGEST_CLOSURE_DAYS, LAST_ORDINAL) + 1)
    after = next((at for at in beyond if calendar.is_business_day(date.fromordinal(at))), LAST_ORDINAL * 2)
    pairs: list[tuple[int, int]] = []
    for at in range(last, first - 1, -1):
        after = at if flags[at - first] else after
        pairs.append((at, after))
    pairs.reverse()
    return pairs


def _precedings(calendar: Calendar, first: int, flags: bytes) -> list[tuple[int, int]]:
    """Each day with the business day on or before it; a day too far off where there is none."""
    beyond = range(first - 1, max(first - LONGEST_CLOSURE_DAYS, FIRST_ORDINAL) - 1, -1)
    before = next((at for at in beyond if calendar.is_business_day(date.fromordinal(at))), 0)
    pairs: list[tuple[int, int]] = []
    for at, flag in enumerate(flags, first):
        before = at if flag else before
        pairs.append((at, before))
    return pairs
