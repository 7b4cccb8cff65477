"""A plan told as an agenda: slots with the reasons for their days, what found none, and how full the days are (PLN-3)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from relcare.model import Appointment, Reason
from relcare.planning._agenda_entries import DayLoad, Slot, StaffPlan, Unplanned
from relcare.planning._allowed_days import AllowedDays
from relcare.planning._ledger import Ledger
from relcare.planning._levelling_jobs import NOWHERE
from relcare.planning._placing import Placing
from relcare.planning._planner import Planned
from relcare.planning._wanted import AS_IT_IS

__all__ = ["Outcomes"]


class Outcomes:
    """Tells what was planned.

    Args:
        days: The days that were allowed.
        ledger: The minutes there were.
    """

    def __init__(self, days: AllowedDays, ledger: Ledger) -> None:
        self._days = days
        self._ledger = ledger

    def slots(self, planned: Planned) -> Iterator[Slot]:
        """Everything that has a day in the horizon."""
        yield from self.fixed_slots(planned)
        yield from (self.slot(placing) for placing in planned.placings if placing.place != NOWHERE)

    def fixed_slots(self, planned: Planned) -> Iterator[Slot]:
        """What stood before anything was planned: confirmed appointments, and those that nothing asked for."""
        for placing in planned.placings:
            if self._is_booked(placing) and placing.appointment is not None:
                yield self._fixed(placing, placing.appointment)
        yield from (self._loose(one) for one in planned.loose if one.on.toordinal() <= self._days.horizon.last)

    def unplanned(self, planned: Planned) -> Iterator[Unplanned]:
        """Everything else."""
        for placing in planned.placings:
            if placing.place == NOWHERE and not self._is_booked(placing):
                yield self._left_out(placing)

    def _is_booked(self, placing: Placing) -> bool:
        """Whether a confirmed appointment keeps it within the horizon."""
        appointment = placing.appointment
        return placing.is_fixed and appointment is not None and appointment.on.toordinal() <= self._days.horizon.last

    def loads(self, staff_ids: Iterable[str], slots: Iterable[Slot]) -> Iterator[DayLoad]:
        """How full each open day of each member of staff is."""
        minutes: dict[tuple[str, date], list[int]] = {}
        for slot in slots:
            minutes.setdefault((slot.staff_id, slot.on), []).append(slot.minutes)
        horizon, people = self._days.horizon, self._days.people
        for staff_id in staff_ids:
            capacity = self._ledger.capacity_of(staff_id)
            for place in range(len(horizon.days)):
                on = horizon.on(place)
                held = minutes.get((staff_id, on), [])
                yield DayLoad(
                    staff_id=staff_id,
                    on=on,
                    minutes=sum(held),
                    capacity=capacity[place],
                    contacts=len(held),
                    is_away=staff_id in people.absences and people.away(staff_id, on) is not None,
                )

    def staff(self, planned: Planned, slots: Iterable[Slot], unplanned: Iterable[Unplanned]) -> Iterator[StaffPlan]:
        """How good each plan is."""
        asked: dict[str, list[Slot | Unplanned]] = {}
        for slot in slots:
            asked.setdefault(slot.staff_id, []).append(slot)
        for left in unplanned:
            if left.staff_id is not None and not left.is_later:
                asked.setdefault(left.staff_id, []).append(left)
        preferred = {
            placing.key: self._days.horizon.on(placing.allowed.preferred)
            for placing in planned.placings
            if placing.allowed is not None
        }
        for staff_id in sorted({*asked, *planned.levelled}):
            mine = asked.get(staff_id, [])
            on_time = [slot for slot in mine if isinstance(slot, Slot) and not slot.is_late]
            weight, weight_on_time = sum(one.weight for one in mine), sum(slot.weight for slot in on_time)
            found = planned.levelled.get(staff_id)
            reached, bound = (0, 0) if found is None else (found.weight, found.bound)
            yield StaffPlan(
                staff_id=staff_id,
                is_exact=(found is None or found.is_exact) and weight_on_time >= reached,
                weight=weight,
                weight_on_time=weight_on_time,
                # What came beside the levelling, by appointment or from a deputy, could not have come better.
                weight_bound=min(weight, max(weight_on_time, bound + max(0, weight_on_time - reached))),
                moves=sum(preferred.get(slot.key or "", slot.on) != slot.on for slot in on_time),
                minutes=sum(one.minutes for one in mine),
                capacity=sum(self._ledger.capacity_of(staff_id)),
                stretch_percent=planned.percents.get(staff_id, AS_IT_IS),
            )

    def slot(self, placing: Placing) -> Slot:
        """The slot of a contact that has a day.

        Raises:
            ValueError: If it has none.
        """
        if placing.staff_id is None or placing.place == NOWHERE:  # pragma: no cover - only those that have one are asked
            raise ValueError(placing.key)
        one, owed, staff_id = placing.one, placing.one.obligation, placing.staff_id
        day = self._days.horizon.days[placing.place]
        latest = self._days.last_on_time(one) if placing.allowed is None else placing.allowed.latest
        return Slot(
            on=date.fromordinal(day),
            staff_id=staff_id,
            owner_id=owed.owner_id,
            key=owed.key,
            client_id=owed.client_id,
            person_id=owed.person_id,
            rule_id=owed.rule_id,
            channel=owed.channel,
            minutes=one.minutes,
            weight=one.weight,
            earliest_on=date.fromordinal(one.earliest),
            due_on=date.fromordinal(one.due),
            latest_on=date.fromordinal(latest),
            is_projected=one.is_projected,
            appointment_id=None if placing.appointment is None else placing.appointment.id,
            starts_at=self._hour(placing, day, staff_id),
            reasons=tuple(self._why(placing, day, latest, staff_id)),
        )

    @staticmethod
    def _hour(placing: Placing, day: int, staff_id: str) -> datetime | None:
        appointment = placing.appointment
        stays = appointment is not None and appointment.on.toordinal() == day and appointment.staff_id == staff_id
        return appointment.starts_at if appointment is not None and stays else None

    def _why(self, placing: Placing, day: int, latest: int, staff_id: str) -> Iterator[Reason]:
        one, before, on = placing.one, placing.before, date.fromordinal(day)
        yield from one.reasons
        if before is not None and (before.on, before.staff_id) == (on, staff_id):
            yield Reason("plan.kept", {}, {"on": on})
        elif before is not None:
            yield Reason("plan.replanned", {}, {"from": before.on, "staff": before.staff_id, "on": on})
            yield from self._why_not_before(placing, before.on)
        if one.latest < self._days.horizon.first:
            due = date.fromordinal(one.due)
            yield Reason("plan.overdue", {}, {"due": due, "latest": date.fromordinal(one.latest), "on": on})
        elif placing.closed:
            yield Reason("plan.not_permitted", {}, {"on": date.fromordinal(one.due)})
            yield from placing.closed
        elif day != one.due and not placing.is_on_tour:
            yield from self._why_not_due(placing)
        if placing.is_on_tour:
            yield Reason("plan.tour", {}, {"city": placing.tour_city, "on": on, "due": date.fromordinal(one.due)})
        if day > latest:
            yield Reason("plan.late", {}, {"latest": date.fromordinal(latest), "on": on, "days": day - latest})
        if one.staff_id is not None and staff_id != one.staff_id:
            yield Reason("plan.deputy", {}, {"absent": one.staff_id, "deputy": staff_id, "on": on})

    def _why_not_before(self, placing: Placing, on: date) -> Iterator[Reason]:
        day = on.toordinal()
        if not self._days.horizon.first <= day <= self._days.horizon.last:
            return
        closed = self._days.why_not(placing.one, day)
        yield from closed or (Reason("plan.full", {}, {"on": on, "minutes": placing.one.minutes}),)

    def _why_not_due(self, placing: Placing) -> Iterator[Reason]:
        """Why it is not planned for its due day: that has passed, or is closed, or full."""
        one, horizon = placing.one, self._days.horizon
        due = date.fromordinal(one.due)
        if one.due < horizon.first:
            yield Reason("plan.grace", {}, {"due": due, "latest": date.fromordinal(one.latest)})
            return
        closed = self._days.why_not(one, one.due)
        if closed:
            yield from closed
        elif placing.before is None:
            yield Reason("plan.full", {}, {"on": due, "minutes": one.minutes})

    def _fixed(self, placing: Placing, appointment: Appointment) -> Slot:
        one, owed = placing.one, placing.one.obligation
        return Slot(
            on=appointment.on,
            staff_id=appointment.staff_id,
            owner_id=owed.owner_id,
            key=owed.key,
            client_id=owed.client_id,
            person_id=owed.person_id,
            rule_id=owed.rule_id,
            channel=appointment.channel,
            minutes=self._days.capacity.minutes_for(appointment.minutes),
            weight=one.weight,
            earliest_on=date.fromordinal(one.earliest),
            due_on=date.fromordinal(one.due),
            latest_on=date.fromordinal(self._days.last_on_time(one)),
            is_projected=one.is_projected,
            appointment_id=appointment.id,
            starts_at=appointment.starts_at,
            is_confirmed=True,
            reasons=(*one.reasons, *self._why_fixed(appointment)),
        )

    def _loose(self, one: Appointment) -> Slot:
        return Slot(
            on=one.on,
            staff_id=one.staff_id,
            key=None,
            client_id=one.client_id,
            person_id=one.person_id,
            channel=one.channel,
            minutes=self._days.capacity.minutes_for(one.minutes),
            earliest_on=one.on,
            due_on=one.on,
            latest_on=one.on,
            appointment_id=one.id,
            starts_at=one.starts_at,
            is_confirmed=one.is_fixed,
            reasons=tuple(self._why_fixed(one)),
        )

    def _why_fixed(self, one: Appointment) -> Iterator[Reason]:
        """That it stays, and what stands in its way: somebody has to speak with the client."""
        code = "plan.confirmed" if one.is_fixed else "plan.appointment"
        yield Reason(code, {}, {"appointment": one.id, "on": one.on})
        if one.on.toordinal() not in self._days.horizon.place_by_day:
            yield Reason("plan.closed_day", {}, {"on": one.on, "calendar": self._days.horizon.calendar_name})
        elif self._days.people.away(one.staff_id, one.on) is not None:
            yield Reason("plan.away", {}, {"on": one.on, "staff": one.staff_id})

    def _left_out(self, placing: Placing) -> Unplanned:
        one, owed = placing.one, placing.one.obligation
        latest = self._days.last_on_time(one) if placing.allowed is None else placing.allowed.latest
        return Unplanned(
            key=owed.key,
            client_id=owed.client_id,
            staff_id=placing.staff_id,
            owner_id=owed.owner_id,
            person_id=owed.person_id,
            rule_id=owed.rule_id,
            channel=owed.channel,
            minutes=one.minutes,
            weight=one.weight,
            earliest_on=date.fromordinal(one.earliest),
            due_on=date.fromordinal(one.due),
            latest_on=date.fromordinal(latest),
            is_projected=one.is_projected,
            reasons=(*self._why_left_out(placing, latest), *one.reasons),
        )

    def _why_left_out(self, placing: Placing, latest: int) -> Iterator[Reason]:
        one, horizon = placing.one, self._days.horizon
        due, until = date.fromordinal(one.due), date.fromordinal(horizon.last)
        if placing.appointment is not None and placing.is_fixed:
            yield Reason("plan.later", {}, {"due": due, "until": until, "appointment": placing.appointment.on})
        elif placing.staff_id is None:
            yield Reason("plan.nobody", {}, {"role": one.obligation.role})
        elif one.due > horizon.last:
            yield Reason("plan.later", {}, {"due": due, "until": until, "appointment": None})
        elif placing.closed:
            yield Reason("plan.not_permitted", {}, {"on": due})
            yield from placing.closed
        elif placing.allowed is None:
            yield Reason("plan.no_day", {}, {"from": date.fromordinal(one.earliest), "until": date.fromordinal(latest)})
            if horizon.first <= one.due:
                yield from self._days.why_not(one, one.due)
        elif one.minutes > max(self._ledger.capacity_of(placing.staff_id), default=0):
            most = max(self._ledger.capacity_of(placing.staff_id), default=0)
            yield Reason("plan.too_long", {}, {"minutes": one.minutes, "capacity": most})
        else:
            values = {"from": horizon.on(placing.allowed.days[0]), "until": horizon.on(placing.allowed.days[-1])}
            yield Reason("plan.no_room", {}, {**values, "minutes": one.minutes})
