"""A transaction over the tables of `_rows`: what is asked and in which order, whatever the database and its dialect."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from relcare.errors import StorageError
from relcare.storage._erasing import ErasingTransaction
from relcare.storage._rows import (
    Row,
    at_place,
    check_row,
    entry_row,
    key_rows,
    misled,
    read_entry,
    read_record,
    record_row,
    tombstone_row,
    work_row,
)
from relcare.storage._values import LogEntry, Record, StoredEntry

__all__ = ["RowTransaction", "Statements"]

Statement = TypeVar("Statement")


@attrs.frozen(kw_only=True)
class Statements(Generic[Statement]):
    """What is said to the database; each takes its values in the order given here.

    Attributes:
        get: kind, id; the row, deleted or not.
        insert: A row of a record, which is new.
        put: A row of a record, in place of the one there may be.
        scan: kind, after, limit; records that are not deleted, by id in code point order.
        scan_key: kind, name, value, after, limit; the same, with this key.
        put_key: A row of a key.
        delete_key: The same.
        delete_keys: kind, id; all rows of keys that lead there.
        entry: id.
        since: after, limit; by position.
        of_client: client, after, limit; by position.
        by_client: client, after, limit; by client in code point order, then by position.
        append: A row of a log entry.
        work: key.
        put_work: A row of work.
        forget: kind, id; the row goes.
        rewrite: A row of a log entry, in place of the one at its position.
    """

    get: Statement
    insert: Statement
    put: Statement
    scan: Statement
    scan_key: Statement
    put_key: Statement
    delete_key: Statement
    delete_keys: Statement
    entry: Statement
    since: Statement
    of_client: Statement
    by_client: Statement
    append: Statement
    work: Statement
    put_work: Statement
    forget: Statement
    rewrite: Statement


class RowTransaction(ErasingTransaction, Generic[Statement]):
    """See `Transaction`; a subclass runs statements, knows the last position of the log, commits and rolls back."""

    def __init__(self, statements: Statements[Statement]) -> None:
        self._say = statements
        self._position: int | None = None

    @abstractmethod
    def rows(self, statement: Statement, values: Row) -> list[Any]:
        """The rows that the statement gives; none where it gives none."""

    @abstractmethod
    def many(self, statement: Statement, rows: Iterable[Row]) -> None:
        """Runs the statement for each of the rows, which may be none."""

    @abstractmethod
    def try_many(self, *work: tuple[Statement, Sequence[Row]]) -> bool:
        """Whether all of it ran; False, where a row was there already, leaves nothing of it."""

    @abstractmethod
    def read_position(self) -> int:
        """The last position that was ever given in the log before this transaction; 0 for none. Asked for once."""

    def last_position(self) -> int:
        """The last position that was ever given in the log, by this transaction too; 0 for none."""
        if self._position is None:
            self._position = self.read_position()
        return self._position

    def find_record(self, kind: str, record_id: str) -> Record | None:
        row = self._record_row(kind, record_id)
        return None if row is None or row[3] is None else read_record(row)

    def find_last_version(self, kind: str, record_id: str) -> int:
        row = self._record_row(kind, record_id)
        return 0 if row is None else int(row[2])

    def store_record(self, record: Record) -> None:
        before = self.find_record(record.kind, record.id)
        self.rows(self._say.put, record_row(record))
        old: set[tuple[str, str]] = set() if before is None else set(before.keys)
        new = set(record.keys)
        self.many(self._say.delete_key, key_rows(record, sorted(old - new)))
        self.many(self._say.put_key, key_rows(record, sorted(new - old)))

    def remove_record(self, record: Record) -> None:
        self.many(self._say.delete_key, key_rows(record, record.keys))
        self.rows(self._say.put, tombstone_row(record))

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        if key is None:
            rows = self.rows(self._say.scan, (kind, after, limit))
        else:
            rows = self.rows(self._say.scan_key, (kind, *key, after, limit))
        found: list[Record] = []
        for row in rows:
            try:
                record = _record_behind(after, key, row)
            except StorageError as error:
                raise at_place(error, f"kind {kind!r}, behind id {after!r}") from error
            found.append(record)
            after = record.id
        return found

    def find_entry(self, entry_id: str) -> StoredEntry | None:
        rows = self.rows(self._say.entry, (entry_id,))
        if not rows:
            return None
        try:
            return _entry_named(entry_id, rows[0])
        except StorageError as error:
            raise at_place(error, f"id {entry_id!r}") from error

    def append_entry(self, entry: LogEntry) -> int:
        position = self.last_position() + 1
        self.rows(self._say.append, entry_row(position, entry))
        self._position = position
        return position

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        if client_id is None:
            rows = self.rows(self._say.since, (after, limit))
        else:
            rows = self.rows(self._say.of_client, (client_id, after, limit))
        found: list[StoredEntry] = []
        for row in rows:
            try:
                stored = _entry_behind(after, client_id, row)
            except StorageError as error:
                raise at_place(error, f"a position behind {after}") from error
            found.append(stored)
            after = stored.position
        return found

    def page_by_client(self, client_id: str, after: int, limit: int) -> Sequence[StoredEntry]:
        found: list[StoredEntry] = []
        for row in self.rows(self._say.by_client, (client_id, after, limit)):
            try:
                stored = read_entry(row)
                if (stored.entry.client_id, stored.position) <= (client_id, after):
                    raise misled()
            except StorageError as error:
                raise at_place(error, f"client {client_id!r}, a position behind {after}") from error
            found.append(stored)
            client_id, after = stored.entry.client_id, stored.position
        return found

    def find_work(self, idempotency_key: str) -> str | None:
        rows = self.rows(self._say.work, (idempotency_key,))
        if not rows:
            return None
        try:
            check_row("idempotency key", rows[0])
        except StorageError as error:
            raise at_place(error, repr(idempotency_key)) from error
        return str(rows[0][1])

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self.rows(self._say.put_work, work_row(idempotency_key, body_digest))

    def erase_record(self, kind: str, record_id: str) -> bool:
        row = self._record_row(kind, record_id)
        if row is None:
            return False
        # Not those that the record names: of a table of keys that is damaged nothing stays either.
        self.rows(self._say.delete_keys, (kind, record_id))
        self.rows(self._say.forget, (kind, record_id))
        return True

    def rewrite_entry(self, position: int, entry: LogEntry) -> None:
        self.rows(self._say.rewrite, entry_row(position, entry))

    def try_new_records(self, records: Sequence[Record]) -> bool:
        return self.try_many(
            (self._say.insert, [record_row(record) for record in records]),
            (self._say.put_key, [row for record in records for row in key_rows(record, record.keys)]),
        )

    def try_new_entries(self, entries: Sequence[LogEntry]) -> bool:
        last = self.last_position()
        rows = [entry_row(position, entry) for position, entry in enumerate(entries, last + 1)]
        is_new = self.try_many((self._say.append, rows))
        self._position = last + len(rows) if is_new else last
        return is_new

    def _record_row(self, kind: str, record_id: str) -> Any:  # noqa: ANN401 - rows come from a database
        """The row, deleted or not, that is what was stored; None where there never was one."""
        rows = self.rows(self._say.get, (kind, record_id))
        if not rows:
            return None
        try:
            check_row("record", rows[0])
        except StorageError as error:
            raise at_place(error, f"kind {kind!r}, id {record_id!r}") from error
        return rows[0]


def _record_behind(after: str, key: tuple[str, str] | None, row: Any) -> Record:  # noqa: ANN401 - rows come from a database
    record = read_record(row)
    if record.id <= after or (key is not None and key not in record.keys):
        raise misled()
    return record


def _entry_named(entry_id: str, row: Any) -> StoredEntry:  # noqa: ANN401 - rows come from a database
    stored = read_entry(row)
    if stored.entry.id != entry_id:
        raise misled()
    return stored


def _entry_behind(after: int, client_id: str | None, row: Any) -> StoredEntry:  # noqa: ANN401 - rows come from a database
    stored = read_entry(row)
    if stored.position <= after or client_id not in {None, stored.entry.client_id}:
        raise misled()
    return stored
