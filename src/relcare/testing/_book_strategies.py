"""Hypothesis strategies for what refers to other records: logs with corrections, whole books."""

from collections.abc import Sequence
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare.model import CONTACT_OUTCOMES, VOID, Book, Client, Staff, Touchpoint
from relcare.testing._appointment_strategies import appointments
from relcare.testing._client_strategies import clients, people, staff
from relcare.testing._purchase_strategies import purchases
from relcare.testing._record_strategies import CHANNELS, PURPOSES, absences, consents, owner_spells, pins, tier_spells
from relcare.testing._strategies import cached, days, ids, moments, names, zones
from relcare.testing._vip_strategies import membership_events

__all__ = ["books", "touchpoints"]

_OUTCOMES: Final = (*CONTACT_OUTCOMES, "missed", "no answer")
_FEW = st.sampled_from([f"t-{n}" for n in range(8)])


@attrs.frozen(kw_only=True)
class _Touch:
    """A touchpoint before it has a client, and whether it takes an earlier one back."""

    place: int
    order: int
    person: int
    staff: int
    takes: int | None
    is_deletion: bool
    touchpoint: Touchpoint


@cached
def _touches(zone: str) -> st.SearchStrategy[list[_Touch]]:
    touchpoint = st.builds(
        Touchpoint,
        id=_FEW | ids(),
        client_id=st.just("?"),
        occurred_at=days() | moments(zone),
        channel=st.sampled_from(CHANNELS),
        direction=st.sampled_from(["outgoing", "outgoing", "incoming"]),
        outcome=st.none() | st.sampled_from(_OUTCOMES),
        purpose=st.sampled_from([None, *PURPOSES]),
        in_lieu_of=st.sampled_from([None, None, "visit"]),
        note=st.none() | names(),
        follow_up_at=st.none() | days() | moments(zone),
        recorded_at=st.none() | days() | moments(zone),
    )
    one = st.builds(
        _Touch,
        place=st.integers(0, 5),
        order=st.integers(0, 9),
        person=st.integers(0, 5),
        staff=st.integers(0, 5),
        takes=st.none() | st.integers(0, 5),
        is_deletion=st.booleans(),
        touchpoint=touchpoint,
    )
    return st.lists(one, max_size=7, unique_by=lambda touch: touch.touchpoint.id)


def touchpoints(
    client_ids: Sequence[str],
    *,
    zone: str = "Asia/Seoul",
    person_ids: Sequence[str] = (),
    staff_ids: Sequence[str] = (),
) -> st.SearchStrategy[tuple[Touchpoint, ...]]:
    """A log of touchpoints of these clients: dates and instants, and chains of corrections and deletions (TIM-7); in any order.

    Args:
        client_ids: Whose; none gives an empty log.
        zone: The zone of the instants.
        person_ids: Who may have been reached.
        staff_ids: Who may have done it, besides somebody who is on no list.
    """
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    persons: tuple[str | None, ...] = (None, *person_ids)
    doers: tuple[str | None, ...] = (None, "nobody", *staff_ids)
    return _touches(zone).map(lambda shapes: _touchpoint_log(shapes, there, persons, doers))


def _touchpoint_log(
    shapes: Sequence[_Touch], client_ids: Sequence[str], persons: Sequence[str | None], doers: Sequence[str | None]
) -> tuple[Touchpoint, ...]:
    log: list[tuple[int, Touchpoint]] = []
    for shape in shapes:
        client_id = client_ids[shape.place % len(client_ids)]
        earlier = [entry.id for _, entry in log if entry.client_id == client_id]
        voids_id = None if shape.takes is None or not earlier else earlier[shape.takes % len(earlier)]
        entry = attrs.evolve(
            shape.touchpoint,
            client_id=client_id,
            channel=VOID if voids_id is not None and shape.is_deletion else shape.touchpoint.channel,
            person_id=persons[shape.person % len(persons)],
            staff_id=doers[shape.staff % len(doers)],
            voids_id=voids_id,
        )
        log.append((shape.order, entry))
    return tuple(entry for _, entry in sorted(log, key=lambda pair: pair[0]))


@cached
def _members() -> st.SearchStrategy[list[Staff]]:
    return st.lists(staff(), max_size=3, unique_by=lambda member: member.id)


@cached
def _served(max_clients: int) -> st.SearchStrategy[list[Client]]:
    return st.lists(clients(), max_size=max_clients, unique_by=lambda client: client.id)


@st.composite
def _books(draw: st.DrawFn, max_clients: int, zone: str | None, currency: str) -> Book:
    members = draw(_members())
    staff_ids = [member.id for member in members]
    served = draw(_served(max_clients))
    client_ids = [client.id for client in served]
    there = draw(people(client_ids))
    person_ids = [person.id for person in there]
    where = zone or draw(zones())
    return Book(
        clients=served,
        people=there,
        touchpoints=draw(touchpoints(client_ids, zone=where, person_ids=person_ids, staff_ids=staff_ids)),
        purchases=draw(purchases(client_ids, currency)),
        staff=members,
        tier_spells=draw(tier_spells(client_ids)),
        pins=draw(pins(client_ids)),
        consents=draw(consents(client_ids, zone=where, person_ids=person_ids)),
        absences=draw(absences([*staff_ids, "nobody"])) if members else (),
        owner_spells=draw(owner_spells(client_ids, owner_ids=staff_ids)),
        appointments=draw(appointments(client_ids, zone=where, person_ids=person_ids, staff_ids=staff_ids)),
        membership_events=draw(membership_events(client_ids, zone=where)),
        zone=where,
        currency=currency if draw(st.booleans()) else None,
    )


def books(*, max_clients: int = 4, zone: str | None = None, currency: str = "CNY") -> st.SearchStrategy[Book]:
    """Books whose parts fit together: references are valid, but owners, staff and people may be on no list. The empty book too.

    Args:
        max_clients: The most clients.
        zone: The book's zone; any by default.
        currency: Of all purchases.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(books(max_clients=2))
        ... def no_book_is_too_large(book):
        ...     assert len(book.clients) <= 2
        >>> no_book_is_too_large()
    """
    return _books(max_clients, zone, currency)
