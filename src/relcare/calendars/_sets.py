"""Calendars made of explicit days: Monday to Friday, sets of dates, and closures on top of another calendar."""

from collections.abc import Iterable
from datetime import date

import attrs

from relcare.calendars._days import (
    WEEKEND,
    checked_day,
    checked_days,
    checked_name,
    checked_weekdays,
    is_within,
    refuse_inverted_horizon,
)
from relcare.calendars._protocol import Calendar
from relcare.errors import InvalidValueError

__all__ = ["CombinedCalendar", "SetCalendar", "Weekdays", "combine"]


def _holidays(values: Iterable[date]) -> frozenset[date]:
    return checked_days(values, "holidays")


def _working_days(values: Iterable[date]) -> frozenset[date]:
    return checked_days(values, "working_days")


def _closures(values: Iterable[date]) -> frozenset[date]:
    return checked_days(values, "closures")


def _shown(days: frozenset[date]) -> str:
    # The order of a set of dates changes from one process to the next; what is shown does not.
    return f"{{{', '.join(day.isoformat() for day in sorted(days))}}}"


def _weekend(values: Iterable[int]) -> frozenset[int]:
    return checked_weekdays(values, "weekend")


def _open_weekdays(values: Iterable[int] | None) -> frozenset[int] | None:
    return None if values is None else checked_weekdays(values, "open_weekdays")


def _known_from(value: date | None) -> date | None:
    return None if value is None else checked_day(value, "known_from")


def _known_until(value: date | None) -> date | None:
    return None if value is None else checked_day(value, "known_until")


@attrs.frozen
class Weekdays:
    """Monday to Friday are business days, without holidays and without limit: what a policy that names no calendar counts.

    Examples:
        >>> Weekdays().is_business_day(date(2026, 1, 1))
        True
        >>> Weekdays().known_until is None
        True

    Source: TIM-6.
    """

    @property
    def name(self) -> str:
        """The name of the calendar, `weekdays`."""
        return "weekdays"

    @property
    def known_from(self) -> date | None:
        """None: known without limit."""
        return None

    @property
    def known_until(self) -> date | None:
        """None: known without limit."""
        return None

    def is_business_day(self, day: date) -> bool:
        """Is it Monday to Friday."""
        return checked_day(day).weekday() not in WEEKEND

    def is_known(self, day: date) -> bool:
        """True for every day from 1900 to 2199."""
        checked_day(day)
        return True


@attrs.frozen(kw_only=True)
class SetCalendar:
    """Business days from explicit sets: the days of the week, less the holidays, plus the working days.

    A holiday on a weekend changes nothing, nor does a working day on an ordinary weekday. A day that stands in both sets is
    refused. Outside `known_from` to `known_until` (both inclusive) the sets still answer, provisionally.

    Args:
        name: How reasons cite it; printable text.
        holidays: Days off, in any order; repetition does not matter.
        working_days: Days worked though their day of the week is free (make-up working days).
        known_from: The first day that the sets cover; None (the default) for no limit.
        known_until: The last day that the sets cover, inclusive; None (the default) for no limit.
        weekend: The free days of the week, 0 for Monday to 6 for Sunday; Saturday and Sunday by default.

    Raises:
        InvalidValueError: A day is not a civil date of the years 1900 to 2199, or the sets contradict each other.

    Examples:
        >>> shop = SetCalendar(name="shop", holidays=[date(2026, 12, 25)], weekend=[6])
        >>> shop.is_business_day(date(2026, 12, 26)), shop.is_business_day(date(2026, 12, 25))
        (True, False)

    Source: TIM-6.
    """

    name: str = attrs.field(converter=checked_name)
    holidays: frozenset[date] = attrs.field(default=frozenset[date](), converter=_holidays, repr=_shown)
    working_days: frozenset[date] = attrs.field(default=frozenset[date](), converter=_working_days, repr=_shown)
    known_from: date | None = attrs.field(default=None, converter=_known_from)
    known_until: date | None = attrs.field(default=None, converter=_known_until)
    weekend: frozenset[int] = attrs.field(default=WEEKEND, converter=_weekend)

    def __attrs_post_init__(self) -> None:
        refuse_inverted_horizon(self.known_from, self.known_until)
        if both := self.holidays & self.working_days:
            raise InvalidValueError("working_days", min(both), "must not be a holiday of the same calendar as well")

    def is_business_day(self, day: date) -> bool:
        """Is it a working day after the sets; provisional outside `known_from` to `known_until`."""
        day = checked_day(day)
        return day in self.working_days or (day.weekday() not in self.weekend and day not in self.holidays)

    def is_known(self, day: date) -> bool:
        """Does the day lie within `known_from` to `known_until`, both inclusive."""
        return is_within(checked_day(day), self.known_from, self.known_until)


