"""From application to expiry: each step, each setting, and what is refused."""

import pickle
from collections.abc import Sequence
from datetime import date

import attrs
import pytest

from relcare.errors import IllegalStepError, InvalidValueError
from relcare.model import MembershipEvent, MembershipStep
from relcare.policy import criterion
from relcare.vip import (
    Benefit,
    MembershipRules,
    MembershipSpell,
    MembershipState,
    Programme,
    QualifiedSpell,
    VipPath,
    benefits_of,
    is_nominated,
    membership,
    membership_so_far,
    was_qualified,
)

PATHS = [VipPath("big", criterion("orders >= 10"))]
DAY = date(2026, 3, 2)


def club(approval: str | None = None, benefits: Sequence[Benefit] = (), **settings: object) -> Programme:
    return Programme(
        id="club",
        paths=PATHS,
        approval=approval,
        benefits=benefits,
        membership=MembershipRules(**settings),  # type: ignore[arg-type]
    )


def step(kind: MembershipStep, on: date, by: str = "lee", **fields: object) -> MembershipEvent:
    return MembershipEvent(
        id=f"{kind}-{on}-{by}",
        client_id="c-1",
        programme_id="club",
        step=kind,
        on=on,
        by=by,
        **fields,  # type: ignore[arg-type]
    )


def joined(on: date = DAY) -> list[MembershipEvent]:
    """Applied, checked and approved on one day."""
    return [step("applied", on), step("checked", on), step("approved", on, by="wu")]


def asked(programme: Programme, log: Sequence[MembershipEvent], on: date, *qualified: QualifiedSpell) -> MembershipState:
    return membership(programme, log, qualified, as_of=on)


def refused(programme: Programme, log: Sequence[MembershipEvent], *qualified: QualifiedSpell) -> IllegalStepError:
    with pytest.raises(IllegalStepError) as caught:
        membership(programme, log, qualified, as_of=date(2030, 1, 1))
    return caught.value


class TestSteps:
    def test_a_client_without_steps_has_no_membership(self) -> None:
        found = asked(club(), [], DAY)
        assert (found.state, found.since_on, found.missing, found.next_step) == ("none", None, (), None)

    @pytest.mark.parametrize("kind", ["applied", "nominated"])
    def test_who_asks_lacks_a_check_and_an_approval(self, kind: MembershipStep) -> None:
        found = asked(club(), [step(kind, DAY)], DAY)
        assert (found.state, found.since_on, found.missing) == (kind, DAY, ("check", "approval"))

    def test_who_is_checked_lacks_an_approval(self) -> None:
        found = asked(club(), [step("applied", DAY), step("checked", DAY)], DAY)
        assert (found.state, found.is_checked, found.missing) == ("applied", True, ("approval",))

    def test_who_is_approved_is_a_member_from_that_day_on(self) -> None:
        found = asked(club(), joined(), DAY)
        assert found.is_member
        assert found.spells == (MembershipSpell(level=None, start_on=DAY),)
        assert not found.was_member(date(2026, 3, 1))
        assert found.was_member(DAY)

    def test_who_is_refused_may_ask_again(self) -> None:
        log = [step("applied", DAY), step("refused", date(2026, 3, 3), reason="no papers")]
        assert asked(club(), log, date(2026, 3, 3)).state == "refused"
        assert asked(club(), [*log, step("applied", date(2026, 3, 4))], date(2026, 3, 4)).state == "applied"

    def test_a_nominated_client_may_apply_and_keeps_its_check(self) -> None:
        log = [step("nominated", DAY), step("checked", DAY), step("applied", DAY, by="kim")]
        found = asked(club(), log, DAY)
        assert (found.state, found.missing) == ("applied", ("approval",))

    def test_a_check_does_not_outlive_a_refusal(self) -> None:
        log = [step("applied", DAY), step("checked", DAY), step("refused", DAY, by="wu"), step("applied", DAY)]
        assert asked(club(), log, DAY).missing == ("check", "approval")

    def test_who_is_revoked_is_no_member_from_that_day_on(self) -> None:
        log = [*joined(), step("revoked", date(2026, 5, 1), by="wu", reason="fraud")]
        found = asked(club(), log, date(2026, 5, 1))
        assert found.state == "revoked"
        assert found.spells == (MembershipSpell(level=None, start_on=DAY, end_on=date(2026, 5, 1)),)
        assert found.reasons[0].values["why"] == "fraud"

    def test_what_is_taken_back_on_its_first_day_never_was(self) -> None:
        found = asked(club(), [*joined(), step("revoked", DAY, by="wu")], DAY)
        assert (found.state, found.spells) == ("revoked", ())

    def test_the_reason_names_who_led_to_the_state_and_not_who_came_after(self) -> None:
        log = [step("applied", DAY, by="lee", reason="a friend"), step("checked", DAY, by="kim", reason="papers seen")]
        values = asked(club(), log, DAY).reasons[0].values
        assert (values["by"], values["why"]) == ("lee", "a friend")

    def test_later_steps_are_not_looked_at(self) -> None:
        assert asked(club(), [*joined(), step("revoked", date(2026, 5, 1))], date(2026, 4, 30)).is_member


