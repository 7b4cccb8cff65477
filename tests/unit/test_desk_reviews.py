"""The desk reviews tiers, keeps what was right then, and looks at relationships."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import attrs
import pytest

from relcare.codec import loads_policy
from relcare.desk import Desk
from relcare.errors import InvalidValueError, PolicyError, UnknownRecordError
from relcare.model import Book, Client, TierSpell
from relcare.storage import BookReader, MemoryStore, ReviewWriter, Store
from relcare.testing import FixedClock

POLICY = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01

[facts.points]
type = "integer"
from = "client.points"

[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
tiers = [ { id = "A", share = "50%" }, { id = "B", share = "50%" } ]
""")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CLIENTS = [
    Client(id=f"c-{n}", name=f"Client {n}", relationship_types=["partner"], attributes={"points": points, **brought})
    for n, (points, brought) in enumerate([(9, {}), (7, {"referred_by": "c-1"}), (5, {}), (3, {"referred_by": "c-2"})], start=1)
]
SPELLS = [
    TierSpell(client_id=f"c-{n}", scheme_id="abc", tier=tier, start_on=date(2026, 1, 1)) for n, tier in enumerate("BBAB", start=1)
]


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore.create(Book(clients=CLIENTS, tier_spells=SPELLS)) as made:
        yield made


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store=store, policy=POLICY, clock=FixedClock(NOON))


def noted(store: Store) -> list[tuple[str, str | None]]:
    """Whose records were changed, and by whom."""
    with store.read() as unit:
        return [(entry.entry.client_id, entry.entry.by) for entry in unit.log.since() if entry.entry.kind == "change"]


def test_a_review_is_proposed_challenged_decided_and_in_force(desk: Desk, store: Store) -> None:
    proposed = desk.propose_review(by="lee")
    assert [(row.client_id, row.tier) for row in proposed.moves] == [("c-1", "A"), ("c-2", "A"), ("c-3", "B")]
    assert desk.propose_review(by="lee") == proposed
    assert [row.client_id for row in desk.preview_review(by="lee").falls] == ["c-3"]
    objected = desk.challenge_review("c-3", reason="a large order", by="lee")
    assert noted(store) == [("c-3", "lee")]
    assert desk.challenge_review("c-3", reason="a large order", by="lee") == objected
    done = desk.decide_review(by="zhou", uphold=["c-3"])
    assert [row.client_id for row in done.moves] == ["c-1", "c-2"]
    assert noted(store)[1:] == [("c-1", "zhou"), ("c-2", "zhou")]
    assert dict(desk.tiers_in_force("c-1", by="lee")) == {"abc": "A"}
    assert dict(desk.tiers_in_force("c-1", by="lee", as_of=date(2026, 3, 9))) == {"abc": "B"}
    assert desk.decide_review(by="kim") == done
    assert len(noted(store)) == 3
    assert desk.review(by="lee") == desk.review(done.id, by="lee") == done
    assert desk.reviews(by="lee") == (done,)
    found = desk.tier_history("abc", by="lee", from_on=date(2026, 3, 9), until_on=date(2026, 3, 10))
    assert [move.client_id for move in found.movements] == ["c-1", "c-2"]


def test_nothing_is_kept_of_a_decision_that_cannot_come_into_force(desk: Desk, store: Store) -> None:
    kept = desk.propose_review(by="lee")
    with store.write() as unit:
        writer = ReviewWriter(unit)
        moved = [TierSpell(client_id="c-3", scheme_id="abc", tier="A", start_on=date(2026, 3, 5))]
        writer.put_tiers("c-3", moved, expected=writer.tiers_of("c-3").version)
    with pytest.raises(PolicyError, match="another tier"):
        desk.decide_review(by="zhou", in_force_from=date(2026, 3, 20))
    assert desk.review(by="lee") == kept
    assert dict(desk.tiers_in_force("c-1", by="lee", as_of=date(2026, 3, 20))) == {"abc": "B"}


def test_a_day_that_is_past_by_the_clock_is_refused(desk: Desk) -> None:
    desk.propose_review(by="lee")
    with pytest.raises(InvalidValueError, match=r"decision\.in_force_from"):
        desk.decide_review(by="zhou", in_force_from=date(2026, 3, 9))


def test_what_is_not_kept_is_unknown(desk: Desk) -> None:
    with pytest.raises(UnknownRecordError, match="propose one first"):
        desk.review(by="lee")
    desk.propose_review(by="lee")
    with pytest.raises(UnknownRecordError, match="did you mean 'house:2026-03-02'"):
        desk.review("house:2026-03-03", by="lee")
    with pytest.raises(UnknownRecordError, match="did you mean 'abc'"):
        desk.tier_history("abd", by="lee", from_on=date(2026, 3, 1), until_on=date(2026, 3, 2))
    other = attrs.evolve(desk, policy=attrs.evolve(POLICY, id="other"))
    with pytest.raises(UnknownRecordError, match="propose one first"):
        other.review(by="lee")


@pytest.mark.parametrize("call", ["propose_review", "reviews", "review", "decide_review", "portfolio"])
def test_somebody_asks(desk: Desk, call: str) -> None:
    with pytest.raises(InvalidValueError, match="by"):
        getattr(desk, call)(by="")


def test_relationships_and_referrals_are_asked_at_the_desk(desk: Desk) -> None:
    found = desk.portfolio(by="lee")
    assert [(one.type, len(one.client_ids)) for one in found.types] == [("partner", 4)]
    assert [(one.client_id, one.steps) for one in desk.referrals("c-1", by="lee")] == [("c-2", 1), ("c-4", 2)]
    assert [one.client_id for one in desk.referrals("c-1", by="lee", most_steps=1)] == ["c-2"]


def test_a_review_longer_than_a_record_is_kept_and_read_back() -> None:
    many = [Client(id=f"c-{n:05}", name="x", attributes={"points": n % 7}) for n in range(3_500)]
    with MemoryStore.create(Book(clients=many)) as store:
        desk = Desk(store=store, policy=POLICY, clock=FixedClock(NOON))
        kept = desk.propose_review(by="lee")
        assert len(kept.rows) == 3_500
        again = desk.challenge_review("c-00001", reason="too low", by="lee", tier="A")
        with store.read() as unit:
            assert BookReader(unit).reviews() == (again,)
            assert len(list(unit.records.scan("review_piece"))) > 3
