"""The two engines, and the little that is not said the same way to both: days, exact amounts, sets, small tables.

All else is written once, as narwhals expressions. A frame in hand is always lazy; only `rows` brings anything out of an engine,
and it is asked for aggregates alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import narwhals.stable.v2 as nw

from relcare.errors import InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

__all__ = ["EPOCH", "SEPARATOR", "Cell", "Engine", "EngineName", "Lazy", "engine_of"]

EngineName: TypeAlias = Literal["polars", "duckdb"]
Lazy: TypeAlias = nw.LazyFrame[Any]
Cell: TypeAlias = str | int | None

SEPARATOR: Final = "\x1f"
"""Between and around the members of a set: no text of a book may hold it."""
_BLANK: Final = " \t\r\n"
EPOCH: Final = date(1970, 1, 1).toordinal()
"""The ordinal of the day that engines count from."""


class Engine(ABC):
    """What differs between engines."""

    name: EngineName

    @abstractmethod
    def opened(self, native: object) -> Lazy:
        """A frame of the caller, made lazy and never run."""

    @abstractmethod
    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        """What a small aggregate comes to."""

    @abstractmethod
    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        """The one row of each of several aggregates, in one go."""

    @abstractmethod
    def settled(self, frame: Lazy) -> Lazy:
        """The same rows, worked out once: for what is asked several times over and is no longer than the clients are many."""

    @abstractmethod
    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        """More columns: ordinals of the civil days of date and aware instant columns, in a zone.

        Args:
            frame: Where.
            days: The column of each new one.
            zone: The book's.
        """

    @abstractmethod
    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        """More columns: decimal columns as integers.

        Args:
            frame: Where.
            units: By new column: the decimal column, and how many decimals its type has.
        """

    @abstractmethod
    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        """More columns: sets as one text, each member once, by code point, between separators; see `SEPARATOR`.

        Args:
            frame: Where.
            sets: The column of each new one: a list of text, or text joined by `|`.
        """

    @abstractmethod
    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        """The same columns, sets turned into lists of text."""

    @abstractmethod
    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        """The same columns, ordinals turned into dates."""

    @abstractmethod
    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:
        """A small table that can be joined to a frame.

        Args:
            beside: The frame.
            columns: Their types and values, at least one column; all equally long.
        """


class PolarsEngine(Engine):
    name = "polars"

    def opened(self, native: object) -> Lazy:
        return cast("Lazy", nw.from_native(cast("pl.DataFrame | pl.LazyFrame", native)).lazy())

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        return _polars(frame).collect().rows()

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        import polars as pl

        return [found.row(0) for found in pl.collect_all([_polars(frame) for frame in frames])]

    def settled(self, frame: Lazy) -> Lazy:
        return nw.from_native(_polars(frame).collect().lazy())

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        import polars as pl

        native, schema = _polars(frame), frame.collect_schema()

        def civil(column: str) -> pl.Expr:
            found = pl.col(column)
            return found if schema[column] == nw.Date else found.dt.convert_time_zone(zone).dt.date()

        return nw.from_native(
            native.with_columns((civil(c).cast(pl.Int32).cast(pl.Int64) + EPOCH).alias(new) for new, c in days.items())
        )

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        import polars as pl

        # What lies beneath a decimal is the integer itself.
        return nw.from_native(
            _polars(frame).with_columns(pl.col(c).to_physical().cast(pl.Int128).alias(new) for new, (c, _) in units.items())
        )

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        import polars as pl

        schema = frame.collect_schema()

        def members(column: str) -> pl.Expr:
            found = pl.col(column)
            if schema[column] != nw.String:
                return found
            return found.str.split("|").list.eval(pl.element().str.strip_chars(_BLANK))

        def joined(column: str) -> pl.Expr:
            clean = (
                members(column).list.eval(pl.element().filter(pl.element().is_not_null() & (pl.element() != ""))).list.unique()
            )
            return pl.concat_str(pl.lit(SEPARATOR), clean.list.sort().list.join(SEPARATOR), pl.lit(SEPARATOR))

        return nw.from_native(_polars(frame).with_columns(joined(c).alias(new) for new, c in sets.items()))

    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        import polars as pl

        def members(column: str) -> pl.Expr:
            found = pl.col(column).str.strip_chars(SEPARATOR).str.split(SEPARATOR)
            return found.list.eval(pl.element().filter(pl.element() != ""))

        return nw.from_native(_polars(frame).with_columns(members(column).alias(column) for column in columns))

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        import polars as pl

        return nw.from_native(_polars(frame).with_columns((pl.col(c) - EPOCH).cast(pl.Int32).cast(pl.Date) for c in columns))

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:  # noqa: ARG002
        import polars as pl

        kinds = {name: pl.String if kind == nw.String else pl.Int64 for name, (kind, _) in columns.items()}
        return nw.from_native(pl.LazyFrame({name: values for name, (_, values) in columns.items()}, schema=kinds))


class DuckdbEngine(Engine):
    name = "duckdb"

    def opened(self, native: object) -> Lazy:
        return nw.from_native(cast("duckdb.DuckDBPyRelation", native))

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        return _duckdb(frame).fetchall()

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        if not frames:
            return []
        first, *others = (_renamed(frame, place) for place, frame in enumerate(frames))
        for place, other in enumerate(others):
            first = first.cross(other).set_alias(f"all_{place}")
        cells = iter(first.fetchall()[0])
        return [tuple(islice(cells, len(frame.collect_schema()))) for frame in frames]

    def settled(self, frame: Lazy) -> Lazy:
        relation = _duckdb(frame)
        # Before 2.0 the method was called otherwise.
        settle: Any = getattr(relation, "materialize", None) or getattr(relation, "execute", None)
        return nw.from_native(cast("duckdb.DuckDBPyRelation", settle()))

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        schema = frame.collect_schema()

        def civil(column: str) -> str:
            plain = _quoted(column)
            return plain if schema[column] == nw.Date else f"timezone({_text(zone)}, {plain})::DATE"

        found = [f"date_diff('day', DATE '1970-01-01', {civil(c)}) + {EPOCH} AS {_quoted(new)}" for new, c in days.items()]
        return _projected(frame, found)

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        def whole(column: str, scale: int) -> str:
            return f"(({_quoted(column)}::DECIMAL(38, {scale})) * {10**scale})::HUGEINT"

        return _projected(frame, [f"{whole(c, scale)} AS {_quoted(new)}" for new, (c, scale) in units.items()])

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        schema = frame.collect_schema()

        def joined(column: str) -> str:
            plain = _quoted(column)
            parts = f"list_transform(string_split({plain}, '|'), lambda x: trim(x, {_text(_BLANK)}))"
            clean = f"list_filter({parts if schema[column] == nw.String else plain}, lambda x: x IS NOT NULL AND x <> '')"
            inner, edge = f"array_to_string(list_sort(list_distinct({clean})), {_text(SEPARATOR)})", _text(SEPARATOR)
            return f"CASE WHEN {plain} IS NOT NULL THEN {edge} || {inner} || {edge} END"

        return _projected(frame, [f"{joined(c)} AS {_quoted(new)}" for new, c in sets.items()])

    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        def members(column: str) -> str:
            parts = f"string_split({_quoted(column)}, {_text(SEPARATOR)})"
            return f"list_filter({parts}, lambda x: x <> '') AS {_quoted(column)}"

        turned = ", ".join(map(members, columns))
        return nw.from_native(_duckdb(frame).project(f"* REPLACE ({turned})")) if columns else frame

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        turned = ", ".join(f"(DATE '1970-01-01' + ({_quoted(c)} - {EPOCH})::INTEGER) AS {_quoted(c)}" for c in columns)
        return nw.from_native(_duckdb(frame).project(f"* REPLACE ({turned})")) if columns else frame

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:
        # A relation can be joined to relations of its own connection alone; this one is made of the other and reads none of it.
        one = _duckdb(beside).limit(0).aggregate("count(*) AS n")
        found = [f"unnest({_list(kind, values)}) AS {_quoted(name)}" for name, (kind, values) in columns.items()]
        return nw.from_native(one.project(", ".join(found)))


def _polars(frame: Lazy) -> "pl.LazyFrame":
    return frame.to_native()  # type: ignore[no-any-return]


def _duckdb(frame: Lazy) -> "duckdb.DuckDBPyRelation":
    return frame.to_native()  # type: ignore[no-any-return]


def _renamed(frame: Lazy, place: int) -> "duckdb.DuckDBPyRelation":
    """The relation under names that no other of a list has."""
    columns = ", ".join(f"{_quoted(name)} AS r{place}_{at}" for at, name in enumerate(frame.collect_schema()))
    return _duckdb(frame).project(columns).set_alias(f"one_{place}")


def _projected(frame: Lazy, more: Sequence[str]) -> Lazy:
    return nw.from_native(_duckdb(frame).project(", ".join(["*", *more])))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(kind: nw.dtypes.DType, values: Sequence[Cell]) -> str:
    is_text = kind == nw.String
    shown = ("NULL" if value is None else _text(str(value)) if is_text else str(value) for value in values)
    return f"[{', '.join(shown)}]::{'VARCHAR' if is_text else 'BIGINT'}[]"


POLARS: Final = PolarsEngine()
DUCKDB: Final = DuckdbEngine()


def engine_of(name: str, native: object) -> tuple[Engine, object]:
    """Whose frame it is, and the frame; pandas and pyarrow tables are converted.

    Args:
        name: How messages call it.
        native: A polars frame, a DuckDB relation, a pandas frame or a pyarrow table.

    Raises:
        InvalidValueError: If it is none of these.
        MissingExtraError: If it must be converted and neither engine is installed.
    """
    room = type(native).__module__.partition(".")[0]
    kind = type(native).__name__
    if room == "polars" and kind in {"DataFrame", "LazyFrame"}:
        return POLARS, native
    if kind == "DuckDBPyRelation":
        return DUCKDB, native
    if room == "pandas" and kind == "DataFrame":
        return POLARS, _from_pandas(native)
    if room == "pyarrow" and kind == "Table":
        return POLARS, _polars_module().from_arrow(native)
    raise InvalidValueError(
        name, native, "must be a polars frame, a DuckDB relation, a pandas frame or a pyarrow table", "con.table('clients')"
    )


def _from_pandas(native: object) -> object:
    return _polars_module().from_pandas(native, nan_to_null=True)


def _polars_module() -> Any:  # noqa: ANN401 - polars is imported only where it is used
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError("reading pandas and pyarrow", "polars") from error
    return pl
