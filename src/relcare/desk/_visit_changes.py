"""Changes to a client's file: proposed by one, decided by another, entered by who keeps the files (ACC-2)."""

from collections.abc import Mapping
from typing import Final

import attrs

from relcare.access import (
    AccessDecision,
    AccessRequest,
    Action,
    ChangeEvent,
    ChangeState,
    ChangeStep,
    Signature,
    Standing,
    change_state,
)
from relcare.desk._cells import cell_text
from relcare.desk._changes import apply_change, changed_client, changed_person, check_target, new_client, revision_of
from relcare.desk._sitting import Sitting
from relcare.desk._stepping import allowed_step, denied_step, no_such, refused_step, taken
from relcare.desk._visit_base import Deed
from relcare.desk._visit_seen_changes import SeenChangesVisit, step_request
from relcare.errors import ConflictError, IllegalStepError
from relcare.model import AttributeValue, Book, Reason
from relcare.storage import AccessSteps, BookWriter, UnitOfWork

__all__ = ["ChangesVisit"]

_ACTIONS: Final[Mapping[ChangeStep, Action]] = {
    "proposed": "propose",
    "approved": "approve",
    "refused": "approve",
    "withdrawn": "propose",
    "applied": "apply",
}
# Nothing is looked up under it: a client that is only proposed has its id from the desk.
_NEW: Final = "new"


