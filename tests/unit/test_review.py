"""Tiers reviewed as values: due, proposed, challenged, decided, in force, and what became of them (SEG-11)."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.calendars import SetCalendar, Weekdays
from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyError, UnknownRecordError
from relcare.model import Book, Client, Money, Pin, Purchase, Review, ReviewDecision, ReviewRow, TierSpell
from relcare.review import challenge, decide, history, preview, propose, put_in_force, review_day, simulate, tier_spells

ZONE = "Asia/Shanghai"
RULES = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01
currency = "CNY"

[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", window = "lifetime" }

[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [{ id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" }]
STEADY

[[cadence]]
id = "call"
channel = "call"
every = "1 week"
minutes = 10
when = "tier.abc == 'A'"

[[vip]]
id = "gold"
paths = [{ id = "tier", when = "tier.abc == 'A'" }]
"""


def rules(steady: str = "", **changes: object) -> Policy:
    return attrs.evolve(loads_policy(RULES.replace("STEADY", steady)), **changes)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def book(*amounts: int, tiers: str = "", on: str = "2026-01-05", since: str = "2026-01-01") -> Book:
    """Clients c-1, c-2, ... that bought for so much, in tiers by letter; a blank for none."""
    clients = [Client(id=f"c-{n}", name=f"Client {n}", owner_id="lee") for n in range(1, len(amounts) + 1)]
    return Book(
        clients=clients,
        purchases=[
            Purchase(id=f"p-{n}", client_id=f"c-{n}", purchased_on=date.fromisoformat(on), amount=Money(str(amount), "CNY"))
            for n, amount in enumerate(amounts, start=1)
        ],
        tier_spells=[
            TierSpell(client_id=f"c-{n}", scheme_id="abc", tier=tier, start_on=date.fromisoformat(since))
            for n, tier in enumerate(tiers, start=1)
            if tier != " "
        ],
        zone=ZONE,
        currency="CNY",
    )


FIVE = book(50, 40, 30, 20, 10, tiers="BABCC")
DAY = date(2026, 3, 10)


def moved(review: Review) -> list[tuple[str, str | None, str | None]]:
    return [(row.client_id, row.before, review.tier_of(row)) for row in review.moves]


def decided(review: Review, **changes: object) -> Review:
    return decide(review, **{"by": "zhou", "at": at("2026-03-10T09:00"), **changes})  # type: ignore[arg-type]


class TestDue:
    @pytest.mark.parametrize(
        ("review", "as_of", "due"),
        [
            (None, "2026-03-02", "2026-03-02"),
            (None, "2026-03-01", "2026-02-02"),
            ("monthly", "2026-08-31", "2026-08-03"),
            ("quarterly", "2026-03-31", "2026-01-01"),
            ("quarterly", "2026-04-01", "2026-04-01"),
            ("yearly", "2026-12-31", "2026-01-01"),
            ("yearly", "2022-01-02", "2021-01-01"),
        ],
    )
    def test_it_is_the_first_business_day_of_the_period(self, review: str | None, as_of: str, due: str) -> None:
        scheme = attrs.evolve(rules().segmentation[0], review=review)
        assert review_day(scheme, date.fromisoformat(as_of), Weekdays()) == date.fromisoformat(due)

    def test_holidays_move_it(self) -> None:
        calendar = SetCalendar(name="shop", holidays=[date(2026, 1, 1), date(2026, 1, 2)])
        assert review_day(rules().segmentation[0], date(2026, 1, 31), calendar) == date(2026, 1, 5)

    def test_only_the_schemes_of_the_latest_day_are_reviewed(self) -> None:
        first = attrs.evolve(rules().segmentation[0], review="yearly")
        policy = rules(segmentation=[first, attrs.evolve(first, id="other", review="monthly")])
        assert propose(policy, FIVE, as_of=DAY).scheme_ids == ("other",)
        assert propose(policy, FIVE, as_of=date(2026, 1, 7)).scheme_ids == ("abc", "other")


