from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from relcare.cells import Space, describe, merged
from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.demo import DEMO_AS_OF, demo_book
from relcare.errors import PolicyError
from relcare.model import Book, Client, Obligation, TierSpell
from relcare.policy import FactType, Vocabulary, criterion
from relcare.presets import preset
from relcare.segmentation import QuotaScheme, QuotaTier, assign_one
from relcare.soundness import PolicyDifference, RuleDifference, compare, compare_on, workload_of

DAY = date(2026, 3, 31)
POLICY = """
format = 1
[policy]
id = "house"
version = "1"
title = "Our house"
effective_from = 2026-01-01
currency = "CNY"

[facts.revenue]
type = "money"
min = "0"
may_be_missing = true
[facts.orders]
type = "integer"
min = "0"
[facts.per_order]
type = "number"
grain = "0.01"
round = "half up"
ratio = ["revenue", "orders"]
[facts.likelihood]
type = "level"
values = ["none", "low", "high"]
may_be_missing = true

[[segmentation]]
id = "size"
kind = "threshold"
scope = "client.stage != 'visitor'"
tiers = [{ id = "A", when = "revenue >= 1_000" }, { id = "B", when = "revenue >= 100" }]
otherwise = "C"

[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
minutes = 20
when = "tier.size >= 'B'"

[[relationship]]
type = "partner"
appeal = "fellow feeling"
intervals = { call = "2 weeks" }

[[vip]]
id = "vip"
paths = [{ id = "much", when = "revenue >= 5_000" }, { id = "likely", when = "likelihood == 'high'" }]
"""
OLD = loads_policy(POLICY)


def changed(*pairs: tuple[str, str], old: str = POLICY, budget: int | None = None) -> PolicyDifference:
    text = old
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    limits = {} if budget is None else {"budget": budget}
    return compare(loads_policy(old), loads_policy(text), **limits)


def told(one: RuleDifference) -> list[tuple[str, str, str]]:
    return [(str(region.before), str(region.after), str(region.when)) for region in one.regions]


WORDS = Vocabulary(
    {
        "revenue": FactType(kind="money", grain=Decimal("0.01"), low=Decimal(0), may_be_missing=True),
        "balance": FactType(kind="integer", grain=Decimal(1), may_be_missing=False),
        "likelihood": FactType(kind="level", values=("none", "low", "medium", "high"), may_be_missing=True),
        "industry": FactType(kind="category"),
        "stage": FactType(kind="category", values=("visitor", "open", "closed"), may_be_missing=False),
        "kinds": FactType(kind="set", may_be_missing=False),
        "is_local": FactType(kind="flag", may_be_missing=False),
        "since": FactType(kind="date", may_be_missing=False),
    }
)


class TestDescribe:
    @pytest.mark.parametrize(
        "text",
        [
            "revenue >= 50000 and revenue < 100000",
            "revenue > 50000 and revenue <= 100000",
            "revenue == 5",
            "revenue == 0",
            "balance != 0",
            "balance < -3",
            "missing(revenue)",
            "not missing(revenue)",
            "missing(revenue) or revenue < 10",
            "likelihood >= 'medium'",
            "likelihood <= 'low'",
            "likelihood == 'low'",
            "likelihood in ('none', 'high')",
            "missing(likelihood) or likelihood >= 'low'",
            "industry == 'steel'",
            "industry not in ('steel', 'tea')",
            "industry in ('steel', 'tea')",
            "stage != 'visitor'",
            "'partner' in kinds",
            "'channel' in kinds and 'partner' not in kinds",
            "is_local == False",
            "since >= '2026-01-31' and since < '2026-03-01'",
            "revenue >= 10 and likelihood == 'high' and stage == 'open'",
        ],
    )
    def test_a_criterion_that_is_one_box_is_described_as_one_would_write_it(self, text: str) -> None:
        space = Space.of([criterion(text)], WORDS)
        (box,) = merged(space.region(criterion(text)).holds)
        assert str(describe(space, box)) == text

    def test_any_other_text_of_an_open_category_is_never_named(self) -> None:
        space = Space.of([criterion("industry in ('steel', 'tea')")], WORDS)
        assert str(describe(space, (0b0011,))) == "industry in ('steel', 'tea')"
        assert str(describe(space, (0b0101,))) == "industry != 'tea'"
        assert str(describe(space, (0b0100,))) == "industry not in ('steel', 'tea')"

    def test_the_box_of_everything_needs_no_criterion(self) -> None:
        space = Space.of([criterion("revenue >= 10")], WORDS)
        assert describe(space, space.everything) is None
        assert describe(Space.of([], WORDS), ()) is None

    def test_merging_nothing_gives_nothing(self) -> None:
        assert merged([]) == []
        assert merged([(), ()]) == [()]


