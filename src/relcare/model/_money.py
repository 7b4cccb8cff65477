"""Amounts of money: exact, and never without their currency."""

import re
from decimal import Decimal
from typing import Final

import attrs

from relcare._fields import to_decimal
from relcare.errors import InvalidValueError

__all__ = ["NO_CURRENCY", "Money", "check_currency"]

NO_CURRENCY: Final = "XXX"
"""The code of ISO 4217 for transactions without a currency: what an amount is in when nobody could tell."""

_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


def check_currency(name: str, value: object) -> None:
    """Refuse what is not three capital letters, the form of an ISO 4217 code; whether the code exists is not looked up."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise InvalidValueError(name, value, "must be a currency code of three capital letters", "write it as in 'CNY' or 'KRW'")


def _to_amount(value: Decimal | int | str) -> Decimal:
    return to_decimal("amount", value)


@attrs.frozen
class Money:
    """An exact amount in one currency.

    Attributes:
        amount: Any sign; at most 28 digits, 12 of them after the point. Given as Decimal, int or decimal text; a float is
            refused.
        currency: Three capital letters (ISO 4217), such as `CNY`.

    Raises:
        InvalidValueError: If the amount is not exact or not finite, or the currency is no code.

    Examples:
        >>> Money("12000.50", "CNY")
        Money(amount=Decimal('12000.50'), currency='CNY')
    """

    amount: Decimal = attrs.field(converter=_to_amount)
    currency: str

    def __attrs_post_init__(self) -> None:
        check_currency("currency", self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"
