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
_FRACTION: Final = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})", re.ASCII)


def to_share(value: Fraction | str) -> Fraction:
    """A share from 0 to 1: a Fraction, or text: a percentage such as `20%` or `12.5 %`, or a fraction such as `1/3`.

    Raises:
        InvalidValueError: If it is neither, or out of range.
    """
    share = value if isinstance(value, Fraction) else _from_text(value)
    if not 0 <= share <= 1:
        raise InvalidValueError("share", str(value), "must be from 0% to 100%")
    return share


def _from_text(text: object) -> Fraction:
    percent = _SHARE.fullmatch(text) if isinstance(text, str) else None
    parts = _FRACTION.fullmatch(text) if isinstance(text, str) else None
    if percent is not None:
        return Fraction(percent[1]) / 100
    if parts is not None:
        return Fraction(int(parts[1]), int(parts[2]))
    raise InvalidValueError("share", text, "must be a percentage or a fraction as text", 'write "20%" or "1/3"')


def share_text(share: Fraction) -> str:
    """A share as documents write it: `20%`, `12.5%`, and `1/3` where a percentage would have no end or be too long."""
    percent = share * 100
    if 10**9 % percent.denominator:
        return f"{share.numerator}/{share.denominator}"
    return f"{_EXACT.divide(Decimal(percent.numerator), Decimal(percent.denominator)):f}%"
