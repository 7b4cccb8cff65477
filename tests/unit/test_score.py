from decimal import Context, Decimal, localcontext
from typing import Any

import pytest

from relcare.policy import Core, FactType, Vocabulary
from relcare.segmentation import Band, QuotaScheme, QuotaTier, Scorer, ScoreTerm, scorer_of

WORDS = Vocabulary(
    {
        "revenue": FactType(kind="money", grain=Decimal("0.01")),
        "dozens": FactType(kind="integer", grain=Decimal(12)),
        "likelihood": FactType(kind="level", values=("none", "low", "medium", "high")),
        "sector": FactType(kind="category", values=("public", "private")),
        "is_local": FactType(kind="flag"),
    }
)


def scorer(score: Any) -> Scorer:
    return scorer_of(QuotaScheme(id="abc", tiers=[QuotaTier("A", "100%")], score=score), WORDS)


def bands(fact: str, *starts_and_points: tuple[str, str], missing: str | None = None) -> ScoreTerm:
    return ScoreTerm(fact=fact, bands=[Band(*pair) for pair in starts_and_points], missing_points=missing)


def worth(term: ScoreTerm, value: Core) -> Decimal | None:
    """What one term gives to a fact in core form."""
    made = scorer([term])
    score = made.score({term.fact: value})
    return None if score is None else made.in_words(score)


class TestAFactAsItStands:
    """SEG-5: a score is a single fact as it stands."""

    def test_money_is_its_grains(self) -> None:
        made = scorer("revenue")
        assert made.facts == ("revenue",)
        assert made.score({"revenue": 1_234_567}) == 1_234_567
        assert str(made.in_words(1_234_567)) == "12345.67"

    def test_the_grain_may_be_greater_than_one(self) -> None:
        assert scorer("dozens").in_words(7) == 84

    def test_a_level_counts_by_its_rank(self) -> None:
        made = scorer("likelihood")
        assert [made.score({"likelihood": rank}) for rank in range(4)] == [0, 1, 2, 3]
        assert made.in_words(3) == 3

    def test_nothing_and_less_than_nothing_are_scores(self) -> None:
        made = scorer("revenue")
        assert made.score({"revenue": 0}) == 0
        assert str(made.in_words(-1)) == "-0.01"

    def test_a_missing_fact_is_no_score(self) -> None:
        made = scorer("revenue")
        for row in ({}, {"revenue": None}):
            assert made.score(row) is None
            assert made.missing(row) == ("revenue",)
        assert made.missing({"revenue": 0}) == ()


class TestBands:
    """SEG-5: bands are inclusive from `from`; below the first band 0 points."""

    term = bands("revenue", ("100", "2"), ("1000", "5"))

    @pytest.mark.parametrize(
        ("grains", "points"),
        [
            (-100_000_000, 0),
            (0, 0),
            (9_999, 0),
            (10_000, 2),
            (10_001, 2),
            (99_999, 2),
            (100_000, 5),
            (100_001, 5),
            (10**20, 5),
        ],
    )
    def test_a_band_holds_from_its_start_to_the_grain_before_the_next(self, grains: int, points: int) -> None:
        assert worth(self.term, grains) == points

    def test_the_order_of_writing_does_not_matter(self) -> None:
        turned = bands("revenue", ("1000", "5"), ("100", "2"))
        assert [worth(turned, grains) for grains in (0, 10_000, 100_000)] == [0, 2, 5]

    def test_a_band_may_begin_below_zero_and_may_take_away(self) -> None:
        term = bands("revenue", ("-1", "-3"), ("0", "0"), ("0.01", "0.5"))
        assert [worth(term, grains) for grains in (-101, -100, -1, 0, 1)] == [0, -3, -3, 0, Decimal("0.5")]

    def test_starts_are_counted_on_the_grain_of_the_fact(self) -> None:
        term = bands("dozens", ("24", "1"))
        assert [worth(term, grains) for grains in (1, 2)] == [0, 1]


