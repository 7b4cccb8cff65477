"""Stores with a defect planted in each, and the contract and the state machine over them.

pytest does not collect this module by itself: `test_planted_stores` runs it, and wants it to fail.
"""

import threading
import unicodedata
import unittest
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import attrs
from docs.examples.dict_store import DictStore, DictTransaction
from hypothesis import Phase, settings

from relcare.storage import LogEntry, Record, Store, StoredEntry, Transaction, UnitOfWork
from relcare.testing import StoreContract, store_machine

STORES: dict[str, Callable[[], DictStore]] = {"Sound": DictStore}
"""How each store is made, by name."""


class StoreOf(DictStore):
    """The store of the documentation with other transactions."""

    def __init__(self, transaction: type[DictTransaction]) -> None:
        super().__init__()
        self.transaction = transaction

    def begin(self, *, writes: bool) -> Transaction:
        super().begin(writes=writes)  # waits for the turn
        return self.transaction(self, writes=writes)


def planted(transaction: type[DictTransaction]) -> type[DictTransaction]:
    """Enters the store whose transactions these are."""
    STORES[transaction.__name__] = lambda: StoreOf(transaction)
    return transaction


def planted_store(store: type[DictStore]) -> type[DictStore]:
    """Enters a store."""
    STORES[store.__name__] = store
    return store


# ----------------------------------------------------------------------------------------------------------------- lost updates