class TestRegions:
    def test_a_policy_is_equal_to_itself(self) -> None:
        found = compare(OLD, OLD)
        assert (found.is_equal, found.direction, found.changes) == (True, "equal", ())
        assert {one.direction for one in found.compared} == {"equal"}

    def test_a_threshold_that_is_lower_by_a_cent_moves_who_stands_on_it(self) -> None:
        found = changed(("revenue >= 1_000", "revenue >= 999.99"))
        (size,) = found.schemes
        assert told(size) == [("B", "A", "revenue == 999.99 and client.stage != 'visitor'")]
        assert (size.direction, found.direction, found.is_equal) == ("only raises", "only raises", False)
        before, after = size.regions[0].witnesses
        assert dict(before.facts) == {"client.stage": "open", "revenue": Decimal("999.99")}
        assert (before.outcome, after.outcome) == ("B", "A")

    def test_a_threshold_that_is_higher_only_lowers(self) -> None:
        assert changed(("revenue >= 1_000", "revenue >= 2_000")).direction == "only lowers"

    def test_up_here_and_down_there_is_both(self) -> None:
        assert changed(("revenue >= 1_000", "revenue >= 2_000"), ('revenue >= 100"', 'revenue >= 50"')).direction == "both"

    def test_a_scope_that_lets_more_in_has_no_direction(self) -> None:
        (size,) = changed(("client.stage != 'visitor'", "client.stage != 'dormant'")).schemes
        assert size.direction == "other"
        assert ("out of scope", "A", "client.stage == 'visitor' and revenue >= 1000") in told(size)
        assert ("A", "out of scope", "client.stage == 'dormant' and revenue >= 1000") in told(size)
        assert not any("missing(client.stage)" in when for _, _, when in told(size))

    def test_a_newcomers_tier_concerns_who_has_no_tier_in_force(self) -> None:
        (size,) = changed(('otherwise = "C"', 'otherwise = "C"\nmissing = "newcomer"\nnewcomer = "C"')).schemes
        assert told(size) == [("kept, else held", "kept, else C", "client.stage != 'visitor' and missing(revenue)")]
        assert size.direction == "other"
        new = attrs.evolve(OLD.segmentation[0], missing="newcomer", newcomer="C")
        for scheme in (OLD.segmentation[0], new):
            row = {"client.stage": "open", "revenue": None}
            kept = assign_one(scheme, "c", row, vocabulary=WORDS_OF_OLD, tier_in_force="A")
            assert kept is not None
            assert kept.tier == "A"

    def test_the_order_of_thresholds_that_do_not_overlap_makes_no_region(self) -> None:
        whole = 'tiers = [{ id = "A", when = "revenue >= 1_000" }, { id = "B", when = "revenue >= 100" }]'
        apart = whole.replace('revenue >= 100"', '100 <= revenue < 1_000"')
        found = changed((whole, apart))
        assert found.is_equal
        assert [(change.field, change.can_matter) for change in found.changes] == [("tiers.B.when", False)]

    def test_an_otherwise_that_is_a_listed_tier_decides_where_nothing_else_could(self) -> None:
        # With revenue missing A may hold or not, and it is A either way (CRI-2).
        (size,) = changed(
            ('otherwise = "C"', 'otherwise = "A"'),
            old=POLICY.replace(', { id = "B", when = "revenue >= 100" }', "").replace("tier.size >= 'B'", "tier.size == 'A'"),
        ).schemes
        assert ("kept, else held", "A", "client.stage != 'visitor' and missing(revenue)") in told(size)

    def test_tiers_that_only_one_policy_lists_are_ordered_by_the_one_that_lists_both(self) -> None:
        four = '{ id = "B", when = "revenue >= 100" }, { id = "B-", when = "revenue >= 50" }'
        found = changed(('{ id = "B", when = "revenue >= 100" }', four))
        assert told(found.schemes[0]) == [("C", "B-", "revenue >= 50 and revenue < 100 and client.stage != 'visitor'")]
        assert found.direction == "only raises"

    def test_tiers_without_an_order_between_them_have_no_direction(self) -> None:
        assert changed(('id = "B"', 'id = "Silver"'), ("tier.size >= 'B'", "tier.size >= 'Silver'")).direction == "other"

    def test_a_path_that_lets_more_in_raises(self) -> None:
        found = changed(("revenue >= 5_000", "revenue >= 4_000"))
        assert told(found.programmes[0])[0] == (
            "no", "yes", "revenue >= 4000 and revenue < 5000 and likelihood <= 'low'",
        )  # fmt: skip
        assert ("unknown", "yes", "revenue >= 4000 and revenue < 5000 and missing(likelihood)") in told(found.programmes[0])
        assert found.programmes[0].direction == "other"  # from unknown to yes is no rise

    def test_whom_a_cadence_rule_applies_to(self) -> None:
        found = changed(("tier.size >= 'B'", "tier.size >= 'A'"))
        (call,) = found.rules
        assert told(call) == [("yes", "no", "tier.size == 'B'")]
        assert (call.direction, found.direction, found.is_equal) == ("only lowers", "equal", False)

    def test_a_rule_that_reads_a_changed_tier_says_so(self) -> None:
        found = changed(("revenue >= 1_000", "revenue >= 999"))
        assert [(one.affected_by, one.direction, one.regions) for one in found.rules] == [(("tier.size",), "other", ())]

    def test_a_region_that_only_a_computed_fact_makes_is_no_proof_of_a_direction(self) -> None:
        old = POLICY.replace("revenue >= 1_000", "per_order >= 10")
        (size,) = changed(("per_order >= 10", "per_order >= 9"), old=old).schemes
        assert {region.computed for region in size.regions} == {("per_order",)}
        assert size.direction == "undecided"

    def test_a_budget_that_is_spent_is_said(self) -> None:
        found = changed(("revenue >= 1_000", "revenue >= 999"), budget=3)
        assert found.schemes[0].undecided == "the budget of 3 steps is spent"
        assert (found.schemes[0].direction, found.direction, found.is_equal) == ("undecided", "undecided", False)

    def test_what_is_written_alike_needs_no_budget(self) -> None:
        assert compare(OLD, OLD, budget=0).is_equal

    def test_a_fact_with_other_values_leaves_what_reads_it_undecided(self) -> None:
        found = changed(('values = ["none", "low", "high"]', 'values = ["none", "low", "medium", "high"]'))
        (vip,) = found.programmes
        assert vip.undecided == "the two policies declare likelihood with different values"
        assert vip.affected_by == ("likelihood",)
        assert vip.direction == found.direction == "other"  # whatever the rest is: the fact means something else
        assert found.schemes[0].is_equal

    def test_a_fact_that_is_measured_otherwise_leaves_no_direction(self) -> None:
        old = POLICY.replace('type = "money"\nmin = "0"', 'type = "money"\nmin = "0"\nmeasure = { sum = "purchases.amount" }')
        found = changed(('sum = "purchases.amount"', 'sum = "purchases.amount", window = "12 months"'), old=old)
        assert found.schemes[0].affected_by == ("revenue",)
        assert found.direction == "other"
        assert [change.field for change in found.changes] == ["measure.window"]

    def test_what_is_computed_from_a_changed_fact_changes_too(self) -> None:
        old = POLICY.replace("revenue >= 1_000", "per_order >= 10").replace('revenue >= 100"', 'per_order >= 5"')
        old = old.replace(
            '[facts.orders]\ntype = "integer"', '[facts.orders]\ntype = "integer"\nmeasure = { count = "purchases" }'
        )
        found = changed(('count = "purchases"', 'count = "touchpoints"'), old=old)
        assert found.schemes[0].affected_by == ("per_order",)


