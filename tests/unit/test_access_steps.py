"""Grants, changes and delegations once their steps are erased, restricted or over: relcare.storage.AccessSteps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from relcare.access import (
    AccessRequest,
    ChangeEvent,
    ChangeStep,
    Delegation,
    DelegationEvent,
    DigestKey,
    EraseClock,
    GrantEvent,
    KeepClock,
    Principal,
    RetentionKind,
    RetentionRules,
    Signature,
    Standing,
)
from relcare.codec import loads_policy
from relcare.desk import Caller, GuardedDesk, Visit
from relcare.model import Book, Client, Staff
from relcare.presets import part_text
from relcare.storage import AccessSteps, MemoryStore, apply_retention, erase_client, load_book
from relcare.testing import FixedClock

KEY = DigestKey(b"k" * 32)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HEAD = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
POLICY = loads_policy(HEAD + part_text("client-files"))
BOOK = Book(
    clients=[Client(id="c-1", name="A", owner_id="lee"), Client(id="c-2", name="B", owner_id="lee"), Client(id="pool", name="P")],
    staff=[Staff(id="wu", name="Wu"), Staff(id="lee", name="Lee", head_id="wu")],
)


def a_store() -> MemoryStore:
    return MemoryStore.create(BOOK)


def visit(store: MemoryStore, who: str, purpose: str = "care", at: datetime = NOON) -> Visit:
    desk = GuardedDesk(store=store, policy=POLICY, clock=FixedClock(at), key=KEY)
    return desk.as_(Caller(principal=Principal(id=who), purpose=purpose, medium="screen"))


def signed(by: str, at: datetime) -> Signature:
    return Signature(by=by, standing=Standing(relations={"head"}), at=at)


def requested(number: int, by: str = "lee", at: datetime = NOON) -> GrantEvent:
    request = AccessRequest(action="get", client_id="pool", fields=("client.name",), purpose="first visit")
    return GrantEvent(id=f"r-{number}", grant_id=f"g-{number}", step="requested", signed=signed(by, at), request=request)


def approved(number: int, ends_at: datetime, at: datetime = NOON) -> GrantEvent:
    return GrantEvent(id=f"a-{number}", grant_id=f"g-{number}", step="approved", signed=signed("wu", at), ends_at=ends_at)


def changed(step: ChangeStep, at: datetime) -> ChangeEvent:
    is_first = step == "proposed"
    values = {"client.region": "Seoul"} if is_first else {}
    by = "lee" if is_first else "wu"
    purpose, revision = ("care", 1) if is_first else (None, None)
    return ChangeEvent(
        id=step,
        change_id="c",
        client_id="c-1",
        step=step,
        signed=signed(by, at),
        values=values,
        purpose=purpose,
        revision=revision,
    )


def given(delegation_id: str, at: datetime) -> DelegationEvent:
    """Until the end of 30 March."""
    own = Delegation(giver_id="wu", receiver_id="lee", relations=["head"], start_on=date(2026, 3, 1), end_on=date(2026, 3, 31))
    return DelegationEvent(
        id=f"s-{delegation_id}", delegation_id=delegation_id, step="given", signed=signed("wu", at), delegation=own
    )


def keep(store: MemoryStore, *events: GrantEvent | ChangeEvent | DelegationEvent) -> None:
    for event in events:
        with store.write() as unit:
            AccessSteps(unit).append(event, is_open=True)


def cases(store: MemoryStore) -> list[str]:
    with store.read() as view:
        return [one.id for kind in ("grant_case", "change_case", "delegation_case") for one in view.records.scan(kind)]


def open_ids(store: MemoryStore, requester_id: str | None = None, at: datetime | None = None) -> list[str]:
    with store.read() as view:
        return [steps[0].grant_id for steps in AccessSteps(view).open_grants(requester_id, at=at)]


class TestNobodyIsLockedOut:
    """ACC-5: who reads steps does not see what is restricted, as nobody who reads the book sees it."""

    @pytest.mark.parametrize("law", ["kr", "cn", "eu", "fr"])
    def test_a_client_is_erased_under_a_packaged_law_and_everybody_goes_on_working(self, law: str) -> None:
        store = a_store()
        grant = visit(store, "lee", "first visit").request_grant("get", ["client.name"], client_id="pool")
        erase_client(store, "pool", key=KEY, at=NOON, by="han", ground="asked", rules=RetentionRules(laws=[law]))
        for at in (NOON, NOON + 200 * DAY, NOON + 500 * DAY):
            lee = visit(store, "lee", at=at)
            assert lee.get("c-2", ["client.name"]).values == {"client.name": "B"}
            assert (lee.grants(), lee.changes(), visit(store, "wu", at=at).grants()) == ((), (), ())
        assert grant.grant_id not in cases(store)

    @pytest.mark.parametrize("kind", ["client", "audit"])
    def test_whatever_the_law_has_kept_the_cases_of_the_client_are_closed(self, kind: RetentionKind) -> None:
        store = a_store()
        keep(store, requested(1), changed("proposed", NOON), requested(2))
        rules = RetentionRules(keep=[KeepClock(kinds=[kind], ground="tax", source="Law 5", lasts="5 years")])
        for client_id in ("c-1", "pool"):
            erase_client(store, client_id, key=KEY, at=NOON, by="han", ground="asked", rules=rules)
        with store.read() as view:
            steps = AccessSteps(view)
            assert (steps.grant("g-1"), steps.change("c"), list(steps.open_grants()), list(steps.open_changes())) == (
                (),
                (),
                [],
                [],
            )
        assert cases(store) == []

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_case_of_which_a_step_is_restricted_is_not_there(self, place: int) -> None:
        store = a_store()
        keep(store, requested(1), approved(1, NOON + DAY))
        with store.erasing() as unit:
            found = list(unit.log.since())[place]
            payload = f'{{"format":1,"payload":{found.entry.payload}}}'
            unit.eraser.rewrite_entry(found.position, attrs.evolve(found.entry, kind="restricted", payload=payload))
        with store.read() as view:
            assert AccessSteps(view).grant("g-1") == ()
        assert open_ids(store) == []


class TestKeptTogether:
    """ACC-5: without its first step a change says nothing, so its steps go together or not at all."""

    RULES = RetentionRules(erase=[EraseClock(kinds=["client"], purpose="care", after="1 year")])

    def test_an_old_proposal_stays_as_long_as_its_approval(self) -> None:
        store = a_store()
        keep(store, changed("proposed", NOON), changed("approved", NOON + 300 * DAY))
        apply_retention(store, self.RULES, key=KEY, at=NOON + 400 * DAY, by="clock")
        with store.read() as view:
            assert [step.step for steps in AccessSteps(view).open_changes() for step in steps] == ["proposed", "approved"]

    def test_in_the_end_they_go_with_what_finds_them_and_the_client_stays(self) -> None:
        store = a_store()
        keep(store, changed("proposed", NOON), changed("approved", NOON + 300 * DAY))
        apply_retention(store, self.RULES, key=KEY, at=NOON + 700 * DAY, by="clock")
        with store.read() as view:
            assert AccessSteps(view).change("c") == ()
            assert [stored.entry.kind for stored in view.log.since()] == ["erased", "erased"]
        assert cases(store) == []
        assert "c-1" in load_book(store).client_by_id

    def test_erasing_a_client_closes_what_was_proposed(self) -> None:
        store = a_store()
        keep(store, changed("proposed", NOON), requested(1))
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground="asked")
        assert cases(store) == ["g-1"]


class TestOver:
    """ACC-2: a grant ends by itself, and what is over is in nobody's way."""

    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        store = a_store()
        keep(store, requested(1), approved(1, NOON + DAY), requested(2), requested(3), approved(3, NOON + 3 * DAY))
        yield store
        store.close()

    @pytest.mark.parametrize(
        ("at", "wanted"),
        [
            (None, ["g-1", "g-2", "g-3"]),
            (NOON + DAY - timedelta(microseconds=1), ["g-1", "g-2", "g-3"]),
            (NOON + DAY, ["g-2", "g-3"]),
            (NOON + 3 * DAY, ["g-2"]),
        ],
    )
    def test_it_is_open_until_its_end_and_not_at_it(self, store: MemoryStore, at: datetime | None, wanted: list[str]) -> None:
        assert open_ids(store, at=at) == open_ids(store, "lee", at) == wanted

    def test_the_next_step_of_the_same_person_closes_what_is_over_and_what_was_done_can_be_read(self, store: MemoryStore) -> None:
        keep(store, requested(4, by="kim", at=NOON + 2 * DAY))
        assert open_ids(store) == ["g-1", "g-2", "g-3", "g-4"]
        keep(store, requested(5, at=NOON + 2 * DAY))
        assert open_ids(store) == ["g-2", "g-3", "g-4", "g-5"]
        with store.read() as view:
            assert [step.id for step in AccessSteps(view).grant("g-1")] == ["r-1", "a-1"]
            case = view.records.get("grant_case", "g-1")
        assert case is not None
        assert case.keys == ()

    def test_a_later_step_leaves_the_end_as_it_was(self, store: MemoryStore) -> None:
        used = GrantEvent(id="u-3", grant_id="g-3", step="used", signed=signed("lee", NOON + 2 * DAY), count=1)
        keep(store, used)
        assert open_ids(store, at=NOON + 3 * DAY - timedelta(seconds=1)) == ["g-2", "g-3"]
        assert open_ids(store, at=NOON + 3 * DAY) == ["g-2"]

    @pytest.mark.parametrize(
        ("at", "wanted"), [(datetime(2026, 3, 31, 23, tzinfo=UTC), ["d-1", "d-2"]), (datetime(2026, 4, 1, tzinfo=UTC), ["d-2"])]
    )
    def test_a_delegation_is_closed_by_the_next_once_its_days_are_over_in_every_zone(
        self, at: datetime, wanted: list[str]
    ) -> None:
        store = a_store()
        keep(store, given("d-1", NOON - DAY), given("d-2", at))
        with store.read() as view:
            assert [steps[0].delegation_id for steps in AccessSteps(view).open_delegations("lee")] == wanted
            assert len(AccessSteps(view).delegation("d-1")) == 1

    @pytest.mark.parametrize("count", [3, 30])
    def test_what_is_over_is_not_read_however_much_it_is(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        store = a_store()
        for number in range(count):
            keep(store, requested(number), approved(number, NOON + DAY))
        read: list[object] = []
        monkeypatch.setattr(AccessSteps, "_of", lambda _, *asked: read.append(asked))
        at = NOON + 2 * DAY
        lee = visit(store, "lee", at=at)
        assert lee.list(["client.name"]).client_ids == ("c-1", "c-2")
        assert lee.grants() == ()
        assert read == []
        monkeypatch.undo()
        asked = visit(store, "lee", "first visit", at=at).request_grant("get", ["client.name"], client_id="pool")
        assert open_ids(store) == [asked.grant_id]
