"""Numbers that come in: exact, and short enough to stay so."""

import re
from decimal import Decimal
from typing import Final

from relcare.errors import InvalidValueError

__all__ = ["to_decimal"]

_NUMBER = re.compile(r"-?[0-9]{1,28}(?:\.[0-9]{1,12})?", re.ASCII)
_MAX_DIGITS: Final = 28


def to_decimal(name: str, value: object) -> Decimal:
    """An exact number from a Decimal, an int or decimal text.

    Args:
        name: The field, for the message.
        value: At most 28 digits, 12 of them after the point; text in ASCII digits, without exponent, blanks or separators.

    Raises:
        InvalidValueError: If it is a float, a bool, not finite, negative zero, too long, or no number.
    """
    if type(value) is int and -(10**28) < value < 10**28:
        return Decimal(value)
    if isinstance(value, str):
        number = Decimal(value) if _NUMBER.fullmatch(value) else None
    elif type(value) is int:
        number = None
    elif isinstance(value, Decimal):
        number = value if value.is_finite() else None
    else:
        hint = f'write "{value}" as text' if type(value) is float else None
        raise InvalidValueError(name, value, "must be an exact decimal number: Decimal, int or decimal text", hint)
    # Text of at most 28 characters is short enough by itself.
    is_short = number is not None and ((isinstance(value, str) and len(value) <= _MAX_DIGITS) or _is_short(number))
    if number is None or not is_short or (number.is_zero() and number.is_signed()):
        raise InvalidValueError(name, value, "must be a finite decimal number of at most 28 digits, 12 of them after the point")
    return number


def _is_short(number: Decimal) -> bool:
    """Whether it has at most 28 digits when written out, 12 of them after the point."""
    _, digits, exponent = number.as_tuple()
    return -12 <= int(exponent) <= 18 and len(digits) <= _MAX_DIGITS and number.adjusted() < _MAX_DIGITS