@attrs.frozen(kw_only=True)
class CombinedCalendar:
    """Another calendar, less closures, and on certain days of the week only; see `combine`.

    Attributes:
        base: The calendar underneath.
        closures: Days off on top of it.
        open_weekdays: The only days of the week on which there is business, 0 for Monday; None for those of the base.
        name: How reasons cite it.

    Source: TIM-6.
    """

    base: Calendar
    closures: frozenset[date] = attrs.field(default=frozenset[date](), converter=_closures, repr=_shown)
    open_weekdays: frozenset[int] | None = attrs.field(default=None, converter=_open_weekdays)
    name: str = attrs.field(converter=checked_name)

    def __attrs_post_init__(self) -> None:
        # Whoever brings a calendar of their own brings a class of their own: only what is asked of it is looked for.
        if not callable(getattr(self.base, "is_business_day", None)):
            raise InvalidValueError("base", self.base, "must be a calendar", "write Weekdays() or calendar(...)")

    @property
    def known_from(self) -> date | None:
        """The first day that the calendar underneath knows."""
        return self.base.known_from

    @property
    def known_until(self) -> date | None:
        """The last day that the calendar underneath knows."""
        return self.base.known_until

    def is_business_day(self, day: date) -> bool:
        """Is it a business day underneath, not closed, and on an open day of the week."""
        day = checked_day(day)
        if day in self.closures or (self.open_weekdays is not None and day.weekday() not in self.open_weekdays):
            return False
        return self.base.is_business_day(day)

    def is_known(self, day: date) -> bool:
        """Does the calendar underneath know the day; a closure beyond its horizon does not make the day known."""
        return self.base.is_known(day)


def combine(
    calendar: Calendar,
    *,
    closures: Iterable[date] = (),
    open_weekdays: Iterable[int] | None = None,
    name: str | None = None,
) -> CombinedCalendar:
    """The calendar with the firm's closures, an owner's days off, or a client's visiting days laid on top.

    What is laid on top only takes days away: a closed day is no business day even where the calendar underneath has a make-up
    working day. Combining again stacks. What is published stays what the calendar underneath knows.

    Args:
        calendar: The calendar underneath.
        closures: Days without business, in any order; none by default.
        open_weekdays: The only days of the week with business (a client's visiting days), 0 for Monday to 6 for Sunday; None (the
            default) leaves those of the calendar underneath.
        name: How reasons cite the result; the name of the calendar underneath by default.

    Raises:
        InvalidValueError: A closure is not a civil date of the years 1900 to 2199, or a day of the week not 0 to 6.

    Examples:
        >>> office = combine(Weekdays(), closures=[date(2026, 4, 3)])
        >>> office.is_business_day(date(2026, 4, 3))
        False
        >>> tuesdays = combine(office, open_weekdays=[1])
        >>> tuesdays.is_business_day(date(2026, 4, 7)), tuesdays.is_business_day(date(2026, 4, 8))
        (True, False)

    Source: TIM-6.
    """
    return CombinedCalendar(
        base=calendar,
        closures=closures,
        open_weekdays=open_weekdays,
        name=calendar.name if name is None else name,
    )
