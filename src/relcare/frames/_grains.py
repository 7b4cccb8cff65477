"""Exact numbers as whole grains: the arithmetic of rounding, in integers (FCT-4)."""

from fractions import Fraction

import narwhals.stable.v2 as nw

from relcare.frames._criteria import MOST, Expr, clamped
from relcare.frames._engine import Engine
from relcare.policy import FactType, Rounding

__all__ = ["grain_of", "in_bounds", "in_grains", "is_off_grain", "units_of_bound"]


def grain_of(kind: FactType) -> Fraction:
    """What one integer of a fact is worth."""
    return Fraction(kind.grain or 1)


def in_grains(engine: Engine, numerator: Expr, denominator: Expr | int, ratio: Fraction, rounding: Rounding | None) -> Expr:
    """A quotient of two integers times an exact ratio, as a whole number, rounded as declared.

    Args:
        engine: Whose columns they are.
        numerator: Wide, so that what is multiplied fits.
        denominator: Not 0 where the numerator is not null.
        ratio: How many grains one of the numerator is over one of the denominator.
        rounding: `half up` where none is declared: then what is off the grain has been refused, see `is_off_grain`.
    """
    if isinstance(denominator, int) and denominator * ratio.denominator == 1:
        return numerator * ratio.numerator
    top, bottom = _parts(engine, numerator, denominator, ratio)
    down, rest = engine.quotient(top, bottom), top % bottom
    if rounding == "down":
        size = down
    elif rounding == "up":
        size = down + (rest > 0).cast(engine.wide)
    else:
        is_up = rest * 2 > bottom
        half = rest * 2 == bottom
        is_up = (is_up | (half & (down % 2 == 1))) if rounding == "half even" else (is_up | half)
        size = down + is_up.cast(engine.wide)
    is_negative = _is_negative(numerator, denominator)
    return nw.when(is_negative).then(size * -1).otherwise(size)


def is_off_grain(engine: Engine, numerator: Expr, denominator: Expr | int, ratio: Fraction) -> Expr:
    """Whether the quotient is no whole number of grains."""
    top, bottom = _parts(engine, numerator, denominator, ratio)
    return top % bottom != 0


def _parts(engine: Engine, numerator: Expr, denominator: Expr | int, ratio: Fraction) -> tuple[Expr, Expr]:
    top = numerator.abs() * ratio.numerator
    if isinstance(denominator, int):
        return top, nw.lit(denominator * ratio.denominator).cast(engine.wide)
    return top, denominator.abs() * ratio.denominator


def _is_negative(numerator: Expr, denominator: Expr | int) -> Expr:
    return numerator < 0 if isinstance(denominator, int) else (numerator < 0) != (denominator < 0)


def units_of_bound(bound: Fraction, grain: Fraction, *, is_low: bool) -> int:
    """The first or last whole number of grains that a bound lets in."""
    grains = bound / grain
    whole = -(-grains.numerator // grains.denominator) if is_low else grains.numerator // grains.denominator
    return clamped(whole)


def in_bounds(value: Expr, low: int | None, high: int | None) -> Expr:
    """Whether a number of grains is within the bounds of its fact, and small enough for a column."""
    least, most = 1 - MOST if low is None else low, MOST - 1 if high is None else high
    return (value >= least) & (value <= most)