class TestIllegalSteps:
    @pytest.mark.parametrize(
        ("log", "place", "rule"),
        [
            ([step("checked", DAY)], "events[0].step", "'none'"),
            ([step("approved", DAY)], "events[0].step", "'none'"),
            ([step("applied", DAY), step("applied", DAY)], "events[1].step", "'applied'"),
            ([step("applied", DAY), step("nominated", DAY)], "events[1].step", "'applied'"),
            ([step("applied", DAY), step("approved", DAY, by="wu")], "events[1].step", "after a check"),
            ([step("applied", DAY), step("checked", DAY), step("checked", DAY)], "events[2].step", "twice"),
            ([*joined(), step("applied", DAY)], "events[3].step", "'member'"),
            ([*joined(), step("granted", DAY, end_on=date(2027, 1, 1))], "events[3].step", "'member'"),
            ([*joined(), step("renewed", DAY)], "events[3].step", "without an end"),
            ([*joined(), step("notified", DAY)], "events[3].step", "no notice"),
            ([step("applied", DAY), step("revoked", DAY)], "events[1].step", "'applied'"),
            ([step("applied", DAY), step("checked", date(2026, 3, 1))], "events[1].on", "must not be before 2026-03-02"),
        ],
        ids=[
            "check of nothing",
            "approval of nothing",
            "two applications",
            "nomination of an applicant",
            "unchecked",
            "two checks",
            "application of a member",
            "grant to a member",
            "renewal without an end",
            "notice without need",
            "revoked applicant",
            "out of order",
        ],
    )
    def test_a_step_that_does_not_follow_is_refused_with_its_place(
        self, log: list[MembershipEvent], place: str, rule: str
    ) -> None:
        found = refused(club(), log)
        assert found.name == place
        assert rule in found.rule

    @pytest.mark.parametrize("kind", ["approved", "refused"])
    def test_nobody_decides_about_their_own_nomination(self, kind: MembershipStep) -> None:
        log = [step("nominated", DAY, by="lee"), step("checked", DAY, by="kim"), step(kind, DAY, by="lee")]
        assert refused(club(), log).name == "events[2].by"

    def test_who_speaks_for_an_applicant_does_not_approve_it(self) -> None:
        log = [step("applied", DAY, sponsor_id="wu"), step("checked", DAY), step("approved", DAY, by="wu")]
        assert refused(club(), log).name == "events[2].by"

    def test_a_nominator_does_not_approve_after_the_client_has_applied_itself(self) -> None:
        log = [step("nominated", DAY, by="wu"), step("applied", DAY), step("checked", DAY), step("approved", DAY, by="wu")]
        assert refused(club(), log).name == "events[3].by"

    def test_a_grant_is_no_way_round_it(self) -> None:
        log = [step("nominated", DAY, by="wu"), step("granted", DAY, by="wu", end_on=date(2026, 4, 1))]
        assert refused(club(), log).name == "events[1].by"

    def test_who_took_an_application_in_may_approve_it(self) -> None:
        log = [step("applied", DAY, by="wu"), step("checked", DAY), step("approved", DAY, by="wu")]
        assert asked(club(), log, DAY).is_member

    @pytest.mark.parametrize("role", [None, "account manager"])
    def test_only_the_role_of_the_programme_approves(self, role: str | None) -> None:
        log = [step("applied", DAY), step("checked", DAY), step("approved", DAY, by="wu", role=role)]
        found = refused(club(approval="leader"), log)
        assert (found.name, "must be 'leader'" in found.rule) == ("events[2].role", True)
        log[2] = attrs.evolve(log[2], role="leader")
        assert asked(club(approval="leader"), log, DAY).is_member

    def test_steps_of_another_programme_or_client_are_refused(self) -> None:
        with pytest.raises(InvalidValueError, match="programme_id"):
            membership(club(), [attrs.evolve(step("applied", DAY), programme_id="other")], [], as_of=DAY)
        with pytest.raises(InvalidValueError, match="as before"):
            membership(club(), [step("applied", DAY), attrs.evolve(step("checked", DAY), client_id="c-2")], [], as_of=DAY)

    def test_the_error_survives_pickling_and_renaming(self) -> None:
        found = refused(club(), [step("checked", DAY)])
        again = pickle.loads(pickle.dumps(found.renamed("step")))
        assert (type(again), again.name, again.rule) == (IllegalStepError, "step", found.rule)

    def test_a_wrong_log_counts_up_to_its_first_wrong_step(self) -> None:
        state, fault = membership_so_far(club(), [step("applied", DAY), step("approved", DAY)], [], as_of=DAY)
        assert state.state == "applied"
        assert fault is not None


