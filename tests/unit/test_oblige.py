import decimal
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relcare.cadence import CadenceRule, DueContext, cadence_of, obligation_key, staff_by_role
from relcare.calendars import RollTable, SetCalendar
from relcare.decisions import Policy
from relcare.facts import history_of
from relcare.model import Book, Client, ContactPerson, Obligation, Reason, Staff, TierSpell, Touchpoint, Undecided
from relcare.policy import CLIENT_FACTS, Core, Every, Fact, FactType, Vocabulary, criterion
from relcare.relationships import Strategy
from relcare.segmentation import QuotaScheme, QuotaTier, ThresholdScheme, ThresholdTier

WORDS = Vocabulary(
    {
        **CLIENT_FACTS,
        "tier.abc": FactType(kind="level", values=("C", "B", "A")),
        "tier.risk": FactType(kind="level", values=("low", "high")),
        "turnover": FactType(kind="money", grain=Decimal("0.01")),
        "contract_on": FactType(kind="date"),
    }
)
EVERY_DAY = SetCalendar(name="every day", weekend=())
LEE, KIM, ANN = (
    Staff(id="lee", name="Lee", role="account manager"),
    Staff(id="kim", name="Kim", role="secretary"),
    Staff(id="ann", name="Ann", role="secretary"),
)
A, B = 2, 1


def rule(rule_id: str = "r", **more: Any) -> CadenceRule:
    when = more.pop("when", None)
    given: dict[str, Any] = {"id": rule_id, "channel": "call", "every": "1 week", "roll": "none"}
    return CadenceRule(**(given | {"when": criterion(when) if when else None} | more))


