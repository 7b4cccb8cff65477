"""What other systems get wrong, or what their users ask for, each as one case.

The comment of a test names the system, and the issue or page where the behaviour was seen.
"""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Calendar, SetCalendar, calendar
from relcare.decisions import Policy
from relcare.model import Birthday, Book, Client, ContactPerson, Obligation, Obligations, Staff, TierSpell, Touchpoint
from relcare.planning import attainment
from relcare.policy import Fact, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier

CALL = CadenceRule(id="call", channel="call", every="1 week", satisfied_by=("visit",), roll="none")
VISIT = CadenceRule(id="visit", channel="visit", every="2 months", roll="none")
CLIENT = Client(id="c", name="C", owner_id="lee", client_since_on=date(2025, 1, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def touch(on: str, channel: str = "call", **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": f"{channel} {on}", "client_id": "c", "occurred_at": day(on), "channel": channel}
    return Touchpoint(**(given | more))


def policy(*rules: CadenceRule) -> Policy:
    return Policy(id="p", version="1", effective_from=date(2025, 1, 1), cadence=rules)


def owed(
    rules: CadenceRule | Sequence[CadenceRule],
    log: Sequence[Touchpoint],
    as_of: str,
    *,
    client: Client = CLIENT,
    people: Sequence[ContactPerson] = (),
    business: Calendar | None = None,
) -> Obligations:
    chosen = (rules,) if isinstance(rules, CadenceRule) else tuple(rules)
    result = policy(*chosen).decide_client(
        client, touchpoints=log, purchases=(), as_of=day(as_of), people=people, calendar=business
    )
    return result.obligations


def one(rule: CadenceRule, log: Sequence[Touchpoint], as_of: str, **more: Any) -> Obligation:
    (found,) = owed(rule, log, as_of, **more)
    return found


def due(rule: CadenceRule, log: Sequence[Touchpoint], as_of: str = "2026-03-31", **more: Any) -> str:
    return str(one(rule, log, as_of, **more).due_on)


class TestLastContact:
    """CAD-1: the last contact is derived from the log, by when it happened."""

    def test_a_visit_of_ten_days_ago_that_is_logged_today_counts_from_ten_days_ago(self) -> None:
        # Monica: the reminder restarts when the entry is typed in (monicahq/monica pull request 6586; issues 1814, 6571).
        late_entry = touch("2026-03-21", "visit", recorded_at=day("2026-03-31"))
        assert due(VISIT, [late_entry]) == "2026-05-21"

    def test_an_older_contact_that_is_logged_later_does_not_replace_the_newer_one(self) -> None:
        # yudao CRM: contactLastTime becomes the time of entry (CrmFollowUpRecordServiceImpl). Twenty: the newer one wins.
        newer = touch("2026-03-20", recorded_at=day("2026-03-20"))
        older = touch("2026-03-02", recorded_at=day("2026-03-30"))
        assert due(CALL, [newer, older]) == due(CALL, [older, newer]) == "2026-03-27"

    def test_taking_the_newest_entry_back_brings_the_former_due_day_back(self) -> None:
        # yudao CRM: deleting a record restores nothing (CrmFollowUpRecordServiceImpl).
        before = [touch("2026-03-10")]
        mistaken = [*before, touch("2026-03-20")]
        taken_back = [*mistaken, touch("2026-03-21", "void", voids_id="call 2026-03-20")]
        assert [due(CALL, log) for log in (before, mistaken, taken_back)] == ["2026-03-17", "2026-03-27", "2026-03-17"]

    def test_the_reminder_itself_is_no_contact(self) -> None:
        # Monica: ScheduleStayInTouch moves the date on when the e-mail to the user has gone out. Asking changes nothing here.
        answers = [due(CALL, [touch("2026-03-10")], as_of) for as_of in ("2026-03-16", "2026-03-17", "2026-03-24", "2026-06-30")]
        assert answers == ["2026-03-17"] * 4

    def test_a_review_that_was_not_held_stays_overdue(self) -> None:
        # Redtail: the review date rolls forward once it has passed, held or not (help.redtailtechnology.com 203961130).
        review = CadenceRule(id="review", channel="review", mode="grid", anchor="2026-01-15", every="1 year", roll="none")
        found = owed(review, [], "2026-12-31")
        assert [(str(o.due_on), o.state, o.overdue_days) for o in found] == [
            ("2026-01-15", "overdue", 350),
            ("2027-01-15", "upcoming", 0),
        ]
        assert one(CALL, [touch("2026-03-10")], "2026-12-31").state == "overdue"

    def test_from_tier_a_to_c_on_day_10_of_30_the_next_call_is_later_and_the_expected_ones_are_prorated(self) -> None:
        # Veeva: a cycle's goals stay as they are until it ends (crmhelp.veeva.com, cycle plans); Life Sciences Cloud prorates.
        tiers = ThresholdScheme(id="abc", tiers=[ThresholdTier("A", criterion("size == 'large'"))], otherwise="C")
        size = Fact(id="size", type="level", values=("small", "large"), may_be_missing=True, reads="client.size")
        rules = [
            attrs.evolve(CALL, id="call-A", when=criterion("tier.abc == 'A'")),
            attrs.evolve(CALL, id="call-C", every="2 weeks", when=criterion("tier.abc == 'C'")),
        ]
        asked = Policy(id="p", version="1", effective_from=day("2025-01-01"), facts=[size], segmentation=[tiers], cadence=rules)
        spells = [
            TierSpell(client_id="c", scheme_id="abc", tier="A", start_on=day("2025-01-01"), end_on=day("2026-06-11")),
            TierSpell(client_id="c", scheme_id="abc", tier="C", start_on=day("2026-06-11")),
        ]
        book = Book(clients=[CLIENT], touchpoints=[touch("2026-06-01"), touch("2026-06-08")], tier_spells=spells)
        days = [asked.decide(book, as_of=day(as_of)).obligations[0].due_on for as_of in ("2026-06-10", "2026-06-11")]
        assert days == [day("2026-06-15"), day("2026-06-22")]
        june = attainment(asked, book, from_on=day("2026-06-01"), until_on=day("2026-06-30"))
        assert [(score.name, score.planned) for score in june.by("rule")] == [
            ("call-A", Fraction(10, 7)),
            ("call-C", Fraction(20, 14)),
        ]

    def test_anybody_at_the_client_who_was_reached_counts_for_the_client(self) -> None:
        # OroCRM: mail of a contact person does not count for the account (oroinc/crm issue 197).
        people = [ContactPerson(id="boss", client_id="c", name="Kim"), ContactPerson(id="desk", client_id="c", name="Lee")]
        assert due(CALL, [touch("2026-03-20", person_id="desk")], people=people) == "2026-03-27"

    def test_a_new_interval_counts_from_the_same_contact(self) -> None:
        # Veeva: frequencies change at the border of a cycle only (alignhelp.veeva.com, TargetingMetadata).
        log = [touch("2026-03-20")]
        assert due(CALL, log) == "2026-03-27"
        assert due(attrs.evolve(CALL, every="2 weeks"), log) == "2026-04-03"


class TestWhatCounts:
    """CAD-2 and CAD-4: what qualifies is declared, and each channel has its own clock."""

    @pytest.mark.parametrize(
        ("log", "resets"),
        [
            ([touch("2026-03-20", "visit", outcome="met")], True),
            ([touch("2026-03-20", "visit", outcome="missed")], False),
            ([touch("2026-03-20", "call", in_lieu_of="visit")], True),
            ([touch("2026-03-20", "call")], False),
            ([touch("2026-03-20", "other")], False),
        ],
    )
    def test_which_report_resets_the_visit(self, log: list[Touchpoint], *, resets: bool) -> None:
        # portatour: its table of report types (blog of 2020-12-01 on calls in lieu of visits) is the one to follow.
        assert due(VISIT, [touch("2026-02-10", "visit"), *log]) == ("2026-05-20" if resets else "2026-04-10")

    def test_missed_twice_and_then_by_phone_instead_only_the_third_resets_the_visit(self) -> None:
        # portatour: the same table, in a row.
        log = [
            touch("2026-01-10", "visit", outcome="met"),
            touch("2026-03-10", "visit", outcome="missed"),
            touch("2026-03-12", "visit", outcome="missed"),
            touch("2026-03-13", "call", outcome="reached", in_lieu_of="visit"),
        ]
        assert [due(VISIT, log[:n]) for n in (1, 2, 3, 4)] == ["2026-03-10", "2026-03-10", "2026-03-10", "2026-05-13"]

    def test_four_mails_are_no_visit(self) -> None:
        # Veeva: goals add up weighted channels (support.veeva.com 4406570291483): right for attainment, wrong for due days.
        mails = [touch(f"2026-03-{n}", "mail", outcome="sent") for n in (10, 12, 14, 16)]
        assert due(VISIT, [touch("2026-01-10", "visit"), *mails]) == "2026-03-10"

    def test_a_visit_serves_the_weekly_call_and_a_call_does_not_serve_the_visit(self) -> None:
        # Veeva and Salesforce: substitution by weights only.
        log = [touch("2026-01-05"), touch("2026-01-05", "visit"), touch("2026-03-20", "visit"), touch("2026-03-24")]
        assert due(CALL, log[:3]) == "2026-03-27"
        assert due(VISIT, log) == "2026-05-20"

    def test_a_note_a_tag_and_an_edit_are_no_contact(self) -> None:
        # Livespace: tags and edits move the date (support.livespace.io 5534325). HermitCRM: a note is a memo and moves nothing.
        log = [touch("2026-03-10")]
        edited = attrs.evolve(CLIENT, name="C & Sons", region="north", attributes={"tag": "gold"}, stage="open")
        assert due(CALL, [*log, touch("2026-03-20", "note"), touch("2026-03-21", "tag")], client=edited) == "2026-03-17"

    def test_what_the_client_sent_us_counts(self) -> None:
        # Mercury: received mail is ignored (mercuryssp KA-01411).
        assert due(CALL, [touch("2026-03-10"), touch("2026-03-20", direction="incoming")]) == "2026-03-27"

    def test_a_report_of_spam_is_no_contact(self) -> None:
        # Encharge: "reported as spam" counts as activity (docs.encharge.io, last activity).
        spam = touch("2026-03-20", outcome="reported as spam", direction="incoming")
        assert due(CALL, [touch("2026-03-10"), spam]) == "2026-03-17"

    def test_a_greeting_sent_to_everybody_by_a_machine_can_be_kept_from_counting(self) -> None:
        # CordysCRM and yudao CRM: any record resets the clock.
        personal = attrs.evolve(CALL, channel="mail", counts=criterion("missing(purpose) or purpose != 'mass greeting'"))
        assert due(personal, [touch("2026-03-10", "mail"), touch("2026-03-20", "mail", purpose="mass greeting")]) == "2026-03-17"

    def test_a_colleagues_visit_resets_the_clients_clock(self) -> None:
        # ForceManager and Veeva keep two figures, one for anybody and one for the user; a single one asks a client twice.
        by_other = touch("2026-03-20", "visit", staff_id="kim")
        found = one(CALL, [touch("2026-03-10", staff_id="lee"), by_other], "2026-03-31")
        assert (str(found.due_on), found.owner_id) == ("2026-03-27", "lee")


class TestRhythm:
    """CAD-3 and TIM-3: rolling counts from the last contact, a grid from its anchor."""

    def test_a_monthly_series_from_the_31st_comes_back_to_the_31st(self) -> None:
        # Systems that add a month to the previous date drift to the 28th for good.
        series = CadenceRule(id="g", channel="call", mode="grid", anchor="2026-01-31", every="1 month", roll="none")
        days = [str(owed(series, [], as_of)[0].due_on) for as_of in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")]
        assert days == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]

    def test_a_month_is_no_thirty_days(self) -> None:
        # Creme CRM: recurrents add a plain timedelta (creme/recurrents/creme_jobs.py).
        monthly = attrs.evolve(CALL, every="1 month")
        assert due(monthly, [touch("2026-01-15")]) == "2026-02-15"
        assert due(attrs.evolve(CALL, every="30 days"), [touch("2026-01-15")]) == "2026-02-14"

    def test_a_late_call_causes_no_burst_of_calls(self) -> None:
        # Skynamo: call cycles on a grid need upkeep for leave and holidays (support.skynamo.com 201000054675).
        assert len(owed(CALL, [touch("2026-01-05")], "2026-03-31")) == 1
        assert due(CALL, [touch("2026-01-05"), touch("2026-03-31")]) == "2026-04-07"

    def test_an_early_call_moves_the_next_one(self) -> None:
        # Salesforce: visits every n weeks from a start week, whenever the last one was (cg user automatic call planning).
        assert due(CALL, [touch("2026-03-10"), touch("2026-03-12")]) == "2026-03-19"

    def test_there_is_a_day_before_which_it_is_too_early_and_one_after_which_it_is_too_late(self) -> None:
        # portatour: "due after"; Monica issue 321: ideal and maximum, yellow and red.
        rule = attrs.evolve(CALL, every="30 days", lead="5 days", grace="1 week")
        states = [
            one(rule, [touch("2026-03-01")], as_of).state for as_of in ("2026-03-25", "2026-03-26", "2026-04-01", "2026-04-08")
        ]
        assert states == ["upcoming", "due", "grace", "overdue"]

    def test_a_missed_slot_of_a_series_is_listed_once(self) -> None:
        # EspoCRM: weekly client calls without a pile of calendar entries are asked for (espocrm/espocrm issue 3448).
        weekly = CadenceRule(id="g", channel="call", mode="grid", anchor="2026-01-05", every="1 week", roll="none")
        assert [o.state for o in owed(weekly, [], "2026-06-30")] == ["overdue", "upcoming"]

    def test_the_more_overdue_for_its_interval_goes_first(self) -> None:
        # OCA crm_phonecall_planner: fewest calls, then the oldest. Relative lateness is proposed in naiba/bonds issue 149.
        log = [touch("2026-03-10"), touch("2025-12-20", "visit")]
        found = owed((CALL, attrs.evolve(VISIT, every="1 quarter")), log, "2026-03-31")
        assert [(o.rule_id, o.overdue_days) for o in found] == [("call", 14), ("visit", 11)]
        later = [touch("2026-03-23"), touch("2025-12-20", "visit")]
        assert [o.rule_id for o in owed((CALL, attrs.evolve(VISIT, every="1 quarter")), later, "2026-03-31")] == ["call", "visit"]
        latest = [touch("2026-03-24"), touch("2025-12-20", "visit")]
        assert [o.rule_id for o in owed((CALL, attrs.evolve(VISIT, every="1 quarter")), latest, "2026-03-31")] == [
            "visit",
            "call",
        ]


class TestFirstAndOwner:
    """CAD-1 and CAD-9: the first contact, and whose it is."""

    def test_never_contacted_is_told_apart_from_long_not_contacted(self) -> None:
        # Skynamo, OrderSender and Katala show it apart; HermitCRM leaves such clients out.
        never, long_ago = one(CALL, [], "2026-03-31"), one(CALL, [touch("2025-02-01")], "2026-03-31")
        assert (never.never_contacted, never.state, never.last_contact_on) == (True, "overdue", None)
        assert (long_ago.never_contacted, long_ago.state) == (False, "overdue")

    def test_a_new_client_is_not_overdue_on_its_first_day(self) -> None:
        # yudao CRM: contactLastTime null counts as overdue once the client was owned long enough (CrmCustomerMapper).
        fresh = attrs.evolve(CLIENT, client_since_on=day("2026-03-31"))
        assert due(CALL, [], client=fresh) == "2026-04-07"

    def test_a_transfer_does_not_restart_the_clients_clock(self) -> None:
        # yudao CRM: the clock of neglect starts at the time of ownership (CrmCustomerMapper).
        log = [touch("2026-03-10", staff_id="lee")]
        before, after = (one(CALL, log, "2026-03-31", client=attrs.evolve(CLIENT, owner_id=name)) for name in ("lee", "kim"))
        assert after == attrs.evolve(before, owner_id="kim", staff_id="kim")

    def test_a_client_without_an_owner_is_not_dropped(self) -> None:
        # Frappe CRM: who gets the reminder of a record without an owner (frappe/crm pull request 2667).
        orphan = attrs.evolve(CLIENT, owner_id=None)
        found = one(attrs.evolve(CALL, role="secretary"), [], "2026-03-31", client=orphan)
        assert (found.owner_id, found.staff_id, found.state) == (None, None, "overdue")
        assert "role.fallback" in [reason.code for reason in found.reasons]

    def test_a_member_of_staff_who_has_left_still_reset_the_clock(self) -> None:
        # Financial Services Cloud: nobody who takes part can be deactivated (help.salesforce.com: fsc_admin_cds_manage_users).
        book = Book(clients=[CLIENT], touchpoints=[touch("2026-03-20", staff_id="left")], staff=[Staff(id="lee", name="Lee")])
        (found,) = policy(CALL).decide(book, as_of=day("2026-03-31")).obligations
        assert str(found.due_on) == "2026-03-27"


class TestBusinessDays:
    """TIM-6: how a date rolls is declared, and told."""

    def test_a_day_off_moves_the_due_day_the_way_the_rule_says(self) -> None:
        # ERPNext moves a date on a holiday earlier (maintenance_schedule.py); Salesforce marks it "Unscheduled".
        log = [touch("2026-09-26")]
        days = {
            how: due(attrs.evolve(CALL, roll=how), log, "2026-09-30", business=calendar("CN"))
            for how in ("following", "preceding", "none")
        }
        assert days == {"following": "2026-10-08", "preceding": "2026-09-30", "none": "2026-10-03"}

    def test_grace_in_business_days_that_begins_on_a_saturday_ends_on_the_right_day(self) -> None:
        # Frappe CRM: calc_time skips a day off by a whole day, keeping the hour (frappe/helpdesk issue 2075, pull request 2449).
        rule = attrs.evolve(CALL, grace="2 business days")
        assert str(one(rule, [touch("2026-03-07")], "2026-03-31").latest_on) == "2026-03-17"

    def test_saturday_15_00_and_4_business_hours_are_monday_13_00(self) -> None:
        # Frappe CRM: calc_time keeps the hour and answers Tuesday 11:00 (frappe/helpdesk issue 2075, pull request 2449).
        zone = ZoneInfo("Asia/Shanghai")
        fault = touch("2026-03-07", direction="incoming", purpose="fault", occurred_at=datetime(2026, 3, 7, 15, tzinfo=zone))
        answer = Trigger(id="answer", event=criterion("purpose == 'fault'"), channel="mail", within="4 business hours")
        asked = Policy(id="p", version="1", effective_from=day("2025-01-01"), triggers=[answer])
        (found,) = asked.decide_client(
            CLIENT, touchpoints=[fault], purchases=(), as_of=day("2026-03-07"), zone="Asia/Shanghai"
        ).obligations
        assert found.due_at == datetime(2026, 3, 9, 13, tzinfo=zone)

    def test_two_calls_that_roll_to_one_day_are_one_call(self) -> None:
        # ERPNext moves visits on holidays one by one, so that two meet on a day (maintenance_schedule.py).
        series = CadenceRule(
            id="g", channel="call", mode="grid", anchor="2026-01-01", every="1 week", roll="following", lead="1 day"
        )
        closed = SetCalendar(name="closed", weekend=[], holidays=[day(f"2026-02-{n:02}") for n in range(4, 15)])
        before, after = (owed(series, log, "2026-02-15", business=closed) for log in ([], [touch("2026-02-15")]))
        assert [str(found.due_on) for found in before] == ["2026-02-15", "2026-02-19"]
        assert [str(found.due_on) for found in after] == ["2026-02-19"]

    def test_the_holidays_that_moved_a_day_can_be_read_off(self) -> None:
        # Zammad issue 390: nobody could see that regional holidays had been subtracted.
        found = one(attrs.evolve(CALL, roll="following"), [touch("2026-09-26")], "2026-09-30", business=calendar("CN"))
        (moved,) = (reason for reason in found.reasons if reason.code == "cadence.rolled")
        assert dict(moved.values) == {"from": day("2026-10-03"), "to": day("2026-10-08"), "calendar": "CN", "roll": "following"}


class TestOnce:
    """CAD-13 and CAD-7: the same contact has the same key, and nobody is greeted twice."""

    def test_running_it_twice_adds_nothing(self) -> None:
        # Creme CRM: every run mails again (creme/commercial/creme_jobs.py). Gainsight: an open item of the same key is updated.
        log = [touch("2026-03-10"), touch("2026-01-10", "visit")]
        runs = [{o.key for o in owed((CALL, VISIT), log, as_of)} for as_of in ("2026-03-20", "2026-03-20", "2026-03-21")]
        assert runs[0] == runs[1] == runs[2] == {"c/call/call 2026-03-10", "c/visit/visit 2026-01-10"}

    def test_tasks_are_not_made_far_into_the_future(self) -> None:
        # rigpl-erpnext issue 24: a year of tasks is written ahead. Here one occurrence that has begun and the next.
        daily = CadenceRule(id="g", channel="call", mode="grid", anchor="2026-01-05", every="1 day", roll="none")
        assert [str(o.due_on) for o in owed(daily, [], "2026-03-31")] == ["2026-03-31", "2026-04-01"]

    def test_29_february_is_a_setting(self) -> None:
        # SuiteCRM issue 9719, nextcloud/contacts 2102, nextcloud/server 19218, tutanota 3684, BirthdayBot 192, SMF 5955.
        people = [ContactPerson(id="p", client_id="c", name="P", birthday=day("1980-02-29"))]
        card = CadenceRule(id="b", channel="card", mode="grid", anchor="people.birthday", roll="none")
        days = {
            leap: str(owed(attrs.evolve(card, leap_day=leap), [], "2026-02-01", people=people)[-1].due_on)
            for leap in ("28 February", "1 March", "skip")
        }
        assert days == {"28 February": "2026-02-28", "1 March": "2026-03-01", "skip": "2028-02-29"}

    def test_a_birthday_of_an_unknown_year_is_kept_and_not_greeted_twice_in_a_year(self) -> None:
        # Argued over in many calendars, such as nextcloud/calendar issue 747 and FossifyOrg/Calendar issue 1087.
        people = [ContactPerson(id="p", client_id="c", name="P", birthday=Birthday(month=3, day=20))]
        card = CadenceRule(id="b", channel="card", mode="grid", anchor="people.birthday", lead="2 days", roll="none")
        assert [o.key for o in owed(card, [], "2026-03-20", people=people)] == ["c/b/p@2026", "c/b/p@2027"]
        greeted = [touch("2026-03-18", "card", person_id="p")]
        for as_of in ("2026-03-18", "2026-03-20", "2026-12-31"):
            assert [o.key for o in owed(card, greeted, as_of, people=people)] == ["c/b/p@2027"]
