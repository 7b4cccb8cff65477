"""No criterion about clients is forgotten: whatever part of a policy holds one is found by reflection and asked about."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs
import pytest

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.policy import Compare, Contains, Criterion, Missing, Not, OneOf, criterion, leaves
from relcare.soundness import prove
from relcare.soundness._types import criteria_of

NODES: Final = frozenset(get_args(Criterion))
ABOUT_EVENTS: Final = {
    ("CadenceRule", "counts"),
    ("Measure", "where"),
    ("NeglectLadder", "counts"),
    ("Protection", "event"),
    ("Trigger", "counts"),
    ("Trigger", "event"),
}
"""Criteria about touchpoints and purchases, in another vocabulary (CRI-1)."""
EVERYTHING: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
currency = "CNY"

[facts.points]
type = "integer"
from = "client.points"
polarity = "more"

[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", where = "category == 'goods'" }

[[grade]]
id = "spend"
fact = "revenue"
parts = 3
better = "more"
scope = "'partner' in client.relationship_types"

[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
scope = "'partner' in client.relationship_types"
tiers = [ { id = "A", share = "50%" }, { id = "B", share = "50%" } ]

[[segmentation]]
id = "warm"
kind = "threshold"
scope = "'partner' in client.relationship_types"
tiers = [ { id = "hot", when = "'partner' in client.relationship_types", stays = "'partner' in client.relationship_types" } ]
otherwise = "cold"

[[segment]]
id = "friends"
when = "'partner' in client.relationship_types"

[[segment]]
id = "product"
scope = "'partner' in client.relationship_types"
by = [ "client.stage" ]

[[cadence]]
id = "call"
channel = "call"
every = "1 week"
when = "'partner' in client.relationship_types"
counts = "outcome == 'reached'"

[[trigger]]
id = "thanks"
on = "touchpoints"
event = "channel == 'visit'"
channel = "letter"
within = "3 days"
when = "'partner' in client.relationship_types"
counts = "outcome == 'sent'"

[[neglect]]
id = "all"
when = "'partner' in client.relationship_types"
counts = "outcome == 'reached'"
rungs = [ { action = "warn", after = "30 days" } ]
protect = [
  { id = "open", holds = ["warn"], when = "'partner' in client.relationship_types" },
  { id = "visit", holds = ["warn"], on = "touchpoints", event = "channel == 'visit'", during = "30 days" },
]

[[holding]]
id = "most"
most = 10
when = "'partner' in client.relationship_types"
exempt = "'partner' in client.relationship_types"

[[relationship]]
type = "partner"
appeal = "trust"
indicators = [ { id = "one", healthy = "'partner' in client.relationship_types" } ]
situations = [ { id = "two", when = "'partner' in client.relationship_types", action = "call" } ]

[[vip]]
id = "club"
paths = [ { id = "bought", when = "'partner' in client.relationship_types" } ]
top = [ { id = "best", most = 3, by = "points", among = "'partner' in client.relationship_types" } ]
"""


def homes() -> set[tuple[str, str]]:
    """Every class and field that may hold a criterion, by the types that a policy is made of."""
    found: set[tuple[str, str]] = set()
    seen: set[type] = set()

    def visit(kind: object, home: tuple[str, str]) -> None:
        if isinstance(kind, type) and kind in NODES:
            found.add(home)
        elif isinstance(kind, type) and attrs.has(kind) and kind not in seen:
            seen.add(kind)
            for name, inner in get_type_hints(kind).items():
                visit(inner, (kind.__name__, name))
        elif get_origin(kind) is not None or isinstance(kind, UnionType):
            for inner in get_args(kind):
                visit(inner, home)

    visit(Policy, ("", ""))
    return found


def walk(value: object, home: tuple[str, str] = ("", "")) -> Iterator[tuple[tuple[str, str], Any]]:
    """Every criterion in a value with the class and field it stands in."""
    if type(value) in NODES:
        yield home, value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from walk(inner, home)
    elif isinstance(value, tuple):
        for inner in value:
            yield from walk(inner, home)
    elif attrs.has(kind := type(value)):
        for field in attrs.fields(kind):
            if not field.name.startswith("_"):
                yield from walk(getattr(value, field.name), (type(value).__name__, field.name))


POLICY: Final = loads_policy(EVERYTHING)


def test_the_policy_has_a_criterion_in_every_home_there_is() -> None:
    """A new home of criteria belongs into the document above, or among those about events."""
    assert {home for home, _ in walk(POLICY)} == homes()


def test_every_criterion_about_clients_is_looked_at() -> None:
    walked = sorted(str(found) for home, found in walk(POLICY) if home not in ABOUT_EVENTS)
    assert sorted(str(found) for _, found in criteria_of(POLICY)) == walked


def test_each_is_told_by_its_own_path() -> None:
    paths = [path for path, _ in criteria_of(POLICY)]
    assert len(set(paths)) == len(paths)


def planted(value: Any, wrong: Criterion, home: tuple[str, str]) -> Any:
    """The value with a criterion in one of its homes put in the place of the one that is there."""
    if isinstance(value, tuple):
        return tuple(planted(inner, wrong, home) for inner in value)
    if not attrs.has(type(value)) or type(value) in NODES:
        return value
    changes: dict[str, Any] = {}
    for field in attrs.fields(type(value)):
        inner = getattr(value, field.name)
        if (type(value).__name__, field.name) == home and inner is not None:
            changes[field.alias or field.name] = wrong
        elif isinstance(inner, tuple) or attrs.has(type(inner)):
            new = planted(inner, wrong, home)
            if new != inner:
                changes[field.alias or field.name] = new
    return attrs.evolve(value, **changes) if changes else value


@pytest.mark.parametrize("home", sorted(homes() - ABOUT_EVENTS), ids=".".join)
def test_a_type_that_nobody_can_have_is_found_wherever_it_is_asked_for(home: tuple[str, str]) -> None:
    wrong = planted(POLICY, criterion("'partners' in client.relationship_types"), home)
    assert "type.unknown" in {finding.code for finding in prove(wrong).findings}


@pytest.mark.parametrize("home", sorted(homes() - ABOUT_EVENTS), ids=".".join)
def test_a_criterion_that_can_never_hold_is_found_wherever_it_stands(home: tuple[str, str]) -> None:
    wrong = planted(POLICY, criterion("points < 3 and points > 5"), home)
    codes = {finding.code for finding in prove(wrong).refuted}
    assert codes & {"dead.never", "dead.shadowed", "segment.never", "path.implied"}


def test_the_walk_knows_every_node() -> None:
    assert {type(leaf) for leaf in leaves(criterion("points > 1 and points in (1, 2) and missing(points)"))} <= NODES
    assert {Compare, Contains, Missing, Not, OneOf} <= NODES
