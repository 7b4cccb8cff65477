from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relcare.cadence import CadenceRule, ContactFinder
from relcare.facts import ClientHistory, history_of
from relcare.model import CONTACT_OUTCOMES, Client, ContactPerson, Staff, Touchpoint, standing
from relcare.policy import criterion

SEOUL = ZoneInfo("Asia/Seoul")
PEOPLE = (
    ContactPerson(id="boss", client_id="c", name="Kim", role="principal", rank="bureau"),
    ContactPerson(id="desk", client_id="c", name="Lee", role="secretary", rank="staff"),
    ContactPerson(id="new", client_id="c", name="Park"),
)
STAFF = {"bot": Staff(id="bot", name="Mailer", role="robot"), "lee": Staff(id="lee", name="이", role="account manager")}


def rule(**more: Any) -> CadenceRule:
    return CadenceRule(**({"id": "r", "channel": "call", "every": "1 week"} | more))


def touch(on: date | str = "2026-03-10", **more: Any) -> Touchpoint:
    at = date.fromisoformat(on) if isinstance(on, str) else on
    given: dict[str, Any] = {"id": f"t-{at}", "client_id": "c", "occurred_at": at, "channel": "call"}
    return Touchpoint(**(given | more))


def history(*touches: Touchpoint) -> ClientHistory:
    return history_of(Client(id="c", name="C"), people=PEOPLE, touchpoints=standing(touches), staff=STAFF, zone=SEOUL)


def counts(one: Touchpoint, **more: Any) -> bool:
    return ContactFinder.of(rule(**more)).is_contact(history(one), one)


def found(touches: list[Touchpoint], as_of: str = "2026-03-31", **more: Any) -> list[str]:
    """The ids of all that count by the end of a day, after checking that both ways of looking agree on the last."""
    finder, log, day = ContactFinder.of(rule(**more)), history(*touches), date.fromisoformat(as_of).toordinal()
    all_of_them, last = finder.find(log, day), finder.find_last(log, day)
    assert list(all_of_them.days) == sorted(all_of_them.days)
    assert len(all_of_them.days) == len(all_of_them.touchpoints)
    if last is None:
        assert all_of_them.last() is None
    else:
        assert (all_of_them.days[-1], all_of_them.last()) == last
    return [one.id for one in all_of_them.touchpoints]


class TestOutcomes:
    """CAD-2: "A failed attempt, a note, a robot's mail: not contact. An incoming touch counts"."""

    @pytest.mark.parametrize("outcome", [None, *CONTACT_OUTCOMES])
    def test_by_default_no_outcome_and_those_that_say_so_count(self, outcome: str | None) -> None:
        assert counts(touch(outcome=outcome))

    @pytest.mark.parametrize("outcome", ["missed", "no answer", "refused", "Met", "met ", "reported as spam"])
    def test_any_other_outcome_does_not_and_words_are_compared_exactly(self, outcome: str) -> None:
        assert not counts(touch(outcome=outcome))

    def test_an_incoming_touch_counts_unless_the_rule_says_otherwise(self) -> None:
        incoming = touch(direction="incoming")
        assert counts(incoming)
        assert not counts(incoming, counts=criterion("direction == 'outgoing'"))

    def test_a_note_is_no_contact_whatever_it_says(self) -> None:
        assert not counts(touch(channel="note", outcome="met"))

    def test_what_the_rule_declares_replaces_the_default(self) -> None:
        only_met = criterion("outcome == 'met'")
        assert counts(touch(outcome="met"), counts=only_met)
        assert not counts(touch(outcome="reached"), counts=only_met)
        assert counts(touch(outcome="missed"), counts=criterion("outcome == 'missed'"))

    def test_what_the_criterion_leaves_unknown_does_not_count(self) -> None:
        assert not counts(touch(), counts=criterion("outcome == 'met'"))
        assert not counts(touch(), counts=criterion("outcome != 'missed'"))
        assert counts(touch(), counts=criterion("missing(outcome) or outcome != 'missed'"))

    def test_a_robots_mail_is_told_by_who_sent_it(self) -> None:
        by_people = criterion("staff.role != 'robot'")
        mail = {"channel": "mail", "outcome": "sent"}
        assert not counts(touch(staff_id="bot", **mail), channel="mail", counts=by_people)
        assert counts(touch(staff_id="lee", **mail), channel="mail", counts=by_people)
        assert not counts(touch(staff_id="left", **mail), channel="mail", counts=by_people)

    @pytest.mark.parametrize(
        ("text", "person_id", "expected"),
        [
            ("person.rank == 'bureau'", "boss", True),
            ("person.rank == 'bureau'", "desk", False),
            ("person.rank == 'bureau'", "new", False),
            ("person.rank == 'bureau'", None, False),
            ("purpose == 'advice' and direction == 'outgoing'", None, True),
        ],
    )
    def test_criteria_read_the_person_the_purpose_and_the_direction(
        self, text: str, person_id: str | None, *, expected: bool
    ) -> None:
        assert counts(touch(person_id=person_id, purpose="advice"), counts=criterion(text)) is expected