WORDS_OF_OLD = Vocabulary({"client.stage": FactType(kind="category"), "revenue": OLD.facts[0].fact_type})


class TestDeclared:
    def test_a_text_that_the_grammar_cannot_write_is_shown_by_its_parts(self) -> None:
        old = POLICY.replace('["none", "low"', '["none", "it\'s \\"odd\\"", "low"')
        (vip,) = changed(("likelihood == 'high'", "likelihood not in ('none', 'low')"), old=old).programmes
        (region,) = [region for region in vip.regions if str(region.after) == "yes" and str(region.before) == "no"]
        assert "Compare(fact='likelihood', operator='=='" in str(region.text)

    def test_titles_and_sources_change_no_decision(self) -> None:
        found = changed(('version = "1"', 'version = "2"'), ('title = "Our house"', 'title = "Haus"'))
        assert found.is_equal
        assert [(change.field, change.before, change.after) for change in found.changes] == [
            ("version", "1", "2"),
            ("title", "Our house", "Haus"),
        ]

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ('every = "2 weeks"\n', 'every = "1 month"\n', ("cadence", "call", "every", "2 weeks", "1 month")),
            ("minutes = 20", 'minutes = 20\ngrace = "2 days"', ("cadence", "call", "grace", "0 days", "2 days")),
            ('call = "2 weeks" }', 'call = "1 week" }', ("relationships", "partner", "intervals.call", "2 weeks", "1 week")),
            ("effective_from = 2026-01-01", "effective_from = 2026-02-01",
             ("policy", "", "effective_from", "2026-01-01", "2026-02-01")),
        ],
        ids=["every", "grace", "interval", "in force"],
    )  # fmt: skip
    def test_a_field_is_told_with_its_old_and_its_new_value(self, before: str, after: str, expected: tuple[str, ...]) -> None:
        found = changed((before, after))
        (change,) = found.changes
        assert (change.room, change.id, change.field, change.before, change.after) == expected
        assert change.can_matter
        assert not found.is_equal

    def test_triggers_and_working_hours_are_told_too(self) -> None:
        trigger = '[[trigger]]\nid = "thanks"\nevent = "channel == \'visit\'"\nchannel = "letter"\nwithin = "3 business days"\n'
        later = trigger.replace("3 business days", "4 hours")
        hours = ('version = "1"', 'version = "1"\nworking_hours = ["09:00-12:00"]')
        found = compare(loads_policy(POLICY + trigger), loads_policy(POLICY.replace(*hours) + later))
        told = [(change.room, change.id, change.field, change.before, change.after) for change in found.changes]
        assert told == [
            ("policy", "", "working_hours", "09:00-18:00", "09:00-12:00"),
            ("triggers", "thanks", "within", "3 business days", "4 hours"),
        ]
        assert not found.is_equal

    def test_a_channel_called_like_a_harmless_field_is_not_taken_for_one(self) -> None:
        (change,) = changed(
            ('title = "2 weeks" }', 'title = "1 week" }'), old=POLICY.replace('call = "2 weeks" }', 'title = "2 weeks" }')
        ).changes
        assert (change.field, change.can_matter) == ("intervals.title", True)

    def test_what_came_and_what_went(self) -> None:
        rule = '\n[[cadence]]\nid = "visit"\nchannel = "visit"\nevery = "1 month"\n'
        for old, new, kind in ((POLICY, POLICY + rule, "added"), (POLICY + rule, POLICY, "removed")):
            found = compare(loads_policy(old), loads_policy(new))
            assert [(change.room, change.id, change.kind) for change in found.changes] == [("cadence", "visit", kind)]
            assert (found.is_equal, found.direction) == (False, "equal")

    def test_a_programme_that_went_leaves_no_direction(self) -> None:
        gone = attrs.evolve(OLD, vip=())
        assert compare(OLD, gone).direction == "other"
        assert compare(gone, OLD).direction == "other"

    def test_a_second_term_on_the_same_fact_is_not_overlooked(self) -> None:
        first, second = (f'{{ fact = "orders", bands = [{{ from = {start}, points = 1 }}] }}' for start in (1, 9))
        scheme = f'id = "q"\nkind = "quota"\nscore = [{first}, {second}]\ntiers = [{{ id = "A", share = "100%" }}]'
        old = POLICY.replace("[[cadence]]", f"[[segmentation]]\n{scheme}\n\n[[cadence]]")
        found = changed(("{ from = 1, points = 1 }", "{ from = 1, points = 2 }"), old=old)
        assert [change.field for change in found.changes] == ["score.orders.bands.1.points"]
        assert found.direction == "other"

    def test_a_scheme_of_another_kind_has_nothing_to_compare(self) -> None:
        quota = QuotaScheme(id="size", score="orders", tiers=[QuotaTier(tier, share) for tier, share in SHARES.items()])
        found = compare(OLD, attrs.evolve(OLD, segmentation=[quota], vip=OLD.vip_programmes))
        assert [(one.direction, one.regions) for one in found.schemes] == [("other", ())]
        assert [(change.field, change.before, change.after) for change in found.changes] == [("kind", "threshold", "quota")]


