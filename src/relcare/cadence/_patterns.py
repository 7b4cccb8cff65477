"""Recurrences expanded from a table of patterns: there are few patterns, whatever the number of clients (TIM-3).

A pattern is a step and an anchor. Its occurrences are worked out once, as integers, and every client that shares the pattern
takes a slice of them. Months come from a table of their first days, so that no date is made on the way.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from relcare._time import FIRST_DAY, LAST_DAY, Every, month_index
from relcare.calendars import Roll, RollTable

__all__ = ["PatternTable", "occurrence_days"]

_FIRST_MONTH: Final = month_index(FIRST_DAY.toordinal())
_LAST: Final = LAST_DAY.toordinal()


def _lengths() -> Iterator[int]:
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        yield from (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


_LENGTHS: Final = tuple(_lengths())
# What is added to a day of the month to get its ordinal: the ordinal of the day before the first.
_BEFORE: Final = tuple(accumulate(_LENGTHS, initial=FIRST_DAY.toordinal() - 1))[:-1]


def occurrence_days(every: Every, anchor: int, until: int) -> list[int]:
    """The days of occurrences 0, 1, 2, ... of a series up to a day, inclusive: anchor + n steps, clamped to the month's end.

    Args:
        every: The step.
        anchor: Occurrence 0, an ordinal from 1900 to 2199.
        until: The last day, an ordinal; days after 2199 are left out.

    Examples:
        >>> found = occurrence_days(Every(months=1), date(2026, 1, 31).toordinal(), date(2026, 5, 1).toordinal())
        >>> [date.fromordinal(day).isoformat() for day in found]
        ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']

    Source: TIM-3.
    """
    last = min(until, _LAST)
    if not every.months:
        return list(range(anchor, last + 1, every.days))
    if last < anchor:
        return []
    start = date.fromordinal(anchor)
    day, step = start.day, every.months
    first = month_index(anchor) - _FIRST_MONTH
    end = month_index(last) - _FIRST_MONTH + 1
    before = _BEFORE[first:end:step]
    if day <= 28:  # every month has 28 days: nothing to clamp
        found = [base + day for base in before]
    else:
        found = [base + min(day, length) for base, length in zip(before, _LENGTHS[first:end:step], strict=True)]
    if found and found[-1] > last:
        found.pop()
    return found


class PatternTable:
    """Occurrences of series with their due days, worked out once a pattern.

    Args:
        table: Business days.
        until: The last raw day that is asked for, an ordinal.
    """

    def __init__(self, table: RollTable, until: int) -> None:
        self.table: RollTable = table
        self.until: int = until
        self._known: dict[tuple[Every, int, Roll], tuple[list[int], list[int]]] = {}

    def due_days(self, every: Every, anchor: int, roll: Roll) -> Sequence[int]:
        """The rolled day of every occurrence, in order; rolling never changes the order.

        Args:
            every: The step.
            anchor: Occurrence 0, an ordinal.
            roll: Where a day that is no business day goes.
        """
        return self._pattern(every, anchor, roll)[1]

    def between(self, every: Every, anchor: int, roll: Roll, from_day: int, until_day: int) -> list[tuple[int, int]]:
        """The occurrences whose due days lie between two days, both inclusive: number and day.

        Args:
            every: The step.
            anchor: Occurrence 0, an ordinal.
            roll: Where a day that is no business day goes.
            from_day: The first day, an ordinal.
            until_day: The last day, an ordinal.
        """
        due = self._pattern(every, anchor, roll)[1]
        low, high = bisect_left(due, from_day), bisect_right(due, until_day)
        return list(enumerate(due[low:high], low))

    def expand(
        self, series: Mapping[str, tuple[Every, int, Roll]], from_day: int, until_day: int
    ) -> Iterator[tuple[str, int, int]]:
        """Every occurrence of many series between two days, both inclusive: name, number and due day.

        Args:
            series: Step, anchor and roll by name, such as the client's id.
            from_day: The first day, an ordinal.
            until_day: The last day, an ordinal.
        """
        for name, (every, anchor, roll) in series.items():
            due = self._pattern(every, anchor, roll)[1]
            low, high = bisect_left(due, from_day), bisect_right(due, until_day)
            for n, day in enumerate(due[low:high], low):
                yield name, n, day

    def _pattern(self, every: Every, anchor: int, roll: Roll) -> tuple[list[int], list[int]]:
        key = (every, anchor, roll)
        found = self._known.get(key)
        if found is None:
            raw = occurrence_days(every, anchor, self.until)
            to = self.table.roll
            found = self._known.setdefault(key, (raw, raw if roll == "none" else [to(roll, day) for day in raw]))
        return found
