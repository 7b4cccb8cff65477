"""Grants: asked for, decided by somebody else, used by who asked until they end (ACC-2)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import attrs

from relcare._fields import check_optional_text
from relcare.access import (
    AccessDecision,
    AccessRequest,
    AccessRules,
    Action,
    GrantEvent,
    GrantState,
    GrantStep,
    Standing,
    grant_state,
)
from relcare.access._matching import latest_end
from relcare.desk._query import Query
from relcare.desk._sitting import Sitting
from relcare.desk._stepping import allowed_step, denied_step, no_such, refused_step, taken, unseen
from relcare.desk._visit_base import BaseVisit, Deed, Seen
from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import Book, Reason
from relcare.storage import AccessSteps, UnitOfWork

__all__ = ["GrantsVisit"]

_OPEN: Final = frozenset({"requested", "live"})


@attrs.frozen(eq=False)
class GrantsVisit(BaseVisit):
    """The part of a `Visit` that asks for what takes somebody else's approval."""

    def request_grant(
        self,
        action: Action,
        fields: Iterable[str],
        *,
        client_id: str | None = None,
        text: str | None = None,
        where: str | None = None,
        count: int = 1,
        reason: str | None = None,
    ) -> GrantState:
        """A grant, asked for: for the caller, their purpose and their medium, and for nothing but what is named here.

        Args:
            action: What is to be done: `get`, `search`, ...
            fields: That are to be shown.
            client_id: With which client; None for what a query finds.
            text: The words that are to be searched for.
            where: The criterion.
            count: How many records at most; the `limit` of a search.
            reason: Why.

        Raises:
            UnknownRecordError: If there is no such client, or it is neither theirs to know nor theirs to ask for.
            IllegalStepError: If no rule lets them ask for it.
            InvalidValueError: If an argument is not what it must be.

        Source: ACC-2.
        """
        # What cannot be understood is refused alike, whether there is the client or not.
        check_optional_text("reason", reason)
        words = Query.of(self._house.policy, text, where).words
        request = self._caller.request(action, client_id=client_id, query=words, fields=tuple(fields), count=count)
        asked = attrs.evolve(request, action="propose")

        def plan(sitting: Sitting) -> Deed[GrantState]:
            if not sitting.is_somebody:
                nobody = denied_step(asked, Reason("access.nobody"))
                return Deed(decision=nobody, count=0) if client_id is None else no_such(asked, "client", client_id)
            book = sitting.firm if client_id is None else sitting.around(client_id)
            standing = sitting.standing(book, client_id)
            if book is None or standing is None:
                return no_such(asked, "client", client_id or "")
            event = GrantEvent(
                id=sitting.new_id("step"),
                grant_id=sitting.new_id("grant"),
                step="requested",
                signed=sitting.signature(standing, _owner(sitting, book, client_id)),
                request=request,
                reason=reason,
            )
            deed = self._step_grant(sitting, asked, allowed_step(asked), (), event)
            knows = attrs.evolve(request, action="know", query=None, fields=())
            if deed.error is not None and client_id is not None and sitting.decide(knows, standing).answer == "unknown":
                return no_such(asked, "client", client_id)
            return attrs.evolve(deed, query=words)

        return self._do(plan)

    def approve_grant(
        self,
        grant_id: str,
        *,
        ends_at: datetime | None = None,
        fields: Iterable[str] | None = None,
        count: int | None = None,
        reason: str | None = None,
    ) -> GrantState:
        """A grant, approved by somebody else than who asked: live from now on.

        Args:
            grant_id: The grant.
            ends_at: The first instant at which it no longer holds; by default the latest that rules and purpose allow.
            fields: Fewer than were asked for; by default all of them.
            count: Fewer records than were asked for; by default as many.
            reason: Why.

        Raises:
            UnknownRecordError: If there is no such grant, or it is neither theirs nor theirs to decide.
            IllegalStepError: If it may not be approved any more, or not by them, or not so.
            InvalidValueError: If no end is given and the rules set none.

        Source: ACC-2.
        """
        granted = None if fields is None else tuple(fields)

        def approved(sitting: Sitting, first: GrantEvent, event: GrantEvent) -> GrantEvent:
            end = ends_at or _latest(self._house.rules, first, sitting.now)
            return attrs.evolve(event, step="approved", ends_at=end, fields=granted, count=count)

        return self._decide_grant("approved", grant_id, reason, approved)

    def refuse_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, refused by somebody else than who asked; as `approve_grant`."""
        return self._decide_grant("refused", grant_id, reason)

    def revoke_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, taken back by somebody who may approve it; as `approve_grant`."""
        return self._decide_grant("revoked", grant_id, reason)

    def withdraw_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, given up by who asked for it; as `approve_grant`."""
        return self._decide_grant("withdrawn", grant_id, reason)

    def grant(self, grant_id: str) -> GrantState:
        """Where a grant stands: for who asked for it, and who may approve it.

        Args:
            grant_id: The grant.

        Raises:
            UnknownRecordError: If there is no such grant, or it is neither theirs nor theirs to decide.
        """
        request = self._caller.request("get")

        def look(sitting: Sitting) -> Seen[GrantState]:
            state = self._visible_grant(sitting, sitting.steps.grant(grant_id))
            if state is None:
                return unseen(request, "grant", grant_id)
            about = attrs.evolve(allowed_step(request), client_id=state.request.client_id, grant_ids=(grant_id,))
            return Seen(decision=about, value=state, query=state.request.query)

        return self._look(look)

    def grants(self) -> tuple[GrantState, ...]:
        """The open grants that they asked for, or may approve, by id; one that is over is no longer open.

        Raises:
            AccessDenied: For nobody whom the host knows, and for an account that was closed.
        """
        request = self._caller.request("list")

        def look(sitting: Sitting) -> Seen[tuple[GrantState, ...]]:
            if not sitting.is_somebody:
                return Seen(decision=denied_step(request, Reason("access.nobody")), count=0)
            states = (self._visible_grant(sitting, steps) for steps in sitting.steps.open_grants(at=sitting.now))
            told = tuple(state for state in states if state is not None)
            decision = attrs.evolve(allowed_step(request), grant_ids=tuple(state.grant_id for state in told))
            whose = tuple(dict.fromkeys(one for state in told if (one := state.request.client_id) is not None))
            return Seen(decision=decision, value=told, count=len(told), shown=whose)

        return self._look(look)

    def _decide_grant(
        self,
        step: GrantStep,
        grant_id: str,
        reason: str | None,
        finished: Callable[[Sitting, GrantEvent, GrantEvent], GrantEvent] | None = None,
    ) -> GrantState:
        asked = self._caller.request("approve")

        def plan(sitting: Sitting) -> Deed[GrantState]:
            steps = sitting.steps.grant(grant_id)
            first = steps[0] if steps else None
            if first is None or first.request is None or sitting.person is None or not sitting.person.is_active:
                return no_such(asked, "grant", grant_id)
            request = _judging(first.request)
            book, decision, standing = self._judged_grant(sitting, first, request)
            is_party = sitting.person.id in first.signed.people
            if book is None or standing is None or not (is_party or decision.is_allowed):
                return no_such(asked, "grant", grant_id)
            if step == "withdrawn":
                decision = allowed_step(request)
            owner_id = _owner(sitting, book, first.request.client_id) or first.signed.by
            signed = sitting.signature(standing, owner_id)
            event = GrantEvent(id=sitting.new_id("step"), grant_id=grant_id, step="refused", signed=signed, reason=reason)
            event = attrs.evolve(event, step=step) if finished is None else finished(sitting, first, event)
            return self._step_grant(sitting, request, decision, steps, event)

        return self._do(plan)

    def _step_grant(
        self,
        sitting: Sitting,
        request: AccessRequest,
        decision: AccessDecision,
        steps: tuple[GrantEvent, ...],
        event: GrantEvent,
    ) -> Deed[GrantState]:
        """A step, checked against those before it and against the rules; nothing is done yet."""
        try:
            state = grant_state(self._house.rules, (*steps, event), at=sitting.now)
        except IllegalStepError as error:
            return refused_step(request, error)
        if not decision.is_allowed:
            return Deed(decision=decision, count=0)

        def do(unit: UnitOfWork) -> GrantState:
            AccessSteps(unit).append(event, is_open=state.status in _OPEN)
            return state

        decision = attrs.evolve(decision, grant_ids=(event.grant_id,))
        code = {
            "requested": "grant.requested",
            "approved": "grant.approved",
            "refused": "grant.refused",
            "withdrawn": "grant.withdrawn",
            "revoked": "grant.revoked",
        }[event.step]
        return Deed(decision=taken(decision, Reason(code, {}, {"grant": event.grant_id})), do=do)

    def _judged_grant(
        self, sitting: Sitting, first: GrantEvent, request: AccessRequest
    ) -> tuple[Book | None, AccessDecision, Standing | None]:
        """How the caller stands to what was asked for, and whether they may approve it."""
        if request.client_id is None:
            standing = sitting.judging(sitting.firm, None, first.signed.by)
            return sitting.firm, sitting.decide_query(request, standing), standing
        book = sitting.around(request.client_id)
        standing = sitting.judging(book, request.client_id, first.signed.by)
        return book, sitting.decide(request, standing), standing

    def _visible_grant(self, sitting: Sitting, steps: tuple[GrantEvent, ...]) -> GrantState | None:
        """Where a grant stands; None where there is none, or it is not the caller's to know."""
        first = steps[0] if steps else None
        if first is None or first.request is None or sitting.person is None or not sitting.person.is_active:
            return None
        is_party = sitting.person.id in first.signed.people
        if not is_party and not self._judged_grant(sitting, first, _judging(first.request))[1].is_allowed:
            return None
        try:
            return grant_state(self._house.rules, steps, at=sitting.now)
        except IllegalStepError:  # by the rules of another day
            return None


def _judging(request: AccessRequest) -> AccessRequest:
    """What somebody asks who decides about a request: to approve its fields, for its purpose and in its medium."""
    return attrs.evolve(request, action="approve", count=1)


def _owner(sitting: Sitting, book: Book, client_id: str | None) -> str | None:
    return None if client_id is None else book.owner_on(client_id, sitting.today)


def _latest(rules: AccessRules, first: GrantEvent, at: datetime) -> datetime:
    found = None if first.request is None else latest_end(rules, first.signed.roles, first.signed.standing, first.request, at)
    if found is None:
        raise InvalidValueError("ends_at", None, "must be given: neither the rules nor the purpose set an end")
    return found
