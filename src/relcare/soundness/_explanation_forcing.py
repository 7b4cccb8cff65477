"""What forces the tier of a client in a quota, the others staying as they are."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from relcare.cells import Axis, Box, Cover, Region, Space, meet
from relcare.policy import Core
from relcare.soundness._explanation_endings import BUDGET, Ending, cell_of
from relcare.soundness._explanation_levers import Judge

if TYPE_CHECKING:
    from relcare.soundness._explanation_quota import QuotaRules

__all__ = ["Forcing", "indexes"]


def indexes(cells: int) -> Iterator[int]:
    """The cells of a bitset."""
    return (index for index in range(cells.bit_length()) if cells >> index & 1)


@attrs.frozen(eq=False)
class Forcing:
    """The question what forces an ending.

    Attributes:
        rules: The quota.
        space: The cells of its facts.
        row: The client's facts.
        ending: How the decision about it ends.
        cover: The budget.
    """

    rules: "QuotaRules"
    space: Space
    row: Mapping[str, Core]
    ending: Ending
    cover: Cover = attrs.field(factory=lambda: Cover(BUDGET))

    @cached_property
    def scope(self) -> Region:
        """Where the quota applies."""
        scope = self.rules.scheme.scope
        return Region((self.space.everything,), ()) if scope is None else self.space.region(scope)

    @property
    def point(self) -> Box:
        """The cells that the client lies in."""
        return tuple(1 << cell_of(axis, self.row.get(axis.fact)) for axis in self.space.axes)

    def is_forced(self, box: Box) -> bool:
        """Whether everybody in a box who takes the client's place ends alike."""
        if self.ending[0] == "out of scope":
            return self.cover.covers(box, self.scope.fails)
        if self.rules.hold is not None and self.rules.hold.settles(self.ending):
            return self._is_held(box)
        scored = self._scored(box)
        if self.ending[0] == "undecided":
            is_ranked = scored is not None and any(meet(scored, other) for other in self.scope.holds)
            return not is_ranked and not any(meet(box, other) for other in self.scope.fails)
        if scored != box or not self.cover.covers(box, self.scope.holds):
            return False
        return self._is_one_tier(box, self.rules.judge)

    def _is_held(self, box: Box) -> bool:
        """Whether a pin that also decides what facts leave open decides everybody in a box."""
        if any(meet(box, other) for other in self.scope.fails):
            return False
        scored = self._scored(box)
        return scored is None or self._is_one_tier(scored, self.rules.judge_ranked)

    def _is_one_tier(self, box: Box, judge: Judge) -> bool:
        # Points add up, so the tier is forced when the fewest and the most of them come to it.
        extremes = [self._extreme(box, is_most=most) for most in (False, True)]
        return all(judge({**self.row, **extreme, **group}) == self.ending for group in self._groups(box) for extreme in extremes)

    def _groups(self, box: Box) -> Iterator[dict[str, Core]]:
        """The groups in a box, each as the value that names it."""
        by = self.rules.scheme.group_by
        if by is None:
            yield {}
            return
        axis, cells = next((axis, cells) for axis, cells in zip(self.space.axes, box, strict=True) if axis.fact == by)
        yield from ({by: axis.cells[index]} for index in indexes(cells))
        if self.rules.vocabulary[by].kind == "set" and cells & (cells - 1):
            yield {by: frozenset({"anything else"})}  # no cell stands for members that nobody has

    def _scored(self, box: Box) -> Box | None:
        """The part of a box in which there is a score; None when there is none anywhere."""
        score = self.rules.scorer.facts
        parts = tuple(
            self._with_points(axis, cells)
            if axis.fact in score
            else self._with_group(axis, cells)
            if axis.fact == self.rules.scheme.group_by
            else cells
            for axis, cells in zip(self.space.axes, box, strict=True)
        )
        return parts if all(parts) else None

    def _with_points(self, axis: Axis, cells: int) -> int:
        return sum(1 << index for index in indexes(cells) if self.rules.points(axis.fact, axis.cells[index]) is not None)

    def _with_group(self, axis: Axis, cells: int) -> int:
        return sum(1 << index for index in indexes(cells) if self.rules.grouper({axis.fact: axis.cells[index]}) is not None)

    def _extreme(self, box: Box, *, is_most: bool) -> dict[str, Core]:
        """The values in a box with the fewest or the most points, of every fact that the score asks for."""
        return {
            axis.fact: self.rules.extreme_value(axis, cells, is_most=is_most)
            for axis, cells in zip(self.space.axes, box, strict=True)
            if axis.fact in self.rules.scorer.facts
        }
