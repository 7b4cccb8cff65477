"""How much the promises of a SQLite book cost: ratios against sqlite3 alone, in one run (gates)."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeAlias

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from relcare.model import Book, Client, Touchpoint
from relcare.storage import LogEntry, Record, SqliteStore, load_book, save_book
from relcare.storage._rows import record_row
from relcare.storage._sqlite_schema import TABLES

Judge: TypeAlias = Callable[..., None]
MANY = 5_000
SETTINGS = ("journal_mode = WAL", "synchronous = FULL")
TABLE = """CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT, keys TEXT NOT NULL,
    digest INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID"""
INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)"
APPEND = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def records(first: int = 0, *, version: int = 1) -> list[Record]:
    payload = '{"name": "A client of the firm", "owner_id": "lee", "region": "east", "note": "likes to be called in the morning"}'
    numbers = range(first, first + MANY)
    return [Record(kind="client", id=f"c-{number:09}", version=version, payload=payload) for number in numbers]


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
    numbers = count(1)
    # The same row into the same table: what the log weighs is no price of the promises.
    for statement in TABLES:
        if " log " in statement:
            raw.execute(statement)

    def ours() -> None:
        with store.write() as unit:
            unit.log.append(LogEntry(id=f"t-{next(numbers)}", kind="note", client_id="c-1", payload="{}"))

    def plain() -> None:
        number = next(numbers)
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(APPEND, (number, f"t-{number}", "note", "c-1", "{}", None, None, 0))
        raw.execute("COMMIT")

    # On the wall clock: the disk is waited for, and that is what a commit costs. One of each in turn, because what a disk takes
    # changes by the second, fifty times over where others write to it: blocks of each would compare two moments.
    pairs = [(on_the_wall(ours), on_the_wall(plain)) for _ in range(1_000 if benchmark.enabled else 1)]
    benchmark.pedantic(ours, rounds=100 if benchmark.enabled else 1)  # type: ignore[no-untyped-call]
    usual, other = (median(times) for times in zip(*pairs, strict=True))
    judge(usual / other, f"{usual * 1e6:.0f} µs a commit against {other * 1e6:.0f}")


def on_the_wall(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.speed("5,000 new records in bulk against executemany, digests made in both", at_most=1.3)
def test_writing_in_bulk_against_executemany(
    benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, raw: sqlite3.Connection
) -> None:
    numbers = count(step=MANY)

    def ours() -> None:
        made = records(next(numbers), version=0)  # as no store has seen them
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


class Base(DeclarativeBase):
    pass


class Row(Base):
    """A record as SQLAlchemy's ORM keeps it: the same columns, the digest among them, made by whoever makes the row."""

    __tablename__ = "row"
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    payload: Mapped[str | None]
    keys: Mapped[str]
    digest: Mapped[int]


