"""What keeps a client from moving at a review (SEG-8 to SEG-10)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Pin
from relcare.policy import Every, FactType, Vocabulary, criterion
from relcare.segmentation import (
    QuotaScheme,
    QuotaTier,
    SchemeResult,
    Settlement,
    Steadiness,
    ThresholdScheme,
    ThresholdTier,
    assign,
    settle,
)

MARCH = date(2026, 3, 2)
WORDS = Vocabulary({"points": FactType(kind="integer", grain=Decimal(1))})


def quota(steady: Steadiness | None = None, *, uses_quota: bool = False, ties: str = "by id") -> QuotaScheme:
    tiers = [QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")]
    return QuotaScheme(id="abc", tiers=tiers, score="points", steady=steady, uses_quota=uses_quota, ties=ties)  # type: ignore[arg-type]


def stairs(steady: Steadiness | None = None, *, stays: str | None = None) -> ThresholdScheme:
    stay = None if stays is None else criterion(stays)
    tiers = [ThresholdTier("A", criterion("points >= 100"), stay), ThresholdTier("B", criterion("points >= 50"))]
    return ThresholdScheme(id="abc", tiers=tiers, otherwise="C", steady=steady)


def points(*values: int | None) -> dict[str, dict[str, int | None]]:
    return {f"c-{number:02}": {"points": value} for number, value in enumerate(values, start=1)}


def pin(tier: str, kind: str = "exact", client_id: str = "c-01") -> Pin:
    return Pin(
        client_id=client_id,
        scheme_id="abc",
        tier=tier,
        kind=kind,  # type: ignore[arg-type]
        by="lee",
        reason="promised",
        start_on=MARCH,
    )


def one(
    scheme: ThresholdScheme,
    value: int | None,
    tier: str | None,
    *,
    since: date | None = date(2026, 1, 1),
    earlier: tuple[str | None, ...] = (),
    held_by: Pin | None = None,
) -> Settlement:
    in_force = {} if tier is None else {"c-01": tier}
    pins = {} if held_by is None else {"c-01": held_by}
    result = assign(scheme, points(value), vocabulary=WORDS, tiers_in_force=in_force, pins=pins)
    return settle(scheme, result, "c-01", tier_in_force=tier, since=since, earlier=earlier, pin=held_by, as_of=MARCH)


def codes(settlement: Settlement) -> list[str]:
    return [reason.code for reason in settlement.reasons]


class TestWithoutSettings:
    @pytest.mark.parametrize(("value", "tier"), [(100, "A"), (99, "B"), (49, "C")])
    def test_what_is_proposed_comes_at_once(self, value: int, tier: str) -> None:
        settled = one(stairs(), value, "B")
        assert (settled.tier, settled.reasons, settled.is_move) == (tier, (), tier != "B")

    def test_a_newcomer_gets_what_is_proposed(self) -> None:
        assert one(stairs(Steadiness(confirm=3, one_step=True)), 100, None).tier == "A"

    def test_a_tier_that_the_scheme_does_not_have_counts_as_none(self) -> None:
        settled = one(stairs(Steadiness(confirm=3)), 100, "gold")
        assert (settled.before, settled.tier) == (None, "A")

    def test_who_is_held_keeps_its_tier_with_the_reason(self) -> None:
        scheme = ThresholdScheme(id="abc", tiers=[ThresholdTier("A", criterion("points >= 100"))])
        settled = one(scheme, 1, "A")
        assert (settled.proposed, settled.tier, codes(settled)) == (None, "A", ["segmentation.held_stays"])

    def test_missing_facts_keep_the_tier(self) -> None:
        assert one(stairs(), None, "A").tier == "A"

    def test_who_is_held_and_has_no_tier_stays_without_one(self) -> None:
        settled = one(stairs(), None, None)
        assert (settled.tier, settled.reasons, settled.is_move) == (None, (), False)


class TestMinimumStay:
    @pytest.mark.parametrize(("since", "tier"), [(date(2026, 2, 2), "C"), (date(2026, 2, 3), "A")])
    def test_it_ends_on_the_day_so_long_after_the_first(self, since: date, tier: str) -> None:
        assert one(stairs(Steadiness(minimum_stay=Every.parse("1 month"))), 1, "A", since=since).tier == tier

    def test_its_reason_names_both_days(self) -> None:
        settled = one(stairs(Steadiness(minimum_stay=Every.parse("6 months"))), 1, "A")
        assert codes(settled) == ["segmentation.minimum_stay"]
        assert settled.reasons[0].values["until"] == date(2026, 7, 1)

    def test_it_holds_back_rises_too_unless_only_falls_are(self) -> None:
        stay = Every.parse("6 months")
        assert one(stairs(Steadiness(minimum_stay=stay)), 100, "C").tier == "C"
        assert one(stairs(Steadiness(minimum_stay=stay, holds_back="falls")), 100, "C").tier == "A"

    def test_a_spell_without_a_first_day_fulfils_it(self) -> None:
        assert one(stairs(Steadiness(minimum_stay=Every.parse("6 months"))), 1, "A", since=None).tier == "C"


class TestConfirmation:
    @pytest.mark.parametrize(
        ("earlier", "tier"),
        [((), "A"), (("C",), "A"), (("C", "C"), "C"), (("C", "A", "C"), "A"), (("C", None, "C"), "A"), (("C", "B", "A"), "B")],
        ids=str,
    )
    def test_three_in_a_row_move_as_far_as_all_agree(self, earlier: tuple[str | None, ...], tier: str) -> None:
        assert one(stairs(Steadiness(confirm=3)), 1, "A", earlier=earlier).tier == tier

    def test_the_other_side_does_not_confirm(self) -> None:
        settled = one(stairs(Steadiness(confirm=2)), 1, "B", earlier=("A",))
        assert (settled.tier, codes(settled)) == ("B", ["segmentation.unconfirmed"])
        assert settled.reasons[0].values["count"] == 1

    def test_a_rise_goes_as_far_as_all_agree(self) -> None:
        settled = one(stairs(Steadiness(confirm=2)), 100, "C", earlier=("B",))
        assert (settled.tier, codes(settled)) == ("B", ["segmentation.confirmed_part"])


class TestOneStep:
    def test_it_moves_by_one_tier_either_way(self) -> None:
        steady = Steadiness(one_step=True)
        assert [one(stairs(steady), value, tier).tier for value, tier in ((1, "A"), (100, "C"), (60, "C"))] == ["B", "B", "B"]

    def test_the_reason_names_where_it_was_going(self) -> None:
        settled = one(stairs(Steadiness(one_step=True)), 1, "A")
        assert dict(settled.reasons[0].values) == {"scheme": "abc", "tier": "A", "proposed": "C", "to": "B"}


class TestHysteresis:
    def test_an_incumbent_stays_to_the_wider_cut_and_no_further(self) -> None:
        scheme = quota(Steadiness(hysteresis="10%"))
        rows = points(*range(100, 0, -10))
        wanted = {}
        for place in (2, 3, 4):
            client_id = f"c-{place:02}"
            result = assign(scheme, rows, vocabulary=WORDS, tiers_in_force={client_id: "A"})
            wanted[place] = (result.tiers[client_id], result.wanted[client_id])
        assert wanted == {2: ("A", "A"), 3: ("B", "A"), 4: ("B", "B")}

    def test_it_falls_to_the_best_tier_whose_wider_cut_it_reaches(self) -> None:
        scheme = quota(Steadiness(hysteresis="10%"))
        rows = points(*range(100, 0, -10))
        result = assign(scheme, rows, vocabulary=WORDS, tiers_in_force={"c-07": "A", "c-08": "A"})
        assert (result.tiers["c-07"], result.wanted["c-07"], result.wanted["c-08"]) == ("C", "B", "C")

    def test_who_is_no_incumbent_enters_by_the_cut(self) -> None:
        result = assign(quota(Steadiness(hysteresis="50%")), points(*range(10)), vocabulary=WORDS, tiers_in_force={"c-01": "C"})
        assert result.wanted == result.tiers

    def test_of_the_whole_nobody_falls(self) -> None:
        rows = points(*range(10))
        result = assign(quota(Steadiness(hysteresis="100%")), rows, vocabulary=WORDS, tiers_in_force=dict.fromkeys(rows, "A"))
        assert set(result.wanted.values()) == {"A"}

    def test_a_threshold_has_its_own_criterion_for_who_stays(self) -> None:
        scheme = stairs(stays="points >= 80")
        assert [one(scheme, value, "A").tier for value in (100, 80, 79, 1)] == ["A", "A", "B", "C"]
        assert codes(one(scheme, 80, "A")) == ["segmentation.hysteresis"]

    def test_the_criterion_for_staying_takes_nobody_in(self) -> None:
        assert one(stairs(stays="points >= 80"), 80, "B").tier == "B"

    def test_what_is_unknown_takes_nobody_out(self) -> None:
        words = Vocabulary({**WORDS, "mood": FactType(kind="flag")})
        tiers = [ThresholdTier("A", criterion("points >= 100"), criterion("mood")), ThresholdTier("B", criterion("points >= 0"))]
        scheme = ThresholdScheme(id="abc", tiers=tiers)
        result = assign(scheme, {"c": {"points": 1, "mood": None}}, vocabulary=words, tiers_in_force={"c": "A"})
        assert result.wanted["c"] == "A"


class TestPins:
    @pytest.mark.parametrize(
        ("kind", "value", "tier"), [("exact", 100, "B"), ("exact", 1, "B"), ("floor", 100, "A"), ("floor", 1, "B")]
    )
    def test_exact_decides_and_a_floor_lifts(self, kind: str, value: int, tier: str) -> None:
        settled = one(stairs(), value, "A", held_by=pin("B", kind))
        assert settled.tier == tier

    def test_a_floor_lifts_what_a_brake_holds_down(self) -> None:
        settled = one(stairs(Steadiness(confirm=5)), 100, "C", held_by=pin("B", "floor"))
        assert (settled.tier, codes(settled)) == ("B", ["segmentation.pinned"])

    def test_a_pin_to_an_unknown_tier_is_passed_over(self) -> None:
        assert one(stairs(), 1, "A", held_by=pin("gold")).tier == "C"

    def test_a_pin_holds_who_is_held(self) -> None:
        found = assign(stairs(), points(None), vocabulary=WORDS, tiers_in_force={}, pins={"c-01": pin("B")})
        assert (found.tiers, found.assignment("c-01").is_held) == ({"c-01": "B"}, False)

    def test_the_pinned_stand_outside_n(self) -> None:
        rows = points(*range(100, 0, -10))
        free = assign(quota(), {key: row for key, row in rows.items() if key != "c-10"}, vocabulary=WORDS, tiers_in_force={})
        held = assign(quota(), rows, vocabulary=WORDS, tiers_in_force={}, pins={"c-10": pin("A", client_id="c-10")})
        assert held.tiers == {**free.tiers, "c-10": "A"}
        assert held.assignment("c-10").rank is None

    def test_with_uses_quota_they_take_a_place_in_their_tier(self) -> None:
        rows = points(*range(100, 0, -10))
        held = assign(
            quota(uses_quota=True), rows, vocabulary=WORDS, tiers_in_force={}, pins={"c-10": pin("A", client_id="c-10")}
        )
        assert dict(held.sizes) == {"A": 2, "B": 4, "C": 4}
        assert [client_id for client_id, tier in held.tiers.items() if tier == "A"] == ["c-10", "c-01"]

    def test_more_pinned_than_places_leave_none(self) -> None:
        rows = points(*range(100, 0, -10))
        pins = {client_id: pin("A", client_id=client_id) for client_id in ("c-08", "c-09", "c-10")}
        held = assign(quota(uses_quota=True), rows, vocabulary=WORDS, tiers_in_force={}, pins=pins)
        assert dict(held.sizes) == {"A": 3, "B": 3, "C": 4}

    def test_a_floor_is_compared_with_the_borders_of_the_others(self) -> None:
        rows = points(*range(100, 0, -10))
        held = assign(quota(), rows, vocabulary=WORDS, tiers_in_force={}, pins={"c-01": pin("B", "floor")})
        assert held.tiers["c-01"] == "A"
        low = assign(quota(), rows, vocabulary=WORDS, tiers_in_force={}, pins={"c-10": pin("B", "floor", "c-10")})
        assert low.tiers["c-10"] == "B"


class TestSettings:
    @pytest.mark.parametrize(
        ("field", "value", "part"),
        [
            ("hysteresis", "5", "percentage"),
            ("minimum_stay", "6 months", "must be an Every"),
            ("confirm", 0, "from 1 to 60"),
            ("confirm", True, "whole number"),
            ("one_step", 1, "true or false"),
            ("holds_back", "rises", "must be one of"),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_refused(self, field: str, value: object, part: str) -> None:
        with pytest.raises(InvalidValueError, match=part):
            Steadiness(**{field: value})  # type: ignore[arg-type]

    def test_a_threshold_scheme_has_no_hysteresis_of_ranks(self) -> None:
        with pytest.raises(InvalidValueError, match="write stays in the tiers"):
            stairs(Steadiness(hysteresis=Fraction(1, 20)))

    def test_where_one_criterion_must_hold_none_may_stay(self) -> None:
        tiers = [ThresholdTier("A", criterion("points >= 1"), criterion("points >= 0"))]
        with pytest.raises(InvalidValueError, match="must not have stays"):
            ThresholdScheme(id="abc", tiers=tiers, hit="unique")

    def test_a_pin_says_who_and_why(self) -> None:
        with pytest.raises(InvalidValueError, match="reason"):
            Pin(client_id="c", scheme_id="abc", tier="A", by="lee", reason="", start_on=MARCH)


def test_who_is_out_of_scope_has_no_tier_whatever_holds_it() -> None:
    scheme = ThresholdScheme(
        id="abc", tiers=[ThresholdTier("A", criterion("points >= 0"))], scope=criterion("points >= 50"), otherwise="B"
    )
    settled = one(scheme, 1, "A", held_by=pin("A"))
    assert (settled.tier, settled.is_move) == (None, True)


def test_a_result_without_hysteresis_wants_what_it_decides() -> None:
    result: SchemeResult = assign(quota(), points(3, 2, 1), vocabulary=WORDS, tiers_in_force={"c-03": "A"})
    assert result.wanted is result.tiers
