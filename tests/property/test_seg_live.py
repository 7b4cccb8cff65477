"""Tiers kept up to date one client at a time (SEG-13)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relcare as rc
from relcare.decisions import BookResult, LiveTiers
from relcare.model import PIN_KINDS, Book, Client, Money, Pin, PinKind, Purchase, TierSpell, Touchpoint
from relcare.policy import Core, FactType, Vocabulary
from relcare.ranking import TIE_RULES, TieRule
from relcare.segmentation import LiveScheme, QuotaScheme, QuotaTier, Scheme, assign
from relcare.testing import ids, quota_schemes, threshold_schemes
from relcare.testing import rows as fact_rows

WORDS = Vocabulary(
    {
        "points": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), high=Decimal(5)),
        "likelihood": FactType(kind="level", values=("none", "low", "high")),
        "is_local": FactType(kind="flag"),
    }
)
schemes: st.SearchStrategy[Scheme] = st.one_of(quota_schemes(WORDS), quota_schemes(WORDS, grouped=True), threshold_schemes(WORDS))
events = st.lists(st.tuples(st.integers(0, 7), st.none() | fact_rows(WORDS)), max_size=12)


class TestSeg13:
    """SEG-13 Live: after one event, every client whose tier changed is returned.

    The client; for a quota with ties by id and scores that depend on the client alone, at most one other per border when n is
    unchanged.
    """

    @settings(max_examples=200)
    @given(
        schemes, st.lists(ids(), min_size=8, max_size=8, unique=True), st.lists(fact_rows(WORDS), max_size=8), events, st.data()
    )
    def test_after_every_event_it_equals_full_recomputation_and_tells_every_change(
        self,
        scheme: Scheme,
        names: list[str],
        start: list[dict[str, Core]],
        happened: list[tuple[int, dict[str, Core] | None]],
        data: st.DataObject,
    ) -> None:
        rows: dict[str, Mapping[str, Core]] = dict(zip(names, start, strict=False))
        in_force = {name: data.draw(st.sampled_from(scheme.tier_ids)) for name in names[:3]}
        pins = {
            name: Pin(
                client_id=name,
                scheme_id="s",
                tier=data.draw(st.sampled_from((*scheme.tier_ids, "gone"))),
                kind=data.draw(st.sampled_from(PIN_KINDS)),
                by="zhou",
                reason="x",
                start_on=date(2026, 1, 1),
            )
            for name in data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        }
        live = LiveScheme(scheme, rows, vocabulary=WORDS, tiers_in_force=in_force, pins=pins)
        before = dict(live.tiers)
        for place, row in happened:
            count = ranked(scheme, rows, in_force, pins)
            rows.pop(names[place], None)
            if row is not None:
                rows[names[place]] = row
            changes = live.update(names[place], row)
            now = dict(assign(scheme, rows, vocabulary=WORDS, tiers_in_force=in_force, pins=pins).tiers)
            assert dict(live.tiers) == now
            moved = {name for name in names if before.get(name) != now.get(name)}
            assert {change.client_id for change in changes} == moved
            assert all((one.before, one.tier) == (before.get(one.client_id), now.get(one.client_id)) for one in changes)
            is_plain = isinstance(scheme, QuotaScheme) and scheme.ties == "by id" and not scheme.uses_quota
            if is_plain and count == ranked(scheme, rows, in_force, pins):
                held = {name for name, pin in pins.items() if pin.kind == "floor"}
                assert len(moved - {names[place]} - held) <= len(scheme.tiers) - 1
            before = now

    @pytest.mark.parametrize("ties", TIE_RULES)
    def test_a_floor_is_held_against_a_border_that_parts_equals(self, ties: TieRule) -> None:
        scheme = QuotaScheme(id="s", tiers=[QuotaTier("A", "50%"), QuotaTier("B", "50%")], score="points", ties=ties)
        rows: dict[str, Mapping[str, Core]] = {name: {"points": 3} for name in ("c-1", "c-2", "c-3", "c-4")}
        pins = {
            name: Pin(client_id=name, scheme_id="s", tier="B", by="zhou", reason="x", start_on=date(2026, 1, 1))
            for name in ("c-1", "c-3")
        }
        live = LiveScheme(scheme, rows, vocabulary=WORDS, pins=pins)
        for points in (3, 2, 4, 3):
            rows["c-2"] = {"points": points}
            live.update("c-2", rows["c-2"])
            assert dict(live.tiers) == dict(assign(scheme, rows, vocabulary=WORDS, tiers_in_force={}, pins=pins).tiers)

    @given(quota_schemes(WORDS), st.lists(fact_rows(WORDS), max_size=6))
    def test_what_changes_nothing_changes_nobody(self, scheme: QuotaScheme, start: list[dict[str, Core]]) -> None:
        rows = {f"c-{number}": row for number, row in enumerate(start)}
        live = LiveScheme(attrs.evolve(scheme, scope=None), rows, vocabulary=WORDS)
        assert all(live.update(client_id, row) == () for client_id, row in rows.items())
        assert live.update("nobody", None) == ()


POLICY = rc.loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2020-01-01
currency = "CNY"
[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", window = "12 months" }
[facts.calls]
type = "integer"
measure = { count = "touchpoints", window = "90 days" }
[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [{ id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" }]
[[segmentation]]
id = "care"
kind = "threshold"
tiers = [{ id = "high", when = "tier.abc == 'A' or calls >= 2" }]
otherwise = "low"
[[segmentation]]
id = "here"
kind = "quota"
score = "calls"
group_by = "client.region"
uses_quota = true
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
""")
TODAY = date(2026, 3, 31)


