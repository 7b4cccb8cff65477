"""Policy documents: what is right is read, and what is wrong is told at its place, all at once."""

import json
import pickle
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.codec import POLICY_FORMAT, dumps_policy, load_policy, loads_policy, policy_document
from relcare.decisions import Example, Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, Problem
from relcare.model import AttributeChange, Birthday, Client, ContactPerson, Money, Purchase, Touchpoint
from relcare.policy import Compare, Every, Fact, Measure, Span, Window, criterion
from relcare.presets import preset_names, preset_text
from relcare.segmentation import QuotaScheme, QuotaTier
from relcare.vip import Programme, VipPath

ISSUE = """\
format = 1

[policy]
id = "consulting"
version = "1"
effective_from = 2026-01-01
currency = "CNY"
calendar = "CN"
source = "handbook of the consulting department"

[facts.region_weight]
type = "level"
values = ["outer", "near", "key city"]
from = "client.region_weight"
may_be_missing = true

[facts.likelihood]
type = "level"
values = ["none", "low", "medium", "high"]
from = "client.likelihood"
may_be_missing = true

[facts.revenue_12m]
type = "money"
grain = "0.01"
min = "-100000000"
polarity = "more"
measure = { sum = "purchases.amount", window = "12 months", returns = "net" }

[facts.largest_purchase]
type = "money"
grain = "0.01"
min = "0"
polarity = "more"
measure = { max = "purchases.amount", where = "category == 'high-end'", window = "lifetime", when_empty = "0" }

[facts.best_month]
type = "money"
grain = "0.01"
min = "0"
polarity = "more"
measure = { sum = "purchases.amount", per = "calendar month", take = "max", window = "lifetime", when_empty = "0" }

[facts.best_rank]
type = "level"
values = ["staff", "department", "bureau"]
from = "people.rank"
may_be_missing = true

[[segmentation]]
id = "abc"
kind = "quota"
scope = "client.stage != 'visitor'"
score = [
  { fact = "region_weight", points = { outer = 0, near = 1, "key city" = 3 } },
  { fact = "likelihood", points = { none = 0, low = 1, medium = 3, high = 6 } },
  { fact = "revenue_12m", bands = [ { from = "10000", points = 2 }, { from = "100000", points = 5 } ] },
]
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]
ties = "by id"
missing = "newcomer"
newcomer = "C"
review = "monthly"
source = "handbook, section 1"

[[cadence]]
id = "call-A"
channel = "call"
role = "account manager"
minutes = 20
every = "1 week"
when = "tier.abc == 'A'"
satisfied_by = ["visit"]
grace = "2 days"
source = "handbook, section 1"

[[vip]]
id = "vip"
approval = "head"
paths = [
  { id = "one purchase", when = "largest_purchase >= 10_000" },
  { id = "one month", when = "best_month >= 20_000" },
  { id = "rank", when = "best_rank >= 'department'" },
]
source = "VIP regulation, part 1"

[[examples]]
given = { largest_purchase = "12000", best_month = "0" }
expect = { "vip.vip" = "yes" }
"""

# The same with what else a document may hold.
WHOLE = (
    ISSUE
    + """
[facts.margin]
type = "number"
grain = "0.01"
unit = "share"
max = 5
round = "half up"
ratio = ["revenue_12m", "best_month"]

[facts.since]
type = "date"
min = 2000-01-01
from = "client.client_since_on"

[[segmentation]]
id = "size"
kind = "threshold"
hit = "first"
tiers = [ { id = "big", when = "tier.abc >= 'B'" } ]
otherwise = "small"

[[cadence]]
id = "birthday"
channel = "card"
mode = "grid"
anchor = "people.birthday"
lead = "3 days"
roll = "nearest"
reaches = ["principal"]
counts = "outcome in ('reached', 'met')"
priority = 2

[[relationship]]
type = "partner"
appeal = "fellow feeling"
intervals = { call = "2 weeks", visit = "2 months" }
advice = ["thank them for work beyond the contract"]
avoid = ["haggling over details"]
source = "handbook of the agent, part 2"

[[examples]]
as_of = 2026-03-31
zone = "Asia/Seoul"
client = { stage = "open", attributes = { likelihood = "high" } }
tiers = { abc = "A" }
people = [ { role = "principal", birthday = 1980-02-29 } ]
touchpoints = [ { occurred_at = 2026-03-20, channel = "call", outcome = "reached" } ]
purchases = [ { purchased_on = 2026-03-01, amount = "12000.50" } ]
expect = { "due.call-A" = 2026-03-27, "state.call-A" = "overdue" }

[[examples]]
clients = [ { id = "c1", stage = "open" } ]
expect = { "c1.tier.abc" = "C" }
"""
)


def problems_of(text: str, **how: Any) -> tuple[Problem, ...]:
    with pytest.raises(PolicyDocumentError) as caught:
        loads_policy(text, **how)
    return caught.value.problems


# ---- what is right


def test_the_published_example_is_read_and_holds() -> None:
    policy = loads_policy(ISSUE)
    assert (policy.id, policy.version, policy.effective_from) == ("consulting", "1", date(2026, 1, 1))
    assert [fact.id for fact in policy.facts] == list(tomllib.loads(ISSUE)["facts"])
    assert policy.check().count == 1
    assert policy.check().is_ok


