from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.calendars import SetCalendar
from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.model import Absence, Appointment, Book, Client, Consent, Obligation, Reason, Touchpoint
from relcare.permission import Cap, PermissionRules
from relcare.planning import (
    Agenda,
    Capacity,
    DayLoad,
    Slot,
    StaffPlan,
    Tours,
    Unplanned,
    Weights,
    appointment_of,
    plan,
    plan_book,
    project,
    tours_of,
)

FRIDAY_BEFORE = date(2026, 3, 27)
MONDAY = date(2026, 3, 30)
FRIDAY = date(2026, 4, 3)
NEXT_FRIDAY = date(2026, 4, 10)
ONE_AT_A_TIME = Capacity(minutes_per_day=30)
ROLLING = Reason("cadence.last_contact", {}, {"touchpoint": "t", "channel": "call", "interval": "1 week", "on": MONDAY})


def day(n: int) -> date:
    return date(2026, 4, n) if n < 30 else date(2026, 3, n)


def owed(name: str, due: int, **given: Any) -> Obligation:
    """A call of 30 minutes that is due on a day of April, or on 30 or 31 March."""
    due_on = day(due)
    days: dict[str, Any] = {"earliest_on": due_on, "latest_on": due_on, "overdue_days": max(0, (MONDAY - due_on).days)}
    base = Obligation(
        key=f"{name}/call/first",
        client_id=name,
        rule_id="call",
        rule_ids=("call",),
        owner_id="lee",
        staff_id="lee",
        attributed_to=None,
        channel="call",
        role="account manager",
        minutes=30,
        state="upcoming",
        never_contacted=False,
        last_contact_on=None,
        interval="1 week",
        interval_days=Decimal(7),
        due_on=due_on,
        policy_id="house",
        policy_version="1",
        as_of=MONDAY,
        reasons=(ROLLING,),
        **days,
    )
    return attrs.evolve(base, **given)


def planned(*obligations: Obligation, **given: Any) -> Agenda:
    settings: dict[str, Any] = {"as_of": MONDAY, "until": FRIDAY, "capacity": ONE_AT_A_TIME, **given}
    return plan(obligations, **settings)


def days(agenda: Agenda) -> dict[str, date]:
    return {slot.client_id: slot.on for slot in agenda}


def codes(entry: Slot | Unplanned) -> list[str]:
    return [reason.code for reason in entry.reasons]


# ------------------------------------------------------------------------------------------------------------ allowed days


def test_a_contact_is_planned_for_its_due_day_and_needs_no_reason() -> None:
    (slot,) = planned(owed("kim", 1))
    assert (slot.on, slot.staff_id, slot.reasons, slot.moved_days, slot.is_late) == (day(1), "lee", (), 0, False)


def test_a_full_day_sends_the_lighter_contact_to_the_nearest_day_with_the_reason() -> None:
    room = {"earliest_on": day(31), "latest_on": day(3)}
    agenda = planned(owed("a", 1, **room), owed("b", 1, priority=2, **room))
    assert days(agenda) == {"b": day(1), "a": day(2)}
    assert codes(agenda.for_client("a")[0]) == ["plan.full"]


def test_what_is_due_on_a_closed_day_goes_to_the_nearest_open_one() -> None:
    closed = SetCalendar(name="house", holidays=[day(1)])
    agenda = planned(owed("a", 1, earliest_on=day(31), latest_on=day(3)), calendar=closed)
    assert days(agenda) == {"a": day(2)}
    assert codes(agenda.slots[0]) == ["plan.closed_day"]


def test_what_has_no_open_day_on_time_is_late_when_it_spills_and_listed_when_it_does_not() -> None:
    closed = SetCalendar(name="house", holidays=[day(1)])
    spilled = planned(owed("a", 1), calendar=closed)
    assert (days(spilled), codes(spilled.slots[0])) == ({"a": day(2)}, ["plan.closed_day", "plan.late"])
    (left,) = planned(owed("a", 1), calendar=closed, overload="report").unplanned
    assert codes(left) == ["plan.no_day", "plan.closed_day"]


def test_visits_keep_to_visiting_days() -> None:
    capacity = Capacity(visiting_days=["Tue"], visiting_days_by_staff={"wu": ["Thu"]})
    room = {"channel": "visit", "earliest_on": MONDAY, "latest_on": FRIDAY}
    agenda = planned(owed("a", 1, **room), owed("b", 1, staff_id="wu", **room), owed("c", 1), capacity=capacity)
    assert days(agenda) == {"a": day(31), "b": day(2), "c": day(1)}
    assert codes(agenda.for_client("a")[0]) == ["plan.not_visiting"]


