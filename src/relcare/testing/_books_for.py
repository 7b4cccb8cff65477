"""Books drawn for one policy: their clients, purchases and touchpoints stand near what the policy asks about."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

import attrs
from hypothesis import strategies as st

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.decisions import Policy
from relcare.model import NO_CURRENCY, AttributeValue, Book, Client, ContactPerson, Money, Purchase, Stage, TierSpell, Touchpoint
from relcare.policy import Core
from relcare.testing._book_strategies import books
from relcare.testing._borders import Borders
from relcare.testing._strategies import ROLES, days

__all__ = ["books_for"]

_BEFORE: Final = timedelta(days=400)
_AFTER: Final = timedelta(days=800)
_OUTCOMES: Final = (None, "met", "reached", "missed")


@attrs.frozen(kw_only=True, eq=False)
class _Pools:
    """What is drawn again and again while a book is made.

    Attributes:
        borders: Of the policy.
        clients: Facts that are read off a client, in core form.
        attribute_by_fact: The attribute that a fact is read from.
        ranks: Ranks of people.
        roles: Roles of people.
        amounts: Of purchases.
        channels: Of touchpoints.
        on: Days of events.
    """

    borders: Borders
    clients: st.SearchStrategy[dict[str, Core]]
    attribute_by_fact: Mapping[str, str]
    ranks: Sequence[str]
    roles: Sequence[str]
    amounts: Sequence[Decimal]
    channels: Sequence[str]
    on: st.SearchStrategy[date]


def _pools(policy: Policy) -> _Pools:
    borders = Borders.of(policy)
    read = {
        fact.id: fact.reads.partition(".")[2] if fact.reads else fact.id
        for fact in policy.facts
        if fact.measure is None and fact.derivation is None and not (fact.reads or "").startswith("people.")
    }
    own = ("client.stage", "client.relationship_types")
    ranks = [rank for fact in policy.facts if fact.reads == "people.rank" for rank in fact.values]
    roles = [role for rule in policy.cadence for role in rule.reaches]
    first = max(policy.effective_from - _BEFORE, FIRST_DAY)
    return _Pools(
        borders=borders,
        clients=st.fixed_dictionaries({name: borders.near(name) for name in (*own, *read)}),
        attribute_by_fact=read,
        ranks=tuple(dict.fromkeys([*ranks, "nobody"])),
        roles=tuple(dict.fromkeys([*roles, *ROLES])),
        amounts=_amounts(borders),
        channels=tuple(dict.fromkeys(channel for rule in policy.cadence for channel in sorted(rule.channels))) or ("call",),
        on=days(first, min(first + _BEFORE + _AFTER, LAST_DAY)),
    )


def _amounts(borders: Borders) -> tuple[Decimal, ...]:
    """Amounts that bring a measured amount to a border by themselves."""
    measured = [fact.id for fact in borders.policy.facts if fact.measure is not None and fact.measure.field == "amount"]
    values = [borders.vocabulary[name].decode(edge) for name in measured for edge in borders.edges(name)]
    return tuple(sorted({Decimal(0), Decimal(1), *(v for v in values if isinstance(v, Decimal) and v >= 0)}))


@st.composite
def _client(draw: st.DrawFn, client: Client, pools: _Pools) -> Client:
    row = draw(pools.clients)
    read: dict[str, AttributeValue] = {
        attribute: pools.borders.vocabulary[fact].decode(row[fact]) for fact, attribute in pools.attribute_by_fact.items()
    }
    return attrs.evolve(
        client,
        relationship_types=cast("frozenset[str]", row["client.relationship_types"]),
        stage=cast("Stage | None", row["client.stage"]),
        attributes={
            **{name: value for name, value in client.attributes.items() if name not in read},
            **{name: value for name, value in read.items() if value is not None},
        },
        # What is drawn for any policy may be off the grain of this one's facts.
        attribute_changes=[change for change in client.attribute_changes if change.name not in read],
    )


@st.composite
def _person(draw: st.DrawFn, person: ContactPerson, pools: _Pools) -> ContactPerson:
    return attrs.evolve(person, rank=draw(st.sampled_from(pools.ranks)), role=draw(st.sampled_from(pools.roles)))


@st.composite
def _purchases(draw: st.DrawFn, client_id: str, place: int, currency: str, pools: _Pools) -> list[Purchase]:
    bought = draw(st.lists(st.tuples(st.sampled_from(pools.amounts), pools.on), max_size=2))
    return [
        Purchase(id=f"aimed {place}.{n}", client_id=client_id, purchased_on=on, amount=Money(amount, currency))
        for n, (amount, on) in enumerate(bought)
    ]


@st.composite
def _touchpoints(draw: st.DrawFn, client_id: str, place: int, person_ids: Sequence[str], pools: _Pools) -> list[Touchpoint]:
    shapes = st.tuples(
        st.sampled_from(pools.channels), pools.on, st.sampled_from(_OUTCOMES), st.sampled_from([None, *person_ids])
    )
    return [
        Touchpoint(
            id=f"aimed {place}.{n}", client_id=client_id, channel=channel, occurred_at=on, outcome=outcome, person_id=person_id
        )
        for n, (channel, on, outcome, person_id) in enumerate(draw(st.lists(shapes, max_size=2)))
    ]


@st.composite
def _spells(draw: st.DrawFn, client_id: str, pools: _Pools) -> list[TierSpell]:
    found: list[TierSpell] = []
    for scheme in pools.borders.policy.segmentation:
        tier = draw(st.sampled_from([None, *scheme.tier_ids]))
        if tier is not None:
            found.append(TierSpell(client_id=client_id, scheme_id=scheme.id, tier=tier, start_on=draw(pools.on)))
    return found


@st.composite
def _books(draw: st.DrawFn, bare: st.SearchStrategy[Book], pools: _Pools, currency: str) -> Book:
    book = draw(bare)
    purchases, touchpoints, spells = list(book.purchases), list(book.touchpoints), list[TierSpell]()
    for place, client in enumerate(book.clients):
        there = [person.id for person in book.people_by_client.get(client.id, ())]
        purchases += draw(_purchases(client.id, place, currency, pools))
        touchpoints += draw(_touchpoints(client.id, place, there, pools))
        spells += draw(_spells(client.id, pools))
    return attrs.evolve(
        book,
        clients=[draw(_client(client, pools)) for client in book.clients],
        people=[draw(_person(person, pools)) for person in book.people],
        purchases=purchases,
        touchpoints=touchpoints,
        tier_spells=spells,
    )


def books_for(policy: Policy, *, max_clients: int = 4) -> st.SearchStrategy[Book]:
    """Books that a policy decides, drawn near what it asks about; `Policy.decide` takes each as it is.

    They are those of `books`, in the policy's currency, with relationship types that it knows, attributes and ranks on and beside
    its thresholds, purchases of such amounts, touchpoints on its channels, and tiers of its schemes in force.

    Args:
        policy: The policy.
        max_clients: The most clients; none at all is among what is drawn.
    """
    currency = policy.currency or NO_CURRENCY
    return _books(books(max_clients=max_clients, currency=currency), _pools(policy), currency)
