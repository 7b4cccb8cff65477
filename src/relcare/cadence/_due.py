"""One occurrence of one rule for one client, and where it stands on a day (CAD-5)."""

from datetime import datetime

import attrs

from relcare._time import Every
from relcare.cadence._rule import CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.model import Reason, State, Touchpoint

__all__ = ["Due"]


@attrs.frozen(kw_only=True, eq=False)
class Due:
    """One occurrence of one rule for one client, in ordinals.

    Attributes:
        rule: The rule.
        occurrence: Its name in the key (CAD-13).
        interval: The interval in force.
        due: Rolled.
        earliest: `due` less the lead.
        latest: `due` plus the grace.
        last: The last contact that counts, or None.
        last_day: Its day.
        person_id: Whose occasion it is.
        reasons: How the day came about.
        due_at: The instant by which it is due, where hours matter.
    """

    rule: CadenceRule | Trigger
    occurrence: str
    interval: Every
    due: int
    earliest: int
    latest: int
    last: Touchpoint | None
    last_day: int | None
    person_id: str | None
    reasons: tuple[Reason, ...]
    due_at: datetime | None = None

    def state(self, as_of: int, moment: datetime | None = None) -> State:
        """Where it stands: upcoming before `earliest`, due to `due`, grace to `latest`, then overdue; all inclusive (CAD-5).

        Args:
            as_of: The day.
            moment: The instant on it, where one was asked about: what is due at an instant is late right after it.
        """
        if as_of < self.earliest:
            return "upcoming"
        if self.due_at is not None and moment is not None and moment > self.due_at:
            return "grace" if self.due < self.latest and as_of <= self.latest else "overdue"
        if as_of <= self.due:
            return "due"
        return "grace" if as_of <= self.latest else "overdue"
