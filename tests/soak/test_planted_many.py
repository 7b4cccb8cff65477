"""Bugs planted in stores, each for a row that many share: a row that finds none of them would be worth nothing."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import cast

import attrs
import pytest
from docs.examples.dict_store import DictStore, DictTransaction
from tests.contract.planted_stores import STORES, PutIgnoresTheExpectedVersion
from tests.soak import bits
from tests.soak.alike import Contender, differences
from tests.soak.backups_load import is_prefix, log_of, write_until, wrong_in
from tests.soak.many_counts import CLIENT, count_up, lost
from tests.soak.many_events import Event, write_end, write_events, wrong
from tests.soak.many_events import log_of as events_of
from tests.soak.many_history import Step, last_of, steps_of, violations

from relcare.storage import LogEntry, MemoryStore, ReadUnit, Record, RecordReader, Store, StoredEntry, Transaction, UnitOfWork
from relcare.storage._rows import read_record

NOT_ALONE = frozenset({"WritersDoNotTakeTurns", "ViewsMoveOn", "WritersAreSeenBeforeTheyCommit", "ScansEndWithTheFirstPage"})
"""Planted stores whose bug needs two units at once, or more records than a page has."""


class TestLostUpdates:
    def test_none_is_lost_in_a_sound_store(self) -> None:
        store = MemoryStore()
        assert lost(store, [count_up(store, number, 6) for number in range(3)]) == []

    def test_a_change_over_a_version_that_is_gone_is_seen(self) -> None:
        store = Overtaken()
        assert "6 changes were acknowledged, but the version is 9" in lost(store, [count_up(store, 0, 6)])


class Overtaken(PutIgnoresTheExpectedVersion):
    """Lets another process come first between the reading of a client and its writing, and does not look at versions."""

    @contextmanager
    def read(self) -> Generator[ReadUnit]:
        with super().read() as view:
            yield view
        with self.write() as other:
            kind, record_id = CLIENT
            found = other.records.get(kind, record_id)
            other.records.put(Record(kind=kind, id=record_id, payload='{"7": 1}'), expected=found.version if found else 0)


class TestHistories:
    def history(self, mine: Store, kept: Store) -> list[str]:
        """What is wrong when somebody else writes in between."""
        steps: list[Step] = []
        for number, store in enumerate([mine, kept, mine, kept]):
            steps += steps_of(store, number, 60, 7)
        return list(violations(steps, last_of(kept)))

    def test_a_sound_store_has_one(self) -> None:
        store = MemoryStore()
        assert self.history(store, store) == []

    def test_a_stale_cache_is_seen(self) -> None:
        store = MemoryStore()
        assert any("stale" in told for told in self.history(Stale(store), store))

    def test_two_winners_are_seen(self) -> None:
        store = MemoryStore()
        steps = steps_of(store, 0, 60, 7)
        winner = next(step for step in steps if step.kind == "written")
        other = attrs.evolve(winner, value="1.0", by="1.0")
        assert any("was written by" in told for told in violations([*steps, other], last_of(store)))

    def test_a_change_that_is_gone_is_seen(self) -> None:
        store = MemoryStore()
        steps = steps_of(store, 0, 60, 7)
        assert any("ended as" in told for told in violations(steps, {}))


class Stale:
    """Remembers what it read and writes through; what others write it does not see."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: dict[tuple[str, str], Record | None] = {}
        self.write, self.close = store.write, store.close

    @contextmanager
    def read(self) -> Generator[ReadUnit]:
        with self._store.read() as view:
            yield StaleView(view, self._cache)


class StaleView:
    def __init__(self, view: ReadUnit, cache: dict[tuple[str, str], Record | None]) -> None:
        self.records, self.log = StaleRecords(view.records, cache), view.log


class StaleRecords:
    def __init__(self, records: RecordReader, cache: dict[tuple[str, str], Record | None]) -> None:
        self._records, self._cache = records, cache
        self.scan = records.scan

    def get(self, kind: str, record_id: str, /) -> Record | None:
        if (kind, record_id) not in self._cache:
            self._cache[kind, record_id] = self._records.get(kind, record_id)
        return self._cache[kind, record_id]


class TestFollowers:
    def followed(self, first: Store, second: Store) -> list[str]:
        """What is wrong when the second commits while the first has its positions already, and a reader looks in between."""
        entries = [LogEntry(id=f"{number}-0-0", kind="note", client_id="c-1", payload="{}") for number in range(2)]
        seen: list[Event] = []
        two: list[Event] = []
        with first.write() as slow:
            one = [Event(slow.log.append(entries[0]), entries[0].id)]
            if first is not second:
                two = write_now(second, entries[1])
                seen += events_behind(second, seen)
        two = two or write_now(second, entries[1])
        write_end(first)
        seen += events_behind(second, seen)
        return list(wrong(events_of(first), [[one], [two]], [seen]))

    def test_a_sound_store_hides_nothing(self) -> None:
        store = MemoryStore()
        assert self.followed(store, store) == []

    def test_positions_of_a_sequence_are_seen_to_hide_an_event(self) -> None:
        first = SequenceStore()
        second = SequenceStore()
        second.state, second.numbers = first.state, first.numbers
        assert self.followed(first, second) == ["reader 0 saw 2 of 3 events, missed ['0-0-0']"]

    def test_an_event_that_was_given_up_is_seen(self) -> None:
        store = MemoryStore()
        units = write_events(store, 0, 30, 7)
        log = events_of(store)
        never = Event(log[-1].position + 1, "never-0-1-0")
        assert [told for told in wrong([*log, never], [units], []) if "never kept" in told] != []


