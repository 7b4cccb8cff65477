"""Visits to one city gather into a tour (PLN-5)."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from relcare._fields import ReadOnlyMap, check_id, check_identifier, check_text, check_tuple_of, to_map, to_texts
from relcare.errors import InvalidValueError
from relcare.model import Appointment
from relcare.planning._agenda import Agenda
from relcare.planning._agenda_entries import Slot
from relcare.planning._allowed_days import Horizon
from relcare.planning._capacity import Capacity
from relcare.planning._ledger import Ledger
from relcare.planning._placing import Placing

__all__ = ["Gathering", "Tour", "Tours", "tours_of"]


def _to_minutes(values: Mapping[str, int]) -> Mapping[str, int]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Tours:
    """How visits gather into tours: a day on which one member of staff visits one city.

    Attributes:
        attribute: The attribute of a client that says in which city it is; clients without it are nowhere and never gathered.
        home_cities: Cities that are no journey: visits there are planned like any other contact.
        fewest: How many visits make a tour, from 2 to 100; fewer are planned like any other contact.
        travel_minutes: What the journey takes off the day, by city, from 0 to 1,440; 0 for the others.
        first: Cities whose tours are arranged before those of others, the first of them first; such as the key cities by their
            rank. The others follow by their number of visits.

    Raises:
        InvalidValueError: If a figure is out of range.

    Source: PLN-5.
    """

    attribute: str = "city"
    home_cities: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    fewest: int = 2
    travel_minutes: Mapping[str, int] = attrs.field(factory=ReadOnlyMap[str, int], converter=_to_minutes)
    first: tuple[str, ...] = attrs.field(default=(), converter=to_texts)

    def __attrs_post_init__(self) -> None:
        check_identifier("attribute", self.attribute, reserved=frozenset())
        for name in ("home_cities", "first"):
            check_tuple_of(name, getattr(self, name), str)
            for index, city in enumerate(getattr(self, name)):
                check_text(f"{name}[{index}]", city)
        if type(self.fewest) is not int or not 2 <= self.fewest <= 100:
            raise InvalidValueError("fewest", self.fewest, "must be a whole number from 2 to 100")
        if not isinstance(self.travel_minutes, ReadOnlyMap):
            raise InvalidValueError("travel_minutes", self.travel_minutes, "must be a mapping of cities to minutes")
        for city, minutes in self.travel_minutes.items():
            check_text("travel_minutes", city)
            if type(minutes) is not int or not 0 <= minutes <= 1_440:
                raise InvalidValueError(f"travel_minutes.{city}", minutes, "must be a whole number of minutes from 0 to 1,440")


@attrs.frozen(kw_only=True)
class Tour:
    """The visits of one member of staff to one city on one day.

    Attributes:
        staff_id: Who.
        city: Where.
        slots: The visits, in the order of the agenda; at least two.
    """

    staff_id: str
    city: str
    slots: tuple[Slot, ...]


def tours_of(
    agenda: Agenda, city_by_client: Mapping[str, str], *, tours: Tours | None = None, capacity: Capacity | None = None
) -> tuple[Tour, ...]:
    """The tours of an agenda: where enough visits to one city stand on one day of one member of staff.

    Args:
        agenda: The agenda.
        city_by_client: Where clients are; those left out are nowhere.
        tours: What counts as a tour; by default two visits to a city.
        capacity: Which channels are visits; by default `visit`.

    Returns:
        In order of day, member of staff and city.

    Source: PLN-5.
    """
    declared, visits = tours or Tours(), capacity or Capacity()
    groups: dict[tuple[object, str, str], list[Slot]] = {}
    for slot in agenda.slots:
        city = city_by_client.get(slot.client_id)
        if city is not None and city not in declared.home_cities and visits.is_visit(slot.channel):
            groups.setdefault((slot.on, slot.staff_id, city), []).append(slot)
    found = (
        Tour(staff_id=slots[0].staff_id, city=city, slots=tuple(slots))
        for (_, _, city), slots in groups.items()
        if len(slots) >= declared.fewest
    )
    return tuple(sorted(found, key=lambda tour: (tour.slots[0].on, tour.staff_id, tour.city)))


class Gathering:
    """Narrows the days of visits to those of the tours they belong to.

    Args:
        tours: What is declared.
        city_by_client: Where clients are.
        capacity: Which channels are visits.
        fixed: Confirmed appointments: the city of one decides where its day leads.
    """

    def __init__(self, tours: Tours, city_by_client: Mapping[str, str], capacity: Capacity, fixed: Iterable[Appointment]) -> None:
        for client_id, city in city_by_client.items():
            check_id("city_by_client", client_id)
            check_text(f"city_by_client.{client_id}", city)
        self._tours = tours
        self._capacity = capacity
        self._cities = {client_id: city for client_id, city in city_by_client.items() if city not in tours.home_cities}
        self._fixed: dict[tuple[str, int], str] = {}
        for one in fixed:
            if one.client_id in self._cities and capacity.is_visit(one.channel):
                self._fixed.setdefault((one.staff_id, one.on.toordinal()), self._cities[one.client_id])

    def gather(self, staff_id: str, placings: Sequence[Placing], horizon: Horizon, ledger: Ledger) -> None:
        """Narrow the days of one member of staff's visits, and take the journeys off their days."""
        groups: dict[str, list[Placing]] = {}
        for placing in placings:
            city = self._cities.get(placing.one.obligation.client_id)
            if city is not None and self._capacity.is_visit(placing.one.obligation.channel):
                groups.setdefault(city, []).append(placing)
        taken: dict[int, str] = {
            place: city
            for (who, day), city in self._fixed.items()
            if who == staff_id and (place := horizon.place_by_day.get(day)) is not None
        }
        free = ledger.free(staff_id)
        for city in sorted(groups, key=lambda city: self._order(city, len(groups[city]))):
            travel = self._tours.travel_minutes.get(city, 0)
            for place, members in self._days(city, groups[city], taken, [minutes - travel for minutes in free], horizon):
                taken[place] = city
                ledger.take(staff_id, place, travel)
                for placing in members:
                    placing.tour_city = city
        for city, group in groups.items():
            for placing in group:
                self._narrow(placing, city, taken)

    def _order(self, city: str, visits: int) -> tuple[int, int, str]:
        first = self._tours.first
        return first.index(city) if city in first else len(first), -visits, city

    def _days(
        self, city: str, group: Sequence[Placing], taken: Mapping[int, str], free: Sequence[int], horizon: Horizon
    ) -> list[tuple[int, list[Placing]]]:
        """The days of a city's tours with who goes on each: first where most visits meet, those of an earlier plan before all."""
        waiting = [placing for placing in group if placing.allowed is not None]
        found: list[tuple[int, list[Placing]]] = []
        used: set[int] = set()
        while True:
            best: tuple[tuple[int, int, int, int], int, list[Placing]] | None = None
            for place in sorted({place for one in waiting if one.allowed is not None for place in one.allowed.days} - used):
                if taken.get(place, city) != city:
                    continue
                members = _fitting(waiting, place, free[place])
                fixed = place in taken
                if len(members) + fixed < self._tours.fewest:
                    continue
                day = horizon.days[place]
                kept = sum(one.before is not None and one.before.on.toordinal() == day for one in members)
                moved = sum(abs(day - one.one.due) for one in members)
                rank = (-kept, -fixed, -len(members), moved)
                if best is None or rank < best[0]:
                    best = (rank, place, members)
            if best is None:
                return found
            _, place, members = best
            used.add(place)
            found.append((place, members))
            waiting = [one for one in waiting if one not in members]

    @staticmethod
    def _narrow(placing: Placing, city: str, taken: Mapping[int, str]) -> None:
        allowed = placing.allowed
        if allowed is None:
            return
        if placing.tour_city is not None:
            days = [place for place in allowed.days if taken.get(place) == city]
        else:
            days = [place for place in allowed.days if taken.get(place, city) == city]
        if days and len(days) < len(allowed.days):
            preferred = min(days, key=lambda place: (abs(place - allowed.preferred), -place))
            # Where the tour has no room after all, any day that leads to no other city will do.
            rest = sorted(
                (place for place in allowed.days if place not in days and place not in taken),
                key=lambda place: (abs(place - allowed.preferred), -place),
            )
            elsewhere = (*((place, allowed.staff_id) for place in rest), *allowed.elsewhere)
            placing.allowed = attrs.evolve(allowed, days=days, preferred=preferred, elsewhere=elsewhere)


def _fitting(waiting: Sequence[Placing], place: int, minutes: int) -> list[Placing]:
    """Those that may go on a day, as many as fit, the heaviest first."""
    found: list[Placing] = []
    for one in sorted(waiting, key=lambda one: (-one.one.weight, one.one.rank)):
        if one.allowed is not None and place in one.allowed.days and one.one.minutes <= minutes:
            found.append(one)
            minutes -= one.one.minutes
    return found
