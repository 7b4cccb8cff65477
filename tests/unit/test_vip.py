from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest

from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.model import AttributeChange, Client, ContactPerson, FactValue, Money, Purchase, Touchpoint
from relcare.policy import Derivation, Fact, Measure, Span, Vocabulary, Window, criterion
from relcare.vip import Programme, VipDecision, VipPath, programme_problems, qualifier_of

LARGEST = Fact(
    id="largest",
    type="money",
    min="0",
    measure=Measure(function="max", over="purchases", field="amount", when_empty="0"),
)
BEST_MONTH = Fact(
    id="best_month",
    type="money",
    min="0",
    measure=Measure(function="sum", over="purchases", field="amount", per="calendar month", when_empty="0"),
)
RANK = Fact(id="best_rank", type="level", values=("staff", "department", "bureau"), reads="people.rank", may_be_missing=True)
HOUSE = {"one purchase": "largest >= 10_000", "one month": "best_month >= 20_000", "rank": "best_rank >= 'department'"}
TODAY = date(2026, 3, 31)


def policy(*facts: Fact, **paths: str) -> Policy:
    return Policy(
        id="house",
        version="1",
        effective_from=date(2024, 1, 1),
        currency="CNY",
        facts=facts or (LARGEST, BEST_MONTH, RANK),
        vip=[Programme(id="vip", paths=[VipPath(path, criterion(when)) for path, when in (paths or HOUSE).items()])],
    )


def of_facts(**facts: object) -> VipDecision:
    return policy().vip("vip").decide(facts, as_of=TODAY)


def bought(on: str, amount: str, **more: Any) -> Purchase:
    given = {"id": f"b {on} {amount}", "client_id": "c", "purchased_on": date.fromisoformat(on), "amount": Money(amount, "CNY")}
    return Purchase(**(given | more))  # type: ignore[arg-type]


def back(of: Purchase, on: str, amount: str) -> Purchase:
    return bought(on, amount, id=f"r {of.id}", returns_purchase_id=of.id)


def touched(on: str) -> Touchpoint:
    return Touchpoint(id=f"t {on}", client_id="c", occurred_at=date.fromisoformat(on), channel="call")


def of_client(
    rules: Policy, *events: Purchase | Touchpoint, as_of: str = "2026-03-31", people: Any = (), **client: Any
) -> VipDecision:
    given = {"id": "c", "name": "c"} | client
    result = rules.decide_client(
        Client(**given),
        touchpoints=[event for event in events if isinstance(event, Touchpoint)],
        purchases=[event for event in events if isinstance(event, Purchase)],
        people=people,
        as_of=date.fromisoformat(as_of),
    )
    return result.vip[0]


