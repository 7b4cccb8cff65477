"""What keeps contacts from being made, over columns; the same books are decided by objects beside."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest

import relcare as rc
from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy
from relcare.demo import demo_book
from relcare.errors import BookDocumentError, UnsupportedPolicyError
from relcare.model import Absence, Birthday, Book, Client, Consent, ContactPerson, Touchpoint
from relcare.permission import Cap, Gap, Hours, HourWindow, PermissionRules, Rotation, Stop
from relcare.policy import criterion

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")
first_day_within = pytest.importorskip("relcare.frames._fatigue").first_day_within

SEOUL: Final = ZoneInfo("Asia/Seoul")
ADA: Final = Client(id="ada", name="Ada", owner_id="lee", client_since_on=date(2025, 1, 1))
DAY: Final = date(2026, 3, 20)  # a Friday
CALL: Final = CadenceRule(id="call", channel="call", every="1 day", counts=criterion("outcome == 'met'"), grace="100 days")
VISIT: Final = attrs.evolve(CALL, id="visit", channel="visit", grace="0 days")


def touch(before: int, channel: str = "call", **parts: Any) -> Touchpoint:
    on = DAY - timedelta(before)
    return Touchpoint(**{"id": f"t{before}-{channel}", "client_id": "ada", "occurred_at": on, "channel": channel, **parts})


def states(
    rules: PermissionRules, touches: Sequence[Touchpoint] = (), *cadence: CadenceRule, as_of: date = DAY, **parts: Any
) -> dict[str, tuple[str, str | None]]:
    """State and whose lateness it is, by rule, as columns say; objects say the same."""
    house = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=cadence or (CALL, VISIT), permission=rules)
    book = Book(**{"clients": [ADA], "touchpoints": touches, "zone": "Asia/Seoul", **parts})
    found = frames.decide(house, frames.frames_of(book), as_of=as_of).obligations.collect().to_dicts()
    wanted = house.decide(book, as_of=as_of).obligations
    names = ("rule_id", "person_id", "state", "attributed_to", "staff_id", "due_on")
    assert sorted(repr([getattr(one, name) for name in names]) for one in wanted) == sorted(
        repr([row[name] for name in names]) for row in found
    )
    return {row["rule_id"]: (row["state"], row["attributed_to"]) for row in found}


OPEN: Final = ("grace", "owner")
CAPPED: Final = ("deferred", "cap")
BARRED: Final = ("deferred", "permission")


def test_a_cap_counts_our_contacts_of_its_period_and_channels() -> None:
    week = PermissionRules(caps=[Cap(limit=2, per="week", channels=["call"])])
    assert states(week, [touch(0), touch(4)])["call"] == CAPPED
    assert states(week, [touch(0), touch(4)])["visit"] == ("overdue", "owner")
    assert states(week, [touch(0), touch(5)])["call"] == OPEN  # the Sunday before
    assert states(week, [touch(0), touch(1, direction="incoming")])["call"] == OPEN
    assert states(week, [touch(0), touch(1, "visit")])["call"] == OPEN
    rolling = PermissionRules(caps=[Cap(limit=2, per="3 days")])
    assert states(rolling, [touch(0, "visit"), touch(2)])["call"] == CAPPED
    assert states(rolling, [touch(0, "visit"), touch(3)])["call"] == OPEN
    assert states(PermissionRules(caps=[Cap(limit=0, per="day")]))["visit"] == CAPPED


def test_what_is_left_out_of_counting_and_what_was_asked_for_is_not_held_to_caps() -> None:
    rules = PermissionRules(caps=[Cap(limit=1, per="month", purposes="advertising")], uncounted=["greeting"], service=["service"])
    for purpose, expected in ((None, CAPPED), ("news", CAPPED), ("service", OPEN), ("greeting", OPEN), ("callback", OPEN)):
        assert states(rules, [touch(3, purpose=purpose)])["call"] == expected
    assert states(rules, [touch(3, "note")])["call"] == OPEN
    purposes = {"callback": OPEN, "service": OPEN, "greeting": CAPPED}
    asked = [attrs.evolve(CALL, id=purpose, purpose=purpose) for purpose in purposes]
    assert states(rules, [touch(3)], *asked) == purposes
    every = PermissionRules(caps=[Cap(limit=1, per="month")], service=["service"])
    assert states(every, [touch(3)], *asked) == {"callback": OPEN, "service": CAPPED, "greeting": CAPPED}


def test_a_gap_is_over_on_the_day_after_so_many_civil_days() -> None:
    gap = PermissionRules(gaps=[Gap(minimum="3 days", channels=["call"])])
    assert states(gap, [touch(2)])["call"] == CAPPED
    assert states(gap, [touch(3)])["call"] == OPEN
    assert states(gap, [touch(2, "visit")])["call"] == OPEN


def test_a_rotation_wants_another_channel_after_so_many_in_a_row() -> None:
    twice = PermissionRules(rotations=[Rotation(most=2, channels=["call"], within="1 month")])
    assert states(twice, [touch(3), touch(9)]) == {"call": CAPPED, "visit": ("overdue", "owner")}
    assert states(twice, [touch(3)])["call"] == OPEN
    assert states(twice, [touch(3), touch(5, "visit"), touch(9)])["call"] == OPEN
    assert states(twice, [touch(0, "visit"), touch(3), touch(9)])["call"] == OPEN
    # A month ends on 20 March for what was on 20 February, 28 days before.
    assert states(twice, [touch(3), touch(27)])["call"] == CAPPED
    assert states(twice, [touch(3), touch(28)])["call"] == OPEN
    for_ever = PermissionRules(rotations=[Rotation(most=2)])
    assert states(for_ever, [touch(3), touch(60)])["call"] == CAPPED


def test_of_a_rotation_mere_days_come_behind_the_instants_of_the_day_and_equal_ones_by_id() -> None:
    twice = PermissionRules(rotations=[Rotation(most=2, channels=["call"])])
    noon = datetime(2026, 3, 18, 12, tzinfo=SEOUL)
    calls = [touch(2, id="b"), touch(2, id="d")]
    assert states(twice, [*calls, touch(2, "visit", occurred_at=noon)])["call"] == CAPPED
    assert states(twice, [*calls, touch(2, "visit", id="a")])["call"] == CAPPED
    assert states(twice, [*calls, touch(2, "visit", id="c")])["call"] == OPEN
    later = [attrs.evolve(one, occurred_at=noon + timedelta(hours=1)) for one in calls]
    assert states(twice, [*later, touch(2, "visit", occurred_at=noon)])["call"] == CAPPED
    assert states(twice, [*later, touch(2, "visit", occurred_at=noon + timedelta(hours=2))])["call"] == OPEN


def test_a_stop_begins_with_every_so_many_refusals_and_a_consent_ends_it() -> None:
    stop = PermissionRules(stops=[Stop(after=2, outcomes=["no"], pause="10 days")])
    no: dict[str, Any] = {"outcome": "no", "direction": "incoming"}
    assert states(stop, [touch(3, **no), touch(9, **no)])["call"] == CAPPED
    assert states(stop, [touch(3, **no)])["call"] == OPEN
    # The third of them begins to count anew; the stop of the second has lasted since then.
    assert states(stop, [touch(3, **no), touch(9, **no), touch(12, **no)])["call"] == CAPPED
    assert states(stop, [touch(3, **no), touch(10, **no), touch(12, **no)])["call"] == OPEN
    assert states(stop, [touch(9, **no), touch(9, **{**no, "id": "other"})])["call"] == CAPPED
    given = Consent(id="g", client_id="ada", kind="given", start_on=DAY - timedelta(3), end_on=DAY - timedelta(2))
    again = [touch(3, **no), touch(9, **no)]
    assert states(stop, again, consents=[given])["call"] == OPEN  # what was said before it is taken back
    same_day = [attrs.evolve(one, id=f"s{n}", occurred_at=given.start_on) for n, one in enumerate(again)]
    assert states(stop, same_day, consents=[given])["call"] == CAPPED
    visits = attrs.evolve(given, channel="visit")
    assert states(stop, again, consents=[visits]) == {"call": CAPPED, "visit": ("overdue", "owner")}


def test_hours_count_where_they_leave_nothing_of_the_day() -> None:
    weekdays = PermissionRules(hours=[Hours(allowed=[HourWindow.parse("Mon-Thu 09:00-18:00")], channels=["call"])])
    assert states(weekdays) == {"call": BARRED, "visit": ("overdue", "owner")}
    assert states(weekdays, as_of=DAY - timedelta(1))["call"] == OPEN
    quiet = PermissionRules(hours=[Hours(quiet=[HourWindow.parse("20:00-09:00")])])
    assert states(quiet)["call"] == OPEN


def test_public_holidays_are_those_of_the_calendar_of_the_policy() -> None:
    windows = [HourWindow.parse("Mon-Fri 09:00-18:00")]
    closed = PermissionRules(hours=[Hours(allowed=windows, holidays="closed")])
    house = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[CALL], permission=closed, calendar="CN")
    book = Book(clients=[ADA], zone="Asia/Seoul")
    for as_of, state in ((date(2026, 2, 17), "deferred"), (date(2026, 2, 26), "grace")):
        (one,) = house.decide(book, as_of=as_of).obligations
        found = frames.decide(house, frames.frames_of(book), as_of=as_of).obligations.collect()["state"].to_list()
        assert found == [one.state] == [state]


def test_refusals_and_hours_go_before_caps_and_caps_before_who_is_away() -> None:
    rules = PermissionRules(caps=[Cap(limit=1, per="day")])
    away = Absence(staff_id="lee", start_on=date(2026, 3, 1))
    refusal = Consent(id="r", client_id="ada", kind="refused", channel="call", start_on=DAY)
    assert states(rules, absences=[away])["call"] == ("grace", "owner_absent")
    assert states(rules, [touch(0)], absences=[away]) == {"call": CAPPED, "visit": CAPPED}
    assert states(rules, [touch(0)], absences=[away], consents=[refusal])["call"] == BARRED


def test_days_are_those_where_the_client_is() -> None:
    # Eleven at night of the 18th in New York is past noon of the 19th in Seoul.
    late = touch(1, occurred_at=datetime(2026, 3, 19, 12, tzinfo=SEOUL))
    there = attrs.evolve(ADA, zone="America/New_York")
    gap = PermissionRules(gaps=[Gap(minimum="2 days")])
    assert states(gap, [late])["call"] == CAPPED
    assert states(gap, [late], clients=[there])["call"] == OPEN
    named = attrs.evolve(gap, zones=["America/New_York"])
    assert states(named, [late])["call"] == OPEN
    assert states(named, [late], clients=[attrs.evolve(ADA, zone="Asia/Seoul")])["call"] == CAPPED
    # What is tomorrow in Seoul may be today there.
    tomorrow = touch(-1, occurred_at=datetime(2026, 3, 21, 1, tzinfo=SEOUL))
    assert states(gap, [tomorrow], clients=[there])["call"] == CAPPED
    assert states(gap, [tomorrow])["call"] == OPEN


def test_a_zone_that_there_is_not_and_a_day_that_a_zone_left_out_are_told() -> None:
    rules = PermissionRules(caps=[Cap(limit=1, per="day")])
    house = Policy(id="house", version="1", effective_from=date(2011, 1, 1), cadence=[CALL], permission=rules)
    names = ("client_id", "channel", "outcome", "direction", "purpose")
    touches = pl.DataFrame(schema={"occurred_at": pl.Date, **dict.fromkeys(names, pl.String)})
    clients = pl.DataFrame({"id": ["ada"], "owner_id": ["lee"], "zone": ["Mars/Olympus"]})
    given = frames.Frames(clients=clients, touchpoints=touches)
    with pytest.raises(BookDocumentError, match="clients: zone: is 'Mars/Olympus'"):
        frames.decide(house, given, as_of=DAY)
    apia = attrs.evolve(given, clients=clients.with_columns(zone=pl.lit("Pacific/Apia")))
    with pytest.raises(UnsupportedPolicyError, match=r"permission: is not decided over columns on 2011-12-30.*Pacific/Apia"):
        frames.decide(house, apia, as_of=date(2011, 12, 30))


def test_promises_of_people_are_deferred_for_their_person() -> None:
    people = [ContactPerson(id=name, client_id="ada", name=name, birthday=Birthday.parse("--03-20")) for name in ("p", "q")]
    birthday = CadenceRule(id="birthday", channel="call", mode="grid", anchor="people.birthday", roll="none")
    stop = PermissionRules(stops=[Stop(after=1, outcomes=["no"])])
    given = Consent(id="g", client_id="ada", kind="given", person_id="p", start_on=DAY)
    states(stop, [touch(3, outcome="no")], birthday, people=people, consents=[given])


def test_how_long_ago_something_may_have_begun_that_is_not_over() -> None:
    day = date(2026, 3, 30)
    month = Rotation(most=1, within="1 month").within
    assert date.fromordinal(first_day_within(month, day.toordinal())) == date(2026, 3, 1)
    assert first_day_within(Rotation(most=1, within="1 day").within, day.toordinal()) == day.toordinal()
    assert first_day_within(None, day.toordinal()) is None


def test_the_whole_preset_of_an_investment_fund_is_decided() -> None:
    house, book, as_of = rc.preset("investment"), demo_book(), date(2026, 3, 31)
    one = "c-059"  # several contacts are late
    told = [
        Touchpoint(id=f"x-{n}", client_id=one, occurred_at=as_of - timedelta(n), channel="call", outcome="declined")
        for n in range(1, 4)
    ]
    more = attrs.evolve(book, touchpoints=[*book.touchpoints, *told])
    names = ("client_id", "rule_id", "person_id", "state", "attributed_to", "due_on")
    rows = frames.decide(house, frames.frames_of(more), as_of=as_of).obligations.select(names).collect().rows()
    wanted = [tuple(getattr(duty, name) for name in names) for duty in house.decide(more, as_of=as_of).obligations]
    assert sorted(map(repr, rows)) == sorted(map(repr, wanted))
    assert "cap" in {row[4] for row in rows}


def test_contacts_in_lieu_count_up_to_their_limit_in_a_row() -> None:
    def last(limit: int | None, *touches: Touchpoint) -> date | None:
        rule = CadenceRule(id="visit", channel="visit", every="1 week", in_lieu_limit=limit)
        house = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        book = Book(clients=[ADA], touchpoints=touches, zone="Asia/Seoul")
        (one,) = house.decide(book, as_of=DAY).obligations
        (row,) = frames.decide(house, frames.frames_of(book), as_of=DAY).obligations.collect().to_dicts()
        assert (row["last_contact_on"], row["due_on"]) == (one.last_contact_on, one.due_on)
        found: date | None = row["last_contact_on"]
        return found

    def instead(before: int, **parts: Any) -> Touchpoint:
        return touch(before, in_lieu_of="visit", **parts)

    calls = [instead(4), instead(3), instead(2)]
    assert [last(limit, *calls) for limit in (None, 0, 1, 3)] == [
        calls[2].occurred_at,
        None,
        calls[0].occurred_at,
        DAY - timedelta(2),
    ]
    assert last(1, touch(9, "visit"), *calls) == DAY - timedelta(4)
    assert last(0, touch(9, "visit"), *calls) == DAY - timedelta(9)
    assert last(1, instead(9), touch(3, "visit"), *calls) == DAY - timedelta(2)  # by their ids the visit of that day was last
    noon = datetime(2026, 3, 17, 12, tzinfo=SEOUL)
    early, late = instead(3, id="e", occurred_at=noon), instead(3, id="f", occurred_at=noon + timedelta(hours=2))
    met = touch(3, "visit", occurred_at=noon + timedelta(hours=1))
    assert last(1, early, met, late, instead(1)) == DAY - timedelta(3)
    assert last(1, early, met, instead(1)) == DAY - timedelta(1)


def test_a_trigger_is_deferred_as_a_rule_is() -> None:
    fault = Trigger(id="fault", event=criterion("direction == 'incoming'"), channel="call", within="2 days", purpose="thanks")
    rules = PermissionRules(caps=[Cap(limit=1, per="week")])
    house = Policy(id="house", version="1", effective_from=date(2026, 1, 1), triggers=[fault], permission=rules)
    touches = [touch(3, direction="incoming"), touch(4, "visit")]
    book = Book(clients=[ADA], touchpoints=touches)
    (one,) = house.decide(book, as_of=DAY).obligations
    (row,) = frames.decide(house, frames.frames_of(book), as_of=DAY).obligations.collect().to_dicts()
    assert (row["state"], row["attributed_to"]) == (one.state, one.attributed_to) == CAPPED
