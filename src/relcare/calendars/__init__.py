"""Business days: which days an office works, what is published about them, and how a date rolls to one.

Source: TIM-6.
"""

from relcare.calendars._national import NationalCalendar, calendar
from relcare.calendars._protocol import Calendar
from relcare.calendars._roll import Roll, add_business_days, business_days_between, roll
from relcare.calendars._sets import CombinedCalendar, SetCalendar, Weekdays, combine
from relcare.calendars._table import RollTable

__all__ = [
    "Calendar",
    "CombinedCalendar",
    "NationalCalendar",
    "Roll",
    "RollTable",
    "SetCalendar",
    "Weekdays",
    "add_business_days",
    "business_days_between",
    "calendar",
    "combine",
    "roll",
]
