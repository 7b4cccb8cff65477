"""When it is due: raw day, rolled day, earliest, latest, state (CAD-1, CAD-3, CAD-5, REL-4)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs

from relcare._time import LAST_DAY, Every, Span
from relcare.cadence._contacts import ContactFinder, Contacts
from relcare.cadence._occurrences import Grid, grids_of
from relcare.cadence._quota import period_of, shares_of
from relcare.cadence._redate import Redating
from relcare.cadence._rule import CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.calendars import Roll, RollTable, WorkingHours
from relcare.facts import ClientHistory
from relcare.model import Reason, State, Touchpoint

__all__ = ["Days", "Due", "DueContext", "days_of", "dues_of", "first_basis", "index_before", "interval_of", "of_person"]

_LAST = LAST_DAY.toordinal()

DaysKey: TypeAlias = tuple[Roll, Span, Span, int]
"""All that the days of an occurrence depend on, for one calendar: roll, lead, grace, raw day."""


@attrs.frozen(kw_only=True, eq=False)
class DueContext:
    """What all clients share.

    Attributes:
        as_of: The day, an ordinal.
        in_force_from: The first day of the policy, an ordinal.
        table: Business days.
        zone: Of the book, in which hours are meant.
        hours: When the firm works on a business day.
        moment: The instant that was asked about, where it was one and not a day (TIM-1).
        days: What `days_of` has found, filled as it goes: a book has many clients and few days.
    """

    as_of: int
    in_force_from: int
    table: RollTable
    zone: ZoneInfo = attrs.field(factory=lambda: ZoneInfo("UTC"))
    hours: WorkingHours = attrs.field(factory=WorkingHours)
    moment: datetime | None = None
    days: dict[DaysKey, "Days"] = attrs.field(factory=dict[DaysKey, "Days"], init=False)


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
        due_at: The instant by which it is due, where hours matter.
    """

    rule: CadenceRule | Trigger
    occurrence: str
    interval: Every
    due: int
    earliest: int
    latest: int
    last: Touchpoint | None
    last_day: int | None
    person_id: str | None
    reasons: tuple[Reason, ...]
    due_at: datetime | None = None

    def state(self, as_of: int, moment: datetime | None = None) -> State:
        """Where it stands: upcoming before `earliest`, due to `due`, grace to `latest`, then overdue; all inclusive (CAD-5).

        Args:
            as_of: The day.
            moment: The instant on it, where one was asked about: what is due at an instant is late right after it.
        """
        if as_of < self.earliest:
            return "upcoming"
        if self.due_at is not None and moment is not None and moment > self.due_at:
            return "grace" if self.due < self.latest and as_of <= self.latest else "overdue"
        if as_of <= self.due:
            return "due"
        return "grace" if as_of <= self.latest else "overdue"


def dues_of(
    finder: ContactFinder[CadenceRule],
    history: ClientHistory,
    context: DueContext,
    *,
    strategy_intervals: Mapping[str, tuple[Every, str]],
    anchor: int | None = None,
    redating: Redating | None = None,
) -> Iterator[Due]:
    """What one rule, whose criterion holds, asks of one client.

    A rolling rule gives one. A quota gives every contact of the current period that is still owed. A grid gives the last
    occurrence that has begun, if it is still owed, and the next one: late ones do not stack (CAD-5).

    Args:
        finder: The rule.
        history: The client.
        context: What all clients share.
        strategy_intervals: By channel, with the type that asks for it (REL-4).
        anchor: The ordinal of the date fact that a grid names, or None.
        redating: The change of tier that a rolling rule has to look at, or None (CAD-6).
    """
    if finder.rule.mode == "rolling":
        yield _rolling(finder, history, context, strategy_intervals, redating)
        return
    contacts = finder.find(history, context.as_of)
    if finder.rule.mode == "quota":
        yield from _quota(finder.rule, contacts, history, context)
        return
    for grid in grids_of(finder.rule, history, anchor):
        yield from _grid(finder.rule, grid, of_person(contacts, grid.person_id), history, context)


