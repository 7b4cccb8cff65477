"""When it is due: raw day, rolled day, earliest, latest, state (CAD-1, CAD-3, CAD-5, REL-4)."""

from collections.abc import Iterator, Mapping
from datetime import date

import attrs

from relcare._time import Every
from relcare.cadence._contacts import ContactFinder, Contacts
from relcare.cadence._occurrences import Grid, grids_of
from relcare.cadence._rule import CadenceRule
from relcare.calendars import RollTable
from relcare.facts import ClientHistory
from relcare.model import Reason, State, Touchpoint

__all__ = ["Due", "DueContext", "dues_of"]


@attrs.frozen(kw_only=True, eq=False)
class DueContext:
    """What all clients share.

    Attributes:
        as_of: The day, an ordinal.
        in_force_from: The first day of the policy, an ordinal.
        table: Business days.
    """

    as_of: int
    in_force_from: int
    table: RollTable


@attrs.frozen(kw_only=True, eq=False)
class Due:
    """One occurrence of one rule for one client, in ordinals.

    Attributes:
        rule: The rule.
        occurrence: Its name in the key (CAD-13).
        interval: The interval in force.
        due: Rolled.
        earliest: `due` less the lead.
        latest: `due` plus the grace.
        last: The last contact that counts, or None.
        last_day: Its day.
        person_id: Whose occasion it is.
        reasons: How the day came about.
    """

    rule: CadenceRule
    occurrence: str
    interval: Every
    due: int
    earliest: int
    latest: int
    last: Touchpoint | None
    last_day: int | None
    person_id: str | None
    reasons: tuple[Reason, ...]

    def state(self, as_of: int) -> State:
        """Where it stands: upcoming before `earliest`, due up to `due`, grace up to `latest`, then overdue; all inclusive (CAD-5)."""
        if as_of < self.earliest:
            return "upcoming"
        if as_of <= self.due:
            return "due"
        return "grace" if as_of <= self.latest else "overdue"


def dues_of(
    finder: ContactFinder,
    history: ClientHistory,
    context: DueContext,
    *,
    strategy_intervals: Mapping[str, tuple[Every, str]],
    anchor: int | None = None,
) -> Iterator[Due]:
    """What one rule, whose criterion holds, asks of one client.

    A rolling rule gives one. A grid gives the last occurrence that has begun, if it is still owed, and the next one: late ones do not
    stack (CAD-5).

    Args:
        finder: The rule.
        history: The client.
        context: What all clients share.
        strategy_intervals: By channel, with the type that asks for it (REL-4).
        anchor: The ordinal of the date fact that a grid names, or None.
    """
    if finder.rule.mode == "rolling":
        yield _rolling(finder, history, context, strategy_intervals)
        return
    contacts = finder.find(history, context.as_of)
    for grid in grids_of(finder.rule, history, anchor):
        yield from _grid(finder.rule, grid, _of_person(contacts, grid.person_id), history, context)


def _of_person(contacts: Contacts, person_id: str | None) -> Contacts:
    if person_id is None:
        return contacts
    kept = [(d, t) for d, t in zip(contacts.days, contacts.touchpoints, strict=True) if t.person_id in {None, person_id}]
    return Contacts([day for day, _ in kept], [touch for _, touch in kept])


def _interval(rule: CadenceRule, strategy_intervals: Mapping[str, tuple[Every, str]]) -> tuple[Every, list[Reason]]:
    """The shortest of the rule's and the strategies' intervals, never below the rule's minimum (REL-4)."""
    every, reasons = rule.step, list[Reason]()
    found = strategy_intervals.get(rule.channel)
    if found is not None and found[0].average_days < every.average_days:
        every = found[0]
        reasons.append(
            Reason("cadence.strategy_interval", {}, {"type": found[1], "interval": str(every), "instead_of": str(rule.step)})
        )
    if rule.minimum is not None and every.average_days < rule.minimum.average_days:
        reasons.append(Reason("cadence.minimum", {}, {"minimum": str(rule.minimum), "instead_of": str(every)}))
        every = rule.minimum
    return every, reasons


