"""Agendas: PLN-2 to PLN-6 on books of a house that has every kind of rule."""

from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Final

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Weekdays, roll
from relcare.decisions import Policy
from relcare.model import (
    Absence,
    Appointment,
    AppointmentState,
    Book,
    Client,
    Consent,
    ContactPerson,
    Obligation,
    Staff,
    Touchpoint,
)
from relcare.permission import Cap, ClientPermission, Gap, PermissionRules, possible_zones
from relcare.planning import (
    Agenda,
    Capacity,
    CityCriterion,
    Overload,
    Slot,
    Tours,
    Unplanned,
    handover_note,
    key_cities,
    plan,
    plan_book,
    project,
    relieved,
    tours_of,
    transfer,
)
from relcare.policy import Every, criterion

FIRST: Final = date(2020, 1, 1)
STAFF: Final = ("lee", "wu", "kim")
CITIES: Final = ("Busan", "Daegu", "서울", None)


@cache
def house(permission: PermissionRules | None = None) -> Policy:
    """Rules of every mode; those for letters go to a role."""
    return Policy(
        id="house",
        version="1",
        effective_from=FIRST,
        permission=permission,
        cadence=[
            CadenceRule(id="call", channel="call", every="1 week", lead="2 days", grace="2 days", priority=2, minutes=20),
            CadenceRule(id="visit", channel="visit", every="2 weeks", lead="1 week", grace="1 week", minutes=90),
            CadenceRule(id="birthday", channel="greeting", mode="grid", anchor="people.birthday", lead="3 days", minutes=5),
            CadenceRule(id="letter", channel="letter", every="1 month", mode="quota", times=2, role="secretary"),
        ],
        triggers=[
            Trigger(id="answer", event=criterion("direction == 'incoming'"), channel="message", within="1 day", grace="1 day")
        ],
    )


@cache
def one_length() -> Policy:
    """Contacts of one length with room to move."""
    call = CadenceRule(id="call", channel="call", every="1 week", lead="1 day", grace="2 days", minutes=30)
    return Policy(id="calls", version="1", effective_from=FIRST, cadence=[call, attrs.evolve(call, id="key", priority=2)])


CAPPED: Final = PermissionRules(caps=[Cap(limit=2, per="week")], gaps=[Gap(minimum="2 days")], service=["order"])
DAYS: Final = st.dates(date(2024, 1, 1), date(2027, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2026, 1, 31), date(2026, 12, 31), date(2026, 4, 5)]
)
HISTORY: Final = st.tuples(
    st.sampled_from([*STAFF, None]),
    st.sampled_from(CITIES),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["call", "visit", "letter", "message"])), max_size=3),
    st.none() | st.integers(0, 40),
    st.sampled_from([None, None, "call", "visit"]),
)
"""Owner, city, touchpoints by days before the day that is planned from, birthday by days after it, what is refused."""
BOOKS: Final = st.lists(HISTORY, max_size=8)
ABSENCES: Final = st.lists(
    st.tuples(st.sampled_from(STAFF), st.integers(-3, 25), st.integers(1, 12), st.sampled_from([*STAFF, None])),
    max_size=3,
    unique_by=lambda one: one[0],
)
BOOKINGS: Final = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(0, 27),
        st.sampled_from(STAFF),
        st.sampled_from(["planned", "confirmed", "cancelled"]),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one[0],
)
"""Which contact of the book, on which day, by whom, in which state, and whether it names the obligation."""
CAPACITIES: Final = st.builds(
    Capacity,
    minutes_per_day=st.sampled_from([0, 30, 90, 180, 360]),
    visiting_days=st.sampled_from([(), ("Tue", "Thu")]),
)
OVERLOAD: Final = st.sampled_from(["spill", "stretch", "report"])
WEEKS: Final = st.integers(1, 4)
Histories = list[tuple[str | None, str | None, list[tuple[int, str]], int | None, str | None]]
few = settings(max_examples=20, deadline=None)


