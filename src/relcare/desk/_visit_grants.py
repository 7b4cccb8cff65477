"""Grants: asked for, decided by somebody else, used by who asked until they end; and delegations (ACC-2)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

import attrs

from relcare.access import (
    AccessDecision,
    AccessRequest,
    AccessRules,
    Action,
    Delegation,
    DelegationEvent,
    GrantEvent,
    GrantState,
    GrantStep,
    Relation,
    Signature,
    Standing,
    delegation_of,
    grant_state,
)
from relcare.access._matching import latest_end
from relcare.desk._query import Query
from relcare.desk._sitting import Sitting
from relcare.desk._stepping import allowed_step, denied_step, no_such, refused_step, taken, unseen
from relcare.desk._visit_base import BaseVisit, Deed, Seen
from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import Book, Reason
from relcare.storage import UnitOfWork
from relcare.storage._access_steps import AccessSteps

__all__ = ["GrantsVisit"]

_OPEN: Final = frozenset({"requested", "live"})


@attrs.frozen(eq=False)
class GrantsVisit(BaseVisit):
    """The part of a `Visit` that asks for what takes somebody else's approval, and hands on what is one's own."""

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
        words = Query.of(self._house.policy, text, where).words
        request = self._caller.request(action, client_id=client_id, query=words, fields=tuple(fields), count=count)
        asked = attrs.evolve(request, action="propose")

        def plan(sitting: Sitting) -> Deed[GrantState]:
            if not sitting.is_somebody:
                return no_such(asked, "client", client_id or "")
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
            deed = self._step(sitting, asked, allowed_step(asked), (), event)
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

        return self._decide("approved", grant_id, reason, approved)

    def refuse_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, refused by somebody else than who asked; as `approve_grant`."""
        return self._decide("refused", grant_id, reason)

    def revoke_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, taken back by somebody who may approve it; as `approve_grant`."""
        return self._decide("revoked", grant_id, reason)

    def withdraw_grant(self, grant_id: str, *, reason: str | None = None) -> GrantState:
        """A grant, given up by who asked for it; as `approve_grant`."""
        return self._decide("withdrawn", grant_id, reason)

    def grant(self, grant_id: str) -> GrantState:
        """Where a grant stands: for who asked for it, and who may approve it.

        Args:
            grant_id: The grant.

        Raises:
            UnknownRecordError: If there is no such grant, or it is neither theirs nor theirs to decide.
        """
        request = self._caller.request("get")

        def look(sitting: Sitting) -> Seen[GrantState]:
            state = self._visible(sitting, sitting.steps.grant(grant_id))
            if state is None:
                return unseen(request, "grant", grant_id)
            about = attrs.evolve(allowed_step(request), client_id=state.request.client_id, grant_ids=(grant_id,))
            return Seen(decision=about, value=state, query=state.request.query)

        return self._look(look)

    def grants(self) -> tuple[GrantState, ...]:
        """The open grants that they asked for, or may approve, by id: those that are over too, while nothing else closed them.

        Raises:
            AccessDenied: For nobody whom the host knows, and for an account that was closed.
        """
        request = self._caller.request("list")

        def look(sitting: Sitting) -> Seen[tuple[GrantState, ...]]:
            if not sitting.is_somebody:
                return Seen(decision=denied_step(request, Reason("access.nobody")), count=0)
            states = (self._visible(sitting, steps) for steps in sitting.steps.open_grants())
            told = tuple(state for state in states if state is not None)
            decision = attrs.evolve(allowed_step(request), grant_ids=tuple(state.grant_id for state in told))
            return Seen(decision=decision, value=told, count=len(told))

        return self._look(look)

    def delegate(
        self,
        receiver_id: str,
        relations: Iterable[Relation],
        *,
        start_on: date,
        end_on: date,
        reason: str | None = None,
    ) -> str:
        """The id of a delegation: from a day to a day somebody stands to the caller's clients as the caller does.

        Args:
            receiver_id: Who is to stand in.
            relations: `account manager`, `head` or both; what the caller was lent is not handed on.
            start_on: The first day.
            end_on: The first day on which it no longer holds.
            reason: Why.

        Raises:
            AccessDenied: If the rules do not let them delegate one of the relations, or they have none to anybody.
            InvalidValueError: If the days or relations are wrong.

        Source: ACC-2.
        """
        request = self._caller.request("delegate")
        asked = tuple(relations)

        def plan(sitting: Sitting) -> Deed[str]:
            if sitting.person is None:
                return Deed(decision=denied_step(request, Reason("access.nobody")), count=0)
            own = Delegation(
                giver_id=sitting.person.id, receiver_id=receiver_id, relations=asked, start_on=start_on, end_on=end_on
            )
            standings = [(relation, Standing(relations={relation})) for relation in own.relations]
            decisions = [sitting.decide_query(request, standing) for _, standing in standings]
            refused = next((one for one in decisions if not one.is_allowed), None)
            held = _held(sitting.firm, sitting.person.id)
            if refused is None and not {relation for relation, _ in standings} <= held:
                refused = denied_step(request, Reason("access.no_case"))
            if refused is not None:
                return Deed(decision=refused, count=0)
            standing = Standing(relations=frozenset(own.relations))
            delegation_id = sitting.new_id("delegation")
            event = DelegationEvent(
                id=sitting.new_id("step"),
                delegation_id=delegation_id,
                step="given",
                signed=Signature(by=sitting.person.id, roles=sitting.person.roles, standing=standing, at=sitting.now),
                delegation=own,
                reason=reason,
            )
            delegation_of((event,), at=sitting.now)

            def do(unit: UnitOfWork) -> str:
                AccessSteps(unit).append(event, is_open=True)
                return delegation_id

            return Deed(decision=taken(decisions[0], "delegation.given", delegation=delegation_id), do=do)

        return self._do(plan)

    def end_delegation(self, delegation_id: str, *, reason: str | None = None) -> None:
        """Ends a delegation before its time: for who gave it, and who has it.

        Args:
            delegation_id: The delegation.
            reason: Why.

        Raises:
            UnknownRecordError: If there is no such delegation, or it is not theirs.
            IllegalStepError: If it was ended already.

        Source: ACC-2.
        """
        request = self._caller.request("delegate")

        def plan(sitting: Sitting) -> Deed[bool]:
            steps = sitting.steps.delegation(delegation_id)
            own = steps[0].delegation if steps else None
            person = sitting.person
            if own is None or person is None or not person.is_active or person.id not in {own.giver_id, own.receiver_id}:
                return no_such(request, "delegation", delegation_id)
            signed = attrs.evolve(steps[0].signed, by=person.id, roles=person.roles, at=sitting.now)
            event = DelegationEvent(
                id=sitting.new_id("step"), delegation_id=delegation_id, step="ended", signed=signed, reason=reason
            )
            try:
                delegation_of((*steps, event), at=sitting.now)
            except IllegalStepError as error:
                return refused_step(request, error)

            def do(unit: UnitOfWork) -> bool:
                AccessSteps(unit).append(event, is_open=False)
                return True

            return Deed(decision=taken(allowed_step(request), "delegation.ended", delegation=delegation_id), do=do)

        self._do(plan)

    def _decide(
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
            book, decision, standing = self._judged(sitting, first, request)
            is_party = sitting.person.id in first.signed.people
            if book is None or standing is None or not (is_party or decision.is_allowed):
                return no_such(asked, "grant", grant_id)
            if step == "withdrawn":
                decision = allowed_step(request)
            owner_id = _owner(sitting, book, first.request.client_id) or first.signed.by
            signed = sitting.signature(standing, owner_id, first.signed.people)
            event = GrantEvent(id=sitting.new_id("step"), grant_id=grant_id, step="refused", signed=signed, reason=reason)
            event = attrs.evolve(event, step=step) if finished is None else finished(sitting, first, event)
            return self._step(sitting, request, decision, steps, event)

        return self._do(plan)

    def _step(
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
        return Deed(decision=taken(decision, f"grant.{event.step}", grant=event.grant_id), do=do)

    def _judged(
        self, sitting: Sitting, first: GrantEvent, request: AccessRequest
    ) -> tuple[Book | None, AccessDecision, Standing | None]:
        """How the caller stands to what was asked for, and whether they may approve it."""
        if request.client_id is None:
            standing = sitting.judging(sitting.firm, None, first.signed.by)
            return sitting.firm, sitting.decide_query(request, standing), standing
        book = sitting.around(request.client_id)
        standing = sitting.judging(book, request.client_id, first.signed.by)
        return book, sitting.decide(request, standing), standing

    def _visible(self, sitting: Sitting, steps: tuple[GrantEvent, ...]) -> GrantState | None:
        """Where a grant stands; None where there is none, or it is not the caller's to know."""
        first = steps[0] if steps else None
        if first is None or first.request is None or sitting.person is None or not sitting.person.is_active:
            return None
        is_party = sitting.person.id in first.signed.people
        if not is_party and not self._judged(sitting, first, _judging(first.request))[1].is_allowed:
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


def _held(firm: Book, person_id: str) -> frozenset[Relation]:
    """The relations that somebody can have by themselves: staff may keep clients, and heads lead somebody."""
    found: set[Relation] = set()
    if any(member.id == person_id for member in firm.staff):
        found.add("account manager")
    if any(member.head_id == person_id for member in firm.staff):
        found.add("head")
    return frozenset(found)
