"""Clients change hands: for good, with their history, a note, and no false lateness on day one (PLN-6).

Work changes hands for a time by an `Absence` with a deputy: it comes back by itself on the first day after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import attrs

from relcare._fields import MAX_NOTE, check_day, check_id, check_optional_text, to_day, to_texts
from relcare.errors import InvalidValueError
from relcare.model import Appointment, Book, Obligation, Obligations, OwnerSpell, Reason

__all__ = ["HandoverNote", "handover_note", "relieved", "transfer"]


@attrs.frozen(kw_only=True)
class HandoverNote:
    """What the new account manager of a client has to know.

    Attributes:
        client_id: The client.
        from_id: Who had it; None for the pool.
        to_id: Who gets it.
        on: The first day.
        last_contact_on: The day of the last touchpoint by anybody, or None.
        owed: What is owed, in the order of CAD-5.
        late: Those of them that were due before the first day: whoever begins then is not to blame.
        appointments: What stands from the first day on, by day and id.
        people: The ids of the people there, by code point.
        remarks: What else there is to say, up to 65,536 characters.
    """

    client_id: str
    from_id: str | None
    to_id: str
    on: date
    last_contact_on: date | None
    owed: tuple[Obligation, ...]
    late: tuple[Obligation, ...]
    appointments: tuple[Appointment, ...]
    people: tuple[str, ...]
    remarks: str | None = None


def handover_note(
    book: Book, obligations: Iterable[Obligation], client_id: str, to_id: str, *, on: date, remarks: str | None = None
) -> HandoverNote:
    """The note that goes with a client.

    Args:
        book: Before the transfer.
        obligations: What is owed, such as `result.obligations`; those to others are left out.
        client_id: The client.
        to_id: Who gets it.
        on: The first day.
        remarks: What else there is to say.

    Raises:
        UnknownRecordError: If there is no such client.
        InvalidValueError: If an argument is not what it must be.

    Source: PLN-6.
    """
    day = _checked(to_id, on, remarks)
    client = book.get_client(client_id)
    owed = Obligations(one for one in obligations if one.client_id == client.id)
    touches = book.touchpoints_by_client.get(client.id, ())
    days = [touch.occurred_at for touch in touches]
    return HandoverNote(
        client_id=client.id,
        from_id=book.owner_on(client.id, day),
        to_id=to_id,
        on=day,
        last_contact_on=max((date(one.year, one.month, one.day) for one in days), default=None),
        owed=tuple(owed),
        late=tuple(one for one in owed if one.due_on < day),
        appointments=tuple(sorted(_standing(book, client.id, day), key=lambda one: (one.on, one.id))),
        people=tuple(sorted(person.id for person in book.people_by_client.get(client.id, ()))),
        remarks=remarks,
    )


def transfer(book: Book, client_ids: Iterable[str], to_id: str, *, on: date, remarks: str | None = None) -> Book:
    """The book after clients went to another account manager for good.

    Who had them until then stays on record: the owner spell in force ends on the day, and a new one without end begins.
    Touchpoints keep who made them. Appointments from that day on that the earlier owner was to keep pass to the new one, on their
    days.

    Args:
        book: Before the transfer.
        client_ids: The clients; those that `to_id` has already stay as they are.
        to_id: Who gets them; need not be among the staff.
        on: The first day.
        remarks: What was said, for the record.

    Raises:
        UnknownRecordError: If there is no such client.
        InvalidValueError: If an argument is not what it must be, or an owner spell of a client begins after the day.

    Source: PLN-6.

    Examples:
        >>> from relcare.model import Client
        >>> book = Book(clients=[Client(id="c-1", name="Kim", owner_id="lee")])
        >>> after = transfer(book, ["c-1"], "wu", on=date(2026, 4, 1), remarks="Lee moves to sales")
        >>> after.owner_on("c-1", date(2026, 3, 31)), after.owner_on("c-1", date(2026, 4, 1))
        ('lee', 'wu')
    """
    day = _checked(to_id, on, remarks)
    clients = [book.get_client(client_id) for client_id in dict.fromkeys(to_texts(client_ids))]
    moving = {client.id: book.owner_on(client.id, day) for client in clients}
    moving = {client_id: owner_id for client_id, owner_id in moving.items() if owner_id != to_id}
    spells = [spell for spell in book.owner_spells if spell.client_id not in moving]
    for client_id in moving:
        spells.extend(_spells(book.owner_spells_by_client.get(client_id, ()), client_id, to_id, day, remarks))
    appointments = [_passed_on(one, moving, to_id, day) for one in book.appointments]
    return attrs.evolve(book, owner_spells=spells, appointments=appointments)


def relieved(obligations: Iterable[Obligation], book: Book, *, settling_days: int = 14) -> Obligations:
    """The obligations, none of them the fault of somebody who has only just got the client.

    What is late and was due before the client changed hands, or in the days for settling in that begin then, is nobody's lateness
    until these days are over; its state and days stay, for the client waits all the same.

    It is asked for by itself: how long somebody settles in is no rule of a policy, so `Policy.decide`, boards and `attainment`
    leave it out, and count each late day for whoever keeps the client on that day.

    Args:
        obligations: Worked out for one day, such as `result.obligations`.
        book: With its owner spells; the first one of a client is no change of hands.
        settling_days: How many days from the change on, from 1 to 366.

    Raises:
        InvalidValueError: If the days are no such number.

    Source: PLN-6, CAD-14.
    """
    if type(settling_days) is not int or not 1 <= settling_days <= 366:
        raise InvalidValueError("settling_days", settling_days, "must be a whole number from 1 to 366")
    return Obligations(_relieved(one, book, settling_days) for one in obligations)


def _relieved(one: Obligation, book: Book, settling_days: int) -> Obligation:
    spells = book.owner_spells_by_client.get(one.client_id, ())
    now = next((spell for spell in spells if spell.covers(one.as_of)), None)
    if now is None or one.attributed_to != "owner":
        return one
    before = book.owner_on(one.client_id, date.fromordinal(now.start_on.toordinal() - 1))
    until = date.fromordinal(now.start_on.toordinal() + settling_days)
    if before == now.owner_id or one.as_of >= until:
        return one
    values = {"from": before, "to": now.owner_id, "since": now.start_on, "until": until}
    return attrs.evolve(one, attributed_to=None, reasons=(*one.reasons, Reason("role.handed_over", {}, values)))


def _checked(to_id: str, on: date, remarks: str | None) -> date:
    check_id("to_id", to_id)
    day = to_day(on)
    check_day("on", day)
    check_optional_text("remarks", remarks, MAX_NOTE)
    return day


def _standing(book: Book, client_id: str, day: date) -> list[Appointment]:
    return [one for one in book.appointments_by_client.get(client_id, ()) if one.is_standing and one.on >= day]


def _spells(spells: Sequence[OwnerSpell], client_id: str, to_id: str, day: date, remarks: str | None) -> list[OwnerSpell]:
    """The spells of one client after the change: the one in force ends, and the new one begins."""
    later = next((spell for spell in spells if spell.start_on > day), None)
    if later is not None:
        raise InvalidValueError(
            "on", day, f"must not be before an owner spell of client {client_id!r} that begins on {later.start_on}"
        )
    kept = [spell for spell in spells if spell.start_on < day]
    ended = [attrs.evolve(spell, end_on=day) if spell.covers(day) else spell for spell in kept]
    return [*ended, OwnerSpell(client_id=client_id, owner_id=to_id, start_on=day, note=remarks)]


def _passed_on(one: Appointment, moving: Mapping[str, str | None], to_id: str, day: date) -> Appointment:
    if one.client_id not in moving or one.staff_id != moving[one.client_id] or one.on < day or not one.is_standing:
        return one
    return attrs.evolve(one, staff_id=to_id, sequence=one.sequence + 1)
