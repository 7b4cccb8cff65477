"""Events into a store: every reference checked, appended once, never changed (TIM-7)."""

from datetime import UTC, datetime
from typing import TypeVar, cast

from relcare.errors import ConflictError, InvalidValueError
from relcare.model import Consent, MembershipEvent, Purchase, Touchpoint, return_problem
from relcare.storage._book_entries import Event, entry_id, entry_of, event_of, kind_of_event, told_by
from relcare.storage._book_reader import BookReader
from relcare.storage._protocols import UnitOfWork

__all__ = ["EventWriter", "in_utc"]

E = TypeVar("E", Touchpoint, Purchase, Consent, MembershipEvent)


class EventWriter(BookReader):
    """The part of a `BookWriter` that appends events to the log.

    Args:
        unit: A unit of work of a store.
    """

    def __init__(self, unit: UnitOfWork) -> None:
        super().__init__(unit)
        self._unit = unit

    def add_event(self, event: E, *, by: str | None = None, recorded_at: datetime | None = None) -> E:
        """Appends a touchpoint, purchase, return, credit, consent, refusal or step to membership; the same again adds nothing.

        Whether a step may follow those before it is for a policy to say, see `Desk.record`.

        Args:
            event: Of a client of the book. What a touchpoint voids is a touchpoint of the client; a purchase is in the book's
                currency where that has one, and a return names a purchase of the client.
            by: Who records it; stored with the entry.
            recorded_at: The aware instant at which it is recorded, kept in UTC, for an event that does not say it itself.

        Returns:
            As it is stored: with its `recorded_at`, and of a repetition with the first one's.

        Raises:
            UnknownRecordError: If there is no such client.
            InvalidValueError: If `voids_id`, the return or the currency does not fit.
            ConflictError: If the id is taken by an event of this kind that says something else.
        """
        if not isinstance(event, (Touchpoint, Purchase, Consent, MembershipEvent)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("event", event, "must be a Touchpoint, a Purchase, a Consent or a MembershipEvent")
        kind = kind_of_event(event)
        known = self._unit.log.get(entry_id(kind, event.id))
        if known is None:
            self._check(event)
            entry = entry_of(event, by=by, recorded_at=in_utc(recorded_at))
            self._unit.log.append(entry)
            return cast("E", event_of(entry))
        # By value and not by text: another release may have written it in another format.
        stored = event_of(known.entry)
        if event not in (stored, told_by(known.entry)):
            raise ConflictError(kind, event.id, 0, 1)
        return cast("E", stored)

    def _check(self, event: Event) -> None:
        self.get_client(event.client_id)
        if isinstance(event, Touchpoint):
            self._check_touchpoint(event)
        elif isinstance(event, Purchase):
            self._check_purchase(event)

    def _check_touchpoint(self, touchpoint: Touchpoint) -> None:
        if touchpoint.voids_id is not None:
            voided = self.find_touchpoint(touchpoint.voids_id)
            if voided is None or voided.client_id != touchpoint.client_id:
                raise InvalidValueError("voids_id", touchpoint.voids_id, "must name a touchpoint of the same client")

    def _check_purchase(self, purchase: Purchase) -> None:
        currency = self.settings().currency
        if currency is not None and purchase.amount.currency != currency:
            raise InvalidValueError("amount", str(purchase.amount), f"must be in the book's currency, {currency}")
        if purchase.returns_purchase_id is not None:
            problem = return_problem(purchase, self.find_purchase(purchase.returns_purchase_id))
            if problem is not None:
                raise InvalidValueError("returns_purchase_id", purchase.returns_purchase_id, problem)


def in_utc(moment: datetime | None) -> datetime | None:
    """A stamp has no zone of its own to be remembered; a naive one is refused."""
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("recorded_at", moment, "must be an aware instant", "give it a zone")
    return moment.astimezone(UTC)
