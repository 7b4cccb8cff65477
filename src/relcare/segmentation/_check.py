"""Whether a scheme uses facts rightly."""

from collections.abc import Iterator

from relcare.policy import FactType, RuleProblem, Vocabulary, criterion_problems, fact_problems
from relcare.segmentation._groups import can_group
from relcare.segmentation._matrix import Dimension
from relcare.segmentation._scheme import QuotaScheme, Scheme, ThresholdScheme
from relcare.segmentation._score_terms import ScoreTerm

__all__ = ["dimension_problems", "group_problems", "scheme_problems", "score_problems", "term_problems", "tier_type"]


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
    if scheme.group_by is not None:
        yield from group_problems(("group_by",), scheme.group_by, vocabulary)
    if isinstance(scheme.score, str):
        yield from score_problems(("score",), scheme.score, vocabulary)
        return
    for index, term in enumerate(scheme.score):
        yield from term_problems(("score", index), term, vocabulary)


def _matrix_problems(scheme: ThresholdScheme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    matrix = scheme.matrix
    for name, dimension in () if matrix is None else (("rows", matrix.rows), ("columns", matrix.columns)):
        yield from dimension_problems((name,), dimension, vocabulary, is_total=scheme.otherwise is None)


def dimension_problems(
    path: tuple[str | int, ...], dimension: Dimension, vocabulary: Vocabulary, *, is_total: bool
) -> Iterator[RuleProblem]:
    """What is wrong with the rows or the columns of a matrix among the facts, see `Dimension.problems`."""
    yield from fact_problems((*path, "fact"), dimension.fact, vocabulary)
    kind = vocabulary.get(dimension.fact)
    for problem in () if kind is None else dimension.problems(kind, is_total=is_total):
        yield RuleProblem((*path, *problem.path), problem.message, problem.hint)


def term_problems(path: tuple[str | int, ...], term: ScoreTerm, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a term of a score among the facts."""
    yield from fact_problems((*path, "fact"), term.fact, vocabulary)
    kind = vocabulary.get(term.fact)
    problem = None if kind is None else term.problem(kind)
    if problem is not None:
        yield RuleProblem((*path, term.form), *problem)


def score_problems(path: tuple[str | int, ...], fact: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a fact that is a score as it stands."""
    yield from fact_problems(path, fact, vocabulary)
    kind = vocabulary.get(fact)
    if kind is not None and not (kind.is_numeric or kind.kind == "level"):
        yield RuleProblem(path, f"{fact} is a {kind.kind}: a score is a number, money, an integer or a level")


def group_problems(path: tuple[str | int, ...], fact: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a fact that groups are made by."""
    yield from fact_problems(path, fact, vocabulary)
    kind = vocabulary.get(fact)
    if kind is not None and not can_group(kind):
        yield RuleProblem(path, f"{fact} is a {kind.kind}: groups need a category, a level or a set")
