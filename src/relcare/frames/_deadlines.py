"""By when a trigger asks for a contact: worked out once for each day on which anything happened, and joined (CAD-5, CAD-8).

Hours move the due day with the instant of the event; but not often. All instants of a day come to two or three due days, and
which of them follows from the few instants at which one gives way to the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import DueContext, Trigger, trigger_days
from relcare.frames._criteria import Expr, cases
from relcare.frames._engine import Cell, Engine, Lazy
from relcare.permission import pieces_of

__all__ = ["DeadlineColumns"]

Step: TypeAlias = tuple[int, int]
"""From which instant on, in microseconds, what happens is due on which day."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


@attrs.frozen(kw_only=True, eq=False)
class DeadlineColumns:
    """The deadlines of triggers over rows.

    Attributes:
        triggers: In the order of the policy.
        engine: Whose the rows are.
        context: What all clients share.
    """

    triggers: Sequence[Trigger]
    engine: Engine
    context: DueContext

    def joined_to(self, events: Lazy) -> Lazy:
        """The events with `raw`, `due`, `earliest` and `latest`.

        Args:
            events: With `trigger`, its place; `day`; `basis`, the day that was agreed where the trigger goes by it, else `day`;
                and `instant`. They are asked twice.
        """
        pairs: list[tuple[int, int]] = sorted(self.engine.rows(self.engine.distinct(events.select("trigger", "basis"))))
        found = [(place, basis, *self._raw_days(self.triggers[place], basis)) for place, basis in pairs]
        most = max((len(steps) for *_, steps in found), default=0)
        names = ["trigger", "basis", "plain", *(f"{what} {at}" for at in range(most) for what in ("from", "raw"))]
        rows = [(place, basis, plain, *_flat(steps), *[None] * (2 * (most - len(steps)))) for place, basis, plain, steps in found]
        events = events.join(_table(self.engine, events, names, rows), on=["trigger", "basis"], how="left")
        events = events.with_columns(raw=_raw(most))
        return self._rolled(events, {(place, raw) for place, _, plain, steps in found for raw in (plain, *(r for _, r in steps))})

    def _rolled(self, events: Lazy, raw_days: Iterable[tuple[int, int]]) -> Lazy:
        rows: list[tuple[Cell, ...]] = []
        for place, raw in sorted(raw_days):
            due, latest = trigger_days(self.triggers[place], raw, self.context)
            agreed = min(due, raw) if self.triggers[place].within.unit == "agreed" else None
            rows.append((place, raw, due, latest, agreed))
        table = _table(self.engine, events, ["trigger", "raw", "due", "latest", "agreed"], rows)
        events = events.join(table, on=["trigger", "raw"], how="left")
        return events.with_columns(earliest=nw.coalesce("agreed", "day"))

    def _raw_days(self, trigger: Trigger, basis: int) -> tuple[int, Sequence[Step]]:
        """The last day for what is known by its day alone, and for instants where they make a difference."""
        if trigger.within.unit == "agreed":
            return basis, ()
        plain = self._after(trigger, date.fromordinal(basis))
        if trigger.within.unit == "hour":
            return plain, self._hour_steps(trigger.within.count, basis)
        return plain, self._working_steps(trigger, basis) if trigger.within.unit == "business hour" else ()

    def _after(self, trigger: Trigger, happened: date) -> int:
        return trigger.within.after(happened, self.context.table, self.context.hours, self.context.zone)[0]

    def _hour_steps(self, hours: int, day: int) -> Sequence[Step]:
        """Where hours that pass lead from the instants of a day: from one civil day to the next, as clocks show them."""
        zone, length = self.context.zone.key, timedelta(hours=hours)
        own = pieces_of(zone, day)
        if not own:  # the zone skipped that day: no instant is of it
            return ()
        begins, ends = own[0].start + length, own[-1].end + length
        around = range(begins.toordinal() - 2, ends.toordinal() + 3)
        pieces = sorted((piece.start, piece.end, there) for there in around for piece in pieces_of(zone, there))
        return [(_micros(start - length), there) for start, end, there in pieces if end > begins and start < ends]

    def _working_steps(self, trigger: Trigger, day: int) -> Sequence[Step]:
        """Likewise for working hours, which lead further the later on the day it happens, as long as no clock is changed."""
        found: list[Step] = []
        for piece in pieces_of(self.context.zone.key, day):
            low, last = piece.start, piece.end - _SECOND
            found.append((_micros(low), self._after(trigger, low)))
            while found[-1][1] != self._after(trigger, last):
                low = self._next_step(trigger, low, last)
                found.append((_micros(low), self._after(trigger, low)))
        return found

    def _next_step(self, trigger: Trigger, low: datetime, high: datetime) -> datetime:
        """The first second at which the due day is no longer that of `low`, which it is not at `high`."""
        before, seconds, width = self._after(trigger, low), 0, int((high - low).total_seconds())
        while width > 1:
            half = width // 2
            if self._after(trigger, low + (seconds + half) * _SECOND) == before:
                seconds, width = seconds + half, width - half
            else:
                width = half
        return low + (seconds + 1) * _SECOND


def _raw(most: int) -> Expr:
    """The raw day of an event: of an instant that of the last step that has come by then."""
    plain = nw.col("plain")
    if not most:
        return plain
    instant = nw.col("instant")
    # What lies before the first step is an instant that is not of its day: the first step is taken all the same.
    steps = [(instant >= nw.col(f"from {at}"), nw.col(f"raw {at}")) for at in reversed(range(most))]
    is_plain = instant.is_null() | nw.col("from 0").is_null()
    return cases([(is_plain, plain), *steps], nw.col("raw 0"))


def _flat(steps: Sequence[Step]) -> Iterator[int]:
    return (value for step in steps for value in step)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _table(engine: Engine, beside: Lazy, names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Lazy:
    """A small table of whole numbers."""
    return engine.table(beside, {name: (nw.Int64(), [row[at] for row in rows]) for at, name in enumerate(names)})
