"""From what is due to obligations: who does it, what merges, what is undecided (CAD-9, CAD-13, CRI-2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import attrs

from relcare._time import Every
from relcare.cadence._contacts import ContactFinder
from relcare.cadence._due import Due, DueContext, dues_of
from relcare.cadence._rule import ACCOUNT_MANAGER, DEFAULT_COUNTS, CadenceRule
from relcare.facts import ClientHistory
from relcare.model import FactValue, Obligation, Reason, Staff, Undecided
from relcare.policy import (
    And,
    CompiledCriteria,
    Core,
    Criterion,
    Not,
    Or,
    Vocabulary,
    compile_criteria,
    decisive_facts,
    evaluate,
    facts_of,
)

__all__ = ["Cadence", "cadence_of", "obligation_key", "staff_by_role"]

_Merge: TypeAlias = tuple[str, frozenset[str], str, frozenset[str], Criterion, str | None]


def obligation_key(client_id: str, rule_id: str, occurrence: str) -> str:
    """The key of an obligation: client, rule and occurrence joined by `/`; `/` and `%` in them are percent-encoded (CAD-13)."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in (client_id, rule_id, occurrence))


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
        layout: The facts they read.
        policy_id: For the obligations.
        policy_version: For the obligations.
    """

    rules: tuple[CadenceRule, ...]
    vocabulary: Vocabulary
    layout: tuple[str, ...]
    policy_id: str
    policy_version: str
    _compiled: CompiledCriteria = attrs.field(alias="compiled")
    _finders: tuple[ContactFinder, ...] = attrs.field(alias="finders")

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
        """
        answers = iter(self._compiled([row.get(name) for name in self.layout]))
        rolling: dict[_Merge, list[Due]] = {}
        owed: list[list[Due]] = []
        undecided: list[Undecided] = []
        for rule, finder in zip(self.rules, self._finders, strict=True):
            answer = True if rule.when is None else next(answers)
            if answer is None and rule.when is not None:
                missing = decisive_facts(rule.when, row, self.vocabulary)
                if inapplicable and not _may_hold(rule.when, row, self.vocabulary, inapplicable)[0]:
                    continue
                reason = Reason(
                    "cadence.undecided", self._facts(rule, row), {"rule": rule.id, "when": str(rule.when), "missing": missing}
                )
                undecided.append(Undecided(client_id=history.client.id, rule_id=rule.id, missing=missing, reasons=(reason,)))
            if not answer:
                continue
            for due in dues_of(finder, history, context, strategy_intervals=strategy_intervals, anchor=_anchor(rule, row)):
                if rule.mode == "rolling":
                    rolling.setdefault(_asked(rule), []).append(due)
                else:
                    owed.append([due])
        owed.extend(sorted(group, key=lambda due: (due.interval.average_days, due.rule.id)) for group in rolling.values())
        return [self._obligation(group, history, row, context, provisional=provisional, roles=roles) for group in owed], undecided

    def _facts(self, rule: CadenceRule, row: Mapping[str, Core]) -> dict[str, FactValue]:
        names = facts_of(rule.when) if rule.when is not None else ()
        return {name: self.vocabulary[name].decode(row.get(name)) for name in names}

    def _reasons(self, due: Due, row: Mapping[str, Core], provisional: Mapping[str, Reason]) -> list[Reason]:
        rule = due.rule
        facts = self._facts(rule, row)
        values = {
            "rule": rule.id,
            "channel": rule.channel,
            "interval": str(due.interval),
            "when": str(rule.when) if rule.when else None,
        }
        return [
            Reason("cadence.rule", facts, {**values, "source": rule.source}),
            *(provisional[n] for n in facts if n in provisional),
            *due.reasons,
        ]

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
            state=due.state(context.as_of),
            never_contacted=due.last is None,
            last_contact_on=None if due.last_day is None else date.fromordinal(due.last_day),
            interval=str(due.interval),
            interval_days=_average(due.interval),
            earliest_on=date.fromordinal(due.earliest),
            due_on=date.fromordinal(due.due),
            latest_on=date.fromordinal(due.latest),
            overdue_days=overdue,
            policy_id=self.policy_id,
            policy_version=self.policy_version,
            as_of=date.fromordinal(context.as_of),
            reasons=tuple(reasons),
        )


def _may_hold(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary, never: frozenset[str]) -> tuple[bool, bool]:
    """Whether what is unknown may still turn out true, and false; facts that will never be known are neither."""
    answer = evaluate(criterion, row, vocabulary)
    if answer is not None:
        return answer, not answer
    if isinstance(criterion, Not):
        yes, no = _may_hold(criterion.part, row, vocabulary, never)
        return no, yes
    if isinstance(criterion, (And, Or)):
        parts = [_may_hold(part, row, vocabulary, never) for part in criterion.parts]
        join, other = (all, any) if isinstance(criterion, And) else (any, all)
        return join(yes for yes, _ in parts), other(no for _, no in parts)
    return criterion.fact not in never, criterion.fact not in never


def _asked(rule: CadenceRule) -> _Merge:
    """What a rolling rule asks for: rules that ask the same have the same last contact, so the shortest interval is due first."""
    return rule.channel, rule.channels, rule.role, frozenset(rule.reaches), rule.counts or DEFAULT_COUNTS, rule.purpose


def _average(every: Every) -> Decimal:
    """The average length in days, to four places: it orders obligations and is shown, no date depends on it."""
    exact = every.average_days
    # Whole digits instead of a division: the host's decimal context may be set to fewer digits than a day count has.
    return Decimal(exact.numerator) if exact.denominator == 1 else Decimal(f"{round(exact * 10_000)}E-4")


def _anchor(rule: CadenceRule, row: Mapping[str, Core]) -> int | None:
    value = row.get(rule.anchor) if rule.anchor is not None else None
    return value if isinstance(value, int) else None


def cadence_of(rules: Sequence[CadenceRule], vocabulary: Vocabulary, *, policy_id: str, policy_version: str) -> Cadence:
    """The rules of a policy made ready, once they have passed their checks."""
    criteria = [rule.when for rule in rules if rule.when is not None]
    layout = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
    return Cadence(
        tuple(rules),
        vocabulary,
        layout,
        policy_id,
        policy_version,
        compiled=compile_criteria(criteria, vocabulary, layout),
        finders=tuple(ContactFinder.of(rule) for rule in rules),
    )
