"""Matrix schemes from their tables (SEG-7)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar, cast

from relcare._fields import check_id, check_text, to_decimal
from relcare.codec._tables import Check, Table
from relcare.codec._text import FloatText
from relcare.errors import InvalidValueError, nearest
from relcare.policy import Criterion
from relcare.segmentation import Dimension, Matrix, ThresholdScheme
from relcare.segmentation._check import dimension_problems

__all__ = ["read_matrix_scheme"]

T = TypeVar("T")


def read_matrix_scheme(table: Table, common: Mapping[str, object]) -> ThresholdScheme | None:
    """A matrix scheme; None when something is wrong with it.

    Args:
        table: Of the scheme.
        common: What every kind of scheme has, as keyword arguments.
    """
    ids, stays = _tiers(table)
    rows, columns = (_dimension(table, name) for name in ("rows", "columns"))
    cells = _cells(table, rows, columns, ids)
    otherwise = table.text("otherwise", check=check_id)
    table.close()
    for name, dimension in (("rows", rows), ("columns", columns)):
        if dimension is not None:
            _ask(table, name, dimension, is_total="otherwise" not in table.data)
    matrix = table.build(Matrix, {"rows": rows, "columns": columns, "cells": cells})
    tiers = None if matrix is None or ids is None else matrix.tiers(ids, stays)
    return table.build(ThresholdScheme, {**common, "otherwise": otherwise, "matrix": matrix, "tiers": tiers})


def _ask(table: Table, name: str, dimension: Dimension, *, is_total: bool) -> None:
    table.reader.ask((*table.path, name), lambda known: dimension_problems((), dimension, known.facts, is_total=is_total))


def _tiers(table: Table) -> tuple[list[str] | None, dict[str, Criterion]]:
    """The tiers, best first: a text each, or a table where it says who stays. None for them when one has no name."""
    ids: list[str | None] = []
    stays: dict[str, Criterion] = {}
    for index, item in enumerate(_list(table, "tiers", "a list of tiers")):
        if isinstance(item, dict):
            part = Table(table.reader, cast("Mapping[str, object]", item), (*table.path, "tiers", index))
            tier, stay = part.text("id", required=True, check=check_id), part.criterion("stays")
            part.close()
            table.is_broken = table.is_broken or part.is_broken
        else:
            tier, stay = _text(table, ("tiers", index), item, check_id), None
        ids.append(tier)
        if tier is not None and stay is not None:
            stays[tier] = stay
    return _all_right(ids) or None, stays


def _cells(table: Table, rows: Dimension | None, columns: Dimension | None, ids: list[str] | None) -> list[list[str]] | None:
    """One line for each row, one tier of the scheme for each column; None where that is not so."""
    found: list[list[str] | None] = []
    for row, line in enumerate(_list(table, "cells", "a list of lines")):
        if isinstance(line, list):
            cells = cast("list[object]", line)
            found.append(_all_right([_cell(table, ("cells", row, column), cell, ids) for column, cell in enumerate(cells)]))
            if columns is not None and len(cells) != columns.count:
                _report(table, ("cells", row), f"must name a tier for each column, which are {columns.count}")
                found.append(None)
        else:
            found.append(None)
            _report(table, ("cells", row), "must be a list of tiers", 'write ["A", "B"]')
    lines = table.data.get("cells")
    if rows is not None and isinstance(lines, list) and len(cast("list[object]", lines)) != rows.count:
        table.report("cells", f"must have a line for each row, which are {rows.count}")
        return None
    return _all_right(found) or None


def _cell(table: Table, place: tuple[str | int, ...], cell: object, ids: list[str] | None) -> str | None:
    tier = _text(table, place, cell, check_id)
    if tier is None or ids is None or tier in ids:
        return tier
    near = nearest(tier, ids)
    rule = f"is {tier!r}: must be one of the tiers {', '.join(map(repr, ids))}"
    _report(table, place, rule, f"did you mean {near!r}?" if near else None)
    return None


def _all_right(values: Sequence[T | None]) -> list[T] | None:
    """The values, or None when one of them was wrong."""
    right = [value for value in values if value is not None]
    return right if len(right) == len(values) else None


def _dimension(scheme: Table, name: str) -> Dimension | None:
    """The rows or the columns of a matrix."""
    table = scheme.table(name, required=True)
    if table is None:
        return None
    groups = [_group(table, index, item) for index, item in enumerate(_list(table, "values", "a list of groups", required=False))]
    fields: dict[str, object] = {
        "fact": table.fact("fact"),
        "values": _all_right(groups) if "values" in table.data else None,
        "bands": _starts(table) if "bands" in table.data else None,
    }
    table.close()
    found = table.build(Dimension, fields)
    scheme.is_broken = scheme.is_broken or found is None
    return found


def _group(table: Table, index: int, item: object) -> list[str] | None:
    """The values of one group; a bare text is a group of one."""
    if not isinstance(item, list):
        value = _text(table, ("values", index), item)
        return None if value is None else [value]
    texts = [_text(table, ("values", index, place), value) for place, value in enumerate(cast("list[object]", item))]
    return _all_right(texts)


def _starts(table: Table) -> list[Decimal] | None:
    found: list[Decimal | None] = []
    for index, item in enumerate(_list(table, "bands", "a list of numbers", required=False)):
        found.append(None)
        if isinstance(item, FloatText):  # reported for the whole document at once
            table.is_broken = True
            continue
        try:
            found[-1] = to_decimal("bands", item)
        except InvalidValueError as error:
            _report(table, ("bands", index), f"is {error.value}: {error.rule}", error.hint)
    return _all_right(found)


def _list(table: Table, key: str, expected: str, *, required: bool = True) -> Sequence[object]:
    value = table.any_value(key)
    if isinstance(value, list):
        return cast("list[object]", value)
    if key in table.data:
        table.report(key, f"must be {expected}")
    elif required:
        table.report(key, f"{key} is missing")
    return ()


def _text(table: Table, place: tuple[str | int, ...], value: object, check: Check = check_text) -> str | None:
    try:
        check(str(place[0]), value)
    except InvalidValueError as error:
        _report(table, place, f"is {error.value}: {error.rule}", error.hint)
        return None
    return str(value)


def _report(table: Table, place: tuple[str | int, ...], message: str, hint: str | None = None) -> None:
    table.is_broken = True
    table.reader.report((*table.path, *place), message, hint)
