"""What a book says that is allowed, and that somebody should know."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

import attrs

from relcare.model._appointment import Appointment
from relcare.model._client import Client
from relcare.model._consent import Consent
from relcare.model._events import Purchase
from relcare.model._responsible import Absence, OwnerSpell

if TYPE_CHECKING:
    from relcare.model._book import Book

__all__ = ["Notice", "notices_of"]

# Amounts have at most 28 digits: no sum that fits into memory is rounded, whatever context the host has set.
_EXACT: Final = Context(prec=100)


@attrs.frozen(kw_only=True)
class Notice:
    """Something about a book that is allowed and that somebody should know.

    Attributes:
        code: `book.unknown_owner`, `book.unknown_staff`, `book.unknown_absentee`, `book.unknown_deputy`, `book.unknown_person`,
            `book.credit` or `book.over_returned`.
        kind: What carries it: `client`, `touchpoint`, `purchase`, `consent`, `absence` or `appointment`.
        id: Its id; of an absence, whose it is.
        value: The id that is on no list, the credited amount, or all that came back of a purchase.
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
    found.extend(_over_returned(book.purchases))
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


def _over_returned(purchases: Sequence[Purchase]) -> Iterator[Notice]:
    """Purchases of which more came back than they were, in the order of the book: a slip, or a fee that went with the goods."""
    returned: dict[str, Decimal] = {}
    for one in purchases:
        if one.returns_purchase_id is not None:
            before = returned.get(one.returns_purchase_id, Decimal(0))
            returned[one.returns_purchase_id] = _EXACT.add(before, one.amount.amount)
    for bought in purchases if returned else ():
        total = returned.get(bought.id)
        if total is not None and total > bought.amount.amount:
            value = f"{total:f} {bought.amount.currency}"
            yield Notice(code="book.over_returned", kind="purchase", id=bought.id, value=value)


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