class TestPropose:
    def test_it_says_who_moves_and_why(self) -> None:
        review = propose(rules(), FIVE, as_of=DAY)
        assert (review.id, review.on, review.policy_version) == ("house:2026-03-02", date(2026, 3, 2), "1")
        assert moved(review) == [("c-1", "B", "A"), ("c-2", "A", "B")]
        assert review.moves[0].reasons[0].code == "segmentation.ranked"
        assert [(border.tier, border.score) for border in review.borders] == [
            ("A", Decimal(50)),
            ("B", Decimal(30)),
            ("C", Decimal(10)),
        ]

    def test_every_day_of_the_month_gives_the_same(self) -> None:
        days = (date(2026, 3, 2), DAY, date(2026, 4, 1))
        first, same, later = (propose(rules(), FIVE, as_of=day) for day in days)
        assert first == same
        assert later.on == date(2026, 4, 1)

    def test_what_happened_after_the_day_of_the_review_does_not_count(self) -> None:
        late = book(50, 40, 30, 20, 10, tiers="BABCC", on="2026-03-03")
        assert {row.score for row in propose(rules(), late, as_of=DAY).rows} == {Decimal(0)}

    def test_who_has_no_tier_gets_the_first(self) -> None:
        assert moved(propose(rules(), book(5, 4, 3, 2, 1), as_of=DAY))[0] == ("c-1", None, "A")

    def test_equals_at_a_border_are_told(self) -> None:
        review = propose(rules(), book(40, 40, 30, 20, 10), as_of=DAY)
        assert review.borders[0].equal_ids == ("c-1", "c-2")
        assert [row.client_id for row in review.rows if row.is_unequal] == ["c-1", "c-2"]
        assert [row.client_id for row in review.rows if row.is_border] == ["c-1", "c-2", "c-3", "c-4"]

    def test_who_left_the_scope_loses_the_tier(self) -> None:
        scheme = loads_policy(RULES.replace("STEADY", 'scope = "revenue >= 20"')).segmentation[0]
        policy = rules(segmentation=[scheme])
        assert ("c-5", "C", None) in moved(propose(policy, FIVE, as_of=DAY))

    def test_a_pin_counts(self) -> None:
        pin = Pin(client_id="c-5", scheme_id="abc", tier="A", kind="exact", by="lee", reason="promised", start_on=DAY)
        review = propose(rules(), attrs.evolve(FIVE, pins=[attrs.evolve(pin, start_on=date(2026, 1, 1))]), as_of=DAY)
        assert ("c-5", "C", "A") in moved(review)
        assert review.row("c-5", "abc").reasons[0].code == "segmentation.pinned"

    def test_earlier_reviews_confirm_since_the_spell_began(self) -> None:
        policy = rules("steady = { confirm = 2 }")
        january = decided(propose(policy, FIVE, as_of=date(2026, 2, 10)), at=at("2026-02-10T09:00"))
        assert moved(january) == []
        assert moved(propose(policy, FIVE, as_of=DAY)) == []
        assert moved(propose(policy, FIVE, as_of=DAY, earlier=[january])) == [("c-1", "B", "A"), ("c-2", "A", "B")]
        fresh = book(50, 40, 30, 20, 10, tiers="BABCC", since="2026-02-03")
        assert moved(propose(policy, fresh, as_of=DAY, earlier=[january])) == []

    def test_a_mere_proposal_confirms_nothing(self) -> None:
        policy = rules("steady = { confirm = 2 }")
        open_one = propose(policy, FIVE, as_of=date(2026, 2, 10))
        assert moved(propose(policy, FIVE, as_of=DAY, earlier=[open_one])) == []

    def test_a_review_that_is_decided_is_given_back_as_it_stands(self) -> None:
        done = decided(propose(rules(), FIVE, as_of=DAY))
        assert propose(rules(), book(1, 2, 3, 4, 5), as_of=DAY, earlier=[done]) is done

    def test_a_policy_without_schemes_has_nothing_to_review(self) -> None:
        with pytest.raises(InvalidValueError, match="segmentation scheme"):
            propose(rules(segmentation=[], cadence=[], vip=[]), FIVE, as_of=DAY)


