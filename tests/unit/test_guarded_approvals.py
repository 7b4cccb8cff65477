"""Who acts for whom at the guarded desk: nobody decides about what they, or anybody they act for, have asked for."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from relcare.access import (
    ChangeEvent,
    Delegation,
    DigestKey,
    Principal,
    Signature,
    Standing,
    acts_for,
)
from relcare.codec import dump_record, load_record, loads_policy
from relcare.desk import Caller, GuardedDesk, Visit
from relcare.errors import IllegalStepError, InvalidValueError, StorageError
from relcare.model import Absence, Book, Client, Staff
from relcare.presets import part_text
from relcare.storage import AccessSteps, MemoryStore
from relcare.testing import FixedClock

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
LATER = date(2026, 4, 10)
KEY = DigestKey(b"kept away from the log, at least 32 bytes")
HEAD = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
POLICY = loads_policy(
    HEAD
    + part_text("client-files")
    + """
[[access]]
id = "managers-lend"
relations = ["account manager"]
actions = ["delegate"]
purposes = ["care"]
"""
)
BOOK = Book(
    clients=[Client(id="c-1", name="Kim & Co", owner_id="lee"), Client(id="c-2", name="Chemical Works")],
    staff=[
        Staff(id="wu", name="Wu"),
        Staff(id="lee", name="Lee", head_id="wu"),
        Staff(id="han", name="Han", head_id="wu"),
        Staff(id="cho", name="Cho", head_id="wu"),
    ],
)
HEADS_OWN = {"attribute.strength": "high"}
BASIC = {"client.region": "Busan"}


def desk_of(*absences: Absence) -> GuardedDesk:
    store = MemoryStore.create(attrs.evolve(BOOK, absences=absences))
    return GuardedDesk(store=store, policy=POLICY, clock=FixedClock(NOON), key=KEY)


def at(desk: GuardedDesk, at: datetime) -> GuardedDesk:
    """The same desk at another instant."""
    return attrs.evolve(desk, clock=FixedClock(at))


def visit(desk: GuardedDesk, name: str, purpose: str = "care") -> Visit:
    return desk.as_(Caller(principal=Principal(id=name), purpose=purpose))


def away(staff_id: str, deputy_id: str, start_on: date = TODAY) -> Absence:
    return Absence(staff_id=staff_id, deputy_id=deputy_id, start_on=start_on, end_on=LATER)


def lend(desk: GuardedDesk, giver: str, receiver: str, relation: str) -> None:
    visit(desk, giver).delegate(receiver, [relation], start_on=TODAY, end_on=LATER)  # type: ignore[list-item]


def signed(desk: GuardedDesk, change_id: str) -> Signature:
    with desk.store.read() as view:
        return AccessSteps(view).change(change_id)[-1].signed


class TestSeveralGivers:
    @pytest.mark.parametrize("order", [("wu", "lee"), ("lee", "wu")])
    def test_nobody_approves_what_was_proposed_on_their_behalf_whoever_lent_first(self, order: tuple[str, str]) -> None:
        desk = desk_of()
        for giver in order:
            lend(desk, giver, "han", {"wu": "head", "lee": "account manager"}[giver])
        change = visit(desk, "han").propose("c-1", HEADS_OWN).change_id
        assert signed(desk, change).people == {"han", "wu", "lee"}
        for decide in (visit(desk, "wu").approve_change, visit(desk, "wu").refuse_change):
            with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
                decide(change)

    def test_nor_does_who_acts_for_two_approve_what_either_asked_for(self) -> None:
        desk = desk_of()
        own = visit(desk, "lee").propose("c-1", BASIC).change_id
        lend(desk, "wu", "han", "head")
        lend(desk, "lee", "han", "account manager")
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(desk, "han").approve_change(own)
        assert visit(desk, "wu").approve_change(own).approver_id == "wu"

    def test_nor_a_grant(self) -> None:
        desk = desk_of()
        lend(desk, "wu", "han", "head")
        lend(desk, "lee", "han", "account manager")
        asked = visit(desk, "lee", "first visit").request_grant("search", ["client.name"], text="works").grant_id
        with pytest.raises(IllegalStepError, match="must not be who asked for the grant, nor anybody it was asked for"):
            visit(desk, "han", "first visit").approve_grant(asked)
        assert visit(desk, "wu", "first visit").approve_grant(asked).status == "live"

    def test_each_for_whom_it_was_proposed_sees_it_and_may_withdraw_it(self) -> None:
        desk = desk_of()
        lend(desk, "wu", "han", "head")
        lend(desk, "lee", "han", "account manager")
        change = visit(desk, "han").propose("c-1", HEADS_OWN).change_id
        assert visit(desk, "lee").change(change).proposer_id == "han"
        assert visit(desk, "wu").withdraw_change(change).status == "withdrawn"


class TestStandIns:
    def test_who_stands_in_for_the_head_does_not_approve_what_the_head_proposed(self) -> None:
        desk = desk_of(away("wu", "han", date(2026, 4, 1)))
        change = visit(desk, "wu").propose("c-1", HEADS_OWN).change_id
        basic = visit(desk, "lee").propose("c-1", BASIC).change_id
        then = at(desk, NOON + timedelta(days=1))
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(then, "han").approve_change(change)
        assert visit(then, "han").approve_change(basic).approver_id == "han"
        assert signed(then, basic).people == {"han", "wu"}

    def test_nor_the_head_what_was_proposed_for_them_while_they_were_away(self) -> None:
        desk = desk_of(away("wu", "han"))
        change = visit(desk, "han").propose("c-1", HEADS_OWN).change_id
        back = at(desk, datetime(2026, 4, 10, 12, tzinfo=UTC))
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(back, "wu").approve_change(change)

    def test_who_stands_in_for_manager_and_head_decides_about_neither(self) -> None:
        desk = desk_of(away("wu", "han", date(2026, 4, 1)), away("lee", "han", date(2026, 4, 1)))
        change = visit(desk, "lee").propose("c-1", BASIC).change_id
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(at(desk, NOON + timedelta(days=1)), "han").approve_change(change)

    def test_a_head_who_stands_in_for_the_manager_waits_until_they_are_back(self) -> None:
        desk = desk_of(away("lee", "wu", date(2026, 4, 1)))
        change = visit(desk, "lee").propose("c-1", BASIC).change_id
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(at(desk, NOON + timedelta(days=1)), "wu").approve_change(change)
        assert visit(at(desk, datetime(2026, 4, 10, 12, tzinfo=UTC)), "wu").approve_change(change).status == "approved"

    def test_for_whom_somebody_acts_is_all_who_passed_it_on(self) -> None:
        def acting(who: str, *absences: Absence, loans: tuple[Delegation, ...] = (), owner_id: str | None = "lee") -> set[str]:
            book = attrs.evolve(BOOK, absences=absences)
            return set(acts_for(book, who, owner_id, as_of=TODAY, delegations=loans))

        def loan(giver: str, receiver: str) -> Delegation:
            return Delegation(giver_id=giver, receiver_id=receiver, relations=["head"], start_on=TODAY, end_on=LATER)

        passed = (away("wu", "han"), away("han", "cho"))
        assert acting("cho", *passed) == {"wu", "han"}
        assert acting("han", *passed) == set()
        assert acting("cho", *passed, owner_id=None) == set()
        assert acting("han", away("wu", "cho"), loans=(loan("cho", "han"),)) == {"cho", "wu"}
        assert acting("wu", away("wu", "cho"), loans=(loan("cho", "wu"),)) == set(), "the head acts by themselves"
        assert acting("han", loans=(loan("cho", "han"),)) == set(), "nobody lends what they have not"


class TestStoredSignatures:
    SIGNED = Signature(by="han", standing=Standing(relations={"head"}), for_ids={"wu", "lee"}, at=NOON)
    STEP = ChangeEvent(id="1", change_id="c", client_id="c-1", step="withdrawn", signed=SIGNED)

    def test_all_of_them_come_back(self) -> None:
        text = dump_record(self.STEP)
        assert '"for_ids":["lee","wu"]' in text
        assert load_record("change_step", text) == self.STEP

    def test_one_that_names_one_person_is_read(self) -> None:
        text = dump_record(self.STEP).replace('"for_ids":["lee","wu"]', '"for_id":"wu"')
        assert load_record("change_step", text).signed.for_ids == {"wu"}

    @pytest.mark.parametrize("wrong", ['"for_id":7', '"for_id":"wu","for_ids":["lee"]', '"for_ids":"wu"', '"for_ids":[""]'])
    def test_one_that_is_damaged_is_not(self, wrong: str) -> None:
        text = dump_record(self.STEP).replace('"for_ids":["lee","wu"]', wrong)
        with pytest.raises(StorageError, match="a stored change_step is damaged"):
            load_record("change_step", text)

    @pytest.mark.parametrize("wrong", [7, "", {""}, {" "}, {7}])
    def test_ids_are_ids(self, wrong: object) -> None:
        with pytest.raises(InvalidValueError, match="for_ids"):
            attrs.evolve(self.SIGNED, for_ids=wrong)  # type: ignore[arg-type]