class BlindRecords:
    """Records whose `put` looks up the version itself, whatever the caller expected."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._records = unit.records
        self.get, self.scan, self.delete = self._records.get, self._records.scan, self._records.delete
        self.put_many = self._records.put_many

    def put(self, record: Record, /, *, expected: int) -> Record:
        current = self._records.get(record.kind, record.id)
        return self._records.put(record, expected=current.version if current else min(expected, 0))


class BlindUnit:
    def __init__(self, unit: UnitOfWork) -> None:
        self.records, self.log, self.is_repeat = BlindRecords(unit), unit.log, unit.is_repeat


@planted_store
class PutIgnoresTheExpectedVersion(DictStore):
    @contextmanager
    def write(self, idempotency_key: str | None = None, /, *, body_digest: str | None = None) -> Generator[UnitOfWork]:
        with super().write(idempotency_key, body_digest=body_digest) as unit:
            yield cast("UnitOfWork", BlindUnit(unit))


@planted_store
class WritersDoNotTakeTurns(DictStore):
    def __init__(self) -> None:
        super().__init__()
        self.turn = threading.Semaphore(100)


@planted
class VersionsBeginAnewAfterDeletion(DictTransaction):
    def find_last_version(self, kind: str, record_id: str) -> int:
        return 0


@planted
class OnlyTheLastDeletionIsRemembered(DictTransaction):
    def remove_record(self, record: Record) -> None:
        super().remove_record(record)
        self.state.versions.clear()
        self.state.versions[record.kind, record.id] = record.version


# ------------------------------------------------------------------------------------------------------------------- torn units


@planted
class RollbackKeepsTheRecords(DictTransaction):
    def rollback(self) -> None:
        self.store.state = attrs.evolve(self.store.state, records=self.state.records, versions=self.state.versions)
        super().rollback()


@planted
class RollbackKeepsTheLog(DictTransaction):
    def append_entry(self, entry: LogEntry) -> int:
        position = super().append_entry(entry)
        self.store.state.log[entry.id] = self.state.log[entry.id]
        return position


@planted
class CommitForgetsDeletions(DictTransaction):
    def commit(self) -> None:
        self.state = attrs.evolve(self.state, records={**self.store.state.records, **self.state.records})
        super().commit()


@planted
class ViewsMoveOn(DictTransaction):
    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        if not self.writes:
            self.state = self.store.state
        return super().page_of_records(kind, key, after, limit)


@planted
class WritersAreSeenBeforeTheyCommit(DictTransaction):
    def store_record(self, record: Record) -> None:
        super().store_record(record)
        self.store.state.records[record.kind, record.id] = record


# ----------------------------------------------------------------------------------------------------------------- order and ids


class Ordered(DictTransaction):
    """Scans in the order of what `place` gives."""

    def place(self, record: Record) -> str | bytes | int:
        raise NotImplementedError

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        found = super().page_of_records(kind, key, after, len(self.state.records))
        return sorted(found, key=self.place)[:limit]


@planted
class ScanIgnoresCaseInItsOrder(Ordered):
    def place(self, record: Record) -> str:
        return record.id.casefold()


@planted
class ScanIsInTheOrderOfUtf16(Ordered):
    def place(self, record: Record) -> bytes:
        return record.id.encode("utf-16-be")


@planted
class ScanIsInTheOrderOfWriting(Ordered):
    def place(self, record: Record) -> int:
        return list(self.state.records).index((record.kind, record.id))


class Folded(DictTransaction):
    """Takes ids for equal that `fold` makes equal."""

    def fold(self, text: str) -> str:
        raise NotImplementedError

    def find_record(self, kind: str, record_id: str) -> Record | None:
        alike = (one for one in self.state.records.values() if one.kind == kind and self.fold(one.id) == self.fold(record_id))
        return super().find_record(kind, record_id) or next(alike, None)


@planted
class IdsIgnoreCase(Folded):
    def fold(self, text: str) -> str:
        return text.casefold()


@planted
class IdsLoseTrailingBlanks(Folded):
    def fold(self, text: str) -> str:
        return text.rstrip(" ")


@planted
class IdsAreNormalised(Folded):
    def fold(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


@planted
class KeysIgnoreCase(DictTransaction):
    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        if key is None:
            return super().page_of_records(kind, key, after, limit)
        name, value = key
        found = super().page_of_records(kind, None, after, len(self.state.records))
        return [one for one in found if any(n == name and v.lower() == value.lower() for n, v in one.keys)][:limit]


@planted
class KeysOfTheFirstVersionStay(DictTransaction):
    def store_record(self, record: Record) -> None:
        before = self.state.records.get((record.kind, record.id))
        super().store_record(attrs.evolve(record, keys=before.keys) if before is not None else record)


@planted
class ScansEndWithTheFirstPage(DictTransaction):
    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        return super().page_of_records(kind, key, after, limit)[: limit - 1]


# ------------------------------------------------------------------------------------------------------------------------- log


@planted
class TheCursorSkipsAnEvent(DictTransaction):
    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        return super().page_of_entries(client_id, after + 1 if after else 0, limit)


@planted
class TheCursorSeesAnEventTwice(DictTransaction):
    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        found = super().page_of_entries(client_id, max(after - 1, 0), limit + 1)
        return found if after and len(found) > 1 else super().page_of_entries(client_id, after, limit)


@planted
class TheLogIsInTheOrderOfIds(DictTransaction):
    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        found = super().page_of_entries(client_id, after, len(self.state.log))
        return sorted(found, key=lambda stored: stored.entry.id)[:limit]


@planted
class ARepeatedEventIsAppendedAgain(DictTransaction):
    def append_entry(self, entry: LogEntry) -> int:
        position = len(self.state.log) + 1
        self.state.log[f"{entry.id} {position}"] = StoredEntry(position, entry)
        return position


# ----------------------------------------------------------------------------------------------------------------- idempotency


@planted
class ARepeatedKeyDoubles(DictTransaction):
    def find_work(self, idempotency_key: str) -> str | None:
        return None


@planted
class IdempotencyKeysIgnoreCase(DictTransaction):
    def find_work(self, idempotency_key: str) -> str | None:
        return super().find_work(idempotency_key.lower())

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        super().store_work(idempotency_key.lower(), body_digest)


@planted
class FailedWorkUsesUpItsKey(DictTransaction):
    def find_work(self, idempotency_key: str) -> str | None:
        known = super().find_work(idempotency_key)
        self.store.state.work.setdefault(idempotency_key, "")
        return known


@planted
class DigestsAreForgotten(DictTransaction):
    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        super().store_work(idempotency_key, "")


def contract_of(make: Callable[[], DictStore]) -> type[StoreContract]:
    """A subclass of the contract, as third parties write it."""

    class PlantedContract(StoreContract):
        def make_store(self, folder: Path) -> Store:
            return make()

    return PlantedContract


def machine_of(make: Callable[[], DictStore]) -> type[unittest.TestCase]:
    """The state machine as a test case, with the same examples each time."""
    machine = store_machine(lambda _: make()).TestCase
    machine.settings = settings(
        max_examples=100, stateful_step_count=15, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
    )
    return machine


for name, make_store in STORES.items():
    globals()[f"Test{name}"] = contract_of(make_store)
    globals()[f"Test{name}Machine"] = machine_of(make_store)
