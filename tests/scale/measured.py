"""One decision over one book by one engine, in a process of its own, so that its memory is its own: prints what it cost as JSON.

To be called as:

python -m tests.scale.measured --engine duckdb --folder /tmp/book --to /tmp/rows --memory-limit 4GB
python -m tests.scale.measured --digest /tmp/rows
"""

import argparse
import json
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, Final, get_args

import attrs
from tests.scale.invented import AS_OF

import relcare as rc
from relcare.frames import decide, read_parquet
from relcare.frames._decided import DecidedTable

__all__ = ["digest", "main", "measured", "peak_bytes"]

_TABLES: Final[tuple[DecidedTable, ...]] = get_args(DecidedTable)


def measured(engine: str, folder: Path, to: Path, *, memory_limit: str | None, is_checked: bool) -> dict[str, Any]:
    """What it costs to decide the consulting preset over a book and to write all rows.

    Args:
        engine: `polars` or `duckdb`.
        folder: The book.
        to: Where the rows go; nothing is there yet.
        memory_limit: Of DuckDB.
        is_checked: Whether the rows of the book need no looking at.
    """
    to.mkdir(parents=True)
    limits = {"memory_limit": memory_limit, "temp_directory": to / "spill"} if engine == "duckdb" else {}
    started, used = perf_counter(), _cpu()
    frames = attrs.evolve(read_parquet(folder, engine=engine, **limits), is_checked=is_checked)  # type: ignore[arg-type]
    decided = decide(rc.preset("consulting"), frames, as_of=AS_OF)
    planned = perf_counter()
    tables = [table for table in _TABLES if getattr(decided, table) is not None]
    for table in tables:
        decided.write_parquet(to / f"{table}.parquet", table)
    return {
        "engine": engine,
        "seconds": perf_counter() - started,
        "seconds_until_decided": planned - started,
        "cpu_seconds": _cpu() - used,
        "peak_bytes": peak_bytes(),
        "bytes_of_the_book": sum(file.stat().st_size for file in folder.rglob("*.parquet")),
        "bytes_of_the_rows": sum((to / f"{table}.parquet").stat().st_size for table in tables),
        **_input_output(),
    }


def digest(folder: Path) -> dict[str, Any]:
    """How many rows were decided, and a digest of all that they say, in whichever order they stand."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "spill")})
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    for path in sorted(folder.glob("*.parquet")):
        table = connection.read_parquet(str(path))
        said = ", ".join(f"coalesce(\"{column}\"::VARCHAR, '-')" for column in sorted(table.columns))
        found = table.aggregate(f"count(*), sum(md5_number_lower(concat_ws('|', {said})))").fetchall()
        rows[path.stem], total = int(found[0][0]), int(found[0][1] or 0)
        digests[path.stem] = f"{total % 2**64:016x}"
    return {"rows": rows, "digests": digests}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_bytes() -> int:
    """The most memory that this process has held; not what its parent held, where the system tells them apart."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _input_output() -> dict[str, int]:
    """The bytes that were read and written, from the cache of the system too; what was mapped into memory is not among them."""
    counts = Path("/proc/self/io")
    if not counts.exists():
        return {}
    found = dict(line.split(": ") for line in counts.read_text(encoding="ascii").splitlines())
    return {"bytes_read": int(found["rchar"]), "bytes_written": int(found["wchar"])}


def main() -> None:
    """Prints one measurement, or one digest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=["polars", "duckdb"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--memory-limit")
    parser.add_argument("--checked", action="store_true")
    parser.add_argument("--digest", type=Path)
    options = parser.parse_args()
    if options.digest is not None:
        found = digest(options.digest)
    else:
        found = measured(
            options.engine, options.folder, options.to, memory_limit=options.memory_limit, is_checked=options.checked
        )
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
