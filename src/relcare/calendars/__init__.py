"""Business days: which days an office works, what is published about them, and how a date rolls to one.

Source: TIM-6.
"""

from relcare.calendars._festivals import FESTIVALS, Festival, festival
from relcare.calendars._hours import Deadline, DeadlineUnit, WorkingHours
from relcare.calendars._lunar import LUNAR_CALENDARS, LUNAR_YEARS, LunarCalendar, solar_day
from relcare.calendars._national import NationalCalendar, calendar
from relcare.calendars._protocol import Calendar
from relcare.calendars._roll import Roll, add_business_days, business_days_between, roll
from relcare.calendars._sets import CombinedCalendar, SetCalendar, Weekdays, combine
from relcare.calendars._table import RollTable

__all__ = [
    "FESTIVALS",
    "LUNAR_CALENDARS",
    "LUNAR_YEARS",
    "Calendar",
    "CombinedCalendar",
    "Deadline",
    "DeadlineUnit",
    "Festival",
    "LunarCalendar",
    "NationalCalendar",
    "Roll",
    "RollTable",
    "SetCalendar",
    "Weekdays",
    "WorkingHours",
    "add_business_days",
    "business_days_between",
    "calendar",
    "combine",
    "festival",
    "roll",
    "solar_day",
]
