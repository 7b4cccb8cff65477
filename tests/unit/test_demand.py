"""What the rules ask of the people, figure by figure as one would work it out by hand (PLN-1)."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from relcare.codec import loads_policy
from relcare.decisions import Policy, RoleStaffing, Staffing
from relcare.errors import InvalidValueError
from relcare.planning import Demand, RoleDemand, demand
from relcare.soundness import Finding, prove

HEAD = """\
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.size]
type = "level"
values = ["small", "large"]
[facts.is_new]
type = "flag"
may_be_missing = true
"""
QUOTA = """\
[[segmentation]]
id = "abc"
kind = "quota"
score = [ { fact = "size", points = { small = 0, large = 1 } } ]
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "80%" } ]
"""
THRESHOLD = """\
[[segmentation]]
id = "care"
kind = "threshold"
tiers = [ { id = "A", when = "size == 'large'" } ]
otherwise = "B"
"""


def rule(rule_id: str = "call", every: str = "1 week", minutes: int = 15, *, channel: str = "call", more: str = "") -> str:
    return f'[[cadence]]\nid = "{rule_id}"\nchannel = "{channel}"\nevery = "{every}"\nminutes = {minutes}\n{more}\n'


def policy(*parts: str) -> Policy:
    return loads_policy(HEAD + "".join(parts))


def staffing(
    clients: int = 100,
    *,
    mix: Mapping[str, Mapping[str, Fraction | str]] | None = None,
    days: int = 5,
    people: str = "1",
    **minutes: int,
) -> Staffing:
    """A staffing of one person for each role; by default the account manager has 400 minutes."""
    roles = [
        RoleStaffing(role=role.replace("_", " "), staff=1, minutes_per_day=each)
        for role, each in (minutes or {"account_manager": 400}).items()
    ]
    return Staffing(clients=clients, roles=roles, mix=mix or {}, days_per_week=days, people_per_client=people)


def only(found: Demand) -> RoleDemand:
    (role,) = found.roles
    return role


def span(found: Demand) -> tuple[Fraction | int, Fraction | int]:
    """Least and most of the only role."""
    return only(found).least, only(found).most


class TestOneRule:
    """Minutes times clients over the interval in working days."""

    def test_a_hundred_clients_called_a_quarter_of_an_hour_each_week(self) -> None:
        found = demand(policy(rule()), staffing())
        # 100 clients x 15 minutes / 5 working days
        assert span(found) == (300, 300)
        assert (only(found).peak, only(found).role, only(found).rules) == (300, "account manager", (("call", Fraction(300)),))
        assert only(found).capacity == 400
        assert found.unknown == ()

    def test_the_staffing_of_the_policy_is_the_default(self) -> None:
        text = '[staffing]\nclients = 10\nroles = [ { role = "account manager", staff = "1.5", minutes_per_day = 60 } ]\n'
        role = only(demand(policy(rule(), text)))
        assert role.most == 30
        assert role.capacity == 90

    def test_another_staffing_can_be_tried(self) -> None:
        text = '[staffing]\nclients = 10\nroles = [ { role = "account manager", staff = "1", minutes_per_day = 60 } ]\n'
        assert only(demand(policy(rule(), text), staffing(20))).most == 60

    def test_without_any_staffing_there_is_nothing_to_compare_with(self) -> None:
        with pytest.raises(InvalidValueError, match="must be given, or declared by the policy"):
            demand(policy(rule()))

    @pytest.mark.parametrize(
        ("every", "days", "most"),
        [
            ("2 weeks", 5, Fraction(150)),  # 10 working days
            ("1 week", 7, Fraction(1500, 7)),
            ("1 week", 1, Fraction(1500)),
            ("10 days", 5, Fraction(210)),  # 10 x 5/7 working days
            ("1 month", 5, 1500 / (Fraction(146_097, 4_800) * Fraction(5, 7))),
            ("1 year", 5, 1500 / (Fraction(146_097, 400) * Fraction(5, 7))),
        ],
    )
    def test_an_interval_counts_with_its_average_length_in_working_days(self, every: str, days: int, most: Fraction) -> None:
        assert only(demand(policy(rule(every=every)), staffing(days=days))).most == most

    def test_a_rule_that_takes_no_time_asks_nothing(self) -> None:
        found = demand(policy(rule(minutes=0)), staffing())
        assert (span(found), only(found).peak, found.largest_book) == ((0, 0), 0, None)
        assert found.stretch == 1

    def test_no_rule_asks_nothing(self) -> None:
        found = demand(policy(), staffing())
        assert (span(found), only(found).rules, found.largest_book, found.fits) == ((0, 0), (), None, True)
        assert found.stretch == 1

    def test_a_criterion_that_is_known_to_fail_asks_nothing(self) -> None:
        text = rule(more="when = \"size == 'large'\"")
        assert span(demand(policy(text), staffing(mix={"size": {"small": "100%"}}))) == (0, 0)


class TestSeveralRules:
    """Rules add up, unless they ask the same thing or spare each other."""

    def test_rules_on_different_channels_add_up_the_largest_first(self) -> None:
        found = demand(policy(rule(), rule("visit", "4 weeks", 90, channel="visit")), staffing())
        # visits: 100 x 90 / 20
        assert only(found).rules == (("visit", Fraction(450)), ("call", Fraction(300)))
        assert span(found) == (750, 750)

    def test_of_two_rules_that_ask_the_same_the_shorter_counts(self) -> None:
        found = demand(policy(rule("slow", "2 weeks", 60), rule("fast", "1 week", 10)), staffing())
        # The ten minutes each week are done; the hour in two weeks would be more, but never falls due.
        assert only(found).rules == (("fast", Fraction(200)),)
        assert span(found) == (200, 200)

    def test_of_two_with_the_same_interval_the_lower_id_counts(self) -> None:
        assert span(demand(policy(rule("b", minutes=60), rule("a", minutes=10)), staffing())) == (200, 200)

    def test_where_the_shorter_may_not_apply_either_may_count(self) -> None:
        text = rule("slow", "2 weeks", 60) + rule("fast", "1 week", 10, more="when = \"size == 'large'\"")
        found = demand(policy(text), staffing())
        # 100 x 10 / 5 at the least, 100 x 60 / 10 at the most.
        assert span(found) == (200, 600)
        assert found.unknown == ("size",)

    def test_of_a_longer_one_that_may_apply_nothing_is_seen(self) -> None:
        text = rule("slow", "2 weeks", 60, more="when = \"size == 'large'\"") + rule("fast", "1 week", 10)
        assert span(demand(policy(text), staffing())) == (200, 200)

    def test_rules_with_another_purpose_are_not_the_same(self) -> None:
        text = rule("sell", more='purpose = "sale"') + rule("ask", more='purpose = "survey"')
        assert span(demand(policy(text), staffing())) == (600, 600)

    def test_grids_are_never_merged(self) -> None:
        grid = 'mode = "grid"\nanchor = "2026-01-05"'
        assert span(demand(policy(rule("one", more=grid), rule("two", more=grid)), staffing())) == (600, 600)

    def test_a_visit_spares_the_call_it_satisfies_at_the_least(self) -> None:
        text = rule(more='satisfied_by = ["visit"]') + rule("visit", "4 weeks", 90, channel="visit")
        # A visit every 20 working days spares 100 x 15 / 20 of the 300 minutes.
        assert span(demand(policy(text), staffing())) == (750 - 75, 750)

    def test_a_visit_that_may_not_apply_may_spare_it_all_the_same(self) -> None:
        text = rule(more='satisfied_by = ["visit"]') + rule("visit", "4 weeks", 90, channel="visit", more='when = "is_new"')
        assert span(demand(policy(text), staffing())) == (300 - 75, 750)

    def test_nothing_is_spared_beyond_all(self) -> None:
        text = rule(every="4 weeks", more='satisfied_by = ["visit"]') + rule("visit", "1 week", 1, channel="visit")
        assert only(demand(policy(text), staffing())).least == 20  # the visits alone


class TestWhatIsKnownOfTheClients:
    """The mix decides which rules apply; what it does not give makes a range."""

    def test_without_a_mix_a_rule_for_some_is_a_range(self) -> None:
        found = demand(policy(rule(more="when = \"size == 'large'\"")), staffing())
        assert (span(found), found.unknown, only(found).fits) == ((0, 300), ("size",), True)

    def test_the_mix_closes_it(self) -> None:
        found = demand(policy(rule(more="when = \"size == 'large'\"")), staffing(mix={"size": {"large": "25%", "small": "75%"}}))
        assert (span(found), found.unknown) == ((75, 75), ())

    def test_facts_of_the_mix_are_independent(self) -> None:
        mix = {"size": {"large": "25%", "small": "75%"}, "is_new": {"true": "40%", "false": "60%"}}
        found = demand(policy(rule(more="when = \"size == 'large' and is_new\"")), staffing(mix=mix))
        assert span(found) == (30, 30)  # 10 of the 100 clients

    def test_only_what_is_lacking_is_named(self) -> None:
        found = demand(
            policy(rule(more="when = \"size == 'large' and is_new\"")), staffing(mix={"size": {"large": "25%", "small": "75%"}})
        )
        assert (span(found), found.unknown) == ((0, 75), ("is_new",))

    def test_the_tier_of_a_threshold_scheme_follows_from_the_mix(self) -> None:
        text = THRESHOLD + rule("call-A", more="when = \"tier.care == 'A'\"")
        found = demand(policy(text), staffing(mix={"size": {"large": "25%", "small": "75%"}}))
        assert (span(found), found.unknown) == ((75, 75), ())

    def test_or_stands_in_the_mix_itself(self) -> None:
        text = THRESHOLD + rule("call-A", more="when = \"tier.care == 'A'\"")
        assert span(demand(policy(text), staffing(mix={"tier.care": {"A": "10%", "B": "90%"}}))) == (30, 30)

    def test_or_is_unknown(self) -> None:
        found = demand(policy(THRESHOLD + rule("call-A", more="when = \"tier.care == 'A'\"")), staffing())
        assert (span(found), found.unknown) == ((0, 300), ("tier.care",))

    def test_a_client_outside_a_scope_has_no_tier(self) -> None:
        scoped = THRESHOLD.replace('kind = "threshold"', 'kind = "threshold"\nscope = "is_new"')
        mix = {"size": {"large": "50%", "small": "50%"}, "is_new": {"true": "40%", "false": "60%"}}
        found = demand(policy(scoped, rule("call-A", more="when = \"tier.care == 'A'\"")), staffing(mix=mix))
        assert span(found) == (60, 60)  # 20 of the 100

    def test_a_value_with_no_share_is_nobody(self) -> None:
        mix = {"size": {"large": "0%", "small": "100%"}}
        assert span(demand(policy(rule(more="when = \"size == 'large'\"")), staffing(mix=mix))) == (0, 0)

    def test_a_mix_may_not_tell_too_many_kinds_apart(self) -> None:
        many = {f"v{number}": "1%" for number in range(100)}
        text = "".join(f'[facts.f{number}]\ntype = "category"\n' for number in range(3))
        crowd = staffing(mix={f"f{number}": many for number in range(3)})
        with pytest.raises(InvalidValueError, match=r"must tell at most 20,000 kinds of client apart; hint: name fewer facts"):
            demand(policy(text, rule()), crowd)


class TestQuotas:
    """The shares of a quota are declared; they are shares of whom the scheme classes."""

    CALL = rule("call-A", more="when = \"tier.abc == 'A'\"")

    def test_a_fifth_of_all_clients_is_in_a(self) -> None:
        found = demand(policy(QUOTA, self.CALL), staffing())
        assert (span(found), found.unknown) == ((60, 60), ())

    def test_of_a_scope_that_is_unknown_they_are_shares_at_the_most(self) -> None:
        scoped = QUOTA.replace('kind = "quota"', 'kind = "quota"\nscope = "is_new"')
        found = demand(policy(scoped, self.CALL), staffing())
        assert (span(found), found.unknown) == ((0, 60), ("tier.abc",))

    def test_of_a_scope_in_the_mix_they_are_shares_of_those_within(self) -> None:
        scoped = QUOTA.replace('kind = "quota"', 'kind = "quota"\nscope = "is_new"')
        found = demand(policy(scoped, self.CALL), staffing(mix={"is_new": {"true": "50%", "false": "50%"}}))
        assert (span(found), found.unknown) == ((30, 30), ())

    def test_the_mix_may_say_otherwise(self) -> None:
        found = demand(policy(QUOTA, self.CALL), staffing(mix={"tier.abc": {"A": "30%", "B": "70%"}}))
        assert span(found) == (90, 90)


class TestStrategies:
    """A strategy shortens a rule of its channel, never below the minimum (REL-4)."""

    PARTNER = '[[relationship]]\ntype = "partner"\nappeal = "fellow feeling"\nintervals = { call = "1 week" }\n'

    def test_while_the_types_are_unknown_both_intervals_may_count(self) -> None:
        found = demand(policy(self.PARTNER, rule(every="4 weeks")), staffing())
        assert (span(found), found.unknown) == ((75, 300), ("client.relationship_types",))

    def test_the_minimum_bounds_the_shortening(self) -> None:
        found = demand(policy(self.PARTNER, rule(every="4 weeks", more='minimum = "2 weeks"')), staffing())
        assert span(found) == (75, 150)

    def test_the_types_in_the_mix_decide(self) -> None:
        mix = {"client.relationship_types": {"partner": "40%", "channel": "60%"}}
        found = demand(policy(self.PARTNER, rule(every="4 weeks")), staffing(mix=mix))
        # 40 clients each week and 60 every four weeks: 40 x 15 / 5 + 60 x 15 / 20
        assert (span(found), found.unknown) == ((165, 165), ())

    def test_a_longer_interval_of_a_strategy_changes_nothing(self) -> None:
        found = demand(policy(self.PARTNER, rule(every="3 days")), staffing())
        assert (span(found), found.unknown) == ((700, 700), ())

    def test_the_dates_of_a_grid_are_no_interval(self) -> None:
        found = demand(policy(self.PARTNER, rule(every="4 weeks", more='mode = "grid"\nanchor = "2026-01-05"')), staffing())
        assert (span(found), found.unknown) == ((75, 75), ())

    def test_a_rule_for_a_strategy_follows_the_types(self) -> None:
        mix = {"client.relationship_types": {"partner": "40%", "channel": "60%"}}
        text = rule("letter", channel="letter", more='when = "strategy.partner"')
        assert span(demand(policy(self.PARTNER, text), staffing(mix=mix))) == (120, 120)


class TestPeople:
    """Who does it, and for how many people at a client."""

    LETTER = rule("letter", channel="letter", more='role = "secretary"')

    def test_each_role_has_its_own_minutes_in_the_order_of_the_staffing(self) -> None:
        found = demand(policy(rule(), self.LETTER), staffing(secretary=120, account_manager=400))
        assert [(role.role, int(role.most), int(role.capacity)) for role in found.roles] == [
            ("secretary", 300, 120),
            ("account manager", 300, 400),
        ]

    def test_the_work_of_a_role_that_nobody_has_falls_to_the_account_managers(self) -> None:
        found = demand(policy(rule(), self.LETTER), staffing())
        assert only(found).rules == (("call", Fraction(300)), ("letter", Fraction(300)))

    def test_even_when_there_are_none(self) -> None:
        found = demand(policy(rule()), staffing(secretary=120))
        assert [(role.role, int(role.most), int(role.capacity)) for role in found.roles] == [
            ("secretary", 0, 120),
            ("account manager", 300, 0),
        ]
        assert (found.largest_book, found.stretch, found.fits) == (0, None, False)

    def test_birthdays_count_for_each_person(self) -> None:
        text = rule("birthday", "1 year", 5, channel="greeting", more='mode = "grid"\nanchor = "people.birthday"')
        found = demand(policy(text), staffing(people="2.5"))
        year = Fraction(146_097, 400) * Fraction(5, 7)  # working days
        assert span(found) == (1250 / year, 1250 / year)
        assert only(found).peak == 5  # 250 greetings over 260.9 working days: one a day

    def test_nobody_known_has_no_birthday(self) -> None:
        text = rule("birthday", "1 year", 5, channel="greeting", more='mode = "grid"\nanchor = "people.birthday"')
        assert span(demand(policy(text), staffing(people="0"))) == (0, 0)


class TestWhetherItFits:
    """The average, the fullest day, and what would fit."""

    @pytest.mark.parametrize(("minutes", "fits"), [(300, True), (299, False)])
    def test_exactly_enough_is_enough(self, minutes: int, *, fits: bool) -> None:
        found = demand(policy(rule()), staffing(account_manager=minutes))
        assert (only(found).fits, found.fits) == (fits, fits)

    @pytest.mark.parametrize(("minutes", "fits"), [(600, True), (599, None), (200, None), (199, False)])
    def test_between_the_least_and_the_most_it_depends(self, minutes: int, *, fits: bool | None) -> None:
        text = rule("slow", "2 weeks", 60) + rule("fast", "1 week", 10, more="when = \"size == 'large'\"")
        assert demand(policy(text), staffing(account_manager=minutes)).fits is fits

    def test_one_role_that_does_not_fit_is_enough_for_no(self) -> None:
        text = rule(more='when = "is_new"') + rule("letter", channel="letter", more='role = "secretary"')
        found = demand(policy(text), staffing(account_manager=200, secretary=200))
        assert ([role.fits for role in found.roles], found.fits) == ([None, False], False)

    def test_the_fullest_day_takes_whole_clients(self) -> None:
        found = demand(policy(rule(minutes=60)), staffing(21, account_manager=270))
        # 21 clients over 5 days: 4.2 on average, 5 on the fullest
        assert only(found).most == 252
        assert (only(found).peak, only(found).fits, only(found).fits_peak) == (300, True, False)

    def test_the_fullest_days_of_all_rules_meet(self) -> None:
        text = rule(every="2 weeks") + rule("visit", "4 weeks", 90, channel="visit")
        # 3 of 21 clients called and 2 visited on the fullest day
        assert only(demand(policy(text), staffing(21))).peak == 3 * 15 + 2 * 90

    def test_clients_of_one_rule_are_spread_together_whatever_else_is_known_of_them(self) -> None:
        mix = {"size": {"large": "50%", "small": "50%"}}
        assert only(demand(policy(rule()), staffing(11, mix=mix))).peak == 3 * 15  # not twice the two of 5.5 clients

    def test_the_largest_book_and_the_stretch(self) -> None:
        found = demand(policy(rule()), staffing(account_manager=200))
        # 3 minutes a client and day: 66 clients take 198 of 200; 300 minutes fit when all intervals are half as long again
        assert (found.largest_book, found.stretch) == (66, Fraction(3, 2))
        assert only(demand(policy(rule()), staffing(66, account_manager=200))).fits
        assert not only(demand(policy(rule()), staffing(67, account_manager=200))).fits

    def test_the_tightest_role_bounds_the_book(self) -> None:
        text = rule() + rule("letter", channel="letter", more='role = "secretary"')
        found = demand(policy(text), staffing(account_manager=240, secretary=150))
        assert (found.largest_book, found.stretch) == (50, Fraction(2))

    def test_where_it_fits_nothing_is_stretched(self) -> None:
        found = demand(policy(rule()), staffing(account_manager=600))
        assert (found.largest_book, found.stretch) == (200, Fraction(1))


class TestAsAQuestion:
    """The same as findings."""

    @staticmethod
    def answers(text: str, minutes: int, mix: str = "") -> list[Finding]:
        person = f'{{ role = "account manager", staff = 1, minutes_per_day = {minutes} }}'
        house = policy(text, f"[staffing]\nclients = 100\nroles = [ {person} ]\n{mix}")
        return [finding for finding in prove(house).findings if finding.question.startswith("feasible")]

    def test_proved_when_the_most_and_the_peak_fit(self) -> None:
        assert [finding.outcome for finding in self.answers(rule(), 300)] == ["proved", "proved"]

    def test_refuted_when_the_least_does_not_with_what_would_fit(self) -> None:
        average = self.answers(rule(), 200)[0]
        assert (average.code, average.values["needs"], average.values["has"], average.values["largest_book"]) == (
            "feasible.average",
            300,
            200,
            66,
        )
        assert average.hint == "66 clients would fit, or all intervals 1.5 times as long"
        assert average.places == ("staffing", "cadence[0]")

    def test_undecided_between_them_with_what_it_depends_on(self) -> None:
        (average,) = self.answers(rule(more="when = \"size == 'large'\""), 299)
        assert average.outcome == "undecided"
        assert "needs 0 to 300 of 299 minutes a day: it depends on size" in str(average)

    def test_too_many_kinds_of_client_are_undecided(self) -> None:
        shares = ", ".join(f'v{number} = "1%"' for number in range(100))
        facts = "".join(f'[facts.f{number}]\ntype = "category"\n' for number in range(3))
        mix = "".join(f"f{number} = {{ {shares} }}\n" for number in range(3))
        (average,) = self.answers(facts + rule(), 300, f"[staffing.mix]\n{mix}")
        assert average.outcome == "undecided"
        assert "20,000 kinds of client" in str(average)
