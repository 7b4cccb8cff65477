"""The bound that a proof gives for constant facts, against reviews that are held one after the other (SEG-9)."""

from collections import Counter
from datetime import date
from typing import Final

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.model import Book, Client, ReasonValue, TierSpell
from relcare.review import simulate
from relcare.segmentation import Steadiness
from relcare.soundness import prove
from relcare.testing import steadinesses

RULES: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2020-01-01

[facts.points]
type = "integer"
from = "client.points"

[[segmentation]]
id = "first"
kind = "threshold"
tiers = [
  { id = "A", when = "points >= 8", stays = "points >= 6" },
  { id = "B", when = "points >= 5", stays = "points == 2 or points == 4" },
  { id = "C", when = "points >= 3" },
]
otherwise = "D"

[[segmentation]]
id = "second"
kind = "threshold"
tiers = [
  { id = "X", when = "tier.first == 'B'", stays = "points == 3" },
  { id = "Y", when = "tier.first in ('A', 'D') and points != 4" },
]
otherwise = "Z"

[[segmentation]]
id = "third"
kind = "quota"
score = "tier.second"
tiers = [ { id = "P", share = "50%" }, { id = "Q", share = "50%" } ]
"""
POLICY: Final = loads_policy(RULES)
TIERS: Final = {"first": "ABCD", "second": "XYZ", "third": "PQ"}


def proved(policy: Policy) -> dict[ReasonValue, dict[str, ReasonValue]]:
    """What the proof says of each scheme that remembers."""
    found = (one for one in prove(policy).findings if one.code == "steady")
    return {one.values["scheme"]: dict(one.values) for one in found}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book]:
    remembering = [
        attrs.evolve(scheme, steady=draw(st.none() | steadinesses(of_quota=scheme.id == "third")))
        for scheme in POLICY.segmentation
    ]
    points = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    clients = [Client(id=f"c-{n}", name="x", attributes={"points": value}) for n, value in enumerate(points)]
    spells = [
        TierSpell(client_id=one.id, scheme_id=scheme, tier=draw(st.sampled_from(tiers)), start_on=date(2020, 1, 1))
        for one in clients
        for scheme, tiers in TIERS.items()
    ]
    return attrs.evolve(POLICY, segmentation=remembering), Book(clients=clients, tier_spells=spells)


class TestSeg9:
    """SEG-9 Hysteresis, minimum stay, confirmation for k reviews, one step a review: no flapping for constant input."""

    @settings(max_examples=12)
    @given(cases())
    def test_constant_facts_move_nobody_more_often_than_is_proved(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        found = simulate(policy, book, from_on=date(2020, 1, 31), until_on=date(2021, 10, 31))
        moves = Counter((row.client_id, row.scheme_id) for review in found.reviews for row in review.moves)
        bounds = proved(policy)
        for (_, scheme_id), count in moves.items():
            if scheme_id in bounds:
                assert count <= int(str(bounds[scheme_id]["moves"]))
        ids = {scheme.id: scheme.tier_ids for scheme in policy.segmentation}
        for client in book.clients:
            spells = [spell for spell in found.book.tier_spells_by_client[client.id] if spell.scheme_id == "first"]
            path = [ids["first"].index(spell.tier) for spell in sorted(spells, key=lambda spell: spell.start_on)]
            assert path in (sorted(path), sorted(path, reverse=True))


def test_the_bound_counts_the_moves_of_the_tiers_that_are_read() -> None:
    found = proved(POLICY)
    assert {scheme: (values["moves"], values["reads"]) for scheme, values in found.items()} == {
        "first": (3, ()),
        "second": (8, ("first",)),
    }
    third = attrs.evolve(POLICY.segmentation[2], steady=Steadiness(confirm=2))
    everything = proved(attrs.evolve(POLICY, segmentation=[*POLICY.segmentation[:2], third]))
    assert (everything["third"]["moves"], everything["third"]["reads"]) == (9, ("second",))
