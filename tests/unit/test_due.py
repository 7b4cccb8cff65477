from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relcare.cadence import CadenceRule, ContactFinder, Due, DueContext, dues_of
from relcare.calendars import Calendar, RollTable, SetCalendar, Weekdays, calendar, combine
from relcare.facts import history_of
from relcare.model import Birthday, Client, ContactPerson, Money, Purchase, Reason, Touchpoint
from relcare.policy import Every

CHINA = calendar("CN")
EVERY_DAY = SetCalendar(name="every day", weekend=())


def day(text: str) -> date:
    return date.fromisoformat(text)


def rule(**more: Any) -> CadenceRule:
    return CadenceRule(**({"id": "r", "channel": "call", "every": "1 week", "roll": "none"} | more))


def touch(on: str, **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": f"t-{on}", "client_id": "c", "occurred_at": day(on), "channel": "call"}
    return Touchpoint(**(given | more))


def bought(on: str) -> Purchase:
    return Purchase(id=f"p-{on}", client_id="c", purchased_on=day(on), amount=Money("1", "CNY"))


def dues(
    ruled: CadenceRule,
    as_of: str,
    touches: Sequence[Touchpoint] = (),
    *,
    since: str | None = "2020-01-01",
    in_force: str = "2025-01-01",
    business: Calendar = EVERY_DAY,
    people: Sequence[ContactPerson] = (),
    purchases: Sequence[Purchase] = (),
    intervals: Mapping[str, tuple[Every, str]] | None = None,
    anchor: str | None = None,
    zone: str = "Asia/Seoul",
) -> list[Due]:
    on = day(as_of)
    client = Client(id="c", name="C", client_since_on=None if since is None else day(since))
    history = history_of(client, people=people, touchpoints=touches, purchases=purchases, zone=ZoneInfo(zone))
    table = RollTable(business, on, on)
    context = DueContext(as_of=on.toordinal(), in_force_from=day(in_force).toordinal(), table=table)
    at = None if anchor is None else day(anchor).toordinal()
    return list(dues_of(ContactFinder.of(ruled), history, context, strategy_intervals=intervals or {}, anchor=at))


def one(*args: Any, **more: Any) -> Due:
    (found,) = dues(*args, **more)
    return found


def texts(*ordinals: int) -> list[str]:
    return [str(date.fromordinal(ordinal)) for ordinal in ordinals]


def span(due: Due) -> list[str]:
    return texts(due.earliest, due.due, due.latest)


def shown(found: Sequence[Due]) -> list[tuple[str, str]]:
    return [(due.occurrence, str(date.fromordinal(due.due))) for due in found]


def codes(due: Due) -> list[str]:
    return [reason.code for reason in due.reasons]


class TestWindow:
    """CAD-5: "State: upcoming (before earliest), due (earliest to due), grace (to latest), overdue (after latest)"."""

    @pytest.mark.parametrize(
        ("as_of", "state"),
        [
            ("2026-03-11", "upcoming"),
            ("2026-03-14", "upcoming"),
            ("2026-03-15", "due"),
            ("2026-03-17", "due"),
            ("2026-03-18", "grace"),
            ("2026-03-20", "grace"),
            ("2026-03-21", "overdue"),
            ("2027-03-21", "overdue"),
        ],
    )
    def test_both_ends_of_each_stretch_count(self, as_of: str, state: str) -> None:
        due = one(rule(lead="2 days", grace="3 days"), as_of, [touch("2026-03-10")])
        assert span(due) == ["2026-03-15", "2026-03-17", "2026-03-20"]
        assert due.state(day(as_of).toordinal()) == state

    @pytest.mark.parametrize(("as_of", "state"), [("2026-03-16", "upcoming"), ("2026-03-17", "due"), ("2026-03-18", "overdue")])
    def test_without_lead_and_grace_there_is_one_day(self, as_of: str, state: str) -> None:
        due = one(rule(), as_of, [touch("2026-03-10")])
        assert span(due) == ["2026-03-17"] * 3
        assert due.state(day(as_of).toordinal()) == state

    @pytest.mark.parametrize(
        ("lead", "grace", "expected"),
        [
            # 17 March 2026 is a Tuesday.
            ("0 days", "1 business day", ["2026-03-17", "2026-03-17", "2026-03-18"]),
            ("0 days", "3 business days", ["2026-03-17", "2026-03-17", "2026-03-20"]),
            ("0 days", "4 business days", ["2026-03-17", "2026-03-17", "2026-03-23"]),
            ("0 days", "4 days", ["2026-03-17", "2026-03-17", "2026-03-21"]),
            ("1 business day", "0 business days", ["2026-03-16", "2026-03-17", "2026-03-17"]),
            ("2 business days", "0 days", ["2026-03-13", "2026-03-17", "2026-03-17"]),
            ("2 days", "1 week", ["2026-03-15", "2026-03-17", "2026-03-24"]),
        ],
    )
    def test_business_days_pass_over_the_weekend_and_calendar_days_do_not(
        self, lead: str, grace: str, expected: list[str]
    ) -> None:
        assert span(one(rule(lead=lead, grace=grace), "2026-03-10", [touch("2026-03-10")], business=Weekdays())) == expected

    def test_business_grace_from_a_saturday_begins_on_monday(self) -> None:
        due = one(rule(grace="1 business day", lead="1 business day"), "2026-03-10", [touch("2026-03-07")], business=Weekdays())
        assert span(due) == ["2026-03-13", "2026-03-14", "2026-03-16"]

    def test_business_grace_passes_over_holidays_and_counts_make_up_days(self) -> None:
        # 14 February is a Saturday that is worked; the festival lasts from the 15th to the 23rd.
        due = one(rule(grace="2 business days"), "2026-02-12", [touch("2026-02-06")], business=CHINA)
        assert span(due) == ["2026-02-13", "2026-02-13", "2026-02-24"]

    def test_lead_and_grace_are_taken_from_the_rolled_day(self) -> None:
        due = one(rule(roll="following", lead="2 days", grace="2 days"), "2026-03-10", [touch("2026-03-07")], business=Weekdays())
        assert span(due) == ["2026-03-14", "2026-03-16", "2026-03-18"]


class TestRolling:
    """CAD-3: "rolling (last qualifying contact + interval)", CAD-1: "the latest qualifying touchpoint by when it happened"."""

    @pytest.mark.parametrize(
        ("last", "every", "expected"),
        [
            ("2026-03-10", "1 week", "2026-03-17"),
            ("2026-03-10", "1 day", "2026-03-11"),
            ("2026-01-31", "1 month", "2026-02-28"),
            ("2024-01-31", "1 month", "2024-02-29"),
            ("2025-12-31", "2 months", "2026-02-28"),
            ("2025-11-30", "1 quarter", "2026-02-28"),
            ("2026-02-28", "1 month", "2026-03-28"),
            ("2024-02-29", "1 year", "2025-02-28"),
            ("2026-01-31", "30 days", "2026-03-02"),
            ("2025-12-29", "90 days", "2026-03-29"),
            ("2025-12-29", "3 months", "2026-03-29"),
            ("2025-11-29", "90 days", "2026-02-27"),
            ("2025-11-29", "3 months", "2026-02-28"),
        ],
    )
    def test_the_interval_is_counted_from_the_last_contact(self, last: str, every: str, expected: str) -> None:
        due = one(rule(every=every), "2026-06-30", [touch(last)])
        assert shown([due]) == [(f"t-{last}", expected)]
        assert due.last_day == day(last).toordinal()

    def test_the_month_it_was_clamped_to_does_not_stay(self) -> None:
        # 31 January, then the contact that was due on 28 February: the next counts from the contact, not from a 31st.
        assert shown(dues(rule(every="1 month"), "2026-03-01", [touch("2026-01-31"), touch("2026-02-28")])) == [
            ("t-2026-02-28", "2026-03-28")
        ]

    def test_an_instant_counts_from_its_day_in_the_zone(self) -> None:
        late = touch("2026-03-10", occurred_at=datetime(2026, 3, 10, 23, tzinfo=ZoneInfo("UTC")), id="t")
        assert shown(dues(rule(), "2026-03-20", [late], zone="UTC")) == [("t", "2026-03-17")]
        assert shown(dues(rule(), "2026-03-20", [late], zone="Asia/Seoul")) == [("t", "2026-03-18")]

    def test_what_is_late_does_not_stack(self) -> None:
        assert shown(dues(rule(), "2026-12-31", [touch("2026-03-10")])) == [("t-2026-03-10", "2026-03-17")]

    def test_the_reasons_say_from_when_and_what_stood_in(self) -> None:
        visit = touch("2026-03-10", channel="visit")
        due = one(rule(satisfied_by=["visit"]), "2026-03-20", [visit])
        assert due.reasons == (
            Reason(
                "cadence.last_contact",
                {},
                {"touchpoint": "t-2026-03-10", "channel": "visit", "interval": "1 week", "on": day("2026-03-10")},
            ),
            Reason("cadence.satisfied_by", {}, {"channel": "visit", "instead_of": "call"}),
        )
        in_lieu = one(rule(channel="visit"), "2026-03-20", [touch("2026-03-10", in_lieu_of="visit")])
        assert in_lieu.reasons[1] == Reason("cadence.in_lieu", {}, {"channel": "call", "instead_of": "visit"})
        assert codes(one(rule(), "2026-03-20", [touch("2026-03-10")])) == ["cadence.last_contact"]


class TestNeverContacted:
    """CAD-1: "max(client since, rule in force) + interval. Without `client_since_on`: the client's first event, else ..."."""

    @pytest.mark.parametrize(
        ("since", "in_force", "expected", "why"),
        [
            ("2026-03-10", "2026-03-01", "2026-03-17", "client_since"),
            ("2026-03-01", "2026-03-10", "2026-03-17", "rule_in_force"),
            ("2026-03-10", "2026-03-10", "2026-03-17", "rule_in_force"),
            (None, "2026-03-10", "2026-03-17", "rule_in_force"),
            ("2026-05-01", "2026-03-10", "2026-05-08", "client_since"),
        ],
    )
    def test_the_later_of_the_clients_first_day_and_the_rules(
        self, since: str | None, in_force: str, expected: str, why: str
    ) -> None:
        due = one(rule(), "2026-04-01", since=since, in_force=in_force)
        assert shown([due]) == [("first", expected)]
        (reason,) = due.reasons
        assert (reason.code, reason.values["since"], reason.values["interval"]) == ("cadence.never_contacted", why, "1 week")
        assert reason.values["on"] == day(expected) - timedelta(days=7)
        assert (due.last, due.last_day) == (None, None)

    def test_without_a_first_day_the_first_event_stands_in_be_it_a_purchase_or_a_failed_attempt(self) -> None:
        missed, sale = touch("2026-03-10", outcome="missed"), bought("2026-03-05")
        assert shown(dues(rule(), "2026-04-01", [missed], since=None)) == [("first", "2026-03-17")]
        assert shown(dues(rule(), "2026-04-01", [missed], since=None, purchases=[sale])) == [("first", "2026-03-12")]
        due = one(rule(), "2026-04-01", since=None, purchases=[sale])
        assert due.reasons[0].values["since"] == "first_event"

    def test_an_event_before_the_rule_was_in_force_does_not_bring_it_forward(self) -> None:
        assert shown(dues(rule(), "2026-04-01", since=None, in_force="2026-03-10", purchases=[bought("2025-01-01")])) == [
            ("first", "2026-03-17")
        ]

    def test_an_event_that_has_not_happened_yet_is_no_first_event(self) -> None:
        assert shown(dues(rule(), "2026-03-12", since=None, in_force="2026-03-10", purchases=[bought("2026-03-13")])) == [
            ("first", "2026-03-17")
        ]

    def test_a_failed_attempt_changes_nothing_for_a_client_with_a_first_day(self) -> None:
        missed = touch("2026-03-15", outcome="missed")
        assert shown(dues(rule(), "2026-04-01", [missed], since="2026-03-10")) == [("first", "2026-03-17")]

    def test_a_contact_from_before_the_rule_was_in_force_is_the_last_contact_all_the_same(self) -> None:
        assert shown(dues(rule(), "2026-03-10", [touch("2026-02-01")], in_force="2026-03-10")) == [("t-2026-02-01", "2026-02-08")]


class TestInterval:
    """REL-4: "the shortest of the rule's and those of the client's strategies for that channel, never below ... `minimum`"."""

    def interval(self, every: str, minimum: str | None, strategy: str | None) -> tuple[str, list[str]]:
        intervals = {} if strategy is None else {"call": (Every.parse(strategy), "partner"), "visit": (Every(days=1), "channel")}
        due = one(rule(every=every, minimum=minimum), "2026-03-20", [touch("2026-03-10")], intervals=intervals)
        assert due.due == due.interval.after(day("2026-03-10").toordinal())
        assert due.reasons[0].values["interval"] == str(due.interval)
        return str(due.interval), codes(due)[1:]

    @pytest.mark.parametrize(
        ("every", "minimum", "strategy", "expected", "why"),
        [
            ("2 weeks", None, None, "2 weeks", []),
            ("2 weeks", None, "1 week", "1 week", ["cadence.strategy_interval"]),
            ("2 weeks", None, "2 weeks", "2 weeks", []),
            ("2 weeks", None, "1 month", "2 weeks", []),
            ("1 month", None, "30 days", "30 days", ["cadence.strategy_interval"]),
            ("1 month", None, "31 days", "1 month", []),
            ("2 weeks", "10 days", "1 week", "10 days", ["cadence.strategy_interval", "cadence.minimum"]),
            ("2 weeks", "1 week", "1 week", "1 week", ["cadence.strategy_interval"]),
            ("2 weeks", "1 week", None, "2 weeks", []),
            ("2 weeks", "1 month", None, "1 month", ["cadence.minimum"]),
        ],
    )
    def test_the_shortest_down_to_the_minimum(
        self, every: str, minimum: str | None, strategy: str | None, expected: str, why: list[str]
    ) -> None:
        assert self.interval(every, minimum, strategy) == (expected, why)

    def test_the_reasons_name_the_type_and_what_gave_way(self) -> None:
        intervals = {"call": (Every(days=3), "partner")}
        due = one(rule(minimum="5 days"), "2026-03-20", [touch("2026-03-10")], intervals=intervals)
        assert due.reasons[1:] == (
            Reason("cadence.strategy_interval", {}, {"type": "partner", "interval": "3 days", "instead_of": "1 week"}),
            Reason("cadence.minimum", {}, {"minimum": "5 days", "instead_of": "3 days"}),
        )

    def test_a_lead_longer_than_the_interval_of_a_strategy_never_asks_again_on_the_day_of_the_contact(self) -> None:
        intervals = {"call": (Every(days=7), "partner")}
        due = one(rule(every="1 month", lead="2 weeks"), "2026-03-10", [touch("2026-03-10")], intervals=intervals)
        assert span(due) == ["2026-03-11", "2026-03-17", "2026-03-17"]

    def test_a_strategy_shortens_the_first_interval_too_and_never_a_grid(self) -> None:
        intervals = {"call": (Every(days=3), "partner")}
        assert shown(dues(rule(), "2026-04-01", since="2026-03-10", intervals=intervals)) == [("first", "2026-03-13")]
        series = rule(mode="grid", anchor="2026-03-02")
        assert shown(dues(series, "2026-03-10", intervals=intervals)) == shown(dues(series, "2026-03-10"))


class TestRoll:
    """TIM-6: "Roll: following, preceding, nearest, none; declared. Beyond the published horizon the answer says so."."""

    @pytest.mark.parametrize(
        ("raw", "following", "preceding", "nearest"),
        [
            # A plain weekend, the Spring Festival of 2026 (15 to 23 February), the make-up days around it, and October.
            ("2026-03-06", "2026-03-06", "2026-03-06", "2026-03-06"),
            ("2026-03-07", "2026-03-09", "2026-03-06", "2026-03-06"),
            ("2026-03-08", "2026-03-09", "2026-03-06", "2026-03-09"),
            ("2026-02-14", "2026-02-14", "2026-02-14", "2026-02-14"),
            ("2026-02-15", "2026-02-24", "2026-02-14", "2026-02-14"),
            ("2026-02-19", "2026-02-24", "2026-02-14", "2026-02-24"),
            ("2026-02-23", "2026-02-24", "2026-02-14", "2026-02-24"),
            ("2026-02-28", "2026-02-28", "2026-02-28", "2026-02-28"),
            ("2026-03-01", "2026-03-02", "2026-02-28", "2026-03-02"),
            ("2026-09-20", "2026-09-20", "2026-09-20", "2026-09-20"),
            ("2026-10-04", "2026-10-08", "2026-09-30", "2026-10-08"),
            ("2026-10-10", "2026-10-10", "2026-10-10", "2026-10-10"),
        ],
    )
    def test_a_due_day_goes_where_the_rule_says(self, raw: str, following: str, preceding: str, nearest: str) -> None:
        contact = str(day(raw) - timedelta(days=7))
        for how, expected in (("following", following), ("preceding", preceding), ("nearest", nearest), ("none", raw)):
            due = one(rule(roll=how), contact, since=contact, business=CHINA)
            assert texts(due.due) == [expected]
            moved = [reason.values for reason in due.reasons if reason.code == "cadence.rolled"]
            assert moved == ([] if expected == raw else [{"from": day(raw), "to": day(expected), "calendar": "CN", "roll": how}])
            assert "calendar.not_published" not in codes(due)

    def test_by_default_it_goes_to_the_following_business_day_of_monday_to_friday(self) -> None:
        plain = CadenceRule(id="r", channel="call", every="1 week")
        assert texts(one(plain, "2026-03-10", [touch("2026-03-07")], business=Weekdays()).due) == ["2026-03-16"]
        assert texts(one(plain, "2026-03-10", [touch("2026-02-07")], business=Weekdays()).due) == ["2026-02-16"]  # no holidays

    def test_the_firms_closures_count(self) -> None:
        office = combine(Weekdays(), closures=[day("2026-03-17"), day("2026-03-18")], name="office")
        due = one(rule(roll="following"), "2026-03-10", [touch("2026-03-10")], business=office)
        assert texts(due.due) == ["2026-03-19"]
        assert due.reasons[-1].values["calendar"] == "office"

    def unknown(self, contact: str, **more: Any) -> list[dict[str, Any]]:
        due = one(rule(**more), "2026-12-31", [touch(contact)], business=CHINA)
        return [dict(reason.values) for reason in due.reasons if reason.code == "calendar.not_published"]

    def test_beyond_the_published_horizon_the_reason_says_so_and_names_the_day(self) -> None:
        assert CHINA.known_until == day("2026-12-31")
        assert self.unknown("2026-12-24", roll="following") == []
        assert self.unknown("2026-12-25", roll="following") == [{"calendar": "CN", "on": day("2027-01-04")}]
        assert self.unknown("2026-12-31", roll="following") == [{"calendar": "CN", "on": day("2027-01-07")}]

    def test_a_day_rolled_back_from_beyond_the_horizon_says_so_too(self) -> None:
        due = one(rule(roll="preceding"), "2026-12-31", [touch("2026-12-25")], business=CHINA)
        assert texts(due.due) == ["2026-12-31"]
        assert codes(due)[-1] == "calendar.not_published"

    def test_a_rule_that_asks_the_calendar_nothing_does_not_care_what_is_published(self) -> None:
        assert self.unknown("2026-12-31", roll="none") == []
        assert self.unknown("2026-12-31", roll="none", lead="2 days", grace="2 days") == []

    def test_lead_and_grace_in_business_days_ask_the_calendar_as_well(self) -> None:
        assert self.unknown("2026-12-31", roll="none", lead="1 business day") == [{"calendar": "CN", "on": day("2027-01-07")}]
        assert self.unknown("2026-12-24", roll="following", grace="2 business days") == [
            {"calendar": "CN", "on": day("2027-01-05")}
        ]
        assert self.unknown("2026-12-24", roll="following", grace="2 days") == []


class TestGrid:
    """CAD-3: "grid (birthdays, agreed series, contract dates: anchor + n steps)"; CAD-5: "Late ones do not stack."."""

    def monthly(self, **more: Any) -> CadenceRule:
        return rule(**({"mode": "grid", "anchor": "2026-01-31", "every": "1 month"} | more))

    def test_it_gives_the_last_that_has_begun_while_it_is_owed_and_the_next(self) -> None:
        assert shown(dues(self.monthly(), "2026-04-29")) == [("2", "2026-03-31"), ("3", "2026-04-30")]
        assert shown(dues(self.monthly(), "2026-04-30")) == [("3", "2026-04-30"), ("4", "2026-05-31")]

    def test_before_the_series_begins_there_is_its_first_day_only(self) -> None:
        assert shown(dues(self.monthly(), "2026-01-30")) == [("0", "2026-01-31")]
        assert shown(dues(self.monthly(anchor="2030-01-31"), "2026-01-30")) == [("0", "2030-01-31")]

    @pytest.mark.parametrize(
        ("contact", "is_owed"),
        [("2026-03-27", True), ("2026-03-28", False), ("2026-03-31", False), ("2026-04-15", False)],
    )
    def test_a_contact_from_its_earliest_day_on_settles_it_and_an_earlier_one_does_not(
        self, contact: str, *, is_owed: bool
    ) -> None:
        found = dues(self.monthly(lead="3 days"), "2026-04-15", [touch(contact)])
        assert shown(found) == [*([("2", "2026-03-31")] if is_owed else []), ("3", "2026-04-30")]
        assert {due.last_day for due in found} == {day(contact).toordinal()}

    def test_an_early_or_late_contact_never_moves_the_series(self) -> None:
        for contact in ("2026-03-28", "2026-03-31", "2026-04-20"):
            assert shown(dues(self.monthly(), "2026-04-20", [touch(contact)]))[-1] == ("3", "2026-04-30")

    def test_the_lead_says_when_the_next_begins(self) -> None:
        ahead = self.monthly(lead="10 days")
        assert shown(dues(ahead, "2026-04-19")) == [("2", "2026-03-31"), ("3", "2026-04-30")]
        assert shown(dues(ahead, "2026-04-20")) == [("3", "2026-04-30"), ("4", "2026-05-31")]

    def test_what_fell_due_before_the_client_or_the_rule_is_not_owed(self) -> None:
        assert shown(dues(self.monthly(), "2026-04-29", since="2026-03-31")) == [("2", "2026-03-31"), ("3", "2026-04-30")]
        assert shown(dues(self.monthly(), "2026-04-29", since="2026-04-01")) == [("3", "2026-04-30")]
        assert shown(dues(self.monthly(), "2026-04-29", in_force="2026-04-01")) == [("3", "2026-04-30")]
        assert shown(dues(self.monthly(), "2026-04-29", since="2026-06-01")) == [("5", "2026-06-30")]
        assert shown(dues(self.monthly(), "2026-04-29", since=None, purchases=[bought("2026-04-01")])) == [("3", "2026-04-30")]

    def test_what_has_not_happened_yet_does_not_hide_what_is_owed(self) -> None:
        later = touch("2026-09-09", channel="note")
        assert shown(dues(self.monthly(), "2026-04-29", [later], since=None)) == [("2", "2026-03-31"), ("3", "2026-04-30")]

    def test_an_occurrence_rolls_and_says_so_while_the_next_still_counts_from_the_anchor(self) -> None:
        found = dues(self.monthly(roll="following"), "2026-01-31", business=Weekdays())
        assert shown(found) == [("0", "2026-02-02")]
        assert found[0].reasons == (
            Reason("cadence.occurrence", {}, {"anchor": "2026-01-31", "occurrence": "0", "on": day("2026-01-31")}),
            Reason(
                "cadence.rolled",
                {},
                {"from": day("2026-01-31"), "to": day("2026-02-02"), "calendar": "weekdays", "roll": "following"},
            ),
        )
        assert shown(dues(self.monthly(roll="following"), "2026-02-27", business=Weekdays()))[-1] == ("1", "2026-03-02")

    def test_a_contract_date_counts_where_it_is_known(self) -> None:
        yearly = self.monthly(anchor="contract_on", every="1 year")
        assert shown(dues(yearly, "2026-04-29", anchor="2024-06-30")) == [("1", "2025-06-30"), ("2", "2026-06-30")]
        assert dues(yearly, "2026-04-29") == []

    def test_a_long_closure_hides_neither_the_last_nor_the_next(self) -> None:
        closed = combine(Weekdays(), closures=[day("2026-03-02") + timedelta(days=n) for n in range(60)], name="rebuilding")
        daily = self.monthly(anchor="2026-02-02", every="1 day", roll="following")
        assert shown(dues(daily, "2026-04-15", business=closed)) == [("25", "2026-02-27"), ("88", "2026-05-01")]
        weekly = self.monthly(anchor="2026-02-02", every="1 week", roll="preceding")
        assert shown(dues(weekly, "2026-04-15", business=closed)) == [("12", "2026-02-27"), ("13", "2026-05-04")]

    def test_a_grid_of_many_years_stays_within_the_days_that_exist(self) -> None:
        assert shown(dues(self.monthly(anchor="2000-03-01", every="100 years"), "2026-04-29")) == [("1", "2100-03-01")]
        assert shown(dues(self.monthly(anchor="2020-03-01", every="99 years"), "2199-12-31", in_force="2000-01-01")) == [
            ("1", "2119-03-01")
        ]


class TestBirthdays:
    """CAD-7: "each greeted once per year and occasion"; TIM-5: "28 February, 1 March, or skip; declared"."""

    def greeting(self, **more: Any) -> CadenceRule:
        return rule(**({"mode": "grid", "anchor": "people.birthday", "every": None, "channel": "card"} | more))

    def people(self, *birthdays: str) -> list[ContactPerson]:
        return [
            ContactPerson(id=f"p{at}", client_id="c", name="P", birthday=Birthday.parse(text))
            for at, text in enumerate(birthdays, start=1)
        ]

    def test_each_person_is_owed_a_greeting_from_the_lead_on(self) -> None:
        people = self.people("1980-03-20", "--05-05")
        assert shown(dues(self.greeting(lead="3 days"), "2026-03-16", people=people)) == [
            ("p1@2025", "2025-03-20"),
            ("p1@2026", "2026-03-20"),
            ("p2@2025", "2025-05-05"),
            ("p2@2026", "2026-05-05"),
        ]
        found = dues(self.greeting(lead="3 days"), "2026-03-17", people=people)
        assert shown(found)[:2] == [("p1@2026", "2026-03-20"), ("p1@2027", "2027-03-20")]
        assert [due.person_id for due in found] == ["p1", "p1", "p2", "p2"]

    @pytest.mark.parametrize("greeted", ["p1", None])
    def test_who_was_greeted_is_not_greeted_again_in_that_year(self, greeted: str | None) -> None:
        card = touch("2026-03-18", channel="card", person_id=greeted)
        found = dues(self.greeting(lead="3 days"), "2026-12-31", [card], people=self.people("1980-03-20"))
        assert shown(found) == [("p1@2027", "2027-03-20")]

    def test_a_card_to_somebody_else_is_no_greeting(self) -> None:
        card = touch("2026-03-20", channel="card", person_id="p2")
        found = dues(self.greeting(), "2026-03-20", [card], people=self.people("1980-03-20", "1981-03-20"))
        assert shown(found) == [("p1@2026", "2026-03-20"), ("p1@2027", "2027-03-20"), ("p2@2027", "2027-03-20")]
        assert [due.last_day for due in found] == [None, None, day("2026-03-20").toordinal()]

    @pytest.mark.parametrize(
        ("leap_day", "expected"),
        [("28 February", "2026-02-28"), ("1 March", "2026-03-01"), ("skip", "2028-02-29")],
    )
    def test_29_february_in_a_common_year(self, leap_day: str, expected: str) -> None:
        found = dues(self.greeting(leap_day=leap_day), "2026-02-01", people=self.people("1980-02-29"))
        assert shown(found)[-1] == (f"p1@{expected[:4]}", expected)

    @pytest.mark.parametrize("as_of", ["2024-03-01", "2026-12-31", "2027-01-01", "2028-02-28"])
    def test_a_greeting_that_was_never_given_stays_owed_through_the_skipped_years(self, as_of: str) -> None:
        found = dues(
            self.greeting(leap_day="skip"), as_of, people=self.people("1980-02-29"), since="2020-01-01", in_force="2020-01-01"
        )
        assert shown(found) == [("p1@2024", "2024-02-29"), ("p1@2028", "2028-02-29")]

    def test_a_year_end_birthday_counts_in_its_own_year_even_when_it_rolls_into_the_next(self) -> None:
        # 31 December 2027 is a Friday and 1 January 2028 a Saturday.
        found = dues(self.greeting(roll="following"), "2028-01-02", people=self.people("--01-01", "--12-31"), business=Weekdays())
        assert shown(found) == [
            ("p1@2027", "2027-01-01"),
            ("p1@2028", "2028-01-03"),
            ("p2@2027", "2027-12-31"),
            ("p2@2028", "2029-01-01"),
        ]

    def test_birthdays_at_both_ends_of_the_calendar_raise_nothing(self) -> None:
        people = self.people("--01-01", "--12-31")
        early = dues(self.greeting(), "1900-06-01", people=people, since="1900-01-01", in_force="1900-01-01")
        assert shown(early) == [("p1@1900", "1900-01-01"), ("p1@1901", "1901-01-01"), ("p2@1900", "1900-12-31")]
        late = dues(self.greeting(), "2199-06-01", people=people, since="2199-01-01")
        assert shown(late) == [("p1@2199", "2199-01-01"), ("p2@2199", "2199-12-31")]
