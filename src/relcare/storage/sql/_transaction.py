"""One transaction of a SQL store."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.sql import Executable

from relcare.errors import OutcomeUnknownError, StorageError
from relcare.storage._row_transaction import RowTransaction, Statements
from relcare.storage._rows import Row, position_in
from relcare.storage.sql._dialects import Dialect, storage_error
from relcare.storage.sql._tables import Tables, read_turn, set_position

__all__ = ["OnEnd", "SqlTransaction"]


class OnEnd(Protocol):
    """Told when the transaction has ended."""

    def __call__(self, *, writes: bool, is_outcome_known: bool) -> None:
        """Called once."""


class SqlTransaction(RowTransaction[Executable]):
    """See `Transaction`.

    Args:
        connection: In a transaction that has begun; given back at the end.
        statements: What is said.
        tables: To what.
        dialect: What is known of the database.
        position: The last position of the log, read while holding the turn; None for a transaction that only reads.
        on_end: Told at the end.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        statements: Statements[Executable],
        tables: Tables,
        dialect: Dialect,
        position: int | None,
        on_end: OnEnd,
    ) -> None:
        super().__init__(statements)
        self._connection = connection
        self._tables = tables
        self._dialect = dialect
        self._first_position = position
        self._writes = position is not None
        self._on_end = on_end
        self._is_broken = False

    @property
    def connection(self) -> Connection:
        """The connection, for work on all rows at once."""
        return self._connection

    def note_position(self) -> None:
        """Takes the last position from the database again, after work on all rows at once has set it."""
        found = self._connection.execute(read_turn(self._tables, locks=False)).one()
        self._position = self._first_position = position_in(found.position)

    def read_position(self) -> int:
        # A sequence would not do: two transactions that overlap take 7 and 8 from it, 8 commits first, and a reader who has
        # seen 8 never asks for 7 again. Here whoever writes holds the lock of one row from beginning to commit and takes the
        # positions from that row, so they are in the order of commits; and the lock goes to the next only when the commit is
        # visible to everybody.
        return self._first_position or 0

    def rows(self, statement: Executable, values: Row) -> list[Any]:
        self._check_alive()
        try:
            result = self._connection.execute(statement, _named(values))
            found = [tuple(row) for row in result] if result.returns_rows else []
        except SQLAlchemyError as error:
            self._is_broken = True
            raise storage_error("write" if self._writes else "read", error) from None
        return found

    def many(self, statement: Executable, rows: Iterable[Row]) -> None:
        self._check_alive()
        values = [_named(row) for row in rows]
        if not values:
            return
        try:
            self._connection.execute(statement, values)
        except SQLAlchemyError as error:
            self._is_broken = True
            raise storage_error("write", error) from None

    def try_many(self, *work: tuple[Executable, Sequence[Row]]) -> bool:
        self._savepoint("SAVEPOINT relcare_bulk")
        try:
            for statement, rows in work:
                if rows:
                    self._connection.execute(statement, [_named(row) for row in rows])
        except IntegrityError:
            self._savepoint("ROLLBACK TO SAVEPOINT relcare_bulk")
            return False
        except SQLAlchemyError as error:
            self._is_broken = True
            raise storage_error("write", error) from None
        self._savepoint("RELEASE SAVEPOINT relcare_bulk")
        return True

    def commit(self) -> None:
        if self._is_broken:
            self.rollback()
            raise StorageError("the store failed within this unit, so nothing of it is kept; hint: repeat the unit")
        try:
            if self.last_position() != self._first_position:
                self._connection.execute(set_position(self._tables), {"p0": self.last_position()})
        except SQLAlchemyError as error:
            self.rollback()
            raise storage_error("write", error) from None
        failure = self._try_commit()
        if failure is None:
            self._finish(is_outcome_known=True)
            return
        is_known = self._dialect.is_known_failure(failure)
        self._finish(is_outcome_known=is_known)
        if is_known:
            raise storage_error("commit", failure)
        raise OutcomeUnknownError(
            "the commit failed and its outcome is not known; hint: open the store again and look, "
            "or repeat the unit under the same idempotency key"
        )

    def rollback(self) -> None:
        self._finish(is_outcome_known=True)

    def _try_commit(self) -> SQLAlchemyError | None:
        try:
            self._dialect.commit(self._connection)
        except SQLAlchemyError as error:
            return error
        return None

    def _finish(self, *, is_outcome_known: bool) -> None:
        try:
            # Rolls back what is open; should that fail, the pool drops the connection, which is as good.
            with suppress(SQLAlchemyError):
                self._connection.close()
        finally:
            self._on_end(writes=self._writes, is_outcome_known=is_outcome_known)

    def _savepoint(self, statement: str) -> None:
        self._check_alive()
        try:
            self._connection.exec_driver_sql(statement)
        except SQLAlchemyError as error:
            self._is_broken = True
            raise storage_error("write", error) from None

    def _check_alive(self) -> None:
        # After some failures a database has rolled back by itself, and the next statement would be committed alone.
        if self._is_broken or self._connection.invalidated or not self._dialect.is_in_transaction(self._connection):
            self._is_broken = True
            raise StorageError("the store failed within this unit; hint: end it and repeat")


def _named(values: Row) -> dict[str, str | int | None]:
    return {f"p{index}": value for index, value in enumerate(values)}
