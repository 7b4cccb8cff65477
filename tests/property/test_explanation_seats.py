"""Levers in quotas in which clients who are not ranked take places too, replayed through the real decision (SEG-10, SEG-12)."""

from datetime import date
from typing import Final

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.model import Book, Client, Pin, PinKind, TierSpell
from relcare.segmentation import QuotaScheme, facts_used
from relcare.soundness import Change, justify

DAY: Final = date(2026, 3, 31)
TIERS: Final = ("A", "B", "C")
TEXT: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.points]
type = "integer"
min = 0
max = 9
from = "client.points"
[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
uses_quota = true
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]
"""
HOUSE: Final = loads_policy(TEXT)

APART: Final = loads_policy(TEXT.replace("uses_quota = true", "uses_quota = false"))


@attrs.frozen(kw_only=True)
class Member:
    """One client: what is known of it, its tier in force, and its exact pin."""

    points: int | None
    tier: str | None = None
    pin: str | None = None
    region: str | None = "north"


members = st.lists(
    st.builds(
        Member,
        points=st.none() | st.integers(0, 9),
        tier=st.none() | st.sampled_from(TIERS),
        pin=st.none() | st.none() | st.sampled_from(TIERS),
        region=st.sampled_from(["north", "north", "south", None]),
    ),
    min_size=1,
    max_size=8,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    (scheme,) = HOUSE.segmentation
    assert isinstance(scheme, QuotaScheme)
    newcomer = draw(st.none() | st.sampled_from(TIERS))
    changed = attrs.evolve(
        scheme,
        ties=draw(st.sampled_from(["by id", "together upward", "together downward"])),
        group_by=draw(st.sampled_from([None, "client.region"])),
        uses_quota=draw(st.sampled_from([True, True, False])),
        missing="hold" if newcomer is None else "newcomer",
        newcomer=newcomer,
    )
    return attrs.evolve(HOUSE, segmentation=[changed])


def book_of(several: list[Member]) -> Book:
    clients = [
        Client(id=f"c-{n}", name="x", region=one.region, attributes={} if one.points is None else {"points": one.points})
        for n, one in enumerate(several)
    ]
    return Book(
        clients=clients,
        tier_spells=[
            TierSpell(client_id=f"c-{n}", scheme_id="abc", tier=one.tier, start_on=date(2026, 1, 1))
            for n, one in enumerate(several)
            if one.tier is not None
        ],
        pins=[
            Pin(client_id=f"c-{n}", scheme_id="abc", tier=one.pin, kind="exact", by="zhou", reason="x", start_on=date(2026, 1, 1))
            for n, one in enumerate(several)
            if one.pin is not None
        ],
    )


def nearest(now: int, tried: dict[int, str], matters: set[str]) -> tuple[int, str] | None:
    """The nearest value with one of these tiers, the lower of two equally near."""
    found = [value for value, tier in tried.items() if tier in matters]
    best = min(found, key=lambda value: (abs(value - now), value), default=None)
    return None if best is None else (best, tried[best])


def told(change: Change | None) -> tuple[int, str | None] | None:
    return None if change is None else (int(str(change.becomes)), change.outcome)


def pinned(book: Book, client_id: str, tier: str, kind: PinKind) -> Book:
    """The book with one client's pin, whatever pin it had."""
    others = [pin for pin in book.pins if pin.client_id != client_id]
    own = Pin(client_id=client_id, scheme_id="abc", tier=tier, kind=kind, by="zhou", reason="x", start_on=date(2026, 1, 1))
    return attrs.evolve(book, pins=[*others, own])


