"""Every row of a SQL store, read and added."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from sqlalchemy import Connection, insert, select

from relcare.storage._copies import COLUMNS
from relcare.storage._rows import Row, position_in
from relcare.storage.sql._dialects import Dialect
from relcare.storage.sql._tables import Tables, read_turn, set_position

__all__ = ["SqlRows"]

_BATCH: Final = 5_000


class SqlRows:
    """Reads and adds rows over a connection that is in a transaction; see `RowSource` and `RowSink`."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._tables = tables

    def check_pages(self, dialect: Dialect) -> None:
        """See `Dialect.check_pages`."""
        dialect.check_pages(self._connection, [table.name for table in self._tables.metadata.sorted_tables])

    def rows(self, table: str) -> Iterator[Row]:
        """See `RowSource.rows`."""
        found = self._tables.metadata.tables[self._name(table)]
        statement = select(found).order_by(*found.primary_key.columns).execution_options(yield_per=_BATCH)
        for row in self._connection.execute(statement):
            yield tuple(row)

    def last_position(self) -> int:
        """See `RowSource.last_position`."""
        return position_in(self._connection.execute(read_turn(self._tables, locks=False)).one().position)

    def is_empty(self) -> bool:
        """Whether nothing was ever stored."""
        tables = (self._tables.record, self._tables.log, self._tables.work)
        found = (self._connection.execute(select(table).limit(1)).first() for table in tables)
        return not any(found) and self.last_position() == 0

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """See `RowSink.add`."""
        found = self._tables.metadata.tables[self._name(table)]
        iterator = iter(rows)
        while batch := [dict(zip(COLUMNS[table], row, strict=True)) for row in islice(iterator, _BATCH)]:
            self._connection.execute(insert(found), batch)

    def set_last_position(self, position: int) -> None:
        """See `RowSink.set_last_position`."""
        self._connection.execute(set_position(self._tables), {"p0": position})

    def _name(self, table: str) -> str:
        schema = self._tables.metadata.schema
        return f"{schema}.relcare_{table}" if schema else f"relcare_{table}"