SHARES = {"A": "20%", "B": "40%", "C": "40%"}


def quota(shares: dict[str, str], **more: Any) -> Policy:
    tiers = [QuotaTier(tier, share) for tier, share in shares.items()]
    scheme = QuotaScheme(id="abc", score="orders", tiers=tiers, **more)
    return Policy(id="p", version="1", effective_from=DAY, facts=[OLD.facts[1]], segmentation=[scheme])


class TestShares:
    @pytest.mark.parametrize(
        ("new", "flows", "payers", "direction"),
        [
            ({"A": "25%", "B": "40%", "C": "35%"}, [("B", "A", 5), ("C", "B", 5)], [("C", 5)], "only raises"),
            ({"A": "25%", "B": "35%", "C": "40%"}, [("B", "A", 5)], [("B", 5)], "only raises"),
            ({"A": "15%", "B": "45%", "C": "40%"}, [("A", "B", 5)], [("A", 5)], "only lowers"),
            ({"A": "25%", "B": "25%", "C": "50%"}, [("B", "A", 5), ("B", "C", 10)], [("B", 15)], "both"),
            ({"A": "20%", "B": "40%", "C": "30%", "D": "10%"}, [("C", "D", 10)], [("C", 10)], "only lowers"),
            ({"A": "60%", "C": "40%"}, [("B", "A", 40)], [("B", 40)], "only raises"),
            ({"A": "100%", "B": "0%", "C": "0%"}, [("B", "A", 40), ("C", "A", 40)], [("B", 40), ("C", 40)], "only raises"),
        ],
        ids=["B keeps 40", "C keeps 40", "A pays", "both ways", "a new tier", "a tier goes", "all are A"],
    )
    def test_which_places_go_where_and_who_pays(
        self, new: dict[str, str], flows: list[object], payers: list[object], direction: str
    ) -> None:
        (found,) = compare(quota(SHARES), quota(new)).schemes
        assert found.shares is not None
        assert [(flow.before, flow.after, flow.places) for flow in found.shares.flows] == flows
        assert list(found.shares.payers) == payers
        assert found.direction == direction
        lost = sum(places for _, places in found.shares.payers)
        assert lost == sum(places for _, places in found.shares.gainers)

    def test_places_are_exact(self) -> None:
        (found,) = compare(quota(SHARES), quota({"A": "20.125%", "B": "40%", "C": "39.875%"})).schemes
        assert found.shares is not None
        assert found.shares.flows[0].places == Fraction(1, 8)

    @pytest.mark.parametrize(
        ("more", "direction"),
        [
            ({"ties": "together upward"}, "only raises"),
            ({"ties": "together downward"}, "only lowers"),
            ({"missing": "newcomer", "newcomer": "C"}, "other"),
            ({"scope": criterion("orders > 0")}, "other"),
            ({"review": "monthly"}, "equal"),
        ],
        ids=["kinder ties", "harder ties", "newcomers", "scope", "review"],
    )
    def test_other_fields_of_a_quota(self, more: dict[str, Any], direction: str) -> None:
        found = compare(quota(SHARES), quota(SHARES, **more))
        assert found.direction == direction
        assert found.is_equal is (direction == "equal")
        assert found.schemes[0].shares is None

    def test_a_kinder_rule_for_ties_with_smaller_shares_may_go_either_way(self) -> None:
        new = quota({"A": "15%", "B": "45%", "C": "40%"}, ties="together upward")
        assert compare(quota(SHARES), new).direction == "both"


