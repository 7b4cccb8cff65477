"""The typed way into a store: every reference checked, events appended, records put under their versions."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from relcare.codec import BookSettings
from relcare.errors import InvalidValueError, StorageError
from relcare.model import (
    Absence,
    Appointment,
    Book,
    Client,
    ContactPerson,
    OwnerSpell,
    Pin,
    Review,
    Staff,
    TierSpell,
)
from relcare.storage._book_entries import (
    BOOK_ID,
    Event,
    Noun,
    change_entry,
    client_owners,
    client_pins,
    client_tiers,
    entry_of,
    record_of,
    staff_absences,
)
from relcare.storage._event_writer import EventWriter, in_utc
from relcare.storage._protocols import Store
from relcare.storage._review_texts import put_review

__all__ = ["BookWriter", "save_book"]


class BookWriter(EventWriter):
    """Adds to the book of one unit of work; good as long as the unit is open, and seen by others once it is committed.

    Whoever is named as `by` is stored and not asked for rights.

    Args:
        unit: A unit of work of a store.

    Source: STO-1, STO-2, TIM-7
    """

    def put_client(self, client: Client, *, expected: int, by: str | None = None, recorded_at: datetime | None = None) -> int:
        """The new version of a client, whose change is noted in the log.

        Args:
            client: It replaces the stored one as a whole.
            expected: The version that was read; 0 says that it must not exist.
            by: Who changes it.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If no book was ever saved here.
        """
        _check_class("client", client, Client)
        self.settings()
        return self._put(client, client.id, expected, by, recorded_at)

    def put_person(
        self, person: ContactPerson, *, expected: int, by: str | None = None, recorded_at: datetime | None = None
    ) -> int:
        """The new version of a person at a client, whose change is noted in the log; as `put_client`.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If there is no such client.
        """
        _check_class("person", person, ContactPerson)
        self.get_client(person.client_id)
        return self._put(person, person.client_id, expected, by, recorded_at)

    def put_appointment(
        self, appointment: Appointment, *, expected: int, by: str | None = None, recorded_at: datetime | None = None
    ) -> int:
        """The new version of an appointment, whose change is noted in the log; as `put_client`.

        Calling it off is a new version too, with `state="cancelled"`.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If there is no such client.
            InvalidValueError: If it starts on another day than its own, in the zone of the book.
        """
        _check_class("appointment", appointment, Appointment)
        client = self.get_client(appointment.client_id).value
        Book(clients=[client], appointments=[appointment], zone=self.settings().zone)
        return self._put(appointment, client.id, expected, by, recorded_at)

    def put_tiers(
        self,
        client_id: str,
        spells: Iterable[TierSpell],
        *,
        expected: int,
        by: str | None = None,
        recorded_at: datetime | None = None,
    ) -> int:
        """The new version of a client's tier spells, all of them together, whose change is noted in the log.

        Args:
            client_id: Whose.
            spells: All that the client has ever had, in any order; no two of a scheme on one day.
            expected: The version that was read, see `tiers_of`.
            by: Who changes them.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If there is no such client.
            InvalidValueError: If a spell is of another client, or two overlap.
        """
        client = self.get_client(client_id).value
        # A book of one client checks that the spells do not overlap.
        book = Book(clients=[client], tier_spells=spells)
        return self._put(client_tiers(client_id, book.tier_spells), client_id, expected, by, recorded_at)

    def put_pins(
        self,
        client_id: str,
        pins: Iterable[Pin],
        *,
        expected: int,
        by: str | None = None,
        recorded_at: datetime | None = None,
    ) -> int:
        """The new version of a client's pins, all of them together, whose change is noted in the log.

        Args:
            client_id: Whose.
            pins: All that the client has ever had, in any order; no two of a scheme on one day.
            expected: The version that was read, see `pins_of`.
            by: Who changes them.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If there is no such client.
            InvalidValueError: If a pin is of another client, or two overlap.
        """
        client = self.get_client(client_id).value
        book = Book(clients=[client], pins=pins)
        return self._put(client_pins(client_id, book.pins), client_id, expected, by, recorded_at)

    def put_owners(
        self,
        client_id: str,
        spells: Iterable[OwnerSpell],
        *,
        expected: int,
        by: str | None = None,
        recorded_at: datetime | None = None,
    ) -> int:
        """The new version of a client's owner spells, all of them together, whose change is noted in the log.

        The `owner_id` of the client stays as it is: it holds on the days that no spell covers.

        Args:
            client_id: Whose.
            spells: All that the client has ever had, in any order; no two on one day.
            expected: The version that was read, see `owners_of`.
            by: Who changes them.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            ConflictError: If another version is stored.
            UnknownRecordError: If there is no such client.
            InvalidValueError: If a spell is of another client, or two overlap.
        """
        client = self.get_client(client_id).value
        book = Book(clients=[client], owner_spells=spells)
        return self._put(client_owners(client_id, book.owner_spells), client_id, expected, by, recorded_at)

    def put_absences(self, staff_id: str, absences: Iterable[Absence], *, expected: int) -> int:
        """The new version of the absences of a member of staff, all of them together; as `put_staff`.

        Args:
            staff_id: Whose; need not be among the staff.
            absences: All that there have ever been, in any order; no two on one day.
            expected: The version that was read, see `absences_of`.

        Raises:
            ConflictError: If another version is stored.
            InvalidValueError: If one is of somebody else, or two overlap.
        """
        self.settings()
        book = Book(absences=absences)
        return self._unit.records.put(record_of(staff_absences(staff_id, book.absences)), expected=expected).version

    def put_staff(self, member: Staff, *, expected: int) -> int:
        """The new version of a member of staff; the log, which is by client, does not note who changed it.

        Raises:
            ConflictError: If another version is stored.
        """
        _check_class("member", member, Staff)
        self.settings()
        return self._unit.records.put(record_of(member), expected=expected).version

    def save(self, book: Book, *, by: str | None = None, reviews: Iterable[Review] = ()) -> None:
        """Stores a whole book in a store that has none yet, in bulk.

        Args:
            book: With its zone and currency.
            by: Who records it; stored with each event.
            reviews: Those that are kept with it; their tiers in force are the book's to tell.

        Raises:
            StorageError: If a book is stored already.
        """
        _check_class("book", book, Book)
        records = self._unit.records
        if records.get("book", BOOK_ID) is not None:
            raise StorageError("the store holds a book already; hint: save into a new store, or add to the book that is there")
        records.put(record_of(BookSettings(book.zone, book.currency)), expected=0)
        tiers = (client_tiers(client_id, spells) for client_id, spells in book.tier_spells_by_client.items())
        pins = (client_pins(client_id, members) for client_id, members in book.pins_by_client.items())
        owners = (client_owners(client_id, spells) for client_id, spells in book.owner_spells_by_client.items())
        absences = (staff_absences(staff_id, members) for staff_id, members in book.absences_by_staff.items())
        nouns: Iterator[Noun] = chain(book.clients, book.people, book.appointments, book.staff, tiers, pins, owners, absences)
        records.put_many(record_of(noun) for noun in nouns)
        events: Iterator[Event] = chain(book.touchpoints, book.purchases, book.consents, book.membership_events)
        self._unit.log.append_many(entry_of(event, by=by) for event in events)
        for review in reviews:
            put_review(records, review, expected=0)

    def _put(self, value: Noun, client_id: str, expected: int, by: str | None, recorded_at: datetime | None) -> int:
        stored = self._unit.records.put(record_of(value), expected=expected)
        self._unit.log.append(change_entry(stored, client_id, by=by, recorded_at=in_utc(recorded_at)))
        return stored.version


def _check_class(name: str, value: object, kind: type) -> None:
    # A value of another class would be stored as what it is, past the checks for what was asked.
    if not isinstance(value, kind):
        raise InvalidValueError(name, value, f"must be a {kind.__name__}")


def save_book(store: Store, book: Book, *, by: str | None = None, reviews: Iterable[Review] = ()) -> None:
    """Stores a whole book in a store that has none yet: all of it or nothing.

    Args:
        store: An empty one.
        book: With its zone and currency.
        by: Who records it; stored with each event, and not asked for rights.
        reviews: Those that are kept with it.

    Raises:
        StorageError: If a book is stored already, or the store cannot be written.

    Examples:
        >>> from relcare.model import Client
        >>> from relcare.storage import MemoryStore, load_book
        >>> store = MemoryStore()
        >>> save_book(store, Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul"))
        >>> load_book(store).get_client("c-17").name
        '김철수'

    Source: STO-1, STO-2
    """
    with store.write() as unit:
        BookWriter(unit).save(book, by=by, reviews=reviews)
