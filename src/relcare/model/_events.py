"""What happened: touchpoints and purchases. Both are append-only (TIM-7)."""

from datetime import date
from typing import Final, Literal, TypeAlias, cast

import attrs

from relcare._fields import (
    MAX_NOTE,
    check_choice,
    check_day,
    check_id,
    check_moment,
    check_optional_text,
    check_text,
    to_day,
    to_moment,
    to_optional_moment,
)
from relcare.errors import InvalidValueError
from relcare.model._money import Money

__all__ = ["CONTACT_OUTCOMES", "DIRECTIONS", "VOID", "Direction", "Purchase", "PurchaseKind", "Touchpoint"]

Direction: TypeAlias = Literal["outgoing", "incoming"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("outgoing", "incoming")
_DIRECTION_WORDS: Final = {"in": "incoming", "inbound": "incoming", "out": "outgoing", "outbound": "outgoing"}

CONTACT_OUTCOMES: Final = ("answered", "attended", "delivered", "held", "met", "reached", "replied", "sent")
"""Outcomes that make a touchpoint a contact where a cadence rule declares no `counts` (CAD-2)."""

VOID: Final = "void"
"""The channel of an entry that only takes another one back (TIM-7)."""

PurchaseKind = Literal["purchase", "return", "credit"]


def _to_direction(value: str) -> Direction:
    return "outgoing" if value == "outgoing" else cast("Direction", _direction(value))


def _direction(value: object) -> object:
    return _DIRECTION_WORDS.get(value, value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class Touchpoint:
    """A contact that happened, was tried, or came in.

    Attributes:
        id: Unique in the book.
        client_id: Whom it concerned.
        occurred_at: The civil date, or an aware instant; a naive instant is refused (TIM-2).
        channel: Free text compared exactly, such as `call`, `visit`, `message`; `void` for an entry that only takes another back.
        direction: `outgoing` (default) or `incoming`; `out` and `in` are understood.
        outcome: Free text such as `reached`, `met`, `missed`; see `CONTACT_OUTCOMES` for those that count by default.
        purpose: Free text.
        person_id: Who was reached.
        staff_id: Who did it; gets the credit (CAD-12).
        in_lieu_of: The channel that it replaces: a call logged in lieu of a visit (CAD-4).
        note: Up to 65,536 characters.
        follow_up_at: The time agreed for the next contact, as a promised callback: a civil date, or an aware instant.
        recorded_at: When it was entered; by default when it happened.
        voids_id: The entry that this one takes back or corrects.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    client_id: str
    occurred_at: date = attrs.field(converter=to_moment)
    channel: str
    direction: Direction = attrs.field(default="outgoing", converter=_to_direction)
    outcome: str | None = None
    purpose: str | None = None
    person_id: str | None = None
    staff_id: str | None = None
    in_lieu_of: str | None = None
    note: str | None = attrs.field(default=None, repr=False)
    follow_up_at: date | None = attrs.field(default=None, converter=to_optional_moment)
    recorded_at: date | None = attrs.field(default=None, converter=to_optional_moment)
    voids_id: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_moment("occurred_at", self.occurred_at)
        check_text("channel", self.channel)
        if self.direction != "outgoing":
            check_choice("direction", self.direction, DIRECTIONS)
        if self.outcome is not None:
            check_text("outcome", self.outcome)
        if self.purpose is not None:
            check_text("purpose", self.purpose)
        if self.person_id is not None:
            check_id("person_id", self.person_id)
        if self.staff_id is not None:
            check_id("staff_id", self.staff_id)
        if self.in_lieu_of is not None:
            check_text("in_lieu_of", self.in_lieu_of)
        check_optional_text("note", self.note, MAX_NOTE)
        if self.follow_up_at is not None:
            check_moment("follow_up_at", self.follow_up_at)
        if self.recorded_at is not None:
            check_moment("recorded_at", self.recorded_at)
        if self.voids_id is not None:
            check_id("voids_id", self.voids_id)
            if self.voids_id == self.id:
                raise InvalidValueError("voids_id", self.voids_id, "must name another entry: no entry takes itself back")
        elif self.channel == VOID:
            raise InvalidValueError("voids_id", self.voids_id, "must name the entry that this one takes back")


@attrs.frozen(kw_only=True)
class Purchase:
    """Something bought, returned or credited.

    Attributes:
        id: Unique in the book.
        client_id: Who bought.
        purchased_on: The civil date; of a return, the day of the return.
        amount: Positive for purchases (zero is allowed) and returns; negative for a credit, which names no purchase (FCT-3).
        category: Free text such as `high-end`.
        returns_purchase_id: The purchase that this returns, in whole or in part.
        recorded_at: When it was entered; by default when it happened.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    client_id: str
    purchased_on: date = attrs.field(converter=to_day)
    amount: Money
    category: str | None = None
    returns_purchase_id: str | None = None
    recorded_at: date | None = attrs.field(default=None, converter=to_optional_moment)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_day("purchased_on", self.purchased_on)
        if not isinstance(self.amount, Money):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("amount", self.amount, "must be Money: an amount with its currency", "Money('12000', 'CNY')")
        if self.category is not None:
            check_text("category", self.category)
        if self.recorded_at is not None:
            check_moment("recorded_at", self.recorded_at)
        if self.returns_purchase_id is not None:
            check_id("returns_purchase_id", self.returns_purchase_id)
            if self.amount.amount <= 0:
                raise InvalidValueError(
                    "amount", str(self.amount), "must be positive: a return has the amount that came back (FCT-3)"
                )
            if self.returns_purchase_id == self.id:
                raise InvalidValueError("returns_purchase_id", self.id, "must name another purchase")

    @property
    def kind(self) -> PurchaseKind:
        """Whether it is a purchase, a return of one, or a credit that names none (FCT-3)."""
        if self.returns_purchase_id is not None:
            return "return"
        return "credit" if self.amount.amount < 0 else "purchase"
