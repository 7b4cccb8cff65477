"""What is wrong with one rule, before anybody knows in which file and line it stands."""

from collections.abc import Iterator

import attrs

from relcare.policy._criteria import Criterion
from relcare.policy._vocabulary import Vocabulary, check_criterion

__all__ = ["RuleProblem", "criterion_problems", "fact_problems"]


@attrs.frozen
class RuleProblem:
    """One mistake in a rule.

    Attributes:
        path: Where, from the rule down, such as `("tiers", 1, "when")`.
        message: What is wrong.
        hint: The nearest right name or the way out, or None.
        offset: In a criterion's text, the first character concerned, from 0; None elsewhere.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None
    offset: int | None = None


def criterion_problems(path: tuple[str | int, ...], criterion: Criterion | None, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """The mistakes of one criterion of a rule; none when there is no criterion."""
    if criterion is not None:
        for problem in check_criterion(criterion, vocabulary):
            yield RuleProblem(path, problem.message, problem.hint, problem.offset)


def fact_problems(path: tuple[str | int, ...], name: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """That a rule names what is no fact; nothing where it is one, or where one of that name is wrong itself."""
    unknown = vocabulary.unknown(name)
    if unknown is not None:
        yield RuleProblem(path, *unknown)
