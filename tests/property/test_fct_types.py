from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from relcare.errors import InvalidValueError
from relcare.model import FactValue, Money
from relcare.policy import Core, Fact, LiteralProblem, OutOfBounds
from relcare.testing import fact_values, facts

NUMERIC = ("number", "money", "integer")
numeric = facts(["number", "money", "integer"])
pairs = facts().flatmap(lambda fact: st.tuples(st.just(fact), fact_values(fact)))
numeric_pairs = numeric.flatmap(lambda fact: st.tuples(st.just(fact), fact_values(fact), fact_values(fact)))


def encoded(fact: Fact, value: object) -> Core | OutOfBounds:
    return fact.fact_type.encode(fact.id, value)


def number_of(value: FactValue) -> Decimal | None:
    """The number that a drawn value means, None where it means none."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, str) and value != "nothing" else None


def grain_of(fact: Fact) -> Decimal:
    grain = fact.fact_type.grain
    assert grain is not None
    return grain


class TestFct1:
    """FCT-1: a declared fact has a type, a grain and bounds.

    "A value outside the bounds or not among the values is treated as missing, with the reason `fact.out_of_bounds` and the value;
    never clipped."
    """

    @given(pairs)
    def test_what_is_read_back_is_what_was_put_in_and_never_clipped(self, pair: tuple[Fact, FactValue]) -> None:
        fact, value = pair
        core = encoded(fact, value)
        if isinstance(core, OutOfBounds):
            return
        back = fact.fact_type.decode(core)
        assert encoded(fact, back) == core
        if fact.fact_type.is_numeric:
            assert back == number_of(value)
        elif fact.type == "flag":
            assert back == {"yes": True, "true": True, "no": False, "false": False}.get(str(value), value)
        elif fact.type == "date":
            assert back is None or str(back) == str(value)
        elif fact.type == "set" and isinstance(value, str):
            assert isinstance(back, frozenset)
        else:
            assert back == value

    @given(pairs)
    def test_a_value_is_out_of_bounds_exactly_when_it_lies_outside(self, pair: tuple[Fact, FactValue]) -> None:
        fact, value = pair
        is_out = isinstance(encoded(fact, value), OutOfBounds)
        if value is None:
            assert not is_out
        elif fact.fact_type.is_numeric:
            number = number_of(value)
            assert is_out == (number is None or not _is_within(number, fact.min, fact.max))
        elif fact.type == "date":
            day = value if isinstance(value, date) else None if value == "2026-W53-7" else date.fromisoformat(str(value))
            assert is_out == (day is None or not _is_within(day, fact.min, fact.max))
        elif fact.type == "flag":
            assert is_out == (value == "maybe")
        elif fact.type == "set":
            assert not is_out
        else:
            assert is_out == (bool(fact.values) and value not in fact.values)

    @given(pairs)
    def test_the_core_form_is_of_the_kinds_own_type(self, pair: tuple[Fact, FactValue]) -> None:
        fact, value = pair
        core = encoded(fact, value)
        if core is not None and not isinstance(core, OutOfBounds):
            expected = {"flag": bool, "category": str, "set": frozenset}.get(fact.type, int)
            assert type(core) is expected

    @given(facts(["level"]))
    def test_levels_rank_from_lowest_to_highest(self, fact: Fact) -> None:
        assert [encoded(fact, value) for value in fact.values] == list(range(len(fact.values)))
        assert [fact.fact_type.literal(value) for value in fact.values] == list(range(len(fact.values)))


def _is_within(value: Decimal | date, low: object, high: object) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)  # type: ignore[operator]


class TestFct4:
    """FCT-4: exact numbers.

    "Decimal text at the edge, Decimal with currency in Python, whole grains inside: comparisons are exact on every engine. A
    literal off its fact's grain is a document error; a measure off its grain is an error unless `round` is declared."
    """

    @given(numeric_pairs)
    def test_whole_grains_compare_as_the_numbers_do(self, drawn: tuple[Fact, FactValue, FactValue]) -> None:
        fact, one, other = drawn
        first, second = encoded(fact, one), encoded(fact, other)
        if isinstance(first, int) and isinstance(second, int):
            left, right = number_of(one), number_of(other)
            assert left is not None
            assert right is not None
            assert (first < second, first == second) == (left < right, left == right)
            assert Decimal(first) * grain_of(fact) == left

    @given(numeric_pairs)
    def test_text_decimal_and_money_mean_the_same(self, drawn: tuple[Fact, FactValue, FactValue]) -> None:
        fact, value, _ = drawn
        number = number_of(value)
        if number is not None:
            core = encoded(fact, number)
            assert encoded(fact, f"{number:f}") == core
            assert encoded(fact, Money(number, "CNY")) == core

    @given(numeric, st.integers(-(10**6), 10**6), st.integers(1, 99))
    def test_off_the_grain_is_an_error_unless_a_rounding_is_declared(self, fact: Fact, grains: int, hundredths: int) -> None:
        grain = grain_of(fact)
        assume(grain > Decimal("0.0000000001"))
        value = grains * grain + grain * hundredths / 100
        if fact.round is None:
            with pytest.raises(InvalidValueError, match="whole multiple of the fact's grain"):
                encoded(fact, value)
            assert isinstance(fact.fact_type.literal(value), LiteralProblem)
            return
        core = encoded(fact, value)
        if isinstance(core, OutOfBounds):
            assert core.value == f"{value:f}"
            return
        assert isinstance(core, int)
        off = core * grain - value
        if fact.round == "down":
            assert abs(core * grain) <= abs(value)
            assert abs(off) < grain
        elif fact.round == "up":
            assert abs(core * grain) >= abs(value)
            assert abs(off) < grain
        else:
            assert abs(off) <= grain / 2
            assert abs(off) < grain / 2 or fact.round == "half up" or core % 2 == 0

    @given(numeric, st.integers(-(10**9), 10**9))
    def test_a_constant_on_the_grain_is_exact_and_bounds_do_not_matter_to_it(self, fact: Fact, grains: int) -> None:
        assert fact.fact_type.literal(grains * grain_of(fact)) == grains

    @given(numeric_pairs, st.integers(1, 6))
    def test_a_hosts_decimal_context_changes_nothing(self, drawn: tuple[Fact, FactValue, FactValue], precision: int) -> None:
        fact, value, _ = drawn
        core = encoded(fact, value)
        back = None if isinstance(core, OutOfBounds) else fact.fact_type.decode(core)
        with localcontext() as context:
            context.prec = precision
            assert encoded(fact, value) == core
            assert isinstance(core, OutOfBounds) or fact.fact_type.decode(core) == back
