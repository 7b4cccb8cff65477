"""SEG-7: matrix schemes, by looking the cell up with nothing of the library."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias, cast

import attrs
import pytest
from hypothesis import given

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.policy import Core, Fact, Vocabulary, criterion
from relcare.segmentation import Dimension, Matrix, ThresholdScheme, assign, scheme_problems
from relcare.soundness import justify, prove
from relcare.testing import dimensions, matrix_schemes, scheme_cases

Rows: TypeAlias = dict[str, dict[str, Core]]

FACTS: Final = [
    Fact(id="orders", type="integer", min=0, max=6, polarity="more", may_be_missing=True),
    Fact(id="revenue", type="money", min=0, polarity="more", may_be_missing=True),
    Fact(id="strength", type="level", values=["small", "medium", "large"], polarity="more", may_be_missing=True),
    Fact(id="line", type="category", values=["trade", "retail"], may_be_missing=True),
    Fact(id="is_local", type="flag", may_be_missing=True),
]
WORDS: Final = Vocabulary({fact.id: fact.fact_type for fact in FACTS})
cases = scheme_cases(matrix_schemes(WORDS), WORDS)

BY_SIZE: Final = Dimension(fact="strength", values=["small", ["medium", "large"]])
BY_REVENUE: Final = Dimension(fact="revenue", bands=["0", "10000", "100000"])
MATRIX: Final = Matrix(rows=BY_SIZE, columns=BY_REVENUE, cells=[["C", "C", "B"], ["C", "B", "A"]])
IDS: Final = ["A", "B", "C"]


def scheme_of(matrix: Matrix, *tiers: str) -> ThresholdScheme:
    return ThresholdScheme(id="value", tiers=matrix.tiers(tiers), matrix=matrix)


def decided(scheme: ThresholdScheme, **facts: str | int) -> str | None:
    policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme])
    return policy.decide_facts(facts, as_of=date(2026, 2, 1)).tiers["value"]


def place_in(dimension: Dimension, row: dict[str, Core]) -> int | None:
    """The row or column of a client whose fact is known; None for none."""
    value = WORDS[dimension.fact].decode(row[dimension.fact])
    if isinstance(value, str):
        return next((place for place, group in enumerate(dimension.values) if value in group), None)
    assert isinstance(value, Decimal)
    place = bisect_right(dimension.bands, value) - 1
    return place if place >= 0 else None


class TestMatrixSchemes:
    """SEG-7: Matrix schemes: two dimensions, each cell naming a tier."""

    @given(case=cases)
    def test_a_client_has_the_tier_of_its_cell(self, case: tuple[ThresholdScheme, Rows]) -> None:
        scheme, book = case
        matrix = scheme.matrix
        assert matrix is not None
        assert list(scheme_problems(scheme, WORDS)) == []
        plain = attrs.evolve(scheme, scope=None)
        result = assign(plain, book, vocabulary=WORDS, tiers_in_force={})
        for client_id, row in book.items():
            if row[matrix.rows.fact] is None or row[matrix.columns.fact] is None:
                continue
            line, column = place_in(matrix.rows, row), place_in(matrix.columns, row)
            in_cell = None if line is None or column is None else matrix.cells[line][column]
            found = result.assignment(client_id)
            assert found.tier == (scheme.otherwise if in_cell is None else in_cell)
            code = "cell" if in_cell is not None else "no_match" if scheme.otherwise is None else "otherwise"
            (reason,) = found.reasons
            assert reason.code == f"segmentation.{code}"
            if line is not None and column is not None:
                assert reason.values["row"] == matrix.rows.labels[line]
                assert reason.values["column"] == matrix.columns.labels[column]

    @given(case=cases)
    def test_what_is_missing_decides_nothing_that_knowing_would_not(self, case: tuple[ThresholdScheme, Rows]) -> None:
        scheme, book = case
        matrix = scheme.matrix
        assert matrix is not None
        plain = attrs.evolve(scheme, scope=None, missing="hold", newcomer=None)
        for row in book.values():
            lacking = [fact for fact in matrix.facts if row[fact] is None]
            if len(lacking) != 1:
                continue
            (fact,) = lacking
            kind = WORDS[fact]
            values: list[Core] = [*range(len(kind.values))] if kind.kind == "level" else [*kind.values]
            if not values:
                values = [0, *(int(start / (kind.grain or 1)) for start in (*matrix.rows.bands, *matrix.columns.bands))]
                values = [value for value in values if isinstance(value, int) and value >= 0]
            filled = {str(n): {**row, fact: value} for n, value in enumerate(values)}
            open_one = assign(plain, {"c": row}, vocabulary=WORDS, tiers_in_force={}).tiers.get("c")
            if open_one is not None:
                known = assign(plain, filled, vocabulary=WORDS, tiers_in_force={}).tiers
                assert set(known.values()) == {open_one}

    @given(case=cases)
    def test_a_document_gives_the_equal_scheme_back(self, case: tuple[ThresholdScheme, Rows]) -> None:
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), currency="EUR", facts=FACTS, segmentation=[case[0]])
        text = dumps_policy(policy)
        assert loads_policy(text) == policy
        assert 'kind = "matrix"' in text
        assert "when" not in text

    @given(dimension=dimensions(WORDS))
    def test_rows_and_columns_exclude_each_other(self, dimension: Dimension) -> None:
        tiers = [str(place) for place in range(dimension.count)]
        of_orders = dimension.fact != "orders"
        other = Dimension(fact="orders", bands=["0", "3"]) if of_orders else Dimension(fact="line", values=["trade", "retail"])
        matrix = Matrix(rows=dimension, columns=other, cells=[[tier] * other.count for tier in tiers])
        unique = ThresholdScheme(id="s", tiers=matrix.tiers(tiers), hit="unique")
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[unique])
        assert not [finding for finding in prove(policy).refuted if finding.code == "conflict"]


class TestTheValue:
    """SEG-7: what a matrix looks like, and what it refuses."""

    @pytest.mark.parametrize(
        ("strength", "revenue", "tier"),
        [
            ("small", "0", "C"),
            ("small", "9999.99", "C"),
            ("small", "100000", "B"),
            ("medium", "9999.99", "C"),
            ("medium", "10000", "B"),
            ("large", "99999.99", "B"),
            ("large", "100000", "A"),
        ],
    )
    def test_bands_are_inclusive_from_their_start(self, strength: str, revenue: str, tier: str) -> None:
        assert decided(scheme_of(MATRIX, "A", "B", "C"), strength=strength, revenue=revenue) == tier

    def test_what_is_below_the_first_band_is_in_no_cell(self) -> None:
        matrix = attrs.evolve(MATRIX, columns=Dimension(fact="revenue", bands=["100", "1000", "10000"]))
        scheme = scheme_of(matrix, "A", "B", "C")
        assert decided(scheme, strength="large", revenue="99.99") is None
        assert decided(scheme, revenue="99.99") is None
        assert decided(attrs.evolve(scheme, otherwise="D"), revenue="99.99") == "D"

    def test_cells_of_a_tier_that_lie_together_are_told_together(self) -> None:
        assert str(MATRIX.criterion_of("A")) == "strength in ('medium', 'large') and revenue >= 100000"
        same = Matrix(rows=BY_SIZE, columns=BY_REVENUE, cells=[["C", "B", "B"], ["C", "B", "B"]])
        assert str(same.criterion_of("B")) == "strength in ('small', 'medium', 'large') and revenue >= 10000"
        apart = Matrix(rows=BY_SIZE, columns=BY_REVENUE, cells=[["B", "C", "B"], ["C", "C", "C"]])
        assert str(apart.criterion_of("B")) == ("strength == 'small' and (revenue >= 0 and revenue < 10000 or revenue >= 100000)")

    def test_labels_name_groups_and_bands(self) -> None:
        assert BY_SIZE.labels == ("small", "medium, large")
        assert BY_REVENUE.labels == ("0 to below 10000", "10000 to below 100000", "from 100000")

    def test_a_tier_in_no_cell_never_holds_and_the_proof_says_so(self) -> None:
        scheme = scheme_of(MATRIX, "A", "A-", "B", "C")
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme])
        dead = [finding for finding in prove(policy).refuted if finding.code == "dead.never"]
        assert [(finding.places, finding.values["rule"]) for finding in dead] == [(("segmentation[0].tiers[1].when",), "A-")]
        left_over = attrs.evolve(policy, segmentation=[attrs.evolve(scheme, otherwise="A-")])
        assert not [finding for finding in prove(left_over).refuted if finding.code == "dead.never"]

    def test_a_matrix_that_gives_less_for_more_is_refuted(self) -> None:
        turned = attrs.evolve(MATRIX, cells=[["C", "C", "B"], ["C", "A", "B"]])
        policy = Policy(
            id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme_of(turned, "A", "B", "C")]
        )
        (finding,) = (finding for finding in prove(policy).refuted if finding.code == "monotone")
        assert finding.values["fact"] == "revenue"
        assert [witness.outcome for witness in finding.witnesses] == ["A", "B"]

    def test_a_gap_is_told_with_what_a_matrix_can_do_about_it(self) -> None:
        matrix = attrs.evolve(MATRIX, columns=Dimension(fact="revenue", bands=["100", "1000", "10000"]))
        policy = Policy(
            id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme_of(matrix, "A", "B", "C")]
        )
        (finding,) = (finding for finding in prove(policy).refuted if finding.code == "total.gap")
        assert finding.hint == 'write otherwise = "C", or let a tier take these clients'

    def test_a_tier_of_a_matrix_says_what_would_better_it(self) -> None:
        scheme = scheme_of(MATRIX, "A", "B", "C")
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme])
        result = policy.decide_facts({"strength": "small", "revenue": "5000"}, as_of=date(2026, 2, 1))
        why = justify(policy, result).tier("value")
        assert why.outcome == "C"
        up = why.lever("revenue").up
        assert up is not None
        assert (up.becomes, up.outcome) == (Decimal("100000.00"), "B")

    def test_who_stays_is_asked_as_in_any_threshold_scheme(self) -> None:
        tiers = MATRIX.tiers(["A", "B", "C"], {"A": criterion("revenue >= 90000")})
        scheme = ThresholdScheme(id="value", tiers=tiers, matrix=MATRIX)
        row: dict[str, Core] = {"strength": 2, "revenue": 9_500_000}
        result = assign(scheme, {"c": row}, vocabulary=WORDS, tiers_in_force={"c": "A"})
        assert (result.tiers["c"], result.wanted["c"]) == ("B", "A")

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Dimension(fact="x"), "values is .*must be given, or bands, and not both"),
            (lambda: Dimension(fact="x", values=["a"], bands=["1"]), "and not both"),
            (lambda: Dimension(fact="x", values=["a", ["b", "a"]]), r"values\[1\] is 'a': must not be named twice"),
            (lambda: Dimension(fact="x", values=["a", []]), r"values\[1\] .*at least one value"),
            (lambda: Dimension(fact="x", bands=["1", "1"]), r"bands\[1\] is '1': must be above the band before it, 1"),
            (lambda: attrs.evolve(MATRIX, cells=[["C", "C", "B"]]), "cells is 1: must have a line for each row, which are 2"),
            (lambda: attrs.evolve(MATRIX, cells=[["C"], ["C"]]), r"cells\[0\] .*must name a tier for each column, which are 3"),
            (lambda: attrs.evolve(MATRIX, columns=BY_SIZE), "columns is 'strength': must be of another fact than the rows"),
            (lambda: attrs.evolve(MATRIX, rows=cast("Dimension", "strength")), "rows is 'strength': must be a Dimension"),
            (lambda: scheme_of(MATRIX, "A", "C", "BB"), r"cells\[0\]\[2\] is 'B': must be one of.*hint: did you mean 'BB'"),
            (
                lambda: ThresholdScheme(
                    id="v", tiers=MATRIX.tiers(IDS), matrix=attrs.evolve(MATRIX, cells=[["C", "B", "A"], ["C", "B", "A"]])
                ),
                "tiers is .*must have the criteria of the matrix",
            ),
            (
                lambda: ThresholdScheme(id="v", tiers=MATRIX.tiers(IDS), matrix=MATRIX, hit="unique"),
                "hit is 'unique': must be \"highest\"",
            ),
        ],
    )
    def test_parts_that_do_not_fit_are_refused(self, make: object, message: str) -> None:
        assert callable(make)
        with pytest.raises(InvalidValueError, match=message):
            make()
