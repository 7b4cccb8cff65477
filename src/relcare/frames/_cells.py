"""Cells of collected rows, as whichever engine or tool gives them, back to what decisions are made of."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias, cast

from relcare.errors import InvalidValueError, nearest
from relcare.policy import Core, FactType

__all__ = ["Row", "core_in", "day_in", "is_missing", "text_in", "texts_in", "whole_in"]

Row: TypeAlias = Mapping[str, Any]
"""One collected row: what stands in each column."""

_NO_VALUES: Final = frozenset({"NAType", "NaTType"})


def is_missing(cell: object) -> bool:
    """Whether nothing stands there: null, NaN, and what pandas has in their place."""
    return cell is None or type(cell).__name__ in _NO_VALUES or (isinstance(cell, float) and cell != cell)  # noqa: PLR0124 - NaN alone


def _cell(row: Row, column: str) -> Any:  # noqa: ANN401 - of any engine
    if column not in row:
        near = nearest(column, row)
        raise InvalidValueError("row", column, "is a column that the row must have", f"did you mean {near!r}?" if near else None)
    found = row[column]
    return None if is_missing(found) else found


def text_in(row: Row, column: str) -> str | None:
    """A text; None where it is missing."""
    found = _cell(row, column)
    return None if found is None else str(found)


def texts_in(row: Row, column: str) -> tuple[str, ...]:
    """A list of texts; empty where it is missing."""
    found = _cell(row, column)
    return () if found is None else tuple(str(one) for one in cast("Iterable[object]", found))


def whole_in(row: Row, column: str) -> int | None:
    """A whole number, which pandas may hold as a float; None where it is missing.

    Raises:
        InvalidValueError: If it is none.
    """
    found = _cell(row, column)
    if found is None:
        return None
    if isinstance(found, str) or found != int(found):
        raise InvalidValueError(f"row.{column}", found, "must be a whole number", "give the row as it was decided")
    return int(found)


def day_in(row: Row, column: str) -> date | None:
    """A civil day; None where it is missing.

    Raises:
        InvalidValueError: If it is none.
    """
    found = _cell(row, column)
    if found is None:
        return None
    if not isinstance(found, date):
        raise InvalidValueError(f"row.{column}", found, "must be a date", "give the row as it was decided")
    return found.date() if isinstance(found, datetime) else found


def core_in(row: Row, column: str, kind: FactType) -> Core:
    """The value of a fact as it is compared; None where it is missing."""
    if kind.kind == "set":
        return None if _cell(row, column) is None else frozenset(texts_in(row, column))
    if kind.kind == "date":
        day = day_in(row, column)
        return None if day is None else day.toordinal()
    if kind.kind == "category":
        return text_in(row, column)
    if kind.kind == "flag":
        found = _cell(row, column)
        return None if found is None else bool(found)
    return whole_in(row, column)
