"""The hours at which a client may be contacted, as a barrier; right through every change of the clocks (CAD-11)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

import attrs

from relcare.model import Reason
from relcare.permission._case import Case
from relcare.permission._consent_barriers import has_night_consent
from relcare.permission._hours import Hours
from relcare.permission._local_days import Minutes, local_day, local_text, pieces_of
from relcare.permission._permission_rules import ActiveRule

__all__ = ["Closed"]

_WHOLE_DAY: Final[Minutes] = ((0, 1_440),)
# Hours that open at all open within a week or on a public holiday, and no year is without one where there are any.
_SEARCHED_DAYS: Final = 400


@attrs.frozen(eq=False)
class Closed:
    """Outside the hours of a rule, by the clocks of a zone.

    Attributes:
        case: The question.
        active: The rule, with where it is from.
        rule: The same rule.
        zone: Where the client may be.
    """

    case: Case
    active: ActiveRule
    rule: Hours
    zone: str

    def _open_on(self, day: int) -> Minutes:
        if self.rule.night_consent and has_night_consent(self.case, day):
            return _WHOLE_DAY
        is_holiday = self.rule.sees_holidays and self.case.is_holiday(self.rule.calendar, day)
        return self.rule.open_on((day - 1) % 7, is_holiday=is_holiday)

    def _stretches(self, day: int) -> Iterator[tuple[datetime, datetime]]:
        minutes = self._open_on(day)
        for piece in pieces_of(self.zone, day):
            yield from piece.cut(minutes)

    def opens_at(self, at: datetime) -> datetime | None:
        """See `Barrier`."""
        today = local_day(self.zone, at)
        for day in range(today, today + _SEARCHED_DAYS):
            # Where clocks go back over midnight, pieces of neighbouring days lie between each other: three days are looked at
            # together, and of what they have left the first stretch counts.
            starts = [max(at, start) for near in (day - 1, day, day + 1) for start, end in self._stretches(near) if at < end]
            if starts:
                return min(starts)
        return None

    def reason(self, at: datetime) -> Reason:
        """Which hours it is outside of, or on which public holiday."""
        day = local_day(self.zone, at)
        law = None if self.active.row is None else self.active.row.id
        if self.rule.holidays == "closed" and self.case.is_holiday(self.rule.calendar, day):
            return Reason(
                "permission.holiday",
                {},
                {
                    "on": date.fromordinal(day),
                    "calendar": self.case.calendar_named(self.rule.calendar).name,
                    "zone": self.zone,
                    "rule": self.active.path,
                    "law": law,
                },
            )
        return Reason(
            "permission.hours",
            {},
            {
                "local": local_text(self.zone, at),
                "zone": self.zone,
                "hours": tuple(str(window) for window in self.rule.windows),
                "opening": "allowed" if self.rule.allowed else "quiet",
                "rule": self.active.path,
                "law": law,
            },
        )

    def unpublished(self, at: datetime) -> Reason | None:
        """Whether the answer on the day rests on public holidays that are not published yet."""
        if not self.rule.sees_holidays:
            return None
        day = local_day(self.zone, at)
        if self.case.is_published(self.rule.calendar, day):
            return None
        name = self.case.calendar_named(self.rule.calendar).name
        return Reason("calendar.not_published", {}, {"calendar": name, "on": date.fromordinal(day)})
