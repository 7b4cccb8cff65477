"""Scores in integers, as `Scorer` adds them up (SEG-5)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, Problem
from relcare.frames._criteria import MOST, Expr, Layout, cases, clamped
from relcare.frames._engine import Engine, Lazy
from relcare.frames._grains import grain_of, units_of_bound
from relcare.frames._reader import CLIENT
from relcare.policy import FactType, Vocabulary
from relcare.segmentation import QuotaScheme, ScoreTerm, scorer_of

__all__ = ["is_score_too_great", "refuse_too_great", "score_expression", "weighed_limits"]


def score_expression(scheme: QuotaScheme, vocabulary: Vocabulary, layout: Layout) -> Expr:
    """The score of a row as an integer of the scorer's unit; null when a fact is missing that has no points for it."""
    if isinstance(scheme.score, str):
        return nw.col(layout[scheme.score])
    unit = scorer_of(scheme, vocabulary).unit
    total = _term(scheme.score[0], vocabulary, layout, unit)
    for term in scheme.score[1:]:
        total = total + _term(term, vocabulary, layout, unit)
    return total


def is_score_too_great(scheme: QuotaScheme, vocabulary: Vocabulary) -> bool:
    """Whether the points of a scheme may add up to more than a column holds, whatever the facts that are weighed."""
    if isinstance(scheme.score, str):
        return False
    unit = scorer_of(scheme, vocabulary).unit
    return _points_in_all(scheme.score, unit) + sum(_weight(term, vocabulary, unit) for term in scheme.score) >= MOST


def weighed_limits(scheme: QuotaScheme, vocabulary: Vocabulary) -> Mapping[str, int]:
    """The greatest size that each weighed fact may have, in grains, so that no score is more than a column holds.

    Facts whose bounds see to it are left out: the others share what is left.
    """
    if isinstance(scheme.score, str):
        return {}
    unit = scorer_of(scheme, vocabulary).unit
    weights = {term.fact: _weight(term, vocabulary, unit) for term in scheme.score if term.weight is not None}
    spans = {fact: _span(vocabulary[fact]) for fact in weights}
    total = _points_in_all(scheme.score, unit)
    if total + sum(spans[fact] * weight for fact, weight in weights.items()) < MOST:
        return {}
    limits = {fact: (MOST - 1 - total) // (len(weights) * weight) for fact, weight in weights.items()}
    return {fact: limit for fact, limit in limits.items() if spans[fact] > limit}


def refuse_too_great(engine: Engine, frame: Lazy, limits: Mapping[str, int], layout: Layout) -> None:
    """Refuse facts that are too great for their weights.

    Args:
        engine: Whose frame it is.
        frame: With the facts.
        limits: See `weighed_limits`.
        layout: The column of each fact.

    Raises:
        BookDocumentError: With each such fact, how many clients have too much of it, and one of them.
    """
    problems: list[Problem] = []
    for fact, limit in limits.items():
        size = nw.col(layout[fact])
        strange = frame.filter((size > limit) | (size < -limit))
        ((count, example),) = engine.rows(strange.select(n=nw.len(), one=nw.col(CLIENT).min()))
        if count:
            message = f"is too great for its weight in a score ({int(count)}; one of them of client {example!r})"
            problems.append(
                Problem(file="clients", path=fact, message=message, hint="declare a max in the policy, or weigh it less")
            )
    if problems:
        raise BookDocumentError(problems)


def _points_in_all(terms: Sequence[ScoreTerm], unit: Decimal) -> int:
    """The most that points come to."""
    return sum(max(abs(_whole(points, unit)) for points in _points(term)) for term in terms)


def _weight(term: ScoreTerm, vocabulary: Vocabulary, unit: Decimal) -> int:
    """How much one grain of a fact that is weighed weighs; 0 of one that is not."""
    if term.weight is None:
        return 0
    return abs(_weighed(term.weight, vocabulary[term.fact], unit))


def _weighed(weight: Decimal, kind: FactType, unit: Decimal) -> int:
    worth = Fraction(weight) * grain_of(kind) / Fraction(unit)
    return worth.numerator  # a whole number of units: they were chosen so


def _span(kind: FactType) -> int:
    """The greatest size of a fact in grains."""
    grain = grain_of(kind)
    low = units_of_bound(Fraction(kind.low), grain, is_low=True) if isinstance(kind.low, Decimal) else -MOST
    high = units_of_bound(Fraction(kind.high), grain, is_low=False) if isinstance(kind.high, Decimal) else MOST
    return max(abs(low), abs(high))


def _term(term: ScoreTerm, vocabulary: Vocabulary, layout: Layout, unit: Decimal) -> Expr:
    column, kind = nw.col(layout[term.fact]), vocabulary[term.fact]
    missing = None if term.missing_points is None else _whole(term.missing_points, unit)
    found: list[tuple[Expr, Expr]] = [(column.is_null(), nw.lit(missing, dtype=nw.Int64()))]
    if term.weight is not None:
        return cases(found, column * _weighed(term.weight, kind, unit))
    if term.bands:
        # From the highest band down; below the first one 0.
        for band in sorted(term.bands, key=lambda band: band.start, reverse=True):
            start = clamped(_whole(band.start, kind.grain or Decimal(1)))
            found.append((column >= start, nw.lit(_whole(band.points, unit), dtype=nw.Int64())))
        return cases(found, nw.lit(0, dtype=nw.Int64()))
    for value, points in term.points.items():
        core = value == "true" if kind.kind == "flag" else kind.values.index(value) if kind.kind == "level" else value
        found.append((column == core, nw.lit(_whole(points, unit), dtype=nw.Int64())))
    return cases(found)


def _points(term: ScoreTerm) -> Sequence[Decimal]:
    others = [] if term.missing_points is None else [term.missing_points]
    return [Decimal(0), *term.points.values(), *(band.points for band in term.bands), *others]


def _whole(value: Decimal, unit: Decimal) -> int:
    """A value that is a whole number of units, as that number."""
    numerator, denominator = value.as_integer_ratio()
    top, bottom = unit.as_integer_ratio()
    return numerator * bottom // (denominator * top)
