"""Books of older schemas as files, and what is in a file whatever its schema."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from relcare.storage._rows import LOST_ENTRIES, row_digest

__all__ = ["COMPAT", "FileState", "made_from", "note_lost", "schemas", "state_of"]

COMPAT: Final = Path(__file__).parents[1] / "compat"
Row: TypeAlias = tuple[object, ...]

# What every schema has; the columns that later ones add are computed from these.
_TABLES: Final = {
    "record": "kind, id, version, payload, keys",
    "record_key": "kind, name, value, id",
    "log": "position, id, kind, client_id, payload, recorded_by, recorded_at",
    "work": "idempotency_key, body_digest",
    "sqlite_sequence": "name, seq",
}


@attrs.frozen
class FileState:
    """What a file holds.

    Attributes:
        schema: Its number.
        shape: The tables and indices, as they were made.
        rows: By table, without what is computed.
    """

    schema: int
    shape: tuple[Row, ...]
    rows: tuple[tuple[Row, ...], ...]


def schemas() -> dict[int, Path]:
    """The texts of the books that are kept, by their schema."""
    return {int(one.stem.rpartition("_")[2]): one for one in sorted(COMPAT.glob("store_schema_*.sql"))}


def made_from(script: Path, path: Path, *, more: int = 0) -> Path:
    """The file that a release of this schema left, with so many log entries more."""
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
        plain.executescript(script.read_text("utf-8"))
        if more:
            columns = "position, id, kind, client_id, payload"
            rows = ((number, f"more-{number}", "note", "c-17", "{}") for number in range(100, 100 + more))
            plain.executemany(f"INSERT INTO log ({columns}) VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608 - names of our own
            plain.commit()
    return path


def note_lost(plain: sqlite3.Connection, table: str, count: int) -> None:
    """Tells what the log of a book that is kept had lost before, as a migration does: its end was cut off by hand."""
    values = (*LOST_ENTRIES, count, None, "[]")
    columns = "kind, id, version, payload, keys, digest"
    plain.execute(f"INSERT INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?)", (*values, row_digest(*values)))  # noqa: S608
    plain.commit()


def state_of(path: Path) -> FileState:
    """What is in a file of any schema; SQLite first undoes what a killed process left half-way."""
    with closing(sqlite3.connect(path)) as plain:
        return FileState(
            plain.execute("PRAGMA user_version").fetchone()[0],
            tuple(plain.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2")),
            tuple(
                tuple(row for row in plain.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2") if row[:2] != LOST_ENTRIES)  # noqa: S608
                for name, columns in _TABLES.items()
            ),
        )
