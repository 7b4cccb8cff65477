"""What time does to a membership between two steps: it begins, its terms end, and it ends (VIP-3)."""

from collections.abc import Sequence
from datetime import date

import attrs

from relcare.model import MembershipEvent, Reason
from relcare.vip._settings import MembershipRules
from relcare.vip._state import MembershipSpell, MembershipState, MembershipStateName, NextStep, QualifiedSpell

__all__ = ["Standing", "counts_as_qualified", "state_of"]


def counts_as_qualified(rules: MembershipRules, qualified: Sequence[QualifiedSpell], day: int) -> bool:
    """Whether a client counts as qualified on a day: on the day itself, or within the qualification window before it."""
    start = day if rules.window is None else rules.window.after(day, -1) + 1
    return any(
        spell.start_on.toordinal() <= day and (spell.end_on is None or spell.end_on.toordinal() > start) for spell in qualified
    )


@attrs.define(eq=False)
class Standing:
    """Where a client stands on the day up to which its log was read; days are ordinals.

    Attributes:
        programme_id: The programme.
        rules: Its settings.
        qualified: When the client qualified.
        state: See `MembershipState`.
        since: The first day of the state.
        is_checked: Whether what was asked for was checked.
        sponsors: Who put the client forward.
        level: Of an approval or a membership.
        anchor: From which day the terms are counted.
        terms: How many terms have begun since.
        term_end: The first day after the present term.
        is_grant: Whether it was given by hand.
        is_renewed: Whether the next term is agreed.
        notified: When notice was given in the present term.
        spells: Of membership; the last one may be open.
        cause: The step that led to the state.
    """

    programme_id: str
    rules: MembershipRules
    qualified: Sequence[QualifiedSpell]
    state: MembershipStateName = "none"
    since: int | None = None
    is_checked: bool = False
    sponsors: frozenset[str] = frozenset()
    level: str | None = None
    anchor: int = 0
    terms: int = 0
    term_end: int | None = None
    is_grant: bool = False
    is_renewed: bool = False
    notified: int | None = None
    spells: list[MembershipSpell] = attrs.field(factory=list[MembershipSpell])
    cause: MembershipEvent | None = None

    # What people do

    def open(self, state: MembershipStateName, day: int, sponsors: frozenset[str]) -> None:
        """Somebody asks for membership; a check of a nomination holds for the application that follows it."""
        is_checked = self.is_checked and self.state == "nominated"
        self._enter(state, day)
        self.sponsors, self.is_checked = sponsors, is_checked

    def approve(self, day: int, level: str | None) -> None:
        """Membership may begin."""
        self._enter("approved", day)
        self.level = self._best(level)

    def grant(self, day: int, level: str | None, end: int) -> None:
        """Membership begins by hand, until a day."""
        self.level = self._best(level)
        self._begin(day)
        self.is_grant, self.term_end = True, end

    def renew(self, day: int) -> None:
        """The next term is agreed: from the end of the present one, which may be over."""
        if self.term_end is not None and day >= self.term_end:
            self._next_term(day)
        else:
            self.is_renewed = True

    def close(self, state: MembershipStateName, day: int) -> None:
        """What was asked for, approved or enjoyed is over."""
        self._end_spell(day)
        self._enter(state, day)
        self.level = None

    # What time does

    def advance(self, day: int) -> None:
        """Everything that happens by itself up to a day, itself included."""
        while True:
            following = self._following()
            if following is None or following > day:
                return
            if self.state == "approved":
                self._begin(following)
            else:
                self._end_term(following)

    def _following(self) -> int | None:
        """The next day on which something happens by itself; None when nothing does, or a notice has to be given first."""
        if self.state == "approved":
            return self.begins()
        if self.state != "member" or self.term_end is None:
            return None
        if self.is_renewed or self.stays(self.term_end):
            return self.term_end
        return self.loss()

    def begins(self) -> int | None:
        """The first day from the approval on at whose beginning the qualification has stood for the delay."""
        since, delay = self.since or 0, self.rules.returns_delay
        if delay is None:
            return since
        for spell in self.qualified:
            found = max(since, delay.after(spell.start_on.toordinal()))
            if spell.end_on is None or found < spell.end_on.toordinal():
                return found
        return None

    def loss(self) -> int | None:
        """The day on which the membership ends, or falls by a level; None without an end, or while notice is owed."""
        planned, first = self.planned_loss(), self.notice_from()
        if planned is None or first is None or self.rules.notice is None:
            return planned
        return None if self.notified is None else max(planned, self.rules.notice.after(self.notified))

    def planned_loss(self) -> int | None:
        """The day of a loss by the term and the time of grace alone."""
        if self.term_end is None or self.is_grant or self.rules.grace is None or self.rules.keeping != "grace":
            return self.term_end
        return self.rules.grace.after(self.term_end)

    def notice_from(self) -> int | None:
        """From when on notice may be given; None where none is needed, whoever qualifies."""
        planned = self.planned_loss()
        if planned is None or self.is_grant or self.is_renewed or self.rules.notice is None:
            return None
        return max(self.rules.notice.after(planned, -1), self.since or 0)

    def stays(self, day: int) -> bool:
        """Whether a re-evaluation on a day ends well."""
        if self.rules.keeping != "re-evaluated" or self.is_grant:
            return False
        return counts_as_qualified(self.rules, self.qualified, day)

    def _begin(self, day: int) -> None:
        level = self.level
        self._enter("member", day)
        self.level, self.anchor, self.terms = level, day, 1
        self.term_end = None if self.rules.length is None else self.rules.length.after(day)
        self.spells.append(MembershipSpell(level=level, start_on=date.fromordinal(day)))

    def _end_term(self, day: int) -> None:
        if self.is_renewed or self.stays(day):
            self._next_term(day)
        elif self.lower() is None:
            self.close("lapsed", day)
        else:
            lower = self.lower()
            self._end_spell(day)
            self.level = lower
            self._begin(day)

    def _next_term(self, day: int) -> None:
        """The next term, counted on from the first; from the day itself where that one would be over by then (TIM-3)."""
        length = self.rules.length
        if length is None:  # pragma: no cover - what has no end is never renewed
            return
        self.terms += 1
        if length.after(self.anchor, self.terms) <= day:
            self.anchor, self.terms = day, 1
        self.term_end = length.after(self.anchor, self.terms)
        self.is_renewed, self.notified = False, None

    def lower(self) -> str | None:
        """The next lower level; None where a membership does not step down."""
        levels = self.rules.levels
        if self.rules.keeping != "one step down" or self.is_grant or self.level not in levels:
            return None
        return next(iter(levels[levels.index(self.level) + 1 :]), None)

    def _best(self, level: str | None) -> str | None:
        return level if level is not None or not self.rules.levels else self.rules.levels[0]

    def _end_spell(self, day: int) -> None:
        if self.state == "member":
            spell = self.spells.pop()
            if spell.start_on.toordinal() < day:  # what was taken back on its first day never was
                self.spells.append(attrs.evolve(spell, end_on=date.fromordinal(day)))

    def _enter(self, state: MembershipStateName, day: int) -> None:
        self.state, self.since = state, day
        self.is_checked, self.sponsors = False, frozenset()
        self.term_end, self.notified, self.is_grant, self.is_renewed = None, None, False, False


