"""SQLite books as whole copies: read row by row, written row by row, opened without being touched."""

import re
import shutil
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from relcare.errors import StorageError
from relcare.storage._copies import COLUMNS, check_all, order_by
from relcare.storage._left_behind import folder_of_own, sweep_folders
from relcare.storage._rows import Row, damaged, position_in
from relcare.storage._sqlite_file import create_file, open_connection, remove_file, storage_error, sync_file

__all__ = ["SqliteRows", "copy_pages", "new_copy", "opened_copy", "verify_connection"]

_ASIDE: Final = "relcare-copy-"
_LEFT_ASIDE: Final = re.compile(r"relcare-copy-[a-z0-9_]{8}")
_COPY: Final = "copy.db"


class SqliteRows:
    """Reads and adds rows over a connection that is in a transaction; see `RowSource` and `RowSink`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, table: str) -> Iterator[Row]:
        """See `RowSource.rows`."""
        statement = f"SELECT {', '.join(COLUMNS[table])} FROM {table} ORDER BY {order_by(table)}"  # noqa: S608 - names of our own
        return iter(self._connection.execute(statement))

    def last_position(self) -> int:
        """See `RowSource.last_position`."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'log'").fetchone()
        return 0 if row is None else position_in(row[0])

    def is_empty(self) -> bool:
        """Whether nothing was ever stored."""
        tables = ("record", "log", "work")
        found = (self._connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in tables)  # noqa: S608
        return not any(found) and self.last_position() == 0

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """See `RowSink.add`."""
        columns = COLUMNS[table]
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608

    def set_last_position(self, position: int) -> None:
        """See `RowSink.set_last_position`."""
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'log'")
        if position:
            self._connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('log', ?)", (position,))


def verify_connection(connection: sqlite3.Connection) -> str:
    """The digest of everything that a connection, which is in a transaction, reads.

    Raises:
        StorageError: The file or a row is damaged.
    """
    try:
        # SQLite looks at its pages and at its indices, the digests at the values.
        if [row[0] for row in connection.execute("PRAGMA integrity_check(1)")] != ["ok"]:
            raise damaged("page or index")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise damaged("reference")
        return check_all(SqliteRows(connection))
    except sqlite3.DatabaseError as error:
        if "malformed" in str(error) or "decode" in str(error):
            raise damaged("page or text", error) from None
        raise storage_error("read everything", error) from error


def copy_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Copies the whole database of a connection, as its transaction sees it, into a new file.

    All pages in one step: a copy in several steps begins anew whenever somebody writes in between, and may never end. A copy of
    the file itself would miss what is still in the log beside it.

    Raises:
        StorageError: Something is there already, or it failed; nothing is left behind.
    """
    with _new_file(path), closing(sqlite3.connect(path, isolation_level=None)) as target:
        connection.backup(target)


@contextmanager
def new_copy(path: Path) -> Generator[SqliteRows]:
    """A new book to add rows to: kept when the block ends, taken away when it raises.

    Raises:
        StorageError: Something is there already, or it failed; nothing is left behind.
    """
    with _new_file(path), closing(open_connection(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield SqliteRows(connection)
        connection.execute("COMMIT")


@contextmanager
def opened_copy(path: Path) -> Generator[SqliteRows]:
    """The rows of a book that nobody has open, and that stays as it is: a copy of it is read.

    To open the file itself would bring an older one up to date, and lay files beside it.

    Raises:
        StorageError: There is no such book, or somebody has it open.
    """
    # The log stands there while anybody has the book open; and to open and close the file here would end their locks.
    if path.with_name(f"{path.name}-wal").exists():
        raise StorageError(f"{str(path)!r} is in use, and a copy of the file alone would miss what is new; hint: back it up")
    with _folder_aside() as folder:
        copy = folder / _COPY
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise StorageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
        try:
            with closing(open_connection(copy)) as connection:
                connection.execute("BEGIN")
                yield SqliteRows(connection)
        except StorageError as error:
            # Whoever reads it knows the file by its own name: the copy is gone.
            if type(error) is not StorageError or str(copy) not in str(error):
                raise
            raise StorageError(str(error).replace(str(copy), str(path))) from error


@contextmanager
def _folder_aside() -> Generator[Path]:
    try:
        with folder_of_own(_ASIDE) as folder:
            # Those before who were killed could not.
            sweep_folders(folder.parent, _LEFT_ASIDE, _COPY)
            yield folder
    except OSError as error:
        # One that cannot be taken away again is an error too: what is known of clients would stay in it.
        raise storage_error("keep a copy aside for a moment", error) from error


@contextmanager
def _new_file(path: Path) -> Generator[None]:
    create_file(path)
    try:
        yield
        sync_file(path)
    except BaseException as error:
        remove_file(path)
        if isinstance(error, (sqlite3.Error, OSError)):
            raise storage_error("copy itself", error) from error
        raise
