"""Tables in DuckDB."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import uuid4

import narwhals.stable.v2 as nw

from relcare.errors import StorageError
from relcare.frames._engine import BLANK, EPOCH, SEPARATOR, Cell, Engine, Lazy

if TYPE_CHECKING:
    import duckdb

__all__ = ["DuckdbEngine"]

_NULLS: Final = frozenset({"NULL", '"NULL"'})
_NANOSECONDS: Final = frozenset({"TIMESTAMPTZ_NS", "TIMESTAMP WITH TIME ZONE_NS"})
_NARROW: Final = 18
"""The digits of the decimals that DuckDB holds in 64 bits."""


class DuckdbEngine(Engine):
    """Relations of one DuckDB connection, those of one book."""

    name = "duckdb"
    title = "DuckDB"
    tells_case = False
    _first: "duckdb.DuckDBPyRelation | None" = None
    """The first table that was opened. A relation can be joined to relations of its own connection alone, so tables of our own
    are read through another relation; this one is made of nothing, while the frame in hand may be made of a hundred steps, all of
    which are looked at again whenever a table is made."""

    def opened(self, native: object) -> Lazy:
        relation = cast("duckdb.DuckDBPyRelation", native)
        if self._first is None:
            self._first = relation
        fine = [name for name, kind in _types(relation).items() if kind in _NANOSECONDS]
        if fine:
            # narwhals knows none that are finer than a millionth of a second, nor does anything that is decided here.
            coarse = ", ".join(f"{_quoted(name)}::TIMESTAMPTZ AS {_quoted(name)}" for name in fine)
            relation = relation.project(f"* REPLACE ({coarse})")
        return nw.from_native(relation)

    def untold(self, frame: Lazy) -> Mapping[str, str | None]:
        known = frame.collect_schema()
        types = {name: kind for name, kind in _types(_duckdb(frame)).items() if isinstance(known[name], nw.Unknown)}
        return {name: None if kind in _NULLS else kind for name, kind in types.items()}

    def _beside(self, frame: Lazy) -> "duckdb.DuckDBPyRelation":
        """A relation of the connection that is made of as little as possible."""
        return _duckdb(frame) if self._first is None else self._first

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        with _in_memory():
            return _duckdb(frame).fetchall()

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        if not frames:
            return []
        first, *others = (_renamed(frame, place) for place, frame in enumerate(frames))
        for place, other in enumerate(others):
            first = first.cross(other).set_alias(f"all_{place}")
        with _in_memory():
            cells = iter(first.fetchall()[0])
        return [tuple(islice(cells, len(frame.collect_schema()))) for frame in frames]

    def settled(self, frame: Lazy) -> Lazy:
        # A temporary table counts towards the limit of memory and goes to the disk beyond it; `materialize` does neither.
        relation, view, table = _duckdb(frame), f"relcare_view_{uuid4().hex}", f"relcare_{uuid4().hex}"
        with _in_memory():
            relation.query(view, f"CREATE TEMP TABLE {table} AS SELECT * FROM {view}")  # noqa: S608 - names of our own
        return nw.from_native(self._beside(frame).query(view, f"SELECT * FROM {table}"))  # noqa: S608

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        schema = frame.collect_schema()

        def civil(column: str) -> str:
            plain = _quoted(column)
            if isinstance(kind := schema[column], nw.Datetime):
                return f"{plain}::DATE" if kind.time_zone is None else f"timezone({_text(zone)}, {plain})::DATE"
            return plain

        found = [f"date_diff('day', DATE '1970-01-01', {civil(c)}) + {EPOCH} AS {_quoted(new)}" for new, c in days.items()]
        return _projected(frame, found)

    def with_instants(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        turned = ", ".join(f"epoch_us({_quoted(column)}) AS {_quoted(column)}" for column in columns)
        return nw.from_native(_duckdb(frame).project(f"* REPLACE ({turned})")) if columns else frame

    def one_column(self, frame: Lazy, column: str, new: str) -> Lazy:
        return nw.from_native(_duckdb(frame).project(f"{_quoted(column)} AS {_quoted(new)}"))

    def picked(self, frame: Lazy, columns: Mapping[str, str]) -> Lazy:
        return nw.from_native(_duckdb(frame).project(", ".join(f"{_quoted(o)} AS {_quoted(n)}" for n, o in columns.items())))

    def write_parquet(self, frame: Lazy, path: Path) -> None:
        with _in_memory():
            _duckdb(frame).write_parquet(str(path), compression="zstd")

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        schema = frame.collect_schema()

        def whole(column: str, scale: int) -> str:
            plain = _quoted(column)
            wide = f"(({plain}::DECIMAL(38, {scale})) * {10**scale})::HUGEINT"
            kind = schema[column]
            if not isinstance(kind, nw.Decimal) or kind.precision > _NARROW:
                return wide
            # Most amounts are small enough to be multiplied as they are, in 64 bits, which takes a tenth of the time.
            edge = 10 ** (_NARROW - 2 * scale) - 1 if 2 * scale < _NARROW else 0
            return f"CASE WHEN {plain} BETWEEN -{edge} AND {edge} THEN ({plain} * {10**scale})::BIGINT ELSE ({wide})::BIGINT END"

        return _projected(frame, [f"{whole(c, scale)} AS {_quoted(new)}" for new, (c, scale) in units.items()])

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        schema = frame.collect_schema()

        def joined(column: str) -> str:
            plain = _quoted(column)
            parts = f"list_transform(string_split({plain}, '|'), lambda x: trim(x, {_text(BLANK)}))"
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

    def with_names(self, frame: Lazy, columns: Mapping[str, tuple[str, Sequence[str]]]) -> Lazy:
        def named(column: str, names: Sequence[str]) -> str:
            cases = " ".join(f"WHEN {place} THEN {_text(name)}" for place, name in enumerate(names))
            return f"CASE {_quoted(column)} {cases} END"

        return _projected(frame, [f"{named(*found)} AS {_quoted(new)}" for new, found in columns.items()])

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        turned = ", ".join(f"(DATE '1970-01-01' + ({_quoted(c)} - {EPOCH})::INTEGER) AS {_quoted(c)}" for c in columns)
        return nw.from_native(_duckdb(frame).project(f"* REPLACE ({turned})")) if columns else frame

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:
        one = self._beside(beside).limit(0).aggregate("count(*) AS n")
        found = [f"unnest({_list(kind, values)}) AS {_quoted(name)}" for name, (kind, values) in columns.items()]
        return nw.from_native(one.project(", ".join(found)))


@contextmanager
def _in_memory() -> Generator[None]:
    """What DuckDB works out here, or an error of ours where its limit of memory is too low for that.

    Raises:
        StorageError: If it is.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as fault:
        ways = "read_parquet(memory_limit=...), --memory-limit, or SET memory_limit on a connection of your own"
        raise StorageError(f"DuckDB ran out of memory; hint: raise its limit with {ways}") from fault


def _types(relation: "duckdb.DuckDBPyRelation") -> dict[str, str]:
    """What DuckDB calls the types of the columns."""
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


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
