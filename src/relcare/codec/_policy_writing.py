"""A policy as a document: what is at its default is left out, so that reading it back gives the equal policy."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import cast

import attrs

from relcare.access import RetentionRules
from relcare.cadence import CadenceRule
from relcare.calendars import WorkingHours
from relcare.codec._moments import moment_text
from relcare.codec._policy_reading import POLICY_FORMAT, loads_policy
from relcare.codec._toml_writing import Plain, toml_text
from relcare.custody import ClaimRules, NeglectLadder
from relcare.decisions import Example, Policy, Requirement, Staffing
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.model import AttributeValue, Client, ContactPerson, Purchase, Touchpoint
from relcare.permission import PermissionRules
from relcare.policy import Fact, Measure
from relcare.relationships import Strategy
from relcare.segmentation import Dimension, Matrix, QuotaScheme, Scheme, Steadiness, ThresholdScheme, share_text
from relcare.vip import Programme

__all__ = ["dumps_policy", "policy_document"]


def policy_document(policy: Policy) -> dict[str, Plain]:
    """The document of a policy as plain tables, lists and values: numbers as decimal text, dates as dates."""
    head: dict[str, Plain] = {"id": policy.id, "version": policy.version, "effective_from": policy.effective_from}
    for name in ("effective_until", "title", "currency", "calendar", "source"):
        value = getattr(policy, name)
        if value is not None:
            head[name] = value
    if policy.working_hours != WorkingHours():
        head["working_hours"] = list(policy.working_hours.texts)
    rooms: dict[str, Plain] = {
        "facts": {fact.id: _fact(fact) for fact in policy.facts},
        "grade": [_kept(grade) for grade in policy.grades],
        "segmentation": [_scheme(scheme) for scheme in policy.segmentation],
        "cadence": [_rule(rule) for rule in policy.cadence],
        "trigger": [_kept(trigger) for trigger in policy.triggers],
        "neglect": [_ladder(ladder) for ladder in policy.neglect],
        "holding": [_kept(limit) for limit in policy.holding],
        "pool": {} if policy.pool is None else _pool(policy.pool),
        "permission": {} if policy.permission is None else _permission(policy.permission),
        "relationship": [_strategy(strategy) for strategy in policy.relationships],
        "vip": [_programme(programme) for programme in policy.vip_programmes],
        "segment": [_kept(segment) for segment in policy.segments],
        **_access(policy),
        "retention": {} if policy.retention is None else _retention(policy.retention),
        "examples": [_example(example) for example in policy.examples],
        "staffing": {} if policy.staffing is None else _staffing(policy.staffing),
        "require": [_requirement(requirement) for requirement in policy.require],
        "accept": [_kept(acceptance) for acceptance in policy.accept],
    }
    return {"format": POLICY_FORMAT, "policy": head, **{name: room for name, room in rooms.items() if room}}


def dumps_policy(policy: Policy) -> str:
    """The policy as a TOML document; `loads_policy` reads the equal policy back.

    Raises:
        InvalidValueError: If the policy holds a value that no document can carry: a Decimal among an example's attributes, a
            share of more than nine digits, a text in a criterion that the grammar has no way to write.
    """
    document = policy_document(policy)
    text = toml_text(document)
    try:
        again = policy_document(loads_policy(text))
    except PolicyDocumentError as error:
        first = error.problems[0]
        raise InvalidValueError(
            first.path or "policy", policy.id, f"cannot stand in a document: {first.message}", first.hint
        ) from None
    if again != document:  # a criterion that only looks like another one
        raise InvalidValueError("policy", policy.id, "cannot stand in a document: what is read back is another policy")
    return text


def _kept(value: object, names: Mapping[str, str] | None = None, leave: tuple[str, ...] = ()) -> dict[str, Plain]:
    """The fields of a value that are not at their default, under the names of the document."""
    table: dict[str, Plain] = {}
    for field in attrs.fields(type(value)):  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnknownVariableType]
        if field.name in leave:
            continue
        own = getattr(value, field.name)
        name = str(field.name)
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory()
        if own != default:
            table[(names or {}).get(name, name)] = _plain(own)
    return table


def _plain(value: object) -> Plain:
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def _fact(fact: Fact) -> dict[str, Plain]:
    table = _kept(fact, {"reads": "from"}, leave=("id", "measure", "derivation"))
    if fact.measure is not None:
        table["measure"] = _measure(fact.measure)
    if fact.derivation is not None:
        table[fact.derivation.function] = [fact.derivation.first, fact.derivation.second]
    return table


def _measure(measure: Measure) -> dict[str, Plain]:
    table: dict[str, Plain] = {measure.function: measure.target, **_kept(measure, leave=("function", "over", "field"))}
    if measure.per is not None:
        table["take"] = "max"
    return table


def _scheme(scheme: Scheme) -> dict[str, Plain]:
    table = _kept(scheme, leave=("tiers", "score", "steady", "matrix"))
    if scheme.steady is not None:
        table["steady"] = _steady(scheme.steady)
    if isinstance(scheme, ThresholdScheme) and scheme.matrix is not None:
        return {"id": scheme.id, "kind": "matrix", **table, **_matrix(scheme, scheme.matrix)}
    if not isinstance(scheme, QuotaScheme):
        tiers: list[Plain] = [_kept(tier) for tier in scheme.tiers]
        return {"id": scheme.id, "kind": "threshold", **table, "tiers": tiers}
    score: Plain = scheme.score if isinstance(scheme.score, str) else [_term(term) for term in scheme.score]
    quotas: list[Plain] = [{"id": tier.id, "share": share_text(tier.share)} for tier in scheme.tiers]
    return {"id": scheme.id, "kind": "quota", **table, "score": score, "tiers": quotas}


def _matrix(scheme: ThresholdScheme, matrix: Matrix) -> dict[str, Plain]:
    tiers: list[Plain] = [tier.id if tier.stays is None else {"id": tier.id, "stays": str(tier.stays)} for tier in scheme.tiers]
    cells: list[Plain] = [list(line) for line in matrix.cells]
    return {"rows": _dimension(matrix.rows), "columns": _dimension(matrix.columns), "cells": cells, "tiers": tiers}


def _dimension(dimension: Dimension) -> dict[str, Plain]:
    if dimension.bands:
        return {"fact": dimension.fact, "bands": [_plain(start) for start in dimension.bands]}
    return {"fact": dimension.fact, "values": [group[0] if len(group) == 1 else list(group) for group in dimension.values]}


def _steady(steady: Steadiness) -> dict[str, Plain]:
    table = _kept(steady, leave=("hysteresis",))
    return {"hysteresis": share_text(steady.hysteresis), **table} if steady.hysteresis else table


def _term(term: object) -> dict[str, Plain]:
    table = _kept(term, {"missing_points": "missing"}, leave=("bands",))
    bands = getattr(term, "bands", ())
    if bands:
        table["bands"] = [{"from": _plain(band.start), "points": _plain(band.points)} for band in bands]
    return table


def _rule(rule: CadenceRule) -> dict[str, Plain]:
    return _kept(rule)


def _strategy(strategy: Strategy) -> dict[str, Plain]:
    table = _kept(strategy, leave=("indicators", "situations"))
    for name, signs in (("indicators", strategy.indicators), ("situations", strategy.situations)):
        if signs:
            table[name] = [_kept(sign) for sign in signs]
    return table


def _programme(programme: Programme) -> dict[str, Plain]:
    table = _kept(programme, leave=("paths", "top", "membership", "benefits"))
    table["paths"] = [{"id": path.id, "when": str(path.when)} for path in programme.paths]
    for name, members in (("top", programme.top), ("benefits", programme.benefits)):
        if members:
            table[name] = [_kept(member) for member in members]
    if programme.membership is not None:
        table["membership"] = _kept(programme.membership)
    return table


def _access(policy: Policy) -> dict[str, Plain]:
    """The rules of access: what they are about is always written, for it has no default."""
    access = policy.access
    if access is None:
        return {}
    return {
        "field_class": [_kept(one) for one in access.classes],
        "access_purpose": [_kept(one) for one in access.purposes],
        "access": [_kept(rule) for rule in access.rules],
        "identity": [_kept(identity) for identity in access.identities],
    }


def _retention(rules: RetentionRules) -> dict[str, Plain]:
    table = _kept(rules, leave=("keep", "erase"))
    for name in ("keep", "erase"):
        clocks = getattr(rules, name)
        if clocks:
            table[name] = [_kept(clock, {"counted_from": "from"}) for clock in clocks]
    return table


def _staffing(staffing: Staffing) -> dict[str, Plain]:
    table = _kept(staffing, leave=("roles", "mix"))
    table["roles"] = [_kept(role) for role in staffing.roles]
    if staffing.mix:
        table["mix"] = {fact: {value: share_text(s) for value, s in shares.items()} for fact, shares in staffing.mix.items()}
    return table


def _permission(rules: PermissionRules) -> dict[str, Plain]:
    rooms = ("caps", "gaps", "hours", "rotations", "stops", "consent")
    table = _kept(rules, leave=rooms)
    table.update({name: [_kept(rule) for rule in getattr(rules, name)] for name in rooms if getattr(rules, name)})
    if rules.consent:  # the mode is always written: it says what the rule is
        table["consent"] = [{"mode": rule.mode, **_kept(rule)} for rule in rules.consent]
    return table


def _ladder(ladder: NeglectLadder) -> dict[str, Plain]:
    table = _kept(ladder, leave=("rungs", "protect"))
    table["rungs"] = [_kept(rung) for rung in ladder.rungs]
    return {**table, **_protections(ladder)}


def _pool(rules: ClaimRules) -> dict[str, Plain]:
    return {**_kept(rules, leave=("protect",)), **_protections(rules)}


def _protections(rules: NeglectLadder | ClaimRules) -> dict[str, Plain]:
    return {"protect": [_kept(protection) for protection in rules.protect]} if rules.protect else {}


def _requirement(requirement: Requirement) -> dict[str, Plain]:
    return {requirement.kind: True if requirement.of is None else requirement.of, **_kept(requirement, leave=("kind", "of"))}


def _example(example: Example) -> dict[str, Plain]:
    table: dict[str, Plain] = {}
    if example.given is not None:
        table["given"] = {name: _attribute(name, value) for name, value in example.given.items()}
    if example.client is not None:
        table["client"] = _client(example.client)
    if example.clients:
        table["clients"] = [_client(client) for client in example.clients]
    for name, members in (("people", example.people), ("touchpoints", example.touchpoints), ("purchases", example.purchases)):
        if members:
            table[name] = [_event(member) for member in members]
    if example.tiers:
        table["tiers"] = dict(example.tiers)
    if example.as_of is not None:
        table["as_of"] = example.as_of
    if example.zone != "UTC":
        table["zone"] = example.zone
    table["expect"] = dict(example.expect)
    return table


def _client(client: Client) -> dict[str, Plain]:
    if client.attribute_changes:
        raise InvalidValueError(
            "attribute_changes", client.id, "cannot stand in an example: give the attribute as it is on the day"
        )
    table = _kept(client, leave=("attributes", "relationship_types"))
    if client.relationship_types:
        table["relationship_types"] = sorted(client.relationship_types)
    if client.attributes:
        table["attributes"] = {name: _attribute(name, value) for name, value in client.attributes.items()}
    return table


def _attribute(name: str, value: AttributeValue) -> Plain:
    if isinstance(value, frozenset):
        return sorted(value)
    if value is None or isinstance(value, (Decimal, datetime)):
        raise InvalidValueError(name, value, "cannot stand in a document", "write a number as decimal text")
    return value


def _event(event: ContactPerson | Touchpoint | Purchase) -> dict[str, Plain]:
    table = _kept(event, leave=("amount",))
    if isinstance(event, Purchase):
        table["amount"] = f"{event.amount.amount:f}"
        table["currency"] = event.amount.currency
    return table
