"""Files that stay closed: no path around the decision, nothing learned of what is hidden, nothing done that was refused."""

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs
from tests.soak.closed_scene import (
    CALLS,
    FIELDS,
    FILES,
    KEY,
    NOON,
    PEOPLE,
    POLICY,
    STAFF,
    TODAY,
    BreakingStore,
    Draw,
    book_of,
    counted_salts,
    is_not_understood,
    kept,
    links,
    random_rules,
    somebody,
)
from tests.soak.promise import Length, Outcome, Promise

import relcare.desk
from relcare.access import FIELDS as ALL_FIELDS
from relcare.access import (
    AccessDecision,
    AccessRequest,
    AccessRule,
    AccessRules,
    FieldClass,
    Principal,
    decide_access,
    standing_of,
)
from relcare.decisions import Portfolio
from relcare.desk import Caller, ClientFiles, Export, GuardedDesk, Visit
from relcare.errors import AccessDenied, IllegalStepError, RelcareError, StorageError, UnknownRecordError
from relcare.model import Book, Client, ContactPerson, Obligations, Touchpoint
from relcare.soundness import prove
from relcare.storage import MemoryStore, Store
from relcare.testing import FixedClock, SteppingClock

REFUSALS: Final = (AccessDenied, UnknownRecordError, IllegalStepError)


def guard(store: Any, policy: Any = FILES, clock: Any = None) -> GuardedDesk:
    return GuardedDesk(store=store, policy=policy, clock=clock or FixedClock(NOON), key=KEY, new_salt=counted_salts())


def as_(desk: GuardedDesk, principal: Principal | str | None, purpose: str = "care", **more: Any) -> Visit:
    who = Principal(id=principal) if isinstance(principal, str) else principal
    return desk.as_(Caller(principal=who, purpose=purpose, **more))


def told(ask: Callable[[], Any]) -> Any:
    """What a call comes to: its value, or the class and text of its refusal."""
    try:
        return ask()
    except RelcareError as error:
        return type(error), str(error)


# ------------------------------------------------------------------------------------------------------- B1: every path

CALL: Final = Touchpoint(id="t-x", client_id="c-0", occurred_at=TODAY, channel="call")
LATER: Final = TODAY + timedelta(days=2)
PATHS: Final[Mapping[str, Callable[[Visit], Any]]] = {
    "apply_change": lambda files: files.apply_change("none"),
    "approve_change": lambda files: files.approve_change("none"),
    "approve_grant": lambda files: files.approve_grant("none"),
    "change": lambda files: files.change("none"),
    "changes": lambda files: files.changes(),
    "check_duplicate": lambda files: files.check_duplicate({"client.name": "Kim"}),
    "count": lambda files: files.count(),
    "decide": lambda files: files.decide("c-0"),
    "delegate": lambda files: files.delegate("choi", ["head"], start_on=TODAY, end_on=LATER),
    "due": lambda files: files.due(),
    "end_delegation": lambda files: files.end_delegation("none"),
    "erase": lambda files: files.erase("c-0", ground="asked"),
    "explain": lambda files: files.explain("c-0"),
    "export": lambda files: files.export("csv", ["client.name"]),
    "export_calendar": lambda files: files.export_calendar(),
    "get": lambda files: files.get("c-0"),
    "grant": lambda files: files.grant("none"),
    "grants": lambda files: files.grants(),
    "list": lambda files: files.list(["client.name"]),
    "may": lambda files: files.may("get", "c-0", fields=("client.name",)),
    "portfolio": lambda files: files.portfolio(),
    "propose": lambda files: files.propose("c-0", {"client.region": "제주"}),
    "propose_client": lambda files: files.propose_client({"client.name": "New", "client.owner_id": "ghost"}),
    "record": lambda files: files.record(CALL),
    "refuse_change": lambda files: files.refuse_change("none"),
    "refuse_grant": lambda files: files.refuse_grant("none"),
    "report": lambda files: files.report("c-0"),
    "request_grant": lambda files: files.request_grant("get", ["client.name"], client_id="c-0"),
    "revoke_grant": lambda files: files.revoke_grant("none"),
    "search": lambda files: files.search("kim", ["client.name"]),
    "segments": lambda files: files.segments(),
    "withdraw_change": lambda files: files.withdraw_change("none"),
    "withdraw_grant": lambda files: files.withdraw_grant("none"),
}
STRANGERS: Final = (None, Principal(id="ghost"), Principal(id="lee", roles={"keeper"}, is_active=False))


