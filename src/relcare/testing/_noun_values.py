"""One strategy for each noun, calendar and clock, by its class."""

from collections.abc import Callable, Mapping
from typing import Final

from hypothesis import strategies as st

from relcare.calendars import CombinedCalendar, Deadline, NationalCalendar, SetCalendar, Weekdays, WorkingHours, calendar
from relcare.model import (
    Absence,
    Appointment,
    AttributeChange,
    Birthday,
    Book,
    Challenge,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Pin,
    Purchase,
    Review,
    ReviewBorder,
    ReviewDecision,
    ReviewRow,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.testing._appointment_strategies import appointments
from relcare.testing._book_strategies import books, touchpoints
from relcare.testing._cadence_strategies import calendars
from relcare.testing._client_strategies import attribute_changes, clients, people, staff
from relcare.testing._clocks import FixedClock, SteppingClock
from relcare.testing._purchase_strategies import purchases
from relcare.testing._record_strategies import absences, consents, owner_spells, pins, tier_spells
from relcare.testing._review_strategies import challenges, review_borders, review_decisions, review_rows, reviews
from relcare.testing._strategies import birthdays, moments, money, one_of_drawn
from relcare.testing._trigger_strategies import deadlines, working_hours
from relcare.testing._vip_strategies import membership_events

__all__ = ["NOUNS"]

_CLIENTS: Final = ("c-1", "c-2", "한글")
_STAFF: Final = ("lee", "王")
_NATIONS: Final = ("CN", "KR", "US", "US-CA")


def _national() -> st.SearchStrategy[object]:
    # By name and not by value: the years of a calendar are worked out in the value.
    return st.sampled_from(_NATIONS).map(calendar)


def _calendar_of(kind: type) -> st.SearchStrategy[object]:
    return calendars().filter(lambda one: isinstance(one, kind))


NOUNS: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    # what happens
    Absence: lambda: one_of_drawn(absences(_STAFF)),
    Appointment: lambda: one_of_drawn(appointments(_CLIENTS, staff_ids=_STAFF, person_ids=["p-1"])),
    AttributeChange: attribute_changes,
    Birthday: birthdays,
    Book: books,
    Client: clients,
    Consent: lambda: one_of_drawn(consents(_CLIENTS, person_ids=["p-1"])),
    ContactPerson: lambda: one_of_drawn(people(_CLIENTS)),
    MembershipEvent: lambda: one_of_drawn(membership_events(_CLIENTS)),
    Money: lambda: money() | money("KRW", low="-1000"),
    OwnerSpell: lambda: one_of_drawn(owner_spells(_CLIENTS, owner_ids=_STAFF)),
    Purchase: lambda: one_of_drawn(purchases(_CLIENTS)),
    Staff: staff,
    Challenge: lambda: challenges(_CLIENTS),
    Pin: lambda: one_of_drawn(pins(_CLIENTS)),
    Review: reviews,
    ReviewBorder: review_borders,
    ReviewDecision: review_decisions,
    ReviewRow: lambda: review_rows(_CLIENTS),
    TierSpell: lambda: one_of_drawn(tier_spells(_CLIENTS)),
    Touchpoint: lambda: one_of_drawn(touchpoints(_CLIENTS)),
    # calendars
    CombinedCalendar: lambda: _calendar_of(CombinedCalendar),
    NationalCalendar: _national,
    SetCalendar: lambda: _calendar_of(SetCalendar),
    Deadline: deadlines,
    Weekdays: lambda: st.just(Weekdays()),
    WorkingHours: working_hours,
    # clocks
    FixedClock: lambda: st.builds(FixedClock, moments("America/New_York")),
    SteppingClock: lambda: st.builds(SteppingClock, moments("America/New_York")),
}
"""How each is drawn."""
