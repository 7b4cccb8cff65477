"""Changes that are under way, as who proposed them and who is to decide about them may see them."""

from typing import Final

import attrs

from relcare.access import AccessDecision, AccessRequest, Action, ChangeEvent, ChangeState, Standing, change_state
from relcare.desk._changes import new_client
from relcare.desk._sitting import Sitting
from relcare.desk._stepping import allowed_step, denied_step, unseen
from relcare.desk._visit_base import BaseVisit, Seen
from relcare.errors import IllegalStepError
from relcare.model import Book, Client, Reason

__all__ = ["SeenChangesVisit", "step_request"]

_WHO_SEE: Final[tuple[Action, ...]] = ("approve", "apply")


@attrs.frozen(eq=False)
class SeenChangesVisit(BaseVisit):
    """The part of a `Visit` that looks at changes."""

    def change(self, change_id: str) -> ChangeState:
        """Where a change stands: for who proposed it, and who may approve or apply it.

        Args:
            change_id: The change.

        Raises:
            UnknownRecordError: If there is no such change, or it is neither theirs nor theirs to decide.
        """
        request = self._caller.request("get")

        def look(sitting: Sitting) -> Seen[ChangeState]:
            state = self._visible_change(sitting, sitting.steps.change(change_id))
            if state is None:
                return unseen(request, "change", change_id)
            about = attrs.evolve(request, client_id=state.client_id, fields=tuple(state.values))
            return Seen(decision=allowed_step(about), value=state)

        return self._look(look)

    def changes(self) -> tuple[ChangeState, ...]:
        """The open changes that they proposed, or may approve or apply, by id.

        Raises:
            AccessDenied: For nobody whom the host knows, and for an account that was closed.
        """
        request = self._caller.request("list")

        def look(sitting: Sitting) -> Seen[tuple[ChangeState, ...]]:
            if not sitting.is_somebody:
                return Seen(decision=denied_step(request, Reason("access.nobody")), count=0)
            states = (self._visible_change(sitting, steps) for steps in sitting.steps.open_changes())
            told = tuple(state for state in states if state is not None)
            fields = tuple(dict.fromkeys(field for state in told for field in state.values))
            whose = tuple(dict.fromkeys(state.client_id for state in told))
            return Seen(decision=allowed_step(attrs.evolve(request, fields=fields)), value=told, count=len(told), shown=whose)

        return self._look(look)

    def _judged_change(
        self, sitting: Sitting, first: ChangeEvent, request: AccessRequest
    ) -> tuple[Book | None, AccessDecision, Standing | None]:
        """How the caller stands to a change, and whether they may do something about it."""
        book = sitting.around(first.client_id, _proposed(first))
        judging = request.action == "approve"
        standing = sitting.judging(book, first.client_id, first.signed.by) if judging else sitting.standing(book, first.client_id)
        return book, sitting.decide(request, standing), standing

    def _visible_change(self, sitting: Sitting, steps: tuple[ChangeEvent, ...]) -> ChangeState | None:
        """Where a change stands; None where there is none, or it is not the caller's to know."""
        if not steps or sitting.person is None or not sitting.person.is_active:
            return None
        try:
            return change_state(self._house.rules, steps, at=sitting.now) if self._may_see_change(sitting, steps[0]) else None
        except IllegalStepError:  # by the rules of another day
            return None

    def _may_see_change(self, sitting: Sitting, first: ChangeEvent) -> bool:
        """Whether the caller proposed a change, or may decide about it."""
        return (sitting.person is not None and sitting.person.id in first.signed.people) or any(
            self._judged_change(sitting, first, step_request(first, action))[1].is_allowed for action in _WHO_SEE
        )


def step_request(first: ChangeEvent, action: Action) -> AccessRequest:
    """What somebody asks who takes a step of a change: for its purpose, and on the screen as all steps."""
    return AccessRequest(action=action, client_id=first.client_id, fields=tuple(first.values), purpose=first.purpose or "")


def _proposed(first: ChangeEvent) -> Client | None:
    """The client that a change would make, where it is about a new one."""
    is_new = first.revision == 0 and first.person_id is None
    return new_client(first.client_id, first.values) if is_new else None
