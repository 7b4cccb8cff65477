"""A store on a page: dictionaries that a writer copies and puts in place of the old ones. `StoreContract` proves it."""

import threading
from collections.abc import Sequence

import attrs

from relcare.errors import StorageError
from relcare.storage import BaseStore, LogEntry, Record, StoredEntry, Transaction


@attrs.frozen
class State:
    """All there is."""

    records: dict[tuple[str, str], Record] = attrs.field(factory=dict[tuple[str, str], Record])
    versions: dict[tuple[str, str], int] = attrs.field(factory=dict[tuple[str, str], int])
    log: dict[str, StoredEntry] = attrs.field(factory=dict[str, StoredEntry])
    work: dict[str, str] = attrs.field(factory=dict[str, str])


class DictStore(BaseStore):
    def __init__(self) -> None:
        super().__init__()
        self.state, self.turn = State(), threading.Semaphore()

    def begin(self, *, writes: bool) -> Transaction:
        if writes and not self.turn.acquire(timeout=30):
            raise StorageError("another unit kept the store for 30 seconds")
        return DictTransaction(self, writes=writes)


class DictTransaction(Transaction):
    def __init__(self, store: DictStore, *, writes: bool) -> None:
        self.store, self.writes, old = store, writes, store.state
        self.state = State(dict(old.records), dict(old.versions), dict(old.log), dict(old.work)) if writes else old

    def find_record(self, kind: str, record_id: str) -> Record | None:
        return self.state.records.get((kind, record_id))

    def find_last_version(self, kind: str, record_id: str) -> int:
        return self.state.versions.get((kind, record_id), 0)

    def store_record(self, record: Record) -> None:
        self.state.records[record.kind, record.id] = record
        self.state.versions[record.kind, record.id] = record.version

    def remove_record(self, record: Record) -> None:
        del self.state.records[record.kind, record.id]

    def page_of_records(self, kind: str, key: tuple[str, str] | None, after: str, limit: int) -> Sequence[Record]:
        found = (r for r in self.state.records.values() if r.kind == kind and r.id > after and (key is None or key in r.keys))
        return sorted(found, key=lambda record: record.id)[:limit]

    def find_entry(self, entry_id: str) -> StoredEntry | None:
        return self.state.log.get(entry_id)

    def append_entry(self, entry: LogEntry) -> int:
        self.state.log[entry.id] = StoredEntry(len(self.state.log) + 1, entry)
        return len(self.state.log)

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        behind = [stored for stored in self.state.log.values() if stored.position > after]
        return [stored for stored in behind if client_id in {None, stored.entry.client_id}][:limit]

    def find_work(self, idempotency_key: str) -> str | None:
        return self.state.work.get(idempotency_key)

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self.state.work[idempotency_key] = body_digest

    def commit(self) -> None:
        self.store.state = self.state
        self.rollback()

    def rollback(self) -> None:
        if self.writes:
            self.store.turn.release()
