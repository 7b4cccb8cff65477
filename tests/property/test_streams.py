"""Clients decided one after the other, as the book that nobody holds would have them decided."""

from collections.abc import Iterator
from datetime import date
from itertools import count

import pytest
from hypothesis import given, settings

from relcare.calendars import Weekdays
from relcare.decisions import BookResult, ClientResult, Policy
from relcare.errors import InvalidValueError, PolicyError, StorageError
from relcare.model import Appointment, Book, Client, Money, Pin, Purchase, Touchpoint
from relcare.policy import Fact, Measure
from relcare.segmentation import QuotaScheme, QuotaTier
from relcare.storage import BookReader, MemoryStore, load_book, load_client_part
from relcare.testing import books, books_for, days, policies

CALENDAR = Weekdays()
DAY = date(2026, 6, 30)
few = settings(max_examples=settings().max_examples // 8)
TIERS = [QuotaTier("A", "20%"), QuotaTier("B", "80%")]
POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    facts=[Fact(id="fit", type="integer"), Fact(id="city", type="category")],
    segmentation=[QuotaScheme(id="abc", tiers=TIERS, score="fit", group_by="city")],
)


def ask(policy: Policy, whole: BookResult, store: MemoryStore, as_of: date) -> Iterator[ClientResult]:
    with store.read() as unit:
        yield from policy.decide_stream(
            BookReader(unit).parts(),
            as_of=as_of,
            borders={scheme_id: result.borders for scheme_id, result in whole.schemes.items()},
            grades={grade_id: result.grades for grade_id, result in whole.grades.items()},
            calendar=CALENDAR,
        )


class TestTheSameAsTheWholeBook:
    """CAD-13: One client at a time: [...] equal the full recomputation. SEG-3: a border says all that a ranking says."""

    @few
    @given(
        policies(with_examples=False).flatmap(lambda one: books_for(one).map(lambda book: (one, book))), days(date(2025, 1, 1))
    )
    def test_every_client_of_a_store_is_decided_as_in_its_book(self, drawn: tuple[Policy, Book], as_of: date) -> None:
        policy, book = drawn
        with MemoryStore.create(book) as store:
            whole = policy.decide(load_book(store), as_of=as_of, calendar=CALENDAR)
            for one in ask(policy, whole, store, as_of):
                assert one.facts == whole.facts(one.client_id)
                assert one.obligations == whole.obligations.for_client(one.client_id)
                assert list(one.undecided) == [u for u in whole.undecided if u.client_id == one.client_id]
                assert list(one.vip) == [whole.vip(programme_id, one.client_id) for programme_id in whole.programme_ids]
                assert one.notes == whole.notes.get(one.client_id, ())

    @settings(max_examples=20)
    @given(books())
    def test_the_parts_of_a_store_are_those_that_it_gives_one_by_one(self, book: Book) -> None:
        with MemoryStore.create(book) as store:
            ids = sorted(client.id for client in book.clients)
            one_by_one = [load_client_part(store, client_id) for client_id in ids]
            with store.read() as unit:
                assert list(BookReader(unit).parts()) == one_by_one


def client(number: int, *, fit: int | None = None, city: str | None = "Seoul") -> Client:
    attributes = {name: value for name, value in (("fit", fit), ("city", city)) if value is not None}
    return Client(id=f"c-{number}", name="김", attributes=attributes)


