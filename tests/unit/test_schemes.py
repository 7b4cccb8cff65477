import pickle
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs
import pytest

from relcare.errors import InvalidValueError
from relcare.policy import CLIENT_FACTS, FactType, RuleProblem, Vocabulary, criterion
from relcare.segmentation import (
    Band,
    QuotaScheme,
    QuotaTier,
    Scheme,
    ScoreTerm,
    ThresholdScheme,
    ThresholdTier,
    scheme_problems,
    share_text,
    tier_type,
)

ANYBODY = criterion("revenue >= 0")
WORDS = Vocabulary(
    {
        **CLIENT_FACTS,
        "revenue": FactType(kind="money", grain=Decimal("0.01")),
        "likelihood": FactType(kind="level", values=("low", "high")),
        "sector": FactType(kind="category", values=("public", "private")),
        "nickname": FactType(kind="category"),
        "is_local": FactType(kind="flag"),
        "topics": FactType(kind="set"),
        "met_on": FactType(kind="date"),
    },
    frozenset({"half_written"}),
)


def quota(**more: Any) -> QuotaScheme:
    given: dict[str, Any] = {
        "id": "abc",
        "tiers": [QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")],
        "score": "revenue",
    }
    return QuotaScheme(**(given | more))


def threshold(**more: Any) -> ThresholdScheme:
    given: dict[str, Any] = {"id": "abc", "tiers": [ThresholdTier("A", ANYBODY), ThresholdTier("B", ANYBODY)]}
    return ThresholdScheme(**(given | more))


def term(**more: Any) -> ScoreTerm:
    return ScoreTerm(**({"fact": "revenue"} | more))


def band(start: str, points: str = "1") -> Band:
    return Band(start, points)


def message(make: Callable[[], object]) -> str:
    with pytest.raises(InvalidValueError) as caught:
        make()
    return str(caught.value)


class TestShares:
    @pytest.mark.parametrize(
        ("text", "share"),
        [
            ("20%", Fraction(1, 5)),
            ("20 %", Fraction(1, 5)),
            ("0%", Fraction(0)),
            ("100%", Fraction(1)),
            ("100.000%", Fraction(1)),
            ("12.5%", Fraction(1, 8)),
            ("0.000000001%", Fraction(1, 10**11)),
            ("007%", Fraction(7, 100)),
            ("1/3", Fraction(1, 3)),
            ("2/6", Fraction(1, 3)),
            ("1/1", Fraction(1)),
        ],
    )
    def test_a_percentage_is_read_as_an_exact_fraction(self, text: str, share: Fraction) -> None:
        assert QuotaTier("A", text).share == share

    def test_a_fraction_is_taken_as_it_is(self) -> None:
        assert QuotaTier("A", Fraction(1, 3)).share == Fraction(1, 3)

    @pytest.mark.parametrize(
        "value",
        [
            "20",
            "%",
            "-1%",
            "+1%",
            "1e1%",
            ".5%",
            "5.%",
            "20%%",
            " 20%",
            "20% ",
            "20  %",
            "20\u00a0%",
            "\u0662\u0660%",  # digits that are not ASCII
            "20\uff05",
            "1,5%",
            "0.0000000001%",
            "1000%",
            "1/0",
            "1 / 3",
            "-1/3",
            "1/1000000000",
            "",
            0.2,
            1,
            True,
            None,
            Decimal("0.2"),
        ],
    )
    def test_anything_else_is_no_share(self, value: Any) -> None:
        assert message(lambda: QuotaTier("A", value)) == (
            f'share is {value!r}: must be a percentage or a fraction as text; hint: write "20%" or "1/3"'
        )

    @pytest.mark.parametrize("value", ["100.000000001%", "101%", Fraction(-1, 100), Fraction(101, 100)])
    def test_a_share_is_from_nothing_to_all(self, value: str | Fraction) -> None:
        assert message(lambda: QuotaTier("A", value)) == f"share is {str(value)!r}: must be from 0% to 100%"

    @pytest.mark.parametrize("text", ["20%", "12.5%", "0%", "100%", "0.000000001%", "33.333333333%"])
    def test_a_share_is_written_back_as_it_was_read(self, text: str) -> None:
        assert share_text(QuotaTier("A", text).share) == text

    def test_a_share_is_written_exactly_whatever_the_hosts_context(self) -> None:
        with localcontext() as context:
            context.prec = 3
            assert share_text(Fraction(123_456_789, 10**11)) == "0.123456789%"


class TestIds:
    @pytest.mark.parametrize("value", ["", " A", "A ", "a\nb", "\u200bA", 7, None])
    def test_a_tier_has_an_id(self, value: Any) -> None:
        makers: tuple[Callable[[], object], ...] = (lambda: QuotaTier(value, "100%"), lambda: ThresholdTier(value, ANYBODY))
        for make in makers:
            assert message(make).startswith(f"id is {value!r}: must be ")

    def test_a_scheme_has_an_identifier_for_the_fact_that_its_tier_becomes(self) -> None:
        for make in (quota, threshold):
            assert message(lambda make=make: make(id="a b")) == (  # type: ignore[misc]
                "id is 'a b': must be an identifier: letters, digits and underscores, no digit first, not a word of the grammar; "
                "hint: write 'a_b'"
            )
            assert message(lambda make=make: make(id="and")).startswith("id is 'and': must be an identifier")  # type: ignore[misc]

    def test_names_in_other_scripts_will_do(self) -> None:
        assert quota(id="등급", tiers=[QuotaTier("최고", "100%")]).tier_ids == ("최고",)


class TestWhatSchemesHaveInCommon:
    both = pytest.mark.parametrize("make", [quota, threshold])

    @both
    def test_there_is_a_tier(self, make: Callable[..., Scheme]) -> None:
        assert message(lambda: make(tiers=[])) == "tiers is []: must list at least one tier, best first"

    @both
    def test_tiers_differ(self, make: Callable[..., Scheme]) -> None:
        twice = [QuotaTier("A", "50%")] * 2 if make is quota else [ThresholdTier("A", ANYBODY)] * 2
        assert message(lambda: make(tiers=twice)) == "tiers is ['A', 'A']: must be different"

    @both
    def test_tiers_are_of_its_own_kind(self, make: Callable[..., Scheme]) -> None:
        other: Any = ThresholdTier("A", ANYBODY) if make is quota else QuotaTier("A", "100%")
        kind = "QuotaTier" if make is quota else "ThresholdTier"
        found = message(lambda: make(tiers=[other]))
        assert found.startswith("tiers[0] is ")
        assert found.endswith(f": must be a {kind}")
        assert message(lambda: make(tiers="AB")) == f"tiers is 'AB': must be a collection of {kind}"
        assert message(lambda: make(tiers=None)) == f"tiers is None: must be a collection of {kind}"

    @both
    def test_missing_is_one_of_two_rules(self, make: Callable[..., Scheme]) -> None:
        found = message(lambda: make(missing="newcomers", newcomer="A"))
        assert found == "missing is 'newcomers': must be one of 'hold', 'newcomer'; hint: did you mean 'newcomer'?"

    @both
    def test_newcomers_need_a_tier(self, make: Callable[..., Scheme]) -> None:
        assert message(lambda: make(missing="newcomer")) == 'newcomer is None: must name a tier when missing = "newcomer"'

    @both
    def test_the_tier_of_newcomers_is_one_of_the_tiers(self, make: Callable[..., Scheme]) -> None:
        tiers = "'A', 'B', 'C'" if make is quota else "'A', 'B'"
        assert message(lambda: make(missing="newcomer", newcomer="D")) == f"newcomer is 'D': must be one of the tiers {tiers}"

    @both
    def test_who_holds_has_no_tier_for_newcomers(self, make: Callable[..., Scheme]) -> None:
        assert message(lambda: make(newcomer="A")) == "newcomer is 'A': must not be given when missing = \"hold\""

    @both
    def test_a_review_is_monthly_quarterly_or_yearly(self, make: Callable[..., Scheme]) -> None:
        for review in ("monthly", "quarterly", "yearly", None):
            assert make(review=review).review == review
        assert message(lambda: make(review="month")) == (
            "review is 'month': must be one of 'monthly', 'quarterly', 'yearly'; hint: did you mean 'monthly'?"
        )

    @both
    def test_a_source_is_visible_text(self, make: Callable[..., Scheme]) -> None:
        assert make(source="handbook, section 1").source == "handbook, section 1"
        for bad in ("", "  ", "a\nb"):
            assert message(lambda bad=bad: make(source=bad)).startswith(f"source is {bad!r}: must be visible text")  # type: ignore[misc]

    @both
    def test_a_scope_is_a_criterion_and_not_its_text(self, make: Callable[..., Scheme]) -> None:
        assert message(lambda: make(scope="revenue >= 0")) == (
            "scope is 'revenue >= 0': must be a criterion; hint: write relcare.criterion(\"...\")"
        )

    @both
    def test_equal_parts_make_equal_schemes_that_hash_and_pickle(self, make: Callable[..., Scheme]) -> None:
        one = make(scope=ANYBODY)
        assert one == make(scope=ANYBODY)
        assert hash(one) == hash(make(scope=ANYBODY))
        assert pickle.loads(pickle.dumps(one)) == one

    @both
    def test_checks_hold_where_the_host_has_switched_validators_off(self, make: Callable[..., Scheme]) -> None:
        with attrs.validators.disabled():
            assert "at least one tier" in message(lambda: make(tiers=[]))


class TestQuotaScheme:
    def test_what_is_left_out_has_its_default(self) -> None:
        scheme = quota()
        assert (scheme.ties, scheme.missing, scheme.newcomer, scheme.scope, scheme.review) == ("by id", "hold", None, None, None)
        assert scheme.tier_ids == ("A", "B", "C")

    def test_shares_sum_to_all(self) -> None:
        less = [QuotaTier("A", "20%"), QuotaTier("B", "79.999999999%")]
        assert message(lambda: quota(tiers=less)) == "tiers is '99.999999999%': must have shares that sum to 100%"
        assert message(lambda: quota(tiers=[QuotaTier("A", "60%"), QuotaTier("B", "60%")])) == (
            "tiers is '120%': must have shares that sum to 100%"
        )
        assert quota(tiers=[QuotaTier(name, Fraction(1, 3)) for name in "ABC"]).tier_ids == ("A", "B", "C")

    def test_ties_are_settled_in_one_of_three_ways(self) -> None:
        assert message(lambda: quota(ties="together upwards")) == (
            "ties is 'together upwards': must be one of 'by id', 'together upward', 'together downward'; "
            "hint: did you mean 'together upward'?"
        )

    def test_a_score_is_a_fact_or_terms(self) -> None:
        one = term(bands=[band("1")])
        assert quota(score=[one]).score == (one,)
        empty: tuple[tuple[object, str], ...] = (("", "''"), ((), "()"), ([], "()"))
        for nothing, shown in empty:
            assert message(lambda n=nothing: quota(score=n)) == f"score is {shown}: must be a fact or at least one term"  # type: ignore[misc]
        assert message(lambda: quota(score=5)) == "score is 5: must be a collection of ScoreTerm"
        assert message(lambda: quota(score=[one, "revenue"])) == "score[1] is 'revenue': must be a ScoreTerm"


class TestThresholdScheme:
    def test_what_is_left_out_has_its_default(self) -> None:
        scheme = threshold()
        assert (scheme.hit, scheme.otherwise, scheme.missing, scheme.newcomer) == ("highest", None, "hold", None)

    def test_the_hit_is_one_of_three(self) -> None:
        assert message(lambda: threshold(hit="uniq")) == (
            "hit is 'uniq': must be one of 'highest', 'first', 'unique'; hint: did you mean 'unique'?"
        )

    def test_the_first_match_needs_an_otherwise(self) -> None:
        assert message(lambda: threshold(hit="first")) == 'otherwise is None: must name a tier when hit = "first"'
        assert threshold(hit="first", otherwise="B").otherwise == "B"

    def test_an_otherwise_that_is_not_listed_is_the_lowest_tier(self) -> None:
        assert threshold(otherwise="D").tier_ids == ("A", "B", "D")
        assert threshold(otherwise="A").tier_ids == ("A", "B")
        assert threshold(missing="newcomer", newcomer="D", otherwise="D").newcomer == "D"

    def test_an_otherwise_is_an_id(self) -> None:
        assert message(lambda: threshold(otherwise="")).startswith("otherwise is '': must be 1 to 200 visible characters")

    def test_a_tier_has_a_criterion_and_not_its_text(self) -> None:
        assert message(lambda: ThresholdTier("A", "revenue >= 0")) == (  # type: ignore[arg-type]
            "when is 'revenue >= 0': must be a criterion; hint: write relcare.criterion(\"...\")"
        )


class TestScoreTerm:
    def test_a_term_has_points_or_bands_or_a_weight(self) -> None:
        wrong = "must be given, or bands, or a weight, and not several"
        assert message(term) == f"points is {{}}: {wrong}"
        assert message(lambda: term(points={"low": 1}, bands=[band("1")])) == f"points is {{'low': Decimal('1')}}: {wrong}"
        beside = "weight is '2': must not be given beside points or bands"
        assert message(lambda: term(points={"low": 1}, weight=2)) == beside
        assert message(lambda: term(bands=[band("1")], weight=2)) == beside
        assert message(lambda: term(weight=0)) == "weight is '0': must not be zero; hint: leave the term out"

    def test_bands_begin_at_different_values(self) -> None:
        found = message(lambda: term(bands=[band("1"), band("1.00", "2")]))
        assert found == "bands is ['1', '1.00']: must begin at different values"

    def test_a_fact_has_a_name(self) -> None:
        assert message(lambda: term(fact=None, bands=[band("1")])) == "fact is None: must be text"
        assert message(lambda: term(fact="", bands=[band("1")])).startswith("fact is '': must be visible text")

    def test_bands_are_bands(self) -> None:
        assert message(lambda: term(bands=["1"])) == "bands[0] is '1': must be a Band"
        assert message(lambda: term(bands=5)) == "bands is 5: must be a collection of Band"

    def test_points_are_a_table(self) -> None:
        assert message(lambda: term(points=[("low", 1)])).endswith("must be a table of levels and their points")

    @pytest.mark.parametrize("bad", [0.5, True, "1e3", "", "NaN", Decimal("Infinity"), Decimal("-0"), None])
    def test_points_and_starts_are_exact_numbers(self, bad: Any) -> None:
        names: dict[str, Callable[[], object]] = {
            "points.low": lambda: term(points={"low": bad}),
            "points": lambda: Band("1", bad),
            "from": lambda: Band(bad, "1"),
        }
        if bad is not None:
            names["missing"] = lambda: term(bands=[band("1")], missing_points=bad)
            names["weight"] = lambda: term(weight=bad)
        for name, make in names.items():
            assert message(make).startswith(f"{name} is {bad!r}: must be a")

    def test_text_ints_and_decimals_are_the_same_points(self) -> None:
        assert term(points={"low": "1", "high": 2}) == term(points={"low": Decimal(1), "high": Decimal("2.0")})
        assert term(points={"low": 1}, missing_points="0").missing_points == 0


def problems(scheme: Scheme, vocabulary: Vocabulary = WORDS) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    return [(problem.path, problem.message, problem.hint) for problem in scheme_problems(scheme, vocabulary)]


class TestTermsAgainstFacts:
    def test_points_for_each_value_of_a_level_a_category_or_a_flag_are_right(self) -> None:
        right = [
            term(fact="likelihood", points={"low": 0, "high": 1}),
            term(fact="sector", points={"public": 1, "private": 0}),
            term(fact="is_local", points={"true": 1, "false": 0}),
            term(fact="client.stage", points={"visitor": 0, "open": 1, "closed": 2, "dormant": 3}),
            term(fact="revenue", bands=[band("0.01")]),
        ]
        assert problems(quota(score=right)) == []

    @pytest.mark.parametrize("fact", ["likelihood", "sector", "nickname", "is_local", "topics", "met_on"])
    def test_bands_need_a_number(self, fact: str) -> None:
        kind = WORDS[fact].kind
        assert problems(quota(score=[term(fact=fact, bands=[band("1")])])) == [
            (("score", 0, "bands"), f"{fact} is a {kind}: bands need a number, money or an integer", "use points")
        ]

    def test_a_band_begins_on_the_grain(self) -> None:
        assert problems(quota(score=[term(bands=[band("1"), band("1.005")])])) == [
            (("score", 0, "bands"), "a band of revenue begins at 1.005, which is off its grain 0.01", None)
        ]

    def test_the_longest_number_on_the_finest_grain_is_checked_exactly(self) -> None:
        fine = Vocabulary({"revenue": FactType(kind="number", grain=Decimal("0.000000000001"))})
        long = "9" * 28
        with localcontext() as context:
            context.prec = 5
            assert problems(quota(score=[term(bands=[band(long), band("0.000000000001")])]), fine) == []

    @pytest.mark.parametrize("fact", ["revenue", "nickname", "topics", "met_on"])
    def test_points_need_declared_values(self, fact: str) -> None:
        kind = WORDS[fact].kind
        assert problems(quota(score=[term(fact=fact, points={"low": 1})])) == [
            (
                ("score", 0, "points"),
                f"{fact} is a {kind} without declared values: points need a level, a category with values or a flag",
                "use bands",
            )
        ]

    def test_points_of_a_value_that_there_is_not(self) -> None:
        assert problems(quota(score=[term(fact="likelihood", points={"low": 0, "high": 1, "hihg": 2})])) == [
            (("score", 0, "points"), "likelihood has no value 'hihg'", "its values are 'low', 'high'")
        ]

    def test_points_that_leave_a_value_out(self) -> None:
        assert problems(quota(score=[term(fact="client.stage", points={"open": 1})])) == [
            (
                ("score", 0, "points"),
                "the points of client.stage leave out 'visitor', 'closed', 'dormant'",
                "give each value its points",
            )
        ]
        assert problems(quota(score=[term(fact="is_local", points={"true": 1})])) == [
            (("score", 0, "points"), "the points of is_local leave out 'false'", "give each value its points")
        ]


class TestSchemesAgainstFacts:
    @pytest.mark.parametrize("fact", ["revenue", "likelihood"])
    def test_a_number_or_a_level_can_be_the_score(self, fact: str) -> None:
        assert problems(quota(score=fact)) == []

    @pytest.mark.parametrize("fact", ["sector", "is_local", "topics", "met_on"])
    def test_nothing_else_can(self, fact: str) -> None:
        kind = WORDS[fact].kind
        assert problems(quota(score=fact)) == [
            (("score",), f"{fact} is a {kind}: a score is a number, money, an integer or a level", None)
        ]

    def test_an_unknown_fact_is_named_with_the_nearest(self) -> None:
        assert problems(quota(score="revenues")) == [(("score",), "unknown fact 'revenues'", "did you mean 'revenue'?")]
        assert problems(quota(score="xyz")) == [(("score",), "unknown fact 'xyz'", "declare it under [facts]")]
        assert problems(quota(score=[term(fact="xyz", bands=[band("1")])])) == [
            (("score", 0, "fact"), "unknown fact 'xyz'", "declare it under [facts]")
        ]

    def test_a_fact_that_is_itself_wrong_is_not_complained_about_twice(self) -> None:
        assert problems(quota(score="half_written", scope=criterion("half_written > 1"))) == []
        assert problems(quota(score=[term(fact="half_written", bands=[band("1")])])) == []

    def test_every_criterion_is_checked_with_its_place(self) -> None:
        scheme = threshold(
            scope=criterion("client.stag == 'open'"),
            tiers=[
                ThresholdTier("A", criterion("revenue >= 1")),
                ThresholdTier("B", criterion("revenue > 0 and revenue < 1.001")),
            ],
        )
        assert list(scheme_problems(scheme, WORDS)) == [
            RuleProblem(("scope",), "unknown fact 'client.stag'", "did you mean 'client.stage'?", 0),
            RuleProblem(("tiers", 1, "when"), "revenue is compared with 1.001, which is off its grain 0.01", None, 16),
        ]

    def test_all_problems_of_a_scheme_come_at_once_in_order(self) -> None:
        scheme = quota(
            scope=criterion("nickname > 'a'"),
            score=[term(fact="revenu", bands=[band("1")]), term(fact="likelihood", bands=[band("1")])],
        )
        assert [path for path, _, _ in problems(scheme)] == [("scope",), ("score", 0, "fact"), ("score", 1, "bands")]


def test_the_tier_as_a_fact_is_a_level_whose_best_tier_is_the_highest() -> None:
    assert tier_type(quota()) == FactType(kind="level", values=("C", "B", "A"), polarity="more")
    assert tier_type(threshold(otherwise="D")).values == ("D", "B", "A")
