"""ACC: nobody decides about what somebody asked for whom they act for, however absences and delegations lead to it."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.soak.closed_scene import counted_salts

from relcare.access import Delegation, DigestKey, Principal, Relation, acts_for, standing_of
from relcare.codec import loads_policy
from relcare.desk import Caller, GuardedDesk, Visit
from relcare.errors import AccessDenied, IllegalStepError, UnknownRecordError
from relcare.model import Absence, Book, Client, Staff
from relcare.presets import part_text
from relcare.storage import AccessSteps, MemoryStore
from relcare.testing import FixedClock

NOON: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY: Final = date(2026, 3, 31)
LATER: Final = date(2026, 4, 10)
KEY: Final = DigestKey(b"kept away from the log, at least 32 bytes")
PEOPLE: Final = ("wu", "lee", "han", "cho")
LENT: Final[tuple[Relation, ...]] = ("account manager", "head")
LED: Final[tuple[Relation, ...]] = ("account manager", "deputy", "head")
STAFF: Final = [Staff(id="wu", name="Wu"), *(Staff(id=one, name=one, head_id="wu") for one in PEOPLE[1:])]
POLICY: Final = loads_policy(
    'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
    + part_text("client-files")
    + '[[access]]\nid = "lend"\nrelations = ["account manager"]\nactions = ["delegate"]\npurposes = ["care"]\n'
)


def book_of(rng: random.Random) -> Book:
    """Lee has the client, Wu leads Lee; who is away, and who stands in, is drawn."""
    absent = rng.sample(PEOPLE, rng.randint(0, 3))
    absences = [
        Absence(
            staff_id=one,
            deputy_id=rng.choice([other for other in PEOPLE if other != one]),
            start_on=TODAY + timedelta(days=rng.randint(-1, 1)),
            end_on=LATER,
        )
        for one in absent
    ]
    return Book(clients=[Client(id="c-1", name="Kim", owner_id="lee")], staff=STAFF, absences=absences)


def loan(giver: str, receiver: str, relation: Relation) -> Delegation:
    return Delegation(giver_id=giver, receiver_id=receiver, relations=[relation], start_on=TODAY, end_on=LATER)


def desk_at(store: MemoryStore, at: datetime) -> GuardedDesk:
    return GuardedDesk(store=store, policy=POLICY, clock=FixedClock(at), key=KEY, new_salt=counted_salts())


def visit(desk: GuardedDesk, name: str) -> Visit:
    return desk.as_(Caller(principal=Principal(id=name), purpose="care"))


class TestActingForOthers:
    """ACC-2: Whoever acts for others counts as all of these: with anybody in common, it is no decision of somebody else."""

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**32))
    def test_who_proposed_and_who_approved_have_nobody_in_common(self, seed: int) -> None:
        rng = random.Random(seed)
        book = book_of(rng)
        store = MemoryStore.create(book)
        desk = desk_at(store, NOON)
        loans: list[Delegation] = []
        for _ in range(rng.randint(0, 4)):
            giver, receiver = rng.sample(PEOPLE, 2)
            relation = rng.choice(LENT)
            try:
                visit(desk, giver).delegate(receiver, [relation], start_on=TODAY, end_on=LATER)
            except AccessDenied:
                continue
            loans.append(loan(giver, receiver, relation))
        proposer = rng.choice(PEOPLE)
        values = rng.choice([{"client.region": "Busan"}, {"attribute.strength": "high"}])
        try:
            change_id = visit(desk, proposer).propose("c-1", values).change_id
        except (AccessDenied, UnknownRecordError):
            return
        proposing = {proposer, *acts_for(book, proposer, "lee", as_of=TODAY, delegations=loans)}
        for one in rng.sample(PEOPLE, len(PEOPLE)):
            try:
                visit(desk_at(store, NOON + timedelta(days=1)), one).approve_change(change_id)
            except (UnknownRecordError, IllegalStepError):
                continue
            approving = {one, *acts_for(book, one, "lee", as_of=TODAY + timedelta(days=1), delegations=loans)}
            assert not proposing & approving
            with store.read() as view:
                assert [step.signed.people for step in AccessSteps(view).change(change_id)] == [proposing, approving]

    @settings(deadline=None)
    @given(st.integers(0, 2**32))
    def test_whoever_has_a_relation_that_is_not_their_own_acts_for_somebody(self, seed: int) -> None:
        rng = random.Random(seed)
        book = book_of(rng)
        loans = [
            loan(giver, receiver, rng.choice(LENT))
            for giver, receiver in (rng.sample(PEOPLE, 2) for _ in range(rng.randint(0, 3)))
        ]
        own: dict[str, set[str]] = {"lee": {"account manager"}, "wu": {"head"}}
        for one in PEOPLE:
            standing = standing_of(book, Principal(id=one), "c-1", as_of=TODAY, delegations=loans)
            assert standing is not None
            found = acts_for(book, one, "lee", as_of=TODAY, delegations=loans)
            assert one not in found
            assert bool(found) or not standing.relations & set(LED) - own.get(one, set())
            assert acts_for(book, one, "lee", as_of=TODAY) <= found
