"""What is done to a SQLite store while faults come: every public call that writes, as steps that may be repeated."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import attrs
from tests.soak.fault_book import BOOK, CLIENTS, NOON, Place

from relcare.model import Money, Purchase, TierSpell, Touchpoint
from relcare.storage import BackupPolicy, BookWriter, LogEntry, Record, SqliteStore, back_up, restore, save_book

SCHEMA_1: Final = Path(__file__).parents[1] / "compat" / "store_schema_1.sql"

Step: TypeAlias = Callable[[Place], object]


@attrs.frozen(kw_only=True)
class Workload:
    """What is done, and to what.

    Attributes:
        name: For messages.
        ready: Lays out a folder before anything can fail.
        steps: Each one public call with one commit; acknowledged when it returns.
        is_keyed: Whether a step may be repeated even if it was done, for it has an idempotency key or knows its own.
        between: Also allowed while a step is under way: what is seen of a book that is made in several commits.
    """

    name: str
    ready: Callable[[Place], object]
    steps: Sequence[Step]
    is_keyed: bool = False
    between: Sequence[Callable[[Place], object]] = ()


def record(n: int, *, version: int = 0, text: str = "x") -> Record:
    return Record(kind="note", id=f"n-{n}", version=version, payload=f'"{text * 40}"', keys={"owner_id": "lee"})


def entry(n: int) -> LogEntry:
    return LogEntry(id=f"e-{n}", kind="note", client_id="c-1", payload='"met at the fair"', by="lee")


def _with_book(place: Place) -> None:
    place.kind.create(place.book, BOOK).close()


def _empty(place: Place) -> None:
    place.kind.new(place.book).close()


def _nothing(place: Place) -> None:
    """An empty folder."""


def _old(place: Place) -> None:
    with closing(sqlite3.connect(place.book)) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
        plain.executescript(SCHEMA_1.read_text("utf-8"))


def _small_caches(place: Place) -> None:
    """Makes a short workload do what a long one does: write before its commit, copy the log into the file, begin it anew."""
    with place.store.read():
        pass
    for connection in place.store._idle:
        connection.execute("PRAGMA wal_autocheckpoint = 6")
        connection.execute("PRAGMA cache_size = 6")


def _new(place: Place) -> None:
    place.clear()
    place.keep(place.kind.new(place.book))


def _create(place: Place) -> None:
    place.clear()
    place.keep(place.kind.create(place.book, BOOK))


def _put(n: int, expected: int = 0, text: str = "x") -> Step:
    def step(place: Place) -> None:
        with place.store.write() as unit:
            unit.records.put(record(n, text=text), expected=expected)

    return step


def _put_many(start: int, size: int) -> Step:
    def step(place: Place) -> None:
        with place.store.write() as unit:
            unit.records.put_many(record(n) for n in range(start, start + size))

    return step


def _delete(n: int) -> Step:
    def step(place: Place) -> None:
        with place.store.write() as unit:
            unit.records.delete("note", f"n-{n}", expected=1)

    return step


def _append(n: int) -> Step:
    def step(place: Place) -> None:
        with place.store.write() as unit:
            unit.log.append(entry(n))

    return step


def _append_many(start: int, size: int) -> Step:
    def step(place: Place) -> None:
        with place.store.write() as unit:
            unit.log.append_many(entry(n) for n in range(start, start + size))

    return step


def _keyed(n: int) -> Step:
    def step(place: Place) -> None:
        with place.store.write(f"key-{n}", body_digest=f"digest-{n}") as unit:
            if not unit.is_repeat:
                counted = unit.records.get("note", "count")
                total = 1 if counted is None else counted.version + 1
                unit.records.put(Record(kind="note", id="count", payload=f"{total}"), expected=total - 1)
                unit.log.append(entry(n))

    return step


def _save(place: Place) -> None:
    save_book(place.store, BOOK, by="lee")


def _client(place: Place) -> None:
    with place.store.write() as unit:
        changed = attrs.evolve(CLIENTS[0], name="김철수")
        BookWriter(unit).put_client(changed, expected=1, by="lee", recorded_at=NOON)


def _tiers(place: Place) -> None:
    with place.store.write() as unit:
        spell = TierSpell(client_id="c-2", scheme_id="abc", tier="A", start_on=date(2026, 3, 1))
        BookWriter(unit).put_tiers("c-2", [spell], expected=1, by="lee", recorded_at=NOON)


def _touchpoint(place: Place) -> None:
    call = Touchpoint(id="t-2", client_id="c-2", occurred_at=date(2026, 3, 9), channel="call", outcome="reached")
    place.desk().record(call, by="lee", idempotency_key="request-1")


def _purchase(place: Place) -> None:
    bought = Purchase(id="p-1", client_id="c-2", purchased_on=date(2026, 3, 9), amount=Money("9000", "KRW"))
    place.desk().record(bought, by="lee", idempotency_key="request-2")


def _propose(place: Place) -> None:
    place.desk().propose_review(by="lee")


def _challenge(place: Place) -> None:
    place.desk().challenge_review("c-3", reason="a large order", by="lee")


def _decide(place: Place) -> None:
    place.desk().decide_review(by="zhou", uphold=["c-3"])


def _back_up(place: Place) -> None:
    back_up(place.store, place.folder / "backups", now=place.later(), policy=BackupPolicy(keep=1))


def _with_backup(place: Place) -> None:
    _with_book(place)
    _back_up(place)
    place.close()
    place.clear()


def _restore(place: Place) -> None:
    place.clear()
    backup = next((place.folder / "backups").glob("*.db"))
    restored = restore(backup, str(place.book))
    assert isinstance(restored, SqliteStore)
    place.keep(restored)


def _discard(place: Place) -> None:
    if place.book.exists():
        store = place.store
        store.discard()
        place.close()


_PUTS: Final = [_put(1), _put(2), _put(1, expected=1, text="y")]

WORKLOADS: Final = [
    Workload(name="new", ready=_nothing, steps=[_new, _put(1)], between=[_new]),
    Workload(name="create", ready=_nothing, steps=[_create, _put(1)], between=[_new]),
    Workload(name="put", ready=_with_book, steps=_PUTS),
    Workload(name="put_many", ready=_with_book, steps=[_put_many(1, 40), _put_many(41, 40)]),
    Workload(name="delete", ready=_with_book, steps=[_put(1), _delete(1), _put(1, text="z")]),
    Workload(name="append", ready=_with_book, steps=[_append(1), _append(2), _append(3)], is_keyed=True),
    Workload(name="append_many", ready=_with_book, steps=[_append_many(1, 40), _append_many(20, 40)], is_keyed=True),
    Workload(name="keyed unit", ready=_with_book, steps=[_keyed(1), _keyed(2), _keyed(3)], is_keyed=True),
    Workload(name="save_book", ready=_empty, steps=[_save, _put(1)]),
    Workload(name="book writer", ready=_with_book, steps=[_client, _tiers]),
    Workload(name="desk record", ready=_with_book, steps=[_touchpoint, _purchase], is_keyed=True),
    Workload(name="desk review", ready=_with_book, steps=[_propose, _challenge, _decide], is_keyed=True),
    Workload(name="back_up", ready=_with_book, steps=[_put(1), _back_up, _put(2), _back_up]),
    Workload(name="restore", ready=_with_backup, steps=[_restore, _put(1)], between=[_new]),
    Workload(name="migrate", ready=_old, steps=[lambda place: place.store, _put(1)]),
    Workload(name="discard", ready=_with_book, steps=[_put(1), _discard], is_keyed=False),
    Workload(
        name="small caches",
        ready=_with_book,
        steps=[_small_caches, _put_many(1, 40), *(_put(n) for n in range(41, 47)), _put_many(50, 40)],
    ),
]