def touch(on: str, **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": f"t-{on}", "client_id": "c", "occurred_at": date.fromisoformat(on), "channel": "call"}
    return Touchpoint(**(given | more))


def decide(
    *rules: CadenceRule,
    row: Mapping[str, Core] | None = None,
    touches: Sequence[Touchpoint] = (),
    as_of: str = "2026-03-20",
    owner_id: str | None = "lee",
    people: Sequence[ContactPerson] = (),
    staff: Sequence[Staff] = (LEE, KIM, ANN),
    client_id: str = "c",
    **more: Any,
) -> tuple[list[Obligation], list[Undecided]]:
    on = date.fromisoformat(as_of)
    client = Client(id=client_id, name="C", owner_id=owner_id, client_since_on=date(2026, 1, 1))
    ready = cadence_of(rules, WORDS, policy_id="p", policy_version="7")
    return ready.oblige(
        history_of(client, people=people, touchpoints=touches, zone=ZoneInfo("UTC")),
        row or {},
        DueContext(as_of=on.toordinal(), in_force_from=date(2025, 1, 1).toordinal(), table=RollTable(EVERY_DAY, on, on)),
        **({"strategy_intervals": {}, "provisional": {}, "roles": staff_by_role(staff)} | more),
    )


def owed(*rules: CadenceRule, **more: Any) -> list[Obligation]:
    return decide(*rules, **more)[0]


def one(*rules: CadenceRule, **more: Any) -> Obligation:
    (found,) = owed(*rules, **more)
    return found


def codes(obligation: Obligation) -> list[str]:
    return [reason.code for reason in obligation.reasons]


def test_an_obligation_carries_everything_the_boards_need() -> None:
    asked = rule("call-A", when="tier.abc == 'A'", grace="2 days", lead="1 day", minutes=20, priority=3, source="handbook, 1")
    found = one(asked, row={"tier.abc": A}, touches=[touch("2026-03-12")])
    assert found == Obligation(
        key="c/call-A/t-2026-03-12",
        client_id="c",
        rule_id="call-A",
        rule_ids=("call-A",),
        owner_id="lee",
        staff_id="lee",
        attributed_to="owner",
        channel="call",
        role="account manager",
        minutes=20,
        priority=3,
        state="grace",
        never_contacted=False,
        last_contact_on=date(2026, 3, 12),
        interval="1 week",
        interval_days=Decimal(7),
        earliest_on=date(2026, 3, 18),
        due_on=date(2026, 3, 19),
        latest_on=date(2026, 3, 21),
        overdue_days=1,
        policy_id="p",
        policy_version="7",
        as_of=date(2026, 3, 20),
        reasons=(
            Reason(
                "cadence.rule",
                {"tier.abc": "A"},
                {
                    "rule": "call-A",
                    "channel": "call",
                    "interval": "1 week",
                    "when": "tier.abc == 'A'",
                    "source": "handbook, 1",
                },
            ),
            Reason(
                "cadence.last_contact",
                {},
                {"touchpoint": "t-2026-03-12", "channel": "call", "interval": "1 week", "on": date(2026, 3, 12)},
            ),
        ),
    )


class TestLateness:
    """CAD-5: "`overdue_days = max(0, as_of - due_on)`; it also counts in grace."."""

    @pytest.mark.parametrize(
        ("as_of", "state", "overdue_days", "attributed_to"),
        [
            ("2026-03-16", "upcoming", 0, None),
            ("2026-03-17", "due", 0, None),
            ("2026-03-18", "due", 0, None),
            ("2026-03-19", "grace", 1, "owner"),
            ("2026-03-20", "grace", 2, "owner"),
            ("2026-03-21", "overdue", 3, "owner"),
            ("2027-03-21", "overdue", 368, "owner"),
        ],
    )
    def test_days_are_counted_from_the_due_day(
        self, as_of: str, state: str, overdue_days: int, attributed_to: str | None
    ) -> None:
        found = one(rule(lead="1 day", grace="2 days"), touches=[touch("2026-03-11")], as_of=as_of)
        assert (found.state, found.overdue_days, found.attributed_to) == (state, overdue_days, attributed_to)

    def test_never_contacted_stands_beside_the_state(self) -> None:
        states = {as_of: one(rule(), as_of=as_of) for as_of in ("2026-01-07", "2026-01-08", "2026-01-09")}
        assert [found.state for found in states.values()] == ["upcoming", "due", "overdue"]
        assert all(found.never_contacted and found.last_contact_on is None for found in states.values())
        assert not one(rule(), touches=[touch("2026-03-11")]).never_contacted

    def test_the_average_interval_orders_and_does_not_depend_on_the_hosts_decimal_context(self) -> None:
        with decimal.localcontext(decimal.Context(prec=2)):
            found = [one(rule(every=every)).interval_days for every in ("1 week", "1 month", "1 quarter", "1 year", "100 years")]
        assert found == [Decimal(text) for text in ("7", "30.4369", "91.3106", "365.2425", "36524.25")]


class TestRoles:
    """CAD-9: "`account manager` is the client's owner; any other role goes to the member of staff with that role ..."."""

    @pytest.mark.parametrize(
        ("role", "owner_id", "staff_id", "fallback"),
        [
            ("account manager", "zoe", "zoe", False),
            ("account manager", None, None, False),
            ("secretary", "zoe", "ann", False),
            ("secretary", None, "ann", False),
            ("Secretary", "zoe", "zoe", True),
            ("Account manager", "zoe", "zoe", True),
            ("researcher", "zoe", "zoe", True),
            ("researcher", None, None, True),
        ],
    )
    def test_who_does_it(self, role: str, owner_id: str | None, staff_id: str | None, *, fallback: bool) -> None:
        found = one(rule(role=role), owner_id=owner_id)
        assert (found.role, found.owner_id, found.staff_id) == (role, owner_id, staff_id)
        reason = Reason("role.fallback", {}, {"role": role, "owner": owner_id})
        assert (reason in found.reasons) is fallback
        assert ("role.fallback" in codes(found)) is fallback

    def test_the_owner_does_it_even_when_others_have_the_role_of_account_manager(self) -> None:
        assert one(rule(), owner_id="zoe", staff=[LEE]).staff_id == "zoe"

    def test_of_several_the_lowest_id_by_code_point_whatever_the_order(self) -> None:
        several = [Staff(id=name, name="N", role="secretary") for name in ("b", "a", "B", "10", "9", "가")]
        assert staff_by_role(several) == staff_by_role(several[::-1]) == {"secretary": "10"}

    def test_staff_without_a_role_have_none(self) -> None:
        assert staff_by_role([Staff(id="x", name="X")]) == {}


class TestKeys:
    """CAD-13: "An obligation's key is client + rule + occurrence"."""

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            (("c-1", "call-A", "first"), "c-1/call-A/first"),
            (("a/b", "c", "d"), "a%2Fb/c/d"),
            (("a", "b/c", "d"), "a/b%2Fc/d"),
            (("a%2Fb", "c", "d"), "a%252Fb/c/d"),
            (("50%", "/", "%2F/"), "50%25/%2F/%252F%2F"),
            (("김", "전화", "t 1"), "김/전화/t 1"),
        ],
    )
    def test_parts_that_hold_a_slash_stay_apart(self, parts: tuple[str, str, str], expected: str) -> None:
        assert obligation_key(*parts) == expected

    def test_clients_and_rules_that_differ_by_a_slash_have_different_keys(self) -> None:
        one_way = one(rule("r/s"), client_id="c").key
        other = one(rule("s"), client_id="c/r").key
        assert one_way == "c/r%2Fs/first"
        assert other == "c%2Fr/s/first"

    def test_the_occurrence_is_the_contact_the_number_or_the_person_and_year(self) -> None:
        series = rule("g", mode="grid", anchor="2026-03-05", every="1 week")
        greeting = rule("b", mode="grid", anchor="people.birthday", every=None)
        person = ContactPerson(id="p@2026", client_id="c", name="P", birthday=date(1980, 3, 20))
        found = owed(rule(), series, greeting, touches=[touch("2026-03-12", id="t/1")], people=[person])
        assert sorted(obligation.key for obligation in found) == [
            "c/b/p@2026@2026",
            "c/b/p@2026@2027",
            "c/g/2",
            "c/g/3",
            "c/r/t%2F1",
        ]
        assert {found_one.person_id for found_one in found if found_one.rule_id == "b"} == {"p@2026"}