def _rolling(
    finder: ContactFinder, history: ClientHistory, context: DueContext, strategy_intervals: Mapping[str, tuple[Every, str]]
) -> Due:
    rule = finder.rule
    every, reasons = _interval(rule, strategy_intervals)
    found = finder.find_last(history, context.as_of)
    last: Touchpoint | None = None
    if found is not None:
        basis, last = found
        values = {"touchpoint": last.id, "channel": last.channel, "interval": str(every)}
        reasons.insert(0, Reason("cadence.last_contact", {}, {**values, "on": date.fromordinal(basis)}))
        if last.channel != rule.channel:
            code = "cadence.satisfied_by" if last.channel in rule.channels else "cadence.in_lieu"
            reasons.append(Reason(code, {}, {"channel": last.channel, "instead_of": rule.channel}))
    else:
        basis = _first_basis(history, context)
        since = (
            "rule_in_force"
            if basis == context.in_force_from
            else "client_since"
            if history.client.client_since_on
            else "first_event"
        )
        reasons.insert(
            0, Reason("cadence.never_contacted", {}, {"since": since, "on": date.fromordinal(basis), "interval": str(every)})
        )
    due, rolled = _rolled(rule, every.after(basis), context)
    return Due(
        rule=rule,
        occurrence="first" if last is None else last.id,
        interval=every,
        due=due,
        earliest=_before(rule, due, context.table),
        latest=_after(rule, due, context.table),
        last=last,
        last_day=None if last is None else basis,
        person_id=None,
        reasons=(*reasons, *rolled),
    )


def _first_basis(history: ClientHistory, context: DueContext) -> int:
    """From when the first interval counts: the client's first day or the rule's, whichever is later (CAD-1).

    What happened after `as_of` does not count as the client's first event.
    """
    begins = history.begins
    if begins is None or (history.client.client_since_on is None and begins > context.as_of):
        return context.in_force_from
    return max(begins, context.in_force_from)


def _rolled(rule: CadenceRule, raw: int, context: DueContext) -> tuple[int, list[Reason]]:
    due = context.table.roll(rule.roll, raw)
    calendar = context.table.calendar
    reasons: list[Reason] = []
    if due != raw:
        days = {"from": date.fromordinal(raw), "to": date.fromordinal(due)}
        reasons.append(Reason("cadence.rolled", {}, {**days, "calendar": calendar.name, "roll": rule.roll}))
    if rule.roll != "none" and not (calendar.is_known(date.fromordinal(raw)) and calendar.is_known(date.fromordinal(due))):
        reasons.append(Reason("calendar.not_published", {}, {"calendar": calendar.name, "on": date.fromordinal(due)}))
    return due, reasons


def _before(rule: CadenceRule, due: int, table: RollTable) -> int:
    return table.add(due, -rule.lead.days) if rule.lead.is_business and rule.lead.days else due - rule.lead.days


def _after(rule: CadenceRule, due: int, table: RollTable) -> int:
    return table.add(due, rule.grace.days) if rule.grace.is_business and rule.grace.days else due + rule.grace.days


def _grid(rule: CadenceRule, grid: Grid, contacts: Contacts, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    table = context.table
    begins = history.begins
    floor = context.in_force_from if begins is None else max(begins, context.in_force_from)
    last = contacts.last()
    last_day = contacts.days[-1] if contacts.days else None

    def occurrence(n: int) -> Due | None:
        raw = grid.day_of(n)
        if raw is None:
            return None
        due, rolled = _rolled(rule, raw, context)
        if due < floor:
            return None
        return Due(
            rule=rule,
            occurrence=grid.name_of(n),
            interval=rule.step,
            due=due,
            earliest=_before(rule, due, table),
            latest=_after(rule, due, table),
            last=last,
            last_day=last_day,
            person_id=grid.person_id,
            reasons=(
                Reason(
                    "cadence.occurrence", {}, {"anchor": rule.anchor, "occurrence": grid.name_of(n), "on": date.fromordinal(raw)}
                ),
                *rolled,
            ),
        )

    # Rolling and leads move an occurrence by less than the step plus a few weeks; two steps either way are enough to find both.
    near = grid.index_near(max(context.as_of, floor))
    around = [due for due in map(occurrence, range(near - 2, near + 12)) if due is not None]
    begun = [due for due in around if due.earliest <= context.as_of]
    coming = next((due for due in around if due.earliest > context.as_of), None)
    if begun:
        current = begun[-1]
        if not any(current.earliest <= day for day in contacts.days):
            yield current
    if coming is not None:
        yield coming
