"""A book in a folder, and what is seen of it: for what is done to a store while faults come."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from relcare.codec import loads_policy
from relcare.desk import Desk
from relcare.errors import StorageError
from relcare.model import Book, Client, Staff, TierSpell, Touchpoint
from relcare.storage import SqliteStore, last_backup
from relcare.testing import FixedClock

NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
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
