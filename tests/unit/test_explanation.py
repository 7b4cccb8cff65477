from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import relcare as rc
from relcare.cli._app import app
from relcare.decisions import BookResult, FactsResult
from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import AttributeValue, Book, Client, FactValue, Pin, PinKind
from relcare.policy import facts_of
from relcare.ranking import rank
from relcare.segmentation import ThresholdScheme, ThresholdTier, threshold_outcome
from relcare.soundness import Change, Justification, Justifier, justify
from relcare.wording import explain_justification, explain_lever

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 31)
HEAD = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "money"
min = "0"
polarity = "more"
[facts.orders]
type = "integer"
min = "0"
[facts.likelihood]
type = "level"
values = ["none", "low", "medium", "high"]
may_be_missing = true
[facts.city]
type = "category"
[facts.roles]
type = "set"
[facts.key]
type = "flag"
[facts.since]
type = "date"
[facts.rate]
type = "number"
grain = "0.01"
round = "half up"
ratio = ["revenue", "orders"]
"""
REVENUE = ("revenue >= 100_000", "revenue >= 50_000")


def tiers(*whens: str, **keys: str) -> str:
    listed = ", ".join(f'{{ id = "{tier}", when = "{when}" }}' for tier, when in zip("ABCD", whens, strict=False))
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f'{HEAD}[[segmentation]]\nid = "s"\nkind = "threshold"\ntiers = [ {listed} ]\n{more}'


def decided(text: str, **facts: object) -> tuple[rc.Policy, FactsResult]:
    policy = rc.loads_policy(text)
    return policy, policy.decide_facts(facts, as_of=DAY)


def why(text: str, **facts: object) -> Justification:
    return justify(*decided(text, **facts)).tier("s")


def told(change: Change | None) -> tuple[str, str, str | None] | None:
    return None if change is None else (str(change.becomes), str(change.last), change.outcome)


class TestThresholds:
    def test_revenue_between_two_thresholds_rises_from_one_and_falls_below_the_other(self) -> None:
        lever = why(tiers(*REVENUE, otherwise="C"), revenue="62000").lever("revenue")
        assert told(lever.up) == ("100000.00", "99999.99", "A")
        assert told(lever.fall) == ("49999.99", "50000.00", "C")
        assert lever.up is not None
        assert lever.fall is not None
        assert (lever.up.distance, lever.up.is_rise) == (Decimal("38000.00"), True)
        assert (lever.fall.margin, lever.fall.is_rise) == (Decimal("12000.00"), False)

    @pytest.mark.parametrize(("revenue", "margin"), [("50000", "0.00"), ("50000.01", "0.01"), ("99999.99", "49999.99")])
    def test_the_margin_is_what_there_is_to_lose(self, revenue: str, margin: str) -> None:
        fall = why(tiers(*REVENUE, otherwise="C"), revenue=revenue).lever("revenue").fall
        assert fall is not None
        assert str(fall.margin) == margin

    def test_the_next_better_tier_and_the_best_are_both_told(self) -> None:
        lever = why(tiers(*REVENUE, otherwise="C"), revenue="10").lever("revenue")
        assert told(lever.up) == ("50000.00", "49999.99", "B")
        assert told(lever.best) == ("100000.00", "99999.99", "A")
        assert lever.fall is None

    def test_the_nearest_value_counts_and_not_the_nearest_in_the_document(self) -> None:
        text = tiers("orders < 3 or orders > 10", otherwise="B")
        assert told(why(text, orders=8).lever("orders").up) == ("11", "10", "A")
        assert told(why(text, orders=4).lever("orders").up) == ("2", "3", "A")
        assert told(why(tiers("orders < 3 or orders > 7", otherwise="B"), orders=5).lever("orders").up) == ("2", "3", "A")

    @pytest.mark.parametrize(
        ("when", "fact", "now", "becomes", "distance"),
        [
            ("likelihood >= 'medium'", "likelihood", "none", "medium", Decimal(2)),
            ("since <= '2025-06-30'", "since", "2025-07-10", date(2025, 6, 30), Decimal(10)),
            ("city in ('Seoul', 'Busan')", "city", "Jeju", "Busan", None),
            ("city not in ('Seoul', 'Busan')", "city", "Seoul", "anything else", None),
            ("key == True", "key", False, True, None),
            ("'owner' in roles and 'buyer' in roles", "roles", "owner|guest", frozenset({"owner", "guest", "buyer"}), Decimal(1)),
            ("'owner' not in roles", "roles", "owner|guest", frozenset({"guest"}), Decimal(1)),
        ],
    )
    def test_facts_of_every_kind_have_a_nearest_value(
        self, when: str, fact: str, now: object, becomes: FactValue, distance: Decimal | None
    ) -> None:
        change = why(tiers(when, otherwise="B"), **{fact: now}).lever(fact).up
        assert change is not None
        assert (change.becomes, change.distance, change.outcome) == (becomes, distance, "A")

    def test_a_fact_that_may_change_nothing_has_no_lever_and_is_not_needed(self) -> None:
        found = why(tiers("revenue >= 100 and key == True", otherwise="B"), revenue="5", key=False)
        assert found.sufficient == ("revenue",)
        lever = found.lever("key")
        assert (lever.is_needed, lever.up, lever.best, lever.fall) == (False, None, None, None)

    def test_what_is_named_first_is_kept_first(self) -> None:
        assert why(tiers("revenue >= 100 or key == True", otherwise="B"), revenue="500", key=True).sufficient == ("revenue",)
        assert why(tiers("key == True or revenue >= 100", otherwise="B"), revenue="500", key=True).sufficient == ("key",)

    def test_a_tier_for_everybody_needs_no_fact(self) -> None:
        assert why(tiers("orders >= 0", otherwise="A"), orders=3).sufficient == ()
        assert why(tiers("orders >= 0 or orders < 0", otherwise="B"), orders=3).sufficient == ()

    def test_the_tier_left_over_is_reached_whether_its_own_criterion_is_known_or_not(self) -> None:
        found = why(tiers("revenue >= 100", "likelihood == 'high'", otherwise="B"), revenue="5", likelihood=None)
        assert (found.outcome, found.sufficient) == ("B", ("revenue",))

    def test_without_a_match_a_tier_can_be_reached(self) -> None:
        found = why(tiers(*REVENUE), revenue="5")
        assert (found.state, found.outcome, found.sufficient) == ("no match", None, ("revenue",))
        assert told(found.lever("revenue").up) == ("50000.00", "49999.99", "B")

    def test_losing_every_tier_is_a_fall(self) -> None:
        fall = why(tiers(*REVENUE), revenue="60000").lever("revenue").fall
        assert fall is not None
        assert (fall.state, fall.outcome) == ("no match", None)

    def test_two_tiers_in_conflict_are_forced_by_what_makes_both_hold(self) -> None:
        found = why(tiers("revenue >= 10", "orders >= 2", "key == True", hit="unique"), revenue="10", orders=2, key=False)
        assert (found.state, found.sufficient) == ("conflict", ("revenue", "orders"))
        assert told(found.lever("orders").up) == ("1", "2", "A")
        assert told(found.lever("revenue").up) == ("9.99", "10.00", "B")

    def test_out_of_scope_is_a_fall_and_an_ending_of_its_own(self) -> None:
        text = tiers(*REVENUE, otherwise="C", scope="key == True")
        inside = why(text, revenue="5", key=True)
        assert inside.sufficient == ("revenue", "key")
        outside = why(text, revenue="5", key=False)
        assert (outside.state, outside.sufficient) == ("out of scope", ("key",))
        fall = inside.lever("key").fall
        assert fall is not None
        assert fall.state == "out of scope"

    def test_to_become_missing_is_no_change(self) -> None:
        lever = why(tiers("likelihood == 'none' or likelihood > 'none'", otherwise="B"), likelihood="low").lever("likelihood")
        assert lever.fall is None


class TestOpenDecisions:
    TEXT = tiers("revenue >= 100 and likelihood == 'high'", "revenue >= 50", otherwise="C")

    def test_it_names_what_is_missing_and_the_values_that_would_settle_it(self) -> None:
        found = why(self.TEXT, revenue="100")
        assert (found.state, found.outcome, found.missing) == ("undecided", None, ("likelihood",))
        assert [(str(way.when), way.outcome) for way in found.ways] == [
            ("likelihood == 'high'", "A"),
            ("likelihood <= 'medium'", "B"),
        ]
        assert [lever.up or lever.best or lever.fall for lever in found.levers] == [None, None]

    def test_a_fact_missing_against_its_declaration_is_a_fact_like_others(self) -> None:
        found = why(self.TEXT, likelihood="high")
        assert found.missing == ("revenue",)
        assert [(str(way.when), way.outcome) for way in found.ways] == [
            ("revenue >= 100", "A"),
            ("revenue >= 50 and revenue < 100", "B"),
            ("revenue < 50", "C"),
        ]
        assert found.sufficient == ("revenue",)

    def test_two_missing_facts_are_told_together_only_where_both_are_needed(self) -> None:
        ways = {(str(way.when), way.outcome) for way in why(self.TEXT).ways}
        assert ("revenue >= 100 and likelihood == 'high'", "A") in ways
        assert ("revenue < 50", "C") in ways
        assert ("revenue >= 50 and revenue < 100", "B") in ways

    def test_a_fact_that_may_stay_missing_is_not_told(self) -> None:
        text = tiers("(missing(likelihood) or likelihood == 'high') and revenue >= 100", otherwise="B")
        assert [(str(way.when), way.outcome) for way in why(text).ways] == [
            ("revenue >= 100", "A"),
            ("likelihood <= 'medium'", "B"),
            ("revenue < 100", "B"),
        ]

    def test_a_known_fact_that_settles_it_counts_whatever_is_missing(self) -> None:
        found = why(self.TEXT, revenue="5")
        assert (found.outcome, found.sufficient, found.missing, found.ways) == ("C", ("revenue",), (), ())

    def test_a_newcomer_is_justified_as_undecided(self) -> None:
        text = tiers("likelihood == 'high'", "likelihood < 'high'", missing="newcomer", newcomer="B")
        found = why(text)
        assert (found.state, found.outcome) == ("undecided", None)


class TestComputedFacts:
    def test_a_ratio_is_never_offered_as_a_change(self) -> None:
        found = why(tiers("rate >= 5", otherwise="B"), revenue="10", orders=5)
        lever = found.lever("rate")
        assert lever.computed_from == ("revenue", "orders")
        assert (lever.up, lever.fall, lever.is_needed) == (None, None, True)
        assert found.is_opaque

    def test_nor_is_what_it_is_computed_from(self) -> None:
        found = why(tiers("rate >= 5 or revenue >= 100", otherwise="B"), revenue="10", orders=5)
        assert found.lever("revenue").feeds == ("rate",)
        assert found.lever("revenue").up is None
        assert not found.is_opaque

    def test_a_fact_beside_it_is_offered_as_ever(self) -> None:
        found = why(tiers("rate >= 5 or key == True", otherwise="B"), revenue="10", orders=5, key=False)
        assert told(found.lever("key").up) == ("True", "False", "A")

    def test_a_fact_that_feeds_the_tier_of_another_scheme_is_not_offered(self) -> None:
        first = tiers("revenue >= 100", otherwise="B").replace('id = "s"', 'id = "first"')
        second = '[[segmentation]]\nid = "s"\nkind = "threshold"\ntiers = [ { id = "X", when = "%s" } ]\notherwise = "Y"\n'
        found = why(first + second % "tier.first == 'B' and revenue >= 200", revenue="10")
        assert found.lever("revenue").feeds == ("tier.first",)
        assert told(found.lever("tier.first").up) is None
        beside = why(first + second % "tier.first == 'A' or key == True", revenue="10", key=False)
        assert told(beside.lever("tier.first").up) == ("A", "B", "X")


class TestProgrammes:
    TEXT = (
        HEAD
        + '[[vip]]\nid = "v"\npaths = [ { id = "a", when = "revenue >= 10" }, { id = "b", when = "likelihood == \'high\'" } ]\n'
    )

    def test_one_path_that_holds_is_reason_enough(self) -> None:
        found = justify(*decided(self.TEXT, revenue="12", likelihood="high")).programme("v")
        assert (found.outcome, found.sufficient) == ("yes", ("revenue",))
        assert found.lever("revenue").fall is None

    def test_its_margin_ends_where_the_last_path_fails(self) -> None:
        found = justify(*decided(self.TEXT, revenue="12", likelihood="low")).programme("v")
        assert told(found.lever("revenue").fall) == ("9.99", "10.00", "no")

    def test_a_no_takes_every_path_and_each_can_be_met(self) -> None:
        found = justify(*decided(self.TEXT, revenue="1", likelihood="low")).programme("v")
        assert (found.outcome, found.sufficient) == ("no", ("revenue", "likelihood"))
        assert told(found.lever("revenue").up) == ("10.00", "9.99", "yes")
        assert told(found.lever("likelihood").up) == ("high", "medium", "yes")

    def test_unknown_says_what_would_settle_it(self) -> None:
        found = justify(*decided(self.TEXT, revenue="1")).programme("v")
        assert (found.outcome, found.missing) == (None, ("likelihood",))
        assert [(str(way.when), way.outcome) for way in found.ways] == [
            ("likelihood == 'high'", "yes"),
            ("likelihood <= 'medium'", "no"),
        ]


QUOTA = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.points]
type = "integer"
from = "client.points"
may_be_missing = true
[facts.likelihood]
type = "level"
values = ["low", "high"]
from = "client.likelihood"
may_be_missing = true
[[segmentation]]
id = "s"
kind = "quota"
score = %s
ties = "%s"
tiers = [ { id = "A", share = "20%%" }, { id = "B", share = "40%%" }, { id = "C", share = "40%%" } ]
"""
BANDS = (
    '[ { fact = "points", bands = [ { from = "10", points = 1 }, { from = "20", points = 2 } ] }, '
    '{ fact = "likelihood", points = { low = 0, high = 3 } } ]'
)