def is_nothing(value: Any) -> bool:
    """Whether an answer holds nothing of any client."""
    if isinstance(value, ClientFiles):
        return not value.files and not value.has_more
    if isinstance(value, Export):
        return value.count == 0
    if isinstance(value, Portfolio):
        return not value.clients and not value.types
    if isinstance(value, Mapping):
        return not any(one.client_ids for one in value.values())
    if isinstance(value, (Obligations, tuple, int)):
        return not value
    return isinstance(value, AccessDecision) and not value.is_allowed


def check_paths(length: Length) -> Outcome:
    failures: list[str] = []
    public = {name for name, _ in inspect.getmembers(Visit, inspect.isfunction) if not name.startswith("_")}
    failures += [f"the path {name} is not tried" for name in sorted(public ^ set(PATHS))]
    runs = 0
    for seed in range(length.of(2, 50)):
        book = book_of(6, Random(length.seed + seed))
        for name, path in PATHS.items():
            for who in STRANGERS:
                runs += 1
                store = MemoryStore.create(book)
                before = kept(store)
                visit = as_(guard(store), who, medium="file" if name.startswith("export") else "screen", reason="why")
                try:
                    value = path(visit)
                except REFUSALS:
                    pass
                else:
                    if not is_nothing(value):
                        failures.append(f"{name} told {who} something")
                if kept(store) != before or links(store) != 1:
                    failures.append(f"{name} by {who} left {links(store)} entries")
    failures += list(around_the_guard())
    return Outcome(runs=runs, failures=tuple(failures), note=f"{len(PATHS)} paths, the store opened in one module alone")


def around_the_guard() -> list[str]:
    """Places in the desk's guarded half that open the store or write into it by themselves."""
    found: list[str] = []
    folder = Path(relcare.desk.__file__).parent
    for path in [*folder.glob("_visit*.py"), folder / "_sitting.py", folder / "_stepping.py"]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        reaching = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "store"]
        if path.name != "_visit_base.py":
            found += [f"{path.name}:{node.lineno} reaches for the store" for node in reaching]
    methods = {name for name, _ in inspect.getmembers(GuardedDesk, inspect.isfunction) if not name.startswith("_")}
    found += [f"GuardedDesk.{name} goes around a visit" for name in sorted(methods - {"as_", "now", "note", "new_id"})]
    return found


# ------------------------------------------------------------------------------------------- B2: the matrix, by a table

OWNER: Final = {"c-0": "lee", "c-1": "王", "c-2": "park", "c-3": None, "c-4": "wu"}
LEADS: Final = {"lee": "wu", "王": "wu", "park": "choi"}
CLASSES: Final = {
    "client.region": "basic",
    "attribute.strength": "dynamic",
    "person.birthday": "occasions",
    "touchpoint.note": "private",
}
READS: Final = frozenset({"get", "list", "search", "count", "filter", "sort"})
ALL: Final = frozenset(CLASSES.values())
TABLE: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "account manager": {**dict.fromkeys(READS, ALL), "propose": ALL - {"dynamic"}, "record": frozenset({"dynamic", "private"})},
    "head": {
        **dict.fromkeys(READS | {"report", "approve"}, ALL),
        "propose": frozenset({"dynamic"}),
        "record": frozenset({"dynamic", "private"}),
    },
    "keeper": {**dict.fromkeys(("get", "list"), ALL), "apply": ALL},
    "colleague": {},
    "outsider": {},
}


def relations(who: str, client_id: str, *, is_keeper: bool) -> set[str]:
    owner = OWNER.get(client_id)
    found = {"keeper"} if is_keeper else set()
    found |= {"account manager"} if owner == who else set()
    found |= {"head"} if owner is not None and LEADS.get(owner) == who else set()
    return found


