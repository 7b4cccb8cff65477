"""What a segment came to over a book: lists inside, reasons when asked."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import product

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import UnknownRecordError, nearest
from relcare.model import Answer, Reason
from relcare.segments._segment import Segment

__all__ = ["SegmentCell", "SegmentMembership", "SegmentResult"]


def _to_lists(values: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return ReadOnlyMap(values)


@attrs.frozen(kw_only=True)
class SegmentMembership:
    """Whether one client belongs to one segment.

    Attributes:
        segment_id: The segment.
        client_id: Who.
        answer: `yes`, `no`, or `unknown` where missing facts leave it open.
        cells: Of a product: the values of each cell that the client is in.
        missing: The missing facts that leave it open, in order of name.
        reasons: Why.
    """

    segment_id: str
    client_id: str
    answer: Answer
    cells: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@attrs.frozen(kw_only=True)
class SegmentCell:
    """One combination of values, with who is in it.

    Attributes:
        values: One for each dimension, in their order; of a flag `true` or `false`.
        client_ids: Who is in it, in the order of the book.
    """

    values: tuple[str, ...]
    client_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The values joined: `equity / bold / long`."""
        return " / ".join(self.values)


@attrs.frozen(kw_only=True, eq=False)
class SegmentResult:
    """One segment over a book. Each list is in the order of the book.

    Everybody asked about is in exactly one of `members`, `unknown`, `unplaced` and `outside` (SEG-7).

    Attributes:
        segment: Which.
        client_ids: Everybody asked about.
        members: Who belongs; of a product, who is in at least one cell.
        unknown: Of whom missing facts leave it open whether they belong (of a product: whether they are in its scope), by client
            id, with the facts that could settle it, in order of name.
        unplaced: Of a product: who is in scope and in no cell, with the dimensions that are missing or an empty set, in order of
            name.
        dimensions: Of a product: the values of each dimension in order; declared ones as declared, others as they occur, by code
            point.
        cells: Of a product: the cells that somebody is in, in the order of the dimensions' values. See `empty_cells`.
    """

    segment: Segment
    client_ids: tuple[str, ...]
    members: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]] = attrs.field(factory=ReadOnlyMap[str, tuple[str, ...]], converter=_to_lists)
    unplaced: Mapping[str, tuple[str, ...]] = attrs.field(factory=ReadOnlyMap[str, tuple[str, ...]], converter=_to_lists)
    dimensions: Mapping[str, tuple[str, ...]] = attrs.field(factory=ReadOnlyMap[str, tuple[str, ...]], converter=_to_lists)
    cells: tuple[SegmentCell, ...] = ()
    _explain: Callable[[str], SegmentMembership] = attrs.field(alias="explain")

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.client_ids)

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """Who does not belong; of a product, who is out of its scope."""
        inside = {*self.members, *self.unknown, *self.unplaced}
        return tuple(client_id for client_id in self.client_ids if client_id not in inside)

    @property
    def cell_count(self) -> int:
        """How many cells there are, empty ones included; 0 where a dimension has no value."""
        count = 1 if self.dimensions else 0
        for values in self.dimensions.values():
            count *= len(values)
        return count

    def cell(self, name: str) -> SegmentCell:
        """One cell by its name, `equity / bold / long`; blanks around the strokes do not matter.

        Raises:
            UnknownRecordError: If no combination of values has this name.
        """
        exact, values = tuple(name.split(" / ")), tuple(part.strip() for part in name.split("/"))
        found = next((cell for cell in self.cells if cell.values == values or cell.name == name), None)
        if found is not None:
            return found
        sides = list(self.dimensions.values())
        for one in (exact, values):
            if len(one) == len(sides) > 0 and all(value in side for value, side in zip(one, sides, strict=True)):
                return SegmentCell(values=one)
        near = nearest(name, [cell.name for cell in self.cells])
        raise UnknownRecordError("cell", name, f"did you mean {near!r}?" if near else None)

    def empty_cells(self) -> Iterator[SegmentCell]:
        """The cells that nobody is in, in the order of the dimensions' values."""
        taken = {cell.values for cell in self.cells}
        if self.dimensions:
            for values in product(*self.dimensions.values()):
                if values not in taken:
                    yield SegmentCell(values=values)

    def membership(self, client_id: str) -> SegmentMembership:
        """Whether one client belongs, and why.

        Raises:
            UnknownRecordError: If the client was not asked about.
        """
        if client_id not in self._known:
            raise UnknownRecordError("client", client_id)
        return self._explain(client_id)

    def explained_by(self, explain: Callable[[str], SegmentMembership]) -> "SegmentResult":
        """The same members with other explanations, such as ones that carry more reasons."""
        return attrs.evolve(self, explain=explain)