def on(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


# ---- qualification


@pytest.mark.parametrize(
    ("largest", "best_month", "best_rank", "qualification", "met"),
    [
        ("10000", "0", "staff", "yes", ["one purchase"]),
        ("9999.99", "0", "staff", "no", []),
        ("10000.01", "0", "staff", "yes", ["one purchase"]),
        ("0", "20000", "staff", "yes", ["one month"]),
        ("0", "19999.99", "staff", "no", []),
        ("0", "0", "department", "yes", ["rank"]),
        ("0", "0", "bureau", "yes", ["rank"]),
        ("0", "0", "staff", "no", []),
        ("10000", "20000", "bureau", "yes", ["one purchase", "one month", "rank"]),
    ],
)
def test_thresholds_are_inclusive(largest: str, best_month: str, best_rank: str, qualification: str, met: list[str]) -> None:
    found = of_facts(largest=largest, best_month=best_month, best_rank=best_rank)
    assert found.qualification == qualification
    assert found.is_eligible == (qualification == "yes")
    assert [path.id for path in found.paths] == list(HOUSE)
    assert [path.id for path in found.paths if path.answer == "yes"] == met
    assert [reason.values["path"] for reason in found.reasons] == (met or list(HOUSE))
    assert {reason.code for reason in found.reasons} == {"vip.path_met" if met else "vip.path_not_met"}


def test_a_path_that_holds_decides_whatever_else_is_unknown() -> None:
    found = of_facts(largest="10000")
    assert found.qualification == "yes"
    assert [path.answer for path in found.paths] == ["yes", "unknown", "unknown"]
    assert found.missing == ("best_month", "best_rank")
    assert [reason.code for reason in found.reasons] == ["vip.path_met"]
    assert found.shortfall == {}


def test_a_path_left_open_by_a_missing_fact_leaves_it_unknown() -> None:
    found = of_facts(largest="0", best_month="0")
    assert found.qualification == "unknown"
    assert not found.is_eligible
    assert found.missing == ("best_rank",)
    assert found.paths[2].missing == ("best_rank",)
    assert [reason.code for reason in found.reasons] == ["vip.path_unknown", "vip.path_not_met", "vip.path_not_met"]
    assert found.shortfall == {"one purchase": {"largest": Decimal(10000)}, "one month": {"best_month": Decimal(20000)}}


def test_facts_alone_have_no_history() -> None:
    found = of_facts(largest="10000", best_month="0", best_rank="bureau")
    assert found.client_id is None
    assert found.first_eligible_on is None
    assert [path.first_ever_on for path in found.paths] == [None, None, None]


def test_a_reason_names_the_path_its_criterion_and_the_facts_it_rests_on() -> None:
    (reason,) = of_facts(largest="12000").reasons
    assert reason.facts == {"largest": Decimal(12000)}
    assert reason.values == {"programme": "vip", "path": "one purchase", "when": "largest >= 10000", "missing": ()}


# ---- what is lacking


@pytest.mark.parametrize(
    ("when", "given", "shortfall"),
    [
        ("largest >= 10_000", {"largest": "8500.50"}, {"largest": "1499.50"}),
        ("largest > 10_000", {"largest": "8500.50"}, {"largest": "1499.51"}),
        ("largest > 10_000", {"largest": "10000"}, {"largest": "0.01"}),
        ("largest < 5_000", {"largest": "5000"}, {"largest": "0.01"}),
        ("largest <= 5_000", {"largest": "5000.02"}, {"largest": "0.02"}),
        ("not largest < 10_000", {"largest": "9999.99"}, {"largest": "0.01"}),
        ("not largest >= 5_000", {"largest": "5000"}, {"largest": "0.01"}),
        ("not largest > 5_000", {"largest": "5000.02"}, {"largest": "0.02"}),
        ("not largest <= 10_000", {"largest": "10000"}, {"largest": "0.01"}),
        ("best_rank >= 'bureau'", {"best_rank": "staff"}, {"best_rank": "2"}),
        ("best_rank > 'staff'", {"best_rank": "staff"}, {"best_rank": "1"}),
        ("best_rank == 'bureau'", {"best_rank": "staff"}, {}),
        ("best_rank in ('bureau',)", {"best_rank": "staff"}, {}),
        ("missing(best_rank)", {"best_rank": "staff"}, {}),
        ("largest >= 10 and best_month >= 7", {"largest": "4", "best_month": "9"}, {"largest": "6"}),
        ("largest >= 10 or best_month >= 7", {"largest": "4", "best_month": "2"}, {"largest": "6", "best_month": "5"}),
        ("largest >= 10 and largest >= 20", {"largest": "4"}, {"largest": "16"}),
        ("largest >= 10 and best_rank >= 'bureau'", {"largest": "4"}, {"largest": "6"}),
        ("10 <= largest < 20", {"largest": "25"}, {"largest": "5.01"}),
    ],
)
def test_the_shortfall_is_the_distance_to_the_first_value_that_is_enough(
    when: str, given: dict[str, object], shortfall: dict[str, str]
) -> None:
    found = policy(way=when).vip("vip").decide(given, as_of=TODAY)
    assert found.qualification == "no"
    assert found.shortfall == {"way": {fact: Decimal(amount) for fact, amount in shortfall.items()}}
    if len(shortfall) == 1 and " and " not in when and "or" not in when and "largest" in shortfall:
        there = [Decimal(str(given["largest"])) + sign * Decimal(shortfall["largest"]) for sign in (1, -1)]
        answers = [policy(way=when).vip("vip").decide({"largest": value}, as_of=TODAY).is_eligible for value in there]
        assert True in answers, "so much more, or less, is enough"


def test_a_date_lacks_days() -> None:
    since = Fact(id="since", type="date", reads="client.client_since_on")
    found = policy(since, way="since <= '2025-12-31'").vip("vip").decide({"since": "2026-01-02"}, as_of=TODAY)
    assert found.shortfall == {"way": {"since": Decimal(2)}}


def test_the_shortfall_is_exact_whatever_the_host_s_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert of_facts(largest="1234.56", best_month="0", best_rank="staff").shortfall["one purchase"] == {
            "largest": Decimal("8765.44")
        }


# ---- since when


def test_the_first_day_is_that_of_the_purchase_and_the_first_event_begins_the_history() -> None:
    found = of_client(policy(), bought("2026-02-28", "12000"), touched("2026-01-15"))
    assert found.qualification == "yes"
    assert found.first_eligible_on == on("2026-02-28")
    assert [path.first_ever_on for path in found.paths] == [on("2026-02-28"), None, None]


def test_each_path_has_a_first_day_of_its_own() -> None:
    people = [ContactPerson(id="p", client_id="c", name="p", rank="bureau")]
    events = (bought("2026-02-10", "12000"), bought("2026-02-20", "8000"))
    found = of_client(policy(), *events, people=people, client_since_on=date(2026, 1, 5))
    assert found.first_eligible_on == on("2026-01-05"), "nobody knows since when the rank is held: since the client is one"
    assert [path.first_ever_on for path in found.paths] == [on("2026-02-10"), on("2026-02-20"), on("2026-01-05")]
    assert [path.answer for path in found.paths] == ["yes", "yes", "yes"]


def test_a_client_without_a_first_day_begins_with_the_policy() -> None:
    people = [ContactPerson(id="p", client_id="c", name="p", rank="bureau")]
    assert of_client(policy(), people=people).first_eligible_on == on("2024-01-01")
    # A first day still to come is none yet: counting from it would move the date every day.
    assert of_client(policy(), people=people, client_since_on=date(2026, 5, 1)).first_eligible_on == on("2024-01-01")


ROLLING = Fact(
    id="revenue",
    type="money",
    measure=Measure(function="sum", over="purchases", field="amount", window=Window(months=12), returns="net"),
)


@pytest.mark.parametrize(
    ("as_of", "qualification", "first", "ever"),
    [
        ("2024-06-29", "no", None, None),
        ("2024-06-30", "yes", "2024-06-30", "2024-06-30"),
        ("2025-06-29", "yes", "2024-06-30", "2024-06-30"),
        # What was bought on 30 June is no longer in [1 July 2024, 1 July 2025).
        ("2025-06-30", "no", None, "2024-06-30"),
        ("2025-12-30", "no", None, "2024-06-30"),
        ("2025-12-31", "yes", "2025-12-31", "2024-06-30"),
        ("2026-03-31", "yes", "2025-12-31", "2024-06-30"),
    ],
)
def test_a_stretch_ends_with_the_window_and_a_new_one_begins(
    as_of: str, qualification: str, first: str | None, ever: str | None
) -> None:
    rules = policy(ROLLING, way="revenue >= 100")
    found = of_client(rules, bought("2024-06-30", "100"), bought("2025-12-31", "100"), as_of=as_of)
    assert found.qualification == qualification
    assert found.first_eligible_on == on(first)
    assert found.paths[0].first_ever_on == on(ever)


def test_a_stretch_goes_on_from_path_to_path() -> None:
    rules = policy(ROLLING, BEST_MONTH, a="revenue >= 100", b="best_month >= 300")
    found = of_client(rules, bought("2024-06-30", "100"), bought("2025-06-29", "300"), as_of="2026-12-31")
    assert [path.answer for path in found.paths] == ["no", "yes"]
    assert found.first_eligible_on == on("2024-06-30")
    assert [path.first_ever_on for path in found.paths] == [on("2024-06-30"), on("2025-06-29")]


def test_a_return_breaks_the_stretch() -> None:
    first = bought("2026-01-10", "100")
    log = (first, back(first, "2026-02-01", "0.01"), bought("2026-03-01", "5"))
    rules = policy(ROLLING, way="revenue >= 100")
    assert of_client(rules, *log, as_of="2026-01-31").first_eligible_on == on("2026-01-10")
    assert of_client(rules, *log, as_of="2026-02-01").qualification == "no"
    assert of_client(rules, *log, as_of="2026-02-28").first_eligible_on is None
    again = of_client(rules, *log, as_of="2026-03-31")
    assert again.first_eligible_on == on("2026-03-01")
    assert again.paths[0].first_ever_on == on("2026-01-10")


def test_a_delay_moves_the_first_day() -> None:
    measure = Measure(function="max", over="purchases", field="amount", returns="net", returns_delay=Span(days=14))
    rules = policy(Fact(id="x", type="money", measure=measure), way="x >= 100")
    assert of_client(rules, bought("2026-03-01", "100"), as_of="2026-03-14").qualification == "unknown"
    assert of_client(rules, bought("2026-03-01", "100"), as_of="2026-03-15").first_eligible_on == on("2026-03-15")


def test_an_attribute_that_changes_begins_and_ends_a_stretch() -> None:
    fact = Fact(id="likelihood", type="level", values=("low", "high"))
    changes = [
        AttributeChange(name="likelihood", value=value, effective_on=date(2026, month, 1))
        for month, value in ((1, "high"), (2, None), (3, "high"))
    ]
    rules = policy(fact, way="likelihood >= 'high'")
    given = {"attributes": {"likelihood": "low"}, "attribute_changes": changes, "client_since_on": date(2025, 1, 1)}
    answers = [of_client(rules, as_of=f"2026-0{month}-15", **given) for month in (1, 2, 3)]
    assert [found.qualification for found in answers] == ["yes", "unknown", "yes"]
    assert [found.first_eligible_on for found in answers] == [on("2026-01-01"), None, on("2026-03-01")]
    assert answers[2].paths[0].first_ever_on == on("2026-01-01")


@pytest.mark.parametrize(
    ("when", "as_of", "qualification", "first"),
    [
        ("silence <= 30", "2026-01-31", "yes", "2026-01-01"),
        ("silence <= 30", "2026-02-01", "no", None),
        ("silence < 30", "2026-01-31", "no", None),
        ("silence > 30", "2026-02-20", "yes", "2026-02-01"),
        ("silence >= 30", "2026-02-20", "yes", "2026-01-31"),
        ("silence == 30", "2026-01-31", "yes", "2026-01-31"),
        ("silence in (29, 30)", "2026-01-31", "yes", "2026-01-30"),
        ("not silence in (29, 30)", "2026-02-20", "yes", "2026-02-01"),
        ("silence <= 30", "2026-03-15", "yes", "2026-03-10"),
        ("silence > 30 or silence <= 3", "2026-03-12", "yes", "2026-02-01"),
    ],
)
def test_days_since_an_event_cross_their_border_without_any_event(
    when: str, as_of: str, qualification: str, first: str | None
) -> None:
    silence = Fact(id="silence", type="integer", measure=Measure(function="days_since", over="touchpoints"))
    found = of_client(policy(silence, way=when), touched("2026-01-01"), touched("2026-03-10"), as_of=as_of)
    assert (found.qualification, found.first_eligible_on) == (qualification, on(first))


@pytest.mark.parametrize(
    ("given", "when", "first"),
    [
        ({"type": "number", "grain": "0.5"}, "silence >= 30", "2026-01-31"),
        ({"type": "number", "grain": "0.5"}, "silence > 29.5", "2026-01-31"),
        ({"type": "integer", "grain": "7", "round": "down"}, "silence >= 28", "2026-01-29"),
        ({"type": "integer", "grain": "7", "round": "up"}, "silence >= 28", "2026-01-23"),
        ({"type": "integer", "grain": "7", "round": "half up"}, "silence >= 28", "2026-01-26"),
        ({"type": "integer", "grain": "2", "round": "half even"}, "silence >= 28", "2026-01-28"),
        ({"type": "integer", "max": 20}, "missing(silence)", "2026-01-22"),
        ({"type": "integer", "min": 20}, "silence >= 5", "2026-01-21"),
    ],
)
def test_days_since_cross_their_border_on_any_grain_and_leave_their_bounds(given: dict[str, Any], when: str, first: str) -> None:
    silence = Fact(id="silence", **given, measure=Measure(function="days_since", over="touchpoints"))
    found = of_client(policy(silence, way=when), touched("2026-01-01"), as_of="2026-02-20")
    assert found.first_eligible_on == on(first)


def test_days_since_cross_their_border_in_a_derived_fact_too() -> None:
    silence = Fact(id="silence", type="integer", measure=Measure(function="days_since", over="touchpoints"))
    limit = Fact(id="limit", type="integer")
    lag = Fact(id="lag", type="integer", derivation=Derivation(function="difference", first="silence", second="limit"))
    rules = policy(silence, limit, lag, way="lag >= 0")
    assert of_client(rules, touched("2026-01-01"), attributes={"limit": 45}).first_eligible_on == on("2026-02-15")


def test_out_of_bounds_is_told_where_it_leaves_a_path_open() -> None:
    rules = policy(Fact(id="points", type="integer", max=100), way="points >= 50")
    found = of_client(rules, attributes={"points": 101})
    assert found.qualification == "unknown"
    assert [(reason.code, dict(reason.values)) for reason in found.reasons][1:] == [
        ("fact.out_of_bounds", {"fact": "points", "value": "101"})
    ]


def test_a_measure_that_only_rises_is_still_missing_beyond_its_bound() -> None:
    bounded = Fact(id="x", type="money", max="1000", measure=Measure(function="sum", over="purchases", field="amount"))
    found = of_client(policy(bounded, way="x >= 500"), bought("2026-01-01", "600"), bought("2026-02-01", "600"))
    assert found.qualification == "unknown"
    assert found.paths[0].first_ever_on == on("2026-01-01")


def test_a_measure_that_only_rises_may_begin_high() -> None:
    measure = Measure(function="max", over="purchases", field="amount", when_empty="1000")
    rules = policy(Fact(id="x", type="money", measure=measure), way="x >= 500")
    found = of_client(rules, bought("2026-02-01", "5"), client_since_on=date(2026, 1, 1))
    assert found.qualification == "no"
    assert found.paths[0].first_ever_on == on("2026-01-01")


# ---- programmes as values


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"paths": ()}, "paths"),
        ({"paths": ("x",)}, "paths[0]"),
        ({"paths": "x"}, "paths"),
        ({"paths": [VipPath("a", criterion("x > 1")), VipPath("a", criterion("x > 2"))]}, "paths"),
        ({"id": "no identifier"}, "id"),
        ({"id": "vip.gold"}, "id"),
        ({"approval": ""}, "approval"),
        ({"source": 7}, "source"),
    ],
    ids=repr,
)
def test_a_programme_refuses_what_it_cannot_be(given: dict[str, Any], name: str) -> None:
    fine = {"id": "vip", "paths": [VipPath("a", criterion("x > 1"))]}
    with pytest.raises(InvalidValueError) as caught:
        Programme(**(fine | given))
    assert caught.value.name == name


