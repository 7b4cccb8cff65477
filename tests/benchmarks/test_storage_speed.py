"""How much the promises of a SQLite book cost: ratios against sqlite3 alone, in one run (gates)."""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.storage import LogEntry, Record, SqliteStore
from relcare.storage._rows import record_row

Judge: TypeAlias = Callable[..., None]
MANY = 5_000
SETTINGS = ("journal_mode = WAL", "synchronous = FULL")
TABLE = """CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT, keys TEXT NOT NULL,
    digest INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID"""
INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)"


def records(first: int = 0) -> list[Record]:
    payload = '{"name": "A client of the firm", "owner_id": "lee", "region": "east", "note": "likes to be called in the morning"}'
    return [Record(kind="client", id=f"c-{number:09}", version=1, payload=payload) for number in range(first, first + MANY)]


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "raw.db", isolation_level=None)
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    connection.execute(TABLE)
    yield connection
    connection.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.new(tmp_path / "book.db") as store:
        yield store


def filled(store: SqliteStore, raw: sqlite3.Connection) -> None:
    with store.write() as unit:
        unit.records.put_many(records())
    raw.execute("BEGIN")
    raw.executemany(INSERT, [record_row(one) for one in records()])
    raw.execute("COMMIT")


@pytest.mark.speed("a commit of one log entry against the same with sqlite3, on the wall clock", at_most=1.3)
def test_a_commit_against_a_raw_one(
    benchmark: BenchmarkFixture, judge: Judge, store: SqliteStore, raw: sqlite3.Connection
) -> None:
    numbers = count()
    raw.execute("CREATE TABLE log (id TEXT PRIMARY KEY, payload TEXT) STRICT")

    def ours() -> None:
        for _ in range(100):
            with store.write() as unit:
                unit.log.append(LogEntry(id=f"t-{next(numbers)}", kind="note", client_id="c-1", payload="{}"))

    def plain() -> None:
        for _ in range(100):
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO log VALUES (?, '{}')", (f"t-{next(numbers)}",))
            raw.execute("COMMIT")

    # On the wall clock: the disk is waited for, and that is what a commit costs.
    rounds = 5 if benchmark.enabled else 1
    pairs = [(on_the_wall(ours), on_the_wall(plain)) for _ in range(rounds)]
    benchmark.pedantic(ours, rounds=rounds)  # type: ignore[no-untyped-call]
    best, other = (min(times) for times in zip(*pairs, strict=True))
    judge(best / max(other, 1e-9))


def on_the_wall(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.speed("5,000 new records in bulk against executemany, digests made in both", at_most=1.5, goal=1.3)
def test_writing_in_bulk_against_executemany(
    benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, raw: sqlite3.Connection
) -> None:
    numbers = count(step=MANY)

    def ours() -> None:
        made = records(next(numbers))
        with store.write() as unit:
            unit.records.put_many(made)

    def plain() -> None:
        rows = [record_row(one) for one in records(next(numbers))]
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(INSERT, rows)
        raw.execute("COMMIT")

    ratio(ours, plain)


@pytest.mark.speed("reading 5,000 records, each digest compared, against tuples made into objects", at_most=2)
def test_reading_all_verified_against_tuples_and_objects(
    benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, raw: sqlite3.Connection
) -> None:
    filled(store, raw)

    def ours() -> Any:
        with store.read() as view:
            return list(view.records.scan("client"))

    def plain() -> Any:
        rows = raw.execute("SELECT kind, id, version, payload FROM record WHERE kind = 'client' ORDER BY id")
        return [Record(kind=kind, id=one, version=version, payload=payload) for kind, one, version, payload in rows]

    assert ours() == plain()
    ratio(ours, plain)


@pytest.mark.speed("reading 500 records by id against sqlite3, objects made", at_most=2)
def test_reading_one_by_its_key_against_sqlite3(
    benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, raw: sqlite3.Connection
) -> None:
    filled(store, raw)
    wanted = [f"c-{number:09}" for number in range(0, MANY, 10)]

    def ours() -> Any:
        with store.read() as view:
            return [view.records.get("client", one) for one in wanted]

    def plain() -> Any:
        statement = "SELECT kind, id, version, payload FROM record WHERE kind = 'client' AND id = ?"
        rows = (raw.execute(statement, (one,)).fetchone() for one in wanted)
        return [Record(kind=kind, id=one, version=version, payload=payload) for kind, one, version, payload in rows]

    assert ours() == plain()
    ratio(ours, plain)