def ranked(points: Mapping[str, int | None], score: str = '"points"', ties: str = "by id") -> tuple[rc.Policy, BookResult]:
    """A book of clients with these points, all of low likelihood but for those who lack points: they lack both."""
    clients = [
        rc.Client(id=one, name=one, attributes={} if value is None else {"points": str(value), "likelihood": "low"})
        for one, value in points.items()
    ]
    policy = rc.loads_policy(QUOTA % (score, ties))
    return policy, policy.decide(rc.Book(clients=clients, zone="UTC"), as_of=DAY)


FIVE = {"a": 50, "b": 40, "c": 30, "d": 20, "e": 10}


class TestQuotas:
    def test_the_borders_are_the_clients_own_while_the_others_stay(self) -> None:
        found = justify(*ranked(FIVE), client_id="c").tier("s")
        placement = found.placement
        assert placement is not None
        assert (placement.rank, placement.count, placement.score) == (3, 5, Decimal(30))
        # Above d, whose id comes later, the score of d is enough; a, whose id comes before, must be passed.
        assert (placement.holds_from, placement.spare_points, placement.spare_places) == (Decimal(20), Decimal(10), 0)
        assert (placement.next_tier, placement.reached_from) == ("A", Decimal(51))
        assert (placement.lacking_points, placement.lacking_places) == (Decimal(21), 2)

    def test_the_best_cannot_rise_and_the_last_cannot_fall(self) -> None:
        best, last = (justify(*ranked(FIVE), client_id=who).tier("s").placement for who in "ae")
        assert best is not None
        assert last is not None
        assert (best.next_tier, best.reached_from, best.lacking_points, best.lacking_places) == (None, None, None, None)
        assert (last.holds_from, last.spare_points, last.spare_places) == (None, None, None)

    def test_a_fact_as_it_stands_moves_to_the_border(self) -> None:
        lever = justify(*ranked(FIVE), client_id="c").tier("s").lever("points")
        assert told(lever.up) == ("51", "50", "A")
        assert told(lever.fall) == ("19", "20", "C")
        assert lever.points == 30

    @pytest.mark.parametrize(
        ("ties", "up", "fall"),
        [
            ("by id", ("51", "50", "A"), ("19", "20", "C")),
            ("together upward", ("50", "49", "A"), ("19", "20", "C")),
            ("together downward", ("51", "50", "A"), ("20", "21", "C")),
        ],
    )
    def test_the_border_is_where_the_tie_rule_puts_it(
        self, ties: str, up: tuple[str, str, str], fall: tuple[str, str, str]
    ) -> None:
        lever = justify(*ranked(FIVE, ties=ties), client_id="c").tier("s").lever("points")
        assert (told(lever.up), told(lever.fall)) == (up, fall)

    def test_a_band_is_entered_at_its_start(self) -> None:
        found = justify(*ranked({**FIVE, "c": 15, "d": 5, "e": 5}, BANDS), client_id="e").tier("s")
        assert (found.outcome, found.lever("points").points) == ("C", Decimal(0))
        assert told(found.lever("points").up) == ("20", "19", "B")
        assert told(found.lever("likelihood").up) == ("high", "low", "A")

    def test_a_reason_must_hold_for_the_fewest_points_and_for_the_most(self) -> None:
        score = BANDS.replace("} ] }", "} ], missing = 0 }").replace("high = 3 }", "high = 3 }, missing = 0")
        policy, result = ranked({"a": 50, "b": 15, "c": 5, "d": 5, "e": 5}, score)
        best, last = (justify(policy, result, client_id=who).tier("s") for who in "ae")
        assert (best.outcome, best.sufficient) == ("A", ("points",))
        assert (last.outcome, last.sufficient) == ("C", ("points", "likelihood"))

    def test_who_is_not_ranked_is_told_what_would_rank_it_among_one_more(self) -> None:
        found = justify(*ranked({**FIVE, "f": None}), client_id="f").tier("s")
        assert (found.state, found.missing, found.placement) == ("undecided", ("points",), None)
        # Of six, one is in A and four in B or better.
        assert [(str(way.when), way.outcome) for way in found.ways] == [
            ("points >= 51", "A"),
            ("points >= 21 and points < 51", "B"),
            ("points < 21", "C"),
        ]

    def test_who_lacks_several_facts_is_told_the_most_and_the_least_it_can_come_to(self) -> None:
        found = justify(*ranked({**FIVE, "f": None}, BANDS), client_id="f").tier("s")
        assert found.missing == ("likelihood", "points")
        assert [way.outcome for way in found.ways] == ["A", "C"]
        assert [set(facts_of(way.when)) for way in found.ways] == [{"points", "likelihood"}] * 2

    def test_a_rank_and_who_has_it_are_the_inverse_of_each_other(self) -> None:
        ranking = rank({"d": 7, "a": 9, "c": 7, "b": 7, "e": 1}, [2, 5])
        assert [ranking.member_at(place) for place in range(1, 6)] == ["a", "b", "c", "d", "e"]
        assert ranking.equals_of("c") == ("b", "c", "d")


