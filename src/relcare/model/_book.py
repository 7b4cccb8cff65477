"""The book of business: every client with its history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_tuple_of, check_zone, to_tuple
from relcare._time import LeapDay
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.model._anniversaries import Anniversary, birthdays_between
from relcare.model._client import Client, ContactPerson
from relcare.model._events import VOID, Purchase, Touchpoint
from relcare.model._money import check_currency
from relcare.model._staff import Staff, TierSpell

__all__ = ["Book", "Notice", "civil_day", "return_problem", "standing"]


class _OfClient(Protocol):
    @property
    def client_id(self) -> str: ...


class _WithId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_OfClient)
_KINDS: Final = (
    ("clients", Client),
    ("people", ContactPerson),
    ("touchpoints", Touchpoint),
    ("purchases", Purchase),
    ("staff", Staff),
    ("tier_spells", TierSpell),
)


def civil_day(moment: date, zone: ZoneInfo) -> date:
    """The day on which something happened, as the calendar in a zone showed it."""
    if not isinstance(moment, datetime):
        return moment
    # A plain copy first: pendulum's own conversion costs many times as much, and `datetime.astimezone` on its subclass is wrong.
    plain = datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=moment.tzinfo, fold=moment.fold
    )
    return plain.astimezone(zone).date()


def standing(touchpoints: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    """The entries that count: neither corrected nor deleted, and no mere take-backs (TIM-7).

    Taking back a deletion or a correction brings the entry back; correcting a correction does not: the last one stands for all.

    Args:
        touchpoints: In any order; order is kept.

    Raises:
        InvalidValueError: If entries take each other back in a circle.
    """
    entries = tuple(touchpoints)
    takers: dict[str, list[str]] = {}
    for entry in entries:
        if entry.voids_id is not None:
            takers.setdefault(entry.voids_id, []).append(entry.id)
    if not takers:
        return entries
    deletions = {entry.id for entry in entries if entry.channel == VOID}
    settled: dict[str, bool] = {}

    def is_undone(taker: str) -> bool:
        """Whether a correction or deletion was itself taken back, and not replaced by another correction."""
        standing_takers = [other for other in takers.get(taker, ()) if not settled[other]]
        return bool(standing_takers) and deletions.issuperset(standing_takers)

    for start, first in takers.items():
        # A walk with its own stack: a chain of corrections may be longer than Python's recursion limit.
        path, on_path = [] if start in settled else [(start, iter(first))], {start}
        while path:
            current, rest = path[-1]
            taker = next((other for other in rest if other not in settled), None)
            if taker is None:
                settled[current] = any(not is_undone(other) for other in takers.get(current, ()))
                on_path.discard(path.pop()[0])
            elif taker in on_path:
                raise InvalidValueError("voids_id", taker, "must not take back an entry that takes this one back")
            else:
                path.append((taker, iter(takers.get(taker, ()))))
                on_path.add(taker)
    return tuple(entry for entry in entries if entry.channel != VOID and not settled.get(entry.id, False))


@attrs.frozen(kw_only=True)
class Notice:
    """Something about a book that is allowed and that somebody should know.

    Attributes:
        code: `book.unknown_owner`, `book.unknown_staff` or `book.credit`.
        kind: What carries it: `client`, `touchpoint` or `purchase`.
        id: Its id.
        value: The id that is not among the staff, or the credited amount.
    """

    code: str
    kind: str
    id: str
    value: str


def _grouped(items: Iterable[T]) -> Mapping[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(item.client_id, []).append(item)
    return {client_id: tuple(members) for client_id, members in groups.items()}


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


@attrs.frozen(kw_only=True)
class Book:
    """All clients with their people, touchpoints, purchases and tiers, and the firm's staff.

    Attributes:
        clients: Ids unique.
        people: Ids unique; each at a client of the book.
        touchpoints: Ids unique; each of a client of the book; `voids_id` names one of the same client.
        purchases: Ids unique; each of a client of the book; a return names a purchase of the same client and currency.
        staff: Ids unique. An `owner_id` or `staff_id` that is not here is allowed and listed by `notices`.
        tier_spells: Tiers that were in force; no two of a client and scheme on one day.
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
    zone: str = "UTC"
    currency: str | None = None

    def __attrs_post_init__(self) -> None:
        check_zone("zone", self.zone)
        if self.currency is not None:
            check_currency("currency", self.currency)
        for name, kind in _KINDS:
            check_tuple_of(name, getattr(self, name), kind)
        for name in ("clients", "people", "touchpoints", "purchases", "staff"):
            _check_unique(name, getattr(self, name))
        known = self.client_by_id
        for name in ("people", "touchpoints", "purchases", "tier_spells"):
            for index, item in enumerate(getattr(self, name)):
                if item.client_id not in known:
                    raise InvalidValueError(f"{name}[{index}].client_id", item.client_id, "must name a client of the book")
        _check_voids(self.touchpoints)
        _check_returns(self.purchases, self.currency)
        _check_spells(self.tier_spells)

    @cached_property
    def client_by_id(self) -> Mapping[str, Client]:
        """The clients by id, in the order of the book."""
        return {client.id: client for client in self.clients}

    @cached_property
    def touchpoints_by_client(self) -> Mapping[str, tuple[Touchpoint, ...]]:
        """The touchpoints that stand (TIM-7), in the order of the book; clients without any are absent."""
        return _grouped(standing(self.touchpoints))

    @cached_property
    def purchases_by_client(self) -> Mapping[str, tuple[Purchase, ...]]:
        """Purchases, returns and credits, in the order of the book; clients without any are absent."""
        return _grouped(self.purchases)

    @cached_property
    def people_by_client(self) -> Mapping[str, tuple[ContactPerson, ...]]:
        """The people at each client, in the order of the book; clients without any are absent."""
        return _grouped(self.people)

    @cached_property
    def tier_spells_by_client(self) -> Mapping[str, tuple[TierSpell, ...]]:
        """The tier spells of each client, in the order of the book; clients without any are absent."""
        return _grouped(self.tier_spells)

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
        """What is allowed and worth knowing: owners and staff who are not on the staff list, credits that name no purchase.

        Returns:
            In the order of the book: clients, touchpoints, purchases. No owner or staff member is missed by a book without staff.
        """
        found: list[Notice] = []
        names = {member.id for member in self.staff}
        if names:
            found.extend(
                Notice(code="book.unknown_owner", kind="client", id=client.id, value=client.owner_id)
                for client in self.clients
                if client.owner_id is not None and client.owner_id not in names
            )
            found.extend(
                Notice(code="book.unknown_staff", kind="touchpoint", id=touch.id, value=touch.staff_id)
                for touch in self.touchpoints
                if touch.staff_id is not None and touch.staff_id not in names
            )
        found.extend(
            Notice(code="book.credit", kind="purchase", id=p.id, value=str(p.amount))
            for p in self.purchases
            if p.kind == "credit"
        )
        return tuple(found)


