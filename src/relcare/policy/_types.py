"""What a fact's values are, and how they become the integers that every engine compares.

The core form of a value: an `int` of grains for numbers and money, an `int` rank for levels, the ordinal of a date, text for a
category, a frozenset for a set, a bool for a flag, None when missing. A number type without a grain (event amounts) stays a
Decimal.
"""

from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import check_choice, check_tuple_of, to_decimal
from relcare._time import day_from_text
from relcare.errors import InvalidValueError, nearest
from relcare.model import FactValue, Money
from relcare.model._money import check_currency

__all__ = ["FACT_KINDS", "ROUNDINGS", "Core", "FactKind", "FactType", "LiteralProblem", "OutOfBounds", "Polarity", "Rounding"]

FactKind = Literal["number", "money", "integer", "level", "category", "set", "flag", "date"]
FACT_KINDS: Final[tuple[FactKind, ...]] = ("number", "money", "integer", "level", "category", "set", "flag", "date")
Polarity = Literal["more", "less", "neither"]
Rounding = Literal["half up", "half even", "down", "up"]
ROUNDINGS: Final[dict[str, str]] = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}
Core: TypeAlias = int | str | bool | Decimal | frozenset[str] | None
_NUMERIC: Final = frozenset({"number", "money", "integer"})
# Numbers and grains have at most 40 digits each; the host's own context may be set to fewer (FCT-4: exact).
_EXACT: Final = Context(prec=120)


@attrs.frozen
class OutOfBounds:
    """A value that its fact's type does not allow; it is treated as missing and named in a reason (FCT-1)."""

    value: str


def _shown(value: object) -> str:
    try:
        return str(value)[:200]
    except Exception:  # noqa: BLE001 - a value that cannot even be shown is out of bounds all the same
        return f"<{type(value).__name__}>"


@attrs.frozen
class LiteralProblem:
    """Why a constant cannot be compared with a fact."""

    message: str
    hint: str | None = None


