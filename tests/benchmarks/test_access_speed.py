"""What closed files cost: guarded calls against the same without a guard, on a SQLite book, in one run (gates).

The reference of a read writes its line into the audit log too: that somebody looked is noted before anybody is told, and a commit
costs what a commit costs (see the benchmarks of storage). What is judged is what the guard adds to it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from relcare.access import AuditEntry, DigestKey, Principal
from relcare.codec import loads_policy
from relcare.desk import Caller, Desk, GuardedDesk, Visit
from relcare.model import Book, Client, ContactPerson, Staff, Touchpoint
from relcare.presets import part_text
from relcare.storage import AuditTrail, SqliteStore, load_book, load_client_part, save_book
from relcare.testing import FixedClock

Ratio: TypeAlias = Callable[..., None]
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
CLIENTS = 1_000
FIELDS = ("client.name", "client.region", "person.name", "person.phone", "touchpoint.occurred_at", "touchpoint.channel")
POLICY = loads_policy(
    'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n' + part_text("client-files")
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    staff = [Staff(id=f"s-{n}", name="Lee", head_id=f"s-{n // 10 * 10}" if n % 10 else None) for n in range(50)]
    names = [f"c-{n:05}" for n in range(CLIENTS)]
    book = Book(
        clients=[Client(id=one, name=f"Client {one}", owner_id=f"s-{n % 50}", region="east") for n, one in enumerate(names)],
        people=[ContactPerson(id=f"p-{one}", client_id=one, name="Kim", phone="010-1234-5678") for one in names],
        touchpoints=[
            Touchpoint(id=f"t-{one}-{n}", client_id=one, occurred_at=TODAY, channel="call") for one in names for n in range(10)
        ],
        staff=staff,
    )
    with SqliteStore.new(tmp_path / "book.db") as made:
        save_book(made, book)
        yield made


@pytest.fixture
def visit(store: SqliteStore) -> Visit:
    desk = GuardedDesk(store=store, policy=POLICY, clock=FixedClock(NOON), key=DigestKey(b"k" * 32))
    return desk.as_(Caller(principal=Principal(id="s-1"), purpose="care"))


def note(store: SqliteStore) -> None:
    entry = AuditEntry(at=NOON, actor_id="s-1", action="get", answer="allowed", fields=FIELDS, purpose="care")
    with store.write() as unit:
        AuditTrail(unit).append(entry)


@pytest.mark.speed(
    "100 files read through the guard against the same parts of the book read and noted without it", at_most=2.5, goal=2
)
def test_reading_one_file(ratio: Ratio, store: SqliteStore, visit: Visit) -> None:
    def ours() -> None:
        for _ in range(100):
            visit.get("c-00001", FIELDS)

    def plain() -> None:
        for _ in range(100):
            load_client_part(store, "c-00001")
            note(store)

    ratio(ours, plain)


@pytest.mark.speed("100 contacts recorded through the guard against a desk without one, and a note of each", at_most=3, goal=2)
def test_recording_a_contact(ratio: Ratio, store: SqliteStore, visit: Visit) -> None:
    desk, numbers = Desk(store=store, policy=POLICY, clock=FixedClock(NOON)), count()

    def call() -> Touchpoint:
        return Touchpoint(id=f"n-{next(numbers)}", client_id="c-00001", occurred_at=TODAY, channel="call", outcome="reached")

    def ours() -> None:
        for _ in range(100):
            visit.record(call())

    def plain() -> None:
        for _ in range(100):
            desk.record(call(), by="s-1")
            note(store)

    ratio(ours, plain)


@pytest.mark.speed("1,000 clients listed, filtered and sorted through the guard against the whole book read", at_most=2, goal=1.5)
def test_listing_the_clients(ratio: Ratio, store: SqliteStore, visit: Visit) -> None:
    def ours() -> None:
        found = visit.list(["client.name", "touchpoint.channel"], where="client.region == 'east'", order_by=["-client.name"])
        assert len(found) == CLIENTS // 50

    ratio(ours, lambda: load_book(store))


@pytest.mark.speed(
    "1,000 clients listed and shown through the guard, each named in the log, against the whole book read", at_most=2, goal=1.5
)
def test_showing_all_the_clients(ratio: Ratio, store: SqliteStore) -> None:
    desk = GuardedDesk(store=store, policy=POLICY, clock=FixedClock(NOON), key=DigestKey(b"k" * 32))
    keeper = desk.as_(Caller(principal=Principal(id="keeper", roles={"keeper"}), purpose="care"))

    def ours() -> None:
        assert len(keeper.list(["client.name", "touchpoint.channel"], limit=CLIENTS)) == CLIENTS

    ratio(ours, lambda: load_book(store))
