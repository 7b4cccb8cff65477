"""A14: forks, threads, and a file that others in the process open and close."""

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from threading import Thread
from typing import Final

from tests.soak.processes import NO_FORK, Acknowledge, Child, start
from tests.soak.promise import Length, Outcome, Promise

from relcare.errors import StorageError
from relcare.storage import LogEntry, Record, SqliteStore, UnitOfWork

__all__ = ["PROMISES", "check_sharing", "copy_folder", "foreign_opens", "forks_within", "leave"]

THREADS: Final = 16
REFUSED, LET_IN, RAISED = 7, 8, 9
# More than SQLite keeps in memory, so that pages of a unit lie in the log before it commits.
LONG: Final = f'"{"x" * 40_000}"'


def _append(store: SqliteStore, entry_id: str) -> None:
    with store.write() as unit:
        unit.log.append(LogEntry(id=entry_id, kind="note", client_id="c-1", payload="{}"))


def _faults(path: Path, expected: set[str]) -> list[str]:
    """What is wrong with a book whose log must hold these entries."""
    with SqliteStore.open(path) as store:
        with store.read() as view:
            found = {one.entry.id for one in view.log.since()}
        faults = [f"{len(expected - found)} acknowledged units were lost"] if expected - found else []
        try:
            store.verify()
        except StorageError as error:
            faults.append(str(error))
    return faults


@contextmanager
def _new_book() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as folder:
        path = Path(folder) / "book.db"
        SqliteStore.new(path).close()
        yield path


def _entries(name: str, child: Child) -> set[str]:
    return {f"{name}-{number}" for number in child.acknowledged}


def _ended(*children: Child) -> list[str]:
    for child in children:
        child.finish()
    return [child.fault or f"a process ended with {child.exit_code}" for child in children if child.exit_code]


# --- the file is opened elsewhere ---------------------------------------------------------------------------------------------


def _read_bytes(path: Path) -> None:
    path.read_bytes()


def copy_folder(path: Path) -> None:
    """Opens and closes the file and those beside it, as a careless copy does."""
    for one in path.parent.glob(f"{path.name}*"):
        shutil.copyfile(one, path.parent / "copy")


def _look_by_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("SELECT count(*) FROM log").fetchone()


FOREIGN: Final = (_read_bytes, copy_folder, _look_by_sqlite)


def _write_among_strangers(path: Path, count: int, stranger: Callable[[Path], None], acknowledge: Acknowledge) -> None:
    with SqliteStore.open(path) as store:
        for number in range(count):
            stranger(path)
            _append(store, f"one-{number}")
            acknowledge(number)


def _open_and_close(path: Path, count: int, acknowledge: Acknowledge) -> None:
    for number in range(count):
        with SqliteStore.open(path) as store:
            _append(store, f"two-{number}")
        acknowledge(number)


def foreign_opens(count: int, stranger: Callable[[Path], None]) -> list[str]:
    """One process keeps the book open, and reads its file as a stranger; another opens it and closes it again and again."""
    with _new_book() as path:
        one = start(partial(_write_among_strangers, path, count, stranger))
        one.wait_for(1)
        two = start(partial(_open_and_close, path, count))
        return _ended(two, one) + _faults(path, _entries("one", one) | _entries("two", two))


# --- threads ------------------------------------------------------------------------------------------------------------------


def _count_up(store: SqliteStore) -> None:
    with store.write() as unit:
        counter = unit.records.get("counter", "n")
        number, version = (int(counter.payload), counter.version) if counter else (0, 0)
        unit.records.put(Record(kind="counter", id="n", payload=str(number + 1)), expected=version)
        unit.log.append(LogEntry(id=f"one-{number}", kind="note", client_id="c-1", payload="{}"))


def _read_whole(store: SqliteStore, problems: list[str]) -> None:
    with store.read() as view:
        counter = view.records.get("counter", "n")
        entries = sum(1 for _ in view.log.since())
    if entries != (int(counter.payload) if counter else 0):
        problems.append(f"a view saw {entries} entries and the counter {counter}")


