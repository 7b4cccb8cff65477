"""Matrix schemes from their tables (SEG-7)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from relcare._fields import check_id, check_text, to_decimal
from relcare.codec._tables import Check, Table
from relcare.codec._text import FloatText
from relcare.errors import InvalidValueError
from relcare.policy import Criterion
from relcare.segmentation import Dimension, Matrix, ThresholdScheme

__all__ = ["read_matrix_scheme"]


def read_matrix_scheme(table: Table, common: Mapping[str, object]) -> ThresholdScheme | None:
    """A matrix scheme; None when something is wrong with it.

    Args:
        table: Of the scheme.
        common: What every kind of scheme has, as keyword arguments.
    """
    ids, stays = _tiers(table)
    rows, columns = (_dimension(table, name) for name in ("rows", "columns"))
    cells = _cells(table)
    otherwise = table.text("otherwise", check=check_id)
    table.close()
    if rows is None or columns is None:
        table.is_broken = True
        return None
    matrix = table.build(lambda: Matrix(rows=rows, columns=columns, cells=cells))
    if matrix is None:
        return None
    fields = {**common, "otherwise": otherwise, "matrix": matrix}
    return table.build(
        lambda: ThresholdScheme(tiers=matrix.tiers(ids, stays), **fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def _tiers(table: Table) -> tuple[list[str], dict[str, Criterion]]:
    """The tiers, best first: a text each, or a table where it says who stays."""
    ids: list[str] = []
    stays: dict[str, Criterion] = {}
    for index, item in enumerate(_list(table, "tiers", "a list of tiers")):
        if isinstance(item, dict):
            part = Table(table.reader, cast("Mapping[str, object]", item), (*table.path, "tiers", index))
            tier, stay = part.text("id", required=True, check=check_id), part.criterion("stays")
            part.close()
            table.is_broken = table.is_broken or part.is_broken
        else:
            tier, stay = _text(table, ("tiers", index), item, check_id), None
        if tier is not None:
            ids.append(tier)
            stays.update({} if stay is None else {tier: stay})
    return ids, stays


def _cells(table: Table) -> list[list[str]]:
    lines: list[list[str]] = []
    for row, line in enumerate(_list(table, "cells", "a list of lines")):
        if isinstance(line, list):
            texts = (
                _text(table, ("cells", row, column), cell, check_id) for column, cell in enumerate(cast("list[object]", line))
            )
            lines.append([tier for tier in texts if tier is not None])
        else:
            _report(table, ("cells", row), "must be a list of tiers", 'write ["A", "B"]')
    return lines


def _dimension(scheme: Table, name: str) -> Dimension | None:
    """The rows or the columns of a matrix."""
    table = scheme.table(name, required=True)
    if table is None:
        return None
    fact = table.fact("fact")
    values = [_group(table, index, item) for index, item in enumerate(_list(table, "values", "a list of groups", required=False))]
    bands = _starts(table)
    table.close()
    return table.build(lambda: Dimension(fact=fact or "", values=values, bands=bands))


def _group(table: Table, index: int, item: object) -> list[str]:
    """The values of one group; a bare text is a group of one."""
    if not isinstance(item, list):
        value = _text(table, ("values", index), item)
        return [] if value is None else [value]
    texts = (_text(table, ("values", index, place), value) for place, value in enumerate(cast("list[object]", item)))
    return [value for value in texts if value is not None]


def _starts(table: Table) -> list[Decimal]:
    found: list[Decimal] = []
    for index, item in enumerate(_list(table, "bands", "a list of numbers", required=False)):
        if isinstance(item, FloatText):  # reported for the whole document at once
            table.is_broken = True
            continue
        try:
            found.append(to_decimal("bands", item))
        except InvalidValueError as error:
            _report(table, ("bands", index), f"is {error.value}: {error.rule}", error.hint)
    return found


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