class TestMerging:
    """CAD-13: "the governing one is the shortest interval, then rule id; all reasons are kept"."""

    def test_the_shortest_interval_governs_and_every_reason_is_kept(self) -> None:
        found = one(
            rule("b", every="2 weeks", minutes=5, grace="9 days"),
            rule("z", every="1 week", minutes=20, when="turnover > 5", source="s"),
            rule("a", every="1 month"),
            touches=[touch("2026-03-12")],
            row={"turnover": 600},
        )
        assert (found.rule_id, found.rule_ids, found.key) == ("z", ("z", "b", "a"), "c/z/t-2026-03-12")
        assert (found.minutes, found.latest_on, found.interval) == (20, date(2026, 3, 19), "1 week")
        assert codes(found) == ["cadence.rule", "cadence.last_contact"] * 3 + ["cadence.merged"]
        assert [reason.values["rule"] for reason in found.reasons if reason.code == "cadence.rule"] == ["z", "b", "a"]
        assert found.reasons[-1] == Reason("cadence.merged", {}, {"rule": "z", "also": ("b", "a")})

    def test_equal_intervals_go_by_rule_id_whatever_the_order_of_the_policy(self) -> None:
        rules = [rule("b"), rule("a"), rule("B")]
        assert one(*rules).rule_ids == one(*rules[::-1]).rule_ids == ("B", "a", "b")

    def test_thirty_days_are_shorter_than_a_month(self) -> None:
        assert one(rule("a", every="1 month"), rule("b", every="30 days")).rule_id == "b"

    def test_the_interval_that_the_strategies_leave_decides(self) -> None:
        intervals = {"call": (Every(days=1), "partner")}
        found = one(rule("a", every="1 week", minimum="1 week"), rule("b", every="1 month"), strategy_intervals=intervals)
        assert (found.rule_ids, found.interval) == (("b", "a"), "1 day")

    @pytest.mark.parametrize(
        "other",
        [
            {"channel": "visit"},
            {"role": "secretary"},
            {"reaches": ["principal"]},
            {"counts": criterion("outcome == 'met'")},
            {"purpose": "greeting"},
            {"satisfied_by": ["visit"]},
        ],
    )
    def test_rules_that_ask_something_else_stay_apart(self, other: dict[str, Any]) -> None:
        found = owed(rule("a"), rule("b", **({"every": "2 weeks"} | other)))
        assert [obligation.rule_ids for obligation in found] == [("a",), ("b",)]

    def test_a_rule_that_a_visit_does_not_satisfy_is_not_hidden_behind_one_that_it_does(self) -> None:
        weekly, monthly = rule("weekly", satisfied_by=["visit"]), rule("monthly", every="1 month")
        found = owed(weekly, monthly, touches=[touch("2026-01-05"), touch("2026-03-18", channel="visit")])
        assert {obligation.rule_id: obligation.state for obligation in found} == {"weekly": "upcoming", "monthly": "overdue"}

    def test_roles_reached_in_another_order_and_the_default_written_out_are_the_same_thing(self) -> None:
        written = criterion(str(one_default()))
        first = rule("a", reaches=["principal", "secretary"], satisfied_by=["visit", "call"])
        second = rule("b", reaches=["secretary", "principal"], satisfied_by=["visit"], counts=written)
        assert one(first, second).rule_ids == ("a", "b")

    def test_the_occurrences_of_grids_do_not_merge(self) -> None:
        series = [rule(name, mode="grid", anchor="2026-03-05", every="1 week") for name in ("a", "b")]
        assert len(owed(*series)) == 4


def one_default() -> object:
    from relcare.cadence import DEFAULT_COUNTS

    return DEFAULT_COUNTS


