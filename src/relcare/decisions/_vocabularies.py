"""Which facts each stage may use: facts, then tiers, strategies, qualifications, each fed upwards as a derived fact (FCT-5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from relcare.grades import Grade, grade_type
from relcare.policy import CLIENT_FACTS, Fact, FactType, Vocabulary
from relcare.relationships import Strategy, strategies_of
from relcare.segmentation import Scheme, tier_type
from relcare.segments import SEGMENT_TYPE, CriterionSegment, Segment
from relcare.vip import QUALIFICATION_TYPE, Programme, membership_types, path_types

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Vocabularies", "vocabularies_of", "vocabularies_of_policy"]


@attrs.frozen(kw_only=True)
class Vocabularies:
    """The vocabulary of each stage.

    Attributes:
        grades: The facts, declared and built in.
        schemes: Of each scheme: the facts, the grades, and the tiers of the schemes above it.
        programmes: The facts, all tiers and strategies, and what programmes derive for paths: lists of the best, nominations.
        segments: All of these, the qualifications, memberships and benefits.
        full: All of these and who belongs to which segment: for cadence and neglect rules.
    """

    grades: Vocabulary
    schemes: tuple[Vocabulary, ...]
    programmes: Vocabulary
    segments: Vocabulary
    full: Vocabulary


def vocabularies_of(
    facts: Iterable[Fact],
    schemes: Sequence[Scheme],
    strategies: Iterable[Strategy],
    programmes: Iterable[Programme],
    *,
    grades: Iterable[Grade] = (),
    segments: Iterable[Segment] = (),
    currency: str | None = None,
    broken: frozenset[str] = frozenset(),
) -> Vocabularies:
    """The vocabularies of a policy's parts.

    Args:
        facts: Declared.
        schemes: In the order of the policy.
        strategies: Declared; the built-in types are known too.
        programmes: In any order: no path reads another programme's qualification.
        grades: In any order: none reads another.
        segments: In any order: none asks for another.
        currency: Of the policy's money.
        broken: Names that are declared but wrong, see `Vocabulary`.
    """
    types: dict[str, FactType] = {fact.id: attrs.evolve(fact.fact_type, currency=currency) for fact in facts}
    types.update(CLIENT_FACTS)
    own_facts = Vocabulary(dict(types), broken)
    types.update({grade.name: grade_type(grade) for grade in grades})
    stages: list[Vocabulary] = []
    for scheme in schemes:
        stages.append(Vocabulary(dict(types), broken))
        types[f"tier.{scheme.id}"] = tier_type(scheme)
    types.update(_flags(strategies_of(strategies)))
    several = tuple(programmes)
    for programme in several:
        types.update(path_types(programme))
    with_strategies = Vocabulary(dict(types), broken)
    types.update({f"vip.{programme.id}": QUALIFICATION_TYPE for programme in several})
    for programme in several:
        types.update(membership_types(programme))
    with_programmes = Vocabulary(dict(types), broken)
    types.update({f"segment.{segment.id}": SEGMENT_TYPE for segment in segments if isinstance(segment, CriterionSegment)})
    return Vocabularies(
        grades=own_facts,
        schemes=tuple(stages),
        programmes=with_strategies,
        segments=with_programmes,
        full=Vocabulary(types, broken),
    )


def vocabularies_of_policy(policy: "Policy") -> Vocabularies:
    """The vocabularies of a whole policy."""
    return vocabularies_of(
        policy.facts,
        policy.segmentation,
        policy.relationships,
        policy.vip_programmes,
        grades=policy.grades,
        segments=policy.segments,
        currency=policy.currency,
    )


def _flags(strategies: Mapping[str, Strategy]) -> dict[str, FactType]:
    return {f"strategy.{name}": FactType(kind="flag", may_be_missing=False) for name in strategies}
