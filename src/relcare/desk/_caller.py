"""Who comes to the desk, what for, and how the answer leaves it."""

import attrs

from relcare._fields import check_choice, check_optional_text, check_text
from relcare.access import MEDIA, AccessRequest, Action, Medium, Principal
from relcare.errors import InvalidValueError

__all__ = ["Caller"]


@attrs.frozen(kw_only=True)
class Caller:
    """Somebody who comes to a `GuardedDesk`, as the host knows them from the request it serves.

    Attributes:
        principal: Who; None for somebody whom the host does not know, who gets nothing.
        purpose: What for, in the words of the policy.
        medium: What the answer is put on: `screen`, `paper` or `file`.
        origin: From where, for the log alone: an address, a terminal.
        reason: Why, in their own words, for the log alone, and for what is exported. No place for values of clients.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1, ACC-4.
    """

    principal: Principal | None
    purpose: str
    medium: Medium = "screen"
    origin: str | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.principal is not None and not isinstance(self.principal, Principal):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("principal", self.principal, "must be a Principal, or None")
        check_text("purpose", self.purpose)
        check_choice("medium", self.medium, MEDIA)
        check_optional_text("origin", self.origin)
        check_optional_text("reason", self.reason)

    def request(
        self,
        action: Action,
        *,
        client_id: str | None = None,
        query: str | None = None,
        fields: tuple[str, ...] = (),
        count: int = 1,
    ) -> AccessRequest:
        """What they ask, for their purpose and in their medium.

        Args:
            action: What is to be done.
            client_id: With which client; None for a query as a whole.
            query: What is searched for.
            fields: That are shown or used.
            count: How many records are read at most.
        """
        return AccessRequest(
            action=action,
            client_id=client_id,
            query=query,
            fields=fields,
            purpose=self.purpose,
            medium=self.medium,
            count=count,
        )