def consulting(a: str, c: str) -> Policy:
    policy = preset("consulting")
    (abc,) = policy.segmentation
    assert isinstance(abc, QuotaScheme)
    tiers = [QuotaTier("A", a), QuotaTier("B", "40%"), QuotaTier("C", c)]
    return attrs.evolve(policy, segmentation=[attrs.evolve(abc, tiers=tiers)], vip=policy.vip_programmes)


class TestBook:
    def test_more_places_in_a_move_six_clients_of_the_demo_book_up(self) -> None:
        found = compare_on(preset("consulting"), consulting("25%", "35%"), demo_book(), as_of=DEMO_AS_OF)
        assert {(str(before), str(after)): count for (before, after), count in found.transitions("abc").items()} == {
            ("B", "A"): 3,
            ("C", "B"): 3,
        }
        assert found.direction == "only raises"
        assert found.moved == tuple(move.client_id for move in found.tier_moves)
        assert all(move.after.reasons for move in found.tier_moves)
        risen = {move.client_id for move in found.tier_moves if move.after.tier == "A"}
        assert {(owed.client_id, owed.rule_id) for owed in found.gained if owed.rule_id == "call-A"} == {
            (client_id, "call-A") for client_id in risen
        }
        # News for three more clients, a quarter of an hour each week.
        assert found.workload_after["researcher"] - found.workload_before["researcher"] == 3 * 4 * 15

    def test_the_same_policy_moves_nobody(self) -> None:
        found = compare_on(preset("agent"), preset("agent"), demo_book(), as_of=DEMO_AS_OF)
        assert (found.moved, found.direction, len(found.gained), len(found.lost), found.redated) == ((), "equal", 0, 0, ())
        assert found.workload_before == found.workload_after

    def test_what_is_owed_follows_the_tiers_that_each_policy_decides_and_not_those_in_force(self) -> None:
        everybody_a, everybody_c = consulting("60%", "0%"), consulting("0%", "60%")
        plain = demo_book()
        spelled = attrs.evolve(
            plain,
            tier_spells=[TierSpell(client_id=client.id, scheme_id="abc", tier="B", start_on=DAY) for client in plain.clients],
        )
        found = compare_on(everybody_c, everybody_a, spelled, as_of=DAY)
        assert {owed.rule_id for owed in found.lost if owed.channel == "visit"} >= {"visit-C"}
        assert {owed.rule_id for owed in found.gained if owed.channel == "visit"} >= {"visit-A"}

    def test_a_shorter_interval_redates_what_both_owe(self) -> None:
        new = attrs.evolve(OLD, cadence=[attrs.evolve(OLD.cadence[0], when=None, every="1 week")], vip=OLD.vip_programmes)
        old = attrs.evolve(OLD, cadence=[attrs.evolve(OLD.cadence[0], when=None)], vip=OLD.vip_programmes)
        found = compare_on(old, new, Book(clients=[Client(id="c", name="C")]), as_of=DAY)
        assert [(before.due_on, after.due_on) for before, after in found.redated] == [(date(2026, 1, 15), date(2026, 1, 8))]
        assert dict(found.workload_before) == {"account manager": Fraction(40)}
        assert dict(found.workload_after) == {"account manager": Fraction(80)}

    def test_a_day_on_which_one_of_them_is_not_in_force_is_refused_by_name(self) -> None:
        later = attrs.evolve(OLD, id="later", effective_from=date(2026, 7, 1), vip=OLD.vip_programmes)
        with pytest.raises(PolicyError, match="policy 'later'"):
            compare_on(OLD, later, Book(), as_of=DAY)

    def test_a_qualification_that_changes_carries_its_reasons(self) -> None:
        agent = preset("consulting")
        (vip,) = agent.vip_programmes
        paths = [attrs.evolve(vip.paths[0], when=criterion("largest_purchase >= 1_000")), *vip.paths[1:]]
        easier = attrs.evolve(agent, vip=[attrs.evolve(vip, paths=paths)])
        found = compare_on(agent, easier, demo_book(), as_of=DEMO_AS_OF)
        assert found.vip_moves
        assert {move.after.qualification for move in found.vip_moves} == {"yes"}
        assert all(move.after.reasons[0].values["path"] == "one purchase" for move in found.vip_moves)
        assert set(found.moved) == {move.client_id for move in found.vip_moves}