def _check_unique(name: str, items: Sequence[_WithId]) -> None:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item.id in seen:
            raise InvalidValueError(f"{name}[{index}].id", item.id, "must be unique in the book")
        seen.add(item.id)


def _check_voids(touchpoints: Sequence[Touchpoint]) -> None:
    if any(touch.voids_id is not None for touch in touchpoints):
        clients = {touch.id: touch.client_id for touch in touchpoints}
        for index, touch in enumerate(touchpoints):
            if touch.voids_id is not None and clients.get(touch.voids_id) != touch.client_id:
                raise InvalidValueError(
                    f"touchpoints[{index}].voids_id", touch.voids_id, "must name a touchpoint of the same client"
                )
        standing(touchpoints)


def _check_returns(purchases: Sequence[Purchase], currency: str | None) -> None:
    by_id = {purchase.id: purchase for purchase in purchases}
    for index, purchase in enumerate(purchases):
        if currency is not None and purchase.amount.currency != currency:
            raise InvalidValueError(
                f"purchases[{index}].amount", str(purchase.amount), f"must be in the book's currency, {currency}"
            )
        if purchase.returns_purchase_id is not None:
            problem = return_problem(purchase, by_id.get(purchase.returns_purchase_id))
            if problem:
                raise InvalidValueError(f"purchases[{index}].returns_purchase_id", purchase.returns_purchase_id, problem)


def return_problem(purchase: Purchase, returned: Purchase | None) -> str | None:
    """What is wrong with a return, given the purchase that it names; None when nothing is."""
    if returned is None or returned.kind != "purchase" or returned.client_id != purchase.client_id:
        return "must name a purchase of the same client"
    if returned.amount.currency != purchase.amount.currency:
        return f"must be in the currency of the purchase, {returned.amount.currency}"
    if returned.purchased_on > purchase.purchased_on:
        return f"must not come back before it was bought, {returned.purchased_on}"
    return None


def _check_spells(spells: Sequence[TierSpell]) -> None:
    ordered = sorted(enumerate(spells), key=lambda pair: (pair[1].client_id, pair[1].scheme_id, pair[1].start_on))
    for (_, before), (index, after) in pairwise(ordered):
        if (before.client_id, before.scheme_id) == (after.client_id, after.scheme_id) and (
            before.end_on is None or before.end_on > after.start_on
        ):
            raise InvalidValueError(
                f"tier_spells[{index}].start_on", after.start_on, "must not overlap another spell of the client and scheme"
            )
