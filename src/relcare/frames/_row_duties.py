"""One contact that is owed, or may be, over columns: as the values that objects give, as far as its row tells (CRI-3, CAD-13)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from relcare._time import Every
from relcare.cadence import CadenceRule, Trigger, obligation_key
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.frames._cells import Row, day_in, text_in, texts_in, whole_in
from relcare.model import FactValue, Obligation, Reason, Undecided
from relcare.policy import Core, Vocabulary, decisive_facts, facts_of

__all__ = ["DutyReader"]


class DutyReader:
    """Turns rows of contacts that are owed into obligations.

    Args:
        policy: The policy by which they were decided.
        vocabulary: What its facts mean.
        as_of: The day.
    """

    def __init__(self, policy: Policy, vocabulary: Vocabulary, as_of: date) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._as_of = as_of
        rules: list[CadenceRule | Trigger] = [*policy.cadence, *policy.triggers]
        self._rules = {rule.id: rule for rule in rules}

    def obligation(self, row: Row, facts: Mapping[str, Core] | None) -> Obligation:
        """See `RowReader.obligation`.

        Args:
            row: By column.
            facts: Of the client; None where they are not known.
        """
        rule = self._rule(_text(row, "rule_id"))
        interval, client_id = _text(row, "interval"), _text(row, "client_id")
        last_on, state = day_in(row, "last_contact_on"), _text(row, "state")
        occurrence = text_in(row, "occurrence") or ("first" if last_on is None else last_on.isoformat())
        return Obligation(
            key=obligation_key(client_id, rule.id, occurrence),
            client_id=client_id,
            rule_id=rule.id,
            rule_ids=texts_in(row, "rule_ids"),
            owner_id=text_in(row, "owner_id"),
            staff_id=text_in(row, "staff_id"),
            person_id=text_in(row, "person_id"),
            attributed_to=text_in(row, "attributed_to"),
            channel=rule.channel,
            role=rule.role,
            minutes=rule.minutes,
            priority=rule.priority,
            state=state,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - as it was decided
            never_contacted=last_on is None,
            last_contact_on=last_on,
            interval=interval,
            interval_days=_days_of(interval),
            earliest_on=_day(row, "earliest_on"),
            due_on=_day(row, "due_on"),
            latest_on=_day(row, "latest_on"),
            overdue_days=whole_in(row, "overdue_days") or 0,
            policy_id=self._policy.id,
            policy_version=self._policy.version,
            as_of=self._as_of,
            reasons=tuple(self._reasons(row, facts)),
        )

    def undecided(self, row: Row, facts: Mapping[str, Core]) -> Undecided:
        """See `RowReader.undecided`."""
        rule = self._rule(_text(row, "rule_id"))
        if rule.when is None:
            raise InvalidValueError("row.rule_id", rule.id, "must be a rule with a criterion", "give its own policy")
        missing = decisive_facts(rule.when, facts, self._vocabulary)
        reason = Reason(
            "cadence.undecided", self._facts(rule, facts), {"rule": rule.id, "when": str(rule.when), "missing": missing}
        )
        return Undecided(client_id=_text(row, "client_id"), rule_id=rule.id, missing=missing, reasons=(reason,))

    def _rule(self, rule_id: str) -> CadenceRule | Trigger:
        if rule_id not in self._rules:
            near = nearest(rule_id, self._rules)
            raise UnknownRecordError("rule", rule_id, f"did you mean {near!r}?" if near else None)
        return self._rules[rule_id]

    def _facts(self, rule: CadenceRule | Trigger, facts: Mapping[str, Core]) -> dict[str, FactValue]:
        names = facts_of(rule.when) if rule.when is not None else ()
        for name in names:
            if name not in facts:
                raise InvalidValueError("client", name, "is a column that the client's row must have")
        return {name: self._vocabulary[name].decode(facts[name]) for name in names}

    def _reasons(self, row: Row, facts: Mapping[str, Core] | None) -> Iterator[Reason]:
        """The rules that ask, each with why now; of those that are merged only the first one's interval is known."""
        governing, *others = texts_in(row, "rule_ids")
        yield from self._why(self._rule(governing), row, facts, _text(row, "interval"))
        for rule_id in others:
            yield self._asks(self._rule(rule_id), facts, None)
        if others:
            yield Reason("cadence.merged", {}, {"rule": governing, "also": tuple(others)})

    def _why(self, rule: CadenceRule | Trigger, row: Row, facts: Mapping[str, Core] | None, interval: str) -> Iterator[Reason]:
        if isinstance(rule, Trigger):
            yield self._asks(rule, facts, None)
            return
        yield self._asks(rule, facts, interval)
        occurrence, last_on = text_in(row, "occurrence"), day_in(row, "last_contact_on")
        if rule.mode == "rolling" and last_on is not None:
            yield Reason("cadence.last_contact", {}, {"touchpoint": None, "channel": None, "interval": interval, "on": last_on})
        elif rule.mode == "rolling":
            yield Reason("cadence.never_contacted", {}, {"since": None, "on": None, "interval": interval})
        elif rule.mode == "quota":
            begun, _, ordinal = (occurrence or "").rpartition(".")
            since = date.fromisoformat(begun)
            yield Reason(
                "cadence.quota", {}, {"ordinal": int(ordinal), "times": rule.times, "period": str(rule.step), "from": since}
            )
        else:
            yield Reason("cadence.occurrence", {}, {"anchor": rule.anchor, "occurrence": occurrence, "on": None})

    def _asks(self, rule: CadenceRule | Trigger, facts: Mapping[str, Core] | None, interval: str | None) -> Reason:
        values = {
            "rule": rule.id,
            "channel": rule.channel,
            "interval": interval,
            "when": str(rule.when) if rule.when else None,
            "source": rule.source,
        }
        return Reason("cadence.rule", {} if facts is None else self._facts(rule, facts), values)


def _text(row: Row, column: str) -> str:
    found = text_in(row, column)
    if found is None:
        raise InvalidValueError(f"row.{column}", None, "must be there", "give the row as it was decided")
    return found


def _day(row: Row, column: str) -> date:
    found = day_in(row, column)
    if found is None:
        raise InvalidValueError(f"row.{column}", None, "must be there", "give the row as it was decided")
    return found


def _days_of(interval: str) -> Decimal:
    """The average length in days, to four places."""
    return Decimal(f"{round(Every.parse(interval).average_days * 10_000)}E-4")
