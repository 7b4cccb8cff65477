"""What a rolling rule asks for: so long after the last contact that counts (CAD-1, CAD-6, REL-4)."""

from collections.abc import Mapping
from datetime import date

from relcare._time import Every
from relcare.cadence._contacts import ContactFinder
from relcare.cadence._days import DueContext, days_of, first_basis
from relcare.cadence._due import Due
from relcare.cadence._redate import Redating
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory
from relcare.model import Reason, Touchpoint

__all__ = ["interval_of", "rolling_due"]


def interval_of(rule: CadenceRule, strategy_intervals: Mapping[str, tuple[Every, str]]) -> Every:
    """How often a rolling rule asks for contact with a client whose relationship types come to these intervals (REL-4).

    Args:
        rule: The rule.
        strategy_intervals: By channel, see `relcare.relationships.merge_strategies`.
    """
    return _interval(rule, strategy_intervals)[0]


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


def rolling_due(
    finder: ContactFinder[CadenceRule],
    history: ClientHistory,
    context: DueContext,
    strategy_intervals: Mapping[str, tuple[Every, str]],
    redating: Redating | None,
) -> Due:
    """What is due an interval after the last contact, or after the first day that counts where there was none."""
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
