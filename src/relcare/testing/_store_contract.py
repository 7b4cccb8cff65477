"""The storage contract: what every store must do, for a third party to prove with one subclass."""

import pytest

# Before the parts are imported, so that a failing assertion shows its values to third parties too.
pytest.register_assert_rewrite(
    *(f"relcare.testing._store_contract_{part}" for part in ("base", "log", "records", "threads", "units"))
)

from relcare.testing._store_contract_log import LogContract  # noqa: E402
from relcare.testing._store_contract_records import RecordsContract  # noqa: E402
from relcare.testing._store_contract_threads import ThreadsContract  # noqa: E402
from relcare.testing._store_contract_units import UnitsContract  # noqa: E402


class StoreContract(RecordsContract, LogContract, UnitsContract, ThreadsContract):
    """The tests that a store must pass, each named by the sentence it proves.

    Subclass it in a test module under a name that starts with `Test`, override `make_store`, and say what the store can do
    (`is_persistent` with `reopen`, `is_thread_safe`, `is_concurrent`): a flag that is off skips the tests that need it, with a
    reason. Never override a test: a store that cannot pass one does not keep the contract. `store_machine` searches for the
    sequences that these tests did not think of.

    Examples:
        >>> from pathlib import Path
        >>> from relcare.storage import MemoryStore
        >>> class TestMemoryStore(StoreContract):
        ...     def make_store(self, folder: Path) -> MemoryStore:
        ...         return MemoryStore()

    Source: STO-5
    """
