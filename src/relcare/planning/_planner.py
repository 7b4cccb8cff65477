"""How a plan is made: what is fixed first, then each member of staff's contacts, then what is left over (PLN-2 to PLN-4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import attrs

from relcare.model import Appointment
from relcare.planning._agenda import Overload
from relcare.planning._agenda_entries import Slot
from relcare.planning._allowed_days import AllowedDays
from relcare.planning._ledger import Appointments, Ledger
from relcare.planning._levelling import Levelled, level
from relcare.planning._levelling_jobs import NOWHERE, Job
from relcare.planning._placing import Before, Placing
from relcare.planning._tours import Gathering
from relcare.planning._wanted import AS_IT_IS, Wanted, stretched

__all__ = ["Planned", "Planner"]

_MOST_PERCENT: Final = 1_000
_PERCENT_STEP: Final = 5


@attrs.frozen(kw_only=True, eq=False)
class Planned:
    """What came of it, before it is told as an agenda.

    Attributes:
        placings: Every contact.
        loose: Appointments that nothing asked for.
        levelled: How good each member of staff's days are.
        percents: How much each one's intervals were stretched.
    """

    placings: Sequence[Placing]
    loose: Sequence[Appointment]
    levelled: Mapping[str, Levelled]
    percents: Mapping[str, int]


class Planner:
    """The steps of a plan.

    Args:
        days: The days that are allowed.
        ledger: The minutes that are left.
        overload: What happens to contacts that do not fit on time.
        gathering: Of visits into tours; None for none.
    """

    def __init__(self, days: AllowedDays, ledger: Ledger, overload: Overload, gathering: Gathering | None) -> None:
        self.days = days
        self.ledger = ledger
        self.overload = overload
        self.gathering = gathering

    def planned(
        self, wanted: Sequence[Wanted], appointments: Iterable[Appointment], earlier: Mapping[str, Before], taken: Iterable[Slot]
    ) -> Planned:
        """Days for contacts.

        Args:
            wanted: The contacts, in the order that settles ties.
            appointments: All that stand.
            earlier: Where contacts were planned before, by key.
            taken: Slots of those whose plan stays untouched.
        """
        kept = Appointments.of(appointments, (one.obligation.key for one in wanted), self.days.horizon.first)
        for one in (*kept.loose, *(one for one in kept.by_key.values() if one.is_fixed)):
            self._take(one.staff_id, one.on, self.days.capacity.minutes_for(one.minutes))
        for slot in taken:
            self._take(slot.staff_id, slot.on, slot.minutes)
        percents = self._percents(wanted, kept.by_key) if self.overload == "stretch" else {}
        placings = [
            self._placing(stretched(one, percents.get(one.staff_id or "", AS_IT_IS)), kept.by_key, earlier) for one in wanted
        ]
        open_ones = [placing for placing in placings if not placing.is_fixed]
        levelled = {staff_id: self._level(staff_id, group) for staff_id, group in _by_staff(open_ones).items()}
        for placing in sorted(open_ones, key=lambda placing: (-placing.one.weight, placing.before is None, placing.one.rank)):
            if placing.place == NOWHERE:
                any(self.put(placing, place, staff_id) for place, staff_id in self.other_places(placing))
        return Planned(placings=placings, loose=kept.loose, levelled=levelled, percents=percents)

    def _take(self, staff_id: str, on: date, minutes: int) -> None:
        place = self.days.horizon.place_by_day.get(on.toordinal())
        if place is not None:
            self.ledger.take(staff_id, place, minutes)

    def _placing(self, one: Wanted, by_key: Mapping[str, Appointment], earlier: Mapping[str, Before]) -> Placing:
        appointment = by_key.get(one.obligation.key)
        if appointment is not None and appointment.is_fixed:
            return Placing(one=one, allowed=None, appointment=appointment, staff_id=appointment.staff_id, is_fixed=True)
        before = earlier.get(one.obligation.key)
        if before is None and appointment is not None:
            before = Before(on=appointment.on, staff_id=appointment.staff_id)
        allowed = self.days.on_time(one) if one.due <= self.days.horizon.last else None
        staff_id = one.staff_id if allowed is None else allowed.staff_id
        return Placing(one=one, allowed=allowed, before=before, appointment=appointment, staff_id=staff_id)

    def _level(self, staff_id: str, group: Sequence[Placing]) -> Levelled:
        """The days of one member of staff's contacts; those that were planned before go first and stay where they are."""
        if self.gathering is not None:
            self.gathering.gather(staff_id, group, self.days.horizon, self.ledger)
        ordered = sorted(group, key=lambda placing: (self._kept_place(placing) == NOWHERE, placing.one.rank))
        jobs = [self._job(placing, len(ordered)) for placing in ordered]
        free = self.ledger.free(staff_id)
        found = level(jobs, free)
        for placing, place in zip(ordered, found.places, strict=True):
            if place != NOWHERE:
                placing.place = place
                self.ledger.take(staff_id, place, placing.one.minutes)
        return found

    def _job(self, placing: Placing, count: int) -> Job:
        allowed, one = placing.allowed, placing.one
        if allowed is None:  # pragma: no cover - only those that have a day are levelled
            raise AssertionError
        kept = self._kept_place(placing)
        if kept == NOWHERE:
            return Job(one.weight, one.minutes, allowed.days, allowed.preferred)
        # Dearer than moving everything else: what was planned stays unless weight on time depends on it (PLN-4).
        return Job(one.weight, one.minutes, allowed.days, kept, count + 1)

    def _kept_place(self, placing: Placing) -> int:
        """Where a contact stood before, if it may be on time there now and by the same member of staff."""
        allowed, before = placing.allowed, placing.before
        if allowed is None or before is None or before.staff_id != allowed.staff_id:
            return NOWHERE
        place = self.days.horizon.place_by_day.get(before.on.toordinal(), NOWHERE)
        return place if place in allowed.days else NOWHERE

    def put(self, placing: Placing, place: int, staff_id: str) -> bool:
        """Put a contact on a day if it has room; says whether it had."""
        if self.ledger.free(staff_id)[place] < placing.one.minutes:
            return False
        placing.place, placing.staff_id = place, staff_id
        self.ledger.take(staff_id, place, placing.one.minutes)
        return True

    def release(self, placing: Placing) -> None:
        """Take a contact off its day."""
        if placing.staff_id is not None and placing.place != NOWHERE:
            self.ledger.give_back(placing.staff_id, placing.place, placing.one.minutes)
            placing.place = NOWHERE

    def other_places(self, placing: Placing) -> Iterator[tuple[int, str]]:
        """Where a contact may go that found no day on time: to who is there on others, then late where that is declared."""
        allowed, one = placing.allowed, placing.one
        if one.due > self.days.horizon.last:
            return
        if allowed is not None:
            yield from allowed.elsewhere
        if self.overload == "report":
            return
        late = self.days.late(one, self.days.last_on_time(one) if allowed is None else allowed.latest)
        before = placing.before
        if before is not None:
            place = self.days.horizon.place_by_day.get(before.on.toordinal())
            yield from (other for other in late if other == (place, before.staff_id))
        yield from late

    def _percents(self, wanted: Sequence[Wanted], by_key: Mapping[str, Appointment]) -> dict[str, int]:
        """How much each one's intervals are stretched; who has a confirmed appointment has time for it already."""
        groups: dict[str, list[Wanted]] = {}
        for one in wanted:
            appointment = by_key.get(one.obligation.key)
            if one.staff_id is not None and not (appointment is not None and appointment.is_fixed):
                groups.setdefault(one.staff_id, []).append(one)
        return {staff_id: self._percent(sum(self.ledger.free(staff_id)), group) for staff_id, group in groups.items()}

    def _percent(self, free: int, group: Sequence[Wanted]) -> int:
        """The least stretch with which contacts due in the horizon take no more minutes than are free; the most if there is none.

        The longer the intervals, the fewer contacts are due: so it is found by halving.
        """
        if self._minutes(group, AS_IT_IS) <= free:
            return AS_IT_IS
        low, high = AS_IT_IS // _PERCENT_STEP, _MOST_PERCENT // _PERCENT_STEP
        while high - low > 1:
            half = (low + high) // 2
            low, high = (low, half) if self._minutes(group, half * _PERCENT_STEP) <= free else (half, high)
        return high * _PERCENT_STEP

    def _minutes(self, group: Sequence[Wanted], percent: int) -> int:
        return sum(one.minutes for one in group if stretched(one, percent).due <= self.days.horizon.last)


def _by_staff(placings: Iterable[Placing]) -> dict[str, list[Placing]]:
    """Those that may be on time, by who does them; in order of id."""
    groups: dict[str, list[Placing]] = {}
    for placing in placings:
        if placing.allowed is not None:
            groups.setdefault(placing.allowed.staff_id, []).append(placing)
    return dict(sorted(groups.items()))