def book_of(histories: Histories, as_of: date, away: list[tuple[str, int, int, str | None]] = []) -> Book:  # noqa: B006
    clients: list[Client] = []
    people: list[ContactPerson] = []
    touches: list[Touchpoint] = []
    consents: list[Consent] = []
    for n, (owner, city, events, birthday, refused) in enumerate(histories):
        name = f"c-{n}"
        attributes = {} if city is None else {"city": city}
        clients.append(Client(id=name, name="K", owner_id=owner, attributes=attributes, client_since_on=as_of - timedelta(30)))
        if birthday is not None:
            born = as_of + timedelta(birthday)  # 28 years make whole days of the leap years
            people.append(ContactPerson(id=f"p-{n}", client_id=name, name="P", birthday=born.replace(year=born.year - 28)))
        touches.extend(
            Touchpoint(id=f"t-{n}-{k}", client_id=name, occurred_at=as_of - timedelta(ago), channel=channel, outcome="reached")
            for k, (ago, channel) in enumerate(events)
        )
        if refused is not None:
            consents.append(Consent(id=f"no-{n}", client_id=name, kind="refused", channel=refused, start_on=as_of))
    return Book(
        clients=clients,
        people=people,
        touchpoints=touches,
        consents=consents,
        staff=[Staff(id="kim", name="Kim", role="secretary"), Staff(id="lee", name="Lee"), Staff(id="wu", name="Wu")],
        absences=[
            Absence(
                staff_id=who,
                start_on=as_of + timedelta(start),
                end_on=as_of + timedelta(start + days),
                deputy_id=None if deputy == who else deputy,
            )
            for who, start, days, deputy in away
        ],
    )


def booked(
    book: Book, policy: Policy, as_of: date, bookings: list[tuple[int, int, str, AppointmentState, bool]]
) -> tuple[Book, list[Obligation]]:
    """The book with appointments for what is owed, and what is owed."""
    owed = list(policy.decide(book, as_of=as_of).obligations)
    made = [
        Appointment(
            id=f"a-{place}",
            client_id=owed[place].client_id,
            staff_id=who,
            on=as_of + timedelta(days),
            minutes=20,
            channel=owed[place].channel,
            obligation_key=owed[place].key if is_keeping else None,
            state=state,
        )
        for place, days, who, state, is_keeping in bookings
        if place < len(owed)
    ]
    return attrs.evolve(book, appointments=made), owed


def sunday(as_of: date, weeks: int) -> date:
    return as_of + timedelta(days=7 * weeks - 1)


def entries(agenda: Agenda) -> list[Slot | Unplanned]:
    return [*agenda.slots, *agenda.unplanned]


def moved(agenda: Agenda) -> int:
    return sum(plan.moves for plan in agenda.staff)


