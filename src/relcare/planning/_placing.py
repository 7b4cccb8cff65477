"""Contacts on their way to a day, and where they stood before (PLN-4)."""

from collections.abc import Sequence
from datetime import date

import attrs

from relcare.model import Appointment, Reason
from relcare.planning._agenda import Agenda
from relcare.planning._agenda_entries import Slot
from relcare.planning._allowed_days import Allowed
from relcare.planning._levelling_jobs import NOWHERE
from relcare.planning._wanted import Wanted

__all__ = ["Before", "Placing", "earlier_places"]


@attrs.frozen(kw_only=True)
class Before:
    """Where a contact was planned before.

    Attributes:
        on: The day.
        staff_id: By whom.
    """

    on: date
    staff_id: str


@attrs.define(kw_only=True, eq=False)
class Placing:
    """One contact on its way to a day.

    Attributes:
        one: The contact.
        allowed: When it may be on time; None for never.
        before: Where it was planned before.
        appointment: The appointment that keeps it.
        place: Where it stands; `NOWHERE` as long as it has no day.
        staff_id: Who does it, or would.
        is_fixed: Whether its appointment is confirmed.
        tour_city: The city whose tour it was gathered into.
        closed: Why it may not be on the day that it had, beside the client's other contacts.
    """

    one: Wanted
    allowed: Allowed | None
    before: Before | None = None
    appointment: Appointment | None = None
    place: int = NOWHERE
    staff_id: str | None = None
    is_fixed: bool = False
    tour_city: str | None = None
    closed: tuple[Reason, ...] = ()

    @property
    def is_on_tour(self) -> bool:
        """Whether it stands on a day of the tour that it was gathered into."""
        return self.tour_city is not None and self.allowed is not None and self.place in self.allowed.days

    @property
    def key(self) -> str:
        """Of the obligation."""
        return self.one.obligation.key


def earlier_places(previous: Agenda | None, wanted: Sequence[Wanted], as_of: date) -> dict[str, Before]:
    """Where contacts stood in an agenda made before, by key.

    A contact that was made gives the next one another key, and what was foreseen has one of its own: where a key is not known any
    more, the days that are left over for the same client, rule and person go to their contacts in order, where they suit them.
    """
    if previous is None:
        return {}
    slots = [slot for slot in previous.slots if slot.key is not None and slot.on >= as_of]
    keys = {one.obligation.key for one in wanted}
    found = {slot.key: Before(on=slot.on, staff_id=slot.staff_id) for slot in slots if slot.key is not None and slot.key in keys}
    left: dict[tuple[str, str | None, str | None], list[Slot]] = {}
    for slot in reversed(slots):
        if slot.key not in keys:
            left.setdefault((slot.client_id, slot.rule_id, slot.person_id), []).append(slot)
    for one in sorted(wanted, key=lambda one: (one.due, one.obligation.key)):
        about = one.obligation.client_id, one.obligation.rule_id, one.obligation.person_id
        days = left.get(about, [])
        if one.obligation.key not in found and days and one.earliest <= days[-1].on.toordinal() <= one.latest:
            slot = days.pop()
            found[one.obligation.key] = Before(on=slot.on, staff_id=slot.staff_id)
    return found