class TestTerms:
    def test_a_term_ends_on_its_day_and_not_before(self) -> None:
        programme = club(length="1 year")
        assert asked(programme, joined(), date(2027, 3, 1)).is_member
        found = asked(programme, joined(), date(2027, 3, 2))
        assert (found.state, found.since_on) == ("lapsed", date(2027, 3, 2))
        assert found.spells == (MembershipSpell(level=None, start_on=DAY, end_on=date(2027, 3, 2)),)

    def test_terms_are_counted_from_the_first_day(self) -> None:
        programme = club(length="1 month")
        log = [*joined(date(2026, 1, 31)), step("renewed", date(2026, 2, 10)), step("renewed", date(2026, 3, 10))]
        assert asked(programme, log, date(2026, 3, 29)).term_ends_on == date(2026, 3, 31)
        assert asked(programme, log, date(2026, 3, 31)).term_ends_on == date(2026, 4, 30)

    def test_a_renewal_counts_from_the_end_of_the_term_and_once(self) -> None:
        programme, log = club(length="1 year"), [*joined(), step("renewed", date(2026, 6, 1))]
        found = asked(programme, log, date(2026, 6, 1))
        assert (found.is_renewed, found.next_step, found.next_on, found.missing) == (True, "next term", date(2027, 3, 2), ())
        assert asked(programme, log, date(2028, 3, 1)).is_member
        assert asked(programme, log, date(2028, 3, 2)).state == "lapsed"
        assert "twice" in refused(programme, [*log, step("renewed", date(2026, 7, 1))]).rule

    def test_who_lapsed_cannot_be_renewed_and_may_apply_again(self) -> None:
        programme, late = club(length="1 year"), date(2027, 3, 2)
        assert refused(programme, [*joined(), step("renewed", late)]).name == "events[3].step"
        found = asked(programme, [*joined(), *joined(late)], late)
        assert [spell.start_on for spell in found.spells] == [DAY, late]

    def test_one_step_down_goes_through_the_levels_and_ends_below_the_lowest(self) -> None:
        programme = club(length="1 year", keeping="one step down", levels=["gold", "silver"])
        assert asked(programme, joined(), DAY).level == "gold"
        assert asked(programme, joined(), DAY).next_step == "steps down"
        found = asked(programme, joined(), date(2027, 3, 2))
        assert (found.state, found.level, found.next_step) == ("member", "silver", "lapses")
        assert asked(programme, joined(), date(2028, 3, 2)).state == "lapsed"

    def test_a_level_that_is_not_there_is_refused(self) -> None:
        log = [*joined()[:2], step("approved", DAY, by="wu", level="iron")]
        assert refused(club(levels=["gold"]), log).name == "events[2].level"

    def test_who_qualifies_at_the_end_of_a_term_stays(self) -> None:
        programme = club(length="1 year", keeping="re-evaluated")
        still = QualifiedSpell(start_on=date(2027, 3, 2))
        gone = QualifiedSpell(start_on=DAY, end_on=date(2027, 3, 2))
        assert asked(programme, joined(), date(2027, 3, 2), still).term_ends_on == date(2028, 3, 2)
        assert asked(programme, joined(), date(2027, 3, 2), gone).state == "lapsed"

    def test_the_qualification_window_looks_back(self) -> None:
        gone = QualifiedSpell(start_on=DAY, end_on=date(2027, 3, 1))  # last qualified on 28 February
        short = club(length="1 year", keeping="re-evaluated", window="2 days")
        long = club(length="1 year", keeping="re-evaluated", window="3 days")
        assert asked(short, joined(), date(2027, 3, 2), gone).state == "lapsed"
        assert asked(long, joined(), date(2027, 3, 2), gone).is_member
        assert was_qualified(MembershipRules(window="3 days"), [gone], date(2027, 3, 2))
        assert not was_qualified(MembershipRules(), [gone], date(2027, 3, 1))

    def test_grace_keeps_a_member_and_lets_it_be_renewed(self) -> None:
        programme = club(length="1 year", keeping="grace", grace="30 days")
        assert asked(programme, joined(), date(2027, 3, 1)).next_step == "grace"
        found = asked(programme, joined(), date(2027, 3, 31))
        assert (found.is_member, found.is_in_grace, found.next_on) == (True, True, date(2027, 4, 1))
        assert asked(programme, joined(), date(2027, 4, 1)).state == "lapsed"
        log = [*joined(), step("renewed", date(2027, 3, 31), by="wu")]
        assert asked(programme, log, date(2027, 4, 1)).term_ends_on == date(2028, 3, 2)

    def test_goods_can_come_back_before_the_membership_begins(self) -> None:
        programme = club(returns_delay="30 days")
        kept = QualifiedSpell(start_on=date(2026, 2, 20))
        found = asked(programme, joined(), DAY, kept)
        assert (found.state, found.next_step, found.next_on) == ("approved", "begins", date(2026, 3, 22))
        assert asked(programme, joined(), date(2026, 3, 22), kept).since_on == date(2026, 3, 22)
        back = QualifiedSpell(start_on=date(2026, 2, 20), end_on=date(2026, 3, 22))
        found = asked(programme, joined(), date(2026, 3, 31), back)
        assert (found.state, found.missing, found.next_on) == ("approved", ("qualification",), None)