def write_now(store: Store, entry: LogEntry) -> list[Event]:
    with store.write() as unit:
        return [Event(unit.log.append(entry), entry.id)]


def events_behind(store: Store, seen: list[Event]) -> list[Event]:
    with store.read() as view:
        return [Event(one.position, one.entry.id) for one in view.log.since(seen[-1].position if seen else 0)]


class SequenceStore(DictStore):
    """Takes positions from a sequence, as a database gives them, and lets several units write at once."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)

    def begin(self, *, writes: bool) -> Transaction:
        return SequenceTransaction(self, writes=writes)


class SequenceTransaction(DictTransaction):
    def append_entry(self, entry: LogEntry) -> int:
        stored = StoredEntry(next(cast("SequenceStore", self.store).numbers), entry)
        self.state.log[entry.id] = stored
        return stored.position

    def page_of_entries(self, client_id: str | None, after: int, limit: int) -> list[StoredEntry]:
        return sorted(super().page_of_entries(client_id, after, limit), key=lambda stored: stored.position)

    def commit(self) -> None:
        self.store.state.log.update(self.state.log)

    def rollback(self) -> None:
        return


class TestAlike:
    @pytest.mark.parametrize("name", sorted({*STORES} - {"Sound", *NOT_ALONE}))
    def test_a_difference_is_found(self, name: str) -> None:
        random = Random(7)
        for _ in range(5):
            contenders = [Contender("memory", MemoryStore()), Contender(name, STORES[name]())]
            if differences(contenders, random, 200):
                return
        pytest.fail(f"no difference between memory and {name}")

    def test_there_is_none_between_sound_stores(self) -> None:
        contenders = [Contender("memory", MemoryStore()), Contender("Sound", STORES["Sound"]())]
        assert differences(contenders, Random(7), 300) == []


class TestBackups:
    def written(self, folder: Path) -> Store:
        store = MemoryStore()
        stop = folder / "stop"
        write_until(Stopping(store, stop, units=12), 0, stop, 7)
        return store

    def test_a_sound_book_is_whole(self, tmp_path: Path) -> None:
        store = self.written(tmp_path)
        assert list(wrong_in(store)) == []
        assert is_prefix(log_of(store)[:5], log_of(store))

    def test_half_a_unit_is_seen(self, tmp_path: Path) -> None:
        store = self.written(tmp_path)
        with store.write() as unit:
            unit.log.append(LogEntry(id="e-13", kind="note", client_id="c-0", payload="{}"))
        assert any("the log has 13 entries" in told for told in wrong_in(store))

    def test_a_log_with_a_hole_is_seen(self, tmp_path: Path) -> None:
        log = log_of(self.written(tmp_path))
        assert not is_prefix([*log[:3], *log[4:6]], log)


class Stopping:
    """Tells its writer to stop after so many units."""

    def __init__(self, store: Store, stop: Path, units: int) -> None:
        self._store, self._stop, self._left = store, stop, units
        self.read, self.close = store.read, store.close

    def write(self, key: str | None = None, /, *, body_digest: str | None = None) -> AbstractContextManager[UnitOfWork]:
        self._left -= 1
        if self._left == 0:
            self._stop.touch()
        return self._store.write(key, body_digest=body_digest)


class TestBits:
    def consequences(self, folder: Path, damage: bits.Damage, times: int) -> list[str]:
        book = bits.original(folder / "book.db", is_sql=False)
        random = Random(7)
        told: list[str] = []
        for _ in range(times):
            book.put_back()
            damage(book.path, random)
            told += bits.consequence(book)[1]
        return told

    def test_without_digests_a_wrong_value_is_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.storage._rows.row_digest", lambda *_: 0)
        assert any("was answered with" in told for told in self.consequences(tmp_path, bits.swap_rows, 8))

    def test_a_key_that_leads_elsewhere_is_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.consequences(tmp_path, bits.lead_astray, 3) == []
        again = tmp_path / "again"
        again.mkdir()
        monkeypatch.setattr("relcare.storage._row_transaction._record_behind", lambda _, __, row: read_record(row))
        assert any("was answered with" in told for told in self.consequences(again, bits.lead_astray, 3))