def _share(path: Path, count: int, acknowledge: Acknowledge) -> None:
    problems: list[str] = []

    def work() -> None:
        try:
            for _ in range(count):
                _count_up(store)
                _read_whole(store, problems)
        except StorageError as error:
            problems.append(str(error))

    with SqliteStore.open(path) as store:
        threads = [Thread(target=work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if problems:
        raise AssertionError(problems[:3])
    acknowledge(THREADS * count)


def _threads(count: int) -> list[str]:
    with _new_book() as path:
        return _ended(start(partial(_share, path, count))) + _faults(path, {f"one-{number}" for number in range(THREADS * count)})


# --- forks --------------------------------------------------------------------------------------------------------------------


def leave(_: SqliteStore, __: UnitOfWork) -> None:
    """To leave the block is to commit."""


def _raise(_: SqliteStore, __: UnitOfWork) -> None:
    raise LookupError


def _write_on(_: SqliteStore, unit: UnitOfWork) -> None:
    unit.records.put(Record(kind="child", id="c", payload="{}"), expected=0)


def _read_on(_: SqliteStore, unit: UnitOfWork) -> None:
    unit.records.get("item", "a-0")


def _begin(store: SqliteStore, _: UnitOfWork) -> None:
    with store.write():
        pass


def _close(store: SqliteStore, _: UnitOfWork) -> None:
    store.close()


WAYS: Final = {leave: REFUSED, _raise: RAISED, _write_on: REFUSED, _read_on: REFUSED, _begin: REFUSED, _close: REFUSED}
_Way = Callable[[SqliteStore, UnitOfWork], None]


def _forked_unit(store: SqliteStore, way: _Way) -> int:
    """How the child ended that was forked in the middle of a unit, in parent and child; the unit itself goes on and commits."""
    child, status, outcome = -1, 0, LET_IN
    try:
        with store.write() as unit:
            unit.records.put_many(Record(kind="item", id=f"a-{number}", payload=LONG) for number in range(100))
            child = os.fork()
            if child == 0:
                way(store, unit)
            else:
                _, status = os.waitpid(child, 0)
                if sum(1 for _ in unit.records.scan("item")) != 100:
                    raise AssertionError("a unit no longer sees what it wrote")
                unit.records.put_many(Record(kind="item", id=f"b-{number}", payload=LONG) for number in range(100))
    except StorageError:
        if child != 0:
            raise
        outcome = REFUSED
    except LookupError:
        outcome = RAISED
    return outcome if child == 0 else os.waitstatus_to_exitcode(status)


def _fork_within(path: Path, way: _Way, acknowledge: Acknowledge) -> None:
    with SqliteStore.open(path) as store:
        _append(store, "one-0")
        parent = os.getpid()
        found = _forked_unit(store, way)
        if os.getpid() != parent:
            # Nothing here holds the unit any more: what is finalised at the end of an interpreter is finalised now.
            gc.collect()
            os._exit(found)
        if found != WAYS[way]:
            raise AssertionError(f"the child that would {way.__name__} ended with {found}, not with {WAYS[way]}")
        with store.read() as view:
            kept = [one.id for one in view.records.scan("item")]
        if len(kept) != 200:
            raise AssertionError(f"of 200 records of a unit {len(kept)} are kept")
    acknowledge(0)


def forks_within(way: _Way) -> list[str]:
    """What is wrong after a process has forked in the middle of a unit, and the child has gone one way."""
    with _new_book() as path:
        child = start(partial(_fork_within, path, way))
        return _ended(child) + _faults(path, _entries("one", child))


def _fork_and_go(path: Path, acknowledge: Acknowledge) -> None:
    """A process opens a book, forks, and is gone: the child, refused the store of its parent, opens its own."""
    store = SqliteStore.open(path)
    _append(store, "one-0")
    acknowledge(0)
    if os.fork() != 0:
        os._exit(0)
    for refused in (store.read, store.write):
        try:
            with refused():
                raise AssertionError("a child was let into the store of its parent")
        except StorageError:
            continue
    with SqliteStore.open(path) as own:
        for number in range(1, 30):
            path.read_bytes()
            _append(own, f"one-{number}")
            acknowledge(number)


def _forks_outside() -> list[str]:
    with _new_book() as path:
        one = start(partial(_fork_and_go, path))
        one.wait_for(2)
        two = start(partial(_open_and_close, path, 30))
        faults = _ended(two, one) + ([one.fault] if one.fault else [])
        return faults + _faults(path, _entries("one", one) | _entries("two", two))


# --- the row ------------------------------------------------------------------------------------------------------------------


def check_sharing(length: Length) -> Outcome:
    """Each way of sharing a book, some times over."""
    if NO_FORK is not None:
        return NO_FORK
    random = Random(length.seed)
    count = length.of(25, 100)
    ways: dict[str, Callable[[], list[str]]] = {
        **{f"opened elsewhere, {one.__name__}": partial(foreign_opens, count, one) for one in FOREIGN},
        f"{THREADS} threads": partial(_threads, length.of(6, 40)),
        **{f"forked within a unit, {way.__name__}": partial(forks_within, way) for way in WAYS},
        "forked outside of units": _forks_outside,
    }
    rounds = [name for _ in range(length.of(1, 10)) for name in random.sample(sorted(ways), len(ways))]
    failures = tuple(f"{name}: {fault}" for name in rounds for fault in ways[name]())
    return Outcome(runs=len(rounds), failures=failures, note=f"{len(ways)} ways of sharing")


PROMISES: Final = (Promise("A14", "Forks, threads and strangers to the file end in a plain error at worst", check_sharing),)
