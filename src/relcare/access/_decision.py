"""The answer to a question of access: what may be seen, or that it may not, with the reasons and what the log alone is told."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, TypeVar

import attrs

from relcare.access._words import Action, Medium
from relcare.errors import AccessDenied, UnknownRecordError
from relcare.model import Reason

__all__ = ["ACCESS_ANSWERS", "AccessAnswer", "AccessDecision"]

AccessAnswer: TypeAlias = Literal["allowed", "denied", "unknown"]
ACCESS_ANSWERS: Final[tuple[AccessAnswer, ...]] = ("allowed", "denied", "unknown")
"""`unknown` is what is said of a client that is not there, and of one whose existence is not the asker's to know (ACC-6)."""

V = TypeVar("V")


@attrs.frozen(kw_only=True)
class AccessDecision:
    """Whether somebody may do something with a client's file, and what of it they may see.

    Attributes:
        answer: `allowed`; `denied`, for those who may know that the client exists; or `unknown`.
        action: What was asked.
        client_id: With which client; None for a query as a whole.
        fields: What may be seen or used, in the order in which it was asked for: the projection. Empty unless allowed.
        hidden: What was asked for and may not be seen, in that order; empty when the answer is `unknown`.
        purpose: What for.
        medium: In which medium.
        grant_ids: The grants that it rests on, in their order.
        reasons: Why, as the asker may be told.
        logged: Why, for the log alone: it may say that there is such a client. It is not shown by `repr`.

    Source: ACC-1, ACC-6.
    """

    answer: AccessAnswer
    action: Action
    client_id: str | None
    fields: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    purpose: str
    medium: Medium
    grant_ids: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    logged: tuple[Reason, ...] = attrs.field(default=(), repr=False)

    @property
    def is_allowed(self) -> bool:
        """Whether it may be done, with the fields of the projection."""
        return self.answer == "allowed"

    @property
    def told(self) -> "AccessDecision":
        """The decision as it may leave the house: without what only the log is told."""
        return attrs.evolve(self, logged=())

    def project(self, values: Mapping[str, V]) -> dict[str, V]:
        """Of a client's values by field, those that may be seen, in the order of the projection; what is hidden is not there.

        Args:
            values: By field; more than was asked for does no harm.
        """
        return {field: values[field] for field in self.fields if field in values}

    def required(self) -> "AccessDecision":
        """The decision itself, where it is allowed.

        Raises:
            UnknownRecordError: If the answer is `unknown`; the same for a client that is not there and for one that is hidden.
            AccessDenied: If the answer is `denied`.
        """
        if self.answer == "unknown":
            raise UnknownRecordError("client", self.client_id or "")
        if self.answer == "denied":
            raise AccessDenied(f"access denied: {self.action} for {self.purpose!r} on {self.medium}")
        return self
