"""Which rules let somebody do what: the one place where rules are compared with people and requests."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from relcare._time import Every
from relcare.access._access_rules import AccessRules
from relcare.access._request import AccessRequest
from relcare.access._rules import AccessRule
from relcare.access._who import Standing

__all__ = ["latest_end", "lets_all", "rules_for", "tells_of"]


def rules_for(
    rules: AccessRules, roles: frozenset[str], standing: Standing, *, action: str, purpose: str, medium: str
) -> Iterator[AccessRule]:
    """The rules that are about somebody, an action, a purpose and a medium, with approval or without, in their order."""
    if not rules.knows_purpose(purpose):
        return
    for rule in rules.rules:
        if rule.is_for(roles, standing.relations, is_pool=standing.is_pool) and rule.allows(action, purpose, medium):
            yield rule


def lets_all(
    rules: AccessRules,
    roles: frozenset[str],
    standing: Standing,
    *,
    action: str,
    purpose: str,
    medium: str,
    fields: frozenset[str],
    is_approved: bool = False,
) -> bool:
    """Whether rules let somebody do something with every one of some fields, each by some rule.

    Args:
        rules: All of them.
        roles: Of the person.
        standing: To the client.
        action: What is done.
        purpose: What for.
        medium: In which medium.
        fields: To none of them one rule must apply all the same.
        is_approved: Whether rules that take an approval count too.
    """
    found = [
        rule
        for rule in rules_for(rules, roles, standing, action=action, purpose=purpose, medium=medium)
        if is_approved or not rule.approval
    ]
    return bool(found) and fields <= frozenset[str]().union(*map(rules.fields_of, found))


def tells_of(rules: AccessRules, roles: frozenset[str], standing: Standing) -> bool:
    """Whether somebody may know that a client exists: a rule lets them do anything with it without an approval (ACC-6)."""
    return any(
        not rule.approval
        and rule.is_for(roles, standing.relations, is_pool=standing.is_pool)
        and any(action != "duplicate check" for action in rule.actions)
        for rule in rules.rules
    )


def latest_end(
    rules: AccessRules, roles: frozenset[str], standing: Standing, request: AccessRequest, at: datetime
) -> datetime | None:
    """The latest instant at which a grant for a request may end that is approved at an instant; None for no bound.

    The shortest time wins: of every rule under which a field is asked for, and of the purpose.
    """
    asked = frozenset(request.fields)
    bounds = [
        rule.longest
        for rule in rules_for(rules, roles, standing, action=request.action, purpose=request.purpose, medium=request.medium)
        if rule.gives_grants and rule.longest is not None and (not asked or asked & rules.fields_of(rule))
    ]
    purpose = rules.purpose(request.purpose)
    if purpose is not None and purpose.lasts is not None:
        bounds.append(purpose.lasts)
    return min((_after(at, bound) for bound in bounds), default=None)


def _after(at: datetime, length: Every) -> datetime:
    day = at.toordinal()
    return at + timedelta(days=length.after(day) - day)
