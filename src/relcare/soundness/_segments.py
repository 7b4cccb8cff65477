"""Questions about segments: can anybody be in them, is everybody, and are two of them one (SEG-7)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product
from typing import Final

import attrs

from relcare.cells import Axis, Box
from relcare.decisions import Policy
from relcare.policy import Core, Criterion, FactType, Vocabulary, evaluate
from relcare.segments import CriterionSegment, ProductSegment, Segment
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding
from relcare.soundness._prover import Prover, RuleSet
from relcare.soundness._rules import bounds, refuted
from relcare.soundness._together import Tiers, prove_together

__all__ = ["named_segments", "prove_segments", "segment_criteria"]

_SHOWN: Final = 5
_HINT: Final = "leave one of them out"


def named_segments(policy: Policy) -> Mapping[str, CriterionSegment]:
    """The segments that are facts for other rules, by id; see `relcare.segments.expanded`."""
    return {segment.id: segment for segment in policy.segments if isinstance(segment, CriterionSegment)}


def segment_criteria(policy: Policy) -> Iterator[tuple[str, str, Criterion]]:
    """Every criterion of the segments with its path and what it belongs to."""
    for index, segment in enumerate(policy.segments):
        criterion = segment.when if isinstance(segment, CriterionSegment) else segment.scope
        if criterion is not None:
            yield f"segment[{index}].{'when' if isinstance(segment, CriterionSegment) else 'scope'}", segment.id, criterion


def prove_segments(policy: Policy, vocabulary: Vocabulary, prover: Prover, tiers: Tiers) -> Iterator[Finding]:
    """Somebody can be in every segment and in every cell, not everybody is, and no two segments are the same.

    Args:
        policy: The policy.
        vocabulary: What segments may ask for.
        prover: With its budget.
        tiers: Of the policy.
    """
    for path, name, criterion in segment_criteria(policy):
        named = [(path, name, criterion)]
        yield from prover.ask(path, named, vocabulary, {"can hold": _never, "not everybody": _everybody, "bounds": bounds})
        yield from prove_together(tiers, path, named, vocabulary, prover.budget)
    for index, segment in enumerate(policy.segments):
        if isinstance(segment, ProductSegment) and segment.scope is not None:
            path = f"segment[{index}].scope"
            yield from prover.ask(
                path, [(path, segment.id, segment.scope)], vocabulary, {"cells": partial(_cells, segment, index)}
            )
    if len(policy.segments) > 1:
        yield from or_proved("same", "segment", list(_same(policy.segments, vocabulary, prover)))


def _never(rules: RuleSet) -> Iterator[Finding]:
    """Somebody can be in the segment, or in the scope of one by dimensions."""
    if not rules.regions[0].holds:
        yield refuted(rules, "can hold", "segment.never", rules.paths, segment=rules.names[0])


def _everybody(rules: RuleSet) -> Iterator[Finding]:
    """Somebody is not in it."""
    holds = rules.regions[0].holds
    if holds and rules.cover.covers(rules.space.everything, holds):
        yield refuted(rules, "not everybody", "segment.everybody", rules.paths, segment=rules.names[0])


def _cells(segment: ProductSegment, index: int, rules: RuleSet) -> Iterator[Finding]:
    """Somebody in scope can be in every cell of the declared values. Dimensions that the scope does not ask for vary freely."""
    holds = rules.regions[0].holds
    asked = [name for name in segment.by if name in rules.space.places and _values(rules.space.vocabulary[name])]
    if not holds or not asked:
        return
    sides = [list(_values(rules.space.vocabulary[name]).items()) for name in asked]
    never = [chosen for chosen in product(*sides) if not any(_meets(rules, asked, chosen, box) for box in holds)]
    if never:
        told = tuple(" and ".join(f"{n} {v}" for n, (v, _) in zip(asked, chosen, strict=True)) for chosen in never[:_SHOWN])
        yield refuted(
            rules,
            "cells",
            "segment.never",
            (f"segment[{index}].by", *rules.paths),
            "leave the dimension out, or widen the scope",
            segment=segment.id,
            cells=told if len(never) <= _SHOWN else (*told, f"and {len(never) - _SHOWN} more"),
        )


def _values(kind: FactType) -> dict[str, Core]:
    """The declared values of a dimension in core form; none where those that occur make the cells."""
    if kind.kind == "flag":
        return {"false": False, "true": True}
    if kind.kind == "level":
        return {value: rank for rank, value in enumerate(kind.values)}
    return {value: value for value in kind.values}


def _meets(rules: RuleSet, asked: Sequence[str], chosen: Sequence[tuple[str, Core]], box: Box) -> bool:
    """Whether somebody in a box has these values."""
    places = (rules.space.places[name] for name in asked)
    return all(
        box[place] >> _cell_of(rules.space.axes[place], value) & 1 for place, (_, value) in zip(places, chosen, strict=True)
    )


def _cell_of(axis: Axis, value: Core) -> int:
    """The cell that a value lies in: of a level that of the highest representative not above it."""
    if isinstance(value, bool) or not isinstance(value, int):
        return axis.cells.index(value)
    return max(index for index, low in enumerate(axis.cells) if isinstance(low, int) and low <= value)


def _same(segments: Sequence[Segment], vocabulary: Vocabulary, prover: Prover) -> Iterator[Finding]:
    """No two segments have the same members, whatever the book."""
    for (first, one), (second, other) in combinations(enumerate(segments), 2):
        if isinstance(one, CriterionSegment) and isinstance(other, CriterionSegment):
            named = [(f"segment[{second}].when", other.id, other.when), (f"segment[{first}].when", one.id, one.when)]
            found = prover.ask("segment", named, vocabulary, {"same": _equal})
            yield from (finding for finding in found if finding.outcome != "proved")
        elif isinstance(one, ProductSegment) and isinstance(other, ProductSegment) and _is_same(one, other):
            places = (f"segment[{second}].by", f"segment[{first}].by")
            yield plain_refutation("same", "segment", "segment.same", places, _HINT, segments=(one.id, other.id))


def _is_same(one: ProductSegment, other: ProductSegment) -> bool:
    """Whether two products are the same, save for the order of their dimensions."""
    return set(one.by) == set(other.by) and one.scope == other.scope


def _equal(rules: RuleSet) -> Iterator[Finding]:
    """Somebody is certainly in the one and not in the other."""
    one, other = (region.holds for region in rules.regions)
    covers = rules.cover.covers
    if one and other and all(covers(box, other) for box in one) and all(covers(box, one) for box in other):
        finding = refuted(rules, "same", "segment.same", rules.paths, _HINT, segments=(rules.names[1], rules.names[0]))
        yield attrs.evolve(finding, witnesses=(rules.witness(one[0], lambda row: _outcome(rules, row)),))


def _outcome(rules: RuleSet, row: Mapping[str, Core]) -> str:
    """In which of two segments a client is, as the plain evaluator says."""
    answers = [evaluate(criterion, row, rules.space.vocabulary) for criterion in rules.criteria]
    return "in both" if all(answers) else "in one" if any(answers) else "in neither"
