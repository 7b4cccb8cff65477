"""A store of one's own: everything in one JSON file, written anew at each commit. `StoreContract` proves it."""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import attrs

from relcare.errors import StorageError
from relcare.storage import BaseStore, LogEntry, Record, StoredEntry, Transaction


class TinyStore(BaseStore):
    """Keeps up to a few thousand records in one file, which one process uses at a time."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.turn = threading.Lock()
        self.state = State({}, {}, [], {})
        if path.exists():
            records, versions, log, work = json.loads(path.read_text("utf-8"))
            for fields in records:
                record = Record(**{**fields, "keys": [(name, value) for name, value in fields["keys"]]})
                self.state.records[record.kind, record.id] = record
            self.state.versions.update({(kind, record_id): version for kind, record_id, version in versions})
            self.state.log.extend(LogEntry(**fields) for fields in log)
            self.state.work.update(work)

    def begin(self, *, writes: bool) -> Transaction:
        if writes and not self.turn.acquire(timeout=30):
            raise StorageError("another unit kept the store for 30 seconds")
        return TinyTransaction(self, writes=writes)


@attrs.frozen
class State:
    """All there is; a commit puts a new one in place of the old, which open views go on reading."""

    records: dict[tuple[str, str], Record]
    versions: dict[tuple[str, str], int]
    log: list[LogEntry]
    work: dict[str, str]


class TinyTransaction(Transaction):
    def __init__(self, store: TinyStore, *, writes: bool) -> None:
        self.store, self.writes, old = store, writes, store.state
        self.state = State(dict(old.records), dict(old.versions), list(old.log), dict(old.work)) if writes else old

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
        return next((StoredEntry(n, entry) for n, entry in enumerate(self.state.log, 1) if entry.id == entry_id), None)

    def append_entry(self, entry: LogEntry) -> int:
        self.state.log.append(entry)
        return len(self.state.log)

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> Sequence[StoredEntry]:
        entries = enumerate(self.state.log[after:], after + 1)
        return [StoredEntry(n, entry) for n, entry in entries if client_id in {None, entry.client_id}][:limit]

    def find_work(self, idempotency_key: str) -> str | None:
        return self.state.work.get(idempotency_key)

    def store_work(self, idempotency_key: str, body_digest: str) -> None:
        self.state.work[idempotency_key] = body_digest

    def commit(self) -> None:
        records = [attrs.asdict(record) for record in self.state.records.values()]
        versions = [(*place, version) for place, version in self.state.versions.items()]
        fresh = self.store.path.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump((records, versions, [attrs.asdict(entry) for entry in self.state.log], self.state.work), file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.store.path)
            self.store.state = self.state
        except OSError as error:
            raise StorageError(f"the file could not be written ({error.strerror})") from error
        finally:
            self.rollback()

    def rollback(self) -> None:
        if self.writes:
            self.store.turn.release()
