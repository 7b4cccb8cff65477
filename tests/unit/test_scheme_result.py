from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest

from relcare.errors import UnknownRecordError
from relcare.model import Reason
from relcare.policy import FactType, Vocabulary, criterion
from relcare.segmentation import (
    Assignment,
    BorderTie,
    QuotaScheme,
    QuotaTier,
    SchemeResult,
    ThresholdScheme,
    ThresholdTier,
    assign,
)

WORDS = Vocabulary({"points": FactType(kind="integer", grain=Decimal(1)), "stage": FactType(kind="category")})
HALVES = (QuotaTier("A", "50%"), QuotaTier("B", "50%"))
QUOTA = QuotaScheme(id="abc", tiers=HALVES, score="points", scope=criterion("stage != 'visitor'"))
LADDER = ThresholdScheme(
    id="abc",
    tiers=[ThresholdTier("Z", criterion("points > 9")), ThresholdTier("A", criterion("points > 1"))],
    scope=criterion("stage != 'visitor'"),
)
# A visitor, two without points (one with a tier), one of unknown stage, and ties.
POINTS: Mapping[str, Any] = {"f": 9, "e": 10, "d": None, "c-10": 9, "c-2": 9, "b": 3, "visitor": 99, "a": None, "unknown": 5}
ROWS = {
    client_id: {"points": points, "stage": {"visitor": "visitor", "unknown": None}.get(client_id, "open")}
    for client_id, points in POINTS.items()
}


def run(scheme: QuotaScheme | ThresholdScheme = QUOTA) -> SchemeResult:
    return assign(scheme, ROWS, vocabulary=WORDS, tiers_in_force={"a": "A"})


def test_the_ranked_come_in_order_of_rank_and_then_the_others_by_id() -> None:
    found = run().assignments
    assert [assignment.client_id for assignment in found] == ["e", "c-10", "c-2", "f", "b", "a", "d", "unknown"]
    assert [assignment.rank for assignment in found] == [1, 2, 3, 4, 5, None, None, None]


def test_those_of_a_threshold_come_by_tier_best_first_then_by_id_and_the_held_last() -> None:
    found = run(LADDER).assignments
    assert [(assignment.client_id, assignment.tier) for assignment in found] == [
        ("e", "Z"),
        ("a", "A"),
        ("b", "A"),
        ("c-10", "A"),
        ("c-2", "A"),
        ("f", "A"),
        ("d", None),
        ("unknown", None),
    ]


@pytest.mark.parametrize("scheme", [QUOTA, LADDER], ids=["quota", "threshold"])
def test_the_order_of_the_rows_does_not_matter(scheme: QuotaScheme | ThresholdScheme) -> None:
    backwards = assign(scheme, dict(reversed(ROWS.items())), vocabulary=WORDS, tiers_in_force={"a": "A"})
    assert backwards.assignments == run(scheme).assignments
    assert (backwards.sizes, backwards.held, backwards.ties) == (run(scheme).sizes, run(scheme).held, run(scheme).ties)


def test_who_is_out_of_scope_can_be_asked_about_but_is_not_listed() -> None:
    result = run()
    assert result.out_of_scope == {"visitor"}
    assert "visitor" in result.client_ids
    assert not result.assignment("visitor").is_in_scope
    assert all(assignment.is_in_scope for assignment in result.assignments)


def test_an_assignment_is_the_same_alone_and_in_the_list() -> None:
    for result in (run(), run(LADDER)):
        assert all(result.assignment(assignment.client_id) == assignment for assignment in result.assignments)
        assert {a.client_id: a.tier for a in result.assignments if a.tier is not None} == result.tiers


def test_sizes_count_the_kept_ones_and_name_every_tier_best_first() -> None:
    assert list(run().sizes.items()) == [("A", 4), ("B", 2)]
    assert list(run(LADDER).sizes.items()) == [("Z", 1), ("A", 5)]
    nobody = assign(QUOTA, {}, vocabulary=WORDS, tiers_in_force={})
    assert list(nobody.sizes.items()) == [("A", 0), ("B", 0)]
    assert (nobody.assignments, nobody.held, nobody.ties, nobody.tiers) == ((), (), (), {})


def test_sizes_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        run().sizes["A"] = 7  # type: ignore[index]


def test_the_held_are_listed_by_code_point() -> None:
    assert run().held == ("d", "unknown")
    assert run(LADDER).held == ("d", "unknown")


def test_a_tie_tells_who_got_what() -> None:
    (tie,) = run().ties
    assert tie == BorderTie(tier="A", score=Decimal(9), client_ids=("c-10", "c-2", "f"), tiers=("A", "A", "B"))
    assert tie.is_unequal
    (upward,) = run(attrs.evolve(QUOTA, ties="together upward")).ties
    assert (upward.tiers, upward.is_unequal) == (("A", "A", "A"), False)
    (downward,) = run(attrs.evolve(QUOTA, ties="together downward")).ties
    assert (downward.tiers, downward.is_unequal) == (("B", "B", "B"), False)
    assert run(LADDER).ties == ()


def test_who_was_not_asked_about_is_unknown() -> None:
    with pytest.raises(UnknownRecordError, match="unknown client 'nobody'"):
        run().assignment("nobody")


class TestLaziness:
    """Objects are made when asked for, tiers at once."""

    asked: list[str]

    def counting(self) -> SchemeResult:
        self.asked = []
        plain = run()

        def explain(client_id: str) -> Assignment:
            self.asked.append(client_id)
            return attrs.evolve(plain.assignment(client_id), reasons=(Reason("fact.out_of_bounds"),))

        return plain.explained_by(explain)

    def test_tiers_and_sizes_explain_nobody(self) -> None:
        result = self.counting()
        assert result.tiers["e"] == "A"
        assert result.sizes == {"A": 4, "B": 2}
        assert result.ties
        assert self.asked == []

    def test_one_question_explains_one_client(self) -> None:
        assert self.counting().assignment("e").reasons == (Reason("fact.out_of_bounds"),)
        assert self.asked == ["e"]

    def test_the_list_is_worked_out_once_and_its_order_is_that_of_the_tiers(self) -> None:
        result = self.counting()
        assert [assignment.client_id for assignment in result.assignments] == [a.client_id for a in run().assignments]
        assert result.assignments is result.assignments
        assert result.held == ("d", "unknown")
        assert sorted(self.asked) == sorted(ROWS)
