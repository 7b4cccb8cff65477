"""Which touchpoints of a client count for a rule (CAD-2, CAD-4)."""

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from relcare.cadence._rule import DEFAULT_COUNTS, CadenceRule
from relcare.facts import ClientHistory, EventFilter, event_filter
from relcare.model import Touchpoint

__all__ = ["ContactFinder", "Contacts"]


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


@attrs.frozen(eq=False)
class ContactFinder:
    """A rule's idea of contact, made ready for many clients."""

    rule: CadenceRule
    _counts: EventFilter = attrs.field(alias="counts")

    @classmethod
    def of(cls, rule: CadenceRule) -> "ContactFinder":
        """The finder of a rule that has passed its check."""
        return cls(rule, counts=event_filter(rule.counts or DEFAULT_COUNTS))

    def is_contact(self, history: ClientHistory, touch: Touchpoint) -> bool:
        """Whether one touchpoint counts for the rule."""
        rule = self.rule
        if touch.channel not in rule.channels and touch.in_lieu_of != rule.channel:
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
        return Contacts([history.touch_days[i] for i in kept], [history.touchpoints[i] for i in kept])

    def find_last(self, history: ClientHistory, as_of: int) -> tuple[int, Touchpoint] | None:
        """The latest that counts, with its day; looked for from the end, so a long history costs no more than a short one."""
        for i in range(bisect_right(history.touch_days, as_of) - 1, -1, -1):
            if self.is_contact(history, history.touchpoints[i]):
                return history.touch_days[i], history.touchpoints[i]
        return None
