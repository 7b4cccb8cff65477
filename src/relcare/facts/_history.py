"""One client's history, laid out for counting: events in order, days as ordinals, amounts as integers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal, Inexact
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from relcare.errors import InvalidValueError
from relcare.model import Book, Client, ContactPerson, Purchase, Staff, Touchpoint, civil_day

__all__ = ["UNITS", "ClientHistory", "histories_of", "history_of", "units_of"]

UNITS: Final = 10**12
"""How many units one whole of money has: amounts hold at most 12 decimals, so every sum of units is exact."""

_EXACT: Final = Context(prec=60, traps=[Inexact])


def units_of(amount: Decimal) -> int:
    """An amount as an exact integer of units."""
    return int(_EXACT.multiply(amount, Decimal(UNITS)))


@attrs.frozen(kw_only=True, eq=False)
class ClientHistory:
    """A client with all that happened, in order.

    Attributes:
        client: The client.
        people: The people there, by id.
        staff: The firm's staff, by id.
        touchpoints: That stand, in order of day, instant and id.
        touch_days: Their civil days in the book's zone, as ordinals.
        purchases: Purchases, returns and credits in order of day and id.
    """

    client: Client
    people: Mapping[str, ContactPerson]
    staff: Mapping[str, Staff]
    touchpoints: Sequence[Touchpoint]
    touch_days: Sequence[int]
    purchases: Sequence[Purchase]

    @property
    def first_event(self) -> int | None:
        """The ordinal of the first touchpoint or purchase; None when there is none."""
        days = [*self.touch_days[:1], *(p.purchased_on.toordinal() for p in self.purchases[:1])]
        return min(days) if days else None

    @property
    def begins(self) -> int | None:
        """The client's first day: `client_since_on`, else the first event; None when neither is known (CAD-1)."""
        since = self.client.client_since_on
        return since.toordinal() if since is not None else self.first_event


def _touch_order(pair: tuple[int, Touchpoint]) -> tuple[int, int, float, str]:
    day, touch = pair
    # A date stands for its whole day: it comes before the instants of that day.
    moment = touch.occurred_at
    instant = moment.timestamp() if isinstance(moment, datetime) else 0.0
    return day, isinstance(moment, datetime), instant, touch.id


def history_of(
    client: Client,
    *,
    people: Iterable[ContactPerson] = (),
    touchpoints: Iterable[Touchpoint] = (),
    purchases: Iterable[Purchase] = (),
    staff: Mapping[str, Staff] | None = None,
    zone: ZoneInfo,
) -> ClientHistory:
    """One client's history in order.

    Args:
        client: The client.
        people: Those at the client.
        touchpoints: That stand, see `relcare.model.standing`; in any order.
        purchases: In any order.
        staff: By id.
        zone: The book's zone, in which instants become civil days (TIM-2).
    """
    dated = [(civil_day(touch.occurred_at, zone).toordinal(), touch) for touch in touchpoints]
    dated.sort(key=_touch_order)
    return ClientHistory(
        client=client,
        people={person.id: person for person in people},
        staff=staff or {},
        # Tuples: empty ones and those of numbers cost the collector of garbage nothing, and there is a history for every client.
        touchpoints=tuple(touch for _, touch in dated),
        touch_days=tuple(day for day, _ in dated),
        purchases=tuple(sorted(purchases, key=lambda purchase: (purchase.purchased_on, purchase.id))),
    )


def histories_of(book: Book) -> list[ClientHistory]:
    """The history of every client of a book, in the order of the book."""
    zone = ZoneInfo(book.zone)
    staff = {member.id: member for member in book.staff}
    return [
        history_of(
            client,
            people=book.people_by_client.get(client.id, ()),
            touchpoints=book.touchpoints_by_client.get(client.id, ()),
            purchases=book.purchases_by_client.get(client.id, ()),
            staff=staff,
            zone=zone,
        )
        for client in book.clients
    ]


def check_currency_of(purchase: Purchase, currency: str | None, fact: str) -> None:
    """Refuse an amount in another currency than the policy's (FCT-4)."""
    if currency is not None and purchase.amount.currency != currency:
        raise InvalidValueError(
            f"purchase {purchase.id!r}",
            str(purchase.amount),
            f"must be in the policy's currency, {currency}, for the fact {fact!r}",
        )


def as_day(ordinal: int | None) -> date | None:
    """The date of an ordinal."""
    return None if ordinal is None else date.fromordinal(ordinal)
