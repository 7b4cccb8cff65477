"""The book as tables of a database, and what was decided about it as text: what a caller hands in and gets back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_zone, to_map
from relcare.errors import InvalidValueError, nearest
from relcare.frames._layout import TABLES
from relcare.frames._sql_types import ColumnType, parsed_type
from relcare.model import check_currency
from relcare.ranking import Border

__all__ = ["DecidedSql", "SqlDialectName", "SqlTables"]

SqlDialectName: TypeAlias = Literal["duckdb", "postgres", "sqlite", "spark", "bigquery"]
_EXECUTED: Final = frozenset({"duckdb", "postgres", "sqlite"})
Columns: TypeAlias = Mapping[str, Mapping[str, str]]


def _to_columns(columns: Columns) -> Columns:
    if not isinstance(columns, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return columns
    return ReadOnlyMap({name: to_map(table) for name, table in columns.items()})


def _to_sources(sources: Mapping[str, str]) -> Mapping[str, str]:
    return to_map(sources)


@attrs.frozen(kw_only=True, eq=False)
class SqlTables:
    """A book as tables of a database: what they are called, what their columns hold, and who answers questions about them.

    Tables and columns are those of `Frames`. Types are `text` (or `varchar`), `integer`, `bigint`, `decimal(p, s)`, `boolean`,
    `date` and `timestamp with time zone`, in any case. Sets are text joined by `|`. A column that the policy asks for and that is
    not named here is one that is not there.

    SQLite keeps dates as text such as `2026-01-31`, booleans as 0 and 1, and decimals as numbers; a decimal is taken where the
    number is the float that stands for it, below 2**53 of its last decimal. It knows no zones, so that instants are refused.

    Attributes:
        dialect: `duckdb`, `postgres` or `sqlite`; or `spark` or `bigquery`, see `DecidedSql.is_compiled_only`.
        columns: By table, as in `{"clients": {"id": "text", "region": "text"}}`.
        run: Runs a query and gives its rows. All questions should see the same data, as in one transaction.
        sources: Where tables are called otherwise, as in `{"clients": "crm.customers"}`.
        zone: In which instants become days (TIM-2).
        currency: Of all amounts, where purchases name none.
        temporary: Whether to keep what is asked several times over in temporary tables, made through `run`, for its session:
            faster, but statements then rest on them. Large policies need it in SQLite, which reads nested queries slowly.

    Raises:
        InvalidValueError: If a table or a type is none that is known, or not of this dialect; or if there are no clients.
    """

    dialect: SqlDialectName
    columns: Columns = attrs.field(converter=_to_columns)
    run: Callable[[str], Iterable[Sequence[Any]]]
    sources: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_to_sources)
    zone: str = "UTC"
    currency: str | None = None
    temporary: bool = False

    def __attrs_post_init__(self) -> None:
        check_choice("dialect", self.dialect, get_args(SqlDialectName))
        check_zone("zone", self.zone)
        if self.currency is not None:
            check_currency("currency", self.currency)
        for field, tables in (("columns", self.columns), ("sources", self.sources)):
            if not isinstance(tables, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(field, tables, "must be a mapping, by table")
            for table in tables:
                _check_table(field, table)
        if "clients" not in self.columns:
            raise InvalidValueError("columns", tuple(self.columns), "must have clients")
        self.types  # noqa: B018 - refuses what is none
        for table, source in self.sources.items():
            if not isinstance(source, str) or not all(source.split(".")):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(f"sources[{table!r}]", source, "must be a name, or names with points between")

    @property
    def types(self) -> Mapping[str, Mapping[str, ColumnType]]:
        """The columns by table, each with its type."""
        return {table: dict(self._types(table, columns)) for table, columns in self.columns.items()}

    def _types(self, table: str, columns: Mapping[str, str]) -> Iterable[tuple[str, ColumnType]]:
        if not isinstance(columns, Mapping) or not columns:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"columns[{table!r}]", columns, "must be a mapping of columns to types")
        for column, word in columns.items():
            name = f"columns[{table!r}][{column!r}]"
            kind = parsed_type(name, word)
            if kind.kind == "instant" and self.dialect == "sqlite":
                raise InvalidValueError(name, word, "must be a date: SQLite knows no zones", "keep the civil day in a column")
            yield column, kind


def _check_table(field: str, table: object) -> None:
    if table in TABLES:
        return
    near = nearest(str(table), TABLES)
    raise InvalidValueError(field, table, f"must be of {', '.join(TABLES)}", f"did you mean {near!r}?" if near else None)


@attrs.frozen(kw_only=True, eq=False)
class DecidedSql:
    """What a policy decided, as queries that a database runs; `CREATE TABLE x AS` or `CREATE VIEW x AS` goes before them.

    They hold what was found out on the way, such as the borders of quotas: they are about the data that answered, not about
    what comes later. Run them in the transaction that answered, and ask again when the data has changed.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        as_of: The civil day.
        dialect: Of the statements.
        clients: A row for each client, with the columns of `DecidedFrames.clients`; sets as text joined by `|`. In BigQuery, low
            lines stand for what names of columns must not have there, two for a point.
        obligations: Likewise, a row for each contact that is owed; None where cadence was not asked for.
        undecided: Likewise, `client_id` and `rule_id` of rules whose criterion is unknown.
        cells: Likewise, a row for each cell that a client is in; None where no segment is a product.
        borders: As in `DecidedFrames`.
        asked: The questions that were asked first, in order.
        before: What made the temporary tables that the statements rest on, in order: run already, in the session that answered.
            Empty where none were allowed: then each statement stands alone.
    """

    policy_id: str
    policy_version: str
    as_of: date
    dialect: SqlDialectName
    clients: str
    obligations: str | None = None
    undecided: str | None = None
    cells: str | None = None
    borders: Mapping[str, Mapping[str, tuple[Border | None, ...]]]
    asked: tuple[str, ...]
    before: tuple[str, ...] = ()

    @property
    def is_compiled_only(self) -> bool:
        """Whether relcare's own tests do not run statements of this dialect, but only see that they parse: Spark and BigQuery."""
        return self.dialect not in _EXECUTED
