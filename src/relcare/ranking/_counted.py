"""Borders from how many have each score, for those who never see everybody at once (SEG-3)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

from relcare.ranking._borders import Border, TieRule, borders_at
from relcare.ranking._reach import Reach

__all__ = ["counted_borders", "parted_scores"]


def parted_scores(counts: Mapping[int, int], at: Sequence[int], ties: TieRule) -> frozenset[int]:
    """The scores of which it takes the ids to say where a border lies: a cut parts those who share one, by id.

    Args:
        counts: How many have each score.
        at: The cuts, ascending, each from 0 to the number of all.
        ties: What becomes of equal scores that a cut would part.
    """
    if ties != "by id":
        return frozenset()
    return frozenset(reach.score for cut, reach in _reached(counts, at).items() if reach.parts(cut))


def counted_borders(
    counts: Mapping[int, int], at: Sequence[int], ties: TieRule, ids: Mapping[int, Sequence[str]]
) -> tuple[Border | None, ...]:
    """The borders that `rank` finds among everybody.

    Args:
        counts: How many have each score.
        at: The cuts, ascending, each from 0 to the number of all.
        ties: What becomes of equal scores that a cut would part.
        ids: Everybody who has one of the `parted_scores`, in any order.

    Source: SEG-3.
    """
    equals = {score: sorted(members) for score, members in ids.items()}
    return borders_at(at, _reached(counts, at), ties, equals, counts)


def _reached(counts: Mapping[int, int], at: Sequence[int]) -> dict[int, Reach]:
    scores = sorted(counts, reverse=True)
    ends = list(accumulate(counts[score] for score in scores))
    found: dict[int, Reach] = {}
    for cut in at:
        if cut > 0:
            place = bisect_left(ends, cut)
            equal = counts[scores[place]]
            found[cut] = Reach(scores[place], ends[place] - equal, equal)
    return found