class TestChallenge:
    REVIEW = propose(rules(), FIVE, as_of=DAY)

    def test_an_upheld_one_decides_the_tier_and_a_dismissed_one_does_not(self) -> None:
        first = challenge(self.REVIEW, "c-2", reason="a large order is signed", by="lee", at=at("2026-03-04T10:00"))
        both = challenge(first, "c-1", reason="pays late", by="lee", at=at("2026-03-04T10:00"), tier="B")
        done = decided(both, uphold=["c-2"])
        assert moved(done) == [("c-1", "B", "A")]
        assert [one.state for one in done.challenges] == ["upheld", "dismissed"]

    def test_it_may_ask_for_any_tier_in_time(self) -> None:
        with pytest.raises(UnknownRecordError, match="did you mean 'c-1'"):
            challenge(self.REVIEW, "c1", reason="x", by="lee", at=at("2026-03-04T10:00"))
        with pytest.raises(PolicyError, match="is decided"):
            challenge(decided(self.REVIEW), "c-1", reason="x", by="lee", at=at("2026-03-04T10:00"))

    def test_nobody_upholds_their_own(self) -> None:
        made = challenge(self.REVIEW, "c-2", reason="mine", by="zhou", at=at("2026-03-04T10:00"))
        with pytest.raises(InvalidValueError, match="somebody else"):
            decided(made, uphold=["c-2"])

    def test_of_two_challenges_for_a_client_the_last_is_upheld_and_the_other_is_not(self) -> None:
        first = challenge(self.REVIEW, "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"), tier="A")
        both = challenge(first, "c-2", reason="y", by="kim", at=at("2026-03-04T11:00"), tier="C")
        done = decide(both, by="zhou", at=at("2026-03-05T09:00"), uphold=["c-2"])
        assert [one.state for one in done.challenges] == ["dismissed", "upheld"]
        assert done.tier_of(done.row("c-2", "abc")) == "C"

    def test_one_of_several_is_named_by_the_tier_that_it_asks_for(self) -> None:
        first = challenge(self.REVIEW, "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"), tier="A")
        both = challenge(first, "c-2", reason="y", by="zhou", at=at("2026-03-04T11:00"), tier="C")
        done = decide(both, by="zhou", at=at("2026-03-05T09:00"), uphold=[("c-2", "A")])
        assert [one.state for one in done.challenges] == ["upheld", "dismissed"]
        assert done.tier_of(done.row("c-2", "abc")) == "A"
        with pytest.raises(InvalidValueError, match="must be a tier that is asked for; hint: one of A, C"):
            decided(both, uphold=[("c-2", "B")])
        with pytest.raises(InvalidValueError, match="must name one of several challenges"):
            decided(both, uphold=[("c-2", "A"), "c-2"])

    def test_a_decision_comes_after_what_it_decides_about(self) -> None:
        made = challenge(self.REVIEW, "c-2", reason="x", by="lee", at=at("2026-03-05T09:01"), tier="A")
        with pytest.raises(InvalidValueError, match="must not be before the challenge about 'c-2'"):
            decide(made, by="zhou", at=at("2026-03-05T09:00"))

    def test_a_tier_or_a_scheme_that_does_not_exist_cannot_be_asked_for(self) -> None:
        tiers = {"abc": ("A", "B", "C")}
        with pytest.raises(UnknownRecordError, match="one of 'A', 'B', 'C'"):
            challenge(self.REVIEW, "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"), tier="gold", tiers=tiers)
        with pytest.raises(UnknownRecordError, match="did you mean 'abc'"):
            challenge(self.REVIEW, "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"), scheme_id="abd")

    def test_only_what_is_challenged_is_upheld(self) -> None:
        with pytest.raises(InvalidValueError, match="must be challenged"):
            decided(self.REVIEW, uphold=["c-2"])

    def test_without_a_tier_to_keep_one_is_asked_for(self) -> None:
        fresh = propose(rules(), book(5, 4, 3, 2, 1), as_of=DAY)
        with pytest.raises(InvalidValueError, match="must be given: the client has none"):
            challenge(fresh, "c-1", reason="x", by="lee", at=at("2026-03-04T10:00"))


