"""How many clients one account manager may hold, as a value, and how many there are (CAD-15)."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

import attrs

from relcare._fields import check_id, check_optional_text, check_text, check_tuple_of, to_texts
from relcare.errors import InvalidValueError
from relcare.model import Reason
from relcare.policy import Criterion, RuleProblem, Vocabulary, check_criteria, criterion_problems

__all__ = ["Holding", "HoldingLimit", "HoldingState", "holding_problems"]

HoldingState = Literal["room", "full", "over", "unknown"]
_MOST = 1_000_000


@attrs.frozen(kw_only=True)
class HoldingLimit:
    """The most clients that one account manager may hold, of all or of those that a criterion names.

    Attributes:
        id: Unique in the policy.
        most: How many, from 0.
        when: Which clients count; all without it.
        exempt: Which of these do not count after all, such as closed deals.
        roles: Whom among the staff it binds, by role compared exactly; every account manager without it.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: CAD-15.
    """

    id: str
    most: int
    when: Criterion | None = None
    exempt: Criterion | None = None
    roles: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        if type(self.most) is not int or not 0 <= self.most <= _MOST:
            raise InvalidValueError("most", self.most, f"must be a whole number from 0 to {_MOST:,}")
        check_criteria(when=self.when, exempt=self.exempt)
        check_tuple_of("roles", self.roles, str)
        for index, role in enumerate(self.roles):
            check_text(f"roles[{index}]", role)
        check_optional_text("source", self.source)

    def binds(self, role: str | None) -> bool:
        """Whether it binds a member of staff with a role; None is a role that nobody knows, and is none of those it names."""
        return not self.roles or role in self.roles


@attrs.frozen(kw_only=True)
class Holding:
    """How many clients one account manager holds, against one limit.

    Attributes:
        limit_id: The limit.
        owner_id: The account manager.
        most: The limit's.
        client_ids: The clients that count, in order of id by code point.
        open_ids: Those of which missing facts leave open whether they count, likewise.
        as_of: The day.
        reasons: Why.
    """

    limit_id: str
    owner_id: str
    most: int
    client_ids: tuple[str, ...]
    open_ids: tuple[str, ...]
    as_of: date
    reasons: tuple[Reason, ...] = ()

    @property
    def count(self) -> int:
        """How many count for certain."""
        return len(self.client_ids)

    @property
    def state(self) -> HoldingState:
        """`over` the limit, `full`, with `room`, or `unknown` when clients of which too little is known could make it full."""
        if self.count >= self.most:
            return "full" if self.count == self.most else "over"
        return "room" if self.count + len(self.open_ids) < self.most else "unknown"


def holding_problems(limit: HoldingLimit, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a limit.

    Args:
        limit: The limit.
        vocabulary: All facts that a cadence rule may use.
    """
    yield from criterion_problems(("when",), limit.when, vocabulary)
    yield from criterion_problems(("exempt",), limit.exempt, vocabulary)
