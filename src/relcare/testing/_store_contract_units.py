"""The part of the storage contract about units of work and closing."""
# ruff: noqa: S101, PT012 - a contract asserts, and whole units are what raises

from pathlib import Path

import attrs
import pytest

from relcare.errors import ConflictError, InvalidValueError, StorageError
from relcare.storage import Store
from relcare.testing._store_contract_base import StoreContractBase, elsewhere, entry, get, logged, put, record, scanned


class UnitsContract(StoreContractBase):
    """Atomicity, idempotency and life of units (STO-1, STO-2, STO-3)."""

    def test_a_clean_end_commits_everything(self, store: Store) -> None:
        with store.write() as unit:
            unit.records.put(record(), expected=0)
            unit.log.append(entry())
        assert get(store) is not None
        assert logged(store) == ["t-1"]

    def test_an_exception_undoes_everything_and_goes_on_unchanged(self, store: Store) -> None:
        put(store, record("a", payload="[1]", team="x"), record("b"))
        error = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt) as caught, store.write() as unit:
            unit.records.put(record("a", payload="[2]", team="y"), expected=1)
            unit.records.delete("client", "b", expected=1)
            unit.records.put(record("c"), expected=0)
            unit.log.append(entry())
            raise error
        assert caught.value is error
        assert get(store, "a") == attrs.evolve(record("a", payload="[1]", team="x"), version=1)
        assert scanned(store) == ["a", "b"]
        assert (scanned(store, key=("team", "x")), scanned(store, key=("team", "y"))) == (["a"], [])
        assert logged(store) == []

    def test_a_unit_goes_on_after_a_conflict_that_was_caught(self, store: Store) -> None:
        put(store, record())
        with store.write() as unit:
            with pytest.raises(ConflictError):
                unit.records.put(record(payload="[2]"), expected=0)
            unit.records.put(record("c-2"), expected=0)
        assert scanned(store) == ["c-1", "c-2"]

    def test_a_second_unit_in_the_thread_is_refused_and_the_first_goes_on(self, store: Store) -> None:
        with store.write() as unit:
            unit.records.put(record(), expected=0)
            with pytest.raises(StorageError, match="open already"), store.write():
                pass
            with pytest.raises(StorageError, match="open already"), store.read():
                pass
            unit.records.put(record("c-2"), expected=0)
        with store.read() as view:
            with pytest.raises(StorageError, match="open already"), store.write():
                pass
            assert [one.id for one in view.records.scan("client")] == ["c-1", "c-2"]

    def test_nothing_works_after_the_end_of_a_unit(self, store: Store) -> None:
        put(store, record("a"), record("b"))
        with store.write() as unit:
            scan = unit.records.scan("client")
            next(scan)
        with store.read() as view:
            view_scan, entries = view.records.scan("client"), view.log.since()
        for attempt in (
            lambda: unit.records.get("client", "a"),
            lambda: unit.records.put(record("c"), expected=0),
            lambda: unit.log.append(entry()),
            lambda: next(scan),
            lambda: view.records.get("client", "a"),
            lambda: next(view_scan),
            lambda: next(entries),
        ):
            with pytest.raises(StorageError, match="ended"):
                attempt()

    def test_a_unit_serves_only_the_thread_that_opened_it(self, store: Store) -> None:
        self.need_threads()
        with store.write() as unit:
            for attempt in (lambda: unit.records.get("client", "a"), lambda: unit.log.append(entry())):
                with pytest.raises(StorageError, match="another thread"):
                    elsewhere(attempt)
        assert logged(store) == []

    def test_a_view_offers_no_changes(self, store: Store) -> None:
        with store.read() as view:
            assert not {"put", "put_many", "delete"} & set(dir(view.records))
            assert not {"append", "append_many"} & set(dir(view.log))

    def test_the_same_key_works_once(self, store: Store) -> None:
        seen: list[bool] = []
        for _ in range(3):
            with store.write("visit-1") as unit:
                seen.append(unit.is_repeat)
                if not unit.is_repeat:
                    current = unit.records.get("client", "c-1")
                    unit.records.put(record(), expected=current.version if current else 0)
        assert seen == [False, True, True]
        assert get(store) == attrs.evolve(record(), version=1)

    def test_a_repeat_that_forgot_to_look_changes_nothing(self, store: Store) -> None:
        with store.write("visit-1") as unit:
            unit.log.append(entry())
        with store.write("visit-1") as again:
            for attempt in (
                lambda: again.log.append(entry("t-2")),
                lambda: again.log.append_many([entry("t-2")]),
                lambda: again.records.put(record(), expected=0),
                lambda: again.records.put_many([record()]),
                lambda: again.records.delete("client", "c-1", expected=1),
            ):
                with pytest.raises(StorageError, match="idempotency key"):
                    attempt()
            assert [stored.entry.id for stored in again.log.since()] == ["t-1"]
        assert (logged(store), scanned(store)) == (["t-1"], [])

    def test_work_that_failed_did_not_use_up_its_key(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write("visit-1"):
            raise ZeroDivisionError
        with store.write("visit-1") as unit:
            assert not unit.is_repeat

    def test_a_key_used_for_other_work_is_refused(self, store: Store) -> None:
        with store.write("visit-1", body_digest="d1"):
            pass
        with store.write("visit-1", body_digest="d1") as unit:
            assert unit.is_repeat
        with store.write("visit-1") as unit:
            assert unit.is_repeat
        with pytest.raises(InvalidValueError, match="idempotency_key"), store.write("visit-1", body_digest="d2"):
            pass
        with store.write("visit-2", body_digest="d2") as unit:
            assert not unit.is_repeat

    def test_keys_are_compared_exactly_and_no_key_never_repeats(self, store: Store) -> None:
        for key in ("a", "A", "a ", "%", None, None):
            with store.write(key) as unit:
                assert not unit.is_repeat

    def test_an_impossible_key_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidValueError, match="idempotency_key"), store.write(""):
            pass
        with pytest.raises(InvalidValueError, match="body_digest"), store.write("a", body_digest="a\0"):
            pass
        with pytest.raises(InvalidValueError, match="body_digest"), store.write(body_digest="d"):
            pass

    def test_a_closed_store_refuses_and_closing_again_does_nothing(self, store: Store) -> None:
        store.close()
        store.close()
        with pytest.raises(StorageError, match="closed"), store.read():
            pass
        with pytest.raises(StorageError, match="closed"), store.write():
            pass

    def test_a_store_does_not_close_under_an_open_unit(self, store: Store) -> None:
        with store.write() as unit:
            with pytest.raises(StorageError, match="still open"):
                store.close()
            unit.records.put(record(), expected=0)
        assert get(store) is not None

    def test_what_was_committed_is_there_after_reopening(self, store: Store, tmp_path: Path) -> None:
        self.need_persistence()
        put(store, record("a", payload="[1]", team="x"), record("gone"))
        with store.write("visit-1", body_digest="d1") as unit:
            unit.records.delete("client", "gone", expected=1)
            last = unit.log.append(entry())
        with pytest.raises(ZeroDivisionError), store.write() as unit:
            unit.records.put(record("b"), expected=0)
            raise ZeroDivisionError
        store.close()
        again = self.reopen(tmp_path)
        try:
            assert scanned(again) == scanned(again, key=("team", "x")) == ["a"]
            assert get(again, "a") == attrs.evolve(record("a", payload="[1]", team="x"), version=1)
            with again.write("visit-1") as unit:
                assert unit.is_repeat
            with pytest.raises(InvalidValueError), again.write("visit-1", body_digest="d2"):
                pass
            with again.write() as unit:
                assert unit.records.put(record("gone"), expected=0).version == 2
                assert unit.log.append(entry("t-2")) > last
            assert logged(again) == ["t-1", "t-2"]
        finally:
            again.close()