class TestUndecided:
    """CRI-2: "an obligation whose criterion is unknown is listed as undecided, never dropped"."""

    def test_a_missing_fact_leaves_the_rule_open_and_is_named(self) -> None:
        found, undecided = decide(rule(when="turnover > 5 and tier.abc == 'A'"), row={"tier.abc": A})
        assert found == []
        (open_rule,) = undecided
        assert (open_rule.client_id, open_rule.rule_id, open_rule.missing) == ("c", "r", ("turnover",))
        assert open_rule.reasons == (
            Reason(
                "cadence.undecided",
                {"turnover": None, "tier.abc": "A"},
                {"rule": "r", "when": "turnover > 5 and tier.abc == 'A'", "missing": ("turnover",)},
            ),
        )

    @pytest.mark.parametrize(
        ("when", "row", "is_owed", "is_undecided"),
        [
            ("turnover > 5 and tier.abc == 'A'", {"tier.abc": B}, False, False),
            ("turnover > 5 or tier.abc == 'A'", {"tier.abc": A}, True, False),
            ("turnover > 5 or tier.abc == 'A'", {"tier.abc": B}, False, True),
            ("turnover > 5 or turnover <= 5", {}, False, True),
            ("missing(turnover)", {}, True, False),
            ("not missing(turnover)", {}, False, False),
        ],
    )
    def test_what_is_settled_without_the_fact_is_settled(
        self, when: str, row: dict[str, Core], *, is_owed: bool, is_undecided: bool
    ) -> None:
        found, undecided = decide(rule(when=when), row=row)
        assert (bool(found), bool(undecided)) == (is_owed, is_undecided)

    def test_an_open_rule_does_not_hide_a_settled_one_for_the_same_contact(self) -> None:
        found, undecided = decide(rule("a", when="turnover > 5"), rule("b"), rule("c", when="tier.risk == 'high'"))
        assert [obligation.rule_ids for obligation in found] == [("b",)]
        assert [(open_rule.rule_id, open_rule.missing) for open_rule in undecided] == [
            ("a", ("turnover",)),
            ("c", ("tier.risk",)),
        ]

    @pytest.mark.parametrize(
        ("when", "inapplicable", "is_undecided"),
        [
            ("tier.abc == 'A'", {"tier.abc"}, False),
            ("not tier.abc == 'A'", {"tier.abc"}, False),
            ("tier.abc == 'A'", set[str](), True),
            ("tier.abc == 'A'", {"tier.risk"}, True),
            ("tier.abc == 'A' and tier.risk == 'high'", {"tier.abc", "tier.risk"}, False),
            ("tier.abc == 'A' and tier.risk == 'high'", {"tier.abc"}, False),
            ("tier.abc == 'A' or turnover > 5", {"tier.abc"}, True),
        ],
    )
    def test_tiers_of_a_scheme_that_does_not_class_the_client_leave_nothing_open(
        self, when: str, inapplicable: set[str], *, is_undecided: bool
    ) -> None:
        found, undecided = decide(rule(when=when), inapplicable=frozenset(inapplicable))
        assert found == []
        assert bool(undecided) is is_undecided


def test_a_provisional_tier_is_told_where_the_rule_reads_it() -> None:
    note = Reason("tier.provisional", {}, {"scheme": "abc", "tier": "A"})
    found = owed(
        rule("a", when="tier.abc == 'A'"), rule("b", channel="visit"), row={"tier.abc": A}, provisional={"tier.abc": note}
    )
    assert [note in obligation.reasons for obligation in found] == [True, False]
    assert codes(found[0]) == ["cadence.rule", "tier.provisional", "cadence.never_contacted"]


def test_a_policy_without_rules_asks_nothing() -> None:
    assert decide() == ([], [])