def test_a_deferred_contact_waits_for_the_next_allowed_time() -> None:
    opens = datetime(2026, 4, 2, 6, tzinfo=UTC)
    waiting = owed("a", 31, state="deferred", latest_on=FRIDAY, next_allowed_at=opens)
    assert days(planned(waiting)) == {"a": day(2)}
    (left,) = planned(attrs.evolve(waiting, next_allowed_at=None)).unplanned
    assert codes(left) == ["plan.no_day"]


def test_what_is_due_after_the_horizon_is_listed_and_nothing_is_wrong_with_it() -> None:
    (left,) = planned(owed("a", 6, earliest_on=day(1))).unplanned
    assert (codes(left), left.is_later) == (["plan.later"], True)


def test_what_nobody_is_there_for_is_listed() -> None:
    (left,) = planned(owed("a", 1, staff_id=None, owner_id=None)).unplanned
    assert (left.staff_id, codes(left), left.is_later) == (None, ["plan.nobody"], False)


def test_what_takes_longer_than_any_day_is_listed() -> None:
    (left,) = planned(owed("a", 1, minutes=31)).unplanned
    assert codes(left) == ["plan.too_long"]


def test_a_contact_without_a_length_takes_that_of_the_capacity() -> None:
    (slot,) = planned(owed("a", 1, minutes=0), capacity=Capacity(contact_minutes=25))
    assert slot.minutes == 25


# --------------------------------------------------------------------------------------------------------- late and weights


def test_what_is_overdue_goes_first_and_is_on_time_while_it_is_caught_up() -> None:
    late = owed("late", 30, due_on=date(2026, 3, 20), earliest_on=date(2026, 3, 20), latest_on=date(2026, 3, 20), overdue_days=10)
    agenda = planned(late, owed("today", 30))
    assert days(agenda) == {"late": day(31), "today": MONDAY}
    caught_up = agenda.for_client("late")[0]
    assert (caught_up.is_late, caught_up.latest_on, codes(caught_up)) == (False, day(5), ["plan.overdue"])
    assert days(planned(late, owed("today", 30), catch_up_days=1)) == {"late": MONDAY, "today": day(31)}


def test_in_grace_its_due_day_has_passed_and_it_is_done_today() -> None:
    (slot,) = planned(owed("a", 30, due_on=date(2026, 3, 27), latest_on=day(1), overdue_days=3))
    assert (slot.on, slot.is_late, codes(slot)) == (MONDAY, False, ["plan.grace"])


@pytest.mark.parametrize(
    ("due", "latest", "priority", "weight"),
    [
        (day(1), day(1), 0, 1),
        (day(1), day(1), 4, 5),
        (day(1), day(1), -9, 1),
        (MONDAY, MONDAY, 0, 1),
        (date(2026, 3, 29), MONDAY, 0, 2),
        (date(2026, 3, 29), date(2026, 3, 29), 0, 4),
        (date(2026, 3, 29), date(2026, 3, 29), 2, 12),
    ],
)
def test_weights_grow_with_the_priority_and_with_being_late(due: date, latest: date, priority: int, weight: int) -> None:
    assert Weights().of(owed("a", 1, due_on=due, latest_on=latest, priority=priority)) == weight


def test_of_equal_weight_the_shorter_interval_goes_first() -> None:
    weekly = owed("weekly", 1)
    monthly = owed("a-monthly", 1, interval="1 month", interval_days=Decimal(30))
    late = [
        attrs.evolve(one, due_on=FRIDAY_BEFORE, earliest_on=FRIDAY_BEFORE, latest_on=day(1), overdue_days=3)
        for one in (monthly, weekly)
    ]
    assert days(planned(*late, overload="report"))["weekly"] == MONDAY


# ------------------------------------------------------------------------------------------------------------------ overload


def test_too_much_spills_to_the_first_day_with_room_stretches_or_is_reported() -> None:
    asked = [owed(name, 31) for name in "abc"]
    spill = planned(*asked)
    assert days(spill) == {"a": day(31), "b": day(1), "c": day(2)}
    assert [codes(slot) for slot in spill] == [[], ["plan.full", "plan.late"], ["plan.full", "plan.late"]]
    report = planned(*asked, overload="report")
    assert days(report) == {"a": day(31)}
    assert [codes(one) for one in report.unplanned] == [["plan.no_room"], ["plan.no_room"]]
    assert (spill.staff[0].weight, spill.weight_on_time, report.weight_on_time) == (3, 1, 1)


