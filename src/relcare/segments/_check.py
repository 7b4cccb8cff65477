"""Whether a segment uses facts rightly, and what it means where another rule asks for it."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from relcare.policy import (
    And,
    Compare,
    Criterion,
    FactType,
    Not,
    OneOf,
    Or,
    RuleProblem,
    Vocabulary,
    all_of,
    any_of,
    criterion_problems,
    fact_problems,
    leaves,
)
from relcare.segments._segment import CriterionSegment, ProductSegment, Segment

__all__ = ["MAX_CELLS", "SEGMENT_TYPE", "can_divide", "closed_values", "expanded", "segment_problems"]

MAX_CELLS: Final = 10_000
"""How many cells the declared values of a product's dimensions may make."""

SEGMENT_TYPE: Final = FactType(kind="flag")
"""The type of the derived fact `segment.<id>`; missing while the membership is unknown (FCT-5)."""

_KINDS: Final = frozenset({"level", "category", "flag", "set"})
_OWN: Final = "segment."


def can_divide(kind: FactType) -> bool:
    """Whether a fact of this type can be a dimension: a level, a category, a flag or a set."""
    return kind.kind in _KINDS


def closed_values(kind: FactType) -> tuple[str, ...] | None:
    """The values of a dimension as they are declared, in their order; None for those that occur."""
    if kind.kind == "flag":
        return ("false", "true")
    return kind.values or None


def segment_problems(segment: Segment, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a segment.

    Args:
        segment: The segment.
        vocabulary: The declared and built-in facts, and those that tiers, strategies and VIP programmes derive.
    """
    if isinstance(segment, CriterionSegment):
        yield from _criterion_problems("when", segment.when, vocabulary)
        return
    if segment.scope is not None:
        yield from _criterion_problems("scope", segment.scope, vocabulary)
    yield from _dimension_problems(segment, vocabulary)


def _criterion_problems(key: str, criterion: Criterion, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    own = {leaf.fact for leaf in leaves(criterion) if leaf.fact.startswith(_OWN)}
    yield from criterion_problems((key,), criterion, attrs.evolve(vocabulary, broken=vocabulary.broken | own))
    for leaf in leaves(criterion):
        if leaf.fact in own:
            hint = "write out what that segment asks for"
            yield RuleProblem((key,), f"{leaf.fact}: a segment may not ask for a segment", hint, leaf.span[0])


def _dimension_problems(segment: ProductSegment, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    cells = 1
    for index, name in enumerate(segment.by):
        kind = vocabulary.get(name)
        if kind is not None:
            cells *= len(closed_values(kind) or ("",))
            if not can_divide(kind):
                message = f"{name} is a {kind.kind}: a dimension is a level, a category, a flag or a set"
                hint = "declare a level of its bands" if kind.is_numeric else None
                yield RuleProblem(("by", index), message, hint)
        else:
            yield from fact_problems(("by", index), name, vocabulary)
    if cells > MAX_CELLS:
        yield RuleProblem(("by",), f"makes {cells:,} cells: at most {MAX_CELLS:,} are allowed", "leave a dimension out")


def expanded(criterion: Criterion, segments: Mapping[str, CriterionSegment]) -> Criterion:
    """A criterion with each `segment.<id>` written out: what it says about the facts behind the segments.

    What asks whether a membership is missing stays as it is: no criterion says of another that it is unknown.

    Args:
        criterion: Of any rule.
        segments: By id.
    """
    if isinstance(criterion, Not):
        return Not(expanded(criterion.part, segments), span=criterion.span)
    if isinstance(criterion, And):
        return all_of(*(expanded(part, segments) for part in criterion.parts), span=criterion.span)
    if isinstance(criterion, Or):
        return any_of(*(expanded(part, segments) for part in criterion.parts), span=criterion.span)
    segment = segments.get(criterion.fact.removeprefix(_OWN)) if criterion.fact.startswith(_OWN) else None
    if segment is None or not isinstance(criterion, (Compare, OneOf)):
        return criterion
    if isinstance(criterion, OneOf):
        wanted = {value is True for value in criterion.values}
    else:
        wanted = {(criterion.operator == "==") == (criterion.value is True)}
    # Of both answers one is given as soon as the membership is known, and none before.
    sides = [segment.when if is_in else Not(segment.when) for is_in in sorted(wanted, reverse=True)]
    return any_of(*sides, span=criterion.span)
