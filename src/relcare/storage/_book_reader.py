"""The typed view of what a store holds: clients, people, events, whole books."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar, cast

import attrs

from relcare.codec import ClientOwners, ClientPins, ClientTiers, StaffAbsences, load_record, load_records
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.facts import ClientHistory
from relcare.model import Appointment, Book, Client, Consent, ContactPerson, MembershipEvent, Purchase, Review, Staff, Touchpoint
from relcare.storage._book_entries import events_of
from relcare.storage._event_reader import EventReader
from relcare.storage._histories import histories_in, parts_in, unfit
from relcare.storage._protocols import Store
from relcare.storage._review_texts import review_of
from relcare.storage._values import StoredEntry

__all__ = ["BookReader", "Versioned", "load_book", "load_client_part"]

T = TypeVar("T")


@attrs.frozen
class Versioned(Generic[T]):
    """A value with the version of its record, which whoever changes it gives back as `expected` (STO-2)."""

    value: T
    version: int


class BookReader(EventReader):
    """Reads the values of one unit; good as long as the unit is open.

    Args:
        unit: A unit of a store, of reading or of work.

    Examples:
        >>> from relcare.model import Book, Client
        >>> from relcare.storage import BookReader, MemoryStore
        >>> store = MemoryStore.create(Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul"))
        >>> with store.read() as unit:
        ...     stored = BookReader(unit).get_client("c-17")
        >>> stored.value.name, stored.version
        ('김철수', 1)

    Source: STO-1
    """

    def find_client(self, client_id: str) -> Versioned[Client] | None:
        """The client with its version; None when there is none."""
        record = self._view.records.get("client", client_id)
        return None if record is None else Versioned(load_record("client", record.payload), record.version)

    def get_client(self, client_id: str) -> Versioned[Client]:
        """The client with its version.

        Raises:
            UnknownRecordError: If there is none.
        """
        found = self.find_client(client_id)
        if found is None:
            raise UnknownRecordError("client", client_id)
        return found

    def find_person(self, person_id: str) -> Versioned[ContactPerson] | None:
        """The person with its version; None when there is none."""
        record = self._view.records.get("person", person_id)
        return None if record is None else Versioned(load_record("person", record.payload), record.version)

    def people_of(self, client_id: str) -> tuple[ContactPerson, ...]:
        """The people at a client, by id; none for an unknown client."""
        found = self._view.records.scan("person", key=("client_id", client_id))
        return tuple(load_record("person", record.payload) for record in found)

    def find_appointment(self, appointment_id: str) -> Versioned[Appointment] | None:
        """The appointment with its version; None when there is none."""
        record = self._view.records.get("appointment", appointment_id)
        return None if record is None else Versioned(load_record("appointment", record.payload), record.version)

    def appointments_of(self, client_id: str) -> tuple[Appointment, ...]:
        """The appointments with a client, cancelled ones included, by id; none for an unknown client."""
        found = self._view.records.scan("appointment", key=("client_id", client_id))
        return tuple(load_record("appointment", record.payload) for record in found)

    def find_staff(self, staff_id: str) -> Versioned[Staff] | None:
        """The member of staff with its version; None when there is none."""
        record = self._view.records.get("staff", staff_id)
        return None if record is None else Versioned(load_record("staff", record.payload), record.version)

    def staff(self) -> tuple[Staff, ...]:
        """The firm's staff, by id."""
        return tuple(load_record("staff", record.payload) for record in self._view.records.scan("staff"))

    def find_review(self, review_id: str) -> Versioned[Review] | None:
        """The review with its version; None when there is none."""
        record = self._view.records.get("review", review_id)
        return None if record is None else Versioned(review_of(self._view.records, record), record.version)

    def reviews(self) -> tuple[Review, ...]:
        """All reviews that are kept, proposals included, by day, then id."""
        found = (review_of(self._view.records, record) for record in self._view.records.scan("review"))
        return tuple(sorted(found, key=lambda review: (review.on, review.id)))

    def get_review(self, policy_id: str, review_id: str | None = None) -> Versioned[Review]:
        """A review of a policy with its version; the latest one where no id is given.

        Raises:
            UnknownRecordError: If it is not kept.
        """
        kept = {review.id: review for review in self.reviews() if review.policy_id == policy_id}
        if not kept and review_id is None:
            raise UnknownRecordError("review of policy", policy_id, "propose one first")
        wanted = review_id or next(reversed(kept))
        found = self.find_review(wanted) if wanted in kept else None
        if found is None:
            near = nearest(wanted, kept)
            raise UnknownRecordError("review", wanted, f"did you mean {near!r}?" if near else None)
        return found

    def tiers_of(self, client_id: str) -> Versioned[ClientTiers]:
        """The tier spells of a client, by scheme and first day; none, at version 0, where nothing is stored."""
        record = self._view.records.get("tiers", client_id)
        if record is None:
            return Versioned(ClientTiers(client_id, ()), 0)
        return Versioned(load_record("tiers", record.payload), record.version)

    def pins_of(self, client_id: str) -> Versioned[ClientPins]:
        """The pins of a client, by scheme and first day; none, at version 0, where nothing is stored."""
        record = self._view.records.get("pins", client_id)
        if record is None:
            return Versioned(ClientPins(client_id, ()), 0)
        return Versioned(load_record("pins", record.payload), record.version)

    def owners_of(self, client_id: str) -> Versioned[ClientOwners]:
        """The owner spells of a client, by first day; none, at version 0, where nothing is stored."""
        record = self._view.records.get("owners", client_id)
        if record is None:
            return Versioned(ClientOwners(client_id, ()), 0)
        return Versioned(load_record("owners", record.payload), record.version)

    def absences_of(self, staff_id: str) -> Versioned[StaffAbsences]:
        """The absences of a member of staff, by first day; none, at version 0, where nothing is stored."""
        record = self._view.records.get("absences", staff_id)
        if record is None:
            return Versioned(StaffAbsences(staff_id, ()), 0)
        return Versioned(load_record("absences", record.payload), record.version)

    def client_part(self, client_id: str) -> Book:
        """The part of the book that concerns one client, without reading the rest.

        Returns:
            A book of that client alone, with its people, touchpoints, purchases, consents, appointments, steps in VIP
            programmes, tier and owner spells, pins, the whole staff with their absences, and zone and currency of the book.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        client = self.get_client(client_id).value
        return self._checked(
            self._view.log.of_client(client_id),
            clients=(client,),
            people=self.people_of(client_id),
            appointments=self.appointments_of(client_id),
            tiers=(self.tiers_of(client_id).value,),
            pins=(self.pins_of(client_id).value,),
            owners=(self.owners_of(client_id).value,),
        )

    def firm(self) -> Book:
        """The book without its clients: the staff and their absences, zone and currency."""
        return self._checked((), clients=(), people=(), appointments=(), tiers=(), pins=(), owners=())

    def book(self, *, with_events: bool = True) -> Book:
        """The whole book.

        Args:
            with_events: Whether with touchpoints, purchases, consents and steps in VIP programmes, which make up most of it.

        Returns:
            Clients, people, appointments and staff by id, tier spells and pins by client, scheme and first day, owner spells
            by client and first day, absences by member of staff and first day, all compared by code point (STO-6); touchpoints,
            purchases and consents in the order in which they were recorded.

        Raises:
            UnknownRecordError: If no book was ever saved here.
            StorageError: If what is stored does not fit together.
        """
        scan = self._view.records.scan
        return self._checked(
            self._view.log.since() if with_events else (),
            clients=cast("tuple[Client, ...]", load_records("client", [record.payload for record in scan("client")])),
            people=cast("tuple[ContactPerson, ...]", load_records("person", [record.payload for record in scan("person")])),
            appointments=tuple(load_record("appointment", record.payload) for record in scan("appointment")),
            tiers=tuple(load_record("tiers", record.payload) for record in scan("tiers")),
            pins=tuple(load_record("pins", record.payload) for record in scan("pins")),
            owners=tuple(load_record("owners", record.payload) for record in scan("owners")),
        )

    def histories(self) -> Iterator[ClientHistory]:
        """Every client with what its facts are counted from, in one ordered pass: what a `FactReader` opens.

        Clients by id in code point order, those of whom nothing happened included; the entries of one client are held at a time
        where the store can read by client, see `CanReadByClient`. People and staff are read whole before the first. What does
        not fit together is found, but no more than one client at a time: an id that two clients have is not.

        Returns:
            A stream that ends with its unit; equal to `histories_of(self.book())` otherwise.

        Raises:
            UnknownRecordError: If no book was ever saved here.
            StorageError: On the way, if what is stored of a client does not fit together, or is of a client that is not there.

        Source: FCT-2, TIM-7
        """
        return histories_in(self._view, self.settings(), self.staff())

    def parts(self) -> Iterator[Book]:
        """Every client's `client_part` in one ordered pass: what `Policy.decide_stream` decides one after the other.

        Clients by id in code point order, as for `histories`, with all that is stored of them; people, appointments and staff are
        read whole before the first. What contradicts itself is found one client at a time.

        Returns:
            A stream that ends with its unit.

        Raises:
            UnknownRecordError: If no book was ever saved here.
            StorageError: On the way, if what is stored of a client does not fit together, or is of a client that is not there.

        Source: FCT-2, TIM-7
        """
        return parts_in(self._view, self.firm())

    def _checked(
        self,
        log: Iterable[StoredEntry],
        *,
        clients: tuple[Client, ...],
        people: tuple[ContactPerson, ...],
        appointments: tuple[Appointment, ...],
        tiers: tuple[ClientTiers, ...],
        pins: tuple[ClientPins, ...],
        owners: tuple[ClientOwners, ...],
    ) -> Book:
        settings = self.settings()
        events = list(events_of(log))
        absences = (load_record("absences", record.payload) for record in self._view.records.scan("absences"))
        try:
            return Book(
                clients=clients,
                people=people,
                touchpoints=tuple(event for event in events if isinstance(event, Touchpoint)),
                purchases=tuple(event for event in events if isinstance(event, Purchase)),
                consents=tuple(event for event in events if isinstance(event, Consent)),
                membership_events=tuple(event for event in events if isinstance(event, MembershipEvent)),
                staff=self.staff(),
                absences=tuple(absence for one in absences for absence in one.absences),
                tier_spells=tuple(spell for one in tiers for spell in one.spells),
                owner_spells=tuple(spell for one in owners for spell in one.spells),
                appointments=appointments,
                pins=tuple(pin for one in pins for pin in one.pins),
                zone=settings.zone,
                currency=settings.currency,
            )
        except InvalidValueError as error:
            raise unfit(error) from error


def load_book(store: Store) -> Book:
    """The whole book of a store; see `BookReader.book` for its order.

    Raises:
        UnknownRecordError: If no book was ever saved there.
        StorageError: If it cannot be read, or does not fit together.

    Source: STO-1, STO-4
    """
    with store.read() as unit:
        return BookReader(unit).book()


def load_client_part(store: Store, client_id: str) -> Book:
    """The part of a store's book that concerns one client; see `BookReader.client_part`.

    Raises:
        UnknownRecordError: If there is no such client.
        StorageError: If it cannot be read, or does not fit together.
    """
    with store.read() as unit:
        return BookReader(unit).client_part(client_id)
