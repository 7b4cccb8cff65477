"""The rules of a store, written once: versions, conflicts, idempotency, paging, one unit a thread.

A backend keeps rows and knows how to begin, commit and roll back; `BaseStore` and the units do everything else, so all stores
behave alike by construction, and a store of one's own is a page of code.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Self

from relcare.errors import InvalidValueError
from relcare.storage._gate import Gate, leave_to_parent
from relcare.storage._protocols import ReadUnit, UnitOfWork
from relcare.storage._units import Scope, View, Work
from relcare.storage._values import LogEntry, Record, StoredEntry, check_text


class Transaction(ABC):
    """What a backend does for one unit; the values it is given are checked already.

    A transaction that reads sees what was committed when it began, throughout. One that writes sees its own changes; only one
    of them is open in a store at a time, or the backend raises `ConflictError` itself where two would collide. `commit` and
    `rollback` come last, one of them, once; both give back what the transaction holds, even when they raise. Failures of the
    backend are `StorageError`; after one the backend must not let the transaction commit.
    """

    @abstractmethod
    def find_record(self, kind: str, record_id: str) -> Record | None:
        """The record, or None when it does not exist."""

    @abstractmethod
    def find_last_version(self, kind: str, record_id: str) -> int:
        """The last version that this id ever had, deleted or not; 0 for never."""

    @abstractmethod
    def store_record(self, record: Record) -> None:
        """Keeps the record under `record.version`, in place of any other with its kind and id."""

    @abstractmethod
    def remove_record(self, record: Record) -> None:
        """Takes the record away; its version stays known to `find_last_version`."""

    @abstractmethod
    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        """The first `limit` records with this kind, this key (if one is given) and `id > after`, by id in code point order."""

    @abstractmethod
    def find_entry(self, entry_id: str) -> StoredEntry | None:
        """The log entry, or None."""

    @abstractmethod
    def append_entry(self, entry: LogEntry) -> int:
        """The position of the entry now appended; the id is new."""

    @abstractmethod
    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        """The first `limit` entries (of this client, if one is given) with `position > after`, by position."""

    def page_by_client(self, client_id: str, after: int, limit: int) -> Sequence[StoredEntry] | None:  # noqa: ARG002 - as above
        """The first `limit` entries behind a client and a position, by client id in code point order, then by position.

        Behind is what is of this client with `position > after`, or of a greater client id. Only for backends that keep entries
        in this order: None says that they are not, and the whole log is sorted.
        """
        return None

    @abstractmethod
    def find_work(self, idempotency_key: str) -> str | None:
        """The digest with which this key was committed (empty where none was given), or None when it never was."""

    @abstractmethod
    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        """Remembers the key, which is new, and the digest, which may be empty."""

    @abstractmethod
    def commit(self) -> None:
        """Makes every change last. Once it returns, no crash takes them back."""

    @abstractmethod
    def rollback(self) -> None:
        """Forgets every change; raises nothing."""

    def try_new_records(self, records: Sequence[Record]) -> bool:  # noqa: ARG002 - for subclasses
        """Whether all of them were stored at once. False changes nothing: the caller stores them one by one.

        Only for backends that gain by it. Any id that exists, or ever did, must give False.
        """
        return False

    def try_new_entries(self, entries: Sequence[LogEntry]) -> bool:  # noqa: ARG002 - for subclasses
        """Whether all of them were appended at once. False changes nothing: the caller appends them one by one.

        Only for backends that gain by it. Any id that exists must give False.
        """
        return False


class BaseStore(ABC):
    """A store over the transactions of a backend; satisfies `Store`.

    A subclass calls `super().__init__()` and provides `begin`, and `release` when it holds something. Usable as a context
    manager that closes.
    """

    def __init__(self) -> None:
        self._gate = Gate()

    @abstractmethod
    def begin(self, *, writes: bool) -> Transaction:
        """A transaction; one that writes waits for its turn, for a bounded time.

        Raises:
            StorageError: It cannot begin, or the turn did not come.
        """

    def release(self) -> None:  # noqa: B027 - a store that holds nothing has nothing to give back
        """Gives back what the store holds; called once, with no unit open."""

    @contextmanager
    def read(self) -> Generator[ReadUnit]:
        """See `Store.read`."""
        with self._gate.unit():
            transaction = self.begin(writes=False)
            scope = Scope(transaction, is_writable=False)
            try:
                yield View(scope)
            finally:
                scope.end()
                self._undo(transaction)

    @contextmanager
    def write(self, idempotency_key: str | None = None, /, *, body_digest: str | None = None) -> Generator[UnitOfWork]:
        """See `Store.write`."""
        if idempotency_key is not None:
            check_text("idempotency_key", idempotency_key)
        if body_digest is not None:
            check_text("body_digest", body_digest)
            if idempotency_key is None:
                raise InvalidValueError("body_digest", body_digest, "means nothing without an idempotency_key")
        with self._gate.unit():
            transaction = self.begin(writes=True)
            try:
                is_repeat = idempotency_key is not None and _is_done(transaction, idempotency_key, body_digest)
                scope = Scope(transaction, is_writable=True, is_repeat=is_repeat)
                try:
                    yield Work(scope)
                finally:
                    scope.end()
                scope.check_sound()
                if idempotency_key is not None and not is_repeat:
                    transaction.store_work(idempotency_key, body_digest or "")
            except BaseException:
                self._undo(transaction)
                raise
            transaction.commit()

    def _undo(self, transaction: Transaction) -> None:
        if self._gate.is_in_its_process():
            transaction.rollback()
        else:
            leave_to_parent(transaction)

    def close(self) -> None:
        """See `Store.close`."""
        if self._gate.close():
            self.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _is_done(transaction: Transaction, key: str, digest: str | None) -> bool:
    known = transaction.find_work(key)
    if known is None:
        return False
    if digest and known and digest != known:
        raise InvalidValueError(
            "idempotency_key", key, "was used for other work", hint="one key for one piece of work: take a new key"
        )
    return True
