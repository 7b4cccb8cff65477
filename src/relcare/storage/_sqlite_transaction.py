"""One transaction of a SQLite store: the only place that speaks SQL to its tables."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from relcare.errors import InvalidValueError, OutcomeUnknownError, StorageError
from relcare.storage._base import Transaction
from relcare.storage._sqlite_file import storage_error
from relcare.storage._values import LogEntry, Record, StoredEntry

_GET = "SELECT kind, id, version, payload, keys FROM record WHERE kind = ? AND id = ? AND payload IS NOT NULL"
_LAST_VERSION = "SELECT version FROM record WHERE kind = ? AND id = ?"
_INSERT = "INSERT INTO record (kind, id, version, payload, keys) VALUES (?, ?, ?, ?, ?)"
_PUT = f"""{_INSERT} ON CONFLICT (kind, id)
    DO UPDATE SET version = excluded.version, payload = excluded.payload, keys = excluded.keys"""
_DELETE = "UPDATE record SET payload = NULL, keys = '[]' WHERE kind = ? AND id = ?"
_SCAN = """SELECT kind, id, version, payload, keys FROM record
    WHERE kind = ? AND id > ? AND payload IS NOT NULL ORDER BY id LIMIT ?"""
_SCAN_KEY = """SELECT r.kind, r.id, r.version, r.payload, r.keys FROM record_key AS k
    JOIN record AS r ON r.kind = k.kind AND r.id = k.id
    WHERE k.kind = ? AND k.name = ? AND k.value = ? AND k.id > ? ORDER BY k.id LIMIT ?"""
_PUT_KEY = "INSERT INTO record_key (kind, name, value, id) VALUES (?, ?, ?, ?)"
_DELETE_KEY = "DELETE FROM record_key WHERE kind = ? AND name = ? AND value = ? AND id = ?"

_ENTRY = "SELECT position, id, kind, client_id, payload, recorded_by, recorded_at FROM log"
_SINCE = f"{_ENTRY} WHERE position > ? ORDER BY position LIMIT ?"
_OF_CLIENT = f"{_ENTRY} WHERE client_id = ? AND position > ? ORDER BY position LIMIT ?"
_APPEND = "INSERT INTO log (id, kind, client_id, payload, recorded_by, recorded_at) VALUES (?, ?, ?, ?, ?, ?)"


class OnEnd(Protocol):
    """Takes the connection back when the transaction has ended."""

    def __call__(self, connection: sqlite3.Connection, *, writes: bool, is_outcome_known: bool) -> None:
        """Called once."""


class SqliteTransaction(Transaction):
    """See `Transaction`."""

    def __init__(self, connection: sqlite3.Connection, *, writes: bool, on_end: OnEnd) -> None:
        self._connection = connection
        self._writes = writes
        self._on_end = on_end
        self._is_broken = False

    def find_record(self, kind: str, record_id: str) -> Record | None:
        rows = self._rows(_GET, (kind, record_id))
        return _record(rows[0]) if rows else None

    def find_last_version(self, kind: str, record_id: str) -> int:
        rows = self._rows(_LAST_VERSION, (kind, record_id))
        return int(rows[0][0]) if rows else 0

    def store_record(self, record: Record) -> None:
        before = self.find_record(record.kind, record.id)
        self._rows(_PUT, _record_row(record))
        old: set[tuple[str, str]] = set() if before is None else set(before.keys)
        new = set(record.keys)
        self._many(_DELETE_KEY, _key_rows(record, sorted(old - new)))
        self._many(_PUT_KEY, _key_rows(record, sorted(new - old)))

    def remove_record(self, record: Record) -> None:
        self._rows(_DELETE, (record.kind, record.id))
        self._many(_DELETE_KEY, _key_rows(record, record.keys))

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        if key is None:
            return [_record(row) for row in self._rows(_SCAN, (kind, after, limit))]
        return [_record(row) for row in self._rows(_SCAN_KEY, (kind, *key, after, limit))]

    def find_entry(self, entry_id: str) -> StoredEntry | None:
        rows = self._rows(f"{_ENTRY} WHERE id = ?", (entry_id,))
        return _entry(rows[0]) if rows else None

    def append_entry(self, entry: LogEntry) -> int:
        return int(self._rows(f"{_APPEND} RETURNING position", _entry_row(entry))[0][0])

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        rows = self._rows(_SINCE, (after, limit)) if client_id is None else self._rows(_OF_CLIENT, (client_id, after, limit))
        return [_entry(row) for row in rows]

    def find_work(self, idempotency_key: str) -> str | None:
        rows = self._rows("SELECT body_digest FROM work WHERE idempotency_key = ?", (idempotency_key,))
        return str(rows[0][0]) if rows else None

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self._rows("INSERT INTO work (idempotency_key, body_digest) VALUES (?, ?)", (idempotency_key, body_digest))

    def try_new_records(self, records: Sequence[Record]) -> bool:
        return self._try_many(
            (_INSERT, [_record_row(record) for record in records]),
            (_PUT_KEY, [row for record in records for row in _key_rows(record, record.keys)]),
        )

    def try_new_entries(self, entries: Sequence[LogEntry]) -> bool:
        return self._try_many((_APPEND, [_entry_row(entry) for entry in entries]))

    def commit(self) -> None:
        if self._is_broken:
            self.rollback()
            raise StorageError("the store failed within this unit, so nothing of it is kept; hint: repeat the unit")
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # The commit may have reached the disk all the same, and a second try could report success falsely.
            self._finish(is_outcome_known=False)
            raise OutcomeUnknownError(
                "the commit failed and its outcome is not known; hint: open the store again and look, "
                "or repeat the unit under the same idempotency key"
            ) from error
        except BaseException:
            self._finish(is_outcome_known=True)
            raise
        self._finish(is_outcome_known=True)

    def rollback(self) -> None:
        self._finish(is_outcome_known=True)

    def _finish(self, *, is_outcome_known: bool) -> None:
        # Should the rollback fail, the store drops the connection, which is as good.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        self._on_end(self._connection, writes=self._writes, is_outcome_known=is_outcome_known)

    def _check_alive(self) -> None:
        # After some failures SQLite has rolled back by itself, and the next statement would be committed alone.
        if self._is_broken or not self._connection.in_transaction:
            self._is_broken = True
            raise StorageError("the store failed within this unit; hint: end it and repeat")

    def _rows(self, statement: str, values: tuple[str | int | None, ...]) -> list[Any]:
        self._check_alive()
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._is_broken = True
            raise storage_error("write" if self._writes else "read", error) from error

    def _many(self, statement: str, rows: Iterable[tuple[str | int | None, ...]]) -> None:
        self._check_alive()
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._is_broken = True
            raise storage_error("write", error) from error

    def _try_many(self, *work: tuple[str, Sequence[tuple[str | int | None, ...]]]) -> bool:
        self._rows("SAVEPOINT bulk", ())
        is_new = True
        try:
            for statement, rows in work:
                self._connection.executemany(statement, rows)
        except sqlite3.IntegrityError:
            is_new = False
            self._rows("ROLLBACK TO bulk", ())
        except sqlite3.Error as error:
            self._is_broken = True
            raise storage_error("write", error) from error
        self._rows("RELEASE bulk", ())
        return is_new


def _record_row(record: Record) -> tuple[str | int, ...]:
    keys = json.dumps(record.keys, ensure_ascii=False, separators=(",", ":"))
    return (record.kind, record.id, record.version, record.payload, keys)


def _key_rows(record: Record, keys: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [(record.kind, name, value, record.id) for name, value in keys]


def _entry_row(entry: LogEntry) -> tuple[str | None, ...]:
    return (entry.id, entry.kind, entry.client_id, entry.payload, entry.by, entry.recorded_at)


def _record(row: tuple[Any, ...]) -> Record:
    kind, record_id, version, payload, keys = row
    try:
        pairs = [(name, value) for name, value in json.loads(keys)] if keys != "[]" else ()
        return Record(kind=kind, id=record_id, version=version, payload=payload, keys=pairs)
    except (ValueError, TypeError) as error:
        raise _damaged("record", error) from error


def _entry(row: tuple[Any, ...]) -> StoredEntry:
    position, entry_id, kind, client_id, payload, by, recorded_at = row
    try:
        entry = LogEntry(id=entry_id, kind=kind, client_id=client_id, payload=payload, by=by, recorded_at=recorded_at)
    except InvalidValueError as error:
        raise _damaged("log entry", error) from error
    return StoredEntry(position, entry)


def _damaged(what: str, error: Exception) -> StorageError:
    return StorageError(f"a stored {what} is damaged ({type(error).__name__}); hint: restore a backup")
