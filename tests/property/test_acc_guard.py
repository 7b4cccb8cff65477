"""The guarded desk, whatever the rules, the people and the calls: ACC-1, ACC-2, ACC-4, ACC-6 on the whole path to the store."""

import random
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.soak.closed_scene import (
    CALLS,
    FIELDS,
    FILES,
    KEY,
    NOON,
    PEOPLE,
    POLICY,
    ROLES,
    STAFF,
    TODAY,
    BreakingStore,
    Draw,
    book_of,
    counted_salts,
    is_not_understood,
    kept,
    links,
)

from relcare.access import MEDIA, RELATIONS, AccessRule, AccessRules, FieldClass, Principal
from relcare.codec import loads_policy
from relcare.decisions import Policy, portfolio
from relcare.desk import Caller, GuardedDesk, Visit
from relcare.desk._client_file import conclusion_fields
from relcare.errors import AccessDenied, IllegalStepError, RelcareError, StorageError, UnknownRecordError
from relcare.model import Book, Touchpoint
from relcare.segments import SegmentResult
from relcare.storage import AuditTrail, MemoryStore, load_book
from relcare.testing import FixedClock, access_rules


@attrs.frozen
class Scene:
    rules: AccessRules
    book: Book
    caller: Caller

    def visit(self, book: Book | None = None) -> Visit:
        policy = attrs.evolve(POLICY, access=self.rules)
        store = MemoryStore.create(self.book if book is None else book)
        return GuardedDesk(store=store, policy=policy, clock=FixedClock(NOON), key=KEY).as_(self.caller)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Rules that somebody can meet, a book of a few clients, and who comes."""
    rules = draw(access_rules())
    rng = random.Random(draw(st.integers(0, 2**32)))
    wide = [
        attrs.evolve(
            rule,
            actions=dict.fromkeys([*rule.actions, "list", "search", "count", "filter", "sort"]),
            approval=False,
            longest=None,
            most=None,
        )
        if rule.classes and rng.random() < 0.7
        else rule
        for rule in rules.rules
    ]
    rules = attrs.evolve(rules, rules=wide)
    purposes = [one.id for one in rules.purposes] or ["care"]
    roles = rng.sample(ROLES, rng.randint(0, 2))
    principal = Principal(id=rng.choice(PEOPLE), roles=roles, team=rng.choice([None, None, "wu"]), is_active=rng.random() < 0.95)
    caller = Caller(
        principal=None if rng.random() < 0.03 else principal,
        purpose=rng.choice(purposes),
        medium=rng.choice([*MEDIA, "screen", "screen"]),
    )
    return Scene(rules, book_of(rng.randint(0, 7), rng), caller)


def told(ask: Callable[[], Any]) -> Any:
    """What a call comes to: its value, or the class and text of its refusal."""
    try:
        return ask()
    except (AccessDenied, UnknownRecordError, IllegalStepError) as error:
        return type(error), str(error)


few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class TestEveryPath:
    """ACC-1: One function decides: who, does what, to which client, which fields, for what purpose, in what medium; it returns a
    projection or a refusal as a value. Every path goes through it: get, search, count, filter, sort, export, duplicate check,
    report.
    """  # noqa: D205

    @few
    @given(scenes(), st.sets(st.sampled_from(FIELDS), max_size=4))
    def test_a_list_is_what_the_decision_says_of_each_client(self, scene: Scene, fields: set[str]) -> None:
        asked = sorted(fields)
        visit = scene.visit()
        found = told(lambda: visit.list(asked))
        if isinstance(found, tuple):
            assert found[0] is AccessDenied
            assert not any(visit.may("list", one.id, fields=tuple(asked)).is_allowed for one in scene.book.clients)
            return
        each = {one.id: visit.may("list", one.id, fields=tuple(asked)) for one in scene.book.clients}
        assert found.client_ids == tuple(sorted(one for one, decision in each.items() if decision.is_allowed))
        for file in found:
            assert tuple(file.values) == each[file.client_id].fields

    @few
    @given(scenes(), st.sets(st.sampled_from(FIELDS), min_size=1, max_size=3), st.integers(0, 2**32))
    def test_the_answer_is_that_of_a_book_without_the_clients_that_are_hidden(
        self, scene: Scene, fields: set[str], seed: int
    ) -> None:
        rng = random.Random(seed)
        asked = sorted(fields)
        where = rng.choice([None, "client.region == '서울'", "attribute.hobby != 'go'", "not missing(person.phone)"])
        used = {"client.region": "client.region", "attribute.hobby": "attribute.hobby", "person.phone": "person.phone"}
        filters = tuple(name for name in used if where and name in where)
        order = rng.sample(["client.name", "-client.region", "attribute.hobby", "-tier.abc"], rng.randint(0, 2))
        more: dict[str, Any] = {"where": where, "order_by": order, "skip": rng.randint(0, 2), "limit": rng.randint(1, 3)}
        visit = scene.visit()
        uses = [("filter", filters), ("sort", tuple(one.removeprefix("-") for one in order))]
        calls: tuple[tuple[str, Callable[[Visit], Any]], ...] = (
            ("list", lambda files: files.list(asked, **more)),
            ("search", lambda files: files.search("e", asked, **more)),
            ("count", lambda files: files.count(where)),
        )
        for action, ask in calls:
            names = filters if action == "count" else tuple(asked)
            needed = [(action, names), *(use for use in uses if use[1] and (action, use[0]) != ("count", "sort"))]
            ids = {
                one.id
                for one in scene.book.clients
                if all(visit.may(needs, one.id, fields=of).is_allowed for needs, of in needed)  # type: ignore[arg-type]
            }
            without = Book(
                clients=[one for one in scene.book.clients if one.id in ids],
                people=[one for one in scene.book.people if one.client_id in ids],
                touchpoints=[one for one in scene.book.touchpoints if one.client_id in ids],
                staff=STAFF,
            )
            whole, rest = told(lambda: ask(scene.visit())), told(lambda: ask(scene.visit(without)))  # noqa: B023
            assert whole == rest

    @few
    @given(scenes(), st.sampled_from(["attribute.shoe_size", "person.birthday", "client.zone"]))
    def test_a_field_of_no_class_is_refused_alike_whatever_the_book_holds(self, scene: Scene, field: str) -> None:
        assume(scene.rules.class_of(field) is None)
        where = f"'1' in {field}" if field.startswith("person") else f"{field} == '1'"
        asked: list[Callable[[Visit], Any]] = [lambda files: files.list([], where=where), lambda files: files.count(where)]
        if not field.startswith("person"):
            asked.append(lambda files: files.list([], order_by=[field]))
        for ask in asked:
            answers = {repr(told(lambda: ask(scene.visit(book)))) for book in (scene.book, Book(staff=STAFF))}  # noqa: B023
            assert len(answers) == 1
            assert "AccessDenied" in answers.pop()


RANKED = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.weight]
type = "integer"
from = "client.weight"
[[segmentation]]
id = "rank"
kind = "quota"
score = [ { fact = "weight", weight = 1 } ]
tiers = [ { id = "A", share = "30%" }, { id = "B", share = "70%" } ]
[[segment]]
id = "top"
when = "tier.rank == 'A'"
[[relationship]]
type = "regulator"
appeal = "trust"
indicators = [ { id = "well placed", healthy = "tier.rank == 'A'" } ]
""")
RESTS_ON = ("obligation.owed", "decision.reasons", *conclusion_fields(RANKED))


