"""A book as it was known at an earlier time (TIM-7)."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_moment, to_moment
from relcare.model._book import Book
from relcare.model._civil import civil_day
from relcare.model._client import Client
from relcare.model._events import Touchpoint

__all__ = ["as_known"]


def as_known(book: Book, known_on: date) -> Book:
    """The book with nothing that was recorded later: events, take-backs, corrections, attribute changes and consents.

    What carries no time of recording was known when it happened, or when it takes effect. A return whose purchase was not known
    yet is not known either.

    Args:
        book: All that is known now.
        known_on: A civil day in the book's zone, to its end; or an aware instant, itself included. What was recorded on a mere
            day counts as known on that day.

    Raises:
        InvalidValueError: If `known_on` is a naive instant, no date, or not from 1900 to 2199.

    Source: TIM-7.
    """
    moment = to_moment(known_on)
    check_moment("known_on", moment)
    was_known = _test(moment, ZoneInfo(book.zone))
    touchpoints = _without_target(
        [t for t in book.touchpoints if was_known(t.occurred_at if t.recorded_at is None else t.recorded_at)]
    )
    purchases = [p for p in book.purchases if was_known(p.purchased_on if p.recorded_at is None else p.recorded_at)]
    bought = {purchase.id for purchase in purchases}
    return attrs.evolve(
        book,
        clients=[_client(client, was_known) for client in book.clients],
        touchpoints=touchpoints,
        purchases=[p for p in purchases if p.returns_purchase_id is None or p.returns_purchase_id in bought],
        consents=[c for c in book.consents if was_known(c.start_on if c.recorded_at is None else c.recorded_at)],
        membership_events=[e for e in book.membership_events if was_known(e.on if e.recorded_at is None else e.recorded_at)],
    )


def _without_target(touchpoints: list[Touchpoint]) -> list[Touchpoint]:
    """The entries without those that take back what is not among them: nobody can have known the one before the other."""
    while True:
        ids = {touch.id for touch in touchpoints}
        kept = [touch for touch in touchpoints if touch.voids_id is None or touch.voids_id in ids]
        if len(kept) == len(touchpoints):
            return kept
        touchpoints = kept


def _test(known_on: date, zone: ZoneInfo) -> Callable[[date], bool]:
    last_day = civil_day(known_on, zone)

    def was_known(recorded: date) -> bool:
        if isinstance(known_on, datetime) and isinstance(recorded, datetime):
            return recorded <= known_on
        return civil_day(recorded, zone) <= last_day

    return was_known


def _client(client: Client, was_known: Callable[[date], bool]) -> Client:
    changes = [c for c in client.attribute_changes if was_known(c.effective_on if c.recorded_at is None else c.recorded_at)]
    return client if len(changes) == len(client.attribute_changes) else attrs.evolve(client, attribute_changes=changes)
