"""Questions about access: every field classed, approvals by others, grants that end, no rule idle (ACC-1, ACC-2)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.access import (
    FIELDS,
    READING,
    RELATIONS,
    AccessRequest,
    AccessRule,
    AccessRules,
    Action,
    ChangeEvent,
    GrantEvent,
    GrantState,
    Principal,
    Relation,
    Signature,
    Standing,
    change_state,
    decide_access,
    grant_state,
)
from relcare.decisions import Policy, Requirement
from relcare.errors import IllegalStepError
from relcare.model import FactValue, ReasonValue
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding, Witness

__all__ = ["closed_witness", "prove_access"]

_NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
# Of a client with an account manager, one person each.
_SOLE: Final[tuple[Relation, ...]] = ("account manager", "deputy", "head")
_ANY_PURPOSE: Final = "any purpose"
_SHOWN: Final = 5


def prove_access(policy: Policy) -> Iterator[Finding]:
    """Every field has a class, approvals come from somebody else who exists, grants end, and no rule is idle."""
    rules = policy.access
    if rules is None:
        return
    yield from or_proved("fields classed", "field_class", list(_unclassed(policy, rules)))
    if any(rule.approval for rule in rules.rules):
        yield from or_proved("approvals", "access", list(_approvals(rules)))
    if any(rule.gives_grants for rule in rules.rules):
        yield from or_proved("grants end", "access", list(_endless(rules)))
    if rules.rules:
        yield from or_proved("access", "access", list(_idle(rules)))


def _unclassed(policy: Policy, rules: AccessRules) -> Iterator[Finding]:
    own = [fact for fact in policy.facts if fact.measure is None and fact.derivation is None]
    reads = [fact.reads or f"client.{fact.id}" for fact in own]
    named = [
        *(f"attribute.{name.removeprefix('client.')}" for name in dict.fromkeys(reads) if name.startswith("client.")),
        *(f"tier.{scheme.id}" for scheme in policy.segmentation),
        *(f"vip.{programme.id}" for programme in policy.vip_programmes),
    ]
    missing = tuple(field for field in (*FIELDS, *named) if rules.class_of(field) is None)
    if missing:
        hint = "they are hidden from everybody until then"
        values: dict[str, ReasonValue] = {"fields": missing[:_SHOWN], "count": len(missing)}
        yield plain_refutation("fields classed", "field_class", "field.unclassed", ("field_class",), hint, **values)


def _purposes(rules: AccessRules, rule: AccessRule) -> Sequence[str]:
    return rule.purposes or tuple(one.id for one in rules.purposes) or (_ANY_PURPOSE,)


def _approvals(rules: AccessRules) -> Iterator[Finding]:
    for index, rule in enumerate(rules.rules):
        if not rule.approval:
            continue
        place = f"access[{index}]"
        yield from _nobody(rules, rule, place)
        own = next(_alone(rules, rule), None)
        if own is not None:
            hint = "let somebody else approve too, such as a role"
            yield plain_refutation("approvals", "access", "approval.own", (place,), hint, rule=rule.id, relation=own)


def _nobody(rules: AccessRules, rule: AccessRule, place: str) -> Iterator[Finding]:
    """What is asked for and no rule lets anybody approve."""
    pools = [is_pool for is_pool in (False, True) if rule.clients == "all" or (rule.clients == "pool") == is_pool]
    for class_id, purpose, medium, is_pool in product(rule.classes, _purposes(rules, rule), _decided_on(rule), pools):
        if not any(_may_approve(one, class_id, purpose, medium, is_pool=is_pool) for one in rules.rules):
            values = {"rule": rule.id, "class": class_id, "purpose": purpose, "medium": medium}
            values["clients"] = "pool" if is_pool else "owned"
            hint = 'give somebody a rule with actions = ["approve"]'
            yield plain_refutation("approvals", "access", "approval.nobody", (place,), hint, **values)
            return


def _decided_on(rule: AccessRule) -> Sequence[str]:
    """In which media an approval is given: of a grant that of the request, of a change the screen."""
    return rule.media if rule.gives_grants else ("screen",)


def _may_approve(one: AccessRule, class_id: str, purpose: str, medium: str, *, is_pool: bool) -> bool:
    is_about = one.clients == "all" or (one.clients == "pool") == is_pool
    return is_about and one.allows("approve", purpose, medium) and class_id in one.classes


def _alone(rules: AccessRules, rule: AccessRule) -> Iterator[str]:
    """Relations in which somebody asks and is the only one who could approve; or does approve, if the steps ever let them.

    For clients with an account manager: of one in the pool the head is that of who asks, and so is never the asker.
    """
    for class_id, purpose, medium in product(rule.classes, _purposes(rules, rule), _decided_on(rule)):
        proposing = [one for one in rules.rules if one.allows("propose", purpose, medium) and class_id in one.classes]
        asking = [rule] if rule.gives_grants else proposing
        askers = {relation for one in asking for relation in one.relations if one.clients != "pool"}
        deciding = [one for one in rules.rules if _may_approve(one, class_id, purpose, medium, is_pool=False)]
        deciders = {relation for one in deciding for relation in (one.relations or ("role",))}
        yield from (relation for relation in _SOLE if deciders == {relation} and relation in askers)
    if _approves_by_itself(rules, rule):
        yield "any"


def _approves_by_itself(rules: AccessRules, rule: AccessRule) -> bool:
    """Whether one person with every role and relation gets a grant or a change through: the real steps are asked."""
    roles = frozenset(role for one in rules.rules for role in one.roles)
    everything = Standing(relations=frozenset(RELATIONS), is_pool=rule.clients == "pool")
    signed = Signature(by="one", roles=roles, standing=everything, at=_NOON)
    purpose, fields = _purposes(rules, rule)[0], sorted(rules.fields_of(rule))
    if rule.gives_grants:
        action: Action = next(one for one in rule.actions if one in READING)
        request = AccessRequest(action=action, query="any", fields=fields, purpose=purpose, medium=rule.media[0])
        asked = GrantEvent(id="1", grant_id="g", step="requested", signed=signed, request=request)
        given = GrantEvent(id="2", grant_id="g", step="approved", signed=signed, ends_at=_NOON + timedelta(hours=1))
        return _is_legal(lambda: grant_state(rules, [asked, given], at=_NOON))
    blank = dict.fromkeys(fields, None)
    first = ChangeEvent(id="1", change_id="c", client_id="c", step="proposed", signed=signed, values=blank, purpose=purpose)
    applied = ChangeEvent(id="2", change_id="c", client_id="c", step="applied", signed=signed)
    approved = attrs.evolve(applied, id="3", step="approved")
    return any(_is_legal(partial(change_state, rules, [first, last], at=_NOON)) for last in (applied, approved))


def _is_legal(take: Callable[[], object]) -> bool:
    try:
        take()
    except IllegalStepError:
        return False
    return True


def _endless(rules: AccessRules) -> Iterator[Finding]:
    """Grants whose end neither the rule nor the purpose bounds."""
    lasting = {one.id for one in rules.purposes if one.lasts is not None}
    for index, rule in enumerate(rules.rules):
        if not rule.gives_grants or rule.longest is not None:
            continue
        endless = next((purpose for purpose in _purposes(rules, rule) if purpose not in lasting), None)
        if endless is not None:
            hint = 'write longest = "7 days", or say how long the purpose lasts'
            yield plain_refutation(
                "grants end", "access", "grant.endless", (f"access[{index}]",), hint, rule=rule.id, purpose=endless
            )


def _idle(rules: AccessRules) -> Iterator[Finding]:
    """Rules that open nothing which another one does not open to the same people."""
    for index, rule in enumerate(rules.rules):
        for place, other in enumerate(rules.rules):
            if place == index or not _opens_all(rules, other, rule) or (_opens_all(rules, rule, other) and index < place):
                continue  # of two that are alike the later one is idle
            places = (f"access[{index}]", f"access[{place}]")
            yield plain_refutation("access", "access", "access.idle", places, "leave it out", rule=rule.id, by=other.id)
            break


def _opens_all(rules: AccessRules, wide: AccessRule, narrow: AccessRule) -> bool:
    """Whether one rule opens whatever another does, to everybody and under conditions no harder."""
    return (
        _reaches(wide.roles, narrow.roles)
        and _reaches(wide.relations, narrow.relations)
        and _reaches(wide.purposes, narrow.purposes)
        and wide.clients in {"all", narrow.clients}
        and set(wide.actions) >= set(narrow.actions)
        and set(wide.media) >= set(narrow.media)
        and rules.fields_of(wide) >= rules.fields_of(narrow)
        and (
            not wide.approval or (narrow.approval and (wide.longest, wide.most) in {(None, None), (narrow.longest, narrow.most)})
        )
    )


def _reaches(wide: Iterable[str], narrow: Iterable[str]) -> bool:
    """Whether a list lets in whom another lets in; an empty one lets in everybody."""
    wanted, given = set(narrow), set(wide)
    return not given or (bool(wanted) and wanted <= given)


def closed_witness(policy: Policy, requirement: Requirement) -> tuple[str, Witness] | None:
    """Somebody who reads a class that must be closed to them, with the rule that lets them; None when there is nobody.

    Rules only let in, each by itself, so that it is enough to look at every rule alone. What is found is asked of the real
    decision; a rule that takes an approval, with a grant for exactly this.
    """
    rules = policy.access
    if rules is None:  # pragma: no cover - a document without rules has no class that a requirement could name
        return None
    roles = frozenset(() if requirement.role is None else (requirement.role,))
    relations: Sequence[Relation] = RELATIONS if requirement.relation is None else (requirement.relation,)
    for index, rule in enumerate(rules.rules):
        actions: list[Action] = [action for action in rule.actions if action in READING]
        if requirement.of not in rule.classes or not actions:
            continue
        for relation, is_pool in product(relations, (False, True)):
            standing = Standing(relations={relation}, is_pool=is_pool)
            if rule.is_for(roles, standing.relations, is_pool=is_pool):
                field = min(rules.fields_in([requirement.of or ""]))
                request = AccessRequest(
                    action=actions[0],
                    client_id="any client",
                    fields=[field],
                    purpose=_purposes(rules, rule)[0],
                    medium=rule.media[0],
                )
                found = _replayed(rules, roles, standing, request, is_granted=rule.approval)
                if found is not None:
                    return f"access[{index}]", found
    return None


def _replayed(
    rules: AccessRules, roles: frozenset[str], standing: Standing, request: AccessRequest, *, is_granted: bool
) -> Witness | None:
    grant = GrantState(
        grant_id="any",
        status="live",
        requester_id="one",
        request=request,
        fields=request.fields,
        starts_at=_NOON,
        ends_at=_NOON + timedelta(hours=1),
        remaining=1,
        at=_NOON,
    )
    decision = decide_access(
        rules,
        Principal(id="one", roles=roles),
        request,
        standing,
        at=_NOON,
        grants=[grant] if is_granted else [],
    )
    if not decision.is_allowed:  # pragma: no cover - a rule that is about somebody lets them
        return None
    facts: dict[str, FactValue] = {f"role {role}": True for role in roles}
    facts.update(
        relation=next(iter(standing.relations)),
        clients="pool" if standing.is_pool else "owned",
        action=request.action,
        field=request.fields[0],
        purpose=request.purpose,
        medium=request.medium,
    )
    return Witness(ReadOnlyMap(facts), "allowed with an approval" if is_granted else "allowed")
