"""How far up its ladder a client is on a day, what holds it back, and what comes next (CAD-15)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Final

import attrs

from relcare.custody._case import CustodyCase
from relcare.custody._ladder import NeglectLadder, Rung
from relcare.custody._protection import ACTIONS, Action
from relcare.custody._shield import ReadyProtection, Shield
from relcare.facts import DEFAULT_COUNTS, ClientHistory, EventFilter, event_filter
from relcare.model import Reason, Touchpoint

__all__ = ["Neglect", "Quiet", "ReadyLadder", "neglect_order", "severity"]

_LAST: Final = date.max


def severity(action: Action | None) -> int:
    """How severe an action is, from 0; -1 for none."""
    return -1 if action is None else ACTIONS.index(action)


@attrs.frozen(kw_only=True)
class Neglect:
    """Where one client stands on its ladder. A release is a proposal: nothing is changed by it.

    Attributes:
        client_id: The client.
        owner_id: Its account manager on the day.
        head_id: The owner's head, or None when the book does not say.
        ladder_id: The client's ladder; the first that may be it while missing facts leave that open.
        action: The severest rung that is reached and not held back; None when there is none.
        reached_on: The day on which that rung was reached.
        held_back: The rungs that are reached and held back, the mildest first.
        next_action: The next rung that will be reached if nobody is in touch; None when there is none.
        next_on: The day on which it will be.
        quiet_since: The day from which the time without contact is counted; None while undecided.
        quiet_days: How many days there have been since.
        last_contact_on: The day of the last contact that counts; None when there was none.
        missing: The facts for want of which something is undecided: the ladder, or whether a protection protects.
        policy_id: The policy.
        policy_version: Its version.
        as_of: The day.
        reasons: Why.
    """

    client_id: str
    owner_id: str
    head_id: str | None
    ladder_id: str
    action: Action | None = None
    reached_on: date | None = None
    held_back: tuple[Action, ...] = ()
    next_action: Action | None = None
    next_on: date | None = None
    quiet_since: date | None = None
    quiet_days: int | None = None
    last_contact_on: date | None = None
    missing: tuple[str, ...] = ()
    policy_id: str
    policy_version: str
    as_of: date
    reasons: tuple[Reason, ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Whether missing facts leave the ladder open, or hold a rung back."""
        return bool(self.missing)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be done and nothing held back or undecided."""
        return self.action is None and not self.held_back and not self.missing

    @property
    def tells(self) -> tuple[str, ...]:
        """Who is to be told: the owner of a warning, of everything else the head too; nobody when there is nothing to tell."""
        if self.action is None:
            return ()
        return (self.owner_id,) if self.action == "warn" or self.head_id is None else (self.owner_id, self.head_id)


def neglect_order(one: Neglect) -> tuple[int, int, date, str]:
    """The severest first, also of what is held back, then the longest on its rung, then what comes next soonest, then the id."""
    held = max((severity(action) for action in one.held_back), default=-1)
    return (-severity(one.action), -held, one.reached_on or one.next_on or _LAST, one.client_id)


@attrs.frozen
class Quiet:
    """How long nobody has been in touch.

    Attributes:
        since: The day from which that is counted, an ordinal.
        kind: What happened on it: `last_contact`, `took_over`, `client_since`, `first_event` or `rule_in_force`.
        last: The last contact that counts with its day, or None.
    """

    since: int
    kind: str
    last: tuple[int, Touchpoint] | None


@attrs.frozen(eq=False)
class ReadyLadder:
    """A ladder made ready for many clients."""

    ladder: NeglectLadder
    _counts: EventFilter = attrs.field(alias="counts")
    _protect: Sequence[ReadyProtection] = attrs.field(alias="protect")

    @classmethod
    def of(cls, ladder: NeglectLadder) -> "ReadyLadder":
        """One that has passed its check."""
        protect = [ReadyProtection.of(protection) for protection in ladder.protect]
        return cls(ladder, counts=event_filter(ladder.counts or DEFAULT_COUNTS), protect=protect)

    def quiet(self, case: CustodyCase, as_of: int, in_force_from: int) -> Quiet:
        """Since when nobody has been in touch.

        Args:
            case: The client.
            as_of: What happens later is not looked at.
            in_force_from: The first day of the policy.
        """
        last = self._last_contact(case.history, as_of)
        since, kind = (last[0], "last_contact") if last is not None else _first_day(case.history, as_of, in_force_from)
        took_over = case.ownership.on(as_of).start
        if took_over is not None and took_over > since:
            since, kind = took_over, "took_over"
        return Quiet(since, kind, last)

    def _last_contact(self, history: ClientHistory, as_of: int) -> tuple[int, Touchpoint] | None:
        for place in range(bisect_right(history.touch_days, as_of) - 1, -1, -1):
            touch = history.touchpoints[place]
            if self._is_contact(history, touch):
                return history.touch_days[place], touch
        return None

    def _is_contact(self, history: ClientHistory, touch: Touchpoint) -> bool:
        ladder = self.ladder
        if ladder.channels and touch.channel not in ladder.channels:
            return False
        if ladder.reaches:
            person = history.people.get(touch.person_id or "")
            if person is None or person.role not in ladder.reaches:
                return False
        return self._counts(history, touch)

    def shields(self, case: CustodyCase, as_of: int) -> list[Shield]:
        """Every protection that protects, or may, in the order of the ladder."""
        found = (protection.shield(case, as_of) for protection in self._protect)
        return [shield for shield in found if shield.answer is not False]

    def reached(self, since: int, as_of: int) -> list[Rung]:
        """The rungs whose day has come, the mildest first."""
        found = [rung for rung in self.ladder.rungs if rung.reached_on(since) <= as_of]
        return sorted(found, key=lambda rung: severity(rung.action))

    def next_rung(self, since: int, as_of: int, above: Action | None) -> Rung | None:
        """The rung whose day comes next, among those severer than one; of two on one day the severer."""
        to_come = [r for r in self.ladder.rungs if r.reached_on(since) > as_of and severity(r.action) > severity(above)]
        return min(to_come, key=lambda rung: (rung.reached_on(since), -severity(rung.action)), default=None)


def _first_day(history: ClientHistory, as_of: int, in_force_from: int) -> tuple[int, str]:
    """From when a client never contacted counts: its first day or the policy's, whichever is later, as in CAD-1."""
    begins = history.begins
    is_dated = history.client.client_since_on is not None
    if begins is None or begins <= in_force_from or (begins > as_of and not is_dated):
        return in_force_from, "rule_in_force"
    return begins, "client_since" if is_dated else "first_event"
