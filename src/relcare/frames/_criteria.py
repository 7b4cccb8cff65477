"""Criteria as column expressions, in the engines' own three-valued logic, which is Kleene's (CRI-2)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from relcare.frames._engine import SEPARATOR
from relcare.policy import And, Contains, Core, Criterion, Leaf, Missing, Not, OneOf, Operator, Or, Vocabulary

__all__ = ["MOST", "Expr", "Layout", "all_true", "any_true", "cases", "clamped", "expression", "how_many", "is_true", "least"]

Expr: TypeAlias = nw.Expr
Layout: TypeAlias = Mapping[str, str]

MOST: Final = 2**62
"""No integer in a column is as great as this one: sums of two still fit 64 bits, and constants beyond stand for it."""

_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], Any]]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def clamped(value: int) -> int:
    """A constant that compares with every integer of a column as the value itself does."""
    return max(-MOST, min(MOST, value))


def expression(criterion: Criterion, vocabulary: Vocabulary, layout: Layout, *, scale: int = 0) -> Expr:
    """A boolean column: whether a criterion holds, null where missing facts leave it unknown.

    Args:
        criterion: Checked against the vocabulary before.
        vocabulary: What its facts mean.
        layout: The column of each of its facts, in core form.
        scale: How many decimals the columns of numbers without a grain have, which are event amounts.

    Source: CRI-2.
    """
    if isinstance(criterion, And):
        return all_true([expression(part, vocabulary, layout, scale=scale) for part in criterion.parts])
    if isinstance(criterion, Or):
        return any_true([expression(part, vocabulary, layout, scale=scale) for part in criterion.parts])
    if isinstance(criterion, Not):
        return ~expression(criterion.part, vocabulary, layout, scale=scale)
    return _leaf(criterion, vocabulary, nw.col(layout[criterion.fact]), scale)


def _leaf(leaf: Leaf, vocabulary: Vocabulary, column: Expr, scale: int) -> Expr:
    if isinstance(leaf, Missing):
        return column.is_null()
    constants = vocabulary.constants(leaf)
    if isinstance(leaf, Contains):
        # A word with the separator in it is in no set; the null of a missing set comes through either way.
        return column.str.contains(f"{SEPARATOR}{constants[0]}{SEPARATOR}", literal=True)
    if isinstance(leaf, OneOf):
        return any_true([_compared(column, "==", constant, scale) for constant in dict.fromkeys(constants)])
    return _compared(column, leaf.operator, constants[0], scale)


def _compared(column: Expr, operator: Operator, constant: Core, scale: int) -> Expr:
    if constant is None or isinstance(constant, frozenset):  # pragma: no cover - no constant is missing or a set
        raise TypeError(constant)
    if isinstance(constant, Decimal):
        return _compared_amount(column, operator, constant, scale)
    if isinstance(constant, int) and not isinstance(constant, bool):
        constant = clamped(constant)
    found: Expr = _COMPARE[operator](column, nw.lit(constant))
    return found


def _compared_amount(column: Expr, operator: Operator, constant: Decimal, scale: int) -> Expr:
    """An amount in units of 10 to the power of minus `scale` against an exact number, which may lie between two units."""
    numerator, denominator = constant.as_integer_ratio()
    units, rest = divmod(numerator * 10**scale, denominator)
    if not rest:
        found: Expr = _COMPARE[operator](column, clamped(units))
        return found
    if operator in {"==", "!="}:
        # Equal to none; the comparison with itself keeps what is missing unknown.
        return column != column if operator == "==" else column == column  # noqa: PLR0124
    below = operator in {"<", "<="}
    return column <= clamped(units) if below else column > clamped(units)


def _and(one: Expr, other: Expr) -> Expr:
    return one & other


def _or(one: Expr, other: Expr) -> Expr:
    return one | other


def is_true(answer: Expr) -> Expr:
    """Whether an answer is true, and neither false nor unknown."""
    return answer.fill_null(value=False)


def all_true(parts: Sequence[Expr]) -> Expr:
    """The conjunction; true of none."""
    return reduce(_and, parts) if parts else nw.lit(value=True)


def any_true(parts: Sequence[Expr]) -> Expr:
    """The disjunction; false of none."""
    return reduce(_or, parts) if parts else nw.lit(value=False)


def least(columns: Sequence[str]) -> Expr:
    """The least of some columns of whole numbers that is there; null of none."""
    if not columns:
        return nw.lit(None, dtype=nw.Int64())
    return nw.min_horizontal(*columns) if len(columns) > 1 else nw.col(columns[0])


def cases(found: Sequence[tuple[Expr, Expr]], otherwise: Expr | None = None) -> Expr:
    """The value of the first condition that is true; null, or another value, where none is.

    Args:
        found: Conditions with their values, at least one.
        otherwise: The other value.
    """
    *first, (condition, value) = found
    chain: Expr = nw.when(condition).then(value) if otherwise is None else nw.when(condition).then(value).otherwise(otherwise)
    for condition, value in reversed(first):
        chain = nw.when(condition).then(value).otherwise(chain)
    return chain


def how_many(flags: Sequence[Expr]) -> Expr:
    """How many of them are true; none is null."""
    total = flags[0].cast(nw.Int64())
    for flag in flags[1:]:
        total = total + flag.cast(nw.Int64())
    return total
