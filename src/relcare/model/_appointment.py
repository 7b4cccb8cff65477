"""An owed contact that was given a day and a person: what the calendar of the firm holds."""

from datetime import date, datetime
from typing import Final, Literal, TypeAlias, cast

import attrs

from relcare._fields import (
    check_choice,
    check_day,
    check_id,
    check_moment,
    check_optional_text,
    check_text,
    to_day,
    to_optional_moment,
)
from relcare.errors import InvalidValueError

__all__ = ["APPOINTMENT_STATES", "Appointment", "AppointmentState"]

AppointmentState: TypeAlias = Literal["planned", "confirmed", "cancelled"]
APPOINTMENT_STATES: Final[tuple[AppointmentState, ...]] = ("planned", "confirmed", "cancelled")

_MAX_MINUTES: Final = 1_440
_MAX_SEQUENCE: Final = 2_147_483_647  # what calendars hold as an INTEGER


def _to_instant(value: datetime | None) -> datetime | None:
    return cast("datetime | None", to_optional_moment(value))


@attrs.frozen(kw_only=True)
class Appointment:
    """A member of staff and a client are to be in touch on a day.

    It is kept like a client and not like a touchpoint: moving it or calling it off replaces it, with the next `sequence`. A
    confirmed one is agreed with the client and stays where it is when the plan is made anew (PLN-4).

    Attributes:
        id: Unique in the book.
        client_id: With whom.
        staff_id: By whom; need not be among the staff.
        on: The civil day, in the book's zone.
        starts_at: The aware instant at which it starts, on that day in the book's zone; None where only the day is agreed.
        minutes: How long it takes, 0 to 1,440; 0 where that is not said.
        channel: How, free text compared exactly as in a touchpoint.
        purpose: Free text.
        person_id: Whom it is meant for; None for the client as a whole.
        obligation_key: The obligation that it keeps (CAD-13); None for one that nothing asked for.
        state: `planned`, `confirmed` or `cancelled`.
        sequence: How often it was changed since it was made, from 0 on; calendars tell a later version by it.
        place: Where, free text.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Examples:
        >>> visit = Appointment(id="a-1", client_id="c-17", staff_id="lee", on=date(2026, 4, 2), minutes=60, channel="visit")
        >>> visit.state, visit.is_standing, visit.is_fixed
        ('planned', True, False)

    Source: PLN-2, PLN-4
    """

    id: str
    client_id: str
    staff_id: str
    on: date = attrs.field(converter=to_day)
    starts_at: datetime | None = attrs.field(default=None, converter=_to_instant)
    minutes: int = 0
    channel: str
    purpose: str | None = None
    person_id: str | None = None
    obligation_key: str | None = None
    state: AppointmentState = "planned"
    sequence: int = 0
    place: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_id("staff_id", self.staff_id)
        check_day("on", self.on)
        if self.starts_at is not None:
            _check_instant("starts_at", self.starts_at)
        _check_count("minutes", self.minutes, _MAX_MINUTES)
        check_text("channel", self.channel)
        check_optional_text("purpose", self.purpose)
        if self.person_id is not None:
            check_id("person_id", self.person_id)
        check_optional_text("obligation_key", self.obligation_key)
        check_choice("state", self.state, APPOINTMENT_STATES)
        _check_count("sequence", self.sequence, _MAX_SEQUENCE)
        check_optional_text("place", self.place)

    @property
    def is_standing(self) -> bool:
        """Whether it is to take place: planned or confirmed."""
        return self.state != "cancelled"

    @property
    def is_fixed(self) -> bool:
        """Whether it stays where it is when the plan is made anew: confirmed ones do (PLN-4)."""
        return self.state == "confirmed"


def _check_instant(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise InvalidValueError(name, value, "must be an aware instant", "leave it out where only the day is agreed")
    check_moment(name, value)


def _check_count(name: str, value: object, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise InvalidValueError(name, value, f"must be a whole number from 0 to {most:,}")
