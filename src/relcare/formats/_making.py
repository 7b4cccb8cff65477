"""Rows into values by the column: each different cell is turned once, and the values are made together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from relcare.model import from_columns

__all__ = ["Field", "Making", "optional", "same"]

T = TypeVar("T")

Read: TypeAlias = Callable[[Any], Any]
"""From what stands in a cell, or in several, to the value of a field; it raises `InvalidValueError` with the name of the field."""


def same(cell: str) -> str:
    """A cell as it is written."""
    return cell


def optional(cell: str) -> str | None:
    """A cell as it is written; None where nothing is."""
    return cell or None


@attrs.frozen
class Field:
    """Where the value of a field comes from.

    Attributes:
        at: The index of its column.
        read: From its cell to the value; from both where there are two.
        beside: The index of a second column; None for a single one.
    """

    at: int
    read: Read = optional
    beside: int | None = None

    def of_row(self, row: Sequence[str]) -> Any:  # noqa: ANN401 - the value of any field
        """The value in one row."""
        return self.read(row[self.at] if self.beside is None else (row[self.at], row[self.beside]))

    def of_columns(self, columns: Sequence[Sequence[str]]) -> Sequence[Any]:
        """The value in every row."""
        cells: Sequence[Any] = columns[self.at]
        if self.read is same or (self.read is optional and "" not in cells):
            return cells
        if self.beside is not None:
            cells = list(zip(cells, columns[self.beside], strict=True))
        known = {cell: self.read(cell) for cell in dict.fromkeys(cells)}
        return list(map(known.__getitem__, cells))


class Making(Generic[T]):
    """What makes values of one class from rows: one from a row, or many at once.

    Args:
        kind: The class.
        fields: Where the values of its fields come from.
        free: The index of each column that is a free attribute of a client; None for a class without them.
    """

    def __init__(self, kind: type[T], fields: Mapping[str, Field], free: Mapping[str, int] | None = None) -> None:
        self._kind = kind
        self._fields = fields
        self._free = free

    def __call__(self, row: list[str]) -> T:
        fields = {name: field.of_row(row) for name, field in self._fields.items()}
        if self._free is not None:
            fields["attributes"] = {name: cell for name, at in self._free.items() if (cell := row[at])}
        return self._kind(**fields)

    def many(self, rows: Sequence[list[str]]) -> tuple[T, ...]:
        """The values of several rows.

        Raises:
            InvalidValueError: If one of them is wrong, or likewise
            BookDocumentError: but what is wrong with it is for the row by itself to tell.
        """
        columns = list(zip(*rows, strict=True))
        fields = {name: field.of_columns(columns) for name, field in self._fields.items()}
        free = {f"attributes.{name}": Field(at).of_columns(columns) for name, at in (self._free or {}).items()}
        return from_columns(self._kind, {**fields, **free})
