"""Boxes of cells in words that a policy document understands."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from relcare.cells._axes import Axis
from relcare.cells._space import Box, Space, without_covered
from relcare.policy import (
    Compare,
    Constant,
    Contains,
    Core,
    Criterion,
    FactType,
    Missing,
    Not,
    OneOf,
    Operator,
    all_of,
    any_of,
)

__all__ = ["describe", "merged"]

_ABSENT: Final = 1
_PRESENT: Final = 2


def merged(boxes: Sequence[Box]) -> list[Box]:
    """The same cells in fewer boxes: two that differ in one axis only become one, until no two do.

    Args:
        boxes: Of one space, in any order; they may overlap.

    Returns:
        In order of the first box of each; while there are few, none that lies within another.

    Examples:
        >>> merged([(1, 1), (2, 1), (1, 2)])
        [(3, 1), (1, 2)]
    """
    found = list(dict.fromkeys(boxes))
    count = -1
    while len(found) != count:
        count = len(found)
        for place in range(len(boxes[0]) if boxes else 0):
            found = _joined_along(found, place)
        found = without_covered(found)
    return found


def _joined_along(boxes: Sequence[Box], place: int) -> list[Box]:
    """Boxes that are the same but for one axis, as one."""
    cells: dict[tuple[Box, Box], int] = {}
    for box in boxes:
        rest = (box[:place], box[place + 1 :])
        cells[rest] = cells.get(rest, 0) | box[place]
    return [(*before, joined, *after) for (before, after), joined in cells.items()]


def describe(space: Space, box: Box) -> Criterion | None:
    """The criterion that is true exactly in a box; None for the box of everything, which needs none.

    It is the criterion one would write by hand: intervals with the thresholds that the policy itself uses, levels from one upward
    or downward, `not in` where that is shorter. Outside the box it is false, or unknown where a fact is missing (CRI-2).

    Args:
        space: In which the box lies.
        box: No axis of it is empty.

    Examples:
        >>> from relcare.policy import FactType, Vocabulary, criterion
        >>> words = Vocabulary({"likelihood": FactType(kind="level", values=("none", "low", "high"))})
        >>> space = Space.of([criterion("likelihood == 'low'")], words)
        >>> str(describe(space, (0b1110,)))
        "missing(likelihood) or likelihood >= 'low'"
    """
    parts = [
        _on_axis(axis, cells, space.vocabulary[axis.fact])
        for axis, cells in zip(space.axes, box, strict=True)
        if cells != axis.full
    ]
    return all_of(*parts) if parts else None


def _on_axis(axis: Axis, cells: int, kind: FactType) -> Criterion:
    known = cells & axis.known
    if not known:
        return Missing(axis.fact)
    if known == axis.known:  # not all cells of the axis: missing is the one left out
        return Not(Missing(axis.fact))
    values = _values(axis, known, kind)
    return values if cells == known else any_of(Missing(axis.fact), values)


def _values(axis: Axis, known: int, kind: FactType) -> Criterion:
    """Some of the known cells of a fact, but not all."""
    if kind.kind == "set":
        return _members(axis, known)
    if kind.kind == "flag":
        return Compare(axis.fact, "==", value=bool(known & 0b10))
    if kind.kind == "level":
        return _levels(axis, known, kind)
    if kind.is_ordered:
        return _intervals(axis, known, kind)
    return _choices(axis, known, kind)


def _indexes(cells: int) -> list[int]:
    return [index for index in range(cells.bit_length()) if cells >> index & 1]


def _runs(cells: int) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of neighbouring cells."""
    indexes = _indexes(cells)
    for index in indexes:
        if index - 1 not in indexes:
            last = index
            while last + 1 in indexes:
                last += 1
            yield index, last


def _constant(core: Core, kind: FactType) -> Constant:
    value = kind.decode(core)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (bool, str, Decimal)) else str(value)


def _one_of(fact: str, values: Sequence[str]) -> Criterion:
    return Compare(fact, "==", values[0]) if len(values) == 1 else OneOf(fact, tuple(values))


def _none_of(fact: str, values: Sequence[str]) -> Criterion:
    return Compare(fact, "!=", values[0]) if len(values) == 1 else Not(OneOf(fact, tuple(values)))


