"""Facts as the policy declares them: attributes, people, measures, and facts derived from facts (FCT-1, FCT-2, FCT-5)."""

from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from relcare._fields import check_choice, check_identifier, check_optional_text, check_text, to_decimal, to_texts
from relcare.errors import InvalidValueError
from relcare.policy._measures import Derivation, Measure, MeasureFunction, to_day_or_number
from relcare.policy._types import FACT_KINDS, ROUNDINGS, FactKind, FactType, Polarity, Rounding

__all__ = ["Fact"]

_TYPES_OF: Final[dict[MeasureFunction, tuple[FactKind, ...]]] = {
    "count": ("integer", "number"),
    "distinct": ("integer", "number"),
    "days_since": ("integer", "number"),
    "sum": ("money", "number"),
    "max": ("money", "number"),
    "min": ("money", "number"),
    "latest": ("date",),
}


def _to_bound(value: Decimal | int | str | date | None) -> Decimal | date | None:
    return to_day_or_number("bound", value)


def _to_grain(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else to_decimal("grain", value)


@attrs.frozen(kw_only=True)
class Fact:
    """A fact that a policy declares (FCT-1).

    Attributes:
        id: An identifier.
        type: `number`, `money`, `integer`, `level`, `category`, `set`, `flag` or `date`.
        values: Of a level, from lowest to highest; of a category, the choices (empty: any text).
        unit: What it is counted in, for people.
        grain: The smallest step of a number; 0.01 for money and 1 for integers by default; a number must declare it.
        min: The least value, inclusive.
        max: The greatest value, inclusive.
        may_be_missing: Whether missing is to be expected; a rule set is then asked about it too.
        polarity: `more` is better, `less` is better, or `neither`.
        reads: `client.<attribute>` or `people.rank`; by default the attribute with the fact's own id, unless measured or derived.
        measure: Read off the history instead.
        derivation: Computed from two other facts instead.
        round: What becomes of a value off the grain: `half up`, `half even`, `down`, `up`; without it, an error (FCT-4).

    Raises:
        InvalidValueError: If the parts do not fit together.
    """

    id: str
    type: FactKind
    values: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    unit: str | None = None
    grain: Decimal | None = attrs.field(default=None, converter=_to_grain)
    min: Decimal | date | None = attrs.field(default=None, converter=_to_bound)
    max: Decimal | date | None = attrs.field(default=None, converter=_to_bound)
    may_be_missing: bool = False
    polarity: Polarity = "neither"
    reads: str | None = None
    measure: Measure | None = None
    derivation: Derivation | None = None
    round: Rounding | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_choice("type", self.type, FACT_KINDS)
        check_choice("polarity", self.polarity, ("more", "less", "neither"))
        check_optional_text("unit", self.unit)
        if type(self.may_be_missing) is not bool:
            raise InvalidValueError("may_be_missing", self.may_be_missing, "must be True or False")
        if self.round is not None:
            check_choice("round", self.round, ROUNDINGS)
        self._check_values()
        self._check_bounds()
        if sum(part is not None for part in (self.reads, self.measure, self.derivation)) > 1:
            raise InvalidValueError(
                "from", self.reads, "must be the only source: from, measure, ratio and difference exclude each other"
            )
        self._check_source()

    def _check_values(self) -> None:
        if not isinstance(self.values, tuple) or not all(isinstance(v, str) and v for v in self.values):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("values", self.values, "must be a collection of non-empty texts")
        if self.type == "level" and len(self.values) < 2:
            raise InvalidValueError("values", self.values, "must list at least two levels, from lowest to highest")
        if self.values and self.type not in {"level", "category"}:
            raise InvalidValueError("values", self.values, f"must not be given for a {self.type}")
        if len(set(self.values)) != len(self.values):
            raise InvalidValueError("values", self.values, "must be different")
        for value in self.values:
            check_text("values", value)

    def _check_bounds(self) -> None:
        is_numeric = self.type in {"number", "money", "integer"}
        if self.type == "number" and self.grain is None:
            raise InvalidValueError("grain", self.grain, "must be declared for a number", 'write grain = "0.01" or grain = "1"')
        if self.grain is not None and (not is_numeric or self.grain <= 0):
            raise InvalidValueError("grain", str(self.grain), "must be positive, and goes with a number, money or an integer")
        if self.type == "integer" and self.grain is not None and self.grain != self.grain.to_integral_value():
            raise InvalidValueError("grain", str(self.grain), "must be a whole number for an integer")
        wanted: type = Decimal if is_numeric else date
        for name, bound in (("min", self.min), ("max", self.max)):
            if bound is not None and (not isinstance(bound, wanted) or not (is_numeric or self.type == "date")):
                raise InvalidValueError(
                    name, str(bound), f"must not be given for a {self.type}" if self.type != "date" else "must be a date"
                )
        if self.min is not None and self.max is not None and self.min > self.max:  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownMemberType]
            raise InvalidValueError("max", str(self.max), f"must not be below min, {self.min}")

    def _check_source(self) -> None:
        if self.measure is not None and not isinstance(self.measure, Measure):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("measure", self.measure, "must be a Measure")
        if self.derivation is not None and not isinstance(self.derivation, Derivation):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("derivation", self.derivation, "must be a Derivation")
        if self.reads is not None:
            check_text("from", self.reads)
            room, _, field = self.reads.partition(".")
            if room not in {"client", "people"} or not field or (room == "people" and field not in {"rank", "role"}):
                raise InvalidValueError("from", self.reads, "must be client.<attribute>, people.rank or people.role")
            if self.reads == "people.rank" and self.type != "level":
                raise InvalidValueError("from", self.reads, "needs a level: the best rank among the people")
            if self.reads == "people.role" and self.type != "set":
                raise InvalidValueError("from", self.reads, "needs a set: the roles of the people")
        if self.measure is not None and self.type not in _TYPES_OF[self.measure.function]:
            fits = " or ".join(_TYPES_OF[self.measure.function])
            raise InvalidValueError("type", self.type, f"must be {fits} for the measure {self.measure.function}")
        if self.derivation is not None and self.type not in {"number", "money", "integer"}:
            raise InvalidValueError("type", self.type, "must be a number, money or an integer for a derived fact")

    @property
    def fact_type(self) -> FactType:
        """The type without the policy's currency; see `Vocabulary`."""
        default = {"money": Decimal("0.01"), "integer": Decimal(1)}.get(self.type)
        return FactType(
            kind=self.type,
            values=self.values,
            grain=self.grain or default,
            low=self.min,
            high=self.max,
            rounding=self.round,
            may_be_missing=self.may_be_missing,
            polarity=self.polarity,
        )
