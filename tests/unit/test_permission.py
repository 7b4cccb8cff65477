"""Named cases of permission, from the peers' mistakes and from the edges of the laws."""

import pickle
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.calendars import SetCalendar
from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, PolicyError, UnknownRecordError
from relcare.model import Client, Consent, Reason, Touchpoint
from relcare.permission import (
    CONFIDENCES,
    LAWS,
    Cap,
    CapPeriod,
    ConsentRule,
    Gap,
    Hours,
    HourWindow,
    Lapse,
    LawRow,
    PermissionDecision,
    PermissionRules,
    Rotation,
    Stop,
    first_allowed,
    has_open_hour,
    law,
    may_contact,
    possible_zones,
    with_included,
)
from relcare.permission._barriers import Valid
from relcare.wording import explain

SEOUL = "Asia/Seoul"
KINDS = {Cap: "cap", Stop: "stop", Hours: "hours", ConsentRule: "consent"}
PARIS = "Europe/Paris"


def moment(text: str, zone: str = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def touch(at: str, channel: str = "call", zone: str = SEOUL, **fields: Any) -> Touchpoint:
    occurred = date.fromisoformat(at) if len(at) == 10 else moment(at, zone)
    return Touchpoint(id=fields.pop("id", f"{channel}-{at}"), client_id="c-1", occurred_at=occurred, channel=channel, **fields)


def said(kind: str, start: str, end: str | None = None, **fields: Any) -> Consent:
    return Consent(
        id=fields.pop("id", f"{kind}-{start}"),
        client_id="c-1",
        kind="given" if kind == "given" else "refused",
        start_on=date.fromisoformat(start),
        end_on=None if end is None else date.fromisoformat(end),
        **fields,
    )


def ask(rules: PermissionRules, at: str, zone: str = SEOUL, **fields: Any) -> PermissionDecision:
    asked: dict[str, Any] = {"channel": "call", "purpose": "offer", **fields}
    return may_contact(rules, zones=asked.pop("zones", [zone]), at=moment(at, zone), **asked)


def opens(answer: PermissionDecision, zone: str = SEOUL) -> str | None:
    found = answer.next_allowed_at
    return None if found is None else f"{found.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def codes(answer: PermissionDecision) -> list[str]:
    return [reason.code.removeprefix("permission.") for reason in answer.reasons]


class TestCaps:
    # peers.md section 5: "cap reached -> DEFERRED with next_allowed_at, not OVERDUE-by-owner"
    def test_a_cap_that_is_reached_defers_with_the_next_allowed_time(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=2, per="week")])
        log = [touch("2026-03-23T10:00"), touch("2026-03-25T10:00", "message")]
        answer = ask(rules, "2026-03-27T15:00", touchpoints=log)
        assert (answer.is_allowed, opens(answer), codes(answer)) == (False, "2026-03-30 00:00", ["cap"])
        assert dict(answer.reasons[0].values) == {
            "limit": 2,
            "per": "week",
            "channels": None,
            "count": 2,
            "rule": "caps[0]",
            "law": None,
        }

    # peers.md 2.14: "Count by the client's local calendar day"
    def test_days_are_counted_by_the_calendar_of_the_client(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        log = [touch("2026-03-27T23:30")]  # still the 27th in Seoul, the 27th at 10:30 in New York
        assert ask(rules, "2026-03-28T00:30", touchpoints=log).is_allowed
        assert opens(ask(rules, "2026-03-28T00:30", zones=["America/New_York"], touchpoints=log)) == "2026-03-28 13:00"

    def test_missed_calls_count_because_the_telephone_rang(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        assert not ask(rules, "2026-03-27T15:00", touchpoints=[touch("2026-03-27T09:00", outcome="missed")]).is_allowed

    def test_what_the_client_began_and_notes_do_not_count(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        log = [touch("2026-03-27T09:00", direction="incoming"), touch("2026-03-27T09:00", "note")]
        assert ask(rules, "2026-03-27T15:00", touchpoints=log).is_allowed

    # peers.md 2.14: "exempt classes still count (Mautic: exempt mails do not count)"
    def test_a_greeting_counts_towards_the_cap_and_is_held_to_it(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        log = [touch("2026-03-27T09:00", "message", purpose="greeting")]
        assert not ask(rules, "2026-03-27T15:00", touchpoints=log).is_allowed
        assert not ask(rules, "2026-03-27T15:00", touchpoints=log, purpose="greeting").is_allowed

    # peers.md 2.14: "a callback the client asked for bypasses caps"
    def test_a_requested_callback_passes_the_cap_and_counts(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")], hours=[Hours(quiet=["18:00-09:00"])])
        log = [touch("2026-03-27T09:00")]
        answer = ask(rules, "2026-03-27T19:00", touchpoints=log, purpose="callback")
        assert (answer.is_allowed, codes(answer)) == (True, ["requested"])
        again = [touch("2026-03-27T09:00", purpose="callback")]
        assert not ask(rules, "2026-03-27T15:00", touchpoints=again).is_allowed

    def test_of_a_cap_by_channel_and_one_of_all_the_stricter_holds(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="month", channels=["call"]), Cap(limit=2, per="day")])
        log = [touch("2026-03-02"), touch("2026-03-27T09:00", "message")]
        assert opens(ask(rules, "2026-03-27T15:00", touchpoints=log)) == "2026-04-01 00:00"
        assert ask(rules, "2026-03-27T15:00", channel="message", touchpoints=log).is_allowed

    def test_the_last_of_rolling_days_is_the_day_itself(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="30 days")])
        assert opens(ask(rules, "2026-03-01T12:00", touchpoints=[touch("2026-03-01T08:00")])) == "2026-03-31 00:00"

    def test_rolling_hours_open_to_the_minute(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=3, per="24 hours")])
        log = [touch(f"2026-03-27T{hour:02}:15") for hour in (9, 11, 13)]
        assert opens(ask(rules, "2026-03-27T14:00", touchpoints=log)) == "2026-03-28 09:15"
        assert ask(rules, "2026-03-28T09:15", touchpoints=log).is_allowed

    def test_a_cap_of_none_never_opens(self) -> None:
        answer = ask(PermissionRules(caps=[Cap(limit=0, per="day", channels=["call"])]), "2026-03-27T14:00")
        assert (answer.is_allowed, answer.next_allowed_at, codes(answer)) == (False, None, ["cap"])

    def test_later_contacts_are_not_looked_at(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        assert ask(rules, "2026-03-27T09:00", touchpoints=[touch("2026-03-27T09:01")]).is_allowed
        assert not ask(rules, "2026-03-27T09:01", touchpoints=[touch("2026-03-27T09:01")]).is_allowed


class TestGaps:
    def test_hours_are_counted_as_they_pass_and_days_by_the_calendar(self) -> None:
        log = [touch("2026-03-27T15:00")]
        hours, days = PermissionRules(gaps=[Gap(minimum="24 hours")]), PermissionRules(gaps=[Gap(minimum="1 day")])
        assert opens(ask(hours, "2026-03-27T16:00", touchpoints=log)) == "2026-03-28 15:00"
        assert opens(ask(days, "2026-03-27T16:00", touchpoints=log)) == "2026-03-28 00:00"

    def test_twenty_four_hours_over_a_change_of_the_clocks_are_twenty_four_hours(self) -> None:
        rules = PermissionRules(gaps=[Gap(minimum="24 hours")])
        answer = ask(rules, "2026-03-28T16:00", zone=PARIS, touchpoints=[touch("2026-03-28T15:00", zone=PARIS)])
        assert opens(answer, PARIS) == "2026-03-29 16:00"

    def test_hours_after_a_day_alone_are_counted_from_its_end(self) -> None:
        rules = PermissionRules(gaps=[Gap(minimum="6 hours")])
        assert opens(ask(rules, "2026-03-27T16:00", touchpoints=[touch("2026-03-27")])) == "2026-03-28 06:00"

    def test_a_date_that_has_come_elsewhere_counts_where_it_has_not(self) -> None:
        rules = PermissionRules(gaps=[Gap(minimum="1 day")])
        zone = "America/New_York"
        log = [touch("2026-03-28")]  # the book is in Seoul, where the 28th began at 11:00 of the 27th in New York
        assert opens(ask(rules, "2026-03-27T12:00", zone, touchpoints=log), zone) == "2026-03-29 00:00"
        assert ask(rules, "2026-03-27T05:00", zone, touchpoints=log).is_allowed

    def test_the_gap_is_from_the_last_contact_that_counts(self) -> None:
        rules = PermissionRules(gaps=[Gap(minimum="1 week", channels=["call"])])
        log = [touch("2026-03-20"), touch("2026-03-26", "visit")]
        assert ask(rules, "2026-03-27T10:00", touchpoints=log).is_allowed


class TestRotation:
    # The practice of the trade: calls alone wear clients out, so one mixes.
    def test_after_so_many_calls_running_something_else_is_needed(self) -> None:
        rules = PermissionRules(rotations=[Rotation(most=2)])
        log = [touch("2026-03-02"), touch("2026-03-09")]
        answer = ask(rules, "2026-03-16T10:00", touchpoints=log)
        assert (answer.is_allowed, answer.next_allowed_at, codes(answer)) == (False, None, ["rotation"])
        assert ask(rules, "2026-03-16T10:00", channel="visit", touchpoints=log).is_allowed
        assert ask(rules, "2026-03-16T10:00", touchpoints=[*log, touch("2026-03-10", "visit")]).is_allowed

    def test_a_run_is_forgotten_in_time(self) -> None:
        rules = PermissionRules(rotations=[Rotation(most=2, within="1 month")])
        log = [touch("2026-01-31"), touch("2026-02-09")]
        assert opens(ask(rules, "2026-02-16T10:00", touchpoints=log)) == "2026-02-28 00:00"


class TestStops:
    def test_a_stop_begins_with_the_refusal_that_makes_it_full(self) -> None:
        rules = PermissionRules(stops=[Stop(after=2, pause="1 month")])
        log = [touch("2026-01-10", outcome="refused"), touch("2026-01-31", outcome="declined")]
        assert ask(rules, "2026-01-30T10:00", touchpoints=log[:1]).is_allowed
        answer = ask(rules, "2026-02-01T10:00", touchpoints=log)
        assert (opens(answer), codes(answer)) == ("2026-02-28 00:00", ["stopped"])

    def test_after_a_stop_counting_starts_anew(self) -> None:
        rules = PermissionRules(stops=[Stop(after=2, pause="1 week")])
        log = [touch(f"2026-01-{day:02}", outcome="refused") for day in (1, 2, 20)]
        assert ask(rules, "2026-01-21T10:00", touchpoints=log).is_allowed

    def test_refusals_are_forgotten_in_time(self) -> None:
        rules = PermissionRules(stops=[Stop(after=2, within="1 month")])
        log = [touch("2026-01-01", outcome="refused"), touch("2026-02-01", outcome="refused")]
        assert ask(rules, "2026-02-02T10:00", touchpoints=log).is_allowed

    def test_a_stop_for_good_ends_with_a_later_consent(self) -> None:
        rules = PermissionRules(stops=[Stop(outcomes=["stop"])])
        log = [touch("2026-01-01T09:00", outcome="stop", direction="incoming")]
        assert ask(rules, "2026-06-01T10:00", touchpoints=log).next_allowed_at is None
        again = [said("given", "2026-06-02")]
        assert opens(ask(rules, "2026-06-01T10:00", touchpoints=log, consents=again)) == "2026-06-02 00:00"
        assert ask(rules, "2026-06-01T10:00", touchpoints=log, consents=[said("given", "2026-01-01")]).next_allowed_at is None


class TestRefusals:
    def test_do_not_contact_needs_no_rule(self) -> None:
        answer = ask(PermissionRules(), "2026-03-27T10:00", consents=[said("refused", "2026-03-27", source="call t-31")])
        assert (answer.is_allowed, answer.next_allowed_at, codes(answer)) == (False, None, ["refused"])
        assert answer.reasons[0].values["source"] == "call t-31"

    def test_it_holds_from_its_first_day_by_the_calendar_of_the_client(self) -> None:
        stop = [said("refused", "2026-03-28")]
        assert ask(PermissionRules(), "2026-03-27T23:59", consents=stop).is_allowed
        assert not ask(PermissionRules(), "2026-03-28T00:00", consents=stop).is_allowed

    def test_it_ends_before_its_end_day(self) -> None:
        stop = [said("refused", "2026-03-01", "2026-04-01")]
        assert opens(ask(PermissionRules(), "2026-03-27T23:59", consents=stop)) == "2026-04-01 00:00"

    def test_even_a_requested_callback_respects_it(self) -> None:
        assert not ask(
            PermissionRules(), "2026-03-27T10:00", purpose="callback", consents=[said("refused", "2026-03-01")]
        ).is_allowed

    @pytest.mark.parametrize(
        ("refusal", "channel", "purpose", "person", "is_allowed"),
        [
            ({"channel": "call"}, "message", "offer", None, True),
            ({"channel": "phone"}, "call", "offer", None, False),
            ({"purpose": "advertising"}, "call", "offer", None, False),
            ({"purpose": "advertising"}, "call", None, None, False),
            ({"purpose": "advertising"}, "call", "service", None, True),
            ({"purpose": "birthday"}, "call", "offer", None, True),
            ({"person_id": "p-1"}, "call", "offer", "p-1", False),
            ({"person_id": "p-1"}, "call", "offer", "p-2", True),
            ({"person_id": "p-1"}, "call", "offer", None, True),
            ({}, "call", "service", "p-2", False),
        ],
    )
    def test_it_holds_for_what_it_names(
        self, refusal: dict[str, str], channel: str, purpose: str | None, person: str | None, is_allowed: bool
    ) -> None:
        stop = [said("refused", "2026-03-01", **refusal)]
        answer = ask(PermissionRules(), "2026-03-27T10:00", channel=channel, purpose=purpose, person_id=person, consents=stop)
        assert answer.is_allowed == is_allowed

    @pytest.mark.parametrize(
        ("refusal", "consent", "start", "is_allowed"),
        [
            ({}, {}, "2026-03-02", True),
            ({}, {}, "2026-03-01", False),
            ({}, {"channel": "call"}, "2026-03-02", True),
            ({}, {"channel": "message"}, "2026-03-02", False),
            ({"channel": "call"}, {}, "2026-03-02", False),
            ({"channel": "phone"}, {"channel": "call"}, "2026-03-02", True),
            ({"purpose": "offer"}, {"channel": "call"}, "2026-03-02", False),
            ({"purpose": "offer"}, {"purpose": "advertising"}, "2026-03-02", True),
        ],
    )
    def test_a_later_consent_takes_it_back_where_it_is_no_vaguer(
        self, refusal: dict[str, str], consent: dict[str, str], start: str, is_allowed: bool
    ) -> None:
        words = [said("refused", "2026-03-01", **refusal), said("given", start, **consent)]
        assert ask(PermissionRules(), "2026-03-27T10:00", consents=words).is_allowed == is_allowed


class TestConsent:
    RULES = PermissionRules(consent=[ConsentRule(mode="opt-in", reconfirm="2 years")])

    def test_without_consent_there_is_no_advertising_and_no_end_to_that(self) -> None:
        answer = ask(self.RULES, "2026-03-27T10:00")
        assert (answer.is_allowed, answer.next_allowed_at, codes(answer)) == (False, None, ["consent_missing"])
        assert ask(self.RULES, "2026-03-27T10:00", purpose="service").is_allowed

    def test_with_consent_the_answer_names_it(self) -> None:
        answer = ask(self.RULES, "2026-03-27T10:00", consents=[said("given", "2026-03-27", id="k-7", source="form 12")])
        assert answer.is_allowed
        assert (answer.reasons[0].values["consent"], answer.reasons[0].values["source"]) == ("k-7", "form 12")

    def test_a_consent_to_come_is_when_it_opens(self) -> None:
        assert opens(ask(self.RULES, "2026-03-27T10:00", consents=[said("given", "2026-05-01")])) == "2026-05-01 00:00"

    def test_it_expires_on_its_end_day(self) -> None:
        consents = [said("given", "2026-01-01", "2026-03-28")]
        assert ask(self.RULES, "2026-03-27T23:59", consents=consents).is_allowed
        assert codes(ask(self.RULES, "2026-03-28T00:00", consents=consents)) == ["consent_expired"]

    def test_it_lapses_on_the_same_date_two_calendar_years_later(self) -> None:
        consents = [said("given", "2024-02-29")]
        assert ask(self.RULES, "2026-02-27T23:59", consents=consents).is_allowed
        late = ask(self.RULES, "2026-02-28T00:00", consents=consents)
        assert (codes(late), late.reasons[0].values["lapsed_on"]) == (["consent_lapsed"], date(2026, 2, 28))
        assert ask(self.RULES, "2026-02-28T00:00", consents=[*consents, said("given", "2025-06-01")]).is_allowed

    def test_a_firm_may_keep_what_was_not_confirmed_and_is_told(self) -> None:
        rules = PermissionRules(consent=[ConsentRule(reconfirm="2 years")], on_silence="keep")
        answer = ask(rules, "2026-03-01T10:00", consents=[said("given", "2024-02-29")])
        assert answer.is_allowed
        assert answer.reasons[0].values["unconfirmed_since"] == date(2026, 2, 28)

    def test_a_deal_serves_as_consent_for_a_time(self) -> None:
        rules = PermissionRules(consent=[ConsentRule(soft_opt_in="6 months")])
        deal: dict[str, Any] = {"last_deal_on": date(2025, 8, 31)}
        assert codes(ask(rules, "2026-02-27T23:59", **deal)) == ["soft_opt_in"]
        assert not ask(rules, "2026-02-28T00:00", **deal).is_allowed
        assert ask(PermissionRules(consent=[ConsentRule(soft_opt_in="without limit")]), "2036-02-28T00:00", **deal).is_allowed

    def test_where_it_must_be_specific_a_consent_to_everything_is_none(self) -> None:
        rules = PermissionRules(consent=[ConsentRule(is_specific=True)])
        assert not ask(rules, "2026-03-27T10:00", consents=[said("given", "2026-01-01", channel="call")]).is_allowed
        exact = [said("given", "2026-01-01", channel="call", purpose="advertising")]
        assert ask(rules, "2026-03-27T10:00", consents=exact).is_allowed

    def test_where_refusals_are_global_one_refuses_everything(self) -> None:
        rules = PermissionRules(consent=[ConsentRule(mode="opt-out", is_global=True)])
        stop = said("refused", "2026-03-01", channel="e-mail", purpose="newsletter")
        assert not ask(rules, "2026-03-27T10:00", consents=[stop]).is_allowed
        assert ask(rules, "2026-03-27T10:00", consents=[stop, said("given", "2026-03-02")]).is_allowed
        assert ask(rules, "2026-03-27T10:00", purpose="service", consents=[stop]).is_allowed

    def test_the_word_of_one_person_binds_contacts_with_that_person(self) -> None:
        consents = [said("given", "2026-01-01", person_id="p-1")]
        assert ask(self.RULES, "2026-03-27T10:00", person_id="p-1", consents=consents).is_allowed
        assert not ask(self.RULES, "2026-03-27T10:00", person_id="p-2", consents=consents).is_allowed
        assert not ask(self.RULES, "2026-03-27T10:00", consents=consents).is_allowed

    # reliability.md D2: withdraw between plan and send; the question is asked again at the moment of sending
    def test_a_withdrawal_between_plan_and_sending_is_respected(self) -> None:
        consents = [said("given", "2026-01-01")]
        planned = ask(self.RULES, "2026-03-27T10:00", consents=consents)
        sent = ask(self.RULES, "2026-03-27T10:00", consents=[*consents, said("refused", "2026-03-27")])
        assert (planned.is_allowed, sent.is_allowed) == (True, False)


class TestHours:
    NIGHT = PermissionRules(hours=[Hours(quiet=["21:00-08:00"])])

    # reliability.md D3: 20:59:59.999999 / 21:00 / 07:59:59 / 08:00
    @pytest.mark.parametrize(
        ("at", "is_allowed"),
        [
            ("2026-03-27T20:59:59.999999", True),
            ("2026-03-27T21:00:00", False),
            ("2026-03-28T07:59:59.999999", False),
            ("2026-03-28T08:00:00", True),
        ],
    )
    def test_hours_are_half_open(self, at: str, is_allowed: bool) -> None:
        assert ask(self.NIGHT, at).is_allowed == is_allowed

    def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(self) -> None:
        rules = PermissionRules(hours=[Hours(quiet=["Fri 21:00-08:00"])])
        assert opens(ask(rules, "2026-03-27T22:00")) == "2026-03-28 08:00"
        assert ask(rules, "2026-03-26T22:00").is_allowed
        assert ask(rules, "2026-03-27T07:00").is_allowed

    def test_in_the_hour_that_clocks_skip_the_opening_is_their_first_instant_after_it(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["02:30-12:00"])])
        assert opens(ask(rules, "2026-03-29T01:00", zone=PARIS), PARIS) == "2026-03-29 03:00"

    def test_in_the_hour_that_clocks_show_twice_it_is_open_twice(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["02:30-02:45"])])
        first = ask(rules, "2026-10-25T02:00", zone=PARIS)
        assert first.next_allowed_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        second = ask(rules, "2026-10-25T02:45", zone=PARIS)
        assert second.next_allowed_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    def test_a_day_that_a_zone_skipped_is_skipped(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["Fri 10:00-12:00"])])
        assert opens(ask(rules, "2011-12-29T13:00", zone="Pacific/Apia"), "Pacific/Apia") == "2012-01-06 10:00"

    def test_where_the_clocks_went_back_over_midnight_saturday_comes_again(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["Sat 23:30-24:00"])])
        at = datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC)  # 00:00:30 on Sunday in St John's; at 00:01 it is Saturday 23:01 again
        found = may_contact(rules, zones=["America/St_Johns"], channel="call", purpose=None, at=at).next_allowed_at
        assert found == datetime(2006, 10, 29, 3, 0, tzinfo=UTC)

    def test_caps_of_a_day_that_comes_again_hold_again(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")])
        log = [Touchpoint(id="t", client_id="c-1", occurred_at=date(2006, 10, 28), channel="call")]
        asked: dict[str, Any] = {"zones": ["America/St_Johns"], "channel": "call", "purpose": None, "touchpoints": log}
        minute = may_contact(rules, at=datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC), **asked)
        assert minute.is_allowed
        again = may_contact(rules, at=datetime(2006, 10, 29, 2, 45, tzinfo=UTC), **asked)
        assert again.next_allowed_at == datetime(2006, 10, 29, 3, 30, tzinfo=UTC)

    def test_a_day_before_that_comes_again_is_open_while_the_day_itself_is_closed(self) -> None:
        log = [Touchpoint(id="t", client_id="c-1", occurred_at=date(2006, 10, 29), channel="call")]
        answer = may_contact(
            PermissionRules(caps=[Cap(limit=1, per="day")]),
            zones=["America/St_Johns"],
            channel="call",
            purpose=None,
            at=datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC),
            touchpoints=log,
        )
        assert answer.next_allowed_at == datetime(2006, 10, 29, 2, 31, tzinfo=UTC)

    def test_public_holidays_close_or_have_hours_of_their_own(self) -> None:
        office = SetCalendar(name="office", holidays=[date(2026, 3, 27)])
        closed = PermissionRules(hours=[Hours(allowed=["Mon-Fri 10:00-18:00"], holidays="closed")])
        answer = ask(closed, "2026-03-27T11:00", calendar=office)
        assert (opens(answer), codes(answer)) == ("2026-03-30 10:00", ["holiday"])
        apart = PermissionRules(hours=[Hours(allowed=["Mon-Fri 10:00-18:00", "holiday 12:00-14:00"])])
        assert opens(ask(apart, "2026-03-27T11:00", calendar=office)) == "2026-03-27 12:00"
        assert ask(
            PermissionRules(hours=[Hours(allowed=["Mon-Fri 10:00-18:00"])]), "2026-03-27T11:00", calendar=office
        ).is_allowed

    def test_holidays_that_are_not_published_are_told(self) -> None:
        office = SetCalendar(name="office", known_until=date(2026, 3, 26))
        rules = PermissionRules(hours=[Hours(allowed=["Mon-Fri 10:00-18:00"], holidays="closed")])
        answer = ask(rules, "2026-03-27T11:00", calendar=office)
        assert (answer.is_allowed, [reason.code for reason in answer.reasons]) == (True, ["calendar.not_published"])

    def test_a_consent_for_the_night_lifts_the_hours_that_say_so(self) -> None:
        rules = PermissionRules(hours=[Hours(quiet=["21:00-08:00"], night_consent=True)])
        night = [said("given", "2026-03-01", night=True)]
        assert ask(rules, "2026-03-27T23:00", consents=night).is_allowed
        assert not ask(rules, "2026-03-27T23:00", consents=[said("given", "2026-03-01")]).is_allowed
        assert not ask(self.NIGHT, "2026-03-27T23:00", consents=night).is_allowed

    def test_hours_that_never_open_are_told_so(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["08:00-09:00"]), Hours(allowed=["20:00-21:00"])])
        answer = ask(rules, "2026-03-27T08:30")
        assert answer.next_allowed_at is None
        assert codes(answer) == ["hours", "beyond_horizon"]
        assert not has_open_hour(rules, zones=[SEOUL], channel="call", purpose=None, day=date(2026, 1, 1))

    def test_an_unknown_zone_is_all_that_it_may_be(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["08:00-21:00"])])
        answer = ask(rules, "2026-03-27T08:00", zone="America/New_York", zones=["America/New_York", "Pacific/Honolulu"])
        assert opens(answer, "America/New_York") == "2026-03-27 14:00"
        assert codes(answer) == ["hours", "zone_unknown"]
        assert answer.reasons[0].values["zone"] == "Pacific/Honolulu"