def of_person(contacts: Contacts, person_id: str | None) -> Contacts:
    """The contacts that may be this person's: those that name nobody else; all of them for no person."""
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


def interval_of(rule: CadenceRule, strategy_intervals: Mapping[str, tuple[Every, str]]) -> Every:
    """How often a rolling rule asks for contact with a client whose relationship types come to these intervals (REL-4).

    Args:
        rule: The rule.
        strategy_intervals: By channel, see `relcare.relationships.merge_strategies`.
    """
    return _interval(rule, strategy_intervals)[0]


def _quota(rule: CadenceRule, contacts: Contacts, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    start, _ = period_of(rule, context.as_of)
    floor = first_basis(history, context)
    for ordinal, first, last in shares_of(rule, context.as_of, contacts):
        if last < floor:  # before the client or the policy began nothing was owed
            continue
        days = days_of(rule, last, context)
        begun = date.fromordinal(start)
        quota = Reason("cadence.quota", {}, {"ordinal": ordinal, "times": rule.times, "period": str(rule.step), "from": begun})
        yield Due(
            rule=rule,
            occurrence=f"{begun}.{ordinal}",
            interval=rule.step,
            due=days.due,
            earliest=min(days.due, first),
            latest=days.latest,
            last=contacts.last(),
            last_day=contacts.days[-1] if contacts.days else None,
            person_id=None,
            reasons=(quota, *days.reasons),
        )


def _rolling(
    finder: ContactFinder[CadenceRule],
    history: ClientHistory,
    context: DueContext,
    strategy_intervals: Mapping[str, tuple[Every, str]],
    redating: Redating | None,
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
        basis = first_basis(history, context)
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
    raw = every.after(basis)
    if redating is not None:
        moved, k = redating.raw_day(basis, every, rule.spread.days, history.client.id, rule.id)
        if moved != raw:
            before, now = redating.change.tiers
            changed, instead = date.fromordinal(redating.change.start), date.fromordinal(raw)
            reasons.append(
                Reason("cadence.redated", {}, {"from": before, "to": now, "since": changed, "spread": k, "instead_of": instead})
            )
            raw = moved
    days = days_of(rule, raw, context)
    return Due(
        rule=rule,
        occurrence="first" if last is None else last.id,
        interval=every,
        due=days.due,
        # A lead may be longer than a strategy's interval: what was just done is not owed again on the same day.
        earliest=min(days.due, max(days.earliest, basis if last is None else basis + 1)),
        latest=days.latest,
        last=last,
        last_day=None if last is None else basis,
        person_id=None,
        reasons=(*reasons, *days.reasons),
    )


def first_basis(history: ClientHistory, context: DueContext) -> int:
    """From when the first interval counts: the client's first day or the rule's, whichever is later (CAD-1).

    What happened after `as_of` does not count as the client's first event.
    """
    begins = history.begins
    if begins is None or (history.client.client_since_on is None and begins > context.as_of):
        return context.in_force_from
    return max(begins, context.in_force_from)


@attrs.frozen(kw_only=True)
class Days:
    """One occurrence's days, and what the calendar did to them."""

    due: int
    earliest: int
    latest: int
    reasons: tuple[Reason, ...]


def days_of(rule: CadenceRule, raw: int, context: DueContext) -> Days:
    """Due, earliest and latest of a raw day (CAD-5)."""
    key = (rule.roll, rule.lead, rule.grace, raw)
    found = context.days.get(key)
    if found is None:
        found = context.days[key] = _days_of(rule, raw, context)
    return found


def _days_of(rule: CadenceRule, raw: int, context: DueContext) -> Days:
    table, lead, grace = context.table, rule.lead, rule.grace
    calendar = table.calendar
    due = table.roll(rule.roll, raw)
    earliest = table.add(due, -lead.days) if lead.is_business else due - lead.days
    latest = table.add(due, grace.days) if grace.is_business else due + grace.days
    reasons: list[Reason] = []
    if due != raw:
        moved = {"from": date.fromordinal(raw), "to": date.fromordinal(due)}
        reasons.append(Reason("cadence.rolled", {}, {**moved, "calendar": calendar.name, "roll": rule.roll}))
    # Every day that the calendar was asked about; a rule that asks it nothing does not care how far it is published.
    asked = {raw, due} if rule.roll != "none" else set[int]()
    for span, day in ((lead, earliest), (grace, latest)):
        if span.is_business and span.days:
            asked |= {due, day}
    if not all(calendar.is_known(date.fromordinal(day)) for day in asked):
        reasons.append(Reason("calendar.not_published", {}, {"calendar": calendar.name, "on": date.fromordinal(max(asked))}))
    return Days(due=due, earliest=earliest, latest=latest, reasons=tuple(reasons))


def _grid(rule: CadenceRule, grid: Grid, contacts: Contacts, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    as_of, floor = context.as_of, first_basis(history, context)
    begun: list[tuple[Due, bool]] = []
    upcoming: Due | None = None
    for raw, one in _occurrences(rule, grid, contacts, context, at=index_before(rule, grid, as_of, floor=floor, context=context)):
        if one.due < floor:
            continue
        if upcoming is not None and one.due != upcoming.due:
            break
        if one.earliest > as_of:
            upcoming = one
        else:
            # Who keeps a date on the date itself has kept it, also where the due day rolled to a later one.
            begun.append((one, any(min(one.earliest, raw) <= day for day in contacts.days)))
    yield from _still_owed(begun, as_of)
    if upcoming is not None:
        yield upcoming


def _occurrences(rule: CadenceRule, grid: Grid, contacts: Contacts, context: DueContext, *, at: int) -> Iterator[tuple[int, Due]]:
    """The occurrences of a grid from one of them on, each with its raw day."""
    for n in count(at):
        if grid.last is not None and n > grid.last:
            return
        raw = grid.day_of(n)
        if raw is not None and raw > _LAST:
            return
        if raw is not None:
            yield raw, _occurrence(rule, grid, n, raw, contacts=contacts, context=context)


def index_before(rule: CadenceRule, grid: Grid, day: int, *, floor: int, context: DueContext) -> int:
    """An occurrence that had begun by a day, or the first there is: none before it is owed on that day or later."""
    # Rolling and leads never change the order of occurrences: go back to one that has begun, then on to the first that has not.
    # Skipped years and long closures leave gaps of several steps, so no fixed number of them would do.
    n = max(grid.first, grid.index_near(max(day, floor)))
    while n > grid.first:
        raw = grid.day_of(n)
        if raw is not None:
            due = days_of(rule, raw, context).due
            if due < day or due < floor:
                break
        n -= 1
    return n


def _still_owed(begun: Sequence[tuple[Due, bool]], as_of: int) -> Iterator[Due]:
    """The last occurrence that has begun, and those before it that are not late yet; late ones do not stack (CAD-5).

    Several that rolled to one due day are one contact, the last of them.
    """
    last = begun[-1][0].due if begun else None
    by_day = {one.due: one for one, is_kept in begun if not is_kept and (as_of <= one.due or one.due == last)}
    yield from by_day.values()


def _occurrence(rule: CadenceRule, grid: Grid, n: int, raw: int, *, contacts: Contacts, context: DueContext) -> Due:
    days, name = days_of(rule, raw, context), grid.name_of(n)
    values = {"anchor": rule.anchor, "occurrence": name, "on": date.fromordinal(raw)}
    return Due(
        rule=rule,
        occurrence=name,
        interval=rule.step,
        due=days.due,
        earliest=days.earliest,
        latest=days.latest,
        last=contacts.last(),
        last_day=contacts.days[-1] if contacts.days else None,
        person_id=grid.person_id,
        reasons=(Reason("cadence.occurrence", {}, values), *days.reasons),
    )