def expected(who: str, client_id: str, action: str, fields: list[str], *, is_keeper: bool) -> str:
    """The answer, by the table above."""
    near = relations(who, client_id, is_keeper=is_keeper)
    if client_id not in OWNER or not near:
        return "unknown"
    opened = frozenset[str]().union(*(TABLE[relation].get(action, frozenset()) for relation in near))
    seen = [field for field in fields if CLASSES[field] in opened]
    whole = action in {"count", "filter", "sort", "record", "propose", "approve", "apply", "erase"}
    return "allowed" if seen and (len(seen) == len(fields) or not whole) else "denied"


def fixed_book() -> Book:
    clients = [Client(id=name, name="Kim", owner_id=owner, region="서울") for name, owner in OWNER.items()]
    people = [ContactPerson(id=f"p-{name}", client_id=name, name="Cho") for name in OWNER]
    return Book(clients=clients, people=people, staff=STAFF)


DEEDS: Final[Mapping[str, Callable[[Visit, str, list[str], int], Any]]] = {
    "get": lambda files, one, fields, _: files.get(one, fields),
    "report": lambda files, one, fields, _: files.report(one, fields),
    "propose": lambda files, one, fields, _: files.propose(one, dict.fromkeys(fields, "x")),
    "record": lambda files, one, fields, number: files.record(
        Touchpoint(
            id=f"t-{number}", client_id=one, occurred_at=TODAY, channel="call", note="x" if "touchpoint.note" in fields else None
        )
    ),
}


def check_matrix(length: Length) -> Outcome:
    rng, failures, answers = Random(length.seed), [], Counter[str]()
    runs = length.of(900, 100_000)
    store = MemoryStore.create(fixed_book())
    for number in range(runs):
        if number % 200 == 0:
            store = MemoryStore.create(fixed_book())
        is_keeper, who, one = rng.random() < 0.2, rng.choice(PEOPLE), rng.choice([*OWNER, "c-9"])
        action = rng.choice(["get", "report", "propose", "record", "may"])
        fields = rng.sample(sorted(CLASSES), rng.randint(1, 3))
        if action == "propose":
            fields = [field for field in fields if field[:6] in {"client", "attrib"}] or ["client.region"]
        if action == "record":
            fields = rng.choice([["attribute.strength"], ["attribute.strength", "touchpoint.note"]])
        visit = as_(guard(store), Principal(id=who, roles={"keeper"} if is_keeper else ()))
        before = kept(store)
        asked: Any = rng.choice(sorted({*READS, "report", "propose", "approve", "apply", "erase"})) if action == "may" else action
        try:
            value = visit.may(asked, one, fields=tuple(fields)) if action == "may" else DEEDS[action](visit, one, fields, number)
            found = value.answer if action == "may" else "allowed"
        except UnknownRecordError:
            found = "unknown"
        except (AccessDenied, IllegalStepError):
            found = "denied"
        right = expected(who, one, asked, fields, is_keeper=is_keeper)
        answers[f"{asked} {found}"] += 1
        if found != right or (found != "allowed" and kept(store) != before):
            failures.append(f"step {number}: {who} keeper={is_keeper} {asked} {one} {fields} was {found}, not {right}")
    return Outcome(runs=runs, failures=tuple(failures), note=f"{len(answers)} kinds of answers")


# --------------------------------------------------------------------------------------- B3: what a grant is bound to


# Everything that a grant is bound to could be asked for under these: nothing else keeps one thing from another.
LENT: Final = AccessRules(
    classes=[FieldClass("basic", ["client.name", "client.region", "client.stage"])],
    rules=[
        AccessRule(
            id="ask",
            relations=["colleague"],
            actions=["search", "list", "get", "filter"],
            classes=["basic"],
            media=["screen", "paper"],
            approval=True,
            longest="7 days",
            most=20,
        ),
        AccessRule(id="approve", relations=["head"], actions=["approve"], classes=["basic"], media=["screen", "paper"]),
    ],
)


