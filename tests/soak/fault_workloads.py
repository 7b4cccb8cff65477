"""What is done to a SQLite store while faults come: every public call that writes, as steps that may be repeated."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from relcare.codec import loads_policy
from relcare.desk import Desk
from relcare.errors import StorageError
from relcare.model import Book, Client, Money, Purchase, Staff, TierSpell, Touchpoint
from relcare.storage import BackupPolicy, BookWriter, LogEntry, Record, SqliteStore, back_up, last_backup, restore, save_book
from relcare.testing import FixedClock

NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
SCHEMA_1: Final = Path(__file__).parents[1] / "compat" / "store_schema_1.sql"
POLICY: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01

[facts.points]
type = "integer"
from = "client.points"

[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
tiers = [ { id = "A", share = "50%" }, { id = "B", share = "50%" } ]
"""
CLIENTS: Final = [Client(id=f"c-{n}", name=f"고객 {n}", owner_id="lee", attributes={"points": 9 - n}) for n in range(1, 5)]
BOOK: Final = Book(
    clients=CLIENTS,
    staff=[Staff(id="lee", name="이민호")],
    tier_spells=[
        TierSpell(client_id=f"c-{n}", scheme_id="abc", tier=tier, start_on=date(2026, 1, 1))
        for n, tier in enumerate("BBAB", start=1)
    ],
    touchpoints=[Touchpoint(id="t-1", client_id="c-1", occurred_at=date(2026, 3, 1), channel="call", outcome="reached")],
    zone="Asia/Seoul",
    currency="KRW",
)
_TICKS: Final = count(1)
REFUSED: Final = "refused"
"""What is seen of a book that does not open, with a typed error."""


class Broken(Exception):  # noqa: N818 - named after what it says of a promise
    """A promise was broken."""


class Place:
    """A folder with a book, opened when it is first asked for.

    Args:
        folder: Where the book lies.
        kind: The class of the store; of a store with a planted bug in the tests of these tests.
    """

    def __init__(self, folder: Path, kind: type[SqliteStore] = SqliteStore) -> None:
        self.folder = folder
        self.kind = kind
        self._store: SqliteStore | None = None

    @property
    def book(self) -> Path:
        return self.folder / "book.db"

    @property
    def store(self) -> SqliteStore:
        if self._store is None:
            self._store = self.kind.open(self.book)
        return self._store

    @property
    def is_open(self) -> bool:
        return self._store is not None

    def keep(self, store: SqliteStore) -> None:
        """From now on this is the store."""
        self._store = store

    def desk(self) -> Desk:
        return Desk(store=self.store, policy=loads_policy(POLICY), clock=FixedClock(NOON))

    def later(self) -> datetime:
        """Another instant each time."""
        return NOON + timedelta(minutes=next(_TICKS))

    def clear(self) -> None:
        """Takes away what is left of a book that was not made; as its owner would before the next try."""
        for path in self.folder.glob("book.db*"):
            path.unlink()

    def close(self) -> None:
        if self._store is not None:
            store, self._store = self._store, None
            store.close()


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

_SHOWN: Final = (
    "SELECT * FROM record WHERE kind NOT IN ('backup', 'probe') ORDER BY 1, 2",
    "SELECT * FROM record_key WHERE kind <> 'probe' ORDER BY 1, 2, 3, 4",
    "SELECT * FROM log ORDER BY 1",
    "SELECT * FROM work ORDER BY 1",
    "SELECT * FROM sqlite_sequence",
)


def look(place: Place) -> str:
    """All that a store holds, in a few letters.

    Raises:
        Broken: It is damaged, or it knows of a backup that is not there or not good.
    """
    try:
        place.store.verify()
        backup = last_backup(place.store)
    except StorageError as error:
        raise Broken(f"opened and then not readable: {error}") from error
    # A connection of its own beside that of the store, so that closing it ends nothing.
    with closing(sqlite3.connect(place.book, isolation_level=None)) as plain:
        text = repr([plain.execute(statement).fetchall() for statement in _SHOWN])
        noted = plain.execute("SELECT version FROM record WHERE kind = 'backup'").fetchone()
    if backup is not None:
        copy = Path(backup.path)
        if not copy.exists() or sha256(copy.read_bytes()).hexdigest() != backup.file_digest:
            raise Broken(f"the backup {copy.name} that it knows of is not there, or is another")
    return f"{sha256(text.encode()).hexdigest()[:12]} with {noted[0] if noted else 0} backups"


def observe(place: Place) -> str:
    """What is seen of a book that is opened anew, and closed again; see `look`."""
    try:
        _ = place.store
    except StorageError:
        return REFUSED
    try:
        return look(place)
    finally:
        place.close()
