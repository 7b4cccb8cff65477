"""The smallest change of one rule that closes a gap."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import attrs

from relcare.cells import Axis, Box, Region
from relcare.policy import And, Compare, Criterion, FactType, Leaf, Not, OneOf, Operator, Or, leaves
from relcare.segmentation import ThresholdScheme
from relcare.soundness._outcomes import conjoined
from relcare.soundness._prover import RuleSet

__all__ = ["smallest_change"]

_UPWARD: Final[frozenset[Operator]] = frozenset({">", ">="})


@attrs.frozen
class _Change:
    """One comparison of one tier, written differently.

    Attributes:
        index: Which tier.
        criterion: Its criterion with the comparison changed.
        grown: How many cells the comparison gained.
    """

    index: int
    criterion: Criterion
    grown: int


def smallest_change(scheme: ThresholdScheme, rules: RuleSet, gaps: Sequence[Box]) -> str | None:
    """What to write instead, in one comparison of one tier, so that nobody is left over; None when no single one does it.

    Only changes that leave every client who has a tier in it are offered; of several the one that moves its border least, of
    equal ones that of the worst tier, for it gives away least.

    Args:
        scheme: The scheme, without `otherwise`.
        rules: Its criteria.
        gaps: Where nobody decides.
    """
    fitting = (change for change in _changes(scheme, rules, gaps) if _closes(rules, change))
    best = min(fitting, key=lambda change: (change.grown, -change.index), default=None)
    if best is None:
        return None
    return f'write when = "{best.criterion}" for {scheme.tiers[best.index].id}'


def _changes(scheme: ThresholdScheme, rules: RuleSet, gaps: Sequence[Box]) -> Iterator[_Change]:
    for index, tier in enumerate(scheme.tiers):
        for leaf in dict.fromkeys(leaves(tier.when)):
            place = rules.space.places[leaf.fact]
            holds, _ = rules.space.axes[place].where(leaf, rules.space.vocabulary)
            wanted = {gap[place] & ~holds for gap in gaps}
            for cells in wanted | {_joined(wanted)}:
                wider = _wider(leaf, rules, place, holds | cells) if cells else None
                if wider is not None:
                    yield _Change(index, _replaced(tier.when, leaf, wider), cells.bit_count())


def _joined(several: set[int]) -> int:
    found = 0
    for cells in several:
        found |= cells
    return found


def _wider(leaf: Leaf, rules: RuleSet, place: int, cells: int) -> Leaf | None:
    """The comparison that holds in exactly these cells and is of the same form; None when there is none."""
    axis, kind = rules.space.axes[place], rules.space.vocabulary[leaf.fact]
    if cells & ~axis.known:
        return None
    if isinstance(leaf, Compare) and kind.is_ordered and leaf.operator in {"<", "<=", ">", ">="}:
        moved: Leaf | None = _moved(leaf, kind, _end(axis, kind, cells, is_upward=leaf.operator in _UPWARD))
    elif kind.kind in {"level", "category"} and isinstance(leaf, (Compare, OneOf)) and not _has_any_other(axis, kind, cells):
        moved = OneOf(leaf.fact, tuple(_names(axis, kind, cells)))
    else:
        return None
    # The real evaluator has the last word on where the new comparison holds.
    return moved if moved is not None and axis.where(moved, rules.space.vocabulary)[0] == cells else None


def _end(axis: Axis, kind: FactType, chosen: int, *, is_upward: bool) -> object:
    """Where an upward comparison begins to hold, or a downward one ends to; None where there is no such value."""
    places = [place for place in range(len(axis.cells)) if chosen >> place & 1]
    if not is_upward:
        return axis.ends[places[-1]]
    has_no_first = places[0] == 0 and kind.is_numeric and kind.low is None
    return None if has_no_first else axis.cells[places[0]]


def _names(axis: Axis, kind: FactType, chosen: int) -> Iterator[str]:
    """Every value in these cells: one of a level may hold several that no criterion tells apart."""
    for place, (cell, end) in enumerate(zip(axis.cells, axis.ends, strict=True)):
        if chosen >> place & 1:
            several = range(cell, end + 1) if isinstance(cell, int) and isinstance(end, int) else (cell,)
            yield from (str(kind.decode(value)) for value in several)


def _has_any_other(axis: Axis, kind: FactType, chosen: int) -> bool:
    """Whether the cell of all texts that no criterion names is among them: no list of names covers it."""
    return kind.kind == "category" and not kind.values and bool(chosen >> (axis.known.bit_length() - 1) & 1)


def _moved(leaf: Compare, kind: FactType, end: object) -> Compare | None:
    """The comparison moved to this end (inclusive), with its own operator where the fact's values allow it."""
    if not isinstance(end, int):
        return None
    step = {">": -1, "<": 1}.get(leaf.operator, 0)
    if step and kind.kind == "level" and not 0 <= end + step < len(kind.values):
        return None
    value = kind.decode(end + step)
    constant = value if isinstance(value, (Decimal, str)) else str(value)
    return attrs.evolve(leaf, value=constant)


def _replaced(criterion: Criterion, leaf: Leaf, other: Leaf) -> Criterion:
    if isinstance(criterion, Not):
        return attrs.evolve(criterion, part=_replaced(criterion.part, leaf, other))
    if isinstance(criterion, (And, Or)):
        return attrs.evolve(criterion, parts=tuple(_replaced(part, leaf, other) for part in criterion.parts))
    return other if criterion == leaf else criterion


def _closes(rules: RuleSet, change: _Change) -> bool:
    """Whether nobody is left over afterwards, and nobody who was in a tier could now be in another."""
    region = rules.space.region(change.criterion)
    after: list[Region] = [*rules.regions]
    after[change.index] = region
    if conjoined(rules.space, [one.fails for one in after]):
        return False
    # What the tier gains must have been nobody's: where it failed before, every other tier fails too.
    gained = conjoined(rules.space, [region.holds, rules.regions[change.index].fails])
    others = [one.fails for index, one in enumerate(rules.regions) if index != change.index]
    nobody = conjoined(rules.space, others)
    lost = conjoined(rules.space, [region.fails, rules.regions[change.index].holds])
    return not lost and all(rules.cover.covers(box, nobody) for box in gained)