class TestChannels:
    """CAD-4: "a visit satisfies the weekly call; a call satisfies a visit only when logged `in_lieu_of` it"."""

    @pytest.mark.parametrize(
        ("channel", "in_lieu_of", "rule_channel", "satisfied_by", "expected"),
        [
            ("call", None, "call", (), True),
            ("visit", None, "call", (), False),
            ("visit", None, "call", ("visit",), True),
            ("call", None, "visit", (), False),
            ("call", "visit", "visit", (), True),
            ("call", "visit", "call", (), True),
            ("message", "visit", "visit", (), True),
            ("message", "visit", "call", ("visit",), False),
            ("message", "card", "visit", (), False),
            ("Call", None, "call", (), False),
        ],
    )
    def test_which_channel_counts_for_which_rule(
        self, channel: str, in_lieu_of: str | None, rule_channel: str, satisfied_by: tuple[str, ...], *, expected: bool
    ) -> None:
        one = touch(channel=channel, in_lieu_of=in_lieu_of)
        assert counts(one, channel=rule_channel, satisfied_by=satisfied_by) is expected

    def test_a_call_in_lieu_of_a_visit_has_to_be_a_contact_too(self) -> None:
        assert not counts(touch(in_lieu_of="visit", outcome="missed"), channel="visit")


class TestReaches:
    """CAD-2: "What qualifies is declared by event criteria and whom it reached (`reaches = ["principal"]`)"."""

    @pytest.mark.parametrize(
        ("person_id", "expected"), [("boss", True), ("desk", False), ("new", False), ("gone", False), (None, False)]
    )
    def test_the_person_must_have_the_role(self, person_id: str | None, *, expected: bool) -> None:
        assert counts(touch(person_id=person_id), reaches=["principal"]) is expected

    def test_any_of_the_roles_is_enough_and_without_roles_anybody_is(self) -> None:
        assert counts(touch(person_id="desk"), reaches=["principal", "secretary"])
        assert counts(touch(person_id="gone"))

    def test_reaching_the_right_person_does_not_make_a_failed_attempt_a_contact(self) -> None:
        assert not counts(touch(person_id="boss", outcome="missed"), reaches=["principal"])


class TestOrder:
    """CAD-1: "the latest qualifying touchpoint by when it happened"."""

    def test_the_log_is_read_by_when_it_happened_whatever_its_order_and_when_it_was_recorded(self) -> None:
        early = touch("2026-03-01", recorded_at=date(2026, 3, 30))
        late = touch("2026-03-20", recorded_at=date(2026, 3, 20))
        assert found([late, early]) == found([early, late]) == ["t-2026-03-01", "t-2026-03-20"]

    def test_only_what_happened_by_the_end_of_the_day_counts(self) -> None:
        log = [touch("2026-03-10"), touch("2026-03-11"), touch("2026-03-12")]
        assert found(log, "2026-03-11") == ["t-2026-03-10", "t-2026-03-11"]
        assert found(log, "2026-03-09") == []

    def test_a_later_touch_that_does_not_count_hides_nothing(self) -> None:
        log = [touch("2026-03-10"), touch("2026-03-12", outcome="missed"), touch("2026-03-14", channel="note")]
        assert found(log) == ["t-2026-03-10"]

    def test_of_one_day_the_later_hour_is_the_last_and_a_bare_date_comes_before_them(self) -> None:
        morning = touch(datetime(2026, 3, 10, 9, tzinfo=SEOUL), id="z-morning")
        evening = touch(datetime(2026, 3, 10, 18, tzinfo=SEOUL), id="a-evening")
        assert found([evening, touch("2026-03-10", id="m-day"), morning]) == ["m-day", "z-morning", "a-evening"]

    def test_two_at_the_same_time_are_told_apart_by_id(self) -> None:
        assert found([touch(id="b"), touch(id="a"), touch(id="B")]) == ["B", "a", "b"]

    def test_an_instant_belongs_to_the_day_that_the_zone_showed(self) -> None:
        late_in_utc = touch(datetime(2026, 3, 10, 23, 30, tzinfo=ZoneInfo("UTC")), id="t")  # 08:30 on the 11th in Seoul
        assert found([late_in_utc], "2026-03-10") == []
        assert found([late_in_utc], "2026-03-11") == ["t"]

    def test_a_long_history_is_looked_through_to_its_first_entry(self) -> None:
        first = touch("2023-01-01", id="first")
        misses = [
            touch(date(2023, 1, 2) + timedelta(days=n), id=f"m{n}", outcome=None if n % 2 else "missed", channel="mail")
            for n in range(500)
        ]
        assert found([*misses, first]) == ["first"]

    def test_nothing_logged_is_no_contact(self) -> None:
        assert found([]) == []


class TestCorrections:
    """TIM-7: "a correction or deletion is an entry that voids another (`voids_id`)"."""

    def test_what_was_taken_back_does_not_count_and_neither_does_the_taking_back(self) -> None:
        gone = [touch("2026-03-20", id="t2"), touch("2026-03-21", id="v", channel="void", voids_id="t2")]
        assert found([touch("2026-03-10", id="t1"), *gone]) == ["t1"]

    def test_a_correction_counts_instead(self) -> None:
        log = [touch("2026-03-20", id="t1"), touch("2026-03-02", id="t2", voids_id="t1")]
        assert found(log) == ["t2"]

    def test_taking_a_correction_back_brings_the_first_entry_back(self) -> None:
        log = [
            touch("2026-03-20", id="t1"),
            touch("2026-03-02", id="t2", voids_id="t1"),
            touch("2026-03-25", id="v", channel="void", voids_id="t2"),
        ]
        assert found(log) == ["t1"]
