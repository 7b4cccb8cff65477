"""The entries of an agenda: contacts with a day, contacts without one, and how full and how good the days are (PLN-2, PLN-3)."""

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction

import attrs

from relcare._fields import to_tuple
from relcare.model import Reason

__all__ = ["DayLoad", "Slot", "StaffPlan", "Unplanned", "to_reasons"]


def to_reasons(values: Iterable[Reason]) -> tuple[Reason, ...]:
    """Reasons as a tuple."""
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Slot:
    """One contact that has a day and a member of staff.

    Attributes:
        on: The day.
        staff_id: Who does it.
        owner_id: The client's account manager, or None.
        key: Of the obligation (CAD-13); a projected occurrence has a key of its own; None for an appointment that nothing asked
            for.
        client_id: With whom.
        person_id: Whom it is meant for, or None.
        rule_id: The governing rule; None for an appointment that nothing asked for.
        channel: How.
        minutes: How long it takes, from 1.
        weight: What it weighs when not everything fits on time, from 1; 0 for an appointment that nothing asked for.
        earliest_on: The first of its days.
        due_on: The day on which it is due; the day of the appointment where nothing asked for it.
        latest_on: The last day on which it is on time: of grace, or of the time for catching up where it is late already.
        is_projected: Whether it is a later occurrence, foreseen from `due_on` (PLN-2).
        appointment_id: The appointment that it stands for, or None.
        starts_at: The instant of that appointment, or None.
        is_confirmed: Whether the appointment is confirmed and never moves (PLN-4).
        reasons: Why on this day and by this member of staff; none when it is simply due then.
    """

    on: date
    staff_id: str
    owner_id: str | None = None
    key: str | None
    client_id: str
    person_id: str | None = None
    rule_id: str | None = None
    channel: str
    minutes: int
    weight: int = 0
    earliest_on: date
    due_on: date
    latest_on: date
    is_projected: bool = False
    appointment_id: str | None = None
    starts_at: datetime | None = None
    is_confirmed: bool = False
    reasons: tuple[Reason, ...] = attrs.field(default=(), converter=to_reasons)

    @property
    def moved_days(self) -> int:
        """How many days after the due day it is planned; negative for before, 0 on the day."""
        return (self.on - self.due_on).days

    @property
    def is_late(self) -> bool:
        """Whether it is planned after the last day on which it is on time."""
        return self.on > self.latest_on


@attrs.frozen(kw_only=True)
class Unplanned:
    """One contact that found no day, with the reason (PLN-3).

    Attributes:
        key: Of the obligation (CAD-13), or of its projected occurrence.
        client_id: With whom.
        staff_id: Who would do it, or None when nobody is found.
        owner_id: The client's account manager, or None.
        person_id: Whom it is meant for, or None.
        rule_id: The governing rule.
        channel: How.
        minutes: How long it takes.
        weight: What it weighs, from 1.
        earliest_on: The first of its days.
        due_on: The day on which it is due.
        latest_on: The last day on which it would be on time.
        is_projected: Whether it is a later occurrence.
        reasons: Why it is not planned; the first decides, the others tell more.
    """

    key: str
    client_id: str
    staff_id: str | None
    owner_id: str | None = None
    person_id: str | None = None
    rule_id: str
    channel: str
    minutes: int
    weight: int
    earliest_on: date
    due_on: date
    latest_on: date
    is_projected: bool = False
    reasons: tuple[Reason, ...] = attrs.field(converter=to_reasons)

    @property
    def is_later(self) -> bool:
        """Whether nothing is wrong with it: it only has its day after the horizon."""
        return bool(self.reasons) and self.reasons[0].code == "plan.later"


@attrs.frozen(kw_only=True)
class DayLoad:
    """How full one day of one member of staff is.

    Attributes:
        staff_id: Who.
        on: The day; days on which the office is closed are left out.
        minutes: What is planned; more than the capacity only where confirmed appointments ask for it.
        capacity: What there is; 0 on a day of absence.
        contacts: How many contacts are planned.
        is_away: Whether it is a day of absence.
    """

    staff_id: str
    on: date
    minutes: int
    capacity: int
    contacts: int = 0
    is_away: bool = False

    @property
    def free(self) -> int:
        """The minutes that are left, never below 0."""
        return max(0, self.capacity - self.minutes)

    @property
    def ratio(self) -> Fraction | None:
        """Planned minutes as a share of the capacity; None where there is no capacity."""
        return Fraction(self.minutes, self.capacity) if self.capacity else None


@attrs.frozen(kw_only=True)
class StaffPlan:
    """How good the plan of one member of staff is, and how full.

    Attributes:
        staff_id: Who.
        is_exact: Whether the plan is surely the optimum, because all contacts take equally long or each has its preferred day: no
            other has more weight on time, and none with as much has fewer contacts off their preferred day (PLN-2).
        weight: Of what is asked.
        weight_on_time: Of what is planned on time.
        weight_bound: No plan has more weight on time than this; for a plan that `is_exact` it is `weight_on_time`.
        moves: How many of those on time stand on another day than the preferred one.
        minutes: What the contacts ask in the horizon.
        capacity: What there is in the horizon.
        stretch_percent: What all intervals were multiplied with, in hundredths; 100: as they are (PLN-3).
    """

    staff_id: str
    is_exact: bool
    weight: int
    weight_on_time: int
    weight_bound: int
    moves: int
    minutes: int
    capacity: int
    stretch_percent: int = 100

    @property
    def gap(self) -> Fraction:
        """By how much of the bound the weight on time may fall short of the optimum, from 0 to 1; 0 when it is the optimum."""
        return Fraction(self.weight_bound - self.weight_on_time, self.weight_bound) if self.weight_bound else Fraction()