def owed(rule_id: str, interval: str, minutes: int, **more: Any) -> Obligation:
    """A contact as the agent's policy owes it, with another rule, interval and length."""
    client = Client(id="c", name="C", relationship_types={"end_customer"})
    result = preset("agent").decide(Book(clients=[client]), as_of=DAY)
    given = {"key": f"c/{rule_id}", "rule_id": rule_id, "interval": interval, "minutes": minutes}
    return attrs.evolve(result.obligations[0], **{**given, **more})


class TestWorkload:
    @pytest.mark.parametrize(
        ("interval", "minutes", "expected"),
        [
            ("1 week", 20, Fraction(80)),
            ("2 weeks", 15, Fraction(30)),
            ("3 days", 1, Fraction(28, 3)),
            ("1 month", 60, 60 * 28 / Fraction(146_097, 4_800)),
            ("400 years", 5, Fraction(140, 146_097)),
        ],
    )
    def test_minutes_in_four_weeks_are_exact(self, interval: str, minutes: int, expected: Fraction) -> None:
        assert dict(workload_of([owed("r", interval, minutes)])) == {"account manager": expected}

    def test_two_occurrences_of_one_rule_are_one_contact_and_two_people_are_two(self) -> None:
        late, upcoming = owed("r", "1 week", 10, key="c/r/1"), owed("r", "1 week", 10, key="c/r/2")
        assert workload_of([late, upcoming])["account manager"] == 40
        both = [owed("r", "1 week", 10, person_id="p"), owed("r", "1 week", 10, key="c/r/q", person_id="q")]
        assert workload_of(both)["account manager"] == 80

    def test_roles_are_apart_and_those_without_minutes_left_out(self) -> None:
        found = workload_of(
            [owed("a", "1 week", 10, role="secretary"), owed("b", "1 week", 10), owed("c", "1 week", 0, role="head")]
        )
        assert list(found.items()) == [("account manager", Fraction(40)), ("secretary", Fraction(40))]


