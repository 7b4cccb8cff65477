"""Whole stores, row by row: checked, digested, and carried from one to another."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final, Protocol

from relcare.errors import StorageError
from relcare.storage._rows import LOST_ENTRIES, Row, at_place, check_row, damaged, entries_lost, key_rows, read_record, row_digest

__all__ = ["COLUMNS", "RowSink", "RowSource", "carry", "check_all", "order_by"]

COLUMNS: Final = {
    "record": ("kind", "id", "version", "payload", "keys", "digest"),
    "record_key": ("kind", "name", "value", "id"),
    "log": ("position", "id", "kind", "client_id", "payload", "recorded_by", "recorded_at", "digest"),
    "work": ("idempotency_key", "body_digest", "digest"),
}
"""By table; a record before its keys, which refer to it."""

_ORDER_BY: Final = {"record": 2, "record_key": 4, "log": 1, "work": 1}
_WHAT: Final = {"record": "record", "log": "log entry", "work": "idempotency key"}
_WRAP: Final = 2**64


class RowSource(Protocol):
    """Reads every row at one moment."""

    def rows(self, table: str) -> Iterator[Row]:
        """All rows of a table, in the order of its primary key, by code point."""
        ...

    def last_position(self) -> int:
        """The last position that was ever given in the log."""
        ...


class RowSink(Protocol):
    """Takes rows, in one transaction."""

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Adds them."""
        ...

    def set_last_position(self, position: int) -> None:
        """From now on positions are greater than this one."""
        ...


def order_by(table: str) -> str:
    """The columns of the primary key, for an ORDER BY."""
    return ", ".join(COLUMNS[table][: _ORDER_BY[table]])


def check_all(source: RowSource) -> str:
    """The digest of everything, every row of which was found sound.

    Raises:
        StorageError: One is not.
    """
    walk = _Walk()
    for table in COLUMNS:
        for _ in walk.checked(table, source.rows(table)):
            pass
    return walk.digest(source.last_position())


def carry(source: RowSource, sink: RowSink) -> str:
    """Carries everything over, and gives the digest of what was read.

    Raises:
        StorageError: A row is not sound: what is damaged is never carried on.
    """
    walk = _Walk()
    for table in COLUMNS:
        sink.add(table, walk.checked(table, source.rows(table)))
    last = source.last_position()
    sink.set_last_position(last)
    return walk.digest(last)


class _Walk:
    """One pass over all rows. The keys of records and the table of keys are compared by a sum, which needs no order."""

    def __init__(self) -> None:
        self._content = sha256()
        self._keys = 0
        self._last_position = 0
        self._entry_count = 0
        self._lost_before = 0

    def checked(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            if table == "record_key":
                self._keys -= row_digest(*row)
            else:
                try:
                    self._check(table, row)
                except StorageError as error:
                    raise at_place(error, f"row {number}") from error
                # The keys are in the records; the digest of a row stands for it.
                self._content.update(f"{table}\0{row[-1]}\n".encode())
            yield row

    def digest(self, last_position: int) -> str:
        if self._keys % _WRAP:
            raise damaged("table of keys")
        if last_position < self._last_position:
            raise damaged("position of the log")
        # Positions are given without gaps and entries never go, so what was given and is not there was lost.
        lost = last_position - self._entry_count - self._lost_before
        if lost:
            raise entries_lost(lost)
        self._content.update(f"{last_position}".encode())
        return self._content.hexdigest()

    def _check(self, table: str, row: Row) -> None:
        if table == "record" and row[3] is not None:
            record = read_record(row)
            self._keys += sum(row_digest(*key) for key in key_rows(record, record.keys))
            return
        check_row(_WHAT[table], row)
        if table == "log":
            self._last_position = _position_of(row)
            self._entry_count += 1
        elif row[:2] == LOST_ENTRIES and isinstance(row[2], int):
            self._lost_before = row[2]


def _position_of(row: Row) -> int:
    position = row[0]
    if not isinstance(position, int):
        raise StorageError("a position of the log is no number; hint: restore a backup")
    return position