def told_of(policy: Policy, book: Book) -> tuple[Any, Any]:
    """What a plain desk says about a whole book: who is in which segment, and how relationships are doing."""
    result = policy.decide(book, as_of=TODAY)
    return {name: parts_of(one) for name, one in result.segments.items()}, portfolio(policy, result)


def parts_of(segment: SegmentResult) -> tuple[Any, ...]:
    return segment.client_ids, segment.members, dict(segment.unknown), dict(segment.unplaced)


class TestTheWholeBook:
    """ACC-1: Every path goes through it. ACC-6: Who may not know that a client exists gets "unknown record"."""

    @few
    @given(st.integers(0, 2**32))
    def test_it_is_that_of_a_book_without_the_clients_of_whom_anything_is_hidden(self, seed: int) -> None:
        rng = random.Random(seed)
        fields = rng.sample(RESTS_ON, len(RESTS_ON))
        cut = rng.choice([1, rng.randint(1, len(fields) - 1)])
        if cut == 1:  # what is concluded, alone behind a class of its own
            fields.sort(key=RESTS_ON[rng.randint(0, 1)].__ne__)
        classes = [FieldClass("one", fields[:cut]), FieldClass("two", fields[cut:])]
        rules = [
            AccessRule(
                id=f"rule-{number}",
                relations=rng.sample(RELATIONS, rng.randint(1, 3)),
                clients=rng.choice(["all", "owned", "pool"]),
                actions=rng.choice([["list"], ["list"], ["get"]]),
                classes=rng.choice([["one", "two"], ["one", "two"], ["one"], ["two"]]),
            )
            for number in range(rng.randint(1, 5))
        ]
        policy = attrs.evolve(RANKED, access=AccessRules(classes=classes, rules=rules))
        book = book_of(rng.randint(0, 7), rng)
        book = attrs.evolve(book, clients=[attrs.evolve(one, relationship_types={"regulator"}) for one in book.clients])
        caller = Caller(principal=Principal(id=rng.choice(PEOPLE), roles=rng.sample(ROLES, 1)), purpose="care")
        store = MemoryStore.create(book)
        visit = GuardedDesk(store=store, policy=policy, clock=FixedClock(NOON), key=KEY).as_(caller)
        ids = {one.id for one in book.clients if set(visit.may("list", one.id, fields=RESTS_ON).fields) == set(RESTS_ON)}
        segments, found = told(visit.segments), told(visit.portfolio)
        if isinstance(segments, tuple):
            assert (segments[0], found[0], ids) == (AccessDenied, AccessDenied, set())
            return
        part = Book(
            clients=[one for one in book.clients if one.id in ids],
            people=[one for one in book.people if one.client_id in ids],
            touchpoints=[one for one in book.touchpoints if one.client_id in ids],
            staff=STAFF,
        )
        assert ({name: parts_of(one) for name, one in segments.items()}, found) == told_of(
            policy, load_book(MemoryStore.create(part))
        )
        with store.read() as view:
            last = [link.entry for link in AuditTrail(view).links()][-2:]
        for entry in last:
            assert entry is not None
            assert sorted(entry.client_digests) == sorted(KEY.digest("client", one) for one in ids)


