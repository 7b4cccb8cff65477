"""Whether a protection protects a client on a day, until when, and what is not known."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date

import attrs

from relcare.custody._case import CustodyCase
from relcare.custody._protection import Protection
from relcare.facts import EventFilter, event_filter
from relcare.model import FactValue

__all__ = ["ReadyProtection", "Shield"]


@attrs.frozen(kw_only=True)
class Shield:
    """What a protection comes to for one client on a day.

    Attributes:
        protection: The protection.
        answer: Whether it protects; None when missing facts leave that open, and then it protects too.
        until: The first day on which its time is over, an ordinal; None when nothing says so.
        facts: What it rests on.
        missing: The facts that could still settle it, in order of name.
    """

    protection: Protection
    answer: bool | None
    until: int | None
    facts: Mapping[str, FactValue]
    missing: tuple[str, ...]

    @property
    def until_on(self) -> date | None:
        """The first day on which its time is over."""
        return None if self.until is None else date.fromordinal(self.until)


@attrs.frozen(eq=False)
class ReadyProtection:
    """A protection made ready for many clients."""

    protection: Protection
    _begins: EventFilter = attrs.field(alias="begins")

    @classmethod
    def of(cls, protection: Protection) -> "ReadyProtection":
        """One that has passed its check."""
        return cls(protection, begins=event_filter(protection.event))

    def shield(self, case: CustodyCase, as_of: int) -> Shield:
        """What it comes to on a day; what happens later is not looked at."""
        one = self.protection
        held = case.find(one.when)
        timed, until = self._timed(case, as_of)
        is_away = not one.owner_away or case.away is not None
        answers = (held.answer, timed, is_away)
        answer = False if False in answers else None if None in answers else True
        missing = held.missing if timed is not None else (*held.missing, one.until or "")
        dated = {} if one.until is None else {one.until: case.readable(one.until)}
        return Shield(
            protection=one,
            answer=answer,
            until=until if until is not None else _back(case) if one.owner_away else None,
            facts={**held.facts, **dated},
            missing=tuple(sorted(set(missing))) if answer is None else (),
        )

    def _timed(self, case: CustodyCase, as_of: int) -> tuple[bool | None, int | None]:
        """Whether the day lies in the time of the protection, and the first day that does not; always without a time."""
        one = self.protection
        if one.event is not None:
            began = self._last_event(case, as_of)
            until = None if began is None or one.during is None else one.during.after(began)
            return until is not None and as_of < until, until
        if one.until is None:
            return True, None
        last = case.row.get(one.until)
        if not isinstance(last, int):
            return None, None
        until = (last if one.during is None else one.during.after(last)) + 1
        return as_of < until, until

    def _last_event(self, case: CustodyCase, as_of: int) -> int | None:
        history = case.history
        if self.protection.on == "touchpoints":
            past = range(bisect_right(history.touch_days, as_of) - 1, -1, -1)
            places = (place for place in past if self._begins(history, history.touchpoints[place]))
            return next((history.touch_days[place] for place in places), None)
        bought = (one for one in history.purchases if one.kind == "purchase" and self._begins(history, one))
        return max((day for one in bought if (day := one.purchased_on.toordinal()) <= as_of), default=None)


def _back(case: CustodyCase) -> int | None:
    """The first day on which the owner is back."""
    return None if case.away is None or case.away.end_on is None else case.away.end_on.toordinal()
