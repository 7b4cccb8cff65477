"""What a raw day comes to: due, earliest, latest, and what the calendar did to them (CAD-1, CAD-5)."""

from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs

from relcare._time import Span
from relcare.cadence._rule import CadenceRule
from relcare.calendars import Roll, RollTable, WorkingHours
from relcare.facts import ClientHistory
from relcare.model import Reason

__all__ = ["Days", "DueContext", "days_of", "first_basis"]

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


def first_basis(history: ClientHistory, context: DueContext) -> int:
    """From when the first interval counts: the client's first day or the rule's, whichever is later (CAD-1).

    What happened after `as_of` does not count as the client's first event.
    """
    begins = history.begins
    if begins is None or (history.client.client_since_on is None and begins > context.as_of):
        return context.in_force_from
    return max(begins, context.in_force_from)
