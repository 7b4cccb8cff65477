"""Whole numbers in a database that has 64 bits and no more: exact, or an error."""

from collections.abc import Iterable
from functools import reduce
from typing import Final

import sqlglot.expressions as exp

__all__ = ["guarded", "is_wide"]

_SUMS: Final = (exp.Mul, exp.Add, exp.Sub)
_LEAST: Final = "-9223372036854775807"


def is_wide(column: exp.Expr) -> bool:
    """Whether a column of a statement of DuckDB's is reckoned in 128 bits."""
    return any(kind.this is exp.DataType.Type.INT128 for kind in column.find_all(exp.DataType))


def guarded(columns: Iterable[exp.Expr]) -> None:
    """Change columns so that numbers beyond 64 bits are an error: SQLite makes a float of them and goes on.

    Args:
        columns: As they are selected.
    """
    for column in columns:
        value = column.this if isinstance(column, exp.Alias) else column
        sums = {node.sql(): node for node in value.find_all(*_SUMS) if _is_last(node)}
        if not sums:
            continue
        is_float: list[exp.Expr] = [
            exp.EQ(this=exp.Anonymous(this="TYPEOF", expressions=[node.copy()]), expression=exp.Literal.string("real"))
            for node in sums.values()
        ]
        any_float = reduce(_or, is_float)
        # The least number of all has no absolute value; 1 below this one it is reached.
        checked = exp.Sub(this=exp.Literal.number(_LEAST), expression=exp.Paren(this=any_float))
        is_exact = exp.GT(this=exp.Abs(this=checked), expression=exp.Literal.number(0))
        value.replace(exp.Case(ifs=[exp.If(this=is_exact, true=value.copy())]))


def _or(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Or(this=one, expression=other)


def _is_last(node: exp.Expr) -> bool:
    """Whether no other sum or product would be a float for it."""
    parent = node.parent
    while isinstance(parent, (exp.Paren, exp.Abs)):
        parent = parent.parent
    return not isinstance(parent, _SUMS)
