"""The tiers of a book day after day: what `Policy.decide` finds, with facts laid out once."""

from datetime import date

import attrs
import pytest

from relcare.codec import loads_policy
from relcare.decisions import DayRows, LiveTiers, TiersByDay
from relcare.errors import InvalidValueError, PolicyError
from relcare.model import Book, Client, Money, OwnerSpell, Pin, Purchase, TierSpell

POLICY = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01

[facts.revenue]
type = "money"
polarity = "more"
measure = { sum = "purchases.amount", window = "1 calendar month" }

[facts.unused]
type = "integer"
from = "client.attributes.unused"

[[grade]]
id = "money"
fact = "revenue"
parts = 2

[[segmentation]]
id = "owned"
kind = "quota"
score = "revenue"
group_by = "client.owner_id"
tiers = [ { id = "high", share = "50%" }, { id = "low", share = "50%" } ]

[[segmentation]]
id = "mixed"
kind = "threshold"
tiers = [ { id = "gold", when = "tier.owned == 'high' and grade.money == 2" } ]
otherwise = "iron"
""")
DAYS = (date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15))


def book(currency: str = "EUR") -> Book:
    clients = [Client(id=name, name=name, owner_id="lee" if name < "c" else "park") for name in "abcd"]
    return Book(
        clients=clients,
        purchases=[
            Purchase(id=f"{name}-{month}", client_id=name, purchased_on=date(2026, month, 3), amount=Money(amount, currency))
            for month, amounts in ((1, (4, 3, 2, 1)), (2, (1, 2, 3, 4)), (3, (2, 2, 2, 9)))
            for name, amount in zip("abcd", amounts, strict=True)
        ],
        owner_spells=[OwnerSpell(client_id="b", owner_id="park", start_on=date(2026, 2, 1))],
        pins=[Pin(client_id="b", scheme_id="owned", tier="high", by="zhou", reason="her wish", start_on=date(2026, 3, 1))],
    )


@pytest.mark.parametrize("in_force", [{}, {"owned": {"a": "low", "d": "old"}, "mixed": {"b": "gold"}}], ids=["none", "some"])
def test_every_day_is_as_the_policy_decides_it(in_force: dict[str, dict[str, str]]) -> None:
    found = TiersByDay(POLICY, book())
    spells = [
        TierSpell(client_id=client_id, scheme_id=scheme, tier=tier, start_on=date(2026, 1, 1))
        for scheme, tiers in in_force.items()
        for client_id, tier in tiers.items()
    ]
    standing = attrs.evolve(book(), tier_spells=spells)
    tiers = []
    for day in (*DAYS, *reversed(DAYS)):
        expected = POLICY.decide(standing, as_of=day).schemes
        results = found.on(day, in_force)
        assert {scheme: one.tiers for scheme, one in results.items()} == {s: one.tiers for s, one in expected.items()}
        tiers.append(results["owned"].tiers)
    assert tiers[0] != tiers[1] != tiers[2]


def test_only_the_facts_that_schemes_see_are_worked_out() -> None:
    rows = DayRows([POLICY], book()).on(DAYS[0])
    assert "unused" not in rows["a"]
    assert rows["a"]["revenue"] == 400


def test_days_before_the_policy_and_mixed_currencies_are_refused() -> None:
    with pytest.raises(PolicyError, match="outside the effective dates"):
        TiersByDay(POLICY, book()).on(date(2025, 12, 31), {})
    mixed = attrs.evolve(book(), purchases=(*book().purchases, *(attrs.evolve(p, id=f"x{p.id}") for p in book("CHF").purchases)))
    with pytest.raises(InvalidValueError, match="must be in one currency"):
        TiersByDay(POLICY, mixed)


def test_live_tiers_refuse_mixed_currencies_at_once_and_later() -> None:
    foreign = [attrs.evolve(p, id=f"x{p.id}") for p in book("CHF").purchases]
    alone = attrs.evolve(POLICY, segmentation=(), cadence=(), vip=(), examples=())
    with pytest.raises(InvalidValueError, match="must be in one currency"):
        LiveTiers(alone, attrs.evolve(book(), purchases=(*book().purchases, *foreign)), as_of=DAYS[0])
    live = LiveTiers(alone, book(), as_of=DAYS[0])
    with pytest.raises(InvalidValueError, match="must be in one currency"):
        live.record(foreign[0])
