"""Reviews that are only rehearsed move whom reviews move that are proposed, decided and put in force (SEG-9, SEG-11)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.calendars import Weekdays
from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.model import Book, Client, Money, OwnerSpell, Pin, Purchase, Review, TierSpell
from relcare.policy import Fact
from relcare.review import decide, propose, put_in_force, review_day, simulate, simulate_each, steadied
from relcare.testing import steadinesses

POLICY: Final = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01
currency = "EUR"

[facts.revenue]
type = "money"
polarity = "more"
measure = { sum = "purchases.amount", window = "2 calendar months" }

[facts.seldom]
type = "money"
measure = { max = "purchases.amount", window = "1 calendar month", when_empty = "0" }

[facts.half]
type = "money"
difference = ["revenue", "seldom"]

[facts.points]
type = "integer"
from = "client.attributes.points"
may_be_missing = true

[[grade]]
id = "money"
fact = "revenue"
parts = 3

[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
scope = "not (points == 1)"
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]

[[segmentation]]
id = "owned"
kind = "quota"
score = "points"
group_by = "client.owner_id"
missing = "newcomer"
newcomer = "low"
review = "quarterly"
tiers = [ { id = "high", share = "50%" }, { id = "low", share = "50%" } ]

[[segmentation]]
id = "mixed"
kind = "threshold"
tiers = [
  { id = "gold", when = "tier.abc == 'A' and half >= 2" },
  { id = "silver", when = "grade.money == 3 or tier.owned == 'high'", stays = "grade.money >= 2" },
]
otherwise = "iron"
""")
TIERS: Final = {"abc": ("A", "B", "C", "old"), "owned": ("high", "low"), "mixed": ("gold", "silver", "iron")}
FROM, UNTIL = date(2025, 12, 31), date(2026, 5, 31)
DAYS: Final = st.dates(date(2025, 10, 1), date(2026, 5, 31))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book]:
    schemes = [
        attrs.evolve(scheme, steady=draw(st.none() | steadinesses(of_quota=scheme.id != "mixed")))
        for scheme in POLICY.segmentation
    ]
    names = [f"c-{n}" for n in range(draw(st.integers(1, 6)))]
    points = st.none() | st.integers(0, 3)
    book = Book(
        clients=[
            Client(
                id=name,
                name="x",
                owner_id=draw(st.sampled_from(["lee", "park"])),
                attributes={} if (value := draw(points)) is None else {"points": value},
            )
            for name in names
        ],
        purchases=[
            Purchase(
                id=f"p-{n}",
                client_id=draw(st.sampled_from(names)),
                purchased_on=draw(DAYS),
                amount=Money(draw(st.integers(1, 4)), "EUR"),
            )
            for n in range(draw(st.integers(0, 12)))
        ],
        tier_spells=[
            TierSpell(
                client_id=name,
                scheme_id=scheme_id,
                tier=draw(st.sampled_from(tiers)),
                start_on=date(2025, 11, draw(st.integers(1, 30))),
                end_on=draw(st.none() | st.just(date(2026, 2, 1))),
            )
            for name in names
            for scheme_id, tiers in TIERS.items()
            if draw(st.booleans())
        ],
        pins=[
            Pin(
                client_id=name,
                scheme_id="abc",
                tier="B",
                by="zhou",
                reason="a large order",
                kind=draw(st.sampled_from(["floor", "exact"])),
                start_on=date(2026, 1, 15),
                end_on=date(2026, 4, 15),
            )
            for name in names
            if draw(st.integers(0, 4)) == 0
        ],
        owner_spells=[OwnerSpell(client_id=names[0], owner_id="choi", start_on=date(2026, 2, 15))] if draw(st.booleans()) else [],
    )
    return attrs.evolve(POLICY, segmentation=schemes), book


def held(policy: Policy, book: Book) -> Iterator[tuple[Review, Book]]:
    """The reviews of the months, each proposed, decided and put in force, with the book after it."""
    now = attrs.evolve(book, tier_spells=[attrs.evolve(s, end_on=None) for s in book.tier_spells if s.covers(FROM)])
    done: list[Review] = []
    for ordinal in range(FROM.toordinal() + 1, UNTIL.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if any(review_day(scheme, day, Weekdays()) == day for scheme in policy.segmentation):
            at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC"))
            done.append(decide(propose(policy, now, as_of=day, earlier=done), by="zhou", at=at))
            now = put_in_force(done[-1], now)
            yield done[-1], now


class TestSeg9:
    """SEG-9 Hysteresis, minimum stay, confirmation for k reviews, one step a review: all optional."""

    @settings(max_examples=40)
    @given(cases())
    def test_a_rehearsed_review_moves_whom_a_review_moves(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        found = simulate(policy, book, from_on=FROM, until_on=UNTIL)
        expected = list(held(policy, book))
        assert [one.on for one in found.reviews] == [review.on for review, _ in expected]
        for one, (review, after) in zip(found.reviews, expected, strict=True):
            moves = {(row.client_id, row.scheme_id, row.before, review.tier_of(row)) for row in review.moves}
            assert {(move.client_id, move.scheme_id, move.before, move.tier) for move in one.moves} == moves
            assert len(one.moves) == len(moves)
            assert one.counted == sum(row.before is not None for row in review.rows)
            for scheme_id, sizes in one.sizes.items():
                in_force = [after.tiers_in_force(client.id, on=one.on).get(scheme_id) for client in book.clients]
                assert sizes == {tier: in_force.count(tier) for tier in sizes}
        last = expected[-1][1]
        assert set(found.book.tier_spells) == set(last.tier_spells)
        assert len(found.book.tier_spells) == len(last.tier_spells)

    @settings(max_examples=10)
    @given(cases())
    def test_policies_side_by_side_are_as_each_alone(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        other = attrs.evolve(policy, id="other", facts=[*policy.facts, Fact(id="unused", type="flag", may_be_missing=True)])
        several = {"own": policy, "bare": steadied(policy), "band": steadied(policy, hysteresis="40%"), "other": other}
        found = simulate_each(several, book, from_on=FROM, until_on=UNTIL)
        assert found == {name: simulate(one, book, from_on=FROM, until_on=UNTIL) for name, one in several.items()}
