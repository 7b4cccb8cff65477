"""Events found without the whole book: of one client, within days, client by client; the same over every store (STO-1)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.test_third_party import TINY

from relcare.errors import InvalidValueError, StorageError, UnknownRecordError
from relcare.facts import ClientHistory, histories_of
from relcare.model import VOID, Book, Client, ContactPerson, Money, Purchase, Staff, Touchpoint, civil_day
from relcare.storage import (
    BookReader,
    BookWriter,
    CanReadByClient,
    LogEntry,
    LogReader,
    MemoryStore,
    ReadUnit,
    SqliteStore,
    Store,
    StoredEntry,
    Transaction,
    save_book,
)
from relcare.storage._sqlite_transaction import SqliteTransaction
from relcare.testing import books

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer

KINDS = ["memory", "sqlite", "sql", "tiny"]
SEOUL = ZoneInfo("Asia/Seoul")
LATE = datetime(2026, 3, 20, 16, tzinfo=UTC)  # one in the morning of the 21st in Seoul


def call(touchpoint_id: str, occurred_at: date, **fields: Any) -> Touchpoint:
    return Touchpoint(**{"id": touchpoint_id, "client_id": "c-1", "occurred_at": occurred_at, "channel": "call", **fields})


def bought(purchase_id: str, day: int, amount: str = "10", **fields: Any) -> Purchase:
    on = date(2026, 3, day)
    return Purchase(**{"id": purchase_id, "client_id": "c-1", "purchased_on": on, "amount": Money(amount, "CNY"), **fields})


BOOK = Book(
    clients=[Client(id=one, name=one) for one in ("c-2", "c-1", "c-10", "\U00010000", "￿")],
    people=[ContactPerson(id="p-2", client_id="c-1", name="Kim"), ContactPerson(id="p-1", client_id="c-2", name="Wang")],
    touchpoints=[
        call("t-9", date(2026, 3, 21)),
        call("t-1", date(2026, 3, 20)),
        call("t-2", LATE),
        call("t-3", date(2026, 3, 22), client_id="c-2"),
        call("t-4", date(2026, 3, 23)),
        call("t-5", date(2026, 3, 19), voids_id="t-4"),
        call("t-6", date(2026, 3, 24)),
        call("t-7", date(2026, 3, 1), channel=VOID, voids_id="t-6"),
        call("t-8", date(2026, 3, 21), client_id="￿"),
    ],
    purchases=[
        bought("b-3", 22, client_id="c-2"),
        bought("b-1", 20),
        bought("b-2", 25, "4", returns_purchase_id="b-1"),
        bought("b-4", 21, "-3"),
    ],
    staff=[Staff(id="lee", name="Lee")],
    zone="Asia/Seoul",
    currency="CNY",
)


def new_store(kind: str, folder: Path) -> Store:
    if kind == "memory":
        return MemoryStore()
    if kind == "sqlite":
        return SqliteStore.new(folder / "book.db")
    if kind == "sql":
        pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")
        from relcare.storage.sql import SqlStore

        return SqlStore.new(f"sqlite:///{folder / 'host.db'}")
    tiny: Store = TINY.TinyStore(folder / "tiny.json")
    return tiny


@contextmanager
def stored(kind: str, book: Book) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(kind, Path(folder))
        try:
            save_book(store, book)
            yield store
        finally:
            store.close()


@pytest.fixture(params=[*KINDS, "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param != "postgres":
        with stored(request.param, BOOK) as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    from relcare.storage.sql import SqlStore

    with SqlStore.create(server.database(), BOOK) as made:
        yield made


class PlainLog:
    """The log of a store that knows the protocols and nothing more."""

    def __init__(self, log: LogReader) -> None:
        self.get, self.since, self.of_client = log.get, log.since, log.of_client


@attrs.frozen
class PlainUnit:
    records: Any
    log: Any


def ids(events: Any) -> list[str]:
    return [event.id for event in events]


def told(history: ClientHistory) -> tuple[object, ...]:
    return tuple(getattr(history, field.name) for field in attrs.fields(ClientHistory))


def order_of(view: ReadUnit) -> list[tuple[str, int]]:
    log = view.log
    assert isinstance(log, CanReadByClient)
    return [(one.entry.client_id, one.position) for one in log.by_client()]


both = pytest.mark.parametrize("kind", KINDS)


class TestSto1:
    """STO-1: typed repositories live once, above the protocols; capabilities are separate optional protocols."""

    @both
    @settings(max_examples=8, deadline=None)
    @given(book=books(), day=st.dates(date(2026, 1, 1), date(2026, 12, 31)), days=st.integers(0, 400))
    def test_what_is_asked_of_one_client_or_of_days_is_what_the_whole_book_says(
        self, kind: str, book: Book, day: date, days: int
    ) -> None:
        zone, end = ZoneInfo(book.zone), day + timedelta(days=days)
        order = sorted(client.id for client in book.clients)
        with stored(kind, book) as there, there.read() as view:
            reader, whole = BookReader(view), load_from(view)
            touched, paid = whole.touchpoints_by_client, whole.purchases_by_client
            for one in order:
                assert reader.touchpoints_of(one) == touched.get(one, ())
                kept = [touch for touch in touched.get(one, ()) if civil_day(touch.occurred_at, zone) >= day]
                assert list(reader.touchpoints_of(one, since=day)) == kept
                assert reader.purchases_of(one) == paid.get(one, ())
            within = [t for one in order for t in touched.get(one, ()) if day <= civil_day(t.occurred_at, zone) < end]
            assert list(reader.touchpoints_between(day, end)) == within
            spent = [p for one in order for p in paid.get(one, ()) if day <= p.purchased_on < end]
            assert list(reader.purchases_between(day, end)) == spent
            assert [told(one) for one in reader.histories()] == [told(one) for one in histories_of(whole)]

    @both
    @settings(max_examples=8, deadline=None)
    @given(book=books())
    def test_a_log_that_cannot_be_read_by_client_gives_the_same(self, kind: str, book: Book) -> None:
        with stored(kind, book) as there, there.read() as view:
            plain = PlainUnit(view.records, PlainLog(view.log))
            assert not isinstance(plain.log, CanReadByClient)
            able, unable = BookReader(view), BookReader(plain)
            assert [told(one) for one in unable.histories()] == [told(one) for one in able.histories()]
            days = date(1900, 1, 1), date(2199, 12, 31)
            assert list(unable.touchpoints_between(*days)) == list(able.touchpoints_between(*days))

    def test_clients_come_by_code_point_and_their_entries_in_the_order_of_commits(self, store: Store) -> None:
        with store.read() as view:
            found = order_of(view)
            assert found == sorted(found)
            assert len(found) == len(BOOK.touchpoints) + len(BOOK.purchases)
            assert [one.client.id for one in BookReader(view).histories()] == ["c-1", "c-10", "c-2", "￿", "\U00010000"]

    def test_pages_join_without_a_gap_where_one_client_has_more_than_a_page(self, store: Store) -> None:
        with store.write() as unit:
            for client_id, count in (("c-2", 7), ("c-10", 1_100), ("c-1", 499)):
                made = (LogEntry(id=f"{client_id}:{n}", kind="change", client_id=client_id, payload="{}") for n in range(count))
                unit.log.append_many(made)
            assert order_of(unit) == sorted(order_of(unit))
        with store.read() as view:
            found = order_of(view)
        assert found == sorted(set(found))
        assert len(found) == 13 + 1_606

    def test_a_unit_of_work_sees_its_own_events_and_what_is_read_ends_with_its_unit(self, store: Store) -> None:
        with store.write() as unit:
            BookWriter(unit).add_event(call("t-20", date(2026, 3, 21)))
            assert ids(BookReader(unit).touchpoints_between(date(2026, 3, 21), date(2026, 3, 22)))[:3] == ["t-9", "t-2", "t-20"]
        with store.read() as view:
            histories = BookReader(view).histories()
            log = view.log
            assert isinstance(log, CanReadByClient)
            entries = log.by_client()
            next(histories)
            next(entries)
        for stream in (histories, entries):
            with pytest.raises(StorageError, match="has ended"):
                list(stream)


class TestTim7:
    """TIM-7: a correction or deletion is an entry that voids another; touchpoints that stand are those that count."""

    def test_what_was_corrected_or_deleted_is_not_found_whatever_day_the_correction_has(self, store: Store) -> None:
        with store.read() as view:
            reader = BookReader(view)
            assert ids(reader.touchpoints_of("c-1")) == ["t-9", "t-1", "t-2", "t-5"]
            assert ids(reader.touchpoints_between(date(2026, 3, 23), date(2026, 3, 25))) == []
            assert ids(reader.touchpoints_between(date(2026, 3, 19), date(2026, 3, 20))) == ["t-5"]


class TestTim2:
    """TIM-2: the book has one zone; a touchpoint may carry a date only."""

    @pytest.mark.parametrize(
        ("since", "found"),
        [
            (date(2026, 3, 21), ["t-9", "t-2"]),
            (date(2026, 3, 22), []),
            (LATE, ["t-9", "t-2"]),
            (LATE + timedelta(seconds=1), ["t-9"]),
            (datetime(2026, 3, 20, 23, 59, tzinfo=SEOUL), ["t-9", "t-1", "t-2"]),
            (datetime(2026, 3, 22, 0, 0, tzinfo=SEOUL), []),
        ],
        ids=["the day", "the day after", "the instant", "a second later", "the day is not over", "the day is over"],
    )
    def test_since_a_day_or_an_instant(self, store: Store, since: date, found: list[str]) -> None:
        with store.read() as view:
            assert ids(BookReader(view).touchpoints_of("c-1", since=since)) == found

    def test_a_touchpoint_lies_on_its_day_in_the_zone_of_the_book(self, store: Store) -> None:
        with store.read() as view:
            reader = BookReader(view)
            assert ids(reader.touchpoints_between(date(2026, 3, 20), date(2026, 3, 21))) == ["t-1"]
            assert ids(reader.touchpoints_between(date(2026, 3, 21), date(2026, 3, 23))) == ["t-9", "t-2", "t-3", "t-8"]


class TestTim4:
    """TIM-4: measuring windows are half-open."""

    def test_the_first_day_is_included_and_the_last_is_not(self, store: Store) -> None:
        with store.read() as view:
            reader = BookReader(view)
            assert ids(reader.purchases_of("c-1", start_on=date(2026, 3, 20), end_on=date(2026, 3, 25))) == ["b-1", "b-4"]
            assert ids(reader.purchases_of("c-1", start_on=date(2026, 3, 21))) == ["b-2", "b-4"]
            assert ids(reader.purchases_of("c-1", end_on=date(2026, 3, 20))) == []
            assert ids(reader.purchases_between(date(2026, 3, 20), date(2026, 3, 23))) == ["b-1", "b-4", "b-3"]
            assert ids(reader.purchases_between(date(2026, 3, 20), date(2026, 3, 20))) == []


def load_from(view: ReadUnit) -> Book:
    return BookReader(view).book()


def test_of_a_client_that_is_not_there_nothing_is_found(store: Store) -> None:
    with store.read() as view:
        assert BookReader(view).touchpoints_of("c-9") == ()
        assert BookReader(view).purchases_of("c-9") == ()


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("since", lambda reader: reader.touchpoints_of("c-1", since=datetime(2026, 3, 20))),
        ("since", lambda reader: reader.touchpoints_of("c-1", since="2026-03-20")),
        ("start_on", lambda reader: reader.purchases_of("c-1", start_on=LATE)),
        ("end_on", lambda reader: reader.purchases_of("c-1", start_on=date(2026, 3, 2), end_on=date(2026, 3, 1))),
        ("end_on", lambda reader: reader.touchpoints_between(date(2026, 3, 2), date(2026, 3, 1))),
        ("start_on", lambda reader: reader.purchases_between(date(1899, 3, 2), date(2026, 3, 1))),
    ],
    ids=["naive", "text", "an instant for a day", "backwards of a client", "backwards", "too early"],
)
def test_a_day_that_is_none_is_refused_at_once(name: str, ask: Any) -> None:
    with MemoryStore.create(BOOK) as there, there.read() as view, pytest.raises(InvalidValueError) as caught:
        ask(BookReader(view))
    assert caught.value.name == name


def test_a_store_without_a_book_says_so_before_the_first_is_asked_for() -> None:
    with MemoryStore() as empty, empty.read() as view:
        reader = BookReader(view)
        for ask in (reader.histories, lambda: reader.touchpoints_of("c-1")):
            with pytest.raises(UnknownRecordError, match="save one first"):
                ask()


@pytest.mark.parametrize("client_id", ["a", "c-1", "c-2", "￿"])
def test_events_of_a_client_that_is_gone_are_told_without_their_values(store: Store, client_id: str) -> None:
    with store.write() as unit:
        if client_id == "a":
            payload = '{"channel":"call","client_id":"a","format":2,"id":"t-30","occurred_at":"2026-03-20"}'
            unit.log.append(LogEntry(id="touchpoint:t-30", kind="touchpoint", client_id="a", payload=payload))
        else:
            unit.records.delete("client", client_id, expected=1)
    with store.read() as view, pytest.raises(StorageError, match="does not fit together") as caught:
        list(BookReader(view).histories())
    assert "t-" not in str(caught.value)


def test_people_of_a_client_that_is_not_there_are_told(store: Store) -> None:
    with store.write() as unit:
        writer = BookWriter(unit)
        writer.put_client(Client(id="c-7", name="x"), expected=0)
        writer.put_person(ContactPerson(id="p-7", client_id="c-7", name="x"), expected=0)
        unit.records.delete("client", "c-7", expected=1)
    with store.read() as view, pytest.raises(StorageError, match=r"people\.client_id must name"):
        list(BookReader(view).histories())


def test_what_does_not_fit_together_is_found_on_the_way(store: Store) -> None:
    payload = '{"channel":"void","client_id":"c-2","format":2,"id":"t-30","occurred_at":"2026-03-20","voids_id":"t-1"}'
    with store.write() as unit:
        unit.log.append(LogEntry(id="touchpoint:t-30", kind="touchpoint", client_id="c-2", payload=payload))
    with store.read() as view:
        histories = BookReader(view).histories()
        assert [next(histories).client.id, next(histories).client.id] == ["c-1", "c-10"]
        with pytest.raises(StorageError, match="does not fit together"):
            next(histories)


def test_entries_of_an_unknown_kind_are_not_passed_over(store: Store) -> None:
    with store.write() as unit:
        unit.log.append(LogEntry(id="x", kind="objection", client_id="c-1", payload="{}"))
    with store.read() as view:
        reader = BookReader(view)
        for ask in (
            lambda: reader.touchpoints_of("c-1"),
            lambda: reader.purchases_of("c-1"),
            lambda: list(reader.purchases_between(date(2026, 1, 1), date(2027, 1, 1))),
            lambda: list(reader.histories()),
        ):
            with pytest.raises(StorageError, match="unknown kind 'objection'"):
                ask()


def test_a_database_is_asked_for_one_client_alone_and_for_pages_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a client's questions nor the ordered pass read the whole log into memory."""
    asked: list[tuple[str | None, int]] = []
    plain, ordered = SqliteTransaction.page_of_entries, SqliteTransaction.page_by_client

    def page(self: SqliteTransaction, client_id: str | None, after: int, limit: int) -> Any:
        asked.append((client_id, limit))
        return plain(self, client_id, after, limit)

    def page_by_client(self: SqliteTransaction, client_id: str, after: int, limit: int) -> Any:
        asked.append(("by client", limit))
        return ordered(self, client_id, after, limit)

    monkeypatch.setattr(SqliteTransaction, "page_of_entries", page)
    monkeypatch.setattr(SqliteTransaction, "page_by_client", page_by_client)
    with stored("sqlite", BOOK) as there, there.read() as view:
        reader = BookReader(view)
        reader.touchpoints_of("c-1")
        reader.purchases_of("c-1")
        assert {client_id for client_id, _ in asked} == {"c-1"}
        asked.clear()
        list(reader.histories())
        assert {client_id for client_id, _ in asked} == {"by client"}
        assert max(limit for _, limit in asked) <= 500


def test_the_order_of_a_backend_is_optional() -> None:
    """A store of one's own need not know of it: the one of the documentation does not."""
    assert TINY.TinyTransaction.page_by_client is Transaction.page_by_client
    with stored("tiny", BOOK) as there, there.read() as view:
        found: list[StoredEntry] = list(view.log.by_client())  # type: ignore[attr-defined]
    assert len(found) == 13
