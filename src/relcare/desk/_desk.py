"""The desk: records what happened and answers what is owed, from a store, under a policy, by a clock."""

from datetime import date
from hashlib import sha256
from typing import TypeVar, cast

import attrs

from relcare._fields import check_id
from relcare.codec import dump_record
from relcare.decisions import ClientResult
from relcare.desk._erasures import ErasureDesk
from relcare.desk._membership import checked_step
from relcare.desk._relationships import RelationshipDesk
from relcare.desk._reviews import ReviewDesk
from relcare.desk._segments import SegmentDesk
from relcare.errors import ConflictError, InvalidValueError
from relcare.model import Client, Consent, ContactPerson, MembershipEvent, Obligations, Purchase, Touchpoint
from relcare.storage import BookReader, BookWriter, UnitOfWork, load_client_part

__all__ = ["Desk"]

Event = TypeVar("Event", Touchpoint, Purchase, Consent, MembershipEvent)


@attrs.frozen(kw_only=True, eq=False)
class Desk(RelationshipDesk, ReviewDesk, SegmentDesk, ErasureDesk):
    """A store, a policy and a clock, joined for an application.

    The desk refuses nobody: `by` says who acts, is stored with what they record, and opens or closes no door. It is for
    applications that keep people apart before they come here; `GuardedDesk` does it for those that do not.

    Every call reads the store anew and holds nothing in between; several threads may share a desk.

    Attributes:
        store: It holds a book, see `save_book`.
        policy: By which everything is decided.
        clock: What time it is; `SystemClock()` in an application.
        calendar: Business days; by default the policy's own (TIM-6).

    Examples:
        >>> from datetime import UTC, date, datetime
        >>> from relcare.cadence import CadenceRule
        >>> from relcare.decisions import Policy
        >>> from relcare.desk import Desk
        >>> from relcare.model import Book
        >>> from relcare.storage import MemoryStore
        >>> from relcare.testing import FixedClock
        >>> kim = Client(id="c-17", name="김철수", owner_id="lee", client_since_on=date(2026, 3, 1))
        >>> desk = Desk(
        ...     store=MemoryStore.create(Book(clients=[kim], zone="Asia/Seoul")),
        ...     policy=Policy(
        ...         id="house",
        ...         version="1",
        ...         effective_from=date(2026, 1, 1),
        ...         cadence=[CadenceRule(id="call", channel="call", every="2 weeks")],
        ...     ),
        ...     clock=FixedClock(datetime(2026, 3, 31, 9, tzinfo=UTC)),
        ... )
        >>> [str(owed.due_on) for owed in desk.due(owner_id="lee", by="lee")]
        ['2026-03-16']
        >>> call = Touchpoint(id="t-1", client_id="c-17", occurred_at=date(2026, 3, 31), channel="call", outcome="reached")
        >>> str(desk.record(call, by="lee").recorded_at)
        '2026-03-31 09:00:00+00:00'
        >>> desk.due(owner_id="lee", by="lee")
        <Obligations: 0>

    Source: TIM-1, TIM-7, STO-2
    """

    def record(self, event: Event, *, by: str, idempotency_key: str | None = None) -> Event:
        """The touchpoint, purchase, consent or step to membership as it is now stored.

        What was recorded before, with the same id and the same content, is not recorded again: the stored one comes back, with
        the `recorded_at` that it got then.

        A step in a VIP programme is taken only if it may follow those before it (VIP-2); without a `role` it gets that of the
        member of staff who takes it.

        Args:
            event: Its client must be in the book. Without a `recorded_at` it gets the clock's instant, in UTC.
            by: Who records it; stored with the entry.
            idempotency_key: What the caller calls this request; a repetition under the same key does nothing.

        Raises:
            UnknownRecordError: If there is no such client.
            InvalidValueError: If `voids_id` names no touchpoint of the client, a return no purchase of the client, the currency
                is not the book's, or the key was used for something else.
            IllegalStepError: If a step may not follow those before it, or not be taken by whoever takes it.
            PolicyError: If the policy is not in force on the day of a step.
            ConflictError: If the id is taken by an event that says something else.
            OutcomeUnknownError: If the store cannot say whether it was kept; repeat it.
        """
        check_id("by", by)
        if not isinstance(event, (Touchpoint, Purchase, Consent, MembershipEvent)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("event", event, "must be a Touchpoint, a Purchase, a Consent or a MembershipEvent")
        digest = None
        if idempotency_key is not None:
            digest = sha256(f"{type(event).__name__} {dump_record(event)}".encode()).hexdigest()
        with self.store.write(idempotency_key, body_digest=digest) as unit:
            if unit.is_repeat:
                return _stored(unit, event, idempotency_key)
            writer = BookWriter(unit)
            if isinstance(event, MembershipEvent):
                taken: object = writer.add_event(checked_step(self.policy, writer, event), by=by, recorded_at=self._now())
                return cast("Event", taken)
            return writer.add_event(event, by=by, recorded_at=self._now())

    def add_client(self, client: Client, *, by: str) -> Client:
        """The client, now in the book; adding it again as it is does nothing.

        Args:
            client: With a new id.
            by: Who adds it; noted in the log.

        Raises:
            ConflictError: If another client has the id; `BookWriter.put_client` changes one, given the version that was read.
        """
        check_id("by", by)
        with self.store.write() as unit:
            writer = BookWriter(unit)
            found = writer.find_client(client.id)
            if found is not None and found.value != client:
                raise ConflictError("client", client.id, 0, found.version)
            if found is None:
                writer.put_client(client, expected=0, by=by, recorded_at=self._now())
        return client

    def add_person(self, person: ContactPerson, *, by: str) -> ContactPerson:
        """The person at a client, now in the book; adding them again as they are does nothing.

        Args:
            person: With a new id, at a client of the book.
            by: Who adds them; noted in the log.

        Raises:
            UnknownRecordError: If there is no such client.
            ConflictError: If another person has the id.
        """
        check_id("by", by)
        with self.store.write() as unit:
            writer = BookWriter(unit)
            found = writer.find_person(person.id)
            if found is not None and found.value != person:
                raise ConflictError("person", person.id, 0, found.version)
            if found is None:
                writer.put_person(person, expected=0, by=by, recorded_at=self._now())
        return person

    def due(self, *, by: str, owner_id: str | None = None, until: date | None = None, as_of: date | None = None) -> Obligations:
        """What may be done now, or is due until a day, in the order of CAD-5.

        Args:
            by: Who asks; not looked at yet.
            owner_id: Only for the clients of this account manager; for all clients by default.
            until: Also what is not open yet but due on this day or earlier. A civil day.
            as_of: The day of the question, as for `decide`: what has its earliest day by then is in the answer.

        Raises:
            PolicyError: If the policy is not in force on that day.
        """
        # Read whole, whoever's clients are asked about: a quota ranks them among all.
        result = self.decide(by=by, as_of=as_of)
        owed = result.obligations if owner_id is None else result.obligations.for_owner(owner_id)
        kept = (o for o in owed if o.earliest_on <= result.as_of or (until is not None and o.due_on <= until))
        return Obligations(kept, is_sorted=True)

    def decide_client(self, client_id: str, *, by: str, as_of: date | None = None) -> ClientResult:
        """Everything the policy says about one client, reading nothing of the others.

        A tier is the one in force by the stored tier spells; where there is none, a threshold is worked out, and a quota, which
        needs the others, is missing.

        Args:
            client_id: The client.
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.

        Raises:
            UnknownRecordError: If there is no such client.
            PolicyError: If the policy is not in force on that day.
        """
        check_id("by", by)
        part = load_client_part(self.store, client_id)
        return self.policy.decide_client(
            part.get_client(client_id),
            touchpoints=part.touchpoints,
            purchases=part.purchases,
            as_of=self._day(as_of, part.zone),
            people=part.people,
            staff=part.staff,
            tier_spells=part.tier_spells,
            pins=part.pins,
            owner_spells=part.owner_spells,
            absences=part.absences,
            consents=part.consents,
            membership_events=part.membership_events,
            zone=part.zone,
            calendar=self.calendar,
        )


def _stored(unit: UnitOfWork, event: Event, key: str | None) -> Event:
    """What the repeated request had stored."""
    found = BookReader(unit).find_stored(event)
    if found is None:
        raise InvalidValueError("idempotency_key", key, "was used for other work", "take a new key")
    return found
