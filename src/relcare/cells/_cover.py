"""Is a box covered by others? Exact, by a search that follows what is forced before it branches."""

from collections.abc import Sequence
from typing import Final

from relcare.cells._space import Box, BudgetSpentError

__all__ = ["DEFAULT_BUDGET", "Cover"]

DEFAULT_BUDGET: Final = 200_000
"""How many steps a question may take before the answer is "undecided"."""


class Cover:
    """Coverings within one budget.

    Args:
        budget: Steps for all questions together.
    """

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self.budget: int = budget
        self.spent: int = 0

    def uncovered(self, box: Box, by: Sequence[Box]) -> Box | None:
        """A part of a box that none of the others covers; None when they cover all of it.

        Args:
            box: The box in question.
            by: The others, in any order; the answer "covered or not" does not depend on it.

        Raises:
            BudgetSpentError: If the budget is spent.
        """
        self.spent += 1
        if self.spent > self.budget:
            raise BudgetSpentError(self.spent)
        rest = list(box)
        live: Sequence[Box] = by
        while True:
            live, forced, best = _narrowed(rest, live)
            if live is _COVERED:
                return None
            if not live:
                return tuple(rest)
            if not forced:
                break
        return self._branched(rest, [other for other in live if other is not best], best)

    def _branched(self, rest: list[int], others: Sequence[Box], best: Box) -> Box | None:
        """What is left of the box outside the best of the others, piece by piece; the pieces do not overlap."""
        order = sorted(
            (place for place, cells in enumerate(rest) if cells & ~best[place]), key=lambda p: -(rest[p] & ~best[p]).bit_count()
        )
        for place in order:
            piece = list(rest)
            piece[place] = rest[place] & ~best[place]
            found = self.uncovered(tuple(piece), others)
            if found is not None:
                return found
            rest[place] &= best[place]
        return None

    def covers(self, box: Box, by: Sequence[Box]) -> bool:
        """Whether the others cover the box."""
        return self.uncovered(box, by) is None

    def core(self, box: Box, by: Sequence[Box]) -> tuple[int, ...]:
        """The indexes of an irreducible set of the others that covers the box: none of them can be left out.

        Args:
            box: A box that the others cover.
            by: The others; later ones are tried to be left out first.
        """
        kept = [index for index, other in enumerate(by) if all(a & b for a, b in zip(box, other, strict=True))]
        for index in reversed(list(kept)):
            without = [by[other] for other in kept if other != index]
            if self.covers(box, without):
                kept.remove(index)
        return tuple(kept)


_COVERED: Final[Sequence[Box]] = ((),)


def _narrowed(rest: list[int], live: Sequence[Box]) -> tuple[Sequence[Box], bool, Box]:
    """One pass: drops what does not meet the box, and cuts off what a box that fails in a single axis covers without branching.

    Returns:
        The boxes still in question (`_COVERED` when one covers all), whether anything was cut off, and the one that fails in
        the fewest axes.
    """
    kept: list[Box] = []
    best: Box = ()
    fewest = len(rest) + 1
    forced = False
    for other in live:
        failing, count = -1, 0
        for place, cells in enumerate(rest):
            if not cells & other[place]:
                break
            if cells & ~other[place]:
                failing, count = place, count + 1
        else:
            if count == 0:
                return _COVERED, forced, best
            if count == 1:
                rest[failing] &= ~other[failing]
                forced = True
                continue
            kept.append(other)
            if count < fewest:
                best, fewest = other, count
    return kept, forced, best