class TestAllowedDaysAndTheOptimum:
    """PLN-2: allowed days first, then the optimum.

    Allowed days come first (permission, caps, gaps, calendars, tours, role, in CAD-5 order); then the agenda is optimal for
    equal-length tasks: most weight on time, then fewest moves, ties by id. For different lengths the gap to the bound is
    reported. Later occurrences in the horizon are projected from `due_on`, not from the planned day.
    """

    @few
    @given(BOOKS, ABSENCES, DAYS, WEEKS, CAPACITIES, OVERLOAD)
    def test_nothing_is_planned_on_a_closed_day_or_by_somebody_who_is_away(
        self,
        histories: Histories,
        away: list[tuple[str, int, int, str | None]],
        as_of: date,
        weeks: int,
        capacity: Capacity,
        overload: Overload,
    ) -> None:
        book = book_of(histories, as_of, away)
        agenda = plan_book(house(), book, as_of=as_of, until=sunday(as_of, weeks), capacity=capacity, overload=overload)
        for slot in agenda:
            assert as_of <= slot.on <= agenda.until
            assert slot.earliest_on <= slot.on
            assert Weekdays().is_business_day(slot.on)
            assert not any(absence.covers(slot.on) for absence in book.absences_by_staff.get(slot.staff_id, ()))
            assert capacity.is_day_for(slot.channel, slot.staff_id, slot.on)
        assert all(load.minutes <= load.capacity for load in agenda.loads)
        assert all(plan.weight_on_time <= plan.weight_bound <= plan.weight for plan in agenda.staff)

    @few
    @given(BOOKS, DAYS, WEEKS)
    def test_what_is_planned_before_counts_for_caps_and_gaps(self, histories: Histories, as_of: date, weeks: int) -> None:
        book = book_of(histories, as_of)
        agenda = plan_book(house(CAPPED), book, as_of=as_of, until=sunday(as_of, weeks))
        for client in book.clients:
            done = list(book.touchpoints_by_client.get(client.id, ()))
            for n, slot in enumerate(agenda.for_client(client.id)):
                allowed = ClientPermission(
                    rules=CAPPED,
                    zones=possible_zones(CAPPED, client, book.zone),
                    touchpoints=done,
                    consents=book.consents_by_client.get(client.id, ()),
                ).first_allowed(channel=slot.channel, purpose=None, day=slot.on, person_id=slot.person_id)
                assert allowed.is_allowed
                done.append(Touchpoint(id=f"x-{n}", client_id=client.id, occurred_at=slot.on, channel=slot.channel))

    @few
    @given(st.lists(HISTORY, max_size=3), DAYS, st.sampled_from([30, 60]))
    def test_of_equal_contacts_no_other_plan_has_more_weight_on_time_or_as_much_with_fewer_moves(
        self, histories: Histories, as_of: date, minutes: int
    ) -> None:
        book = book_of([("lee", city, events, None, None) for _, city, events, _, _ in histories], as_of)
        owed = one_length().decide(book, as_of=as_of).obligations
        agenda = plan(owed, as_of=as_of, until=sunday(as_of, 1), capacity=Capacity(minutes_per_day=minutes))
        assert agenda.is_exact
        asked = [one for one in entries(agenda) if isinstance(one, Slot) or not one.is_later]
        days = [load.on for load in agenda.loads]
        best = (0, 0)
        options = [[None, *(day for day in days if one.earliest_on <= day <= one.latest_on)] for one in asked]
        for choice in product(*options):
            used = Counter(day for day in choice if day is not None)
            if all(count * 30 <= minutes for count in used.values()):
                on_time = [(one, day) for one, day in zip(asked, choice, strict=True) if day is not None]
                moves = sum(
                    day != _preferred(one.due_on, option)
                    for (one, day), option in zip(on_time, _of(options, choice), strict=True)
                )
                best = max(best, (sum(one.weight for one, _ in on_time), -moves))
        assert (agenda.weight_on_time, -moved(agenda)) == best

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES)
    def test_later_occurrences_come_from_the_due_day_whatever_is_planned(
        self, histories: Histories, as_of: date, weeks: int, capacity: Capacity
    ) -> None:
        book, until = book_of(histories, as_of), sunday(as_of, weeks)
        later = project(house(), book, as_of=as_of, until=until)
        owed = {one.key: one for one in house().decide(book, as_of=as_of).obligations}
        assert not {one.key for one in later} & set(owed)
        for one in later:
            assert as_of < one.due_on <= until
            key, _, n = one.key.rpartition("/+")
            if key in owed:
                step = Every.parse(one.interval)
                raw = owed[key].due_on + timedelta(days=step.days * int(n))
                assert one.due_on == roll(raw, "following", Weekdays())
        agenda = plan_book(house(), book, as_of=as_of, until=until, capacity=capacity, overload="report")
        planned = {one.key: one.due_on for one in entries(agenda)}
        assert planned == {one.key: one.due_on for one in (*owed.values(), *later)}

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES, OVERLOAD)
    def test_the_order_of_the_book_does_not_matter(
        self, histories: Histories, as_of: date, weeks: int, capacity: Capacity, overload: Overload
    ) -> None:
        book = book_of(histories, as_of)
        turned = attrs.evolve(book, clients=book.clients[::-1], touchpoints=book.touchpoints[::-1], people=book.people[::-1])
        agendas = [
            plan_book(house(), one, as_of=as_of, until=sunday(as_of, weeks), capacity=capacity, overload=overload)
            for one in (book, turned)
        ]
        assert agendas[0] == agendas[1]


def _preferred(due_on: date, options: list[date | None]) -> date:
    """The day nearest to the due day, the later of two equally near."""
    days = [day for day in options if day is not None]
    return min(days, key=lambda day: (abs((day - due_on).days), -day.toordinal()))


def _of(options: list[list[date | None]], choice: tuple[date | None, ...]) -> list[list[date | None]]:
    return [option for option, day in zip(options, choice, strict=True) if day is not None]


