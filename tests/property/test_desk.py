"""The desk answers as the policy would over the book that it keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.codec import loads_policy
from relcare.desk import Desk
from relcare.model import Book, Touchpoint
from relcare.storage import MemoryStore
from relcare.testing import FixedClock, books, days, moments

# Threshold tiers, rhythms that rest on them, and a programme: everything that one client can be decided on alone.
POLICY = loads_policy(
    """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2000-01-01
currency = "CNY"

[facts.revenue]
type = "money"
grain = "0.01"
polarity = "more"
measure = { sum = "purchases.amount", window = "12 months", returns = "net" }

[facts.visits]
type = "integer"
polarity = "more"
measure = { count = "touchpoints", where = "channel == 'visit'", window = "3 months" }

[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [ { id = "A", when = "revenue >= 10_000" }, { id = "B", when = "revenue >= 100 or visits >= 2" } ]
otherwise = "C"

[[cadence]]
id = "call-A"
channel = "call"
every = "1 week"
when = "tier.abc == 'A'"
satisfied_by = ["visit"]
grace = "2 days"

[[cadence]]
id = "call"
channel = "call"
every = "1 month"
when = "tier.abc in ('B', 'C')"

[[cadence]]
id = "birthday"
channel = "card"
mode = "grid"
anchor = "people.birthday"
lead = "3 days"

[[vip]]
id = "vip"
paths = [ { id = "bought", when = "revenue >= 20_000" } ]
"""
)


@contextmanager
def desk_over(book: Book, today: date) -> Iterator[Desk]:
    noon = datetime.combine(today, time(12), tzinfo=ZoneInfo(book.zone))
    with MemoryStore.create(book) as store:
        yield Desk(store=store, policy=POLICY, clock=FixedClock(noon))


class TestTim1:
    """TIM-1: every answer depends only on its arguments; nothing below the desk reads a clock."""

    @settings(max_examples=30)
    @given(book=books(), as_of=days())
    def test_one_client_by_itself_is_decided_as_in_the_whole_book(self, book: Book, as_of: date) -> None:
        with desk_over(book, as_of) as desk:
            whole = desk.decide(by="lee")
            for client in book.clients:
                one = desk.decide_client(client.id, by="lee")
                assert one.as_of == whole.as_of == as_of
                assert one.facts == whole.facts(client.id)
                assert one.obligations == whole.obligations.for_client(client.id)
                assert one.undecided == tuple(unknown for unknown in whole.undecided if unknown.client_id == client.id)
                assert one.vip == (whole.vip("vip", client.id),)
                assert one.assignments == (whole.tier("abc", client.id),)
                assert one.strategy == whole.strategy(client.id)

    @settings(max_examples=20)
    @given(book=books(), as_of=days())
    def test_the_desk_answers_as_the_policy_does_over_the_book_as_it_was_given(self, book: Book, as_of: date) -> None:
        expected = POLICY.decide(book, as_of=as_of)
        with desk_over(book, as_of) as desk:
            found = desk.decide(by="lee")
            assert found.obligations == expected.obligations
            for client in book.clients:
                assert found.facts(client.id) == expected.facts(client.id)

    @settings(max_examples=30)
    @given(book=books(max_clients=2), at=moments("UTC", date(2023, 6, 1), date(2027, 6, 1)))
    def test_without_as_of_the_day_is_that_of_the_clock_in_the_zone_of_the_book(self, book: Book, at: datetime) -> None:
        with MemoryStore.create(book) as store:
            desk = Desk(store=store, policy=POLICY, clock=FixedClock(at))
            given_day, by_clock = desk.decide(by="lee", as_of=at), desk.decide(by="lee")
            plain = datetime.fromtimestamp(at.timestamp(), tz=UTC).astimezone(ZoneInfo(book.zone)).date()
            assert given_day.as_of == by_clock.as_of == plain

    @settings(max_examples=20)
    @given(book=books(), as_of=days(), until=days())
    def test_what_is_due_is_what_is_open_and_what_is_due_until_then(self, book: Book, as_of: date, until: date) -> None:
        with desk_over(book, as_of) as desk:
            every = list(desk.decide(by="lee").obligations)
            assert list(desk.due(by="lee")) == [owed for owed in every if owed.earliest_on <= as_of]
            expected = [owed for owed in every if owed.earliest_on <= as_of or owed.due_on <= until]
            assert list(desk.due(by="lee", until=until)) == expected
            for owner_id in {client.owner_id for client in book.clients if client.owner_id is not None}:
                assert list(desk.due(by="lee", owner_id=owner_id)) == [
                    owed for owed in every if owed.earliest_on <= as_of and owed.owner_id == owner_id
                ]


class TestTim7:
    """TIM-7: events are append-only; `recorded_at` is when it was recorded."""

    @settings(max_examples=30)
    @given(book=books(), as_of=days(), data=st.data())
    def test_recording_adds_the_event_with_its_stamp_and_nothing_else(self, book: Book, as_of: date, data: st.DataObject) -> None:
        assume(book.clients)
        client = data.draw(st.sampled_from(book.clients))
        touch = Touchpoint(id="new touch", client_id=client.id, occurred_at=as_of, channel="call", outcome="reached")
        with desk_over(book, as_of) as desk:
            before = desk.book(by="lee")
            stored = desk.record(touch, by="lee")
            after: Any = desk.book(by="lee")
            assert stored == attrs.evolve(touch, recorded_at=desk.clock.now())
            assert after == attrs.evolve(before, touchpoints=(*before.touchpoints, stored))


class TestSto2:
    """STO-2: retrying with the same idempotency key never doubles."""

    @settings(max_examples=20)
    @given(book=books(), as_of=days(), keyed=st.booleans(), times=st.integers(2, 4))
    def test_a_retry_gives_the_first_answer_and_leaves_the_book_as_it_was(
        self, book: Book, as_of: date, keyed: bool, times: int
    ) -> None:
        assume(book.clients)
        touch = Touchpoint(id="new touch", client_id=book.clients[0].id, occurred_at=as_of, channel="call")
        with desk_over(book, as_of) as desk:
            first = desk.record(touch, by="lee", idempotency_key="k" if keyed else None)
            after = desk.book(by="lee")
            for hour in range(1, times):
                later = FixedClock(datetime(2199, 1, 1, hour, tzinfo=UTC))
                again = attrs.evolve(desk, clock=later).record(touch, by="park", idempotency_key="k" if keyed else None)
                assert again == first
            assert desk.book(by="lee") == after
