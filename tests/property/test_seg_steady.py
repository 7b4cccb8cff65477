"""Tiers that remember: what keeps clients from moving at every review (SEG-8 to SEG-10)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.model import Pin
from relcare.policy import Every, FactType, Vocabulary, criterion
from relcare.ranking import cuts
from relcare.segmentation import QuotaScheme, Scheme, Steadiness, ThresholdScheme, ThresholdTier, assign, settle, share_text
from relcare.testing import ids, quota_schemes, steadinesses

WORDS = Vocabulary({"points": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), high=Decimal(9))})
STEP = Every.parse("1 month")
FIRST = date(2026, 1, 1)
Rows = Mapping[str, Mapping[str, int | None]]


def day_of(review: int) -> date:
    return date.fromordinal(STEP.after(FIRST.toordinal(), review))


def stairs(steady: Steadiness) -> ThresholdScheme:
    tiers = [
        ThresholdTier("A", criterion("points >= 8"), criterion("points >= 6")),
        ThresholdTier("B", criterion("points >= 5"), criterion("points >= 4")),
        ThresholdTier("C", criterion("points >= 3")),
    ]
    return ThresholdScheme(id="abc", tiers=tiers, otherwise="D", steady=steady)


def ladders() -> st.SearchStrategy[Scheme]:
    plain: st.SearchStrategy[Scheme] = quota_schemes(WORDS).map(lambda scheme: attrs.evolve(scheme, scope=None))
    return plain | steadinesses(of_quota=False).map(stairs)


def rows(values: Sequence[int | None]) -> dict[str, dict[str, int | None]]:
    return {f"c-{number:02}": {"points": value} for number, value in enumerate(values)}


def run(scheme: Scheme, reviews: Sequence[Rows], start: Mapping[str, str] | None = None) -> list[dict[str, str | None]]:
    """The tiers after each of the reviews, a month apart, each decided in force on its day."""
    tiers: dict[str, str | None] = dict(start or {})
    since = dict.fromkeys(tiers, FIRST)
    wants: dict[str, list[str | None]] = {}
    found: list[dict[str, str | None]] = []
    for number, facts in enumerate(reviews):
        in_force = {client_id: tier for client_id, tier in tiers.items() if tier is not None}
        result = assign(scheme, facts, vocabulary=WORDS, tiers_in_force=in_force)
        for client_id in facts:
            before = tiers.get(client_id)
            settled = settle(
                scheme,
                result,
                client_id,
                tier_in_force=before,
                since=since.get(client_id),
                earlier=wants.get(client_id, ()),
                as_of=day_of(number),
            )
            wants.setdefault(client_id, []).insert(0, settled.wanted)
            if settled.tier != before:
                tiers[client_id], since[client_id] = settled.tier, day_of(number)
                wants[client_id] = []
        found.append(dict(tiers))
    return found


many = st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=8)


class TestConstantInput:
    """SEG-9 Hysteresis, minimum stay, confirmation for k reviews, one step a review: all optional."""

    @given(ladders(), many, st.data())
    def test_constant_facts_move_a_client_one_way_only_and_then_no_more(
        self, scheme: Scheme, values: list[int | None], data: st.DataObject
    ) -> None:
        facts = rows(values)
        start = {client_id: data.draw(st.sampled_from(scheme.tier_ids)) for client_id in facts}
        after = run(scheme, [facts] * 30, start)
        place = {tier: number for number, tier in enumerate(scheme.tier_ids)}
        paths: list[Mapping[str, str | None]] = [start, *after]
        for client_id in facts:
            path = [place[str(tiers[client_id])] for tiers in paths]
            assert path in (sorted(path), sorted(path, reverse=True))
        assert after[-1] == after[-8]

    @given(ladders(), many)
    def test_who_has_no_tier_gets_what_is_proposed_at_once(self, scheme: Scheme, values: list[int | None]) -> None:
        facts = rows(values)
        proposed = assign(scheme, facts, vocabulary=WORDS, tiers_in_force={}).tiers
        assert run(scheme, [facts])[0] == {c: proposed.get(c) for c in facts if c in proposed}


class TestBounds:
    """SEG-9 ... minimum stay, confirmation for k reviews, one step a review."""

    @given(st.lists(st.integers(0, 9), min_size=2, max_size=24), st.sampled_from(["2 months", "3 months", "90 days"]))
    def test_nobody_leaves_before_the_minimum_stay(self, values: list[int], stay: str) -> None:
        scheme = stairs(Steadiness(minimum_stay=Every.parse(stay)))
        moved = moves(run(scheme, [rows([value]) for value in values]))
        assert all(Every.parse(stay).after(day_of(a).toordinal()) <= day_of(b).toordinal() for a, b in pairwise(moved))

    @given(st.lists(st.integers(0, 9), min_size=2, max_size=24), st.integers(2, 4))
    @example([0, 3, 9, 9], 2)
    def test_k_reviews_see_one_move_at_most(self, values: list[int], needed: int) -> None:
        moved = moves(run(stairs(Steadiness(confirm=needed)), [rows([value]) for value in values]))
        assert all(b - a >= needed for a, b in pairwise(moved))

    @given(ladders(), st.lists(many.filter(lambda values: len(values) > 2), min_size=2, max_size=8))
    def test_one_step_is_one_step(self, scheme: Scheme, months: list[list[int | None]]) -> None:
        steady = attrs.evolve(scheme.steady or Steadiness(), one_step=True, holds_back="moves")
        tiers = run(attrs.evolve(scheme, steady=steady), [rows(values[:3]) for values in months])
        place = {tier: number for number, tier in enumerate(scheme.tier_ids)}
        for before, after in pairwise(tiers):
            for client_id, tier in before.items():
                if tier is not None:
                    assert abs(place[tier] - place[str(after[client_id])]) <= 1

    @given(ladders(), st.lists(many, min_size=1, max_size=6))
    def test_no_facts_no_fall(self, scheme: Scheme, months: list[list[int | None]]) -> None:
        """SEG-8 Absence of data never demotes: `missing = "hold"` (the tier it has; ...)."""
        before = run(scheme, [rows(values) for values in months])[-1]
        kept = {client_id: tier for client_id, tier in before.items() if tier is not None}
        blank: Rows = {client_id: {"points": None} for client_id in kept}
        if isinstance(scheme, ThresholdScheme):
            assert run(scheme, [blank], kept)[0] == kept


def moves(after: Sequence[Mapping[str, str | None]]) -> list[int]:
    """The reviews at which the first client moved, the first one included."""
    tiers = [None, *(one.get("c-00") for one in after)]
    return [number for number, (before, now) in enumerate(pairwise(tiers)) if before != now]


class TestRankBand:
    """SEG-9 In quota schemes hysteresis is a rank band.

    Enter at rank <= cut(enter share), an incumbent stays to rank <= cut(leave
    share); sizes are then bounds, and actual sizes are reported.
    """

    @given(quota_schemes(WORDS), st.lists(st.integers(0, 9), min_size=1, max_size=10), steadinesses(), st.data())
    def test_as_the_text_says(self, scheme: QuotaScheme, values: list[int], steady: Steadiness, data: st.DataObject) -> None:
        scheme = attrs.evolve(scheme, scope=None, score="points", ties="by id", steady=steady)
        facts = rows(values)
        start = {client_id: data.draw(st.sampled_from(scheme.tier_ids)) for client_id in facts}
        result = assign(scheme, facts, vocabulary=WORDS, tiers_in_force=start)
        shares = [tier.share for tier in scheme.tiers]
        enter = cuts(len(facts), shares)
        leave = [min(len(facts), cut) for cut in cuts(len(facts), [shares[0] + steady.hysteresis, *shares[1:]])]
        for rank, client_id in enumerate(sorted(facts, key=lambda c: (-int(facts[c]["points"] or 0), c)), start=1):
            had = scheme.tier_ids.index(start[client_id])
            expected = next(i for i in range(len(shares)) if rank <= enter[i] or (had <= i and rank <= leave[i]))
            assert result.wanted[client_id] == scheme.tier_ids[expected], share_text(steady.hysteresis)


class TestPins:
    """SEG-10 A pin holds a client as a floor or exactly, with who, why, until when.

    Held and pinned clients are outside n unless `uses_quota = true`.
    """

    @given(
        quota_schemes(WORDS),
        st.dictionaries(ids(), st.none() | st.integers(0, 9), min_size=1, max_size=10),
        st.data(),
    )
    def test_the_others_are_ranked_as_if_the_pinned_were_not_there(
        self, scheme: QuotaScheme, points: dict[str, int | None], data: st.DataObject
    ) -> None:
        scheme = attrs.evolve(scheme, scope=None, score="points", uses_quota=False)
        facts = {client_id: {"points": value} for client_id, value in points.items()}
        pinned = data.draw(st.sets(st.sampled_from(sorted(facts))))
        pins = {
            client_id: Pin(
                client_id=client_id,
                scheme_id=scheme.id,
                tier=data.draw(st.sampled_from(scheme.tier_ids)),
                kind=data.draw(st.sampled_from(["floor", "exact"])),
                by="lee",
                reason="promised",
                start_on=FIRST,
            )
            for client_id in sorted(pinned)
        }
        result = assign(scheme, facts, vocabulary=WORDS, tiers_in_force={}, pins=pins)
        others = {client_id: row for client_id, row in facts.items() if client_id not in pinned}
        alone = assign(scheme, others, vocabulary=WORDS, tiers_in_force={})
        assert {client_id: tier for client_id, tier in result.tiers.items() if client_id in others} == alone.tiers
        for client_id, pin in pins.items():
            place, floor = (scheme.tier_ids.index(tier) for tier in (result.tiers[client_id], pin.tier))
            assert place == floor or (pin.kind == "floor" and place < floor)

    @given(quota_schemes(WORDS), st.lists(st.integers(0, 9), min_size=1, max_size=10), st.data())
    def test_with_uses_quota_sizes_are_those_of_the_quota_where_there_is_room(
        self, scheme: QuotaScheme, values: list[int], data: st.DataObject
    ) -> None:
        scheme = attrs.evolve(scheme, scope=None, score="points", ties="by id", uses_quota=True)
        facts = rows(values)
        client_id = data.draw(st.sampled_from(sorted(facts)))
        tier = data.draw(st.sampled_from(scheme.tier_ids))
        pin = Pin(client_id=client_id, scheme_id=scheme.id, tier=tier, kind="exact", by="lee", reason="x", start_on=FIRST)
        held = assign(scheme, facts, vocabulary=WORDS, tiers_in_force={}, pins={client_id: pin})
        plain = assign(scheme, facts, vocabulary=WORDS, tiers_in_force={})
        assert held.tiers[client_id] == tier
        if plain.sizes[tier]:
            assert held.sizes == plain.sizes
