"""Later occurrences inside a horizon, foreseen from the due days (PLN-2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs

from relcare._time import Every
from relcare.cadence import (
    ACCOUNT_MANAGER,
    Cadence,
    CadenceRule,
    DueContext,
    Later,
    cadence_of,
    later_dates,
    later_steps,
    obligation_key,
    staff_by_role,
)
from relcare.calendars import Calendar, RollTable
from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.facts import ClientHistory, histories_of
from relcare.model import Book, Obligation, Reason
from relcare.policy import Core, OutOfBounds, Vocabulary

__all__ = ["Projection"]


class Projection:
    """What will be owed after what is owed now.

    A rolling rule comes again at its due day plus one interval, plus two, and so forth, each rolled by the calendar by itself: as
    if every contact were made on the day when it is due, whenever it is planned. Such an occurrence has the key of what is owed
    now with `/+1`, `/+2` behind it. Dates of a grid and shares of a quota come with the keys that they will have. Triggers are
    not foreseen. Facts and tiers are taken as they are now.

    Args:
        policy: The rules.
        book: Clients with their history.
        result: What was decided for the day.
        calendar: Business days.
        until: The last due day.
    """

    def __init__(self, policy: Policy, book: Book, result: BookResult, calendar: Calendar, until: date) -> None:
        ends = policy.effective_until
        self._until = until.toordinal() if ends is None else min(until.toordinal(), ends.toordinal() - 1)
        self._book = book
        self._result = result
        self._words: Vocabulary = vocabularies_of_policy(policy).full
        self._cadence: Cadence = cadence_of(policy.cadence, self._words, policy_id=policy.id, policy_version=policy.version)
        self._rules = {rule.id: rule for rule in policy.cadence}
        self._roles = staff_by_role(book.staff)
        self._context = DueContext(
            as_of=result.as_of.toordinal(),
            in_force_from=policy.effective_from.toordinal(),
            table=RollTable(calendar, result.as_of, max(result.as_of, until)),
            zone=ZoneInfo(book.zone),
            hours=policy.working_hours,
        )
        anchors = (rule.anchor for rule in policy.cadence if rule.anchor in self._words)
        self._needed = dict.fromkeys((*self._cadence.layout, *(anchor for anchor in anchors if anchor is not None)))

    def obligations(self) -> Iterator[Obligation]:
        """All of them, in no order that matters."""
        owed = self._result.obligations
        for one in owed:
            yield from self._steps(one)
        dated = [rule for rule in self._rules.values() if rule.mode != "rolling"]
        if dated:
            known = frozenset(one.key for one in owed)
            for history in histories_of(self._book):
                yield from (one for one in self._dates(history) if one.key not in known)

    def _steps(self, owed: Obligation) -> Iterator[Obligation]:
        rule = self._rules.get(owed.rule_id)
        if rule is None or rule.mode != "rolling":
            return
        every = Every.parse(owed.interval)
        for later in later_steps(rule, every, owed.due_on.toordinal(), self._context, self._until):
            nth = Reason("plan.projected", {}, {"nth": int(later.name), "from": owed.due_on, "interval": owed.interval})
            yield attrs.evolve(
                owed,
                key=f"{owed.key}/+{later.name}",
                attributed_to=None,
                state="upcoming",
                earliest_on=date.fromordinal(later.earliest),
                due_on=date.fromordinal(later.due),
                latest_on=date.fromordinal(later.latest),
                due_at=None,
                next_allowed_at=None,
                overdue_days=0,
                reasons=(*_lasting(owed.reasons), nth, *later.reasons),
            )

    def _dates(self, history: ClientHistory) -> Iterator[Obligation]:
        row = self._row(history.client.id)
        finders, _ = self._cadence.applying(row)
        for finder in finders:
            rule = finder.rule
            if rule.mode == "rolling":
                continue
            value = row.get(rule.anchor) if rule.anchor is not None else None
            anchor = value if isinstance(value, int) else None
            for later in later_dates(rule, history, self._context, self._until, anchor=anchor):
                yield self._obligation(rule, history, later)

    def _obligation(self, rule: CadenceRule, history: ClientHistory, later: Later) -> Obligation:
        client = history.client
        owner_id = self._book.owner_on(client.id, self._result.as_of)
        named = owner_id if rule.role == ACCOUNT_MANAGER else self._roles.get(rule.role)
        fallback = () if named is not None else (Reason("role.fallback", {}, {"role": rule.role, "owner": owner_id}),)
        average = rule.step.average_days
        return Obligation(
            key=obligation_key(client.id, rule.id, later.name),
            client_id=client.id,
            rule_id=rule.id,
            rule_ids=(rule.id,),
            owner_id=owner_id,
            staff_id=owner_id if named is None else named,
            person_id=later.person_id,
            attributed_to=None,
            channel=rule.channel,
            role=rule.role,
            minutes=rule.minutes,
            priority=rule.priority,
            state="upcoming",
            never_contacted=False,
            last_contact_on=None,
            interval=str(rule.step),
            interval_days=Decimal(round(average * 10_000)) / 10_000,
            earliest_on=date.fromordinal(later.earliest),
            due_on=date.fromordinal(later.due),
            latest_on=date.fromordinal(later.latest),
            overdue_days=0,
            policy_id=self._result.policy_id,
            policy_version=self._result.policy_version,
            as_of=self._result.as_of,
            reasons=(*fallback, *later.reasons),
        )

    def _row(self, client_id: str) -> Mapping[str, Core]:
        """What the rules read of a client, in core form."""
        facts = self._result.facts(client_id)
        row: dict[str, Core] = {}
        for name in self._needed:
            core = self._words[name].encode(name, facts.get(name))
            row[name] = None if isinstance(core, OutOfBounds) else core
        return row


def _lasting(reasons: Iterable[Reason]) -> Sequence[Reason]:
    """The reasons that hold for a later occurrence too: not how this one's own day came about, or why it is not allowed now."""
    return [reason for reason in reasons if not reason.code.startswith("permission.") and reason.code not in _OF_THE_DAY]


_OF_THE_DAY = frozenset({"cadence.rolled", "cadence.redated", "calendar.not_published", "role.absent"})
