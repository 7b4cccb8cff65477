"""Where a decision ends how, as boxes of cells: the ground for sufficient reasons and for ways out of an open decision."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from relcare.cells import Axis, Box, BudgetSpentError, Cover, Region, Space, axis_of, describe, meet, merged
from relcare.errors import PolicyError
from relcare.policy import Core, Leaf, Vocabulary
from relcare.segmentation import ThresholdScheme
from relcare.soundness._explanation import DecisionState, Way
from relcare.vip import Programme

__all__ = ["BUDGET", "Ending", "Endings", "axes_of", "cell_of", "programme_endings", "space_for", "threshold_endings"]

Ending: TypeAlias = tuple[DecisionState, str | None]
"""How a decision ends, and the tier or answer that it ends with."""

MAX_BOXES: Final = 5_000
MAX_WAYS: Final = 200
BUDGET: Final = 20_000
"""Steps of the search for one client: a decision that needs more has no sufficient reason that could be shown at once."""


def axes_of(names: Iterable[str], used: Sequence[Leaf], vocabulary: Vocabulary) -> tuple[dict[str, Axis], str | None]:
    """The cells of each fact, and why there are none for some of them, if so.

    Args:
        names: The facts, in the order in which they shall come.
        used: The comparisons that tell cells apart.
        vocabulary: What the facts mean.
    """
    found: dict[str, Axis] = {}
    why: str | None = None
    for name in dict.fromkeys(names):
        try:
            found[name] = axis_of(name, used, vocabulary)
        except PolicyError as error:
            why = str(error)
    return found, why


def space_for(axes: Iterable[Axis], vocabulary: Vocabulary, absent: frozenset[str]) -> Space:
    """The cells of some facts together, with one for missing for those that somebody lacks although they should not be."""
    return Space(tuple(_with_missing(axis) if axis.fact in absent else axis for axis in axes), vocabulary)


def _with_missing(axis: Axis) -> Axis:
    return axis if None in axis.cells else attrs.evolve(axis, cells=(*axis.cells, None), ends=(*axis.ends, None))


def cell_of(axis: Axis, value: Core) -> int:
    """The index of the cell that a value lies in.

    Args:
        axis: Of its fact, with a cell for missing if the value is missing.
        value: In core form.
    """
    if isinstance(value, frozenset):
        told_apart = frozenset[str]().union(*(cell for cell in axis.cells if isinstance(cell, frozenset)))
        return axis.cells.index(value & told_apart)
    last = axis.known.bit_length() - 1
    if type(value) is int:
        # A date after the last that calendars know lies with the last.
        return next((index for index, end in enumerate(axis.ends[:last]) if isinstance(end, int) and value <= end), last)
    return axis.cells.index(value) if value in axis.cells else last  # any other text


@attrs.frozen(eq=False)
class Endings:
    """Where each ending is certain; everywhere else the decision is open for want of facts.

    Attributes:
        space: The cells of the decision's facts.
        boxes: By ending, best first; boxes of one ending may overlap, those of two never do.
    """

    space: Space
    boxes: Mapping[Ending, Sequence[Box]]

    @cached_property
    def _known(self) -> Box:
        return tuple(axis.known for axis in self.space.axes)

    def point(self, row: Mapping[str, Core]) -> Box:
        """The cells that a row lies in."""
        return tuple(1 << cell_of(axis, row.get(axis.fact)) for axis in self.space.axes)

    def sufficient(self, row: Mapping[str, Core], ending: Ending) -> tuple[str, ...]:
        """An irreducible set of facts whose values alone force the ending of a row; later facts are left out first.

        Args:
            row: The facts in core form.
            ending: How the decision about the row ends.

        Raises:
            BudgetSpentError: If that takes too long.
        """
        box, cover = list(self.point(row)), Cover(BUDGET)
        kept = list(range(len(box)))
        for place in reversed(range(len(box))):
            fixed, box[place] = box[place], self.space.everything[place]
            if self._is_forced(tuple(box), ending, cover):
                kept.remove(place)
            else:
                box[place] = fixed
        return tuple(self.space.axes[place].fact for place in kept)

    def _is_forced(self, box: Box, ending: Ending, cover: Cover) -> bool:
        if ending in self.boxes:
            return cover.covers(box, self.boxes[ending])
        return not any(meet(box, other) for boxes in self.boxes.values() for other in boxes)

    def ways(self, row: Mapping[str, Core]) -> tuple[Way, ...]:
        """What values of the missing facts would settle an open decision, with as few facts as possible.

        Args:
            row: The facts in core form.

        Raises:
            BudgetSpentError: If there are too many.
        """
        missing = [row.get(axis.fact) is None for axis in self.space.axes]
        opened = tuple(
            full if is_missing else cells
            for full, cells, is_missing in zip(self.space.everything, self.point(row), missing, strict=True)
        )
        found: list[Way] = []
        for (state, outcome), boxes in self.boxes.items():
            needed = {self._needed(met, missing): None for box in boxes if (met := meet(opened, box)) is not None}
            if len(needed) > MAX_WAYS:
                raise BudgetSpentError(len(needed))
            for box in merged(tuple(needed)):
                when = describe(self.space, box)
                if when is not None:
                    found.append(Way(when=when, outcome=outcome, state=state))
        return tuple(found)

    def _needed(self, box: Box, missing: Sequence[bool]) -> Box:
        """The box with everything where a fact is known already or may stay missing."""
        return tuple(
            cells if is_missing and cells & known == cells else full
            for cells, is_missing, known, full in zip(box, missing, self._known, self.space.everything, strict=True)
        )


def threshold_endings(scheme: ThresholdScheme, space: Space) -> Endings:
    """Where a threshold scheme ends how (SEG-1, SEG-6, CRI-2).

    Args:
        scheme: The scheme.
        space: The cells of its criteria and its scope.

    Raises:
        BudgetSpentError: If that takes too many boxes.
    """
    regions = [space.region(tier.when) for tier in scheme.tiers]
    scope = Region((space.everything,), ()) if scheme.scope is None else space.region(scheme.scope)
    found: dict[Ending, list[Box]] = {("decided", tier): [] for tier in scheme.tier_ids}
    before: Iterable[Box] = scope.holds
    for index, (tier, region) in enumerate(zip(scheme.tiers, regions, strict=True)):
        if scheme.hit == "unique":
            before = _shared([scope.holds, *(other.fails for place, other in enumerate(regions) if place != index)])
        found["decided", tier.id] += _shared([before, region.holds])
        if scheme.hit != "unique":
            before = _shared([before, region.fails])
    # The tier that is left over is reached whether its own criterion holds or not.
    others = (region.fails for tier, region in zip(scheme.tiers, regions, strict=True) if tier.id != scheme.otherwise)
    rest = _shared([scope.holds, *others])
    if scheme.otherwise is None:
        found["no match", None] = rest
    else:
        found["decided", scheme.otherwise] += rest
    if scheme.hit == "unique":
        pairs = ((region.holds, other.holds) for index, region in enumerate(regions) for other in regions[:index])
        found["conflict", None] = [box for pair in pairs for box in _shared([scope.holds, *pair])]
    found["out of scope", None] = list(scope.fails)
    return Endings(space, found)


def programme_endings(programme: Programme, space: Space) -> Endings:
    """Where a programme's answer is `yes` and where it is `no` (VIP-4).

    Args:
        programme: The programme.
        space: The cells of its paths.

    Raises:
        BudgetSpentError: If that takes too many boxes.
    """
    regions = [space.region(path.when) for path in programme.paths]
    holds = [box for region in regions for box in region.holds]
    return Endings(space, {("decided", "yes"): holds, ("decided", "no"): _shared([region.fails for region in regions])})


def _shared(several: Iterable[Iterable[Box]]) -> list[Box]:
    """What all of several sets of boxes share.

    Raises:
        BudgetSpentError: If that takes too many boxes.
    """
    parts = iter(several)
    found = list(next(parts))
    for boxes in parts:
        others = list(boxes)
        found = list(dict.fromkeys(met for mine in found for other in others if (met := meet(mine, other)) is not None))
        if len(found) > MAX_BOXES:
            raise BudgetSpentError(len(found))
    return found
