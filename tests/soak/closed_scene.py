"""A firm behind its guard: a book that is drawn, everything that can be asked of it, and a store that breaks where it is told.

For the rows about files that stay closed, and for the tests of the guard.
"""

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import attrs

from relcare.access import RELATIONS, AccessRule, AccessRules, Action, DigestKey, FieldClass, Principal
from relcare.codec import loads_policy
from relcare.desk import Visit
from relcare.errors import StorageError
from relcare.model import Book, Client, ContactPerson, Staff, Touchpoint
from relcare.presets import part_text
from relcare.storage import AuditTrail, MemoryStore, Record

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = date(2026, 3, 31)
KEY = DigestKey(b"kept away from the log, at least 32 bytes")
HEAD = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.weight]
type = "integer"
may_be_missing = true
from = "client.weight"
[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [ { id = "A", when = "client.region == '서울'" } ]
otherwise = "B"
[[vip]]
id = "club"
paths = [ { id = "heavy", when = "weight > 3" } ]
[[segment]]
id = "southern"
when = "tier.abc == 'B'"
"""
POLICY = loads_policy(HEAD)
FILES = loads_policy(
    HEAD + part_text("client-files").replace('"decision.reasons",', '"decision.reasons", "tier.abc", "vip.club",')
)
STAFF = [
    Staff(id="wu", name="Wu"),
    Staff(id="lee", name="Lee", head_id="wu"),
    Staff(id="王", name="Wang", head_id="wu"),
    Staff(id="choi", name="Choi"),
    Staff(id="park", name="Park", head_id="choi"),
]
OWNERS = ("lee", "王", "park", "wu", None)
FIELDS = ("client.name", "client.region", "person.phone", "attribute.hobby", "touchpoint.note", "tier.abc", "vip.club")
PEOPLE = ("wu", "lee", "王", "choi", "park", "nobody")
ROLES = ("secretary", "keeper", "auditor", "经理")


def book_of(clients: int, rng: random.Random) -> Book:
    """A book of some clients, with people, notes and account managers drawn."""
    names = [f"c-{number}" for number in range(clients)]
    return Book(
        clients=[
            Client(
                id=name,
                name=rng.choice(["Kim", "Chemie", "김철수"]),
                owner_id=rng.choice(OWNERS),
                region=rng.choice(["서울", "부산", None]),
                attributes={"hobby": rng.choice(["tea", "golf", "go"]), "weight": rng.randint(0, 9)},
            )
            for name in names
        ],
        people=[
            ContactPerson(id=f"p-{name}", client_id=name, name="Cho", phone=f"010-{rng.randint(1000, 9999)}")
            for name in names[::2]
        ],
        touchpoints=[
            Touchpoint(id=f"t-{name}", client_id=name, occurred_at=TODAY, channel="call", note=rng.choice(["tea time", "quiet"]))
            for name in names[::3]
        ],
        staff=STAFF,
    )


def kept(store: Any) -> tuple[dict[Any, Any], list[Any]]:
    """Every byte of a store but its audit log."""
    state = store._state
    return {place: record for place, record in state.records.items() if not place[0].startswith("audit")}, list(state.log)


def links(store: Any) -> int:
    """How many entries the audit log of a store has."""
    with store.read() as view:
        return sum(1 for _ in AuditTrail(view).links())


@attrs.define
class Draw:
    """What a call may draw from.

    Attributes:
        rng: Where it draws.
        number: Of the call, so that no two record under one id.
        ids: Of the changes and grants so far.
    """

    rng: random.Random
    number: int = 0
    ids: list[str] = attrs.field(factory=lambda: ["none"])

    @property
    def client_id(self) -> str:
        """A client, or none that there is."""
        return f"c-{self.rng.randint(0, 5)}"

    @property
    def case_id(self) -> str:
        """A change or a grant, or none that there is."""
        return self.rng.choice(self.ids)

    def note(self, value: object) -> None:
        """Keeps the id of what a call made."""
        self.ids.extend(found for name in ("change_id", "grant_id") if (found := getattr(value, name, None)))


def random_rules(rng: random.Random) -> AccessRules:
    """Rules of which most let somebody do something."""
    fields = rng.sample(FIELDS, len(FIELDS))
    cut = rng.randint(1, 3)
    classes = [FieldClass("one", fields[:cut]), FieldClass("two", fields[cut : cut + rng.randint(1, 3)])]
    doing: tuple[Action, ...] = ("get", "list", "search", "count", "filter", "sort", "report")
    return AccessRules(
        classes=classes,
        rules=[
            AccessRule(
                id=f"rule-{number}",
                roles=rng.sample(ROLES, rng.choice([0, 0, 1])),
                relations=rng.sample(RELATIONS, rng.randint(1, 3)),
                clients=rng.choice(["all", "all", "owned", "pool"]),
                actions=rng.sample(doing, rng.randint(1, 5)),
                classes=rng.sample(["one", "two"], rng.randint(1, 2)),
                approval=rng.random() < 0.1,
            )
            for number in range(rng.randint(1, 5))
        ],
    )


def somebody(rng: random.Random) -> Principal:
    """One of the firm, or somebody whom nobody knows."""
    return Principal(id=rng.choice(PEOPLE), roles=rng.sample(ROLES, rng.randint(0, 1)), is_active=rng.random() < 0.97)


class BreakingStore:
    """A store that stops taking records of the audit log after so many.

    Args:
        store: What it stands for.
        left: How many it takes.
    """

    def __init__(self, store: MemoryStore, left: int = 1_000_000) -> None:
        self._store = store
        self.left = left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def write(self, *args: Any, **kwargs: Any) -> Generator[Any]:
        """A unit of work that may break."""
        with self._store.write(*args, **kwargs) as unit:
            yield _Unit(unit, self)

    @contextmanager
    def erasing(self) -> Generator[Any]:
        """A unit in which rows can be erased, and which may break."""
        with self._store.erasing() as unit:
            yield _Unit(unit, self)

    def scrub(self) -> str | None:
        """As that of the store."""
        return self._store.scrub()


class _Unit:
    def __init__(self, unit: Any, store: BreakingStore) -> None:
        self.log, self.is_repeat = unit.log, unit.is_repeat
        self.records = _Records(unit.records, store)
        self.eraser = getattr(unit, "eraser", None)


class _Records:
    def __init__(self, records: Any, store: BreakingStore) -> None:
        self._records = records
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def put(self, record: Record, /, *, expected: int) -> Record:
        if record.kind.startswith("audit"):
            self._store.left -= 1
            if self._store.left < 0:
                raise StorageError("no entry")
        return self._records.put(record, expected=expected)  # type: ignore[no-any-return]


def counted_salts() -> Callable[[], str]:
    """Salts that are the same in every run: so are the ids that a desk makes, and the order of what is told by them."""
    numbers = count()
    return lambda: f"{next(numbers):032x}"


def is_not_understood(error: object) -> bool:
    """Whether a call was refused before anything was asked, without an entry: of `CALLS` it is to delegate to oneself alone."""
    return "must name somebody else than the giver" in str(error)


CALLS: tuple[Callable[[Visit, Draw], Any], ...] = (
    lambda files, draw: files.get(draw.client_id, ["client.name", "touchpoint.note"]),
    lambda files, _: files.list(["client.name"], order_by=["client.region"]),
    lambda files, _: files.search("kim", ["client.name", "client.region"], limit=3),
    lambda files, _: files.count("client.region == '서울'"),
    lambda files, _: files.due(),
    lambda files, _: files.segments(),
    lambda files, _: files.portfolio(),
    lambda files, draw: files.explain(draw.client_id),
    lambda files, _: files.check_duplicate({"client.name": "Kim"}),
    lambda files, draw: files.record(
        Touchpoint(id=f"t-{draw.number}", client_id=draw.client_id, occurred_at=TODAY, channel="call", note="x")
    ),
    lambda files, draw: files.propose(draw.client_id, {draw.rng.choice(["client.region", "attribute.strength"]): "제주"}),
    lambda files, draw: files.propose(draw.client_id, {"person.name": "Oh"}),
    lambda files, draw: files.propose_client({"client.name": "New", "client.owner_id": draw.rng.choice(PEOPLE)}),
    lambda files, draw: files.approve_change(draw.case_id),
    lambda files, draw: files.refuse_change(draw.case_id),
    lambda files, draw: files.apply_change(draw.case_id),
    lambda files, draw: files.withdraw_change(draw.case_id),
    lambda files, _: files.request_grant("search", ["client.name"], text="kim", count=3),
    lambda files, draw: files.approve_grant(draw.case_id),
    lambda files, draw: files.refuse_grant(draw.case_id),
    lambda files, draw: files.revoke_grant(draw.case_id),
    lambda files, _: files.delegate("choi", ["head"], start_on=TODAY, end_on=date(2026, 4, 2)),
    lambda files, draw: files.erase(draw.client_id, ground="asked", erases_links=draw.rng.random() < 0.5),
    lambda files, _: files.changes(),
    lambda files, _: files.grants(),
)
