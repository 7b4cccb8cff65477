"""Scores in integers, as `Scorer` adds them up (SEG-5)."""

from collections.abc import Sequence
from decimal import Decimal

import narwhals.stable.v2 as nw

from relcare.frames._criteria import MOST, Expr, Layout, cases, clamped
from relcare.policy import Vocabulary
from relcare.segmentation import QuotaScheme, ScoreTerm, scorer_of

__all__ = ["is_score_too_great", "score_expression"]


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
    """Whether the points of a scheme may add up to more than a column holds."""
    if isinstance(scheme.score, str):
        return False
    unit = scorer_of(scheme, vocabulary).unit
    return sum(max(abs(_whole(points, unit)) for points in _points(term)) for term in scheme.score) >= MOST


def _term(term: ScoreTerm, vocabulary: Vocabulary, layout: Layout, unit: Decimal) -> Expr:
    column, kind = nw.col(layout[term.fact]), vocabulary[term.fact]
    missing = None if term.missing_points is None else _whole(term.missing_points, unit)
    found: list[tuple[Expr, Expr]] = [(column.is_null(), nw.lit(missing, dtype=nw.Int64()))]
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
