"""What the rest of relcare asks of a store: three small protocols, each stating order, absence, conflict and atomicity.

A store of one's own may implement these directly, or derive from `BaseStore`, which brings the rules and leaves the keeping of
rows to the subclass. Either way `relcare.testing.StoreContract` proves it.

Source: STO-1, STO-2, STO-5
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from relcare.storage._values import LogEntry, Record, StoredEntry


class RecordReader(Protocol):
    """Reads records."""

    def get(self, kind: str, record_id: str, /) -> Record | None:
        """The latest version of a record; None when there is none, or no longer.

        Raises:
            InvalidValueError: No record can have this kind or id (empty, NUL, over 200 characters, ...).
        """
        ...

    def scan(self, kind: str, /, *, key: tuple[str, str] | None = None, after: str | None = None) -> Iterator[Record]:
        """The records of a kind, by id in code point order.

        In a write unit the scan shows the unit as it was when `scan` was called; later changes do not disturb it. The iterator
        ends with its unit: to go on afterwards is a `StorageError`.

        Args:
            kind: A kind of which there are no records gives none.
            key: Only records that carry this (name, value) pair, compared exactly.
            after: Only ids greater than this one, which need not exist: the last id of the page before.

        Raises:
            InvalidValueError: No record can have this kind, key or id.
        """
        ...


class Records(RecordReader, Protocol):
    """Reads and changes records, each under its version."""

    def put(self, record: Record, /, *, expected: int) -> Record:
        """The record as it is now stored, its version set by the store.

        The new version is `expected + 1`; only a record created anew after a deletion goes on where the deleted one ended, so
        that no version of an id is ever given twice. A conflict changes nothing and leaves the unit usable.

        Args:
            record: What to store; it replaces payload and keys as a whole. Its own `version` is not looked at.
            expected: The version that was read; 0 says that it must not exist.

        Raises:
            ConflictError: Another version is stored (STO-2).
        """
        ...

    def put_many(self, records: Iterable[Record], /) -> int:
        """How many records were stored: all of them, each as by `put(record, expected=0)`, but in bulk.

        Whatever goes wrong, an error of the iterable included, spoils the whole unit, which then cannot commit.

        Args:
            records: New records, in any order; taken as a stream.

        Raises:
            ConflictError: One of them exists, or comes twice.
        """
        ...

    def delete(self, kind: str, record_id: str, /, *, expected: int) -> None:
        """Takes a record away.

        Args:
            kind: Its kind.
            record_id: Its id.
            expected: The version that was read, from 1.

        Raises:
            ConflictError: Another version is stored, or none (`found` is then 0).
        """
        ...


class LogReader(Protocol):
    """Reads the log."""

    def get(self, entry_id: str, /) -> StoredEntry | None:
        """The entry with this id; None when there is none."""
        ...

    def since(self, cursor: int = 0, /) -> Iterator[StoredEntry]:
        """The entries behind a position, in the order of commits; nothing when there are none.

        Who remembers the last position seen and asks again misses no entry and sees none twice. The iterator ends with its unit.

        Args:
            cursor: The last position seen, from 0 (the beginning).
        """
        ...

    def of_client(self, client_id: str, /) -> Iterator[StoredEntry]:
        """The entries of one client, in the order of commits; nothing for a client without entries. Ends with its unit."""
        ...


class Log(LogReader, Protocol):
    """Reads the log and adds to it; nothing in it is ever changed (TIM-7), but by an erasure: see `CanErase`."""

    def append(self, entry: LogEntry, /) -> int:
        """The position of the entry.

        Appending an event again (same id, kind, client and payload) adds nothing and gives the position of the first; the first
        `by` and `recorded_at` stand.

        Raises:
            ConflictError: The id is taken by an entry that says something else.
        """
        ...

    def append_many(self, entries: Iterable[LogEntry], /) -> int:
        """How many entries were new; each as by `append`, in the order given, but in bulk.

        Whatever goes wrong, an error of the iterable included, spoils the whole unit, which then cannot commit.

        Raises:
            ConflictError: An id is taken by an entry that says something else.
        """
        ...


class ReadUnit(Protocol):
    """One unchanging view of a store: what was committed when it began, whatever others commit meanwhile."""

    @property
    def records(self) -> RecordReader:
        """The records."""
        ...

    @property
    def log(self) -> LogReader:
        """The log."""
        ...


class UnitOfWork(Protocol):
    """Changes that happen together or not at all; it sees its own changes, nobody else does before it commits."""

    @property
    def records(self) -> Records:
        """The records."""
        ...

    @property
    def log(self) -> Log:
        """The log."""
        ...

    @property
    def is_repeat(self) -> bool:
        """Whether a unit with this idempotency key was committed before: the work is done, and changes are refused."""
        ...


class Store(Protocol):
    """Keeps records and a log. Safe to share between threads; not across a fork.

    A thread has one unit of a store open at a time; another is refused with a `StorageError`. A unit belongs to the thread that
    opened it and ends with its `with` block. Whatever fails below is a `StorageError` that carries no value of a client.
    """

    def read(self) -> AbstractContextManager[ReadUnit]:
        """A view to read from."""
        ...

    def write(
        self, idempotency_key: str | None = None, /, *, body_digest: str | None = None
    ) -> AbstractContextManager[UnitOfWork]:
        """A unit of work: committed when the block ends, undone when it raises, and then the exception goes on unchanged.

        With a key that was committed before, the unit comes back with `is_repeat` true and refuses changes, so a retry never
        doubles, even one that forgets to look (STO-2). A block that raised did not use up its key.

        Args:
            idempotency_key: What the caller calls this piece of work; 1 to 200 characters. None: every call is new work.
            body_digest: A digest of what is to be done, of up to 200 characters. None: not compared.

        Raises:
            InvalidValueError: The key was used before with another digest.
            StorageError: Others held the store for too long, or it cannot be written.
            OutcomeUnknownError: The commit failed, and whether it reached the disk is not known (STO-3).
        """
        ...

    def close(self) -> None:
        """Gives back what the store holds; closing again does nothing.

        Raises:
            StorageError: A unit is still open.
        """
        ...