class TestStreams:
    def test_a_stream_that_never_ends_is_decided_as_far_as_somebody_asks(self) -> None:
        found = POLICY.decide_stream((Book(clients=[client(number)]) for number in count()), as_of=DAY, borders={})
        assert [next(found).client_id for _ in range(3)] == ["c-0", "c-1", "c-2"]

    def test_a_quota_has_no_tier_without_borders_and_the_tier_of_the_book_with_them(self) -> None:
        clients = [client(number, fit=number % 4) for number in range(10)]
        pins = [Pin(client_id="c-4", scheme_id="abc", tier="A", by="lee", reason="founder", start_on=date(2026, 1, 1))]
        whole = POLICY.decide(Book(clients=clients, pins=pins), as_of=DAY)
        parts = [Book(clients=[one], pins=[pin for pin in pins if pin.client_id == one.id]) for one in clients]
        borders = {"abc": whole.schemes["abc"].borders}
        tiers = {one.client_id: one.tiers["abc"] for one in POLICY.decide_stream(parts, as_of=DAY, borders=borders)}
        assert tiers == whole.schemes["abc"].tiers
        assert set(tiers.values()) == {"A", "B"}
        none = POLICY.decide_stream(parts, as_of=DAY, borders={})
        assert {one.tiers["abc"] for one in none if one.client_id != "c-4"} == {None}

    def test_a_group_that_the_borders_do_not_know_has_no_tier(self) -> None:
        whole = POLICY.decide(Book(clients=[client(1, fit=3)]), as_of=DAY)
        (found,) = POLICY.decide_stream(
            [Book(clients=[client(2, fit=3, city="Busan")])], as_of=DAY, borders={"abc": whole.schemes["abc"].borders}
        )
        assert found.tiers == {"abc": None}

    def test_what_is_known_later_is_left_out_when_asked_with_what_was_known_then(self) -> None:
        late = Touchpoint(
            id="t-1", client_id="c-1", channel="call", occurred_at=date(2026, 3, 1), recorded_at=date(2026, 5, 1), outcome="met"
        )
        fact = Fact(id="calls", type="integer", measure=Measure(function="count", over="touchpoints"))
        policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), facts=[fact])
        part = Book(clients=[client(1)], touchpoints=[late])
        (now,) = policy.decide_stream([part], as_of=DAY)
        (then,) = policy.decide_stream([part], as_of=DAY, known_on=date(2026, 4, 1))
        assert (now.facts["calls"], then.facts["calls"]) == (1, 0)

    @pytest.mark.parametrize("part", [Book(), Book(clients=[client(1), client(2)]), client(1)], ids=["none", "two", "no book"])
    def test_what_is_no_book_of_one_client_is_refused_where_it_stands(self, part: Book) -> None:
        found = POLICY.decide_stream([Book(clients=[client(1)]), part], as_of=DAY, borders={})
        next(found)
        with pytest.raises(InvalidValueError, match=r"^parts\[1\] is .*: must be a Book of one client$"):
            next(found)

    def test_an_unknown_scheme_among_the_borders_is_refused(self) -> None:
        with pytest.raises(InvalidValueError, match="did you mean 'abc'"):
            next(POLICY.decide_stream([Book(clients=[client(1)])], as_of=DAY, borders={"abcd": {}}))

    def test_a_day_outside_the_policy_is_refused(self) -> None:
        with pytest.raises(PolicyError):
            next(POLICY.decide_stream([Book(clients=[client(1)])], as_of=date(2025, 1, 1)))

    def test_two_currencies_are_refused_across_clients_where_amounts_are_added_and_the_policy_names_none(self) -> None:
        """FCT-4: as in the book as a whole."""
        fact = Fact(id="paid", type="money", measure=Measure(function="sum", over="purchases", field="amount"))
        policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), facts=[fact])
        parts = [
            Book(
                clients=[client(number)],
                purchases=[Purchase(id="b", client_id=f"c-{number}", purchased_on=date(2026, 2, 1), amount=Money(1, currency))],
            )
            for number, currency in enumerate(("CNY", "KRW"))
        ]
        found = policy.decide_stream(parts, as_of=DAY)
        assert next(found).facts["paid"] == 1
        with pytest.raises(InvalidValueError, match="must be in one currency"):
            next(found)

    def test_an_appointment_with_nobody_of_the_book_is_told_at_the_end(self) -> None:
        store = MemoryStore.create(Book(clients=[client(1)]))
        lost = Appointment(id="a-1", client_id="c-9", staff_id="lee", on=DAY, channel="visit")
        other = MemoryStore.create(Book(clients=[client(9)], appointments=[lost]))
        with other.read() as theirs, store.write() as unit:
            (record,) = theirs.records.scan("appointment")
            unit.records.put(type(record)(kind="appointment", id="a-1", payload=record.payload), expected=0)
        with store.read() as view:
            parts = BookReader(view).parts()
            assert next(parts).clients[0].id == "c-1"
            with pytest.raises(StorageError, match="must name a client of the book"):
                next(parts)