def state_of(now: Standing, as_of: int) -> MembershipState:
    """The standing at the end of a day as a value, with what comes next, what is missing and why."""
    step, on = _next(now, as_of)
    is_safe = now.state != "member" or step in {"next term", "re-evaluated"}
    first = None if is_safe else now.notice_from()
    found = MembershipState(
        programme_id=now.programme_id,
        state=now.state,
        since_on=_day(now.since),
        level=now.level if now.state == "member" else None,
        is_checked=now.is_checked,
        is_in_grace=_is_in_grace(now, as_of),
        is_renewed=now.is_renewed,
        term_ends_on=_day(now.term_end),
        notice_on=_day(first),
        notified_on=_day(now.notified),
        next_step=step,
        next_on=_day(on),
        missing=_missing(now, step),
        spells=tuple(now.spells),
    )
    return attrs.evolve(found, reasons=_reasons(now, found))


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _is_in_grace(now: Standing, as_of: int) -> bool:
    is_over = now.term_end is not None and now.term_end <= as_of
    return now.state == "member" and is_over and now.rules.keeping == "grace" and not now.is_grant


def _next(now: Standing, as_of: int) -> tuple[NextStep | None, int | None]:
    if now.state == "approved":
        return "begins", now.begins()
    if now.state != "member" or now.term_end is None:
        return None, None
    if now.is_renewed:
        return "next term", now.term_end
    if now.stays(now.term_end):
        return "re-evaluated", now.term_end
    first = now.notice_from()
    if first is not None and now.notified is None:
        return "notice", first
    if now.rules.keeping == "grace" and not now.is_grant and as_of < now.term_end:
        return "grace", now.term_end
    return ("lapses" if now.lower() is None else "steps down"), now.loss()


def _missing(now: Standing, step: NextStep | None) -> tuple[str, ...]:
    if now.state in {"applied", "nominated"}:
        return ("approval",) if now.is_checked else ("check", "approval")
    if step == "begins":
        return () if now.begins() is not None else ("qualification",)
    if step in {None, "next term", "re-evaluated"} or now.is_grant:
        return ()
    kept_by = ("qualification",) if now.rules.keeping == "re-evaluated" else ("renewal",)
    return ("notice", *kept_by) if step == "notice" else kept_by


def _reasons(now: Standing, found: MembershipState) -> tuple[Reason, ...]:
    code = {
        "none": "membership.none",
        "applied": "membership.applied",
        "nominated": "membership.nominated",
        "refused": "membership.refused",
        "approved": "membership.approved",
        "member": "membership.member",
        "lapsed": "membership.lapsed",
        "revoked": "membership.revoked",
    }
    values = {
        "programme": found.programme_id,
        "since": found.since_on,
        "by": None if now.cause is None else now.cause.by,
        "why": None if now.cause is None else now.cause.reason,
        "level": found.level,
        "missing": found.missing or None,
    }
    reasons = [Reason(code[found.state], {}, values)]
    if found.next_step is not None:
        following = {"programme": found.programme_id, "next": found.next_step, "on": found.next_on}
        reasons.append(Reason("membership.next", {}, following))
    return tuple(reasons)
