"""What is done about a client's membership in a VIP programme: asked, checked, decided, told, renewed, taken back."""

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import (
    check_choice,
    check_day,
    check_id,
    check_identifier,
    check_moment,
    check_optional_text,
    to_day,
    to_optional_day,
    to_optional_moment,
)
from relcare.errors import InvalidValueError

__all__ = ["MEMBERSHIP_STEPS", "MembershipEvent", "MembershipStep"]

MembershipStep: TypeAlias = Literal[
    "applied", "nominated", "checked", "approved", "refused", "notified", "renewed", "revoked", "granted"
]
MEMBERSHIP_STEPS: Final[tuple[MembershipStep, ...]] = (
    "applied",
    "nominated",
    "checked",
    "approved",
    "refused",
    "notified",
    "renewed",
    "revoked",
    "granted",
)
_WITH_LEVEL: Final = frozenset({"approved", "granted"})
_WITH_SPONSOR: Final = frozenset({"applied", "nominated"})


@attrs.frozen(kw_only=True)
class MembershipEvent:
    """One step of a client on its way into, through or out of a VIP programme: what, who, when and why.

    It is an entry like a touchpoint: never changed, only followed by another (TIM-7). Whether the step may be taken after those
    before it is for `relcare.vip.membership` to say: the events of a client and programme, in their order, are all it looks at.

    Attributes:
        id: Unique in the book.
        client_id: Whose membership.
        programme_id: In which programme of the policy.
        step: `applied`, `nominated`, `checked`, `approved`, `refused`, `notified` (the client was told that the membership is
            about to end), `renewed`, `revoked` or `granted` (by hand, without the way from the application on).
        on: The civil day, in the book's zone.
        by: Who took the step; need not be among the staff. Of an application whoever took it in, of a nomination the nominator.
        role: In which role they acted; what a programme with `approval` asks of those who decide.
        sponsor_id: Of an application or a nomination, who speaks for the client; None where nobody else does.
        level: Of an approval or a grant, the level that is given; None for the best.
        end_on: Of a grant, and of a grant only, the first day on which it no longer holds.
        reason: Why, free text.
        recorded_at: When it was entered; by default on its day.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Examples:
        >>> asked = MembershipEvent(id="m-1", client_id="c-17", programme_id="vip", step="applied", on=date(2026, 3, 2), by="lee")
        >>> asked.step, asked.by
        ('applied', 'lee')

    Source: VIP-2, VIP-3, TIM-7
    """

    id: str
    client_id: str
    programme_id: str
    step: MembershipStep
    on: date = attrs.field(converter=to_day)
    by: str
    role: str | None = None
    sponsor_id: str | None = None
    level: str | None = None
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)
    reason: str | None = None
    recorded_at: date | None = attrs.field(default=None, converter=to_optional_moment)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_identifier("programme_id", self.programme_id)
        check_choice("step", self.step, MEMBERSHIP_STEPS)
        check_day("on", self.on)
        check_id("by", self.by)
        check_optional_text("role", self.role)
        if self.sponsor_id is not None:
            check_id("sponsor_id", self.sponsor_id)
        check_optional_text("level", self.level)
        check_optional_text("reason", self.reason)
        if self.recorded_at is not None:
            check_moment("recorded_at", self.recorded_at)
        self._check_end()
        if self.level is not None and self.step not in _WITH_LEVEL:
            raise InvalidValueError("level", self.level, f"must be left out where somebody is {self.step}")
        if self.sponsor_id is not None and self.step not in _WITH_SPONSOR:
            raise InvalidValueError("sponsor_id", self.sponsor_id, f"must be left out where somebody is {self.step}")

    def _check_end(self) -> None:
        if (self.end_on is not None) != (self.step == "granted"):
            rule = "must be given for a grant" if self.step == "granted" else f"must be left out where somebody is {self.step}"
            raise InvalidValueError("end_on", self.end_on, rule, "name the first day on which it no longer holds")
        if self.end_on is not None:
            check_day("end_on", self.end_on)
            if self.end_on <= self.on:
                raise InvalidValueError("end_on", self.end_on, f"must be after {self.on}, the day of the grant")

    @property
    def sponsors(self) -> frozenset[str]:
        """Who put the client forward, and therefore may not decide about it: nominators and those who speak for it."""
        named = {self.sponsor_id} if self.step in _WITH_SPONSOR else set[str | None]()
        if self.step == "nominated":
            named.add(self.by)
        return frozenset(name for name in named if name is not None)
