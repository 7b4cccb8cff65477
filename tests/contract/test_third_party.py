"""STO-5: the contract suite ships in the package; a third party proves its own store with one subclass."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings

from relcare.storage import Store
from relcare.testing import StoreContract, store_machine

if TYPE_CHECKING:
    from types import ModuleType

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "tiny_store.py"


def load_example() -> "ModuleType":
    spec = importlib.util.spec_from_file_location("tiny_store", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TINY = load_example()


def make(folder: Path) -> Store:
    store: Store = TINY.TinyStore(folder / "tiny.json")
    return store


class TestTinyStore(StoreContract):
    is_persistent = True

    def make_store(self, folder: Path) -> Store:
        return make(folder)

    def reopen(self, folder: Path) -> Store:
        return make(folder)


TestTinyMachine = store_machine(make, reopen=make).TestCase
TestTinyMachine.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
