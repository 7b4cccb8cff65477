"""Books in which every field of a client says whose it is, in a text that is found wherever it is left."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from relcare.access import AuditEntry, DigestKey
from relcare.model import (
    Appointment,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Pin,
    Purchase,
    Review,
    ReviewRow,
    TierSpell,
    Touchpoint,
)
from relcare.storage import AuditTrail, BookWriter, Store, save_book

__all__ = ["BY", "canary_book", "canary_review", "canary_trail", "told_of"]

BY: Final = "lee"
DAY: Final = date(2026, 3, 20)
NOON: Final = datetime(2026, 3, 31, 9, tzinfo=UTC)


def told_of(client_id: str) -> bytes:
    """What stands in every field of a client, ids included."""
    return f"canary<{client_id}>".encode()


def _id(client_id: str) -> str:
    return told_of(client_id).decode()


def canary_book(store: Store, clients: int, random: Random) -> None:
    """Stores a book, and goes on changing it, so that rows move from page to page."""
    people = [_id(f"c-{number}") for number in range(clients)]
    save_book(store, Book(clients=[_client(one, 0) for one in people], zone="Asia/Seoul", currency="KRW"), by=BY)
    for number in range(random.randint(10, 30)):
        one = random.choice(people)
        with store.write(f"work {number}") as unit:
            writer = BookWriter(unit)
            version = writer.get_client(one).version
            writer.put_client(_client(one, random.randint(0, 60)), expected=version, by=BY, recorded_at=NOON)
            _add_events(writer, one, number, random.choice((1, 40, 900, 3_000)))
    for one in people:
        with store.write() as unit:
            writer = BookWriter(unit)
            writer.put_person(_person(one), expected=0)
            writer.put_tiers(one, [TierSpell(client_id=one, scheme_id="abc", tier="A", start_on=DAY)], expected=0)
            writer.put_owners(one, [OwnerSpell(client_id=one, owner_id=BY, start_on=DAY)], expected=0)
            pin = Pin(client_id=one, scheme_id="abc", tier="A", kind="floor", by=BY, reason=f"for {one}", start_on=DAY)
            writer.put_pins(one, [pin], expected=0)
            visit = Appointment(id=f"a-{one}", client_id=one, staff_id=BY, on=DAY, channel="visit", place=f"at {one}")
            writer.put_appointment(visit, expected=0)


def canary_review(store: Store, clients: int) -> None:
    """Keeps a review in which everybody has a row."""
    from relcare.storage import ReviewWriter

    rows = [ReviewRow(client_id=_id(f"c-{number}"), scheme_id="abc", tier="A") for number in range(clients)]
    review = Review(id="r-1", policy_id="house", policy_version="1", on=DAY, zone="Asia/Seoul", rows=rows)
    with store.write() as unit:
        ReviewWriter(unit).put_review(review, expected=0)


def canary_trail(store: Store, key: DigestKey, clients: int) -> None:
    """Writes down accesses to everybody's file."""
    for number in range(clients):
        entry = AuditEntry(
            at=NOON + timedelta(seconds=number),
            actor_id=BY,
            action="get",
            answer="allowed",
            client_digest=key.digest("client", _id(f"c-{number}")),
            purpose="care",
        )
        with store.write() as unit:
            AuditTrail(unit).append(entry)


def _client(one: str, length: int) -> Client:
    return Client(id=one, name=f"{one} 김철수", region=one, attributes={"hobby": f"{one} {'x' * length}"})


def _person(one: str) -> ContactPerson:
    return ContactPerson(id=f"p-{one}", client_id=one, name=one, phone=one, email=f"{one}@example.com", role=one)


def _add_events(writer: BookWriter, one: str, number: int, length: int) -> None:
    note, place = f"{one} said {'y' * length}", f"{one}-{number}"
    touch = Touchpoint(id=f"t-{place}", client_id=one, occurred_at=DAY, channel="call", note=note, outcome=one, purpose=one)
    writer.add_event(touch, by=BY, recorded_at=NOON)
    bought = Purchase(id=f"p-{place}", client_id=one, purchased_on=DAY, amount=Money("7", "KRW"), category=one)
    writer.add_event(bought, by=BY, recorded_at=NOON)
    writer.add_event(Consent(id=f"n-{place}", client_id=one, kind="refused", start_on=DAY, source=one), by=BY, recorded_at=NOON)
    step = MembershipEvent(id=f"m-{place}", client_id=one, programme_id=f"v_{number}", step="applied", on=DAY, by=BY, reason=one)
    writer.add_event(step, by=BY, recorded_at=NOON)