class TestUnknownRecord:
    """ACC-6: Who may not know that a client exists gets "unknown record"; the reason is in the log only. "Access denied" is for
    those who may know.
    """  # noqa: D205

    CALLS: tuple[Callable[[Visit, str], Any], ...] = (
        lambda files, one: files.get(one),
        lambda files, one: files.get(one, ["client.name"]),
        lambda files, one: files.report(one, ["client.name"]),
        lambda files, one: files.decide(one),
        lambda files, one: files.explain(one),
        lambda files, one: files.may("get", one, fields=("client.name",)),
        lambda files, one: files.record(Touchpoint(id="t-x", client_id=one, occurred_at=TODAY, channel="call")),
        lambda files, one: files.propose(one, {"client.region": "제주"}),
        lambda files, one: files.propose(one, {"person.name": "Oh"}),
        lambda files, one: files.propose(one, {"person.name": "Oh"}, person_id="p-c-0"),
    )

    @few
    @given(scenes(), st.integers(0, len(CALLS) - 1))
    def test_a_client_that_is_hidden_and_one_that_is_not_there_look_alike(self, scene: Scene, call: int) -> None:
        ask = self.CALLS[call]
        for one in scene.book.clients:
            visit = scene.visit()
            if visit.may("know", one.id).answer != "unknown":
                continue
            hidden = told(lambda: ask(scene.visit(), one.id))  # noqa: B023
            others = [other for other in scene.book.clients if other.id != one.id]
            ids = {other.id for other in others}
            without = Book(
                clients=others,
                people=[person for person in scene.book.people if person.client_id in ids],
                touchpoints=[touch for touch in scene.book.touchpoints if touch.client_id in ids],
                staff=STAFF,
            )
            assert hidden == told(lambda: ask(scene.visit(without), one.id))  # noqa: B023
            assert "unknown" in str(hidden)


