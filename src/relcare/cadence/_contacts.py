"""Which touchpoints of a client count for a rule (CAD-2, CAD-4)."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Generic, TypeVar

import attrs

from relcare.cadence._rule import DEFAULT_COUNTS, CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.facts import ClientHistory, EventFilter, event_filter
from relcare.model import Touchpoint

__all__ = ["ContactFinder", "Contacts", "of_person"]


@attrs.frozen(eq=False)
class Contacts:
    """The touchpoints that count, in order.

    Attributes:
        days: Their civil days, ascending ordinals.
        touchpoints: Themselves.
    """

    days: Sequence[int]
    touchpoints: Sequence[Touchpoint]

    def last(self) -> Touchpoint | None:
        """The latest."""
        return self.touchpoints[-1] if self.touchpoints else None


RuleT = TypeVar("RuleT", CadenceRule, Trigger)


@attrs.frozen(eq=False)
class ContactFinder(Generic[RuleT]):
    """A rule's idea of contact, made ready for many clients."""

    rule: RuleT
    _counts: EventFilter = attrs.field(alias="counts")
    _channels: frozenset[str] = attrs.field(alias="channels")

    @classmethod
    def of(cls, rule: RuleT) -> "ContactFinder[RuleT]":
        """The finder of a rule that has passed its check."""
        return cls(rule, counts=event_filter(rule.counts or DEFAULT_COUNTS), channels=rule.channels)

    def is_contact(self, history: ClientHistory, touch: Touchpoint) -> bool:
        """Whether one touchpoint counts for the rule."""
        rule = self.rule
        if touch.channel not in self._channels and touch.in_lieu_of != rule.channel:
            return False
        if rule.reaches:
            person = history.people.get(touch.person_id or "")
            if person is None or person.role not in rule.reaches:
                return False
        return self._counts(history, touch)

    def find(self, history: ClientHistory, as_of: int) -> Contacts:
        """All that count and happened by the end of a day."""
        past = bisect_right(history.touch_days, as_of)
        kept = [i for i in range(past) if self.is_contact(history, history.touchpoints[i])]
        if self.rule.in_lieu_limit is not None:
            kept = self._within_limit(kept, history)
        return Contacts([history.touch_days[i] for i in kept], [history.touchpoints[i] for i in kept])

    def find_last(self, history: ClientHistory, as_of: int) -> tuple[int, Touchpoint] | None:
        """The latest that counts, with its day; looked for from the end, so a long history costs no more than a short one."""
        limit = self.rule.in_lieu_limit
        in_lieu: list[int] = []
        for i in range(bisect_right(history.touch_days, as_of) - 1, -1, -1):
            if self.is_contact(history, history.touchpoints[i]):
                if limit is None or not self._is_in_lieu(history.touchpoints[i]):
                    in_lieu.append(i)
                    break
                in_lieu.append(i)
        # From the last real contact on, only so many in lieu of one count: the latest of these is the last contact.
        counted = in_lieu[::-1] if limit is None else self._within_limit(in_lieu[::-1], history)
        return (history.touch_days[counted[-1]], history.touchpoints[counted[-1]]) if counted else None

    def _is_in_lieu(self, touch: Touchpoint) -> bool:
        return touch.channel not in self._channels

    def _within_limit(self, kept: Sequence[int], history: ClientHistory) -> list[int]:
        """Of contacts in order those that count: after a run of so many in lieu, no further one until a real one (CAD-4)."""
        found: list[int] = []
        run = 0
        for i in kept:
            run = run + 1 if self._is_in_lieu(history.touchpoints[i]) else 0
            if run <= (self.rule.in_lieu_limit or 0):
                found.append(i)
        return found


def of_person(contacts: Contacts, person_id: str | None) -> Contacts:
    """The contacts that may be this person's: those that name nobody else; all of them for no person."""
    if person_id is None:
        return contacts
    kept = [(d, t) for d, t in zip(contacts.days, contacts.touchpoints, strict=True) if t.person_id in {None, person_id}]
    return Contacts([day for day, _ in kept], [touch for _, touch in kept])
