"""The minutes that members of staff have for contacts, day by day, and the days on which they visit (PLN-2)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap, check_id, check_text, check_tuple_of, to_map, to_texts, to_tuple
from relcare.errors import InvalidValueError, nearest

__all__ = ["WEEKDAYS", "Capacity"]

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""The days of the week by name, as plans write them."""

_MOST: Final = 1_440


def _to_days(values: Iterable[str]) -> tuple[str, ...]:
    return to_tuple(values)


def _to_minutes(values: Mapping[str, int]) -> Mapping[str, int]:
    return to_map(values)


def _to_visiting(values: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return values
    return ReadOnlyMap({staff_id: to_tuple(days) for staff_id, days in values.items()})


def _check_minutes(name: str, value: object, least: int) -> None:
    if type(value) is not int or not least <= value <= _MOST:
        raise InvalidValueError(name, value, f"must be a whole number of minutes from {least} to {_MOST:,}")


def _check_days(name: str, days: tuple[str, ...]) -> None:
    check_tuple_of(name, days, str)
    for index, day in enumerate(days):
        if day not in WEEKDAYS:
            near = nearest(day, WEEKDAYS)
            raise InvalidValueError(
                f"{name}[{index}]", day, f"must be one of {', '.join(WEEKDAYS)}", f"did you mean {near!r}?" if near else None
            )


@attrs.frozen(kw_only=True)
class Capacity:
    """How much time there is for contacts on a working day, and on which days visits are made.

    On a day that is no business day, and on a day of absence, nobody has any time, whatever stands here.

    Attributes:
        minutes_per_day: What each member of staff has for contacts on a working day, from 0 to 1,440.
        by_staff: The same for those who have more or less, by id.
        contact_minutes: How long a contact takes whose rule or appointment says 0, from 1 to 1,440.
        visit_channels: The channels that are visits.
        visiting_days: The days of the week on which visits are made, as `Tue`; none given: every working day.
        visiting_days_by_staff: The same for those who keep other days, by id.

    Raises:
        InvalidValueError: If a figure is out of range or a day of the week is none.

    Examples:
        >>> capacity = Capacity(by_staff={"lee": 120}, visiting_days=["Tue", "Thu"])
        >>> capacity.minutes_of("kim"), capacity.minutes_of("lee")
        (360, 120)
        >>> capacity.is_day_for("visit", "kim", date(2026, 3, 31)), capacity.is_day_for("visit", "kim", date(2026, 4, 1))
        (True, False)

    Source: PLN-2.
    """

    minutes_per_day: int = 360
    by_staff: Mapping[str, int] = attrs.field(factory=ReadOnlyMap[str, int], converter=_to_minutes)
    contact_minutes: int = 15
    visit_channels: tuple[str, ...] = attrs.field(default=("visit",), converter=to_texts)
    visiting_days: tuple[str, ...] = attrs.field(default=(), converter=_to_days)
    visiting_days_by_staff: Mapping[str, tuple[str, ...]] = attrs.field(
        factory=ReadOnlyMap[str, tuple[str, ...]], converter=_to_visiting
    )

    def __attrs_post_init__(self) -> None:
        _check_minutes("minutes_per_day", self.minutes_per_day, 0)
        _check_minutes("contact_minutes", self.contact_minutes, 1)
        for name in ("by_staff", "visiting_days_by_staff"):
            if not isinstance(getattr(self, name), ReadOnlyMap):
                raise InvalidValueError(name, getattr(self, name), "must be a mapping of ids of staff")
        for staff_id, minutes in self.by_staff.items():
            check_id("by_staff", staff_id)
            _check_minutes(f"by_staff.{staff_id}", minutes, 0)
        check_tuple_of("visit_channels", self.visit_channels, str)
        for index, channel in enumerate(self.visit_channels):
            check_text(f"visit_channels[{index}]", channel)
        _check_days("visiting_days", self.visiting_days)
        for staff_id, days in self.visiting_days_by_staff.items():
            check_id("visiting_days_by_staff", staff_id)
            _check_days(f"visiting_days_by_staff.{staff_id}", days)

    def minutes_of(self, staff_id: str) -> int:
        """What a member of staff has for contacts on a working day."""
        return self.by_staff.get(staff_id, self.minutes_per_day)

    def minutes_for(self, minutes: int) -> int:
        """How long a contact takes that is declared with so many minutes; 0 is not said."""
        return minutes or self.contact_minutes

    def is_visit(self, channel: str) -> bool:
        """Whether contacts by a channel are visits."""
        return channel in self.visit_channels

    def is_day_for(self, channel: str, staff_id: str, day: date) -> bool:
        """Whether a member of staff makes contacts by a channel on such a day of the week; only visits have days of their own."""
        if not self.is_visit(channel):
            return True
        days = self.visiting_days_by_staff.get(staff_id, self.visiting_days)
        return not days or WEEKDAYS[day.weekday()] in days
