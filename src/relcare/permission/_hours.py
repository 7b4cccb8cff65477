"""At which hours a client may be contacted: windows on the wall clock of the client's zone, by day of the week."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, Literal, Self

import attrs

from relcare._fields import check_choice, check_tuple_of, to_texts, to_tuple
from relcare.errors import InvalidValueError
from relcare.permission._local_days import Minutes
from relcare.permission._scope import CLASSES, PurposeScope, check_channels

__all__ = ["DAY_NAMES", "HOLIDAY", "HOLIDAY_RULES", "HourWindow", "Hours"]

DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holiday")
HOLIDAY: Final = 7
"""The place of public holidays among the days of a window, after Sunday."""

HOLIDAY_RULES: Final = ("as usual", "closed")
_DAY: Final = 1_440
_CALENDAR: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)
_WINDOW: Final = re.compile(r"(?:([A-Za-z,-]+) )?([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])", re.ASCII)


def _to_days(values: Iterable[int]) -> frozenset[int]:
    try:
        return frozenset(values)
    except TypeError:
        raise InvalidValueError(
            "days", values, "must be days of the week, 0 for Monday to 6 for Sunday, 7 for holidays"
        ) from None


@attrs.frozen(kw_only=True)
class HourWindow:
    """A stretch of the day, on some days of the week; half-open.

    Attributes:
        days: 0 for Monday to 6 for Sunday, 7 for public holidays; at least one.
        start: Minutes since local midnight, from 0 to 1,439.
        end: From 1 to 1,440; at or before `start` it lies on the day after.

    Raises:
        InvalidValueError: If a part is out of range.

    Examples:
        >>> str(HourWindow.parse("Mon-Fri 10:00-13:00"))
        'Mon-Fri 10:00-13:00'
        >>> str(HourWindow.parse("21:00-08:00"))
        '21:00-08:00'
    """

    days: frozenset[int] = attrs.field(default=frozenset(range(7)), converter=_to_days)
    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if not self.days or any(type(day) is not int or not 0 <= day <= HOLIDAY for day in self.days):
            raise InvalidValueError(
                "days", set(self.days), "must be days of the week, 0 for Monday to 6 for Sunday, 7 for holidays"
            )
        for name, value, least, most in (("start", self.start, 0, _DAY - 1), ("end", self.end, 1, _DAY)):
            if type(value) is not int or not least <= value <= most:
                raise InvalidValueError(name, value, f"must be minutes since midnight, from {least} to {most}")
        if self.start == self.end:
            raise InvalidValueError("end", self.end, "must differ from start", "write 00:00-24:00 for the whole day")
        if self.end < self.start and HOLIDAY in self.days:
            raise InvalidValueError("end", self.end, "must not be on the day after a holiday", "end at 24:00")

    @classmethod
    def parse(cls, text: str, name: str = "window") -> Self:
        """The window that a text such as `Mon-Fri 10:00-13:00`, `Sat,holiday 10:00-12:00` or `21:00-08:00` means.

        Raises:
            InvalidValueError: If the text is anything else; without days it holds on every day of the week.
        """
        match = _WINDOW.fullmatch(text) if isinstance(text, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        days = frozenset(range(7)) if match is None or match[1] is None else _days(match[1])
        if match is None or days is None:
            rule = "must be days and a stretch of hours"
            raise InvalidValueError(name, text, rule, 'write "Mon-Fri 10:00-13:00", "Sat,holiday 10:00-12:00" or "21:00-08:00"')
        start, end = (60 * int(match[at]) + int(match[at + 1]) for at in (2, 4))
        try:
            return cls(days=days, start=start, end=end)
        except InvalidValueError as error:
            raise InvalidValueError(name, text, f"{error.name} {error.rule}", error.hint) from None

    def __str__(self) -> str:
        hours = f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"
        return hours if self.days == frozenset(range(7)) else f"{_day_text(self.days)} {hours}"


def _days(text: str) -> frozenset[int] | None:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAY_NAMES or (
            dash and (last not in DAY_NAMES or HOLIDAY in {DAY_NAMES.index(first), DAY_NAMES.index(last)})
        ):
            return None
        start = DAY_NAMES.index(first)
        end = DAY_NAMES.index(last) if dash else start
        found.update(range(start, end + 1) if start <= end else {*range(start, 7), *range(end + 1)})
    return frozenset(found)


def _day_text(days: frozenset[int]) -> str:
    """Runs of three days and more as `Mon-Fri`, the others one by one."""
    parts: list[str] = []
    left = sorted(days - {HOLIDAY})
    while left:
        run = 1
        while run < len(left) and left[run] == left[0] + run:
            run += 1
        names = [DAY_NAMES[day] for day in left[:run]]
        parts.extend([f"{names[0]}-{names[-1]}"] if run > 2 else names)
        left = left[run:]
    return ",".join([*parts, *(["holiday"] if HOLIDAY in days else [])])


def _to_windows(values: Iterable[HourWindow | str]) -> tuple[HourWindow, ...]:
    given = to_tuple(values)
    if not isinstance(given, tuple):  # pyright: ignore[reportUnnecessaryIsInstance]
        return given  # the check refuses it
    return tuple(HourWindow.parse(value) if isinstance(value, str) else value for value in given)


@attrs.frozen(kw_only=True)
class Hours:
    """At which hours a client may be contacted, by the clock on the client's wall.

    Attributes:
        allowed: The only windows in which it may be; texts are read as `HourWindow.parse` does. Either these or `quiet`.
        quiet: The windows in which it may not be.
        holidays: On public holidays `as usual`, or `closed` all day; a window that names `holiday` replaces those of the weekday.
            A public holiday is a Monday to Friday that is no business day.
        calendar: Whose public holidays, such as `FR`; None for the policy's business calendar.
        channels: Which channels; none for every channel.
        purposes: `every`, or `advertising` only.
        night_consent: Whether a consent that says so (`Consent.night`) lifts the hours while it is in force.

    Raises:
        InvalidValueError: If the parts do not fit together, or leave no minute of the week.

    Source: CAD-11, TIM-4.
    """

    allowed: tuple[HourWindow, ...] = attrs.field(default=(), converter=_to_windows)
    quiet: tuple[HourWindow, ...] = attrs.field(default=(), converter=_to_windows)
    holidays: Literal["as usual", "closed"] = "as usual"
    calendar: str | None = None
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    purposes: PurposeScope = "every"
    night_consent: bool = False

    def __attrs_post_init__(self) -> None:
        check_tuple_of("allowed", self.allowed, HourWindow)
        check_tuple_of("quiet", self.quiet, HourWindow)
        if bool(self.allowed) == bool(self.quiet):
            raise InvalidValueError(
                "allowed", self.allowed, "must be given, or quiet, and not both", 'write quiet = ["21:00-08:00"]'
            )
        check_choice("holidays", self.holidays, HOLIDAY_RULES)
        if self.calendar is not None and not (isinstance(self.calendar, str) and _CALENDAR.fullmatch(self.calendar)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("calendar", self.calendar, "must be a country code such as FR, or with a region US-CA")
        check_channels("channels", self.channels)
        check_choice("purposes", self.purposes, CLASSES)
        if type(self.night_consent) is not bool:
            raise InvalidValueError("night_consent", self.night_consent, "must be True or False")
        if self.holidays == "closed" and any(HOLIDAY in window.days for window in self.windows):
            raise InvalidValueError("holidays", self.holidays, "must not be given where a window names holiday")

    @property
    def windows(self) -> tuple[HourWindow, ...]:
        """Those of `allowed` or `quiet`."""
        return self.allowed or self.quiet

    @property
    def sees_holidays(self) -> bool:
        """Whether public holidays make a difference."""
        return self.holidays == "closed" or any(HOLIDAY in window.days for window in self.windows)

    @property
    def never_opens(self) -> bool:
        """Whether no weekday has a minute left; holidays aside."""
        return not any(self.open_on(weekday, is_holiday=False) for weekday in range(7))

    def open_on(self, weekday: int, *, is_holiday: bool) -> Minutes:
        """The minutes of a day at which the hours are open.

        Args:
            weekday: 0 for Monday to 6 for Sunday.
            is_holiday: Whether the day is a public holiday.
        """
        return self._open[weekday, is_holiday and self.sees_holidays]

    @cached_property
    def _open(self) -> dict[tuple[int, bool], Minutes]:
        return {(day, off): self._minutes(day, is_holiday=off) for day in range(7) for off in (False, True)}

    def _minutes(self, weekday: int, *, is_holiday: bool) -> Minutes:
        if is_holiday and self.holidays == "closed":
            return ()
        named: list[tuple[int, int]] = []
        today = HOLIDAY if is_holiday else weekday
        for window in self.windows:
            if today in window.days:
                named.append((window.start, window.end if window.end > window.start else _DAY))
            if window.end < window.start and (weekday - 1) % 7 in window.days:
                named.append((0, window.end))
        merged = _merged(named)
        return merged if self.allowed else _rest(merged)


def _merged(stretches: Iterable[tuple[int, int]]) -> Minutes:
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _rest(stretches: Minutes) -> Minutes:
    """What the stretches leave of the day."""
    edges = [0, *(edge for stretch in stretches for edge in stretch), _DAY]
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)
