"""Hypothesis strategies for worked examples, in their three forms."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from hypothesis import strategies as st

from relcare.decisions import Example
from relcare.model import STAGES, AttributeValue, Client
from relcare.policy import FactType, OutOfBounds
from relcare.testing._book_strategies import touchpoints
from relcare.testing._policy_strategies import fact_values
from relcare.testing._strategies import TYPES, birthdays, cached, days, ids, names, people, purchases

__all__ = ["examples"]

_ZONE: Final = "Asia/Seoul"
_ANSWERS: Final[tuple[str | int | bool | date, ...]] = ("yes", "no", "unknown", "none", "A", "12.50", 3, True, date(2026, 3, 27))


@cached
def _plain_clients(client_ids: st.SearchStrategy[str]) -> st.SearchStrategy[Client]:
    """Clients whose fields all can stand in a document."""
    texts: st.SearchStrategy[AttributeValue] = (
        st.sampled_from(["low", "high", "12.50"]) | st.booleans() | st.integers(-5, 5) | days()
    )
    return st.builds(
        Client,
        id=client_ids,
        name=names(),
        relationship_types=st.frozensets(st.sampled_from(TYPES), max_size=2),
        stage=st.none() | st.sampled_from(STAGES),
        owner_id=st.none() | ids(),
        region=st.none() | names(),
        zone=st.sampled_from([None, "America/New_York"]),
        client_since_on=st.none() | days(),
        attributes=st.dictionaries(st.sampled_from(["likelihood", "등급"]), texts | st.frozensets(st.just("low")), max_size=2),
    )


def _given(types: Mapping[str, FactType]) -> st.SearchStrategy[Mapping[str, AttributeValue]]:
    def allowed(name: str, value: object) -> bool:
        # A document has no Decimal, and a value that the fact cannot have is a mistake in it.
        return isinstance(value, (str, bool, int, date, frozenset)) and not isinstance(
            types[name].encode(name, value), OutOfBounds
        )

    def chosen(found: Mapping[str, object]) -> dict[str, AttributeValue]:
        return {name: value for name, value in found.items() if allowed(name, value)}  # type: ignore[misc]  # pyright: ignore[reportReturnType]

    drawn = st.lists(st.sampled_from(sorted(types)), max_size=4, unique=True)
    return drawn.flatmap(lambda names: st.fixed_dictionaries({name: fact_values(types[name]) for name in names})).map(chosen)


@st.composite
def _examples(draw: st.DrawFn, types: Mapping[str, FactType], rule_ids: Sequence[str]) -> Example:
    keys = [
        *(name for name in types if name.startswith(("vip.", "tier."))),
        *(f"fact.{name}" for name in types),
        *(f"{aspect}.{rule_id}" for rule_id in rule_ids for aspect in ("due", "state", "overdue_days", "staff")),
        *(f"first_eligible.{name.removeprefix('vip.')}" for name in types if name.startswith("vip.")),
        *(f"{aspect}.{name.removeprefix('tier.')}" for name in types if name.startswith("tier.") for aspect in ("score", "rank")),
    ]
    expect = draw(st.dictionaries(st.sampled_from(keys), st.sampled_from(_ANSWERS), min_size=1, max_size=3))
    as_of = draw(st.none() | days(date(2025, 1, 1)))
    form = draw(st.sampled_from(["given", "client", "clients"]))
    if form == "given":
        return Example(given=draw(_given(types)), as_of=as_of, expect=expect)
    served = draw(
        st.lists(_plain_clients(ids()), min_size=1, max_size=1 if form == "client" else 2, unique_by=lambda client: client.id)
    )
    client_ids = [client.id for client in served]
    there = draw(people(client_ids))
    schemes = {name.removeprefix("tier."): kind.values[0] for name, kind in types.items() if name.startswith("tier.")}
    is_one = form == "client"
    return Example(
        client=served[0] if is_one else None,
        clients=() if is_one else tuple(served),
        tiers=schemes if is_one and draw(st.booleans()) else {},
        people=there,
        touchpoints=draw(touchpoints(client_ids, zone=_ZONE, person_ids=[person.id for person in there])),
        purchases=draw(purchases(client_ids)),
        as_of=as_of,
        zone=draw(st.sampled_from(["UTC", _ZONE])),
        expect=expect if is_one else {f"{client_ids[0]}.{key}": value for key, value in expect.items()},
    )


def examples(types: Mapping[str, FactType], rule_ids: Sequence[str]) -> st.SearchStrategy[tuple[Example, ...]]:
    """Worked examples that can be run; whether they hold is another matter.

    Args:
        types: The facts of the policy, derived ones included.
        rule_ids: The ids of its cadence rules.
    """
    return st.lists(_examples(types, tuple(rule_ids)), max_size=2).map(tuple)