def test_stretching_multiplies_the_intervals_as_little_as_it_can() -> None:
    month = {"interval": "1 month", "interval_days": Decimal("30.4375")}
    asked = [owed("a", 31), owed("b", 1), owed("c", 2), owed("d", 2, **month), owed("e", 3), owed("f", 3)]
    agenda = planned(*asked, overload="stretch")
    (staff,) = agenda.staff
    # 180 minutes for 150: at 105 % a week is a day longer and a month two days, so that d, e and f leave the horizon.
    assert (staff.stretch_percent, staff.minutes) == (105, 90)
    assert {slot.client_id: slot.due_on for slot in agenda} == {"a": day(1), "b": day(2), "c": day(3)}
    assert {one.client_id: one.due_on for one in agenda.unplanned} == {"d": day(4), "e": day(4), "f": day(4)}
    assert codes(agenda.slots[0]) == ["plan.stretched"]
    assert {tuple(codes(one)) for one in agenda.unplanned} == {("plan.later", "plan.stretched")}


def test_a_full_day_is_no_reason_to_stretch_while_the_horizon_has_room() -> None:
    agenda = planned(*(owed(name, 31) for name in "abc"), overload="stretch")
    assert (agenda.staff[0].stretch_percent, sum(slot.is_late for slot in agenda)) == (100, 2)


def test_a_birthday_is_never_stretched() -> None:
    dates = [
        owed(name, 31, reasons=(Reason("cadence.occurrence", {}, {"anchor": "x", "occurrence": "1", "on": MONDAY}),))
        for name in "ab"
    ]
    agenda = planned(*dates, overload="stretch", capacity=Capacity(minutes_per_day=10))
    assert {one.due_on for one in agenda.unplanned} == {day(31)}
    assert agenda.staff[0].stretch_percent == 1_000


# ---------------------------------------------------------------------------------------------------------------- replanning


def booking(key: str | None, on: date, **given: Any) -> Appointment:
    name = (key or "x").partition("/")[0]
    return Appointment(
        id=f"a-{name}", client_id=name, staff_id="lee", on=on, minutes=30, channel="call", obligation_key=key, **given
    )


def test_a_confirmed_appointment_keeps_its_obligation_and_its_day() -> None:
    fixed = booking("a/call/first", day(2), state="confirmed")
    agenda = planned(owed("a", 1), owed("b", 2), appointments=[fixed])
    assert days(agenda) == {"a": day(2), "b": day(3)}
    (slot,) = agenda.for_client("a")
    assert (slot.is_confirmed, slot.appointment_id, codes(slot)) == (True, "a-a", ["plan.confirmed"])


def test_a_confirmed_appointment_in_an_absence_stays_and_says_so() -> None:
    fixed = booking("a/call/first", day(1), state="confirmed")
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(2))
    agenda = planned(owed("a", 1), appointments=[fixed], absences=[away])
    assert (days(agenda), codes(agenda.slots[0])) == ({"a": day(1)}, ["plan.confirmed", "plan.away"])
    assert agenda.load_by_day["lee", day(1)] == DayLoad(
        staff_id="lee", on=day(1), minutes=30, capacity=0, contacts=1, is_away=True
    )


def test_an_appointment_that_nothing_asked_for_takes_its_time() -> None:
    agenda = planned(owed("a", 1, latest_on=day(2)), appointments=[booking(None, day(1))])
    assert {(slot.client_id, slot.on, slot.key is None) for slot in agenda} == {("x", day(1), True), ("a", day(2), False)}
    assert (agenda.staff[0].weight, agenda.staff[0].moves) == (1, 1)


@pytest.mark.parametrize("state", ["cancelled", "planned"])
def test_a_planned_appointment_stays_while_it_may_and_a_cancelled_one_is_nothing(state: Any) -> None:
    room = {"earliest_on": MONDAY, "latest_on": FRIDAY}
    agenda = planned(owed("a", 1, **room), appointments=[booking("a/call/first", day(2), state=state)])
    assert days(agenda) == {"a": day(2) if state == "planned" else day(1)}


