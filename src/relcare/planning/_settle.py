"""Contacts with one client must leave each other room: caps and gaps count what is planned as if it had happened (PLN-2)."""

from collections.abc import Iterable, Iterator, Sequence

from relcare.model import Reason
from relcare.planning._agenda_entries import Slot
from relcare.planning._allowed_days import Permit
from relcare.planning._levelling_jobs import NOWHERE
from relcare.planning._outcome import Outcomes
from relcare.planning._placing import Placing
from relcare.planning._planner import Planned, Planner

__all__ = ["settle"]


def settle(planned: Planned, planner: Planner, outcomes: Outcomes, permit: Permit, others: Iterable[Slot]) -> None:
    """Move what may not follow another planned contact so soon, to the nearest day on which it may; else it loses its day.

    A client's contacts are gone through from day to day; what is fixed counts from the start.

    Args:
        planned: Changed in place.
        planner: With the minutes that are left.
        outcomes: Tells a placing as a slot.
        permit: Whether a contact may be made, given others.
        others: Slots of those whose plan stays untouched.
    """
    fixed: dict[str, list[Slot]] = {}
    for slot in (*outcomes.fixed_slots(planned), *others):
        fixed.setdefault(slot.client_id, []).append(slot)
    groups: dict[str, list[Placing]] = {}
    for placing in planned.placings:
        if placing.place != NOWHERE:
            groups.setdefault(placing.one.obligation.client_id, []).append(placing)
    for client_id, group in sorted(groups.items()):
        standing = fixed.get(client_id, [])
        if len(group) + len(standing) > 1:
            _Client(planner, outcomes, permit, standing).settle(group)


class _Client:
    """The contacts with one client.

    Attributes:
        standing: What counts for the next one.
        placed: The contacts among it that could still be in the way of an earlier one.
    """

    def __init__(self, planner: Planner, outcomes: Outcomes, permit: Permit, fixed: Sequence[Slot]) -> None:
        self.planner = planner
        self.outcomes = outcomes
        self.permit = permit
        self.standing: list[Slot] = list(fixed)
        self.placed: list[tuple[Placing, Slot]] = []

    def settle(self, group: Sequence[Placing]) -> None:
        for placing in sorted(group, key=lambda one: (one.place, one.before is None, -one.one.weight, one.one.rank)):
            slot = self.outcomes.slot(placing)
            closed = self._closed(placing, slot)
            if closed:
                placing.closed = closed
                self.planner.release(placing)
            found = self._moved(placing) if closed else slot
            if found is not None:
                self.standing.append(found)
                self.placed.append((placing, found))

    def _moved(self, placing: Placing) -> Slot | None:
        """The slot on the nearest other day with room on which it may be; None when there is none."""
        for place, staff_id in self._candidates(placing):
            if self.planner.put(placing, place, staff_id):
                slot = self.outcomes.slot(placing)
                if not self._closed(placing, slot):
                    return slot
                self.planner.release(placing)
        return None

    def _candidates(self, placing: Placing) -> Iterator[tuple[int, str]]:
        allowed = placing.allowed
        if allowed is not None:
            nearest = sorted(allowed.days, key=lambda place: (abs(place - allowed.preferred), -place))
            yield from ((place, allowed.staff_id) for place in nearest)
        yield from self.planner.other_places(placing)

    def _closed(self, placing: Placing, slot: Slot) -> tuple[Reason, ...]:
        """Why it may not be on its day beside the others: itself, or one of those after it."""
        closed = self.permit(placing.one.obligation, slot.on, [one for one in self.standing if one.on <= slot.on])
        for other, later in self.placed:
            if not closed and later.on > slot.on:
                before = [one for one in self.standing if one.on <= later.on and one is not later]
                closed = self.permit(other.one.obligation, later.on, [*before, slot])
        return closed