class TestNotice:
    PROGRAMME = club(length="1 year", notice="30 days")

    def test_no_term_ends_against_a_member_who_was_not_told(self) -> None:
        found = asked(self.PROGRAMME, joined(), date(2027, 6, 1))
        assert (found.is_member, found.next_step, found.next_on) == (True, "notice", date(2027, 1, 31))
        assert found.missing == ("notice", "renewal")

    def test_notice_in_time_lets_the_term_end_on_its_day(self) -> None:
        log = [*joined(), step("notified", date(2027, 1, 31))]
        found = asked(self.PROGRAMME, log, date(2027, 3, 1))
        assert (found.next_step, found.next_on, found.missing) == ("lapses", date(2027, 3, 2), ("renewal",))
        assert asked(self.PROGRAMME, log, date(2027, 3, 2)).state == "lapsed"

    def test_late_notice_puts_the_loss_off(self) -> None:
        log = [*joined(), step("notified", date(2027, 4, 1))]
        assert asked(self.PROGRAMME, log, date(2027, 4, 30)).is_member
        assert asked(self.PROGRAMME, log, date(2027, 5, 1)).state == "lapsed"

    def test_notice_is_given_once_and_not_before_its_time(self) -> None:
        assert refused(self.PROGRAMME, [*joined(), step("notified", date(2027, 1, 30))]).name == "events[3].on"
        twice = [*joined(), step("notified", date(2027, 2, 1)), step("notified", date(2027, 2, 2))]
        assert "twice" in refused(self.PROGRAMME, twice).rule

    def test_a_late_renewal_counts_on_from_the_term_that_was_over(self) -> None:
        log = [*joined(), step("renewed", date(2027, 6, 1))]
        assert asked(self.PROGRAMME, log, date(2027, 6, 1)).term_ends_on == date(2028, 3, 2)
        log = [*joined(), step("renewed", date(2029, 6, 1))]  # that term would be over too
        assert asked(self.PROGRAMME, log, date(2029, 6, 1)).term_ends_on == date(2030, 6, 1)

    def test_who_stays_by_qualification_needs_no_notice(self) -> None:
        programme = club(length="1 year", notice="30 days", keeping="re-evaluated")
        still = QualifiedSpell(start_on=DAY)
        found = asked(programme, joined(), date(2027, 2, 15), still)
        assert (found.next_step, found.notice_on, found.missing) == ("re-evaluated", None, ())