GRADED = """
[[grade]]
id = "spend"
fact = "revenue"
parts = 2
better = "more"
ties = "together upward"
scope = "client.stage != 'visitor'"

[[segmentation]]
id = "rank"
kind = "threshold"
tiers = [{ id = "top", when = "grade.spend >= 2" }]
otherwise = "rest"

[[segment]]
id = "loyal"
when = "orders >= 3"

[[segment]]
id = "by_likelihood"
by = ["likelihood"]

[[cadence]]
id = "invite"
channel = "letter"
every = "1 year"
when = "segment.loyal"
"""


class TestSegments:
    """SEG-7: a segment that asks for something else says who comes in, and who goes."""

    def test_membership_changes_in_a_region_with_a_client_whom_both_were_asked_about(self) -> None:
        found = changed(('when = "orders >= 3"', 'when = "orders >= 5"'), old=POLICY + GRADED)
        (loyal,) = found.segments
        assert (loyal.room, loyal.id, loyal.direction) == ("segments", "loyal", "only lowers")
        assert told(loyal) == [("yes", "no", "orders >= 3 and orders < 5")]
        assert loyal.regions[0].witnesses[0].facts == {"orders": 3}
        assert [change.can_matter for change in found.changes] == [False]
        assert not found.is_equal

    def test_what_asks_for_the_segment_is_affected(self) -> None:
        found = changed(('when = "orders >= 3"', 'when = "orders >= 5"'), old=POLICY + GRADED)
        assert [one.affected_by for one in found.rules if one.id == "invite"] == [("segment.loyal",)]

    def test_the_same_criterion_in_other_words_changes_nothing(self) -> None:
        found = changed(('when = "orders >= 3"', 'when = "not (orders < 3)"'), old=POLICY + GRADED)
        assert found.is_equal
        assert not any(one.affected_by for one in found.rules)

    def test_a_product_is_told_as_it_is_written(self) -> None:
        found = changed(('by = ["likelihood"]', 'by = ["likelihood", "client.stage"]'), old=POLICY + GRADED)
        assert [(change.room, change.id, change.can_matter) for change in found.changes] == [
            ("segments", "by_likelihood", True)
        ] * 1
        assert not found.is_equal


class TestGrades:
    """SEG-5: a grade that is cut otherwise moves whom the book says; its scope has regions."""

    @pytest.mark.parametrize(
        ("before", "after", "fields"),
        [
            ("parts = 2", "parts = 4", ("parts",)),
            ('better = "more"', 'better = "less"', ("better",)),
            ('ties = "together upward"', 'ties = "by id"', ("ties",)),
            ('fact = "revenue"', 'fact = "orders"', ("fact",)),
        ],
    )
    def test_what_is_cut_otherwise_is_said(self, before: str, after: str, fields: tuple[str, ...]) -> None:
        found = changed((before, after), old=POLICY + GRADED)
        (spend,) = found.grades
        assert (spend.by_rank, spend.regions, spend.direction, spend.is_equal) == (fields, (), "other", False)
        assert next(one for one in found.schemes if one.id == "rank").affected_by == ("grade.spend",)

    def test_a_scope_says_who_comes_in(self) -> None:
        found = changed(
            ('scope = "client.stage != \'visitor\'"\n\n[[segmentation]]\nid = "rank"', '\n[[segmentation]]\nid = "rank"'),
            old=POLICY + GRADED,
        )
        (spend,) = found.grades
        assert spend.by_rank == ()
        assert told(spend) == [
            ("out of scope", "in scope", "client.stage == 'visitor'"),
            ("unknown", "in scope", "missing(client.stage)"),
        ]

    def test_another_source_changes_nothing(self) -> None:
        found = changed(("parts = 2", 'parts = 2\nsource = "handbook"'), old=POLICY + GRADED)
        assert found.is_equal

    def test_a_book_shows_whom_it_moves(self) -> None:
        old = loads_policy(
            (POLICY + GRADED).replace('min = "0"\nmay_be_missing', 'min = "0"\nfrom = "client.revenue"\nmay_be_missing', 1)
        )
        new = attrs.evolve(old, grades=[attrs.evolve(old.grades[0], parts=4)], vip=old.vip_programmes)
        clients = [Client(id=f"c-{n}", name="x", stage="open", attributes={"revenue": n, "orders": 1}) for n in range(4)]
        moves = compare_on(old, new, Book(clients=clients), as_of=DAY).grade_moves
        assert [(one.grade_id, one.client_id, one.before.grade, one.after.grade) for one in moves] == [
            ("spend", "c-1", 1, 2),
            ("spend", "c-2", 2, 3),
            ("spend", "c-3", 2, 4),
        ]

    def test_a_book_shows_who_comes_into_a_segment_and_who_is_in_another_cell(self) -> None:
        text = POLICY.replace('min = "0"\nmay_be_missing', 'min = "0"\nfrom = "client.revenue"\nmay_be_missing', 1)
        text += (
            '[[segment]]\nid = "big"\nwhen = "revenue >= 200"\n[[segment]]\nid = "likely"\nby = ["likelihood"]\n'
            "scope = \"client.stage == 'open'\"\n"
        )
        text = text.replace('values = ["none", "low", "high"]', 'values = ["none", "low", "high"]\nfrom = "client.likelihood"')
        old = loads_policy(text)
        new = loads_policy(
            text.replace("revenue >= 200", "revenue >= 100").replace('from = "client.likelihood"', 'from = "client.hope"')
        )
        kim = Client(id="kim", name="K", stage="open", attributes={"revenue": 150, "likelihood": "low", "hope": "high"})
        lee = Client(id="lee", name="L", stage="visitor", attributes={"revenue": 50, "likelihood": "low", "hope": "high"})
        found = compare_on(old, new, Book(clients=[kim, lee]), as_of=DAY)
        told = [
            (m.segment_id, m.client_id, m.before.answer, m.after.answer, m.before.cells, m.after.cells)
            for m in found.segment_moves
        ]
        assert told == [
            ("big", "kim", "no", "yes", (), ()),
            ("likely", "kim", "yes", "yes", (("low",),), (("high",),)),
        ]


