"""A number in core form: whole grains within the fact's bounds, exact or rounded as declared (FCT-1)."""

import math
from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs

from relcare.errors import InvalidValueError
from relcare.facts._history import UNITS, units_of
from relcare.policy import Core, Fact, FactType, OutOfBounds

__all__ = ["Scale", "from_fraction", "measured"]


@attrs.frozen(eq=False)
class Scale:
    """The grain and bounds of a number as integers, so that the common case needs neither Decimal nor Fraction.

    Attributes:
        units: How many units a grain has, of money and of attributes; of counts and days, how many of them.
        low: The least value in grains, None for none.
        high: The greatest value in grains, None for none.
    """

    units: int
    low: int | None
    high: int | None

    @classmethod
    def of(cls, fact: Fact, kind: FactType) -> "Scale | None":
        """The scale of a number, measured or an attribute; None for other facts, and for counts on a grain of a fraction."""
        grain = kind.grain or Decimal(1)
        if fact.derivation is not None or not kind.is_numeric or (fact.measure is None and kind.grain is None):
            return None
        # An attribute may be any number, as money is.
        is_money = fact.measure is None or fact.measure.function in {"sum", "max", "min"}
        if not is_money and grain != 1:
            return None
        # Fractions: the host's decimal context may round.
        low = math.ceil(Fraction(kind.low) / Fraction(grain)) if isinstance(kind.low, Decimal) else None
        high = math.floor(Fraction(kind.high) / Fraction(grain)) if isinstance(kind.high, Decimal) else None
        return cls(units_of(grain) if is_money else 1, low, high)

    def whole(self, value: int) -> int | None:
        """The value in grains; None when it is off the grain or out of bounds."""
        grains, rest = divmod(value, self.units)
        if rest or (self.low is not None and grains < self.low) or (self.high is not None and grains > self.high):
            return None
        return grains


def measured(fact: Fact, kind: FactType, scale: Scale | None, value: int | None) -> "Core | OutOfBounds":
    """What a measure comes to: of money in units, of a count as it is, of the latest day its ordinal."""
    measure = fact.measure
    if measure is None or (value is None and measure.when_empty is None):
        return None
    if value is None:
        return kind.encode(fact.id, measure.when_empty)
    if scale is not None:
        grains = scale.whole(value)
        if grains is not None:
            return grains
    if measure.function == "latest":
        return kind.encode(fact.id, date.fromordinal(value))
    if measure.function in {"sum", "max", "min"}:
        return from_fraction(fact.id, kind, Fraction(value, UNITS))
    return kind.from_number(fact.id, Decimal(value))


def from_fraction(name: str, kind: FactType, value: Fraction) -> "Core | OutOfBounds":
    """The core form of an exact fraction: whole grains, or rounded as declared."""
    grain = Fraction(kind.grain or 1)
    grains = value / grain
    if grains.denominator != 1 and kind.rounding is None:
        raise InvalidValueError(
            name, f"{float(value):.12g}", f"must be a whole multiple of the fact's grain, {kind.grain}", "declare `round`"
        )
    whole = _rounded(grains, kind.rounding or "half up")
    exact = whole * grain
    if (isinstance(kind.low, Decimal) and exact < Fraction(kind.low)) or (
        isinstance(kind.high, Decimal) and exact > Fraction(kind.high)
    ):
        return OutOfBounds(f"{kind.decode(whole):f}")
    return whole


def _rounded(value: Fraction, how: str) -> int:
    sign = -1 if value < 0 else 1
    size = abs(value)
    down = size.numerator // size.denominator
    rest = size - down
    is_up = {
        "half up": rest >= Fraction(1, 2),
        "half even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and down % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[how]
    return sign * (down + is_up)
