"""Working hours, and deadlines that are counted in them (CAD-8)."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, Self, TypeAlias, cast, get_args
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_choice, check_tuple_of, to_tuple
from relcare.calendars._table import RollTable
from relcare.errors import InvalidValueError

__all__ = ["Deadline", "DeadlineUnit", "WorkingHours"]

_WINDOW: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
_DEADLINE: Final = re.compile(r"([1-9][0-9]{0,4}) (business hour|business day|hour|day|week)s?", re.ASCII)
_DAY: Final = 86_400
_MOST: Final = 69_993

DeadlineUnit: TypeAlias = Literal["hour", "business hour", "day", "business day", "agreed"]
_COUNTED: Final[tuple[DeadlineUnit, ...]] = ("hour", "business hour", "day", "business day")
Window: TypeAlias = tuple[int, int]


def _to_windows(values: Iterable[str | Window]) -> tuple[Window, ...]:
    if isinstance(values, str):
        values = (values,)
    several = to_tuple(values)
    check_tuple_of("working_hours", several, object)
    return tuple(_window(value) for value in several)


def _window(value: object) -> Window:
    """A window as text, or as two numbers of seconds."""
    if isinstance(value, tuple) and [type(end) for end in cast("tuple[object, ...]", value)] == [int, int]:
        return cast("Window", value)
    match = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        rule, hint = "must be two times of day", 'write "09:00-18:00"'
        raise InvalidValueError("working_hours", value, rule, hint)  # pyright: ignore[reportUnknownArgumentType]
    start, end = (int(match[hour]) * 3_600 + int(match[hour + 1]) * 60 for hour in (1, 3))
    return start, end


@attrs.frozen
class WorkingHours:
    """When people work on a business day.

    Attributes:
        windows: From and until, in seconds from midnight; ascending, none touching the next. `09:00-12:00` as text is understood.

    Raises:
        InvalidValueError: If there is no window, or they are empty or overlap.

    Examples:
        >>> WorkingHours(["09:00-12:00", "13:00-18:00"]).a_day // 3_600
        8
    """

    windows: tuple[Window, ...] = attrs.field(default=((32_400, 64_800),), converter=_to_windows)

    def __attrs_post_init__(self) -> None:
        if not self.windows:
            raise InvalidValueError("working_hours", (), "must name at least one window", 'write "09:00-18:00"')
        before = -1
        for start, end in self.windows:
            if not before < start < end <= _DAY:
                raise InvalidValueError("working_hours", ", ".join(self.texts), "must be in order, not empty and apart")
            before = end

    @property
    def texts(self) -> tuple[str, ...]:
        """The windows as documents write them."""
        return tuple(f"{_clock(start)}-{_clock(end)}" for start, end in self.windows)

    @property
    def a_day(self) -> int:
        """The seconds of one working day."""
        return sum(end - start for start, end in self.windows)

    def add(self, table: RollTable, day: int, second: int, seconds: int) -> tuple[int, int]:
        """The day and second of it when so many working seconds have passed.

        What begins outside working hours counts from the next opening. A deadline that is used up exactly at closing time falls
        on closing time, not on the next opening.

        Args:
            table: Business days.
            day: An ordinal.
            second: From midnight, local time.
            seconds: At least 1.

        Examples:
            >>> from relcare.calendars import Weekdays
            >>> saturday = date(2026, 3, 7).toordinal()
            >>> table = RollTable(Weekdays(), date(2026, 1, 1), date(2026, 12, 31))
            >>> found, second = WorkingHours().add(table, saturday, 15 * 3_600, 4 * 3_600)
            >>> date.fromordinal(found).isoformat(), second // 3_600
            ('2026-03-09', 13)
        """
        first = table.following(day)
        left = self._from(second) if first == day else self.a_day
        if seconds <= left:
            return first, self._at(self.a_day - left + seconds)
        whole, rest = divmod(seconds - left - 1, self.a_day)
        return table.add(first, whole + 1), self._at(rest + 1)

    def _from(self, second: int) -> int:
        """The working seconds of a day that begin at a time or later."""
        return sum(end - max(start, second) for start, end in self.windows if end > second)

    def _at(self, worked: int) -> int:
        """The time at which so many working seconds of a day have passed, from 1 to a whole day's."""
        for start, end in self.windows:
            if worked <= end - start:
                return start + worked
            worked -= end - start
        raise AssertionError(worked)  # pragma: no cover - never more than a day's


