"""Scores in integers: a fact as it stands, or points added up (SEG-5)."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Context, Decimal
from functools import cached_property
from typing import Final

import attrs

from relcare.policy import Core, FactType, Vocabulary
from relcare.segmentation._scheme import QuotaScheme
from relcare.segmentation._score_function import Points, ScoreFunction, score_function
from relcare.segmentation._score_terms import ScoreTerm

__all__ = ["Scorer", "scorer_of"]

# The host's own context may be set to few digits (FCT-4: exact).
_EXACT: Final = Context(prec=120)


@attrs.frozen(eq=False)
class Scorer:
    """Computes one scheme's scores.

    Attributes:
        facts: The facts it reads, in the order of the scheme.
        unit: What one of its integers is worth.
    """

    facts: tuple[str, ...]
    unit: Decimal
    _points: tuple[Points, ...] = attrs.field(alias="points")

    @cached_property
    def _function(self) -> ScoreFunction:
        return score_function(self._points)

    def score(self, row: Mapping[str, Core]) -> int | None:
        """The score as an integer of `unit`; None when a fact is missing that has no points for it."""
        return self._function((row,))[0]

    def scores(self, rows: Collection[Mapping[str, Core]]) -> list[int | None]:
        """The `score` of many, in their order."""
        return self._function(rows)

    def missing(self, row: Mapping[str, Core]) -> tuple[str, ...]:
        """The facts for want of which there is no score, in order of name."""
        return tuple(sorted({one.fact for one in self._points if one.when_missing is None and row.get(one.fact) is None}))

    def in_words(self, score: int) -> Decimal:
        """The score as people read it."""
        return _EXACT.multiply(Decimal(score), self.unit)


def scorer_of(scheme: QuotaScheme, vocabulary: Vocabulary) -> Scorer:
    """The scorer of a scheme that has passed its check."""
    if isinstance(scheme.score, str):
        kind = vocabulary[scheme.score]
        return Scorer((scheme.score,), kind.grain or Decimal(1), (Points(fact=scheme.score),))
    exponent = min(_exponent(points) for term in scheme.score for points in _all_points(term, vocabulary))
    unit = _EXACT.scaleb(Decimal(1), exponent)
    points = tuple(_points(term, vocabulary, unit) for term in scheme.score)
    return Scorer(tuple(term.fact for term in scheme.score), unit, points)


def _whole(value: Decimal, unit: Decimal) -> int:
    return int(_EXACT.divide(value, unit))


def _exponent(points: Decimal) -> int:
    return min(int(points.as_tuple().exponent), 0)


def _step(weight: Decimal, kind: FactType) -> Decimal:
    """What one grain of a weighed fact is worth."""
    return _EXACT.multiply(weight, kind.grain or Decimal(1))


def _all_points(term: ScoreTerm, vocabulary: Vocabulary) -> Sequence[Decimal]:
    return [
        *([] if term.weight is None else [_step(term.weight, vocabulary[term.fact])]),
        *term.points.values(),
        *(band.points for band in term.bands),
        *([] if term.missing_points is None else [term.missing_points]),
    ]


def _points(term: ScoreTerm, vocabulary: Vocabulary, unit: Decimal) -> Points:
    """A term in integers: of the fact's grain, and of the unit of the score."""
    kind = vocabulary[term.fact]
    when_missing = None if term.missing_points is None else _whole(term.missing_points, unit)
    if term.bands:
        bands = sorted(term.bands, key=lambda band: band.start)
        starts = [_whole(band.start, kind.grain or Decimal(1)) for band in bands]
        worth = [0, *(_whole(band.points, unit) for band in bands)]
        return Points(fact=term.fact, starts=starts, worth=worth, when_missing=when_missing)
    if term.weight is not None:
        return Points(fact=term.fact, weight=_whole(_step(term.weight, kind), unit), when_missing=when_missing)
    table: dict[Core, int] = {}
    for level, points in term.points.items():
        core: Core = level == "true" if kind.kind == "flag" else kind.values.index(level) if kind.kind == "level" else level
        table[core] = _whole(points, unit)
    return Points(fact=term.fact, table=table, when_missing=when_missing)
