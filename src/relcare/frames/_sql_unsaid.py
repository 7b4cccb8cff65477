"""What a dialect has no words for, followed from column to column, until it comes to one that stands for a part of the policy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import sqlglot.expressions as exp

__all__ = ["Spoilt", "spoilt_by"]

Spoilt: TypeAlias = Mapping[str, str]
"""The columns that rest on what cannot be said, and what that is."""

_ROWS: Final = "*"
"""Which rows there are: all columns rest on that, but those that stood for a part of the policy before."""


def spoilt_by(
    query: exp.Expr, unsaid: Sequence[exp.Expr], tables: Mapping[str, Spoilt], is_named: Callable[[str], bool]
) -> Spoilt:
    """The columns of a query that rest on what cannot be said.

    Args:
        query: Without common table expressions.
        unsaid: What in it cannot be said.
        tables: The columns of the tables it reads that rest on such.
        is_named: Whether a column stands for a part of the policy; such a one is told, and followed no further.
    """
    shown = {id(node): node.sql(dialect="duckdb") for node in unsaid}
    found: dict[str, str] = {}
    for select in query.find_all(exp.Select):
        found |= _of_select(select, shown, tables, is_named)
    return found


def _of_select(
    select: exp.Select, unsaid: Mapping[int, str], tables: Mapping[str, Spoilt], is_named: Callable[[str], bool]
) -> dict[str, str]:
    read = {table.alias_or_name: tables.get(table.name, {}) for table in select.find_all(exp.Table)}

    def reason(node: exp.Expr) -> str | None:
        """What cannot be said in a node, or in what it reads."""
        found = (_read(one, read, is_named) if isinstance(one, exp.Column) else unsaid.get(id(one)) for one in node.dfs())
        return next((one for one in found if one is not None), None)

    found: dict[str, str] = {}
    for column in select.expressions:
        if column.is_star:
            of = column.table if isinstance(column, exp.Column) else ""
            found |= {name: why for table, names in read.items() if of in {"", table} for name, why in names.items()}
        elif why := reason(column.unalias()):
            found[column.alias_or_name] = why
    shown = {id(one) for column in select.expressions for one in column.dfs()}
    beside = next((unsaid[id(one)] for one in select.dfs() if id(one) in unsaid and id(one) not in shown), None)
    where = select.args.get("where")
    why = beside if beside or where is None else reason(where)
    return found | {_ROWS: why} if why else found


def _read(column: exp.Column, read: Mapping[str, Spoilt], is_named: Callable[[str], bool]) -> str | None:
    name = column.name
    for names in [read.get(column.table, {})] if column.table else read.values():
        why = names.get(name) or (None if is_named(name) else names.get(_ROWS))
        if why:
            return why
    return None