class TestPins:
    """SEG-10: a pinned client is told that the pin decides, until when, and what can still move it."""

    POLICY = rc.loads_policy(
        tiers(*REVENUE, otherwise="C", scope="city != 'X'").replace('"money"', '"money"\nfrom = "client.revenue"')
    )

    def pinned(self, revenue: int | None, tier: str, kind: PinKind, city: str = "Y") -> Justification:
        attributes: dict[str, AttributeValue] = {"city": city}
        if revenue is not None:
            attributes["revenue"] = revenue
        book = Book(
            clients=[Client(id="c", name="x", attributes=attributes)],
            pins=[
                Pin(
                    client_id="c",
                    scheme_id="s",
                    tier=tier,
                    kind=kind,
                    by="zhou",
                    reason="x",
                    start_on=DAY,
                    end_on=date(2026, 7, 1),
                )
            ],
        )
        return justify(self.POLICY, self.POLICY.decide(book, as_of=DAY), client_id="c").tier("s")

    def test_an_exact_pin_decides_and_no_fact_but_the_scope_moves_it(self) -> None:
        found = self.pinned(10, "B", "exact")
        assert (found.outcome, found.state, found.is_by_pin, found.without_pin) == ("B", "decided", True, "C")
        assert found.sufficient == ("city",)
        assert (found.lever("revenue").up, found.lever("revenue").fall) == (None, None)
        fall = found.lever("city").fall
        assert fall is not None
        assert (fall.becomes, fall.state) == ("X", "out of scope")
        assert explain_justification(found)[0] == (
            "exact pin at B by zhou until before 2026-07-01: no change of facts moves it within the scheme, alone they come to C"
        )

    def test_under_a_floor_facts_can_only_raise_it(self) -> None:
        found = self.pinned(10, "B", "floor")
        revenue = found.lever("revenue")
        assert (found.outcome, found.is_by_pin, revenue.fall) == ("B", True, None)
        assert revenue.up is not None
        assert (str(revenue.up.becomes), revenue.up.outcome) == ("100000.00", "A")
        assert explain_justification(found)[0] == (
            "floor pin at B by zhou until before 2026-07-01: no change of facts takes it below that within the scheme, "
            "alone they come to C"
        )

    def test_a_floor_that_facts_are_above_decides_nothing_but_how_far_it_falls(self) -> None:
        found = self.pinned(100_000, "B", "floor")
        fall = found.lever("revenue").fall
        assert (found.outcome, found.is_by_pin) == ("A", False)
        assert fall is not None
        assert (str(fall.becomes), fall.outcome) == ("99999.99", "B")

    @pytest.mark.parametrize("kind", ["floor", "exact"])
    def test_a_pin_decides_what_missing_facts_leave_open(self, kind: PinKind) -> None:
        found = self.pinned(None, "B", kind)
        assert (found.outcome, found.state, found.missing, found.ways, found.without_pin) == ("B", "decided", (), (), None)

    def test_outside_the_scheme_it_comes_to_nothing_and_a_way_back_leads_to_it(self) -> None:
        found = self.pinned(10, "B", "exact", city="X")
        up = found.lever("city").up
        assert (found.state, found.is_by_pin) == ("out of scope", False)
        assert up is not None
        assert up.outcome == "B"
        assert not any("pin" in sentence for sentence in explain_justification(found))