class TestDays:
    def test_a_day_is_closed_when_no_minute_of_it_is_open(self) -> None:
        rules = PermissionRules(caps=[Cap(limit=1, per="day")], hours=[Hours(allowed=["10:00-12:00"])])
        log = [touch("2026-03-27T11:00")]
        asked: dict[str, Any] = {"zones": [SEOUL], "channel": "call", "purpose": "offer", "touchpoints": log}
        today = first_allowed(rules, day=date(2026, 3, 27), **asked)
        assert (today.is_allowed, opens(today), codes(today)) == (False, "2026-03-28 10:00", ["cap"])
        before = first_allowed(rules, day=date(2026, 3, 26), **asked)
        assert (before.is_allowed, opens(before)) == (True, "2026-03-26 10:00")

    def test_where_only_together_they_close_the_day_all_are_told(self) -> None:
        rules = PermissionRules(hours=[Hours(allowed=["10:00-12:00"]), Hours(quiet=["Fri 09:00-13:00"])])
        answer = first_allowed(rules, zones=[SEOUL], channel="call", purpose=None, day=date(2026, 3, 27))
        assert (answer.is_allowed, opens(answer), codes(answer)) == (False, "2026-03-28 10:00", ["hours"])


class TestLaws:
    @pytest.mark.parametrize(
        ("name", "zone", "at", "channel", "is_allowed"),
        [
            ("kr", SEOUL, "2026-12-02T20:59", "call", True),
            ("kr", SEOUL, "2026-12-02T21:00", "call", False),
            ("kr", SEOUL, "2026-12-02T23:00", "e-mail", True),
            ("kr", SEOUL, "2026-12-02T23:00", "visit", True),
            ("kr", SEOUL, "2026-12-02T23:00", "carrier pigeon", False),
            ("cn", "Asia/Shanghai", "2026-12-02T08:59", "call", False),
            ("cn", "Asia/Shanghai", "2026-12-02T09:00", "call", True),
            ("us", "America/New_York", "2026-12-02T08:00", "call", True),
            ("us", "America/New_York", "2026-12-02T21:00", "call", False),
            ("us", "America/New_York", "2026-12-02T22:00", "e-mail", True),
            ("us-FL", "America/New_York", "2026-12-02T20:30", "call", False),
            ("us-AL", "America/Chicago", "2026-12-06T12:00", "call", False),
            ("us-AL", "America/Chicago", "2026-12-05T12:00", "call", True),
            ("us-AL", "America/Chicago", "2026-12-05T22:00", "call", False),
            ("us-RI", "America/New_York", "2026-12-02T18:00", "call", False),
            ("fr", PARIS, "2026-12-02T12:59", "call", True),
            ("fr", PARIS, "2026-12-02T13:30", "call", False),
            ("fr", PARIS, "2026-12-02T19:59", "call", True),
            ("fr", PARIS, "2026-12-25T11:00", "call", False),
            ("strict", PARIS, "2026-12-05T11:00", "visit", False),
        ],
    )
    def test_the_hours_of_a_law(self, name: str, zone: str, at: str, channel: str, is_allowed: bool) -> None:
        consents = [said("given", "2026-01-01", channel=channel, purpose="advertising")]
        answer = ask(PermissionRules(law=[name]), at, zone, channel=channel, consents=consents)
        assert answer.is_allowed == is_allowed
        assert is_allowed or answer.laws

    @pytest.mark.parametrize(
        ("name", "channel", "row"),
        [
            ("kr", "message", "kr.ad.consent"),
            ("cn", "sms", "cn.sms.consent"),
            ("eu", "e-mail", "eu.eprivacy"),
            ("fr", "call", "fr.tel.consent"),
            ("de", "call", "de.tel.consent"),
            ("strict", "visit", "strict.consent"),
        ],
    )
    def test_the_consent_that_a_law_asks_for(self, name: str, channel: str, row: str) -> None:
        answer = ask(PermissionRules(law=[name]), "2026-12-02T11:00", PARIS, channel=channel)
        assert (answer.is_allowed, answer.next_allowed_at) == (False, None)
        assert row in answer.laws

    def test_a_law_holds_from_its_first_day(self) -> None:
        rules = PermissionRules(law=["fr"])
        assert ask(rules, "2026-08-10T11:00", PARIS).is_allowed
        assert not ask(rules, "2026-08-11T11:00", PARIS).is_allowed

    def test_a_row_is_in_force_from_its_first_day_until_before_its_last(self) -> None:
        row = LawRow(
            id="x",
            says="x",
            source="x",
            confidence="secondary",
            as_of=date(2026, 1, 1),
            valid_from=date(2026, 2, 1),
            valid_until=date(2026, 3, 1),
            rules=[Cap(limit=0, per="day")],
        )
        days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
        assert [row.is_in_force(day.toordinal()) for day in days] == [False, True, True, False]

        @attrs.frozen
        class Never:
            def opens_at(self, at: datetime) -> None:
                return None

            def reason(self, at: datetime) -> Reason:
                return Reason("x")

        barrier = Valid(SEOUL, Never(), row)
        midnight = moment("2026-03-01T00:00").astimezone(UTC)
        assert barrier.opens_at(moment("2026-01-31T23:59").astimezone(UTC)) == moment("2026-01-31T23:59")
        assert barrier.opens_at(moment("2026-02-10T12:00").astimezone(UTC)) == midnight
        assert barrier.opens_at(midnight) == midnight

    def test_what_is_allowed_before_a_law_begins_is_found(self) -> None:
        assert opens(ask(PermissionRules(law=["fr"]), "2026-08-07T21:00", PARIS), PARIS) == "2026-08-10 10:00"

    # reliability.md D7: FR 4/30 calendar days, attempts
    def test_four_attempts_in_thirty_days_are_all_that_french_law_allows(self) -> None:
        log = [touch(f"2026-06-{day:02}", outcome="no answer", zone=PARIS) for day in (1, 2, 3, 4)]
        answer = ask(PermissionRules(law=["fr"]), "2026-06-10T11:00", PARIS, touchpoints=log)
        assert (opens(answer, PARIS), answer.laws) == ("2026-07-01 10:00", ("fr.tel.cap",))

    def test_calls_for_service_are_none_of_that_laws_business(self) -> None:
        log = [touch(f"2026-06-{day:02}", purpose="fault") for day in (1, 2, 3, 4)]
        rules = PermissionRules(law=["fr"], service=["fault"])
        assert ask(rules, "2026-06-10T11:00", PARIS, touchpoints=log).is_allowed
        assert ask(rules, "2026-06-10T23:00", PARIS, purpose="fault").is_allowed

    def test_a_refusal_to_a_french_caller_is_respected_for_sixty_days_and_an_objection_for_good(self) -> None:
        rules = PermissionRules(law=["fr"])
        assert (
            opens(ask(rules, "2026-05-04T11:00", PARIS, touchpoints=[touch("2026-05-04", outcome="refused")]), PARIS)
            == "2026-07-03 10:00"
        )
        assert ask(rules, "2026-05-04T11:00", PARIS, touchpoints=[touch("2026-05-04", outcome="opt-out")]).next_allowed_at is None

    def test_three_calls_in_a_day_are_all_that_florida_allows(self) -> None:
        zone = "America/New_York"
        log = [touch(f"2026-06-02T{hour:02}:10", zone=zone) for hour in (9, 10, 11)]
        assert opens(ask(PermissionRules(law=["us-FL"]), "2026-06-02T12:00", zone, touchpoints=log), zone) == "2026-06-03 09:10"

    def test_korean_advertising_after_a_deal_needs_no_consent_for_six_months(self) -> None:
        rules = PermissionRules(law=["kr"])
        answer = ask(rules, "2026-12-02T11:00", last_deal_on=date(2026, 7, 1))
        assert answer.is_allowed
        assert set(codes(answer)) == {"soft_opt_in"}
        assert not ask(rules, "2027-01-02T11:00", last_deal_on=date(2026, 7, 1)).is_allowed

    def test_parameters_looked_up_more_than_a_year_before_are_told(self) -> None:
        rules = PermissionRules(law=["us"])
        assert "law_stale" not in codes(ask(rules, "2027-11-21T11:00", "America/New_York"))
        stale = ask(rules, "2027-11-22T11:00", "America/New_York").reasons[-1]
        assert (stale.code, stale.values["as_of"]) == ("permission.law_stale", date(2026, 11, 21))

    def test_every_preset_has_rows_with_source_date_and_confidence(self) -> None:
        rows = [row for preset in LAWS.values() for row in preset.rows]
        assert len({row.id for row in rows}) == len(rows)
        for row in rows:
            assert row.source
            assert row.as_of == date(2026, 11, 21)
            assert row.confidence in CONFIDENCES
            assert all(getattr(rule, "purposes", "advertising") == "advertising" for rule in row.rules), (
                "laws are about advertising"
            )
            assert not any(getattr(rule, "channels", ()) for rule in row.rules), "laws speak of media, not of channels"
        assert all(preset.rows and any(row.is_enforced for row in preset.rows) for preset in LAWS.values())

    def test_every_row_stands_in_the_reference_word_for_word(self) -> None:
        page = (Path(__file__).parents[2] / "docs" / "reference" / "contact-law.md").read_text(encoding="utf-8")
        assert page.count("\n| `") == sum(len(preset.rows) for preset in LAWS.values())
        for preset in LAWS.values():
            section = page.partition(f"\n## `{preset.id}`: {preset.title}\n")[2].partition("\n## ")[0]
            assert all(f"`{name}`" in section for name in (*preset.includes, *preset.zones))
            for row in preset.rows:
                force = f"from {row.valid_from}" if row.valid_from else ""
                decides = ", ".join(dict.fromkeys(KINDS[type(rule)] for rule in row.rules))
                media = (", ".join(row.media) or "every medium") if row.rules else ""
                cells = (f"`{row.id}`", row.says, row.source, row.confidence, row.as_of, force, decides, media)
                assert f"\n| {' | '.join(map(str, cells))} |\n" in section

    def test_the_presets_of_the_issue_are_there(self) -> None:
        assert {"kr", "cn", "us", "us-FL", "eu", "fr", "de", "strict"} <= set(LAWS)

    def test_a_preset_brings_those_that_it_includes(self) -> None:
        assert [preset.id for preset in with_included(["fr", "de"])] == ["fr", "eu", "de"]

    @pytest.mark.parametrize(
        ("name", "hint"), [("krr", "did you mean 'kr'?"), ("us-ZZ", "write 'us' for states"), ("zzz", "there are kr")]
    )
    def test_an_unknown_law_is_told_with_the_nearest(self, name: str, hint: str) -> None:
        with pytest.raises(UnknownRecordError, match="unknown law") as caught:
            law(name)
        assert hint in str(caught.value)
        with pytest.raises(InvalidValueError, match="law"):
            PermissionRules(law=[name])


