"""Shares of a whole, exact: how documents write them."""

import re
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from relcare.errors import InvalidValueError

__all__ = ["share_text", "to_share"]

# The host's own context may be set to few digits (FCT-4: exact).
_EXACT: Final = Context(prec=120)
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%", re.ASCII)


def to_share(value: Fraction | str) -> Fraction:
    """A share from 0 to 1: a Fraction, or a percentage as text such as `20%` or `12.5 %`.

    Raises:
        InvalidValueError: If it is neither, or out of range.
    """
    if isinstance(value, Fraction):
        share = value
    else:
        match = _SHARE.fullmatch(value) if isinstance(value, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            raise InvalidValueError("share", value, "must be a percentage as text", 'write "20%"')
        share = Fraction(match[1]) / 100
    if not 0 <= share <= 1:
        raise InvalidValueError("share", str(value), "must be from 0% to 100%")
    return share


def share_text(share: Fraction) -> str:
    """A share as documents write it: `20%`, `12.5%`."""
    percent = share * 100
    return f"{_EXACT.divide(Decimal(percent.numerator), Decimal(percent.denominator)):f}%"
