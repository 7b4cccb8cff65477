"""Books as folders of Parquet files: columns for other tools, read lazily, with everything in them."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import narwhals.stable.v2 as nw

from relcare._fields import check_choice, check_zone
from relcare.errors import BookDocumentError, InvalidValueError, MissingExtraError, Problem, RelcareError, StorageError
from relcare.frames._engine import Cell, EngineName
from relcare.frames._frames import Frames, opened
from relcare.frames._layout import TABLES
from relcare.frames._spark_session import as_it_stands, spark_session
from relcare.model import check_currency

__all__ = ["ENGINES", "HEAD", "read_parquet", "write_parquet"]

HEAD: Final = "book.parquet"
"""One row with the format, the zone and the currency of a book; a folder with it is a book."""
ENGINES: Final[tuple[EngineName, ...]] = ("polars", "duckdb", "spark")
_FORMAT: Final = 1
_END: Final = ".parquet"
_CHECKS: Final = {"zone": check_zone, "currency": check_currency}


def write_parquet(frames: Frames, folder: Path | str) -> None:
    """Write columns as a folder of Parquet files, a file for each table; tables larger than the memory are streamed.

    `book.parquet` is written last: a folder whose writing was interrupted is refused when it is read. Of a table in several
    parts Spark makes a folder of that name.

    Args:
        frames: Of any engine; `frames_of` makes them of a book.
        folder: Where to; made if it does not exist.

    Raises:
        InvalidValueError: If there is a book in the folder already. Nothing is written.
        StorageError: If the folder or a file cannot be written.
    """
    root = Path(folder)
    taken = [name for name in (HEAD, *(f"{table}{_END}" for table in TABLES)) if os.path.lexists(root / name)]
    if taken:
        raise InvalidValueError("folder", str(folder), f"must hold no book yet, but has {taken[0]}", "name a new folder")
    given = opened(frames)
    head: dict[str, tuple[nw.dtypes.DType, list[Cell]]] = {
        "format": (nw.Int64(), [_FORMAT]),
        "zone": (nw.String(), [frames.zone]),
        "currency": (nw.String(), [frames.currency]),
    }
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, table in given.tables.items():
            given.engine.write_parquet(table, root / f"{name}{_END}")
        given.engine.write_parquet(given.engine.table(given.tables["clients"], head), root / HEAD)
    except RelcareError:
        raise
    except Exception as fault:
        # Engines have errors of their own for a full disk, and for columns that their caller made wrongly.
        raise StorageError(f"the book was not written to {str(root)!r}: {_first_line(fault)}") from fault


def read_parquet(
    folder: Path | str,
    *,
    engine: EngineName = "polars",
    memory_limit: str | None = None,
    temp_directory: Path | str | None = None,
) -> Frames:
    """The tables of a folder of Parquet files, lazy: nothing but their columns is read yet.

    A table is the file `touchpoints.parquet` or the folder `touchpoints` with any number of Parquet files, as other tools leave
    them, taken in order of name; of Spark the folder may be called `touchpoints.parquet`. What is not there is not given.

    Args:
        folder: With `book.parquet`, as `write_parquet` leaves it.
        engine: `polars`, `duckdb` or `spark`, which reads in the active session; where there is none, in a small one here.
        memory_limit: The most memory that DuckDB may take, as in `512MB`; what does not fit goes to the disk. For DuckDB alone.
        temp_directory: Where it goes; beside the working directory by default.

    Raises:
        BookDocumentError: If the folder is no book, or a file is none of Parquet.
        InvalidValueError: If there is no such engine, or it has no limit, or none of this form.
        MissingExtraError: If the engine is not installed.
    """
    check_choice("engine", engine, ENGINES)
    root = Path(folder)
    if not (root / HEAD).is_file():
        hint = "write_parquet makes such a folder, and write_book one of CSV files, which read_book reads"
        if any(root.glob(f"*{_END}")):
            hint = f"add it: one row with format {_FORMAT}, the zone and the currency of the book, as write_parquet does"
        raise BookDocumentError(
            [Problem(file=str(root / HEAD), message="is missing: no book of Parquet files is here", hint=hint)]
        )
    if engine != "duckdb" and (memory_limit is not None or temp_directory is not None):
        raise InvalidValueError("memory_limit", memory_limit, "must go with engine='duckdb'")
    if engine == "duckdb":
        reader = _duckdb_reader(memory_limit, temp_directory)
    else:
        reader = _polars_reader() if engine == "polars" else _spark_reader()
    zone, currency = _head(reader, root / HEAD)
    tables = {name: table for name in TABLES if (table := _table(reader, root, name)) is not None}
    if "clients" not in tables:
        raise BookDocumentError([Problem(file=str(root / f"clients{_END}"), message="is missing: a book has clients")])
    return Frames(**tables, zone=zone, currency=currency, is_checked=False)


@attrs.frozen
class _Reader:
    """How one engine reads Parquet files.

    Attributes:
        scan: A lazy table of the files.
        rows: Its rows by column.
    """

    scan: Callable[[list[str]], Any]
    rows: Callable[[Any], list[dict[str, Any]]]


def _polars_reader() -> _Reader:
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError("engine='polars'", "polars") from error

    def scan(paths: list[str]) -> pl.LazyFrame:
        return pl.scan_parquet(paths, glob=False)

    def rows(table: pl.LazyFrame) -> list[dict[str, Any]]:
        return table.collect().to_dicts()

    return _Reader(scan, rows)


def _duckdb_reader(memory_limit: str | None, temp_directory: Path | str | None) -> _Reader:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("engine='duckdb'", "duckdb") from error
    settings = {"memory_limit": memory_limit, "temp_directory": None if temp_directory is None else str(temp_directory)}
    try:
        connection = duckdb.connect(config={name: value for name, value in settings.items() if value is not None})
    except duckdb.Error as fault:
        raise InvalidValueError("memory_limit", memory_limit, "must be a size such as '512MB'") from fault

    def rows(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a relation
        return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]

    return _Reader(connection.read_parquet, rows)


def _spark_reader() -> _Reader:
    session = spark_session()

    def scan(paths: list[str]) -> Any:  # noqa: ANN401 - a DataFrame
        return session.read.parquet(*(as_it_stands(str(Path(path).absolute())) for path in paths))

    def rows(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - likewise
        return [row.asDict() for row in table.collect()]

    return _Reader(scan, rows)


def _table(reader: _Reader, root: Path, name: str) -> object:
    """One table of the folder; None where there is none."""
    single, several = root / f"{name}{_END}", root / name
    if single.is_file():
        return _scanned(reader, [single])
    parts = single if single.is_dir() else several
    files = sorted(parts.glob(f"*{_END}")) if parts.is_dir() else []
    return _scanned(reader, files) if files else None


def _scanned(reader: _Reader, files: list[Path]) -> object:
    try:
        table = reader.scan([str(file) for file in files])
        nw.from_native(table).lazy().collect_schema()
    except Exception as fault:
        # Each engine has its own error for a file that is damaged, or of another form.
        raise BookDocumentError([Problem(file=str(files[0]), message=f"cannot be read: {_first_line(fault)}")]) from fault
    return table


def _head(reader: _Reader, path: Path) -> tuple[str, str | None]:
    """The zone and the currency of a book."""
    table = _scanned(reader, [path])
    rows = reader.rows(table)
    problems = list(_head_problems(str(path), rows))
    if problems:
        raise BookDocumentError(problems)
    currency = rows[0].get("currency")
    return str(rows[0]["zone"]), None if currency is None else str(currency)


def _head_problems(file: str, rows: Sequence[Mapping[str, object]]) -> Iterator[Problem]:
    if len(rows) != 1:
        yield Problem(file=file, message=f"has {len(rows)} rows: must have one, with format, zone and currency")
        return
    found = rows[0].get("format")
    if found != _FORMAT:
        message = f"{found!r} is no format that this version reads"
        yield Problem(file=file, line=1, path="format", message=message, hint=f"it reads {_FORMAT}")
    for name in ("zone", "currency"):
        value = rows[0].get(name)
        if value is None and name == "currency":
            continue
        try:
            _CHECKS[name](name, value)
        except InvalidValueError as error:
            yield Problem(file=file, line=1, path=name, message=f"is {error.value}: {error.rule}", hint=error.hint)


def _first_line(fault: Exception) -> str:
    return next(iter(str(fault).splitlines()), "") or type(fault).__name__