class TestZones:
    def test_a_clients_own_zone_comes_first_then_the_rules_then_the_laws_then_the_books(self) -> None:
        here, elsewhere = Client(id="c", name="C", zone="Asia/Tokyo"), Client(id="c", name="C")
        assert possible_zones(PermissionRules(law=["kr"]), here, "UTC") == ("Asia/Tokyo",)
        assert possible_zones(PermissionRules(law=["kr"], zones=["Asia/Tokyo"]), elsewhere, "UTC") == ("Asia/Tokyo",)
        assert possible_zones(PermissionRules(law=["kr", "us-FL"]), elsewhere, "UTC") == (
            SEOUL,
            "America/New_York",
            "America/Chicago",
        )
        assert possible_zones(PermissionRules(law=["strict"]), elsewhere, "Asia/Tokyo") == ("Asia/Tokyo",)


class TestPolicies:
    POLICY = Policy(id="p", version="1", effective_from=date(2026, 1, 1), permission=PermissionRules(law=["kr"]))

    def test_a_policy_answers_for_a_client(self) -> None:
        answer = self.POLICY.may_contact(
            Client(id="c-1", name="C"),
            channel="call",
            purpose="offer",
            at=moment("2026-12-02T22:00"),
            consents=[said("given", "2026-12-01")],
        )
        assert opens(answer) == "2026-12-03 08:00"

    def test_entries_that_were_taken_back_do_not_count(self) -> None:
        policy = Policy(
            id="p", version="1", effective_from=date(2026, 1, 1), permission=PermissionRules(caps=[Cap(limit=1, per="day")])
        )
        log = [touch("2026-03-27T09:00", id="t-1"), touch("2026-03-27T10:00", "void", id="t-2", voids_id="t-1")]
        asked: dict[str, Any] = {"channel": "call", "purpose": None, "at": moment("2026-03-27T12:00"), "zone": SEOUL}
        assert policy.may_contact(Client(id="c-1", name="C"), touchpoints=log, **asked).is_allowed
        assert not policy.may_contact(Client(id="c-1", name="C"), touchpoints=log[:1], **asked).is_allowed

    def test_without_rules_only_refusals_stand_in_the_way(self) -> None:
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), permission=PermissionRules())
        assert policy.permission is None
        client = Client(id="c-1", name="C")
        asked: dict[str, Any] = {"channel": "call", "purpose": None, "at": moment("2026-03-27T03:00")}
        assert policy.may_contact(client, **asked).is_allowed
        assert not policy.may_contact(client, consents=[said("refused", "2026-03-01")], **asked).is_allowed

    def test_events_of_another_client_and_days_out_of_force_are_refused(self) -> None:
        asked: dict[str, Any] = {"channel": "call", "purpose": None}
        with pytest.raises(InvalidValueError, match=r"consents\[0\].client_id"):
            self.POLICY.may_contact(
                Client(id="c-2", name="C"), at=moment("2026-03-27T03:00"), consents=[said("given", "2026-01-01")], **asked
            )
        with pytest.raises(PolicyError):
            self.POLICY.may_contact(Client(id="c-2", name="C"), at=moment("2025-03-27T03:00"), **asked)

    def test_rules_are_read_and_written(self) -> None:
        rules = PermissionRules(
            law=["kr", "us-FL"],
            zones=[SEOUL],
            service=["fault"],
            requested=["callback", "question"],
            uncounted=["birthday"],
            not_contact=[],
            on_silence="keep",
            media={"hotline": "phone"},
            caps=[Cap(limit=2, per="week", channels=["call"], purposes="advertising")],
            gaps=[Gap(minimum="48 hours"), Gap(minimum="1 week", channels=["visit"])],
            hours=[
                Hours(allowed=["Mon-Fri 10:00-13:00", "Sat,holiday 10:00-12:00"], calendar="KR", night_consent=True),
                Hours(quiet=["21:00-08:00"], holidays="closed"),
            ],
            rotations=[Rotation(most=3, within="3 months")],
            stops=[Stop(after=2, outcomes=["stop"], pause="6 months", within="1 year")],
            consent=[ConsentRule(soft_opt_in="without limit", reconfirm="2 years"), ConsentRule(mode="opt-out", is_global=True)],
        )
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), permission=rules)
        again = loads_policy(dumps_policy(policy))
        assert again == policy
        assert again.permission == rules

    def test_every_mistake_of_a_document_is_told_at_once_with_its_place(self) -> None:
        text = """\
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[permission]
law = ["us-ZZ", "krr"]
zones = ["Asia/Soul"]
media = { hotline = "phon" }
caps = [ { limit = 2 }, { limit = -1, per = "day" } ]
gaps = [ { minimum = "48" } ]
hours = [ { allowed = ["Mon-Fry 10:00-13:00"] }, { holidays = "closed" } ]
rotations = [ { mst = 3 } ]
stops = [ { after = 0 } ]
consent = [ { mode = "opt-out", reconfirm = "2 years" }, {} ]
"""
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(text)
        assert [(problem.line, problem.path) for problem in caught.value.problems] == [
            (7, "permission.law[0]"),
            (7, "permission.law[1]"),
            (8, "permission.zones[0]"),
            (9, "permission.media.hotline"),
            (10, "permission.caps[0].per"),
            (10, "permission.caps[1].limit"),
            (11, "permission.gaps[0].minimum"),
            (12, "permission.hours[0].allowed[0]"),
            (12, "permission.hours[1]"),
            (13, "permission.rotations[0].most"),
            (13, "permission.rotations[0].mst"),
            (14, "permission.stops[0].after"),
            (15, "permission.consent[0].mode"),
            (15, "permission.consent[1].mode"),
        ]


