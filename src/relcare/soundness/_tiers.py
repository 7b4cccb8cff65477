"""Questions about threshold schemes: total, without conflict, monotone, never demoting for want of data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

import attrs

from relcare.cells import Box, BudgetSpentError, meet
from relcare.policy import Core
from relcare.segmentation import ThresholdScheme, assign_one
from relcare.soundness._findings import Finding
from relcare.soundness._gaps import smallest_change
from relcare.soundness._monotone import Ladder, monotone, never_demotes
from relcare.soundness._outcomes import conjoined, tier_boxes
from relcare.soundness._prover import Answer, RuleSet
from relcare.soundness._rules import irreducible, refuted, shadow, shadowed

__all__ = ["tier_questions"]


def tier_questions(scheme: ThresholdScheme) -> Mapping[str, Answer]:
    """The questions that a threshold scheme is asked besides those about its criteria."""

    @cache
    def ladder_of(rules: RuleSet) -> Ladder:
        return _ladder(scheme, rules)

    questions: dict[str, Answer] = {} if scheme.hit == "unique" else {"dead": lambda rules: _dead(rules, ladder_of)}
    questions["total"] = lambda rules: _total(scheme, rules)
    if scheme.hit == "unique":
        questions["conflicts"] = lambda rules: _conflicts(scheme, rules)
    questions["monotone"] = lambda rules: monotone(ladder_of(rules))
    questions["never demotes"] = lambda rules: never_demotes(ladder_of(rules))
    return questions


def _ladder(scheme: ThresholdScheme, rules: RuleSet) -> Ladder:
    ranks = {tier: rank for rank, tier in enumerate(scheme.tier_ids)}
    decided = [(ranks[tier], boxes) for tier, boxes in tier_boxes(scheme, rules.space, rules.regions)]
    outcome = _outcome(scheme, rules)
    return Ladder(rules, decided, outcome, lambda outcomes: _places(scheme, rules, outcomes))


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
        # What a matrix says is not in any one comparison.
        change = None if scheme.matrix is not None else smallest_change(scheme, rules, gaps)
        hint = change or f'write otherwise = "{scheme.tiers[-1].id}", or let a tier take these clients'
        finding = refuted(rules, "total", "total.gap", rules.paths, hint)
        yield attrs.evolve(finding, witnesses=(rules.witness(largest, _outcome(scheme, rules)),))


def _dead(rules: RuleSet, ladder_of: Callable[[RuleSet], Ladder]) -> Iterator[Finding]:
    """Every tier decides somebody: nowhere it holds do those before it always hold, or stay open for want of data."""
    covered = list(shadowed(rules))
    yield from covered
    told = {finding.values["rule"] for finding in covered}
    try:
        ladder = ladder_of(rules)
    except BudgetSpentError:
        if covered:
            return
        raise
    decided = dict(zip(rules.names, (boxes for _, boxes in ladder.decided), strict=False))
    for index, (name, region) in enumerate(zip(rules.names, rules.regions, strict=True)):
        if region.holds and name not in told and not decided[name]:
            before = [other for other in range(index) if rules.names[other] not in told]
            yield shadow(rules, index, irreducible(before, partial(_settles, rules, region.holds)))


def _settles(rules: RuleSet, holds: Sequence[Box], others: Sequence[int]) -> bool:
    """Whether nowhere in these boxes all of the others fail."""
    return not conjoined(rules.space, [holds, *(rules.regions[other].fails for other in others)])


def _conflicts(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    for index, region in enumerate(rules.regions):
        for other in range(index):
            met = next((m for a in region.holds for b in rules.regions[other].holds if (m := meet(a, b)) is not None), None)
            if met is not None:
                places = (rules.paths[index], rules.paths[other])
                finding = refuted(rules, "conflicts", "conflict", places, tiers=(rules.names[other], rules.names[index]))
                yield attrs.evolve(finding, witnesses=(rules.witness(met, _outcome(scheme, rules)),))


def _places(scheme: ThresholdScheme, rules: RuleSet, outcomes: Sequence[str]) -> tuple[str, ...]:
    """The rules that gave these outcomes; the scheme itself for `otherwise`."""
    by_tier = {tier.id: rules.paths[index] for index, tier in enumerate(scheme.tiers)}
    return tuple(dict.fromkeys(by_tier.get(outcome, rules.subject) for outcome in outcomes))
