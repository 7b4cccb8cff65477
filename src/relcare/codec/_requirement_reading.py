"""What a document says about itself: staffing, requirements and accepted findings, from their tables."""

from collections.abc import Iterable
from fractions import Fraction

from relcare._fields import check_text
from relcare.access import RELATIONS
from relcare.codec._document_reader import Question
from relcare.codec._tables import Table
from relcare.decisions import REQUIREMENTS, Acceptance, Requirement, RequirementKind, RoleStaffing, Staffing
from relcare.decisions._staffing import mix_problems
from relcare.errors import InvalidValueError
from relcare.segmentation import to_share

__all__ = ["read_acceptance", "read_requirement", "read_staffing"]


def read_staffing(table: Table) -> Staffing | None:
    """The staffing; None when something is wrong with it."""
    fields: dict[str, object] = {
        "clients": table.whole("clients", required=True),
        "roles": table.values("roles", _role, required=True),
        "days_per_week": table.whole("days_per_week"),
        "people_per_client": table.number("people_per_client"),
        "mix": table.part("mix", _mix),
    }
    table.close()
    return table.build(Staffing, fields)


def _role(table: Table) -> RoleStaffing | None:
    fields: dict[str, object] = {
        "role": table.text("role", required=True, check=check_text),
        "staff": table.number("staff", required=True),
        "minutes_per_day": table.whole("minutes_per_day", required=True),
    }
    table.close()
    return table.build(RoleStaffing, fields)


def _mix(table: Table) -> dict[str, dict[str, Fraction]] | None:
    found: dict[str, dict[str, Fraction]] = {}
    for fact in list(table.data):
        shares = table.table(fact)
        if shares is None:
            continue
        found[fact] = {}
        for value in list(shares.data):
            text = shares.text(value)
            if text is None:
                continue
            try:
                found[fact][value] = to_share(text)
            except InvalidValueError as error:
                shares.report(value, f"is {error.value}: {error.rule}", error.hint)
        table.is_broken = table.is_broken or shares.is_broken
        table.reader.ask((*table.path, fact), _question(fact, shares.data))
    table.close()
    return None if table.is_broken else found


def _question(fact: str, values: Iterable[str]) -> Question:
    return lambda known: mix_problems(fact, values, known.facts)


def read_requirement(table: Table) -> Requirement | None:
    """A requirement, such as `total = "size"`; None when something is wrong with it."""
    named: list[RequirementKind] = [kind for kind in REQUIREMENTS if kind in table.data]
    texts: dict[str, str | None] = {kind: table.text(kind) for kind in REQUIREMENTS if kind != "feasible"}
    feasible = table.flag("feasible")
    scheme = table.text("scheme")
    role, relation = table.text("role", check=check_text), table.choice("relation", RELATIONS)
    table.close()
    if len(named) != 1:
        table.report(None, f"must have exactly one of {', '.join(REQUIREMENTS)}", 'write total = "the scheme"')
        return None
    if feasible is False:
        table.report("feasible", "must be true", "leave the table out")
        return None
    kind = named[0]
    fields = {"kind": kind, "of": texts.get(kind), "scheme": scheme, "role": role, "relation": relation}
    return table.build(Requirement, fields, {"of": kind})


def read_acceptance(table: Table) -> Acceptance | None:
    """An accepted finding; None when something is wrong with it."""
    fields: dict[str, object] = {
        "code": table.text("code", required=True, check=check_text),
        "of": table.text("of", check=check_text),
        "reason": table.text("reason", required=True, check=check_text),
        "until": table.day("until"),
    }
    table.close()
    return table.build(Acceptance, fields)
