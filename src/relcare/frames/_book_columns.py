"""Columns of a table into values of the model, all rows at once where every one of them is right."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import attrs

from relcare.errors import InvalidValueError
from relcare.frames._book_cells import attribute_value, cells_at_once
from relcare.frames._layout import TableLayout
from relcare.model import AttributeChange, AttributeValue, Money, from_columns

__all__ = ["NOTHING", "Apart", "Column", "made_at_once", "twice_said"]

_STEP: Final = 1_000


@attrs.frozen(eq=False)
class Column:
    """What makes the value of a field from the cells of a row.

    Attributes:
        cell: From these cells to the value; it raises `InvalidValueError`.
        places: Where the cells stand in a row; None for one that there is not.
        is_plain: Whether the first cell is the value where the others say nothing.
    """

    cell: Callable[..., Any]
    places: tuple[int | None, ...]
    is_plain: bool = False

    def of_row(self, row: Sequence[Any]) -> Any:  # noqa: ANN401 - the value of any field
        """The value in one row."""
        return self.cell(*[None if place is None else row[place] for place in self.places])

    def of_columns(self, columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """The value in every row."""
        first, *others = self.places
        if first is not None and not others:
            return cells_at_once(self.cell, columns[first])
        if first is not None and self.is_plain and all(place is None or _is_empty(columns[place]) for place in others):
            return columns[first]
        return list(map(self.cell, *(repeat(None) if place is None else columns[place] for place in self.places)))


def _is_empty(values: Sequence[Any]) -> bool:
    return values.count(None) == len(values)


def _turned(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows as columns; a few at a time, which spares the memory."""
    columns: list[list[Any]] = [[] for _ in rows[0]]
    for first in range(0, len(rows), _STEP):
        for column, part in zip(columns, zip(*rows[first : first + _STEP], strict=True), strict=True):
            column.extend(part)
    return columns


@attrs.frozen(eq=False)
class Apart:
    """What the table of attributes says of one client, from which row on."""

    row: int
    attributes: dict[str, AttributeValue] = attrs.field(factory=dict[str, AttributeValue])
    changes: list[AttributeChange] = attrs.field(factory=list[AttributeChange])

    def add(self, fields: Mapping[str, Any]) -> None:
        """What one more row says of the client."""
        name, value = fields["name"], attribute_value(fields["kind"], fields.get("value"))
        effective_on = fields.get("effective_on")
        if effective_on is not None:
            recorded_at = fields.get("recorded_at")
            self.changes.append(AttributeChange(name=name, value=value, effective_on=effective_on, recorded_at=recorded_at))
            return
        if name in self.attributes:
            raise InvalidValueError("name", name, "must be there once for a client, without a day from which on it holds")
        self.attributes[name] = value


NOTHING: Final = Apart(0)


def twice_said(own: Mapping[str, AttributeValue], said: Apart) -> InvalidValueError | None:
    """What is wrong where a client has an attribute in its own row and in `attributes`."""
    for name in sorted(own.keys() & said.attributes.keys()):
        rule = "must not have a value in `attributes` too, without a day from which on it holds"
        return InvalidValueError(f"attributes.{name}", own[name], rule)
    return None


def made_at_once(
    table: TableLayout,
    taken: Mapping[str, Column],
    attributes: Mapping[str, Column],
    rows: Sequence[Sequence[Any]],
    *,
    currency: str | None,
    apart: Mapping[str, Apart],
) -> Sequence[Any]:
    """The values of all rows.

    Args:
        table: The table; not that of attributes.
        taken: What makes its fields.
        attributes: What makes the free attributes of clients.
        rows: At least one.
        currency: What amounts are in that say nothing.
        apart: What is said of each client elsewhere.

    Raises:
        InvalidValueError: If a row is wrong, or likewise
        BookDocumentError: but which one, and what is wrong with it, is told by who makes the rows one by one.
    """
    columns = _turned(rows)
    fields = {name: column.of_columns(columns) for name, column in taken.items()}
    for field in attrs.fields(table.made or Apart):
        default: Any = field.default  # pyright: ignore[reportUnknownMemberType]
        # A cell that says nothing leaves its field out.
        if field.name in fields and isinstance(default, str | int | frozenset) and None in fields[field.name]:
            fields[field.name] = [default if value is None else value for value in fields[field.name]]
    if "amount" in fields:
        named: Iterable[str | None] = fields.pop("currency", repeat(None))
        pairs = zip(fields["amount"], named, strict=False)
        fields["amount"] = [Money(amount, one or currency or "") for amount, one in pairs]
    free = {name: column.of_columns(columns) for name, column in attributes.items()}
    if table.name == "clients" and apart:
        fields |= _with_apart(fields["id"], free, apart)
    else:
        fields |= {f"attributes.{name}": values for name, values in free.items()}
    return from_columns(table.made or Apart, fields)


def _with_apart(ids: Sequence[Any], free: Mapping[str, Sequence[Any]], apart: Mapping[str, Apart]) -> dict[str, Sequence[Any]]:
    """The attributes of clients of some of whom something is said elsewhere."""
    maps: list[dict[str, AttributeValue]] = []
    for row, client_id in enumerate(ids):
        own = {name: values[row] for name, values in free.items() if values[row] is not None}
        said = apart.get(client_id, NOTHING)
        if (wrong := twice_said(own, said)) is not None:
            raise wrong
        maps.append({**own, **said.attributes})
    return {"attributes": maps, "attribute_changes": [tuple(apart.get(client_id, NOTHING).changes) for client_id in ids]}