def test_a_document_gives_the_values_that_python_gives() -> None:
    policy = loads_policy(WHOLE)
    facts = {fact.id: fact for fact in policy.facts}
    assert facts["revenue_12m"] == Fact(
        id="revenue_12m",
        type="money",
        grain="0.01",
        min=-100_000_000,
        polarity="more",
        measure=Measure(function="sum", over="purchases", field="amount", window=Window(months=12), returns="net"),
    )
    assert facts["since"].min == date(2000, 1, 1)
    assert facts["margin"].max == Decimal(5)
    assert policy.cadence[0] == CadenceRule(
        id="call-A",
        channel="call",
        every=Every(days=7),
        minutes=20,
        when=criterion("tier.abc == 'A'"),
        satisfied_by=("visit",),
        grace=Span(days=2),
        source="handbook, section 1",
    )
    assert policy.vip_programmes[0].paths[0] == VipPath("one purchase", criterion("largest_purchase >= 10000"))
    one = policy.examples[1]
    assert one.client == Client(id="client", name="client", stage="open", attributes={"likelihood": "high"})
    assert one.people[0].birthday == Birthday(year=1980, month=2, day=29)
    assert one.purchases[0].amount == Money("12000.50", "CNY")
    assert one.expect == {"due.call-A": date(2026, 3, 27), "state.call-A": "overdue"}


def test_the_places_of_criteria_are_kept_out_of_equality() -> None:
    moved = ISSUE.replace("largest_purchase >= 10_000", "  largest_purchase   >=   10000")
    assert loads_policy(moved) == loads_policy(ISSUE)


@pytest.mark.parametrize(
    "text", [ISSUE, WHOLE, *(preset_text(name) for name in preset_names())], ids=["issue", "whole", *preset_names()]
)
def test_what_is_written_is_read_back_as_the_equal_policy(text: str) -> None:
    policy = loads_policy(text)
    written = dumps_policy(policy)
    assert loads_policy(written) == policy
    assert dumps_policy(loads_policy(written)) == written
    assert tomllib.loads(written)["format"] == POLICY_FORMAT


def test_what_is_at_its_default_is_left_out() -> None:
    policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1))
    assert policy_document(policy) == {"format": 1, "policy": {"id": "p", "version": "1", "effective_from": date(2026, 1, 1)}}
    assert dumps_policy(policy) == 'format = 1\n\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'


def test_the_same_document_as_json_gives_the_same_policy() -> None:
    as_json = json.dumps(tomllib.loads(WHOLE), default=str, ensure_ascii=False)
    policy, other = loads_policy(WHOLE), loads_policy(as_json, syntax="json")
    expect = {**policy.examples[1].expect, "due.call-A": "2026-03-27"}
    assert other == attrs.evolve(
        policy, examples=[policy.examples[0], attrs.evolve(policy.examples[1], expect=expect), policy.examples[2]]
    )
    again = json.dumps(policy_document(other), default=str)
    assert loads_policy(again, syntax="json") == other


def test_a_file_is_read_by_the_syntax_of_its_name(tmp_path: Path) -> None:
    toml, as_json = tmp_path / "house.toml", tmp_path / "house.json"
    toml.write_text(ISSUE, encoding="utf-8")
    as_json.write_text(json.dumps(tomllib.loads(ISSUE), default=str), encoding="utf-8")
    assert load_policy(toml) == load_policy(str(as_json)) == loads_policy(ISSUE)
    toml.write_text(ISSUE.replace('"1 week"', '"1 weak"'), encoding="utf-8")
    with pytest.raises(PolicyDocumentError, match=rf"^1 problem\n{toml}:71:9: cadence\[0\].every: is '1 weak'"):
        load_policy(toml)
    with pytest.raises(PolicyDocumentError, match=r"nothing\.toml: cannot be read: no such file"):
        load_policy(tmp_path / "nothing.toml")


TOUCH = Touchpoint(
    id="t",
    client_id="c",
    occurred_at=datetime(2026, 3, 20, 23, 30, tzinfo=ZoneInfo("Asia/Seoul")),
    channel="call",
    direction="incoming",
    outcome="met",
    purpose="p",
    person_id="p",
    staff_id="s",
    in_lieu_of="visit",
    note='two\nlines\tand "more"',
    recorded_at=datetime(2026, 3, 21, 1, tzinfo=UTC),
)
FULL = Example(
    clients=[Client(id="c", name="C", relationship_types={"partner", "channel"}, owner_id="o", region="r", zone="Asia/Seoul")],
    people=[ContactPerson(id="p", client_id="c", name="P", rank="r", phone="1", email="e", birthday=Birthday(month=2, day=29))],
    touchpoints=[TOUCH, Touchpoint(id="v", client_id="c", occurred_at=date(2026, 3, 21), channel="void", voids_id="t")],
    purchases=[
        Purchase(id="b", client_id="c", purchased_on=date(2026, 1, 1), amount=Money("5", "USD"), category="k"),
        Purchase(
            id="r",
            client_id="c",
            purchased_on=date(2026, 1, 2),
            amount=Money("0.000000000001", "USD"),
            returns_purchase_id="b",
            recorded_at=date(2026, 1, 3),
        ),
    ],
    zone="Asia/Seoul",
    expect={"c.fact.client.region": "r", "c.fact.client.owner_id": "o"},
)


def small(**given: Any) -> Policy:
    fine: dict[str, Any] = {"id": "p", "version": "1", "effective_from": date(2026, 1, 1)}
    return Policy(**(fine | given))


def test_every_field_of_an_example_is_written_and_read_back() -> None:
    policy = small(examples=[FULL])
    again = loads_policy(dumps_policy(policy))
    assert again == policy
    moment = again.examples[0].touchpoints[0].occurred_at
    assert isinstance(moment, datetime)
    assert str(moment.tzinfo) == "Asia/Seoul", "an instant keeps the name of its zone"
    assert again.check().is_ok
    assert loads_policy(json.dumps(policy_document(policy), default=str), syntax="json") == policy


