"""What a contact weighs when not everything fits on time (PLN-2)."""

from typing import Final

import attrs

from relcare.errors import InvalidValueError
from relcare.model import Obligation

__all__ = ["Weights"]

_MOST: Final = 1_000


@attrs.frozen(kw_only=True)
class Weights:
    """How much more it weighs to be late already.

    A contact weighs 1 + its priority, never less than 1; times `overdue` or `grace` when it is. Of contacts that weigh the same
    the one that is latest relative to its interval goes first, so that short intervals go before long ones; then the key decides.

    Attributes:
        overdue: What is late beyond its grace counts so many times, from 1 to 1,000.
        grace: What is late within it counts so many times, from 1 to 1,000.

    Raises:
        InvalidValueError: If a figure is out of range.

    Source: PLN-2, CAD-5.
    """

    overdue: int = 4
    grace: int = 2

    def __attrs_post_init__(self) -> None:
        for name in ("overdue", "grace"):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= _MOST:
                raise InvalidValueError(name, value, f"must be a whole number from 1 to {_MOST:,}")

    def of(self, obligation: Obligation) -> int:
        """What an obligation weighs, from 1; a deferred one as its days say."""
        base = max(1, 1 + obligation.priority)
        if obligation.as_of > obligation.latest_on:
            return base * self.overdue
        return base * self.grace if obligation.as_of > obligation.due_on else base