def check_binding(length: Length) -> Outcome:
    rng, failures, runs = Random(length.seed), [], 0
    for number in range(length.of(40, 2_000)):
        store = MemoryStore.create(
            Book(clients=[Client(id=f"c-{n}", name="Chemie", region="서울") for n in range(3)], staff=STAFF)
        )
        clock = SteppingClock(NOON)
        desk = guard(store, attrs.evolve(POLICY, access=LENT), clock)
        count = rng.randint(1, 3)
        fields = rng.sample(["client.name", "client.region", "client.stage"], rng.randint(1, 2))
        asker, head = rng.choice([("lee", "wu"), ("park", "choi")])
        visit = as_(desk, asker, "first visit")
        for wrong in (0, -1, True):
            runs += 1
            if not isinstance(told(lambda: visit.request_grant("search", fields, text="chemie", count=wrong)), tuple):  # noqa: B023
                failures.append(f"case {number}: a grant for {wrong!r} records was taken")
        grant = visit.request_grant("search", fields, text="chemie", count=count).grant_id
        for nobody in {asker, "choi" if head == "wu" else "wu", "王", "nobody"}:
            runs += 1
            if told(lambda: as_(desk, nobody).approve_grant(grant))[0] not in REFUSALS:  # noqa: B023
                failures.append(f"case {number}: {nobody} approved what {asker} asked for")
        as_(desk, head).approve_grant(grant)
        for what, ask in changed(desk, asker, fields, count, clock, head, grant).items():
            runs += 1
            if ask() is not None:
                failures.append(f"case {number}: another {what} was covered")
        if what_is_found(lambda: visit.search("chemie", fields, limit=1)) is not None:  # noqa: B023
            failures.append(f"case {number}: a revoked grant opened something")
    return Outcome(
        runs=runs, failures=tuple(failures), note="requester, action, query, fields, purpose, medium, count, time, use"
    )


def what_is_found(ask: Callable[[], Any]) -> Any:
    """The fields of the files that are found; None where nothing is."""
    found = told(ask)
    return None if isinstance(found, tuple) or not found.files else found[0].values


def changed(
    desk: GuardedDesk, asker: str, fields: list[str], count: int, clock: SteppingClock, head: str, grant: str
) -> dict[str, Callable[[], Any]]:
    """Searches that differ from what was approved in one thing each; the last leaves the grant revoked."""
    own = as_(desk, asker, "first visit")
    other = "王" if asker == "lee" else "lee"
    hidden = next(field for field in ("client.stage", "client.region", "client.name") if field not in fields)

    def over() -> Any:
        again = own.request_grant("search", fields, text="chemie", count=1).grant_id
        as_(desk, head).approve_grant(again, ends_at=clock.now() + timedelta(hours=1))
        as_(desk, head).revoke_grant(grant)
        clock.advance(timedelta(hours=1))
        return what_is_found(lambda: own.search("chemie", fields, limit=1))

    def used_up() -> Any:
        left = own.grant(grant).remaining
        return what_is_found(lambda: own.search("chemie", fields, limit=left + 1))

    def unseen() -> Any:
        found = what_is_found(lambda: own.search("chemie", [*fields, hidden], limit=1)) if count > 1 else {}
        return None if hidden not in (found or {}) else found

    return {
        "requester": lambda: what_is_found(lambda: as_(desk, other, "first visit").search("chemie", fields, limit=1)),
        "query": lambda: what_is_found(lambda: own.search("chemi", fields, limit=1)),
        "criterion": lambda: what_is_found(lambda: own.search("chemie", fields, where="client.region == '서울'", limit=1)),
        "action": lambda: own.may("list", "c-0", fields=tuple(fields), query="chemie").grant_ids or None,
        "purpose": lambda: what_is_found(lambda: as_(desk, asker).search("chemie", fields, limit=1)),
        "medium": lambda: what_is_found(
            lambda: as_(desk, asker, "first visit", medium="paper").search("chemie", fields, limit=1)
        ),
        "count": lambda: what_is_found(lambda: own.search("chemie", fields, limit=count + 1)),
        "field": unseen,
        "use": used_up,
        "time": over,
    }


# ------------------------------------------------------------------------------------------- B4: fields of no class


