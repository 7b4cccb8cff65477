"""On which day a scheme is reviewed."""

from datetime import date
from typing import Final

from relcare._time import first_of_month, month_index
from relcare.calendars import Calendar, Weekdays, calendar, roll
from relcare.decisions import Policy
from relcare.segmentation import Scheme

__all__ = ["own_calendar", "review_day"]

_MONTHS: Final = {"monthly": 1, "quarterly": 3, "yearly": 12}


def own_calendar(policy: Policy) -> Calendar:
    """The business days that a policy names (TIM-6).

    Raises:
        MissingExtraError: If it names a calendar and the extra `calendar` is not installed.
    """
    return Weekdays() if policy.calendar is None else calendar(policy.calendar)


def review_day(scheme: Scheme, as_of: date, business_days: Calendar) -> date:
    """The latest day, not after the day asked about, on which a scheme is reviewed: the first business day of its period.

    Args:
        scheme: Monthly where it does not say; a quarter begins in January, April, July and October.
        as_of: A civil day. Before the first business day of its month the review is that of the period before.
        business_days: What counts as a business day.

    Examples:
        >>> from relcare.calendars import Weekdays
        >>> from relcare.segmentation import QuotaScheme, QuotaTier
        >>> scheme = QuotaScheme(id="abc", tiers=[QuotaTier("A", "100%")], score="revenue")
        >>> review_day(scheme, date(2026, 3, 31), Weekdays()).isoformat()
        '2026-03-02'
        >>> review_day(scheme, date(2026, 3, 1), Weekdays()).isoformat()
        '2026-02-02'

    Source: SEG-11.
    """
    length = _MONTHS[scheme.review or "monthly"]
    period = month_index(as_of.toordinal()) // length * length
    first = _first_business_day(period, business_days)
    return first if first <= as_of else _first_business_day(period - length, business_days)


def _first_business_day(month: int, business_days: Calendar) -> date:
    return roll(date.fromordinal(first_of_month(month)), "following", business_days)
