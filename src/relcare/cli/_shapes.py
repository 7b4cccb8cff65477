"""The JSON shapes of the commands: stable names in snake_case, amounts and scores as decimal text, days as ISO dates."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from relcare.decisions import BookResult
from relcare.errors import Problem
from relcare.model import Book, Client, Notice, Obligation, Obligations, Reason, Touchpoint, Undecided
from relcare.planning import Board
from relcare.segmentation import Assignment, SchemeResult, beside_in_force, spells_in_force
from relcare.vip import PathDecision, VipDecision
from relcare.wording import explain_reason

__all__ = [
    "Json",
    "assignment_shape",
    "board_shape",
    "client_shape",
    "due_shape",
    "notice_shape",
    "obligation_shape",
    "problem_shape",
    "review_shape",
    "touchpoint_shape",
    "undecided_shape",
    "values_shape",
    "vip_shape",
]

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def value_shape(value: object) -> Json:
    """A value of a fact or a reason: numbers with a fraction as decimal text, sets in order of code point."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return [str(member) for member in sorted(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, tuple):
        return [str(member) for member in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def values_shape(values: Mapping[str, object]) -> dict[str, Json]:
    """Values by name."""
    return {name: value_shape(value) for name, value in values.items()}


def reasons_shape(reasons: Iterable[Reason]) -> list[Json]:
    """Reasons with their values, and in words."""
    return [
        {
            "code": reason.code,
            "facts": values_shape(reason.facts),
            "values": values_shape(reason.values),
            "text": explain_reason(reason),
        }
        for reason in reasons
    ]


def assignment_shape(assignment: Assignment) -> dict[str, Json]:
    """One client's tier."""
    return {
        "client_id": assignment.client_id,
        "tier": assignment.tier,
        "score": value_shape(assignment.score),
        "rank": assignment.rank,
        "group": assignment.group,
        "held": assignment.is_held,
        "reasons": reasons_shape(assignment.reasons),
    }


def review_shape(result: BookResult, book: Book | None = None) -> dict[str, Json]:
    """`relcare review show`; with the book also what is in force where that is another tier."""
    return {
        "as_of": result.as_of.isoformat(),
        "schemes": [
            {"id": scheme.scheme_id, "assignments": _assignments_shape(scheme, result, book)}
            for scheme in result.schemes.values()
        ],
    }


def _assignments_shape(scheme: SchemeResult, result: BookResult, book: Book | None) -> list[Json]:
    if book is None:
        return [assignment_shape(one) for one in scheme.assignments]
    spells = spells_in_force(book, scheme.scheme_id, on=result.as_of)
    return [assignment_shape(beside_in_force(one, spells.get(one.client_id))) for one in scheme.assignments]


def obligation_shape(obligation: Obligation) -> dict[str, Json]:
    """One contact that is owed."""
    return {
        "key": obligation.key,
        "client_id": obligation.client_id,
        "rule_id": obligation.rule_id,
        "owner_id": obligation.owner_id,
        "staff_id": obligation.staff_id,
        "attributed_to": obligation.attributed_to,
        "channel": obligation.channel,
        "role": obligation.role,
        "state": obligation.state,
        "never_contacted": obligation.never_contacted,
        "earliest_on": obligation.earliest_on.isoformat(),
        "due_on": obligation.due_on.isoformat(),
        "latest_on": obligation.latest_on.isoformat(),
        "due_at": None if obligation.due_at is None else obligation.due_at.isoformat(),
        "next_allowed_at": None if obligation.next_allowed_at is None else obligation.next_allowed_at.isoformat(),
        "overdue_days": obligation.overdue_days,
        "reasons": reasons_shape(obligation.reasons),
    }


def undecided_shape(undecided: Undecided) -> dict[str, Json]:
    """One rule that nobody can decide for a client."""
    return {
        "client_id": undecided.client_id,
        "rule_id": undecided.rule_id,
        "missing": list(undecided.missing),
        "reasons": reasons_shape(undecided.reasons),
    }


def due_shape(as_of: date, obligations: Obligations, undecided: Iterable[Undecided]) -> dict[str, Json]:
    """`relcare due`."""
    return {
        "as_of": as_of.isoformat(),
        "obligations": [obligation_shape(obligation) for obligation in obligations],
        "undecided": [undecided_shape(one) for one in undecided],
    }


def board_shape(board: Board) -> dict[str, Json]:
    """`relcare board`: sections by key, every obligation once."""
    shown = {owed.key for section in board.sections for owed in section.obligations}
    return {
        "as_of": board.as_of.isoformat(),
        "sections": [
            {
                "id": section.id,
                "from_on": value_shape(section.from_on),
                "until_on": value_shape(section.until_on),
                "count": len(section),
                "keys": [owed.key for owed in section.obligations],
            }
            for section in board.sections
        ],
        "obligations": [obligation_shape(owed) for owed in board.obligations if owed.key in shown],
        "undecided": [undecided_shape(one) for one in board.undecided],
    }


def _path_shape(path: PathDecision) -> dict[str, Json]:
    return {
        "id": path.id,
        "answer": path.answer,
        "first_eligible_on": value_shape(path.first_eligible_on),
        "first_ever_on": value_shape(path.first_ever_on),
        "shortfall": values_shape(path.shortfall),
        "missing": list(path.missing),
    }


def decision_shape(decision: VipDecision) -> dict[str, Json]:
    """One client's qualification."""
    return {
        "client_id": decision.client_id,
        "qualification": decision.qualification,
        "first_eligible_on": value_shape(decision.first_eligible_on),
        "paths": [_path_shape(path) for path in decision.paths],
        "shortfall": {path: values_shape(amounts) for path, amounts in decision.shortfall.items()},
        "reasons": reasons_shape(decision.reasons),
    }


def vip_shape(
    result: BookResult, rolls: Mapping[str, dict[str, Json]] | None = None, *, only: str | None = None
) -> dict[str, Json]:
    """`relcare vip show`; with the rolls of the programmes that have membership; of one programme, where one is named."""
    return {
        "as_of": result.as_of.isoformat(),
        "programmes": [
            {
                "id": programme_id,
                "decisions": [decision_shape(decision) for decision in result.vip_decisions(programme_id)],
                **({"roll": rolls[programme_id]} if rolls and programme_id in rolls else {}),
            }
            for programme_id in result.programme_ids
            if only in {None, programme_id}
        ],
    }


def client_shape(client: Client) -> dict[str, Json]:
    """Who a client is."""
    return {
        "id": client.id,
        "name": client.name,
        "relationship_types": value_shape(client.relationship_types),
        "stage": client.stage,
        "owner_id": client.owner_id,
        "region": client.region,
        "client_since_on": value_shape(client.client_since_on),
    }


def problem_shape(problem: Problem) -> dict[str, Json]:
    """One mistake in a document, with its place."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }


def notice_shape(notice: Notice) -> dict[str, Json]:
    """Something that is allowed and worth knowing."""
    return {"code": notice.code, "kind": notice.kind, "id": notice.id, "value": notice.value}


def touchpoint_shape(touchpoint: Touchpoint) -> dict[str, Json]:
    """A touchpoint as it was recorded."""
    return {
        "id": touchpoint.id,
        "client_id": touchpoint.client_id,
        "occurred_at": touchpoint.occurred_at.isoformat(),
        "channel": touchpoint.channel,
        "direction": touchpoint.direction,
        "outcome": touchpoint.outcome,
        "purpose": touchpoint.purpose,
        "person_id": touchpoint.person_id,
        "staff_id": touchpoint.staff_id,
        "in_lieu_of": touchpoint.in_lieu_of,
        "note": touchpoint.note,
        "follow_up_at": value_shape(touchpoint.follow_up_at),
        "recorded_at": value_shape(touchpoint.recorded_at),
        "voids_id": touchpoint.voids_id,
    }