class TestInForce:
    REVIEW = propose(rules(), FIVE, as_of=DAY)

    def test_open_spells_end_and_new_ones_begin_on_the_day(self) -> None:
        done = decided(self.REVIEW, in_force_from=date(2026, 4, 1))
        after = put_in_force(done, FIVE)
        assert after.tier_spells_by_client["c-1"] == (
            TierSpell(client_id="c-1", scheme_id="abc", tier="B", start_on=date(2026, 1, 1), end_on=date(2026, 4, 1)),
            TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 4, 1)),
        )
        assert [spell.client_id for spell in tier_spells(done)] == ["c-1", "c-2"]

    def test_the_second_time_nothing_moves(self) -> None:
        done = decided(self.REVIEW)
        after = put_in_force(done, FIVE)
        assert put_in_force(done, after) == after
        assert decided(done, by="somebody else") is done
        assert propose(rules(), after, as_of=DAY).moves == ()

    def test_by_default_it_is_in_force_from_the_day_of_the_decision(self) -> None:
        late = decide(self.REVIEW, by="zhou", at=datetime.fromisoformat("2026-03-10T20:00:00+00:00"))
        assert late.decision is not None
        assert late.decision.in_force_from == date(2026, 3, 11)

    def test_what_was_in_force_is_not_rewritten(self) -> None:
        with pytest.raises(InvalidValueError, match="history is not rewritten"):
            decided(self.REVIEW, in_force_from=date(2026, 3, 9))

    def test_a_tier_that_has_changed_since_is_no_longer_decided_about(self) -> None:
        other = book(50, 40, 30, 20, 10, tiers="CABCC")
        with pytest.raises(PolicyError, match="propose anew"):
            put_in_force(decided(self.REVIEW), other)

    def test_a_spell_that_begins_later_ends_the_new_one(self) -> None:
        later = TierSpell(client_id="c-1", scheme_id="abc", tier="C", start_on=date(2026, 6, 1))
        until = attrs.evolve(FIVE.tier_spells[0], end_on=date(2026, 6, 1))
        planned = attrs.evolve(FIVE, tier_spells=[until, later, *FIVE.tier_spells[1:]])
        spells = put_in_force(decided(self.REVIEW), planned).tier_spells_by_client["c-1"]
        assert [(spell.tier, spell.end_on) for spell in spells] == [
            ("B", date(2026, 3, 10)),
            ("A", date(2026, 6, 1)),
            ("C", None),
        ]

    def test_a_proposal_opens_nothing(self) -> None:
        assert tier_spells(self.REVIEW) == ()
        with pytest.raises(PolicyError, match="not decided"):
            put_in_force(self.REVIEW, FIVE)


class TestPreview:
    def test_it_says_what_the_moves_do(self) -> None:
        seen = preview(rules(), FIVE, propose(rules(), FIVE, as_of=DAY))
        assert ([row.client_id for row in seen.rises], [row.client_id for row in seen.falls]) == (["c-1"], ["c-2"])
        assert dict(seen.sizes_after["abc"]) == {"A": 1, "B": 2, "C": 2}
        assert [(one.client_id, one.before, one.after) for one in seen.vip] == [("c-1", "no", "yes"), ("c-2", "yes", "no")]
        assert seen.workload_before == seen.workload_after == {"account manager": Fraction(40)}

    def test_workload_goes_with_the_tiers(self) -> None:
        crowded = book(50, 40, 30, 20, 10, tiers="AAACC")
        seen = preview(rules(), crowded, propose(rules(), crowded, as_of=DAY))
        assert (seen.workload_before, seen.workload_after) == (
            {"account manager": Fraction(120)},
            {"account manager": Fraction(40)},
        )
        assert dict(seen.sizes_before["abc"]) == {"A": 3, "B": 0, "C": 2}

    def test_before_and_after_are_the_same_once_it_is_in_force(self) -> None:
        done = decided(propose(rules(), FIVE, as_of=DAY))
        after = put_in_force(done, FIVE)
        seen = preview(rules(), after, propose(rules(), after, as_of=DAY))
        assert (seen.rises, seen.falls, seen.vip) == ((), (), ())


class TestHistory:
    def spells(self, *spans: tuple[str, str, str | None]) -> Book:
        client = Client(id="c", name="C")
        days = [(tier, date.fromisoformat(a), b if b is None else date.fromisoformat(b)) for tier, a, b in spans]
        return Book(
            clients=[client],
            tier_spells=[TierSpell(client_id="c", scheme_id="abc", tier=t, start_on=a, end_on=b) for t, a, b in days],
        )

    def test_movements_transitions_stability_and_time(self) -> None:
        found = history(
            rules().segmentation[0],
            self.spells(("B", "2026-01-01", "2026-02-01"), ("A", "2026-02-01", "2026-02-11"), ("C", "2026-03-01", None)),
            from_on=date(2026, 1, 1),
            until_on=date(2026, 3, 10),
        )
        assert [(move.on.isoformat(), move.direction) for move in found.movements] == [
            ("2026-02-01", "up"),
            ("2026-02-11", "out"),
            ("2026-03-01", "in"),
        ]
        assert dict(found.transitions) == {("B", "C"): 1}
        assert found.stability == Fraction(0)
        assert found.days_by_tier == {"A": 10, "B": 31, "C": 10}

    def test_the_same_tier_again_without_a_gap_is_no_movement(self) -> None:
        same = self.spells(("A", "2026-01-01", "2026-02-01"), ("A", "2026-02-01", None))
        found = history(rules().segmentation[0], same, from_on=date(2026, 1, 1), until_on=date(2026, 3, 1))
        assert (found.movements, found.stability) == ((), Fraction(1))

    def test_nobody_in_a_tier_has_no_stability(self) -> None:
        found = history(rules().segmentation[0], FIVE, from_on=date(2025, 1, 1), until_on=date(2025, 1, 1))
        assert (found.stability, dict(found.transitions), dict(found.days_by_client)) == (None, {}, {})

    def test_the_last_day_is_not_before_the_first(self) -> None:
        with pytest.raises(InvalidValueError, match="must not be before from_on"):
            history(rules().segmentation[0], FIVE, from_on=date(2026, 1, 2), until_on=date(2026, 1, 1))


