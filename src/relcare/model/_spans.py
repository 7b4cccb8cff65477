"""Days from a first one to an end that no longer counts (TIM-4): shared by everything that is in force for a time."""

from datetime import date

from relcare._fields import check_day
from relcare.errors import InvalidValueError

__all__ = ["check_span", "is_within"]


def check_span(start_on: date, end_on: date | None) -> None:
    """Refuse what is no day, and an end that is not after the start; None is an open end."""
    check_day("start_on", start_on)
    if end_on is not None:
        check_day("end_on", end_on)
        if end_on <= start_on:
            raise InvalidValueError("end_on", end_on, f"must be after start_on, {start_on}")


def is_within(day: date, start_on: date, end_on: date | None) -> bool:
    """Whether a day is among those from `start_on` on; `end_on` is not."""
    return start_on <= day and (end_on is None or day < end_on)
