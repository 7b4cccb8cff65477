"""One measure over one client: laid out once, asked for any day."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate

import attrs

from relcare._time import add_months, first_of_month, month_index
from relcare.policy import Measure, Window

__all__ = ["Series", "window_exit", "window_start"]

_PERIOD_MONTHS = {"calendar month": 1, "calendar quarter": 3, "calendar year": 12}
# Before any day of any book, so that a lifetime has no beginning.
_BEGINNING = 1


def window_start(window: Window, as_of: int) -> int:
    """The first day a window looks at; the last one is `as_of` (TIM-4).

    Args:
        window: Rolling windows end with `as_of` and begin n months or days before the day after it, clamped; calendar windows
            begin with the first day of a month, quarter or year.
        as_of: An ordinal.
    """
    if window.is_lifetime:
        return _BEGINNING
    if window.is_calendar:
        current = month_index(as_of)
        return first_of_month(current - current % window.unit_months - window.months + window.unit_months)
    return add_months(as_of + 1, -window.months) if window.months else as_of + 1 - window.days


def window_exit(window: Window, day: int) -> int | None:
    """The first `as_of` for which a window no longer looks at a day; None for a lifetime."""
    if window.is_lifetime:
        return None
    if window.is_calendar:
        month = month_index(day)
        return first_of_month(month - month % window.unit_months + window.months)
    if window.days:
        return day + window.days
    # Clamped months are not an exact inverse: step to the first day that really is past it.
    guess = add_months(day, window.months) - 1
    while window_start(window, guess) > day:
        guess -= 1
    while window_start(window, guess) <= day:
        guess += 1
    return guess


@attrs.frozen(kw_only=True, eq=False)
class Series:
    """The events of one measure and client, in order of day.

    Attributes:
        measure: What is measured.
        days: Of the events, ascending ordinals.
        values: Amounts in units; of counts, 1 each.
        keys: What `distinct` tells apart; empty for other measures.
        returns: Day of the return, index of its event, units; for net measures.
        credits: Day and units, in order of day; for net sums.
    """

    measure: Measure
    days: Sequence[int]
    values: Sequence[int]
    keys: Sequence[str] = ()
    returns: Sequence[tuple[int, int, int]] = ()
    credits: Sequence[tuple[int, int]] = ()
    _sums: list[int] = attrs.field(init=False, factory=list[int])
    _tops: list[int] = attrs.field(init=False, factory=list[int])

    def __attrs_post_init__(self) -> None:
        self._sums.extend(accumulate(self.values, initial=0))
        if self.measure.function == "max":
            self._tops.extend(accumulate(self.values, max))

    @property
    def is_rising(self) -> bool:
        """Whether the measure never falls as time goes by: then its value now is the greatest it ever had."""
        measure = self.measure
        can_fall = measure.function in {"min", "days_since"} or bool(self.returns) or bool(self.credits)
        # Before the first event stands `when_empty`, and no event is worth less than 0.
        falls_at_first = isinstance(measure.when_empty, date) or (measure.when_empty is not None and measure.when_empty > 0)
        return measure.window.is_lifetime and not can_fall and not falls_at_first

    def at(self, as_of: int) -> int | None:
        """The measure at the end of a day, in units, a count, or a day; None over no events where that is missing (FCT-2)."""
        measure = self.measure
        low = window_start(measure.window, as_of)
        delay = measure.returns_delay
        high = as_of - delay.days if delay is not None else as_of
        first = bisect_left(self.days, low)
        # A delay may end the events before the window begins: then there are none, not fewer than none.
        past = max(first, bisect_right(self.days, high))
        credited = [(day, units) for day, units in self.credits if low <= day <= high] if self.credits else []
        events: Sequence[tuple[int, int, int]] | None = None
        if measure.function == "sum" and measure.per is None:
            back = sum(units for day, index, units in self.returns if day <= as_of and first <= index < past)
            return self._sums[past] - self._sums[first] - back + sum(units for _, units in credited)
        if self.returns and any(day <= as_of for day, _, _ in self.returns):
            events = self._net(first, past, as_of)
        if measure.per is not None:
            return self._best_period(first, past, self._kept(events) if measure.function == "count" else events, credited)
        return self._simple(first, past, as_of, self._kept(events))

    def _kept(self, events: Sequence[tuple[int, int, int]] | None) -> Sequence[tuple[int, int, int]] | None:
        """The events without those that came back whole, which were not bought; what was free of charge did not come back."""
        if events is None:
            return None
        return [event for event in events if event[1] > 0 or event[1] == self.values[event[2]]]

    def _net(self, first: int, past: int, as_of: int) -> list[tuple[int, int, int]]:
        """Day, units left, index of each event, with what has come back by then taken off."""
        left = list(self.values[first:past])
        for day, index, units in self.returns:
            if day <= as_of and first <= index < past:
                left[index - first] -= units
        return [(self.days[first + i], units, first + i) for i, units in enumerate(left)]

    def _simple(self, first: int, past: int, as_of: int, events: Sequence[tuple[int, int, int]] | None) -> int | None:
        function = self.measure.function
        if function == "count":
            return past - first if events is None else len(events)
        if function == "distinct":
            kinds = set(self.keys[first:past]) if events is None else {self.keys[index] for _, _, index in events}
            return len(kinds - {""})  # an event without the field is of no kind
        if first >= past or events == []:
            return None
        if function in {"latest", "days_since"}:
            latest = self.days[past - 1] if events is None else events[-1][0]
            return latest if function == "latest" else as_of - latest
        if events is not None:
            return (max if function == "max" else min)(units for _, units, _ in events)
        if function == "max":
            return self._tops[past - 1] if first == 0 else max(self.values[first:past])
        return min(self.values[first:past])

    def _best_period(
        self, first: int, past: int, events: Sequence[tuple[int, int, int]] | None, credited: Sequence[tuple[int, int]]
    ) -> int | None:
        if first == 0 and events is None and not credited:
            return self._bests[past - 1] if past else None
        length = _PERIOD_MONTHS[self.measure.per or "calendar month"]
        is_count = self.measure.function == "count"
        totals: dict[int, int] = {}
        if events is None:
            # By whole periods off the running sums: a history is asked about on every day that changes it.
            at = first
            while at < past:
                month = month_index(self.days[at])
                beyond = min(past, bisect_left(self.days, first_of_month(month - month % length + length), at))
                totals[month // length] = beyond - at if is_count else self._sums[beyond] - self._sums[at]
                at = beyond
            events = ()
        for day, units, _ in events:
            period = month_index(day) // length
            totals[period] = totals.get(period, 0) + (1 if is_count else units)
        for day, units in credited:  # only sums have any
            period = month_index(day) // length
            totals[period] = totals.get(period, 0) + units
        return max(totals.values()) if totals else None

    @cached_property
    def _bests(self) -> Sequence[int]:
        """After each event the best period so far: a lifetime is asked about on every day that changes it."""
        length = _PERIOD_MONTHS[self.measure.per or "calendar month"]
        is_count = self.measure.function == "count"
        bests: list[int] = []
        best = total = current = 0
        for day, units in zip(self.days, self.values, strict=True):
            period = month_index(day) // length
            total = (total if period == current else 0) + (1 if is_count else units)
            current, best = period, max(best, total)  # what is bought is worth nothing or more
            bests.append(best)
        return bests

    def change_days(self) -> Iterator[int]:
        """Every day on which `at` may differ from the day before; `days_since` also grows by itself in between."""
        delay = self.measure.returns_delay.days if self.measure.returns_delay is not None else 0
        for day in {*self.days, *(day for day, _ in self.credits)}:
            yield day + delay
            leaves = window_exit(self.measure.window, day)
            if leaves is not None:
                yield leaves
        for day, _, _ in self.returns:
            yield day
