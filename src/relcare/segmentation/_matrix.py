"""Two dimensions, each cell naming a tier (SEG-7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from itertools import pairwise
from typing import Final

import attrs

from relcare._fields import check_id, check_text, check_tuple_of, to_decimal, to_tuple
from relcare.errors import InvalidValueError, nearest
from relcare.policy import (
    Compare,
    Core,
    Criterion,
    FactType,
    Missing,
    Not,
    OneOf,
    RuleProblem,
    Vocabulary,
    all_of,
    any_of,
    evaluate,
)
from relcare.segmentation._tiers import ThresholdTier

__all__ = ["Dimension", "Matrix"]

# The host's own context may be set to few digits (FCT-4: exact).
_EXACT: Final = Context(prec=120)


def _to_groups(values: Iterable[str | Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    if isinstance(values, str):
        raise InvalidValueError("values", values, "must be a list of groups, and no text")
    check_tuple_of("values", to_tuple(values), object)
    groups = [(group,) if isinstance(group, str) else to_tuple(group) for group in to_tuple(values)]
    for index, group in enumerate(groups):
        check_tuple_of(f"values[{index}]", group, object)
    return tuple(groups)


def _to_starts(values: Iterable[Decimal | int | str]) -> tuple[Decimal, ...]:
    if isinstance(values, str):
        raise InvalidValueError("bands", values, "must be a list of numbers, and no text")
    check_tuple_of("bands", to_tuple(values), object)
    return tuple(to_decimal(f"bands[{index}]", value) for index, value in enumerate(to_tuple(values)))


@attrs.frozen(kw_only=True)
class Dimension:
    """How one fact is cut into the rows or the columns of a matrix: by `values` or by `bands`.

    Attributes:
        fact: A declared fact, a tier or a grade.
        values: Of a level or a category: groups of its values; a bare text is a group of one.
        bands: Of a number, money or an integer: where each band begins, inclusive, ascending; what is below the first is in no
            cell.

    Raises:
        InvalidValueError: If both or neither of values and bands are given, a value is named twice, or bands do not ascend.
    """

    fact: str
    values: tuple[tuple[str, ...], ...] = attrs.field(default=(), converter=_to_groups)
    bands: tuple[Decimal, ...] = attrs.field(default=(), converter=_to_starts)

    def __attrs_post_init__(self) -> None:
        check_text("fact", self.fact)
        if bool(self.values) == bool(self.bands):
            raise InvalidValueError("values", list(self.values), "must be given, or bands, and not both")
        named: set[str] = set()
        for index, group in enumerate(self.values):
            if not group:
                raise InvalidValueError(f"values[{index}]", list(group), "must name at least one value")
            for value in group:
                check_text(f"values[{index}]", value)
                if value in named:
                    raise InvalidValueError(f"values[{index}]", value, "must not be named twice")
                named.add(value)
        for index, (start, following) in enumerate(pairwise(self.bands)):
            if following <= start:
                raise InvalidValueError(f"bands[{index + 1}]", f"{following:f}", f"must be above the band before it, {start:f}")

    @property
    def count(self) -> int:
        """How many rows or columns it makes."""
        return len(self.values or self.bands)

    @property
    def labels(self) -> tuple[str, ...]:
        """What each row or column is called: `medium, large`, `10000 to below 100000`, `from 100000`."""
        if self.values:
            return tuple(", ".join(group) for group in self.values)
        starts = [f"{start:f}" for start in self.bands]
        return (*(f"{start} to below {end}" for start, end in pairwise(starts)), f"from {starts[-1]}")

    def within(self, places: Sequence[int]) -> Criterion:
        """That a client is in any of these rows or columns.

        Args:
            places: At least one, ascending.
        """
        if self.values:
            values = tuple(value for place in places for value in self.values[place])
            return Compare(self.fact, "==", values[0]) if len(values) == 1 else OneOf(self.fact, values)
        return any_of(*(self._between(first, last) for first, last in _runs(places)))

    def _between(self, first: int, last: int) -> Criterion:
        start = Compare(self.fact, ">=", self.bands[first])
        if last + 1 == len(self.bands):
            return start
        return all_of(start, Compare(self.fact, "<", self.bands[last + 1]))

    def label_of(self, row: Mapping[str, Core], vocabulary: Vocabulary) -> str | None:
        """What the row or column is called that a client is in; None for none, and where its fact is missing."""
        found = (label for place, label in enumerate(self.labels) if evaluate(self.within((place,)), row, vocabulary))
        return next(found, None)

    def problems(self, kind: FactType, *, is_total: bool) -> Iterator[RuleProblem]:
        """What is wrong with the dimension for a fact of this type.

        Args:
            kind: Of the fact.
            is_total: Whether every declared value must be in a group.
        """
        if self.bands:
            yield from self._band_problems(kind)
            return
        if kind.kind not in {"level", "category"}:
            yield RuleProblem(("values",), f"{self.fact} is a {kind.kind}: groups need a level or a category", "write bands")
            return
        for index, group in enumerate(self.values):
            for value in group if kind.values else ():
                if value not in kind.values:
                    near = nearest(value, kind.values)
                    known = ", ".join(repr(one) for one in kind.values)
                    hint = f"did you mean {near!r}?" if near else f"its values are {known}"
                    yield RuleProblem(("values", index), f"{self.fact} has no value {value!r}", hint)
        named = {value for group in self.values for value in group}
        lacking = [value for value in kind.values if value not in named]
        if lacking and is_total:
            told = ", ".join(map(repr, lacking))
            yield RuleProblem(
                ("values",), f"the groups of {self.fact} leave out {told}", "give each its group, or write otherwise"
            )

    def _band_problems(self, kind: FactType) -> Iterator[RuleProblem]:
        if not kind.is_numeric:
            rule = "bands need a number, money or an integer"
            yield RuleProblem(("bands",), f"{self.fact} is a {kind.kind}: {rule}", "write values")
            return
        for index, start in enumerate(self.bands):
            if kind.grain is not None and _EXACT.remainder(start, kind.grain):
                rule = f"a band of {self.fact} begins at {start:f}, which is off its grain {kind.grain}"
                yield RuleProblem(("bands", index), rule)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each stretch without a gap."""
    first = last = places[0]
    for place in places[1:]:
        if place != last + 1:
            yield first, last
            first = place
        last = place
    yield first, last