def check_classes(length: Length) -> Outcome:
    rules = FILES.access or AccessRules()
    fields = Random(length.seed).sample(ALL_FIELDS, length.of(8, len(ALL_FIELDS)))
    failures: list[str] = []
    for field in fields:
        # A class needs a field: one that would lose its only one gets an attribute that nobody has.
        left = {one.id: [name for name in one.fields if name != field] or ["attribute.unused"] for one in rules.classes}
        classes = [attrs.evolve(one, fields=left[one.id]) for one in rules.classes]
        fewer = attrs.evolve(FILES, access=attrs.evolve(rules, classes=classes), require=())
        if all(finding.outcome != "refuted" for finding in prove(fewer).findings if finding.question == "fields classed"):
            failures.append(f"{field} is in no class, and the proof did not say so")
        store = MemoryStore.create(fixed_book())
        for who in (Principal(id="lee"), Principal(id="wu"), Principal(id="song", roles={"keeper"})):
            found = told(lambda: as_(guard(store, fewer), who).get("c-0", [field, "client.zone", "client.name"]))  # noqa: B023
            if not isinstance(found, tuple) and field in found.values:
                failures.append(f"{field} is in no class, and was told")
    return Outcome(runs=len(fields) * 4, failures=tuple(failures))


# ------------------------------------------------------------------------------------------- B5: the attacker who counts

SEEN_BY_ATTACKER: Final = AccessRules(
    classes=[
        FieldClass("basic", ["client.name", "client.region", "touchpoint.channel"]),
        FieldClass("private", ["person.phone", "attribute.pin"]),
    ],
    rules=[
        AccessRule(
            id="all",
            relations=["colleague", "account manager", "outsider"],
            actions=["know", "get", "list", "search", "count", "filter", "sort", "report", "record"],
            classes=["basic"],
        ),
        AccessRule(id="own", relations=["head"], actions=["get"], classes=["basic", "private"]),
    ],
)


def attack(rng: Random) -> Callable[[Visit], Any]:
    """One question of somebody who wants a telephone number digit by digit, and may not see it."""
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 4)))
    text, one = f"010-{digits}", f"c-{rng.randint(0, 4)}"
    asked: list[Callable[[Visit], Any]] = [
        lambda files: files.count(f"'{text}' in person.phone"),
        lambda files: files.count(f"'{text}' in person.phone or client.region == '서울'"),
        lambda files: files.count(f"client.name == 'Kim' and not missing(person.phone) and '{text}' in person.phone"),
        lambda files: files.list(["client.name"], where=f"not '{text}' in person.phone"),
        lambda files: files.list(["client.name"], order_by=["person.phone"]),
        lambda files: files.list(["client.name", "person.phone"], order_by=["-client.name"], skip=rng.randint(0, 3), limit=2),
        lambda files: files.search(digits, ["client.name", "person.phone"]),
        lambda files: files.search(text, ["person.phone"]),
        lambda files: files.search(digits, ["client.name", "person.phone"], where="client.region == '서울'"),
        lambda files: files.get(one, ["person.phone", "client.name"]),
        lambda files: files.get(one, ["person.phone"]),
        lambda files: files.report(one),
        lambda files: files.explain(one),
        lambda files: files.may("filter", one, fields=("person.phone",), query=text),
        lambda files: files.check_duplicate({"person.phone": text}),
        lambda files: files.propose(one, {"person.phone": text}, person_id=f"p-{one}"),
        lambda files: files.record(Touchpoint(id=f"t-{text}", client_id=one, occurred_at=TODAY, channel=text)),
        lambda files: files.export("csv", ["person.phone"], where=f"'{text}' in person.phone"),
        lambda files: files.due(),
        lambda files: files.list(["client.name"], order_by=["attribute.pin"]),
        lambda files: files.list(["client.name"], order_by=["client.region", "-attribute.pin"], limit=1),
        lambda files: files.list(["attribute.pin", "client.name"], where=f"attribute.pin == '{digits}'"),
        lambda files: files.count(f"attribute.pin > {int(digits)}"),
    ]
    return rng.choice(asked)