class TestBook:
    """SEG-13 Live: after one event, every client whose tier changed is returned ... equal to full recomputation."""

    @settings(max_examples=40)
    @given(
        st.lists(st.sampled_from(["A", "B", "gold", None]), min_size=1, max_size=6),
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, 5, 10, 20]), st.booleans()), max_size=8),
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["abc", "care", "here"]), st.sampled_from(PIN_KINDS)), max_size=2),
    )
    def test_recording_events_equals_deciding_the_book_anew(
        self, tiers: list[str | None], happened: list[tuple[int, int | None, bool]], held: list[tuple[int, str, PinKind]]
    ) -> None:
        regions = ("north", "south", None)
        clients = [Client(id=f"c-{number}", name="x", region=regions[number % 3]) for number in range(len(tiers))]
        pins = {
            (clients[place % len(clients)].id, scheme): Pin(
                client_id=clients[place % len(clients)].id,
                scheme_id=scheme,
                tier="high" if scheme == "care" else "A",
                kind=kind,
                by="zhou",
                reason="x",
                start_on=date(2026, 1, 1),
            )
            for place, scheme, kind in held
        }
        spells = [
            TierSpell(client_id=f"c-{number}", scheme_id="abc", tier=tier, start_on=date(2026, 1, 1))
            for number, tier in enumerate(tiers)
            if tier is not None
        ]
        book = Book(clients=clients, tier_spells=spells, pins=pins.values(), currency="CNY")
        live = LiveTiers(POLICY, book, as_of=TODAY)
        before = everything(POLICY.decide(book, as_of=TODAY))
        for number, (place, amount, is_late) in enumerate(happened):
            client_id = clients[place % len(clients)].id
            day = date(2026, 4, 1) if is_late else date(2026, 3, 1)
            event: Touchpoint | Purchase
            if amount is None:
                event = Touchpoint(id=f"t-{number}", client_id=client_id, occurred_at=day, channel="call", outcome="reached")
                book = attrs.evolve(book, touchpoints=(*book.touchpoints, event))
            else:
                event = Purchase(id=f"p-{number}", client_id=client_id, purchased_on=day, amount=Money(str(amount), "CNY"))
                book = attrs.evolve(book, purchases=(*book.purchases, event))
            changes = live.record(event)
            now = everything(POLICY.decide(book, as_of=TODAY))
            assert {(one.scheme_id, one.client_id): (one.before, one.tier) for one in changes} == {
                key: (before.get(key), now.get(key)) for key in {*before, *now} if before.get(key) != now.get(key)
            }
            assert {(s, c): tier for s in ("abc", "care", "here") for c, tier in live.tiers(s).items()} == now
            before = now


def everything(result: BookResult) -> dict[tuple[str, str], str]:
    return {(name, client_id): tier for name, found in result.schemes.items() for client_id, tier in found.tiers.items()}


def ranked(
    scheme: Scheme, rows: Mapping[str, Mapping[str, Core]], in_force: Mapping[str, str], pins: Mapping[str, Pin]
) -> dict[str, int]:
    """How many are ranked in each group."""
    found = assign(scheme, rows, vocabulary=WORDS, tiers_in_force=in_force, pins=pins).rankings
    return {group: len(ranking.scores) for group, ranking in found.items() if ranking.scores}
