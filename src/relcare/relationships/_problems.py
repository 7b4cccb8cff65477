"""What is wrong with a strategy among the other parts of its policy."""

from collections.abc import Collection, Iterator

from relcare.errors import nearest
from relcare.policy import RuleProblem, Vocabulary, criterion_problems
from relcare.relationships._signs import Situation
from relcare.relationships._strategy import Strategy

__all__ = ["strategy_problems"]


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
        yield from _since_problems((*path, "since"), situation, vocabulary)
        for place, rule_id in enumerate(situation.tracked_by):
            if rule_id not in rule_ids:
                near = nearest(rule_id, rule_ids)
                hint = f"did you mean {near!r}?" if near else "declare it under [[cadence]] or [[trigger]]"
                yield RuleProblem((*path, "tracked_by", place), f"unknown rule {rule_id!r}", hint)


def _since_problems(path: tuple[str | int, ...], situation: Situation, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    name = situation.since
    if name is None or name in vocabulary.broken:
        return
    kind = vocabulary.get(name)
    if kind is None:
        near = nearest(name, vocabulary)
        yield RuleProblem(path, f"unknown fact {name!r}", f"did you mean {near!r}?" if near else "declare it under [facts]")
    elif kind.kind != "date":
        yield RuleProblem(path, f"{name} is a {kind.kind}: a situation begins on a date")
