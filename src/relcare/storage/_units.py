"""The units that callers hold: they guard a transaction and keep the rules of versions and of the log."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

from relcare.errors import ConflictError, InvalidValueError, StorageError
from relcare.storage._by_client import in_order_of_clients
from relcare.storage._values import LogEntry, Record, StoredEntry, check_integer, check_text

if TYPE_CHECKING:
    from relcare.storage._base import Transaction

Item = TypeVar("Item")
Cursor = TypeVar("Cursor", str, int, tuple[str, int])

PAGE = 500
BATCH = 5_000


class Scope:
    """How long a unit lasts and what it allows; shared by the unit and its parts."""

    def __init__(self, transaction: "Transaction", *, is_writable: bool, is_repeat: bool = False) -> None:
        self._transaction = transaction
        self._process_id = os.getpid()
        self._thread = get_ident()
        self._is_open = True
        self._is_spoilt = False
        self._is_writable = is_writable
        self.is_repeat = is_repeat

    def end(self) -> None:
        """From now on everything is refused."""
        self._is_open = False

    def reading(self) -> "Transaction":
        """The transaction, if it may be read from here and now."""
        if not self._is_open:
            raise StorageError("this unit has ended; hint: read inside the with block, or keep what was read in a list")
        self._check_process()
        if get_ident() != self._thread:
            raise StorageError("this unit belongs to another thread; hint: open one in each thread")
        return self._transaction

    def writing(self) -> "Transaction":
        """The transaction, if it may be changed here and now."""
        transaction = self.reading()
        if self.is_repeat:
            raise StorageError("this work was committed before under the same idempotency key; hint: look at unit.is_repeat")
        self.check_sound()
        return transaction

    def check_sound(self) -> None:
        """Refuses to go on, or to commit, after a bulk change that broke off half-way, or in a forked child."""
        self._check_process()
        if self._is_spoilt:
            raise StorageError("a bulk change failed half-way, so nothing of this unit is kept; hint: repeat the unit")

    def _check_process(self) -> None:
        if os.getpid() != self._process_id:
            raise StorageError("this unit was opened before the process forked, and is the parent's; hint: open the store anew")

    @contextmanager
    def spoilt_by_failure(self) -> Generator[None]:
        """Whatever is raised inside spoils the unit, even if the caller swallows it."""
        try:
            yield
        except BaseException:
            self._is_spoilt = True
            raise

    def walk(
        self, start: Cursor, fetch: Callable[[Cursor], Sequence[Item]], cursor_of: Callable[[Item], Cursor]
    ) -> Iterator[Item]:
        """All items behind `start`: page by page from a view, which stands still; at once from a unit, which may change."""
        pages = self._pages(start, fetch, cursor_of)
        return self.while_open(list(pages)) if self._is_writable else pages

    def _pages(
        self, start: Cursor, fetch: Callable[[Cursor], Sequence[Item]], cursor_of: Callable[[Item], Cursor]
    ) -> Iterator[Item]:
        while True:
            self.reading()
            page = fetch(start)
            for item in page:
                # As `reading`, once for each item: a call would cost as much as the item's digest.
                if not self._is_open or get_ident() != self._thread:
                    self.reading()
                yield item
            if len(page) < PAGE:
                return
            start = cursor_of(page[-1])

    def while_open(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, as long as the unit is open."""
        for item in items:
            self.reading()
            yield item


