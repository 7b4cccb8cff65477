"""The reference store: everything in memory, nothing kept after the process."""

import heapq
import threading
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Self

from relcare.errors import StorageError
from relcare.model import Book
from relcare.storage._base import Transaction
from relcare.storage._book_writer import save_book
from relcare.storage._erasing import ErasableStore, ErasingTransaction
from relcare.storage._values import LogEntry, Record, StoredEntry

WAIT_SECONDS = 30.0
_FEW = 64


class MemoryStore(ErasableStore):
    """A store that lives in this process: for tests, notebooks and books that come from elsewhere.

    The reference for every other store. Readers never wait for a writer; writers take turns and wait up to 30 seconds.

    Examples:
        >>> from relcare.storage import MemoryStore, Record
        >>> store = MemoryStore()
        >>> with store.write() as unit:
        ...     unit.records.put(Record(kind="client", id="c-17", payload="{}"), expected=0).version
        1
        >>> with store.read() as view:
        ...     [record.id for record in view.records.scan("client")]
        ['c-17']

    Source: STO-1
    """

    def __init__(self) -> None:
        super().__init__()
        self._state = _State()
        self._writing = threading.Lock()

    @classmethod
    def create(cls, book: Book, /, *, by: str | None = None) -> Self:
        """A store that holds a book; see `save_book`.

        Args:
            book: With its zone and currency.
            by: Who records it; stored with each event.
        """
        store = cls()
        save_book(store, book, by=by)
        return store

    def begin(self, *, writes: bool) -> Transaction:
        """See `BaseStore.begin`."""
        if writes and not self._writing.acquire(timeout=WAIT_SECONDS):
            raise StorageError(f"another unit kept the store for {WAIT_SECONDS:.0f} seconds; hint: keep units short")
        return _MemoryTransaction(self._state, self._writing if writes else None)


class _State:
    """What is committed. Everything happens under the mutex, which is never held for longer than a page or a commit."""

    def __init__(self) -> None:
        self.mutex = threading.RLock()
        self.records: dict[tuple[str, str], Record] = {}
        self.last_versions: dict[tuple[str, str], int] = {}  # of deleted records only
        self.ids: dict[str, list[str]] = {}  # by kind, sorted
        self.ids_by_key: dict[tuple[str, str, str], set[str]] = {}
        self.log: list[StoredEntry] = []
        self.positions: dict[str, int] = {}
        self.client_log: dict[str, list[int]] = {}
        self.work: dict[str, str] = {}
        self.open_views: list[_MemoryTransaction] = []

    def apply(self, changes: dict[tuple[str, str], Record | None]) -> None:
        new_ids: dict[str, list[str]] = {}
        for (kind, record_id), record in changes.items():
            before = self.records.pop((kind, record_id), None)
            if before is not None:
                self._forget_keys(before)
            if record is not None:
                self._keep(record)
            if before is None and record is not None:
                new_ids.setdefault(kind, []).append(record_id)
            elif before is not None and record is None:
                ids = self.ids[kind]
                del ids[bisect_right(ids, record_id) - 1]
        for kind, added in new_ids.items():
            self._add_ids(kind, added)

    def rewrite(self, position: int, entry: LogEntry) -> None:
        before = self.log[position - 1].entry
        self.log[position - 1] = StoredEntry(position, entry)
        del self.positions[before.id]
        self.positions[entry.id] = position
        self.client_log[before.client_id].remove(position)
        insort(self.client_log.setdefault(entry.client_id, []), position)

    def _keep(self, record: Record) -> None:
        self.records[record.kind, record.id] = record
        self.last_versions.pop((record.kind, record.id), None)
        for name, value in record.keys:
            self.ids_by_key.setdefault((record.kind, name, value), set()).add(record.id)

    def _forget_keys(self, record: Record) -> None:
        for name, value in record.keys:
            ids = self.ids_by_key[record.kind, name, value]
            ids.discard(record.id)
            if not ids:
                del self.ids_by_key[record.kind, name, value]

    def _add_ids(self, kind: str, added: list[str]) -> None:
        ids = self.ids.setdefault(kind, [])
        if len(added) <= _FEW:
            for record_id in added:
                insort(ids, record_id)
        else:
            ids.extend(added)
            ids.sort()


