"""Planning some people anew and leaving everybody else's plan as it is (PLN-4)."""

from collections.abc import Iterable, Sequence
from datetime import date

import attrs

from relcare._fields import check_id, check_tuple_of, to_texts
from relcare.errors import InvalidValueError
from relcare.model import Appointment, Obligation
from relcare.planning._agenda import Agenda
from relcare.planning._agenda_entries import DayLoad, StaffPlan
from relcare.planning._wanted import Wanted, base_staff

__all__ = ["Others"]


class Others:
    """Those whose plan stays.

    Args:
        previous: The agenda before; must be given.
        staff_ids: Whose days are planned anew.
        as_of: The first day that is planned.

    Raises:
        InvalidValueError: If there is no agenda before, or an id is none.
    """

    def __init__(self, previous: Agenda | None, staff_ids: Iterable[str], as_of: date) -> None:
        whose = to_texts(staff_ids)
        check_tuple_of("staff_ids", whose, str)
        for index, staff_id in enumerate(whose):
            check_id(f"staff_ids[{index}]", staff_id)
        if previous is None:
            raise InvalidValueError("previous", None, "must be given with staff_ids", "plan everybody first")
        self._whose = frozenset(whose)
        self.kept: Agenda = attrs.evolve(
            previous,
            slots=(one for one in previous.slots if one.staff_id not in self._whose and one.on >= as_of),
            unplanned=(one for one in previous.unplanned if one.staff_id is not None and one.staff_id not in self._whose),
            loads=(one for one in previous.loads if one.staff_id not in self._whose and one.on >= as_of),
            staff=(one for one in previous.staff if one.staff_id not in self._whose),
        )
        self._theirs = _keys(self.kept)
        self._mine = _keys(previous) - self._theirs
        self._booked = {one.appointment_id for one in self.kept.slots}

    def concerns(self, one: Obligation) -> bool:
        """Whether a contact is planned anew: it is their own work, or somebody who is away had given it to them."""
        if one.key in self._theirs:
            return False
        staff_id = base_staff(one)
        return staff_id is None or staff_id in self._whose or one.key in self._mine

    def appointments(self, appointments: Iterable[Appointment], wanted: Sequence[Wanted]) -> list[Appointment]:
        """The appointments that matter to it."""
        keys = {one.obligation.key for one in wanted}
        return [
            one
            for one in appointments
            if one.id not in self._booked and (one.staff_id in self._whose or one.obligation_key in keys)
        ]

    def joined(self, made: Agenda) -> Agenda:
        """The new agenda with what stayed; where work was given to somebody who stayed, their figures are added up."""
        loads = {(one.staff_id, one.on): one for one in made.loads}
        staff = {one.staff_id: one for one in made.staff}
        for load in self.kept.loads:
            loads[load.staff_id, load.on] = _added(load, loads.get((load.staff_id, load.on)))
        for one in self.kept.staff:
            staff[one.staff_id] = _both(one, staff.get(one.staff_id))
        return attrs.evolve(
            made,
            slots=(*made.slots, *self.kept.slots),
            unplanned=(*made.unplanned, *self.kept.unplanned),
            loads=loads.values(),
            staff=staff.values(),
        )


def _keys(agenda: Agenda) -> frozenset[str]:
    """The obligations that an agenda speaks of."""
    return frozenset((*(one.key for one in agenda.slots if one.key is not None), *(one.key for one in agenda.unplanned)))


def _added(load: DayLoad, more: DayLoad | None) -> DayLoad:
    if more is None:
        return load
    return attrs.evolve(load, minutes=load.minutes + more.minutes, contacts=load.contacts + more.contacts)


def _both(one: StaffPlan, more: StaffPlan | None) -> StaffPlan:
    if more is None:
        return one
    return attrs.evolve(
        one,
        is_exact=False,
        weight=one.weight + more.weight,
        weight_on_time=one.weight_on_time + more.weight_on_time,
        weight_bound=one.weight_bound + more.weight_bound,
        moves=one.moves + more.moves,
        minutes=one.minutes + more.minutes,
    )
