"""What a store must be able to do so that a person's data can go: take rows out for good, the log's too (ACC-5).

The log of a store is never changed, with this one exception: what an entry said may be taken away in its place. Its position
stays, and that something was erased there. No unit of work can do it, only one that was opened for it.
"""

from abc import abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol, runtime_checkable

from relcare.errors import StorageError
from relcare.storage._base import BaseStore, Transaction
from relcare.storage._protocols import UnitOfWork
from relcare.storage._units import Scope, Work
from relcare.storage._values import LogEntry, check_integer, check_text

__all__ = ["ERASED", "LEFT_IN_LOG", "RESTRICTED", "CanErase", "ErasableStore", "Eraser", "ErasingTransaction", "ErasingUnit"]

ERASED: Final = "erased"
"""The kind of a log entry whose content is gone."""

RESTRICTED: Final = "restricted"
"""The kind of an entry or record that is stored and nothing else: whoever reads the book does not see it."""


LEFT_IN_LOG: Final = (
    "somebody reads the book just now, so its write-ahead log still holds what was erased; hint: scrub again when nobody does"
)


class Eraser(Protocol):
    """Takes out what no unit of work can."""

    def forget_record(self, kind: str, record_id: str, /) -> bool:
        """Whether there was such a record: it goes with every trace, the memory of its versions included.

        A record that is later made under the same id begins at version 1 again.
        """
        ...

    def rewrite_entry(self, position: int, entry: LogEntry, /) -> None:
        """Puts another entry in the place of one; positions stay.

        Raises:
            StorageError: There is no entry at the position, or the id is taken by another.
        """
        ...


class ErasingUnit(UnitOfWork, Protocol):
    """A unit of work that can erase too: all of it happens, or nothing."""

    @property
    def eraser(self) -> Eraser:
        """What takes out."""
        ...


@runtime_checkable
class CanErase(Protocol):
    """Can take a person's data out of itself, and out of the files that lie beside it."""

    def erasing(self) -> AbstractContextManager[ErasingUnit]:
        """A unit in which rows can be erased; it ends as one of `Store.write` does, with the same errors."""
        ...

    def scrub(self) -> str | None:
        """Takes what was erased out of freed pages and logs on the disk.

        Returns:
            None when nothing of it is left in the files of the store; else what is left, where, and what removes it.

        Raises:
            StorageError: It failed; what was erased is erased all the same for everybody who asks the store.
        """
        ...


class ErasingTransaction(Transaction):
    """A transaction of a backend that can erase; the values it is given are checked already."""

    @abstractmethod
    def erase_record(self, kind: str, record_id: str) -> bool:
        """Takes a record away, or what is left of a deleted one; whether there was any."""

    @abstractmethod
    def rewrite_entry(self, position: int, entry: LogEntry) -> None:
        """Puts an entry in the place of another, which exists; the id is new or that of the other."""


class UnitEraser:
    """See `Eraser`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def forget_record(self, kind: str, record_id: str, /) -> bool:
        """See `Eraser.forget_record`."""
        return self._transaction().erase_record(check_text("kind", kind), check_text("id", record_id))

    def rewrite_entry(self, position: int, entry: LogEntry, /) -> None:
        """See `Eraser.rewrite_entry`."""
        check_integer("position", position, least=1)
        transaction = self._transaction()
        found = transaction.page_of_entries(None, position - 1, 1)
        if not found or found[0].position != position:
            raise StorageError(f"the log has no entry at position {position}")
        taken = transaction.find_entry(entry.id)
        if taken is not None and taken.position != position:
            raise StorageError(f"the id of an entry is taken at position {taken.position}")
        transaction.rewrite_entry(position, entry)

    def _transaction(self) -> ErasingTransaction:
        transaction = self._scope.writing()
        if not isinstance(transaction, ErasingTransaction):
            raise StorageError("the store cannot erase; hint: see CanErase")
        return transaction


class ErasingWork(Work):
    """See `ErasingUnit`."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._eraser = UnitEraser(scope)

    @property
    def eraser(self) -> UnitEraser:
        """See `ErasingUnit.eraser`."""
        return self._eraser


class ErasableStore(BaseStore):
    """A `BaseStore` whose transactions are `ErasingTransaction`; satisfies `CanErase`."""

    @contextmanager
    def erasing(self) -> Generator[ErasingUnit]:
        """See `CanErase.erasing`."""
        with self._gate.unit():
            transaction = self.begin(writes=True)
            try:
                scope = Scope(transaction, is_writable=True)
                try:
                    yield ErasingWork(scope)
                finally:
                    scope.end()
                scope.check_sound()
            except BaseException:
                transaction.rollback()
                raise
            transaction.commit()

    def scrub(self) -> str | None:
        """See `CanErase.scrub`; a store that keeps nothing on a disk has nothing to clean."""
        return None
