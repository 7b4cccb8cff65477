"""SEG-4: quotas per group, by a plain reading: each group as if it were all there is."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.model import Pin
from relcare.policy import CLIENT_FACTS, Core, Fact, FactType, Vocabulary
from relcare.segmentation import (
    Assignment,
    LiveScheme,
    QuotaScheme,
    QuotaTier,
    SchemeResult,
    assign,
    grouper_of,
    scheme_problems,
)
from relcare.testing import quota_schemes, scheme_cases

Rows: TypeAlias = dict[str, dict[str, Core]]

WORDS: Final = Vocabulary(
    {
        "orders": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), high=Decimal(4)),
        "line": FactType(kind="category", values=("retail", "trade")),
        "appetite": FactType(kind="level", values=("low", "high")),
        "client.region": CLIENT_FACTS["client.region"],
        "client.relationship_types": CLIENT_FACTS["client.relationship_types"],
    }
)
cases = scheme_cases(quota_schemes(WORDS, grouped=True), WORDS, max_clients=12)
HALVES: Final = [QuotaTier("A", "50%"), QuotaTier("B", "50%")]
BY_REGION: Final = QuotaScheme(id="abc", tiers=HALVES, score="orders", group_by="client.region")


def groups_in(scheme: QuotaScheme, rows: Rows) -> dict[str, str | None]:
    """The group of each client, read from the value as people write it."""
    by = scheme.group_by or ""
    values = {client_id: WORDS[by].decode(row.get(by)) for client_id, row in rows.items()}
    return {
        client_id: None
        if value is None or value == frozenset()
        else ", ".join(sorted(value))
        if isinstance(value, frozenset)
        else str(value)
        for client_id, value in values.items()
    }


def pins_of(scheme: QuotaScheme, rows: Rows, picks: list[int]) -> dict[str, Pin]:
    found: dict[str, Pin] = {}
    for client_id, pick in zip(sorted(rows), picks, strict=False):
        if pick < len(scheme.tier_ids):
            found[client_id] = Pin(
                client_id=client_id,
                scheme_id=scheme.id,
                tier=scheme.tier_ids[pick],
                kind="exact" if pick % 2 else "floor",
                by="zhou",
                reason="agreed",
                start_on=date(2026, 1, 1),
            )
    return found


def told(found: Assignment) -> tuple[object, ...]:
    return found.tier, found.score, found.rank, found.border, found.is_held, found.is_in_scope


class TestQuotasPerGroup:
    """SEG-4: Quotas may be per group: region, owner, business line, relationship type. Several schemes live side by side."""

    @given(case=cases, picks=st.lists(st.integers(0, 9), max_size=12), kept=st.lists(st.integers(0, 5), max_size=12))
    def test_each_group_is_cut_as_if_it_were_all_there_is(
        self, case: tuple[QuotaScheme, Rows], picks: list[int], kept: list[int]
    ) -> None:
        scheme, rows = case
        pins = pins_of(scheme, rows, picks)
        known = [*scheme.tier_ids, "gone"]
        in_force = {client_id: known[pick % len(known)] for client_id, pick in zip(sorted(rows), kept, strict=False)}
        whole = assign(scheme, rows, vocabulary=WORDS, tiers_in_force=in_force, pins=pins)
        groups = groups_in(scheme, rows)
        for group in sorted({group for group in groups.values() if group is not None}):
            part = {client_id: row for client_id, row in rows.items() if groups[client_id] == group}
            alone = self.alone(scheme, part, in_force, pins)
            for client_id in part:
                assert told(whole.assignment(client_id)) == told(alone.assignment(client_id))
                assert whole.wanted.get(client_id) == alone.wanted.get(client_id)
                if client_id not in whole.out_of_scope:
                    assert whole.assignment(client_id).group == group
            assert [attrs.evolve(tie, group=None) for tie in whole.ties if tie.group == group] == list(alone.ties)
            if any(client_id not in whole.out_of_scope for client_id in part):
                assert whole.sizes_by_group[group] == alone.sizes

    @staticmethod
    def alone(scheme: QuotaScheme, rows: Rows, in_force: Mapping[str, str], pins: Mapping[str, Pin]) -> SchemeResult:
        plain = attrs.evolve(scheme, group_by=None)
        own = {client_id: pin for client_id, pin in pins.items() if client_id in rows}
        return assign(plain, rows, vocabulary=WORDS, tiers_in_force=in_force, pins=own)

    @given(case=cases)
    def test_who_has_no_group_has_no_rank_and_takes_no_place(self, case: tuple[QuotaScheme, Rows]) -> None:
        scheme, rows = case
        groups = groups_in(scheme, rows)
        result = assign(scheme, rows, vocabulary=WORDS, tiers_in_force={})
        for client_id, group in groups.items():
            found = result.assignment(client_id)
            if group is None and client_id not in result.out_of_scope:
                assert found.rank is None
                assert found.group is None
                assert found.tier == (None if found.reasons[0].code == "segmentation.scope_unknown" else scheme.newcomer)
                assert found.reasons[0].code == "segmentation.scope_unknown" or scheme.group_by in found.missing
        grouped = {client_id: row for client_id, row in rows.items() if groups[client_id] is not None}
        without = assign(scheme, grouped, vocabulary=WORDS, tiers_in_force={})
        assert without.tiers == {client_id: tier for client_id, tier in result.tiers.items() if client_id in grouped} or (
            scheme.uses_quota
        )
        assert without.sizes_by_group == result.sizes_by_group

    @given(case=cases)
    def test_sizes_of_the_groups_and_of_who_has_none_sum_to_the_sizes(self, case: tuple[QuotaScheme, Rows]) -> None:
        scheme, rows = case
        result = assign(scheme, rows, vocabulary=WORDS, tiers_in_force={})
        ungrouped = [tier for client_id, tier in result.tiers.items() if client_id not in result.groups]
        for tier in scheme.tier_ids:
            assert sum(sizes[tier] for sizes in result.sizes_by_group.values()) + ungrouped.count(tier) == result.sizes[tier]


class TestOneScheme:
    """SEG-4, by examples."""

    ROWS: Final[Rows] = {
        "a": {"orders": 4, "client.region": "north"},
        "b": {"orders": 3, "client.region": "north"},
        "c": {"orders": 2, "client.region": "south"},
        "d": {"orders": 2, "client.region": "south"},
        "e": {"orders": 4, "client.region": None},
    }

    def result(self) -> SchemeResult:
        return assign(BY_REGION, self.ROWS, vocabulary=WORDS, tiers_in_force={})

    def test_ranks_borders_sizes_and_ties_are_of_the_own_group(self) -> None:
        found = self.result()
        assert dict(found.tiers) == {"a": "A", "b": "B", "c": "A", "d": "B"}
        assert [(one.client_id, one.group, one.rank) for one in found.assignments] == [
            ("a", "north", 1),
            ("b", "north", 2),
            ("c", "south", 1),
            ("d", "south", 2),
            ("e", None, None),
        ]
        assert found.assignment("c").border == 2
        assert {group: dict(sizes) for group, sizes in found.sizes_by_group.items()} == {
            "north": {"A": 1, "B": 1},
            "south": {"A": 1, "B": 1},
        }
        assert [(tie.group, tie.client_ids) for tie in found.ties] == [("south", ("c", "d"))]
        assert found.ranking is None
        assert found.ranking_for("e") is None

    def test_the_reasons_name_the_group_and_its_fact(self) -> None:
        found = self.result().assignment("b")
        assert found.reasons[0].facts["client.region"] == "north"
        assert found.reasons[0].values["count"] == 2
        assert dict(found.reasons[1].values) == {"scheme": "abc", "by": "client.region", "group": "north"}

    def test_who_has_no_group_is_held_and_the_fact_named(self) -> None:
        found = self.result().assignment("e")
        assert found.is_held
        assert found.missing == ("client.region",)

    def test_equal_sets_are_one_group_whatever_their_order(self) -> None:
        named = grouper_of(attrs.evolve(BY_REGION, group_by="client.relationship_types"), WORDS)
        assert named({"client.relationship_types": frozenset({"supplier", "partner"})}) == "partner, supplier"
        assert named({"client.relationship_types": frozenset()}) is None

    def test_a_number_makes_no_groups(self) -> None:
        scheme = QuotaScheme(id="abc", tiers=HALVES, score="appetite", group_by="orders")
        assert [problem.message for problem in scheme_problems(scheme, WORDS)] == [
            "orders is a integer: groups need a category, a level or a set"
        ]
        unknown = attrs.evolve(scheme, group_by="client.regoin")
        (problem,) = scheme_problems(unknown, WORDS)
        assert problem.path == ("group_by",)
        assert problem.hint == "did you mean 'client.region'?"

    def test_a_fact_of_the_score_makes_no_groups(self) -> None:
        with pytest.raises(InvalidValueError, match="group_by"):
            QuotaScheme(id="abc", tiers=HALVES, score="appetite", group_by="appetite")

    def test_groups_are_kept_up_to_date_one_client_at_a_time(self) -> None:
        live = LiveScheme(BY_REGION, self.ROWS, vocabulary=WORDS)
        assert dict(live.tiers) == dict(assign(BY_REGION, self.ROWS, vocabulary=WORDS, tiers_in_force={}).tiers)

    def test_a_document_says_it(self) -> None:
        policy = Policy(
            id="p",
            version="1",
            effective_from=date(2026, 1, 1),
            facts=[Fact(id="orders", type="integer")],
            segmentation=[BY_REGION],
        )
        written = dumps_policy(policy)
        assert 'group_by = "client.region"' in written
        assert loads_policy(written) == policy
