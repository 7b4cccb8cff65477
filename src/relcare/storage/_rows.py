"""How records and log entries lie in the tables of a database, the same in all of them; each row with a digest of itself.

A database gives back a flipped bit as if it were the truth: its own checks miss most changes inside a text. So every row
carries a digest of everything else in it, kind and id included, and is compared with it before it becomes a value.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from relcare.errors import InvalidValueError, StorageError
from relcare.storage._values import LogEntry, Record, StoredEntry, sound_entry, sound_record

__all__ = [
    "LOST_ENTRIES",
    "Row",
    "at_place",
    "check_row",
    "damaged",
    "entries_lost",
    "entry_row",
    "key_rows",
    "misled",
    "position_in",
    "read_entry",
    "read_record",
    "record_row",
    "row_digest",
    "tombstone_row",
    "work_row",
]

Row: TypeAlias = tuple[str | int | None, ...]

LOST_ENTRIES: Final = ("relcare:log", "lost")
"""Kind and id of a deleted record: its version is how many entries were missing from the log before there were digests."""

_NO_KEYS = "[]"


def row_digest(*values: str | int | None) -> int:
    """64 bits that any change of the row changes too; it finds accidents and is no seal against people.

    No value holds a NUL, so the values cannot run into each other; None stands for itself, because no stored text is empty
    but the digest of a piece of work that has none.
    """
    text = "\0".join(["" if value is None else str(value) for value in values])
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def record_row(record: Record) -> Row:
    """A record as a row."""
    keys = json.dumps(record.keys, ensure_ascii=False, separators=(",", ":")) if record.keys else _NO_KEYS
    return _with_digest(record.kind, record.id, record.version, record.payload, keys)


def tombstone_row(record: Record) -> Row:
    """What stays of a deleted record: its last version, which must not be given again."""
    return _with_digest(record.kind, record.id, record.version, None, _NO_KEYS)


def key_rows(record: Record, keys: Iterable[tuple[str, str]]) -> list[Row]:
    """What a record can be found by, as rows."""
    return [(record.kind, name, value, record.id) for name, value in keys]


def entry_row(position: int, entry: LogEntry) -> Row:
    """A log entry as a row."""
    return _with_digest(position, entry.id, entry.kind, entry.client_id, entry.payload, entry.by, entry.recorded_at)


def work_row(idempotency_key: str, body_digest: str) -> Row:
    """A piece of work that was done, as a row."""
    return _with_digest(idempotency_key, body_digest)


def read_record(row: Any) -> Record:  # noqa: ANN401 - rows come from a database
    """The record of a row.

    Raises:
        StorageError: The row is not what was stored, or is the row of a deleted record.
    """
    check_row("record", row)
    kind, record_id, version, payload, keys, _ = row
    if keys == _NO_KEYS and payload:
        return sound_record(kind, record_id, version, payload)
    try:
        pairs = [(name, value) for name, value in json.loads(keys)] if keys != _NO_KEYS else ()
        return Record(kind=kind, id=record_id, version=version, payload=payload, keys=pairs)
    except (ValueError, TypeError) as error:
        raise damaged("record", error) from error


def read_entry(row: Any) -> StoredEntry:  # noqa: ANN401 - rows come from a database
    """The log entry of a row.

    Raises:
        StorageError: The row is not what was stored.
    """
    check_row("log entry", row)
    position, entry_id, kind, client_id, payload, by, recorded_at, _ = row
    if by is None and recorded_at is None:
        return StoredEntry(position, sound_entry(entry_id, kind, client_id, payload))
    try:
        entry = LogEntry(id=entry_id, kind=kind, client_id=client_id, payload=payload, by=by, recorded_at=recorded_at)
    except InvalidValueError as error:
        raise damaged("log entry", error) from error
    return StoredEntry(position, entry)


def check_row(what: str, row: Any) -> None:  # noqa: ANN401 - rows come from a database
    """Refuses a row whose digest, its last column, is not that of the columns before it.

    Raises:
        StorageError: The row is not what was stored.
    """
    try:
        *values, digest = row
        is_sound = row_digest(*values) == digest
    except UnicodeEncodeError as error:
        raise damaged(what, error) from error
    if not is_sound:
        raise damaged(what)


def damaged(what: str, error: Exception | None = None) -> StorageError:
    """The error for a row that cannot be trusted; it tells nothing of what is in it."""
    why = "its digest does not fit" if error is None else type(error).__name__
    return StorageError(f"a stored {what} is damaged ({why}); hint: restore a backup")


def entries_lost(count: int) -> StorageError:
    """The error for a log that does not hold as many entries as positions were given."""
    return StorageError(f"the stored log is damaged (entries are missing: {count}); hint: restore a backup")


def misled() -> StorageError:
    """The error for a sound row that is not the one asked for: an index led to it."""
    return StorageError("a stored index is damaged (it leads to another row); hint: restore a backup")


def position_in(value: object) -> int:
    """The number, if it can be a position of the log: SQLite gives back text where it was damaged into text.

    Raises:
        StorageError: It is none.
    """
    if type(value) is not int or value < 0:
        raise StorageError("a stored position of the log is damaged (it is no position); hint: restore a backup")
    return value


def at_place(error: StorageError, place: str) -> StorageError:
    """The same error, with the place: what was asked for, and never what was found there, which may be anything."""
    told, hint, way_out = str(error).partition("; hint: ")
    return StorageError(f"{told} at {place}{hint}{way_out}")


def _with_digest(*values: str | int | None) -> Row:
    return (*values, row_digest(*values))