class TestSeg10:
    """SEG-10 and SEG-12: held and pinned clients may use up quota; the smallest single change that moves a client."""

    @given(policies(), members, st.integers(0, 7))
    @example(attrs.evolve(HOUSE), [Member(points=5), *[Member(points=None, tier="A")] * 3, Member(points=3)], 0)
    def test_levers_are_what_the_decision_would_do(self, policy: Policy, several: list[Member], at: int) -> None:
        place = at % len(several)
        own = several[place]
        has_group = own.region is not None or "client.region" not in facts_used(policy.segmentation[0])
        if own.pin is not None or own.points is None or not has_group:
            return
        result = policy.decide(book_of(several), as_of=DAY)
        client_id = f"c-{place}"

        def tier_with(points: int) -> str:
            moved = [*several[:place], attrs.evolve(own, points=points), *several[place + 1 :]]
            return str(policy.decide(book_of(moved), as_of=DAY).tier("abc", client_id).tier)

        tried = {value: tier_with(value) for value in range(10)}
        now = tried[own.points]
        found = justify(policy, result, client_id=client_id).tier("abc")
        assert found.outcome == now == result.tier("abc", client_id).tier
        lever = found.lever("points")
        assert told(lever.up) == nearest(own.points, tried, set(TIERS[: TIERS.index(now)]))
        assert told(lever.fall) == nearest(own.points, tried, set(TIERS[TIERS.index(now) + 1 :]))
        assert found.placement is not None
        if found.placement.holds_from is not None:
            assert tried.get(int(found.placement.holds_from), now) == now


class TestPins:
    """SEG-10: A pin holds a client as a floor or exactly, with who, why, until when.
    SEG-12: For any client: why this tier, and the smallest single change that would move it up or keep it from falling.
    """  # noqa: D205

    @given(policies(), members, st.integers(0, 7), st.sampled_from(TIERS), st.sampled_from(["floor", "floor", "exact"]))
    @example(attrs.evolve(HOUSE), [Member(points=5), *[Member(points=9)] * 3, Member(points=3)], 0, "B", "floor")
    # As many points as the last in A are not enough for whoever comes after it by id, and takes no place.
    @example(APART, [Member(points=9), Member(points=9), *[Member(points=3)] * 3, Member(points=5)], 5, "C", "floor")
    @example(APART, [Member(points=5), Member(points=9), *[Member(points=3)] * 4], 0, "C", "floor")
    def test_under_a_pin_levers_are_what_the_decision_would_do(
        self, policy: Policy, several: list[Member], at: int, tier: str, kind: PinKind
    ) -> None:
        place = at % len(several)
        client_id, own = f"c-{place}", several[place]
        result = policy.decide(pinned(book_of(several), client_id, tier, kind), as_of=DAY)
        found = justify(policy, result, client_id=client_id).tier("abc")
        decided = result.tier("abc", client_id)
        assert found.pin is decided.pin is not None
        if found.state == "undecided":  # more than the floor is kept for want of facts
            assert TIERS.index(str(decided.tier)) < TIERS.index(tier)
            return
        assert found.outcome == decided.tier
        assert found.is_by_pin is (kind == "exact" or (found.outcome == tier != found.without_pin))

        def tier_with(points: int) -> str:
            moved = [*several[:place], attrs.evolve(own, points=points), *several[place + 1 :]]
            return str(policy.decide(pinned(book_of(moved), client_id, tier, kind), as_of=DAY).tier("abc", client_id).tier)

        tried = {value: tier_with(value) for value in range(10)}
        lever, now = found.lever("points"), str(found.outcome)
        if own.points is not None:
            assert tried[own.points] == now
            assert told(lever.up) == nearest(own.points, tried, set(TIERS[: TIERS.index(now)]))
            assert told(lever.fall) == nearest(own.points, tried, set(TIERS[TIERS.index(now) + 1 :]))
        if found.sufficient is not None and "points" not in found.sufficient:
            assert set(tried.values()) == {now}
        if kind == "exact":
            assert found.sufficient == ()
            assert all(one.up is one.fall is None for one in found.levers)
        if found.placement is not None and found.placement.holds_from is not None:
            assert tried.get(int(found.placement.holds_from), now) == now
