"""The cells of several facts together, and criteria as sets of boxes in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from relcare.cells._axes import Axis, axis_of
from relcare.policy import And, Core, Criterion, Leaf, Not, Or, Vocabulary, facts_of, leaves

__all__ = ["MAX_BOXES", "Box", "BudgetSpentError", "Region", "Space", "meet", "without_covered"]

Box: TypeAlias = tuple[int, ...]
"""A product of sets of cells: one bitset an axis, none empty."""

MAX_BOXES: Final = 20_000
"""How many boxes a region may have before the question is given up."""

_FEW: Final = 200
"""How many boxes are compared with each other at most."""


class BudgetSpentError(Exception):
    """A question was given up before it was answered: the honest verdict is "undecided".

    Attributes:
        spent: How many steps or boxes that was.
    """

    def __init__(self, spent: int) -> None:
        super().__init__(spent)
        self.spent = spent


@attrs.frozen
class Region:
    """Where a criterion holds and where it fails; in the rest it is unknown.

    Attributes:
        holds: Boxes that cover exactly the cells where it is true; they may overlap.
        fails: Boxes that cover exactly the cells where it is false.
    """

    holds: tuple[Box, ...]
    fails: tuple[Box, ...]


@attrs.frozen(eq=False)
class Space:
    """All combinations of cells of some facts.

    Attributes:
        axes: One a fact, in order of first mention.
        vocabulary: What the facts mean.
    """

    axes: tuple[Axis, ...]
    vocabulary: Vocabulary
    # A comparison comes back in many rules, and is asked once.
    _answers: dict[Leaf, tuple[int, int]] = attrs.field(factory=dict[Leaf, tuple[int, int]], init=False, repr=False)

    @classmethod
    def of(cls, criteria: Sequence[Criterion], vocabulary: Vocabulary, more: Sequence[str] = ()) -> "Space":
        """The space that a set of criteria can tell apart.

        Args:
            criteria: Checked against the vocabulary.
            vocabulary: What the facts mean.
            more: Facts to add that no criterion mentions.
        """
        used = [leaf for criterion in criteria for leaf in leaves(criterion)]
        names = dict.fromkeys([*(name for criterion in criteria for name in facts_of(criterion)), *more])
        return cls(tuple(axis_of(name, used, vocabulary) for name in names), vocabulary)

    @cached_property
    def everything(self) -> Box:
        """The box of all cells."""
        return tuple(axis.full for axis in self.axes)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each fact's axis."""
        return {axis.fact: place for place, axis in enumerate(self.axes)}

    @property
    def size(self) -> int:
        """How many combinations there are."""
        count = 1
        for axis in self.axes:
            count *= len(axis.cells)
        return count

    def region(self, criterion: Criterion) -> Region:
        """Where a criterion holds and where it fails.

        Raises:
            BudgetSpentError: If that takes more than 20,000 boxes.
        """
        if isinstance(criterion, Not):
            inner = self.region(criterion.part)
            return Region(inner.fails, inner.holds)
        if isinstance(criterion, (And, Or)):
            parts = [self.region(part) for part in criterion.parts]
            every, some = ("holds", "fails") if isinstance(criterion, And) else ("fails", "holds")
            together = self._all(getattr(part, every) for part in parts)
            apart = [box for part in parts for box in getattr(part, some)]
            # One comparison of each of several facts: their boxes are cut in different axes, and none covers another.
            leaves_of = {part.fact for part in criterion.parts if not isinstance(part, (And, Or, Not))}
            joined = tuple(apart) if len(leaves_of) == len(parts) else _joined(apart)
            return Region(together, joined) if isinstance(criterion, And) else Region(joined, together)
        place = self.places[criterion.fact]
        if criterion not in self._answers:
            self._answers[criterion] = self.axes[place].where(criterion, self.vocabulary)
        holds, fails = self._answers[criterion]
        return Region(self._only(place, holds), self._only(place, fails))

    def _only(self, place: int, cells: int) -> tuple[Box, ...]:
        return ((*self.everything[:place], cells, *self.everything[place + 1 :]),) if cells else ()

    def _all(self, several: Iterable[tuple[Box, ...]]) -> tuple[Box, ...]:
        found: list[Box] = [self.everything]
        for boxes in several:
            pairs = ((mine, other) for mine in found for other in boxes)
            found = without_covered([met for mine, other in pairs if (met := meet(mine, other)) is not None])
            if len(found) > MAX_BOXES:
                raise BudgetSpentError(len(found))
        return tuple(found)

    def row(self, box: Box) -> dict[str, Core]:
        """One combination of values in a box, in core form by fact: the first cell of each axis."""
        return {axis.fact: axis.cells[(cells & -cells).bit_length() - 1] for axis, cells in zip(self.axes, box, strict=True)}


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes share; None when they share nothing."""
    shared = tuple(map(int.__and__, one, other))
    return shared if all(shared) else None


def without_covered(boxes: Sequence[Box]) -> list[Box]:
    """The boxes without repetitions and without those that lie in a single other one, while there are few enough to compare."""
    unique = list(dict.fromkeys(boxes))
    if not 1 < len(unique) <= _FEW:
        return unique
    kept: list[Box] = []
    for box in unique:
        for other in unique:
            if tuple(map(int.__and__, box, other)) == box and other is not box:
                break
        else:
            kept.append(box)
    return kept


def _joined(boxes: Sequence[Box]) -> tuple[Box, ...]:
    found = without_covered(boxes)
    if len(found) > MAX_BOXES:
        raise BudgetSpentError(len(found))
    return tuple(found)
