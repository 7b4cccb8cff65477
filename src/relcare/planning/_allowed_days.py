"""The days on which a contact may be planned, before any is chosen (PLN-2).

In this order: what the client permits, with caps and gaps; the office's calendar; the visiting days; who is there to do it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import attrs

from relcare.calendars import Calendar
from relcare.model import Absence, Obligation, Reason
from relcare.planning._agenda_entries import Slot
from relcare.planning._capacity import Capacity
from relcare.planning._wanted import Wanted

__all__ = ["Allowed", "AllowedDays", "Horizon", "People", "Permit"]

Permit: TypeAlias = Callable[[Obligation, date, Sequence[Slot]], tuple[Reason, ...]]
"""Why a contact may not be made on a day, given what else is planned with the client; nothing where it may."""


class Horizon:
    """The open days from one day to another, each with its place among them.

    Args:
        as_of: The first day.
        until: The last day, inclusive.
        calendar: What counts as a business day.
    """

    def __init__(self, as_of: date, until: date, calendar: Calendar) -> None:
        self.first: int = as_of.toordinal()
        self.last: int = until.toordinal()
        every_day = range(self.first, self.last + 1)
        self.days: list[int] = [day for day in every_day if calendar.is_business_day(date.fromordinal(day))]
        self.place_by_day: Mapping[int, int] = {day: place for place, day in enumerate(self.days)}
        self.calendar_name: str = calendar.name

    def between(self, first: int, last: int) -> range:
        """The places of the open days from a day to a day, both inclusive."""
        return range(bisect_left(self.days, first), bisect_right(self.days, last))

    def on(self, place: int) -> date:
        """The day at a place."""
        return date.fromordinal(self.days[place])


class People:
    """Who is there on which day, and who stands in (PLN-6).

    Args:
        absences: Of anybody, in any order.
    """

    def __init__(self, absences: Iterable[Absence]) -> None:
        self.absences: dict[str, list[Absence]] = {}
        for one in absences:
            self.absences.setdefault(one.staff_id, []).append(one)

    def away(self, staff_id: str, day: date) -> Absence | None:
        """The absence that covers a day."""
        return next((one for one in self.absences.get(staff_id, ()) if one.covers(day)), None)

    def doer(self, staff_id: str, day: date) -> str | None:
        """Who does the work of a member of staff on a day: they, or who stands in, who may pass it on; None when all are away."""
        seen: set[str] = set()
        doer: str | None = staff_id
        while doer is not None and doer not in seen:
            absence = self.away(doer, day)
            if absence is None:
                return doer
            seen.add(doer)
            doer = absence.deputy_id
        return None


@attrs.frozen(kw_only=True, eq=False)
class Allowed:
    """When one contact may be planned, and by whom.

    Attributes:
        staff_id: Who does it when it is planned on its preferred day.
        days: The places of the days on which it is on time and done by them, ascending.
        preferred: The one of them that is nearest to the due day, the later of two equally near.
        latest: The last day on which it is on time, an ordinal.
        elsewhere: Other days on which it is on time, and who does it then; a deputy, or who comes back.
    """

    staff_id: str
    days: Sequence[int]
    preferred: int
    latest: int
    elsewhere: tuple[tuple[int, str], ...] = ()


class AllowedDays:
    """Answers for a horizon, whoever the contact is with."""

    def __init__(
        self, horizon: Horizon, people: People, capacity: Capacity, *, permit: Permit | None, catch_up_days: int
    ) -> None:
        self.horizon = horizon
        self.people = people
        self.capacity = capacity
        self.permit = permit
        self.catch_up_days = catch_up_days

    def on_time(self, one: Wanted) -> Allowed | None:
        """The days on which a contact is on time; what is late already is on time while it is caught up. None: there are none."""
        if one.staff_id is None:
            return None
        places: Sequence[int] = self.horizon.between(*self.window(one))
        if self._is_plain(one):
            places = self._catching_up(one, places)
            doers = dict[int, str]()
        else:
            doers = {place: doer for place in places if (doer := self.doer(one, place)) is not None}
            places = self._catching_up(one, list(doers))
        if not places:
            return None
        preferred = self._nearest(places, one.due)
        staff_id = doers.get(preferred, one.staff_id)
        is_shared = len(set(doers.values())) > 1
        return Allowed(
            staff_id=staff_id,
            days=[place for place in places if doers[place] == staff_id] if is_shared else places,
            preferred=preferred,
            latest=one.latest if not self._is_late(one) else self.horizon.days[places[0]] + self.catch_up_days - 1,
            elsewhere=tuple((place, doers[place]) for place in places if doers[place] != staff_id) if is_shared else (),
        )

    def late(self, one: Wanted, after: int) -> list[tuple[int, str]]:
        """The days after a day on which a contact may be done though it is late, and who does it then."""
        places = self.horizon.between(max(after + 1, self.window(one)[0]), self.horizon.last)
        return [(place, doer) for place in places if (doer := self.doer(one, place)) is not None]

    def last_on_time(self, one: Wanted) -> int:
        """The last day on which a contact that has no day on time would have been on time, an ordinal."""
        return self.window(one)[0] + self.catch_up_days - 1 if self._is_late(one) else one.latest

    def window(self, one: Wanted) -> tuple[int, int]:
        """The first and the last day on which it may be on time; the last of all for what is late already."""
        first = max(one.earliest, self.horizon.first)
        opens = one.obligation.next_allowed_at
        if self.permit is None and one.obligation.state == "deferred":
            first = self.horizon.last + 1 if opens is None else max(first, opens.toordinal())
        return first, self.horizon.last if self._is_late(one) else one.latest

    def doer(self, one: Wanted, place: int) -> str | None:
        """Who may do it on a day; None when nobody may."""
        day = self.horizon.on(place)
        doer = None if one.staff_id is None else self.people.doer(one.staff_id, day)
        if doer is None or not self.capacity.is_day_for(one.obligation.channel, doer, day):
            return None
        return None if self.permit is not None and self.permit(one.obligation, day, ()) else doer

    def why_not(self, one: Wanted, day: int) -> tuple[Reason, ...]:
        """Why it may not be planned on a day of the horizon; nothing where it may."""
        on = date.fromordinal(day)
        if self.permit is not None and (closed := self.permit(one.obligation, on, ())):
            return (Reason("plan.not_permitted", {}, {"on": on}), *closed)
        if day not in self.horizon.place_by_day:
            return (Reason("plan.closed_day", {}, {"on": on, "calendar": self.horizon.calendar_name}),)
        staff_id = one.staff_id
        doer = None if staff_id is None else self.people.doer(staff_id, on)
        if doer is None:
            return (Reason("plan.away", {}, {"on": on, "staff": staff_id}),)
        if not self.capacity.is_day_for(one.obligation.channel, doer, on):
            return (Reason("plan.not_visiting", {}, {"on": on, "staff": doer}),)
        return ()

    def _is_plain(self, one: Wanted) -> bool:
        """Whether every open day will do, and nobody else comes into it."""
        has_days = self.capacity.visiting_days or self.capacity.visiting_days_by_staff
        return (
            self.permit is None
            and one.staff_id not in self.people.absences
            and not (has_days and self.capacity.is_visit(one.obligation.channel))
        )

    def _is_late(self, one: Wanted) -> bool:
        return one.latest < self.horizon.first

    def _catching_up(self, one: Wanted, places: Sequence[int]) -> Sequence[int]:
        """For what is late already those within the time for catching up, which begins on the first of them; else all."""
        if not places or not self._is_late(one):
            return places
        last = self.horizon.days[places[0]] + self.catch_up_days - 1
        return [place for place in places if self.horizon.days[place] <= last]

    def _nearest(self, places: Sequence[int], due: int) -> int:
        place = self.horizon.place_by_day.get(due)
        if place is not None and place in places:
            return place
        days = self.horizon.days
        return min(places, key=lambda place: (abs(days[place] - due), -days[place]))
