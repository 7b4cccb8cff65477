"""What schemes, grades and lists look at: the few facts that are needed of everybody before anybody is decided."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from relcare.policy import Core, facts_of
from relcare.segmentation import QuotaScheme, Scheme

if TYPE_CHECKING:
    from relcare.decisions._policy_fields import PolicyFields

__all__ = ["seen_by_schemes", "seen_of_everybody", "set_tiers"]


def seen_by_schemes(policy: "PolicyFields") -> Iterator[str]:
    """The names of all that the schemes of a policy read, and of what is behind the grades that they use."""
    names = {name for scheme in policy.segmentation for name in _names(scheme)}
    yield from names
    for grade in policy.grades:
        if grade.name in names:
            yield grade.fact
            yield from () if grade.scope is None else facts_of(grade.scope)


def seen_of_everybody(policy: "PolicyFields") -> Iterator[str]:
    """The same, with what is behind all grades and the lists of the best."""
    yield from seen_by_schemes(policy)
    for grade in policy.grades:
        yield grade.fact
        yield from () if grade.scope is None else facts_of(grade.scope)
    for programme in policy.vip_programmes:
        for top in programme.top:
            yield top.by
            yield from () if top.among is None else facts_of(top.among)


def set_tiers(
    scheme: Scheme, rows: Mapping[str, dict[str, Core]], in_force: Mapping[str, str], proposed: Mapping[str, str]
) -> None:
    """The tier in force, else the one proposed, as a fact for the schemes below (FCT-5)."""
    worth = {tier: len(scheme.tier_ids) - 1 - place for place, tier in enumerate(scheme.tier_ids)}
    for client_id, row in rows.items():
        row[f"tier.{scheme.id}"] = worth.get(in_force.get(client_id, ""), worth.get(proposed.get(client_id, "")))


def _names(scheme: Scheme) -> Iterator[str]:
    """All that a scheme reads."""
    if isinstance(scheme, QuotaScheme):
        yield from scheme.facts
    else:
        for tier in scheme.tiers:
            yield from facts_of(tier.when)
            yield from () if tier.stays is None else facts_of(tier.stays)
    yield from () if scheme.scope is None else facts_of(scheme.scope)
