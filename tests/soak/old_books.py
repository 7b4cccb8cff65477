"""A13: files, texts and notes that older releases left are read as what they said."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from tests.soak.crash_files import COMPAT, made_from, note_lost, schemas
from tests.soak.crash_ledger import KINDS
from tests.soak.promise import Length, Outcome, Promise
from tests.unit.test_records import OLD_TEXTS, TEXTS

from relcare.codec import RECORD_FORMAT, load_record
from relcare.errors import RelcareError
from relcare.model import (
    Absence,
    Appointment,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.storage import Backup, BaseStore, CanBeInspected, LogEntry, Record, SqliteStore, Store, load_book, restore
from relcare.storage._sqlite_schema import SCHEMA_VERSION

__all__ = ["FULL_BOOK", "PROMISES", "check_old_books"]

SEOUL: Final = ZoneInfo("Asia/Seoul")
FIRST_BOOK: Final = Book(
    clients=[Client(id="c-17", name="김철수", owner_id="lee"), Client(id="c-18", name="O'Brien & Co", owner_id="lee")],
    people=[ContactPerson(id="p-1", client_id="c-17", name="박영희")],
    touchpoints=[
        Touchpoint(id="t-1", client_id="c-17", staff_id="lee", occurred_at=date(2026, 3, 1), channel="call", outcome="reached")
    ],
    staff=[Staff(id="kim", name="Kim"), Staff(id="lee", name="이민호")],
    zone="Asia/Seoul",
    currency="KRW",
)
FULL_BOOK: Final = Book(
    clients=[
        Client(
            id="c-1",
            name="王芳",
            relationship_types={"partner", "client"},
            owner_id="lee",
            client_since_on=date(2024, 2, 29),
            attributes={"weight": Decimal("1.50"), "ours": True, "since": date(2020, 1, 1), "tags": frozenset({"가", "b"})},
        ),
        Client(id="c-2", name='O\'Brien & "Co"', owner_id="kim"),
    ],
    people=[ContactPerson(id="p-1", client_id="c-1", name="王小明", role="principal", birthday=Birthday(month=2, day=29))],
    touchpoints=[
        Touchpoint(
            id="t-1",
            client_id="c-1",
            staff_id="lee",
            occurred_at=datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
            channel="call",
            direction="incoming",
            follow_up_at=datetime(2026, 3, 27, 15, tzinfo=SEOUL),
        ),
        Touchpoint(id="t-2", client_id="c-2", occurred_at=date(2026, 3, 20), channel="visit", note='a "b"\n\\'),
    ],
    purchases=[Purchase(id="b-1", client_id="c-1", purchased_on=date(2026, 3, 20), amount=Money("12000.50", "CNY"))],
    staff=[Staff(id="kim", name="Kim", head_id="lee"), Staff(id="lee", name="이민호", birthday=date(1980, 2, 29))],
    tier_spells=[TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1))],
    consents=[
        Consent(
            id="n-1",
            client_id="c-1",
            kind="given",
            channel="message",
            purpose="advertising",
            start_on=date(2026, 3, 20),
            night=True,
            source="form 7",
            recorded_at=datetime(2026, 3, 20, 9, tzinfo=SEOUL),
        )
    ],
    absences=[Absence(staff_id="lee", start_on=date(2026, 8, 3), end_on=date(2026, 8, 24), deputy_id="kim", reason="leave")],
    owner_spells=[OwnerSpell(client_id="c-1", owner_id="kim", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1), note="편지")],
    appointments=[Appointment(id="a-1", client_id="c-1", staff_id="lee", on=date(2026, 4, 2), channel="call", minutes=30)],
    pins=[Pin(client_id="c-2", scheme_id="abc", tier="B", by="lee", reason="a promise", start_on=date(2026, 1, 1))],
    membership_events=[
        MembershipEvent(
            id="m-1", client_id="c-1", programme_id="vip", step="granted", on=date(2026, 3, 2), by="lee", end_on=date(2026, 6, 1)
        )
    ],
    zone="Asia/Seoul",
    currency="CNY",
)
BOOKS: Final = {1: FIRST_BOOK, **dict.fromkeys(range(2, SCHEMA_VERSION + 1), FULL_BOOK)}
BACKUP: Final = Backup(
    path="/backups/relcare-20260331T090000000000Z.db",
    taken_at=datetime(2026, 3, 31, 9, tzinfo=UTC),
    digest="a1" * 32,
    file_digest="b2" * 32,
    byte_count=49_152,
)
_LOST: Final = 35
"""How many entries the books that were kept with digests lack: their logs say that forty positions were given."""

Finding = tuple[str, bool]


def _goes_on(store: Store) -> Iterator[Finding]:
    """What no reader sees, and writers must find: used keys, versions of what was deleted, positions that were given."""
    with store.write("k-1", body_digest="d1") as unit:
        yield "a used key is known", unit.is_repeat
    with store.write() as unit:
        yield (
            "a deleted version is not given again",
            unit.records.put(Record(kind="note", id="gone", payload="{}"), expected=0).version == 2,
        )
        entry = LogEntry(id="after", kind="note", client_id="c-1", payload="{}")
        yield "a position is not given again", unit.log.append(entry) == 41


def _whole(store: BaseStore, book: Book) -> Iterator[Finding]:
    yield "the book is what it was", load_book(store) == book
    if isinstance(store, CanBeInspected):
        store.verify()
        yield "every row has its digest", True
    yield from _goes_on(store)


def _file(schema: int, folder: Path) -> Iterator[Finding]:
    path = made_from(schemas()[schema], folder / f"file-{schema}.db")
    if schema > 1:
        with closing(sqlite3.connect(path)) as plain:
            note_lost(plain, "record", _LOST)
    kept = path.read_bytes()
    for number, kind in enumerate(KINDS):
        url = f"sqlite:{folder / f'restored-{schema}-{number}.db'}"
        yield "a copy of it is restored", _restored(path, url, BOOKS[schema])
        yield f"restoring leaves it as it was, {kind.name}", path.read_bytes() == kept
    with SqliteStore.open(path) as store:
        yield from _whole(store, BOOKS[schema])


def _restored(path: Path, url: str, book: Book) -> bool:
    store = restore(path, url)
    try:
        return load_book(store) == book
    finally:
        store.close()


def _tables(script: Path, folder: Path) -> Iterator[Finding]:
    """The tables in the database of a host."""
    path = folder / f"{script.stem}.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(script.read_text("utf-8"))
        note_lost(plain, "relcare_record", _LOST)
    for kind in KINDS[1:]:
        copy = Path(shutil.copyfile(path, folder / f"{script.stem}-{kind.name}.db"))
        with kind.open(copy) as store:
            yield from _whole(store, FULL_BOOK)


def _texts(number: int) -> Iterator[Finding]:
    """The records of a format, each kind that it has."""
    said = {text: value for _, value, text in chain(OLD_TEXTS, TEXTS)}
    lines = (COMPAT / f"records_format_{number}.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        kind, text = json.loads(line)
        yield f"a {kind} is what it was", load_record(kind, text) == said[text]
    yield (
        "every kind is kept",
        {json.loads(line)[0] for line in lines}
        >= {kind for kind, _, text in chain(OLD_TEXTS, TEXTS) if f'"format":{number}' in text},
    )


def _notes() -> Iterator[Finding]:
    text = (COMPAT / "backup_format_1.json").read_text("utf-8")
    yield "the note of a backup is what it was", Backup.from_text(text) == BACKUP


def check_old_books(_: Length) -> Outcome:
    """Everything that is kept of older releases, at every length."""
    failures: list[str] = []
    runs = 0
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as name:
        folder = Path(name)
        kept: dict[str, Callable[[], Iterator[Finding]]] = {
            **{f"schema {schema}": partial(_file, schema, folder) for schema in range(1, SCHEMA_VERSION + 1)},
            **{one.stem: partial(_tables, one, folder) for one in sorted(COMPAT.glob("sql_schema_*.sql"))},
            **{f"format {number}": partial(_texts, number) for number in range(1, RECORD_FORMAT + 1)},
            "backups": _notes,
        }
        for label, findings in kept.items():
            try:
                for what, is_so in findings():
                    runs += 1
                    failures += [] if is_so else [f"{label}: not so: {what}"]
            except (RelcareError, OSError, KeyError) as error:
                failures.append(f"{label}: {type(error).__name__}: {error}")
    return Outcome(runs=runs, failures=tuple(failures), note=f"{len(kept)} schemas and formats")


PROMISES: Final = (Promise("A13", "What an older release wrote stays readable", check_old_books),)
