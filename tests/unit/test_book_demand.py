"""What the rules ask of each member of staff of a real book, figure by figure as one would work it out by hand (PLN-1)."""

from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy, RoleStaffing, Staffing
from relcare.errors import InvalidValueError, PolicyError
from relcare.model import Book, Client, ContactPerson, OwnerSpell, Staff
from relcare.planning import DEMAND_GROUPINGS, BookDemand, Capacity, MemberDemand, capacity_of, demand_of
from relcare.policy import Every, Fact, criterion
from relcare.relationships import Strategy

DAY = date(2026, 3, 31)
HOUR = Capacity(minutes_per_day=60)


def rule(rule_id: str = "call", every: str = "1 week", minutes: int = 30, **more: Any) -> CadenceRule:
    given: dict[str, Any] = {"channel": rule_id, "every": every, "minutes": minutes}
    return CadenceRule(id=rule_id, **(given | more))


def policy(*rules: CadenceRule, **more: Any) -> Policy:
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=rules, **more)


def clients(count: int, owner_id: str | None = "lee", **more: Any) -> list[Client]:
    return [Client(id=f"c-{owner_id}-{n}", name="Kim", owner_id=owner_id, **more) for n in range(count)]


def found(rules: Policy, book: Book, capacity: Capacity | None = HOUR) -> BookDemand:
    return demand_of(rules, book, as_of=DAY, capacity=capacity)


def only(demand: BookDemand) -> MemberDemand:
    (member,) = demand.members
    return member


class TestOneMember:
    def test_minutes_times_clients_over_the_interval_in_working_days(self) -> None:
        lee = only(found(policy(rule()), Book(clients=clients(7))))
        assert (lee.average, lee.clients, lee.capacity) == (Fraction(42), 7, 60)

    def test_the_fullest_day_rounds_each_rule_up_to_whole_contacts(self) -> None:
        lee = only(found(policy(rule(), rule("visit", "2 weeks", 50)), Book(clients=clients(7))))
        assert (lee.average, lee.peak) == (Fraction(42 + 35), 2 * 30 + 50)
        assert (lee.fits, lee.fits_peak, lee.ratio) == (False, False, Fraction(77, 60))
        assert lee.rules == (("call", Fraction(42)), ("visit", Fraction(35)))

    def test_a_rule_that_says_no_minutes_takes_what_a_contact_takes(self) -> None:
        assert only(found(policy(rule(minutes=0)), Book(clients=clients(5)))).average == 15

    def test_of_rules_that_ask_the_same_the_shortest_alone_counts(self) -> None:
        both = policy(rule("often", channel="call"), rule("rarely", "1 month", channel="call"))
        assert only(found(both, Book(clients=clients(5)))).rules == (("often", Fraction(30)),)

    def test_a_rule_counts_where_it_applies_and_is_told_where_nobody_knows(self) -> None:
        size = Fact(id="size", type="level", values=("small", "large"), reads="client.size", may_be_missing=True)
        rules = policy(rule(when=criterion("size == 'large'")), facts=[size])
        known = [
            *clients(2, attributes={"size": "large"}),
            *(Client(id=f"s-{n}", name="S", owner_id="lee", attributes={"size": "small"}) for n in range(3)),
            Client(id="u", name="U", owner_id="lee"),
        ]
        demand = found(rules, Book(clients=known))
        assert (only(demand).average, only(demand).clients, demand.undecided, demand.clients) == (Fraction(12), 2, 1, 6)

    def test_the_interval_is_that_of_the_clients_relationship_types(self) -> None:
        rules = policy(
            rule(every="2 weeks"), relationships=[Strategy(type="partner", appeal="trust", intervals={"call": "1 week"})]
        )
        assert only(found(rules, Book(clients=clients(5)))).average == 15
        assert only(found(rules, Book(clients=clients(5, relationship_types={"partner"})))).average == 30

    def test_birthdays_count_by_people_shares_by_their_number_and_dates_once(self) -> None:
        rules = policy(
            rule("birthday", "1 year", mode="grid", anchor="people.birthday", minutes=10),
            rule("quarterly", "1 quarter", mode="quota", times=3, minutes=20),
        )
        people = [
            ContactPerson(id=f"p-{n}", client_id="c-lee-0", name="P", birthday=date(1980, n, 1) if n < 3 else None)
            for n in range(1, 4)
        ]
        year, quarter = (Every(months=months).average_days * Fraction(5, 7) for months in (12, 3))
        lee = only(found(rules, Book(clients=clients(1), people=people)))
        assert dict(lee.rules) == {"birthday": 20 / year, "quarterly": 60 / quarter}

    def test_triggers_are_not_foreseen(self) -> None:
        rules = policy(triggers=[Trigger(id="thanks", event=criterion("channel == 'visit'"), channel="letter", within="3 days")])
        assert found(rules, Book(clients=clients(1))).members == ()