def test_an_appointment_that_must_move_keeps_its_name_and_loses_its_hour() -> None:
    at = datetime(2026, 4, 1, 9, tzinfo=UTC)
    made = booking("a/call/first", day(1), starts_at=at)
    room = {"earliest_on": MONDAY, "latest_on": FRIDAY}
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(2))
    (stays,) = planned(owed("a", 1, **room), appointments=[made])
    (moves,) = planned(owed("a", 1, **room), appointments=[made], absences=[away])
    assert (stays.on, stays.starts_at) == (day(1), at)
    assert (moves.on, moves.starts_at, moves.appointment_id) == (day(2), None, "a-a")
    assert codes(moves) == ["plan.replanned", "plan.away", "plan.away"]
    changed = appointment_of(moves, made)
    assert (changed.on, changed.sequence, changed.id) == (day(2), 1, "a-a")
    assert appointment_of(stays, made) is made


def test_an_appointment_made_from_a_slot_has_the_same_name_each_time() -> None:
    (slot,) = planned(owed("김", 1))
    first, second = appointment_of(slot), appointment_of(attrs.evolve(slot, on=day(2)))
    assert (first.id, first.obligation_key, first.on) == (second.id, slot.key, day(1))
    with pytest.raises(InvalidValueError, match="must be the one of the slot"):
        appointment_of(slot, booking(None, day(1)))


def test_what_was_planned_stays_where_it_was_though_another_day_were_better_now() -> None:
    room = {"earliest_on": MONDAY, "latest_on": FRIDAY}
    before = planned(owed("a", 1, **room), owed("b", 1, priority=1, **room))
    after = planned(owed("a", 1, **room), previous=before)
    assert (days(before)["a"], days(after)["a"]) == (day(2), day(2))
    assert codes(after.slots[0]) == ["plan.kept"]
    assert [(change.kind, change.client_id) for change in after.changes(before)] == [("removed", "b")]


def test_a_new_contact_moves_what_was_planned_only_when_that_saves_weight() -> None:
    flexible, rigid = owed("a", 1, earliest_on=MONDAY, latest_on=FRIDAY), owed("b", 1)
    before = planned(flexible)
    after = planned(flexible, rigid, previous=before)
    assert days(after) == {"b": day(1), "a": day(2)}
    moved, added = sorted(after.changes(before), key=lambda change: change.client_id)
    assert (moved.kind, moved.before and moved.before.on, moved.after and moved.after.on) == ("moved", day(1), day(2))
    assert [reason.code for reason in moved.reasons] == ["plan.replanned", "plan.full"]
    assert added.kind == "added"


def test_the_next_contact_keeps_the_day_that_was_foreseen_for_it() -> None:
    foreseen = owed("a", 1, key="a/call/first/+1", earliest_on=MONDAY, latest_on=FRIDAY)
    before = planned(projected=[foreseen], appointments=[booking(None, day(1))])
    assert days(before)["a"] == day(2)
    after = planned(attrs.evolve(foreseen, key="a/call/t-9"), previous=before)
    assert days(after) == {"a": day(2)}


def test_planning_one_anew_takes_over_everybody_else() -> None:
    asked = [owed("a", 1), owed("b", 1, staff_id="wu"), owed("c", 1, staff_id="wu")]
    before = planned(*asked)
    after = planned(owed("a", 2), *asked[1:], previous=before, staff_ids=["lee"])
    assert after.for_staff("wu") == before.for_staff("wu")
    assert days(after.for_staff("lee")) == {"a": day(2)}
    with pytest.raises(InvalidValueError, match="previous is None"):
        planned(*asked, staff_ids=["lee"])


def test_what_a_deputy_has_stays_with_them_when_only_the_absent_one_is_planned_anew() -> None:
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(2), deputy_id="wu")
    before = planned(owed("a", 1), owed("b", 2), absences=[away])
    back = planned(owed("a", 1), owed("b", 2), previous=before, staff_ids=["lee"])
    assert [(slot.client_id, slot.staff_id) for slot in back] == [("a", "wu"), ("b", "lee")]
    both = planned(owed("a", 1), owed("b", 2), previous=before, staff_ids=["lee", "wu"])
    assert {slot.client_id: slot.staff_id for slot in both} == {"a": "lee", "b": "lee"}
    assert [change.kind for change in both.changes(before)] == ["handed_over"]