class TestPoints:
    def test_each_level_has_its_points_in_any_order_of_writing(self) -> None:
        term = ScoreTerm(fact="likelihood", points={"high": 6, "none": 0, "medium": 3, "low": 1})
        assert [worth(term, rank) for rank in range(4)] == [0, 1, 3, 6]

    def test_so_have_the_values_of_a_category_and_of_a_flag(self) -> None:
        sector = ScoreTerm(fact="sector", points={"private": 2, "public": 1})
        assert [worth(sector, value) for value in ("public", "private")] == [1, 2]
        local = ScoreTerm(fact="is_local", points={"true": 1, "false": "-1"})
        assert [worth(local, value) for value in (True, False)] == [1, -1]


class TestMissingPoints:
    """SEG-8: points for a missing fact may be declared; without them the score is missing."""

    def test_what_is_declared_for_a_missing_fact_counts(self) -> None:
        assert worth(bands("revenue", ("1", "5"), missing="2.5"), None) == Decimal("2.5")
        assert worth(ScoreTerm(fact="is_local", points={"true": 1, "false": 0}, missing_points=0), None) == 0

    def test_one_missing_fact_without_points_leaves_no_score(self) -> None:
        made = scorer([bands("revenue", ("1", "5"), missing="0"), ScoreTerm(fact="sector", points={"public": 1, "private": 0})])
        assert made.score({"revenue": 1_000}) is None
        assert made.missing({"revenue": 1_000}) == ("sector",)
        assert made.missing({}) == ("sector",), "a fact with points for its absence is not wanted"
        assert made.score({"sector": "public"}) == 1

    def test_what_is_wanted_is_named_once_and_in_order_of_name(self) -> None:
        terms = [bands("revenue", ("1", "1")), bands("dozens", ("12", "1")), bands("revenue", ("2", "1"))]
        made = scorer(terms)
        assert made.facts == ("revenue", "dozens", "revenue")
        assert made.missing({}) == ("dozens", "revenue")


class TestSums:
    """SEG-5: units never mix; exact."""

    def test_terms_add_up(self) -> None:
        made = scorer([bands("revenue", ("1", "2")), ScoreTerm(fact="is_local", points={"true": 3, "false": 0})])
        assert made.score({"revenue": 100, "is_local": True}) == 5

    def test_a_fact_may_count_twice(self) -> None:
        made = scorer([bands("revenue", ("1", "2")), bands("revenue", ("2", "3"))])
        assert [made.score({"revenue": grains}) for grains in (99, 100, 200)] == [0, 2, 5]

    def test_tenths_add_up_to_what_people_expect(self) -> None:
        tenth = bands("revenue", ("0", "0.1"))
        made = scorer([tenth, bands("revenue", ("0", "0.2"))])
        assert made.in_words(made.score({"revenue": 0}) or 0) == Decimal("0.3")

    def test_the_unit_is_the_finest_step_of_any_points_the_missing_ones_included(self) -> None:
        assert scorer([bands("revenue", ("0", "10"))]).unit == 1
        assert scorer([bands("revenue", ("0", "1"), ("1", "0.25"))]).unit == Decimal("0.01")
        assert scorer([bands("revenue", ("0", "1")), bands("dozens", ("0", "1"), missing="0.001")]).unit == Decimal("0.001")
        thousand = ScoreTerm(fact="revenue", bands=[Band(Decimal(0), Decimal("1E+3"))])
        assert scorer([thousand]).unit == 1
        assert scorer([thousand]).score({"revenue": 0}) == 1_000

    def test_long_and_fine_points_are_exact_whatever_the_hosts_context(self) -> None:
        long, fine = "9" * 28, "0.000000000001"
        with localcontext() as context:
            context.prec = 4
            made = scorer([bands("revenue", ("0", long)), bands("dozens", ("0", fine))])
            score = made.score({"revenue": 0, "dozens": 0})
            assert score == int(long) * 10**12 + 1
            assert f"{made.in_words(score):f}" == f"{long}.000000000001"
            assert str(scorer("revenue").in_words(123_456_789)) == "1234567.89"
            assert scorer([bands("revenue", ("1234567.89", "1"))]).score({"revenue": 123_456_788}) == 0


def test_small_points_are_exact_whatever_the_context_of_the_host() -> None:
    with localcontext(Context(prec=3, Emin=-3, Emax=3)):
        given = worth(ScoreTerm(fact="revenue", weight=Decimal("0.00012345678")), 200)
    assert given == Decimal("0.00024691356")
