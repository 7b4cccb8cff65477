"""Whether a scheme uses facts rightly."""

from collections.abc import Iterator

from relcare.errors import nearest
from relcare.policy import FactType, RuleProblem, Vocabulary, criterion_problems
from relcare.segmentation._groups import can_group
from relcare.segmentation._scheme import QuotaScheme, Scheme, ThresholdScheme

__all__ = ["scheme_problems", "tier_type"]


def tier_type(scheme: Scheme) -> FactType:
    """The type of `tier.<id>`: a level whose best tier is the highest; missing while the client is held (FCT-5)."""
    return FactType(kind="level", values=tuple(reversed(scheme.tier_ids)), polarity="more")


def scheme_problems(scheme: Scheme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a scheme.

    Args:
        scheme: The scheme.
        vocabulary: The declared and built-in facts, and the tiers of the schemes above this one.
    """
    yield from criterion_problems(("scope",), scheme.scope, vocabulary)
    if not isinstance(scheme, QuotaScheme):
        found = list(_matrix_problems(scheme, vocabulary))
        yield from found
        for index, tier in enumerate(scheme.tiers):
            if not found:  # else the criteria would repeat what is wrong with what they are made from
                yield from criterion_problems(("tiers", index, "when"), tier.when, vocabulary)
            yield from criterion_problems(("tiers", index, "stays"), tier.stays, vocabulary)
        return
    yield from _group_problems(scheme, vocabulary)
    if isinstance(scheme.score, str):
        kind = vocabulary.get(scheme.score)
        if kind is None:
            yield from _unknown(("score",), scheme.score, vocabulary)
        elif not (kind.is_numeric or kind.kind == "level"):
            yield RuleProblem(("score",), f"{scheme.score} is a {kind.kind}: a score is a number, money, an integer or a level")
        return
    for index, term in enumerate(scheme.score):
        kind = vocabulary.get(term.fact)
        if kind is None:
            yield from _unknown(("score", index, "fact"), term.fact, vocabulary)
            continue
        problem = term.problem(kind)
        if problem is not None:
            yield RuleProblem(("score", index, term.form), *problem)


def _matrix_problems(scheme: ThresholdScheme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    matrix = scheme.matrix
    for name, dimension in () if matrix is None else (("rows", matrix.rows), ("columns", matrix.columns)):
        kind = vocabulary.get(dimension.fact)
        if kind is None:
            yield from _unknown((name, "fact"), dimension.fact, vocabulary)
            continue
        for problem in dimension.problems(kind, is_total=scheme.otherwise is None):
            yield RuleProblem((name, *problem.path), problem.message, problem.hint)


def _group_problems(scheme: QuotaScheme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    if scheme.group_by is None:
        return
    kind = vocabulary.get(scheme.group_by)
    if kind is None:
        yield from _unknown(("group_by",), scheme.group_by, vocabulary)
    elif not can_group(kind):
        yield RuleProblem(("group_by",), f"{scheme.group_by} is a {kind.kind}: groups need a category, a level or a set")


def _unknown(path: tuple[str | int, ...], name: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    if name not in vocabulary.broken:
        near = nearest(name, vocabulary)
        yield RuleProblem(path, f"unknown fact {name!r}", f"did you mean {near!r}?" if near else "declare it under [facts]")
