"""Over which days a measure looks (FCT-2, TIM-4)."""

import re
from typing import Final, Literal, Self

import attrs

from relcare.errors import InvalidValueError

__all__ = ["PERIODS", "Period", "Window"]

Period = Literal["calendar month", "calendar quarter", "calendar year"]
PERIODS: Final[tuple[Period, ...]] = ("calendar month", "calendar quarter", "calendar year")
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
