"""What people did with a review: who challenged it, and who decided it (SEG-11)."""

from datetime import date, datetime
from typing import Final, Literal, TypeAlias, cast

import attrs

from relcare._fields import MAX_NOTE, check_choice, check_day, check_id, check_moment, check_text, to_day, to_moment
from relcare.errors import InvalidValueError

__all__ = ["CHALLENGE_STATES", "Challenge", "ChallengeState", "ReviewDecision"]

ChallengeState: TypeAlias = Literal["open", "upheld", "dismissed"]
CHALLENGE_STATES: Final[tuple[ChallengeState, ...]] = ("open", "upheld", "dismissed")


def _to_instant(value: datetime) -> datetime:
    return cast("datetime", to_moment(value))


def _check_instant(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise InvalidValueError(name, value, "must be an aware instant")
    check_moment(name, value)


@attrs.frozen(kw_only=True)
class Challenge:
    """Somebody objects to what a review proposes for a client.

    Attributes:
        client_id: The client.
        scheme_id: The scheme.
        tier: The tier asked for.
        reason: Why.
        by: Who asks.
        at: The aware instant.
        state: `open` until the review is decided, then `upheld` or `dismissed`.
    """

    client_id: str
    scheme_id: str
    tier: str
    reason: str
    by: str
    at: datetime = attrs.field(converter=_to_instant)
    state: ChallengeState = "open"

    def __attrs_post_init__(self) -> None:
        for name in ("client_id", "scheme_id", "tier", "by"):
            check_id(name, getattr(self, name))
        check_text("reason", self.reason, MAX_NOTE)
        _check_instant("at", self.at)
        check_choice("state", self.state, CHALLENGE_STATES)


@attrs.frozen(kw_only=True)
class ReviewDecision:
    """Who decided a review, when, and from which day on its tiers are in force.

    Attributes:
        by: Who.
        at: The aware instant.
        in_force_from: The first day.
    """

    by: str
    at: datetime = attrs.field(converter=_to_instant)
    in_force_from: date = attrs.field(converter=to_day)

    def __attrs_post_init__(self) -> None:
        check_id("by", self.by)
        _check_instant("at", self.at)
        check_day("in_force_from", self.in_force_from)
