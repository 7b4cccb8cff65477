"""How far down a cut reaches, without putting everybody in order: a histogram, and order only within one bucket of it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

import attrs

__all__ = ["Reach", "reaches"]

# As many buckets as stay in a processor's cache while they are counted.
_BITS: Final = 14


@attrs.frozen
class Reach:
    """Where a cut falls among scores.

    Attributes:
        score: Of the last one above the cut.
        above: How many have a higher score.
        equal: How many have this one.
    """

    score: int
    above: int
    equal: int

    def parts(self, cut: int) -> bool:
        """Whether the cut runs between equals."""
        return cut < self.above + self.equal


def reaches(values: Sequence[int], at: Iterable[int]) -> dict[int, Reach]:
    """Where cuts fall.

    Args:
        values: The scores, in any order.
        at: From 1 to the number of scores; in any order.
    """
    wanted = set(at)
    if not wanted:
        return {}
    shift = max(0, (max(values) - min(values)).bit_length() - _BITS)
    counts = Counter(values if shift == 0 else [value >> shift for value in values])
    buckets = sorted(counts, reverse=True)
    ends = list(accumulate(counts[bucket] for bucket in buckets))
    found: dict[int, Reach] = {}
    for cut in wanted:
        place = bisect_left(ends, cut)
        bucket, above = buckets[place], ends[place] - counts[buckets[place]]
        if shift == 0:
            found[cut] = Reach(bucket, above, counts[bucket])
        else:
            found[cut] = _within([value for value in values if value >> shift == bucket], cut, above)
    return found


def _within(values: list[int], cut: int, above: int) -> Reach:
    """Where a cut falls among the scores of one bucket, with so many above all of them."""
    values.sort(reverse=True)
    score = values[cut - above - 1]
    return Reach(score, above + values.index(score), values.count(score))
