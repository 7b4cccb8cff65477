"""The book of business: every client with its history."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Final, TypeVar

import attrs

from relcare._fields import check_tuple_of, check_zone, to_tuple, zone_of
from relcare._time import LeapDay
from relcare.errors import UnknownRecordError, nearest
from relcare.model._anniversaries import Anniversary, birthdays_between
from relcare.model._appointment import Appointment
from relcare.model._book_checks import check_apart, check_appointments, check_clients, check_returns, check_unique, check_voids
from relcare.model._book_notices import Notice, notices_of
from relcare.model._client import Client, ContactPerson
from relcare.model._consent import Consent
from relcare.model._events import Purchase, Touchpoint
from relcare.model._membership import MembershipEvent
from relcare.model._money import check_currency
from relcare.model._pin import Pin
from relcare.model._responsible import Absence, OwnerSpell
from relcare.model._staff import Staff, TierSpell
from relcare.model._standing import standing

__all__ = ["Book"]

T = TypeVar("T")
_KINDS: Final = (
    ("clients", Client),
    ("people", ContactPerson),
    ("touchpoints", Touchpoint),
    ("purchases", Purchase),
    ("staff", Staff),
    ("tier_spells", TierSpell),
    ("consents", Consent),
    ("absences", Absence),
    ("owner_spells", OwnerSpell),
    ("appointments", Appointment),
    ("pins", Pin),
    ("membership_events", MembershipEvent),
)
_CLIENT_ID: Final = attrgetter("client_id")
_STAFF_ID: Final = attrgetter("staff_id")


def _grouped(items: Iterable[T], whose: Callable[[T], str]) -> Mapping[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(whose(item), []).append(item)
    return {whose_id: tuple(members) for whose_id, members in groups.items()}


def _to_clients(values: Iterable[Client]) -> tuple[Client, ...]:
    return to_tuple(values)


def _to_people(values: Iterable[ContactPerson]) -> tuple[ContactPerson, ...]:
    return to_tuple(values)


def _to_touchpoints(values: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    return to_tuple(values)


def _to_purchases(values: Iterable[Purchase]) -> tuple[Purchase, ...]:
    return to_tuple(values)


def _to_staff(values: Iterable[Staff]) -> tuple[Staff, ...]:
    return to_tuple(values)


def _to_tier_spells(values: Iterable[TierSpell]) -> tuple[TierSpell, ...]:
    return to_tuple(values)


def _to_consents(values: Iterable[Consent]) -> tuple[Consent, ...]:
    return to_tuple(values)


def _to_absences(values: Iterable[Absence]) -> tuple[Absence, ...]:
    return to_tuple(values)


def _to_owner_spells(values: Iterable[OwnerSpell]) -> tuple[OwnerSpell, ...]:
    return to_tuple(values)


def _to_appointments(values: Iterable[Appointment]) -> tuple[Appointment, ...]:
    return to_tuple(values)


def _to_membership_events(values: Iterable[MembershipEvent]) -> tuple[MembershipEvent, ...]:
    return to_tuple(values)


def _to_pins(values: Iterable[Pin]) -> tuple[Pin, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Book:
    """All clients with their people, touchpoints, purchases, tiers and consents, and the firm's staff.

    Attributes:
        clients: Ids unique.
        people: Ids unique; each at a client of the book.
        touchpoints: Ids unique; each of a client of the book; `voids_id` names one of the same client.
        purchases: Ids unique; each of a client of the book; a return names a purchase of the same client and currency.
        staff: Ids unique. An `owner_id` or `staff_id` that is not here is allowed and listed by `notices`.
        tier_spells: Tiers that were in force; no two of a client and scheme on one day.
        consents: Ids unique; each of a client of the book. A `person_id` that is nobody there is allowed and listed by `notices`.
        absences: No two of a member of staff on one day. A `staff_id` or `deputy_id` that is not among the staff is allowed and
            listed by `notices`.
        owner_spells: Who had which client; no two of a client on one day. An `owner_id` is treated as that of a client is.
        appointments: Ids unique; each with a client of the book, starting on its day in the zone of the book. A `staff_id` is
            treated as that of a touchpoint is, a `person_id` as that of a consent.
        pins: Who is held in a tier by somebody's word (SEG-10); no two of a client and scheme on one day.
        membership_events: Ids unique; steps of clients of the book in VIP programmes, those of each in the order in which they
            were taken. Whether they may follow each other depends on the policy, see `relcare.vip.membership`.
        zone: The IANA zone in which `as_of` and civil dates are meant (TIM-2).
        currency: The currency of the book where it has a single one; a purchase in another is then refused.

    Raises:
        InvalidValueError: Naming the first entry that is wrong, as in `touchpoints[3].client_id`.
    """

    clients: tuple[Client, ...] = attrs.field(default=(), converter=_to_clients)
    people: tuple[ContactPerson, ...] = attrs.field(default=(), converter=_to_people, repr=False)
    touchpoints: tuple[Touchpoint, ...] = attrs.field(default=(), converter=_to_touchpoints, repr=False)
    purchases: tuple[Purchase, ...] = attrs.field(default=(), converter=_to_purchases, repr=False)
    staff: tuple[Staff, ...] = attrs.field(default=(), converter=_to_staff, repr=False)
    tier_spells: tuple[TierSpell, ...] = attrs.field(default=(), converter=_to_tier_spells, repr=False)
    consents: tuple[Consent, ...] = attrs.field(default=(), converter=_to_consents, repr=False)
    absences: tuple[Absence, ...] = attrs.field(default=(), converter=_to_absences, repr=False)
    owner_spells: tuple[OwnerSpell, ...] = attrs.field(default=(), converter=_to_owner_spells, repr=False)
    appointments: tuple[Appointment, ...] = attrs.field(default=(), converter=_to_appointments, repr=False)
    membership_events: tuple[MembershipEvent, ...] = attrs.field(default=(), converter=_to_membership_events, repr=False)
    pins: tuple[Pin, ...] = attrs.field(default=(), converter=_to_pins, repr=False)
    zone: str = "UTC"
    currency: str | None = None

    def __attrs_post_init__(self) -> None:
        check_zone("zone", self.zone)
        if self.currency is not None:
            check_currency("currency", self.currency)
        for name, kind in _KINDS:
            check_tuple_of(name, getattr(self, name), kind)
        for name in ("clients", "people", "touchpoints", "purchases", "staff", "consents", "appointments", "membership_events"):
            check_unique(name, getattr(self, name))
        for name in (
            "people",
            "touchpoints",
            "purchases",
            "tier_spells",
            "consents",
            "owner_spells",
            "appointments",
            "pins",
            "membership_events",
        ):
            check_clients(name, getattr(self, name), self.client_by_id)
        check_voids(self.touchpoints)
        check_returns(self.purchases, self.currency)
        check_appointments(self.appointments, zone_of(self.zone))
        check_apart("tier_spells", self.tier_spells, ("client_id", "scheme_id"), "another spell of the client and scheme")
        check_apart("absences", self.absences, ("staff_id",), "another absence of the member of staff")
        check_apart("pins", self.pins, ("client_id", "scheme_id"), "another pin of the client and scheme")
        check_apart("owner_spells", self.owner_spells, ("client_id",), "another owner spell of the client")

    @cached_property
    def client_by_id(self) -> Mapping[str, Client]:
        """The clients by id, in the order of the book."""
        return {client.id: client for client in self.clients}

    @cached_property
    def touchpoints_by_client(self) -> Mapping[str, tuple[Touchpoint, ...]]:
        """The touchpoints that stand (TIM-7), in the order of the book; clients without any are absent."""
        return _grouped(standing(self.touchpoints), _CLIENT_ID)

    @cached_property
    def purchases_by_client(self) -> Mapping[str, tuple[Purchase, ...]]:
        """Purchases, returns and credits, in the order of the book; clients without any are absent."""
        return _grouped(self.purchases, _CLIENT_ID)

    @cached_property
    def people_by_client(self) -> Mapping[str, tuple[ContactPerson, ...]]:
        """The people at each client, in the order of the book; clients without any are absent."""
        return _grouped(self.people, _CLIENT_ID)

    @cached_property
    def tier_spells_by_client(self) -> Mapping[str, tuple[TierSpell, ...]]:
        """The tier spells of each client, in the order of the book; clients without any are absent."""
        return _grouped(self.tier_spells, _CLIENT_ID)

    @cached_property
    def consents_by_client(self) -> Mapping[str, tuple[Consent, ...]]:
        """What each client and its people allowed and refused, in the order of the book; clients without any are absent."""
        return _grouped(self.consents, _CLIENT_ID)

    @cached_property
    def absences_by_staff(self) -> Mapping[str, tuple[Absence, ...]]:
        """The absences of each member of staff, in the order of the book; who has none is absent."""
        return _grouped(self.absences, _STAFF_ID)

    @cached_property
    def owner_spells_by_client(self) -> Mapping[str, tuple[OwnerSpell, ...]]:
        """The owner spells of each client, in the order of the book; clients without any are absent."""
        return _grouped(self.owner_spells, _CLIENT_ID)

    @cached_property
    def pins_by_client(self) -> Mapping[str, tuple[Pin, ...]]:
        """The pins of each client, in the order of the book; clients without any are absent."""
        return _grouped(self.pins, _CLIENT_ID)

    @cached_property
    def appointments_by_client(self) -> Mapping[str, tuple[Appointment, ...]]:
        """The appointments with each client, cancelled ones too, in the order of the book; clients without any are absent."""
        return _grouped(self.appointments, _CLIENT_ID)

    @cached_property
    def membership_events_by_client(self) -> Mapping[str, tuple[MembershipEvent, ...]]:
        """The steps of each client in VIP programmes, in the order of the book; clients without any are absent."""
        return _grouped(self.membership_events, _CLIENT_ID)

    def get_client(self, client_id: str) -> Client:
        """The client with an id.

        Raises:
            UnknownRecordError: If there is none; it names the nearest id.
        """
        client = self.client_by_id.get(client_id)
        if client is None:
            near = nearest(client_id, self.client_by_id) if len(self.client_by_id) <= 10_000 else None
            raise UnknownRecordError("client", client_id, f"did you mean {near!r}?" if near else None)
        return client

    def tiers_in_force(self, client_id: str, *, on: date) -> Mapping[str, str]:
        """The client's tier in each scheme on a day, by scheme id; schemes without a spell that covers the day are absent."""
        return {spell.scheme_id: spell.tier for spell in self.tier_spells_by_client.get(client_id, ()) if spell.covers(on)}

    def owner_on(self, client_id: str, day: date) -> str | None:
        """Who is the account manager on a day: by the owner spell that covers it, else the client's `owner_id`; None in the pool.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        client = self.get_client(client_id)
        spells = (spell for spell in self.owner_spells_by_client.get(client_id, ()) if spell.covers(day))
        return next((spell.owner_id for spell in spells), client.owner_id)

    def birthdays(self, from_on: date, until_on: date, *, leap_day: LeapDay = "28 February") -> tuple[Anniversary, ...]:
        """Whose birthday is kept from a day to a day, both included: staff and people at clients.

        Args:
            from_on: The first day.
            until_on: The last day; at most 366 days after the first.
            leap_day: When 29 February is kept in a common year (TIM-5).

        Returns:
            In order of day, then staff before people, then id.

        Raises:
            InvalidValueError: If the days are in the wrong order or more than 366 days apart.
        """
        return birthdays_between(self.staff, self.people, from_on, until_on, leap_day)

    def notices(self) -> tuple[Notice, ...]:
        """What is allowed and worth knowing: who is on no list although something names them, credits that name no purchase.

        Returns:
            In the order of the book: clients with their owners, touchpoints, purchases, consents, absences, appointments. No
            owner or member of staff is missed by a book without staff.
        """
        return notices_of(self)
