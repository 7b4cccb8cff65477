"""Worked examples: the three forms, and what is said of one that does not hold."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.calendars import Weekdays
from relcare.decisions import Example, ExampleFailure, Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, PolicyError
from relcare.model import Client, ContactPerson, Money, Purchase, Touchpoint
from relcare.policy import Fact, Measure, Span, criterion
from relcare.segmentation import QuotaScheme, QuotaTier, ThresholdScheme, ThresholdTier
from relcare.vip import Programme, VipPath

BASE = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 3, 2),
    currency="CNY",
    facts=[
        Fact(id="revenue", type="money", measure=Measure(function="sum", over="purchases", field="amount")),
        Fact(id="best_rank", type="level", values=("staff", "bureau"), reads="people.rank"),
        Fact(id="likelihood", type="level", values=("none", "high")),
        Fact(id="keen", type="flag"),
        Fact(id="since", type="date", reads="client.client_since_on"),
        Fact(id="code", type="category"),
    ],
    segmentation=[
        QuotaScheme(id="abc", tiers=[QuotaTier("A", "50%"), QuotaTier("B", "50%")], score="revenue"),
        ThresholdScheme(id="grade", tiers=[ThresholdTier("01", criterion("revenue >= 100"))], otherwise="1"),
    ],
    cadence=[
        CadenceRule(id="call", channel="call", every="1 week", when=criterion("tier.abc == 'A'"), grace=Span(days=2)),
        CadenceRule(id="card", channel="card", mode="grid", anchor="people.birthday", lead=Span(days=3), role="secretary"),
    ],
    vip=[
        Programme(
            id="vip", paths=[VipPath("much", criterion("revenue >= 1_000")), VipPath("rank", criterion("best_rank >= 'bureau'"))]
        )
    ],
)
KIM = Client(
    id="kim",
    name="Kim",
    owner_id="lee",
    attributes={"likelihood": "none", "keen": True, "code": "007"},
    client_since_on=date(2025, 1, 1),
)
CALLED = Touchpoint(id="t", client_id="kim", occurred_at=date(2026, 3, 20), channel="call", outcome="reached")
BOUGHT = Purchase(id="b", client_id="kim", purchased_on=date(2026, 3, 10), amount=Money("1200.50", "CNY"))
MINISTER = ContactPerson(id="p", client_id="kim", name="P", rank="bureau", birthday=date(1980, 4, 3))
ONE: dict[str, Any] = {
    "client": KIM,
    "tiers": {"abc": "A"},
    "touchpoints": [CALLED],
    "purchases": [BOUGHT],
    "people": [MINISTER],
    "as_of": date(2026, 3, 31),
}


def failures(example: Example) -> list[str]:
    return [str(failure) for failure in attrs.evolve(BASE, examples=[example]).check(calendar=Weekdays()).failures]


def holds(example: Example) -> bool:
    report = attrs.evolve(BASE, examples=[example]).check(calendar=Weekdays())
    assert report.count == 1
    return report.is_ok


# ---- the three forms


@pytest.mark.parametrize(
    ("key", "right", "found"),
    [
        ("vip.vip", "yes", "yes"),
        ("vip.vip", True, "yes"),
        ("tier.grade", "01", "01"),
        ("tier.abc", "none", "none"),
        ("score.abc", "none", "none"),
        ("first_eligible.vip", "none", "none"),
        ("fact.revenue", "1000", "1000"),
        ("fact.revenue", "1000.00", "1000"),
        ("fact.revenue", 1000, "1000"),
        ("fact.best_rank", "staff", "staff"),
        ("fact.keen", False, "no"),
        ("fact.keen", "no", "no"),
        ("fact.since", date(2026, 1, 31), "2026-01-31"),
        ("fact.since", "2026-01-31", "2026-01-31"),
        ("fact.client.relationship_types", "channel|partner", "channel|partner"),
        ("fact.client.relationship_types", "partner|channel", "channel|partner"),
        ("fact.strategy.partner", True, "yes"),
        ("fact.tier.grade", "01", "01"),
        ("fact.client.stage", "none", "none"),
        ("due.call", "none", "none"),
    ],
    ids=repr,
)
def test_facts_are_given(key: str, right: Any, found: str) -> None:
    given: dict[str, Any] = {
        "revenue": "1000",
        "best_rank": "staff",
        "keen": False,
        "since": date(2026, 1, 31),
        "client.relationship_types": frozenset({"partner", "channel"}),
    }
    assert holds(Example(given=given, expect={key: right}))
    assert failures(Example(given=given, expect={key: "something else"})) == [
        f"examples[0].expect: {key} is {found}, not something else"
    ]


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("vip.vip", "yes"),
        ("first_eligible.vip", date(2025, 1, 1)),
        ("first_eligible.vip", "2025-01-01"),
        ("tier.abc", "A"),
        ("tier.grade", "01"),
        ("score.abc", "none"),
        ("rank.abc", "none"),
        ("due.call", date(2026, 3, 27)),
        ("earliest.call", date(2026, 3, 27)),
        ("latest.call", date(2026, 3, 29)),
        ("state.call", "overdue"),
        ("overdue_days.call", 4),
        ("overdue_days.call", "4"),
        ("staff.call", "lee"),
        ("due.card", date(2026, 4, 3)),
        ("earliest.card", date(2026, 3, 31)),
        ("state.card", "due"),
        ("fact.revenue", "1200.5"),
        ("fact.client.owner_id", "lee"),
        ("fact.likelihood", "none"),
        ("fact.code", "007"),
    ],
    ids=repr,
)
def test_one_client_is_given_with_its_history(key: str, right: Any) -> None:
    assert holds(Example(**ONE, expect={key: right}))
    assert not holds(Example(**ONE, expect={key: "Z"}))


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("kim.tier.abc", "A"),
        ("kim.score.abc", "1200.50"),
        ("kim.rank.abc", 1),
        ("kim.vip.vip", "yes"),
        ("kim.first_eligible.vip", date(2026, 3, 10)),
        ("kim.lee.tier.abc", "B"),
        ("kim.lee.rank.abc", "2"),
        ("kim.lee.vip.vip", "unknown"),
        ("kim.lee.due.call", "none"),
        ("kim.state.call", "overdue"),
        ("kim.fact.client.owner_id", "lee"),
    ],
    ids=repr,
)
def test_a_small_book_is_given_and_the_longest_client_id_is_meant(key: str, right: Any) -> None:
    book: dict[str, Any] = {
        "clients": [KIM, Client(id="kim.lee", name="Lee", client_since_on=date(2026, 1, 1))],
        "touchpoints": [CALLED],
        "purchases": [BOUGHT],
        "as_of": date(2026, 3, 31),
    }
    assert holds(Example(**book, expect={key: right}))
    assert not holds(Example(**book, expect={key: "Z"}))


def test_without_a_day_an_example_is_asked_on_the_policy_s_first_day() -> None:
    example = Example(client=KIM, tiers={"abc": "A"}, expect={"due.call": date(2026, 3, 9), "state.call": "upcoming"})
    assert holds(example)


def test_a_rule_that_may_or_may_not_oblige_is_undecided() -> None:
    assert holds(Example(client=KIM, expect={"due.call": "undecided", "state.call": "undecided"}))
    assert holds(Example(client=KIM, tiers={"abc": "B"}, expect={"due.call": "none"}))


def test_the_zone_says_on_which_day_an_instant_is() -> None:
    late = attrs.evolve(CALLED, occurred_at=datetime(2026, 3, 20, 20, tzinfo=UTC))
    for zone, due in (("UTC", date(2026, 3, 27)), ("Asia/Seoul", date(2026, 3, 30))):
        assert holds(
            Example(
                client=KIM, tiers={"abc": "A"}, touchpoints=[late], zone=zone, as_of=date(2026, 3, 25), expect={"due.call": due}
            )
        )


# ---- what does not hold


def test_tiers_and_words_compare_as_words_and_numbers_as_numbers() -> None:
    given = {"revenue": "1000", "code": "007"}
    assert not holds(Example(given=given, expect={"tier.grade": "1"})), "01 and 1 are two tiers"
    assert not holds(Example(given=given, expect={"fact.code": "7"}))
    assert holds(Example(given=given, expect={"fact.revenue": "1000.0"}))
    assert not holds(Example(given=given, expect={"fact.revenue": "1e3"}))
    assert not holds(Example(given=given, expect={"fact.revenue": True}))


def test_every_expectation_that_fails_is_reported_with_its_example() -> None:
    policy = attrs.evolve(
        BASE,
        examples=[
            Example(given={"revenue": "1000"}, expect={"vip.vip": "yes"}),
            Example(given={"revenue": "5"}, expect={"vip.vip": "yes", "tier.grade": "1", "fact.revenue": "6"}),
            Example(client=KIM, expect={"due.call": date(2026, 3, 9)}),
        ],
    )
    report = policy.check()
    assert report.count == 3
    assert report.failures == (
        ExampleFailure(index=1, key="vip.vip", expected="yes", found="unknown"),
        ExampleFailure(index=1, key="fact.revenue", expected="6", found="5"),
        ExampleFailure(index=2, key="due.call", expected="2026-03-09", found="undecided"),
    )
    with pytest.raises(PolicyError) as caught:
        report.raise_if_any()
    assert str(caught.value) == (
        "worked examples do not hold:\n"
        "examples[1].expect: vip.vip is unknown, not yes\n"
        "examples[1].expect: fact.revenue is 5, not 6\n"
        "examples[2].expect: due.call is undecided, not 2026-03-09"
    )


def test_a_report_without_failures_raises_nothing() -> None:
    report = attrs.evolve(BASE, examples=[Example(given={"revenue": "1000"}, expect={"vip.vip": "yes"})]).check()
    report.raise_if_any()
    assert report.is_ok
    assert BASE.check().count == 0


@pytest.mark.parametrize(
    ("example", "told"),
    [
        (
            Example(given={}, as_of=date(2026, 3, 1), expect={"vip.vip": "unknown"}),
            "as_of 2026-03-01 is outside the effective dates",
        ),
        (
            Example(client=KIM, touchpoints=[attrs.evolve(CALLED, client_id="lee")], expect={"vip.vip": "unknown"}),
            "touchpoints[0].client_id is 'lee'",
        ),
        (
            Example(client=KIM, purchases=[attrs.evolve(BOUGHT, amount=Money(5, "USD"))], expect={"vip.vip": "unknown"}),
            "must be in the policy's currency, CNY",
        ),
        (Example(clients=[KIM, KIM], expect={"kim.vip.vip": "unknown"}), "clients[1].id is 'kim': must be unique"),
        (
            Example(client=attrs.evolve(KIM, relationship_types={"friend"}), expect={"vip.vip": "unknown"}),
            "relationship_types is 'friend'",
        ),
    ],
    ids=["day", "client", "currency", "twice", "type"],
)
def test_an_example_that_cannot_be_run_is_a_failure_and_no_crash(example: Example, told: str) -> None:
    policy = attrs.evolve(BASE, examples=[example, Example(given={"revenue": "1000"}, expect={"vip.vip": "no"})])
    first, second = policy.check().failures
    assert (first.index, first.key) == (0, "")
    assert str(first).startswith("examples[0]: cannot be run: ")
    assert told in first.found
    assert (second.index, second.key, second.found) == (1, "vip.vip", "yes")


# ---- the value


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "example"),
        ({"given": {}, "client": KIM}, "example"),
        ({"given": {}, "clients": [KIM]}, "example"),
        ({"client": KIM, "clients": [KIM]}, "example"),
        ({"given": {}, "tiers": {"abc": "A"}}, "tiers"),
        ({"given": {}, "expect": {}}, "expect"),
        ({"given": {}, "expect": [("a", "b")]}, "expect"),
        ({"given": [1]}, "given"),
        ({"client": KIM, "tiers": 7}, "tiers"),
        ({"given": {}, "as_of": datetime(2026, 3, 31)}, "as_of"),
        ({"given": {}, "as_of": "2026-03-31"}, "as_of"),
        ({"client": "kim"}, "client"),
        ({"clients": "kim"}, "clients"),
        ({"clients": [KIM, None]}, "clients[1]"),
        ({"client": KIM, "touchpoints": [BOUGHT]}, "touchpoints[0]"),
        ({"client": KIM, "purchases": [CALLED]}, "purchases[0]"),
        ({"client": KIM, "people": [KIM]}, "people[0]"),
        ({"client": KIM, "zone": "Seoul"}, "zone"),
    ],
    ids=lambda part: repr(part)[:50],
)
def test_an_example_has_one_form_and_fields_of_their_kind(given: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Example(**({"expect": {"vip.vip": "yes"}} | given))
    assert caught.value.name == name


def test_an_example_keeps_what_it_was_given() -> None:
    expect: dict[str, Any] = {"vip.vip": "yes"}
    events = [CALLED]
    example = Example(client=KIM, touchpoints=events, expect=expect)
    expect["vip.vip"] = "no"
    events.clear()
    assert example.expect == {"vip.vip": "yes"}
    assert example.touchpoints == (CALLED,)
    assert hash(example) == hash(attrs.evolve(example))


def test_a_wrong_name_in_an_example_is_refused_with_the_policy() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        attrs.evolve(
            BASE,
            examples=[
                Example(
                    given={"revenue": "1", "likelihood": "middling", "keen": Decimal(1)},
                    expect={"vips.vip": "yes", "vip": "yes", "due.": 1},
                )
            ],
        )
    assert [(problem.path, problem.message, problem.hint) for problem in caught.value.problems] == [
        ("examples[0].expect.due.", "unknown due ''", None),
        ("examples[0].expect.vip", "unknown vip ''", None),
        ("examples[0].expect.vips.vip", "unknown aspect 'vips'", "did you mean 'vip'?"),
        ("examples[0].given.keen", "keen cannot be '1'", None),
        ("examples[0].given.likelihood", "likelihood cannot be 'middling'", "its values are none, high"),
    ]
