"""What was owed from day to day: the answers of many days at once, so that a month costs little more than a day (CAD-14).

Between two contacts nothing changes while the same rules apply, so the days are taken in pieces. Each piece says what
`Cadence.oblige` says on each of its days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import count

import attrs

from relcare._time import LAST_DAY, Every
from relcare.cadence._contacts import ContactFinder, Contacts, of_person
from relcare.cadence._days import Days, DueContext, days_of, first_basis
from relcare.cadence._grid import index_before
from relcare.cadence._oblige import Cadence, anchor_of, asked, obligation_key
from relcare.cadence._occurrences import Grid, grids_of
from relcare.cadence._owed import Asked, Owed, Stretch, matters, planned_by_due_day, within
from relcare.cadence._quota import period_of, shares_of
from relcare.cadence._rolling import interval_of
from relcare.cadence._rule import CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.cadence._triggered import ReadyTrigger, answered_dues
from relcare.facts import ClientHistory

__all__ = ["Hindsight"]

_LAST = LAST_DAY.toordinal()
_NEVER = _LAST + 1
_NONE = Contacts((), ())


@attrs.frozen(kw_only=True, eq=False)
class _Occurrence:
    """One date of a grid: its name in the key, the date itself, and the days that come of it."""

    name: str
    raw: int
    days: Days


class Hindsight:
    """One client's days, looked back on.

    Args:
        cadence: The rules.
        history: The client.
        context: What all clients share; what happens after its `as_of` is not looked at.
        strategy_intervals: By channel (REL-4).
    """

    def __init__(
        self,
        cadence: Cadence,
        history: ClientHistory,
        context: DueContext,
        strategy_intervals: Mapping[str, tuple[Every, str]],
    ) -> None:
        self._cadence = cadence
        self._history = history
        self._context = context
        self._intervals = strategy_intervals
        self._contacts: dict[str, Contacts] = {}
        self.floor: int = first_basis(history, context)
        """The first day on which anything is expected: the client's or the policy's, whichever is later (CAD-1)."""

    def asked(self, stretch: Stretch) -> Iterator[Asked]:
        """What each rule and trigger asked in a stretch, in which nothing may lie before `floor`."""
        finders, triggers = self._cadence.applying(stretch.row)
        rolling: dict[Hashable, list[ContactFinder[CadenceRule]]] = {}
        for finder in finders:
            if finder.rule.mode == "rolling":
                rolling.setdefault(asked(finder.rule), []).append(finder)
            else:
                yield self._quota(finder, stretch) if finder.rule.mode == "quota" else self._grid(finder, stretch)
        for debt, group in rolling.items():
            yield self._rolling(min(group, key=self._governs), debt, stretch)
        for ready in triggers:
            yield self._triggered(ready, stretch)

    def last_contact(self) -> int | None:
        """The day of the latest contact that any rule counts; None when there was none."""
        found = [self._found(finder).days for finder in self._cadence.finders]
        return max((days[-1] for days in found if days), default=None)

    def _governs(self, finder: ContactFinder[CadenceRule]) -> tuple[Fraction, str]:
        return interval_of(finder.rule, self._intervals).average_days, finder.rule.id

    def _found(self, finder: ContactFinder[CadenceRule]) -> Contacts:
        known = self._contacts.get(finder.rule.id)
        if known is None:
            known = self._contacts[finder.rule.id] = finder.find(self._history, self._context.as_of)
        return known

    def _end(self, stretch: Stretch) -> int:
        return min(stretch.last, self._context.as_of)

    def _key(self, rule: CadenceRule | Trigger, occurrence: str) -> str:
        return obligation_key(self._history.client.id, rule.id, occurrence)

    def _rolling(self, finder: ContactFinder[CadenceRule], debt: Hashable, stretch: Stretch) -> Asked:
        """From contact to contact, each of which keeps what stood until then."""
        rule, contacts, end = finder.rule, self._found(finder), self._end(stretch)
        every = interval_of(rule, self._intervals)
        redating = self._cadence.redating(rule, stretch.row, stretch.changes, self._intervals) if stretch.changes else None
        owed: list[Owed] = []
        first, place = stretch.first, bisect_left(contacts.days, stretch.first)
        while first <= end:
            basis = contacts.days[place - 1] if place else self.floor
            occurrence = contacts.touchpoints[place - 1].id if place else "first"
            raw = every.after(basis)
            if redating is not None:
                raw, _ = redating.raw_day(basis, every, rule.spread.days, self._history.client.id, rule.id)
            days = days_of(rule, raw, self._context)
            kept = place if place < len(contacts.days) and contacts.days[place] <= end else None
            kept_day = None if kept is None else contacts.days[kept]
            owed.append(
                Owed(
                    rule=rule,
                    key=self._key(rule, occurrence),
                    debt=(debt, occurrence),
                    due=days.due,
                    latest=days.latest,
                    first=first,
                    last=end if kept_day is None else kept_day - 1,
                    kept_day=kept_day,
                    kept_by=None if kept is None else contacts.touchpoints[kept],
                    is_over=False,
                    person_id=None,
                )
            )
            if kept_day is None:
                break
            first, place = kept_day, bisect_right(contacts.days, kept_day)
        planned = (stretch.last - stretch.first + 1) / every.average_days
        return Asked(rule=rule, planned=planned, contacts=within(contacts, stretch.first, end), owed=tuple(owed))

    def _quota(self, finder: ContactFinder[CadenceRule], stretch: Stretch) -> Asked:
        """In each period the n-th contact keeps the n-th share; what is left ends with the period."""
        rule, contacts, end = finder.rule, self._found(finder), self._end(stretch)
        owed: list[Owed] = []
        planned, day = Fraction(), stretch.first
        while day <= stretch.last:
            start, after = period_of(rule, day)
            planned += Fraction(rule.times * (min(after, stretch.last + 1) - day), after - start)
            made = within(contacts, start, after - 1)
            shares = (share for share in shares_of(rule, start, _NONE) if share[2] >= self.floor)
            pieces = (self._share(rule, ordinal, last, made=made, over_on=after, stretch=stretch) for ordinal, _, last in shares)
            owed.extend(piece for piece in pieces if matters(piece, stretch))
            day = after
        return Asked(rule=rule, planned=planned, contacts=within(contacts, stretch.first, end), owed=tuple(owed))

    def _share(self, rule: CadenceRule, ordinal: int, last: int, *, made: Contacts, over_on: int, stretch: Stretch) -> Owed:
        start, _ = period_of(rule, last)
        days = days_of(rule, last, self._context)
        is_kept = len(made.days) >= ordinal
        kept_day = made.days[ordinal - 1] if is_kept else None
        name = f"{date.fromordinal(start)}.{ordinal}"
        return Owed(
            rule=rule,
            key=self._key(rule, name),
            debt=(rule.id, name),
            due=days.due,
            latest=days.latest,
            first=max(stretch.first, start),
            last=min(self._end(stretch), (over_on if kept_day is None else kept_day) - 1),
            kept_day=kept_day,
            kept_by=made.touchpoints[ordinal - 1] if is_kept else None,
            is_over=not is_kept and over_on <= self._context.as_of,
            person_id=None,
        )

    def _grid(self, finder: ContactFinder[CadenceRule], stretch: Stretch) -> Asked:
        """Each occurrence stands from its earliest day until it is kept or the next one takes its place."""
        rule, contacts = finder.rule, self._found(finder)
        owed = [
            piece
            for grid in grids_of(rule, self._history, anchor_of(rule, stretch.row))
            for piece in self._series(rule, grid, of_person(contacts, grid.person_id), stretch)
        ]
        return planned_by_due_day(rule, owed, stretch)

    def _series(self, rule: CadenceRule, grid: Grid, contacts: Contacts, stretch: Stretch) -> Iterator[Owed]:
        ahead = self._occurrences(rule, grid, stretch.first)
        one = next(ahead, None)
        while one is not None and one.days.earliest <= stretch.last:
            following = next(ahead, None)
            # Late ones do not stack: one that is past due goes when the next one begins (CAD-5).
            gone = _NEVER if following is None else max(one.days.due + 1, following.days.earliest)
            piece = self._occurrence(rule, grid, one, gone, contacts=contacts, stretch=stretch)
            if matters(piece, stretch):
                yield piece
            one = following

    def _occurrences(self, rule: CadenceRule, grid: Grid, day: int) -> Iterator[_Occurrence]:
        """The occurrences of a grid that may be owed on a day or later, in order."""
        for n in count(index_before(rule, grid, day, floor=self.floor, context=self._context)):
            raw = grid.day_of(n)
            if (grid.last is not None and n > grid.last) or (raw is not None and raw > _LAST):
                return
            if raw is not None:
                days = days_of(rule, raw, self._context)
                if days.due >= self.floor:
                    yield _Occurrence(name=grid.name_of(n), raw=raw, days=days)

    def _occurrence(
        self, rule: CadenceRule, grid: Grid, one: _Occurrence, gone: int, *, contacts: Contacts, stretch: Stretch
    ) -> Owed:
        days = one.days
        # Who keeps a date on the date itself has kept it, also where the due day rolled to a later one.
        at = bisect_left(contacts.days, min(days.earliest, one.raw))
        is_kept = at < len(contacts.days) and contacts.days[at] < gone
        kept_day = contacts.days[at] if is_kept else None
        return Owed(
            rule=rule,
            key=self._key(rule, one.name),
            debt=(rule.id, one.name),
            due=days.due,
            latest=days.latest,
            first=max(stretch.first, days.earliest),
            last=min(self._end(stretch), (gone if kept_day is None else kept_day) - 1),
            kept_day=kept_day,
            kept_by=contacts.touchpoints[at] if is_kept else None,
            is_over=not is_kept and gone <= self._context.as_of,
            person_id=grid.person_id,
        )

    def _triggered(self, ready: ReadyTrigger, stretch: Stretch) -> Asked:
        """Each event's obligation stands from the event until it is answered."""
        owed: list[Owed] = []
        for due, event_day, answer in answered_dues(ready, self._history, self._context):
            kept_day, kept_by = answer or (None, None)
            piece = Owed(
                rule=ready.trigger,
                key=self._key(ready.trigger, due.occurrence),
                debt=(ready.trigger.id, due.occurrence),
                due=due.due,
                latest=due.latest,
                first=max(stretch.first, event_day),
                last=min(self._end(stretch), (_NEVER if kept_day is None else kept_day) - 1),
                kept_day=kept_day,
                kept_by=kept_by,
                is_over=False,
                person_id=due.person_id,
            )
            owed.extend([piece] if matters(piece, stretch) else ())
        return planned_by_due_day(ready.trigger, owed, stretch)
