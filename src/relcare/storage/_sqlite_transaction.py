"""One transaction of a SQLite store: the only place that speaks SQL to its tables."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from relcare.errors import OutcomeUnknownError, StorageError
from relcare.storage._row_transaction import RowTransaction, Statements
from relcare.storage._rows import Row, damaged, position_in
from relcare.storage._sqlite_file import storage_error

_RECORD = "SELECT kind, id, version, payload, keys, digest FROM record"
_INSERT = "INSERT INTO record (kind, id, version, payload, keys, digest) VALUES (?, ?, ?, ?, ?, ?)"
_ENTRY = "SELECT position, id, kind, client_id, payload, recorded_by, recorded_at, digest FROM log"
_LAST_POSITION = "SELECT seq FROM sqlite_sequence WHERE name = 'log'"

STATEMENTS = Statements(
    get=f"{_RECORD} WHERE kind = ? AND id = ?",
    insert=_INSERT,
    put=f"""{_INSERT} ON CONFLICT (kind, id)
        DO UPDATE SET version = excluded.version, payload = excluded.payload, keys = excluded.keys, digest = excluded.digest""",
    scan=f"{_RECORD} WHERE kind = ? AND id > ? AND payload IS NOT NULL ORDER BY id LIMIT ?",
    scan_key="""SELECT r.kind, r.id, r.version, r.payload, r.keys, r.digest FROM record_key AS k
        JOIN record AS r ON r.kind = k.kind AND r.id = k.id
        WHERE k.kind = ? AND k.name = ? AND k.value = ? AND k.id > ? ORDER BY k.id LIMIT ?""",
    put_key="INSERT INTO record_key (kind, name, value, id) VALUES (?, ?, ?, ?)",
    delete_key="DELETE FROM record_key WHERE kind = ? AND name = ? AND value = ? AND id = ?",
    delete_keys="DELETE FROM record_key WHERE kind = ? AND id = ?",
    entry=f"{_ENTRY} WHERE id = ?",
    since=f"{_ENTRY} WHERE position > ? ORDER BY position LIMIT ?",
    of_client=f"{_ENTRY} WHERE client_id = ? AND position > ? ORDER BY position LIMIT ?",
    by_client=f"{_ENTRY} WHERE (client_id, position) > (?, ?) ORDER BY client_id, position LIMIT ?",
    append="""INSERT INTO log (position, id, kind, client_id, payload, recorded_by, recorded_at, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
    work="SELECT idempotency_key, body_digest, digest FROM work WHERE idempotency_key = ?",
    put_work="INSERT INTO work (idempotency_key, body_digest, digest) VALUES (?, ?, ?)",
    forget="DELETE FROM record WHERE kind = ? AND id = ?",
    rewrite="""UPDATE log SET id = ?2, kind = ?3, client_id = ?4, payload = ?5, recorded_by = ?6, recorded_at = ?7, digest = ?8
        WHERE position = ?1""",
)


class OnEnd(Protocol):
    """Takes the connection back when the transaction has ended."""

    def __call__(self, connection: sqlite3.Connection, *, writes: bool, is_outcome_known: bool) -> None:
        """Called once."""


class SqliteTransaction(RowTransaction[str]):
    """See `Transaction`."""

    def __init__(self, connection: sqlite3.Connection, *, writes: bool, on_end: OnEnd) -> None:
        super().__init__(STATEMENTS)
        self._connection = connection
        self._writes = writes
        self._on_end = on_end
        self._is_broken = False

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for work on all rows at once."""
        return self._connection

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

    def read_position(self) -> int:
        # Of the sequence and not of the log: a position is never given twice, even if the end of the log is cut off.
        rows = self.rows(_LAST_POSITION, ())
        return position_in(rows[0][0]) if rows else 0

    def _check_alive(self) -> None:
        # After some failures SQLite has rolled back by itself, and the next statement would be committed alone.
        if self._is_broken or not self._connection.in_transaction:
            self._is_broken = True
            raise StorageError("the store failed within this unit; hint: end it and repeat")

    def rows(self, statement: str, values: Row) -> list[Any]:
        self._check_alive()
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._is_broken = True
            if "decode" in str(error):
                raise damaged("text", error) from None  # the message quotes the text
            raise storage_error("write" if self._writes else "read", error) from error

    def many(self, statement: str, rows: Iterable[Row]) -> None:
        self._check_alive()
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._is_broken = True
            raise storage_error("write", error) from error

    def try_many(self, *work: tuple[str, Sequence[Row]]) -> bool:
        self.rows("SAVEPOINT bulk", ())
        is_new = True
        try:
            for statement, rows in work:
                self._connection.executemany(statement, rows)
        except sqlite3.IntegrityError:
            is_new = False
            self.rows("ROLLBACK TO bulk", ())
        except sqlite3.Error as error:
            self._is_broken = True
            raise storage_error("write", error) from error
        self.rows("RELEASE bulk", ())
        return is_new
