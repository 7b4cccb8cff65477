"""A book's agenda: what is owed and what will be, on days on which the clients may be contacted (PLN-2)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import attrs

from relcare.calendars import Calendar, Weekdays
from relcare.calendars import calendar as calendar_named
from relcare.decisions import Policy
from relcare.model import Book, Obligation, Reason, Touchpoint
from relcare.permission import ClientPermission, PermissionRules, possible_zones
from relcare.planning._agenda import Agenda, Overload
from relcare.planning._agenda_entries import Slot
from relcare.planning._capacity import Capacity
from relcare.planning._plan import planned_agenda
from relcare.planning._projection import Projection
from relcare.planning._tours import Tours
from relcare.planning._weights import Weights

__all__ = ["cities_of", "plan_book", "project"]


def project(policy: Policy, book: Book, *, as_of: date, until: date, calendar: Calendar | None = None) -> tuple[Obligation, ...]:
    """What will be owed after what is owed now, up to a day, as if every contact were made when it is due.

    A rolling rule comes again at its due day plus n intervals, rolled by the calendar; what passed before `as_of` is left out,
    for late ones do not stack. Its key is that of what is owed now with `/+n` behind it. Dates of a grid and shares of a quota
    come with the keys that they will have. Triggers are not foreseen; facts and tiers are taken as they are on `as_of`.

    Args:
        policy: In force on `as_of`; nothing is foreseen after its end.
        book: Clients with their history.
        as_of: A civil day in the book's zone.
        until: The last due day, inclusive.
        calendar: Business days; by default the policy's own.

    Returns:
        In order of due day and key.

    Raises:
        PolicyError: If the policy is not in force on `as_of`.

    Source: PLN-2, CAD-13.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    found = Projection(policy, book, result, _calendar(policy, calendar), until).obligations()
    return tuple(sorted(found, key=lambda one: (one.due_on, one.key)))


