"""How many go into each tier: cumulative cuts in exact arithmetic (SEG-2)."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Final

__all__ = ["cuts"]

_HALF: Final = Fraction(1, 2)


def cuts(count: int, shares: Sequence[Fraction]) -> tuple[int, ...]:
    """After which rank each tier ends: round-half-up of n times the shares up to it.

    Args:
        count: How many are ranked, 0 or more.
        shares: Of each tier, best first; none negative, together at most 1.

    Returns:
        One rank a tier, not descending. The head counts are the differences and sum to the last cut; with shares that sum to 1
        that is `count`. When somebody is added no cut shrinks.

    Examples:
        >>> fifth = Fraction(1, 5)
        >>> cuts(7, (fifth, 2 * fifth, 2 * fifth))
        (1, 4, 7)

    Source: SEG-2.
    """
    return tuple(int(count * total + _HALF) for total in accumulate(shares))