@attrs.frozen(kw_only=True)
class FactType:
    """The type of a declared, built-in or derived fact.

    Attributes:
        kind: What sort of value.
        values: For a level, from lowest to highest; for a category, the choices, or empty when any text will do.
        grain: The smallest step of a number; None keeps Decimals.
        low: The least value, inclusive; None for none.
        high: The greatest value, inclusive; None for none.
        currency: Of money; None when the policy names none.
        rounding: What becomes of a value off the grain; None makes it an error (FCT-4).
        may_be_missing: Whether missing is one of the values to expect.
        polarity: Whether more of it is better, worse or neither.
    """

    kind: FactKind
    values: tuple[str, ...] = ()
    grain: Decimal | None = None
    low: Decimal | date | None = None
    high: Decimal | date | None = None
    currency: str | None = None
    rounding: Rounding | None = None
    may_be_missing: bool = True
    polarity: Polarity = "neither"

    def __attrs_post_init__(self) -> None:
        check_choice("kind", self.kind, FACT_KINDS)
        check_tuple_of("values", self.values, str)
        if self.grain is not None and not (isinstance(self.grain, Decimal) and self.grain.is_finite() and self.grain > 0):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("grain", self.grain, "must be a finite Decimal above 0")
        for name, bound in (("low", self.low), ("high", self.high)):
            is_finite = isinstance(bound, Decimal) and bound.is_finite()
            if bound is not None and not is_finite and (not isinstance(bound, date) or isinstance(bound, datetime)):
                raise InvalidValueError(name, bound, "must be a finite Decimal or a date")
        if self.currency is not None:
            check_currency("currency", self.currency)
        if self.rounding is not None:
            check_choice("rounding", self.rounding, ROUNDINGS)
        if type(self.may_be_missing) is not bool:
            raise InvalidValueError("may_be_missing", self.may_be_missing, "must be True or False")
        check_choice("polarity", self.polarity, get_args(Polarity))

    @property
    def is_numeric(self) -> bool:
        """Whether it is a number, money or integer."""
        return self.kind in _NUMERIC

    @property
    def is_ordered(self) -> bool:
        """Whether < and > mean something."""
        return self.is_numeric or self.kind in {"level", "date"}

    def encode(self, name: str, value: object) -> "Core | OutOfBounds":
        """The core form of a value as people write it.

        Args:
            name: The fact, for messages.
            value: A Decimal, int, decimal text or Money for numbers; text for levels and categories; a collection of text, or
                text joined by `|`, for sets; a bool, `true`/`false`, `yes`/`no` for flags; a date or ISO text; None for missing.

        Returns:
            The core form; `OutOfBounds` when the value is outside the bounds or not among the values.

        Raises:
            InvalidValueError: If a number is off the grain and no rounding is declared, or money is in another currency.
        """
        if value is None:
            return None
        if self.is_numeric:
            return self._number(name, value)
        if self.kind == "level":
            return self.values.index(value) if isinstance(value, str) and value in self.values else OutOfBounds(_shown(value))
        if self.kind == "category":
            is_known = isinstance(value, str) and (not self.values or value in self.values)
            return str(value) if is_known else OutOfBounds(_shown(value))
        if self.kind == "set":
            return self._set(value)
        if self.kind == "flag":
            word = {"true": True, "yes": True, "false": False, "no": False}.get(value) if isinstance(value, str) else value
            return word if isinstance(word, bool) else OutOfBounds(_shown(value))
        return self._date(value)

    def _set(self, value: object) -> "Core | OutOfBounds":
        if isinstance(value, str):
            return frozenset(part.strip() for part in value.split("|") if part.strip())
        if isinstance(value, (frozenset, set, tuple, list)) and all(isinstance(m, str) for m in value):  # pyright: ignore[reportUnknownVariableType]
            return frozenset(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return OutOfBounds(_shown(value))  # pyright: ignore[reportUnknownArgumentType]

    def _date(self, value: object) -> "Core | OutOfBounds":
        if isinstance(value, str):
            day = day_from_text(value)
            if day is None:
                return OutOfBounds(value[:200])
            value = day
        if not isinstance(value, date) or isinstance(value, datetime):
            return OutOfBounds(_shown(value))
        if (isinstance(self.low, date) and value < self.low) or (isinstance(self.high, date) and value > self.high):
            return OutOfBounds(value.isoformat())
        return value.toordinal()

    def _number(self, name: str, value: object) -> "Core | OutOfBounds":
        if isinstance(value, Money):
            if self.currency is not None and value.currency != self.currency:
                raise InvalidValueError(name, str(value), f"must be in the policy's currency, {self.currency}")
            value = value.amount
        try:
            number = to_decimal(name, value)
        except InvalidValueError:
            if isinstance(value, str):  # an attribute that is no number is not among the values
                return OutOfBounds(value[:200])
            raise
        return self.from_number(name, number)

    def from_number(self, name: str, number: Decimal) -> "Core | OutOfBounds":
        """The core form of an exact number; see `encode`."""
        if self.grain is None:
            return number
        grains = _EXACT.divide(number, self.grain)
        whole = grains.to_integral_value(ROUNDINGS[self.rounding or "half up"])
        if whole != grains and self.rounding is None:
            raise InvalidValueError(
                name, str(number), f"must be a whole multiple of the fact's grain, {self.grain}", "declare `round`"
            )
        result = _EXACT.multiply(whole, self.grain)
        if (isinstance(self.low, Decimal) and result < self.low) or (isinstance(self.high, Decimal) and result > self.high):
            return OutOfBounds(f"{number:f}")
        return int(whole)

    def decode(self, core: Core) -> FactValue:
        """The value as people read it; the inverse of `encode` on what it returned."""
        if core is None or isinstance(core, (str, frozenset, bool, Decimal)):
            return core
        if self.kind == "level":
            return self.values[core]
        if self.kind == "date":
            return date.fromordinal(core)
        return _EXACT.multiply(Decimal(core), self.grain or Decimal(1))

    def literal(self, value: object) -> "int | str | bool | Decimal | LiteralProblem":
        """The core form of a constant in a criterion, or why it has none."""
        if self.is_numeric:
            return self._number_literal(value)
        if self.kind in {"level", "category", "set"}:
            if not isinstance(value, str):
                return LiteralProblem(f"is compared with {value}, but is a {self.kind}: text in quotation marks")
            if self.values and value not in self.values:
                near = nearest(value, self.values)
                known = ", ".join(repr(v) for v in self.values)
                return LiteralProblem(f"has no value {value!r}", f"did you mean {near!r}?" if near else f"its values are {known}")
            return self.values.index(value) if self.kind == "level" else value
        if self.kind == "flag":
            return (
                value if isinstance(value, bool) else LiteralProblem(f"is compared with {value!r}, but is a flag: True or False")
            )
        day = day_from_text(value) if isinstance(value, str) else None
        if day is None:
            return LiteralProblem(f"is compared with {value!r}, but is a date", "write it as '2026-01-31'")
        return day.toordinal()

    def _number_literal(self, value: object) -> int | Decimal | LiteralProblem:
        if isinstance(value, bool) or not isinstance(value, Decimal):
            return LiteralProblem(f"is compared with {value!r}, but is a number: digits without quotation marks")
        if self.grain is None:
            return value
        grains = _EXACT.divide(value, self.grain)
        if grains != grains.to_integral_value():
            return LiteralProblem(f"is compared with {value}, which is off its grain {self.grain}")
        return int(grains)
