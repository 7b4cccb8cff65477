"""Triggers as values: an event obliges to another contact (CAD-2, CAD-8)."""

from collections.abc import Iterator
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_id, check_optional_text, check_text, check_tuple_of, to_texts
from relcare._time import Span
from relcare.cadence._rule import ACCOUNT_MANAGER, ROLLS, to_grace
from relcare.calendars import Deadline, Roll
from relcare.errors import InvalidValueError
from relcare.facts import EVENT_VOCABULARY
from relcare.policy import Criterion, RuleProblem, Vocabulary, check_criteria, criterion_problems

__all__ = ["EVENT_KINDS", "EventKind", "Trigger", "trigger_problems"]

EventKind = Literal["touchpoints", "purchases"]
EVENT_KINDS: Final[tuple[EventKind, ...]] = ("touchpoints", "purchases")


def _to_within(value: Deadline | str) -> Deadline:
    return value if isinstance(value, Deadline) else Deadline.parse(value)


@attrs.frozen(kw_only=True)
class Trigger:
    """An event that obliges: a thank-you letter after a visit, an answer to what came in, a callback at the agreed time.

    The contact that is owed is any that counts and comes after the event, on or after the agreed day where there is one. One
    contact answers every event before it.

    Attributes:
        id: Unique among the cadence rules and triggers of the policy.
        event: Which events oblige; unknown does not.
        on: What is looked at: `touchpoints` or `purchases`.
        first: Whether only the client's first such event obliges.
        when: To whom; everybody without it. Unknown means listed as undecided (CRI-2).
        channel: How.
        within: By when; `agreed` takes the event's own `follow_up_at`, and events without one do not oblige.
        role: Who does it; `account manager` is the client's owner (CAD-9).
        minutes: How long it takes, from 0.
        satisfied_by: Other channels that count too (CAD-4).
        counts: Which touchpoints of these channels count; see `DEFAULT_COUNTS` (CAD-2).
        reaches: Roles at the client, one of which must have been reached; anybody without it.
        grace: How long after the due day it is not overdue yet (CAD-5).
        roll: Where a due day that is no business day goes; `none` by default: a deadline in business days needs no rolling.
        priority: The higher goes first among equally late ones.
        purpose: What it is for.
        source: Where the firm says so.

    Raises:
        InvalidValueError: If the parts do not fit together.

    Source: CAD-8.
    """

    id: str
    event: Criterion
    on: EventKind = "touchpoints"
    first: bool = False
    when: Criterion | None = None
    channel: str
    within: Deadline = attrs.field(converter=_to_within)
    role: str = ACCOUNT_MANAGER
    minutes: int = 0
    satisfied_by: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    counts: Criterion | None = None
    reaches: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    grace: Span = attrs.field(factory=Span, converter=to_grace)
    roll: Roll = "none"
    priority: int = 0
    purpose: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        for name in ("channel", "role"):
            check_text(name, getattr(self, name))
        check_optional_text("purpose", self.purpose)
        check_optional_text("source", self.source)
        check_choice("on", self.on, EVENT_KINDS)
        check_choice("roll", self.roll, ROLLS)
        if not isinstance(self.first, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("first", self.first, "must be true or false")
        for name, least, most in (("minutes", 0, 1_440), ("priority", -1_000, 1_000)):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise InvalidValueError(name, value, f"must be a whole number from {least} to {most}")
        for name, texts in (("satisfied_by", self.satisfied_by), ("reaches", self.reaches)):
            check_tuple_of(name, texts, str)
            for index, text in enumerate(texts):
                check_text(f"{name}[{index}]", text)
        check_criteria(event=self.event, when=self.when, counts=self.counts)
        if self.event is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise InvalidValueError("event", None, "must be given", "say which events oblige")
        if self.within.unit == "agreed" and self.on == "purchases":
            raise InvalidValueError("within", "agreed", "must not go with purchases: only a touchpoint carries an agreed time")

    @property
    def channels(self) -> frozenset[str]:
        """The channel and all that satisfy it."""
        return frozenset((self.channel, *self.satisfied_by))

    @property
    def in_lieu_limit(self) -> int | None:
        """No limit: a trigger is answered once."""
        return None


_FIELDS: Final = {
    "purchases": frozenset({"category", "amount"}),
    "touchpoints": frozenset(EVENT_VOCABULARY) - {"category", "amount"},
}


def trigger_problems(trigger: Trigger, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a trigger.

    Args:
        trigger: The trigger.
        vocabulary: All facts that a cadence rule may use.
    """
    yield from criterion_problems(("when",), trigger.when, vocabulary)
    yield from criterion_problems(("counts",), trigger.counts, EVENT_VOCABULARY)
    own = Vocabulary({name: kind for name, kind in EVENT_VOCABULARY.items() if name in _FIELDS[trigger.on]})
    yield from criterion_problems(("event",), trigger.event, own)
