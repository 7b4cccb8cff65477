"""The minutes that are left on each day, and what is fixed there before anything is planned (PLN-2, PLN-4)."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from relcare.model import Appointment
from relcare.planning._allowed_days import Horizon, People
from relcare.planning._capacity import Capacity

__all__ = ["Appointments", "Ledger"]


class Ledger:
    """Capacity and free minutes by member of staff and place of the day.

    Args:
        horizon: The days.
        people: Who is there.
        capacity: The minutes of a working day.
    """

    def __init__(self, horizon: Horizon, people: People, capacity: Capacity) -> None:
        self._horizon = horizon
        self._people = people
        self._capacity = capacity
        self._whole: dict[str, list[int]] = {}
        self._free: dict[str, list[int]] = {}

    def capacity_of(self, staff_id: str) -> Sequence[int]:
        """The minutes there are on each day; 0 on days of absence."""
        known = self._whole.get(staff_id)
        if known is None:
            minutes = self._capacity.minutes_of(staff_id)
            is_ever_away = staff_id in self._people.absences
            known = self._whole[staff_id] = [
                0 if is_ever_away and self._people.away(staff_id, self._horizon.on(place)) else minutes
                for place in range(len(self._horizon.days))
            ]
        return known

    def free(self, staff_id: str) -> list[int]:
        """The minutes that are left on each day; never below 0."""
        known = self._free.get(staff_id)
        if known is None:
            known = self._free[staff_id] = list(self.capacity_of(staff_id))
        return known

    def take(self, staff_id: str, place: int, minutes: int) -> None:
        """Take minutes off a day; what is fixed may ask for more than there is."""
        free = self.free(staff_id)
        free[place] = max(0, free[place] - minutes)

    def give_back(self, staff_id: str, place: int, minutes: int) -> None:
        """Undo `take` for what was planned within the capacity."""
        self.free(staff_id)[place] += minutes


@attrs.frozen(kw_only=True, eq=False)
class Appointments:
    """The appointments that stand, as a plan sees them.

    Attributes:
        by_key: For each obligation the one that keeps it.
        loose: The others: nothing asks for them, or another one keeps their obligation.
    """

    by_key: Mapping[str, Appointment]
    loose: tuple[Appointment, ...]

    @classmethod
    def of(cls, appointments: Iterable[Appointment], wanted: Iterable[str], first: int) -> "Appointments":
        """Those from a day on; of several for an obligation the confirmed one keeps it, then the earliest, then the lowest id."""
        keys = frozenset(wanted)
        standing = [one for one in appointments if one.is_standing and one.on.toordinal() >= first]
        standing.sort(key=lambda one: (not one.is_fixed, one.on, one.id))
        by_key: dict[str, Appointment] = {}
        loose: list[Appointment] = []
        for one in standing:
            key = one.obligation_key
            if key is None or key not in keys or key in by_key:
                loose.append(one)
            else:
                by_key[key] = one
        return cls(by_key=by_key, loose=tuple(loose))
