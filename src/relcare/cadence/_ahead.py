"""What will be owed after what is owed now: later occurrences, foreseen as if each were kept when it is due (PLN-2)."""

from collections.abc import Iterator
from datetime import date
from itertools import count

import attrs

from relcare._time import LAST_DAY, Every
from relcare.cadence._days import Days, DueContext, days_of, first_basis
from relcare.cadence._grid import index_before
from relcare.cadence._occurrences import grids_of
from relcare.cadence._patterns import occurrence_days
from relcare.cadence._quota import period_of
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory
from relcare.model import Reason

__all__ = ["Later", "later_dates", "later_steps"]

_LAST = LAST_DAY.toordinal()


@attrs.frozen(kw_only=True, eq=False)
class Later:
    """One later occurrence, in ordinals.

    Attributes:
        name: Of a date or a share its name in the key (CAD-13); of a step its number, from 1.
        due: Rolled.
        earliest: `due` less the lead.
        latest: `due` plus the grace.
        person_id: Whose occasion it is.
        reasons: How the day came about.
    """

    name: str
    due: int
    earliest: int
    latest: int
    person_id: str | None = None
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, name: str, days: Days, why: Reason | None = None, *, person_id: str | None = None) -> "Later":
        """The occurrence with these days."""
        reasons = days.reasons if why is None else (why, *days.reasons)
        return cls(name=name, due=days.due, earliest=days.earliest, latest=days.latest, person_id=person_id, reasons=reasons)


def later_steps(rule: CadenceRule, every: Every, due: int, context: DueContext, until: int) -> Iterator[Later]:
    """The occurrences of a rolling rule after the one that is due on a day: that day plus n intervals, then rolled (TIM-3).

    Those that have passed are left out, for late ones do not stack (CAD-5); so are those that roll to the day of the one before.

    Args:
        rule: A rolling rule.
        every: The interval in force.
        due: The due day of what is owed now, an ordinal.
        context: What all clients share.
        until: The last due day that is asked for.
    """
    before = due
    for n, raw in enumerate(occurrence_days(every, due, until)):
        days = days_of(rule, raw, context)
        if n and days.due > max(before, context.as_of) and days.due <= until:
            yield Later.of(str(n), days)
        before = days.due


def later_dates(
    rule: CadenceRule, history: ClientHistory, context: DueContext, until: int, *, anchor: int | None = None
) -> Iterator[Later]:
    """The occurrences of a grid or a quota that have not begun by `as_of`, in order of each series.

    Args:
        rule: A grid or a quota.
        history: The client.
        context: What all clients share.
        until: The last due day that is asked for, an ordinal.
        anchor: The ordinal of the date fact that a grid names, or None.
    """
    if rule.mode == "quota":
        yield from _shares(rule, history, context, until)
        return
    floor = first_basis(history, context)
    for grid in grids_of(rule, history, anchor):
        for n in count(index_before(rule, grid, context.as_of, floor=floor, context=context)):
            raw = grid.day_of(n)
            if (grid.last is not None and n > grid.last) or (raw is not None and raw > min(until, _LAST)):
                break
            if raw is None:
                continue
            days = days_of(rule, raw, context)
            if days.earliest > context.as_of and floor <= days.due <= until:
                name = grid.name_of(n)
                values = {"anchor": rule.anchor, "occurrence": name, "on": date.fromordinal(raw)}
                yield Later.of(name, days, Reason("cadence.occurrence", {}, values), person_id=grid.person_id)


def _shares(rule: CadenceRule, history: ClientHistory, context: DueContext, until: int) -> Iterator[Later]:
    """The shares of the periods after the one that `as_of` is in."""
    floor = first_basis(history, context)
    _, start = period_of(rule, context.as_of)
    while start <= min(until, _LAST):
        _, after = period_of(rule, start)
        for ordinal in range(1, rule.times + 1):
            first = start + (after - start) * (ordinal - 1) // rule.times
            last = start + (after - start) * ordinal // rule.times - 1
            days = days_of(rule, last, context)
            if last >= floor and days.due <= until:
                begun = date.fromordinal(start)
                period = str(rule.step)
                quota = Reason("cadence.quota", {}, {"ordinal": ordinal, "times": rule.times, "period": period, "from": begun})
                share = attrs.evolve(days, earliest=min(days.due, first))
                yield Later.of(f"{begun}.{ordinal}", share, quota)
        start = after
