"""How long a gap is and how long a cap counts: hours that pass, or civil days of the client."""

import re
from typing import Final, Literal, Self

import attrs

from relcare._fields import check_choice
from relcare._time import first_of_month, month_index
from relcare.errors import InvalidValueError

__all__ = ["CapPeriod", "Lapse"]

_MOST: Final = 9_999
_LAPSE: Final = re.compile(r"([1-9][0-9]{0,4}) (hour|day|week)s?", re.ASCII)
_PERIOD: Final = re.compile(r"([1-9][0-9]{0,3}) (hour|day)s?", re.ASCII)
_CALENDAR: Final[tuple[Literal["day", "week", "month"], ...]] = ("day", "week", "month")


@attrs.frozen
class Lapse:
    """A length of time: so many hours as they pass, or so many civil days.

    A week is kept as 7 days. 24 hours and 1 day differ: after a call at 15:00 one day has passed the next morning.

    Attributes:
        count: From 1 to 69,993.
        unit: `hours` or `days`.

    Raises:
        InvalidValueError: If one of them is wrong.
    """

    count: int
    unit: Literal["hours", "days"]

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int or not 1 <= self.count <= _MOST * 7:
            raise InvalidValueError("count", self.count, f"must be a whole number from 1 to {_MOST * 7}")
        check_choice("unit", self.unit, ("hours", "days"))

    @classmethod
    def parse(cls, text: str, name: str = "minimum") -> Self:
        """The length that a text such as `48 hours`, `3 days` or `1 week` means.

        Raises:
            InvalidValueError: If the text is anything else.
        """
        match = _LAPSE.fullmatch(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            raise InvalidValueError(name, text, "must be a whole number and a unit", 'write "48 hours", "3 days" or "1 week"')
        count = int(match[1]) * (7 if match[2] == "week" else 1)
        if count > _MOST * 7:
            raise InvalidValueError(name, text, f"must be at most {_MOST * 7} hours or days")
        return cls(count, "hours" if match[2] == "hour" else "days")

    def __str__(self) -> str:
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"


@attrs.frozen
class CapPeriod:
    """Over which time contacts are counted for a cap.

    Attributes:
        unit: `day`, `week` (Monday to Sunday) or `month` of the client's calendar; `days` or `hours` for the last so many.
        count: Of rolling `days` (the day in question is the last of them) or `hours` (as they pass); 1 for the others.

    Raises:
        InvalidValueError: If one of them is wrong.

    Examples:
        >>> CapPeriod.parse("30 days")
        CapPeriod(unit='days', count=30)
        >>> str(CapPeriod.parse("week"))
        'week'
    """

    unit: Literal["day", "week", "month", "days", "hours"]
    count: int = 1

    def __attrs_post_init__(self) -> None:
        check_choice("unit", self.unit, (*_CALENDAR, "days", "hours"))
        most = 1 if self.unit in _CALENDAR else _MOST
        if type(self.count) is not int or not 1 <= self.count <= most:
            raise InvalidValueError("count", self.count, f"must be a whole number from 1 to {most}")

    @classmethod
    def parse(cls, text: str, name: str = "per") -> Self:
        """The period that a text such as `day`, `week`, `month`, `30 days` or `24 hours` means.

        Raises:
            InvalidValueError: If the text is anything else.
        """
        for unit in _CALENDAR:
            if text == unit:
                return cls(unit)
        match = _PERIOD.fullmatch(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            rule = "must be a calendar period or a rolling one"
            raise InvalidValueError(name, text, rule, 'write "day", "week", "month", "30 days" or "24 hours"')
        return cls("hours" if match[2] == "hour" else "days", int(match[1]))

    def days_around(self, day: int) -> tuple[int, int]:
        """The first and the last day that count together with a day; not for hours."""
        if self.unit == "week":
            monday = day - (day - 1) % 7  # ordinal 1 was a Monday
            return monday, monday + 6
        if self.unit == "month":
            index = month_index(day)
            return first_of_month(index), first_of_month(index + 1) - 1
        return day - self.count + 1, day

    def __str__(self) -> str:
        if self.unit in _CALENDAR:
            return self.unit
        return f"{self.count} {self.unit.removesuffix('s') if self.count == 1 else self.unit}"