class TestNothingIsDropped:
    """PLN-3: nothing is dropped: what does not fit is listed with its reason.

    Overload: spill, stretch all intervals in proportion, report only; declared.
    """

    @few
    @given(BOOKS, ABSENCES, BOOKINGS, DAYS, WEEKS, CAPACITIES, OVERLOAD)
    @example([("lee", None, [], None, None)], [("lee", 0, 12, None)], [], date(2026, 3, 30), 1, Capacity(), "spill")
    def test_every_contact_is_planned_or_listed_with_its_reason(
        self,
        histories: Histories,
        away: list[tuple[str, int, int, str | None]],
        bookings: list[tuple[int, int, str, AppointmentState, bool]],
        as_of: date,
        weeks: int,
        capacity: Capacity,
        overload: Overload,
    ) -> None:
        book, owed = booked(book_of(histories, as_of, away), house(CAPPED), as_of, bookings)
        until = sunday(as_of, weeks)
        agenda = plan_book(house(CAPPED), book, as_of=as_of, until=until, capacity=capacity, overload=overload)
        asked = Counter(one.key for one in (*owed, *project(house(CAPPED), book, as_of=as_of, until=until)))
        assert Counter(one.key for one in entries(agenda) if one.key is not None) == asked
        assert all(one.reasons for one in agenda.unplanned)
        assert all(slot.reasons for slot in agenda if slot.on != slot.due_on)

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES)
    def test_only_a_declared_spill_plans_late_and_only_a_declared_stretch_moves_due_days(
        self, histories: Histories, as_of: date, weeks: int, capacity: Capacity
    ) -> None:
        book, until = book_of(histories, as_of), sunday(as_of, weeks)
        spill, stretch, report = (
            plan_book(house(), book, as_of=as_of, until=until, capacity=capacity, overload=overload)
            for overload in ("spill", "stretch", "report")
        )
        assert not any(slot.is_late for slot in report)
        assert {slot.key for slot in report} <= {slot.key for slot in spill}
        assert spill.weight_on_time == report.weight_on_time
        due = {one.key: one.due_on for one in entries(report)}
        assert all(due[one.key] == one.due_on for one in entries(spill) if one.key is not None)
        for staff in stretch.staff:
            for one in entries(stretch.for_staff(staff.staff_id)):
                is_rolling = one.rule_id in {"call", "visit"}
                days = 0 if one.key is None else (one.due_on - due[one.key]).days
                assert days == 0 if staff.stretch_percent == 100 or not is_rolling else days > 0


