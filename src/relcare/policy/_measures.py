"""Facts as the policy declares them: attributes, people, measures, and facts derived from facts (FCT-1, FCT-2, FCT-5)."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, Self

import attrs

from relcare._fields import check_choice, check_identifier, check_optional_text, check_text, to_decimal, to_texts
from relcare._time import Span, day_from_text
from relcare.errors import InvalidValueError
from relcare.policy._criteria import Criterion, check_criteria
from relcare.policy._types import FACT_KINDS, ROUNDINGS, FactKind, FactType, Polarity, Rounding

__all__ = ["PERIODS", "Derivation", "Fact", "Measure", "Period", "Window"]

MeasureFunction = Literal["count", "sum", "max", "min", "latest", "days_since", "distinct"]
FUNCTIONS: Final[tuple[MeasureFunction, ...]] = ("count", "sum", "max", "min", "latest", "days_since", "distinct")
Period = Literal["calendar month", "calendar quarter", "calendar year"]
PERIODS: Final[tuple[Period, ...]] = ("calendar month", "calendar quarter", "calendar year")
FIELDS: Final = {
    "purchases": ("amount", "category"),
    "touchpoints": ("channel", "direction", "outcome", "purpose", "person_id", "staff_id"),
}
# The same reach as `Every`, so that no window leaves what `date` can hold.
_MAX_MONTHS: Final = 9_999
_MAX_DAYS: Final = 9_999 * 7
_WINDOW = re.compile(r"([1-9][0-9]{0,4}) (?:(calendar) (month|quarter|year)|(day|week|month|year))s?", re.ASCII)


@attrs.frozen(kw_only=True)
class Window:
    """Over which days a measure looks: rolling, whole calendar months, or the lifetime; half-open (TIM-4).

    Attributes:
        months: Length in months; of calendar months when `is_calendar`.
        days: Length in days; 0 with months.
        is_calendar: Whole months including the current one.
        unit_months: Of a calendar window, 1 for months, 3 for quarters, 12 for years.
    """

    months: int = 0
    days: int = 0
    is_calendar: bool = False
    unit_months: int = 1

    def __attrs_post_init__(self) -> None:
        for name, value, most in (("months", self.months, _MAX_MONTHS), ("days", self.days, _MAX_DAYS)):
            if type(value) is not int or not 0 <= value <= most:
                raise InvalidValueError(name, value, f"must be a whole number from 0 to {most}")
        if self.months and self.days:
            raise InvalidValueError("window", (self.months, self.days), "must be either months or days")
        if type(self.is_calendar) is not bool:
            raise InvalidValueError("is_calendar", self.is_calendar, "must be True or False")
        units = (1, 3, 12) if self.is_calendar else (1,)
        if (
            type(self.unit_months) is not int
            or self.unit_months not in units
            or self.months % self.unit_months
            or (self.is_calendar and not self.months)
        ):
            raise InvalidValueError(
                "unit_months", self.unit_months, "must be 1, 3 or 12 and divide the months of a calendar window"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The window that `90 days`, `12 months`, `3 calendar months` or `lifetime` means.

        Raises:
            InvalidValueError: If the text is anything else.
        """
        if text == "lifetime":
            return cls()
        match = _WINDOW.fullmatch(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            raise InvalidValueError(
                "window", text, "must be a length or lifetime", 'write "90 days", "12 months", "1 calendar quarter" or "lifetime"'
            )
        count = int(match[1])
        if match[2]:
            unit = {"month": 1, "quarter": 3, "year": 12}[match[3]]
            months, days = count * unit, 0
        else:
            unit = 1
            months, days = (part * count for part in {"day": (0, 1), "week": (0, 7), "month": (1, 0), "year": (12, 0)}[match[4]])
        if months > _MAX_MONTHS or days > _MAX_DAYS:
            raise InvalidValueError("window", text, f"must be at most {_MAX_MONTHS} months or {_MAX_DAYS} days", "or lifetime")
        return cls(months=months, days=days, is_calendar=bool(match[2]), unit_months=unit)

    @property
    def is_lifetime(self) -> bool:
        """Whether it has no beginning."""
        return not self.months and not self.days

    def __str__(self) -> str:
        if self.is_lifetime:
            return "lifetime"
        if self.is_calendar:
            count, unit = self.months // self.unit_months, {1: "month", 3: "quarter", 12: "year"}[self.unit_months]
            return f"{count} calendar {unit}{'' if count == 1 else 's'}"
        count, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{count} {unit}{'' if count == 1 else 's'}"


def _to_empty(value: Decimal | int | str | date | None) -> Decimal | date | None:
    return _to_day_or_number("when_empty", value)


def _to_day_or_number(name: str, value: Decimal | int | str | date | None) -> Decimal | date | None:
    """A date, also as ISO text, or an exact number; None stays None."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    day = day_from_text(value) if isinstance(value, str) else None
    return to_decimal(name, value) if day is None else day


@attrs.frozen(kw_only=True)
class Measure:
    """A number or date read off a client's history (FCT-2).

    Attributes:
        function: `count`, `sum`, `max`, `min`, `latest`, `days_since` or `distinct`.
        over: `purchases` or `touchpoints`.
        field: What is summed, compared or told apart: `amount`, `category`, `channel`, ...; None for count, latest, days_since.
        where: Which events count; an event whose criterion is unknown does not.
        window: Over which days.
        per: Take the measure of each calendar month (quarter, year) in the window and keep the greatest.
        returns: `gross` leaves returns and credits out; `net` subtracts a return from its purchase and counts credits (FCT-3).
        returns_delay: A purchase counts only once it is so many days old.
        when_empty: The value over no events, for max, min, days_since and `per`, and a date for latest; missing without it.

    Raises:
        InvalidValueError: If the parts do not fit together.
    """

    function: MeasureFunction
    over: Literal["purchases", "touchpoints"]
    field: str | None = None
    where: Criterion | None = None
    window: Window = attrs.field(factory=Window)
    per: Period | None = None
    returns: Literal["gross", "net"] = "gross"
    returns_delay: Span | None = None
    when_empty: Decimal | date | None = attrs.field(default=None, converter=_to_empty)

    def __attrs_post_init__(self) -> None:
        check_choice("function", self.function, FUNCTIONS)
        check_choice("over", self.over, FIELDS)
        check_choice("returns", self.returns, ("gross", "net"))
        check_optional_text("field", self.field)
        if not isinstance(self.window, Window):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("window", self.window, "must be a Window", 'Window.parse("12 months")')
        check_criteria(where=self.where)
        if self.returns_delay is not None and not isinstance(self.returns_delay, Span):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("returns_delay", self.returns_delay, "must be a Span", 'Span.parse("14 days")')
        if self.returns_delay is not None and (self.returns_delay.is_business or self.over != "purchases"):
            raise InvalidValueError(
                "returns_delay", str(self.returns_delay), "must be calendar days, and goes with purchases", 'write "14 days"'
            )
        if self.per is not None:
            check_choice("per", self.per, PERIODS)
            if self.function not in {"sum", "count"}:
                raise InvalidValueError("per", self.per, f"must go with sum or count, not with {self.function}")
        if self.function in {"sum", "max", "min"}:
            if self.over != "purchases" or self.field != "amount":
                raise InvalidValueError(
                    self.function, self.target, "must be of purchases.amount", f'write {self.function} = "purchases.amount"'
                )
        elif self.function == "distinct":
            check_choice("distinct", self.field, FIELDS[self.over])
        elif self.field is not None:
            raise InvalidValueError(self.function, self.target, "must name events, not a field of them", f'write "{self.over}"')
        if self.when_empty is not None and self.function in {"sum", "count", "distinct"} and self.per is None:
            raise InvalidValueError("when_empty", str(self.when_empty), f"must not be given: {self.function} over no events is 0")
        if self.when_empty is not None and isinstance(self.when_empty, date) != (self.function == "latest"):
            rule = "must be a date for latest" if self.function == "latest" else f"must be a number for {self.function}"
            raise InvalidValueError("when_empty", str(self.when_empty), rule)

    @property
    def target(self) -> str:
        """As the document writes it: `purchases.amount`."""
        return f"{self.over}.{self.field}" if self.field else self.over


@attrs.frozen(kw_only=True)
class Derivation:
    """A fact computed from two others (FCT-5).

    Attributes:
        function: `ratio` (first / second) or `difference` (first - second).
        first: A declared numeric fact.
        second: A declared numeric fact; as a denominator, 0 makes the result missing.
    """

    function: Literal["ratio", "difference"]
    first: str
    second: str

    def __attrs_post_init__(self) -> None:
        check_choice("function", self.function, ("ratio", "difference"))
        check_text("first", self.first)
        check_text("second", self.second)


def _to_bound(value: Decimal | int | str | date | None) -> Decimal | date | None:
    return _to_day_or_number("bound", value)


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


_TYPES_OF: Final[dict[str, tuple[str, ...]]] = {
    "count": ("integer", "number"),
    "distinct": ("integer", "number"),
    "days_since": ("integer", "number"),
    "sum": ("money", "number"),
    "max": ("money", "number"),
    "min": ("money", "number"),
    "latest": ("date",),
}
