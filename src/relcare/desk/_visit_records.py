"""What happened, entered through the guard; and whether somebody is a client already."""

from collections.abc import Mapping
from typing import Final, TypeVar, cast

import attrs

from relcare.access import DuplicateAnswer, identity_key
from relcare.access._duplicates import find_duplicate
from relcare.desk._membership import checked_step
from relcare.desk._sitting import Sitting
from relcare.desk._visit_base import BaseVisit, Deed, Seen
from relcare.errors import InvalidValueError
from relcare.model import Consent, MembershipEvent, Purchase, Touchpoint
from relcare.storage import BookWriter, UnitOfWork

__all__ = ["RecordsVisit"]

Event = TypeVar("Event", Touchpoint, Purchase, Consent, MembershipEvent)
_KINDS: Final[Mapping[type, str]] = {
    Touchpoint: "touchpoint",
    Purchase: "purchase",
    Consent: "consent",
    MembershipEvent: "membership",
}
_KEYS: Final = frozenset({"id", "client_id"})


@attrs.frozen(eq=False)
class RecordsVisit(BaseVisit):
    """The part of a `Visit` that enters what happened, and asks whether somebody is known."""

    def record(self, event: Event) -> Event:
        """The touchpoint, purchase, consent or step to membership as it is now stored; the same again is stored once.

        It takes being let `record` every field that the event fills. What is recorded is never changed: a touchpoint is taken
        back by another, and everything else of a file is changed by `propose`.

        Args:
            event: Without a `recorded_at` it gets the clock's instant, in UTC. A step to membership is the caller's own.

        Raises:
            UnknownRecordError: If there is no such client, or it is not theirs to know.
            AccessDenied: If they may not.
            InvalidValueError: As for `Desk.record`; also if a step is somebody else's, or taken in a role that is not theirs.
            IllegalStepError: As for `Desk.record`.
            PolicyError: As for `Desk.record`.
            ConflictError: If the id is taken by an event that says something else.
            OutcomeUnknownError: If the store cannot say whether it was kept; repeat it.

        Source: ACC-1, ACC-4, TIM-7.
        """
        if type(event) not in _KINDS:
            raise InvalidValueError("event", event, "must be a Touchpoint, a Purchase, a Consent or a MembershipEvent")
        request = self._caller.request("record", client_id=event.client_id, fields=_filled(event))

        def plan(sitting: Sitting) -> Deed[Event]:
            decision, _, _ = self._about(sitting, request)
            if not decision.is_allowed or sitting.person is None:
                return Deed(decision=decision, count=0)
            by = sitting.person.id
            if isinstance(event, MembershipEvent):
                self._check_own(sitting, event)

            def do(unit: UnitOfWork) -> Event:
                writer = BookWriter(unit)
                if isinstance(event, MembershipEvent):
                    step = checked_step(self._house.policy, writer, event)
                    return cast("Event", cast("object", writer.add_event(step, by=by, recorded_at=sitting.now)))
                return writer.add_event(event, by=by, recorded_at=sitting.now)

            return Deed(decision=decision, do=do)

        return self._do(plan)

    def check_duplicate(self, values: Mapping[str, str]) -> DuplicateAnswer:
        """Whether there is such a client already, and which team keeps it: nothing else, and the same whoever asks.

        Args:
            values: By field, exactly those of one or more identities of the policy.

        Raises:
            AccessDenied: If they may not ask.
            InvalidValueError: If the values are those of no identity, or one of them has nothing that can be compared.

        Source: ACC-3.
        """
        request = self._caller.request("duplicate check")
        asked = " ".join(f"{field}={identity_key(field, value)}" for field, value in sorted(values.items()))

        def look(sitting: Sitting) -> Seen[DuplicateAnswer]:
            standing = sitting.standing(sitting.firm, None)
            decision = sitting.decide_query(request, standing)
            if not decision.is_allowed:
                return Seen(decision=decision, query=asked, count=0)
            book = sitting.reader.book(with_events=False)
            found = find_duplicate(self._house.rules, decision.told, values, book, as_of=sitting.today)
            return Seen(decision=decision, value=found, query=asked, count=0)

        return self._look(look)

    def _check_own(self, sitting: Sitting, event: MembershipEvent) -> None:
        """Nobody takes a step in another's name, nor in a role that is not theirs."""
        person = sitting.person
        if person is None or event.by != person.id:
            raise InvalidValueError("by", event.by, "must be who records it: nobody takes a step for somebody else")
        member = next((one for one in sitting.firm.staff if one.id == person.id), None)
        roles = person.roles if member is None or member.role is None else person.roles | {member.role}
        if event.role is not None and event.role not in roles:
            raise InvalidValueError("role", event.role, "must be a role of who takes the step")


def _filled(event: Touchpoint | Purchase | Consent | MembershipEvent) -> tuple[str, ...]:
    """The fields that an event fills: all that differ from what they are when nothing is said."""
    kind = _KINDS[type(event)]
    fields: tuple[attrs.Attribute[object], ...] = attrs.fields(type(event))
    return tuple(
        f"{kind}.{field.name}" for field in fields if field.name not in _KEYS and getattr(event, field.name) != field.default
    )
