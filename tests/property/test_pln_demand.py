from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from relcare.cadence import CadenceRule
from relcare.decisions import Policy
from relcare.model import Book, Client, Staff
from relcare.planning import DEMAND_GROUPINGS, BookDemand, Capacity, demand_of, project
from relcare.policy import Fact, criterion

DAY: Final = date(2026, 3, 30)
FOUR_WEEKS: Final = timedelta(days=28)
OWNERS: Final = ("lee", "wu", "kim", None)
STAFF: Final = (
    Staff(id="lee", name="Lee", head_id="kim"),
    Staff(id="wu", name="Wu", role="secretary", head_id="kim"),
    Staff(id="idle", name="Idle"),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Weekly rhythms of several lengths, for all or for large clients, by owners or secretaries."""
    rule = st.builds(
        CadenceRule,
        id=st.uuids().map(str),
        channel=st.sampled_from(["call", "visit", "card"]),
        every=st.sampled_from(["1 week", "2 weeks", "4 weeks"]),
        minutes=st.integers(1, 240),
        role=st.sampled_from(["account manager", "secretary"]),
        when=st.sampled_from([None, criterion("size == 'large'")]),
    )
    rules = draw(st.lists(rule, min_size=1, max_size=4, unique_by=lambda one: one.id))
    size = Fact(id="size", type="level", values=("small", "large"), reads="client.size")
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), facts=[size], cadence=rules)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Clients that have been there for four weeks, so that everything is due on the day itself."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(OWNERS), st.sampled_from(["small", "large"])), max_size=6))
    clients = [
        Client(id=f"c-{n}", name="c", owner_id=owner_id, attributes={"size": size}, client_since_on=DAY - FOUR_WEEKS)
        for n, (owner_id, size) in enumerate(drawn)
    ]
    return Book(clients=clients, staff=draw(st.sampled_from([(), STAFF])))


def found(policy: Policy, book: Book, minutes: int = 300) -> BookDemand:
    return demand_of(policy, book, as_of=DAY, capacity=Capacity(minutes_per_day=minutes))


class TestDemandBeforeSchedule:
    """PLN-1: Before anything is scheduled: demand against capacity, with the largest book that fits.

    It is per owner and team, from the policy and the tier mix alone or from a book.
    """

    @given(policies(), books())
    def test_the_average_is_what_the_rules_come_to_over_whole_intervals(self, policy: Policy, book: Book) -> None:
        foreseen = project(policy, book, as_of=DAY, until=DAY + 2 * FOUR_WEEKS - timedelta(days=1))
        ahead = [one for one in foreseen if one.due_on >= DAY + FOUR_WEEKS]
        for member in found(policy, book).members:
            asked = sum(one.minutes for one in ahead if one.staff_id == member.name)
            assert asked == member.average * 20, "four weeks hold each interval a whole number of times"

    @given(policies(), books())
    def test_the_fullest_day_is_never_below_the_average_and_whole_contacts(self, policy: Policy, book: Book) -> None:
        for member in found(policy, book).members:
            assert member.peak >= member.average
            assert (member.peak == 0) is (member.average == 0)

    @given(policies(), books())
    def test_every_grouping_adds_up_to_the_whole(self, policy: Policy, book: Book) -> None:
        demand = found(policy, book)
        for grouping in DEMAND_GROUPINGS:
            groups = demand.by(grouping)
            for name in ("staff", "average", "peak", "capacity"):
                assert sum(getattr(one, name) for one in groups) == getattr(demand.total, name)
            assert all(one.clients <= demand.total.clients <= len(book.clients) for one in groups)

    @given(policies(), books(), st.integers(0, 480))
    def test_the_largest_book_fits_and_one_client_more_does_not(self, policy: Policy, book: Book, minutes: int) -> None:
        demand = found(policy, book, minutes)
        largest, shared = demand.largest_book, demand.largest_shared_book
        somebodys = [one for one in demand.members if one.name is not None and one.average]
        assert (largest is None) is (not somebodys)
        if largest is None or shared is None:
            return
        scale = Fraction(1, len(book.clients))
        assert all(one.average * scale * largest <= minutes for one in somebodys)
        assert any(one.average * scale * (largest + 1) > minutes for one in somebodys)
        # What is nobody's is in the share that a role works off together, and in no one's own.
        is_all_owned = not any(one.name is None and one.average for one in demand.members)
        assert shared >= largest or not is_all_owned

    @given(policies(), books())
    def test_the_same_book_twice_asks_twice_as_much(self, policy: Policy, book: Book) -> None:
        twice = attrs.evolve(book, clients=[*book.clients, *(attrs.evolve(one, id=f"{one.id}'") for one in book.clients)])
        once, doubled = found(policy, book), found(policy, twice)
        assert [one.average for one in doubled.members] == [2 * one.average for one in once.members]
        assert all(a.peak <= 2 * b.peak for a, b in zip(doubled.members, once.members, strict=True))
        assert doubled.largest_book == once.largest_book

    @given(policies(), books(), st.randoms(use_true_random=False))
    def test_the_order_of_clients_and_rules_does_not_matter(self, policy: Policy, book: Book, chance: Random) -> None:
        clients, rules = list(book.clients), list(policy.cadence)
        chance.shuffle(clients)
        chance.shuffle(rules)
        shuffled = found(attrs.evolve(policy, cadence=rules), attrs.evolve(book, clients=clients))
        assert shuffled == found(policy, book)