AWKWARD = ('a"b', "back\\slash", "高端 김철수", "'quoted'", "\U0001f600", "# no comment", "[[x]]", "a = 1", '"""', "\u200d")


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_survive(text: str) -> None:
    policy = small(
        id="p" if text == "\u200d" else text,
        title=f"t{text}",
        source=f"{text} s",
        facts=[Fact(id="x", type="level", values=(f"a{text}", f"b{text}"))],
        relationships=[],
        examples=[Example(given={"x": f"b{text}"}, expect={"fact.x": f"b{text}"})],
    )
    assert loads_policy(dumps_policy(policy)) == policy
    assert policy.check().is_ok


NO_DOCUMENT: dict[str, Any] = {
    "a Decimal given": {
        "facts": [Fact(id="x", type="money")],
        "examples": [Example(given={"x": Decimal("1.50")}, expect={"fact.x": "1.5"})],
    },
    "a dated change": {
        "examples": [
            Example(
                client=Client(
                    id="c", name="c", attribute_changes=[AttributeChange(name="a", value=1, effective_on=date(2026, 1, 1))]
                ),
                expect={"fact.client.region": "none"},
            )
        ]
    },
    "both quotation marks": {"vip": [Programme(id="v", paths=[VipPath("a", Compare("client.region", "==", "'\""))])]},
    "a backslash": {"vip": [Programme(id="v", paths=[VipPath("a", Compare("client.region", "==", "a\\b"))])]},
    "a line end": {"vip": [Programme(id="v", paths=[VipPath("a", Compare("client.region", "==", "a\nb"))])]},
}


A_DOCUMENT: dict[str, Any] = {
    "a third": {
        "facts": [Fact(id="x", type="integer")],
        "segmentation": [QuotaScheme(id="s", score="x", tiers=[QuotaTier(t, Fraction(1, 3)) for t in "abc"])],
    },
    "a long interval": {"cadence": [CadenceRule(id="r", channel="call", every=Every(days=10_001))]},
    "a long window": {
        "facts": [Fact(id="x", type="integer", measure=Measure(function="count", over="touchpoints", window=Window(days=10_001)))]
    },
}


@pytest.mark.parametrize("given", A_DOCUMENT.values(), ids=A_DOCUMENT)
def test_what_is_seldom_written_is_read_back_all_the_same(given: dict[str, Any]) -> None:
    policy = small(**given)
    assert loads_policy(dumps_policy(policy)) == policy