class TestReplanning:
    """PLN-4: replanning keeps what was planned unless it must move; confirmed appointments never move."""

    @few
    @given(BOOKS, ABSENCES, BOOKINGS, DAYS, WEEKS, CAPACITIES, OVERLOAD)
    def test_planning_again_changes_nothing(
        self,
        histories: Histories,
        away: list[tuple[str, int, int, str | None]],
        bookings: list[tuple[int, int, str, AppointmentState, bool]],
        as_of: date,
        weeks: int,
        capacity: Capacity,
        overload: Overload,
    ) -> None:
        book, _ = booked(book_of(histories, as_of, away), house(), as_of, bookings)

        def planned(previous: Agenda | None) -> Agenda:
            until = sunday(as_of, weeks)
            return plan_book(house(), book, as_of=as_of, until=until, capacity=capacity, overload=overload, previous=previous)

        before = planned(None)
        after = planned(before)
        assert after.changes(before) == ()
        assert planned(after) == after

    @few
    @given(BOOKS, ABSENCES, BOOKINGS, DAYS, WEEKS, CAPACITIES, OVERLOAD)
    def test_a_confirmed_appointment_stays_whatever_is_in_its_way(
        self,
        histories: Histories,
        away: list[tuple[str, int, int, str | None]],
        bookings: list[tuple[int, int, str, AppointmentState, bool]],
        as_of: date,
        weeks: int,
        capacity: Capacity,
        overload: Overload,
    ) -> None:
        book, _ = booked(book_of(histories, as_of, away), house(CAPPED), as_of, bookings)
        until = sunday(as_of, weeks)
        agenda = plan_book(house(CAPPED), book, as_of=as_of, until=until, capacity=capacity, overload=overload)
        held = {slot.appointment_id: (slot.on, slot.staff_id) for slot in agenda if slot.is_confirmed}
        fixed = {one.id: (one.on, one.staff_id) for one in book.appointments if one.is_fixed and one.on <= until}
        assert held == fixed

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES, HISTORY)
    def test_one_more_client_of_equal_work_moves_nothing_that_has_no_need_to(
        self,
        histories: Histories,
        as_of: date,
        weeks: int,
        capacity: Capacity,
        another: tuple[str | None, str | None, list[tuple[int, str]], int | None, str | None],
    ) -> None:
        until, policy = sunday(as_of, weeks), one_length()
        before = plan_book(policy, book_of(histories, as_of), as_of=as_of, until=until, capacity=capacity)
        more = book_of([*histories, another], as_of)
        again = plan_book(policy, more, as_of=as_of, until=until, capacity=capacity, previous=before)
        fresh = plan_book(policy, more, as_of=as_of, until=until, capacity=capacity)
        assert again.weight_on_time == fresh.weight_on_time
        if not again.unplanned:
            for change in again.changes(before):
                if change.kind != "added" and change.before is not None:
                    load = again.load_by_day[change.before.staff_id, change.before.on]
                    assert load.free < 30

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES, st.sampled_from(STAFF))
    def test_planning_one_anew_leaves_everybody_else_as_they_were(
        self, histories: Histories, as_of: date, weeks: int, capacity: Capacity, who: str
    ) -> None:
        book, until = book_of(histories, as_of), sunday(as_of, weeks)
        before = plan_book(house(), book, as_of=as_of, until=until, capacity=capacity)
        sick = attrs.evolve(book, absences=[Absence(staff_id=who, start_on=as_of, end_on=as_of + timedelta(2))])
        after = plan_book(house(), sick, as_of=as_of, until=until, capacity=capacity, previous=before, staff_ids=[who])
        for other in STAFF:
            if other != who:
                assert after.for_staff(other) == before.for_staff(other)
        assert {slot.key for slot in after} | {one.key for one in after.unplanned} == {slot.key for slot in before} | {
            one.key for one in before.unplanned
        }


class TestTours:
    """PLN-5: visits to the same city gather into tours; key cities are ranked by declared criteria."""

    @few
    @given(BOOKS, DAYS, WEEKS, CAPACITIES)
    def test_gathered_visits_lead_to_one_city_a_day_and_lose_no_contact(
        self, histories: Histories, as_of: date, weeks: int, capacity: Capacity
    ) -> None:
        book, until = book_of(histories, as_of), sunday(as_of, weeks)
        tours = Tours(home_cities=["서울"])
        agenda = plan_book(house(), book, as_of=as_of, until=until, capacity=capacity, tours=tours, overload="report")
        city_of = {client.id: client.attributes.get("city") for client in book.clients}
        by_day: dict[tuple[date, str], set[object]] = {}
        for slot in agenda:
            if any(reason.code == "plan.tour" for reason in slot.reasons):
                by_day.setdefault((slot.on, slot.staff_id), set()).add(city_of[slot.client_id])
        assert all(len(cities) == 1 for cities in by_day.values())
        assert "서울" not in {city for cities in by_day.values() for city in cities}
        plain = plan_book(house(), book, as_of=as_of, until=until, capacity=capacity, overload="report")
        assert {one.key for one in entries(agenda)} == {one.key for one in entries(plain)}

    @few
    @given(st.integers(2, 4), DAYS)
    def test_visits_that_share_a_day_share_a_journey(self, count: int, as_of: date) -> None:
        histories: Histories = [("lee", "Busan", [(10 + n, "visit")], None, None) for n in range(count)]
        book = book_of(histories, as_of)
        capacity = Capacity(minutes_per_day=600)
        agenda = plan_book(house(), book, as_of=as_of, until=sunday(as_of, 2), capacity=capacity, tours=Tours())
        (first, *_) = tours_of(agenda, {client.id: "Busan" for client in book.clients})
        assert {slot.client_id for slot in first.slots} == {client.id for client in book.clients}

    @given(
        st.dictionaries(
            st.sampled_from(["industry_base", "competition", "existing_clients", "geography"]),
            st.tuples(
                st.integers(-5, 5).filter(bool), st.dictionaries(st.sampled_from(["Busan", "Daegu", "서울"]), st.integers(0, 9))
            ),
        ),
        st.integers(0, 3),
    )
    def test_cities_are_ranked_by_their_points_and_then_by_name(
        self, declared: dict[str, tuple[int, dict[str, int]]], most: int
    ) -> None:
        criteria = [CityCriterion(id=name, weight=weight, points=points) for name, (weight, points) in declared.items()]
        ranked = key_cities(criteria, most=most)
        assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
        assert list(ranked) == sorted(ranked, key=lambda one: (-one.score, one.city))
        assert [one.is_key for one in ranked] == [one.rank <= most for one in ranked]
        for one in ranked:
            assert one.score == sum(weight * points.get(one.city, 0) for weight, points in declared.values())
            assert ranked == key_cities(criteria[::-1], most=most) or one.by_criterion


