"""A state machine that runs a store against a dictionary."""
# ruff: noqa: S101 - a machine asserts

import tempfile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from relcare.errors import ConflictError
from relcare.storage import LogEntry, Record, Store, UnitOfWork
from relcare.testing._store_strategies import KEYS, KINDS, store_entries, store_ids, store_records


@attrs.define
class Model:
    """What a store must hold: plain dictionaries."""

    records: dict[tuple[str, str], Record]
    versions: dict[tuple[str, str], int]
    log: list[LogEntry]
    keys: set[str]

    def copy(self) -> "Model":
        return Model(dict(self.records), dict(self.versions), list(self.log), set(self.keys))

    def put(self, record: Record) -> Record:
        place = (record.kind, record.id)
        self.versions[place] = self.versions.get(place, 0) + 1
        self.records[place] = attrs.evolve(record, version=self.versions[place])
        return self.records[place]

    def scan(self, kind: str, key: tuple[str, str] | None = None, after: str = "") -> list[Record]:
        found = (one for place, one in sorted(self.records.items()) if place[0] == kind and place[1] > after)
        return [one for one in found if key is None or key in one.keys]


class StoreMachine(RuleBasedStateMachine):
    """Each rule is one unit of work; `store_machine` ties it to a store."""

    def __init__(self, make_store: Callable[[Path], Store], reopen: Callable[[Path], Store] | None) -> None:
        super().__init__()
        self.reopen = reopen
        self.folder = tempfile.TemporaryDirectory()
        self.store = make_store(Path(self.folder.name))
        self.model = Model({}, {}, [], set())

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(changes=st.lists(store_records() | store_entries(), min_size=1, max_size=4), fails=st.booleans())
    def changes_commit_together_or_not_at_all(self, changes: list[Record | LogEntry], *, fails: bool) -> None:
        model = self.model.copy()
        try:
            with self.store.write() as unit:
                for change in changes:
                    self._apply(unit, model, change)
                _ = 1 // (not fails)
        except ZeroDivisionError:
            return
        self.model = model

    @rule(record=store_records(), off=st.sampled_from([-1, 1, 7]))
    def a_wrong_version_is_a_conflict(self, record: Record, off: int) -> None:
        current = self.model.records.get((record.kind, record.id))
        found = current.version if current else 0
        with self.store.write() as unit, pytest.raises(ConflictError) as caught:
            unit.records.put(record, expected=max(found + off, 0 if found else 1))
        assert caught.value.found == found

    @rule(data=st.data(), comes_back=st.booleans())
    @precondition(lambda self: self.model.records)
    def a_record_is_deleted(self, data: st.DataObject, *, comes_back: bool) -> None:
        place = data.draw(st.sampled_from(sorted(self.model.records)))
        with self.store.write() as unit:
            deleted = self.model.records.pop(place)
            unit.records.delete(*place, expected=deleted.version)
        if comes_back:
            with self.store.write() as unit:
                self._apply(unit, self.model, deleted)

    @rule(key=st.sampled_from(["k-1", "k-2", "K-1"]), entry=store_entries(), fails=st.booleans())
    def a_key_works_once(self, key: str, entry: LogEntry, *, fails: bool) -> None:
        model = self.model.copy()
        try:
            with self.store.write(key) as unit:
                assert unit.is_repeat == (key in self.model.keys)
                if not unit.is_repeat:
                    self._apply(unit, model, entry)
                _ = 1 // (not fails)
        except ZeroDivisionError:
            return
        model.keys.add(key)
        self.model = model

    @rule(kind=KINDS, key=st.none() | KEYS, after=store_ids())
    def a_scan_is_a_sorted_filter(self, kind: str, key: tuple[str, str] | None, after: str) -> None:
        with self.store.read() as view:
            assert list(view.records.scan(kind, key=key)) == self.model.scan(kind, key)
            assert list(view.records.scan(kind, key=key, after=after)) == self.model.scan(kind, key, after)

    @rule()
    def closing_and_opening_changes_nothing(self) -> None:
        if self.reopen is not None:
            self.store.close()
            self.store = self.reopen(Path(self.folder.name))

    @invariant()
    def the_store_equals_the_model(self) -> None:
        with self.store.read() as view:
            for kind in ("client", "staff"):
                assert list(view.records.scan(kind)) == self.model.scan(kind)
            stored = list(view.log.since())
            assert [one.entry for one in stored] == self.model.log
            positions = [one.position for one in stored]
            assert positions == sorted(set(positions))
            assert all(position >= 1 for position in positions)
            for index, position in enumerate(positions):
                assert list(view.log.since(position)) == stored[index + 1 :]
            for client_id in ("c-1", "c-2", "C-1"):
                assert list(view.log.of_client(client_id)) == [one for one in stored if one.entry.client_id == client_id]

    def _apply(self, unit: UnitOfWork, model: Model, change: Record | LogEntry) -> None:
        if isinstance(change, Record):
            current = model.records.get((change.kind, change.id))
            assert unit.records.get(change.kind, change.id) == current
            assert unit.records.put(change, expected=current.version if current else 0) == model.put(change)
            return
        known = next((one for one in model.log if one.id == change.id), None)
        if known is None:
            unit.log.append(change)
            model.log.append(change)
        elif known.says_the_same_as(change):
            unit.log.append(change)
        else:
            with pytest.raises(ConflictError):
                unit.log.append(change)


def store_machine(
    make_store: Callable[[Path], Store], *, reopen: Callable[[Path], Store] | None = None
) -> type[RuleBasedStateMachine]:
    """A Hypothesis state machine that drives a store through random units and compares it with a dictionary after each.

    Args:
        make_store: Makes a new, empty store; it gets an empty folder of its own, removed afterwards.
        reopen: Opens the store made in that folder again, after it was closed. None for a store that is not persistent.

    Examples:
        >>> from hypothesis import settings
        >>> from relcare.storage import MemoryStore
        >>> TestMachine = store_machine(lambda folder: MemoryStore()).TestCase
        >>> TestMachine.settings = settings(max_examples=20, deadline=None)

    Source: STO-5
    """

    class BoundStoreMachine(StoreMachine):
        """Hypothesis makes its machines without arguments."""

        def __init__(self) -> None:
            super().__init__(make_store, reopen)

    return BoundStoreMachine