@pytest.mark.parametrize("given", NO_DOCUMENT.values(), ids=NO_DOCUMENT)
def test_what_no_document_can_carry_is_refused_when_it_is_written(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        dumps_policy(small(**given))


# ---- eight mistakes, eight places


def test_a_document_with_eight_mistakes_gives_eight_messages_with_places() -> None:
    text = ISSUE
    for right, wrong in (
        ('calendar = "CN"', 'calender = "CN"'),
        ('polarity = "more"\nmeasure = { max', 'polarity = "mroe"\nmeasure = { max'),
        ("category == 'high-end'", "categry == 'high-end'"),
        ("minutes = 20", "minutes = 20.5"),
        ('fact = "likelihood"', 'fact = "likelyhood"'),
        ('share = "20%"', 'share = "30%"'),
        ('every = "1 week"', 'every = "weekly"'),
        ("best_rank >= 'department'", "best_rank >= 'deparment'"),
    ):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    # The score names an unknown fact; the shares do not sum to 100 %.
    assert [str(problem) for problem in problems_of(text, file="house.toml")] == [
        "house.toml:8:1: policy.calender: unknown key 'calender'; hint: did you mean 'calendar'?",
        (
            "house.toml:34:12: facts.largest_purchase.polarity: is 'mroe': must be one of 'more', 'less', 'neither'; "
            "hint: did you mean 'more'?"
        ),
        "house.toml:35:48: facts.largest_purchase.measure.where: unknown fact 'categry'; hint: did you mean 'category'?",
        "house.toml:56:12: segmentation[0].score[1].fact: unknown fact 'likelyhood'; hint: did you mean 'likelihood'?",
        "house.toml:59:9: segmentation[0].tiers: is '110%': must have shares that sum to 100%",
        'house.toml:70:11: cadence[0].minutes: floats are refused, they are not exact; hint: write "20.5" as text',
        (
            "house.toml:71:9: cadence[0].every: is 'weekly': must be a whole number and a unit; "
            'hint: write "2 weeks", "10 days", "1 month", "1 quarter" or "1 year"'
        ),
        "house.toml:83:26: vip[0].paths[2].when: best_rank has no value 'deparment'; hint: did you mean 'department'?",
    ]


# ---- each mistake at its place: `~` stands before the place that is told

WRONG: dict[str, tuple[str, str, str]] = {
    # the document
    "no format": ("format = 1\n", "", "~"),
    "format as text": ("format = 1", 'format = ~"1"', "must be a whole number, not text"),
    "format as float": ("format = 1", "format = ~1.0", "floats are refused"),
    "format as flag": ("format = 1", "format = ~true", "must be a whole number, not true or false"),
    "format of the future": ("format = 1", "format = ~2", "is 2: this release reads format 1; hint: use a newer release"),
    "format of the past": ("format = 1", "format = ~0", "is 0"),
    "unknown table": (
        "[[relationship]]",
        "[[~relationships]]",
        "unknown key 'relationships'; hint: did you mean 'relationship'?",
    ),
    "table for a list": ("[[relationship]]", "~[relationship]", "must be a list of tables, not a table"),
    "list for a table": ("[policy]", "~[[policy]]", "must be a table, not a list"),
    "no policy": (ISSUE[ISSUE.index("[policy]") : ISSUE.index("[facts.region")], "", "~"),
    # the head
    "no id": ('id = "consulting"\n', "", "~3"),
    "no version": ('version = "1"\n', "", "~3"),
    "no first day": ("effective_from = 2026-01-01\n", "", "~3"),
    "id as number": ('id = "consulting"', "id = ~7", "must be text, not a number"),
    "id with blanks": ('id = "consulting"', 'id = ~" consulting"', "must be 1 to 200 visible characters"),
    "day as number": ("effective_from = 2026-01-01", "effective_from = ~20260101", "must be a date, not a number"),
    "day as week": ("effective_from = 2026-01-01", 'effective_from = ~"2026-W01-4"', "must be a date, not text"),
    "day without dashes": ("effective_from = 2026-01-01", 'effective_from = ~"20260101"', "must be a date, not text"),
    "day as instant": (
        "effective_from = 2026-01-01",
        "effective_from = ~2026-01-01T00:00:00Z",
        "must be a date, not a date with a time",
    ),
    "day of no year": ("effective_from = 2026-01-01", "effective_from = ~1899-12-31", "must be from 1900-01-01 to 2199-12-31"),
    "end before beginning": ('version = "1"', 'version = "1"\neffective_until = ~2026-01-01', "must be after effective_from"),
    "currency in words": ('currency = "CNY"', 'currency = ~"yuan"', "must be a currency code of three capital letters"),
    "calendar in words": ('calendar = "CN"', 'calendar = ~"China"', "'China' is no calendar"),
    "empty title": ('version = "1"', 'version = "1"\ntitle = ~""', "must be visible text"),
    "unknown key in the head": (
        'version = "1"',
        '~verson = "1"\nversion = "1"',
        "unknown key 'verson'; hint: did you mean 'version'?",
    ),
    # facts
    "fact id": ("[facts.since]", "[facts.~since-when]", "must be an identifier"),
    "no type": ('type = "date"\n', "", "~since]"),
    "unknown type": ('type = "date"', 'type = ~"dates"', "is 'dates': must be one of"),
    "values as text": ('values = ["outer", "near", "key city"]', 'values = ~"outer"', "must be a list of texts, not text"),
    "value as number": (
        'values = ["outer", "near", "key city"]',
        'values = ["outer", ~1, "key city"]',
        "must be text, not a number",
    ),
    "one level": ('values = ["staff", "department", "bureau"]', 'values = ~["department"]', "must list at least two levels"),
    "flag as text": (
        'likelihood"\nmay_be_missing = true',
        'likelihood"\nmay_be_missing = ~"yes"',
        "must be true or false, not text",
    ),
    "from nowhere": ('from = "client.region_weight"', 'from = ~"region_weight"', "must be client.<attribute>, people.rank"),
    "lowest in words": ('min = "-100000000"', 'min = ~"few"', "must be a finite decimal number"),
    "highest in words": ("max = 5", 'max = ~"many"', "must be a finite decimal number"),
    "highest as flag": ("max = 5", "max = ~true", "must be an exact decimal number"),
    "highest below lowest": ("max = 5", 'max = ~5\nmin = "6"', "must not be below min"),
    "highest off the grain": ("max = 5", 'max = ~"0.005"', "0.005 is off the fact's grain, 0.01"),
    "lowest of a date as number": ("min = 2000-01-01", "min = ~2000", "must be a date"),
    "grain as float": (
        'grain = "0.01"\nunit',
        "grain = ~0.01\nunit",
        'floats are refused, they are not exact; hint: write "0.01" as text',
    ),
    "grain of nothing": ('grain = "0.01"\nunit', 'grain = ~"0"\nunit', "must be positive"),
    "ratio of one": ('ratio = ["revenue_12m", "best_month"]', 'ratio = ~["revenue_12m"]', "must name two facts"),
    "ratio of the unknown": (
        'ratio = ["revenue_12m", "best_month"]',
        'ratio = ["revenue_12m", ~"best_moth"]',
        "unknown fact 'best_moth'; hint: did you mean 'best_month'?",
    ),
    "ratio unrounded": ('round = "half up"\n', "", "~[facts.margin]"),
    "round somehow": ('round = "half up"', 'round = ~"half-up"', "is 'half-up': must be one of"),
    "two sources": (
        'from = "people.rank"',
        'from = ~"people.rank"\nratio = ["revenue_12m", "best_month"]',
        "must be the only source",
    ),
    # measures
    "measure as text": (
        'measure = { sum = "purchases.amount", window = "12 months", returns = "net" }',
        'measure = ~"sum"',
        "must be a table, not text",
    ),
    "measure of nothing": ('sum = "purchases.amount", window = "12 months"', 'window = "12 months"', "~{ window"),
    "measure twice": (
        '{ sum = "purchases.amount", window = "12 months"',
        '~{ sum = "purchases.amount", count = "purchases", window = "12 months"',
        "must have exactly one of",
    ),
    "sum of visits": ('sum = "purchases.amount", window', 'sum = ~"touchpoints.amount", window', "must be of purchases.amount"),
    "sum of nothing known": (
        'sum = "purchases.amount", window',
        'sum = ~"purchase.amount", window',
        "is 'purchase': must be one of",
    ),
    "window in words": ('window = "12 months"', 'window = ~"a year"', "must be a length or lifetime"),
    "window as number": ('window = "12 months"', "window = ~12", "must be text, not a number"),
    "returns somehow": ('returns = "net"', 'returns = ~"nett"', "is 'nett': must be one of 'gross', 'net'"),
    "delay in months": ('returns = "net"', 'returns = "net", returns_delay = ~"1 month"', "must be a whole number and a unit"),
    "take the least": ('take = "max"', 'take = ~"min"', "is 'min': must be one of 'max'"),
    "take without per": ('per = "calendar month", take = ', "take = ~", "must go with per"),
    "per week": ('per = "calendar month"', 'per = ~"calendar week"', "is 'calendar week': must be one of"),
    "empty in words": (
        'lifetime", when_empty = "0" }\n\n[facts.best_month]',
        'lifetime", when_empty = ~"nothing" }\n\n[facts.best_month]',
        "must be a finite decimal number",
    ),
    "empty as float": (
        'lifetime", when_empty = "0" }\n\n[facts.best_month]',
        'lifetime", when_empty = ~0.5 }\n\n[facts.best_month]',
        "floats are refused",
    ),
    "empty off the grain": (
        'lifetime", when_empty = "0" }\n\n[facts.best_month]',
        'lifetime", when_empty = ~"0.001" }\n\n[facts.best_month]',
        "0.001 is off the fact's grain",
    ),
    "empty out of bounds": (
        'lifetime", when_empty = "0" }\n\n[facts.best_month]',
        'lifetime", when_empty = ~"-1" }\n\n[facts.best_month]',
        "-1 is outside the fact's bounds",
    ),
    "sum that is empty": ('returns = "net"', 'when_empty = ~"0"', "must not be given: sum over no events is 0"),
    "criterion about the client": (
        "category == 'high-end'",
        "category == 'high-end' and ~client.stage == 'open'",
        "unknown fact 'client.stage'",
    ),
    "criterion about visits": ("\"category == 'high-end'\"", "~\"channel == 'call'\"", "purchases have no channel"),
    # segmentation
    "no kind": ('kind = "quota"\n', "", "~[[segmentation]]"),
    "unknown kind": ('kind = "quota"', 'kind = ~"quotas"', "is 'quotas': must be one of 'quota', 'threshold'"),
    "scheme id": ('id = "size"', 'id = ~"a b c"', "must be an identifier"),
    "scope of nothing": ("client.stage != 'visitor'", "~", "is empty"),
    "scope of no stage": ("client.stage != 'visitor'", "~client.stage != 'visiting'", "client.stage has no value 'visiting'"),
    "score as number": (ISSUE[ISSUE.index("score = [") : ISSUE.index("tiers = [")], "score = ~7\n", "must be text, not a number"),
    "points left out": ("points = { none = 0, low", "points = ~{ low", "the points of likelihood leave out 'none'"),
    "points of no level": (
        "points = { none = 0, low",
        "points = ~{ none = 0, lowest = 1, low",
        "likelihood has no value 'lowest'",
    ),
    "points as float": ("medium = 3, high", "medium = ~2.5, high", "floats are refused"),
    "points in words": ("medium = 3, high", 'medium = ~"three", high', "must be a finite decimal number"),
    "points and bands": (
        "{ none = 0, low = 1, medium = 3, high = 6 }",
        "~{ none = 0, low = 1, medium = 3, high = 6 }, bands = [ { from = 1, points = 1 } ]",
        "must be given, or bands, or a weight, and not several",
    ),
    "band off the grain": (
        'bands = [ { from = "10000", points = 2 }',
        'bands = ~[ { from = "0.001", points = 2 }',
        "off its grain 0.01",
    ),
    "band without points": ('{ from = "10000", points = 2 }', '~{ from = "10000" }', "points is missing"),
    "bands alike": ('{ from = "100000", points = 5 }', '{ from = "10000", points = 5 }', "~[ { from"),
    "share as number": ('share = "20%"', "share = ~20", "must be text, not a number"),
    "share as float": ('share = "20%"', "share = ~0.2", 'floats are refused, they are not exact; hint: write "0.2" as text'),
    "share without per cent": ('share = "20%"', 'share = ~"20"', "must be a percentage or a fraction as text"),
    "shares of 101 %": (
        'tiers = [ { id = "A", share = "20%" }',
        'tiers = ~[ { id = "A", share = "21%" }',
        "must have shares that sum to 100%",
    ),
    "tiers alike": ('{ id = "B", share', '{ id = "A", share', '~[ { id = "A"'),
    "tier without id": ('{ id = "B", share', "~{ share", "id is missing"),
    "ties somehow": ('ties = "by id"', 'ties = ~"by name"', "is 'by name': must be one of"),
    "newcomer nowhere": ('newcomer = "C"', 'newcomer = ~"D"', "must be one of the tiers"),
    "review daily": ('review = "monthly"', 'review = ~"daily"', "is 'daily': must be one of"),
    "quota in a threshold": ('hit = "first"', '~ties = "by id"\nhit = "first"', "unknown key 'ties'"),
    "hit somehow": ('hit = "first"', 'hit = ~"best"', "is 'best': must be one of"),
    "first without otherwise": ('otherwise = "small"\n', "", '~[[segmentation]]\nid = "size"'),
    "tier of the future": ("tier.abc >= 'B'", "~tier.size >= 'B'", "a scheme does not read its own tiers"),
    "a tier that is not": ("tier.abc >= 'B'", "~tier.abc >= 'D'", "tier.abc has no value 'D'"),
    # cadence
    "no channel": ('channel = "call"\nrole', "role", "~[[cadence]]"),
    "no interval": ('every = "1 week"\n', "", "~[[cadence]]"),
    "interval as number": ('every = "1 week"', "every = ~7", "must be text, not a number"),
    "minutes as text": ("minutes = 20", 'minutes = ~"20"', "must be a whole number, not text"),
    "minutes as float": ("minutes = 20", "minutes = ~2e1", "floats are refused"),
    "minutes of a day": ("minutes = 20", "minutes = ~1441", "must be a whole number from 0 to 1440"),
    "rule without visible id": ('id = "birthday"', 'id = ~""', "must be 1 to 200 visible characters"),
    "when arithmetic": ("tier.abc == 'A'\"", '~revenue_12m + 1 > 2"', "a comparison needs a fact on one side"),
    "when unfinished": ("tier.abc == 'A'\"", 'tier.abc ==~"', "cannot be read as a criterion"),
    "when a flag": ("when = \"tier.abc == 'A'\"", "when = ~true", "must be text, not true or false"),
    "satisfied by text": ('satisfied_by = ["visit"]', 'satisfied_by = ~"visit"', "must be a list of texts, not text"),
    "satisfied by nothing": ('satisfied_by = ["visit"]', 'satisfied_by = [~""]', "must be visible text"),
    "grace in months": ('grace = "2 days"', 'grace = ~"1 month"', "must be a whole number and a unit"),
    "mode somehow": ('mode = "grid"', 'mode = ~"gird"', "is 'gird': must be one of 'rolling', 'grid'"),
    "anchor somewhere": (
        'anchor = "people.birthday"',
        'every = "1 year"\nanchor = ~"people.birthdays"',
        "'people.birthdays' is no anchor",
    ),
    "anchor of a rolling rule": (
        'mode = "grid"\nanchor = "people.birthday"',
        'every = "1 year"\nanchor = ~"people.birthday"',
        "must not be given for a rolling rule",
    ),
    "lead as long as the step": ('lead = "3 days"', 'lead = ~"366 days"', "must be shorter than the interval"),
    "roll somehow": ('roll = "nearest"', 'roll = ~"next"', "is 'next': must be one of"),
    "counts a client": ("outcome in ('reached', 'met')", "~client.region == 'west'", "unknown fact 'client.region'"),
    "priority beyond": ("priority = 2", "priority = ~1001", "must be a whole number from -1000 to 1000"),
    # relationships, programmes
    "type in words": ('type = "partner"', 'type = ~"good partner"', "must be an identifier"),
    "no appeal": ('appeal = "fellow feeling"\n', "", "~[[relationship]]"),
    "interval of a channel": ('call = "2 weeks"', 'call = ~"fortnight"', "must be a whole number and a unit"),
    "advice as text": (
        'advice = ["thank them for work beyond the contract"]',
        'advice = ~"thank them"',
        "must be a list of texts, not text",
    ),
    "advice of nothing": ('avoid = ["haggling over details"]', 'avoid = [~" "]', "must be visible text"),
    "no paths": (ISSUE[ISSUE.index("paths = [") : ISSUE.index('source = "VIP')], "", "~[[vip]]"),
    "empty paths": (
        ISSUE[ISSUE.index("paths = [") : ISSUE.index('source = "VIP')],
        "paths = ~[]\n",
        "must list at least one path",
    ),
    "path as text": ('  { id = "rank", when = "best_rank >= \'department\'" },', '  ~"rank",', "must be a table, not text"),
    "paths alike": ('{ id = "one month"', '{ id = "one purchase"', '~[\n  { id = "one purchase"'),
    "path without when": ('{ id = "rank", when = "best_rank >= \'department\'" }', '~{ id = "rank" }', "when is missing"),
    "threshold off the grain": ("largest_purchase >= 10_000", "~largest_purchase >= 0.001", "which is off its grain 0.01"),
    "threshold as text": (
        "largest_purchase >= 10_000",
        "~largest_purchase >= '10000'",
        "is a number: digits without quotation marks",
    ),
    "set compared": ("best_month >= 20_000", "~client.relationship_types == 'partner'", "client.relationship_types is a set"),
    # examples
    "no expectation": ('expect = { "vip.vip" = "yes" }\n', "", "~[[examples]]"),
    "nothing expected": ('expect = { "vip.vip" = "yes" }', "expect = ~{}", "must say what is expected"),
    "two forms": ('expect = { "vip.vip" = "yes" }', 'expect = { "vip.vip" = "yes" }\nclient = {}', "~[[examples]]"),
    "given the unknown": (
        'given = { largest_purchase = "12000"',
        'given = { largest = ~1, largest_purchase = "12000"',
        "unknown fact 'largest'; hint: did you mean 'largest_purchase'?",
    ),
    "given what cannot be": (
        'given = { largest_purchase = "12000"',
        'given = { best_rank = ~"minister", largest_purchase = "12000"',
        "best_rank cannot be 'minister'",
    ),
    "given below the bounds": ('largest_purchase = "12000"', 'largest_purchase = ~"-1"', "largest_purchase cannot be '-1'"),
    "given off the grain": ('largest_purchase = "12000"', 'largest_purchase = ~"0.001"', "must be a whole multiple"),
    "given a float": ('largest_purchase = "12000"', "largest_purchase = ~0.5", "floats are refused"),
    "given a table": ('largest_purchase = "12000"', "largest_purchase = ~{}", "must be text, a whole number"),
    "expecting an unknown programme": ('"vip.vip" = "yes"', '"vip.vp" = ~"yes"', "unknown vip 'vp'; hint: did you mean 'vip'?"),
    "expecting an unknown aspect": (
        '"vip.vip" = "yes"',
        '"tire.abc" = ~"yes"',
        "unknown aspect 'tire'; hint: did you mean 'tier'?",
    ),
    "expecting of an unknown rule": (
        '"state.call-A" = "overdue"',
        '"state.call-B" = ~"overdue"',
        "unknown state 'call-B'; hint: did you mean 'call-A'?",
    ),
    "expecting of nobody": ('"c1.tier.abc" = "C"', '"c2.tier.abc" = ~"C"', "names no client of the example"),
    "expecting a list": ('"vip.vip" = "yes"', '"vip.vip" = ~["yes"]', "must be text, a whole number, true or false, or a date"),
    "expecting a float": ('"vip.vip" = "yes"', '"vip.vip" = ~0.5', "floats are refused"),
    "expecting an instant": ('"vip.vip" = "yes"', '"vip.vip" = ~2026-01-01T00:00:00Z', "must be text, a whole number"),
    "a stage that is not": ('client = { stage = "open"', 'client = { stage = ~"opened"', "is 'opened': must be one of"),
    "a key that is not": ('client = { stage = "open"', 'client = { ~stages = "open"', "unknown key 'stages'"),
    "an attribute as float": ('attributes = { likelihood = "high" }', "attributes = { likelihood = ~0.5 }", "floats are refused"),
    "an attribute as table": (
        'attributes = { likelihood = "high" }',
        "attributes = { likelihood = ~{} }",
        "must be text, a whole number",
    ),
    "a client without id": ('clients = [ { id = "c1", stage = "open" } ]', 'clients = [ ~{ stage = "open" } ]', "id is missing"),
    "an unknown scheme": ('tiers = { abc = "A" }', 'tiers = { abd = ~"A" }', "unknown scheme 'abd'; hint: did you mean 'abc'?"),
    "an unknown tier": ('tiers = { abc = "A" }', 'tiers = { abc = ~"D" }', "unknown tier 'D'"),
    "a tier as number": ('tiers = { abc = "A" }', "tiers = { abc = ~1 }", "must be text, not a number"),
    "an example's day": ("as_of = 2026-03-31", 'as_of = ~"tomorrow"', "must be a date, not text"),
    "an example's zone": ('zone = "Asia/Seoul"', 'zone = ~"Seoul"', "must be an IANA zone name"),
    "an instant without zone": (
        "occurred_at = 2026-03-20",
        "occurred_at = ~2026-03-20T10:00:00",
        "must be a date or an aware instant",
    ),
    "no moment": ("{ occurred_at = 2026-03-20, channel", "~{ channel", "occurred_at is missing"),
    "a moment as number": (
        "occurred_at = 2026-03-20",
        "occurred_at = ~20260320",
        "must be a date or an instant with its offset, not a number",
    ),
    "a moment in words": (
        "occurred_at = 2026-03-20",
        'occurred_at = ~"yesterday"',
        "must be a date or an instant with its offset",
    ),
    "a touch without channel": (', channel = "call", outcome = "reached" }', ', outcome = "reached" }', "~{ occurred_at"),
    "a touch in a direction": (
        ', channel = "call", outcome = "reached" }',
        ', channel = "call", direction = ~"up" }',
        "is 'up': must be one of",
    ),
    "a birthday that is not": ("birthday = 1980-02-29", 'birthday = ~"1981-02-29"', "of a day that exists"),
    "an amount as float": (
        'amount = "12000.50"',
        "amount = ~12000.50",
        'floats are refused, they are not exact; hint: write "12000.50" as text',
    ),
    "an amount of nothing": (', amount = "12000.50" }', " }", "~{ purchased_on"),
    "a purchase without day": ("purchased_on = 2026-03-01, ", "", "~{ amount"),
    "a purchase in yuan": ('amount = "12000.50"', 'amount = "12000.50", currency = ~"yuan"', "must be a currency code"),
}


@pytest.mark.parametrize(("right", "wrong", "told"), WRONG.values(), ids=WRONG)
def test_each_mistake_is_one_problem_at_its_place(right: str, wrong: str, told: str) -> None:
    assert WHOLE.count(right) >= 1
    marked = WHOLE.replace(right, wrong, 1)
    if told.startswith("~") and told != "~":
        # The place is a table that lacks something, or is of no one key: the line, or the text that stands there.
        text = told[1:]
        marked = (
            marked.replace("\n[policy]", "\n[~policy]", 1)
            if text == "3"
            else marked.replace("~", "").replace(text, f"~{text}", 1)
        )
        told = ""
    elif told == "~":
        marked, told = f"~{marked}", ""
    place = marked.index("~") if "~" in marked else None
    found = problems_of(marked.replace("~", ""))
    assert len(found) == 1, [str(problem) for problem in found]
    assert told in str(found[0])
    if place is not None:
        line = marked.count("\n", 0, place) + 1
        column = place - marked.rfind("\n", 0, place)
        assert (found[0].line, found[0].column) == (line, column), str(found[0])


# ---- one mistake does not hide another, nor cause one


def test_a_wrong_calendar_hides_nothing_and_keeps_its_place() -> None:
    text = ISSUE.replace('"CN"', '"China"').replace('"1 week"', '"weekly"').replace('version = "1"', 'version = ""')
    assert [(problem.line, problem.path) for problem in problems_of(text)] == [
        (5, "policy.version"),
        (8, "policy.calendar"),
        (71, "cadence[0].every"),
    ]


def test_all_that_is_wrong_in_the_head_is_told() -> None:
    text = ISSUE.replace('"consulting"', '""').replace('version = "1"\n', "").replace("2026-01-01", "1800-01-01")
    text = text.replace('"CNY"', '"yuan"').replace('calendar = "CN"', 'title = ""')
    assert [problem.path for problem in problems_of(text)] == [
        "policy.version",
        "policy.id",
        "policy.effective_from",
        "policy.currency",
        "policy.title",
    ]


def test_what_uses_a_broken_part_is_not_complained_about() -> None:
    text = WHOLE.replace(
        'type = "money"\ngrain = "0.01"\nmin = "-100000000"', 'type = "mony"\ngrain = "0.01"\nmin = "-100000000"'
    )
    assert [problem.path for problem in problems_of(text)] == ["facts.revenue_12m.type"]
    text = WHOLE.replace('ties = "by id"', 'ties = "by nme"')
    assert [problem.path for problem in problems_of(text)] == ["segmentation[0].ties"]
    text = WHOLE.replace('approval = "head"', "approval = 7")
    assert [problem.path for problem in problems_of(text)] == ["vip[0].approval"]
    text = WHOLE.replace('id = "call-A"\n', 'id = "call-A"\nmode = "rollin"\n')
    assert [problem.path for problem in problems_of(text)] == ["cadence[0].mode"]


def test_a_broken_part_is_still_searched_for_wrong_names() -> None:
    text = WHOLE.replace('ties = "by id"', 'ties = "by nme"').replace("client.stage != 'visitor'", "client.stge != 'visitor'")
    text = text.replace('fact = "likelihood"', 'fact = "likelyhood"').replace('grace = "2 days"', 'grace = "soon"')
    text = text.replace("tier.abc == 'A'", "teir.abc == 'A'")
    text = text.replace('returns = "net"', 'returns = "nett", where = "categry == \'x\'"')
    assert [problem.path for problem in problems_of(text)] == [
        "facts.revenue_12m.measure.returns",
        "facts.revenue_12m.measure.where",
        "segmentation[0].scope",
        "segmentation[0].score[1].fact",
        "segmentation[0].ties",
        "cadence[0].when",
        "cadence[0].grace",
    ]


def test_a_scheme_of_no_kind_is_still_searched() -> None:
    text = ISSUE.replace('kind = "quota"', 'kind = "quotas"').replace('review = "monthly"', 'review = "daily"')
    assert [problem.path for problem in problems_of(text)] == ["segmentation[0].kind", "segmentation[0].review"]


def test_what_is_given_twice_is_told_at_the_second_place() -> None:
    found = problems_of(WHOLE + ISSUE[ISSUE.index("[[vip]]") : ISSUE.index("[[examples]]")])
    assert [(problem.path, problem.message) for problem in found] == [("vip[1].id", "id 'vip' is taken by vip[0]")]
    (found_once,) = problems_of(ISSUE.replace('version = "1"', 'version = "1"\nversion = "2"'))
    assert (found_once.line, found_once.column, found_once.path) == (6, 1, "policy.version")


@pytest.mark.parametrize("text", ["", "format = 1", "format = ", "a = 1\na.b = 2", "\ufeff[policy", "format = 1\n[policy]\n"])
def test_a_text_that_is_no_document_has_a_place_too(text: str) -> None:
    for problem in problems_of(text, file="x.toml"):
        assert problem.file == "x.toml"
        assert 1 <= (problem.line or 0) <= text.count("\n") + 1
        assert (problem.column or 0) >= 1


def test_json_mistakes_have_places_and_keys_twice_are_refused() -> None:
    text = '{"format": 1,\n "policy": {"id": "p", "version": "1", "effective_from": "2026-01-32", "x": null}}'
    assert [str(problem) for problem in problems_of(text, file="p.json", syntax="json")] == [
        "p.json:2:58: policy.effective_from: must be a date, not text; hint: write it as 2026-01-31",
        (
            "p.json:2:72: policy.x: unknown key 'x'; hint: known here: calendar, currency, effective_from, effective_until, "
            "id, source, title, version, working_hours"
        ),
    ]
    (twice,) = problems_of('{"format": 1, "format": 1}', syntax="json")
    assert (twice.line, twice.column, twice.path) == (1, 15, "format")
    (null,) = problems_of('{"format": 1, "policy": null}', syntax="json")
    assert str(null).startswith("<policy>:1:25: policy: must be a table, not nothing that a policy knows")


def test_instants_in_json_carry_offset_and_zone() -> None:
    def read(moment: str) -> date:
        document = {
            "format": 1,
            "policy": {"id": "p", "version": "1", "effective_from": "2026-01-01"},
            "examples": [
                {
                    "client": {},
                    "touchpoints": [{"occurred_at": moment, "channel": "call"}],
                    "expect": {"fact.client.stage": "none"},
                }
            ],
        }
        return loads_policy(json.dumps(document), syntax="json").examples[0].touchpoints[0].occurred_at

    assert read("2026-03-20") == date(2026, 3, 20)
    assert read("2026-03-20T10:00:00+09:00") == datetime(2026, 3, 20, 1, tzinfo=UTC)
    assert read("2026-03-20T10:00Z") == datetime(2026, 3, 20, 10, tzinfo=UTC)
    seoul = read("2026-03-20T10:00:00+09:00[Asia/Seoul]")
    assert isinstance(seoul, datetime)
    assert str(seoul.tzinfo) == "Asia/Seoul"
    for wrong in ("2026-03-20T10:00:00", "20260320", "2026-03-20T25:00Z", "now", "2026-03-20T10:00:00+09:00[Seoul]"):
        with pytest.raises(PolicyDocumentError, match="occurred_at"):
            read(wrong)


def test_a_criterion_over_several_lines_is_told_at_its_beginning() -> None:
    text = ISSUE.replace('"best_month >= 20_000"', "'''best_month\n >= 20_000 and best_mnth > 0'''")
    (found,) = problems_of(text)
    assert (found.path, found.message) == ("vip[0].paths[1].when", "unknown fact 'best_mnth'")
    assert found.line == ISSUE[: ISSUE.index('"best_month >= 20_000"')].count("\n") + 1


def test_columns_count_characters() -> None:
    text = ISSUE.replace('{ id = "rank", when = "best_rank', '{ id = "직급 \U0001f600", when = "best_rnk')
    (found,) = problems_of(text)
    line = text.splitlines()[(found.line or 1) - 1]
    assert line[(found.column or 1) - 1 :].startswith("best_rnk")


def test_the_error_travels_with_all_its_problems() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        loads_policy(ISSUE.replace('"1 week"', '"weekly"').replace('"CNY"', '"yuan"'), file="house.toml")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is PolicyDocumentError
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)
    assert str(again).startswith("2 problems\nhouse.toml:7:12: policy.currency: is 'yuan'")
    assert isinstance(again.problems[0], Problem)
