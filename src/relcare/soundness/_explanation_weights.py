"""Facts that are weighed in a score: every value has points of its own, so that cells must be cut where the tier changes."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from relcare.cells import Axis
from relcare.policy import Core, FactType

__all__ = ["crossings", "ends_of", "values_of"]

_MANY: Final = 1_000
# Further out than any number that a document or an amount can hold.
_FAR: Final = 10**60


def values_of(kind: FactType) -> Sequence[Decimal] | None:
    """Every value of a number within bounds; None where there are more than a thousand, or no end of them."""
    if kind.grain is None or not isinstance(kind.low, Decimal) or not isinstance(kind.high, Decimal):
        return None
    grain = Fraction(kind.grain)
    first, last = ceil(Fraction(kind.low) / grain), floor(Fraction(kind.high) / grain)
    if last - first >= _MANY:
        return None
    return [value for grains in range(first, last + 1) if isinstance(value := kind.decode(grains), Decimal)]


def crossings(kind: FactType, weight: Fraction, amounts: Iterable[Fraction]) -> Iterator[Decimal]:
    """The values on both sides of where a weighed fact is worth each amount."""
    step = weight * Fraction(kind.grain or 1)
    for amount in amounts:
        below = floor(amount / step)
        yield from (value for grains in (below, below + 1) if isinstance(value := kind.decode(grains), Decimal))


def ends_of(axis: Axis, index: int, kind: FactType) -> tuple[Core, ...]:
    """The least and the greatest value of a cell; one that is beyond all others where there is no end."""
    cell, end = axis.cells[index], axis.ends[index]
    if type(cell) is not int:
        return (cell,)
    # A cell without a lowest value is represented by its highest.
    least = -_FAR if index == 0 and kind.low is None else cell
    return least, _FAR if end is None else end
