"""What was planned, as appointments (PLN-4)."""

from hashlib import blake2b

import attrs

from relcare.errors import InvalidValueError
from relcare.model import Appointment
from relcare.planning._agenda_entries import Slot

__all__ = ["appointment_of"]


def appointment_of(slot: Slot, appointment: Appointment | None = None, *, purpose: str | None = None) -> Appointment:
    """The appointment that a slot asks for: a new one, or the one it stands for, moved where the plan moved it.

    A new one has an id that depends on the obligation alone, so that planning again makes the same. The sequence goes up by one
    when the day or the member of staff changes, and stays when nothing does.

    Args:
        slot: Of an agenda.
        appointment: The one it stands for, by `slot.appointment_id`; None where it stands for none.
        purpose: Of a new one.

    Raises:
        InvalidValueError: If another appointment is given than the slot stands for, or none though it stands for one.

    Source: PLN-4.
    """
    known = None if appointment is None else appointment.id
    if known != slot.appointment_id:
        raise InvalidValueError("appointment", known, f"must be the one of the slot, {slot.appointment_id!r}")
    if appointment is None:
        return Appointment(
            id=f"plan-{blake2b((slot.key or '').encode(), digest_size=12).hexdigest()}",
            client_id=slot.client_id,
            staff_id=slot.staff_id,
            on=slot.on,
            minutes=slot.minutes,
            channel=slot.channel,
            purpose=purpose,
            person_id=slot.person_id,
            obligation_key=slot.key,
        )
    if (appointment.on, appointment.staff_id) == (slot.on, slot.staff_id):
        return appointment
    return attrs.evolve(
        appointment, on=slot.on, staff_id=slot.staff_id, starts_at=slot.starts_at, sequence=appointment.sequence + 1
    )
