"""Where a change to a client's file stands: a function of its log and the rules, and of nothing else (ACC-2)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from relcare.access._access_rules import AccessRules
from relcare.access._change_events import ChangeEvent
from relcare.access._matching import lets_all
from relcare.access._who import Signature, check_in_order, check_instant, to_instant
from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import AttributeValue

__all__ = ["CHANGE_STATES", "ChangeState", "ChangeStatus", "change_state"]

ChangeStatus: TypeAlias = Literal["proposed", "approved", "refused", "withdrawn", "applied"]
CHANGE_STATES: Final[tuple[ChangeStatus, ...]] = ("proposed", "approved", "refused", "withdrawn", "applied")
"""Where a change can stand; the file has it only once it is `applied`."""

_MAY_FOLLOW: Final = {
    "proposed": frozenset({"none"}),
    "approved": frozenset({"proposed"}),
    "refused": frozenset({"proposed", "approved"}),
    "withdrawn": frozenset({"proposed", "approved"}),
    "applied": frozenset({"proposed", "approved"}),
}
_ACTION: Final = {"proposed": "propose", "approved": "approve", "refused": "approve", "applied": "apply"}


@attrs.frozen(kw_only=True)
class ChangeState:
    """Where a change stands at an instant.

    Attributes:
        change_id: The change.
        client_id: Whose file.
        status: See `CHANGE_STATES`.
        values: What was proposed, by field. Not shown by `repr`.
        proposer_id: Who proposed it.
        approver_id: Who approved it, or None.
        applied_by: Who entered it, or None.
        at: The instant the answer is for.
    """

    change_id: str
    client_id: str
    status: ChangeStatus
    values: Mapping[str, AttributeValue] = attrs.field(repr=False)
    proposer_id: str
    approver_id: str | None = None
    applied_by: str | None = None
    at: datetime


def change_state(rules: AccessRules, events: Iterable[ChangeEvent], *, at: datetime) -> ChangeState:
    """Where a change stands at an instant, from its log.

    It takes two people at least: nobody approves or refuses what they proposed, and nobody applies it either, unless somebody
    else has approved it. A field whose rule asks for an approval is applied only after one. Who acts for others counts
    as all of them. Steps are taken on the screen: a rule for another medium lets nobody take one.

    Args:
        rules: Those in force when it was proposed.
        events: Of one change, in the order in which they were taken; at least the proposal. Those after `at` are not looked at.
        at: An aware instant; what happened at it counts.

    Raises:
        IllegalStepError: At the first step that may not follow those before it, or not be taken by whoever took it.
        InvalidValueError: If the events are of several changes or clients, or none of them has been taken yet.

    Source: ACC-2.
    """
    instant = to_instant(at)
    check_instant("at", instant)
    run = _Run(rules)
    for index, event in enumerate(events):
        run.take(index, event, instant)
    return run.state(instant)


@attrs.define(eq=False)
class _Run:
    """A log being read, step by step."""

    rules: AccessRules
    first: ChangeEvent | None = None
    last_at: datetime | None = None
    status: str = "none"
    approved: Signature | None = None
    applied: Signature | None = None

    def take(self, index: int, event: ChangeEvent, until: datetime) -> None:
        self._check_belongs(index, event)
        at = event.signed.at
        check_in_order(index, event.signed, self.last_at)
        self.last_at = at
        if at > until:
            return
        if self.status not in _MAY_FOLLOW[event.step]:
            hint = f"it follows {', '.join(sorted(_MAY_FOLLOW[event.step]))}"
            raise IllegalStepError(f"events[{index}].step", event.step, f"must not be taken: the change is {self.status!r}", hint)
        self._check_person(index, event)
        self._apply(event)

    def _check_belongs(self, index: int, event: ChangeEvent) -> None:
        if self.first is None:
            return
        for name in ("change_id", "client_id"):
            expected, found = getattr(self.first, name), getattr(event, name)
            if found != expected:
                raise InvalidValueError(f"events[{index}].{name}", found, f"must be {expected!r}, as before")

    def _check_person(self, index: int, event: ChangeEvent) -> None:
        signed, first = event.signed, event if self.first is None else self.first
        proposers = first.signed.people
        if event.step == "withdrawn":
            if signed.by not in proposers:
                raise IllegalStepError(f"events[{index}].signed.by", signed.by, "must be who proposed the change")
            return
        if event.step in {"approved", "refused"} and signed.people & proposers:
            rule = f"must not be who proposed the change: it is {event.step} by somebody else"
            raise IllegalStepError(f"events[{index}].signed.by", signed.by, rule, "let somebody else decide")
        if event.step == "applied" and self.approved is None and signed.people & proposers:
            rule = "must not be who proposed the change, as nobody else has approved it"
            raise IllegalStepError(f"events[{index}].signed.by", signed.by, rule, "let somebody else approve it first")
        if not self._is_let(signed, first, event.step, is_approved=True):
            rule = f"must be somebody whom the rules let {_ACTION[event.step]} every field of the change"
            raise IllegalStepError(f"events[{index}].signed.by", signed.by, rule)
        needs = not self._is_let(signed, first, event.step, is_approved=False)
        if event.step == "applied" and self.approved is None and needs:
            rule = "must come after an approval, by the rules for its fields"
            raise IllegalStepError(f"events[{index}].step", event.step, rule, "take the step 'approved' first")

    def _is_let(self, signed: Signature, first: ChangeEvent, step: str, *, is_approved: bool) -> bool:
        return lets_all(
            self.rules,
            signed.roles,
            signed.standing,
            action=_ACTION[step],
            purpose=first.purpose or "",
            medium="screen",
            fields=frozenset(first.values),
            is_approved=is_approved,
        )

    def _apply(self, event: ChangeEvent) -> None:
        self.first = self.first or event
        self.status = event.step
        if event.step == "approved":
            self.approved = event.signed
        if event.step == "applied":
            self.applied = event.signed

    def state(self, at: datetime) -> ChangeState:
        if self.first is None:
            raise InvalidValueError("events", (), "must begin with a proposal by then")
        status: ChangeStatus = self.status  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        return ChangeState(
            change_id=self.first.change_id,
            client_id=self.first.client_id,
            status=status,
            values=self.first.values,
            proposer_id=self.first.signed.by,
            approver_id=None if self.approved is None else self.approved.by,
            applied_by=None if self.applied is None else self.applied.by,
            at=at,
        )
