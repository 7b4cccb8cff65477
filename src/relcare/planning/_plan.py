"""Contacts owed become an agenda: who does what on which day, and what found no day and why (PLN-2 to PLN-5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from relcare._fields import check_choice, check_day, check_tuple_of, to_day, to_tuple
from relcare.calendars import Calendar, Weekdays
from relcare.errors import InvalidValueError
from relcare.model import Absence, Appointment, Obligation, Obligations
from relcare.planning._agenda import OVERLOADS, Agenda, Overload
from relcare.planning._allowed_days import AllowedDays, Horizon, People, Permit
from relcare.planning._capacity import Capacity
from relcare.planning._ledger import Ledger
from relcare.planning._others import Others
from relcare.planning._outcome import Outcomes
from relcare.planning._placing import earlier_places
from relcare.planning._planner import Planner
from relcare.planning._settle import settle
from relcare.planning._tours import Gathering, Tours
from relcare.planning._wanted import Wanted, wanted_of
from relcare.planning._weights import Weights

__all__ = ["plan", "planned_agenda"]

_MOST_DAYS: Final = 3_660


def plan(
    obligations: Iterable[Obligation],
    *,
    as_of: date,
    until: date,
    projected: Iterable[Obligation] = (),
    capacity: Capacity | None = None,
    calendar: Calendar | None = None,
    absences: Iterable[Absence] = (),
    appointments: Iterable[Appointment] = (),
    previous: Agenda | None = None,
    overload: Overload = "spill",
    weights: Weights | None = None,
    catch_up_days: int = 7,
    tours: Tours | None = None,
    city_by_client: Mapping[str, str] | None = None,
    staff_ids: Iterable[str] | None = None,
) -> Agenda:
    """Which contact is made on which day, and by whom; what found no day, and why.

    A contact may be planned from `earliest_on` to `latest_on`, best on its due day or the allowed day nearest to it. What is late
    already is best done at once, and counts as on time for so many days. A deferred one waits for the day of its
    `next_allowed_at`. Where a member of staff is away, the work of these days goes to the deputy, else to other days.

    Each member of staff is planned alone. Where all contacts take equally long the plan is the optimum of most weight on time,
    then fewest contacts off their best day. Where they do not, `Agenda.gap` says how far from the optimum it is at most.

    What does not fit on time is, by `overload`: `spill`: planned on the first day after it with room, and marked as late;
    `stretch`: all intervals of that member of staff are multiplied by one factor, the least in steps of 5 %, up to 1,000 %, with
    which the contacts due in the horizon take no more minutes than there are; days that are not counted from the last contact,
    such as birthdays, stay, and what does not fit even then spills; `report`: listed. Whatever has no day is listed with its
    reason; nothing is dropped.

    A confirmed appointment stays on its day, whatever is in its way. What was planned before, by `previous` or an appointment
    that is not confirmed, stays as long as it is on time there and no more weight would be on time if it moved; where the two
    differ, `previous` is the later one.

    Args:
        obligations: What is owed, worked out for `as_of`, in any order; each key once.
        as_of: The civil day from which to plan, the first that may be used.
        until: The last day, inclusive; at most 3,660 days later.
        projected: Later occurrences, see `project`; each with a key of its own.
        capacity: The minutes there are; by default 360 a working day for everybody.
        calendar: Business days; by default Monday to Friday.
        absences: Who is away, in any order.
        appointments: Made before, in any order; cancelled ones and those before `as_of` do not count.
        previous: The agenda before, to change as little as possible.
        overload: What happens to contacts that do not fit on time.
        weights: What contacts weigh; by default 1 + priority, twice that in grace and four times overdue.
        catch_up_days: For how many days from its first allowed one what is late already counts as on time, from 1 to 366.
        tours: How visits gather into tours; by default they do not.
        city_by_client: In which city clients are, for tours; those left out are nowhere.
        staff_ids: Whose days to plan anew; what `previous` says about everybody else stays untouched. By default everybody's.

    Raises:
        InvalidValueError: If an obligation was worked out for another day, a key comes twice, or an argument is not what it must
            be.

    Source: PLN-2, PLN-3, PLN-4, PLN-5.

    Examples:
        >>> from relcare.cadence import CadenceRule
        >>> from relcare.decisions import Policy
        >>> from relcare.model import Book, Client
        >>> rule = CadenceRule(id="call", channel="call", every="1 week", lead="2 days", minutes=30)
        >>> policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        >>> clients = [Client(id=f"c-{n}", name="Kim", owner_id="lee", client_since_on=date(2026, 3, 26)) for n in (1, 2, 3)]
        >>> owed = policy.decide(Book(clients=clients), as_of=date(2026, 3, 30)).obligations
        >>> agenda = plan(owed, as_of=date(2026, 3, 30), until=date(2026, 4, 3), capacity=Capacity(minutes_per_day=60))
        >>> [(slot.client_id, str(slot.on), slot.moved_days) for slot in agenda]
        [('c-3', '2026-04-01', -1), ('c-1', '2026-04-02', 0), ('c-2', '2026-04-02', 0)]
        >>> agenda.is_exact, [reason.code for reason in agenda.slots[0].reasons]
        (True, ['plan.full'])
    """
    return planned_agenda(
        obligations,
        as_of=as_of,
        until=until,
        projected=projected,
        capacity=capacity,
        calendar=calendar,
        absences=absences,
        appointments=appointments,
        previous=previous,
        overload=overload,
        weights=weights,
        catch_up_days=catch_up_days,
        tours=tours,
        city_by_client=city_by_client,
        staff_ids=staff_ids,
        permit=None,
    )


def planned_agenda(
    obligations: Iterable[Obligation],
    *,
    as_of: date,
    until: date,
    projected: Iterable[Obligation],
    capacity: Capacity | None,
    calendar: Calendar | None,
    absences: Iterable[Absence],
    appointments: Iterable[Appointment],
    previous: Agenda | None,
    overload: Overload,
    weights: Weights | None,
    catch_up_days: int,
    tours: Tours | None,
    city_by_client: Mapping[str, str] | None,
    staff_ids: Iterable[str] | None,
    permit: Permit | None,
) -> Agenda:
    """See `plan`; `permit` says on which days clients may be contacted."""
    first, last = _days(as_of, until)
    _check(overload, catch_up_days, calendar)
    used = capacity or Capacity()
    others = None if staff_ids is None else Others(previous, staff_ids, first)
    wanted = _wanted(*_asked(obligations, projected, first, others), used, weights or Weights())
    booked = _checked_appointments(appointments)
    days = AllowedDays(
        Horizon(first, last, Weekdays() if calendar is None else calendar),
        People(_checked_absences(absences)),
        used,
        permit=permit,
        catch_up_days=catch_up_days,
    )
    if others is not None:
        booked = others.appointments(booked, wanted)
    ledger = Ledger(days.horizon, days.people, used)
    gathering = None
    if tours is not None:
        gathering = Gathering(tours, city_by_client or {}, used, (one for one in booked if one.is_standing and one.is_fixed))
    planner = Planner(days, ledger, overload, gathering)
    theirs = () if others is None else others.kept.slots
    planned = planner.planned(wanted, booked, earlier_places(previous, wanted, first), theirs)
    outcomes = Outcomes(days, ledger)
    if permit is not None:
        settle(planned, planner, outcomes, permit, theirs)
    slots, unplanned = list(outcomes.slots(planned)), list(outcomes.unplanned(planned))
    staff = list(outcomes.staff(planned, slots, unplanned))
    loads = list(outcomes.loads([one.staff_id for one in staff], slots))
    made = Agenda(as_of=first, until=last, overload=overload, slots=slots, unplanned=unplanned, loads=loads, staff=staff)
    return made if others is None else others.joined(made)


def _days(as_of: date, until: date) -> tuple[date, date]:
    first, last = to_day(as_of), to_day(until)
    check_day("as_of", first)
    check_day("until", last)
    if not 0 <= (last - first).days <= _MOST_DAYS:
        raise InvalidValueError("until", last, f"must be from as_of, {first}, to {_MOST_DAYS:,} days later")
    return first, last


def _check(overload: Overload, catch_up_days: int, calendar: Calendar | None) -> None:
    check_choice("overload", overload, OVERLOADS)
    if type(catch_up_days) is not int or not 1 <= catch_up_days <= 366:
        raise InvalidValueError("catch_up_days", catch_up_days, "must be a whole number from 1 to 366")
    if isinstance(calendar, str):
        raise InvalidValueError("calendar", calendar, "must be a calendar", f'write relcare.calendars.calendar("{calendar}")')


def _asked(
    obligations: Iterable[Obligation], projected: Iterable[Obligation], as_of: date, others: Others | None
) -> tuple[Obligations, list[Obligation]]:
    """What is owed, by CAD-5, and what is foreseen, by due day and key; without what stays as it was planned."""
    owed = _checked("obligations", obligations, as_of)
    foreseen = _checked("projected", projected, as_of)
    keys: set[str] = set()
    for one in (*owed, *foreseen):
        if one.key in keys:
            raise InvalidValueError("obligations", one.key, "must come once: two obligations have this key")
        keys.add(one.key)
    mine = [one for one in owed if others is None or others.concerns(one)]
    theirs = [one for one in foreseen if others is None or others.concerns(one)]
    return Obligations(mine, is_sorted=isinstance(obligations, Obligations)), sorted(
        theirs, key=lambda one: (one.due_on, one.key)
    )


def _wanted(owed: Obligations, foreseen: Sequence[Obligation], capacity: Capacity, weights: Weights) -> list[Wanted]:
    """What is to be planned, in the order that settles ties."""
    return [
        wanted_of(one, rank=rank, weights=weights, capacity=capacity, is_projected=rank >= len(owed))
        for rank, one in enumerate((*owed, *foreseen))
    ]


def _checked(name: str, obligations: Iterable[Obligation], as_of: date) -> tuple[Obligation, ...]:
    found = to_tuple(obligations)
    check_tuple_of(name, found, Obligation)
    for index, one in enumerate(found):
        if one.as_of != as_of:
            raise InvalidValueError(
                f"{name}[{index}].as_of",
                one.as_of.isoformat(),
                f"must be the first day of the plan, {as_of}",
                "decide again for that day",
            )
    return found


def _checked_absences(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    found = to_tuple(absences)
    check_tuple_of("absences", found, Absence)
    return found


def _checked_appointments(appointments: Iterable[Appointment]) -> Sequence[Appointment]:
    found = to_tuple(appointments)
    check_tuple_of("appointments", found, Appointment)
    return found
