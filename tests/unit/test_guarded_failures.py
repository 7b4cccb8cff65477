"""What fails at the guarded desk leaves its entry, ids do not repeat after a restore, and every query uses its grant."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.soak.closed_scene import BreakingStore, counted_salts, kept

from relcare.access import (
    FIELDS,
    AccessDecision,
    AuditEntry,
    DigestKey,
    GrantState,
    Principal,
    RuleDecider,
)
from relcare.codec import loads_policy
from relcare.desk import Caller, GuardedDesk, Visit
from relcare.errors import ConflictError, InvalidValueError, OutcomeUnknownError, PolicyError, StorageError
from relcare.model import Appointment, Book, Client, Staff, Touchpoint
from relcare.presets import part_text
from relcare.storage import AuditTrail, MemoryStore, SqliteStore, back_up, restore
from relcare.testing import FixedClock

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
LONG_AGO = date(2020, 1, 1)
KEY = DigestKey(b"kept away from the log, at least 32 bytes")
MOST = 1_000_000
POLICY = loads_policy(
    """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
"""
    + part_text("client-files")
    + """
[[access]]
id = "colleagues-look"
relations = ["colleague"]
actions = ["list", "count", "export"]
classes = ["basic", "dynamic"]
purposes = ["first visit"]
media = ["screen", "file"]
approval = true
[[access]]
id = "colleagues-filter"
relations = ["colleague"]
actions = ["filter"]
classes = ["basic"]
purposes = ["first visit"]
[[access]]
id = "head-approves-files"
relations = ["head"]
actions = ["approve"]
classes = ["basic", "dynamic"]
media = ["file"]
"""
)
BOOK = Book(
    clients=[
        Client(id="c-1", name="Kim & Co", owner_id="lee", region="Seoul", client_since_on=date(2026, 3, 2)),
        Client(id="c-2", name="Harbour Ltd", owner_id="park", region="Busan", client_since_on=date(2026, 3, 2)),
        *(Client(id=f"p-{number}", name="Kim Works", region="Seoul") for number in range(3)),
    ],
    touchpoints=[
        Touchpoint(id="t-2", client_id="c-2", occurred_at=date(2026, 3, 3), channel="visit", outcome="met"),
    ],
    appointments=[Appointment(id="a-1", client_id="p-1", staff_id="han", on=date(2026, 4, 2), channel="visit")],
    staff=[
        Staff(id="wu", name="Wu"),
        Staff(id="lee", name="Lee", head_id="wu"),
        Staff(id="han", name="Han", head_id="wu"),
        Staff(id="choi", name="Choi"),
        Staff(id="park", name="Park", head_id="choi"),
    ],
)


def desk_of(store: Any = None, **more: Any) -> GuardedDesk:
    made = MemoryStore.create(BOOK) if store is None else store
    return GuardedDesk(**{"store": made, "policy": POLICY, "clock": FixedClock(NOON), "key": KEY, **more})


def visit(desk: GuardedDesk, name: str, purpose: str = "care", medium: Any = "screen") -> Visit:
    return desk.as_(Caller(principal=Principal(id=name), purpose=purpose, medium=medium, reason="asked to"))


def entries(store: Any) -> list[AuditEntry]:
    with store.read() as view:
        return [link.entry for link in AuditTrail(view).links() if link.entry is not None]


def call(event_id: str, **more: Any) -> Touchpoint:
    return Touchpoint(id=event_id, client_id="c-1", occurred_at=TODAY, channel="call", **more)


FAILING: dict[str, tuple[Callable[[Visit], Any], type[Exception], str]] = {
    "a file of a day before the policy": (lambda lee: lee.get("c-1", ["obligation.owed"], as_of=LONG_AGO), PolicyError, "get"),
    "all of it": (lambda lee: lee.decide("c-1", as_of=LONG_AGO), PolicyError, "get"),
    "a page": (lambda lee: lee.list(["obligation.owed"], as_of=LONG_AGO), PolicyError, "list"),
    "what is owed": (lambda lee: lee.due(as_of=LONG_AGO), PolicyError, "list"),
    "an id that a hidden client's touchpoint has": (lambda lee: lee.record(call("t-2")), ConflictError, "record"),
    "a touchpoint of a hidden client that is voided": (
        lambda lee: lee.record(call("t-9", voids_id="t-2")),
        InvalidValueError,
        "record",
    ),
    "a value that is none": (lambda lee: lee.propose("c-1", {"client.zone": "Mars/X"}), InvalidValueError, "propose"),
    "a person without a name": (lambda lee: lee.propose("c-1", {"person.phone": "1"}), InvalidValueError, "propose"),
    "a reason that is none": (
        lambda lee: lee.propose("c-1", {"client.region": "x"}, reason=""),
        InvalidValueError,
        "propose",
    ),
    "values of no identity": (lambda lee: lee.check_duplicate({"client.region": "x"}), InvalidValueError, "duplicate check"),
}


class TestFailures:
    @pytest.mark.parametrize("name", FAILING)
    def test_what_fails_once_it_was_decided_about_changes_nothing_and_says_so_in_the_log(self, name: str) -> None:
        ask, error, action = FAILING[name]
        desk = desk_of()
        before = kept(desk.store)
        with pytest.raises(error):
            ask(visit(desk, "lee"))
        (entry,) = entries(desk.store)
        assert kept(desk.store) == before
        assert (entry.actor_id, entry.action, entry.answer, entry.count) == ("lee", action, "allowed", 0)
        assert entry.reason_codes[-1] == "access.failed"
        assert entry.client_digest == (KEY.digest("client", "c-1") if action in {"get", "record", "propose"} else None)

    @pytest.mark.parametrize("name", FAILING)
    def test_where_that_cannot_be_written_nobody_is_told_how_it_failed(self, name: str) -> None:
        store = MemoryStore.create(BOOK)
        with pytest.raises(StorageError, match="no entry"):
            FAILING[name][0](visit(desk_of(BreakingStore(store, 0)), "lee"))
        assert entries(store) == []

    def test_what_works_says_nothing_of_it(self) -> None:
        desk = desk_of()
        visit(desk, "lee").get("c-1", ["client.name"])
        visit(desk, "lee").record(call("t-9"))
        assert [("access.failed" in entry.reason_codes) for entry in entries(desk.store)] == [False, False]

    def test_what_was_searched_for_is_in_it_as_a_digest(self) -> None:
        desk = desk_of()
        with pytest.raises(PolicyError):
            visit(desk, "lee").list(["obligation.owed"], where="client.region == 'Seoul'", as_of=LONG_AGO)
        with pytest.raises(PolicyError):
            visit(desk, "lee").list(["obligation.owed"], as_of=LONG_AGO)
        first, second = entries(desk.store)
        assert first.query_digest is not None
        assert second.query_digest is None

    def test_a_permission_system_that_raises_has_answered_nothing(self) -> None:
        class Down(RuleDecider):
            def decide(self, *_: Any, **__: Any) -> AccessDecision:
                raise TimeoutError

        desk = desk_of(decider=Down(POLICY.access))  # type: ignore[arg-type]
        asking: tuple[Callable[[Visit], Any], ...] = (lambda lee: lee.get("c-1"), lambda lee: lee.record(call("t-9")))
        for ask in asking:
            with pytest.raises(TimeoutError):
                ask(visit(desk, "lee"))
        assert [(entry.action, entry.answer, entry.fields, entry.reason_codes) for entry in entries(desk.store)] == [
            ("get", "denied", (), ("access.failed",)),
            ("record", "denied", (), ("access.failed",)),
        ]

    def test_a_store_that_cannot_say_whether_the_entry_was_kept_gets_no_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        append, failing = AuditTrail.append, [OutcomeUnknownError("gone")]

        def append_later(self: AuditTrail, entry: AuditEntry) -> Any:
            if failing:
                raise failing.pop()
            return append(self, entry)

        desk = desk_of()
        monkeypatch.setattr(AuditTrail, "append", append_later)
        with pytest.raises(OutcomeUnknownError):
            visit(desk, "lee").record(call("t-9"))
        assert entries(desk.store) == []

    def test_what_cannot_be_understood_is_refused_alike_whether_there_is_the_client_or_not(self) -> None:
        desk = desk_of()
        for client_id in ("c-2", "c-9"):
            with pytest.raises(InvalidValueError, match="reason"):
                visit(desk, "lee").request_grant("get", ["client.name"], client_id=client_id, reason="")
        assert entries(desk.store) == []

    def test_an_erasure_that_fails_is_one_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def erase_in(*_: Any) -> Any:
            raise InvalidValueError("ended_on", "...", "must be a day")

        monkeypatch.setattr("relcare.desk._visit_erasures.erase_in", erase_in)
        desk = desk_of()
        song = desk.as_(Caller(principal=Principal(id="song", roles={"keeper"}), purpose="erasure"))
        with pytest.raises(InvalidValueError):
            song.erase("c-1", ground="asked")
        assert [(one.action, one.count, one.reason_codes[-1]) for one in entries(desk.store)] == [("erase", 0, "access.failed")]


class TestIds:
    def test_what_is_made_after_a_restore_has_another_id_than_what_was_made_before(self, tmp_path: Path) -> None:
        with SqliteStore.create(tmp_path / "first.db", BOOK) as store:
            backup = back_up(store, tmp_path / "backups", now=NOON)
            lost = visit(desk_of(store), "lee").propose_client({"client.name": "Kim", "client.owner_id": "lee"})
        with closing(restore(backup.path, str(tmp_path / "again.db"))) as store:
            made = visit(desk_of(store), "lee").propose_client({"client.name": "Cho", "client.owner_id": "lee"})
        assert made.client_id != lost.client_id
        assert made.change_id != lost.change_id

    def test_ids_follow_from_salts_that_are_given(self) -> None:
        values = {"client.name": "Kim", "client.owner_id": "lee"}
        made = [visit(desk_of(new_salt=counted_salts()), "lee").propose_client(values) for _ in range(2)]
        assert made[0] == made[1]
        assert visit(desk_of(new_salt=lambda: "f" * 32), "lee").propose_client(values).client_id != made[0].client_id

    def test_the_source_of_salts_is_not_shown(self) -> None:
        assert "salt" not in repr(desk_of())


def granted(desk: GuardedDesk, action: Any, fields: Any, medium: Any = "screen", **more: Any) -> GrantState:
    asked = visit(desk, "han", "first visit", medium).request_grant(action, fields, **more)
    return visit(desk, "wu", "first visit", medium).approve_grant(asked.grant_id)


def remaining(desk: GuardedDesk, grant_id: str) -> int:
    return visit(desk, "han", "first visit").grant(grant_id).remaining


class TestUses:
    @pytest.mark.parametrize("skip", [3, 100])
    def test_a_page_that_holds_nobody_uses_one(self, skip: int) -> None:
        desk = desk_of()
        grant_id = granted(desk, "search", ["client.name"], text="kim", count=2).grant_id
        page = visit(desk, "han", "first visit").search("kim", ["client.name"], skip=skip, limit=1)
        assert (len(page), page.has_more) == (0, False)
        assert remaining(desk, grant_id) == 1
        assert entries(desk.store)[-2].grant_ids == (grant_id,)

    def test_so_does_a_list_that_finds_nobody_and_a_count_of_none(self) -> None:
        desk = desk_of()
        nobody = "client.region == 'Busan'"
        counting = granted(desk, "count", ["client.region"], where=nobody, count=2).grant_id
        listing = granted(desk, "list", ["client.name"], where=nobody, count=2).grant_id
        han = visit(desk, "han", "first visit")
        assert (han.count(nobody), len(han.list(["client.name"], where=nobody, limit=1))) == (0, 0)
        assert (remaining(desk, counting), remaining(desk, listing)) == (1, 1)

    def test_what_is_owed_uses_one_for_each_client_that_is_told(self) -> None:
        desk = desk_of()
        grant_id = granted(desk, "list", ["obligation.owed"], count=MOST).grant_id
        owed = visit(desk, "han", "first visit").due(until=date(2027, 1, 1))
        told = {one.client_id for one in owed}
        assert len(told) > 1
        assert remaining(desk, grant_id) == MOST - len(told)

    def test_and_one_where_nobody_is_owed_anything(self) -> None:
        desk = desk_of()
        grant_id = granted(desk, "list", ["obligation.owed"], count=MOST).grant_id
        assert len(visit(desk, "han", "first visit").due(owner_id="nobody")) == 0
        assert remaining(desk, grant_id) == MOST - 1

    @pytest.mark.parametrize(("until", "events"), [(None, 1), (TODAY, 0)])
    def test_a_calendar_uses_one_for_each_client_in_it_and_one_where_it_is_empty(self, until: date | None, events: int) -> None:
        pytest.importorskip("icalendar")
        desk = desk_of()
        fields = [*(field for field in FIELDS if field.startswith("appointment.")), "client.name", "person.name"]
        grant_id = granted(desk, "export", fields, "file", count=MOST).grant_id
        assert visit(desk, "han", "first visit", "file").export_calendar(until_on=until).count == events
        assert remaining(desk, grant_id) == MOST - 1

    def test_what_rests_on_no_grant_uses_none(self) -> None:
        desk = desk_of()
        grant_id = granted(desk, "search", ["client.name"], text="kim", count=2).grant_id
        visit(desk, "lee").search("kim", ["client.name"], skip=9)
        visit(desk, "han").due()
        assert remaining(desk, grant_id) == 2

    def test_a_grant_that_is_used_by_others_all_the_time_is_given_up_and_that_is_written_down(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = desk_of()
        grant_id = granted(desk, "search", ["client.name"], text="kim", count=2).grant_id
        monkeypatch.setattr("relcare.desk._visit_base.BaseVisit._used", lambda *_: None)
        with pytest.raises(ConflictError):
            visit(desk, "han", "first visit").search("kim", ["client.name"], limit=1)
        last = entries(desk.store)[-1]
        assert (last.action, last.count, last.grant_ids, last.reason_codes[-1]) == ("search", 0, (grant_id,), "access.failed")
