"""Which rule sets a fact reaches: directly, by way of the grades and tiers it decides, or of facts computed from it."""

from collections.abc import Iterator

from relcare.decisions import Policy, Requirement
from relcare.grades import Grade
from relcare.policy import facts_of
from relcare.segmentation import Scheme, ThresholdScheme

__all__ = ["computed_from", "read_in", "subjects_of", "through"]


def subjects_of(policy: Policy, requirement: Requirement) -> frozenset[str]:
    """What a requirement is about: one scheme, the staffing, or every rule set that the fact reaches."""
    if requirement.kind == "feasible":
        return frozenset({"staffing"})
    if requirement.kind != "monotone":
        return frozenset(f"segmentation[{i}]" for i, scheme in enumerate(policy.segmentation) if scheme.id == requirement.of)
    reached = through(policy, requirement.of or "") | computed_from(policy, requirement.of or "")
    found = {
        subject for subject, scheme_id, facts in _readers(policy) if requirement.scheme in {None, scheme_id} and facts & reached
    }
    # The scheme of a tier that is passed on is looked at too, or the tier might fall where the fact rises.
    behind = {
        f"segmentation[{i}]"
        for i, scheme in enumerate(policy.segmentation)
        if found and f"tier.{scheme.id}" in reached and f"tier.{scheme.id}" in read_in(policy, frozenset(found))
    }
    return frozenset(found | behind)


def _readers(policy: Policy) -> Iterator[tuple[str, str | None, frozenset[str]]]:
    """Every rule set with ordered outcomes: its path, its scheme, and the facts it reads."""
    for index, scheme in enumerate(policy.segmentation):
        yield f"segmentation[{index}]", scheme.id, _read_by(scheme)
    for index, programme in enumerate(policy.vip_programmes):
        yield f"vip[{index}]", None, frozenset(name for path in programme.paths for name in facts_of(path.when))


def read_in(policy: Policy, subjects: frozenset[str]) -> frozenset[str]:
    """The facts that the rule sets at these paths read."""
    return frozenset(name for subject, _, facts in _readers(policy) if subject in subjects for name in facts)


def through(policy: Policy, fact: str) -> frozenset[str]:
    """The fact, the grades that rise with it, and the tiers that it decides, one by way of another."""
    found = {fact, *(grade.name for grade in policy.grades if _rises_with(grade, fact, policy))}
    for scheme in policy.segmentation:  # each may use the tiers of those above it
        if _read_by(scheme) & found:
            found.add(f"tier.{scheme.id}")
    return frozenset(found)


def computed_from(policy: Policy, fact: str) -> frozenset[str]:
    """The facts that are computed from a fact, one by way of another, and the grades and tiers that these decide."""
    found: set[str] = set()
    for other in policy.facts:  # each is computed from those above it
        if other.derivation is not None and {other.derivation.first, other.derivation.second} & (found | {fact}):
            found.add(other.id)
    for grade in policy.grades:
        scope = frozenset[str]() if grade.scope is None else frozenset(facts_of(grade.scope))
        turns = grade.fact == fact and not _rises_with(grade, fact, policy)
        if turns or fact in scope or ({grade.fact} | scope) & found:
            found.add(grade.name)
    for scheme in policy.segmentation:
        if _read_by(scheme) & found:
            found.add(f"tier.{scheme.id}")
    return frozenset(found)


def _rises_with(grade: Grade, fact: str, policy: Policy) -> bool:
    """Whether a grade never falls where its fact is better, all other clients staying as they are."""
    polarity = next((one.polarity for one in policy.facts if one.id == fact), "neither")
    is_free = grade.scope is None or fact not in facts_of(grade.scope)
    return grade.fact == fact and is_free and grade.better in {None, polarity}


def _read_by(scheme: Scheme) -> frozenset[str]:
    if isinstance(scheme, ThresholdScheme):
        return frozenset(name for tier in scheme.tiers for name in facts_of(tier.when))
    return frozenset(scheme.facts)