def _clock(second: int) -> str:
    return f"{second // 3_600:02d}:{second % 3_600 // 60:02d}"


@attrs.frozen
class Deadline:
    """By when something has to be done after an event (CAD-8).

    Attributes:
        count: How many, at most 69,993; 0 for days is the same day, and always goes with `agreed`.
        unit: `day` counts calendar days, `hour` hours that pass, `business day` and `business hour` those in which the firm
            works; `agreed` is the time that was agreed with the client.

    Raises:
        InvalidValueError: If the count is out of range.

    Source: CAD-8.
    """

    count: int = 0
    unit: DeadlineUnit = "day"

    def __attrs_post_init__(self) -> None:
        check_choice("unit", self.unit, get_args(DeadlineUnit))
        least, most = 0 if self.unit in {"day", "agreed"} else 1, 0 if self.unit == "agreed" else _MOST
        if type(self.count) is not int or not least <= self.count <= most:
            raise InvalidValueError("within", self.count, f"must be a whole number from {least} to {most}")

    @classmethod
    def parse(cls, text: str, name: str = "within") -> Self:
        """The deadline that `same day`, `3 days`, `2 business days`, `4 hours`, `4 business hours` or `agreed` means.

        Raises:
            InvalidValueError: If the text is anything else.
        """
        if text in ("same day", "agreed"):
            return cls(0, "day" if text == "same day" else "agreed")
        match = _DEADLINE.fullmatch(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            rule = "must be 'same day', 'agreed', or a whole number and a unit"
            raise InvalidValueError(name, text, rule, 'write "3 days", "2 business days" or "4 business hours"')
        count = int(match[1]) * (7 if match[2] == "week" else 1)
        if count > _MOST:
            raise InvalidValueError(name, text, f"must be at most {_MOST} days or hours")
        unit: dict[str, DeadlineUnit] = {"week": "day", **{name: name for name in _COUNTED}}
        return cls(count, unit[match[2]])

    def __str__(self) -> str:
        if self.unit == "agreed":
            return "agreed"
        if not self.count:
            return "same day"
        return f"{self.count} {self.unit}" if self.count == 1 else f"{self.count} {self.unit}s"

    @property
    def days(self) -> int:
        """Its length in days, at least 1: what lateness is measured against."""
        hours = self.unit in {"hour", "business hour"}
        return max(1, -(-self.count // 24) if hours else self.count)

    def after(self, happened: date, table: RollTable, hours: WorkingHours, zone: ZoneInfo) -> tuple[int, datetime | None]:
        """The last day, and where hours matter the instant, by which it has to be done.

        Of an event that is known by its day only, hours count from the end of that day: nobody is late for what nobody knew.

        Args:
            happened: A civil date, or an aware instant.
            table: Business days.
            hours: When they are worked.
            zone: Of the firm, in which the hours are meant.
        """
        local = happened.astimezone(zone) if isinstance(happened, datetime) else None
        day = happened.toordinal() if local is None else local.date().toordinal()
        if self.unit == "day":
            return day + self.count, None
        if self.unit == "business day":
            return table.add(day, self.count), None
        if self.unit == "hour":
            start = local if local is not None else datetime.combine(date.fromordinal(day + 1), time(), zone)
            # Hours that pass are counted in UTC: a change of the clock makes none of them longer.
            due = (start.astimezone(ZoneInfo("UTC")) + timedelta(hours=self.count)).astimezone(zone)
            return due.date().toordinal(), due
        second = _DAY if local is None else local.hour * 3_600 + local.minute * 60 + local.second
        last, at = hours.add(table, day, second, self.count * 3_600)
        due = datetime.combine(date.fromordinal(last), time(), zone) + timedelta(seconds=at)
        return last, due
