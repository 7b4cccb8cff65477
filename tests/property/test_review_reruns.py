"""An old month rerun gives what was right then (SEG-11)."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.errors import PolicyError
from relcare.formats import read_reviews, write_book
from relcare.model import AttributeChange, Book, Client, Money, Pin, Purchase, Review, TierSpell
from relcare.review import decide, history, propose, put_in_force, rerun
from relcare.storage import BookReader, MemoryStore, save_book
from relcare.testing import steadinesses

JANUARY: Final = date(2026, 1, 31)
AT: Final = datetime(2026, 2, 1, 9, tzinfo=ZoneInfo("UTC"))
RULES: Final = """
format = 1
[policy]
id = "house"
version = "2026-01"
effective_from = 2025-01-01
currency = "CNY"

[facts.points]
type = "integer"
from = "client.points"

[facts.hours]
type = "integer"
from = "client.hours"

[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
SETTINGS
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]

[[segmentation]]
id = "warm"
kind = "threshold"
MISSING
tiers = [
  { id = "A", when = "hours >= 4 and (points >= 2 or tier.abc == 'A')" },
  { id = "B", when = "hours >= 2", stays = "hours >= 1" },
]
otherwise = "C"
"""
values = st.none() | st.integers(0, 5)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Both kinds of scheme, with every setting that says where a client goes."""
    lines = [
        draw(st.sampled_from(["", 'scope = "not hours == 0"'])),
        draw(st.sampled_from(["", 'group_by = "client.region"'])),
        draw(st.sampled_from(["", "uses_quota = true"])),
        f'ties = "{draw(st.sampled_from(["by id", "together upward", "together downward"]))}"',
        draw(st.sampled_from(["", 'missing = "newcomer"\nnewcomer = "C"'])),
    ]
    missing = draw(st.sampled_from(["", 'missing = "newcomer"\nnewcomer = "B"']))
    policy = loads_policy(RULES.replace("SETTINGS", "\n".join(lines)).replace("MISSING", missing))
    quota, warm = policy.segmentation
    return attrs.evolve(policy, segmentation=[attrs.evolve(quota, steady=draw(st.none() | steadinesses())), warm])


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Clients with what is known and what is not, tiers in force, and pins."""
    ids = [f"c-{n}" for n in range(draw(st.integers(1, 7)))]
    clients = [
        Client(
            id=one,
            name="x",
            region=draw(st.sampled_from([None, "north", "south"])),
            attributes={name: value for name in ("points", "hours") if (value := draw(values)) is not None},
        )
        for one in ids
    ]
    places = [(one, scheme) for one in ids for scheme in ("abc", "warm")]
    spells = [
        TierSpell(client_id=one, scheme_id=scheme, tier=tier, start_on=date(2025, 12, 1))
        for one, scheme in places
        if (tier := draw(st.sampled_from(["A", "B", "C", "gold", None]))) is not None
    ]
    pins = [
        Pin(
            client_id=one,
            scheme_id=scheme,
            tier=draw(st.sampled_from(["A", "B", "gold"])),
            kind=draw(st.sampled_from(["floor", "exact"])),
            by="zhou",
            reason="a promise",
            start_on=date(2026, 1, 1),
        )
        for one, scheme in places
        if not draw(st.integers(0, 4))
    ]
    return Book(clients=clients, tier_spells=spells, pins=pins)


class TestSeg11:
    """SEG-11 The decided review keeps its fact rows, borders and policy version, so that a rerun gives what was right then."""

    @given(policies(), books())
    def test_what_is_kept_is_enough_to_decide_it_again(self, policy: Policy, book: Book) -> None:
        review = propose(policy, book, as_of=JANUARY)
        assert rerun(policy, review) == review.rows

    @settings(max_examples=30)
    @given(policies(), books(), books(), policies())
    def test_neither_new_data_nor_a_new_policy_changes_an_old_month(
        self, policy: Policy, book: Book, later: Book, changed: Policy
    ) -> None:
        done = decide(propose(policy, book, as_of=JANUARY), by="zhou", at=AT)
        newer = attrs.evolve(changed, version="2026-02")
        with MemoryStore() as store:
            save_book(store, later, reviews=[done])
            with store.read() as unit:
                (kept,) = BookReader(unit).reviews()
        assert rerun(policy, kept) == done.rows
        assert propose(newer, later, as_of=JANUARY, earlier=[kept]) == done


def january() -> tuple[Policy, Book]:
    policy = loads_policy(
        RULES.replace("SETTINGS", "")
        .replace("MISSING", "")
        .replace('from = "client.points"', 'measure = { count = "purchases" }')
    )
    clients = [
        Client(id=f"c-{n}", name="x", attribute_changes=[AttributeChange(name="hours", value=n, effective_on=date(2026, 1, 1))])
        for n in range(1, 6)
    ]
    return policy, Book(clients=clients, purchases=bought("p", date(2026, 1, 1), 1, 2, 2, 3, 3, 3, 4, 4, 4, 4), currency="CNY")


def bought(kind: str, on: date, *whose: int) -> list[Purchase]:
    return [
        Purchase(id=f"{kind}-{n}", client_id=f"c-{one}", purchased_on=on, amount=Money("1", "CNY"), recorded_at=on)
        for n, one in enumerate(whose)
    ]


def afterwards(book: Book, review: Review) -> Book:
    """The book once January is in force, and much has been learnt about January since."""
    after = put_in_force(review, book)
    known_late = bought("late", date(2026, 2, 20), *[1] * 9)
    about_january = [attrs.evolve(one, purchased_on=date(2026, 1, 1)) for one in known_late]
    hours = AttributeChange(name="hours", value=5, effective_on=date(2026, 1, 1), recorded_at=date(2026, 2, 20))
    clients = [attrs.evolve(one, attribute_changes=(*one.attribute_changes, hours)) for one in after.clients]
    return attrs.evolve(after, clients=clients, purchases=(*after.purchases, *about_january))


def test_january_decided_then_data_and_policy_change_and_january_is_rerun(tmp_path: object) -> None:
    policy, book = january()
    done = decide(propose(policy, book, as_of=JANUARY), by="zhou", at=AT)
    now = afterwards(book, done)
    flat = loads_policy(RULES.replace("SETTINGS", 'group_by = "client.region"').replace("MISSING", ""))
    newer = attrs.evolve(flat, version="2026-02")
    # What is known by now would give something else,
    assert propose(policy, now, as_of=JANUARY).rows != done.rows
    assert propose(newer, now, as_of=JANUARY).rows != done.rows
    # and January gives what was right then: from what was kept,
    write_book(now, str(tmp_path), reviews=[done])
    (kept,) = read_reviews(str(tmp_path))
    assert kept == done
    assert rerun(policy, kept) == done.rows
    assert propose(newer, now, as_of=JANUARY, earlier=[kept]) == done
    # from the book as it was known, by the version of the policy then in force,
    assert propose(policy, attrs.evolve(now, tier_spells=book.tier_spells), as_of=JANUARY, known_on=JANUARY).rows == done.rows
    # and the tiers of February, whatever is in force later.
    spells = [attrs.evolve(one, end_on=date(2026, 3, 1)) if one.end_on is None else one for one in now.tier_spells]
    ended = attrs.evolve(now, tier_spells=spells)
    for scheme in policy.segmentation:
        movements = history(scheme, ended, from_on=JANUARY, until_on=date(2026, 2, 28)).movements
        assert {(one.client_id, one.tier) for one in movements} == {
            (row.client_id, row.tier) for row in done.moves if row.scheme_id == scheme.id
        }


def test_a_row_that_was_tampered_with_is_found() -> None:
    policy, book = january()
    review = propose(policy, book, as_of=JANUARY)
    first, *others = review.rows
    wrong = attrs.evolve(review, rows=[attrs.evolve(first, proposed="C"), *others])
    assert [row.client_id for row, again in zip(wrong.rows, rerun(policy, wrong), strict=True) if row != again] == ["c-4"]


@pytest.mark.parametrize("change", [{"version": "2026-02"}, {"id": "other"}])
def test_another_policy_or_version_is_refused(change: dict[str, str]) -> None:
    policy, book = january()
    review = propose(policy, book, as_of=JANUARY)
    with pytest.raises(PolicyError, match="take the version that was in force then"):
        rerun(attrs.evolve(policy, **change), review)  # type: ignore[arg-type]
