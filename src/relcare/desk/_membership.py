"""Steps in VIP programmes at the desk: taken only where they may follow those before them (VIP-2)."""

import attrs

from relcare.decisions import Policy
from relcare.model import MembershipEvent
from relcare.storage import BookWriter

__all__ = ["checked_step"]


def checked_step(policy: Policy, writer: BookWriter, event: MembershipEvent) -> MembershipEvent:
    """A step that may be taken, with the role of whoever takes it; one that is stored already was checked then.

    Raises:
        IllegalStepError: If it may not follow those before it, or not be taken by whoever takes it.
        UnknownRecordError: If the policy has no such programme.
        PolicyError: If the policy is not in force on its day.
    """
    known = writer.find_membership_event(event.id)
    if known is not None:
        return event if event.role is not None else attrs.evolve(event, role=known.role)
    part = writer.client_part(event.client_id)
    if event.role is None:
        event = attrs.evolve(event, role=next((member.role for member in part.staff if member.id == event.by), None))
    policy.take_step(part, event)
    return event
