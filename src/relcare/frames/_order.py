"""The order of what happened to one client: by day, by instant on it, by id."""

from typing import Final

import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr
from relcare.frames._engine import EPOCH

__all__ = ["order_of"]

_DAY: Final = 86_400_000_000
_BITS: Final = 2**38
"""More microseconds than lie between the midnight of a day in UTC and its first or last instant anywhere, twice over."""


def order_of(day: str, *, is_day_last: bool) -> Expr:
    """A whole number that is the greater, the later a touchpoint was; those of one instant, or one mere day, share it.

    Args:
        day: The column of its civil day.
        is_day_last: Whether what is known by its day alone comes behind the instants of that day, and not before them.
    """
    instant = nw.col("instant")
    since = instant - (nw.col(day) - EPOCH) * _DAY + _BITS // 4
    mere = nw.lit(_BITS - 1 if is_day_last else 0)
    return nw.col(day) * _BITS + nw.when(instant.is_null()).then(mere).otherwise(since)
