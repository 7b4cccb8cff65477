"""The store in memory keeps the contract."""

from pathlib import Path

from hypothesis import settings

from relcare.storage import MemoryStore, Store
from relcare.testing import StoreContract, store_machine


class TestMemoryStore(StoreContract):
    def make_store(self, folder: Path) -> Store:
        return MemoryStore()


TestMemoryMachine = store_machine(lambda _: MemoryStore()).TestCase
TestMemoryMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