def check_attacker(length: Length) -> Outcome:
    failures: list[str] = []
    queries = length.of(400, 1_000)
    for round_number in range(length.of(1, 50)):
        rng = Random(length.seed + round_number)
        seed, numbers = rng.random(), [[f"010-{rng.randint(1_000, 9_999)}" for _ in range(5)] for _ in range(2)]
        policy = attrs.evolve(POLICY, access=SEEN_BY_ATTACKER)
        stores = [
            MemoryStore.create(
                Book(
                    clients=[
                        Client(id=f"c-{n}", name="Kim", owner_id="park", region="서울", attributes={"pin": int(phone[-4:])})
                        for n, phone in enumerate(few)
                    ],
                    people=[
                        ContactPerson(id=f"p-c-{n}", client_id=f"c-{n}", name="Cho", phone=phone) for n, phone in enumerate(few)
                    ],
                    staff=STAFF,
                )
            )
            for few in numbers
        ]
        transcripts = [transcript(as_(guard(store, policy), "lee", reason="why"), Random(seed), queries) for store in stores]
        failures += [
            f"round {round_number}, query {number}: {first!r} and {second!r}"
            for number, (first, second) in enumerate(zip(*transcripts, strict=True))
            if first != second
        ]
    return Outcome(
        runs=queries * length.of(1, 50),
        failures=tuple(failures),
        note="answers, errors and pages of two books that differ in what is hidden",
    )


