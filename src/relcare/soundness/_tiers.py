"""Questions about threshold schemes: total, without conflict, monotone, never demoting for want of data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from relcare.cells import Axis, Box, meet
from relcare.policy import Core
from relcare.segmentation import ThresholdScheme, assign_one
from relcare.soundness._findings import Finding
from relcare.soundness._outcomes import conjoined, tier_boxes
from relcare.soundness._prover import Answer, RuleSet
from relcare.soundness._rules import refuted

__all__ = ["tier_questions"]

Decided: TypeAlias = list[tuple[int, list[Box]]]
"""The rank of an outcome, from 0 for the best, with the boxes in which it is certain."""


def _decided(scheme: ThresholdScheme, rules: RuleSet) -> Decided:
    ranks = {tier: rank for rank, tier in enumerate(scheme.tier_ids)}
    return [(ranks[tier], boxes) for tier, boxes in tier_boxes(scheme, rules.space, rules.regions)]


def tier_questions(scheme: ThresholdScheme) -> Mapping[str, Answer]:
    """The questions that a threshold scheme is asked besides those about its criteria."""
    questions: dict[str, Answer] = {"total": lambda rules: _total(scheme, rules)}
    if scheme.hit == "unique":
        questions["conflicts"] = lambda rules: _conflicts(scheme, rules)
    questions["monotone"] = lambda rules: _monotone(scheme, rules)
    questions["never demotes"] = lambda rules: _demotes(scheme, rules)
    return questions


def _outcome(scheme: ThresholdScheme, rules: RuleSet) -> Callable[[Mapping[str, Core]], str]:
    """What the real evaluator makes of a client whom the scheme classes."""
    plain = attrs.evolve(scheme, scope=None)

    def decide(row: Mapping[str, Core]) -> str:
        found = assign_one(plain, "witness", row, vocabulary=rules.space.vocabulary, tier_in_force=None)
        return "held" if found is None or found.tier is None else found.tier

    return decide


def _total(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    """Somebody is in each cell: a tier holds, or one is open for want of data, or there is an `otherwise`."""
    if scheme.otherwise is not None:
        return
    gaps = conjoined(rules.space, [region.fails for region in rules.regions])
    if gaps:
        largest = max(gaps, key=lambda box: sum(cells.bit_count() for cells in box))
        hint = f'write otherwise = "{scheme.tiers[-1].id}", or let a tier take these clients'
        finding = refuted(rules, "total", "total.gap", rules.paths, hint)
        yield attrs.evolve(finding, witnesses=(rules.witness(largest, _outcome(scheme, rules)),))


def _conflicts(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    for index, region in enumerate(rules.regions):
        for other in range(index):
            met = next((m for a in region.holds for b in rules.regions[other].holds if (m := meet(a, b)) is not None), None)
            if met is not None:
                places = (rules.paths[index], rules.paths[other])
                finding = refuted(rules, "conflicts", "conflict", places, tiers=(rules.names[other], rules.names[index]))
                yield attrs.evolve(finding, witnesses=(rules.witness(met, _outcome(scheme, rules)),))


def _pairs(decided: Decided) -> Iterator[tuple[Box, Box]]:
    """A box of a better outcome with a box of a worse one, every pair of them."""
    for rank, better in decided:
        for other, worse in decided:
            if rank < other:
                yield from ((one, two) for one in better for two in worse)


def _shared(one: Box, two: Box, place: int) -> Box | None:
    """What two boxes share in all axes but one; that one is left as the first has it."""
    shared = tuple(a if index == place else a & b for index, (a, b) in enumerate(zip(one, two, strict=True)))
    return shared if all(shared) else None


def _monotone(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    """With all else equal, more of what is better never gives a worse tier; the witness is two clients."""
    decided = _decided(scheme, rules)
    for place, axis in enumerate(rules.space.axes):
        polarity = rules.space.vocabulary[axis.fact].polarity
        if polarity != "neither":
            yield from _falls(scheme, rules, decided, place, axis, is_more=polarity == "more")


def _falls(
    scheme: ThresholdScheme, rules: RuleSet, decided: Decided, place: int, axis: Axis, *, is_more: bool
) -> Iterator[Finding]:
    for better, worse in _pairs(decided):
        shared = _shared(better, worse, place)
        # The better tier must go to the lower value: then more gives less (for "less is better", the other way round).
        low, high = (better[place], worse[place]) if is_more else (worse[place], better[place])
        low, high = low & axis.known, high & axis.known
        if shared is None or not low or not high:
            continue
        bottom = (low & -low).bit_length() - 1
        above = high >> (bottom + 1)
        if not above:
            continue
        top = bottom + (above & -above).bit_length()  # the nearest cell above: the border reads better than an extreme
        row = rules.space.row(shared)
        poor, rich = {**row, axis.fact: axis.cells[bottom]}, {**row, axis.fact: axis.cells[top]}
        ordered = (poor, rich) if is_more else (rich, poor)
        outcome = _outcome(scheme, rules)
        finding = refuted(rules, "monotone", "monotone", _places(scheme, rules, [outcome(r) for r in ordered]), fact=axis.fact)
        yield attrs.evolve(finding, witnesses=tuple(rules.witness_of(r, outcome) for r in ordered))
        return


def _demotes(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    """Whatever tier is decided without a fact is no worse than the one decided with it (SEG-8)."""
    decided = _decided(scheme, rules)
    for place, axis in enumerate(rules.space.axes):
        missing = axis.full & ~axis.known
        for better, worse in _pairs(decided) if missing else ():
            shared = _shared(better, worse, place)
            known = better[place] & axis.known
            if shared is None or not known or not worse[place] & missing:
                continue
            row = rules.space.row(shared)
            with_data = {**row, axis.fact: axis.cells[(known & -known).bit_length() - 1]}
            without = {**row, axis.fact: None}
            outcome = _outcome(scheme, rules)
            places = _places(scheme, rules, [outcome(without), outcome(with_data)])
            finding = refuted(rules, "never demotes", "demotes", places, fact=axis.fact)
            yield attrs.evolve(finding, witnesses=(rules.witness_of(with_data, outcome), rules.witness_of(without, outcome)))
            break


def _places(scheme: ThresholdScheme, rules: RuleSet, outcomes: Sequence[str]) -> tuple[str, ...]:
    """The rules that gave these outcomes; the scheme itself for `otherwise`."""
    by_tier = {tier.id: rules.paths[index] for index, tier in enumerate(scheme.tiers)}
    return tuple(dict.fromkeys(by_tier.get(outcome, rules.subject) for outcome in outcomes))
