"""What membership comes to: where a client stands, since when, and what happens next (VIP-2, VIP-3)."""

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_day, to_day, to_optional_day
from relcare.errors import InvalidValueError
from relcare.model import Reason

__all__ = ["MEMBERSHIP_STATES", "MembershipSpell", "MembershipState", "MembershipStateName", "NextStep", "QualifiedSpell"]

MembershipStateName: TypeAlias = Literal["none", "applied", "nominated", "refused", "approved", "member", "lapsed", "revoked"]
MEMBERSHIP_STATES: Final[tuple[MembershipStateName, ...]] = (
    "none",
    "applied",
    "nominated",
    "refused",
    "approved",
    "member",
    "lapsed",
    "revoked",
)
NextStep: TypeAlias = Literal["begins", "notice", "next term", "re-evaluated", "grace", "steps down", "lapses"]


@attrs.frozen(kw_only=True)
class QualifiedSpell:
    """An unbroken stretch of days on which a client qualified.

    Attributes:
        start_on: The first day.
        end_on: The first day on which it no longer did; None while it lasts. Half-open (TIM-4).
    """

    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)

    def __attrs_post_init__(self) -> None:
        check_day("start_on", self.start_on)
        if self.end_on is not None:
            check_day("end_on", self.end_on)
            if self.end_on <= self.start_on:
                raise InvalidValueError("end_on", self.end_on, f"must be after start_on, {self.start_on}")


@attrs.frozen(kw_only=True)
class MembershipSpell:
    """An unbroken stretch of days on which a client was a member at one level.

    Attributes:
        level: The level; None in a programme without levels.
        start_on: The first day.
        end_on: The first day on which it no longer was; None while it lasts. Half-open (TIM-4).
    """

    level: str | None
    start_on: date
    end_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the client was a member on a day; not on `end_on`."""
        return self.start_on <= day and (self.end_on is None or day < self.end_on)


@attrs.frozen(kw_only=True)
class MembershipState:
    """Where a client stands with a programme at the end of a day.

    Attributes:
        programme_id: The programme.
        state: `none`, `applied`, `nominated`, `refused`, `approved` (and not begun yet), `member`, `lapsed` or `revoked`.
        since_on: The first day of that state, of a member at its level; None for `none`.
        level: Of a member, the level; None in a programme without levels.
        is_checked: Whether an application or nomination was checked.
        is_in_grace: Whether the term of a member is over and its time of grace is not.
        is_renewed: Whether the next term is agreed.
        term_ends_on: Of a member, the first day after the present term, or after a grant; None for one without an end.
        notice_on: From when on the member is to be told before a loss; None where nothing will be lost, or no notice is needed.
        notified_on: When it was told, in the present term.
        next_step: What happens next if nobody does anything: `begins`, `notice` (it is to be given, and the term does not end
            before), `next term` (it is renewed), `re-evaluated` (it qualifies as things are, and stays), `grace`, `steps down`,
            `lapses`; None where nothing does.
        next_on: The day of it, which may be past for a notice that is owed; None where that hangs on what is not known yet.
        missing: What is missing to come further, or to stay: `check`, `approval`, `qualification`, `notice`, `renewal`.
        spells: Every stretch of membership so far, in order; no two of them on one day.
        reasons: Why.
    """

    programme_id: str
    state: MembershipStateName
    since_on: date | None = None
    level: str | None = None
    is_checked: bool = False
    is_in_grace: bool = False
    is_renewed: bool = False
    term_ends_on: date | None = None
    notice_on: date | None = None
    notified_on: date | None = None
    next_step: NextStep | None = None
    next_on: date | None = None
    missing: tuple[str, ...] = ()
    spells: tuple[MembershipSpell, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def is_member(self) -> bool:
        """Whether the client is a member."""
        return self.state == "member"

    def was_member(self, day: date) -> bool:
        """Whether the client was a member on a day up to the one that was asked about."""
        return any(spell.covers(day) for spell in self.spells)