class TestThroughAPolicy:
    """The same through `Policy.decide` and `Policy.decide_client`."""

    def policy(self, *rules: CadenceRule, **more: Any) -> Policy:
        quota = QuotaScheme(
            id="abc",
            scope=criterion("client.stage != 'visitor'"),
            score="turnover",
            tiers=(QuotaTier("A", "50%"), QuotaTier("B", "50%")),
        )
        turnover = Fact(id="turnover", type="integer", reads="client.turnover", may_be_missing=True)
        given: dict[str, Any] = {"facts": (turnover,), "segmentation": (quota,)}
        return Policy(id="p", version="1", effective_from=date(2026, 1, 1), cadence=rules, **(given | more))

    def test_visitors_outside_the_scheme_are_not_undecided(self) -> None:
        clients = [
            Client(id="visitor", name="V", stage="visitor"),
            Client(id="rich", name="R", stage="open", attributes={"turnover": 9}),
            Client(id="poor", name="P", stage="open", attributes={"turnover": 1}),
            Client(id="unknown", name="U", stage="open"),
        ]
        policy = self.policy(rule("a", when="tier.abc == 'A'"))
        result = policy.decide(Book(clients=clients), as_of=date(2026, 3, 1))
        assert [(one_owed.client_id, one_owed.state) for one_owed in result.obligations] == [("rich", "overdue")]
        assert [open_rule.client_id for open_rule in result.undecided] == ["unknown"]
        for client in clients:
            alone = policy.decide_client(client, touchpoints=(), purchases=(), as_of=date(2026, 3, 1))
            assert (alone.undecided == ()) is (client.id == "visitor")

    def test_the_tier_in_force_on_the_day_decides_and_a_computed_one_is_called_provisional(self) -> None:
        """CAD-6: "Due dates use the tier in force on as_of; without one, the tier computed at as_of ... `tier.provisional`"."""
        clients = [Client(id="c", name="C", stage="open", attributes={"turnover": 9}), Client(id="d", name="D", stage="open")]
        spell = TierSpell(client_id="c", scheme_id="abc", tier="B", start_on=date(2026, 2, 1), end_on=date(2026, 3, 1))
        policy = self.policy(rule("a", when="tier.abc == 'A'"), rule("b", when="tier.abc == 'B'", every="2 weeks"))
        book = Book(clients=clients, tier_spells=[spell])
        for on, rule_id, is_provisional in (
            ("2026-01-31", "a", True),
            ("2026-02-01", "b", False),
            ("2026-02-28", "b", False),
            ("2026-03-01", "a", True),
        ):
            (found,) = policy.decide(book, as_of=date.fromisoformat(on)).obligations
            assert found.rule_id == rule_id
            assert ("tier.provisional" in codes(found)) is is_provisional

    def test_another_tier_counts_from_the_same_contact(self) -> None:
        policy = self.policy(rule("a", when="tier.abc == 'A'"), rule("b", when="tier.abc == 'B'", every="2 weeks"))
        client = Client(id="c", name="C", stage="open")
        days = []
        for tier in ("A", "B"):
            result = policy.decide_client(
                client, touchpoints=[touch("2026-03-10")], purchases=(), as_of=date(2026, 3, 12), tiers={"abc": tier}
            )
            days.append(result.obligations[0].due_on)
        assert days == [date(2026, 3, 17), date(2026, 3, 24)]

    def test_a_threshold_tier_is_worked_out_for_one_client(self) -> None:
        scheme = ThresholdScheme(id="abc", tiers=(ThresholdTier("A", criterion("turnover >= 5")),), otherwise="B")
        policy = self.policy(rule("a", when="tier.abc == 'A'"), segmentation=(scheme,))
        client = Client(id="c", name="C", attributes={"turnover": 5})
        (found,) = policy.decide_client(client, touchpoints=(), purchases=(), as_of=date(2026, 3, 12)).obligations
        assert codes(found)[:2] == ["cadence.rule", "tier.provisional"]

    def test_the_strategies_of_the_clients_types_shorten_the_interval(self) -> None:
        partner = Strategy(type="partner", appeal="fellow feeling", intervals={"call": "3 days"})
        channel = Strategy(type="channel", appeal="profit", intervals={"call": "5 days", "visit": "1 day"})
        policy = self.policy(rule(), relationships=(partner, channel))
        found = {}
        for types in (("partner", "channel"), ("channel",), ("upstream",)):
            client = Client(id="c", name="C", relationship_types=frozenset(types))
            result = policy.decide_client(client, touchpoints=(), purchases=(), as_of=date(2026, 3, 12))
            found[types] = result.obligations[0].interval
        assert found == {("partner", "channel"): "3 days", ("channel",): "5 days", ("upstream",): "1 week"}

    def test_a_date_fact_is_an_anchor(self) -> None:
        contract = Fact(id="contract_on", type="date", reads="client.contract_on", may_be_missing=True)
        series = rule("g", mode="grid", anchor="contract_on", every="1 year")
        policy = self.policy(series, facts=(contract,), segmentation=())
        client = Client(id="c", name="C", client_since_on=date(2020, 1, 1), attributes={"contract_on": "2024-06-30"})
        (found,) = policy.decide_client(client, touchpoints=(), purchases=(), as_of=date(2026, 3, 12)).obligations
        assert (found.key, found.due_on) == ("c/g/2", date(2026, 6, 30))
