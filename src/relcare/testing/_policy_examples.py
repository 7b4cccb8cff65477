"""Worked examples for drawn policies, in their three forms."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from relcare.decisions import Example
from relcare.model import STAGES, AttributeValue, Client
from relcare.policy import CLIENT_FACTS, FactType, OutOfBounds
from relcare.testing._book_strategies import touchpoints
from relcare.testing._client_strategies import people
from relcare.testing._picks import Picks
from relcare.testing._purchase_strategies import purchases
from relcare.testing._strategies import TYPES, cached, days, ids, names

__all__ = ["drawn_examples", "examples"]

_ZONE: Final = "Asia/Seoul"
_AS_OF: Final = st.none() | days(date(2025, 1, 1))
_ANSWERS: Final[tuple[str | int | bool | date, ...]] = ("yes", "no", "unknown", "none", "A", "12.50", 3, True, date(2026, 3, 27))
_NUMBERS: Final = tuple(map(Decimal, ("0", "1", "30", "10000", "-5", "20000")))


@cached
def _plain_clients(most: int) -> st.SearchStrategy[list[Client]]:
    """Clients whose fields all can stand in a document."""
    value: st.SearchStrategy[AttributeValue] = st.sampled_from(["low", "high", "12.50"]) | st.booleans() | days()
    one = st.builds(
        Client,
        id=ids(),
        name=names(),
        relationship_types=st.frozensets(st.sampled_from(TYPES), max_size=2),
        stage=st.none() | st.sampled_from(STAGES),
        owner_id=st.none() | ids(),
        region=st.none() | names(),
        zone=st.sampled_from([None, "America/New_York"]),
        client_since_on=st.none() | days(),
        attributes=st.dictionaries(st.sampled_from(["likelihood", "등급"]), value | st.frozensets(st.just("low")), max_size=2),
    )
    return st.lists(one, min_size=1, max_size=most, unique_by=lambda client: client.id)


def _value(picks: Picks, kind: FactType) -> AttributeValue:
    """A value that the fact can have, as a document writes it; None where none was found."""
    if kind.is_numeric:
        drawn: AttributeValue = f"{picks.one(_NUMBERS):f}"
    elif kind.kind == "date":
        drawn = picks.one((date(2024, 2, 29), date(2026, 1, 31)))
    elif kind.kind == "set":
        drawn = frozenset(picks.some((*TYPES, "principal"), 0, 2))
    else:
        drawn = picks.flag() if kind.kind == "flag" else picks.one(kind.values or ("high-end", "O'Brien"))
    return None if isinstance(kind.encode("fact", drawn), OutOfBounds) else drawn


def _given(picks: Picks, types: Mapping[str, FactType]) -> dict[str, AttributeValue]:
    found = {name: _value(picks, types[name]) for name in picks.some(list(types), 0, 4)}
    return {name: value for name, value in found.items() if value is not None}


def _expect(picks: Picks, types: Mapping[str, FactType], rule_ids: Sequence[str]) -> dict[str, str | int | bool | date]:
    clubs = [name.removeprefix("vip.") for name in types if name.startswith("vip.") and name.count(".") == 1]
    schemes = [name.removeprefix("tier.") for name in types if name.startswith("tier.")]
    keys = [
        *(f"{aspect}.{club}" for club in clubs for aspect in ("vip", "first_eligible")),
        *(f"{aspect}.{scheme}" for scheme in schemes for aspect in ("tier", "score", "rank")),
        *(f"{aspect}.{rule}" for rule in rule_ids for aspect in ("due", "state", "overdue_days", "staff")),
        *(f"fact.{name}" for name in types),
    ]
    return {key: picks.one(_ANSWERS) for key in picks.some(keys, 1, 3)}


def _example(draw: st.DrawFn, types: Mapping[str, FactType], rule_ids: Sequence[str]) -> Example:
    picks = Picks(draw)
    expect, as_of = _expect(picks, types, rule_ids), draw(_AS_OF)
    form = picks.one(("given", "client", "clients"))
    if form == "given":
        return Example(given=_given(picks, types), as_of=as_of, expect=expect)
    is_one = form == "client"
    served = draw(_plain_clients(1 if is_one else 2))
    client_ids = [client.id for client in served]
    there = draw(people(client_ids))
    lowest = {name.removeprefix("tier."): kind.values[0] for name, kind in types.items() if name.startswith("tier.")}
    return Example(
        client=served[0] if is_one else None,
        clients=() if is_one else served,
        tiers=lowest if is_one and picks.flag() else {},
        people=there,
        touchpoints=draw(touchpoints(client_ids, zone=_ZONE, person_ids=[person.id for person in there])),
        purchases=draw(purchases(client_ids)),
        as_of=as_of,
        zone=picks.one(("UTC", _ZONE)),
        expect=expect if is_one else {f"{client_ids[0]}.{key}": value for key, value in expect.items()},
    )


def drawn_examples(draw: st.DrawFn, types: Mapping[str, FactType], rule_ids: Sequence[str]) -> tuple[Example, ...]:
    """Worked examples that can be run; whether they hold is another matter.

    Args:
        draw: Of the composite strategy.
        types: The facts of the policy, derived ones included.
        rule_ids: The ids of its cadence rules.
    """
    return tuple(_example(draw, types, rule_ids) for _ in range(Picks(draw).count(0, 2)))


_TYPES: Final[Mapping[str, FactType]] = {
    "revenue": FactType(kind="money", grain=Decimal("0.01")),
    "likelihood": FactType(kind="level", values=("low", "medium", "high")),
    "tier.abc": FactType(kind="level", values=("C", "B", "A")),
    "vip.vip": FactType(kind="category", values=("yes", "no")),
    **CLIENT_FACTS,
}


@st.composite
def _examples(draw: st.DrawFn) -> Example:
    return _example(draw, _TYPES, ("call",))


@cached
def examples() -> st.SearchStrategy[Example]:
    """Worked examples by themselves, of all three forms, for a policy with a scheme `abc`, a programme `vip`, a rule `call`."""
    return _examples()
