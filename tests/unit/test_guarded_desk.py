"""The guarded desk: what each call tells, does and writes down, and what it refuses."""

import csv
import io
import pickle
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from tests.soak.closed_scene import BreakingStore

from relcare.access import (
    MOST_SHOWN,
    AccessDecision,
    AccessRequest,
    ChangeEvent,
    Delegation,
    DelegationEvent,
    DigestKey,
    GrantEvent,
    Principal,
    Signature,
    Standing,
    delegation_of,
    original_cell,
)
from relcare.codec import dump_record, load_record, loads_policy
from relcare.desk import Caller, Desk, GuardedDesk, Visit
from relcare.desk._cells import cell_text
from relcare.desk._exports import with_statement, written
from relcare.errors import (
    AccessDenied,
    ConflictError,
    IllegalStepError,
    InvalidValueError,
    PolicyDocumentError,
    StorageError,
    UnknownRecordError,
)
from relcare.model import (
    Absence,
    Appointment,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Purchase,
    Reason,
    Staff,
    Touchpoint,
)
from relcare.presets import part_text
from relcare.storage import AccessSteps, AuditTrail, BookReader, BookWriter, LogEntry, MemoryStore, erasures_in, load_book

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
KEY = DigestKey(b"kept away from the log, at least 32 bytes")
HEAD = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.strength]
type = "level"
values = ["low", "high"]
may_be_missing = true
from = "client.strength"
[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [ { id = "A", when = "client.region == 'Seoul'" } ]
otherwise = "B"
[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
[[vip]]
id = "vip"
paths = [ { id = "strong", when = "strength == 'high'" } ]
approval = "director"
[vip.membership]
length = "1 year"
"""
POLICY = loads_policy(
    HEAD
    + part_text("client-files").replace('"decision.reasons",', '"decision.reasons", "tier.abc", "vip.vip",')
    + """
[[access]]
id = "head-exports"
relations = ["head"]
actions = ["export"]
classes = ["basic", "dynamic"]
purposes = ["care"]
media = ["file"]
[[access]]
id = "pool-counts"
relations = ["colleague"]
clients = "pool"
actions = ["list", "count", "filter"]
classes = ["basic"]
purposes = ["first visit"]
approval = true
"""
)
BOOK = Book(
    clients=[
        Client(id="c-1", name="Kim & Co", owner_id="lee", region="Seoul", client_since_on=date(2026, 3, 2)),
        Client(id="c-2", name="Chemical Works", region="Seoul", attributes={"strength": "low"}),
        Client(id="c-3", name="Chemical Harbour", region="Busan"),
        Client(id="c-4", name="Deep Mine", owner_id="park", region="Busan", attributes={"strength": "high"}),
    ],
    people=[
        ContactPerson(id="p-1", client_id="c-1", name="Kim", phone="010-1234-5678", birthday=Birthday.parse("--05-01")),
        ContactPerson(id="p-2", client_id="c-1", name="Cho"),
        ContactPerson(id="p-4", client_id="c-4", name="Min", phone="010-9999-0000"),
    ],
    touchpoints=[
        Touchpoint(id="t-1", client_id="c-1", occurred_at=date(2026, 3, 3), channel="visit", outcome="met", note="likes tea"),
    ],
    purchases=[Purchase(id="b-1", client_id="c-1", purchased_on=date(2026, 3, 4), amount=Money("12.50", "CNY"))],
    appointments=[
        Appointment(id="a-1", client_id="c-1", staff_id="lee", on=date(2026, 4, 2), channel="visit", place="=1+1", minutes=30),
        Appointment(id="a-4", client_id="c-4", staff_id="park", on=date(2026, 4, 3), channel="visit"),
    ],
    staff=[
        Staff(id="wu", name="Wu"),
        Staff(id="lee", name="Lee", head_id="wu"),
        Staff(id="han", name="Han", head_id="wu"),
        Staff(id="choi", name="Choi"),
        Staff(id="park", name="Park", head_id="choi"),
    ],
    absences=[Absence(staff_id="park", start_on=TODAY, end_on=date(2026, 4, 2), deputy_id="han")],
)
RETENTION_HEAD = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
PEOPLE = {name: Principal(id=name) for name in ("wu", "lee", "han", "choi", "park", "stranger")} | {
    "song": Principal(id="song", roles={"keeper"}),
    "closed": Principal(id="lee", is_active=False),
}


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    with MemoryStore.create(BOOK) as made:
        yield made


@pytest.fixture
def desk(store: MemoryStore, clock: MovedClock) -> GuardedDesk:
    return GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY)


def visit(desk: GuardedDesk, name: str | None, purpose: str = "care", **more: Any) -> Visit:
    return desk.as_(Caller(principal=None if name is None else PEOPLE[name], purpose=purpose, **more))


def entries(store: MemoryStore) -> list[Any]:
    with store.read() as view:
        return [link.entry for link in AuditTrail(view).links()]


class TestFiles:
    def test_a_file_is_a_projection(self, desk: GuardedDesk) -> None:
        file = visit(desk, "lee").get("c-1", ["client.name", "person.phone", "attribute.shoe_size", "tier.abc"])
        assert dict(file.values) == {"client.name": "Kim & Co", "person.phone": (None, "010-1234-5678")[::-1], "tier.abc": "A"}
        assert file.decision.hidden == ("attribute.shoe_size",)
        assert file.rows("person") == ({"id": "p-1", "phone": "010-1234-5678"}, {"id": "p-2", "phone": None})
        assert file.rows("touchpoint") == ()
        with pytest.raises(UnknownRecordError, match=r"unknown field 'attribute\.shoe_size'"):
            file["attribute.shoe_size"]

    def test_every_field_of_a_class_is_there_when_none_is_named(self, desk: GuardedDesk) -> None:
        file = visit(desk, "lee").get("c-1")
        assert set(file.values) == set(POLICY.access.class_by_field)  # type: ignore[union-attr]
        assert file["touchpoint.note"] == ("likes tea",)
        assert file["purchase.amount"] == (Money("12.50", "CNY"),)
        assert [one.reasons for one in file["obligation.owed"]] == [()]  # type: ignore[attr-defined]
        assert [one.channel for one in file["obligation.owed"]] == ["call"]  # type: ignore[attr-defined]
        assert file["vip.vip"] == "unknown"

    def test_values_are_those_of_the_day_asked_about(self, desk: GuardedDesk) -> None:
        asked = {day: visit(desk, "lee").get("c-1", ["obligation.owed"], as_of=day) for day in (date(2026, 3, 10), TODAY)}
        states = [one.state for file in asked.values() for one in file["obligation.owed"]]  # type: ignore[attr-defined]
        assert states == ["upcoming", "overdue"]

    def test_the_owner_is_the_one_of_the_day(self, desk: GuardedDesk, store: MemoryStore) -> None:
        with store.write() as unit:
            spells = [OwnerSpell(client_id="c-1", owner_id="han", start_on=TODAY)]
            BookWriter(unit).put_owners("c-1", spells, expected=0)
        assert visit(desk, "han").get("c-1", ["client.owner_id"])["client.owner_id"] == "han"
        with pytest.raises(UnknownRecordError):
            visit(desk, "lee").get("c-1", ["client.owner_id"])

    def test_a_file_is_not_shown_by_its_repr(self, desk: GuardedDesk) -> None:
        file = visit(desk, "lee").get("c-1", ["touchpoint.note", "person.phone"])
        assert "tea" not in repr(file)
        assert "1234" not in repr(file)

    def test_what_is_missing_and_what_is_hidden_are_told_alike(self, desk: GuardedDesk) -> None:
        with pytest.raises(UnknownRecordError) as hidden:
            visit(desk, "lee").get("c-4", ["client.name"])
        with pytest.raises(UnknownRecordError) as missing:
            visit(desk, "lee").get("c-9", ["client.name"])
        assert str(hidden.value).replace("c-4", "c-9") == str(missing.value)

    def test_who_may_know_of_it_is_denied(self, desk: GuardedDesk) -> None:
        with pytest.raises(AccessDenied, match=r"access denied: report for 'care' on screen"):
            visit(desk, "lee").report("c-1", ["client.name"])
        with pytest.raises(AccessDenied):
            visit(desk, "lee").get("c-1", ["attribute.shoe_size"])

    def test_a_head_reports(self, desk: GuardedDesk) -> None:
        assert visit(desk, "wu").report("c-1", ["client.name"])["client.name"] == "Kim & Co"

    def test_reasons_are_for_who_sees_all_that_they_tell(self, desk: GuardedDesk) -> None:
        hidden = POLICY.access
        assert hidden is not None
        fewer = [
            attrs.evolve(one, fields=[field for field in one.fields if field != "purchase.amount"]) for one in hidden.classes
        ]
        narrow = GuardedDesk(
            store=desk.store, policy=attrs.evolve(POLICY, access=attrs.evolve(hidden, classes=fewer)), clock=desk.clock, key=KEY
        )
        assert visit(desk, "lee").get("c-1", ["decision.reasons", "client.name"])["decision.reasons"]
        file = visit(narrow, "lee").get("c-1", ["decision.reasons", "client.name"])
        assert dict(file.values) == {"client.name": "Kim & Co"}
        assert file.decision.hidden == ("decision.reasons",)
        for call in (lambda: visit(narrow, "lee").get("c-1", ["decision.reasons"]), lambda: visit(narrow, "lee").decide("c-1")):
            with pytest.raises(AccessDenied):
                call()
        (owed,) = visit(narrow, "lee").due()
        assert owed.reasons == ()

    def test_what_the_policy_says_is_for_who_sees_all_it_rests_on(self, desk: GuardedDesk) -> None:
        assert visit(desk, "lee").decide("c-1").tiers == {"abc": "A"}
        assert visit(desk, "lee").explain("c-1")[0].startswith("c-1 is in tier A of scheme abc")
        with pytest.raises(UnknownRecordError):
            visit(desk, "lee").explain("c-4")
        with pytest.raises(UnknownRecordError):
            visit(desk, None).decide("c-1")

    def test_what_is_owed_is_told_of_the_clients_that_are_theirs_to_see(self, desk: GuardedDesk) -> None:
        assert [one.client_id for one in visit(desk, "lee").due()] == ["c-1"]
        assert all(one.reasons for one in visit(desk, "lee").due())
        assert visit(desk, "lee").due(owner_id="park") == visit(desk, "park").due(owner_id="lee")
        assert [one.client_id for one in visit(desk, "wu").due(owner_id="lee", until=date(2026, 6, 1))] == ["c-1"]
        with pytest.raises(AccessDenied):
            visit(desk, "lee", "greeting").due()

    def test_a_value_that_no_policy_can_decide_by_is_not_told_in_an_error(self, store: MemoryStore, clock: MovedClock) -> None:
        counted = 'tiers = [ { id = "A", when = "weight > 3" } ]'
        base = (
            'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n[facts.weight]\ntype = "integer"\n'
            'from = "client.strength"\n[[segmentation]]\nid = "abc"\nkind = "threshold"\n' + counted + '\notherwise = "B"\n'
        )
        files = part_text("client-files").replace('"decision.reasons",', '"decision.reasons", "tier.abc",')
        desk = GuardedDesk(store=store, policy=loads_policy(base + files), clock=clock, key=KEY)
        with store.write() as unit:
            writer = BookWriter(unit)
            odd = attrs.evolve(writer.get_client("c-1").value, attributes={"strength": "7.5"})
            writer.put_client(odd, expected=1)
        with pytest.raises(StorageError, match="the policy cannot decide about what is stored") as error:
            visit(desk, "lee").get("c-1", ["tier.abc"])
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__
        assert "7.5" not in str(error.value)


class TestQueries:
    def test_a_list_holds_who_may_be_listed(self, desk: GuardedDesk) -> None:
        assert visit(desk, "lee").list(["client.name"]).client_ids == ("c-1",)
        assert visit(desk, "song").list(["client.name"]).client_ids == ("c-1", "c-2", "c-3", "c-4")
        assert visit(desk, "han").list(["client.name"]).client_ids == ("c-4",)  # stands in for park, who is away

    def test_pages_are_cut_from_what_may_be_seen(self, desk: GuardedDesk) -> None:
        files = visit(desk, "song").list(["client.name"], skip=1, limit=2)
        assert (files.client_ids, files.has_more, len(files)) == (("c-2", "c-3"), True, 2)
        assert [one.client_id for one in files] == ["c-2", "c-3"]
        assert files[0].decision.client_id == "c-2"
        assert not visit(desk, "song").list(["client.name"], skip=2, limit=2).has_more

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ("client.region == 'Seoul'", ("c-1",)),
            ("client.region != 'Seoul'", ()),
            ("'010-1234-5678' in person.phone", ("c-1",)),
            ("'visit' in touchpoint.channel and tier.abc == 'A'", ("c-1",)),
            ("tier.abc >= 'A'", ("c-1",)),
            ("attribute.strength == 'high'", ()),
            ("missing(attribute.strength)", ("c-1",)),
            ("client.client_since_on < '2026-03-03'", ("c-1",)),
            ("vip.vip == 'yes'", ()),
            ("attribute.hobbies > 3 or client.name == 'Kim & Co'", ("c-1",)),
        ],
    )
    def test_a_criterion_is_about_fields(self, desk: GuardedDesk, where: str, found: tuple[str, ...]) -> None:
        assert visit(desk, "lee").list(["client.name"], where=where).client_ids == found
        assert visit(desk, "lee").count(where) == len(found)

    def test_an_order_is_by_fields_and_what_is_not_known_is_last(self, desk: GuardedDesk, store: MemoryStore) -> None:
        with store.write() as unit:
            for name in ("c-2", "c-3", "c-4"):
                spell = OwnerSpell(client_id=name, owner_id="lee", start_on=TODAY)
                BookWriter(unit).put_owners(name, [spell], expected=0)
        lee = visit(desk, "lee")
        assert lee.list(["client.name"], order_by=["client.region", "client.name"]).client_ids == ("c-3", "c-4", "c-2", "c-1")
        assert lee.list(["client.name"], order_by=["-attribute.strength"]).client_ids == ("c-4", "c-2", "c-1", "c-3")
        assert lee.list(["client.name"], order_by=["attribute.strength"]).client_ids == ("c-2", "c-4", "c-1", "c-3")
        assert lee.list(["client.name"], order_by=["-tier.abc", "-client.name"]).client_ids[0] in {"c-1", "c-2"}
        assert lee.list(["client.name"], order_by=["client.relationship_types"]).client_ids == ("c-1", "c-2", "c-3", "c-4")

    def test_a_client_that_may_be_listed_and_not_sorted_is_left_out_of_what_is_sorted(self, desk: GuardedDesk) -> None:
        both = desk.as_(Caller(principal=Principal(id="lee", roles={"keeper"}), purpose="care"))
        assert len(both.list(["client.name"])) == 4
        assert both.list(["client.name"], order_by=["client.region"]).client_ids == ("c-1",)
        assert both.list(["client.name"], where="client.region != 'Jeju'").client_ids == ("c-1",)
        assert both.count() == 1

    def test_words_are_found_in_what_is_shown_alone(self, desk: GuardedDesk) -> None:
        lee = visit(desk, "lee")
        assert lee.search("TEA kim", ["client.name", "touchpoint.note"]).client_ids == ("c-1",)
        assert lee.search("tea", ["client.name"]).client_ids == ()
        assert lee.search("tea", ["client.name", "attribute.shoe_size"]).client_ids == ()
        assert visit(desk, "wu").search("deep", ["client.name"]).client_ids == ()

    @pytest.mark.parametrize(
        "ask",
        [
            lambda files: files.list(["client.nmae"]),
            lambda files: files.list("client.name"),
            lambda files: files.get("c-1", "client.name"),
            lambda files: files.list(["client.name"], order_by=["person.phone"]),
            lambda files: files.list(["client.name"], order_by="client.name"),
            lambda files: files.list(["client.name"], order_by=["name; drop table client"]),
            lambda files: files.list(["client.name"], where="obligation.owed == 'x'"),
            lambda files: files.list(["client.name"], where="client.region > 'a'"),
            lambda files: files.list(["client.name"], where="phone == '1'"),
            lambda files: files.list(["decision.reasons"]),
            lambda files: files.list(["client.name"], skip=-1),
            lambda files: files.list(["client.name"], limit=0),
            lambda files: files.search("", ["client.name"]),
            lambda files: files.count("client.stage == 'opne'"),
            lambda files: files.record("call"),
        ],
        ids=range(15),
    )
    def test_what_cannot_be_understood_is_refused_before_anything_is_looked_at(
        self, desk: GuardedDesk, store: MemoryStore, ask: Callable[[Visit], object]
    ) -> None:
        with pytest.raises(InvalidValueError):
            ask(visit(desk, "lee"))
        assert entries(store) == []

    def test_a_criterion_that_cannot_be_read_says_where(self, desk: GuardedDesk) -> None:
        with pytest.raises(PolicyDocumentError):
            visit(desk, "lee").count("client.region ==")

    def test_to_use_a_field_is_to_read_it(self, desk: GuardedDesk) -> None:
        lee = visit(desk, "lee")
        asked: list[Callable[[], object]] = [
            lambda: lee.list(["client.name"], where="attribute.shoe_size == '42'"),
            lambda: lee.list(["client.name"], order_by=["attribute.shoe_size"]),
            lambda: lee.count("attribute.shoe_size == '42'"),
            lambda: visit(desk, None).count(),
            lambda: visit(desk, "closed").list(["client.name"]),
        ]
        for ask in asked:
            with pytest.raises(AccessDenied):
                ask()
        # What somebody could be let do with some client is answered from those with which they are.
        assert visit(desk, "song").count("client.region == 'Seoul'") == 0
        assert visit(desk, "stranger").list(["client.name"]).client_ids == ()

    def test_whether_something_may_be_done_can_be_asked(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee = visit(desk, "lee")
        assert lee.may("get", "c-1", fields=("client.name",)).is_allowed
        assert lee.may("export", "c-1", fields=("client.name",)).answer == "denied"
        assert lee.may("get", "c-4").answer == lee.may("get", "c-9").answer == "unknown"
        assert lee.may("filter", fields=("attribute.shoe_size",)).answer == "denied"
        assert len(entries(store)) == 5


class TestWhoseFiles:
    """ACC-4: Every access and decision is in an append-only log: who, when, from where, whose file, what was done."""

    @pytest.mark.parametrize(
        ("ask", "shown"),
        [
            (lambda desk: visit(desk, "song").list(["client.name"], skip=1, limit=2), ("c-2", "c-3")),
            (lambda desk: visit(desk, "wu").list(["client.name"], order_by=["-client.name"]), ("c-1",)),
            (lambda desk: visit(desk, "park").search("deep", ["client.name"]), ("c-4",)),
            (lambda desk: visit(desk, "park").search("kim", ["client.name"]), ()),
            (lambda desk: visit(desk, "lee").count(), ()),
            (lambda desk: visit(desk, "lee").count("client.region == 'Seoul'"), ()),
            (lambda desk: visit(desk, "lee").due(), ("c-1",)),
            (lambda desk: visit(desk, "wu", medium="file", reason="asked").export("csv", ["client.name"]), ("c-1",)),
            (lambda desk: visit(desk, "wu", medium="file", reason="asked").export_calendar(), ("c-1",)),
            (lambda desk: visit(desk, "wu", medium="file", reason="asked").export_calendar(until_on=TODAY), ()),
            (lambda desk: visit(desk, "lee").may("list", fields=("client.name",)), ()),
            (lambda desk: visit(desk, "lee").check_duplicate({"client.name": "Kim & Co"}), ()),
        ],
    )
    def test_the_log_says_whose_were_shown_in_their_order(
        self, desk: GuardedDesk, store: MemoryStore, ask: Callable[[GuardedDesk], object], shown: tuple[str, ...]
    ) -> None:
        ask(desk)
        (entry,) = entries(store)
        assert entry.client_digests == tuple(KEY.digest("client", one) for one in shown)
        with store.read() as view:
            for client in BOOK.clients:
                found = [link.place for link in AuditTrail(view).links_of(KEY.digest("client", client.id))]
                assert found == ([0] if client.id in shown else [])

    def test_changes_and_grants_that_are_shown_are_of_somebody(self, desk: GuardedDesk, store: MemoryStore) -> None:
        visit(desk, "lee").propose("c-1", {"client.region": "Busan"})
        visit(desk, "lee").propose("c-1", {"attribute.fax": "1"})
        visit(desk, "han", "first visit").request_grant("get", ["client.name"], client_id="c-2")
        visit(desk, "han", "first visit").request_grant("search", ["client.name"], text="deep")
        visit(desk, "wu").changes()
        visit(desk, "wu").grants()
        changes, grants = entries(store)[-2:]
        assert (changes.count, changes.client_digests) == (2, (KEY.digest("client", "c-1"),))
        assert (grants.count, grants.client_digests) == (2, (KEY.digest("client", "c-2"),))

    def test_a_refusal_shows_nobody(self, desk: GuardedDesk, store: MemoryStore) -> None:
        with pytest.raises(AccessDenied):
            visit(desk, "lee").list(["attribute.shoe_size"])
        assert [one.client_digests for one in entries(store)] == [()]

    def test_more_than_one_entry_names_are_in_several_of_the_same_unit(self, clock: MovedClock) -> None:
        ids = [f"c-{number:04}" for number in range(MOST_SHOWN + 1)]
        store = MemoryStore.create(Book(clients=[Client(id=one, name="Kim", owner_id="lee") for one in ids]))
        desk = GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY)
        assert len(visit(desk, "lee").list(["client.name"], limit=MOST_SHOWN + 1)) == MOST_SHOWN + 1
        first, last = entries(store)
        assert attrs.evolve(first, client_digests=()) == attrs.evolve(last, client_digests=())
        assert (len(first.client_digests), first.count) == (MOST_SHOWN, MOST_SHOWN + 1)
        assert last.client_digests == (KEY.digest("client", ids[-1]),)
        with store.read() as view:
            assert [link.place for link in AuditTrail(view).links_of(KEY.digest("client", ids[-1]))] == [1]
            assert AuditTrail(view).verify().is_intact


class TestTheWholeBook:
    """ACC-1, ACC-6: what is told of all clients is told of those who may be seen."""

    DIVIDED = (
        '\n[[segment]]\nid = "seoul"\nwhen = "tier.abc == \'A\'"\n'
        '[[relationship]]\ntype = "buyer"\nappeal = "trust"\n'
        'indicators = [ { id = "strong", healthy = "strength == \'high\'" } ]\n'
    )

    @pytest.fixture
    def divided(self, clock: MovedClock) -> Iterator[GuardedDesk]:
        clients = [attrs.evolve(one, relationship_types={"buyer"}) for one in BOOK.clients]
        extra = loads_policy(HEAD + self.DIVIDED)
        policy = attrs.evolve(POLICY, segments=extra.segments, relationships=extra.relationships)
        with MemoryStore.create(attrs.evolve(BOOK, clients=clients)) as made:
            yield GuardedDesk(store=made, policy=policy, clock=clock, key=KEY)

    def test_segments_are_those_of_the_clients_that_are_theirs_to_see(self, divided: GuardedDesk) -> None:
        for name, ids, members in (("lee", ("c-1",), ("c-1",)), ("park", ("c-4",), ()), ("stranger", (), ())):
            found = visit(divided, name).segments()["seoul"]
            assert (found.client_ids, found.members) == (ids, members)
        assert visit(divided, "song").segments()["seoul"].members == ("c-1", "c-2")

    def test_so_is_the_portfolio(self, divided: GuardedDesk) -> None:
        found = visit(divided, "song").portfolio()
        assert [(one.type, one.client_ids) for one in found.types] == [("buyer", ("c-1", "c-2", "c-3", "c-4"))]
        found = visit(divided, "park").portfolio()
        assert [one.client_id for one in found.clients] == ["c-4"]
        assert found.types[0].counts["strong"] == {"healthy": 1, "ailing": 0, "unknown": 0}
        assert visit(divided, "stranger").portfolio().clients == ()

    def test_each_leaves_its_entry_with_whom_it_showed(self, divided: GuardedDesk) -> None:
        visit(divided, "lee").segments()
        visit(divided, "lee").portfolio()
        with divided.store.read() as view:
            links = list(AuditTrail(view).links_of(KEY.digest("client", "c-1")))
        assert [(link.entry.action, link.entry.count) for link in links if link.entry] == [("list", 1), ("list", 1)]

    def test_who_sees_no_more_than_a_part_of_a_file_is_denied(self, divided: GuardedDesk) -> None:
        for ask in (
            visit(divided, "lee", "greeting").segments,
            visit(divided, None).portfolio,
            visit(divided, "closed").portfolio,
        ):
            with pytest.raises(AccessDenied):
                ask()


class TestRecords:
    CALL = Touchpoint(id="t-9", client_id="c-1", occurred_at=TODAY, channel="call", outcome="reached", note="call back")

    def test_what_happened_is_recorded_once(self, desk: GuardedDesk, store: MemoryStore, clock: MovedClock) -> None:
        lee = visit(desk, "lee")
        first = lee.record(self.CALL)
        clock.at += timedelta(hours=1)
        assert lee.record(self.CALL) == first
        assert load_book(store).touchpoints[-1] == first
        assert [one.action for one in entries(store)] == ["record", "record"]
        assert "touchpoint.note" in entries(store)[0].fields
        with pytest.raises(ConflictError):
            lee.record(attrs.evolve(self.CALL, outcome="missed"))

    @pytest.mark.parametrize(
        "event",
        [
            Purchase(id="b-9", client_id="c-1", purchased_on=TODAY, amount=Money("1", "CNY")),
            Consent(id="n-1", client_id="c-1", kind="refused", start_on=TODAY),
        ],
        ids=["purchase", "consent"],
    )
    def test_purchases_and_consents_too(self, desk: GuardedDesk, event: Any) -> None:
        assert visit(desk, "lee").record(event).id == event.id

    def test_not_for_a_client_that_is_not_theirs(self, desk: GuardedDesk, store: MemoryStore) -> None:
        for client_id in ("c-4", "c-9"):
            with pytest.raises(UnknownRecordError, match=f"unknown client '{client_id}'"):
                visit(desk, "lee").record(attrs.evolve(self.CALL, client_id=client_id))
        with pytest.raises(AccessDenied):
            visit(desk, "song").record(self.CALL)
        assert len(load_book(store).touchpoints) == 1

    def test_a_step_of_a_membership_is_ones_own(self, desk: GuardedDesk) -> None:
        step = MembershipEvent(id="m-1", client_id="c-1", programme_id="vip", step="applied", on=TODAY, by="lee")
        with pytest.raises(InvalidValueError, match="must be who records it"):
            visit(desk, "wu").record(step)
        with pytest.raises(InvalidValueError, match="must be a role of who takes the step"):
            visit(desk, "lee").record(attrs.evolve(step, role="director"))

    def test_a_duplicate_is_told_with_its_team_and_nothing_else(self, desk: GuardedDesk, store: MemoryStore) -> None:
        found = visit(desk, "han").check_duplicate({"person.phone": "+82 10 1234 5678"})
        assert (found.exists, found.team) == (True, "wu")
        assert found.decision.logged == ()
        assert not visit(desk, "han").check_duplicate({"client.name": "Nobody"}).exists
        with pytest.raises(InvalidValueError):
            visit(desk, "han").check_duplicate({"person.email": "a@b.kr"})
        with pytest.raises(AccessDenied):
            visit(desk, "stranger").check_duplicate({"person.phone": "+82 10 1234 5678"})
        assert entries(store)[0].query_digest != entries(store)[1].query_digest


class TestErasure:
    """ACC-5: what must be kept is kept, the person's data goes, and the log proves it. ACC-1: one function decides."""

    RETENTION = """
[[retention.keep]]
kinds = ["purchase"]
ground = "proof of payment"
lasts = "5 years"
"""

    def test_the_keeper_erases_as_the_plain_desk_does(self, desk: GuardedDesk, store: MemoryStore, clock: MovedClock) -> None:
        report = visit(desk, "song", "erasure", origin="10.0.0.7").erase("c-1", ground="request of 30 March")
        with MemoryStore.create(BOOK) as other:
            plain = Desk(store=other, policy=POLICY, clock=clock).erase("c-1", by="song", ground="request of 30 March", key=KEY)
            assert report == plain
            assert erasures_in(store) == erasures_in(other)
            assert load_book(store) == load_book(other)
            (noted,) = entries(other)
        (entry,) = entries(store)
        assert entry.origin == "10.0.0.7"
        assert attrs.evolve(entry, origin=None, reason_codes=()) == noted
        assert (entry.action, entry.reason_codes) == ("erase", ("access.rule",))
        assert (entry.purpose, entry.client_digest) == ("erasure", KEY.digest("client", "c-1"))
        with pytest.raises(UnknownRecordError):
            visit(desk, "song", "erasure").erase("c-1", ground="again")

    @pytest.mark.parametrize(
        ("name", "purpose", "error"),
        [
            ("song", "care", AccessDenied),
            ("lee", "erasure", AccessDenied),
            ("wu", "erasure", AccessDenied),
            ("stranger", "erasure", UnknownRecordError),
            ("closed", "erasure", UnknownRecordError),
            (None, "erasure", UnknownRecordError),
        ],
    )
    def test_nobody_else_does_and_a_refusal_is_written_down(
        self, desk: GuardedDesk, store: MemoryStore, name: str | None, purpose: str, error: type[Exception]
    ) -> None:
        before = load_book(store)
        with pytest.raises(error):
            visit(desk, name, purpose).erase("c-1", ground="asked", erases_links=True)
        assert load_book(store) == before
        assert erasures_in(store) == ()
        (entry,) = entries(store)
        assert (entry.action, entry.count, entry.answer == "allowed") == ("erase", 0, False)

    def test_what_a_law_has_kept_is_kept_here_too(self, store: MemoryStore, clock: MovedClock) -> None:
        policy = attrs.evolve(POLICY, retention=loads_policy(RETENTION_HEAD + self.RETENTION).retention)
        desk = GuardedDesk(store=store, policy=policy, clock=clock, key=KEY)
        report = visit(desk, "song", "erasure").erase("c-1", ground="asked")
        assert report.erasure.restricted_count == 1
        assert load_book(store).purchases == ()

    def test_entries_about_the_client_go_and_the_one_about_it_stays(self, desk: GuardedDesk, store: MemoryStore) -> None:
        visit(desk, "lee").get("c-1")
        visit(desk, "song").list(["client.name"])
        report = visit(desk, "song", "erasure").erase("c-1", ground="asked", erases_links=True)
        assert report.erasure.link_count == 1
        assert [None if one is None else one.action for one in entries(store)] == [None, "list", "erase"]
        with store.read() as view:
            assert AuditTrail(view).verify(erased=[0]).is_intact

    def test_where_its_entry_cannot_be_written_nothing_is_erased(self, store: MemoryStore, clock: MovedClock) -> None:
        before = load_book(store)
        desk = GuardedDesk(store=BreakingStore(store, 0), policy=POLICY, clock=clock, key=KEY)
        with pytest.raises(StorageError, match="no entry"):
            visit(desk, "song", "erasure").erase("c-1", ground="asked")
        assert load_book(store) == before
        assert erasures_in(store) == ()

    @pytest.mark.parametrize("ground", ["", "a\0b"])
    def test_it_has_a_ground(self, desk: GuardedDesk, store: MemoryStore, ground: str) -> None:
        with pytest.raises(InvalidValueError, match="ground"):
            visit(desk, "song", "erasure").erase("c-1", ground=ground)
        assert entries(store) == []


class TestChanges:
    def test_the_manager_proposes_the_head_approves_the_keeper_applies(
        self, desk: GuardedDesk, store: MemoryStore, clock: MovedClock
    ) -> None:
        before = load_book(store)
        lee, wu, song = (visit(desk, name) for name in ("lee", "wu", "song"))
        state = lee.propose("c-1", {"client.region": "Busan", "attribute.address": "1 Harbour Road"}, reason="moved")
        change = state.change_id
        assert (state.status, lee.change(change), wu.changes()) == ("proposed", state, (state,))
        assert load_book(store) == before
        assert song.changes() == (state,)
        with pytest.raises(IllegalStepError, match="must come after an approval"):
            song.apply_change(change)
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            lee.approve_change(change)
        clock.at += timedelta(hours=1)
        assert wu.approve_change(change, reason="seen").approver_id == "wu"
        with pytest.raises(IllegalStepError, match="must be somebody whom the rules let apply"):
            wu.apply_change(change)
        assert song.apply_change(change).applied_by == "song"
        client = load_book(store).get_client("c-1")
        assert (client.region, client.attribute("address", as_of=TODAY)) == ("Busan", "1 Harbour Road")
        assert client.attribute("address", as_of=TODAY - timedelta(days=1)) is None
        assert wu.changes() == ()
        with pytest.raises(IllegalStepError):
            song.apply_change(change)
        digests = [one.value_digests for one in entries(store) if one.value_digests]
        assert digests[0]["client.region"] == KEY.digest("client.region", "Busan")
        assert len(digests) == 2

    def test_what_is_nobodys_to_see_is_not_there(self, desk: GuardedDesk) -> None:
        change = visit(desk, "lee").propose("c-1", {"client.region": "Busan"}).change_id
        asked: list[Callable[[str], object]] = [
            visit(desk, "park").change,
            visit(desk, "choi").approve_change,
            visit(desk, "han").withdraw_change,
            visit(desk, None).change,
            visit(desk, "closed").withdraw_change,
        ]
        for ask in asked:
            with pytest.raises(UnknownRecordError) as hidden:
                ask(change)
            with pytest.raises(UnknownRecordError) as missing:
                ask("ch-9")
            assert str(hidden.value) == str(missing.value).replace("ch-9", change)
        assert visit(desk, "choi").changes() == ()
        with pytest.raises(AccessDenied):
            visit(desk, "closed").changes()

    def test_a_change_may_be_refused_and_withdrawn(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee = visit(desk, "lee")
        change = lee.propose("c-1", {"client.region": "Busan"}).change_id
        assert visit(desk, "wu").refuse_change(change).status == "refused"
        with pytest.raises(IllegalStepError):
            lee.withdraw_change(change)
        other = lee.propose("c-1", {"client.region": "Busan"}).change_id
        assert lee.withdraw_change(other).status == "withdrawn"
        assert load_book(store).clients == BOOK.clients

    def test_what_was_approved_is_what_it_is_applied_to(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee, wu, song = (visit(desk, name) for name in ("lee", "wu", "song"))
        first, second = (lee.propose("c-1", {"client.region": region}).change_id for region in ("Busan", "Jeju"))
        for change in (first, second):
            wu.approve_change(change)
        song.apply_change(first)
        with pytest.raises(ConflictError, match="it was changed in between"):
            song.apply_change(second)
        assert load_book(store).get_client("c-1").region == "Busan"
        assert entries(store)[-1].reason_codes == ("change.outdated",)

    def test_an_owner_changes_from_today_on(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee, wu, song = (visit(desk, name) for name in ("lee", "wu", "song"))
        for asker, owner in ((lee, "han"), (visit(desk, "han"), None)):
            change = asker.propose("c-1", {"client.owner_id": owner}).change_id
            wu.approve_change(change)
            song.apply_change(change)
            book = load_book(store)
            assert (book.owner_on("c-1", TODAY), book.owner_on("c-1", TODAY - timedelta(days=1))) == (owner, "lee")

    def test_people_are_changed_and_added(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee, wu, song = (visit(desk, name) for name in ("lee", "wu", "song"))
        changes = [
            lee.propose("c-1", {"person.phone": None, "person.birthday": "--06-02"}, person_id="p-1"),
            lee.propose("c-1", {"person.name": "Oh", "person.birthday": date(1990, 1, 2)}),
        ]
        for state in changes:
            wu.approve_change(state.change_id)
            song.apply_change(state.change_id)
        people = {person.name: person for person in load_book(store).people_by_client["c-1"]}
        assert people["Kim"].phone is None
        assert str(people["Kim"].birthday) == "--06-02"
        assert people["Oh"].birthday == Birthday.parse("1990-01-02")

    def test_a_person_elsewhere_is_told_like_one_that_is_not_there(self, desk: GuardedDesk) -> None:
        for person in ("p-4", "p-9"):
            with pytest.raises(UnknownRecordError, match=f"unknown person '{person}'"):
                visit(desk, "lee").propose("c-1", {"person.phone": "1"}, person_id=person)

    def test_a_new_client_is_proposed_and_gets_its_id_from_the_desk(self, desk: GuardedDesk, store: MemoryStore) -> None:
        lee, wu, song = (visit(desk, name) for name in ("lee", "wu", "song"))
        values = {"client.name": "New & Co", "client.owner_id": "lee", "attribute.address": "Sea Street", "client.stage": "open"}
        state = lee.propose_client(values)
        assert state.client_id not in load_book(store).client_by_id
        wu.approve_change(state.change_id)
        song.apply_change(state.change_id)
        client = load_book(store).get_client(state.client_id)
        assert (client.name, client.owner_id, client.attributes["address"]) == ("New & Co", "lee", "Sea Street")
        assert lee.list(["client.name"]).client_ids == tuple(sorted(["c-1", state.client_id]))
        with pytest.raises(AccessDenied):
            lee.propose_client({"client.name": "For the pool"})
        with pytest.raises(AccessDenied):  # nobody is an account manager by saying so
            visit(desk, "stranger").propose_client({"client.name": "Mine", "client.owner_id": "stranger"})
        with pytest.raises(InvalidValueError, match="must name the client"):
            lee.propose_client({"client.owner_id": "lee"})

    @pytest.mark.parametrize(
        ("values", "written"),
        [
            ({}, []),
            ({"touchpoint.note": "x"}, []),
            ({"client.region": "x", "person.name": "y"}, []),
            ({"tier.abc": "A"}, []),
            ({"client.name": None}, ["access.failed"]),
            ({"client.stage": "opne"}, ["access.failed"]),
            ({"client.zone": "Mars/Port"}, ["access.failed"]),
            ({"person.phone": "1"}, ["access.failed"]),
            ({"person.name": "Oh", "person.birthday": "soon"}, ["access.failed"]),
        ],
        ids=range(9),
    )
    def test_what_is_no_change_is_refused(
        self, desk: GuardedDesk, store: MemoryStore, values: dict[str, Any], written: list[str]
    ) -> None:
        with pytest.raises(InvalidValueError):
            visit(desk, "lee").propose("c-1", values)
        assert [one.reason_codes[-1] for one in entries(store)] == written

    def test_what_the_rules_do_not_let_them_propose_is_denied(self, desk: GuardedDesk, store: MemoryStore) -> None:
        with pytest.raises(AccessDenied):
            visit(desk, "lee").propose("c-1", {"attribute.strength": "high"})
        with pytest.raises(UnknownRecordError):
            visit(desk, "lee").propose("c-4", {"client.region": "x"})
        state = visit(desk, "wu").propose("c-1", {"attribute.strength": "high"})
        assert visit(desk, "song").apply_change(state.change_id).status == "applied"  # the head's need no approval
        assert load_book(store).get_client("c-1").attribute("strength", as_of=TODAY) == "high"


def asked_for_a_look(desk: GuardedDesk, **more: Any) -> str:
    han = visit(desk, "han", "first visit")
    given = {"fields": ["client.name", "client.region"], "text": "chemical", "count": 2, **more}
    return han.request_grant(given.pop("action", "search"), given.pop("fields"), **given).grant_id


class TestGrants:
    def test_a_look_into_the_pool(self, desk: GuardedDesk, store: MemoryStore, clock: MovedClock) -> None:
        han, wu = visit(desk, "han", "first visit"), visit(desk, "wu")
        with pytest.raises(AccessDenied):
            han.search("chemical", ["client.name"], limit=2)
        grant = asked_for_a_look(desk)
        with pytest.raises(IllegalStepError, match="must not be who asked"):
            han.approve_grant(grant)
        assert [one.status for one in wu.grants()] == ["requested"]
        state = wu.approve_grant(grant)
        assert (state.status, state.ends_at) == ("live", NOON + timedelta(days=7))
        found = han.search("chemical", ["client.name", "touchpoint.note"], limit=1)
        assert [dict(file.values) for file in found] == [{"client.name": "Chemical Works"}]
        assert found.has_more
        assert entries(store)[-1].grant_ids == (grant,)
        assert han.grant(grant).remaining == 1
        clock.at = NOON + timedelta(days=7)
        with pytest.raises(AccessDenied):
            han.search("chemical", ["client.name"], limit=1)
        assert han.grant(grant).status == "over"

    def test_it_is_used_up(self, desk: GuardedDesk) -> None:
        han = visit(desk, "han", "first visit")
        grant = asked_for_a_look(desk)
        visit(desk, "wu").approve_grant(grant)
        assert han.search("chemical", ["client.name"], limit=2).client_ids == ("c-2", "c-3")
        assert han.grant(grant).status == "spent"
        assert han.grants() == ()
        with pytest.raises(AccessDenied):
            han.search("chemical", ["client.name"], limit=1)

    def test_it_opens_one_clients_file(self, desk: GuardedDesk) -> None:
        grant = asked_for_a_look(desk, action="get", client_id="c-2", text=None, count=1)
        visit(desk, "wu").approve_grant(grant, fields=["client.name"], ends_at=NOON + timedelta(hours=1))
        han = visit(desk, "han", "first visit")
        assert dict(han.get("c-2", ["client.name", "client.region"]).values) == {"client.name": "Chemical Works"}
        with pytest.raises(UnknownRecordError):
            han.get("c-2", ["client.name"])  # one record, and it was read

    def test_a_grant_for_a_list_is_asked_for_each_client(self, desk: GuardedDesk) -> None:
        han = visit(desk, "han", "first visit")
        both = [
            han.request_grant(action, ["client.region"], where="client.region == 'Seoul'", count=9)
            for action in ("list", "filter")
        ]
        for one in both:
            visit(desk, "wu").approve_grant(one.grant_id)
        assert han.list(["client.region"], where="client.region == 'Seoul'", limit=5).client_ids == ("c-2",)
        with pytest.raises(AccessDenied):
            han.list(["client.region"], where="client.region == 'Busan'", limit=5)

    def test_it_may_be_refused_revoked_and_given_up(self, desk: GuardedDesk) -> None:
        han, wu = visit(desk, "han", "first visit"), visit(desk, "wu")
        refused, revoked, given_up = (asked_for_a_look(desk) for _ in range(3))
        assert wu.refuse_grant(refused, reason="no").status == "refused"
        wu.approve_grant(revoked, count=1)
        assert wu.revoke_grant(revoked).status == "revoked"
        with pytest.raises(AccessDenied):
            han.search("chemical", ["client.name"], limit=1)
        assert han.withdraw_grant(given_up).status == "withdrawn"
        assert wu.grants() == ()

    def test_what_is_nobodys_to_see_is_not_there(self, desk: GuardedDesk) -> None:
        grant = asked_for_a_look(desk)
        asked: list[Callable[[str], object]] = [
            visit(desk, "choi").approve_grant,
            visit(desk, "park").grant,
            visit(desk, "stranger").withdraw_grant,
            visit(desk, None).grant,
        ]
        for ask in asked:
            with pytest.raises(UnknownRecordError) as hidden:
                ask(grant)
            with pytest.raises(UnknownRecordError) as missing:
                ask("g-9")
            assert str(hidden.value) == str(missing.value).replace("g-9", grant)
        assert visit(desk, "choi").grants() == ()
        with pytest.raises(AccessDenied):
            visit(desk, None).grants()

    def test_what_nobody_may_ask_for_is_refused(self, desk: GuardedDesk) -> None:
        with pytest.raises(IllegalStepError):
            asked_for_a_look(desk, fields=["touchpoint.note"])
        with pytest.raises(IllegalStepError, match="must be at most 20"):
            asked_for_a_look(desk, count=21)
        for client_id in ("c-4", "c-9"):
            with pytest.raises(UnknownRecordError, match=f"unknown client '{client_id}'"):
                visit(desk, "lee", "first visit").request_grant("get", ["client.name"], client_id=client_id)
        with pytest.raises(IllegalStepError):
            visit(desk, "lee").request_grant("report", ["client.name"], client_id="c-1")
        with pytest.raises(UnknownRecordError):
            visit(desk, None).request_grant("get", ["client.name"], client_id="c-1")
        with pytest.raises(AccessDenied):
            visit(desk, "closed").request_grant("search", ["client.name"], text="x")

    def test_an_end_is_named_where_the_rules_name_none(self, store: MemoryStore, clock: MovedClock) -> None:
        rules = POLICY.access
        assert rules is not None
        endless = attrs.evolve(rules, purposes=[attrs.evolve(one, lasts=None) for one in rules.purposes])
        desk = GuardedDesk(store=store, policy=attrs.evolve(POLICY, access=endless), clock=clock, key=KEY)
        grant = asked_for_a_look(desk)
        with pytest.raises(InvalidValueError, match="ends_at is None: must be given"):
            visit(desk, "wu").approve_grant(grant)
        assert visit(desk, "wu").approve_grant(grant, ends_at=NOON + timedelta(days=99)).status == "live"

    def test_one_that_was_revoked_while_it_was_read_under_tells_nothing(self, store: MemoryStore, clock: MovedClock) -> None:
        desk = GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY)
        grant = asked_for_a_look(desk)
        visit(desk, "wu").approve_grant(grant)

        class Revoking:
            """Takes the grant back between the look and its entry."""

            def __getattr__(self, name: str) -> Any:
                return getattr(store, name)

            def write(self, *args: Any, **kwargs: Any) -> Any:
                if not self.is_done:
                    Revoking.is_done = True
                    visit(desk, "wu").revoke_grant(grant)
                return store.write(*args, **kwargs)

            is_done = False

        racing = GuardedDesk(store=Revoking(), policy=POLICY, clock=clock, key=KEY)
        with pytest.raises(AccessDenied):
            visit(racing, "han", "first visit").search("chemical", ["client.name"], limit=1)
        assert [one.answer for one in entries(store)][-2:] == ["allowed", "denied"]

    def test_rules_that_no_longer_give_it_close_it(self, desk: GuardedDesk) -> None:
        grant = asked_for_a_look(desk)
        visit(desk, "wu").approve_grant(grant)
        rules = POLICY.access
        assert rules is not None
        fewer = [rule for rule in rules.rules if rule.id != "pool-look-up"]
        closed = GuardedDesk(
            store=desk.store, policy=attrs.evolve(POLICY, access=attrs.evolve(rules, rules=fewer)), clock=desk.clock, key=KEY
        )
        with pytest.raises(AccessDenied):
            visit(closed, "han", "first visit").search("chemical", ["client.name"], limit=1)
        with pytest.raises(UnknownRecordError):
            visit(closed, "han", "first visit").grant(grant)
        assert visit(closed, "wu").grants() == ()


class TestDelegations:
    def test_a_head_lends_what_is_theirs_for_a_time(self, desk: GuardedDesk, clock: MovedClock) -> None:
        choi = visit(desk, "choi")
        assert choi.list(["client.name"]).client_ids == ("c-4",)
        lent = visit(desk, "wu").delegate("choi", ["head"], start_on=TODAY, end_on=date(2026, 4, 2), reason="holiday")
        assert choi.list(["client.name"]).client_ids == ("c-1", "c-4")
        clock.at = datetime(2026, 4, 2, tzinfo=UTC)
        assert choi.list(["client.name"]).client_ids == ("c-4",)
        clock.at = NOON + timedelta(hours=1)
        with pytest.raises(UnknownRecordError):
            visit(desk, "lee").end_delegation(lent)
        visit(desk, "choi").end_delegation(lent)
        assert choi.list(["client.name"]).client_ids == ("c-4",)
        with pytest.raises(IllegalStepError):
            visit(desk, "wu").end_delegation(lent)

    def test_what_is_not_theirs_is_not_lent(self, desk: GuardedDesk) -> None:
        with pytest.raises(AccessDenied):
            visit(desk, "lee").delegate("han", ["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        with pytest.raises(AccessDenied):
            visit(desk, "wu").delegate("han", ["account manager"], start_on=TODAY, end_on=date(2026, 4, 2))
        with pytest.raises(AccessDenied):
            visit(desk, None).delegate("han", ["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        with pytest.raises(InvalidValueError):
            visit(desk, "wu").delegate("wu", ["head"], start_on=TODAY, end_on=date(2026, 4, 2))

    def test_who_acts_for_somebody_does_not_approve_what_they_asked_for(self, desk: GuardedDesk) -> None:
        change = visit(desk, "lee").propose("c-1", {"client.region": "Busan"}).change_id
        visit(desk, "wu").delegate("lee", ["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        with pytest.raises(IllegalStepError):
            visit(desk, "lee").approve_change(change)
        visit(desk, "wu").delegate("han", ["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        own = visit(desk, "wu").propose("c-1", {"attribute.strength": "high"}).change_id
        with pytest.raises(IllegalStepError, match="must not be who proposed the change"):
            visit(desk, "han").approve_change(own)
        assert visit(desk, "han").approve_change(change).approver_id == "han"

    def test_the_log_of_a_delegation_has_its_order(self) -> None:
        given = Delegation(giver_id="wu", receiver_id="lee", relations=["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        signed = Signature(by="wu", standing=Standing(relations={"head"}), at=NOON)
        first = DelegationEvent(id="1", delegation_id="d", step="given", signed=signed, delegation=given)
        last = DelegationEvent(id="2", delegation_id="d", step="ended", signed=attrs.evolve(signed, at=NOON + timedelta(hours=2)))
        assert delegation_of([first, last], at=NOON + timedelta(hours=1)) == given
        assert delegation_of([first, last], at=NOON + timedelta(hours=2)) is None
        stolen = attrs.evolve(first, signed=attrs.evolve(signed, by="lee"))
        for log in ([last], [first, first], [first, last, last], [stolen], [first, attrs.evolve(last, delegation_id="e")]):
            with pytest.raises(InvalidValueError):
                delegation_of(log, at=NOON + timedelta(hours=3))
        with pytest.raises(InvalidValueError, match="must begin with the giving"):
            delegation_of([first], at=NOON - timedelta(hours=1))
        for more in ({"step": "ended"}, {"delegation": None}, {"delegation": "d"}, {"step": "lent"}, {"signed": "wu"}):
            with pytest.raises(InvalidValueError):
                attrs.evolve(first, **more)


class TestExports:
    def caller(self, desk: GuardedDesk, name: str = "wu", **more: Any) -> Visit:
        return visit(desk, name, **{"medium": "file", "reason": "=cmd|'/c calc'!A1", **more})

    def test_a_table_says_who_what_and_why_and_no_cell_is_a_formula(self, desk: GuardedDesk, store: MemoryStore) -> None:
        made = self.caller(desk).export("csv", ["client.name", "person.phone", "appointment.place", "touchpoint.note"])
        rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"))))
        assert rows[0] == ["exported by", "wu"]
        assert dict(row for row in rows[:6])["reason"] == "'=cmd|'/c calc'!A1"
        assert rows[7:] == [
            ["client.id", "client.name", "person.phone", "appointment.place", "touchpoint.note"],
            ["c-1", "Kim & Co", "010-1234-5678; ", "'=1+1", ""],
        ]
        entry = entries(store)[-1]
        assert (entry.action, entry.medium, entry.reason, entry.count) == ("export", "file", "=cmd|'/c calc'!A1", 1)
        assert "touchpoint.note" not in entry.fields
        assert "touchpoint.note" not in dict(made.statement)["fields"]

    def test_a_page_holds_no_tag_of_a_client(self) -> None:
        made = written("html", ["client.name"], [["<script>alert(1)</script>"], ["=1+1"], ['"><img src=x>']], [("reason", "<b>")])  # type: ignore[arg-type]
        found: list[str] = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag: str, attrs: Any) -> None:
                found.append(tag)

        Reader().feed(made.content.decode())
        assert set(found) <= {
            "html",
            "head",
            "meta",
            "title",
            "body",
            "dl",
            "dt",
            "dd",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        }
        assert "<td>&#x27;=1+1</td>" in made.content.decode()

    def test_a_workbook_holds_text_alone(self) -> None:
        cells = ["=1+1", "a\r\nb", "_x000D_", "<b>&", "x" * 40_000, "\ufffe", "＝1"]
        made = written("xlsx", ["a"], [[cell] for cell in cells], (("reason", "+1"),))
        with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
            assert archive.testzip() is None
            sheet = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own
        space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        assert not sheet.findall(f".//{space}f")
        texts = [one.text for one in sheet.iter(f"{space}t")]
        assert texts[1:4] == ["'=1+1", "a_x000D_\nb", "_x005F_x000D_"]
        assert texts[4] == "<b>&"
        assert len(texts[5] or "") == 32_767
        assert texts[6:] == ["_xFFFE_", "'＝1"]
        assert made.content == written("xlsx", ["a"], [[cell] for cell in cells], (("reason", "+1"),)).content

    def test_a_calendar_has_no_property_of_a_client(self, desk: GuardedDesk) -> None:
        made = self.caller(desk, reason="quarter; end, of \\ March " + "長" * 40).export_calendar(from_on=TODAY)
        lines = made.content.decode().split("\r\n")
        assert max(len(line.encode()) for line in lines) <= 75
        unfolded = made.content.decode().replace("\r\n ", "").split("\r\n")
        assert next(line for line in unfolded if line.startswith("X-WR-CALDESC")).count("quarter\\; end\\, of \\\\ March") == 1
        assert [line for line in unfolded if line.startswith(("SUMMARY", "LOCATION"))] == [
            "SUMMARY:visit: Kim & Co (Lee)",
            "LOCATION:=1+1",
        ]
        assert made.count == 1
        assert self.caller(desk).export_calendar(until_on=TODAY).count == 0

    def test_a_calendar_tells_nothing_that_is_hidden(self, desk: GuardedDesk) -> None:
        rules = POLICY.access
        assert rules is not None
        hide = {"client.name", "appointment.place", "appointment.minutes", "person.name"}
        classes = [attrs.evolve(one, fields=[field for field in one.fields if field not in hide]) for one in rules.classes]
        narrow = GuardedDesk(
            store=desk.store, policy=attrs.evolve(POLICY, access=attrs.evolve(rules, classes=classes)), clock=desk.clock, key=KEY
        )
        text = self.caller(narrow).export_calendar().content.decode()
        assert "SUMMARY:visit: c-1 (Lee)" in text
        assert "LOCATION" not in text
        assert "30 minutes" not in text

    def test_it_takes_the_medium_and_a_reason(self, desk: GuardedDesk) -> None:
        with pytest.raises(InvalidValueError, match=r"caller\.reason is None: must be given"):
            visit(desk, "wu", medium="file").export("csv", ["client.name"])
        with pytest.raises(InvalidValueError):
            visit(desk, "wu", medium="file").export_calendar()
        with pytest.raises(InvalidValueError, match="must be one of csv, xlsx, html"):
            self.caller(desk).export("pdf", ["client.name"])  # type: ignore[arg-type]
        with pytest.raises(AccessDenied):
            visit(desk, "wu", reason="x").export("csv", ["client.name"])
        assert self.caller(desk, "lee").export("csv", ["client.name"]).count == 0
        assert self.caller(desk, "lee").export_calendar().count == 0

    def test_values_are_written_as_text(self) -> None:
        told = [None, True, date(2026, 1, 2), frozenset({"b", "a"}), ("x", None), Reason("access.nobody"), Money("1.50", "CNY")]
        assert [cell_text(value) for value in told] == [
            "",
            "true",
            "2026-01-02",
            "a|b",
            "x; ",
            "nobody is known to ask",
            "1.50 CNY",
        ]
        assert original_cell("'=1") == "=1"
        assert with_statement("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", (), 0).content.count(b"CALDESC") == 1


class TestHosts:
    def test_a_permission_system_of_the_hosts_answers_instead(self, store: MemoryStore, clock: MovedClock) -> None:
        class Host:
            def decide(
                self, principal: Any, request: AccessRequest, standing: Any, *, at: Any, grants: Any = ()
            ) -> AccessDecision:
                may = principal is not None and request.client_id == "c-4"
                told = {"action": request.action, "client_id": request.client_id, "purpose": request.purpose, "medium": "screen"}
                return AccessDecision(answer="allowed" if may else "unknown", fields=request.fields if may else (), **told)  # type: ignore[arg-type]

            def decide_query(
                self, principal: Any, request: AccessRequest, *, at: Any, grants: Any = (), standing: Any = None
            ) -> AccessDecision:
                return AccessDecision(
                    answer="allowed",
                    action=request.action,
                    client_id=None,
                    fields=request.fields,
                    purpose=request.purpose,
                    medium="screen",
                )

        desk = GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY, decider=Host())
        files = visit(desk, "stranger", "anything")
        assert files.list(["client.name"]).client_ids == ("c-4",)
        assert files.get("c-4", ["attribute.shoe_size"])["attribute.shoe_size"] is None
        with pytest.raises(UnknownRecordError):
            files.get("c-1", ["client.name"])

    @pytest.mark.parametrize(
        "wrong",
        [{"client_id": "c-4"}, {"action": "list"}, {"fields": ("person.phone",)}, {"medium": "file"}, {"answer": "denied"}],
        ids=range(5),
    )
    def test_an_answer_to_something_else_is_none(self, store: MemoryStore, clock: MovedClock, wrong: dict[str, Any]) -> None:
        class Host:
            def decide(
                self, principal: Any, request: AccessRequest, standing: Any, *, at: Any, grants: Any = ()
            ) -> AccessDecision:
                right = AccessDecision(
                    answer="allowed",
                    action="get",
                    client_id=request.client_id,
                    fields=request.fields,
                    purpose="care",
                    medium="screen",
                )
                return attrs.evolve(right, **wrong)

            def decide_query(self, *args: Any, **kwargs: Any) -> AccessDecision:
                raise NotImplementedError

        desk = GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY, decider=Host())
        with pytest.raises(InvalidValueError, match="must answer what was asked"):
            visit(desk, "lee").get("c-1", ["client.name"])
        assert [(one.answer, one.fields, one.reason_codes) for one in entries(store)] == [("denied", (), ("access.failed",))]

    def test_a_client_that_is_not_there_is_unknown_whatever_a_host_says(self, store: MemoryStore, clock: MovedClock) -> None:
        class Host:
            def decide(
                self, principal: Any, request: AccessRequest, standing: Any, *, at: Any, grants: Any = ()
            ) -> AccessDecision:
                return AccessDecision(
                    answer="allowed",
                    action="get",
                    client_id=request.client_id,
                    fields=request.fields,
                    purpose="care",
                    medium="screen",
                )

            def decide_query(self, *args: Any, **kwargs: Any) -> AccessDecision:
                raise NotImplementedError

        desk = GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY, decider=Host())
        with pytest.raises(UnknownRecordError, match="unknown client 'c-9'"):
            visit(desk, "lee").get("c-9", ["client.name"])

    def test_no_rules_let_nobody_in(self, store: MemoryStore, clock: MovedClock) -> None:
        desk = GuardedDesk(store=store, policy=attrs.evolve(POLICY, access=None, require=()), clock=clock, key=KEY)
        with pytest.raises(UnknownRecordError):
            visit(desk, "song").get("c-1", ["client.name"])
        with pytest.raises(AccessDenied):
            visit(desk, "song").list(["client.name"])

    def test_a_caller_and_a_key_are_checked(self, store: MemoryStore, clock: MovedClock) -> None:
        with pytest.raises(InvalidValueError, match="key is 'bytes': must be a DigestKey"):
            GuardedDesk(store=store, policy=POLICY, clock=clock, key=b"k" * 32)  # type: ignore[arg-type]
        for wrong in ({"principal": "lee"}, {"purpose": ""}, {"medium": "smoke"}, {"origin": ""}, {"reason": "\n"}):
            with pytest.raises(InvalidValueError):
                Caller(**{"principal": None, "purpose": "care", **wrong})  # type: ignore[arg-type]
        caller = Caller(principal=PEOPLE["lee"], purpose="care", origin="10.0.0.7")
        assert pickle.loads(pickle.dumps(caller)) == caller
        assert "kept away" not in repr(GuardedDesk(store=store, policy=POLICY, clock=clock, key=KEY))


class TestSteps:
    def test_steps_come_back_as_they_were(self, store: MemoryStore) -> None:
        signed = Signature(by="lee", roles={"b", "a"}, standing=Standing(relations={"head", "deputy"}), for_ids={"wu"}, at=NOON)
        request = AccessRequest(action="search", query="x", fields=["client.name"], purpose="care", count=3)
        grant = GrantEvent(id="1", grant_id="g", step="requested", signed=signed, request=request)
        change = ChangeEvent(
            id="1",
            change_id="c",
            client_id="c-1",
            step="proposed",
            signed=signed,
            values={"client.region": None, "attribute.when": TODAY, "attribute.many": frozenset({"b", "a"})},
            purpose="care",
            person_id=None,
            revision=2,
        )
        for kind, step in (("grant_step", grant), ("change_step", change)):
            assert load_record(kind, dump_record(step)) == step
            with pytest.raises(StorageError, match=f"a stored {kind} is damaged"):
                load_record(kind, dump_record(step).replace("lee", ""))
        with store.write() as unit:
            steps = AccessSteps(unit)
            steps.append(grant, is_open=True)
            steps.append(attrs.evolve(change), is_open=True)
            assert (steps.grant("g"), steps.change("c")) == ((grant,), (change,))
            assert list(steps.open_grants("lee")) == [(grant,)]
            assert list(steps.open_grants("wu")) == []
            steps.append(attrs.evolve(grant, id="2", step="withdrawn", request=None), is_open=False)
            assert list(steps.open_grants()) == []
            assert len(steps.grant("g")) == 2
        with store.read() as view:
            assert [one.entry.client_id for one in view.log.of_client("c-1")][-1] == "c-1"
            with pytest.raises(StorageError, match="cannot be kept in a unit of reading"):
                AccessSteps(view).append(grant, is_open=True)
        assert load_book(store).touchpoints == BOOK.touchpoints

    def test_a_case_whose_first_step_was_erased_is_gone(self, store: MemoryStore) -> None:
        signed = Signature(by="lee", standing=Standing(relations={"head"}), at=NOON)
        own = Delegation(giver_id="lee", receiver_id="wu", relations=["head"], start_on=TODAY, end_on=date(2026, 4, 2))
        event = DelegationEvent(id="1", delegation_id="d", step="given", signed=signed, delegation=own)
        with store.write() as unit:
            AccessSteps(unit).append(event, is_open=True)
            case = unit.records.get("delegation_case", "d")
            assert case is not None
            unit.records.put(attrs.evolve(case, payload=case.payload.replace("delegation_step:1", "gone")), expected=1)
        with store.write() as unit:
            assert AccessSteps(unit).delegation("d") == ()
            assert list(AccessSteps(unit).open_delegations("wu")) == []
            case = unit.records.get("delegation_case", "d")
            assert case is not None
            unit.log.append(LogEntry(id="x", kind="grant_step", client_id="c-1", payload="{}"))
            for payload in (
                '{"format":2,"step_ids":["delegation_step:1","gone"]}',
                '{"format":2,"step_ids":["x"]}',
            ):
                case = unit.records.put(attrs.evolve(case, payload=payload), expected=case.version)
                with pytest.raises(StorageError):
                    AccessSteps(unit).delegation("d")

    def test_the_firm_is_read_without_clients(self, store: MemoryStore) -> None:
        with store.read() as view:
            firm = BookReader(view).firm()
            bare = BookReader(view).book(with_events=False)
        assert (firm.clients, set(firm.staff), firm.absences) == ((), set(BOOK.staff), BOOK.absences)
        assert (bare.clients, bare.touchpoints, bare.people) == (BOOK.clients, (), BOOK.people)