class TestSimulate:
    def restless(self) -> Book:
        """Two clients who overtake each other every month, and three who stay below."""
        begun = book(50, 40, 3, 2, 1, tiers="ABBCC", on="2025-06-02", since="2025-01-01")
        bought = [
            Purchase(id=f"m-{n}", client_id=f"c-{1 + n % 2}", purchased_on=date(2025, n, 15), amount=Money("20", "CNY"))
            for n in range(7, 12)
        ]
        return attrs.evolve(begun, purchases=(*begun.purchases, *bought))

    @pytest.mark.parametrize(
        ("steady", "moves"),
        [
            ("", [0, 2, 2, 2, 2, 2, 0]),
            ('steady = { hysteresis = "20%" }', [0, 1, 0, 0, 0, 0, 0]),
            ("steady = { confirm = 2 }", [0, 0, 0, 0, 0, 0, 2]),
        ],
        ids=["plain", "band", "confirmed"],
    )
    def test_what_keeps_tiers_steady_lowers_the_churn(self, steady: str, moves: list[int]) -> None:
        found = simulate(rules(steady), self.restless(), from_on=date(2025, 6, 30), until_on=date(2026, 1, 31))
        assert [len(review.moves) for review in found.reviews] == moves
        assert found.expected_churn == Fraction(sum(moves), 5 * len(moves))
        assert [share for _, share in found.churn] == [Fraction(count, 5) for count in moves]

    def test_it_begins_with_the_tiers_of_the_first_day(self) -> None:
        found = simulate(rules(), FIVE, from_on=date(2026, 2, 2), until_on=date(2026, 3, 2))
        assert [review.on for review in found.reviews] == [date(2026, 3, 2)]
        assert found.book.tiers_in_force("c-1", on=date(2026, 3, 2)) == {"abc": "A"}
        assert found.book.tiers_in_force("c-1", on=date(2026, 3, 1)) == {"abc": "B"}

    def test_no_days_no_reviews(self) -> None:
        found = simulate(rules(), FIVE, from_on=DAY, until_on=DAY)
        assert (found.reviews, found.expected_churn) == ((), None)
        with pytest.raises(InvalidValueError, match="must not be before from_on"):
            simulate(rules(), FIVE, from_on=DAY, until_on=date(2026, 3, 9))


class TestValues:
    def test_two_rows_of_one_client_are_refused(self) -> None:
        row = ReviewRow(client_id="c", scheme_id="abc", tier="A")
        with pytest.raises(InvalidValueError, match="one for each client and scheme"):
            Review(id="r", policy_id="p", policy_version="1", on=DAY, zone=ZONE, rows=[row, row])

    def test_a_decided_review_has_no_open_challenge(self) -> None:
        made = challenge(propose(rules(), FIVE, as_of=DAY), "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"))
        with pytest.raises(InvalidValueError, match="must be open until"):
            attrs.evolve(made, decision=ReviewDecision(by="zhou", at=at("2026-03-10T09:00"), in_force_from=DAY))

    def test_a_challenge_is_open_upheld_or_dismissed(self) -> None:
        made = challenge(propose(rules(), FIVE, as_of=DAY), "c-2", reason="x", by="lee", at=at("2026-03-04T10:00"))
        with pytest.raises(InvalidValueError, match="must be one of 'open', 'upheld', 'dismissed'"):
            attrs.evolve(made.challenges[0], state="won")  # type: ignore[arg-type]

    def test_a_tier_before_has_its_first_day(self) -> None:
        with pytest.raises(InvalidValueError, match="must be given with before"):
            ReviewRow(client_id="c", scheme_id="abc", before="A")
