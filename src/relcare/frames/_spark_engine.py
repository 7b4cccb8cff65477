"""Tables in Spark."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final, TypeAlias, cast

import narwhals.stable.v2 as nw

from relcare.frames._engine import BLANK, EPOCH, SEPARATOR, Cell, Engine, Lazy
from relcare.frames._spark_session import spark_module

__all__ = ["SparkEngine"]

Column: TypeAlias = Any
DataFrame: TypeAlias = Any
"""As Spark has them, which is large and need not be installed where types are checked."""

_DAY: Final = 86_400
_DIGITS: Final = 38
_LARGE: Final = Decimal(10**20)
"""Beyond every whole number that a column may hold."""


class SparkEngine(Engine):
    """DataFrames of one Spark session; nothing of the session is set, but for the time of writing."""

    name = "spark"
    title = "Spark"
    tells_case = False
    wide = nw.Decimal(_DIGITS, 0)

    def opened(self, native: object) -> Lazy:
        functions = spark_module("pyspark.sql.functions")
        frame = cast("DataFrame", native)
        # What is asked of text here is asked by code point, which is the order of its bytes.
        plain = {
            field.name: functions.collate(functions.col(_quoted(field.name)), "UTF8_BINARY")
            for field in frame.schema
            if getattr(field.dataType, "collation", "UTF8_BINARY") != "UTF8_BINARY"
        }
        return _narwhal(frame.withColumns(plain) if plain else frame)

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in _spark(frame).collect()]

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        # Planned together they would take longer than each by itself.
        return [row for frame in frames for row in self.rows(frame)]

    def settled(self, frame: Lazy) -> Lazy:
        # What is only cached keeps all that it was made of in its plan, and Spark goes through it again at every join.
        native = _spark(frame)
        if native.sparkSession.conf.get("spark.checkpoint.dir", None) is not None:
            return _narwhal(native.checkpoint())
        return _narwhal(native.localCheckpoint(storageLevel=spark_module("pyspark").StorageLevel.MEMORY_AND_DISK))

    def kept(self, frame: Lazy) -> Lazy:
        # A column or two of what is settled, or of a file: to read them once more takes less than to lay them aside.
        return frame

    def distinct(self, frame: Lazy) -> Lazy:
        return _narwhal(_spark(frame).distinct())

    def untold(self, frame: Lazy) -> Mapping[str, str | None]:
        known = frame.collect_schema()
        types = {field.name: field.dataType.simpleString() for field in _spark(frame).schema}
        return {name: None if kind == "void" else kind for name, kind in types.items() if isinstance(known[name], nw.Unknown)}

    def column(self, name: str) -> nw.Expr:
        return nw.col(_quoted(name))

    def quotient(self, top: nw.Expr, bottom: nw.Expr | int, *, is_small: bool = False) -> nw.Expr:
        by = nw.lit(bottom) if isinstance(bottom, int) else bottom
        # Spark divides in floats. A small quotient without a rest is exact in them; of a large one they give a first guess, after
        # which what is left to do is small.
        if is_small:
            return ((top - top % by) / by).round().cast(nw.Int64())
        whole = (top - top % by).cast(self.wide)
        guess = (whole.cast(nw.Float64()) / by.cast(nw.Float64())).round().cast(self.wide)
        rest = (whole - guess * by).cast(nw.Float64()) / by.cast(nw.Float64())
        return guess + rest.round().cast(self.wide)

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        functions = spark_module("pyspark.sql.functions")
        schema = frame.collect_schema()

        def civil(column: str) -> Column:
            found = functions.col(_quoted(column))
            if not isinstance(kind := schema[column], nw.Datetime) or kind.time_zone is None:
                return functions.unix_date(found.cast("date"))
            # The clock of the zone as a number: a timestamp that is turned into a date would ask the session for its zone.
            return functions.floor(functions.unix_seconds(functions.from_utc_timestamp(found, zone)) / _DAY)

        return _with(frame, {new: civil(column).cast("bigint") + EPOCH for new, column in days.items()})

    def with_instants(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        functions = spark_module("pyspark.sql.functions")
        return _with(frame, {column: functions.unix_micros(functions.col(_quoted(column))) for column in columns})

    def one_column(self, frame: Lazy, column: str, new: str) -> Lazy:
        functions = spark_module("pyspark.sql.functions")
        return _narwhal(_spark(frame).select(functions.col(_quoted(column)).alias(new)))

    def write_parquet(self, frame: Lazy, path: Path) -> None:
        scratch = Path(mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            _write(_spark(frame), str(scratch / "parts"))
            parts = sorted((scratch / "parts").glob("*.parquet"))
            (parts[0] if len(parts) == 1 else scratch / "parts").rename(path)
        finally:
            rmtree(scratch, ignore_errors=True)

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        functions = spark_module("pyspark.sql.functions")

        def whole(column: str, scale: int) -> Column:
            found = functions.col(_quoted(column))
            if scale == _DIGITS:
                return functions.when(found.isNotNull(), functions.lit(_LARGE)).cast("decimal(38, 0)")
            # What is too large must not become null, or an error, on its way to being refused.
            is_small = functions.abs(found) < functions.lit(_LARGE.scaleb(-scale))
            scaled = (found * functions.lit(Decimal(10**scale))).cast("decimal(38, 0)")
            return functions.when(is_small, scaled).when(found.isNotNull(), functions.lit(_LARGE).cast("decimal(38, 0)"))

        return _with(frame, {new: whole(column, scale) for new, (column, scale) in units.items()})

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        functions = spark_module("pyspark.sql.functions")
        schema = frame.collect_schema()

        def joined(column: str) -> Column:
            found = functions.col(_quoted(column))
            if schema[column] == nw.String:
                found = functions.transform(functions.split(found, r"\|"), _stripped)
            clean = functions.array_sort(functions.array_distinct(functions.filter(found, _is_member)))
            return functions.concat(functions.lit(SEPARATOR), functions.array_join(clean, SEPARATOR), functions.lit(SEPARATOR))

        return _with(frame, {new: joined(column) for new, column in sets.items()})

    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        functions = spark_module("pyspark.sql.functions")

        def members(column: str) -> Column:
            return functions.filter(functions.split(functions.col(_quoted(column)), SEPARATOR), _is_member)

        return _with(frame, {column: members(column) for column in columns})

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        functions = spark_module("pyspark.sql.functions")

        def day(column: str) -> Column:
            return functions.date_from_unix_date((functions.col(_quoted(column)) - EPOCH).cast("int"))

        return _with(frame, {column: day(column) for column in columns})

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:
        arrow = spark_module("pyarrow")
        # Of an Arrow table the planner knows how small it is, and needs no job to send it to where the rows are.
        arrays: dict[str, Any] = {
            name: arrow.array(list(values), type=arrow.string() if kind == nw.String else arrow.int64())
            for name, (kind, values) in columns.items()
        }
        table = _spark(beside).sparkSession.createDataFrame(arrow.table(arrays))
        return _narwhal(spark_module("pyspark.sql.functions").broadcast(table))


def _narwhal(native: DataFrame) -> Lazy:
    return cast("Lazy", nw.from_native(native))


def _spark(frame: Lazy) -> DataFrame:
    return frame.to_native()


def _with(frame: Lazy, columns: Mapping[str, Column]) -> Lazy:
    """The frame with some columns, in place of those that have their names."""
    return _narwhal(_spark(frame).withColumns(dict(columns))) if columns else frame


def _write(frame: DataFrame, path: str) -> None:
    """Parquet files with instants that other tools know for such; by default Spark writes them in a form without a zone."""
    conf, name = frame.sparkSession.conf, "spark.sql.parquet.outputTimestampType"
    before = conf.get(name)
    conf.set(name, "TIMESTAMP_MICROS")
    try:
        frame.write.option("compression", "zstd").parquet(path)
    finally:
        conf.set(name, before)


def _stripped(member: Column) -> Column:
    functions = spark_module("pyspark.sql.functions")
    return functions.btrim(member, functions.lit(BLANK))


def _is_member(member: Column) -> Column:
    return member.isNotNull() & (member != "")


def _quoted(name: str) -> str:
    """A name as it is, whatever is in it: Spark takes points for steps into a structure."""
    return "`" + name.replace("`", "``") + "`"
