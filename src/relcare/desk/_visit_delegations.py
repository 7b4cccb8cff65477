"""Delegations: somebody lets somebody else stand to their clients as they do, for a time (ACC-2)."""

from collections.abc import Iterable
from datetime import date

import attrs

from relcare.access import Delegation, DelegationEvent, Relation, Signature, Standing, delegation_of
from relcare.desk._sitting import Sitting
from relcare.desk._stepping import allowed_step, denied_step, no_such, refused_step, taken
from relcare.desk._visit_base import BaseVisit, Deed
from relcare.errors import IllegalStepError
from relcare.model import Book, Reason
from relcare.storage import AccessSteps, UnitOfWork

__all__ = ["DelegationsVisit"]


@attrs.frozen(eq=False)
class DelegationsVisit(BaseVisit):
    """The part of a `Visit` that hands on what is one's own."""

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

            given = Reason("delegation.given", {}, {"delegation": delegation_id})

            def do(unit: UnitOfWork) -> str:
                AccessSteps(unit).append(event, is_open=True)
                return delegation_id

            return Deed(decision=taken(decisions[0], given), do=do)

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

            ended = Reason("delegation.ended", {}, {"delegation": delegation_id})
            return Deed(decision=taken(allowed_step(request), ended), do=do)

        self._do(plan)


def _held(firm: Book, person_id: str) -> frozenset[Relation]:
    """The relations that somebody can have by themselves: staff may keep clients, and heads lead somebody."""
    found: set[Relation] = set()
    if any(member.id == person_id for member in firm.staff):
        found.add("account manager")
    if any(member.head_id == person_id for member in firm.staff):
        found.add("head")
    return frozenset(found)
