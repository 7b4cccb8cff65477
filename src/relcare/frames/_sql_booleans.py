"""Which columns of a statement are booleans, for databases that do not cast them to long integers."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import sqlglot.expressions as exp

from relcare.frames._sql_shape import bare

__all__ = ["Flags", "flags_of", "with_plain_casts"]

Flags: TypeAlias = Mapping[str, bool]
"""The columns of a table by name, and whether they are booleans."""

_CONDITIONS: Final = (
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Boolean, exp.Contains),
)


def flags_of(query: exp.Expr, tables: Mapping[str, Flags]) -> dict[str, bool]:
    """The columns of a query, and whether they are booleans.

    Args:
        query: Parsed as DuckDB's; without common table expressions.
        tables: That it reads.
    """
    if isinstance(query, exp.Union):
        return flags_of(query.this, tables)
    there = _sources(query, tables)
    found: dict[str, bool] = {}
    for column in query.expressions:
        if isinstance(column, exp.Star) or (isinstance(column, exp.Column) and isinstance(column.this, exp.Star)):
            of = column.table if isinstance(column, exp.Column) else ""
            found |= {name: flag for name, flag in there.items() if _is_of(name, of)}
            continue
        found[column.alias_or_name] = _is_flag(column.unalias(), there)
    return {name.rpartition(".")[2] if name.startswith(_SIDES) else name: flag for name, flag in found.items()}


_SIDES: Final = ("lhs.", "rhs.")


def _is_of(name: str, table: str) -> bool:
    return name.startswith(f"{table}.") if table else not name.startswith(_SIDES)


def with_plain_casts(query: exp.Expr, tables: Mapping[str, Flags]) -> None:
    """Change casts of booleans to numbers into casts to short ones, and those into long ones.

    Args:
        query: See `flags_of`.
        tables: Likewise.
    """
    for select in list(query.find_all(exp.Select)):
        there = _sources(select, tables)
        for cast in list(select.find_all(exp.Cast)):
            if cast.to.this in exp.DataType.INTEGER_TYPES and _is_flag(cast.this, there):
                cast.set("this", exp.Cast(this=cast.this.copy(), to=exp.DataType(this=exp.DataType.Type.INT)))


def _sources(select: exp.Expr, tables: Mapping[str, Flags]) -> dict[str, bool]:
    """What columns may be called in a query, alone and behind the name of their table."""
    found: dict[str, bool] = {}
    for table in _tables(select):
        for name, flag in tables[table.name].items():
            found.setdefault(name, flag)
            found[f"{table.alias_or_name}.{name}"] = flag
    return found


def _tables(select: exp.Expr) -> Iterator[exp.Table]:
    for part in (select.args.get("from_"), *(select.args.get("joins") or ())):
        if part is not None:
            yield part.this


def _is_flag(node: exp.Expr, there: Flags) -> bool:
    node = bare(node)
    if isinstance(node, exp.Column):
        return there[f"{node.table}.{node.name}" if node.table else node.name]
    if isinstance(node, exp.Coalesce):
        return _is_flag(node.this, there)
    if isinstance(node, exp.Cast):
        return bool(node.to.this is exp.DataType.Type.BOOLEAN)
    if isinstance(node, exp.Case):
        values = [case.args["true"] for case in node.args["ifs"]] + [node.args.get("default")]
        return any(value is not None and not isinstance(bare(value), exp.Null) and _is_flag(value, there) for value in values)
    return isinstance(node, _CONDITIONS)
