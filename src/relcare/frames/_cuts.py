"""One cut through a ranking on the way to its score, and a first look at where it is from a sample.

A sample decides nothing: how many scores are above a span and in it is counted over all rows, and a cut that is not in its span
is sought from the beginning.
"""

from collections.abc import Sequence
from math import isqrt
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._engine import Engine, Lazy

__all__ = ["Cut", "first_cut", "narrow_by_sample"]

_BINS: Final = 4_096
_MANY: Final = 500_000
"""Of fewer scores a histogram is as quick as a sample."""
_SAMPLED: Final = 20_000


@attrs.define
class Cut:
    """One cut on the way to its score: it is among the scores from `low` to before `high`, of which there are `inside`."""

    group: str | None
    at: int
    low: int
    high: int
    above: int
    inside: int

    @property
    def is_found(self) -> bool:
        return self.high - self.low == 1

    @property
    def width(self) -> int:
        """How many scores go into one bin: one where there are so few of them that no more bins can come of it."""
        return 1 if self.inside <= _BINS else -(-(self.high - self.low) // _BINS)

    @property
    def is_parting(self) -> bool:
        """Whether it runs between clients of one score."""
        return self.at < self.above + self.inside


def first_cut(group: str | None, at: int, count: int, low: int, high: int) -> Cut | None:
    """A cut before anything is known but the least and the greatest score; None where nobody is in."""
    if at <= 0:
        return None
    # Where everybody is in, the least score is the border, however many share it.
    return Cut(group, at, low, low + 1 if at == count else high + 1, 0, count)


def narrow_by_sample(engine: Engine, scores: Lazy, column: str, cuts: Sequence[Cut]) -> None:
    """Narrows cuts through one ranking of very many to the scores that they most likely are among.

    Args:
        engine: Whose frame it is.
        scores: Settled.
        column: Of the scores.
        cuts: As `first_cut` gives them.
    """
    searched = [cut for cut in cuts if not cut.is_found]
    count = max((cut.inside for cut in searched), default=0)
    sample = sorted(engine.every_nth(scores, column, count // _SAMPLED), reverse=True) if count >= _MANY else []
    if not sample:
        return
    spans = [_span(sample, cut.at, count) for cut in searched]
    score = nw.col(column)
    asked = [total for low, high in spans for total in ((score >= high).sum(), (score >= low).sum())]
    (totals,) = engine.rows(scores.select(**{f"n {place}": total for place, total in enumerate(asked)}))
    for cut, (low, high), above, reached in zip(searched, spans, totals[::2], totals[1::2], strict=True):
        if above < cut.at <= reached:
            cut.low, cut.high, cut.above, cut.inside = low, high, above, reached - above


def _span(sample: Sequence[int], at: int, count: int) -> tuple[int, int]:
    """The scores that a cut is all but certainly among if rows are in no order: four standard deviations to either side."""
    size = len(sample)
    place, slack = size * at // count, 2 * isqrt(size) + 1
    return sample[min(place + slack, size - 1)], sample[max(place - slack, 0)] + 1