class TestWhoDoesIt:
    STAFF = (
        Staff(id="lee", name="이수진", head_id="zhou"),
        Staff(id="wu", name="吴磊", role="secretary", head_id="zhou"),
        Staff(id="zhou", name="Zhou", role="head"),
        Staff(id="idle", name="Idle", role="researcher"),
    )
    BOOK = Book(clients=[*clients(5), *clients(5, "kim"), *clients(5, None)], staff=STAFF)
    RULES = policy(rule(), rule("card", "2 weeks", 20, role="secretary"))

    def test_work_falls_to_the_owner_to_the_role_and_where_there_is_neither_to_nobody(self) -> None:
        demand = found(self.RULES, self.BOOK)
        assert [(one.name, one.average, one.capacity, one.clients) for one in demand.members] == [
            ("idle", Fraction(0), 60, 0),
            ("kim", Fraction(30), 60, 5),
            ("lee", Fraction(30), 60, 5),
            ("wu", Fraction(30), 60, 15),
            ("zhou", Fraction(0), 60, 0),
            (None, Fraction(30), 0, 5),
        ]
        assert not demand.fits
        assert demand.members[-1].ratio is None

    def test_roles_and_teams_add_up_to_the_whole_and_count_a_client_once(self) -> None:
        demand = found(self.RULES, self.BOOK)
        assert [(one.name, one.staff, one.average, one.clients) for one in demand.by("role")] == [
            ("account manager", 2, Fraction(60), 10),
            ("head", 1, Fraction(0), 0),
            ("researcher", 1, Fraction(0), 0),
            ("secretary", 1, Fraction(30), 15),
            (None, 0, Fraction(30), 5),
        ]
        assert [(one.name, one.staff, one.average, one.clients) for one in demand.by("team")] == [
            ("zhou", 3, Fraction(60), 15),
            (None, 2, Fraction(60), 10),
        ]
        for grouping in DEMAND_GROUPINGS:
            groups = demand.by(grouping)
            assert sum(one.average for one in groups) == demand.total.average == 120
            assert sum(one.peak for one in groups) == demand.total.peak
            assert sum(one.capacity for one in groups) == demand.total.capacity == 300
        assert demand.total.clients == 15
        with pytest.raises(InvalidValueError, match="did you mean 'team'"):
            demand.by("teem")  # type: ignore[arg-type]

    def test_the_owner_of_the_day_counts(self) -> None:
        spell = OwnerSpell(client_id="c-lee-0", owner_id="wu", start_on=date(2026, 3, 1))
        assert [one.name for one in found(policy(rule()), Book(clients=clients(1), owner_spells=[spell])).members] == ["wu"]

    def test_the_minutes_are_those_of_the_policys_staffing_by_role(self) -> None:
        staffing = Staffing(
            clients=10,
            roles=[
                RoleStaffing(role="account manager", staff=2, minutes_per_day=240),
                RoleStaffing(role="secretary", staff=1, minutes_per_day=100),
            ],
            days_per_week=6,
        )
        rules = attrs.evolve(self.RULES, staffing=staffing)
        assert capacity_of(rules, self.BOOK) == Capacity(minutes_per_day=240, by_staff={"wu": 100})
        assert capacity_of(self.RULES, self.BOOK) == Capacity()
        demand = found(rules, self.BOOK, None)
        assert {one.name: one.capacity for one in demand.members}["wu"] == 100
        assert demand.by("owner")[2].average == 25, "a week of six working days"


class TestTheLargestBook:
    def test_it_keeps_everybodys_share_or_shares_evenly_within_each_role(self) -> None:
        demand = found(policy(rule()), Book(clients=[*clients(8), *clients(2, "kim")]))
        assert (demand.largest_book, demand.largest_shared_book) == (12, 20)
        assert demand.fits

    def test_nothing_asked_limits_nothing_and_an_empty_book_is_empty(self) -> None:
        assert found(policy(rule()), Book()).largest_book is None
        empty = found(policy(), Book(clients=clients(3), staff=TestWhoDoesIt.STAFF))
        assert (empty.largest_book, empty.largest_shared_book, empty.fits, empty.total.average) == (None, None, True, Fraction(0))


def test_a_day_before_the_policy_is_refused() -> None:
    with pytest.raises(PolicyError):
        demand_of(policy(rule()), Book(), as_of=date(2025, 1, 1))
