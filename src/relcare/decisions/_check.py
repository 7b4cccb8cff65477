"""Running a policy's worked examples."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from relcare._fields import to_decimal
from relcare.calendars import Calendar
from relcare.decisions._examples import Example, ExpectValue, split_key
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.errors import InvalidValueError, PolicyError, RelcareError
from relcare.model import Book, FactValue, Obligation, Obligations, Undecided
from relcare.segmentation import Assignment
from relcare.vip import VipDecision

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["CheckReport", "ExampleFailure", "check_examples"]


@attrs.frozen(kw_only=True)
class ExampleFailure:
    """An example that does not hold.

    Attributes:
        index: Which, from 0.
        key: What was expected of what; empty when the example could not be run.
        expected: As text.
        found: As text; the error when it could not be run.
    """

    index: int
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        if not self.key:
            return f"examples[{self.index}]: cannot be run: {self.found}"
        return f"examples[{self.index}].expect: {self.key} is {self.found}, not {self.expected}"


@attrs.frozen(kw_only=True)
class CheckReport:
    """Whether the worked examples of a policy hold.

    Attributes:
        count: How many there are.
        failures: What does not hold, in order.
    """

    count: int
    failures: tuple[ExampleFailure, ...]

    @property
    def is_ok(self) -> bool:
        """Whether all hold."""
        return not self.failures

    def raise_if_any(self) -> None:
        """Raise when an example does not hold.

        Raises:
            PolicyError: Naming every failure.
        """
        if self.failures:
            raise PolicyError("worked examples do not hold:\n" + "\n".join(str(failure) for failure in self.failures))


@attrs.frozen(kw_only=True)
class _Answers:
    """One client's answers, whichever form the example has."""

    assignments: Mapping[str, Assignment]
    tiers: Mapping[str, str | None]
    vip: Mapping[str, VipDecision]
    facts: Mapping[str, FactValue]
    obligations: Obligations
    undecided: tuple[Undecided, ...]


def check_examples(policy: "Policy", calendar: Calendar | None) -> CheckReport:
    """See `Policy.check`."""
    failures: list[ExampleFailure] = []
    for index, example in enumerate(policy.examples):
        try:
            answers = _run(policy, example, calendar)
        except RelcareError as error:
            failures.append(ExampleFailure(index=index, key="", expected="", found=str(error)))
            continue
        for key, expected in example.expect.items():
            client_id, aspect, rule = split_key(example, key)
            found = _aspect(answers[client_id], aspect, rule)
            if not _agree(found, expected):
                failures.append(ExampleFailure(index=index, key=key, expected=_text(expected), found=_text(found)))
    return CheckReport(count=len(policy.examples), failures=tuple(failures))


def _agree(found: FactValue, expected: ExpectValue) -> bool:
    """Whether an answer is the expected one: numbers as numbers (`12000` is `12000.00`), all else by its text."""
    if isinstance(found, (Decimal, int)) and not isinstance(found, bool) and isinstance(expected, (str, int)):
        try:
            return to_decimal("expect", expected) == found
        except InvalidValueError:
            return False
    if isinstance(found, frozenset) and isinstance(expected, str):
        return found == frozenset(part for part in expected.split("|") if part)
    return _text(found) == _text(expected)


def _text(value: ExpectValue | FactValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return "|".join(sorted(value))
    return "none" if value is None else str(value)


def _run(policy: "Policy", example: Example, calendar: Calendar | None) -> Mapping[str | None, _Answers]:
    as_of = example.as_of or policy.effective_from
    if example.given is not None:
        return {None: _of_one(policy.decide_facts(example.given, as_of=as_of))}
    if example.client is not None:
        one = policy.decide_client(
            example.client,
            touchpoints=example.touchpoints,
            purchases=example.purchases,
            people=example.people,
            tiers=example.tiers,
            as_of=as_of,
            zone=example.zone,
            calendar=calendar,
        )
        return {example.client.id: _of_one(one)}
    book = Book(
        clients=example.clients,
        people=example.people,
        touchpoints=example.touchpoints,
        purchases=example.purchases,
        zone=example.zone,
    )
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    return {client.id: _of_book(result, client.id) for client in example.clients}


def _of_one(result: FactsResult | ClientResult) -> _Answers:
    return _Answers(
        assignments={a.scheme_id: a for a in result.assignments},
        tiers=result.tiers,
        vip={decision.programme_id: decision for decision in result.vip},
        facts=result.facts,
        obligations=result.obligations if isinstance(result, ClientResult) else Obligations(),
        undecided=result.undecided if isinstance(result, ClientResult) else (),
    )


def _of_book(result: BookResult, client_id: str) -> _Answers:
    assignments = {scheme_id: result.tier(scheme_id, client_id) for scheme_id in result.schemes}
    return _Answers(
        assignments=assignments,
        tiers={scheme_id: a.tier for scheme_id, a in assignments.items()},
        vip={programme_id: result.vip(programme_id, client_id) for programme_id in result.programme_ids},
        facts=result.facts(client_id),
        obligations=result.obligations.for_client(client_id),
        undecided=tuple(u for u in result.undecided if u.client_id == client_id),
    )


def _aspect(answers: _Answers, aspect: str, rule: str) -> FactValue:
    if aspect == "tier":
        return answers.tiers.get(rule)
    if aspect in {"score", "rank"}:
        assignment = answers.assignments.get(rule)
        return None if assignment is None else assignment.score if aspect == "score" else assignment.rank
    if aspect == "vip":
        return answers.vip[rule].qualification
    if aspect == "segment":
        belongs = answers.facts.get(f"segment.{rule}")
        return "unknown" if belongs is None else belongs
    if aspect == "first_eligible":
        return answers.vip[rule].first_eligible_on
    if aspect == "fact":
        return answers.facts.get(rule)
    return _of_rule(answers, aspect, rule)


def _of_rule(answers: _Answers, aspect: str, rule: str) -> FactValue:
    if any(u.rule_id == rule for u in answers.undecided):
        return "undecided"
    owed = [o for o in answers.obligations if rule in o.rule_ids]
    if not owed:
        return None
    # A grid may owe a late occurrence and the next one: the example is about the earlier.
    one: Obligation = min(owed, key=lambda o: o.due_on)
    value: dict[str, FactValue] = {
        "due": one.due_on,
        "earliest": one.earliest_on,
        "latest": one.latest_on,
        "state": one.state,
        "overdue_days": one.overdue_days,
        "staff": one.staff_id,
    }
    return value[aspect]
