"""Questions about any list of criteria: can it hold, does it decide anything, are its thresholds within bounds."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from relcare._fields import ReadOnlyMap
from relcare.cells import Box
from relcare.model import ReasonValue
from relcare.policy import Compare, FactType, leaves
from relcare.soundness._findings import Finding
from relcare.soundness._prover import RuleSet

__all__ = ["always", "bounds", "can_hold", "refuted", "shadowed"]


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
            also = [rules.paths[i] for i in culprits]
            by = tuple(rules.names[i] for i in culprits)
            yield refuted(rules, "dead", "dead.shadowed", (rules.paths[index], *also), rule=rules.names[index], by=by)
        before.extend(region.holds)
        owners.extend([index] * len(region.holds))


def bounds(rules: RuleSet) -> Iterator[Finding]:
    """Every threshold lies within the bounds of its fact."""
    for path, criterion in zip(rules.paths, rules.criteria, strict=True):
        for leaf in leaves(criterion):
            if isinstance(leaf, Compare) and isinstance(leaf.value, Decimal):
                kind = rules.space.vocabulary[leaf.fact]
                if not _within(leaf.value, kind):
                    yield refuted(rules, "bounds", "bounds", (path,), fact=leaf.fact, threshold=leaf.value)


def _within(value: Decimal, kind: FactType) -> bool:
    below = isinstance(kind.low, Decimal) and value < kind.low
    above = isinstance(kind.high, Decimal) and value > kind.high
    return not (below or above)
