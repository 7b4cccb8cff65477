"""A store in a database that SQLAlchemy speaks to."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from relcare.errors import StorageError
from relcare.model import Book, Review
from relcare.storage._book_writer import save_book
from relcare.storage._capabilities import HealthCheck
from relcare.storage._copies import carry, check_all
from relcare.storage._erasing import ErasableStore
from relcare.storage._rows import position_in
from relcare.storage._sqlite_copy import new_copy, opened_copy
from relcare.storage.sql._book_tables import check_book, make_book, said
from relcare.storage.sql._copy import SqlRows
from relcare.storage.sql._dialects import WAIT_SECONDS, dialect_of, storage_error
from relcare.storage.sql._engines import check_file, engine_of
from relcare.storage.sql._health import inspect_database
from relcare.storage.sql._tables import read_turn
from relcare.storage.sql._transaction import SqlTransaction

__all__ = ["SqlStore"]


class SqlStore(ErasableStore):
    """A store in a PostgreSQL database, or in the SQLite database of a host, shared by threads, processes and machines.

    What was committed survives a crash of the client and, with the settings that PostgreSQL has by default, of the server.
    Readers never wait; writers take turns and wait up to 30 seconds, then `StorageError`. When the connection breaks during
    a commit the outcome is not known (`OutcomeUnknownError`): repeat the unit under the same idempotency key. After a fork
    the child must open its own store.

    The tables (`relcare_record` and four more, see `tables_of`) may stand beside those of an application. Each write unit
    locks one row of them from its beginning to its end, so keep units short.

    Args:
        where: The URL of a database, as text or as a `sqlalchemy.URL`, in which the tables exist; or the engine of a host,
            which stays the host's to dispose of.
        schema: The schema in which the tables lie; None for the one that the connection takes.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from relcare.storage import Record
        >>> from relcare.storage.sql import SqlStore
        >>> with TemporaryDirectory() as folder:
        ...     with SqlStore.new(f"sqlite:///{Path(folder) / 'host.db'}") as store, store.write() as unit:
        ...         unit.records.put(Record(kind="client", id="c-17", payload="{}"), expected=0).version
        1

    Raises:
        InvalidValueError: It is no URL, or of a database that is neither PostgreSQL nor SQLite.
        StorageError: The database cannot be reached, its driver is not installed, or there is no book in it.

    Source: STO-1, STO-2, STO-3
    """

    def __init__(self, where: str | URL | Engine, /, *, schema: str | None = None) -> None:
        super().__init__()
        self._is_own_engine = not isinstance(where, Engine)
        self._engine = where if isinstance(where, Engine) else engine_of(where)
        self._dialect = dialect_of(self._engine)
        self._tables, self._statements = said(schema, self._dialect.name)
        self._turn = threading.Lock()
        self._is_poisoned = False
        try:
            check_file(self._engine)
            check_book(self._engine, self._dialect, self._tables)
        except BaseException:
            self.release()
            raise

    @classmethod
    def open(cls, where: str | URL | Engine, /, *, schema: str | None = None) -> Self:
        """The store in a database where its tables exist; creates nothing."""
        return cls(where, schema=schema)

    @classmethod
    def new(cls, where: str | URL | Engine, /, *, schema: str | None = None) -> Self:
        """An empty store, whose tables are made: all of them or none.

        Args:
            where: As for the class. A SQLite file is made where there is none, for its owner alone (mode 0600).
            schema: As for the class; it must exist.

        Raises:
            StorageError: The tables exist already, or cannot be made.
        """
        is_own = not isinstance(where, Engine)
        engine = where if isinstance(where, Engine) else engine_of(where)
        try:
            make_book(engine, schema)
            store = cls(engine, schema=schema)
        except BaseException:
            if is_own:
                engine.dispose()
            raise
        store._is_own_engine = is_own
        return store

    @classmethod
    def create(
        cls,
        where: str | URL | Engine,
        book: Book,
        /,
        *,
        by: str | None = None,
        reviews: Iterable[Review] = (),
        schema: str | None = None,
    ) -> Self:
        """A new store that holds a book; see `save_book`.

        Args:
            where: As for `new`.
            book: With its zone and currency.
            by: Who records it; stored with each event.
            reviews: Those that are kept with it.
            schema: As for `new`.

        Raises:
            StorageError: The tables exist already, or cannot be written; nothing is left behind.
        """
        store = cls.new(where, schema=schema)
        try:
            save_book(store, book, by=by, reviews=reviews)
        except BaseException:
            store.discard()
            raise
        return store

    def profile(self) -> dict[str, str | int]:
        """What the database says about itself: its version, and the settings on which the promises rest."""
        with self._gate.unit():
            try:
                with self._engine.connect() as connection:
                    return self._dialect.profile(connection)
            except SQLAlchemyError as error:
                raise storage_error("read its settings", error) from None

    def inspect(self) -> tuple[HealthCheck, ...]:
        """See `CanBeInspected.inspect`."""
        return inspect_database(self._dialect.name, self.profile(), is_poisoned=self._is_poisoned)

    def verify(self) -> str:
        """See `CanBeInspected.verify`."""
        with self._snapshot() as rows:
            rows.check_pages(self._dialect)
            return check_all(rows)

    def copy_to(self, path: Path, /) -> str:
        """See `CanBeCopied.copy_to`."""
        with self._snapshot() as rows, new_copy(path.absolute()) as sink:
            return carry(rows, sink)

    def fill_from(self, path: Path, /) -> str:
        """See `CanBeCopied.fill_from`."""
        with self._gate.unit(), opened_copy(path.absolute()) as source:
            transaction = self.begin(writes=True)
            try:
                sink = SqlRows(transaction.connection, self._tables)
                if not sink.is_empty():
                    raise StorageError("the store is not empty; hint: restore into a new one")  # noqa: TRY301
                digest = carry(source, sink)
                transaction.note_position()
            except BaseException as error:
                transaction.rollback()
                if isinstance(error, SQLAlchemyError):
                    raise storage_error("take the copy", error) from None
                raise
            transaction.commit()
            return digest

    def scrub(self) -> str | None:
        """See `CanErase.scrub`; of PostgreSQL it says what the server keeps until it vacuums."""
        try:
            with self._gate.unit(), self._engine.connect() as connection:
                return self._dialect.scrub(connection)
        except SQLAlchemyError as error:
            raise storage_error("scrub its files", error) from None

    def discard(self) -> None:
        """See `CanBeDiscarded.discard`: takes its tables away, and those alone."""
        with self._gate.unit():
            try:
                with self._engine.begin() as connection:
                    self._tables.metadata.drop_all(connection)
            except SQLAlchemyError as error:
                raise storage_error("drop its tables", error) from None
        self.close()

    def begin(self, *, writes: bool) -> SqlTransaction:
        """See `BaseStore.begin`."""
        if not writes:
            return self._begin(writes=False)
        # Threads queue here, which costs no connection; the database keeps the queue of processes.
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise StorageError(f"another unit kept the store for {WAIT_SECONDS} seconds; hint: keep units short")
        try:
            if self._is_poisoned:
                raise StorageError("an earlier commit failed and its outcome is not known; hint: open the store again")  # noqa: TRY301
            return self._begin(writes=True)
        except BaseException:
            self._turn.release()
            raise

    def release(self) -> None:
        """See `BaseStore.release`."""
        if self._is_own_engine:
            self._engine.dispose()

    @contextmanager
    def _snapshot(self) -> Generator[SqlRows]:
        """One unchanging view of all rows."""
        with self._gate.unit():
            transaction = self.begin(writes=False)
            try:
                yield SqlRows(transaction.connection, self._tables)
            except SQLAlchemyError as error:
                raise storage_error("read everything", error) from None
            finally:
                transaction.rollback()

    def _begin(self, *, writes: bool) -> SqlTransaction:
        connection: Connection | None = None
        try:
            connection = self._engine.connect()
            connection = self._dialect.begin(connection, writes=writes)
            # The first statement: it waits for the turn, or takes the snapshot that a view goes on seeing.
            found = connection.execute(read_turn(self._tables, locks=writes and self._dialect.locks_rows)).one()
            position = position_in(found.position)
        except BaseException as error:
            if connection is not None:
                with suppress(SQLAlchemyError):
                    connection.close()
            if isinstance(error, (SQLAlchemyError, UnicodeDecodeError)):
                raise storage_error("begin a unit", error) from None
            raise
        return SqlTransaction(
            connection,
            statements=self._statements,
            tables=self._tables,
            dialect=self._dialect,
            position=position if writes else None,
            on_end=self._end,
        )

    def _end(self, *, writes: bool, is_outcome_known: bool) -> None:
        if not is_outcome_known and self._dialect.is_spoilt_by_unknown_outcome:
            self._is_poisoned = True
        if writes:
            self._turn.release()
