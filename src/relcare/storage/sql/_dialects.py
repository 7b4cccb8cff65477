"""Where the databases differ: how a transaction begins and ends, and what an error says about it."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from relcare.errors import InvalidValueError, StorageError
from relcare.storage._erasing import LEFT_IN_LOG
from relcare.storage._rows import damaged
from relcare.storage._sqlite_file import secure_log

__all__ = ["WAIT_SECONDS", "Dialect", "dialect_of", "storage_error"]

WAIT_SECONDS = 30

_WAITED_TOO_LONG = {"55P03", "SQLITE_BUSY"}


def storage_error(doing: str, error: Exception) -> StorageError:
    """The error to raise, `from None`: the texts of databases and of SQLAlchemy quote what they were given."""
    code = _code(error)
    if code in _WAITED_TOO_LONG:
        return StorageError(f"another unit kept the store for {WAIT_SECONDS} seconds; hint: keep units short")
    return StorageError(f"the store could not {doing} ({code})")


def _code(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else None
    if original is None:
        return type(error).__name__
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return str(code or type(original).__name__)


class Dialect(ABC):
    """One database."""

    name: ClassVar[str]
    locks_rows: ClassVar[bool]
    """Whether writers take turns by a lock of a row; otherwise the beginning of a transaction lets one in."""
    is_spoilt_by_unknown_outcome: ClassVar[bool]
    """Whether a commit that failed must not be followed by another before the store is opened again."""

    @abstractmethod
    def begin(self, connection: Connection, *, writes: bool) -> Connection:
        """A transaction has begun; what is read from now on is what was committed, and stands still if nothing is written."""

    @abstractmethod
    def commit(self, connection: Connection) -> None:
        """Makes it last."""

    @abstractmethod
    def is_in_transaction(self, connection: Connection) -> bool:
        """Whether the transaction that began is still open."""

    @abstractmethod
    def is_known_failure(self, error: SQLAlchemyError) -> bool:
        """Whether an error of a commit says for certain that nothing was kept."""

    @abstractmethod
    def check(self, connection: Connection) -> None:
        """Refuses a database that orders ids wrongly.

        Raises:
            StorageError: It does.
        """

    @abstractmethod
    def check_pages(self, connection: Connection, tables: Sequence[str]) -> None:
        """Has the database look at its own pages and indices, where it can: a row that no index leads to has no digest.

        Raises:
            StorageError: They are damaged.
        """

    @abstractmethod
    def scrub(self, connection: Connection) -> str | None:
        """Takes what was erased out of its files, as far as it can; what is left, or None."""

    @abstractmethod
    def profile(self, connection: Connection) -> dict[str, str | int]:
        """Its version and the settings on which promises rest."""


class _Postgres(Dialect):
    name = "postgresql"
    locks_rows = True
    # The server stops itself when a synchronisation fails, and recovers from the log: what it then shows is the truth.
    is_spoilt_by_unknown_outcome = False

    def begin(self, connection: Connection, *, writes: bool) -> Connection:
        if not writes:
            # Under READ COMMITTED each page would see another state of the book.
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Under READ COMMITTED whoever waited for the turn sees what the one before committed. With one snapshot for the whole
        # transaction, taken before the wait, nearly every writer that waited would have to start again.
        connection = connection.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=False)
        # Without synchronous_commit what was acknowledged is lost with the server, without any power cut.
        connection.execute(_PREPARE, {"wait": f"{WAIT_SECONDS}s"})
        return connection

    def commit(self, connection: Connection) -> None:
        connection.commit()

    def is_in_transaction(self, connection: Connection) -> bool:
        return connection.in_transaction()

    def is_known_failure(self, error: SQLAlchemyError) -> bool:
        original = error.orig if isinstance(error, DBAPIError) else None
        state: object = getattr(original, "sqlstate", None)
        # Integrity (23) and rollback (40) are answers of the server; a lost connection is none, and neither is its end (57).
        return isinstance(state, str) and state[:2] in {"23", "40"}

    def check(self, connection: Connection) -> None:
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StorageError(f"the database is kept in {encoding}, which cannot hold every text; hint: take one in UTF8")

    def check_pages(self, connection: Connection, tables: Sequence[str]) -> None:
        """Only an extension can, and only for an owner of the database."""

    def scrub(self, connection: Connection) -> str | None:  # noqa: ARG002 - nothing that a client may do would be enough
        return (
            "PostgreSQL keeps rows that were erased in its files until VACUUM FULL rewrites relcare_record, "
            "relcare_record_key and relcare_log, and in its write-ahead log, its replicas and base backups until those are gone"
        )

    def profile(self, connection: Connection) -> dict[str, str | int]:
        names = ("server_version", "server_encoding", "synchronous_commit", "fsync", "full_page_writes", "data_checksums")
        return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names}


_PREPARE = text(
    "SELECT set_config('lock_timeout', :wait, true), set_config('synchronous_commit', "
    "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)"
)


class _Sqlite(Dialect):
    name = "sqlite"
    locks_rows = False
    # A second try of a synchronisation that failed may report success for what never reached the disk.
    is_spoilt_by_unknown_outcome = True

    def begin(self, connection: Connection, *, writes: bool) -> Connection:
        # The driver's own transactions begin deferred, and a deferred one that turns to writing fails at once when another
        # wrote in between; so the driver is told to leave transactions alone.
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        _set(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        return connection

    def commit(self, connection: Connection) -> None:
        connection.exec_driver_sql("COMMIT")

    def is_in_transaction(self, connection: Connection) -> bool:
        return bool(getattr(connection.connection.driver_connection, "in_transaction", True))

    def is_known_failure(self, error: SQLAlchemyError) -> bool:  # noqa: ARG002 - SQLite's own errors do not tell
        return False

    def check(self, connection: Connection) -> None:
        encoding = connection.exec_driver_sql("PRAGMA encoding").scalar_one()
        if encoding != "UTF-8":
            raise StorageError(f"the database is kept in {encoding}, which orders ids wrongly; hint: take one in UTF-8")
        mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one()
        if mode != "wal":
            raise StorageError(f"the database lies where no write-ahead log can be kept ({mode}); hint: use a local disk")
        driver, file = connection.connection.driver_connection, connection.engine.url.database
        if isinstance(driver, sqlite3.Connection) and file:
            secure_log(Path(file), driver)

    def check_pages(self, connection: Connection, tables: Sequence[str]) -> None:
        for name in tables:  # those of the host are the host's to look at
            if connection.exec_driver_sql(f"PRAGMA integrity_check('{name}')").scalars().first() != "ok":
                raise damaged(f"page or index of {name}")

    def scrub(self, connection: Connection) -> str | None:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        _set(connection)
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        return LEFT_IN_LOG if busy else None

    def profile(self, connection: Connection) -> dict[str, str | int]:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        _set(connection)
        version = {"sqlite_version": str(connection.exec_driver_sql("SELECT sqlite_version()").scalar_one())}
        names = ("journal_mode", *_SQLITE_SETTINGS)
        return version | {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


_SQLITE_SETTINGS = {"busy_timeout": WAIT_SECONDS * 1000, "foreign_keys": 1, "synchronous": 2, "secure_delete": 1}


def _set(connection: Connection) -> None:
    # For each transaction: the connection may be the host's, and the host may have set it otherwise.
    for name, value in _SQLITE_SETTINGS.items():
        connection.exec_driver_sql(f"PRAGMA {name} = {value}")


_DIALECTS: tuple[Dialect, ...] = (_Postgres(), _Sqlite())


def dialect_of(engine: Engine) -> Dialect:
    """What is known of the database of an engine.

    Raises:
        InvalidValueError: It is neither PostgreSQL nor SQLite.
    """
    for dialect in _DIALECTS:
        if dialect.name == engine.dialect.name:
            return dialect
    raise InvalidValueError("engine", engine.dialect.name, "must be PostgreSQL or SQLite")
