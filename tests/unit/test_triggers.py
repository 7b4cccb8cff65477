"""Events that oblige: letters after visits, answers to faults, promised callbacks, and deadlines in working hours (CAD-8)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relcare.cadence import Trigger
from relcare.calendars import Deadline, RollTable, Weekdays, WorkingHours
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.model import Client, Money, Obligation, Obligations, Purchase, Touchpoint
from relcare.policy import criterion
from relcare.wording import explain

SEOUL = ZoneInfo("Asia/Seoul")
CLIENT = Client(id="c", name="C", client_since_on=date(2025, 1, 1))
LETTER = Trigger(
    id="thanks",
    event=criterion("channel == 'visit' and direction == 'outgoing'"),
    channel="letter",
    within="3 days",
)
FAULT = Trigger(id="fault", event=criterion("purpose == 'fault' and direction == 'incoming'"), channel="call", within="same day")
CALLBACK = Trigger(id="callback", event=criterion("channel == 'call'"), channel="call", within="agreed")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def touch(touch_id: str, on: date, channel: str = "call", **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": touch_id, "client_id": "c", "occurred_at": on, "channel": channel}
    return Touchpoint(**(given | more))


def owed(
    trigger: Trigger,
    log: Sequence[Touchpoint],
    as_of: date,
    *,
    purchases: Sequence[Purchase] = (),
    hours: Sequence[str] = ("09:00-18:00",),
) -> Obligations:
    policy = Policy(id="p", version="1", effective_from=date(2025, 1, 1), triggers=[trigger], working_hours=hours)
    return policy.decide_client(CLIENT, touchpoints=log, purchases=purchases, as_of=as_of, zone="Asia/Seoul").obligations


def one(trigger: Trigger, log: Sequence[Touchpoint], as_of: date, **more: Any) -> Obligation:
    (found,) = owed(trigger, log, as_of, **more)
    return found


class TestAnswers:
    def test_a_letter_is_owed_after_a_visit_and_not_before(self) -> None:
        visit = touch("v", date(2026, 3, 2), "visit")
        found = one(LETTER, [visit], date(2026, 3, 2))
        assert (found.key, str(found.earliest_on), str(found.due_on), found.state) == (
            "c/thanks/v",
            "2026-03-02",
            "2026-03-05",
            "due",
        )
        assert one(LETTER, [visit], date(2026, 3, 6)).state == "overdue"
        assert not owed(LETTER, [visit], date(2026, 3, 1))

    def test_the_reason_says_what_it_answers_and_not_that_it_comes_round_every_so_often(self) -> None:
        reason = one(LETTER, [touch("v", date(2026, 3, 2), "visit")], date(2026, 3, 2)).reasons[0]
        assert (reason.code, reason.values["interval"]) == ("cadence.rule", None)
        assert explain(reason) == "rule thanks asks for contact by letter"

    def test_what_answers_must_come_after_the_event(self) -> None:
        visit = touch("v", at("2026-03-02T15:00"), "visit")
        for when, is_answered in ((date(2026, 3, 1), False), (at("2026-03-02T14:59"), False), (at("2026-03-02T15:01"), True)):
            assert bool(owed(LETTER, [visit, touch("l", when, "letter")], date(2026, 3, 3))) is not is_answered

    def test_on_one_day_a_letter_without_a_time_is_taken_to_be_after_the_visit(self) -> None:
        log = [touch("v", date(2026, 3, 2), "visit"), touch("l", date(2026, 3, 2), "letter")]
        assert not owed(LETTER, log, date(2026, 3, 3))

    def test_an_attempt_answers_nothing(self) -> None:
        log = [touch("v", date(2026, 3, 2), "visit"), touch("l", date(2026, 3, 3), "letter", outcome="missed")]
        assert owed(LETTER, log, date(2026, 3, 3))

    def test_every_event_is_listed_and_one_contact_answers_all_before_it(self) -> None:
        log = [touch("v1", date(2026, 3, 2), "visit"), touch("v2", date(2026, 3, 4), "visit")]
        assert {o.key for o in owed(LETTER, log, date(2026, 3, 5))} == {"c/thanks/v1", "c/thanks/v2"}
        assert not owed(LETTER, [*log, touch("l", date(2026, 3, 5), "letter")], date(2026, 3, 5))
        assert [o.key for o in owed(LETTER, [*log, touch("l", date(2026, 3, 3), "letter")], date(2026, 3, 5))] == ["c/thanks/v2"]

    def test_a_deleted_event_obliges_no_more(self) -> None:
        log = [touch("v", date(2026, 3, 2), "visit"), touch("x", date(2026, 3, 3), "void", voids_id="v")]
        assert not owed(LETTER, log, date(2026, 3, 5))

    def test_only_the_first_event_obliges_where_the_trigger_says_so(self) -> None:
        proposal = Trigger(id="proposal", event=criterion("channel == 'visit'"), first=True, channel="proposal", within="3 days")
        log = [touch("v1", date(2026, 3, 2), "visit"), touch("v2", date(2026, 3, 9), "visit")]
        assert [o.key for o in owed(proposal, log, date(2026, 3, 9))] == ["c/proposal/v1"]
        old = touch("v0", date(2024, 12, 31), "visit")  # before the policy: what came later is not the first visit
        assert not owed(proposal, [old, *log], date(2026, 3, 9))

    def test_events_before_the_policy_oblige_to_nothing(self) -> None:
        assert not owed(LETTER, [touch("v", date(2024, 12, 31), "visit")], date(2025, 1, 2))

    def test_an_approval_is_owed_after_the_proposal_and_comes_from_the_client(self) -> None:
        approval = Trigger(
            id="approval",
            event=criterion("channel == 'proposal'"),
            channel="approval",
            counts=criterion("direction == 'incoming'"),
            within="2 weeks",
        )
        sent = touch("p", date(2026, 3, 2), "proposal")
        asked = touch("a1", date(2026, 3, 4), "approval")
        given = touch("a2", date(2026, 3, 5), "approval", direction="incoming")
        assert owed(approval, [sent, asked], date(2026, 3, 5))
        assert not owed(approval, [sent, asked, given], date(2026, 3, 5))

    def test_a_purchase_obliges_too_and_a_return_does_not(self) -> None:
        welcome = Trigger(id="welcome", on="purchases", event=criterion("amount >= 100"), channel="call", within="1 day")
        bought = Purchase(id="b", client_id="c", purchased_on=date(2026, 3, 2), amount=Money("100", "CNY"))
        back = Purchase(id="r", client_id="c", purchased_on=date(2026, 3, 3), amount=Money("100", "CNY"), returns_purchase_id="b")
        assert [o.key for o in owed(welcome, [], date(2026, 3, 3), purchases=[bought, back])] == ["c/welcome/b"]


class TestDeadlines:
    def test_a_fault_is_answered_on_the_same_day_also_on_a_sunday(self) -> None:
        fault = touch("f", date(2026, 3, 1), "call", direction="incoming", purpose="fault")
        assert (one(FAULT, [fault], date(2026, 3, 1)).state, one(FAULT, [fault], date(2026, 3, 2)).state) == ("due", "overdue")

    @pytest.mark.parametrize(
        ("happened", "within", "due"),
        [
            # Frappe CRM's calc_time gives Tuesday 11:00 for the first (frappe/helpdesk issue 2075).
            ("2026-03-07T15:00", "4 business hours", "2026-03-09T13:00"),
            ("2026-03-06T16:00", "4 business hours", "2026-03-09T11:00"),
            ("2026-03-06T14:00", "4 business hours", "2026-03-06T18:00"),
            ("2026-03-06T08:00", "4 business hours", "2026-03-06T13:00"),
            ("2026-03-06T19:00", "1 business hour", "2026-03-09T10:00"),
            ("2026-03-02T09:00", "9 business hours", "2026-03-02T18:00"),
            ("2026-03-02T09:00", "10 business hours", "2026-03-03T10:00"),
            ("2026-03-02T09:00", "45 business hours", "2026-03-06T18:00"),
            ("2026-03-02T09:00", "46 business hours", "2026-03-09T10:00"),
            ("2026-03-07T15:00", "4 hours", "2026-03-07T19:00"),
            ("2026-03-07T22:30", "4 hours", "2026-03-08T02:30"),
        ],
    )
    def test_hours_end_at_an_instant(self, happened: str, within: str, due: str) -> None:
        trigger = Trigger(id="t", event=criterion("purpose == 'fault'"), channel="call", within=within)
        found = one(trigger, [touch("f", at(happened), "mail", purpose="fault")], at(happened))
        assert (found.due_at, found.due_on) == (at(due), at(due).date())

    def test_a_lunch_break_is_no_working_time(self) -> None:
        trigger = Trigger(id="t", event=criterion("purpose == 'fault'"), channel="call", within="4 business hours")
        log = [touch("f", at("2026-03-02T10:00"), "mail", purpose="fault")]
        found = one(trigger, log, at("2026-03-02T10:00"), hours=["09:00-12:00", "13:00-18:00"])
        assert found.due_at == at("2026-03-02T15:00")

    def test_of_an_event_known_by_its_day_hours_count_from_the_end_of_the_day(self) -> None:
        trigger = Trigger(id="t", event=criterion("purpose == 'fault'"), channel="call", within="2 business hours")
        found = one(trigger, [touch("f", date(2026, 3, 6), "mail", purpose="fault")], date(2026, 3, 6))
        assert found.due_at == at("2026-03-09T11:00")

    def test_an_instant_asked_about_is_late_right_after_the_deadline_and_a_day_only_when_it_is_over(self) -> None:
        trigger = Trigger(id="t", event=criterion("purpose == 'fault'"), channel="call", within="2 hours")
        log = [touch("f", at("2026-03-06T10:00"), "mail", purpose="fault")]
        assert one(trigger, log, at("2026-03-06T12:00")).state == "due"
        assert one(trigger, log, at("2026-03-06T12:01")).state == "overdue"
        assert one(trigger, log, date(2026, 3, 6)).state == "due"

    def test_business_days_skip_the_weekend(self) -> None:
        trigger = Trigger(id="t", event=criterion("channel == 'visit'"), channel="proposal", within="3 business days")
        assert one(trigger, [touch("v", date(2026, 3, 5), "visit")], date(2026, 3, 5)).due_on == date(2026, 3, 10)

    def test_hours_that_pass_are_not_made_longer_by_a_change_of_the_clock(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        table = RollTable(Weekdays(), date(2026, 1, 1), date(2026, 12, 31))
        before = datetime(2026, 3, 28, 23, 0, tzinfo=berlin)  # the clock goes from 2 to 3 o'clock
        _, due = Deadline(4, "hour").after(before, table, WorkingHours(), berlin)
        assert due is not None
        assert due.astimezone(UTC) == datetime(2026, 3, 29, 2, 0, tzinfo=UTC)


class TestPromises:
    def test_a_callback_is_owed_at_the_promised_time(self) -> None:
        call = touch("t", date(2026, 3, 2), follow_up_at=at("2026-03-10T15:00"))
        found = one(CALLBACK, [call], date(2026, 3, 3))
        assert (found.state, found.due_at, found.due_on) == ("upcoming", at("2026-03-10T15:00"), date(2026, 3, 10))

    def test_a_call_before_the_promised_day_does_not_keep_the_promise(self) -> None:
        call = touch("t", date(2026, 3, 2), follow_up_at=date(2026, 3, 10))
        assert owed(CALLBACK, [call, touch("early", date(2026, 3, 9))], date(2026, 3, 10))
        assert not owed(CALLBACK, [call, touch("kept", date(2026, 3, 10))], date(2026, 3, 10))

    def test_without_a_promise_nothing_is_owed(self) -> None:
        assert not owed(CALLBACK, [touch("t", date(2026, 3, 2))], date(2026, 3, 3))


class TestValues:
    @pytest.mark.parametrize("text", ["same day", "agreed", "1 day", "3 days", "2 business days", "1 hour", "4 business hours"])
    def test_a_deadline_prints_as_it_reads(self, text: str) -> None:
        assert str(Deadline.parse(text)) == text

    @pytest.mark.parametrize("text", ["", "0 days", "3", "3 months", "-1 day", "business hours", "4 business weeks"])
    def test_other_texts_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidValueError, match="within"):
            Deadline.parse(text)

    @pytest.mark.parametrize(
        "windows", [[], ["9-18"], ["18:00-09:00"], ["09:00-12:00", "11:00-18:00"], ["09:00-09:00"], ["09:00-24:30"]]
    )
    def test_working_hours_are_windows_in_order(self, windows: list[str]) -> None:
        with pytest.raises(InvalidValueError, match="working_hours"):
            WorkingHours(windows)

    def test_a_trigger_survives_its_document(self) -> None:
        from relcare.codec import dumps_policy, loads_policy

        full = Trigger(
            id="t",
            event=criterion("channel == 'visit'"),
            first=True,
            when=criterion("client.stage == 'open'"),
            channel="letter",
            within="4 business hours",
            role="secretary",
            minutes=15,
            satisfied_by=["mail"],
            counts=criterion("outcome == 'sent'"),
            reaches=["principal"],
            grace="1 business day",
            roll="following",
            priority=2,
            purpose="thanks",
            source="handbook",
        )
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), triggers=[full], working_hours=["08:30-17:00"])
        assert loads_policy(dumps_policy(policy)) == policy

    def test_a_document_tells_every_mistake_of_a_trigger(self) -> None:
        from relcare.codec import loads_policy

        text = """format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[[trigger]]
id = "a"
event = "chanel == 'visit'"
channel = "letter"
within = "3 monts"
[[trigger]]
id = "b"
on = "purchases"
event = "channel == 'visit'"
channel = "call"
within = "1 day"
[[trigger]]
id = "c"
event = "channel == 'visit'"
channel = "call"
"""
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(text)
        told = [(problem.line, problem.path) for problem in caught.value.problems]
        assert sorted(told) == [
            (8, "trigger[0].event"),
            (10, "trigger[0].within"),
            (14, "trigger[1].event"),
            (17, "trigger[2].within"),
        ]
