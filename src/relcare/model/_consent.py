"""What clients allow and forbid: the ground on which permission to contact them is decided (CAD-11)."""

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import (
    check_choice,
    check_id,
    check_moment,
    check_optional_text,
    to_day,
    to_optional_day,
    to_optional_moment,
)
from relcare.errors import InvalidValueError
from relcare.model._spans import check_span, is_within

__all__ = ["CONSENT_KINDS", "Consent", "ConsentKind"]

ConsentKind: TypeAlias = Literal["given", "refused"]
CONSENT_KINDS: Final[tuple[ConsentKind, ...]] = ("given", "refused")


@attrs.frozen(kw_only=True)
class Consent:
    """A client, or somebody there, said yes or no to being contacted.

    It is an entry like a touchpoint: never changed, only followed by another (TIM-7). A withdrawal is a refusal from its day on;
    a refusal of every channel and every purpose is "do not contact". Which of several entries decides is the policy's to say.

    Attributes:
        id: Unique in the book.
        client_id: Whom it concerns.
        kind: `given` or `refused`.
        person_id: Whose word it is; None for the client as a whole.
        channel: By which channel, free text compared exactly as in a touchpoint; None for every channel.
        purpose: For what, free text compared exactly; None for every purpose.
        start_on: The first day on which it is in force.
        end_on: The first day on which it no longer is; None while open. Half-open (TIM-4).
        night: Whether quiet hours are consented to as well; a consent of its own, which no other one implies.
        source: Where it was given: a form, a call, a contract. Up to 4,096 characters.
        recorded_at: When it was entered; by default on its first day.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Examples:
        >>> stop = Consent(id="n-1", client_id="c-17", kind="refused", start_on=date(2026, 3, 20), source="call t-31")
        >>> stop.covers(date(2026, 3, 19)), stop.covers(date(2026, 3, 20)), stop.is_do_not_contact
        (False, True, True)

    Source: CAD-11, TIM-4, TIM-7
    """

    id: str
    client_id: str
    kind: ConsentKind
    person_id: str | None = None
    channel: str | None = None
    purpose: str | None = None
    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)
    night: bool = False
    source: str | None = None
    recorded_at: date | None = attrs.field(default=None, converter=to_optional_moment)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_choice("kind", self.kind, CONSENT_KINDS)
        if self.person_id is not None:
            check_id("person_id", self.person_id)
        check_optional_text("channel", self.channel)
        check_optional_text("purpose", self.purpose)
        check_span(self.start_on, self.end_on)
        if type(self.night) is not bool:
            raise InvalidValueError("night", self.night, "must be True or False")
        if self.night and self.kind == "refused":
            raise InvalidValueError("night", self.night, "must be False in a refusal, which holds at every hour")
        check_optional_text("source", self.source)
        if self.recorded_at is not None:
            check_moment("recorded_at", self.recorded_at)

    @property
    def is_do_not_contact(self) -> bool:
        """Whether it refuses every channel and every purpose: for the client, or for the person that it names."""
        return self.kind == "refused" and self.channel is None and self.purpose is None

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day; not on `end_on`."""
        return is_within(day, self.start_on, self.end_on)