def test_work_that_is_given_to_somebody_who_stays_is_added_to_their_day() -> None:
    room = {"earliest_on": day(1), "latest_on": day(2)}
    before = planned(owed("a", 1, **room), owed("b", 2, staff_id="wu"))
    away = Absence(staff_id="lee", start_on=MONDAY, end_on=FRIDAY, deputy_id="wu")
    after = planned(owed("a", 1, **room), owed("b", 2, staff_id="wu"), absences=[away], previous=before, staff_ids=["lee"])
    assert {slot.client_id: (slot.staff_id, slot.on) for slot in after} == {"a": ("wu", day(1)), "b": ("wu", day(2))}
    assert after.load_by_day["wu", day(1)].minutes == 30
    (wu,) = after.for_staff("wu").staff
    assert (wu.weight, wu.weight_on_time, wu.is_exact) == (2, 2, False)


# ---------------------------------------------------------------------------------------------------------------- who is away


def test_a_deputy_works_in_the_absence_and_the_work_comes_back_after_it() -> None:
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(3), deputy_id="wu")
    delegated = Reason("role.deputy", {}, {"absent": "lee", "deputy": "wu"})
    back = owed("later", 3, staff_id="wu", reasons=(ROLLING, delegated))
    agenda = planned(owed("a", 1), back, absences=[away])
    assert {slot.client_id: slot.staff_id for slot in agenda} == {"a": "wu", "later": "lee"}
    assert codes(agenda.for_client("a")[0]) == ["plan.deputy"]


def test_what_the_deputy_has_no_time_for_waits_for_who_comes_back() -> None:
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(3), deputy_id="wu")
    agenda = planned(
        owed("a", 1, latest_on=FRIDAY),
        owed("b", 1, staff_id="wu", priority=5),
        absences=[away],
        capacity=Capacity(by_staff={"wu": 15}, minutes_per_day=30),
    )
    assert [(slot.client_id, slot.staff_id, slot.on) for slot in agenda] == [("a", "lee", FRIDAY)]


def test_without_a_deputy_the_work_goes_to_other_days() -> None:
    away = Absence(staff_id="lee", start_on=day(1), end_on=day(2))
    (slot,) = planned(owed("a", 1, latest_on=FRIDAY), absences=[away])
    assert (slot.on, slot.staff_id, codes(slot)) == (day(2), "lee", ["plan.away"])


def test_deputies_pass_work_on_and_a_circle_of_absences_leaves_nobody() -> None:
    lee = Absence(staff_id="lee", start_on=MONDAY, deputy_id="wu")
    wu = Absence(staff_id="wu", start_on=MONDAY, deputy_id="kim")
    assert planned(owed("a", 1), absences=[lee, wu]).slots[0].staff_id == "kim"
    (left,) = planned(owed("a", 1), absences=[lee, attrs.evolve(wu, deputy_id="lee")]).unplanned
    assert codes(left) == ["plan.no_day", "plan.away"]


# ---------------------------------------------------------------------------------------------------------------------- tours


def visits(*dues: int) -> list[Obligation]:
    room = {"channel": "visit", "earliest_on": MONDAY, "latest_on": NEXT_FRIDAY}
    return [owed(f"c-{n}", due, **room) for n, due in enumerate(dues)]


def test_visits_to_one_city_gather_on_the_day_that_suits_them_best() -> None:
    cities = {"c-0": "Busan", "c-1": "Busan", "c-2": "Daegu", "c-3": "Busan"}
    settings: dict[str, Any] = {"until": NEXT_FRIDAY, "capacity": Capacity(), "city_by_client": cities}
    plain = planned(*visits(30, 1, 1, 3), **settings)
    assert len({slot.on for slot in plain}) == 3
    toured = planned(*visits(30, 1, 1, 3), **settings, tours=Tours(travel_minutes={"Busan": 240}))
    (tour,) = tours_of(toured, cities)
    assert (tour.city, {slot.client_id for slot in tour.slots}, {slot.on for slot in tour.slots}) == (
        "Busan",
        {"c-0", "c-1", "c-3"},
        {day(1)},
    )
    assert codes(tour.slots[0]) == ["plan.tour"]
    assert days(toured)["c-2"] != day(1)


