"""Reviews as values that are kept: stored and read back, decided once, history not rewritten (SEG-11)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.codec import dump_record, load_record
from relcare.decisions import Policy
from relcare.model import Book, Client, Review, TierSpell
from relcare.policy import Fact
from relcare.review import decide, propose, put_in_force, tier_spells
from relcare.segmentation import QuotaScheme, QuotaTier
from relcare.storage import MemoryStore, ReviewWriter, load_book, save_book
from relcare.testing import reviews, steadinesses

AT = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("UTC"))
AS_OF = date(2026, 3, 10)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book]:
    """A quota over points, and clients with points and tiers."""
    points = draw(st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=8))
    tiers = draw(st.lists(st.sampled_from(["A", "B", "C", "gold", None]), min_size=len(points), max_size=len(points)))
    clients = [
        Client(id=f"c-{n}", name="x", attributes={} if value is None else {"points": value}) for n, value in enumerate(points)
    ]
    spells = [
        TierSpell(client_id=f"c-{n}", scheme_id="abc", tier=tier, start_on=draw(st.sampled_from([date(2026, 1, 1), AS_OF])))
        for n, tier in enumerate(tiers)
        if tier is not None
    ]
    scheme = QuotaScheme(
        id="abc",
        tiers=[QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")],
        score="points",
        steady=draw(st.none() | steadinesses()),
    )
    policy = Policy(
        id="house",
        version="1",
        effective_from=date(2025, 1, 1),
        facts=[Fact(id="points", type="integer", reads="client.attributes.points", may_be_missing=True)],
        segmentation=[scheme],
    )
    return policy, Book(clients=clients, tier_spells=spells)


class TestSeg11:
    """SEG-11 Reclassification is a proposal first.

    ... decided; in force from a date. ... The decided review keeps its fact rows, borders and policy version, so that a rerun
    gives what was right then; tier history is effective-dated and never rewritten.
    """

    @given(cases())
    def test_what_was_in_force_before_stays_and_the_second_time_nothing_moves(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        review = decide(propose(policy, book, as_of=AS_OF), by="zhou", at=AT, in_force_from=date(2026, 3, 11))
        after = put_in_force(review, book)
        for client in book.clients:
            for day in (date(2026, 1, 1), AS_OF):
                assert after.tiers_in_force(client.id, on=day) == book.tiers_in_force(client.id, on=day)
        for row in review.rows:
            assert after.tiers_in_force(row.client_id, on=date(2026, 3, 11)).get("abc") == review.tier_of(row)
        assert put_in_force(review, after) == after
        assert {(s.client_id, s.tier) for s in tier_spells(review)} <= {(s.client_id, s.tier) for s in after.tier_spells}

    @given(cases())
    def test_proposing_again_gives_the_same(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        review = propose(policy, book, as_of=AS_OF)
        assert propose(policy, book, as_of=AS_OF) == review
        turned = attrs.evolve(book, clients=book.clients[::-1], tier_spells=book.tier_spells[::-1])
        assert propose(policy, turned, as_of=AS_OF) == review
        done = decide(review, by="zhou", at=AT)
        assert propose(policy, Book(), as_of=date(2026, 3, 31), earlier=[done]) is done

    @settings(max_examples=40)
    @given(cases())
    def test_a_store_does_what_the_values_do(self, case: tuple[Policy, Book]) -> None:
        policy, book = case
        store = MemoryStore()
        save_book(store, book)
        with store.write() as unit:
            writer = ReviewWriter(unit)
            kept = writer.propose(propose(policy, writer.book(), as_of=AS_OF))
            assert writer.propose(kept.value) == kept
            review = decide(kept.value, by="zhou", at=AT, in_force_from=date(2026, 3, 11))
            writer.put_review(review, expected=kept.version)
            changed = writer.put_in_force(review, by="zhou")
            assert set(changed) == {row.client_id for row in review.moves}
            assert writer.put_in_force(review, by="zhou") == ()
            assert writer.reviews() == (review,)
        stored, expected = load_book(store), put_in_force(review, book)
        assert set(stored.tier_spells) == set(expected.tier_spells)


class TestSto4:
    """STO-4 Older documents load; what is stored comes back equal, with the same types."""

    @given(reviews())
    def test_a_review_comes_back_as_it_was(self, review: Review) -> None:
        again = load_record("review", dump_record(review))
        assert again == review
        for row, same in zip(review.rows, again.rows, strict=True):
            for one, other in zip(row.reasons, same.reasons, strict=True):
                for told, kept in ((one.facts, other.facts), (one.values, other.values)):
                    assert {name: type(value) for name, value in told.items()} == {n: type(value) for n, value in kept.items()}
