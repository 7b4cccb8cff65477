"""From application to expiry: the state that follows from a client's log of steps (VIP-2, VIP-3).

The log is the only memory. Time does its part between two steps: approved memberships begin, terms end, and what the settings say
becomes of them then. What time brings on a day comes before what people do on it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import attrs

from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import MembershipEvent
from relcare.vip._programme import Programme
from relcare.vip._settings import MembershipRules
from relcare.vip._standing import Standing, counts_as_qualified, state_of
from relcare.vip._state import MembershipState, QualifiedSpell

__all__ = ["benefits_of", "is_nominated", "membership", "membership_so_far", "was_qualified"]

_CLOSED: Final = frozenset({"none", "refused", "lapsed", "revoked"})
_OPEN: Final = frozenset({"applied", "nominated"})
_MAY_FOLLOW: Final = {
    "applied": _CLOSED | {"nominated"},
    "nominated": _CLOSED,
    "checked": _OPEN,
    "approved": _OPEN,
    "refused": _OPEN,
    "notified": frozenset({"member"}),
    "renewed": frozenset({"member"}),
    "revoked": frozenset({"approved", "member"}),
    "granted": _CLOSED | _OPEN,
}
_DECISIONS: Final = frozenset({"approved", "refused", "renewed", "revoked", "granted"})
_WITHIN_A_STATE: Final = frozenset({"checked", "notified", "renewed"})
_OF_THE_APPLICANT: Final = frozenset({"approved", "refused", "granted"})


def membership(
    programme: Programme, events: Iterable[MembershipEvent], qualified: Iterable[QualifiedSpell], *, as_of: date
) -> MembershipState:
    """Where a client stands with a programme at the end of a day, with what is missing and what happens next.

    Nothing but the arguments matters: the same log gives the same state.

    Args:
        programme: With its settings; those of `MembershipRules()` where it has none.
        events: Of one client and this programme, in the order in which they were taken. Those after `as_of` are not looked at.
        qualified: When the client qualified, in order and apart; see `relcare.decisions.vip_members`.
        as_of: The day.

    Raises:
        IllegalStepError: At the first step that may not follow those before it, with its place.
        InvalidValueError: If an event is of another programme, or the events are of several clients.

    Source: VIP-2, VIP-3.

    Examples:
        >>> from relcare.policy import criterion
        >>> from relcare.vip import MembershipRules, VipPath
        >>> club = Programme(
        ...     id="club", paths=[VipPath("big", criterion("orders >= 10"))], membership=MembershipRules(length="1 year")
        ... )
        >>> steps = [("applied", "lee", 2), ("checked", "lee", 3), ("approved", "wu", 4)]
        >>> log = [
        ...     MembershipEvent(id=f"m-{day}", client_id="c-1", programme_id="club", step=step, by=by, on=date(2026, 3, day))
        ...     for step, by, day in steps
        ... ]
        >>> found = membership(club, log, [], as_of=date(2026, 3, 31))
        >>> found.state, str(found.since_on), found.next_step, str(found.next_on)
        ('member', '2026-03-04', 'lapses', '2027-03-04')
    """
    run = _Run(programme, tuple(qualified))
    run.take(events, as_of)
    run.standing.advance(as_of.toordinal())
    return state_of(run.standing, as_of.toordinal())


def membership_so_far(
    programme: Programme, events: Iterable[MembershipEvent], qualified: Iterable[QualifiedSpell], *, as_of: date
) -> tuple[MembershipState, IllegalStepError | None]:
    """As `membership`, for a log that may be wrong: by the steps before the first illegal one, and the error about that one."""
    run = _Run(programme, tuple(qualified))
    fault = None
    try:
        run.take(events, as_of)
    except IllegalStepError as error:
        fault = error
    run.standing.advance(as_of.toordinal())
    return state_of(run.standing, as_of.toordinal()), fault


def was_qualified(rules: MembershipRules, qualified: Sequence[QualifiedSpell], day: date) -> bool:
    """Whether a client counts as qualified on a day: on the day itself, or within the qualification window before it."""
    return counts_as_qualified(rules, qualified, day.toordinal())


def is_nominated(events: Iterable[MembershipEvent], *, as_of: date) -> bool:
    """Whether a nomination stands: the client was nominated, and since then neither refused nor revoked."""
    stands = False
    for event in events:
        if event.on <= as_of and event.step in {"nominated", "refused", "revoked"}:
            stands = event.step == "nominated"
    return stands


def benefits_of(programme: Programme, state: MembershipState) -> frozenset[str]:
    """The ids of what a client enjoys: of a member the benefits of its level, of anybody else none."""
    if not state.is_member:
        return frozenset()
    return frozenset(one.id for one in programme.benefits if not one.levels or state.level in one.levels)


@attrs.define(eq=False)
class _Run:
    """A log being read, step by step."""

    programme: Programme
    qualified: tuple[QualifiedSpell, ...]
    standing: Standing = attrs.field(init=False)
    client_id: str | None = None
    last_on: date | None = None

    def __attrs_post_init__(self) -> None:
        rules = self.programme.membership or MembershipRules()
        self.standing = Standing(self.programme.id, rules, self.qualified)

    def take(self, events: Iterable[MembershipEvent], as_of: date) -> None:
        for index, event in enumerate(events):
            self._check_belongs(index, event)
            if self.last_on is not None and event.on < self.last_on:
                rule = f"must not be before {self.last_on}, the day of the step before it"
                raise IllegalStepError(f"events[{index}].on", event.on, rule, "enter steps in the order in which they are taken")
            self.last_on = event.on
            if event.on > as_of:
                continue
            self.standing.advance(event.on.toordinal())
            self._check(index, event)
            self._apply(event)

    def _check_belongs(self, index: int, event: MembershipEvent) -> None:
        if event.programme_id != self.programme.id:
            raise InvalidValueError(f"events[{index}].programme_id", event.programme_id, f"must be {self.programme.id!r}")
        self.client_id = self.client_id or event.client_id
        if event.client_id != self.client_id:
            raise InvalidValueError(f"events[{index}].client_id", event.client_id, f"must be {self.client_id!r}, as before")

    def _check(self, index: int, event: MembershipEvent) -> None:
        """Refuse a step that may not follow those before it."""
        now = self.standing

        def refuse(field: str, value: object, rule: str, hint: str | None = None) -> IllegalStepError:
            return IllegalStepError(f"events[{index}].{field}", value, rule, hint)

        if now.state not in _MAY_FOLLOW[event.step]:
            states = ", ".join(sorted(_MAY_FOLLOW[event.step]))
            raise refuse(
                "step", event.step, f"must not be taken: on {event.on} the client is {now.state!r}", f"it follows {states}"
            )
        if event.step == "checked" and now.is_checked:
            raise refuse("step", event.step, "must not be taken twice for one application or nomination")
        if event.step == "approved" and not now.is_checked:
            raise refuse("step", event.step, "must come after a check", "take the step 'checked' first")
        role = self.programme.approval
        if role is not None and event.step in _DECISIONS and event.role != role:
            raise refuse("role", event.role, f"must be {role!r}, who decides about the programme {self.programme.id!r}")
        if event.step in _OF_THE_APPLICANT and event.by in now.sponsors:
            raise refuse("by", event.by, "must not decide about a client whom they put forward", "let somebody else decide")
        if event.level is not None and event.level not in now.rules.levels:
            known = ", ".join(map(repr, now.rules.levels)) or "none"
            raise refuse("level", event.level, "must be a level of the programme", f"its levels: {known}")
        if event.step == "granted":
            self._check_grant(index, event)
        if event.step == "notified":
            _check_notice(now, index, event)
        if event.step == "renewed":
            _check_renewal(now, index, event)

    def _check_grant(self, index: int, event: MembershipEvent) -> None:
        rules = self.standing.rules
        if not rules.grants:
            raise IllegalStepError(f"events[{index}].step", event.step, "must not be taken: the programme has no grants")
        if rules.longest_grant is not None and event.end_on is not None:
            latest = date.fromordinal(rules.longest_grant.after(event.on.toordinal()))
            if event.end_on > latest:
                rule = f"must be at most {rules.longest_grant} after the grant, {latest}"
                raise IllegalStepError(f"events[{index}].end_on", event.end_on, rule)

    def _apply(self, event: MembershipEvent) -> None:
        now, day = self.standing, event.on.toordinal()
        if event.step not in _WITHIN_A_STATE:
            now.cause = event
        if event.step in _OPEN:
            carried = now.sponsors if now.state == "nominated" else frozenset[str]()
            now.open("applied" if event.step == "applied" else "nominated", day, carried | event.sponsors)
        elif event.step == "checked":
            now.is_checked = True
        elif event.step == "approved":
            now.approve(day, event.level)
        elif event.step == "refused":
            now.close("refused", day)
        elif event.step == "revoked":
            now.close("revoked", day)
        elif event.step == "notified":
            now.notified = day
        elif event.step == "renewed":
            now.renew(day)
        elif event.end_on is not None:  # a grant
            now.grant(day, event.level, event.end_on.toordinal())
        now.advance(day)


def _check_notice(now: Standing, index: int, event: MembershipEvent) -> None:
    first = now.notice_from()
    if first is None:
        rule = "must not be taken: no notice is needed before the membership ends"
        raise IllegalStepError(f"events[{index}].step", event.step, rule)
    if now.notified is not None:
        raise IllegalStepError(f"events[{index}].step", event.step, "must not be taken twice in one term")
    if event.on.toordinal() < first:
        rule = f"must not be before {date.fromordinal(first)}, from when on notice is to be given"
        raise IllegalStepError(f"events[{index}].on", event.on, rule)


def _check_renewal(now: Standing, index: int, event: MembershipEvent) -> None:
    if now.term_end is None or now.is_grant:
        what = "a grant" if now.is_grant else "a membership without an end"
        raise IllegalStepError(f"events[{index}].step", event.step, f"must not be taken: {what} has no term to renew")
    if now.is_renewed:
        raise IllegalStepError(f"events[{index}].step", event.step, "must not be taken twice in one term")