def test_home_is_no_journey_and_a_single_visit_no_tour() -> None:
    cities = {"c-0": "Seoul", "c-1": "Seoul", "c-2": "Busan"}
    settings: dict[str, Any] = {"until": NEXT_FRIDAY, "capacity": Capacity(), "city_by_client": cities}
    agenda = planned(*visits(30, 1, 2), **settings, tours=Tours(home_cities=["Seoul"]))
    assert (days(agenda), tours_of(agenda, cities, tours=Tours(home_cities=["Seoul"]))) == (
        {"c-0": MONDAY, "c-1": day(1), "c-2": day(2)},
        (),
    )


def test_a_confirmed_visit_draws_the_others_to_its_day() -> None:
    fixed = attrs.evolve(booking("c-0/call/first", day(8), state="confirmed"), channel="visit")
    agenda = planned(
        *visits(30, 1),
        until=NEXT_FRIDAY,
        capacity=Capacity(),
        appointments=[fixed],
        tours=Tours(),
        city_by_client={"c-0": "Busan", "c-1": "Busan"},
    )
    assert days(agenda) == {"c-0": day(8), "c-1": day(8)}


# ---------------------------------------------------------------------------------------------------------------- whole books


def house(**given: Any) -> Policy:
    call = CadenceRule(id="call", channel="call", every="1 week", minutes=30)
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[call], **given)


BOOK = Book(
    clients=[Client(id="c", name="Kim", owner_id="lee")],
    touchpoints=[Touchpoint(id="t-1", client_id="c", occurred_at=date(2026, 3, 26), channel="call", outcome="reached")],
)


def test_later_occurrences_follow_the_due_day_though_the_first_is_planned_elsewhere() -> None:
    away = attrs.evolve(BOOK, absences=[Absence(staff_id="lee", start_on=day(2), end_on=day(3))])
    agenda = plan_book(house(), away, as_of=MONDAY, until=date(2026, 4, 20))
    assert [(slot.key, slot.due_on, slot.on) for slot in agenda] == [
        ("c/call/t-1", day(2), day(3)),
        ("c/call/t-1/+1", day(9), day(9)),
        ("c/call/t-1/+2", day(16), day(16)),
    ]
    assert [slot.is_projected for slot in agenda] == [False, True, True]


def test_late_ones_do_not_stack_in_what_is_foreseen() -> None:
    foreseen = project(house(), BOOK, as_of=date(2026, 4, 20), until=date(2026, 5, 1))
    assert [(one.key, one.due_on) for one in foreseen] == [
        ("c/call/t-1/+3", date(2026, 4, 23)),
        ("c/call/t-1/+4", date(2026, 4, 30)),
    ]


def test_nothing_is_foreseen_after_the_policy_ends() -> None:
    ends = house(effective_until=day(16))
    assert [one.due_on for one in project(ends, BOOK, as_of=MONDAY, until=date(2026, 5, 1))] == [day(9)]


def test_quotas_and_grids_come_with_the_keys_that_they_will_have() -> None:
    rules = [
        CadenceRule(id="news", channel="mail", every="1 month", mode="quota"),
        CadenceRule(id="year", channel="call", every="1 month", mode="grid", anchor="2026-01-15"),
    ]
    policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=rules)
    foreseen = project(policy, BOOK, as_of=MONDAY, until=date(2026, 5, 20))
    assert [(one.key, one.due_on) for one in foreseen] == [
        ("c/news/2026-04-01.1", day(29) + timedelta(1)),
        ("c/year/4", date(2026, 5, 15)),
    ]
    assert "c/year/3" in {one.key for one in policy.decide(BOOK, as_of=MONDAY).obligations}
    assert foreseen[0].key in {one.key for one in policy.decide(BOOK, as_of=day(5)).obligations}


def test_a_refused_channel_is_never_planned() -> None:
    refused = Consent(id="no", client_id="c", kind="refused", channel="call", start_on=date(2026, 1, 1))
    agenda = plan_book(house(), attrs.evolve(BOOK, consents=[refused]), as_of=MONDAY, until=NEXT_FRIDAY)
    assert len(agenda) == 0
    assert all(codes(one)[:2] == ["plan.no_day", "plan.not_permitted"] for one in agenda.unplanned)


def test_a_cap_counts_what_is_planned_before() -> None:
    two = [CadenceRule(id=name, channel=name, every="1 week", minutes=30) for name in ("call", "mail")]
    policy = Policy(
        id="house",
        version="1",
        effective_from=date(2026, 3, 26),
        cadence=two,
        permission=PermissionRules(caps=[Cap(limit=1, per="week")]),
    )
    book = Book(clients=[Client(id="c", name="Kim", owner_id="lee")])
    agenda = plan_book(policy, book, as_of=MONDAY, until=NEXT_FRIDAY)
    weeks = [slot.on.isocalendar().week for slot in agenda]
    assert len(weeks) == len(set(weeks)) == 2
    assert any("plan.not_permitted" in codes(slot) for slot in agenda) or any(
        "plan.not_permitted" in codes(left) for left in agenda.unplanned
    )