class TestHandingOver:
    """PLN-6: delegation is for a time and reverts; transfer is for good.

    With history, a hand-over note, and no false lateness on day one.
    """

    @few
    @given(BOOKS, ABSENCES, DAYS, WEEKS, CAPACITIES)
    def test_a_deputy_works_on_the_days_of_the_absence_alone(
        self, histories: Histories, away: list[tuple[str, int, int, str | None]], as_of: date, weeks: int, capacity: Capacity
    ) -> None:
        book, until = book_of(histories, as_of, away), sunday(as_of, weeks)
        agenda = plan_book(house(), book, as_of=as_of, until=until, capacity=capacity)
        whose = {client.id: client.owner_id for client in book.clients}
        for slot in agenda:
            owner = "kim" if slot.rule_id == "letter" else whose[slot.client_id]
            if slot.staff_id != owner:
                assert owner is not None
                assert any(absence.covers(slot.on) for absence in book.absences_by_staff[owner])
                assert any(reason.code == "plan.deputy" for reason in slot.reasons)

    @few
    @given(st.lists(HISTORY, min_size=1, max_size=4), DAYS)
    def test_a_transfer_keeps_the_history_and_blames_nobody_on_day_one(self, histories: Histories, as_of: date) -> None:
        book = book_of(histories, as_of)
        client_ids = [client.id for client in book.clients]
        after = transfer(book, client_ids, "new", on=as_of)
        day_before = as_of - timedelta(1)
        for client_id in client_ids:
            assert after.owner_on(client_id, as_of) == "new"
            assert after.owner_on(client_id, as_of + timedelta(900)) == "new"
            assert after.owner_on(client_id, day_before) == book.owner_on(client_id, day_before)
        assert after.touchpoints == book.touchpoints
        owed = house().decide(after, as_of=as_of).obligations
        assert all(one.owner_id == "new" for one in owed)
        settled = relieved(owed, after)
        assert not any(one.attributed_to == "owner" for one in settled)
        assert [one.due_on for one in settled] == [one.due_on for one in owed]
        later = house().decide(after, as_of=as_of + timedelta(14)).obligations
        assert relieved(later, after) == later
        agenda = plan(owed, as_of=as_of, until=sunday(as_of, 1))
        late = {one.key for one in owed if one.latest_on < as_of}
        assert not any(slot.is_late for slot in agenda if slot.key in late)
        note = handover_note(book, owed, client_ids[0], "new", on=as_of)
        assert note.from_id == book.owner_on(client_ids[0], as_of)
        assert {one.key for one in note.owed} == {one.key for one in owed if one.client_id == client_ids[0]}
        assert all(one.due_on < as_of for one in note.late)


def test_the_house_asks_for_enough_to_be_worth_planning() -> None:
    histories: Histories = [(STAFF[n % 3], CITIES[n % 4], [(9, "call")], 5, None) for n in range(8)]
    as_of = date(2026, 3, 30)
    agenda = plan_book(house(), book_of(histories, as_of), as_of=as_of, until=sunday(as_of, 4))
    assert len(agenda) > 20
    assert {slot.rule_id for slot in agenda} == {"call", "visit", "birthday", "letter"}
    assert any(isinstance(slot, Slot) and slot.is_projected for slot in agenda)