def transcript(visit: Visit, rng: Random, queries: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(queries):
        value = told(lambda: attack(rng)(visit))
        found.append(value.content if isinstance(value, Export) else value)
    return found


# ------------------------------------------------------------------------------- B6 and B7: lists, and what is not there


def check_lists(length: Length) -> Outcome:
    failures: list[str] = []
    runs = length.of(150, 10_000)
    for number in range(runs):
        rng = Random(length.seed * 100_003 + number)
        policy, book = attrs.evolve(POLICY, access=random_rules(rng)), book_of(rng.randint(0, 6), rng)
        visit = as_(guard(MemoryStore.create(book), policy), somebody(rng))
        action: Any = rng.choice(["list", "search", "count"])
        fields = rng.sample(FIELDS, rng.randint(0, 3))
        where = "client.region == '서울'"
        used = ("client.region",) if action == "count" else tuple(fields)
        each = {one.id: visit.may(action, one.id, fields=used) for one in book.clients}
        seoul = {one.id for one in book.clients if one.region == "서울"}
        if action == "count":
            may_filter = {one.id for one in book.clients if visit.may("filter", one.id, fields=used).is_allowed}
            right: Any = len([one for one in each if each[one].is_allowed and one in seoul & may_filter])
            found: Any = told(lambda: visit.count(where))  # noqa: B023
            found = 0 if isinstance(found, tuple) else found
        else:
            right = {one: decision.fields for one, decision in sorted(each.items()) if decision.is_allowed}
            if action == "search":
                right = {one: names for one, names in right.items() if "client.region" in names and one in seoul}
            files = told(lambda: visit.list(fields) if action == "list" else visit.search("서울", fields))  # noqa: B023
            found = {} if isinstance(files, tuple) else {file.client_id: tuple(file.values) for file in files}
        if found != right:
            failures.append(f"seed {length.seed}, case {number}: {action} {fields} gave {found}, not {right}")
    return Outcome(runs=runs, failures=tuple(failures))


BY_ID: Final[tuple[Callable[[Visit, str], Any], ...]] = (
    lambda files, one: files.get(one),
    lambda files, one: files.get(one, ["client.name"]),
    lambda files, one: files.report(one),
    lambda files, one: files.decide(one),
    lambda files, one: files.explain(one),
    lambda files, one: files.may("get", one, fields=("client.name",)),
    lambda files, one: files.record(attrs.evolve(CALL, client_id=one)),
    lambda files, one: files.propose(one, {"client.region": "제주"}),
    lambda files, one: files.propose(one, {"person.phone": "1"}, person_id="p-c-0"),
    lambda files, one: files.request_grant("get", ["client.name"], client_id=one),
)


class ReadCounter:
    """A store that counts what is read from it."""

    def __init__(self, store: Store) -> None:
        self._store, self.reads = store, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def read(self) -> Generator[Any]:
        """A view that counts."""
        with self._store.read() as view:
            yield CountedView(view, self.reads)


class CountedView:
    """A view whose records are counted as they are read, by kind."""

    def __init__(self, view: Any, reads: Counter[str]) -> None:
        self.log, self._records, self._reads = view.log, view.records, reads

    @property
    def records(self) -> Any:
        """Itself: what is asked of the records comes here."""
        return self

    def get(self, kind: str, record_id: str, /) -> Any:
        """See `RecordReader.get`."""
        self._reads[kind] += 1
        return self._records.get(kind, record_id)

    def scan(self, kind: str, /, **more: Any) -> Any:
        """See `RecordReader.scan`."""
        self._reads[kind] += 1
        return self._records.scan(kind, **more)


def check_missing(length: Length) -> Outcome:
    failures: list[str] = []
    runs = 0
    for number in range(length.of(12, 600)):
        rng = Random(length.seed * 7 + number)
        book, one, who = book_of(5, rng), f"c-{rng.randint(0, 4)}", somebody(rng)
        people = [person for person in book.people if person.client_id != one]
        touches = [touch for touch in book.touchpoints if touch.client_id != one]
        without = Book(
            clients=[client for client in book.clients if client.id != one], people=people, touchpoints=touches, staff=STAFF
        )
        policy = FILES if rng.random() < 0.5 else attrs.evolve(POLICY, access=random_rules(rng))
        knows = AccessRequest(action="know", client_id=one, purpose="care")
        standing = standing_of(book, who, one, as_of=TODAY)
        if decide_access(policy.access or AccessRules(), who, knows, standing, at=NOON).answer != "unknown":
            continue
        for place, ask in enumerate(BY_ID):
            runs += 1
            stores = [ReadCounter(MemoryStore.create(each)) for each in (book, without)]
            hidden, missing = (told(lambda: ask(as_(guard(store, policy), who), one)) for store in stores)  # noqa: B023
            if place == len(BY_ID) - 1 and not isinstance(hidden, tuple):
                continue  # whoever may ask for a grant is told that they may
            if hidden != missing:
                failures.append(f"case {number}, call {place}: {hidden!r} and {missing!r}")
            if stores[0].reads != stores[1].reads:
                failures.append(f"case {number}, call {place}: read {stores[0].reads} and {stores[1].reads}")
    return Outcome(runs=runs, failures=tuple(failures), note="the same class, the same text, the same reads")


# --------------------------------------------------------------------------------------------- B8: nothing without its entry


def check_entries(length: Length) -> Outcome:
    failures: list[str] = []
    runs = 0
    for number in range(length.of(120, 5_000)):
        rng = Random(length.seed * 31 + number)
        store = MemoryStore.create(book_of(5, rng))
        breaking = BreakingStore(store)
        draw, desk = Draw(rng), guard(breaking)
        for draw.number in range(rng.randint(0, 6)):
            value = told(lambda: rng.choice(CALLS)(as_(desk, somebody(rng)), draw))  # noqa: B023
            draw.note(value)
        before, count = kept(store), links(store)
        breaking.left = number % 3
        call, visit = rng.choice(CALLS), as_(desk, attrs.evolve(somebody(rng), is_active=True))
        runs += 1
        draw.number = 99
        value = told(lambda: call(visit, draw))  # noqa: B023
        if is_not_understood(value):
            continue
        is_broken = isinstance(value, tuple) and value[:1] == (StorageError,)
        if is_broken and (kept(store) != before or links(store) != count):
            failures.append(f"case {number}: something was done without its entry")
        if number % 3 < 2 and not is_broken:
            failures.append(f"case {number}: {value!r} was told without its entry")
        if not is_broken and number % 3 == 2 and links(store) != count + 1:
            failures.append(f"case {number}: {links(store) - count} entries for one call")
    return Outcome(runs=runs, failures=tuple(failures), note="at each record of the log")


PROMISES: Final = (
    Promise("B1", "There is no path to a client's file without somebody, a decision and an entry in the log", check_paths),
    Promise("B2", "Only whom the table lets does it, whatever the relation; what is refused changes no byte", check_matrix),
    Promise("B3", "A grant opens what was approved: change any one thing, and it opens nothing", check_binding),
    Promise("B4", "A field is hidden from everybody while it is in no class, and the proof says so", check_classes),
    Promise("B5", "Whoever filters, sorts, counts and searches, however often, learns nothing of what is hidden", check_attacker),
    Promise("B6", "A list holds those whom the decision lets them see, one by one", check_lists),
    Promise("B7", "What is hidden and what is missing are told alike", check_missing),
    Promise("B8", "Where its entry cannot be written, nothing is told and nothing is done", check_entries),
)
