"""What a conformance test asks beyond a worked example: the whole list of what is owed, sizes, held clients, ties, paths."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias, cast

from relcare.calendars import Calendar
from relcare.decisions import BookResult, ClientResult, Example, FactsResult, Policy
from relcare.model import Book, MembershipEvent, Obligation, Staff
from relcare.segmentation import SchemeResult
from relcare.testing._conformance_membership import membership_answers
from relcare.vip import PathDecision, VipDecision

__all__ = ["PARTS", "decided"]

Result: TypeAlias = FactsResult | ClientResult | BookResult
Answers: TypeAlias = Iterator[tuple[str, object, object]]
"""Key, expected and found, both as JSON."""

NONE: Final = "none"

_OBLIGATION: Final[Mapping[str, Callable[[Obligation], object]]] = {
    "client": lambda one: one.client_id,
    "rule": lambda one: one.rule_id,
    "rules": lambda one: list(one.rule_ids),
    "key": lambda one: one.key,
    "person": lambda one: one.person_id or NONE,
    "owner": lambda one: one.owner_id or NONE,
    "staff": lambda one: one.staff_id or NONE,
    "interval": lambda one: one.interval,
    "due": lambda one: one.due_on.isoformat(),
    "earliest": lambda one: one.earliest_on.isoformat(),
    "latest": lambda one: one.latest_on.isoformat(),
    "last_contact": lambda one: _day(one.last_contact_on),
    "never_contacted": lambda one: one.never_contacted,
    "state": lambda one: one.state,
    "overdue_days": lambda one: one.overdue_days,
}
_PATH: Final[Mapping[str, Callable[[PathDecision], object]]] = {
    "answer": lambda path: path.answer,
    "first_ever": lambda path: _day(path.first_ever_on),
    "shortfall": lambda path: {fact: _number(amount) for fact, amount in path.shortfall.items()},
    "missing": lambda path: list(path.missing),
}


def decided(
    example: Example, members: object, events: Sequence[MembershipEvent], policy: Policy, calendar: Calendar | None
) -> Result:
    """What the policy decides about an example, with the firm's staff and steps to membership, which no worked example knows."""
    staff = [
        Staff(id=member["id"], name=member["id"], role=member.get("role")) for member in cast("list[dict[str, str]]", members)
    ]
    as_of = example.as_of or policy.effective_from
    if example.given is not None:
        return policy.decide_facts(example.given, as_of=as_of)
    if example.client is not None:
        return policy.decide_client(
            example.client,
            touchpoints=example.touchpoints,
            purchases=example.purchases,
            people=example.people,
            staff=staff,
            tiers=example.tiers,
            membership_events=events,
            as_of=as_of,
            zone=example.zone,
            calendar=calendar,
        )
    book = Book(
        clients=example.clients,
        people=example.people,
        touchpoints=example.touchpoints,
        purchases=example.purchases,
        staff=staff,
        zone=example.zone,
    )
    return policy.decide(book, as_of=as_of, calendar=calendar)


def _owed(wanted: object, result: Result) -> Answers:
    """Everything owed, in order; of each obligation what the test asks for."""
    expected = cast("list[dict[str, object]]", wanted)
    found = [] if isinstance(result, FactsResult) else list(result.obligations)
    if len(found) != len(expected):
        yield "owed", expected, [_shown(one, {"key": "", "due": ""}) for one in found]
        return
    for index, (one, asked) in enumerate(zip(found, expected, strict=True)):
        yield f"owed[{index}]", asked, _shown(one, asked)


def _shown(one: Obligation, asked: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {name: read(one) for name, read in _OBLIGATION.items() if name in asked}
    if "reasons" in asked:
        # Of the codes asked for, those that are there: others may stand beside them.
        codes = {reason.code for reason in one.reasons}
        found["reasons"] = [code for code in cast("list[str]", asked["reasons"]) if code in codes]
    return found


def _day(value: date | None) -> str:
    return NONE if value is None else value.isoformat()


def _per_scheme(name: str, read: Callable[[SchemeResult], object]) -> Callable[[object, Result], Answers]:
    def answers(wanted: object, result: Result) -> Answers:
        for scheme_id, expected in cast("dict[str, object]", wanted).items():
            scheme = result.schemes[scheme_id] if isinstance(result, BookResult) else None
            yield f"{name}.{scheme_id}", expected, None if scheme is None else read(scheme)

    return answers


def _held(scheme: SchemeResult) -> dict[str, str]:
    return {client_id: scheme.assignment(client_id).reasons[0].code for client_id in scheme.held}


def _ties(scheme: SchemeResult) -> list[dict[str, object]]:
    return [
        {"tier": tie.tier, "score": _number(tie.score), "clients": list(tie.client_ids), "tiers": list(tie.tiers)}
        for tie in scheme.ties
    ]


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _paths(wanted: object, result: Result) -> Answers:
    """The paths of a programme that the test asks for, of each what it asks for."""
    decided: tuple[VipDecision, ...] = () if isinstance(result, BookResult) else result.vip
    by_id = {decision.programme_id: {path.id: path for path in decision.paths} for decision in decided}
    for programme_id, paths in cast("dict[str, dict[str, dict[str, object]]]", wanted).items():
        for path_id, asked in paths.items():
            path = by_id[programme_id][path_id]
            yield f"paths.{programme_id}.{path_id}", asked, {name: read(path) for name, read in _PATH.items() if name in asked}


PARTS: Final[Mapping[str, Callable[[object, Result], Answers]]] = {
    "owed": _owed,
    "sizes": _per_scheme("sizes", lambda scheme: dict(scheme.sizes)),
    "held": _per_scheme("held", _held),
    "ties": _per_scheme("ties", _ties),
    "paths": _paths,
    "membership": membership_answers,
}
"""By key of a test, what checks it."""