@attrs.frozen(eq=False)
class ChangesVisit(SeenChangesVisit):
    """The part of a `Visit` that changes clients and the people there."""

    def propose(
        self, client_id: str, values: Mapping[str, AttributeValue], *, person_id: str | None = None, reason: str | None = None
    ) -> ChangeState:
        """A change to a client's file, proposed; nothing of the file changes until it is applied.

        Args:
            client_id: The client.
            values: The new value of each field, None for one that is no longer known: of the client (`client.region`) and its
                attributes (`attribute.address`), or of a person there (`person.phone`). Birthdays as dates or as text.
            person_id: Whose; a new person at the client where the fields are of one and nobody is named.
            reason: Why.

        Raises:
            UnknownRecordError: If there is no such client or person, or it is not theirs to know.
            AccessDenied: If they may not propose every one of the fields.
            IllegalStepError: If the rules do not let them take the step.
            InvalidValueError: If a field or a value is wrong.

        Source: ACC-2.
        """
        is_personal = check_target(values)
        request = self._caller.request("propose", client_id=client_id, fields=tuple(values))

        def plan(sitting: Sitting) -> Deed[ChangeState]:
            decision, book, standing = self._about(sitting, request)
            if not decision.is_allowed or book is None or standing is None:
                return Deed(decision=decision, count=0)
            found = None if person_id is None else sitting.reader.find_person(person_id)
            if person_id is not None and (found is None or found.value.client_id != client_id or not is_personal):
                return no_such(request, "person", person_id)
            whom = (person_id or sitting.new_id("person")) if is_personal else None
            if whom is not None:
                changed_person(None if found is None else found.value, whom, client_id, values)
            else:
                changed_client(book.client_by_id[client_id], values, sitting.today, sitting.now)
            event = ChangeEvent(
                id=sitting.new_id("step"),
                change_id=sitting.new_id("change"),
                client_id=client_id,
                step="proposed",
                signed=_signed(sitting, standing, book, client_id),
                values=values,
                purpose=request.purpose,
                person_id=whom,
                revision=revision_of(sitting.reader, client_id, whom),
                reason=reason,
            )
            return self._step_change(sitting, request, decision, (), event)

        return self._do(plan)

    def propose_client(self, values: Mapping[str, AttributeValue], *, reason: str | None = None) -> ChangeState:
        """A new client, proposed; it is in the book once the change is applied, under the id that the desk gives it.

        Whoever proposes it stands to it as they would: as its account manager, where `client.owner_id` names them and they are of
        the staff.

        Args:
            values: As for `propose`; at least `client.name`.
            reason: Why.

        Raises:
            AccessDenied: As for `propose`; of a client that nobody has yet, who may not propose it may not know of it either.
            IllegalStepError: As for `propose`.
            InvalidValueError: As for `propose`.

        Source: ACC-2.
        """
        check_target(values)
        proposed = new_client(_NEW, values)

        def plan(sitting: Sitting) -> Deed[ChangeState]:
            client_id = sitting.new_id("client")
            request = self._caller.request("propose", client_id=client_id, fields=tuple(values))
            # Whoever is not of the staff is nobody's account manager by saying so.
            claim = proposed.owner_id if any(one.id == proposed.owner_id for one in sitting.firm.staff) else None
            book = attrs.evolve(sitting.firm, clients=(attrs.evolve(proposed, id=client_id, owner_id=claim),))
            standing = sitting.standing(book, client_id)
            decision = sitting.decide(request, standing)
            if not decision.is_allowed or standing is None:
                return Deed(decision=attrs.evolve(decision, answer="denied", hidden=request.fields), count=0)
            event = ChangeEvent(
                id=sitting.new_id("step"),
                change_id=sitting.new_id("change"),
                client_id=client_id,
                step="proposed",
                signed=_signed(sitting, standing, book, client_id),
                values=values,
                purpose=request.purpose,
                revision=0,
                reason=reason,
            )
            return self._step_change(sitting, request, decision, (), event)

        return self._do(plan)

    def approve_change(self, change_id: str, *, reason: str | None = None) -> ChangeState:
        """A change, approved by somebody else than who proposed it.

        Args:
            change_id: The change.
            reason: Why.

        Raises:
            UnknownRecordError: If there is no such change, or it is neither theirs nor theirs to decide.
            IllegalStepError: If it may not be approved any more, or not by them.

        Source: ACC-2.
        """
        return self._decide_change("approved", change_id, reason)

    def refuse_change(self, change_id: str, *, reason: str | None = None) -> ChangeState:
        """A change, refused by somebody else than who proposed it; as `approve_change`."""
        return self._decide_change("refused", change_id, reason)

    def withdraw_change(self, change_id: str, *, reason: str | None = None) -> ChangeState:
        """A change, withdrawn by who proposed it; as `approve_change`."""
        return self._decide_change("withdrawn", change_id, reason)

    def apply_change(self, change_id: str, *, reason: str | None = None) -> ChangeState:
        """A change, entered into the file in the same unit of work.

        Args:
            change_id: The change.
            reason: Why.

        Raises:
            UnknownRecordError: As for `approve_change`.
            AccessDenied: If they may not apply every one of its fields.
            IllegalStepError: As for `approve_change`; also if the rules ask for an approval first.
            ConflictError: If what is to be changed was changed since the change was proposed: it is to be proposed anew.

        Source: ACC-2, STO-2.
        """
        return self._decide_change("applied", change_id, reason)

    def _decide_change(self, step: ChangeStep, change_id: str, reason: str | None) -> ChangeState:
        asked = self._caller.request(_ACTIONS[step])

        def plan(sitting: Sitting) -> Deed[ChangeState]:
            steps = sitting.steps.change(change_id)
            if not steps or sitting.person is None or not sitting.person.is_active:
                return no_such(asked, "change", change_id)
            first = steps[0]
            request = step_request(first, _ACTIONS[step])
            book, decision, standing = self._judged_change(sitting, first, request)
            if book is None or standing is None or not self._may_see_change(sitting, first):
                return no_such(asked, "change", change_id)
            if step == "withdrawn":
                decision = allowed_step(request)
            event = ChangeEvent(
                id=sitting.new_id("step"),
                change_id=change_id,
                client_id=first.client_id,
                step=step,
                signed=_signed(sitting, standing, book, first.client_id, first.signed),
                reason=reason,
            )
            return self._step_change(sitting, request, decision, steps, event)

        return self._do(plan)

    def _step_change(
        self,
        sitting: Sitting,
        request: AccessRequest,
        decision: AccessDecision,
        steps: tuple[ChangeEvent, ...],
        event: ChangeEvent,
    ) -> Deed[ChangeState]:
        """A step, checked against those before it and against the rules; nothing is done yet."""
        try:
            state = change_state(self._house.rules, (*steps, event), at=sitting.now)
        except IllegalStepError as error:
            return refused_step(request, error)
        if not decision.is_allowed:
            return Deed(decision=decision, count=0)
        first = steps[0] if steps else event
        found = revision_of(sitting.reader, first.client_id, first.person_id)
        if event.step == "applied" and first.revision is not None and found != first.revision:
            kind, record_id = ("client", first.client_id) if first.person_id is None else ("person", first.person_id)
            outdated = denied_step(request, Reason("change.outdated", {}, {"change": first.change_id}))
            return Deed(decision=outdated, error=ConflictError(kind, record_id, first.revision, found), count=0)

        def do(unit: UnitOfWork) -> ChangeState:
            if event.step == "applied":
                apply_change(BookWriter(unit), first, by=event.signed.by, now=sitting.now, today=sitting.today)
            AccessSteps(unit).append(event, is_open=state.status in {"proposed", "approved"})
            return state

        is_about_values = event.step in {"proposed", "applied"}
        values = {field: cell_text(value) for field, value in first.values.items()} if is_about_values else {}
        code = {
            "proposed": "change.proposed",
            "approved": "change.approved",
            "refused": "change.refused",
            "withdrawn": "change.withdrawn",
            "applied": "change.applied",
        }[event.step]
        done = Reason(code, {}, {"change": first.change_id})
        return Deed(decision=taken(decision, done), do=do, values=values)


def _signed(sitting: Sitting, standing: Standing, book: Book, client_id: str, asked: Signature | None = None) -> Signature:
    owner_id = book.owner_on(client_id, sitting.today)
    return sitting.signature(standing, owner_id or (None if asked is None else asked.by))