@pytest.fixture
def orm(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'orm.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def mapped(first: int) -> list[Row]:
    names = ("kind", "id", "version", "payload", "keys", "digest")
    return [Row(**dict(zip(names, record_row(one), strict=True))) for one in records(first)]


@pytest.mark.speed("5,000 new records in bulk against SQLAlchemy's ORM, objects and digests made in both", faster=4, goal=10)
def test_writing_in_bulk_against_an_orm(benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, orm: Engine) -> None:
    numbers = count(step=MANY)

    def ours() -> None:
        made = records(next(numbers), version=0)
        with store.write() as unit:
            unit.records.put_many(made)

    def theirs() -> None:
        with Session(orm) as session, session.begin():
            session.add_all(mapped(next(numbers)))

    ratio(ours, theirs)


# Ten times would leave less time than the digests alone take. The gate keeps what there is.
@pytest.mark.speed("reading 5,000 records, each digest compared, against SQLAlchemy's ORM, which has none", faster=0.7, goal=10)
def test_reading_all_verified_against_an_orm(benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, orm: Engine) -> None:
    with store.write() as unit:
        unit.records.put_many(records())
    with Session(orm) as session, session.begin():
        session.add_all(mapped(0))

    def ours() -> Any:
        with store.read() as view:
            return list(view.records.scan("client"))

    def theirs() -> Any:
        with Session(orm) as session:
            return list(session.scalars(select(Row).where(Row.kind == "client").order_by(Row.id)))

    assert [one.id for one in ours()] == [one.id for one in theirs()]
    ratio(ours, theirs)


CLIENTS, CALLS_EACH = 500, 10


def book_of_calls() -> Book:
    first = date(2025, 1, 1)
    clients = [Client(id=f"c-{number:06}", name=f"客户 {number}", owner_id=f"s-{number % 40}") for number in range(CLIENTS)]
    calls = [
        Touchpoint(
            id=f"t-{client.id}-{turn}",
            client_id=client.id,
            occurred_at=first + timedelta(days=(number * 7 + turn * 31) % 360),
            channel="电话",
            outcome="reached",
            staff_id=client.owner_id,
        )
        for turn in range(CALLS_EACH)
        for number, client in enumerate(clients)
    ]
    return Book(clients=clients, touchpoints=calls, zone="Asia/Shanghai")


@pytest.mark.speed("loading a book of 500 clients and 5,000 touchpoints against raw rows, json and the same values", at_most=2.5)
def test_loading_a_book_against_raw_rows_and_values(
    benchmark: BenchmarkFixture, ratio: Judge, store: SqliteStore, tmp_path: Path
) -> None:
    book = book_of_calls()
    save_book(store, book)
    raw = sqlite3.connect(tmp_path / "book.db")

    def values(statement: str) -> Iterator[Any]:
        for (payload,) in raw.execute(statement):
            document = json.loads(payload)
            del document["format"]
            yield document

    def ours() -> Any:
        return load_book(store)

    def plain() -> Any:
        clients = [Client(**one) for one in values("SELECT payload FROM record WHERE kind = 'client' ORDER BY id")]
        found = values("SELECT payload FROM log ORDER BY position")
        calls = [Touchpoint(**{**one, "occurred_at": date.fromisoformat(one["occurred_at"])}) for one in found]
        return Book(clients=clients, touchpoints=calls, zone=book.zone)

    assert ours() == plain() == book
    ratio(ours, plain, note=lambda seconds: f"{seconds / len(book.touchpoints) * 1e6:.0f} µs a touchpoint")
    raw.close()


@pytest.mark.speed("saving the same book against making its rows' text with json and executemany", at_most=3)
def test_saving_a_book_against_raw_rows(benchmark: BenchmarkFixture, ratio: Judge, tmp_path: Path) -> None:
    book, numbers = book_of_calls(), count()

    def ours() -> None:
        with SqliteStore.new(tmp_path / f"ours-{next(numbers)}.db") as made:
            save_book(made, book)

    def plain() -> None:
        made = sqlite3.connect(tmp_path / f"raw-{next(numbers)}.db", isolation_level=None)
        for setting in SETTINGS:
            made.execute(f"PRAGMA {setting}")
        for statement in TABLES:
            made.execute(statement)
        made.execute("BEGIN")
        made.executemany(
            INSERT, [("client", one.id, 1, as_json(one, ("id", "name", "owner_id")), "[]", 0) for one in book.clients]
        )
        names = ("id", "client_id", "occurred_at", "channel", "outcome", "staff_id")
        calls = enumerate(book.touchpoints, 1)
        rows = [(n, one.id, "touchpoint", one.client_id, as_json(one, names), None, None, 0) for n, one in calls]
        made.executemany(APPEND, rows)
        made.execute("COMMIT")
        made.close()

    ratio(ours, plain, note=lambda seconds: f"{seconds / len(book.touchpoints) * 1e6:.0f} µs a touchpoint")


def as_json(value: object, names: tuple[str, ...]) -> str:
    return json.dumps({name: getattr(value, name) for name in names}, ensure_ascii=False, default=str)