class TestValues:
    @pytest.mark.parametrize("text", ["48 hours", "1 hour", "3 days", "1 day"])
    def test_a_lapse_is_written_as_it_is_read(self, text: str) -> None:
        assert str(Lapse.parse(text)) == text

    @pytest.mark.parametrize("text", ["day", "week", "month", "30 days", "1 day", "24 hours", "1 hour"])
    def test_a_period_is_written_as_it_is_read(self, text: str) -> None:
        assert str(CapPeriod.parse(text)) == text

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("21:00-08:00", "21:00-08:00"),
            ("Mon-Sun 00:00-24:00", "00:00-24:00"),
            ("Mon-Fri 10:00-13:00", "Mon-Fri 10:00-13:00"),
            ("Sat-Mon 10:00-13:00", "Mon,Sat,Sun 10:00-13:00"),
            ("Sat,Sun,holiday 10:00-13:00", "Sat,Sun,holiday 10:00-13:00"),
        ],
    )
    def test_a_window_is_written_so_that_it_reads_back(self, text: str, written: str) -> None:
        window = HourWindow.parse(text)
        assert str(window) == written
        assert HourWindow.parse(written) == window

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "10-13",
            "10:00-10:00",
            "24:00-10:00",
            "10:00-24:01",
            "Mon-Fry 10:00-13:00",
            "Mon-holiday 10:00-11:00",
            "holiday 22:00-08:00",
            "１0:00-13:00",
        ],
    )
    def test_any_other_window_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidValueError):
            HourWindow.parse(text)

    @pytest.mark.parametrize("text", ["", "0 days", "1 month", "day", " 1 day", "1.5 hours", "69994 days"])
    def test_any_other_lapse_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidValueError):
            Lapse.parse(text)

    @pytest.mark.parametrize(
        ("kind", "fields", "name"),
        [
            (Cap, {"limit": True, "per": "day"}, "limit"),
            (Cap, {"limit": 1, "per": "year"}, "per"),
            (Cap, {"limit": 1, "per": "day", "channels": "call"}, "channels"),
            (Cap, {"limit": 1, "per": "day", "purposes": "service"}, "purposes"),
            (Gap, {"minimum": 3}, "minimum"),
            (Rotation, {"most": 0}, "most"),
            (Stop, {"after": 0}, "after"),
            (Stop, {"outcomes": []}, "outcomes"),
            (Hours, {}, "allowed"),
            (Hours, {"allowed": ["08:00-09:00"], "quiet": ["08:00-09:00"]}, "allowed"),
            (Hours, {"allowed": ["holiday 08:00-09:00"], "holidays": "closed"}, "holidays"),
            (Hours, {"allowed": ["08:00-09:00"], "calendar": "France"}, "calendar"),
            (Hours, {"allowed": "08:00-09:00"}, "allowed"),
            (Hours, {"allowed": ["08:00-09:00"], "night_consent": 1}, "night_consent"),
            (ConsentRule, {"mode": "none"}, "mode"),
            (ConsentRule, {"mode": "opt-out", "reconfirm": "2 years"}, "mode"),
            (ConsentRule, {"soft_opt_in": "maybe"}, "soft_opt_in"),
            (PermissionRules, {"law": "kr"}, "law"),
            (PermissionRules, {"zones": ["Asia/Soul"]}, "zones[0]"),
            (PermissionRules, {"requested": ["callback", "callback"]}, "requested[1]"),
            (PermissionRules, {"media": {"hotline": "phon"}}, "media.hotline"),
            (PermissionRules, {"on_silence": "ask"}, "on_silence"),
            (PermissionRules, {"caps": [Gap(minimum="1 day")]}, "caps[0]"),
            (CapPeriod, {"unit": "week", "count": 2}, "count"),
            (HourWindow, {"days": [8], "start": 0, "end": 1}, "days"),
        ],
    )
    def test_a_value_that_is_wrong_is_refused_by_its_name(self, kind: Any, fields: dict[str, Any], name: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            kind(**fields)
        assert caught.value.name == name

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"at": datetime(2026, 1, 1, 10)}, "at"),
            ({"at": date(2026, 1, 1)}, "at"),
            ({"zones": []}, "zones"),
            ({"zones": ["Nowhere/Here"]}, "zones[0]"),
            ({"zones": SEOUL}, "zones"),
            ({"channel": ""}, "channel"),
            ({"purpose": "\n"}, "purpose"),
            (
                {
                    "consents": [
                        said("given", "2026-01-01"),
                        Consent(id="k", client_id="c-2", kind="given", start_on=date(2026, 1, 1)),
                    ]
                },
                "touchpoints",
            ),
            ({"touchpoints": ["t"]}, "touchpoints[0]"),
        ],
    )
    def test_a_question_that_is_wrong_is_refused_by_the_name_of_its_argument(self, fields: dict[str, Any], name: str) -> None:
        asked: dict[str, Any] = {"zones": [SEOUL], "channel": "call", "purpose": None, "at": moment("2026-01-01T10:00"), **fields}
        with pytest.raises(InvalidValueError) as caught:
            may_contact(PermissionRules(), **asked)
        assert caught.value.name == name

    def test_the_ends_of_the_years_are_no_trouble(self) -> None:
        rules = PermissionRules(hours=[Hours(quiet=["21:00-08:00"], holidays="closed")], caps=[Cap(limit=1, per="30 days")])
        for at in (datetime(1900, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, tzinfo=UTC)):
            answer = may_contact(rules, zones=["Pacific/Kiritimati", "Pacific/Niue"], channel="call", purpose=None, at=at)
            assert answer.next_allowed_at is None or answer.next_allowed_at >= at

    def test_values_survive_pickling(self) -> None:
        rules = PermissionRules(law=["fr"], hours=[Hours(quiet=["21:00-08:00"])])
        assert rules.active
        assert pickle.loads(pickle.dumps(rules)) == rules
        answer = ask(rules, "2026-03-27T22:00", PARIS)
        assert pickle.loads(pickle.dumps(answer)) == answer


class TestWords:
    def test_an_answer_is_one_line(self) -> None:
        rules = PermissionRules(hours=[Hours(quiet=["21:00-08:00"])])
        assert explain(ask(rules, "2026-03-27T22:00")) == (
            "contact by call for offer is not allowed before 2026-03-28 08:00 in Asia/Seoul: "
            "at 2026-03-27 22:00 in Asia/Seoul it is outside what is allowed, closed at '21:00-08:00'"
        )
        assert explain(ask(rules, "2026-03-27T12:00")) == "contact by call for offer is allowed"
        stop = explain(ask(rules, "2026-03-27T12:00", consents=[said("refused", "2026-03-01", id="k-1")]))
        assert stop == (
            "contact by call for offer is not allowed, and nothing says from when on: contact is refused since 2026-03-01 by k-1"
        )

    def test_with_several_zones_the_time_is_told_in_utc(self) -> None:
        rules = PermissionRules(hours=[Hours(quiet=["21:00-08:00"])])
        text = explain(ask(rules, "2026-03-27T22:00", zones=[SEOUL, "Asia/Tokyo"]))
        assert text.startswith("contact by call for offer is not allowed before 2026-03-27 23:00 in UTC: ")
