from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Money
from relcare.policy import FactType, LiteralProblem, OutOfBounds

MONEY = FactType(kind="money", grain=Decimal("0.01"), low=Decimal(0), high=Decimal(100), currency="CNY")
FREE = FactType(kind="number", grain=Decimal("0.01"))
WHOLE = FactType(kind="integer", grain=Decimal(5), low=Decimal(-10))
LEVEL = FactType(kind="level", values=("low", "medium", "high"))
CHOICE = FactType(kind="category", values=("a", "b"))
ANY_TEXT = FactType(kind="category")
SET = FactType(kind="set")
FLAG = FactType(kind="flag")
DATE = FactType(kind="date", low=date(2026, 1, 1), high=date(2026, 12, 31))


def label(value: object) -> str:
    """The same on every worker: the repr of a set depends on the hash seed."""
    if isinstance(value, FactType):
        return f"{value.kind} {value.grain} {value.values}"
    return f"frozenset({sorted(value)})" if isinstance(value, frozenset) else repr(value)


@pytest.mark.parametrize(
    ("kind", "value", "core"),
    [
        (MONEY, Decimal("12.50"), 1_250),
        (MONEY, "12.50", 1_250),
        (MONEY, 12, 1_200),
        (MONEY, Money("12.50", "CNY"), 1_250),
        (MONEY, "0", 0),
        (MONEY, "100.00", 10_000),
        (WHOLE, -10, -2),
        (WHOLE, "15", 3),
        (LEVEL, "low", 0),
        (LEVEL, "high", 2),
        (CHOICE, "a", "a"),
        (ANY_TEXT, "고급", "고급"),
        (SET, ["a", "b", "a"], frozenset({"a", "b"})),
        (SET, "a | b||", frozenset({"a", "b"})),
        (SET, "", frozenset()),
        (SET, frozenset({"a|b"}), frozenset({"a|b"})),
        (FLAG, True, True),
        (FLAG, "no", False),
        (FLAG, "true", True),
        (DATE, date(2026, 1, 1), date(2026, 1, 1).toordinal()),
        (DATE, "2026-12-31", date(2026, 12, 31).toordinal()),
        (FactType(kind="number"), "0.123456", Decimal("0.123456")),
    ],
    ids=label,
)
def test_a_value_has_a_core_form(kind: FactType, value: object, core: object) -> None:
    encoded = kind.encode("fact", value)
    assert encoded == core
    assert type(encoded) is type(core)


@pytest.mark.parametrize(
    "kind",
    [MONEY, FREE, WHOLE, LEVEL, CHOICE, ANY_TEXT, SET, FLAG, DATE],
    ids=lambda kind: f"{kind.kind} {kind.grain}{len(kind.values)}",
)
def test_none_is_missing_and_stays_missing(kind: FactType) -> None:
    assert kind.encode("fact", None) is None
    assert kind.decode(None) is None


class TestOutOfBounds:
    """FCT-1.

    "A value outside the bounds or not among the values is treated as missing [...]; never clipped."
    """

    @pytest.mark.parametrize(
        ("kind", "value", "shown"),
        [
            (MONEY, "100.01", "100.01"),
            (MONEY, "-0.01", "-0.01"),
            (MONEY, "a lot", "a lot"),
            (MONEY, "1e2", "1e2"),
            (MONEY, "１２", "１２"),
            (WHOLE, -15, "-15"),
            (LEVEL, "High", "High"),
            (LEVEL, 2, "2"),
            (LEVEL, 10**5_000, "<int>"),
            (CHOICE, "c", "c"),
            (CHOICE, True, "True"),
            (ANY_TEXT, 5, "5"),
            (SET, 5, "5"),
            (SET, [1], "[1]"),
            (FLAG, "maybe", "maybe"),
            (FLAG, 1, "1"),
            (DATE, date(2025, 12, 31), "2025-12-31"),
            (DATE, date(2027, 1, 1), "2027-01-01"),
            (DATE, "2026-W20-1", "2026-W20-1"),
            (DATE, "20260601", "20260601"),
            (DATE, "now", "now"),
            (DATE, datetime(2026, 6, 1, tzinfo=UTC), "2026-06-01 00:00:00+00:00"),
            (DATE, 739_676, "739676"),
        ],
        ids=lambda value: (
            value.kind if isinstance(value, FactType) else str(value)[:30] if not isinstance(value, int) else f"n{value % 10**6}"
        ),
    )
    def test_it_is_named_and_never_clipped(self, kind: FactType, value: object, shown: str) -> None:
        assert kind.encode("fact", value) == OutOfBounds(shown)

    def test_the_bounds_themselves_are_inside(self) -> None:
        assert MONEY.encode("fact", "100") == 10_000
        assert MONEY.encode("fact", "0") == 0
        assert MONEY.decode(10_000) == Decimal("100.00")

    def test_a_long_text_is_cut_for_the_reason(self) -> None:
        assert CHOICE.encode("fact", "x" * 5_000) == OutOfBounds("x" * 200)


