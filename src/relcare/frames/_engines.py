"""Whose a table is."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, cast

from relcare.errors import BookDocumentError, InvalidValueError, MissingExtraError, Problem
from relcare.frames._duckdb_engine import DuckdbEngine
from relcare.frames._engine import Engine
from relcare.frames._polars_engine import PolarsEngine
from relcare.frames._spark_engine import SparkEngine

__all__ = ["engine_of"]

POLARS: Final = PolarsEngine()
SPARK: Final = SparkEngine()


def engine_of(name: str, native: object) -> tuple[Engine, object]:
    """Whose frame it is, and the frame; pandas and pyarrow tables are converted.

    Args:
        name: How messages call it.
        native: A polars frame, a DuckDB relation, a Spark DataFrame, a pandas frame or a pyarrow table.

    Raises:
        InvalidValueError: If it is none of these.
        BookDocumentError: If it has a column twice.
        MissingExtraError: If it must be converted and neither engine is installed.
    """
    room = type(native).__module__.partition(".")[0]
    kind = type(native).__name__
    if room == "polars" and kind in {"DataFrame", "LazyFrame"}:
        return POLARS, native
    if kind == "DuckDBPyRelation":
        return DuckdbEngine(), native
    if room == "pyspark" and kind == "DataFrame":
        return SPARK, native
    if room == "pandas" and kind == "DataFrame":
        _refuse_twice(name, cast("Any", native).columns)
        return POLARS, _from_pandas(native)
    if room == "pyarrow" and kind == "Table":
        _refuse_twice(name, cast("Any", native).column_names)
        return POLARS, _polars_module().from_arrow(native)
    raise InvalidValueError(name, native, _RULE, "con.table('clients')")


_RULE: Final = "must be a polars frame, a DuckDB relation, a Spark DataFrame, a pandas frame or a pyarrow table"


def _refuse_twice(name: str, columns: Iterable[object]) -> None:
    """Refuse a table with a column twice, which polars has not."""
    counts = Counter(map(str, columns))
    twice = [column for column, count in counts.items() if count > 1]
    if twice:
        raise BookDocumentError(Problem(file=name, path=one, message="is there twice", hint="rename one") for one in twice)


def _from_pandas(native: object) -> object:
    return _polars_module().from_pandas(native, nan_to_null=True)


def _polars_module() -> Any:  # noqa: ANN401 - polars is imported only where it is used
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError("reading pandas and pyarrow", "polars") from error
    return pl