def plan_book(
    policy: Policy,
    book: Book,
    *,
    as_of: date,
    until: date,
    capacity: Capacity | None = None,
    calendar: Calendar | None = None,
    previous: Agenda | None = None,
    overload: Overload = "spill",
    weights: Weights | None = None,
    catch_up_days: int = 7,
    tours: Tours | None = None,
    staff_ids: Iterable[str] | None = None,
) -> Agenda:
    """The agenda of a book: decide what is owed, foresee what will be, and give every contact a day on which it is allowed.

    Appointments and absences are those of the book. A contact is only planned for a day with a minute on which the client may be
    contacted (CAD-11); what is planned with a client counts towards caps, gaps and rotations as if it had happened (CAD-10).

    Args:
        policy: In force on `as_of`.
        book: Clients with their history.
        as_of: The civil day from which to plan, in the book's zone.
        until: The last day, inclusive.
        capacity: As for `plan`, and so are the others.
        calendar: Business days; by default the policy's own.
        previous: The agenda before.
        overload: What happens to contacts that do not fit on time.
        weights: What contacts weigh.
        catch_up_days: For how many days what is late already counts as on time.
        tours: How visits gather into tours; the city is the attribute of the client that they name.
        staff_ids: Whose days to plan anew.

    Raises:
        PolicyError: If the policy is not in force on `as_of`.
        InvalidValueError: As for `plan`.
        MissingExtraError: If the policy names a calendar and the extra is not installed.

    Source: PLN-2 to PLN-5.

    Examples:
        >>> from relcare.cadence import CadenceRule
        >>> from relcare.model import Client
        >>> rule = CadenceRule(id="call", channel="call", every="1 week", minutes=30)
        >>> policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        >>> book = Book(clients=[Client(id="c-1", name="Kim", owner_id="lee", client_since_on=date(2026, 3, 26))])
        >>> agenda = plan_book(policy, book, as_of=date(2026, 3, 30), until=date(2026, 4, 17))
        >>> [(str(slot.on), slot.key) for slot in agenda]
        [('2026-04-02', 'c-1/call/first'), ('2026-04-09', 'c-1/call/first/+1'), ('2026-04-16', 'c-1/call/first/+2')]
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    used = _calendar(policy, calendar)
    return planned_agenda(
        result.obligations,
        as_of=result.as_of,
        until=until,
        projected=Projection(policy, book, result, used, until).obligations(),
        capacity=capacity,
        calendar=used,
        absences=book.absences,
        appointments=book.appointments,
        previous=previous,
        overload=overload,
        weights=weights,
        catch_up_days=catch_up_days,
        tours=tours,
        city_by_client={} if tours is None else cities_of(book, tours.attribute, as_of=result.as_of),
        staff_ids=staff_ids,
        permit=BookPermit(policy, book, used, result.as_of).why_not if _is_restricting(policy, book) else None,
    )


def cities_of(book: Book, attribute: str = "city", *, as_of: date) -> dict[str, str]:
    """In which city each client is on a day, by an attribute; clients of which that is not known are left out.

    Args:
        book: The clients.
        attribute: Its name; only text counts as a city.
        as_of: The day.
    """
    found = ((client.id, client.attribute(attribute, as_of=as_of)) for client in book.clients)
    return {client_id: city for client_id, city in found if isinstance(city, str)}


def _calendar(policy: Policy, given: Calendar | None) -> Calendar:
    if given is not None:
        return given
    return Weekdays() if policy.calendar is None else calendar_named(policy.calendar)


def _is_restricting(policy: Policy, book: Book) -> bool:
    return policy.permission is not None or any(consent.kind == "refused" for consent in book.consents)


class BookPermit:
    """On which days the clients of a book may be contacted, with what is planned taken as done.

    Args:
        policy: Its `permission`.
        book: With consents and touchpoints.
        calendar: Business days, for public holidays.
        as_of: The day up to which deals are known.
    """

    def __init__(self, policy: Policy, book: Book, calendar: Calendar, as_of: date) -> None:
        self._as_of = as_of
        self._rules: PermissionRules = policy.permission or PermissionRules()
        self._has_rules = policy.permission is not None
        self._purposes: Mapping[str, str | None] = {
            **{rule.id: rule.purpose for rule in policy.cadence},
            **{trigger.id: trigger.purpose for trigger in policy.triggers},
        }
        self._book = book
        self._calendar = calendar
        self._clients: dict[str, ClientPermission] = {}
        self._known: dict[tuple[str, str, str | None, str | None, date], tuple[Reason, ...]] = {}

    def why_not(self, obligation: Obligation, day: date, planned: Sequence[Slot]) -> tuple[Reason, ...]:
        """Why a contact may not be made on a day; nothing where some minute of it is allowed."""
        client_id = obligation.client_id
        if not self._has_rules and client_id not in self._book.consents_by_client:
            return ()
        purpose = self._purposes.get(obligation.rule_id)
        if planned:
            done = (self._as_done(n, slot) for n, slot in enumerate(planned))
            permission = self._permission(client_id)
            permission = attrs.evolve(permission, touchpoints=(*permission.touchpoints, *done))
            return _closing(permission, obligation, purpose, day)
        key = (client_id, obligation.channel, purpose, obligation.person_id, day)
        if key not in self._known:
            self._known[key] = _closing(self._permission(client_id), obligation, purpose, day)
        return self._known[key]

    def _permission(self, client_id: str) -> ClientPermission:
        known = self._clients.get(client_id)
        if known is None:
            client = self._book.get_client(client_id)
            days = (one.purchased_on for one in self._book.purchases_by_client.get(client_id, ()))
            bought = (day for day in days if day <= self._as_of)
            known = self._clients[client_id] = ClientPermission(
                rules=self._rules,
                zones=possible_zones(self._rules, client, self._book.zone),
                touchpoints=self._book.touchpoints_by_client.get(client_id, ()),
                consents=self._book.consents_by_client.get(client_id, ()),
                calendar=self._calendar,
                last_deal_on=max(bought, default=None),
            )
        return known

    def _as_done(self, n: int, slot: Slot) -> Touchpoint:
        return Touchpoint(
            id=f"planned-{n}",
            client_id=slot.client_id,
            occurred_at=slot.on,
            channel=slot.channel,
            purpose=None if slot.rule_id is None else self._purposes.get(slot.rule_id),
            person_id=slot.person_id,
            staff_id=slot.staff_id,
        )


def _closing(permission: ClientPermission, obligation: Obligation, purpose: str | None, day: date) -> tuple[Reason, ...]:
    answer = permission.first_allowed(channel=obligation.channel, purpose=purpose, day=day, person_id=obligation.person_id)
    return () if answer.is_allowed else answer.reasons
