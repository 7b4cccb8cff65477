"""Whether a client may be contacted, for a terminal."""

from collections.abc import Iterator

import attrs

from relcare.model import Client
from relcare.permission import PermissionDecision
from relcare.report._text import plain
from relcare.wording import explain, explain_reason

__all__ = ["permission_lines"]


def permission_lines(client: Client, answer: PermissionDecision) -> Iterator[str]:
    """The answer, then each reason on a line of its own.

    Args:
        client: Whom it is about.
        answer: Whether contact is allowed.
    """
    yield plain(f"{client.id} {client.name}: {explain(attrs.evolve(answer, reasons=()))}")
    for reason in answer.reasons:
        yield plain(f"- {explain_reason(reason)}")
