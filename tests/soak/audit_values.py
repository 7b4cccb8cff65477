"""What the audit trail says, and what it never says (rows B11 and B12).

Source: ACC-4
"""

import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from random import Random
from typing import Final

from tests.soak.promise import Length, Outcome, Promise

from relcare.access import ACTIONS, RETENTION_LAWS, AuditEntry, DigestKey, KeepClock, Principal
from relcare.codec import loads_policy
from relcare.desk import Caller, ClientFile, ClientFiles, GuardedDesk, Visit
from relcare.errors import RelcareError
from relcare.model import Book, Client, Consent, ContactPerson, Money, Purchase, Staff, Touchpoint
from relcare.presets import part_text
from relcare.storage import AuditTrail, MemoryStore
from relcare.storage._audit_texts import dump_link
from relcare.testing import SteppingClock

CANARY: Final = "kanarienvogel"
KEY: Final = DigestKey(b"kept away from the store, 32 bytes")
NOON: Final = datetime(2026, 3, 31, 3, tzinfo=UTC)
DAY: Final = date(2026, 3, 20)
_CLIENTS: Final = 6
_SHOWN: Final = 5
_HEAD: Final = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
_FIELDS: Final = ("client.name", "client.region", "person.phone", "touchpoint.note", "purchase.category", "attribute.address")
_WHO: Final = ("lee", "lee", "lee", "lee", "lee", "lee", "wu", "wu", "wu", "keeper", "stranger", None)


def guarded(store: MemoryStore) -> GuardedDesk:
    """A desk over a book in every value of which there is a canary."""
    policy = loads_policy(_HEAD + part_text("client-files").replace('"tier.abc", "vip.vip",', ""))
    return GuardedDesk(store=store, policy=policy, clock=SteppingClock(NOON), key=KEY)


def canary_store() -> MemoryStore:
    """Clients whose ids are plain: ids may be told, values may not."""
    ids = [f"c-{number}" for number in range(_CLIENTS)]
    clients = [
        Client(
            id=one,
            name=f"{CANARY} name {one}",
            region=f"{CANARY} region",
            owner_id="lee" if number % 2 else None,
            attributes={"address": f"{CANARY} address {one}"},
        )
        for number, one in enumerate(ids)
    ]
    return MemoryStore.create(
        Book(
            clients=clients,
            people=[
                ContactPerson(
                    id=f"p-{one}", client_id=one, name=f"{CANARY} person", phone=f"010-{CANARY}", email=f"{CANARY}@x.kr"
                )
                for one in ids
            ],
            touchpoints=[
                Touchpoint(id=f"t-{one}", client_id=one, occurred_at=DAY, channel="call", note=f"{CANARY} note") for one in ids
            ],
            purchases=[
                Purchase(id=f"b-{one}", client_id=one, purchased_on=DAY, amount=Money("7", "KRW"), category=f"{CANARY} goods")
                for one in ids
            ],
            consents=[
                Consent(id=f"n-{one}", client_id=one, kind="refused", start_on=DAY, source=f"{CANARY} call") for one in ids
            ],
            staff=[Staff(id="lee", name="Lee", head_id="wu"), Staff(id="wu", name="Wu"), Staff(id="keeper", name="Han")],
            zone="Asia/Seoul",
            currency="KRW",
        )
    )


Move = Callable[[Visit, Random, str], object]

MOVES: Final[Sequence[Move]] = (
    lambda visit, _, one: visit.get(one),
    lambda visit, random, one: visit.get(one, random.sample(_FIELDS, 2)),
    lambda visit, random, _: visit.list(random.sample(_FIELDS, 2), order_by=["client.name"]),
    lambda visit, _, one: visit.search(f"{CANARY} name {one}", ["client.name", "person.phone"]),
    lambda visit, _, __: visit.count(f'client.region == "{CANARY} region"'),
    lambda visit, _, __: visit.check_duplicate({"client.name": f"{CANARY} name", "client.region": f"{CANARY} region"}),
    lambda visit, _, one: visit.propose(one, {"client.region": f"{CANARY} new", "attribute.address": f"{CANARY} there"}),
    lambda visit, _, one: visit.propose(one, {"person.phone": f"{CANARY} 2"}, person_id=f"p-{one}"),
    lambda visit, _, __: visit.propose_client({"client.name": f"{CANARY} newcomer", "client.owner_id": "lee"}),
    lambda visit, _, one: visit.request_grant("search", ["client.name"], text=f"{CANARY} {one}"),
    lambda visit, _, one: visit.record(
        Touchpoint(id=f"r-{one}", client_id=one, occurred_at=DAY, channel="call", note=f"{CANARY} said")
    ),
    lambda visit, _, __: visit.export("csv", ["client.name"]),
    lambda visit, _, one: visit.decide(one),
    lambda visit, _, __: [visit.apply_change(one.change_id) for one in visit.changes()],
)


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, by anybody and at any level."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def told_by(error: BaseException) -> str:
    """All that an error could give away: message, repr, and what is left of it after a pickle."""
    again = pickle.loads(pickle.dumps(error))
    return "\n".join([str(error), repr(error), str(again), *traceback.format_exception_only(error)])


