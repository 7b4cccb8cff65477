"""From what is due to obligations: who does it, what merges, what is undecided (CAD-9, CAD-13, CRI-2)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias

import attrs

from relcare._time import Every
from relcare.cadence._by_mode import dues_of
from relcare.cadence._contacts import ContactFinder
from relcare.cadence._days import DueContext
from relcare.cadence._due import Due
from relcare.cadence._redate import Redating, TierChange, latest_change
from relcare.cadence._rolling import interval_of
from relcare.cadence._rule import ACCOUNT_MANAGER, DEFAULT_COUNTS, CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.cadence._triggered import ReadyTrigger, triggered_dues
from relcare.facts import ClientHistory
from relcare.model import FactValue, Obligation, Reason, Staff, Undecided
from relcare.policy import CompiledCriteria, Core, Criterion, Vocabulary, compile_criteria, decisive_facts, facts_of, may_hold

__all__ = ["Cadence", "anchor_of", "asked", "cadence_of", "obligation_key", "staff_by_role"]

_ReasonKey: TypeAlias = tuple[str, Every, tuple[Core, ...]]
_MOST_REASONS: Final = 4_096
_Merge: TypeAlias = tuple[str, frozenset[str], str, frozenset[str], Criterion, str | None]


def obligation_key(client_id: str, rule_id: str, occurrence: str) -> str:
    """The key of an obligation: client, rule and occurrence joined by `/`; `/` and `%` in them are percent-encoded (CAD-13)."""
    return f"{_escaped(client_id)}/{_escaped(rule_id)}/{_escaped(occurrence)}"


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def staff_by_role(staff: Sequence[Staff]) -> Mapping[str, str]:
    """The member of staff for each role: of several the one whose id is lowest by code point (CAD-9)."""
    found: dict[str, str] = {}
    for member in staff:
        if member.role is not None and (member.role not in found or member.id < found[member.role]):
            found[member.role] = member.id
    return found


@attrs.frozen(eq=False)
class Cadence:
    """The cadence rules of a policy made ready for many clients.

    Attributes:
        rules: In the order of the policy.
        vocabulary: What their facts mean.
        layout: The facts they read, triggers included.
        policy_id: For the obligations.
        policy_version: For the obligations.
        finders: What counts as contact for each rule, in their order.
        triggers: Made ready, in the order of the policy.
    """

    rules: tuple[CadenceRule, ...]
    vocabulary: Vocabulary
    layout: tuple[str, ...]
    policy_id: str
    policy_version: str
    _compiled: CompiledCriteria = attrs.field(alias="compiled")
    finders: tuple[ContactFinder[CadenceRule], ...]
    triggers: tuple[ReadyTrigger, ...] = ()
    # Rules with the same number ask the same thing; to compare what they ask for each client would cost more than to answer.
    _groups: tuple[int, ...] = attrs.field(default=attrs.Factory(lambda self: _grouped(self.rules), takes_self=True), init=False)
    # Filled as it goes, each entry equal to what anybody else would put there, so that threads may share it.
    _rule_reasons: dict[_ReasonKey, Reason] = attrs.field(factory=dict[_ReasonKey, Reason], init=False, alias="rule_reasons")

    def oblige(
        self,
        history: ClientHistory,
        row: Mapping[str, Core],
        context: DueContext,
        *,
        strategy_intervals: Mapping[str, tuple[Every, str]],
        provisional: Mapping[str, Reason],
        roles: Mapping[str, str],
        inapplicable: frozenset[str] = frozenset(),
        changes: Mapping[str, TierChange] | None = None,
    ) -> tuple[list[Obligation], list[Undecided]]:
        """What is owed to one client, and what cannot be said.

        Args:
            history: The client.
            row: Its facts in core form, tiers and strategies included.
            context: What all clients share.
            strategy_intervals: By channel, see `relcare.relationships.merge_strategies`.
            provisional: By fact, a reason to add where the fact is only provisional (`tier.provisional`, CAD-6).
            roles: Who does what, see `staff_by_role`.
            inapplicable: Tiers of schemes that do not class the client at all. Nothing is missing there: a rule that only they
                leave open does not apply, and is not undecided.
            changes: The latest change of each tier, by fact, where there was one (CAD-6).
        """
        answers = iter(self._compiled([row.get(name) for name in self.layout]))
        rolling: dict[int, list[Due]] = {}
        owed: list[list[Due]] = []
        undecided: list[Undecided] = []
        for rule, finder, group in zip(self.rules, self.finders, self._groups, strict=True):
            answer = True if rule.when is None else next(answers)
            if answer is None:
                undecided.extend(self._undecided(rule, row, history, inapplicable))
            if not answer:
                continue
            redating = self.redating(rule, row, changes, strategy_intervals) if changes else None
            dues = dues_of(
                finder, history, context, strategy_intervals=strategy_intervals, anchor=anchor_of(rule, row), redating=redating
            )
            for due in dues:
                if rule.mode == "rolling":
                    rolling.setdefault(group, []).append(due)
                else:
                    owed.append([due])
        for ready in self.triggers:
            answer = True if ready.trigger.when is None else next(answers)
            answers_due = [] if answer is False else list(triggered_dues(ready, history, context))
            if answer:
                owed.extend([due] for due in answers_due)
            elif answers_due:  # without an event it does not matter whom the trigger is about
                undecided.extend(self._undecided(ready.trigger, row, history, inapplicable))
        for same in rolling.values():
            if len(same) > 1:
                same.sort(key=lambda due: (due.interval.average_days, due.rule.id))
            owed.append(same)
        return [self._obligation(same, history, row, context, provisional=provisional, roles=roles) for same in owed], undecided

    def _undecided(
        self, rule: CadenceRule | Trigger, row: Mapping[str, Core], history: ClientHistory, inapplicable: frozenset[str]
    ) -> Iterator[Undecided]:
        if rule.when is None or (inapplicable and not may_hold(rule.when, row, self.vocabulary, inapplicable)):
            return
        missing = decisive_facts(rule.when, row, self.vocabulary)
        reason = Reason(
            "cadence.undecided", self._facts(rule, row), {"rule": rule.id, "when": str(rule.when), "missing": missing}
        )
        yield Undecided(client_id=history.client.id, rule_id=rule.id, missing=missing, reasons=(reason,))

    def applying(self, row: Mapping[str, Core]) -> tuple[list[ContactFinder[CadenceRule]], list[ReadyTrigger]]:
        """The rules and triggers whose criterion certainly holds, made ready, in the order of the policy."""
        answers = iter(self._compiled([row.get(name) for name in self.layout]))
        rules = [finder for finder in self.finders if finder.rule.when is None or next(answers)]
        return rules, [ready for ready in self.triggers if ready.trigger.when is None or next(answers)]

    def redating(
        self,
        rule: CadenceRule,
        row: Mapping[str, Core],
        changes: Mapping[str, TierChange],
        strategy_intervals: Mapping[str, tuple[Every, str]],
    ) -> Redating | None:
        """What a rule has to know about the latest change of a tier that it asks for; None where there was none."""
        change = latest_change(changes, facts_of(rule.when)) if rule.mode == "rolling" and rule.when is not None else None
        if change is None:
            return None
        before = {**row, change.fact: change.before}
        answers = iter(self._compiled([before.get(name) for name in self.layout]))
        old: Every | None = None
        for other in self.rules:
            holds = True if other.when is None else next(answers)
            if holds and other.mode == "rolling" and other.channel == rule.channel:
                every = interval_of(other, strategy_intervals)
                old = every if old is None or every.average_days < old.average_days else old
        return Redating(change=change, old=old)

    def _facts(self, rule: CadenceRule | Trigger, row: Mapping[str, Core]) -> dict[str, FactValue]:
        names = facts_of(rule.when) if rule.when is not None else ()
        return {name: self.vocabulary[name].decode(row.get(name)) for name in names}

    def _reasons(self, due: Due, row: Mapping[str, Core], provisional: Mapping[str, Reason]) -> list[Reason]:
        rule = due.rule
        facts = facts_of(rule.when) if rule.when is not None else ()
        # Most clients of a rule have the same facts for it: they share one reason.
        key = (rule.id, due.interval, tuple(row.get(name) for name in facts))
        reason = self._rule_reasons.get(key)
        if reason is None:
            if len(self._rule_reasons) >= _MOST_REASONS:
                self._rule_reasons.clear()
            values = {
                "rule": rule.id,
                "channel": rule.channel,
                # A trigger asks once for each event, and not every so often.
                "interval": None if isinstance(rule, Trigger) else str(due.interval),
                "when": str(rule.when) if rule.when else None,
            }
            reason = Reason("cadence.rule", self._facts(rule, row), {**values, "source": rule.source})
            self._rule_reasons[key] = reason
        return [reason, *(provisional[name] for name in facts if name in provisional), *due.reasons]

    def _obligation(
        self,
        group: Sequence[Due],
        history: ClientHistory,
        row: Mapping[str, Core],
        context: DueContext,
        *,
        provisional: Mapping[str, Reason],
        roles: Mapping[str, str],
    ) -> Obligation:
        """One obligation from all rules that ask the same thing; the first of them governs (CAD-13)."""
        due, rule, client = group[0], group[0].rule, history.client
        reasons = [reason for one in group for reason in self._reasons(one, row, provisional)]
        if len(group) > 1:
            also = tuple(one.rule.id for one in group[1:])
            reasons.append(Reason("cadence.merged", {}, {"rule": rule.id, "also": also}))
        staff_id = client.owner_id if rule.role == ACCOUNT_MANAGER else roles.get(rule.role)
        if rule.role != ACCOUNT_MANAGER and staff_id is None:
            staff_id = client.owner_id
            reasons.append(Reason("role.fallback", {}, {"role": rule.role, "owner": client.owner_id}))
        overdue = max(0, context.as_of - due.due)
        return Obligation(
            key=obligation_key(client.id, rule.id, due.occurrence),
            client_id=client.id,
            rule_id=rule.id,
            rule_ids=tuple(one.rule.id for one in group),
            owner_id=client.owner_id,
            staff_id=staff_id,
            person_id=due.person_id,
            attributed_to="owner" if overdue else None,
            channel=rule.channel,
            role=rule.role,
            minutes=rule.minutes,
            priority=rule.priority,
            state=due.state(context.as_of, context.moment),
            never_contacted=due.last is None,
            last_contact_on=None if due.last_day is None else date.fromordinal(due.last_day),
            interval=str(due.interval),
            interval_days=_average(due.interval),
            earliest_on=date.fromordinal(due.earliest),
            due_on=date.fromordinal(due.due),
            latest_on=date.fromordinal(due.latest),
            due_at=due.due_at,
            overdue_days=overdue,
            policy_id=self.policy_id,
            policy_version=self.policy_version,
            as_of=date.fromordinal(context.as_of),
            reasons=tuple(reasons),
        )


def asked(rule: CadenceRule) -> _Merge:
    """What a rolling rule asks for: rules that ask the same have the same last contact, so the shortest interval is due first."""
    return rule.channel, rule.channels, rule.role, frozenset(rule.reaches), rule.counts or DEFAULT_COUNTS, rule.purpose


def _grouped(rules: Sequence[CadenceRule]) -> tuple[int, ...]:
    """A number for each rule; rules that ask the same have the same."""
    numbers: dict[_Merge, int] = {}
    return tuple(numbers.setdefault(asked(rule), len(numbers)) for rule in rules)


@lru_cache(maxsize=1_024)
def _average(every: Every) -> Decimal:
    """The average length in days, to four places: it orders obligations and is shown, no date depends on it."""
    exact = every.average_days
    # Whole digits instead of a division: the host's decimal context may be set to fewer digits than a day count has.
    return Decimal(exact.numerator) if exact.denominator == 1 else Decimal(f"{round(exact * 10_000)}E-4")


def anchor_of(rule: CadenceRule, row: Mapping[str, Core]) -> int | None:
    """The ordinal of the date fact that a rule names as its anchor; None when it is missing or the rule names none."""
    value = row.get(rule.anchor) if rule.anchor is not None else None
    return value if isinstance(value, int) else None


def cadence_of(
    rules: Sequence[CadenceRule],
    vocabulary: Vocabulary,
    *,
    policy_id: str,
    policy_version: str,
    triggers: Sequence[Trigger] = (),
) -> Cadence:
    """The rules and triggers of a policy made ready, once they have passed their checks."""
    asking: list[CadenceRule | Trigger] = [*rules, *triggers]
    criteria = [rule.when for rule in asking if rule.when is not None]
    layout = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
    return Cadence(
        tuple(rules),
        vocabulary,
        layout,
        policy_id,
        policy_version,
        compiled=compile_criteria(criteria, vocabulary, layout),
        finders=tuple(ContactFinder[CadenceRule].of(rule) for rule in rules),
        triggers=tuple(ReadyTrigger.of(trigger) for trigger in triggers),
    )
