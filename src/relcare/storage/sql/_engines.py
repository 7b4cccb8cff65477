"""From the URL of a database to an engine, and the files of SQLite databases."""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from relcare.errors import InvalidValueError, StorageError

__all__ = ["check_file", "engine_of", "first_connection", "make_file", "reason_of", "remove_file"]


def engine_of(where: str | URL) -> Engine:
    """An engine of our own.

    Raises:
        InvalidValueError: It is no URL of a database.
        StorageError: The driver is not installed.
    """
    try:
        url = make_url(where)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        # What fails must not show in a log what was to be stored; a connection that a restart of the server broke is replaced.
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError):
        # The text may hold a password.
        raise InvalidValueError("url", "<url>", "must be the URL of a database, such as postgresql://localhost/firm") from None
    except ModuleNotFoundError as error:
        hint = "pip install 'psycopg[binary]'" if error.name == "psycopg" else f"install {error.name}"
        raise StorageError(f"the driver {error.name!r} of the database is not installed; hint: {hint}") from error
    return engine


def first_connection(engine: Engine) -> Connection:
    """A connection to a database of which nothing is known yet.

    Raises:
        StorageError: It does not know its own encoding.
    """
    try:
        return engine.connect()
    except TypeError:
        # From such a database (SQL_ASCII) the driver gives bytes, and SQLAlchemy cannot even read its version.
        raise StorageError(
            "the database does not say how it keeps text (its encoding is SQL_ASCII); hint: take one in UTF8"
        ) from None


def reason_of(error: SQLAlchemyError) -> str:
    """Why nobody could be reached, in the words of the driver: before anything is read they hold nothing about a client."""
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) is None and str(error.orig):
        return f": {str(error.orig).splitlines()[0]}"
    return ""


def _file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database."""
    if engine.dialect.name != "sqlite":
        return None
    name = engine.url.database
    if not name or name == ":memory:":
        raise InvalidValueError("url", str(engine.url), "must name a file", "use MemoryStore to keep nothing")
    return Path(name)


def check_file(engine: Engine) -> None:
    """Refuses the SQLite file that is not there: SQLite would make one of every mistyped name.

    Raises:
        StorageError: There is none.
    """
    path = _file_of(engine)
    if path is not None and not path.is_file():
        raise StorageError(
            f"{str(path)!r} cannot be opened: there is no such file; hint: check the spelling, or create the store"
        )


def make_file(engine: Engine) -> Path | None:
    """The file that was made; None where nothing was."""
    path = _file_of(engine)
    if path is None or os.path.lexists(path):
        return None
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StorageError(f"{str(path)!r} cannot be created: {error.strerror}") from error
    return path


def remove_file(path: Path) -> None:
    """Takes away a file that was just made, with the files beside it."""
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink()
