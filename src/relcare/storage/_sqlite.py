"""The embedded store: one SQLite file."""

import os
import sqlite3
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from relcare.errors import StorageError
from relcare.model import Book, Review
from relcare.storage._book_writer import save_book
from relcare.storage._capabilities import HealthCheck
from relcare.storage._copies import carry
from relcare.storage._erasing import LEFT_IN_LOG, ErasableStore
from relcare.storage._sqlite_copy import SqliteRows, copy_pages, opened_copy, verify_connection
from relcare.storage._sqlite_file import (
    WAIT_SECONDS,
    checked_path,
    create_file,
    discard_file,
    open_connection,
    read_pragma,
    remove_file,
    secure_log,
    storage_error,
)
from relcare.storage._sqlite_guard import FileGuard
from relcare.storage._sqlite_health import inspect_file
from relcare.storage._sqlite_transaction import SqliteTransaction

_IDLE_CONNECTIONS = 8
_SHOWN = (
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "trusted_schema",
    "cell_size_check",
    "secure_delete",
    "application_id",
    "user_version",
)


class SqliteStore(ErasableStore):
    """A store in a file, shared by threads and by processes on one machine.

    What was committed survives `kill -9` and a power cut: write-ahead log, synchronised at each commit. Readers never wait;
    writers take turns and wait up to 30 seconds, then `StorageError`. Every unit has its own connection while it lasts. After a
    commit whose outcome is not known (disk full, input or output error) the store takes no more writes until it is opened again.
    After a fork the child must open its own store.

    The file belongs to its owner alone (mode 0600). Lay it on a local disk: a network share cannot keep the promises. Two
    files with `-wal` and `-shm` at the end of their names stand beside it while it is open: never copy it without them.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from relcare.storage import Record, SqliteStore
        >>> with TemporaryDirectory() as folder:
        ...     with SqliteStore.new(Path(folder) / "book.db") as store, store.write() as unit:
        ...         stored = unit.records.put(Record(kind="client", id="c-17", payload="{}"), expected=0)
        ...     with SqliteStore.open(Path(folder) / "book.db") as store, store.read() as view:
        ...         view.records.get("client", "c-17") == stored
        True

    Source: STO-1, STO-2, STO-3
    """

    def __init__(self, path: str | os.PathLike[str], /) -> None:
        """Opens an existing file; see `open`."""
        super().__init__()
        self._path = checked_path(path)
        self._turn = threading.Lock()
        first = open_connection(self._path)
        try:
            self._guard = FileGuard(self._path)
        except BaseException:
            first.close()
            raise
        self._idle: list[sqlite3.Connection] = [first]
        self._is_poisoned = False
        try:
            secure_log(self._path, first)
        except BaseException:
            self.release()
            raise

    @classmethod
    def open(cls, path: str | os.PathLike[str], /) -> Self:
        """The store in an existing file; a wrong path creates nothing.

        Raises:
            StorageError: There is no such file, it is no book of relcare, or a newer relcare wrote it.
        """
        return cls(path)

    @classmethod
    def new(cls, path: str | os.PathLike[str], /) -> Self:
        """An empty store in a file that does not exist yet.

        Raises:
            StorageError: Something is there already, or the place cannot be written; nothing is left behind.
        """
        place = checked_path(path)
        create_file(place)
        try:
            return cls(place)
        except BaseException:
            remove_file(place)
            raise

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], book: Book, /, *, by: str | None = None, reviews: Iterable[Review] = ()
    ) -> Self:
        """The store in a new file that holds a book; see `save_book`.

        Args:
            path: A file that does not exist yet.
            book: With its zone and currency.
            by: Who records it; stored with each event.
            reviews: Those that are kept with it.

        Raises:
            StorageError: Something is there already, or the file cannot be written; nothing is left behind.

        Examples:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from relcare.model import Book, Client
            >>> from relcare.storage import SqliteStore, load_book
            >>> with TemporaryDirectory() as folder:
            ...     book = Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul", currency="KRW")
            ...     with SqliteStore.create(Path(folder) / "book.db", book) as store:
            ...         load_book(store) == book
            True
        """
        store = cls.new(path)
        try:
            save_book(store, book, by=by, reviews=reviews)
        except BaseException:
            store.discard()
            raise
        return store

    @property
    def path(self) -> str:
        """Where the file is, absolute."""
        return str(self._path)

    def profile(self) -> dict[str, str | int]:
        """What SQLite says about itself: its version, and the settings in force, by the names of its pragmas."""
        with self._gate.unit():
            connection = self._take()
            try:
                found = {name: read_pragma(connection, name) for name in _SHOWN}
            except sqlite3.Error as error:
                raise storage_error("read its settings", error) from error
            finally:
                self._give_back(connection)
        return {"sqlite_version": sqlite3.sqlite_version, **found}

    def inspect(self) -> tuple[HealthCheck, ...]:
        """See `CanBeInspected.inspect`."""
        return inspect_file(self._path, self.profile(), is_poisoned=self._is_poisoned)

    def verify(self) -> str:
        """See `CanBeInspected.verify`."""
        with self._snapshot() as connection:
            return verify_connection(connection)

    def copy_to(self, path: Path, /) -> str:
        """See `CanBeCopied.copy_to`."""
        with self._snapshot() as connection:
            digest = verify_connection(connection)
            copy_pages(connection, checked_path(path))
            return digest

    def fill_from(self, path: Path, /) -> str:
        """See `CanBeCopied.fill_from`."""
        with self._gate.unit(), opened_copy(checked_path(path)) as source:
            transaction = self.begin(writes=True)
            try:
                sink = SqliteRows(transaction.connection)
                if not sink.is_empty():
                    raise StorageError("the store is not empty; hint: restore into a new one")  # noqa: TRY301
                digest = carry(source, sink)
            except BaseException as error:
                transaction.rollback()
                if isinstance(error, sqlite3.Error):
                    raise storage_error("take the copy", error) from error
                raise
            transaction.commit()
            return digest

    def scrub(self) -> str | None:
        """See `CanErase.scrub`: the file is written anew, and the write-ahead log is emptied."""
        with self._gate.unit():
            connection = self._take()
            try:
                # Erased bytes are overwritten where they lay; copies that SQLite made of them as it moved rows from page to
                # page are not, and only a new file is free of those.
                connection.execute("VACUUM")
                # Who reads a long report is not waited for: that the log stays is said, and it can be tried again.
                connection.execute("PRAGMA busy_timeout = 1000").fetchone()
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000:.0f}").fetchone()
            except sqlite3.Error as error:
                raise storage_error("scrub its file", error) from error
            finally:
                self._give_back(connection)
        return LEFT_IN_LOG if busy else None

    def discard(self) -> None:
        """See `CanBeDiscarded.discard`."""
        self.close()
        discard_file(self._path)

    def begin(self, *, writes: bool) -> SqliteTransaction:
        """See `BaseStore.begin`."""
        if not writes:
            return self._begin(writes=False)
        # Threads queue here, where a lock wakes the next at once; SQLite's own waiting polls, and is left to other processes.
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise StorageError(f"another unit kept the store for {WAIT_SECONDS:.0f} seconds; hint: keep units short")
        try:
            self._check_trusted()
            return self._begin(writes=True)
        except BaseException:
            self._turn.release()
            raise

    def release(self) -> None:
        """See `BaseStore.release`."""
        self._guard.let_go()
        while self._idle:
            self._idle.pop().close()
        self._guard.close()

    @contextmanager
    def _snapshot(self) -> Generator[sqlite3.Connection]:
        """One unchanging view of all rows."""
        with self._gate.unit():
            transaction = self.begin(writes=False)
            try:
                yield transaction.connection
            finally:
                transaction.rollback()

    def _check_trusted(self) -> None:
        # A second try after a failed synchronisation may report success for what never reached the disk.
        if self._is_poisoned:
            raise StorageError("an earlier commit failed and its outcome is not known; hint: open the store again")

    def _begin(self, *, writes: bool) -> SqliteTransaction:
        connection = self._take()
        try:
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            if not writes:
                # BEGIN alone takes no snapshot; the first read does.
                connection.execute("SELECT 1 FROM record LIMIT 1").fetchone()
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise storage_error("begin a unit", error) from error
            raise
        return SqliteTransaction(connection, writes=writes, on_end=self._end)

    def _end(self, connection: sqlite3.Connection, *, writes: bool, is_outcome_known: bool) -> None:
        if not is_outcome_known:
            self._is_poisoned = True
        try:
            self._give_back(connection)
        finally:
            if writes:
                self._turn.release()

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return open_connection(self._path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction or len(self._idle) >= _IDLE_CONNECTIONS:
            connection.close()
        else:
            self._idle.append(connection)
