"""What the parts of the storage contract share: how a store is made, and the values that stores get wrong."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest

from relcare.storage import LogEntry, Record, Store
from relcare.testing._nasty import NASTY_IDS

Answer = TypeVar("Answer")

STORE_IDS = (
    *NASTY_IDS,
    "B",
    "a ",
    " a",
    "%",
    "_",
    "axb",
    "?",
    "*",
    "0070",
    "70",
    "1e3",
    "é",
    "e\u0301",
    "İ",
    "ss",
    "\u200b",
    "\u202eabc",
    "\u0085",
    "\u2028",
    "\ufeffname",
    "\uff5e",  # sorts before the emoji by code point, behind it by UTF-16 unit
    "\U0010ffff",
    "tab\tand\nline",
)
"""Ids that fold, sort, quote or match differently from one database to the next; the nouns refuse some, stores keep them all."""

IMPOSSIBLE_TEXTS = {"empty": "", "with a NUL": "a\0b", "with a lone surrogate": "a\ud800", "too long": "x" * 201}
"""What no store keeps."""


class StoreContractBase:
    """How the store under test is made, and what it can do: each flag that is off skips the tests that need it, with a reason."""

    is_persistent: ClassVar[bool] = False
    """Whether `reopen` gives a store back with what was committed."""

    is_thread_safe: ClassVar[bool] = True
    """Whether threads may share it; without it the tests with several threads are skipped, and only one thread may use it."""

    is_concurrent: ClassVar[bool] = True
    """Whether a unit that writes lets others read meanwhile; without it the tests of isolation between threads are skipped."""

    def make_store(self, folder: Path) -> Store:
        """A new, empty store; `folder` is an empty directory of its own."""
        raise NotImplementedError("override make_store")

    def reopen(self, folder: Path) -> Store:
        """The store made before in `folder`, opened again after it was closed. Only for persistent stores."""
        raise NotImplementedError("override reopen, or leave is_persistent False")

    def need_persistence(self) -> None:
        """Skips the test for a store that keeps nothing."""
        if not self.is_persistent:
            pytest.skip("is_persistent is off: this store keeps nothing after it is closed")

    def need_threads(self) -> None:
        """Skips the test for a store that threads must not share."""
        if not self.is_thread_safe:
            pytest.skip("is_thread_safe is off: this store serves one thread only")

    def need_concurrency(self) -> None:
        """Skips the test for a store that lets nobody read while a unit writes."""
        self.need_threads()
        if not self.is_concurrent:
            pytest.skip("is_concurrent is off: this store lets nobody read while a unit writes")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """A new store, closed after the test."""
        store = self.make_store(tmp_path)
        yield store
        store.close()


def record(record_id: str = "c-1", payload: str = "{}", *, kind: str = "client", **keys: str) -> Record:
    """A record with as little as need be said."""
    return Record(kind=kind, id=record_id, payload=payload, keys=keys)


def entry(entry_id: str = "t-1", payload: str = "{}", *, client_id: str = "c-1") -> LogEntry:
    """A touchpoint with as little as need be said."""
    return LogEntry(id=entry_id, kind="touchpoint", client_id=client_id, payload=payload, by="lee")


def put(store: Store, *records: Record) -> None:
    """Stores new records in one unit."""
    with store.write() as unit:
        for one in records:
            unit.records.put(one, expected=0)


def get(store: Store, record_id: str = "c-1", *, kind: str = "client") -> Record | None:
    """The record as committed."""
    with store.read() as view:
        return view.records.get(kind, record_id)


def scanned(store: Store, kind: str = "client", *, key: tuple[str, str] | None = None, after: str | None = None) -> list[str]:
    """The ids of a scan as committed."""
    with store.read() as view:
        return [one.id for one in view.records.scan(kind, key=key, after=after)]


def append(store: Store, *entries: LogEntry) -> list[int]:
    """Appends in one unit; the positions."""
    with store.write() as unit:
        return [unit.log.append(one) for one in entries]


def logged(store: Store, cursor: int = 0) -> list[str]:
    """The ids of the log as committed."""
    with store.read() as view:
        return [stored.entry.id for stored in view.log.since(cursor)]


def elsewhere(work: Callable[[], Answer]) -> Answer:
    """The answer, worked out in another thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result(timeout=60)
