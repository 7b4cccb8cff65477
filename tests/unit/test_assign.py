from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from relcare.model import Reason
from relcare.policy import Core, FactType, Vocabulary, criterion
from relcare.segmentation import (
    Assignment,
    Band,
    QuotaScheme,
    QuotaTier,
    Scheme,
    SchemeResult,
    ScoreTerm,
    ThresholdScheme,
    ThresholdTier,
    assign,
    assign_one,
    in_scope,
)

WORDS = Vocabulary(
    {
        "points": FactType(kind="integer", grain=Decimal(1)),
        "revenue": FactType(kind="money", grain=Decimal("0.01")),
        "stage": FactType(kind="category", values=("visitor", "open")),
        "risk": FactType(kind="level", values=("low", "middle", "high")),
    }
)
ABC = (QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%"))
NOT_VISITORS = criterion("stage != 'visitor'")


def quota(**more: Any) -> QuotaScheme:
    given: dict[str, Any] = {"id": "abc", "tiers": ABC, "score": "points"}
    return QuotaScheme(**(given | more))


def threshold(*tiers: tuple[str, str], **more: Any) -> ThresholdScheme:
    return ThresholdScheme(id="abc", tiers=[ThresholdTier(tier, criterion(when)) for tier, when in tiers], **more)


def run(scheme: Scheme, rows: Mapping[str, Mapping[str, Core]], in_force: Mapping[str, str] | None = None) -> SchemeResult:
    return assign(scheme, rows, vocabulary=WORDS, tiers_in_force=in_force or {})


def of_points(*points: int | None) -> dict[str, dict[str, Core]]:
    """Clients named by letters, in the order given."""
    return {"abcdefghij"[index]: {"points": value} for index, value in enumerate(points)}


def tiers(result: SchemeResult) -> str:
    """The tier of each client in the order asked about, `-` without one."""
    return " ".join(result.tiers.get(client_id, "-") for client_id in result.client_ids)


def one(scheme: Scheme, row: Mapping[str, Core], in_force: str | None = None) -> Assignment:
    return run(scheme, {"c-1": row}, {} if in_force is None else {"c-1": in_force}).assignment("c-1")


def only_reason(assignment: Assignment) -> Reason:
    (reason,) = assignment.reasons
    return reason


class TestQuota:
    """SEG-2, SEG-3."""

    @pytest.mark.parametrize(("count", "sizes"), [(0, (0, 0, 0)), (1, (0, 1, 0)), (7, (1, 3, 3)), (91, (18, 37, 36))])
    def test_the_head_counts_are_those_of_the_rule(self, count: int, sizes: tuple[int, int, int]) -> None:
        result = run(quota(), {f"c-{n}": {"points": n * 7919 % 101} for n in range(count)})
        assert tuple(result.sizes.values()) == sizes
        assert list(result.sizes) == ["A", "B", "C"]

    def test_the_best_scores_go_into_the_best_tier(self) -> None:
        assert tiers(run(quota(), of_points(1, 7, 3, 6, 2, 5, 4))) == "C A C B C B B"

    def test_a_tier_without_a_share_stays_empty(self) -> None:
        split = [QuotaTier("A", "0%"), QuotaTier("B", "50%"), QuotaTier("C", "0%"), QuotaTier("D", "50%")]
        assert tiers(run(quota(tiers=split), of_points(4, 3, 2, 1))) == "B B D D"

    @pytest.mark.parametrize(
        ("ties", "points", "expected", "parted"),
        [
            ("by id", (9, 5, 5, 5, 1), "A B B C C", {"B": "BBC"}),
            ("together upward", (9, 5, 5, 5, 1), "A B B B C", {"B": "BBB"}),
            ("together downward", (9, 5, 5, 5, 1), "A C C C C", {"B": "CCC"}),
            # The cuts of five run after 1 and 3: one group may span both.
            ("by id", (5, 5, 5, 5, 1), "A B B C C", {"A": "ABBC", "B": "ABBC"}),
            ("together upward", (5, 5, 5, 5, 1), "A A A A C", {"A": "AAAA", "B": "AAAA"}),
            ("together downward", (5, 5, 5, 5, 1), "C C C C C", {"A": "CCCC", "B": "CCCC"}),
            ("by id", (5, 5, 5, 5, 5), "A B B C C", {"A": "ABBCC", "B": "ABBCC"}),
            ("together upward", (5, 5, 5, 5, 5), "A A A A A", {"A": "AAAAA", "B": "AAAAA"}),
            ("together downward", (5, 5, 5, 5, 5), "C C C C C", {"A": "CCCCC", "B": "CCCCC"}),
            # Groups that end exactly at a cut.
            ("together downward", (9, 5, 5, 1, 1), "A B B C C", {}),
            ("together upward", (9, 5, 5, 1, 1), "A B B C C", {}),
        ],
    )
    def test_equals_at_a_cut_are_settled_as_declared_and_reported(
        self, ties: str, points: tuple[int, ...], expected: str, parted: dict[str, str]
    ) -> None:
        result = run(quota(ties=ties), of_points(*points))
        assert tiers(result) == expected
        assert {tie.tier: "".join(tie.tiers) for tie in result.ties} == parted
        assert all(tie.score == 5 and tie.is_unequal == (ties == "by id") for tie in result.ties)
        equals = [client_id for client_id, score in zip("abcde", points, strict=True) if score == 5]
        assert all(tie.client_ids == tuple(equals) for tie in result.ties)

    def test_the_assignment_says_score_rank_and_border(self) -> None:
        result = run(
            quota(score="revenue"), {name: {"revenue": grains} for name, grains in zip("abcde", (90, 80, 70, 70, 1), strict=True)}
        )
        second = result.assignment("c")
        assert (second.tier, str(second.score), second.rank, str(second.border)) == ("B", "0.70", 3, "0.70")
        assert (second.is_held, second.is_in_scope, second.missing) == (False, True, ())
        assert second.reasons == (
            Reason(
                "segmentation.ranked",
                {"revenue": Decimal("0.70")},
                {
                    "scheme": "abc",
                    "tier": "B",
                    "score": Decimal("0.70"),
                    "rank": 3,
                    "count": 5,
                    "border_score": Decimal("0.70"),
                    "border_id": "c",
                },
            ),
            Reason("segmentation.tie", {}, {"scheme": "abc", "cut": "B", "ties": "by id", "equals": 2}),
        )
        assert result.assignment("d").tier == "C"
        assert result.assignment("d").reasons[1:] == second.reasons[1:], "who lost the tie is told of it too"
        assert len(result.assignment("a").reasons) == 1

    @pytest.mark.parametrize("ties", ["by id", "together upward", "together downward"])
    def test_the_border_is_the_lowest_score_in_the_tier(self, ties: str) -> None:
        result = run(quota(ties=ties), of_points(9, 9, 8, 5, 5, 5, 5, 5, 2, 1))
        for assignment in result.assignments:
            assert assignment.score is not None
            same = [other.score for other in result.assignments if other.tier == assignment.tier and other.score is not None]
            assert assignment.border == min(same)

    def test_a_sum_of_points_is_the_score(self) -> None:
        terms = [
            ScoreTerm(fact="risk", points={"low": 3, "middle": 1, "high": 0}),
            ScoreTerm(fact="revenue", bands=[Band("1", "0.5")]),
        ]
        rows: dict[str, dict[str, Core]] = {
            "a": {"risk": 0, "revenue": 99},
            "b": {"risk": 0, "revenue": 100},
            "c": {"risk": 2, "revenue": 0},
        }
        result = run(quota(score=terms), rows)
        assert [str(a.score) for a in result.assignments] == ["3.5", "3.0", "0.0"]
        assert result.assignment("b").reasons[0].facts == {"risk": "low", "revenue": Decimal("1.00")}


class TestThreshold:
    """SEG-6: the highest tier whose criterion holds; first match with `otherwise`; or unique."""

    ladder = threshold(("A", "revenue >= 100"), ("B", "revenue >= 10.01"), otherwise="C")

    @pytest.mark.parametrize(
        ("grains", "tier"),
        [(10_001, "A"), (10_000, "A"), (9_999, "B"), (1_001, "B"), (1_000, "C"), (0, "C"), (-1, "C"), (10**18, "A")],
    )
    def test_a_threshold_is_met_exactly_and_missed_by_one_grain(self, grains: int, tier: str) -> None:
        assert one(self.ladder, {"revenue": grains}).tier == tier

    def test_the_highest_tier_wins_however_many_hold(self) -> None:
        assert one(threshold(("A", "points > 0"), ("B", "points > 0"), ("C", "points > 0")), {"points": 1}).tier == "A"

    @pytest.mark.parametrize("hit", ["highest", "first"])
    def test_an_otherwise_that_is_listed_stands_where_it_is_listed(self, hit: str) -> None:
        scheme = threshold(("A", "points > 9"), ("B", "points > 5"), ("C", "points > 1"), hit=hit, otherwise="B")
        assert [one(scheme, {"points": n}).tier for n in (10, 6, 2, 1)] == ["A", "B", "C", "B"]

    def test_what_is_not_listed_is_the_lowest_tier(self) -> None:
        result = run(self.ladder, {"a": {"revenue": 0}, "b": {"revenue": 10_000}, "c": {"revenue": 5_000}})
        assert result.tier_ids == ("A", "B", "C")
        assert result.sizes == {"A": 1, "B": 1, "C": 1}
        assert [assignment.client_id for assignment in result.assignments] == ["b", "c", "a"]

    @pytest.mark.parametrize("hit", ["highest", "unique"])
    def test_without_a_match_and_an_otherwise_the_client_is_held(self, hit: str) -> None:
        scheme = threshold(("A", "points > 9"), ("B", "points > 5 and points < 8"), hit=hit)
        found = one(scheme, {"points": 1}, in_force="A")
        assert (found.tier, found.is_held) == (None, True), "what is known decides: the tier in force does not matter"
        assert only_reason(found) == Reason(
            "segmentation.no_match", {"points": Decimal(1)}, {"scheme": "abc", "tier": None, "when": None, "hit": hit, "met": ()}
        )

    def test_two_that_hold_where_one_may_is_a_conflict(self) -> None:
        scheme = threshold(("A", "points > 9"), ("B", "points > 5"), ("C", "points < 0"), hit="unique", otherwise="D")
        assert [one(scheme, {"points": n}).tier for n in (6, -1, 3)] == ["B", "C", "D"]
        found = one(scheme, {"points": 10}, in_force="C")
        assert (found.tier, found.is_held) == (None, True)
        reason = only_reason(found)
        assert (reason.code, reason.values["met"], reason.values["tier"]) == ("segmentation.conflict", ("A", "B"), None)

    def test_the_reason_names_the_criterion_and_the_facts_of_all_that_were_asked(self) -> None:
        scheme = threshold(("A", "risk == 'low' and points > 9"), ("B", "revenue >= 1"), otherwise="C", scope=NOT_VISITORS)
        row: dict[str, Core] = {"points": 1, "risk": 0, "revenue": 100, "stage": "open"}
        assert only_reason(one(scheme, row)) == Reason(
            "segmentation.threshold_met",
            {"stage": "open", "risk": "low", "points": Decimal(1), "revenue": Decimal("1.00")},
            {"scheme": "abc", "tier": "B", "when": "revenue >= 1", "hit": "highest", "met": ("B",)},
        )
        left = only_reason(one(scheme, row | {"revenue": 99}))
        assert (left.code, left.values["tier"], left.values["when"]) == ("segmentation.otherwise", "C", None)


class TestUnknown:
    """CRI-2: a choice among tiers stands when it is the same whichever way each unknown criterion turns out."""

    @pytest.mark.parametrize(
        ("hit", "otherwise", "answers", "expected"),
        [
            # `?` is unknown, `+` holds, `-` does not; tiers are A, B, C from left to right.
            ("highest", None, "+??", "A"),
            ("highest", None, "?+-", "held"),
            ("highest", None, "-+?", "B"),
            ("highest", None, "--?", "held"),
            ("highest", "C", "--?", "C"),
            ("highest", "C", "-?-", "held"),
            ("highest", "D", "--?", "held"),
            ("highest", "A", "?--", "A"),
            ("highest", "A", "??-", "held"),
            ("first", "C", "--?", "C"),
            ("first", "D", "+??", "A"),
            ("first", "D", "?+?", "held"),
            ("unique", None, "+--", "A"),
            ("unique", None, "+?-", "held"),
            ("unique", None, "++?", "conflict"),
            ("unique", None, "--?", "held"),
            ("unique", "C", "--?", "C"),
            ("unique", "C", "-??", "held"),
            ("unique", "B", "-?-", "B"),
            ("unique", "D", "-?-", "held"),
            ("unique", None, "???", "held"),
            ("unique", "D", "---", "D"),
            ("highest", None, "---", "no match"),
        ],
    )
    def test_the_choice_stands_only_when_it_is_the_same_either_way(
        self, hit: str, otherwise: str | None, answers: str, expected: str
    ) -> None:
        facts = ("points", "revenue", "risk")
        whens = [("A", "points == 1"), ("B", "revenue == 1"), ("C", "risk == 'middle'")]
        core: dict[str, dict[str, Core]] = {
            "points": {"+": 1, "-": 0, "?": None},
            "revenue": {"+": 100, "-": 0, "?": None},
            "risk": {"+": 1, "-": 0, "?": None},
        }
        row = {fact: core[fact][answer] for fact, answer in zip(facts, answers, strict=True)}
        found = one(threshold(*whens, hit=hit, otherwise=otherwise), row)
        code = only_reason(found).code.removeprefix("segmentation.")
        if expected == "held":
            assert (found.tier, found.is_held, code) == (None, True, "missing")
        elif expected in {"conflict", "no match"}:
            assert (found.tier, found.is_held, code) == (None, True, expected.replace(" ", "_"))
        else:
            assert (found.tier, found.is_held, found.missing) == (expected, False, ())

    def test_only_the_facts_that_can_settle_it_are_named(self) -> None:
        scheme = threshold(("A", "points > 1"), ("B", "stage == 'open'"), ("C", "revenue > 1"), otherwise="D")
        assert one(scheme, {"stage": "open"}).missing == ("points",), "below a tier that is certain nothing matters"
        assert one(scheme, {"stage": "visitor"}).missing == ("points", "revenue")
        exclusive = threshold(("A", "points > 1"), ("B", "stage == 'open'"), ("C", "revenue > 1"), hit="unique")
        assert one(exclusive, {"stage": "open"}).missing == ("points", "revenue")

    def test_what_was_known_stands_beside_what_is_missing(self) -> None:
        scheme = threshold(("A", "points > 1 or missing(revenue)"), otherwise="B", scope=NOT_VISITORS)
        found = one(scheme, {"stage": "open", "revenue": 5})
        assert found.missing == ("points",)
        assert only_reason(found) == Reason(
            "segmentation.missing",
            {"stage": "open", "points": None, "revenue": Decimal("0.05")},
            {"scheme": "abc", "tier": None, "missing": ("points",)},
        )


BOTH = pytest.mark.parametrize(
    "scheme_of", [quota, lambda **more: threshold(("A", "points > 1"), ("B", "points > 0"), ("C", "points < 1"), **more)]
)


@BOTH
class TestMissing:
    """SEG-8: absence of data never demotes: `missing = "hold"` or `"newcomer"` with the newcomer tier named."""

    def test_hold_keeps_the_tier_that_it_has(self, scheme_of: Any) -> None:
        found = one(scheme_of(), {}, in_force="A")
        assert (found.tier, found.is_held, found.missing) == ("A", False, ("points",))
        assert only_reason(found) == Reason(
            "segmentation.kept", {"points": None}, {"scheme": "abc", "tier": "A", "missing": ("points",)}
        )

    @pytest.mark.parametrize("in_force", [None, "Z"])
    def test_a_client_without_a_tier_that_the_scheme_knows_is_held(self, scheme_of: Any, in_force: str | None) -> None:
        found = one(scheme_of(), {}, in_force=in_force)
        assert (found.tier, found.is_held, found.missing) == (None, True, ("points",))
        assert only_reason(found).code == "segmentation.missing"
        assert run(scheme_of(), {"c-1": {}}).held == ("c-1",)

    def test_a_newcomer_gets_the_tier_of_newcomers(self, scheme_of: Any) -> None:
        found = one(scheme_of(missing="newcomer", newcomer="B"), {})
        assert (found.tier, found.is_held, found.missing) == ("B", False, ("points",))
        assert only_reason(found) == Reason(
            "segmentation.newcomer", {"points": None}, {"scheme": "abc", "tier": "B", "missing": ("points",)}
        )

    def test_without_a_scope_that_is_known_a_client_keeps_its_tier_or_is_held(self, scheme_of: Any) -> None:
        scheme = scheme_of(scope=NOT_VISITORS, missing="newcomer", newcomer="C")
        kept, held = one(scheme, {"points": 5}, in_force="A"), one(scheme, {"points": 5})
        assert (kept.tier, kept.is_held, held.tier, held.is_held) == ("A", False, None, True)
        for found in (kept, held):
            assert found.is_in_scope
            assert found.missing == ("stage",)
            assert only_reason(found) == Reason(
                "segmentation.scope_unknown", {"stage": None}, {"scheme": "abc", "tier": found.tier, "missing": ("stage",)}
            )

    def test_who_is_outside_the_scope_has_no_tier_and_is_not_held(self, scheme_of: Any) -> None:
        scheme = scheme_of(scope=NOT_VISITORS)
        result = run(scheme, {"c-1": {"stage": "visitor", "points": 9}}, {"c-1": "A"})
        found = result.assignment("c-1")
        assert (found.tier, found.is_held, found.is_in_scope) == (None, False, False)
        assert only_reason(found) == Reason(
            "segmentation.out_of_scope", {"stage": "visitor"}, {"scheme": "abc", "scope": "stage != 'visitor'"}
        )
        assert result.out_of_scope == {"c-1"}
        assert dict(result.tiers) == {}


class TestWhoCounts:
    """SEG-2: n is the ranked."""

    def test_held_kept_and_new_clients_stand_outside_n(self) -> None:
        rows = of_points(7, None, 6, 5, None, 4, 3, 2, 1)
        for more in ({}, {"missing": "newcomer", "newcomer": "C"}):
            result = run(quota(**more), rows, {"b": "A"})
            ranked = {client_id: tier for client_id, tier in result.tiers.items() if rows[client_id]["points"] is not None}
            assert ranked == {"a": "A", "c": "B", "d": "B", "f": "B", "g": "C", "h": "C", "i": "C"}
            assert result.assignment("a").reasons[0].values["count"] == 7

    def test_visitors_and_those_of_unknown_stage_do_not_count_either(self) -> None:
        stages: Sequence[str | None] = ("open", "visitor", None, "open", "open", "open", "open")
        rows: dict[str, dict[str, Core]] = {"abcdefg"[n]: {"stage": stage, "points": n} for n, stage in enumerate(stages)}
        assert tiers(run(quota(scope=NOT_VISITORS), rows)) == "C - - C B B A"


class TestAssignOne:
    def test_one_client_by_itself_gets_what_it_gets_among_others(self) -> None:
        scheme = threshold(("A", "points > 1"), otherwise="B")
        rows = of_points(0, 1, 2, None)
        result = run(scheme, rows, {"d": "A"})
        for client_id, row in rows.items():
            in_force = "A" if client_id == "d" else None
            assert assign_one(scheme, client_id, row, vocabulary=WORDS, tier_in_force=in_force) == result.assignment(client_id)

    def test_a_quota_needs_the_others(self) -> None:
        assert assign_one(quota(), "a", {"points": 1}, vocabulary=WORDS, tier_in_force="A") is None


class TestInScope:
    def test_everybody_is_in_a_scheme_without_a_scope(self) -> None:
        assert in_scope(quota(), {}, WORDS)

    def test_who_may_be_in_is_in(self) -> None:
        scheme = quota(scope=NOT_VISITORS)
        assert in_scope(scheme, {"stage": "open"}, WORDS)
        assert in_scope(scheme, {"stage": None}, WORDS)
        assert not in_scope(scheme, {"stage": "visitor"}, WORDS)