# ------------------------------------------------------------------------------------------------------------- values, edges


def test_an_agenda_says_how_full_the_days_are_and_how_good_the_plan_is() -> None:
    agenda = planned(owed("a", 1), owed("b", 1, priority=1), owed("c", 2, minutes=20), overload="report")
    assert not agenda.is_exact
    assert (agenda.weight_on_time, agenda.weight_bound, agenda.gap) == (3, 3, Fraction())
    (staff,) = agenda.staff
    assert (staff.minutes, staff.capacity, staff.weight) == (80, 150, 4)
    load = agenda.load_by_day["lee", day(2)]
    assert (load.ratio, load.free, load.contacts) == (Fraction(2, 3), 10, 1)
    assert [one.on for one in agenda.loads] == [MONDAY, day(31), day(1), day(2), day(3)]
    assert agenda.on(day(2)) == agenda.for_client("c")
    assert (agenda.staff_ids, len(agenda.for_staff("nobody"))) == (("lee",), 0)


def test_a_gap_is_a_share_of_the_bound() -> None:
    given: dict[str, Any] = {"staff_id": "lee", "is_exact": False, "moves": 0, "minutes": 0, "capacity": 0}
    assert StaffPlan(weight=9, weight_on_time=6, weight_bound=8, **given).gap == Fraction(1, 4)
    assert StaffPlan(weight=0, weight_on_time=0, weight_bound=0, **given).gap == 0
    assert DayLoad(staff_id="lee", on=MONDAY, minutes=0, capacity=0).ratio is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"until": date(2026, 3, 29)}, "until is"),
        ({"until": date(2040, 1, 1)}, "until is"),
        ({"overload": "drop"}, "overload is 'drop'"),
        ({"catch_up_days": 0}, "catch_up_days is 0"),
        ({"calendar": "KR"}, "calendar is 'KR': must be a calendar"),
        ({"absences": [1]}, "absences"),
        ({"appointments": [1]}, "appointments"),
        ({"projected": [1]}, "projected"),
    ],
)
def test_what_is_no_such_argument_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        planned(owed("a", 1), **given)
    assert str(caught.value).startswith(message)


def test_an_obligation_of_another_day_or_a_second_one_of_a_key_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must be the first day of the plan"):
        planned(attrs.evolve(owed("a", 1), as_of=day(1)))
    with pytest.raises(InvalidValueError, match="must come once"):
        planned(owed("a", 1), owed("a", 2))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"minutes_per_day": 1_441}, "minutes_per_day"),
        ({"minutes_per_day": True}, "minutes_per_day"),
        ({"contact_minutes": 0}, "contact_minutes"),
        ({"by_staff": {"lee": -1}}, "by_staff.lee"),
        ({"by_staff": ["lee"]}, "by_staff"),
        ({"visiting_days": ["Tuesday"]}, "visiting_days[0]"),
        ({"visiting_days_by_staff": {"lee": ["mon"]}}, "visiting_days_by_staff.lee[0]"),
        ({"visit_channels": [""]}, "visit_channels[0]"),
    ],
)
def test_a_capacity_refuses_what_is_none(given: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Capacity(**given)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: Tours(fewest=1), "fewest"),
        (lambda: Tours(travel_minutes={"Busan": 2_000}), "travel_minutes.Busan"),
        (lambda: Tours(attribute="a b"), "attribute"),
        (lambda: Weights(overdue=0), "overdue"),
    ],
)
def test_declared_figures_are_checked(made: Any, name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        made()
    assert caught.value.name == name


def test_an_agenda_orders_what_it_is_given() -> None:
    agenda = planned(owed("b", 2), owed("a", 1), owed("c", 9))
    assert attrs.evolve(agenda, slots=agenda.slots[::-1], loads=agenda.loads[::-1]) == agenda
    with pytest.raises(InvalidValueError, match=r"slots\[0\]"):
        Agenda(as_of=MONDAY, until=FRIDAY, slots=[1])  # type: ignore[list-item]
