"""Questions about any list of criteria: can it hold, does it decide anything, are its thresholds within bounds."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from relcare._fields import ReadOnlyMap
from relcare._time import day_from_text
from relcare.cells import Box
from relcare.model import ReasonValue
from relcare.policy import Compare, FactType, OneOf, leaves
from relcare.soundness._findings import Finding
from relcare.soundness._prover import RuleSet

__all__ = ["always", "bounds", "can_hold", "irreducible", "is_within", "refuted", "shadow", "shadowed"]


def refuted(
    rules: RuleSet, question: str, code: str, places: Sequence[str], hint: str | None = None, **values: ReasonValue
) -> Finding:
    """A refutation without witnesses; add them with `attrs.evolve`."""
    return Finding(
        question=question,
        subject=rules.subject,
        outcome="refuted",
        code=code,
        places=tuple(places),
        values=ReadOnlyMap(values),
        hint=hint,
        spent=rules.cover.spent,
    )


def can_hold(rules: RuleSet) -> Iterator[Finding]:
    """Every criterion holds for some client."""
    for path, name, region in zip(rules.paths, rules.names, rules.regions, strict=True):
        if not region.holds:
            yield refuted(rules, "can hold", "dead.never", (path,), rule=name)


def always(rules: RuleSet) -> Iterator[Finding]:
    """No criterion holds for every client."""
    for path, name, region in zip(rules.paths, rules.names, rules.regions, strict=True):
        if region.holds and rules.cover.covers(rules.space.everything, region.holds):
            yield refuted(rules, "says something", "always", (path,), "leave it out, or say what it shall exclude", rule=name)


def shadowed(rules: RuleSet) -> Iterator[Finding]:
    """Every rule decides somebody: those before it, together, do not cover it. The culprits named are irreducible."""
    before: list[Box] = []
    owners: list[int] = []
    for index, region in enumerate(rules.regions):
        if region.holds and before and all(rules.cover.covers(box, before) for box in region.holds):
            culprits = sorted({owners[i] for box in region.holds for i in rules.cover.core(box, before)})
            yield shadow(rules, index, irreducible(culprits, partial(_cover_all, rules, index)))
        before.extend(region.holds)
        owners.extend([index] * len(region.holds))


def _cover_all(rules: RuleSet, index: int, others: Sequence[int]) -> bool:
    boxes = [box for other in others for box in rules.regions[other].holds]
    return all(rules.cover.covers(box, boxes) for box in rules.regions[index].holds)


def shadow(rules: RuleSet, index: int, culprits: Sequence[int]) -> Finding:
    """The finding that a rule never decides, because of those before it."""
    also = [rules.paths[other] for other in culprits]
    by = tuple(rules.names[other] for other in culprits)
    return refuted(rules, "dead", "dead.shadowed", (rules.paths[index], *also), rule=rules.names[index], by=by)


def irreducible(several: Sequence[int], is_enough: Callable[[Sequence[int]], bool]) -> list[int]:
    """Those of several that are enough, none of which can be left out; later ones are tried to be left out first."""
    kept = list(several)
    for one in reversed(several):
        without = [other for other in kept if other != one]
        if is_enough(without):
            kept = without
    return kept


def bounds(rules: RuleSet) -> Iterator[Finding]:
    """Every threshold lies within the bounds of its fact."""
    for path, criterion in zip(rules.paths, rules.criteria, strict=True):
        for leaf in leaves(criterion):
            if isinstance(leaf, (Compare, OneOf)):
                kind = rules.space.vocabulary[leaf.fact]
                for value in leaf.values if isinstance(leaf, OneOf) else (leaf.value,):
                    threshold = day_from_text(value) if isinstance(value, str) and kind.kind == "date" else value
                    if isinstance(threshold, (Decimal, date)) and not is_within(threshold, kind):
                        yield refuted(rules, "bounds", "bounds", (path,), fact=leaf.fact, threshold=threshold)


def is_within(value: Decimal | date, kind: FactType) -> bool:
    """Whether a fact can have this value; without bounds it can have any."""
    if isinstance(value, date):
        return not (isinstance(kind.low, date) and value < kind.low) and not (isinstance(kind.high, date) and value > kind.high)
    below = isinstance(kind.low, Decimal) and value < kind.low
    above = isinstance(kind.high, Decimal) and value > kind.high
    return not (below or above)