def test_every_wrong_use_of_a_fact_is_told_with_its_path() -> None:
    paths = [VipPath("a", criterion("largset >= 1")), VipPath("b", criterion("largest >= 0.001 and largest == 'x'"))]
    words = Vocabulary({"largest": LARGEST.fact_type})
    found = list(programme_problems(Programme(id="vip", paths=paths), words))
    assert [problem.path for problem in found] == [("paths", 0, "when"), ("paths", 1, "when"), ("paths", 1, "when")]
    assert found[0].hint == "did you mean 'largest'?"
    with pytest.raises(PolicyDocumentError, match=r"vip\[0\].paths\[0\].when: unknown fact 'largset'"):
        policy(way="largset >= 1")


def test_no_path_reads_a_qualification() -> None:
    with pytest.raises(PolicyDocumentError, match=r"vip\.vip cannot be asked for here; hint: it is decided after this"):
        policy(way="vip.vip == 'yes'")


def test_a_qualifier_answers_path_by_path() -> None:
    qualifier = qualifier_of(policy().vip_programmes[0], Vocabulary({f.id: f.fact_type for f in (LARGEST, BEST_MONTH, RANK)}))
    rows: list[tuple[dict[str, Any], tuple[bool | None, ...], str]] = [
        ({"largest": 1_000_000, "best_month": 0, "best_rank": None}, (True, False, None), "yes"),
        ({"largest": 999_999, "best_month": 0, "best_rank": None}, (False, False, None), "unknown"),
        ({"largest": 0, "best_month": 0, "best_rank": 0}, (False, False, False), "no"),
    ]
    for row, answers, word in rows:
        assert qualifier.answers(row) == answers
        assert qualifier.qualification(row) == word
        assert qualifier.decide(row).qualification == word
    assert qualifier.is_rising


@pytest.mark.parametrize(
    "when", ["largest < 5", "not largest < 5", "best_rank in ('bureau',)", "missing(best_rank)", "largest == 5"]
)
def test_a_programme_that_asks_for_more_than_enough_is_not_rising(when: str) -> None:
    rules = policy(way=when, other="largest >= 5")
    assert not qualifier_of(rules.vip_programmes[0], Vocabulary({f.id: f.fact_type for f in rules.facts})).is_rising


def test_decisions_are_values() -> None:
    facts: dict[str, FactValue] = {"largest": Decimal(9000), "best_month": Decimal(0), "best_rank": "staff"}
    assert of_facts(**facts) == of_facts(**facts)
    assert hash(of_facts(**facts).reasons) == hash(of_facts(**facts).reasons)