def trail_text(store: MemoryStore) -> str:
    """The trail as it is stored, as it is shown and as it is pickled."""
    with store.read() as view:
        links = list(AuditTrail(view).links())
    stored = [dump_link(link) for link in links]
    return "\n".join([*stored, repr(links), pickle.dumps([link.entry for link in links]).decode("latin-1")])


def check_no_values(length: Length) -> Outcome:
    """B11."""
    count = length.of(150, 10_000)
    random = Random(length.seed)
    failures: list[str] = []
    errors = entries = 0
    with listening() as heard:
        for start in range(0, count, 250):
            store = canary_store()
            desk = guarded(store)
            for number in range(start, min(start + 250, count)):
                who = random.choice(_WHO)
                roles = {"keeper"} if who == "keeper" else set[str]()
                caller = Caller(
                    principal=None if who is None else Principal(id=who, roles=roles),
                    purpose=random.choice((*["care"] * 9, "reference", "no such purpose")),
                    medium="file" if random.random() < 0.1 else "screen",
                    origin="10.0.0.7",
                    reason="the client called",
                )
                move = random.randrange(len(MOVES))
                try:
                    MOVES[move](desk.as_(caller), random, f"c-{random.randrange(_CLIENTS + 1)}")
                except RelcareError as error:
                    errors += 1
                    if CANARY in told_of_own(error):
                        failures.append(f"move {move} ({number}, seed {length.seed}): {type(error).__name__} tells it")
            with store.read() as view:
                entries += sum(1 for _ in AuditTrail(view).links())
            if CANARY in trail_text(store):
                failures.append(f"from {start}, seed {length.seed}: the trail holds it")
            if CANARY in repr(desk) or CANARY in repr(store):
                failures.append("the desk shows it")
        if CANARY in heard.getvalue():
            failures.append("the log of the process holds it")
    note = f"{entries:,} entries, {errors:,} errors looked at"
    return Outcome(runs=count, failures=tuple(failures[:_SHOWN]), note=note)


def told_of_own(error: RelcareError) -> str:
    """What an error tells of the book; a value that the caller got wrong is told back to the caller, as it was given."""
    return "" if isinstance(error, ValueError) else told_by(error)


def check_fields(length: Length) -> Outcome:
    """B12."""
    random = Random(length.seed)
    store = canary_store()
    desk = guarded(store)
    failures: list[str] = []
    for _ in range(length.of(60, 2_000)):
        who = random.choice(_WHO)
        caller = Caller(
            principal=None if who is None else Principal(id=who),
            purpose="care",
            medium=random.choice(("screen", "file")),
            origin="10.0.0.7",
            reason="asked",
        )
        try:
            told = random.choice(MOVES)(desk.as_(caller), random, f"c-{random.randrange(_CLIENTS)}")
        except RelcareError:
            continue
        failures += missing_of(store, told)
    with store.read() as view:
        entries = [link.entry for link in AuditTrail(view).links() if link.entry is not None]
    failures += [missing for entry in entries for missing in missing_in(entry)]
    logs = [row.clock for row in RETENTION_LAWS["kr"].rows if row.id == "kr.pipa.log"]
    if not (isinstance(logs[0], KeepClock) and logs[0].lasts is not None and logs[0].lasts.months == 12):
        failures.append("the preset does not have logs kept for a year")
    return Outcome(runs=len(entries), failures=tuple(failures[:_SHOWN]), note=f"{len({one.action for one in entries})} actions")


def missing_of(store: MemoryStore, told: object) -> Iterator[str]:
    """Whose files a call has just told, where the trail does not answer "who saw this client" with it."""
    ids = told.client_ids if isinstance(told, ClientFiles) else (told.client_id,) if isinstance(told, ClientFile) else ()
    with store.read() as view:
        trail = AuditTrail(view)
        head = trail.head()
        last = -1 if head is None else head.count - 1
        found = {one for one in ids if last in {link.place for link in trail.links_of(KEY.digest("client", one))}}
    yield from (f"that {one} was shown" for one in ids if one not in found)


def missing_in(entry: AuditEntry) -> Iterator[str]:
    """What the law wants of a line and this one does not say: who, when, from where, whose file, what, and why of an export."""
    if entry.at.tzinfo is not UTC:
        yield "when"
    if entry.origin is None:
        yield "from where"
    if entry.action not in ACTIONS or not entry.purpose or (entry.answer != "allowed" and not entry.reason_codes):
        yield f"what, and what for, of {entry.action}"
    if entry.actor_id is None and entry.answer == "allowed":
        yield "who"
    if entry.client_digest is None and entry.action in {"get", "report", "record"}:
        yield f"whose file, of {entry.action}"
    shown = entry.count if entry.action in {"list", "search", "export"} and entry.answer == "allowed" else 0
    if bool(entry.client_digests) != bool(shown):
        yield f"whose files, of {entry.action}"
    if entry.action == "export" and entry.answer == "allowed" and entry.reason is None:
        yield "why, of an export"


PROMISES: Final = (
    Promise("B11", "No value of a client is in the audit trail, in logs, or in what errors tell of the book", check_no_values),
    Promise("B12", "Every line of the audit trail says who, when, from where, whose file, what and why", check_fields),
)