def _to_cells(values: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    check_tuple_of("cells", to_tuple(values), object)
    return tuple(to_tuple(line) for line in to_tuple(values))


@attrs.frozen(kw_only=True)
class Matrix:
    """The tier of each cell of two dimensions.

    Attributes:
        rows: The first dimension.
        columns: The second dimension, of another fact.
        cells: One line for each row, with the tier of each column.

    Raises:
        InvalidValueError: If the cells are not as many as rows and columns make, or both dimensions are of one fact.

    Examples:
        >>> by_size = Dimension(fact="strength", values=["small", ["medium", "large"]])
        >>> by_revenue = Dimension(fact="revenue", bands=[0, 10_000])
        >>> matrix = Matrix(rows=by_size, columns=by_revenue, cells=[["C", "B"], ["B", "A"]])
        >>> str(matrix.criterion_of("B"))
        "strength == 'small' and revenue >= 10000 or strength in ('medium', 'large') and revenue >= 0 and revenue < 10000"

    Source: SEG-7.
    """

    rows: Dimension
    columns: Dimension
    cells: tuple[tuple[str, ...], ...] = attrs.field(converter=_to_cells)

    def __attrs_post_init__(self) -> None:
        for name, dimension in (("rows", self.rows), ("columns", self.columns)):
            if not isinstance(dimension, Dimension):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(name, dimension, "must be a Dimension")
        if self.rows.fact == self.columns.fact:
            raise InvalidValueError("columns", self.columns.fact, "must be of another fact than the rows")
        check_tuple_of("cells", self.cells, tuple)
        if len(self.cells) != self.rows.count:
            raise InvalidValueError("cells", len(self.cells), f"must have a line for each row, which are {self.rows.count}")
        for index, line in enumerate(self.cells):
            if len(line) != self.columns.count:
                rule = f"must name a tier for each column, which are {self.columns.count}"
                raise InvalidValueError(f"cells[{index}]", list(line), rule)
            for tier in line:
                check_id(f"cells[{index}]", tier)

    @property
    def facts(self) -> tuple[str, str]:
        """The facts of its dimensions."""
        return self.rows.fact, self.columns.fact

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """The tiers that a cell names, in the order of the cells."""
        return tuple(dict.fromkeys(tier for line in self.cells for tier in line))

    def criterion_of(self, tier: str) -> Criterion:
        """Who is in a cell of this tier; what never holds where no cell names it."""
        rows_by_columns: dict[tuple[int, ...], list[int]] = {}
        for row, line in enumerate(self.cells):
            columns = tuple(column for column, named in enumerate(line) if named == tier)
            if columns:
                rows_by_columns.setdefault(columns, []).append(row)
        parts = [all_of(self.rows.within(rows), self.columns.within(columns)) for columns, rows in rows_by_columns.items()]
        never = all_of(Missing(self.rows.fact), Not(Missing(self.rows.fact)))
        return any_of(*parts) if parts else never

    def tiers(self, ids: Iterable[str], stays: Mapping[str, Criterion] | None = None) -> tuple[ThresholdTier, ...]:
        """The tiers of a scheme with this matrix.

        Args:
            ids: Best first.
            stays: For any of them, who is not taken out of it at a review (SEG-9).
        """
        kept = stays or {}
        return tuple(ThresholdTier(tier, self.criterion_of(tier), kept.get(tier)) for tier in to_tuple(ids))
