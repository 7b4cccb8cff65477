"""The dialects that text is made in."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import sqlglot.expressions as exp

from relcare.frames._engine import EPOCH, Cell
from relcare.frames._sql_dialect import FIRST, SqlDialect
from relcare.frames._sql_sqlite import Sqlite
from relcare.frames._sql_types import ColumnType, SqlKind

__all__ = ["DIALECTS"]


class _Duckdb(SqlDialect):
    name = "duckdb"
    whole = "BIGINT"
    wide = "INT128"
    _types: Final[Mapping[SqlKind, str]] = {
        "whole": "'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'",
        "flag": "'BOOLEAN'",
        "date": "'DATE'",
        "instant": "'TIMESTAMP WITH TIME ZONE'",
    }

    def entry(self, column: str, kind: ColumnType) -> str:
        return f"CAST({column} AS TEXT) COLLATE C" if kind.kind == "text" else column

    def strange(self, column: str, kind: ColumnType) -> str | None:
        if kind.kind == "text":
            return None
        if kind.kind == "decimal":
            return f"COALESCE(CAST({column} AS DECIMAL(38, {kind.scale})) <> {column}, FALSE)"
        return f"TYPEOF({column}) NOT IN ({self._types[kind.kind]})"

    def day(self, column: str) -> str:
        return self.days_since(f"DATE_DIFF('day', {FIRST}, {column})")

    def civil_day(self, column: str, zone: str) -> str:
        return self.day(f"CAST(TIMEZONE({self.text(zone)}, {column}) AS DATE)")

    def instant(self, column: str) -> str:
        return f"EPOCH_US({column})"

    def units(self, column: str, scale: int) -> str:
        return f"CAST(CAST({column} AS DECIMAL(38, {scale})) * {10**scale} AS HUGEINT)"

    def members(self, column: str) -> str:
        parts = f"LIST_TRANSFORM(STRING_SPLIT({column}, '|'), LAMBDA x: TRIM(x, {self.blank}))"
        clean = f"LIST_DISTINCT(LIST_FILTER({parts}, LAMBDA x: x <> ''))"
        return f"ARRAY_TO_STRING(LIST_SORT({clean}), {self.separator})"

    def unfolded(self, column: str) -> tuple[str, str]:
        return f"UNNEST(STRING_SPLIT({self.list_of(column)}, '|'))", ""

    def date_of(self, column: str) -> str:
        return f"({FIRST} + CAST({column} - {EPOCH} AS INTEGER))"

    def quotient(self, number: exp.Expr, by: exp.Expr) -> exp.Expr:
        return exp.Paren(this=exp.IntDiv(this=number, expression=by))


class _Postgres(SqlDialect):
    name = "postgres"
    wide = "DECIMAL"
    longest_name = 63
    is_strict = True
    _types: Final[Mapping[SqlKind, str]] = {
        "whole": "'smallint', 'integer', 'bigint'",
        "flag": "'boolean'",
        "date": "'date'",
        "instant": "'timestamp with time zone'",
    }

    def stored(self, name: str, query: str) -> Sequence[str]:
        return [f"DROP TABLE IF EXISTS pg_temp.{name}", f"CREATE TEMPORARY TABLE {name} AS\n{query}", f"ANALYZE {name}"]

    def entry(self, column: str, kind: ColumnType) -> str:
        # Everything that is compared comes from here, so that all of it is compared by code point.
        return f'CAST({column} AS TEXT) COLLATE "C"' if kind.kind == "text" else column

    def strange(self, column: str, kind: ColumnType) -> str | None:
        if kind.kind == "text":
            return None
        if kind.kind == "decimal":
            exact = f"CAST({column} AS NUMERIC)"
            return f"COALESCE({exact} = 'NaN' OR CAST({column} AS DECIMAL(38, {kind.scale})) <> {exact}, FALSE)"
        return f"CAST(PG_TYPEOF({column}) AS TEXT) NOT IN ({self._types[kind.kind]})"

    def day(self, column: str) -> str:
        return f"CAST({self.days_since(f'({column} - {FIRST})')} AS BIGINT)"

    def civil_day(self, column: str, zone: str) -> str:
        return self.day(f"CAST(TIMEZONE({self.text(zone)}, {column}) AS DATE)")

    def instant(self, column: str) -> str:
        return f"CAST(EXTRACT(EPOCH FROM {column}) * 1000000 AS BIGINT)"

    def units(self, column: str, scale: int) -> str:
        return f"TRUNC(CAST({column} AS NUMERIC) * {10**scale})"

    def members(self, column: str) -> str:
        parts = f"SELECT DISTINCT BTRIM(x, {self.blank}) AS m FROM UNNEST(STRING_TO_ARRAY({column}, '|')) AS u(x)"
        return f"(SELECT STRING_AGG(m, {self.separator} ORDER BY m COLLATE \"C\") FROM ({parts}) AS s WHERE m <> '')"

    def unfolded(self, column: str) -> tuple[str, str]:
        return f"UNNEST(STRING_TO_ARRAY({self.list_of(column)}, '|'))", ""

    def date_of(self, column: str) -> str:
        return f"({FIRST} + CAST({column} - {EPOCH} AS INTEGER))"

    def list_of(self, column: str) -> str:
        return f"REPLACE(BTRIM({column}, {self.separator}), {self.separator}, '|')"


class _Spark(SqlDialect):
    name = "spark"
    quote = "`"
    text_type = "STRING"
    wide = "DECIMAL(38, 0)"
    is_row_order_needed = True
    _types: Final[Mapping[SqlKind, str]] = {
        "whole": "'tinyint', 'smallint', 'int', 'bigint'",
        "flag": "'boolean'",
        "date": "'date'",
        "instant": "'timestamp'",
    }

    def stored(self, name: str, query: str) -> Sequence[str]:
        # It has no tables for a while; this keeps what a view comes to.
        return [f"DROP VIEW IF EXISTS {name}", f"CACHE TABLE {name} AS\n{query}"]

    def entry(self, column: str, kind: ColumnType) -> str:
        return f"CAST({column} AS STRING)" if kind.kind == "text" else column

    def strange(self, column: str, kind: ColumnType) -> str | None:
        if kind.kind == "text":
            return None
        if kind.kind == "decimal":
            return f"COALESCE(CAST({column} AS DECIMAL(38, {kind.scale})) <> {column}, FALSE)"
        return f"TYPEOF({column}) NOT IN ({self._types[kind.kind]})"

    def day(self, column: str) -> str:
        return f"CAST({self.days_since(f'DATEDIFF({column}, {FIRST})')} AS BIGINT)"

    def civil_day(self, column: str, zone: str) -> str:
        # A date made of it would be one in the zone of the session.
        seconds = f"UNIX_SECONDS(FROM_UTC_TIMESTAMP({column}, {self.text(zone)}))"
        return self.days_since(f"CAST(FLOOR({seconds} / 86400) AS BIGINT)")

    def instant(self, column: str) -> str:
        return f"UNIX_MICROS({column})"

    def units(self, column: str, scale: int) -> str:
        return f"CAST(CAST({column} AS DECIMAL(38, {scale})) * {10**scale} AS DECIMAL(38, 0))"

    def members(self, column: str) -> str:
        parts = f"TRANSFORM(SPLIT({column}, '[|]'), x -> TRIM(BOTH {self.blank} FROM x))"
        return f"ARRAY_JOIN(ARRAY_SORT(ARRAY_DISTINCT(FILTER({parts}, x -> x <> ''))), {self.separator})"

    def unfolded(self, column: str) -> tuple[str, str]:
        return f"EXPLODE(SPLIT({self.list_of(column)}, '[|]'))", ""

    def date_of(self, column: str) -> str:
        return f"DATE_ADD({FIRST}, CAST({column} - {EPOCH} AS INT))"

    def list_of(self, column: str) -> str:
        return f"REPLACE(TRIM(BOTH {self.separator} FROM {column}), {self.separator}, '|')"

    def quotient(self, number: exp.Expr, by: exp.Expr) -> exp.Expr:
        return exp.Paren(this=exp.IntDiv(this=number, expression=by))

    def has_text(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="CONTAINS", expressions=[text, part])


class _Bigquery(SqlDialect):
    name = "bigquery"
    quote = "`"
    whole = "INT64"
    text_type = "STRING"
    wide = "BIGNUMERIC"
    is_null_greatest = True

    def public(self, name: str) -> str:
        return re.sub(r"\W", "_", name.replace(".", "__"))

    def entry(self, column: str, kind: ColumnType) -> str:  # noqa: ARG002 - its columns have the types they need
        return column

    def strange(self, column: str, kind: ColumnType) -> str | None:
        # Its columns have the types that functions ask for, or the text does not run.
        return f"COALESCE(ROUND({column}, {kind.scale}) <> {column}, FALSE)" if kind.kind == "decimal" else None

    def day(self, column: str) -> str:
        return self.days_since(f"DATE_DIFF({column}, {FIRST}, DAY)")

    def civil_day(self, column: str, zone: str) -> str:
        return self.day(f"DATE({column}, {self.text(zone)})")

    def instant(self, column: str) -> str:
        return f"UNIX_MICROS({column})"

    def units(self, column: str, scale: int) -> str:
        return f"CAST({column} AS BIGNUMERIC) * {10**scale}"

    def members(self, column: str) -> str:
        parts = f"SELECT DISTINCT TRIM(x, {self.blank}) AS m FROM UNNEST(SPLIT({column}, '|')) AS x"
        return f"(SELECT STRING_AGG(m, {self.separator} ORDER BY m) FROM ({parts}) AS s WHERE m <> '')"

    def unfolded(self, column: str) -> tuple[str, str]:
        return "member", f" CROSS JOIN UNNEST(SPLIT({self.list_of(column)}, '|')) AS member"

    def date_of(self, column: str) -> str:
        return f"DATE_ADD({FIRST}, INTERVAL ({column} - {EPOCH}) DAY)"

    def rows(self, columns: Mapping[str, tuple[bool, Sequence[Cell]]]) -> tuple[str, bool]:
        kinds = ", ".join(
            f"{self.quoted(name)} {self.text_type if is_text else self.whole}" for name, (is_text, _) in columns.items()
        )
        rows = zip(*(cells for _, cells in columns.values()), strict=True)
        shown = ", ".join(f"({', '.join(map(self.cell, row))})" for row in rows)
        return f"SELECT * FROM UNNEST(ARRAY<STRUCT<{kinds}>>[{shown}])", False


DIALECTS: Final[Mapping[str, SqlDialect]] = {
    dialect.name: dialect for dialect in (_Duckdb(), _Postgres(), Sqlite(), _Spark(), _Bigquery())
}
