"""What is read off a client's history, and what is computed from two facts (FCT-2, FCT-3, FCT-5)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_optional_text, check_text, to_decimal
from relcare._time import Span, day_from_text
from relcare.errors import InvalidValueError
from relcare.policy._criteria import Criterion, check_criteria
from relcare.policy._windows import PERIODS, Period, Window

__all__ = ["Derivation", "Measure", "MeasureFunction", "to_day_or_number"]

MeasureFunction = Literal["count", "sum", "max", "min", "latest", "days_since", "distinct"]
FUNCTIONS: Final[tuple[MeasureFunction, ...]] = ("count", "sum", "max", "min", "latest", "days_since", "distinct")
FIELDS: Final = {
    "purchases": ("amount", "category"),
    "touchpoints": ("channel", "direction", "outcome", "purpose", "person_id", "staff_id"),
}


def to_day_or_number(name: str, value: Decimal | int | str | date | None) -> Decimal | date | None:
    """A date, also as ISO text, or an exact number; None stays None."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    day = day_from_text(value) if isinstance(value, str) else None
    return to_decimal(name, value) if day is None else day


def _to_empty(value: Decimal | int | str | date | None) -> Decimal | date | None:
    return to_day_or_number("when_empty", value)


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
