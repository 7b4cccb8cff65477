"""The part of the storage contract about threads."""
# ruff: noqa: S101 - a contract asserts

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import attrs

from relcare.errors import ConflictError
from relcare.storage import Store
from relcare.testing._store_contract_base import StoreContractBase, append, elsewhere, entry, get, logged, put, record, scanned

Answer = TypeVar("Answer")
THREADS = 8
ROUNDS = 12
TRIES = THREADS * ROUNDS
"""Whoever meets a conflict was overtaken by one of these."""
OVERLAP_SECONDS = 0.2
"""How long a unit waits for another to get in beside it; a store whose writers take turns lets nobody in."""


def everywhere(work: Callable[[int], Answer]) -> list[Answer]:
    """The answers of several threads that start together."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> Answer:
        start.wait(timeout=60)
        return work(number)

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return [waiting.result(timeout=60) for waiting in [pool.submit(run, number) for number in range(THREADS)]]


def counted_up(store: Store, between: Callable[[], object] = int) -> int:
    """1 when the number went up by one, 0 after a conflict; `between` comes after reading it and before writing."""
    try:
        with store.write() as unit:
            current = unit.records.get("client", "n")
            assert current is not None
            between()
            unit.records.put(record("n", payload=str(int(current.payload) + 1)), expected=current.version)
    except ConflictError:
        return 0
    return 1


class ThreadsContract(StoreContractBase):
    """Isolation, and no lost updates (STO-1, STO-2)."""

    def test_nobody_sees_a_unit_before_it_commits(self, store: Store) -> None:
        self.need_concurrency()
        put(store, record("a"))
        with store.write() as unit:
            unit.records.put(record("b"), expected=0)
            unit.records.delete("client", "a", expected=1)
            unit.log.append(entry())
            assert elsewhere(lambda: (scanned(store), logged(store))) == (["a"], [])
        assert elsewhere(lambda: (scanned(store), logged(store))) == (["b"], ["t-1"])

    def test_a_view_stands_still_while_others_commit(self, store: Store) -> None:
        self.need_concurrency()
        put(store, record("a", team="x"), record("b", team="x"))
        append(store, entry("t-1"))

        def commit() -> None:
            with store.write() as unit:
                unit.records.put(record("a", payload="[2]", team="y"), expected=1)
                unit.records.delete("client", "b", expected=1)
                unit.records.put(record("c", team="x"), expected=0)
                unit.log.append(entry("t-2"))
            with store.write() as unit:
                unit.records.put(record("a", payload="[3]", team="x"), expected=2)

        with store.read() as view:
            started = view.records.scan("client")
            first = next(started)
            elsewhere(commit)
            assert [first, *started] == [attrs.evolve(record(one, team="x"), version=1) for one in ("a", "b")]
            assert [one.id for one in view.records.scan("client", key=("team", "x"))] == ["a", "b"]
            assert view.records.get("client", "c") is None
            assert [stored.entry.id for stored in view.log.since()] == ["t-1"]
            assert [stored.entry.id for stored in view.log.of_client("c-1")] == ["t-1"]
            assert view.log.get("t-2") is None
        assert scanned(store) == ["a", "c"]

    def test_a_view_opened_before_the_first_commit_stays_empty(self, store: Store) -> None:
        self.need_concurrency()

        def commit() -> None:
            put(store, record())
            append(store, entry())

        with store.read() as view:
            elsewhere(commit)
            assert list(view.records.scan("client")) == []
            assert list(view.log.since()) == []

    def test_of_many_threads_that_count_up_none_is_lost(self, store: Store) -> None:
        self.need_threads()
        put(store, record("n", payload="0"))

        def work(_: int) -> None:
            done = 0
            # A store may let one of two units that collide go, and tell the other of a conflict: then it tries again.
            for _try in range(TRIES):
                done += counted_up(store)
                if done == ROUNDS:
                    return

        everywhere(work)
        assert get(store, "n") == attrs.evolve(record("n", payload=str(THREADS * ROUNDS)), version=THREADS * ROUNDS + 1)

    def test_of_two_units_that_overlap_none_is_lost(self, store: Store) -> None:
        self.need_threads()
        put(store, record("n", payload="0"))
        second_has_read, first_has_ended = threading.Event(), threading.Event()

        def wait_for_the_first() -> None:
            second_has_read.set()
            first_has_ended.wait(timeout=60)

        with ThreadPoolExecutor(max_workers=1) as pool:
            waiting: list[Future[int]] = []

            def let_the_second_in() -> None:
                waiting.append(pool.submit(counted_up, store, wait_for_the_first))
                # Where writers take turns the second waits for its own, and the first goes on.
                second_has_read.wait(timeout=OVERLAP_SECONDS)

            try:
                counted = counted_up(store, let_the_second_in)
            finally:
                first_has_ended.set()
            counted += waiting[0].result(timeout=60)
        assert counted >= 1
        assert get(store, "n") == attrs.evolve(record("n", payload=str(counted)), version=counted + 1)

    def test_of_many_threads_with_what_they_read_before_none_is_lost(self, store: Store) -> None:
        self.need_threads()
        put(store, record("n", payload="0"))

        def work(_: int) -> None:
            done = 0
            for _try in range(TRIES):
                current = get(store, "n")
                assert current is not None
                try:
                    with store.write() as unit:
                        unit.records.put(record("n", payload=str(int(current.payload) + 1)), expected=current.version)
                except ConflictError:
                    continue
                done += 1
                if done == ROUNDS:
                    return

        everywhere(work)
        assert get(store, "n") == attrs.evolve(record("n", payload=str(THREADS * ROUNDS)), version=THREADS * ROUNDS + 1)

    def test_of_many_threads_with_one_key_one_does_the_work(self, store: Store) -> None:
        self.need_threads()

        def work(number: int) -> bool:
            try:
                with store.write("visit-1") as unit:
                    if not unit.is_repeat:
                        unit.log.append(entry(f"t-{number}"))
            except ConflictError:
                return False
            return not unit.is_repeat

        assert sum(everywhere(work)) == 1
        assert len(logged(store)) == 1

    def test_who_follows_the_log_misses_nothing(self, store: Store) -> None:
        self.need_threads()
        finished: list[int] = []

        def work(number: int) -> list[tuple[int, str]]:
            if number:
                try:
                    for index in range(ROUNDS):
                        append(store, entry(f"t-{number}-{index}"))
                finally:
                    finished.append(number)
                return []
            seen: list[tuple[int, str]] = []
            is_last = False
            while not is_last:
                # Looked at before the log is: once all the others have finished, this round sees everything.
                is_last = len(finished) == THREADS - 1
                with store.read() as view:
                    seen += [(stored.position, stored.entry.id) for stored in view.log.since(seen[-1][0] if seen else 0)]
            return seen

        followed = everywhere(work)[0]
        assert len(followed) == (THREADS - 1) * ROUNDS
        assert [one for _, one in followed] == logged(store)
        assert [position for position, _ in followed] == sorted({position for position, _ in followed})
