"""Books in stores: the same over every store, because the typed layer stands once above them (STO-1)."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from relcare.errors import ConflictError, InvalidValueError, StorageError, UnknownRecordError
from relcare.model import (
    VOID,
    Absence,
    Appointment,
    Book,
    Client,
    Consent,
    ContactPerson,
    Money,
    OwnerSpell,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.storage import (
    BookReader,
    BookWriter,
    LogEntry,
    MemoryStore,
    Record,
    SqliteStore,
    Store,
    load_book,
    load_client_part,
    save_book,
)
from relcare.testing import books

KIM = Client(id="c-1", name="김철수", owner_id="lee")
WANG = Client(id="c-2", name="王小明")
CALL = Touchpoint(id="t-1", client_id="c-1", occurred_at=date(2026, 3, 20), channel="call")
BOUGHT = Purchase(id="b-1", client_id="c-1", purchased_on=date(2026, 3, 20), amount=Money("12.50", "CNY"))
SPELL = TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 1, 1))
OWNED = OwnerSpell(client_id="c-1", owner_id="park", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1), note="편지")
AWAY = Absence(staff_id="lee", start_on=date(2026, 8, 3), end_on=date(2026, 8, 24), deputy_id="park")
STOP = Consent(id="n-1", client_id="c-1", kind="refused", channel="message", start_on=date(2026, 3, 20), source="t-1")
BOOK = Book(clients=[KIM, WANG], touchpoints=[CALL], purchases=[BOUGHT], tier_spells=[SPELL], zone="Asia/Seoul", currency="CNY")
VISIT = Appointment(id="a-1", client_id="c-1", staff_id="lee", on=date(2026, 4, 2), minutes=60, channel="visit")
NOW = datetime(2026, 3, 31, 9, tzinfo=ZoneInfo("Asia/Seoul"))

both_stores = pytest.mark.parametrize("kind", ["memory", "sqlite"])


@contextmanager
def stored(kind: str, book: Book) -> Iterator[Store]:
    if kind == "memory":
        with MemoryStore.create(book, by="lee") as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.db"
        SqliteStore.create(path, book, by="lee").close()
        with SqliteStore.open(path) as store:
            yield store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with stored(request.param, BOOK) as made:
        yield made


def as_stored(book: Book) -> Book:
    """The book in the order that stores give: by id, spells by client, scheme and first day, events as they were recorded."""
    return attrs.evolve(
        book,
        clients=sorted(book.clients, key=lambda one: one.id),
        people=sorted(book.people, key=lambda one: one.id),
        staff=sorted(book.staff, key=lambda one: one.id),
        tier_spells=sorted(book.tier_spells, key=lambda one: (one.client_id, one.scheme_id, one.start_on)),
        absences=sorted(book.absences, key=lambda one: (one.staff_id, one.start_on)),
        pins=sorted(book.pins, key=lambda one: (one.client_id, one.scheme_id, one.start_on)),
        owner_spells=sorted(book.owner_spells, key=lambda one: (one.client_id, one.start_on)),
        appointments=sorted(book.appointments, key=lambda one: one.id),
    )


def add_events(writer: BookWriter, book: Book) -> None:
    """Everything that goes into the log; what an event refers to must be there before it."""
    voided_first = list(book.touchpoints)
    while voided_first:
        touch = voided_first.pop(0)
        if touch.voids_id in {later.id for later in voided_first}:
            voided_first.append(touch)
        else:
            writer.add_event(touch)
    for purchase in sorted(book.purchases, key=lambda one: one.returns_purchase_id is not None):
        writer.add_event(purchase)
    for consent in book.consents:
        writer.add_event(consent)


def part_of(book: Book, client_id: str) -> Book:
    return attrs.evolve(
        book,
        clients=[book.get_client(client_id)],
        people=[one for one in book.people if one.client_id == client_id],
        touchpoints=[one for one in book.touchpoints if one.client_id == client_id],
        purchases=[one for one in book.purchases if one.client_id == client_id],
        tier_spells=[one for one in book.tier_spells if one.client_id == client_id],
        consents=[one for one in book.consents if one.client_id == client_id],
        pins=[one for one in book.pins if one.client_id == client_id],
        owner_spells=[one for one in book.owner_spells if one.client_id == client_id],
        appointments=[one for one in book.appointments if one.client_id == client_id],
        membership_events=[one for one in book.membership_events if one.client_id == client_id],
    )


class TestSto1:
    """STO-1: typed repositories live once, above the protocols; memory is the reference, SQLite the embedded default."""

    @both_stores
    @settings(max_examples=40)
    @given(book=books())
    def test_a_book_comes_back_from_any_store_equal_in_the_order_that_is_promised(self, kind: str, book: Book) -> None:
        with stored(kind, book) as there:
            assert load_book(there) == as_stored(book)

    @both_stores
    @settings(max_examples=25)
    @given(book=books())
    def test_the_part_of_a_client_is_what_the_whole_book_says_of_it(self, kind: str, book: Book) -> None:
        whole = as_stored(book)
        with stored(kind, book) as there:
            for client in book.clients:
                assert load_client_part(there, client.id) == part_of(whole, client.id)

    @both_stores
    @settings(max_examples=25)
    @given(book=books())
    def test_a_book_entered_piece_by_piece_equals_the_book_saved_at_once(self, kind: str, book: Book) -> None:
        with stored(kind, Book(zone=book.zone, currency=book.currency)) as there, there.write() as unit:
            writer = BookWriter(unit)
            for client in book.clients:
                writer.put_client(client, expected=0)
            for person in book.people:
                writer.put_person(person, expected=0)
            for member in book.staff:
                writer.put_staff(member, expected=0)
            for client_id, spells in book.tier_spells_by_client.items():
                writer.put_tiers(client_id, reversed(spells), expected=0)
            for client_id, held in book.pins_by_client.items():
                writer.put_pins(client_id, reversed(held), expected=0)
            for client_id, owned in book.owner_spells_by_client.items():
                writer.put_owners(client_id, reversed(owned), expected=0)
            for appointment in book.appointments:
                writer.put_appointment(appointment, expected=0)
            for staff_id, away in book.absences_by_staff.items():
                writer.put_absences(staff_id, reversed(away), expected=0)
            add_events(writer, book)
            found, expected = writer.book(), as_stored(book)
        for name in ("clients", "people", "staff", "tier_spells", "pins", "consents", "absences", "owner_spells", "appointments"):
            assert getattr(found, name) == getattr(expected, name)
        for name in ("touchpoints", "purchases"):
            assert set(getattr(found, name)) == set(getattr(expected, name))


class TestTim7:
    """TIM-7: two times, when it happened and when it was recorded; events are append-only."""

    def test_who_recorded_it_and_when_is_stored_with_the_entry(self, store: Store) -> None:
        with store.write() as unit:
            found = BookWriter(unit).add_event(attrs.evolve(CALL, id="t-2"), by="park", recorded_at=NOW)
            entry = unit.log.get("touchpoint:t-2")
        assert found.recorded_at == NOW
        assert str(found.recorded_at) == "2026-03-31 00:00:00+00:00", "a stamp is kept in UTC"
        assert entry is not None
        assert (entry.entry.by, entry.entry.recorded_at) == ("park", "2026-03-31T00:00:00+00:00")
        assert load_book(store).touchpoints == (CALL, found)

    def test_an_event_that_says_itself_when_it_was_recorded_is_believed(self, store: Store) -> None:
        own = attrs.evolve(CALL, id="t-2", recorded_at=date(2026, 3, 21))
        with store.write() as unit:
            assert BookWriter(unit).add_event(own, recorded_at=NOW) == own
        assert load_book(store).touchpoints == (CALL, own)

    def test_a_saved_event_without_a_stamp_was_recorded_when_it_happened(self, store: Store) -> None:
        assert load_book(store).touchpoints[0].recorded_at is None

    def test_a_stamp_needs_a_zone(self, store: Store) -> None:
        with pytest.raises(InvalidValueError, match="recorded_at"), store.write() as unit:
            BookWriter(unit).add_event(attrs.evolve(CALL, id="t-2"), recorded_at=datetime(2026, 3, 31))

    def test_the_change_of_a_record_is_noted_with_who_and_when(self, store: Store) -> None:
        with store.write() as unit:
            version = BookWriter(unit).put_client(attrs.evolve(KIM, region="Seoul"), expected=1, by="park", recorded_at=NOW)
        with store.read() as view:
            entries = [one.entry for one in view.log.of_client("c-1")]
        assert version == 2
        assert [(one.kind, one.by, one.recorded_at) for one in entries][-1] == ("change", "park", "2026-03-31T00:00:00+00:00")
        assert load_book(store).touchpoints == BOOK.touchpoints


class TestSto2:
    """STO-2: a stale write is a conflict error, never a lost update; all or nothing; a retry never doubles."""

    def test_the_same_word_again_adds_nothing_and_another_under_its_id_is_a_conflict(self, store: Store) -> None:
        stored = attrs.evolve(STOP, recorded_at=NOW)
        for _ in range(2):
            with store.write() as unit:
                assert BookWriter(unit).add_event(STOP, by="park", recorded_at=NOW) == stored
        for other in (attrs.evolve(STOP, kind="given"), attrs.evolve(STOP, end_on=date(2026, 4, 1))):
            with pytest.raises(ConflictError, match="consent 'n-1'"), store.write() as unit:
                BookWriter(unit).add_event(other)
        assert load_book(store) == attrs.evolve(BOOK, consents=[stored])

    @pytest.mark.parametrize("event", [CALL, BOUGHT], ids=["touchpoint", "purchase"])
    def test_the_same_event_again_adds_nothing(self, store: Store, event: Any) -> None:
        with store.write() as unit:
            assert BookWriter(unit).add_event(event, by="park", recorded_at=NOW) == event
        assert load_book(store) == BOOK

    def test_a_stamped_event_may_be_told_again_with_and_without_its_stamp(self, store: Store) -> None:
        told = attrs.evolve(CALL, id="t-2")
        for again in range(3):
            with store.write() as unit:
                first = BookWriter(unit).add_event(told, recorded_at=NOW.replace(hour=9 + again))
                assert BookWriter(unit).add_event(first, recorded_at=NOW) == first
                assert first.recorded_at == NOW
        assert len(load_book(store).touchpoints) == 2

    def test_an_equal_amount_with_other_digits_is_the_same_event(self, store: Store) -> None:
        with store.write() as unit:
            BookWriter(unit).add_event(attrs.evolve(BOUGHT, amount=Money("12.5", "CNY")))
        assert [str(one.amount) for one in load_book(store).purchases] == ["12.50 CNY"]

    @pytest.mark.parametrize(
        "event",
        [
            attrs.evolve(CALL, channel="visit"),
            attrs.evolve(CALL, client_id="c-2"),
            attrs.evolve(CALL, recorded_at=NOW),
            attrs.evolve(BOUGHT, amount=Money("12.51", "CNY")),
        ],
        ids=["another channel", "another client", "recorded at another time", "another amount"],
    )
    def test_an_id_that_is_taken_by_another_event_is_a_conflict(self, store: Store, event: Any) -> None:
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            BookWriter(unit).add_event(event)
        assert (caught.value.record_id, caught.value.expected) == (event.id, 0)
        assert load_book(store) == BOOK

    def test_a_touchpoint_and_a_purchase_may_have_the_same_id(self, store: Store) -> None:
        with store.write() as unit:
            BookWriter(unit).add_event(attrs.evolve(CALL, id="b-1"))
            BookWriter(unit).add_event(attrs.evolve(BOUGHT, id="t-1"))
        book = load_book(store)
        assert [one.id for one in book.touchpoints] == [one.id for one in reversed(book.purchases)] == ["t-1", "b-1"]

    def test_the_longest_id_is_as_good_as_any(self, store: Store) -> None:
        long = attrs.evolve(CALL, id="x" * 200)
        with store.write() as unit:
            BookWriter(unit).add_event(long)
            BookWriter(unit).add_event(attrs.evolve(long, id="x" * 199 + "y", voids_id=long.id))
            assert BookWriter(unit).find_touchpoint(long.id) == long
            with pytest.raises(ConflictError):
                BookWriter(unit).add_event(attrs.evolve(long, channel="visit"))
        assert len(load_book(store).touchpoints) == 3

    @pytest.mark.parametrize(
        "put",
        [
            lambda writer: writer.put_client(KIM, expected=0),
            lambda writer: writer.put_client(KIM, expected=2),
            lambda writer: writer.put_tiers("c-1", [], expected=0),
            lambda writer: writer.put_owners("c-1", [], expected=1),
            lambda writer: writer.put_absences("lee", [], expected=1),
            lambda writer: writer.put_staff(Staff(id="lee", name="x"), expected=1),
            lambda writer: writer.put_person(ContactPerson(id="p", client_id="c-1", name="x"), expected=1),
        ],
        ids=[
            "a client that exists",
            "a later version",
            "tiers that exist",
            "no such owners",
            "no such absences",
            "no such staff",
            "no such person",
        ],
    )
    def test_a_stale_version_is_a_conflict_and_changes_nothing(self, store: Store, put: Callable[[BookWriter], int]) -> None:
        with pytest.raises(ConflictError), store.write() as unit:
            put(BookWriter(unit))
        assert load_book(store) == BOOK

    def test_a_store_takes_one_book(self, store: Store) -> None:
        with pytest.raises(StorageError, match="holds a book already"):
            save_book(store, Book())
        assert load_book(store) == BOOK

    @both_stores
    def test_a_book_that_cannot_be_stored_leaves_nothing(self, kind: str, tmp_path: Path) -> None:
        huge = attrs.evolve(KIM, id="c-9", attributes={f"a{n}": "x" * 4_000 for n in range(300)})
        book = attrs.evolve(BOOK, clients=[*BOOK.clients, huge])
        if kind == "memory":
            there = MemoryStore()
            with pytest.raises(InvalidValueError, match="payload"):
                save_book(there, book)
            with pytest.raises(UnknownRecordError, match="save one first"):
                load_book(there)
        else:
            with pytest.raises(InvalidValueError, match="payload"):
                SqliteStore.create(tmp_path / "book.db", book)
            assert not list(tmp_path.iterdir())

    def test_a_file_that_exists_is_not_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "book.db"
        SqliteStore.create(path, BOOK).close()
        with pytest.raises(StorageError, match="exists already"):
            SqliteStore.create(path, Book())
        with SqliteStore.open(path) as there:
            assert load_book(there) == BOOK


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        (attrs.evolve(CALL, id="t-2", client_id="c-3"), UnknownRecordError, "unknown client 'c-3'"),
        (attrs.evolve(BOUGHT, id="b-2", client_id="c-3"), UnknownRecordError, "unknown client 'c-3'"),
        (attrs.evolve(CALL, id="t-2", voids_id="t-9"), InvalidValueError, "voids_id is 't-9'"),
        (attrs.evolve(CALL, id="t-2", voids_id="b-1"), InvalidValueError, "voids_id is 'b-1'"),
        (attrs.evolve(CALL, id="t-2", client_id="c-2", channel=VOID, voids_id="t-1"), InvalidValueError, "of the same client"),
        (attrs.evolve(BOUGHT, id="b-2", amount=Money(1, "KRW")), InvalidValueError, "must be in the book's currency, CNY"),
        (attrs.evolve(BOUGHT, id="b-2", returns_purchase_id="t-1"), InvalidValueError, "returns_purchase_id is 't-1'"),
        (attrs.evolve(BOUGHT, id="b-2", client_id="c-2", returns_purchase_id="b-1"), InvalidValueError, "of the same client"),
        (
            attrs.evolve(BOUGHT, id="b-2", purchased_on=date(2026, 3, 19), returns_purchase_id="b-1"),
            InvalidValueError,
            "before it was bought",
        ),
        (KIM, InvalidValueError, "must be a Touchpoint, a Purchase, a Consent or a MembershipEvent"),
        (attrs.evolve(STOP, client_id="c-3"), UnknownRecordError, "unknown client 'c-3'"),
    ],
    ids=range(11),
)
def test_an_event_that_refers_to_what_is_not_there_is_refused(
    store: Store, event: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message), store.write() as unit:
        BookWriter(unit).add_event(event)
    assert load_book(store) == BOOK


def test_owners_and_staff_who_are_on_no_list_are_allowed(store: Store) -> None:
    touch = attrs.evolve(CALL, id="t-2", staff_id="nobody", person_id="p-9")
    with store.write() as unit:
        assert BookWriter(unit).add_event(touch) == touch


@pytest.mark.parametrize(
    ("put", "error"),
    [
        (lambda writer: writer.put_person(ContactPerson(id="p", client_id="c-3", name="x"), expected=0), UnknownRecordError),
        (lambda writer: writer.put_tiers("c-3", [], expected=0), UnknownRecordError),
        (lambda writer: writer.put_tiers("c-2", [SPELL], expected=0), InvalidValueError),
        (lambda writer: writer.put_tiers("c-1", [SPELL, attrs.evolve(SPELL, tier="B")], expected=1), InvalidValueError),
        (lambda writer: writer.put_owners("c-3", [], expected=0), UnknownRecordError),
        (lambda writer: writer.put_owners("c-2", [OWNED], expected=0), InvalidValueError),
        (lambda writer: writer.put_owners("c-1", [OWNED, attrs.evolve(OWNED, owner_id=None)], expected=0), InvalidValueError),
        (lambda writer: writer.put_absences("park", [AWAY], expected=0), InvalidValueError),
        (lambda writer: writer.put_absences("lee", [AWAY, attrs.evolve(AWAY, deputy_id=None)], expected=0), InvalidValueError),
        (lambda writer: writer.put_client(CALL, expected=0), InvalidValueError),
        (lambda writer: writer.put_person(KIM, expected=0), InvalidValueError),
        (lambda writer: writer.put_staff(KIM, expected=0), InvalidValueError),
        (lambda writer: writer.get_client("c-3"), UnknownRecordError),
        (lambda writer: writer.client_part("c-3"), UnknownRecordError),
    ],
    ids=[
        "a person at no client",
        "tiers of no client",
        "tiers of another client",
        "tiers that overlap",
        "owners of no client",
        "owners of another client",
        "owners that overlap",
        "absences of somebody else",
        "absences that overlap",
        "a touchpoint as a client",
        "a client as a person",
        "a client as staff",
        "no such client",
        "the part of no client",
    ],
)
def test_what_does_not_fit_is_refused(store: Store, put: Callable[[BookWriter], object], error: type[Exception]) -> None:
    with pytest.raises(error), store.write() as unit:
        put(BookWriter(unit))
    assert load_book(store) == BOOK


def test_what_is_found_comes_with_the_version_to_change_it_by(store: Store) -> None:
    with store.write() as unit:
        writer = BookWriter(unit)
        writer.put_staff(Staff(id="lee", name="x"), expected=0)
        writer.put_person(ContactPerson(id="p", client_id="c-1", name="x"), expected=0)
        writer.put_tiers("c-1", [attrs.evolve(SPELL, end_on=date(2026, 2, 1))], expected=writer.tiers_of("c-1").version)
    with store.read() as view:
        reader = BookReader(view)
        client, person, member = reader.get_client("c-1"), reader.find_person("p"), reader.find_staff("lee")
        assert person is not None
        assert member is not None
        assert (client.value, client.version, person.version, member.version) == (KIM, 1, 1, 1)
        assert (reader.tiers_of("c-1").version, reader.tiers_of("c-2").version) == (2, 0)
        assert reader.tiers_of("c-1").value.spells == (attrs.evolve(SPELL, end_on=date(2026, 2, 1)),)
        assert (reader.find_client("c-3"), reader.find_person("q"), reader.find_staff("q")) == (None, None, None)
        assert (reader.find_touchpoint("t-1"), reader.find_purchase("b-1")) == (CALL, BOUGHT)
        assert (reader.find_touchpoint("b-1"), reader.find_purchase("t-1")) == (None, None)
        assert [record.id for record in view.records.scan("client", key=("owner_id", "lee"))] == ["c-1"]


def test_owners_absences_and_consents_are_found_and_replaced_or_added(store: Store) -> None:
    pooled = attrs.evolve(OWNED, owner_id=None)
    with store.write() as unit:
        writer = BookWriter(unit)
        assert writer.put_owners("c-1", [OWNED], expected=writer.owners_of("c-1").version, by="han", recorded_at=NOW) == 1
        assert writer.put_owners("c-1", [pooled], expected=1, by="han", recorded_at=NOW) == 2
        assert writer.put_absences("lee", [AWAY], expected=writer.absences_of("lee").version) == 1
        writer.add_event(STOP)
    with store.read() as view:
        reader = BookReader(view)
        assert (reader.owners_of("c-1").value.spells, reader.owners_of("c-1").version) == ((pooled,), 2)
        assert (reader.owners_of("c-2").value.spells, reader.owners_of("c-2").version) == ((), 0)
        assert (reader.absences_of("lee").value.absences, reader.absences_of("park").version) == ((AWAY,), 0)
        assert (reader.find_consent("n-1"), reader.find_consent("t-1"), reader.find_touchpoint("n-1")) == (STOP, None, None)
        kinds = [(stored.entry.kind, stored.entry.by) for stored in view.log.of_client("c-1")]
    assert kinds[-3:] == [("change", "han"), ("change", "han"), ("consent", None)]
    book = load_book(store)
    assert (book.owner_spells, book.absences, book.consents) == ((pooled,), (AWAY,), (STOP,))
    assert book.clients == BOOK.clients, "the owner on days without a spell stays"


def test_an_appointment_is_found_moved_and_called_off_under_its_version(store: Store) -> None:
    moved = attrs.evolve(VISIT, on=date(2026, 4, 3), sequence=1)
    called_off = attrs.evolve(moved, state="cancelled", sequence=2)
    with store.write() as unit:
        writer = BookWriter(unit)
        assert writer.put_appointment(VISIT, expected=0, by="han", recorded_at=NOW) == 1
        assert writer.put_appointment(attrs.evolve(VISIT, id="a-2", client_id="c-2"), expected=0) == 1
        assert writer.put_appointment(moved, expected=1, by="han", recorded_at=NOW) == 2
    with store.write() as unit:
        assert BookWriter(unit).put_appointment(called_off, expected=2) == 3
    with store.read() as view:
        reader = BookReader(view)
        found = reader.find_appointment("a-1")
        assert found is not None
        assert (found.value, found.version) == (called_off, 3)
        assert reader.find_appointment("a-9") is None
        assert (reader.appointments_of("c-1"), reader.appointments_of("c-9")) == ((called_off,), ())
        kinds = [(stored.entry.kind, stored.entry.by) for stored in view.log.of_client("c-1")]
    assert kinds[-3:] == [("change", "han"), ("change", "han"), ("change", None)]
    assert [one.id for one in load_book(store).appointments] == ["a-1", "a-2"]
    assert load_client_part(store, "c-1").appointments == (called_off,)


def test_an_appointment_with_nobody_on_another_day_or_changed_meanwhile_is_refused(store: Store) -> None:
    late = datetime(2026, 4, 2, 23, tzinfo=ZoneInfo("UTC"))  # the next day in the zone of the book
    with store.write() as unit:
        BookWriter(unit).put_appointment(VISIT, expected=0)
    with pytest.raises(UnknownRecordError), store.write() as unit:
        BookWriter(unit).put_appointment(attrs.evolve(VISIT, client_id="c-9"), expected=1)
    with pytest.raises(InvalidValueError, match=r"starts_at is .* must be on 2026-04-02"), store.write() as unit:
        BookWriter(unit).put_appointment(attrs.evolve(VISIT, starts_at=late), expected=1)
    with pytest.raises(ConflictError), store.write() as unit:
        BookWriter(unit).put_appointment(attrs.evolve(VISIT, sequence=1), expected=0)
    with pytest.raises(InvalidValueError, match="must be a"), store.write() as unit:
        BookWriter(unit).put_appointment(CALL, expected=1)  # type: ignore[arg-type]
    assert load_book(store).appointments == (VISIT,)


def test_the_part_of_a_client_has_the_absences_of_all_staff_and_the_consents_and_owners_of_the_client(store: Store) -> None:
    with store.write() as unit:
        writer = BookWriter(unit)
        writer.put_owners("c-1", [OWNED], expected=0)
        writer.put_owners("c-2", [attrs.evolve(OWNED, client_id="c-2")], expected=0)
        writer.put_absences("park", [attrs.evolve(AWAY, staff_id="park", deputy_id="lee")], expected=0)
        writer.put_absences("lee", [AWAY], expected=0)
        writer.add_event(STOP)
        writer.add_event(attrs.evolve(STOP, id="n-2", client_id="c-2"))
    part = load_client_part(store, "c-1")
    assert (part.owner_spells, part.consents) == ((OWNED,), (STOP,))
    assert [one.staff_id for one in part.absences] == ["lee", "park"]


def test_a_book_that_an_older_release_stored_is_read_and_added_to(store: Store) -> None:
    """STO-4: documents written by an older release load in a newer one."""
    older = MemoryStore()
    with older.write() as unit:
        unit.records.put(Record(kind="book", id="book", payload='{"currency":"CNY","format":1,"zone":"Asia/Seoul"}'), expected=0)
        unit.records.put(Record(kind="client", id="c-1", payload='{"format":1,"id":"c-1","name":"김철수"}'), expected=0)
        told = '{"channel":"call","client_id":"c-1","format":1,"id":"t-1","occurred_at":"2026-03-20"}'
        unit.log.append(LogEntry(id="touchpoint:t-1", kind="touchpoint", client_id="c-1", payload=told))
    then = Book(clients=[attrs.evolve(KIM, owner_id=None)], touchpoints=[CALL], zone="Asia/Seoul", currency="CNY")
    assert load_book(older) == then
    with older.write() as unit:
        writer = BookWriter(unit)
        assert writer.add_event(CALL) == CALL, "the same event in another format adds nothing"
        writer.add_event(STOP)
        writer.put_owners("c-1", [OWNED], expected=0)
        writer.put_absences("lee", [AWAY], expected=0)
    assert load_book(older) == attrs.evolve(then, consents=[STOP], owner_spells=[OWNED], absences=[AWAY])


def test_a_store_without_a_book_says_what_to_do(store: Store) -> None:
    empty = MemoryStore()
    with pytest.raises(UnknownRecordError, match="save one first"):
        load_book(empty)
    with pytest.raises(UnknownRecordError, match="save one first"), empty.write() as unit:
        BookWriter(unit).put_client(KIM, expected=0)
    with pytest.raises(InvalidValueError, match="must be a Book"):
        save_book(empty, "book")  # type: ignore[arg-type]


def test_entries_of_an_unknown_kind_are_not_passed_over(store: Store) -> None:
    with store.write() as unit:
        unit.log.append(LogEntry(id="x", kind="objection", client_id="c-1", payload="{}"))
    with pytest.raises(StorageError, match="unknown kind 'objection'"):
        load_book(store)


def test_a_book_that_no_longer_fits_together_is_told_without_its_values(store: Store) -> None:
    with store.write() as unit:
        unit.records.delete("client", "c-1", expected=1)
    with pytest.raises(StorageError, match=r"does not fit together: touchpoints\[0\]\.client_id must name") as caught:
        load_book(store)
    assert "c-1" not in str(caught.value)


def test_a_damaged_record_is_told(store: Store) -> None:
    with store.write() as unit:
        unit.records.put(Record(kind="staff", id="lee", payload='{"format":1,"id":"lee"}'), expected=0)
    with pytest.raises(StorageError, match="a stored staff is damaged"):
        load_book(store)


def test_utc_is_a_zone_like_any_other(store: Store) -> None:
    at = attrs.evolve(CALL, id="t-2", occurred_at=datetime(2026, 3, 20, tzinfo=UTC))
    with store.write() as unit:
        BookWriter(unit).add_event(at)
    assert str(load_book(store).touchpoints[1].occurred_at.tzinfo) == "UTC"  # type: ignore[attr-defined]
