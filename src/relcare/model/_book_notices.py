"""What a book says that is allowed, and that somebody should know."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from relcare.model._appointment import Appointment
from relcare.model._client import Client
from relcare.model._consent import Consent
from relcare.model._responsible import Absence, OwnerSpell

if TYPE_CHECKING:
    from relcare.model._book import Book

__all__ = ["Notice", "notices_of"]


@attrs.frozen(kw_only=True)
class Notice:
    """Something about a book that is allowed and that somebody should know.

    Attributes:
        code: `book.unknown_owner`, `book.unknown_staff`, `book.unknown_absentee`, `book.unknown_deputy`, `book.unknown_person` or
            `book.credit`.
        kind: What carries it: `client`, `touchpoint`, `purchase`, `consent`, `absence` or `appointment`.
        id: Its id; of an absence, whose it is.
        value: The id that is on no list, or the credited amount.
    """

    code: str
    kind: str
    id: str
    value: str


def notices_of(book: "Book") -> tuple[Notice, ...]:
    """See `Book.notices`."""
    names = {member.id for member in book.staff}
    found: list[Notice] = []
    if names:
        for client in book.clients:
            found.extend(_unknown_owners(client, book.owner_spells_by_client.get(client.id, ()), names))
        found.extend(
            Notice(code="book.unknown_staff", kind="touchpoint", id=touch.id, value=touch.staff_id)
            for touch in book.touchpoints
            if touch.staff_id is not None and touch.staff_id not in names
        )
    found.extend(
        Notice(code="book.credit", kind="purchase", id=p.id, value=str(p.amount)) for p in book.purchases if p.kind == "credit"
    )
    there = {(person.client_id, person.id) for person in book.people}
    found.extend(_unknown_people("consent", book.consents, there))
    if names:
        found.extend(_unknown_absentees(book.absences, names))
        found.extend(
            Notice(code="book.unknown_staff", kind="appointment", id=one.id, value=one.staff_id)
            for one in book.appointments
            if one.staff_id not in names
        )
    found.extend(_unknown_people("appointment", book.appointments, there))
    return tuple(found)


def _unknown_owners(client: Client, spells: Iterable[OwnerSpell], names: set[str]) -> Iterator[Notice]:
    """Each owner once, however many spells they had."""
    owners = dict.fromkeys([client.owner_id, *(spell.owner_id for spell in spells)])
    for owner_id in owners:
        if owner_id is not None and owner_id not in names:
            yield Notice(code="book.unknown_owner", kind="client", id=client.id, value=owner_id)


def _unknown_people(kind: str, items: Iterable[Consent] | Iterable[Appointment], there: set[tuple[str, str]]) -> Iterator[Notice]:
    """A word given by nobody at the client speaks for nobody: a slip in an id would lift a refusal in silence."""
    for item in items:
        if item.person_id is not None and (item.client_id, item.person_id) not in there:
            yield Notice(code="book.unknown_person", kind=kind, id=item.id, value=item.person_id)


def _unknown_absentees(absences: Iterable[Absence], names: set[str]) -> Iterator[Notice]:
    for absence in absences:
        if absence.staff_id not in names:
            yield Notice(code="book.unknown_absentee", kind="absence", id=absence.staff_id, value=absence.staff_id)
        if absence.deputy_id is not None and absence.deputy_id not in names:
            yield Notice(code="book.unknown_deputy", kind="absence", id=absence.staff_id, value=absence.deputy_id)
