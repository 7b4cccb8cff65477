"""Where a grant stands: a function of its log, the rules and an instant, and of nothing else (ACC-2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from relcare.access._access_rules import AccessRules
from relcare.access._grant_events import GrantEvent
from relcare.access._matching import latest_end, lets_all, rules_for
from relcare.access._request import AccessRequest
from relcare.access._who import Signature, check_in_order, check_instant, to_instant
from relcare.errors import IllegalStepError, InvalidValueError

__all__ = ["GRANT_STATES", "GrantState", "GrantStatus", "grant_state"]

GrantStatus: TypeAlias = Literal["requested", "refused", "withdrawn", "live", "spent", "over", "revoked"]
GRANT_STATES: Final[tuple[GrantStatus, ...]] = ("requested", "refused", "withdrawn", "live", "spent", "over", "revoked")
"""Where a grant can stand; only a `live` one opens anything."""

_MAY_FOLLOW: Final = {
    "requested": frozenset({"none"}),
    "approved": frozenset({"requested"}),
    "refused": frozenset({"requested"}),
    "withdrawn": frozenset({"requested", "live", "spent"}),
    "revoked": frozenset({"live", "spent"}),
    "used": frozenset({"live"}),
}


@attrs.frozen(kw_only=True)
class GrantState:
    """Where a grant stands at an instant.

    Attributes:
        grant_id: The grant.
        status: See `GRANT_STATES`; `over` from its end on, `spent` once as many records were read as it is for.
        requester_id: Who asked: the only one it opens anything for.
        request: What was asked for: the only thing it opens.
        fields: That were granted; a field that is not among them stays hidden.
        approver_id: Who approved it, or None.
        starts_at: From which instant on it holds; None while it was not approved.
        ends_at: The first instant at which it no longer holds: half-open (TIM-4).
        remaining: How many records may still be read under it.
        at: The instant the answer is for.
    """

    grant_id: str
    status: GrantStatus
    requester_id: str
    request: AccessRequest
    fields: tuple[str, ...]
    approver_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    remaining: int
    at: datetime

    def differs_in(self, requester_id: str, request: AccessRequest, at: datetime) -> tuple[str, ...]:
        """In what a request is not the one that was approved; empty when the grant covers it.

        A field that was not granted is no difference: it stays hidden, whatever else is shown. A grant for a client is for no
        other; a grant for a query is for each client that this query finds.

        Args:
            requester_id: Who asks.
            request: What they ask.
            at: When.
        """
        own = self.request
        is_live = self.starts_at is not None and self.ends_at is not None and self.starts_at <= at < self.ends_at
        same = {
            "requester": requester_id == self.requester_id,
            "action": request.action == own.action,
            "client": own.client_id in {None, request.client_id},
            "query": request.query == own.query,
            "purpose": request.purpose == own.purpose,
            "medium": request.medium == own.medium,
            "count": request.count <= self.remaining,
            "time": is_live and self.status == "live",
        }
        return tuple(name for name, is_same in same.items() if not is_same)


def grant_state(rules: AccessRules, events: Iterable[GrantEvent], *, at: datetime) -> GrantState:
    """Where a grant stands at an instant, from its log.

    Nobody approves, refuses or revokes what they asked for themselves, what was asked on their behalf, or what somebody asked
    for whom they act.

    Args:
        rules: Those in force when it was asked for.
        events: Of one grant, in the order in which they were taken; at least the request. Those after `at` are not looked at.
        at: An aware instant; what happened at it counts.

    Raises:
        IllegalStepError: At the first step that may not follow those before it, or not be taken by whoever took it.
        InvalidValueError: If the events are of several grants, or none of them has been taken yet.

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
    grant_id: str | None = None
    last_at: datetime | None = None
    request: AccessRequest | None = None
    asked: Signature | None = None
    decided: Signature | None = None
    status: str = "none"
    fields: tuple[str, ...] = ()
    ends_at: datetime | None = None
    remaining: int = 0

    def status_at(self, at: datetime) -> str:
        """What time has made of it by an instant: time comes before what people do then."""
        if self.status in {"live", "spent"} and self.ends_at is not None and at >= self.ends_at:
            return "over"
        return self.status

    def take(self, index: int, event: GrantEvent, until: datetime) -> None:
        self.grant_id = self.grant_id or event.grant_id
        if event.grant_id != self.grant_id:
            raise InvalidValueError(f"events[{index}].grant_id", event.grant_id, f"must be {self.grant_id!r}, as before")
        at = event.signed.at
        check_in_order(index, event.signed, self.last_at)
        self.last_at = at
        if at > until:
            return
        self._check(index, event)
        self._apply(event)

    def _check(self, index: int, event: GrantEvent) -> None:
        now = self.status_at(event.signed.at)
        if now not in _MAY_FOLLOW[event.step]:
            hint = f"it follows {', '.join(sorted(_MAY_FOLLOW[event.step]))}"
            raise IllegalStepError(f"events[{index}].step", event.step, f"must not be taken: the grant is {now!r} then", hint)
        if event.step == "requested":
            self._check_request(index, event)
        elif event.step in {"approved", "refused", "revoked"}:
            self._check_decision(index, event)
        elif self.asked is not None and event.signed.by != self.asked.by:
            raise IllegalStepError(f"events[{index}].signed.by", event.signed.by, "must be who asked for the grant")
        if event.step == "approved":
            self._check_approval(index, event)
        if event.step == "used" and (event.count or 0) > self.remaining:
            rule = f"must be at most {self.remaining}, what is left of the grant"
            raise IllegalStepError(f"events[{index}].count", event.count, rule)

    def _check_request(self, index: int, event: GrantEvent) -> None:
        request, signed = event.request, event.signed
        if request is None:  # pragma: no cover - the event refuses it
            raise AssertionError(event)
        found = [
            rule
            for rule in rules_for(
                self.rules,
                signed.roles,
                signed.standing,
                action=request.action,
                purpose=request.purpose,
                medium=request.medium,
            )
            if rule.gives_grants
        ]
        if not found:
            raise IllegalStepError(f"events[{index}].request", request.action, "must be what a rule lets them ask approval for")
        most = [rule.most for rule in found if rule.most is not None]
        if len(most) == len(found) and request.count > max(most):
            raise IllegalStepError(f"events[{index}].request.count", request.count, f"must be at most {max(most)}, by the rules")
        hidden = frozenset(request.fields) - frozenset(field for rule in found for field in self.rules.fields_of(rule))
        if hidden:
            rule = "must be fields that a rule lets them ask approval for"
            raise IllegalStepError(f"events[{index}].request.fields", sorted(hidden), rule)

    def _check_decision(self, index: int, event: GrantEvent) -> None:
        signed, request, asked = event.signed, self.request, self.asked
        if request is None or asked is None:  # pragma: no cover - a decision follows a request
            raise AssertionError(event)
        if signed.people & asked.people:
            rule = f"must not be who asked for the grant, nor anybody it was asked for: it is {event.step} by somebody else"
            raise IllegalStepError(f"events[{index}].signed.by", signed.by, rule, "let somebody else decide")
        fields = frozenset(request.fields if event.fields is None else event.fields)
        if not lets_all(
            self.rules,
            signed.roles,
            signed.standing,
            action="approve",
            purpose=request.purpose,
            medium=request.medium,
            fields=fields,
        ):
            rule = "must be somebody whom the rules let approve every field that is asked for"
            raise IllegalStepError(f"events[{index}].signed.by", signed.by, rule)

    def _check_approval(self, index: int, event: GrantEvent) -> None:
        request, asked, ends_at = self.request, self.asked, event.ends_at
        if request is None or asked is None or ends_at is None:  # pragma: no cover - an approval follows a request
            raise AssertionError(event)
        if ends_at <= event.signed.at:
            raise IllegalStepError(f"events[{index}].ends_at", ends_at, "must be after the approval")
        latest = latest_end(self.rules, asked.roles, asked.standing, request, event.signed.at)
        if latest is not None and ends_at > latest:
            raise IllegalStepError(f"events[{index}].ends_at", ends_at, f"must be at most {latest}, by the rules and the purpose")
        if event.fields is not None and not set(event.fields) <= set(request.fields):
            raise IllegalStepError(f"events[{index}].fields", event.fields, "must be among those that were asked for")
        if event.count is not None and event.count > request.count:
            raise IllegalStepError(f"events[{index}].count", event.count, f"must be at most {request.count}, what was asked for")

    def _apply(self, event: GrantEvent) -> None:
        if event.step == "requested":
            self.request, self.asked, self.status = event.request, event.signed, "requested"
        elif event.step == "approved" and self.request is not None:
            self.decided, self.status, self.ends_at = event.signed, "live", event.ends_at
            self.fields = self.request.fields if event.fields is None else event.fields
            self.remaining = self.request.count if event.count is None else event.count
        elif event.step == "used":
            self.remaining -= event.count or 0
            self.status = "live" if self.remaining else "spent"
        else:
            self.status = event.step

    def state(self, at: datetime) -> GrantState:
        if self.request is None or self.asked is None or self.grant_id is None:
            raise InvalidValueError("events", (), "must begin with a request by then")
        status: GrantStatus = self.status_at(at)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        return GrantState(
            grant_id=self.grant_id,
            status=status,
            requester_id=self.asked.by,
            request=self.request,
            fields=self.fields,
            approver_id=None if self.decided is None else self.decided.by,
            starts_at=None if self.decided is None else self.decided.at,
            ends_at=self.ends_at,
            remaining=self.remaining,
            at=at,
        )