class TestGrants:
    def test_a_grant_makes_a_member_until_its_end(self) -> None:
        programme = club(length="1 year", notice="30 days", keeping="grace", grace="1 year")
        log = [step("granted", DAY, by="wu", end_on=date(2026, 5, 1))]
        found = asked(programme, log, date(2026, 4, 30))
        assert (found.state, found.next_step, found.next_on, found.missing) == ("member", "lapses", date(2026, 5, 1), ())
        assert asked(programme, log, date(2026, 5, 1)).state == "lapsed"

    def test_a_grant_does_not_step_down(self) -> None:
        programme = club(length="1 year", keeping="one step down", levels=["gold", "silver"])
        log = [step("granted", DAY, end_on=date(2026, 5, 1))]
        assert asked(programme, log, date(2026, 4, 30)).next_step == "lapses"
        assert asked(programme, log, date(2026, 5, 1)).state == "lapsed"

    def test_a_grant_is_not_renewed(self) -> None:
        log = [step("granted", DAY, end_on=date(2026, 5, 1)), step("renewed", DAY)]
        assert "a grant has no term" in refused(club(length="1 year"), log).rule

    def test_grants_may_be_switched_off_or_bounded(self) -> None:
        log = [step("granted", DAY, end_on=date(2026, 5, 3))]
        assert "no grants" in refused(club(grants=False), log).rule
        assert refused(club(longest_grant="2 months"), log).name == "events[0].end_on"
        assert asked(club(longest_grant="2 months"), [attrs.evolve(log[0], end_on=date(2026, 5, 2))], DAY).is_member


class TestBenefits:
    def test_members_have_the_benefits_of_their_level(self) -> None:
        lounge, gift = Benefit(id="lounge", text="Lounge", levels=["gold"]), Benefit(id="gift", text="A gift")
        programme = club(benefits=[lounge, gift], levels=["gold", "silver"])
        silver = [*joined()[:2], step("approved", DAY, by="wu", level="silver")]
        assert benefits_of(programme, asked(programme, joined(), DAY)) == {"lounge", "gift"}
        assert benefits_of(programme, asked(programme, silver, DAY)) == {"gift"}
        assert benefits_of(programme, asked(programme, [], DAY)) == frozenset()

    @pytest.mark.parametrize(
        ("fields", "rule"),
        [
            ({"benefits": [Benefit(id="a", text="A"), Benefit(id="a", text="B")]}, "different ids"),
            ({"benefits": [Benefit(id="a", text="A")], "membership": None}, "without membership"),
            ({"benefits": [Benefit(id="a", text="A", levels=["gold"])]}, "a level of the programme"),
        ],
        ids=["one id", "no membership", "no such level"],
    )
    def test_benefits_that_nobody_could_have_are_refused(self, fields: dict[str, object], rule: str) -> None:
        with pytest.raises(InvalidValueError, match=rule):
            Programme(**{"id": "club", "paths": PATHS, "membership": MembershipRules(), **fields})  # type: ignore[arg-type]


class TestValues:
    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"step": "asked"}, "step"),
            ({"end_on": DAY}, "end_on"),
            ({"step": "granted"}, "end_on"),
            ({"step": "granted", "end_on": DAY}, "end_on"),
            ({"level": "gold"}, "level"),
            ({"step": "approved", "sponsor_id": "kim"}, "sponsor_id"),
            ({"by": ""}, "by"),
        ],
        ids=["no such step", "end of no grant", "grant without end", "end at once", "level", "sponsor", "nobody"],
    )
    def test_a_step_that_says_too_much_or_too_little_is_refused(self, fields: dict[str, object], name: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            attrs.evolve(step("applied", DAY), **fields)  # type: ignore[arg-type]
        assert caught.value.name == name

    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            ({"length": "soon"}, "length"),
            ({"keeping": "always"}, "keeping"),
            ({"keeping": "grace"}, "grace"),
            ({"levels": ["a", "a"]}, "levels"),
            ({"grants": 1}, "grants"),
            ({"notice": 3}, "notice"),
        ],
        ids=["length", "keeping", "grace", "levels", "grants", "notice"],
    )
    def test_settings_that_say_nothing_are_refused(self, settings: dict[str, object], name: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            MembershipRules(**settings)  # type: ignore[arg-type]
        assert caught.value.name == name

    def test_a_nomination_stands_until_it_is_refused_or_revoked(self) -> None:
        log = [step("nominated", DAY), step("refused", date(2026, 3, 5), by="wu"), step("nominated", date(2026, 3, 9))]
        answers = [is_nominated(log, as_of=date(2026, 3, day)) for day in (1, 2, 4, 5, 8, 9)]
        assert answers == [False, True, True, False, False, True]
