"""Decisions about the steps of grants, changes and delegations, as they are written down."""

from typing import Never

import attrs

from relcare.access import AccessDecision, AccessRequest
from relcare.desk._visit_base import Deed, Seen
from relcare.errors import IllegalStepError, UnknownRecordError
from relcare.model import Reason

__all__ = ["allowed_step", "denied_step", "no_such", "refused_step", "taken", "unseen"]


def allowed_step(request: AccessRequest) -> AccessDecision:
    """A step that is taken by who it belongs to, whatever else they may do: to ask, to withdraw, to look at one's own."""
    return AccessDecision(
        answer="allowed",
        action=request.action,
        client_id=request.client_id,
        fields=request.fields,
        purpose=request.purpose,
        medium=request.medium,
    )


def denied_step(request: AccessRequest, why: Reason) -> AccessDecision:
    """A step that nobody may take so.

    Args:
        request: What was asked.
        why: As it is told and written down.
    """
    return attrs.evolve(allowed_step(request), answer="denied", fields=(), hidden=request.fields, reasons=(why,), logged=(why,))


def refused_step(request: AccessRequest, error: IllegalStepError) -> Deed[Never]:
    """A step that may not follow those before it, or not be taken by whoever takes it: it is written down, and not taken."""
    return Deed(decision=denied_step(request, Reason("access.illegal_step")), error=error, count=0)


def no_such(request: AccessRequest, kind: str, record_id: str) -> Deed[Never]:
    """The one answer about what is not there and what is not theirs to know (ACC-6)."""
    return Deed(decision=unknown_step(request), error=UnknownRecordError(kind, record_id), count=0)


def unseen(request: AccessRequest, kind: str, record_id: str) -> Seen[Never]:
    """As `no_such`, for who looks."""
    return Seen(decision=unknown_step(request), error=UnknownRecordError(kind, record_id), count=0)


def unknown_step(request: AccessRequest) -> AccessDecision:
    """The decision about what is not there, or is not theirs to know."""
    decision = attrs.evolve(allowed_step(request), answer="unknown", fields=(), client_id=None)
    return attrs.evolve(decision, logged=(Reason("access.no_case"),))


def taken(decision: AccessDecision, done: Reason) -> AccessDecision:
    """The decision with what was done under it, for the log.

    Args:
        decision: That let it be done.
        done: What was done, such as `change.approved`, with which grant, change or delegation.
    """
    return attrs.evolve(decision, reasons=(*decision.reasons, done))
