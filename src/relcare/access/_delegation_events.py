"""The log of a delegation: given for a time, and taken back before its end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import check_choice, check_id, check_optional_text
from relcare.access._who import Delegation, Signature, check_in_order, check_instant, to_instant
from relcare.errors import IllegalStepError, InvalidValueError

__all__ = ["DELEGATION_STEPS", "DelegationEvent", "DelegationStep", "delegation_of"]

DelegationStep: TypeAlias = Literal["given", "ended"]
DELEGATION_STEPS: Final[tuple[DelegationStep, ...]] = get_args(DelegationStep)


@attrs.frozen(kw_only=True)
class DelegationEvent:
    """One step of a delegation. Entries are never changed, only followed by others (TIM-7).

    Attributes:
        id: Unique in the book.
        delegation_id: Of which delegation.
        step: `given` by the giver, or `ended` by giver or receiver before its time.
        signed: Who, as what and when.
        delegation: Of `given`, and only of it: what is delegated, to whom and for how long.
        reason: Why, free text.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-2.
    """

    id: str
    delegation_id: str
    step: DelegationStep
    signed: Signature
    delegation: Delegation | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("delegation_id", self.delegation_id)
        check_choice("step", self.step, DELEGATION_STEPS)
        if not isinstance(self.signed, Signature):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("signed", self.signed, "must be a Signature")
        if (self.delegation is not None) != (self.step == "given"):
            rule = "must be given" if self.step == "given" else f"must be left out where a delegation is {self.step}"
            raise InvalidValueError("delegation", self.delegation, rule)
        if self.delegation is not None and not isinstance(self.delegation, Delegation):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("delegation", self.delegation, "must be a Delegation")
        check_optional_text("reason", self.reason)


def delegation_of(events: Iterable[DelegationEvent], *, at: datetime) -> Delegation | None:
    """What is delegated, from the log of a delegation; None once it was taken back. Its days are its own to say.

    Args:
        events: Of one delegation, in the order in which they were taken; at least the giving. Those after `at` are not looked at.
        at: An aware instant; what happened at it counts.

    Raises:
        IllegalStepError: At the first step that may not follow those before it, or not be taken by whoever took it.
        InvalidValueError: If the events are of several delegations, or none of them has been taken yet.

    Source: ACC-2.
    """
    instant = to_instant(at)
    check_instant("at", instant)
    given: Delegation | None = None
    first: DelegationEvent | None = None
    before: datetime | None = None
    is_ended = False
    for index, event in enumerate(events):
        check_in_order(index, event.signed, before)
        before = event.signed.at
        if first is not None and event.delegation_id != first.delegation_id:
            raise InvalidValueError(f"events[{index}].delegation_id", event.delegation_id, f"must be {first.delegation_id!r}")
        if event.signed.at > instant:
            break
        _check_step(index, event, given, is_ended=is_ended)
        first, given, is_ended = first or event, given or event.delegation, event.step == "ended"
    if given is None:
        raise InvalidValueError("events", (), "must begin with the giving by then")
    return None if is_ended else given


def _check_step(index: int, event: DelegationEvent, given: Delegation | None, *, is_ended: bool) -> None:
    if is_ended or (event.step == "given") != (given is None):
        rule = "must not be taken: it is given once, and ended once after that"
        raise IllegalStepError(f"events[{index}].step", event.step, rule)
    about = event.delegation if given is None else given
    if about is None:  # pragma: no cover - the event refuses it
        raise AssertionError(event)
    allowed = {about.giver_id} if event.step == "given" else {about.giver_id, about.receiver_id}
    if event.signed.by not in allowed:
        raise IllegalStepError(f"events[{index}].signed.by", event.signed.by, "must be who gives it, or, to end it, who has it")
