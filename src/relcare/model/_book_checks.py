"""What the parts of a book say about each other: ids that are there once, references that lead somewhere, spells apart."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError
from relcare.model._appointment import Appointment
from relcare.model._civil import civil_day
from relcare.model._events import Purchase, Touchpoint
from relcare.model._pin import Pin
from relcare.model._responsible import Absence, OwnerSpell
from relcare.model._staff import TierSpell
from relcare.model._standing import standing

__all__ = ["check_apart", "check_appointments", "check_clients", "check_returns", "check_unique", "check_voids", "return_problem"]


class _OfClient(Protocol):
    @property
    def client_id(self) -> str: ...


class _WithId(Protocol):
    @property
    def id(self) -> str: ...


S = TypeVar("S", TierSpell, Absence, OwnerSpell, Pin)


def check_unique(name: str, items: Sequence[_WithId]) -> None:
    """Refuse an id that is there twice."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item.id in seen:
            raise InvalidValueError(f"{name}[{index}].id", item.id, "must be unique in the book")
        seen.add(item.id)


def check_clients(name: str, items: Sequence[_OfClient], known: Mapping[str, object]) -> None:
    """Refuse what is about no client of the book."""
    for index, item in enumerate(items):
        if item.client_id not in known:
            raise InvalidValueError(f"{name}[{index}].client_id", item.client_id, "must name a client of the book")


def check_appointments(appointments: Sequence[Appointment], zone: ZoneInfo) -> None:
    """Refuse a start on another day than the appointment's, as the calendar in the book's zone shows it (TIM-2)."""
    for index, one in enumerate(appointments):
        if one.starts_at is not None and civil_day(one.starts_at, zone) != one.on:
            rule = f"must be on {one.on}, the day of the appointment, in {zone.key}"
            raise InvalidValueError(f"appointments[{index}].starts_at", one.starts_at, rule)


def check_voids(touchpoints: Sequence[Touchpoint]) -> None:
    """Refuse what takes back no touchpoint of its client, and take-backs in a circle."""
    if any(touch.voids_id is not None for touch in touchpoints):
        clients = {touch.id: touch.client_id for touch in touchpoints}
        for index, touch in enumerate(touchpoints):
            if touch.voids_id is not None and clients.get(touch.voids_id) != touch.client_id:
                raise InvalidValueError(
                    f"touchpoints[{index}].voids_id", touch.voids_id, "must name a touchpoint of the same client"
                )
        standing(touchpoints)


def check_returns(purchases: Sequence[Purchase], currency: str | None) -> None:
    """Refuse a currency that is not the book's, and returns of what was never bought."""
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


def check_apart(name: str, spells: Sequence[S], whose: Sequence[str], what: str) -> None:
    """Refuse two spells that hold on one day for the same one.

    Args:
        name: The field of the book.
        spells: In any order.
        whose: The fields of a spell that together say for whom it holds.
        what: What a spell must not overlap, for the message.
    """
    key = attrgetter(*whose)
    ordered = sorted(enumerate(spells), key=lambda pair: (key(pair[1]), pair[1].start_on))
    for (_, before), (index, after) in pairwise(ordered):
        if key(before) == key(after) and (before.end_on is None or before.end_on > after.start_on):
            raise InvalidValueError(f"{name}[{index}].start_on", after.start_on, f"must not overlap {what}")