class TestAsking:
    def test_a_client_is_justified_by_itself_as_by_its_facts(self) -> None:
        policy = rc.preset("agent")
        client = rc.Client(id="c", name="c", relationship_types={"channel"})
        result = policy.decide_client(client, touchpoints=[], purchases=[], as_of=DAY)
        found = justify(policy, result).tier("revenue")
        assert (found.outcome, told(found.lever("revenue_12m").up)) == ("D", ("0.01", "0.00", "C"))
        assert found == Justifier(policy).justify(result).tier("revenue")

    def test_unknown_names_are_told_with_the_nearest(self) -> None:
        found = justify(*decided(tiers(*REVENUE), revenue="5"))
        with pytest.raises(UnknownRecordError, match="unknown scheme 'z'"):
            found.tier("z")
        with pytest.raises(UnknownRecordError, match="unknown programme 'vip'"):
            found.programme("vip")
        with pytest.raises(UnknownRecordError, match="did you mean 'revenue'"):
            found.tier("s").lever("revenu")
        with pytest.raises(UnknownRecordError, match="unknown client 'zz'"):
            justify(*ranked(FIVE), client_id="zz")

    def test_a_quota_is_not_justified_from_facts_alone(self) -> None:
        policy, _ = ranked(FIVE)
        with pytest.raises(UnknownRecordError, match="scheme 's'"):
            justify(policy, policy.decide_facts({"points": 3}, as_of=DAY)).tier("s")

    def test_a_result_of_another_policy_and_a_client_too_many_are_refused(self) -> None:
        policy, result = decided(tiers(*REVENUE), revenue="5")
        with pytest.raises(InvalidValueError, match="result is"):
            justify(rc.preset("agent"), result)
        with pytest.raises(InvalidValueError, match="client_id is 'c'"):
            justify(policy, result, client_id="c")
        with pytest.raises(InvalidValueError, match="client_id is None"):
            justify(*ranked(FIVE))

    def test_what_takes_too_long_is_given_up_and_changes_are_still_told(self) -> None:
        members = " or ".join(f"'m{number}' in roles" for number in range(9))
        found = why(tiers(f"{members} or key == True", otherwise="B"), roles="", key=False)
        assert found.sufficient is None
        assert found.given_up is not None
        assert "at most 8" in found.given_up
        assert told(found.lever("key").up) == ("True", "False", "A")

    def test_threshold_outcomes_are_those_of_assign(self) -> None:
        scheme = ThresholdScheme(
            id="s", tiers=[ThresholdTier("A", rc.criterion("x > 1")), ThresholdTier("B", rc.criterion("y > 1"))]
        )
        assert threshold_outcome(scheme, (False, True)) == ("B", "segmentation.threshold_met")
        assert threshold_outcome(scheme, (None, True)) == (None, "segmentation.undecided")
        assert threshold_outcome(scheme, (False, False)) == (None, "segmentation.no_match")


