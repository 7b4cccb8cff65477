"""What is wrong with a strategy among the other parts of its policy."""

from collections.abc import Collection, Iterator

from relcare.errors import nearest
from relcare.policy import RuleProblem, Vocabulary, criterion_problems, fact_problems
from relcare.relationships._strategy import Strategy

__all__ = ["since_problems", "strategy_problems", "tracking_problems"]


def strategy_problems(strategy: Strategy, vocabulary: Vocabulary, rule_ids: Collection[str]) -> Iterator[RuleProblem]:
    """Every wrong use of a fact or rule in a strategy.

    Args:
        strategy: The strategy.
        vocabulary: All facts that a cadence rule may use.
        rule_ids: Of the policy's cadence rules and triggers.
    """
    for index, indicator in enumerate(strategy.indicators):
        yield from criterion_problems(("indicators", index, "healthy"), indicator.healthy, vocabulary)
    for index, situation in enumerate(strategy.situations):
        path = ("situations", index)
        yield from criterion_problems((*path, "when"), situation.when, vocabulary)
        if situation.since is not None:
            yield from since_problems((*path, "since"), situation.since, vocabulary)
        for place, rule_id in enumerate(situation.tracked_by):
            yield from tracking_problems((*path, "tracked_by", place), rule_id, rule_ids)


def since_problems(path: tuple[str | int, ...], fact: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with the fact that says on which day a situation began."""
    yield from fact_problems(path, fact, vocabulary)
    kind = vocabulary.get(fact)
    if kind is not None and kind.kind != "date":
        yield RuleProblem(path, f"{fact} is a {kind.kind}: a situation begins on a date")


def tracking_problems(path: tuple[str | int, ...], rule_id: str, rule_ids: Collection[str]) -> Iterator[RuleProblem]:
    """What is wrong with a rule by which a situation is tracked."""
    if rule_id not in rule_ids:
        near = nearest(rule_id, rule_ids)
        hint = f"did you mean {near!r}?" if near else "declare it under [[cadence]] or [[trigger]]"
        yield RuleProblem(path, f"unknown rule {rule_id!r}", hint)