class TestNothingWithoutItsEntry:
    """ACC-4: Every access and decision is in an append-only log whose tampering shows, in the same unit of work.

    ACC-2: The account manager files basic facts; new clients and changes go to the head; the head enters dynamic facts; the
    designated keeper applies the rest. Looking a client up in the common pool needs the head's approval. Grants are bound to
    requester, query, fields, purpose, medium and time; never by oneself.
    """

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, 2**32))
    def test_what_is_refused_changes_nothing_and_every_call_leaves_one_entry(self, seed: int) -> None:
        rng = random.Random(seed)
        store = MemoryStore.create(book_of(5, rng))
        desk = GuardedDesk(store=store, policy=FILES, clock=FixedClock(NOON), key=KEY, new_salt=counted_salts())
        draw = Draw(rng)
        for draw.number in range(30):
            roles = {"keeper"} if rng.random() < 0.2 else ()
            principal = Principal(id=rng.choice(PEOPLE), roles=roles, is_active=rng.random() < 0.95)
            visit = desk.as_(Caller(principal=principal, purpose=rng.choice(["care", "care", "care", "first visit", "erasure"])))
            before, count = kept(store), links(store)
            call = rng.choice(CALLS)
            try:
                value = call(visit, draw)
            except RelcareError as error:
                assert kept(store) == before
                if is_not_understood(error):
                    continue
            else:
                draw.note(value)
            assert links(store) == count + 1
        with store.read() as view:
            assert AuditTrail(view).verify().is_intact

    @few
    @given(st.integers(0, 2**32), st.integers(0, 200))
    def test_where_the_entry_cannot_be_written_nothing_is_told_and_nothing_is_done(self, seed: int, fails_at: int) -> None:
        rng = random.Random(seed)
        store = MemoryStore.create(book_of(4, rng))
        breaking = BreakingStore(store)
        desk = GuardedDesk(store=breaking, policy=FILES, clock=FixedClock(NOON), key=KEY)
        visit = desk.as_(Caller(principal=Principal(id=rng.choice(["lee", "wu"]), roles={"keeper"}), purpose="care"))
        before = kept(store)
        breaking.left = fails_at % 4
        call = rng.choice(CALLS)
        try:
            call(visit, Draw(rng))
        except RelcareError as error:
            if isinstance(error, StorageError):
                assert kept(store) == before
                assert links(store) == 0
        else:
            assert breaking.left >= 0
            assert links(store) == 1

    def test_a_store_that_takes_no_entry_tells_nothing_at_all(self) -> None:
        store = MemoryStore.create(book_of(4, random.Random(1)))
        breaking = BreakingStore(store)
        desk = GuardedDesk(store=breaking, policy=FILES, clock=FixedClock(NOON), key=KEY)
        visit = desk.as_(Caller(principal=Principal(id="lee", roles={"keeper"}), purpose="care"))
        breaking.left = 0
        for call in (lambda: visit.get("c-0"), lambda: visit.list(["client.name"]), visit.count, visit.changes, visit.grants):
            with pytest.raises(StorageError, match="no entry"):
                call()