def _choices(axis: Axis, known: int, kind: FactType) -> Criterion:
    """Of a category: what it is, or what it is not, whichever is shorter where the values are declared."""
    every = [str(axis.cells[index]) for index in _indexes(axis.known)]
    inside = [str(axis.cells[index]) for index in _indexes(known)]
    outside = [value for value in every if value not in inside]
    # Without declared values the last cell is any other text, which can only be told by what it is not.
    is_negative = len(outside) < len(inside) if kind.values else inside[-1] == every[-1]
    return _none_of(axis.fact, outside) if is_negative else _one_of(axis.fact, inside)


def _levels(axis: Axis, known: int, kind: FactType) -> Criterion:
    """Of a level: from one upward or downward, all but one, or those there are."""
    inside = [value for index in _indexes(known) for value in _levels_of(axis, index, kind)]
    outside = [value for value in kind.values if value not in inside]
    if len(inside) == 1:
        return Compare(axis.fact, "==", inside[0])
    if inside == list(kind.values[: len(inside)]):
        return Compare(axis.fact, "<=", inside[-1])
    if inside == list(kind.values[-len(inside) :]):
        return Compare(axis.fact, ">=", inside[0])
    return _none_of(axis.fact, outside) if len(outside) < len(inside) else _one_of(axis.fact, inside)


def _levels_of(axis: Axis, index: int, kind: FactType) -> Sequence[str]:
    low, high = axis.cells[index], axis.ends[index]
    return kind.values[low : high + 1] if isinstance(low, int) and isinstance(high, int) else ()


def _intervals(axis: Axis, known: int, kind: FactType) -> Criterion:
    """Of a number or a date: its stretches, or all but one value."""
    others = _indexes(axis.known & ~known)
    if len(others) == 1 and _is_point(axis, others[0], kind):
        return Compare(axis.fact, "!=", _constant(axis.cells[others[0]], kind))
    return any_of(*(_interval(axis, first, last, kind) for first, last in _runs(known)))


def _is_point(axis: Axis, index: int, kind: FactType) -> bool:
    """Whether a cell is a single value. One that is open at an end has no low, or no high, to be equal to."""
    is_open = index == 0 and kind.is_numeric and kind.low is None
    return not is_open and axis.ends[index] is not None and axis.cells[index] == axis.ends[index]


def _interval(axis: Axis, first: int, last: int, kind: FactType) -> Criterion:
    """One stretch. A constant of the policy is a cell by itself: of two ways to write an end, the one that names it is taken."""
    if first == last and _is_point(axis, first, kind):
        return Compare(axis.fact, "==", _constant(axis.cells[first], kind))
    parts: list[Criterion] = []
    if first > 0:
        is_above = not _is_point(axis, first, kind) and _is_point(axis, first - 1, kind)
        operator: Operator = ">" if is_above else ">="
        parts.append(Compare(axis.fact, operator, _constant(axis.cells[first - 1 if is_above else first], kind)))
    if last + 1 < axis.known.bit_length():
        is_up_to = _is_point(axis, last, kind) and not _is_point(axis, last + 1, kind)
        operator = "<=" if is_up_to else "<"
        parts.append(Compare(axis.fact, operator, _constant(axis.cells[last if is_up_to else last + 1], kind)))
    return all_of(*parts)


def _members(axis: Axis, known: int) -> Criterion:
    """Of a set: which members are in it and which are not, each a choice of two; what makes no difference is left out."""
    sets = [cell for index in _indexes(known) if isinstance(cell := axis.cells[index], frozenset)]
    members = sorted(frozenset[str]().union(*(cell for cell in axis.cells if isinstance(cell, frozenset))))
    boxes = merged([tuple(_PRESENT if member in one else _ABSENT for member in members) for one in sets])
    return any_of(*(_membership(axis.fact, members, box) for box in boxes))


def _membership(fact: str, members: Sequence[str], box: Box) -> Criterion:
    parts: list[Criterion] = [
        Contains(fact, member) if choice == _PRESENT else Not(Contains(fact, member))
        for member, choice in zip(members, box, strict=True)
        if choice != _PRESENT | _ABSENT
    ]
    return all_of(*parts)