class TestGrain:
    """FCT-4.

    "whole grains inside: comparisons are exact [...] off its grain is an error unless `round` is declared."
    """

    @pytest.mark.parametrize("value", ["0.001", Decimal("0.005"), "99.999", "100.001"])
    def test_a_value_off_the_grain_is_an_error_that_names_the_fact(self, value: object) -> None:
        with pytest.raises(
            InvalidValueError, match=r"^revenue is .*: must be a whole multiple of the fact's grain, 0.01; hint: declare `round`"
        ):
            MONEY.encode("revenue", value)

    @pytest.mark.parametrize(
        ("rounding", "value", "grains"),
        [
            ("half up", "0.005", 1),
            ("half up", "-0.005", -1),
            ("half up", "0.0049", 0),
            ("half even", "0.005", 0),
            ("half even", "0.015", 2),
            ("half even", "0.025", 2),
            ("down", "0.019", 1),
            ("down", "-0.019", -1),
            ("up", "0.011", 2),
            ("up", "-0.011", -2),
        ],
    )
    def test_a_declared_rounding_is_the_one_that_is_done(self, rounding: str, value: str, grains: int) -> None:
        assert FactType(kind="number", grain=Decimal("0.01"), rounding=rounding).encode("fact", value) == grains  # type: ignore[arg-type]

    def test_a_value_is_rounded_before_the_bounds_are_looked_at(self) -> None:
        kind = FactType(kind="number", grain=Decimal(1), high=Decimal(10), rounding="half up")
        assert kind.encode("fact", "10.4") == 10
        assert kind.encode("fact", "10.5") == OutOfBounds("10.5")

    def test_the_longest_numbers_keep_every_digit(self) -> None:
        long = "1234567890123456789012345679"
        assert FREE.encode("fact", long) == int(long) * 100
        assert FREE.decode(int(long) * 100) == Decimal(long)
        assert FREE.literal(Decimal(long)) == int(long) * 100
        assert FREE.literal(Decimal(f"{long}.01")) == int(long) * 100 + 1

    def test_a_host_with_a_short_decimal_context_gets_the_same(self) -> None:
        with localcontext() as context:
            context.prec = 3
            assert FREE.encode("fact", "12345.67") == 1_234_567
            assert FREE.decode(1_234_567) == Decimal("12345.67")
            assert FREE.literal(Decimal("12345.67")) == 1_234_567
            assert isinstance(FREE.literal(Decimal("12345.671")), LiteralProblem)

    def test_a_grain_that_is_no_power_of_ten_is_exact_too(self) -> None:
        third = FactType(kind="number", grain=Decimal(3))
        assert third.encode("fact", 9) == 3
        with pytest.raises(InvalidValueError):
            third.encode("fact", 10)


class TestCurrency:
    """FCT-4.

    "An amount in another currency than the fact's is an error."
    """

    def test_another_currency_is_an_error(self) -> None:
        with pytest.raises(InvalidValueError, match=r"^revenue is '5 KRW': must be in the policy's currency, CNY"):
            MONEY.encode("revenue", Money(5, "KRW"))

    def test_without_a_currency_of_the_policy_any_amount_counts(self) -> None:
        assert FREE.encode("revenue", Money(5, "KRW")) == 500


@pytest.mark.parametrize("value", [0.5, True, Decimal("NaN"), Decimal("sNaN"), float("nan"), 10**28, [], object], ids=str)
def test_a_number_that_is_no_exact_number_is_an_error_and_not_a_guess(value: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^fact is"):
        FREE.encode("fact", value)


@pytest.mark.parametrize(
    ("kind", "constant", "core"),
    [
        (MONEY, Decimal("12.5"), 1_250),
        (MONEY, Decimal(1_000_000), 100_000_000),
        (LEVEL, "medium", 1),
        (CHOICE, "a", "a"),
        (SET, "a", "a"),
        (FLAG, False, False),
        (DATE, "2030-01-01", date(2030, 1, 1).toordinal()),
        (FactType(kind="number"), Decimal("0.001"), Decimal("0.001")),
    ],
    ids=label,
)
def test_a_constant_has_a_core_form_even_outside_the_bounds(kind: FactType, constant: object, core: object) -> None:
    assert kind.literal(constant) == core


@pytest.mark.parametrize(
    ("kind", "constant", "message"),
    [
        (MONEY, "12", "without quotation marks"),
        (MONEY, True, "without quotation marks"),
        (MONEY, Decimal("0.001"), "off its grain 0.01"),
        (WHOLE, Decimal(7), "off its grain 5"),
        (LEVEL, "hihg", "has no value 'hihg'"),
        (LEVEL, Decimal(2), "text in quotation marks"),
        (CHOICE, "c", "has no value"),
        (SET, Decimal(1), "text in quotation marks"),
        (FLAG, "yes", "True or False"),
        (DATE, "2026-13-01", "but is a date"),
        (DATE, "20260101", "but is a date"),
        (DATE, Decimal(20_260_101), "but is a date"),
    ],
    ids=label,
)
def test_a_wrong_constant_says_why(kind: FactType, constant: object, message: str) -> None:
    problem = kind.literal(constant)
    assert isinstance(problem, LiteralProblem)
    assert message in problem.message


def test_the_nearest_value_is_the_hint() -> None:
    assert LEVEL.literal("hihg") == LiteralProblem("has no value 'hihg'", "did you mean 'high'?")
    assert LEVEL.literal("zzz") == LiteralProblem("has no value 'zzz'", "its values are 'low', 'medium', 'high'")


def test_what_is_numeric_and_what_has_an_order() -> None:
    assert [k.is_numeric for k in (MONEY, FREE, WHOLE, LEVEL, CHOICE, SET, FLAG, DATE)] == [True] * 3 + [False] * 5
    assert [k.is_ordered for k in (MONEY, FREE, WHOLE, LEVEL, CHOICE, SET, FLAG, DATE)] == [True] * 4 + [False] * 3 + [True]
