"""Do criteria ask for relationship types that there are?"""

from collections.abc import Iterator, Sequence
from typing import Final

from relcare.decisions import Policy
from relcare.errors import nearest
from relcare.policy import Contains, Criterion, leaves
from relcare.relationships import strategies_of
from relcare.segmentation import ThresholdScheme
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._custody import custody_criteria
from relcare.soundness._findings import Finding
from relcare.soundness._segments import segment_criteria
from relcare.soundness._strategies import strategy_criteria

__all__ = ["criteria_of", "prove_types"]

_TYPES: Final = "client.relationship_types"


def criteria_of(policy: Policy) -> Sequence[tuple[str, Criterion]]:
    """Every criterion about clients with its path, in the order of the document."""
    found: list[tuple[str, Criterion | None]] = [(f"grade[{i}].scope", grade.scope) for i, grade in enumerate(policy.grades)]
    for index, scheme in enumerate(policy.segmentation):
        found.append((f"segmentation[{index}].scope", scheme.scope))
        if isinstance(scheme, ThresholdScheme):
            found.extend((f"segmentation[{index}].tiers[{place}].when", tier.when) for place, tier in enumerate(scheme.tiers))
            found.extend((f"segmentation[{index}].tiers[{place}].stays", tier.stays) for place, tier in enumerate(scheme.tiers))
    found.extend((f"cadence[{index}].when", rule.when) for index, rule in enumerate(policy.cadence))
    found.extend((path, criterion) for path, _, criterion in strategy_criteria(policy))
    found.extend((path, criterion) for path, _, criterion in custody_criteria(policy))
    found.extend((path, criterion) for path, _, criterion in segment_criteria(policy))
    for index, programme in enumerate(policy.vip_programmes):
        found.extend((f"vip[{index}].paths[{place}].when", path.when) for place, path in enumerate(programme.paths))
        found.extend((f"vip[{index}].top[{place}].among", top.among) for place, top in enumerate(programme.top))
    return [(path, criterion) for path, criterion in found if criterion is not None]


def prove_types(policy: Policy) -> Iterator[Finding]:
    """Every relationship type that a criterion asks for has a strategy: a client with any other is an error (REL-4)."""
    asked = [
        (path, leaf.value)
        for path, criterion in criteria_of(policy)
        for leaf in leaves(criterion)
        if isinstance(leaf, Contains) and leaf.fact == _TYPES
    ]
    known = strategies_of(policy.relationships)
    found: list[Finding] = []
    for path, name in dict.fromkeys(asked):
        if name not in known:
            near = nearest(str(name), known)
            hint = f"did you mean {near!r}?" if near else "declare it under [[relationship]]"
            found.append(plain_refutation("types", "relationship", "type.unknown", (path,), hint, type=str(name)))
    if asked:
        yield from or_proved("types", "relationship", found)
