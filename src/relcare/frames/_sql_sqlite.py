"""SQLite: any cell may hold anything, dates are text, decimals are floats that stand for them."""

from collections.abc import Sequence

import sqlglot.expressions as exp

from relcare.frames._engine import EPOCH
from relcare.frames._sql_dialect import SqlDialect
from relcare.frames._sql_types import ColumnType

__all__ = ["Sqlite"]

_EXACT = f"{2**53}.0"


class Sqlite(SqlDialect):
    """SQLite from 3.35, with its functions for JSON."""

    name = "sqlite"
    whole = "INTEGER"
    char = "CHAR"
    wide = "INTEGER"
    is_heavy = True
    is_narrow = True
    is_null_greatest = True

    def stored(self, name: str, query: str) -> Sequence[str]:
        return [f"DROP TABLE IF EXISTS temp.{name}", f"CREATE TEMPORARY TABLE {name} AS\n{query}"]

    def entry(self, column: str, kind: ColumnType) -> str:
        # What is joined to something else forgets that its column does not tell upper from lower case.
        return f"({column} || '')" if kind.kind in {"text", "date"} else column

    def is_there(self, source: Sequence[str], column: str) -> str | None:
        # SQLite takes a name in quotation marks that it does not know for text.
        return f"(SELECT COUNT(*) FROM ({self.names_of(source)}) WHERE name = {_text(column)} COLLATE NOCASE)"

    def names_of(self, source: Sequence[str]) -> str:
        *schema, table = map(_text, source)
        return f"SELECT name FROM pragma_table_xinfo({', '.join([table, *schema[-1:]])})"

    def strange(self, column: str, kind: ColumnType) -> str | None:
        is_right = {
            "text": f"TYPEOF({column}) = 'text'",
            "whole": f"TYPEOF({column}) = 'integer'",
            "flag": f"TYPEOF({column}) = 'integer' AND {column} IN (0, 1)",
            "date": f"TYPEOF({column}) = 'text' AND DATE({column}, '+0 days') IS ({column} || '')",
            "decimal": self._is_decimal(column, kind.scale),
        }[kind.kind]
        return f"({column} IS NOT NULL AND NOT ({is_right}))"

    def _is_decimal(self, column: str, scale: int) -> str:
        """Whether a number is the float next to one with so many decimals, of which there is but one this small."""
        unit = f"{10**scale}.0"
        is_small = f"ABS({column} * {unit}) < {_EXACT}"
        return f"TYPEOF({column}) IN ('integer', 'real') AND {is_small} AND {self.units(column, scale)} / {unit} = {column}"

    def day(self, column: str) -> str:
        return self.days_since(f"CAST(JULIANDAY({column}) - 2440587.5 AS INTEGER)")

    def civil_day(self, column: str, zone: str) -> str:  # pragma: no cover - such columns are refused before
        raise TypeError(column, zone)

    def instant(self, column: str) -> str:  # pragma: no cover - likewise
        raise TypeError(column)

    def units(self, column: str, scale: int) -> str:
        return f"CAST(ROUND({column} * {10**scale}.0) AS INTEGER)"

    def members(self, column: str) -> str:
        parts = f"SELECT DISTINCT TRIM(value, {self.blank}) AS m FROM JSON_EACH({_array(column)}) ORDER BY m"
        return f"(SELECT GROUP_CONCAT(m, {self.separator}) FROM ({parts}) WHERE m <> '')"

    def unfolded(self, column: str) -> tuple[str, str]:
        return "member.value", f" CROSS JOIN JSON_EACH({_array(self.list_of(column))}) AS member"

    def date_of(self, column: str) -> str:
        return f"DATE('1970-01-01', ({column} - {EPOCH}) || ' days')"

    def quotient(self, number: exp.Expr, by: exp.Expr) -> exp.Expr:
        return exp.Paren(this=exp.Div(this=number, expression=by, typed=True, safe=True))

    def has_text(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        found = exp.Anonymous(this="INSTR", expressions=[text, part])
        return exp.Paren(this=exp.GT(this=found, expression=exp.Literal.number(0)))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _array(column: str) -> str:
    """What is joined by `|`, as an array of JSON."""
    return f"'[' || REPLACE(JSON_QUOTE({column}), '|', '\",\"') || ']'"
