"""Keeping score, figure by figure as one would work it out by hand (CAD-12, CAD-14)."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import SetCalendar
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyError, UnknownRecordError
from relcare.model import Absence, Book, Client, Consent, ContactPerson, OwnerSpell, Staff, TierSpell, Touchpoint
from relcare.permission import Cap, PermissionRules
from relcare.planning import Attainment, Cause, Outcome, attainment
from relcare.policy import Fact, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier

SINCE = date(2026, 5, 25)
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
STAFF = (
    Staff(id="lee", name="이수민", head_id="wu"),
    Staff(id="wu", name="Wu"),
    Staff(id="kim", name="Kim", role="secretary", head_id="wu"),
    Staff(id="ito", name="Ito"),
)
SCHEME = ThresholdScheme(id="abc", tiers=[ThresholdTier("A", criterion("size == 'large'"))], otherwise="C")
SIZE = Fact(id="size", type="level", values=("small", "large"), may_be_missing=False, reads="client.size")


def june(day: int) -> date:
    return date(2026, 6, day)


def rule(rule_id: str = "call", **more: Any) -> CadenceRule:
    given: dict[str, Any] = {"channel": "call", "every": "1 week", "roll": "none"}
    return CadenceRule(id=rule_id, **(given | more))


def policy(*rules: CadenceRule, **more: Any) -> Policy:
    given: dict[str, Any] = {"effective_from": date(2026, 1, 1), "facts": [SIZE], "segmentation": [SCHEME]}
    return Policy(id="house", version="1", cadence=rules or (rule(),), **(given | more))


def client(client_id: str = "c-1", **more: Any) -> Client:
    given: dict[str, Any] = {"name": "金泰", "owner_id": "lee", "client_since_on": SINCE, "attributes": {"size": "small"}}
    return Client(id=client_id, **(given | more))


def touches(*days: int | date, client_id: str = "c-1", channel: str = "call", by: str | None = "lee") -> list[Touchpoint]:
    return [
        Touchpoint(
            id=f"{client_id}.{channel}.{place}",
            client_id=client_id,
            channel=channel,
            occurred_at=june(day) if isinstance(day, int) else day,
            staff_id=by,
        )
        for place, day in enumerate(days)
    ]


def book(*clients: Client, **more: Any) -> Book:
    return Book(clients=clients or (client(),), staff=STAFF, **more)


def score(the_book: Book, the_policy: Policy | None = None, **more: Any) -> Attainment:
    given: dict[str, Any] = {"from_on": FIRST, "until_on": LAST}
    return attainment(the_policy or policy(), the_book, **(given | more))


def results(report: Attainment) -> list[tuple[str, str, int]]:
    return [(f"{one.due_on:%m-%d}", one.result, one.days_late) for one in report.outcomes]


def late(report: Attainment) -> list[tuple[str, str, Cause, str | None]]:
    return [(f"{one.from_on:%m-%d}", f"{one.until_on:%m-%d}", one.cause, one.staff_id) for one in report.lateness]


class TestPlannedAndDone:
    def test_a_week_is_planned_every_seven_days_to_a_fraction(self) -> None:
        total = score(book(touchpoints=touches(1, 8, 15, 22, 29))).total
        assert (total.planned, total.done, total.own) == (Fraction(30, 7), 5, 5)
        assert (total.earned, total.remaining) == (Fraction(30, 7), Fraction(0))
        assert (total.attained_ratio, total.raw_ratio) == (Fraction(1), Fraction(35, 30))

    def test_calls_beyond_one_plan_hide_no_other_clients_neglect(self) -> None:
        total = score(book(client(), client("c-2"), touchpoints=touches(*range(1, 11)))).total
        assert (total.planned, total.done, total.earned) == (Fraction(60, 7), 10, Fraction(30, 7))
        assert (total.remaining, total.attained_ratio) == (Fraction(30, 7), Fraction(1, 2))
        assert (total.raw_ratio or 0) > 1
        assert (total.clients, total.reached, total.reach_ratio) == (2, 1, Fraction(1, 2))

    def test_the_cap_is_for_the_whole_period_and_each_month_has_its_own(self) -> None:
        report = score(book(touchpoints=touches(1, 2, 3)), policy(rule(every="1 month")), until_on=date(2026, 8, 31))
        month = Fraction(4_800, 146_097)
        assert report.total.planned == 92 * month
        assert report.total.earned == 3
        assert [(one.name, one.done, one.earned) for one in report.by("month")] == [
            ("2026-06", 3, 30 * month),
            ("2026-07", 0, 0),
            ("2026-08", 0, 0),
        ]

    def test_a_tier_changed_in_the_month_prorates_what_both_expect(self) -> None:
        rules = [
            rule("call-A", when=criterion("tier.abc == 'A'")),
            rule("call-C", every="2 weeks", when=criterion("tier.abc == 'C'")),
        ]
        spells = [
            TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=SINCE, end_on=june(11)),
            TierSpell(client_id="c-1", scheme_id="abc", tier="C", start_on=june(11)),
        ]
        report = score(book(tier_spells=spells, touchpoints=touches(1, 8, 22)), policy(*rules))
        assert [(one.name, one.planned, one.done) for one in report.by("rule")] == [
            ("call-A", Fraction(10, 7), 2),
            ("call-C", Fraction(20, 14), 1),
        ]
        assert [(one.name, one.planned) for one in report.by("tier")] == [("A", Fraction(10, 7)), ("C", Fraction(10, 7))]
        assert results(report) == [("06-01", "on_time", 0), ("06-08", "on_time", 0), ("06-22", "on_time", 0)]

    def test_nothing_is_expected_before_the_client_or_the_policy_began(self) -> None:
        late_client = client(client_since_on=june(24))
        assert score(book(late_client)).total.planned == 1
        assert score(book(), policy(effective_from=june(24))).total.planned == 1
        assert score(book(), policy(effective_until=june(8)), as_of=june(7)).total.planned == 1

    def test_a_client_without_a_first_day_begins_with_its_first_contact(self) -> None:
        report = score(book(client(client_since_on=None), touchpoints=touches(24)))
        assert (report.total.planned, report.total.done) == (Fraction(1), 1)
        assert not report.lateness

    def test_of_rules_that_ask_the_same_thing_only_the_governing_one_plans_and_counts(self) -> None:
        report = score(book(touchpoints=touches(1, 8, 15, 22, 29)), policy(rule(), rule("often", every="5 days")))
        assert [(one.name, one.planned, one.done) for one in report.by("rule")] == [("often", Fraction(6), 5)]

    def test_a_quota_is_prorated_where_the_period_cuts_it_and_what_a_month_lacked_is_missed(self) -> None:
        quota = rule("visits", channel="visit", mode="quota", every="1 month", times=3)
        visits = touches(2, 4, channel="visit")
        report = score(book(touchpoints=visits), policy(quota), until_on=date(2026, 7, 10))
        assert [(one.name, one.planned, one.done) for one in report.by("month")] == [
            ("2026-06", Fraction(3), 2),
            ("2026-07", Fraction(30, 31), 0),
        ]
        assert results(report) == [
            ("06-10", "on_time", 0),
            ("06-20", "on_time", 0),
            ("06-30", "missed", 0),
            ("07-10", "pending", 0),
        ]

    def test_a_birthday_is_planned_when_it_is_due_and_done_when_it_was_kept_however_early(self) -> None:
        greeting = rule("card", channel="card", mode="grid", anchor="people.birthday", every=None, lead="1 week")
        people = [ContactPerson(id="p-1", client_id="c-1", name="Bo", birthday=date(1980, 7, 2))]
        cards = touches(28, channel="card")
        in_june = score(book(people=people, touchpoints=cards), policy(greeting))
        assert (in_june.total.planned, in_june.total.done) == (Fraction(0), 0)
        assert results(in_june) == [("07-02", "on_time", 0)]
        in_july = score(
            book(people=people, touchpoints=cards), policy(greeting), from_on=date(2026, 7, 1), until_on=date(2026, 7, 31)
        )
        assert (in_july.total.planned, in_july.total.done, in_july.total.earned) == (Fraction(1), 1, Fraction(1))
        assert results(in_july) == [("07-02", "on_time", 0)]

    def test_an_occurrence_that_the_next_one_replaced_was_missed(self) -> None:
        weekly = rule("news", mode="grid", anchor="2026-06-01")
        report = score(book(touchpoints=touches(1, 16, 22)), policy(weekly))
        assert results(report) == [
            ("06-01", "on_time", 0),
            ("06-08", "missed", 0),
            ("06-15", "late", 1),
            ("06-22", "on_time", 0),
            ("06-29", "open_late", 0),
        ]
        assert late(report) == [
            ("06-09", "06-14", "owner", "lee"),
            ("06-30", "06-30", "owner", "lee"),
        ]
        assert (report.total.planned, report.total.done) == (Fraction(5), 3)

    def test_a_date_that_was_kept_on_the_day_itself_is_kept_though_its_due_day_rolled(self) -> None:
        # The sixth of June 2026 is a Saturday.
        yearly = rule("day", mode="grid", anchor="2025-06-06", every="1 year", roll="following")
        report = score(book(touchpoints=touches(6)), policy(yearly))
        assert results(report) == [("06-08", "on_time", 0)]
        assert (report.total.planned, report.total.done) == (Fraction(1), 1)

    def test_a_share_of_a_quota_is_owed_to_who_came_on_its_last_day_and_not_to_who_came_after(self) -> None:
        quota = policy(rule("visits", channel="visit", mode="quota", every="1 month", times=3))
        assert [due for due, _, _ in results(score(book(client(client_since_on=june(10))), quota))] == ["06-10", "06-20", "06-30"]
        assert [due for due, _, _ in results(score(book(client(client_since_on=june(11))), quota))] == ["06-20", "06-30"]

    def test_the_days_after_the_period_plan_and_count_nothing(self) -> None:
        report = score(book(touchpoints=touches(1, 8, 15)), until_on=june(10), as_of=june(20))
        assert (report.total.planned, report.total.done) == (Fraction(10, 7), 2)

    def test_a_period_may_be_one_day(self) -> None:
        report = score(book(touchpoints=touches(1)), until_on=FIRST)
        assert (report.total.planned, report.total.done, report.total.elapsed) == (Fraction(1, 7), 1, Fraction(1))

    def test_a_rise_in_the_month_owes_from_its_first_day_and_not_from_before(self) -> None:
        rules = [
            rule("call-A", when=criterion("tier.abc == 'A'")),
            rule("call-C", every="1 month", when=criterion("tier.abc == 'C'")),
        ]
        spells = [
            TierSpell(client_id="c-1", scheme_id="abc", tier="C", start_on=SINCE, end_on=june(15)),
            TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=june(15)),
        ]
        report = score(book(tier_spells=spells, touchpoints=touches(1, 18)), policy(*rules))
        assert results(report) == [("06-25", "on_time", 0), ("06-15", "late", 3), ("06-25", "open_late", 0)]
        assert late(report) == [("06-16", "06-17", "owner", "lee"), ("06-26", "06-30", "owner", "lee")]

    def test_after_a_spell_without_a_next_one_the_computed_tier_counts(self) -> None:
        spell = TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=SINCE, end_on=june(8))
        assert [(one.name, one.planned) for one in score(book(tier_spells=[spell])).by("tier")] == [
            ("A", Fraction(1)),
            ("C", Fraction(23, 7)),
        ]

    def test_one_call_keeps_two_dates_that_rolled_to_one_day(self) -> None:
        closed = SetCalendar(name="closed", weekend=[], holidays=[june(day) for day in range(5, 20)])
        weekly = rule("news", mode="grid", anchor="2026-06-08", roll="following")
        report = score(book(touchpoints=touches(20)), policy(weekly), calendar=closed, until_on=june(21))
        assert results(report) == [("06-20", "on_time", 0), ("06-20", "on_time", 0)]
        assert (report.total.planned, report.total.done) == (Fraction(2), 2)

    def test_what_an_event_obliged_to_is_planned_for_its_deadline(self) -> None:
        letter = Trigger(id="letter", event=criterion("channel == 'visit'"), channel="letter", within="3 days")
        log = [*touches(5, 10, 29, channel="visit"), *touches(7, 20, channel="letter")]
        report = score(book(touchpoints=log), Policy(id="p", version="1", effective_from=date(2026, 1, 1), triggers=[letter]))
        assert (report.total.planned, report.total.done) == (Fraction(2), 2)
        assert results(report) == [("06-08", "on_time", 0), ("06-13", "late", 7)]
        assert late(report) == [("06-14", "06-19", "owner", "lee")]


class TestCredit:
    def test_a_colleagues_call_resets_the_clock_and_is_not_the_owners(self) -> None:
        log = [*touches(1, 8, 15), Touchpoint(id="k", client_id="c-1", channel="call", occurred_at=june(22), staff_id="kim")]
        report = score(book(touchpoints=log))
        assert (report.total.done, report.total.own, dict(report.total.done_by)) == (4, 3, {"kim": 1, "lee": 3})
        assert results(report)[-2:] == [("06-22", "on_time", 0), ("06-29", "open_late", 0)]

    def test_what_nobody_is_named_for_counts_and_is_nobodys_own(self) -> None:
        total = score(book(touchpoints=touches(1, by=None))).total
        assert (total.done, total.own, dict(total.done_by)) == (1, 0, {None: 1})

    def test_the_deputys_call_is_the_responsible_ones(self) -> None:
        away = Absence(staff_id="lee", start_on=june(1), end_on=june(8), deputy_id="ito")
        total = score(book(touchpoints=touches(1, by="ito"), absences=[away])).total
        assert (total.own, dict(total.done_by)) == (1, {"ito": 1})


class TestOnTime:
    def test_the_last_day_of_grace_is_in_time_and_the_day_after_is_late_though_no_evening_was(self) -> None:
        report = score(book(touchpoints=touches(3, 13)), policy(rule(grace="2 days")))
        assert results(report) == [("06-01", "on_time", 0), ("06-10", "late", 1), ("06-20", "open_late", 0)]
        assert late(report) == [("06-23", "06-30", "owner", "lee")]

    def test_who_was_late_on_no_evening_is_not_covered_all_the_same(self) -> None:
        report = score(book(touchpoints=touches(2, 9)), until_on=june(9))
        assert not report.lateness
        assert (report.total.clients, report.total.covered, report.total.results["late"]) == (1, 0, 1)

    def test_a_run_of_late_days_across_months_is_counted_once(self) -> None:
        report = score(book(touchpoints=touches(1, date(2026, 7, 5))), until_on=date(2026, 7, 10))
        assert results(report) == [("06-01", "on_time", 0), ("06-08", "late", 27)]
        assert late(report) == [("06-09", "06-30", "owner", "lee"), ("07-01", "07-04", "owner", "lee")]
        assert [(one.name, one.late_days["owner"], one.results["late"]) for one in report.by("month")] == [
            ("2026-06", 22, 1),
            ("2026-07", 4, 0),
        ]

    def test_two_calls_on_a_day_keep_one_contact(self) -> None:
        report = score(book(touchpoints=touches(1, 1, 8, 8)))
        assert report.total.done == 4
        assert results(report)[:2] == [("06-01", "on_time", 0), ("06-08", "on_time", 0)]
        assert report.total.results["on_time"] == 2

    def test_what_was_late_before_and_still_is_belongs_to_the_period_too(self) -> None:
        report = score(book(client(client_since_on=date(2026, 2, 1))))
        assert results(report) == [("02-08", "open_late", 0)]
        assert report.total.late_days["owner"] == 30
        assert (report.total.on_time_ratio, report.total.coverage_ratio) == (Fraction(0), Fraction(0))

    def test_what_is_not_late_yet_is_left_out_of_the_ratio(self) -> None:
        report = score(book(touchpoints=touches(1, 8, 15, 22)), policy(rule(grace="3 days")))
        assert report.total.results["pending"] == 1
        assert (report.total.on_time_ratio, report.total.coverage_ratio) == (Fraction(1), Fraction(1))

    def test_a_later_day_tells_what_became_of_it(self) -> None:
        log = touches(1, 8, 15, 22, date(2026, 7, 3))
        assert results(score(book(touchpoints=log)))[-1] == ("06-29", "open_late", 0)
        later = score(book(touchpoints=log), as_of=date(2026, 7, 5))
        assert results(later)[-1] == ("06-29", "late", 4)
        assert later.total.done == 4
        assert later.total.late_days["owner"] == 1

    def test_a_rule_that_no_longer_applies_leaves_what_was_late_missed(self) -> None:
        spells = [
            TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=SINCE, end_on=june(11)),
            TierSpell(client_id="c-1", scheme_id="abc", tier="C", start_on=june(11)),
        ]
        only_a = policy(rule(when=criterion("tier.abc == 'A'")))
        assert results(score(book(tier_spells=spells), only_a)) == [("06-01", "missed", 0)]
        assert results(score(book(tier_spells=spells, touchpoints=touches(1, 8)), only_a)) == [
            ("06-01", "on_time", 0),
            ("06-08", "on_time", 0),
        ]

    @pytest.mark.parametrize(
        ("target", "is_met"), [("80%", True), (Fraction(4, 5), True), ("80.1%", False), ("100%", False), (None, None)]
    )
    def test_a_target_is_met_from_its_share_on(self, target: Any, is_met: bool | None) -> None:
        report = score(book(touchpoints=touches(1, 8, 15, 22, 30)), target=target)
        assert report.total.on_time_ratio == Fraction(4, 5)
        assert report.total.meets_target is is_met

    def test_a_channel_may_have_a_target_of_its_own(self) -> None:
        rules = policy(rule(), rule("visit", channel="visit"))
        report = score(book(touchpoints=touches(1, 8, 15, 22, 29)), rules, target="95%", channel_targets={"visit": "0%"})
        assert [(one.name, one.target, one.meets_target) for one in report.by("channel")] == [
            ("call", Fraction(19, 20), True),
            ("visit", 0, True),
        ]
        assert report.total.meets_target is False

    def test_without_a_known_result_nothing_is_said_of_the_target(self) -> None:
        report = score(book(), until_on=FIRST - timedelta(days=1), from_on=FIRST - timedelta(days=1), target="95%")
        assert (report.total.on_time_ratio, report.total.meets_target) == (None, None)


class TestCauses:
    def test_three_weeks_of_absence_are_not_the_owners_lateness(self) -> None:
        away = Absence(staff_id="lee", start_on=june(3), end_on=june(24))
        report = score(book(touchpoints=touches(1, 26), absences=[away]))
        assert late(report) == [("06-09", "06-23", "owner_absent", "lee"), ("06-24", "06-25", "owner", "lee")]
        assert dict(report.total.late_days) == {"owner": 2, "owner_absent": 15, "permission": 0, "cap": 0}

    def test_a_deputy_is_responsible_while_it_lasts_and_passes_it_on_when_away(self) -> None:
        absences = [
            Absence(staff_id="lee", start_on=june(3), end_on=june(24), deputy_id="ito"),
            Absence(staff_id="ito", start_on=june(12), end_on=june(15), deputy_id="kim"),
            Absence(staff_id="kim", start_on=june(14), end_on=june(15), deputy_id="lee"),
        ]
        report = score(book(touchpoints=touches(1, 26), absences=absences))
        assert late(report) == [
            ("06-09", "06-11", "owner", "ito"),
            ("06-12", "06-13", "owner", "kim"),
            ("06-14", "06-14", "owner_absent", "lee"),
            ("06-15", "06-23", "owner", "ito"),
            ("06-24", "06-25", "owner", "lee"),
        ]

    def test_before_the_first_day_of_a_new_owner_lateness_is_the_former_ones(self) -> None:
        spells = [
            OwnerSpell(client_id="c-1", owner_id="ito", start_on=SINCE, end_on=june(11)),
            OwnerSpell(client_id="c-1", owner_id="lee", start_on=june(11)),
        ]
        report = score(book(owner_spells=spells, touchpoints=touches(1, 14)))
        assert late(report) == [
            ("06-09", "06-10", "owner", "ito"),
            ("06-11", "06-13", "owner", "lee"),
            ("06-22", "06-30", "owner", "lee"),
        ]
        by_owner = {one.name: one for one in report.by("owner")}
        assert (by_owner["ito"].late_days["owner"], by_owner["lee"].late_days["owner"]) == (2, 12)
        assert (by_owner["ito"].planned, by_owner["lee"].planned) == (Fraction(10, 7), Fraction(20, 7))
        # The day that decided was the eighth: it is the former owner's contact that came late.
        assert (by_owner["ito"].results["late"], by_owner["lee"].results["late"]) == (1, 0)

    def test_in_the_pool_it_is_nobodys(self) -> None:
        report = score(book(client(owner_id=None)))
        assert late(report) == [("06-02", "06-30", "owner", None)]
        assert [one.name for one in report.by("owner")] == [None]

    def test_a_duty_with_a_role_is_that_persons(self) -> None:
        away = Absence(staff_id="kim", start_on=june(20), end_on=june(25))
        report = score(book(absences=[away]), policy(rule(role="secretary")))
        assert late(report) == [
            ("06-02", "06-19", "owner", "kim"),
            ("06-20", "06-24", "owner_absent", "kim"),
            ("06-25", "06-30", "owner", "kim"),
        ]

    def test_what_was_not_allowed_comes_before_who_was_away(self) -> None:
        refused = Consent(id="n", client_id="c-1", kind="refused", channel="call", start_on=june(5), end_on=june(10))
        away = Absence(staff_id="lee", start_on=june(8), end_on=june(12))
        report = score(book(consents=[refused], absences=[away]))
        assert late(report) == [
            ("06-02", "06-04", "owner", "lee"),
            ("06-05", "06-09", "permission", "lee"),
            ("06-10", "06-11", "owner_absent", "lee"),
            ("06-12", "06-30", "owner", "lee"),
        ]

    def test_too_many_contacts_are_a_cap(self) -> None:
        capped = policy(rule(), permission=PermissionRules(caps=[Cap(limit=1, per="week")]))
        report = score(book(touchpoints=touches(3, channel="mail")), capped, until_on=june(12))
        assert late(report) == [
            ("06-02", "06-02", "owner", "lee"),
            ("06-03", "06-07", "cap", "lee"),
            ("06-08", "06-12", "owner", "lee"),
        ]

    def test_a_cap_beside_a_refusal_is_the_refusals(self) -> None:
        refused = Consent(id="n", client_id="c-1", kind="refused", channel="call", start_on=june(3), end_on=june(5))
        capped = policy(rule(), permission=PermissionRules(caps=[Cap(limit=1, per="week")]))
        report = score(book(touchpoints=touches(3, channel="mail"), consents=[refused]), capped, until_on=june(7))
        assert late(report) == [
            ("06-02", "06-02", "owner", "lee"),
            ("06-03", "06-04", "permission", "lee"),
            ("06-05", "06-07", "cap", "lee"),
        ]


class TestPaceAndGroups:
    def test_pace_compares_with_the_share_of_days_that_are_over(self) -> None:
        total = score(book(touchpoints=touches(1, 8)), as_of=june(14)).total
        assert (total.planned, total.elapsed, total.done) == (Fraction(30, 7), Fraction(14, 30), 2)
        assert total.pace == 1
        assert score(book(), as_of=june(1)).total.pace == 0

    def test_before_the_period_nothing_is_done_or_late_and_all_is_planned(self) -> None:
        total = score(book(), as_of=date(2026, 5, 31)).total
        assert (total.planned, total.done, total.elapsed, total.pace) == (Fraction(30, 7), 0, Fraction(0), None)
        assert sum(total.late_days.values()) == 0

    def test_a_month_that_is_over_has_a_pace_of_its_own(self) -> None:
        report = score(book(touchpoints=touches(1)), until_on=date(2026, 7, 31), as_of=date(2026, 7, 1))
        assert [(one.name, one.elapsed) for one in report.by("month")] == [("2026-06", 1), ("2026-07", Fraction(1, 31))]

    def test_an_empty_book_has_figures_of_nothing(self) -> None:
        report = score(Book())
        assert (report.total.clients, report.total.planned, report.total.attained_ratio) == (0, Fraction(0), None)
        assert (report.total.reach_ratio, report.total.coverage_ratio, report.by("owner")) == (None, None, ())

    def test_a_team_is_named_by_its_head_who_is_in_it(self) -> None:
        clients = [client(), client("c-2", owner_id="wu"), client("c-3", owner_id="ito"), client("c-4", owner_id=None)]
        assert [(one.name, one.clients) for one in score(book(*clients)).by("team")] == [("wu", 2), (None, 2)]

    def test_a_client_of_two_types_counts_for_both_and_none_has_its_own_line(self) -> None:
        clients = [client(relationship_types=["partner", "channel"]), client("c-2")]
        assert [(one.name, one.clients) for one in score(book(*clients)).by("type")] == [
            ("channel", 1),
            ("partner", 1),
            (None, 1),
        ]

    def test_tiers_come_best_first_and_a_scheme_can_be_named(self) -> None:
        clients = [client(), client("c-2", attributes={"size": "large"})]
        report = score(book(*clients))
        assert [one.name for one in report.by("tier")] == [one.name for one in report.by("tier", scheme="abc")] == ["A", "C"]
        with pytest.raises(UnknownRecordError, match="did you mean 'abc'"):
            report.by("tier", scheme="abd")

    def test_a_tier_without_a_spell_is_the_one_of_the_day_asked_about(self) -> None:
        spell = TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=june(16))
        assert [(one.name, one.planned) for one in score(book(tier_spells=[spell])).by("tier")] == [
            ("A", Fraction(15, 7)),
            ("C", Fraction(15, 7)),
        ]


class TestNotSeen:
    CLIENTS = (client(), client("c-2"), client("c-3", client_since_on=june(28)))

    @pytest.mark.parametrize(
        ("days", "found"), [(2, ["c-2", "c-1", "c-3"]), (3, ["c-2", "c-1"]), (20, ["c-2", "c-1"]), (21, ["c-2"]), (37, [])]
    )
    def test_it_lists_whom_nobody_reached_in_so_many_days_the_longest_first(self, days: int, found: list[str]) -> None:
        report = score(book(*self.CLIENTS, touchpoints=[*touches(10), *touches(8, channel="mail", client_id="c-2")]))
        assert [one.client_id for one in report.not_seen(days)] == found

    def test_a_missed_call_and_one_still_to_come_are_no_contact(self) -> None:
        log = [
            Touchpoint(id="m", client_id="c-1", channel="call", occurred_at=june(20), outcome="missed"),
            *touches(date(2026, 7, 1)),
        ]
        (one,) = score(book(touchpoints=log)).not_seen(1)
        assert (one.last_on, one.days, one.owner_id) == (None, 36, "lee")

    @pytest.mark.parametrize("days", [0, -1, True, "7"])
    def test_the_days_are_a_whole_number_from_one(self, days: Any) -> None:
        with pytest.raises(InvalidValueError, match="days"):
            score(book()).not_seen(days)


class TestQuestion:
    def test_known_on_leaves_out_what_was_entered_later(self) -> None:
        entered_late = Touchpoint(
            id="t", client_id="c-1", channel="call", occurred_at=june(1), staff_id="lee", recorded_at=date(2026, 7, 1)
        )
        the_book = book(touchpoints=[entered_late])
        assert score(the_book).total.done == 1
        assert score(the_book, known_on=june(30)).total.done == 0

    def test_days_roll_by_the_calendar_that_is_given(self) -> None:
        # The first of June 2026 is a Monday; due days fall on Mondays, and every one is put off to Tuesday.
        no_mondays = SetCalendar(name="no Mondays", weekend=[0])
        report = score(book(touchpoints=touches(2)), policy(rule(roll="following")), calendar=no_mondays)
        assert results(report)[0] == ("06-02", "on_time", 0)

    def test_a_report_is_a_value(self) -> None:
        the_book = book(touchpoints=touches(1, 8))
        assert score(the_book) == score(the_book)
        assert hash(score(the_book).total) == hash(score(the_book).total)
        assert isinstance(score(the_book).outcomes[0], Outcome)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"until_on": date(2026, 5, 31)}, "must not be before from_on, 2026-06-01"),
            ({"from_on": "2026-06-01"}, "from_on"),
            ({"calendar": "CN"}, "must be a calendar"),
            ({"target": "95"}, "percentage"),
            ({"channel_targets": ["call"]}, "table of channels"),
        ],
        ids=["inverted", "text for a day", "name of a calendar", "no share", "no table"],
    )
    def test_a_wrong_question_is_refused(self, given: Any, told: str) -> None:
        with pytest.raises(InvalidValueError, match=told):
            score(book(), **given)

    def test_the_policy_must_be_in_force_on_the_day(self) -> None:
        with pytest.raises(PolicyError, match="outside the effective dates"):
            score(book(), policy(effective_until=june(8)))

    def test_only_what_is_known_can_be_grouped_by(self) -> None:
        unknown: Any = "owners"
        with pytest.raises(InvalidValueError, match="did you mean 'owner'"):
            score(book()).by(unknown)