HOUSE = """
[[field_class]]
id = "basic"
fields = ["client.name", "client.region"]

[[access]]
id = "look"
roles = ["keeper", "auditor"]
actions = ["get", "search"]
classes = ["basic"]

[[identity]]
fields = ["client.name", "person.phone"]
"""


class TestAccess:
    """ACC-1: who may do what is compared too, and the order of a list is no difference."""

    def test_the_order_in_lists_says_nothing(self) -> None:
        pairs = (
            ('["client.name", "client.region"]', '["client.region", "client.name"]'),
            ('["keeper", "auditor"]', '["auditor", "keeper"]'),
            ('["get", "search"]', '["search", "get"]'),
            ('["client.name", "person.phone"]', '["person.phone", "client.name"]'),
        )
        old, text = POLICY + HOUSE, POLICY + HOUSE
        for before, after in pairs:
            text = text.replace(before, after)
        assert loads_policy(old) == loads_policy(text)
        found = changed(*pairs, old=old)
        assert (found.changes, found.is_equal) == ((), True)

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            ('"auditor"]', '"auditor", "clerk"]', ("access", "look", "roles", "auditor, keeper", "auditor, clerk, keeper")),
            ('"search"]\n', '"search"]\napproval = true\n', ("access", "look", "approval", "no", "yes")),
            (', "client.region"]', "]", ("field_class", "basic", "fields", "client.name, client.region", "client.name")),
            (', "person.phone"]', "]", ("identity", "client.name", "", None, None)),
        ],
    )
    def test_whatever_lets_others_in_can_matter(self, before: str, after: str, told: tuple[str | None, ...]) -> None:
        found = changed((before, after), old=POLICY + HOUSE)
        first = found.changes[0]
        assert (first.room, first.id, first.field, first.before, first.after) == told
        assert first.can_matter
        assert not found.is_equal


class TestRetention:
    """ACC-5: how long records are kept is compared too."""

    def test_a_clock_is_there_or_it_is_not_and_its_lists_have_no_order(self) -> None:
        old = loads_policy(POLICY + KEPT)
        (removed, added) = sorted(
            compare(old, loads_policy(POLICY + KEPT.replace("5 years", "6 years"))).changes, key=lambda one: one.id
        )
        assert (removed.room, removed.kind, added.kind) == ("retention", "removed", "added")
        assert removed.id == "keep kinds client, purchase; ground proof of payment; lasts 5 years; counted_from event"
        assert compare(old, loads_policy(POLICY + KEPT.replace('"purchase", "client"', '"client", "purchase"'))).is_equal

    def test_a_law_that_runs_too_is_a_change(self) -> None:
        (change,) = compare(loads_policy(POLICY), loads_policy(POLICY + '[retention]\nlaws = ["kr"]\n')).changes
        assert (change.room, change.field, change.after, change.can_matter) == ("retention", "laws", "kr", True)


KEPT = """
[retention]
[[retention.keep]]
kinds = ["purchase", "client"]
ground = "proof of payment"
lasts = "5 years"
"""
