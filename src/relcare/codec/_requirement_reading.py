"""What a document says about itself: staffing, requirements and accepted findings, from their tables."""

from fractions import Fraction

from relcare._fields import check_text
from relcare.access import RELATIONS
from relcare.codec._tables import Table
from relcare.decisions import REQUIREMENTS, Acceptance, Requirement, RequirementKind, RoleStaffing, Staffing
from relcare.errors import InvalidValueError
from relcare.segmentation import to_share

__all__ = ["read_acceptance", "read_requirement", "read_staffing"]


def read_staffing(table: Table) -> Staffing | None:
    """The staffing; None when something is wrong with it."""
    roles = [_role(part) for part in table.tables("roles", required=True)]
    table.is_broken = table.is_broken or None in roles
    mix = table.table("mix")
    shares = {} if mix is None else _mix(mix)
    table.is_broken = table.is_broken or (mix is not None and mix.is_broken)
    clients = table.whole("clients", required=True)
    days, people = table.whole("days_per_week"), table.number("people_per_client")
    table.close()
    found = [role for role in roles if role is not None]
    return table.build(
        lambda: Staffing(
            clients=clients or 0,
            roles=found,
            days_per_week=5 if days is None else days,
            people_per_client=1 if people is None else people,
            mix=shares,
        )
    )


def _role(table: Table) -> RoleStaffing | None:
    role = table.text("role", required=True, check=check_text)
    staff, minutes = table.number("staff", required=True), table.whole("minutes_per_day", required=True)
    table.close()
    return table.build(lambda: RoleStaffing(role=role or "", staff=staff or 0, minutes_per_day=minutes or 0))


def _mix(table: Table) -> dict[str, dict[str, Fraction]]:
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
    table.close()
    return found


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
    whom = {"role": role, "relation": relation}
    return table.build(
        lambda: Requirement(kind=kind, of=texts.get(kind), scheme=scheme, **whom),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        {"of": kind},
    )


def read_acceptance(table: Table) -> Acceptance | None:
    """An accepted finding; None when something is wrong with it."""
    code = table.text("code", required=True, check=check_text)
    of, until = table.text("of", check=check_text), table.day("until")
    reason = table.text("reason", required=True, check=check_text)
    table.close()
    return table.build(lambda: Acceptance(code=code or "", of=of, reason=reason or "", until=until))