class UnitRecordReader:
    """See `RecordReader`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, kind: str, record_id: str, /) -> Record | None:
        """See `RecordReader.get`."""
        return self._scope.reading().find_record(check_text("kind", kind), check_text("id", record_id))

    def scan(self, kind: str, /, *, key: tuple[str, str] | None = None, after: str | None = None) -> Iterator[Record]:
        """See `RecordReader.scan`."""
        transaction = self._scope.reading()
        check_text("kind", kind)
        if key is not None:
            if type(key) is not tuple or len(key) != 2:
                raise InvalidValueError("key", key, "must be a pair of name and value")
            check_text("key", key[0])
            check_text("key", key[1])
        start = "" if after is None else check_text("after", after)
        return self._scope.walk(start, lambda last: transaction.page_of_records(kind, key, last, PAGE), lambda record: record.id)


class UnitRecords(UnitRecordReader):
    """See `Records`."""

    def put(self, record: Record, /, *, expected: int) -> Record:
        """See `Records.put`."""
        transaction = self._scope.writing()
        _checked(record)
        check_integer("expected", expected, least=0)
        current = transaction.find_record(record.kind, record.id)
        found = 0 if current is None else current.version
        if found != expected:
            raise ConflictError(record.kind, record.id, expected, found)
        # A deleted id goes on counting: a caller who still holds the deleted version must not hit the new record with it.
        last = found or transaction.find_last_version(record.kind, record.id)
        stored = record.at_version(last + 1)
        transaction.store_record(stored)
        return stored

    def put_many(self, records: Iterable[Record], /) -> int:
        """See `Records.put_many`."""
        count = 0
        self._scope.writing()
        with self._scope.spoilt_by_failure():
            for batch in _batches(records):
                if not self._scope.writing().try_new_records([_checked(record).at_version(1) for record in batch]):
                    for record in batch:
                        self.put(record, expected=0)
                count += len(batch)
        return count

    def delete(self, kind: str, record_id: str, /, *, expected: int) -> None:
        """See `Records.delete`."""
        transaction = self._scope.writing()
        check_integer("expected", expected, least=1)
        current = transaction.find_record(check_text("kind", kind), check_text("id", record_id))
        if current is None or current.version != expected:
            raise ConflictError(kind, record_id, expected, 0 if current is None else current.version)
        transaction.remove_record(current)


class UnitLogReader:
    """See `LogReader`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, entry_id: str, /) -> StoredEntry | None:
        """See `LogReader.get`."""
        return self._scope.reading().find_entry(check_text("id", entry_id))

    def since(self, cursor: int = 0, /) -> Iterator[StoredEntry]:
        """See `LogReader.since`."""
        return self._entries(None, check_integer("cursor", cursor, least=0))

    def of_client(self, client_id: str, /) -> Iterator[StoredEntry]:
        """See `LogReader.of_client`."""
        return self._entries(check_text("client_id", client_id), 0)

    def by_client(self) -> Iterator[StoredEntry]:
        """See `CanReadByClient.by_client`."""
        transaction = self._scope.reading()
        if transaction.page_by_client("", 0, 1) is None:
            return self._scope.while_open(in_order_of_clients(self.since()))
        return self._scope.walk(
            ("", 0),
            lambda last: transaction.page_by_client(*last, PAGE) or (),
            lambda stored: (stored.entry.client_id, stored.position),
        )

    def _entries(self, client_id: str | None, start: int) -> Iterator[StoredEntry]:
        transaction = self._scope.reading()
        return self._scope.walk(
            start, lambda last: transaction.page_of_entries(client_id, last, PAGE), lambda stored: stored.position
        )


class UnitLog(UnitLogReader):
    """See `Log`."""

    def append(self, entry: LogEntry, /) -> int:
        """See `Log.append`."""
        position, _ = self._append(entry)
        return position

    def append_many(self, entries: Iterable[LogEntry], /) -> int:
        """See `Log.append_many`."""
        count = 0
        self._scope.writing()
        with self._scope.spoilt_by_failure():
            for batch in _batches(entries):
                if self._scope.writing().try_new_entries(batch):
                    count += len(batch)
                else:
                    count += sum(self._append(entry)[1] for entry in batch)
        return count

    def _append(self, entry: LogEntry) -> tuple[int, bool]:
        transaction = self._scope.writing()
        if not isinstance(entry, LogEntry):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise InvalidValueError("entry", entry, "must be a LogEntry")
        known = transaction.find_entry(entry.id)
        if known is None:
            return transaction.append_entry(entry), True
        if not known.entry.says_the_same_as(entry):
            raise ConflictError(entry.kind, entry.id, 0, 1)
        return known.position, False


class View:
    """See `ReadUnit`. It has readers only: what cannot be called needs no refusal."""

    def __init__(self, scope: Scope) -> None:
        self._records = UnitRecordReader(scope)
        self._log = UnitLogReader(scope)

    @property
    def records(self) -> UnitRecordReader:
        """See `ReadUnit.records`."""
        return self._records

    @property
    def log(self) -> UnitLogReader:
        """See `ReadUnit.log`."""
        return self._log


class Work:
    """See `UnitOfWork`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._records = UnitRecords(scope)
        self._log = UnitLog(scope)

    @property
    def records(self) -> UnitRecords:
        """See `UnitOfWork.records`."""
        return self._records

    @property
    def log(self) -> UnitLog:
        """See `UnitOfWork.log`."""
        return self._log

    @property
    def is_repeat(self) -> bool:
        """See `UnitOfWork.is_repeat`."""
        return self._scope.is_repeat


def _checked(record: Record) -> Record:
    if not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise InvalidValueError("record", record, "must be a Record")
    return record


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
