"""Scores in integers: a fact as it stands, or points added up (SEG-5)."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Final, TypeAlias

import attrs

from relcare.policy import Core, FactType, Vocabulary
from relcare.segmentation._scheme import QuotaScheme
from relcare.segmentation._score_terms import ScoreTerm

__all__ = ["Scorer", "scorer_of"]

_Term: TypeAlias = Callable[[Core], int | None]
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
    _terms: tuple[_Term, ...] = attrs.field(alias="terms")

    def score(self, row: Mapping[str, Core]) -> int | None:
        """The score as an integer of `unit`; None when a fact is missing that has no points for it."""
        total = 0
        for fact, term in zip(self.facts, self._terms, strict=True):
            points = term(row.get(fact))
            if points is None:
                return None
            total += points
        return total

    def missing(self, row: Mapping[str, Core]) -> tuple[str, ...]:
        """The facts for want of which there is no score, in order of name."""
        return tuple(sorted({f for f, term in zip(self.facts, self._terms, strict=True) if term(row.get(f)) is None}))

    def in_words(self, score: int) -> Decimal:
        """The score as people read it."""
        return _EXACT.multiply(Decimal(score), self.unit)


def scorer_of(scheme: QuotaScheme, vocabulary: Vocabulary) -> Scorer:
    """The scorer of a scheme that has passed its check."""
    if isinstance(scheme.score, str):
        kind = vocabulary[scheme.score]
        return Scorer((scheme.score,), kind.grain or Decimal(1), (_as_it_stands,))
    unit = Decimal(1).scaleb(min(_exponent(points) for term in scheme.score for points in _all_points(term, vocabulary)))
    terms = tuple(_term(term, vocabulary, unit) for term in scheme.score)
    return Scorer(tuple(term.fact for term in scheme.score), unit, terms)


def _as_it_stands(value: Core) -> int | None:
    return value if isinstance(value, int) else None


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


def _term(term: ScoreTerm, vocabulary: Vocabulary, unit: Decimal) -> _Term:
    kind = vocabulary[term.fact]
    when_missing = None if term.missing_points is None else _whole(term.missing_points, unit)
    if term.bands:
        bands = sorted(term.bands, key=lambda band: band.start)
        starts = [_whole(band.start, kind.grain or Decimal(1)) for band in bands]
        worth = [0, *(_whole(band.points, unit) for band in bands)]

        def banded(value: Core) -> int | None:
            return worth[bisect_right(starts, value)] if isinstance(value, int) else when_missing

        return banded
    if term.weight is not None:
        step = _whole(_step(term.weight, kind), unit)

        def weighed(value: Core) -> int | None:
            return step * value if isinstance(value, int) else when_missing

        return weighed
    table: dict[Core, int] = {}
    for level, points in term.points.items():
        core: Core = level == "true" if kind.kind == "flag" else kind.values.index(level) if kind.kind == "level" else level
        table[core] = _whole(points, unit)

    def looked_up(value: Core) -> int | None:
        return when_missing if value is None else table[value]

    return looked_up
