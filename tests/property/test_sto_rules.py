"""The storage rules, on the store in memory and on the store in a file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.errors import ConflictError, InvalidValueError, StorageError
from relcare.storage import LogEntry, MemoryStore, Record, SqliteStore, Store, StoredEntry
from relcare.testing import store_entries, store_ids, store_records

both_stores = pytest.mark.parametrize("kind", ["memory", "sqlite"])
# A file is made, synchronised and removed for each example.
few = settings(max_examples=30, deadline=None)


@contextmanager
def new_store(kind: str) -> Iterator[Store]:
    if kind == "memory":
        with MemoryStore() as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as folder, SqliteStore.new(Path(folder) / "book.db") as store:
        yield store


def contents(store: Store) -> tuple[list[Record], list[Record], list[StoredEntry]]:
    with store.read() as view:
        return list(view.records.scan("client")), list(view.records.scan("staff")), list(view.log.since())


def put_all(store: Store, records: list[Record]) -> dict[tuple[str, str], Record]:
    """Stores them in order, later ones over earlier ones; what must be there in the end."""
    latest: dict[tuple[str, str], Record] = {}
    with store.write() as unit:
        for record in records:
            before = latest.get((record.kind, record.id))
            latest[record.kind, record.id] = unit.records.put(record, expected=before.version if before else 0)
    return latest


class TestSto1:
    """STO-1: three small protocols, which state order, absence, conflict, atomicity.

    Records (kind, id, version, payload, declared index keys: get, put, delete, scan), a log (append, since cursor, by client), a
    unit of work.
    """

    @both_stores
    @few
    @given(records=st.lists(store_records(), max_size=12))
    def test_a_scan_is_the_sorted_list_of_what_get_gives(self, kind: str, records: list[Record]) -> None:
        with new_store(kind) as store:
            latest = put_all(store, records)
            clients, staff, _ = contents(store)
            assert [*clients, *staff] == [latest[place] for place in sorted(latest)]
            with store.read() as view:
                assert all(view.records.get(*place) == record for place, record in latest.items())

    @both_stores
    @few
    @given(records=st.lists(store_records(), max_size=12))
    def test_a_key_finds_exactly_the_records_that_carry_it(self, kind: str, records: list[Record]) -> None:
        with new_store(kind) as store:
            latest = put_all(store, records)
            with store.read() as view:
                for key in {key for record in records for key in record.keys}:
                    for name in ("client", "staff"):
                        expected = [latest[place] for place in sorted(latest) if place[0] == name and key in latest[place].keys]
                        assert list(view.records.scan(name, key=key)) == expected

    @both_stores
    @few
    @given(entries=st.lists(store_entries(), max_size=12, unique_by=lambda entry: entry.id), cut=st.integers(0, 12))
    def test_following_the_log_in_any_steps_gives_the_whole_log(self, kind: str, entries: list[LogEntry], cut: int) -> None:
        with new_store(kind) as store:
            with store.write() as unit:
                unit.log.append_many(entries[:cut])
            first = contents(store)[2]
            with store.write() as unit:
                for entry in entries[cut:]:
                    unit.log.append(entry)
            with store.read() as view:
                rest = list(view.log.since(first[-1].position if first else 0))
            assert [stored.entry for stored in [*first, *rest]] == entries

    @both_stores
    @few
    @given(entries=st.lists(store_entries(), max_size=12, unique_by=lambda entry: entry.id))
    def test_the_logs_of_the_clients_are_the_log(self, kind: str, entries: list[LogEntry]) -> None:
        with new_store(kind) as store:
            with store.write() as unit:
                assert unit.log.append_many(entries) == len(entries)
            with store.read() as view:
                parts = [stored for client_id in {one.client_id for one in entries} for stored in view.log.of_client(client_id)]
            assert sorted(parts, key=lambda stored: stored.position) == contents(store)[2]

    @few
    @given(records=st.lists(store_records(), max_size=8), entries=st.lists(store_entries(), max_size=8))
    def test_memory_and_file_give_the_same_answers(self, records: list[Record], entries: list[LogEntry]) -> None:
        answers: list[object] = []
        for kind in ("memory", "sqlite"):
            with new_store(kind) as store:
                put_all(store, records)
                for entry in entries:
                    try:
                        with store.write() as unit:
                            unit.log.append(entry)
                    except ConflictError as conflict:
                        answers.append((entry.id, str(conflict)))
                answers.append(contents(store))
        half = len(answers) // 2
        assert answers[:half] == answers[half:]


class TestSto2:
    """STO-2: optimistic versions: a stale write is a conflict error, never a lost update.

    A unit of work is all or nothing. Retrying with the same idempotency key never doubles.
    """

    @both_stores
    @few
    @given(record=store_records(), versions=st.lists(st.integers(0, 4), min_size=1, max_size=12))
    def test_a_write_succeeds_exactly_when_its_version_is_the_latest(
        self, kind: str, record: Record, versions: list[int]
    ) -> None:
        with new_store(kind) as store:
            latest = 0
            for expected in versions:
                found = None
                try:
                    with store.write() as unit:
                        latest = unit.records.put(record, expected=expected).version
                except ConflictError as conflict:
                    found = conflict.found
                if found is None:
                    assert latest == expected + 1
                else:
                    assert (found, found != expected) == (latest, True)

    @both_stores
    @few
    @given(deletes=st.lists(st.booleans(), min_size=2, max_size=12))
    @example(deletes=[False, True, False])
    def test_no_version_of_an_id_is_given_twice(self, kind: str, deletes: list[bool]) -> None:
        given_out = []
        with new_store(kind) as store:
            found = 0
            for delete in deletes:
                with store.write() as unit:
                    if delete and found:
                        unit.records.delete("client", "c-1", expected=found)
                        found = 0
                    else:
                        found = unit.records.put(Record(kind="client", id="c-1", payload="{}"), expected=found).version
                        given_out.append(found)
        assert given_out == sorted(set(given_out))

    @both_stores
    @few
    @given(
        before=st.lists(store_records(), max_size=6),
        changes=st.lists(store_records() | store_entries(), max_size=6, unique_by=lambda one: one.id),
    )
    def test_a_unit_that_raises_leaves_everything_as_it_was(
        self, kind: str, before: list[Record], changes: list[Record | LogEntry]
    ) -> None:
        with new_store(kind) as store:
            latest = put_all(store, before)
            was = contents(store)
            with pytest.raises(ZeroDivisionError), store.write("work") as unit:  # noqa: PT012 - the unit is what is tested
                for record in latest.values():
                    unit.records.delete(record.kind, record.id, expected=record.version)
                for change in changes:
                    if isinstance(change, Record):
                        unit.records.put(change, expected=0)
                    else:
                        unit.log.append(change)
                raise ZeroDivisionError
            assert contents(store) == was
            with store.write("work") as unit:
                assert not unit.is_repeat

    @both_stores
    @few
    @given(keys=st.lists(store_ids(), max_size=8))
    @example(keys=["é", "e\u0301", "É", "é"])
    def test_the_work_of_a_key_is_done_once_however_often_it_is_retried(self, kind: str, keys: list[str]) -> None:
        with new_store(kind) as store:
            for attempt, key in enumerate(keys):
                entry = LogEntry(id=f"t-{attempt}", kind="touchpoint", client_id="c-1", payload="{}")
                with store.write(key) as unit:
                    if unit.is_repeat:
                        with pytest.raises(StorageError):
                            unit.log.append(entry)
                    else:
                        unit.log.append(entry)
            assert len(contents(store)[2]) == len(set(keys))


class TestSto6:
    """STO-6: ids are text compared by code point; integers inside are dictionary codes, never an order."""

    @both_stores
    @few
    @given(ids=st.lists(store_ids(), unique=True, max_size=20), after=store_ids())
    @example(ids=["\uff5e", "\U0001f600", "é", "e\u0301", "Z", "a"], after="Z")
    def test_a_scan_is_in_the_order_of_code_points_whatever_the_order_of_writing(
        self, kind: str, ids: list[str], after: str
    ) -> None:
        with new_store(kind) as store:
            with store.write() as unit:
                unit.records.put_many(Record(kind="client", id=one, payload="{}") for one in ids)
            by_code_point = sorted(ids, key=lambda text: [ord(character) for character in text])
            with store.read() as view:
                assert [record.id for record in view.records.scan("client")] == by_code_point
                behind = [record.id for record in view.records.scan("client", after=after)]
            assert behind == [one for one in by_code_point if one > after]

    @given(text=st.text(max_size=6), noise=st.sampled_from(["", "\0", "\ud800", "x" * 201]))
    def test_an_id_is_kept_unchanged_or_refused_by_name(self, text: str, noise: str) -> None:
        wanted = text + noise
        if noise or not text or "\0" in text:
            with pytest.raises(InvalidValueError, match=r"record\.id"):
                Record(kind="client", id=wanted, payload="{}")
        else:
            assert Record(kind="client", id=wanted, payload="{}").id == wanted


class TestTim7:
    """TIM-7: events are append-only; a correction or deletion is an entry that voids another."""

    @both_stores
    @few
    @given(entries=st.lists(store_entries(), max_size=12))
    def test_nothing_that_is_appended_changes_what_the_log_said_before(self, kind: str, entries: list[LogEntry]) -> None:
        with new_store(kind) as store:
            log: list[StoredEntry] = []
            for entry in entries:
                again = attrs.evolve(entry, by="kim", recorded_at="2026-03-31T09:00:00+09:00")
                for one in (entry, again):
                    try:
                        with store.write() as unit:
                            unit.log.append(one)
                    except ConflictError:
                        assert any(stored.entry.id == one.id and not stored.entry.says_the_same_as(one) for stored in log)
                now = contents(store)[2]
                assert now[: len(log)] == log
                log = now
            assert [stored.entry.id for stored in log] == list(dict.fromkeys(entry.id for entry in entries))