class _MemoryTransaction(ErasingTransaction):
    """The committed state seen through what differs from it.

    A writer's differences are its own changes, applied at commit and simply dropped at rollback. A view's are the values that
    later commits replaced: each commit hands them to the views that are open. So neither copies the state.
    """

    def __init__(self, state: _State, turn: "threading.Lock | None") -> None:
        self._state = state
        self._turn = turn
        self._differences: dict[tuple[str, str], Record | None] = {}
        self._last_versions: dict[tuple[str, str], int] = {}
        self._new_entries: list[StoredEntry] = []
        self._new_positions: dict[str, int] = {}
        self._new_work: dict[str, str] = {}
        self._forgotten: set[tuple[str, str]] = set()
        self._rewritten: dict[int, LogEntry] = {}
        with state.mutex:
            self._log_end = len(state.log)
            if turn is None:
                state.open_views.append(self)

    def find_record(self, kind: str, record_id: str) -> Record | None:
        place = (kind, record_id)
        with self._state.mutex:
            return self._differences[place] if place in self._differences else self._state.records.get(place)

    def find_last_version(self, kind: str, record_id: str) -> int:
        place = (kind, record_id)
        record = self.find_record(kind, record_id)
        if record is not None:
            return record.version
        if place in self._forgotten:
            return 0
        return self._last_versions.get(place) or self._state.last_versions.get(place, 0)

    def store_record(self, record: Record) -> None:
        self._differences[record.kind, record.id] = record

    def remove_record(self, record: Record) -> None:
        self._differences[record.kind, record.id] = None
        self._last_versions[record.kind, record.id] = record.version

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        with self._state.mutex:
            found = (self.find_record(kind, record_id) for record_id in self._candidates(kind, key, after))
            kept = (record for record in found if record is not None and (key is None or key in record.keys))
            return list(islice(kept, limit))

    def _candidates(self, kind: str, key: tuple[str, str] | None, after: str) -> Iterator[str]:
        ids = self._state.ids.get(kind, []) if key is None else sorted(self._state.ids_by_key.get((kind, *key), ()))
        committed = islice(ids, bisect_right(ids, after), None)
        differing = sorted(other_id for other, other_id in self._differences if other == kind and other_id > after)
        last = after
        for record_id in heapq.merge(committed, differing):
            if record_id != last:
                yield record_id
            last = record_id

    def find_entry(self, entry_id: str) -> StoredEntry | None:
        with self._state.mutex:
            position = self._state.positions.get(entry_id) or self._new_positions.get(entry_id)
            if position is None or position > self._log_end + len(self._new_entries):
                return None
            found = self._entry_at(position)
            return found if found.entry.id == entry_id else None

    def _entry_at(self, position: int) -> StoredEntry:
        if position in self._rewritten:
            return StoredEntry(position, self._rewritten[position])
        if position <= self._log_end:
            return self._state.log[position - 1]
        return self._new_entries[position - self._log_end - 1]

    def append_entry(self, entry: LogEntry) -> int:
        position = self._log_end + len(self._new_entries) + 1
        self._new_entries.append(StoredEntry(position, entry))
        self._new_positions[entry.id] = position
        return position

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        with self._state.mutex:
            if self._rewritten:
                return self._rewritten_page(client_id, after, limit)
            if client_id is None:
                page = self._state.log[after : min(after + limit, self._log_end)]
            else:
                positions = self._state.client_log.get(client_id, [])
                first = bisect_right(positions, after)
                end = bisect_right(positions, self._log_end)
                page = [self._entry_at(position) for position in positions[first : min(first + limit, end)]]
        own = self._new_entries[max(after - self._log_end, 0) :]
        page.extend(islice((one for one in own if client_id in {None, one.entry.client_id}), limit - len(page)))
        return page

    def _rewritten_page(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        """The plain way, for the few units that rewrite entries."""
        every = (self._entry_at(position) for position in range(after + 1, self._log_end + len(self._new_entries) + 1))
        return list(islice((one for one in every if client_id in {None, one.entry.client_id}), limit))

    def erase_record(self, kind: str, record_id: str) -> bool:
        was_known = self.find_last_version(kind, record_id) > 0
        self._differences[kind, record_id] = None
        self._last_versions.pop((kind, record_id), None)
        self._forgotten.add((kind, record_id))
        return was_known

    def rewrite_entry(self, position: int, entry: LogEntry) -> None:
        self._rewritten[position] = entry
        self._new_positions[entry.id] = position

    def find_work(self, idempotency_key: str) -> str | None:
        return self._state.work.get(idempotency_key)

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self._new_work[idempotency_key] = body_digest

    def commit(self) -> None:
        state = self._state
        with state.mutex:
            for place in self._differences:
                before = state.records.get(place)
                for view in state.open_views:
                    view.keep(place, before)
            state.last_versions.update(self._last_versions)
            state.apply(self._differences)
            state.log.extend(self._new_entries)
            state.positions.update(self._new_positions)
            for stored in self._new_entries:
                state.client_log.setdefault(stored.entry.client_id, []).append(stored.position)
            for position, entry in self._rewritten.items():
                state.rewrite(position, entry)
            for place in self._forgotten - state.records.keys():
                state.last_versions.pop(place, None)
            state.work.update(self._new_work)
        self.rollback()

    def keep(self, place: tuple[str, str], before: Record | None) -> None:
        """Goes on showing the value that a commit is about to replace; the first commit since the view began counts."""
        self._differences.setdefault(place, before)

    def rollback(self) -> None:
        if self._turn is not None:
            self._turn.release()
            return
        with self._state.mutex:
            self._state.open_views.remove(self)