class TestWords:
    @pytest.mark.parametrize(
        ("fact", "when", "now", "words"),
        [
            ("revenue", "revenue >= 100", "62", ("A from 100.00 on, 38.00 more",)),
            ("revenue", "revenue < 50", "62", ("A from 49.99 down, 12.01 less",)),
            ("revenue", "revenue >= 50", "62", ("holds down to 50.00, 12.00 to lose, and below it B",)),
            ("revenue", "revenue < 100", "62", ("holds up to 99.99, 37.99 to spare, and above it B",)),
            ("likelihood", "likelihood >= 'medium'", "none", ("A from medium on",)),
            ("since", "since <= '2025-06-30'", "2025-07-01", ("A from 2025-06-30 down, 1 day less",)),
            ("city", "city == 'Seoul'", "Jeju", ("A with Seoul",)),
            ("rate", "rate >= 5", None, ("computed from revenue and orders, so no change of it alone is offered",)),
        ],
    )
    def test_a_lever_is_told_in_clauses(self, fact: str, when: str, now: object, words: tuple[str, ...]) -> None:
        given = {} if now is None else {fact: now}
        found = why(tiers(when, otherwise="B"), **{"revenue": "10", "orders": 5, **given})
        assert explain_lever(found.lever(fact)) == words

    def test_a_justification_is_told_in_sentences(self) -> None:
        assert explain_justification(why(TestOpenDecisions.TEXT, revenue="100")) == (
            "forced, whatever the other facts are, by revenue is 100.00, likelihood is missing",
            "open for want of likelihood",
            "A when likelihood == 'high'",
            "B when likelihood <= 'medium'",
        )
        assert explain_justification(why(tiers("orders >= 0", otherwise="A"), orders=3)) == ("the same whatever the facts are",)
        assert "nothing can be said" in explain_justification(why(tiers("rate >= 5", otherwise="B"), revenue="1", orders=1))[1]
        assert explain_justification(justify(*ranked(FIVE), client_id="c").tier("s"))[1:] == (
            "holds down to score 20, 10 to lose, 0 others may pass",
            "A from score 51 on, 21 more, past 2 others",
        )


class TestCommand:
    def run(self, *args: str) -> Sequence[str]:
        demo = ROOT / "src" / "relcare" / "demo" / "book"
        result = CliRunner().invoke(app, ["explain", str(demo), "--as-of", "2026-03-31", *args])
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    def test_every_tier_and_programme_is_justified_within_80_columns(self) -> None:
        lines = self.run("--policy", "preset:consulting", "--client", "c-004")
        assert max(map(cell_len, lines)) <= 80
        assert "Tier of abc: what forces it, and what would change it" in lines
        assert "VIP programme vip: what forces it, and what would change it" in lines
        assert "    adds 3; A from high on; holds down to low, and below it C" in lines

    def test_the_schema_in_the_reference_names_every_state(self) -> None:
        page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
        assert '"decision_state": {"enum": ["decided", "no match", "conflict", "undecided", "out of scope"]}' in page
