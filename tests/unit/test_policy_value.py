"""The policy as one value: when it is in force, whom it answers, and what it refuses."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pendulum
import pytest

from relcare.cadence import CadenceRule
from relcare.calendars import Weekdays
from relcare.decisions import Example, Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, PolicyError, UnknownRecordError
from relcare.model import Book, Client, ContactPerson, Money, Purchase, Staff, TierSpell, Touchpoint
from relcare.policy import Derivation, Fact, Measure, criterion
from relcare.relationships import Strategy
from relcare.segmentation import QuotaScheme, QuotaTier, ThresholdScheme, ThresholdTier
from relcare.vip import Programme, VipPath

DAY = date(2026, 3, 31)
REVENUE = Fact(id="revenue", type="money", min="0", measure=Measure(function="sum", over="purchases", field="amount"))
LIKELIHOOD = Fact(id="likelihood", type="level", values=("low", "high"))
GRADE = ThresholdScheme(
    id="grade",
    tiers=[ThresholdTier("A", criterion("revenue >= 100")), ThresholdTier("B", criterion("revenue >= 10"))],
    otherwise="C",
    scope=criterion("client.stage != 'visitor'"),
)
ABC = QuotaScheme(id="abc", tiers=[QuotaTier("A", "50%"), QuotaTier("B", "50%")], score="revenue")
VIP = Programme(id="vip", paths=[VipPath("much", criterion("revenue >= 1_000")), VipPath("good", criterion("tier.grade == 'A'"))])
CALL = CadenceRule(id="call", channel="call", every="1 week", when=criterion("tier.grade >= 'B'"))
CARD = CadenceRule(id="card", channel="card", every="1 month", when=criterion("vip.vip == 'yes'"), role="secretary")
POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    effective_until=date(2027, 1, 1),
    currency="CNY",
    facts=[REVENUE, LIKELIHOOD],
    segmentation=[GRADE, ABC],
    cadence=[CALL, CARD],
    vip=[VIP],
)
KIM = Client(id="kim", name="Kim", stage="open", owner_id="lee")


def bought(amount: str, client: str = "kim", currency: str = "CNY", on: date = date(2026, 2, 1)) -> Purchase:
    return Purchase(id=f"b-{client}-{amount}", client_id=client, purchased_on=on, amount=Money(amount, currency))


def of_kim(*purchases: Purchase, as_of: Any = DAY, policy: Policy = POLICY, client: Client = KIM, **given: Any) -> Any:
    return policy.decide_client(client, touchpoints=given.pop("touchpoints", ()), purchases=purchases, as_of=as_of, **given)


# ---- in force


@pytest.mark.parametrize("as_of", [date(2026, 1, 1), date(2026, 12, 31)])
def test_a_policy_is_in_force_from_its_first_day_until_before_its_end(as_of: date) -> None:
    assert POLICY.decide_facts({}, as_of=as_of).as_of == as_of
    assert POLICY.decide(Book(), as_of=as_of).as_of == as_of
    assert of_kim(as_of=as_of).as_of == as_of
    assert POLICY.vip("vip").decide({}, as_of=as_of).qualification == "unknown"


@pytest.mark.parametrize("as_of", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_day_outside_the_effective_dates_is_an_error_that_names_them(as_of: date) -> None:
    told = rf"as_of {as_of} is outside the effective dates of policy 'house' version '1': from 2026-01-01 until before 2027-01-01"
    asked: list[Any] = [
        lambda: POLICY.decide_facts({}, as_of=as_of),
        lambda: POLICY.decide(Book(), as_of=as_of),
        lambda: of_kim(as_of=as_of),
        lambda: POLICY.vip("vip").decide({}, as_of=as_of),
    ]
    for ask in asked:
        with pytest.raises(PolicyError, match=told):
            ask()


def test_an_open_policy_is_in_force_for_good() -> None:
    policy = attrs.evolve(POLICY, effective_until=None)
    assert policy.decide_facts({}, as_of=date(2199, 12, 31)).as_of == date(2199, 12, 31)
    with pytest.raises(PolicyError, match=r"from 2026-01-01; hint"):
        policy.decide_facts({}, as_of=date(2025, 12, 31))


@pytest.mark.parametrize(
    "as_of",
    [None, "2026-03-31", 20260331, True, datetime(2026, 3, 31), date(1, 1, 1), date.max, pendulum.naive(2026, 3, 31)],
    ids=repr,
)
def test_what_is_no_day_is_refused(as_of: Any) -> None:
    open_ended = attrs.evolve(POLICY, effective_until=None)
    for policy in (POLICY, open_ended):
        with pytest.raises(InvalidValueError, match="as_of is"):
            policy.decide_facts({}, as_of=as_of)
        with pytest.raises(InvalidValueError, match="as_of is"):
            policy.decide(Book(), as_of=as_of)


def test_an_aware_instant_stands_for_its_day_in_the_book_s_zone() -> None:
    instant = datetime(2026, 3, 30, 20, tzinfo=UTC)
    assert POLICY.decide(Book(zone="Asia/Seoul"), as_of=instant).as_of == date(2026, 3, 31)
    assert POLICY.decide(Book(zone="UTC"), as_of=instant).as_of == date(2026, 3, 30)
    # The client's own zone is for quiet hours: days are counted in the book's (TIM-2).
    assert of_kim(as_of=instant, client=attrs.evolve(KIM, zone="Asia/Seoul")).as_of == date(2026, 3, 30)
    assert of_kim(as_of=instant, zone="Asia/Seoul").as_of == date(2026, 3, 31)
    assert POLICY.decide_facts({}, as_of=instant).as_of == date(2026, 3, 30)
    assert type(POLICY.decide_facts({}, as_of=pendulum.date(2026, 3, 31)).as_of) is date


# ---- from facts


def test_from_facts_follow_threshold_tiers_and_qualifications() -> None:
    found = POLICY.decide_facts({"revenue": "100", "client.stage": "open"}, as_of=DAY)
    assert found.tiers == {"grade": "A", "abc": None}
    assert [assignment.scheme_id for assignment in found.assignments] == ["grade"]
    assert [decision.qualification for decision in found.vip] == ["yes"]
    assert found.facts["revenue"] == Decimal(100)
    assert found.facts["tier.grade"] == "A"
    assert found.facts["vip.vip"] == "yes"
    assert (found.policy_id, found.policy_version) == ("house", "1")


def test_a_fact_that_is_left_out_is_missing() -> None:
    found = POLICY.decide_facts({}, as_of=DAY)
    assert found.tiers == {"grade": None, "abc": None}
    assert found.vip[0].qualification == "unknown"
    assert found.vip[0].missing == ("revenue", "tier.grade")
    assert POLICY.decide_facts({"revenue": None}, as_of=DAY).vip == found.vip


def test_a_derived_fact_may_be_given_and_then_stands() -> None:
    found = POLICY.decide_facts({"revenue": "5", "tier.grade": "A", "tier.abc": "B", "client.stage": "open"}, as_of=DAY)
    assert found.tiers == {"grade": "A", "abc": "B"}
    assert found.assignments == ()
    assert found.vip[0].qualification == "yes"
    typed = POLICY.decide_facts({"client.relationship_types": {"partner"}}, as_of=DAY)
    assert typed.facts["strategy.partner"] is True
    assert typed.facts["strategy.channel"] is False
    assert POLICY.decide_facts({}, as_of=DAY).facts["strategy.partner"] is None
    assert POLICY.decide_facts({"strategy.partner": True}, as_of=DAY).facts["strategy.partner"] is True


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"revnue": "5"}, r"facts is 'revnue': is not known to the policy; hint: did you mean 'revenue'\?"),
        ({"tier.grad": "A"}, r"facts is 'tier.grad': is not known to the policy; hint: did you mean 'tier.grade'\?"),
        ({7: "A"}, "facts is 7: is not known to the policy"),
        ({"revenue": "0.001"}, "revenue is '0.001': must be a whole multiple of the fact's grain, 0.01"),
        ({"revenue": 0.5}, "revenue is 0.5: must be an exact decimal number"),
        ({"revenue": True}, "revenue is True: must be an exact decimal number"),
        ({"revenue": Money("5", "USD")}, "revenue is '5 USD': must be in the policy's currency, CNY"),
    ],
)
def test_from_facts_unknown_names_and_inexact_numbers_are_refused(given: dict[Any, Any], told: str) -> None:
    for ask in (lambda: POLICY.decide_facts(given, as_of=DAY), lambda: POLICY.vip("vip").decide(given, as_of=DAY)):
        with pytest.raises(InvalidValueError, match=told):
            ask()


@pytest.mark.parametrize(
    ("name", "value"),
    [("revenue", "-1"), ("likelihood", "middling"), ("client.stage", "asleep"), ("tier.grade", "Z")],
)
def test_from_facts_a_value_that_the_fact_cannot_have_is_missing_and_noted(name: str, value: str) -> None:
    found = POLICY.decide_facts({name: value}, as_of=DAY)
    assert found.facts[name] is None
    assert [(note.code, dict(note.values)) for note in found.notes] == [("fact.out_of_bounds", {"fact": name, "value": value})]


def test_the_note_goes_with_the_decision_that_it_leaves_open() -> None:
    found = POLICY.decide_facts({"revenue": "-1", "client.stage": "open"}, as_of=DAY)
    assert [reason.code for reason in found.vip[0].reasons] == ["vip.path_unknown", "vip.path_unknown", "fact.out_of_bounds"]
    assert [reason.code for reason in found.assignments[0].reasons][-1] == "fact.out_of_bounds"


# ---- one programme


def test_an_unknown_programme_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownRecordError, match=r"unknown programme 'vipp'; hint: did you mean 'vip'\?"):
        POLICY.vip("vipp")


def test_a_view_of_a_programme_answers_for_that_programme_only() -> None:
    gold = Programme(id="gold", paths=[VipPath("most", criterion("revenue >= 5_000"))])
    policy = attrs.evolve(POLICY, vip=[VIP, gold])
    for name, qualification in (("vip", "yes"), ("gold", "no")):
        decision = policy.vip(name).decide({"revenue": "1000"}, as_of=DAY)
        assert (decision.programme_id, decision.qualification) == (name, qualification)


# ---- one client


def test_one_client_has_threshold_tiers_of_its_own_and_quota_tiers_only_when_given() -> None:
    found = of_kim(bought("100"))
    assert found.client_id == "kim"
    assert found.tiers == {"grade": "A", "abc": None}
    assert of_kim(bought("100"), tiers={"abc": "B"}).tiers == {"grade": "A", "abc": "B"}
    assert of_kim(bought("100"), tiers={"grade": "C"}).tiers == {"grade": "C", "abc": None}


def test_a_tier_worked_out_now_is_said_to_be_provisional() -> None:
    codes = [reason.code for reason in of_kim(bought("100")).obligations[0].reasons]
    assert "tier.provisional" in codes
    codes = [reason.code for reason in of_kim(bought("100"), tiers={"grade": "A"}).obligations[0].reasons]
    assert "tier.provisional" not in codes


def test_a_qualification_obliges() -> None:
    assert {o.rule_id for o in of_kim(bought("100")).obligations} == {"call", "card"}
    assert {o.rule_id for o in of_kim(bought("10")).obligations} == {"call"}
    assert {o.rule_id for o in of_kim(bought("9")).obligations} == set()
    staff = [Staff(id="sam", name="Sam", role="secretary")]
    (card,) = (o for o in of_kim(bought("100"), staff=staff).obligations if o.rule_id == "card")
    assert (card.owner_id, card.staff_id) == ("lee", "sam")


def test_a_visitor_is_not_classed_and_a_rule_about_the_tier_does_not_apply() -> None:
    found = of_kim(bought("500"), client=attrs.evolve(KIM, stage="visitor"))
    assert found.tiers["grade"] is None
    assert not found.assignments[0].is_in_scope
    assert "call" not in {o.rule_id for o in found.obligations}
    assert "call" not in {u.rule_id for u in found.undecided}


def test_what_a_missing_tier_leaves_open_is_listed_as_undecided() -> None:
    found = of_kim(bought("500"), client=attrs.evolve(KIM, stage=None))
    assert [(u.rule_id, u.missing) for u in found.undecided] == [("call", ("tier.grade",)), ("card", ("vip.vip",))]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tiers": {"grade": "Z"}}, r"tiers.grade is 'Z': must be one of 'A', 'B', 'C'"),
        ({"tiers": {"grad": "A"}}, r"tiers is 'grad': is not known to the policy; hint: did you mean 'grade'\?"),
        ({"purchases": [bought("5", "lee")]}, r"purchases\[0\].client_id is 'lee': must name a client of the book"),
        (
            {"purchases": [bought("5", currency="USD")]},
            r"purchase 'b-kim-5' is '5 USD': must be in the policy's currency, CNY, for the fact 'revenue'",
        ),
        ({"people": [ContactPerson(id="p", client_id="lee", name="p")]}, r"people\[0\].client_id"),
        (
            {"client": attrs.evolve(KIM, relationship_types={"partnr"})},
            r"client 'kim': relationship_types is 'partnr': .* 'partner'\?",
        ),
        ({"client": attrs.evolve(KIM, attributes={"likelihood": "low"}), "zone": "Seoul"}, "zone is 'Seoul'"),
    ],
)
def test_one_client_brings_only_what_is_its_own(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidValueError, match=told):
        of_kim(*given.pop("purchases", ()), **given)


def test_a_touchpoint_taken_back_does_not_count() -> None:
    log = [
        Touchpoint(id="t-1", client_id="kim", occurred_at=date(2026, 3, 30), channel="call", outcome="reached"),
        Touchpoint(id="t-2", client_id="kim", occurred_at=date(2026, 3, 30), channel="void", voids_id="t-1"),
    ]
    (call,) = of_kim(bought("10"), touchpoints=log[:1]).obligations
    assert call.last_contact_on == date(2026, 3, 30)
    (call,) = of_kim(bought("10"), touchpoints=log).obligations
    assert call.never_contacted


# ---- a book


BOOK = Book(
    clients=[KIM, Client(id="lee", name="Lee", stage="open"), Client(id="new", name="New", stage="visitor")],
    purchases=[bought("100"), bought("1000", "lee")],
    tier_spells=[TierSpell(client_id="kim", scheme_id="grade", tier="C", start_on=date(2026, 1, 1))],
)


def test_a_book_is_answered_client_by_client() -> None:
    found = POLICY.decide(BOOK, as_of=DAY)
    assert found.client_ids == ("kim", "lee", "new")
    assert found.programme_ids == ("vip",)
    assert [found.tier("abc", client_id).tier for client_id in found.client_ids] == ["A", "A", "B"]
    assert [found.tier("grade", client_id).tier for client_id in found.client_ids] == ["A", "A", None]
    assert [decision.qualification for decision in found.vip_decisions("vip")] == ["no", "yes", "unknown"]
    assert found.facts("kim")["tier.grade"] == "C", "the tier in force is what other rules go by"
    assert found.vip("vip", "lee").first_eligible_on == date(2026, 2, 1)
    assert {(o.client_id, o.rule_id) for o in found.obligations} == {("lee", "call"), ("lee", "card")}
    assert [(u.client_id, u.rule_id) for u in found.undecided] == [("new", "card")]
    assert found.strategy("kim").types == ()
    assert found.notes == {}


def test_what_a_book_does_not_have_is_named_with_the_nearest() -> None:
    found = POLICY.decide(BOOK, as_of=DAY)
    asked: list[tuple[Any, str]] = [
        (lambda: found.tier("abd", "kim"), r"unknown scheme 'abd'; hint: did you mean 'abc'\?"),
        (lambda: found.tier("abc", "kin"), r"unknown client 'kin'; hint: did you mean 'kim'\?"),
        (lambda: found.vip("vp", "kim"), r"unknown programme 'vp'; hint: did you mean 'vip'\?"),
        (lambda: found.vip("vip", "nobody"), "unknown client 'nobody'"),
        (lambda: found.vip_decisions("x"), "unknown programme 'x'"),
        (lambda: found.facts("nobody"), "unknown client 'nobody'"),
        (lambda: found.strategy("nobody"), "unknown client 'nobody'"),
    ]
    for ask, told in asked:
        with pytest.raises(UnknownRecordError, match=told):
            ask()


def test_the_empty_book_and_the_empty_policy_have_answers() -> None:
    empty = Policy(id="p", version="1", effective_from=date(2026, 1, 1))
    assert len(POLICY.decide(Book(), as_of=DAY).obligations) == 0
    found = empty.decide(BOOK, as_of=DAY)
    assert (len(found.obligations), found.undecided, found.schemes, found.programme_ids) == (0, (), {}, ())
    assert empty.decide_facts({}, as_of=DAY).vip == ()
    assert empty.check().is_ok


def test_notes_are_kept_by_client() -> None:
    policy = attrs.evolve(POLICY, facts=[attrs.evolve(REVENUE, max=Decimal(500)), LIKELIHOOD])
    found = policy.decide(BOOK, as_of=DAY)
    assert {client_id: [note.code for note in notes] for client_id, notes in found.notes.items()} == {
        "lee": ["fact.out_of_bounds"]
    }
    assert found.tier("abc", "lee").reasons[-1].code == "fact.out_of_bounds"
    assert found.vip("vip", "lee").reasons[-1].code == "fact.out_of_bounds"
    undecided = {u.rule_id: u for u in found.undecided if u.client_id == "lee"}
    assert undecided["call"].missing == ("tier.grade",)


def test_the_calendar_may_be_given() -> None:
    named = attrs.evolve(POLICY, calendar="CN")
    assert named.decide(BOOK, as_of=DAY, calendar=Weekdays()).obligations == POLICY.decide(BOOK, as_of=DAY).obligations


# ---- the value itself


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"id": ""}, "id"),
        ({"version": " 1"}, "version"),
        ({"version": 1}, "version"),
        ({"effective_from": datetime(2026, 1, 1)}, "effective_from"),
        ({"effective_from": "2026-01-01"}, "effective_from"),
        ({"effective_until": date(2026, 1, 1)}, "effective_until"),
        ({"title": ""}, "title"),
        ({"source": 7}, "source"),
        ({"currency": "yuan"}, "currency"),
        ({"currency": "cny"}, "currency"),
        ({"calendar": 7}, "calendar"),
        ({"facts": "x"}, "facts"),
        ({"facts": [REVENUE, "x"]}, "facts[1]"),
        ({"segmentation": [GRADE, REVENUE]}, "segmentation[1]"),
        ({"segmentation": 7}, "segmentation"),
        ({"cadence": [VIP]}, "cadence[0]"),
        ({"relationships": [None]}, "relationships[0]"),
        ({"vip": [CALL]}, "vip[0]"),
        ({"examples": [{}]}, "examples[0]"),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_a_policy_refuses_what_is_not_its_own(given: dict[str, Any], name: str) -> None:
    fine: dict[str, Any] = {"id": "house", "version": "1", "effective_from": date(2026, 1, 1)}
    with pytest.raises(InvalidValueError) as caught:
        Policy(**(fine | given))
    assert caught.value.name == name


def test_all_that_is_wrong_with_the_parts_is_told_at_once_with_its_path() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        Policy(
            id="house",
            version="1",
            effective_from=date(2026, 1, 1),
            calendar="China",
            facts=[
                REVENUE,
                attrs.evolve(REVENUE, min=None),
                Fact(
                    id="share",
                    type="number",
                    grain="0.01",
                    derivation=Derivation(function="ratio", first="revenue", second="cost"),
                ),
                Fact(id="cost", type="money", max="0.005"),
                Fact(
                    id="odd", type="number", grain="1", derivation=Derivation(function="difference", first="cost", second="word")
                ),
                Fact(id="word", type="category"),
                Fact(
                    id="n", type="integer", measure=Measure(function="count", over="touchpoints", where=criterion("amount > 1"))
                ),
                Fact(
                    id="m",
                    type="money",
                    min="0",
                    measure=Measure(function="max", over="purchases", field="amount", when_empty="0.001"),
                ),
                Fact(
                    id="o",
                    type="money",
                    min="0",
                    measure=Measure(function="max", over="purchases", field="amount", when_empty="-1"),
                ),
                Fact(
                    id="d",
                    type="date",
                    min=date(2026, 1, 1),
                    measure=Measure(function="latest", over="touchpoints", when_empty=date(2025, 12, 31)),
                ),
            ],
            segmentation=[attrs.evolve(GRADE, scope=criterion("tier.abc == 'A'")), ABC, attrs.evolve(ABC, score="word")],
            cadence=[CALL, attrs.evolve(CALL, when=criterion("tier.grade == 'Z'"))],
            relationships=[Strategy(type="partner", appeal="a"), Strategy(type="partner", appeal="b")],
            vip=[VIP, VIP],
            examples=[
                Example(given={"revnue": "1"}, expect={"vip.vip": "yes"}),
                Example(client=KIM, tiers={"grad": "A", "abc": "Z"}, expect={"vip.vp": "yes", "tier": "A", "due.cal": "none"}),
                Example(clients=[KIM], expect={"kin.vip.vip": "yes"}),
            ],
        )
    assert sorted((problem.path, problem.message) for problem in caught.value.problems) == [
        ("cadence[1].id", "id 'call' is taken by cadence[0]"),
        ("cadence[1].when", "tier.grade has no value 'Z'"),
        ("examples[0].given.revnue", "unknown fact 'revnue'"),
        ("examples[1].expect.due.cal", "unknown due 'cal'"),
        ("examples[1].expect.tier", "unknown tier ''"),
        ("examples[1].expect.vip.vp", "unknown vip 'vp'"),
        ("examples[1].tiers.abc", "unknown tier 'Z'"),
        ("examples[1].tiers.grad", "unknown scheme 'grad'"),
        ("examples[2].expect.kin.vip.vip", "'kin.vip.vip' names no client of the example"),
        ("facts.cost.max", "0.005 is off the fact's grain, 0.01"),
        ("facts.d.measure.when_empty", "2025-12-31 is outside the fact's bounds"),
        ("facts.m.measure.when_empty", "0.001 is off the fact's grain, 0.01"),
        ("facts.n.measure.where", "touchpoints have no amount"),
        ("facts.o.measure.when_empty", "-1 is outside the fact's bounds"),
        ("facts.odd.difference[1]", "unknown fact 'word'"),
        ("facts.revenue", "fact 'revenue' is declared twice"),
        ("facts.share", "a ratio is seldom a whole multiple of its grain"),
        ("facts.share.ratio[1]", "unknown fact 'cost'"),
        ("policy.calendar", "'China' is no calendar"),
        ("relationship[1].type", "type 'partner' is taken by relationship[0]"),
        ("segmentation[0].scope", "tier.abc cannot be asked for here"),
        ("segmentation[2].id", "id 'abc' is taken by segmentation[1]"),
        ("segmentation[2].score", "word is a category: a score is a number, money, an integer or a level"),
        ("vip[1].id", "id 'vip' is taken by vip[0]"),
    ]
    hints = {problem.path: problem.hint for problem in caught.value.problems}
    assert hints["facts.share.ratio[1]"] == "declare it above this one"
    assert hints["examples[2].expect.kin.vip.vip"] == "did you mean 'kim.kin.vip.vip'?"


def test_a_policy_is_a_value_that_compares_hashes_and_travels_also_after_it_has_decided() -> None:
    twin = attrs.evolve(POLICY)
    twin.decide(BOOK, as_of=DAY)
    assert twin == POLICY
    assert hash(twin) == hash(POLICY)
    again = pickle.loads(pickle.dumps(twin))
    assert again == POLICY
    assert again.decide(BOOK, as_of=DAY).obligations == POLICY.decide(BOOK, as_of=DAY).obligations
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        POLICY.version = "2"  # type: ignore[misc]


def test_lists_become_tuples() -> None:
    assert (POLICY.facts, POLICY.vip_programmes) == ((REVENUE, LIKELIHOOD), (VIP,))
    assert Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=iter([REVENUE])).facts == (REVENUE,)
