"""The store in a SQLite file keeps the contract."""

from pathlib import Path

from hypothesis import settings

from relcare.storage import SqliteStore, Store
from relcare.testing import StoreContract, store_machine


def make(folder: Path) -> Store:
    return SqliteStore.new(folder / "book.db")


def reopen(folder: Path) -> Store:
    return SqliteStore.open(folder / "book.db")


class TestSqliteStore(StoreContract):
    is_persistent = True

    def make_store(self, folder: Path) -> Store:
        return make(folder)

    def reopen(self, folder: Path) -> Store:
        return reopen(folder)


TestSqliteMachine = store_machine(make, reopen=reopen).TestCase
TestSqliteMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
