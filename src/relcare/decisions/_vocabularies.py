"""Which facts each stage may use: facts, then tiers, strategies, qualifications, each fed upwards as a derived fact (FCT-5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from relcare.grades import Grade, grade_type
from relcare.policy import CLIENT_FACTS, Fact, FactType, Vocabulary
from relcare.relationships import Strategy, strategies_of
from relcare.segmentation import Scheme, tier_type
from relcare.segments import SEGMENT_TYPE, CriterionSegment, ProductSegment, Segment
from relcare.vip import QUALIFICATION_TYPE, Programme, membership_types, path_types

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Vocabularies", "vocabularies_of", "vocabularies_of_policy"]

# The ways out where a name is declared and cannot be used.
_LATER: Final = "it is decided after this: ask for the facts behind it"
_OF_GRADES: Final = "grades rank by facts, not by grades: ask for the fact behind it"
_OWN_TIER: Final = "a scheme does not read its own tiers: ask for the facts behind it"
_BELOW: Final = "it is the tier of a scheme below: move that scheme above this one"
_OF_SEGMENTS: Final = "segments do not ask for segments: write out what that one asks for"
_DIVIDED: Final = "that segment divides everybody by {}: ask for these"


@attrs.frozen(kw_only=True)
class Vocabularies:
    """The vocabulary of each stage.

    Attributes:
        grades: The facts, declared and built in.
        schemes: Of each scheme: the facts, the grades, and the tiers of the schemes above it.
        below_schemes: The facts, the grades, and all tiers: what a scheme below all others could use.
        programmes: The facts, all tiers and strategies, and what programmes derive for paths: lists of the best, nominations.
        segments: All of these, the qualifications, memberships and benefits.
        full: All of these and who belongs to which segment: for cadence and neglect rules.
    """

    grades: Vocabulary
    schemes: tuple[Vocabulary, ...]
    below_schemes: Vocabulary
    programmes: Vocabulary
    segments: Vocabulary
    full: Vocabulary

    def of(self, room: str, above: int) -> Vocabulary:
        """What a rule may ask for that could not be read as a whole.

        Args:
            room: Of the document that it stands in.
            above: How many schemes stand above it, where it is one.
        """
        if room == "segmentation":
            return self.schemes[above] if above < len(self.schemes) else self.below_schemes
        stages = {"facts": self.grades, "grade": self.grades, "vip": self.programmes, "segment": self.segments}
        return stages.get(room, self.full)


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
    ranks = {grade.name: grade_type(grade) for grade in grades}
    tiers = {f"tier.{scheme.id}": tier_type(scheme) for scheme in schemes}
    flags = _flags(strategies_of(strategies))
    several, groups = tuple(programmes), tuple(segments)
    before = {name: kind for programme in several for name, kind in path_types(programme).items()}
    after = {f"vip.{programme.id}": QUALIFICATION_TYPE for programme in several}
    for programme in several:
        after.update(membership_types(programme))
    members = {f"segment.{segment.id}": SEGMENT_TYPE for segment in groups if isinstance(segment, CriterionSegment)}
    products = (segment for segment in groups if isinstance(segment, ProductSegment))
    divided = {f"segment.{segment.id}": _DIVIDED.format(", ".join(segment.by)) for segment in products}
    later = dict.fromkeys((*tiers, *flags, *before, *after, *members, *divided), _LATER)

    def stage(hints: Mapping[str, str]) -> Vocabulary:
        return Vocabulary(dict(types), broken, hints)

    own_facts = stage({**later, **dict.fromkeys(ranks, _OF_GRADES)})
    types.update(ranks)
    stages: list[Vocabulary] = []
    for scheme in schemes:
        below = {name: _BELOW for name in tiers if name not in types}
        stages.append(stage({**later, **below, f"tier.{scheme.id}": _OWN_TIER}))
        types[f"tier.{scheme.id}"] = tier_type(scheme)
    below_all = stage(later)
    types.update(flags)
    types.update(before)
    with_strategies = stage(dict.fromkeys((*after, *members, *divided), _LATER))
    types.update(after)
    with_programmes = stage({**divided, **dict.fromkeys(members, _OF_SEGMENTS)})
    types.update(members)
    return Vocabularies(
        grades=own_facts,
        schemes=tuple(stages),
        below_schemes=below_all,
        programmes=with_strategies,
        segments=with_programmes,
        full=stage(divided),
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
