"""The file of a SQLite store: made private, recognised before it is touched, opened with the settings that keep promises."""

import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

from relcare.errors import InvalidValueError, OutcomeUnknownError, StorageError
from relcare.storage._sqlite_schema import SCHEMA_VERSION, TABLES, migrate

APPLICATION_ID = 0x52434152
"""`RCAR`: stands in the header of each file, so that no other application's database is taken for a book."""

WAIT_SECONDS = 30.0
_OLDEST_SQLITE = (3, 37, 0)  # strict tables

# Set on each connection, then read back: an unknown or refused pragma is silent.
_SETTINGS = {
    "foreign_keys": 1,
    "synchronous": 2,  # FULL: what was acknowledged survives a power cut, not only a crash
    "trusted_schema": 0,
    "cell_size_check": 1,
    "secure_delete": 1,
}


def storage_error(doing: str, error: Exception) -> StorageError:
    """The error to raise, `from error`; SQLite's own text stays in the chain, for it may quote what the caller gave."""
    code = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return StorageError(f"the store could not {doing} ({code})")


def checked_path(path: str | os.PathLike[str]) -> Path:
    """The path, absolute: the store must not move when the process changes its directory."""
    text = os.fspath(path)
    if type(text) is not str or not text or "\0" in text:
        raise InvalidValueError("path", text, "must be the path of a file")
    return Path(text).absolute()


def create_file(path: Path) -> None:
    """Makes a new, empty book that only its owner can read (mode 0600).

    Raises:
        StorageError: Something is there already, or the place cannot be written; nothing is left behind.
    """
    _check_sqlite()
    if os.path.lexists(path):
        raise _exists(path)
    # A journal left by another database would be played into the new file.
    for name in (f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        if os.path.lexists(path.with_name(name)):
            raise StorageError(f"{str(path.with_name(name))!r} is left from another database; hint: move it away first")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise StorageError(f"{str(path)!r} cannot be created: {error.strerror}") from error
    try:
        with closing(_connect(path)) as connection:
            _create_tables(connection)
        sync_folder(path.parent)
    except BaseException as error:
        remove_file(path)
        if isinstance(error, (sqlite3.Error, OSError)):
            raise storage_error("create its file", error) from error
        raise


def remove_file(path: Path) -> None:
    """Takes away a book that was just made and could not be filled, with the files beside it."""
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink()


def discard_file(path: Path) -> None:
    """Takes away a book that nobody has open, for good: no power cut brings it back.

    Raises:
        StorageError: It is still there.
        OutcomeUnknownError: It is gone, and a power cut may bring it back.
    """
    remove_file(path)
    if os.path.lexists(path):
        raise StorageError(f"{str(path)!r} cannot be taken away; hint: look at the rights of its folder, and at the disk")
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise OutcomeUnknownError(
            f"{str(path)!r} was taken away, but the disk does not say that it keeps to that; hint: look after the next start"
        ) from error


def open_connection(path: Path) -> sqlite3.Connection:
    """A connection to an existing book, with every setting in force.

    Raises:
        StorageError: There is no such file, it is no book of relcare, a newer relcare wrote it, or a setting was refused.
    """
    _check_sqlite()
    try:
        mode = path.stat().st_mode
    except OSError as error:
        hint = "; hint: check the spelling, or create the store" if isinstance(error, FileNotFoundError) else ""
        raise StorageError(f"{str(path)!r} cannot be opened: {error.strerror}{hint}") from error
    if not stat.S_ISREG(mode):
        raise StorageError(f"{str(path)!r} is not a file")
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(path)
        # Before any setting: the file of another application must stay as it is.
        _check_identity(path, connection)
        _check_settings(path, connection)
        migrate(connection)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite quotes a damaged schema as it is
        if connection is not None:
            connection.close()
        if getattr(error, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise StorageError(f"{str(path)!r} is not a book of relcare (no database)") from error
        raise storage_error("open its file", error) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise
    return connection


def read_pragma(connection: sqlite3.Connection, name: str) -> str | int:
    """The value in force; the name comes from this package, never from outside."""
    row = connection.execute(f"PRAGMA {name}").fetchone()
    value: str | int = row[0]
    return value


def _connect(path: Path) -> sqlite3.Connection:
    # mode=rw never creates. Connections change threads through the pool of the store, one user at a time.
    uri = f"{path.as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old; hint: 3.37 or later is needed")


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA encoding = 'UTF-8'")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # One transaction: a crash leaves a whole book or an empty file, which is refused as no book.
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _check_identity(path: Path, connection: sqlite3.Connection) -> None:
    found = read_pragma(connection, "application_id")
    if found != APPLICATION_ID:
        what = "an empty file" if path.stat().st_size == 0 else "the database of another application"
        raise StorageError(f"{str(path)!r} is not a book of relcare ({what})")
    schema = int(read_pragma(connection, "user_version"))
    if schema > SCHEMA_VERSION:
        raise StorageError(
            f"{str(path)!r} was written by a newer relcare (schema {schema}, this one knows {SCHEMA_VERSION}); "
            "hint: upgrade relcare"
        )
    if schema < 1:
        raise StorageError(f"{str(path)!r} has the unknown schema {schema}")
    encoding = read_pragma(connection, "encoding")
    if encoding != "UTF-8":
        # The order of ids rests on it: UTF-8 bytes order as code points do, UTF-16 units do not.
        raise StorageError(f"{str(path)!r} is kept in {encoding}, which orders ids wrongly")


def _check_settings(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    for name, value in _SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {value}")
    mode = read_pragma(connection, "journal_mode")
    if mode != "wal":
        raise StorageError(f"{str(path)!r} lies where no write-ahead log can be kept ({mode}); hint: use a local disk")
    for name, value in _SETTINGS.items():
        if (found := read_pragma(connection, name)) != value:
            raise StorageError(f"SQLite refused the setting {name} = {value} (it is {found})")


def _exists(path: Path) -> StorageError:
    return StorageError(f"{str(path)!r} exists already; hint: open it, or choose another name")


def sync_file(path: Path) -> None:
    """Waits until a file, and its name, are on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def secure_log(path: Path, connection: sqlite3.Connection) -> None:
    """Brings the log beside a book that was just opened to the disk, and what it holds into the book.

    A process that was killed may have left a commit that every reader sees and that the disk does not have yet: who looks
    whether it happened, or repeats it under its key, must not be told of what a power cut would still take back. And where it
    was stopped by a disk that failed, the log may have a hole that no later synchronisation mends: what is committed next must
    not stand behind it.

    Raises:
        StorageError: The log cannot be brought to the disk.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if not log.stat().st_size:
            return
        sync_file(log)
        # Where others have the book open the log stays; on a full disk too, from where it can be read.
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA busy_timeout = 0").fetchone()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000:.0f}").fetchone()
        # Or its old beginning might come back and cover what is newer in the book.
        sync_file(log)
    except FileNotFoundError:
        return  # whoever closed the book last brought it into the file
    except (OSError, sqlite3.Error) as error:
        raise storage_error("open its file", error) from error


def make_folder(folder: Path) -> None:
    """Makes a folder that only its owner can read, unless there is one, and waits until its name is on the disk."""
    folder.mkdir(mode=0o700, exist_ok=True)
    # Who may not read the place where it lies did not make it.
    with suppress(PermissionError):
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    if not hasattr(os, "O_DIRECTORY"):  # no such thing on Windows
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
