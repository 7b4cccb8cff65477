"""Erased means erased, and what the law has kept is kept (rows B13 and B14).

Source: ACC-5
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Final

from tests.soak.canaries import BY, canary_book, canary_review, canary_trail, told_of
from tests.soak.promise import Length, Outcome, Promise

from relcare.access import (
    RETENTION_CLOCKS,
    RETENTION_KINDS,
    RETENTION_LAWS,
    RETENTION_OUTCOMES,
    RETENTION_QUESTIONS,
    DigestKey,
    EraseClock,
    KeepClock,
    RetentionRecord,
    RetentionRules,
    decide_retention,
)
from relcare.storage import AuditTrail, SqliteStore, Store, back_up, erase_client, erasures_in, restore
from relcare.storage.sql import SqlStore
from relcare.wording import explain

KEY: Final = DigestKey(b"kept away from the store, 32 bytes")
NOON: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
GROUND: Final = "request of 30 March"
_SHOWN: Final = 5


def left_in(folder: Path, canary: bytes) -> Iterator[str]:
    """The files in which a canary is left, whatever they are."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and canary in path.read_bytes():
            yield str(path.relative_to(folder))


def new_store(folder: Path, number: int) -> Store:
    """SQLite for itself, and SQLite as a host has it, in turn."""
    return SqliteStore.new(folder / "book.db") if number % 2 == 0 else SqlStore.new(f"sqlite:///{folder}/book.db")


def erase_and_look(folder: Path, number: int, random: Random) -> tuple[int, list[str]]:
    """How many links were erased, and where the client who went is still found: the old backup alone may know them."""
    clients = random.randint(2, 40)
    gone = random.randrange(clients)
    canary = told_of(f"c-{gone}")
    failures: list[str] = []
    old, live = folder / "old", folder / "live"
    live.mkdir()
    with new_store(live, number) as store:  # type: ignore[attr-defined]
        canary_book(store, clients, random)
        canary_review(store, clients)
        canary_trail(store, KEY, clients)
        backup = back_up(store, old, now=NOON)
        report = erase_client(
            store,
            canary.decode(),
            key=KEY,
            at=NOON + timedelta(hours=1),
            by=BY,
            ground=GROUND,
            erases_links=random.random() < 0.5,
        )
        failures += [f"left in {name} while it is open" for name in left_in(live, canary)]
        again = back_up(store, live / "new", now=NOON + timedelta(hours=2))
        journal = erasures_in(store)
        with store.read() as view:
            chain = AuditTrail(view).verify()
        if not chain.is_intact or len(chain.erased) != report.erasure.link_count:
            failures.append(f"the chain: {chain.faults}, {len(chain.erased)} erased of {report.erasure.link_count}")
    failures += [f"left in {name}" for name in left_in(live, canary)]
    restored = folder / "restored"
    restored.mkdir()
    restore(backup.path, f"{restored}/book.db", journal=journal, key=KEY).close()
    restore(again.path, f"{restored}/again.db", journal=journal, key=KEY).close()
    failures += [f"left in restored/{name}" for name in left_in(restored, canary)]
    with SqliteStore.open(restored / "book.db") as store:
        if erasures_in(store) != journal:
            failures.append("the restored book does not know of the erasure")
    other = told_of(f"c-{(gone + 1) % clients}")
    failures += [] if list(left_in(live, other)) else ["another client went too"]
    failures += [] if list(left_in(old, canary)) else ["the canary was never there, so nothing was tried"]
    return len(chain.erased), failures


def check_erased(length: Length) -> Outcome:
    """B13."""
    count = length.of(3, 200)
    random = Random(length.seed)
    failures: list[str] = []
    links = 0
    for number in range(count):
        with tempfile.TemporaryDirectory(prefix="relcare-soak-") as name:
            erased, found = erase_and_look(Path(name), number, random)
        links += erased
        failures += [f"book {number}, seed {length.seed}: {one}" for one in found]
    note = f"{links} entries of the trail erased; not PostgreSQL, which keeps rows until it vacuums"
    return Outcome(runs=count, failures=tuple(failures[:_SHOWN]), note=note)


def rules_to_try(random: Random, count: int) -> Iterator[RetentionRules]:
    """Every preset alone, all of them together, and random rules."""
    yield RetentionRules()
    yield from (RetentionRules(laws=[name]) for name in RETENTION_LAWS)
    yield RetentionRules(laws=list(RETENTION_LAWS))
    lengths = ("1 day", "6 months", "3 years", "5 years")
    for _ in range(count):
        keep = [
            KeepClock(
                kinds=random.sample(RETENTION_KINDS, 3),
                ground=random.choice((None, "a law")),
                lasts=random.choice((None, *lengths)),
                counted_from=random.choice(RETENTION_CLOCKS),
            )
            for _ in range(random.randrange(3))
        ]
        erase = [
            EraseClock(
                kinds=random.sample(RETENTION_KINDS, 3),
                purpose=random.choice(("care", "prospecting")),
                after=random.choice(lengths),
                counted_from=random.choice(RETENTION_CLOCKS),
                on_request=(on_request := random.random() < 0.7),
                ground=None if on_request else "a contract in force",
            )
            for _ in range(random.randrange(3))
        ]
        yield RetentionRules(laws=random.sample(sorted(RETENTION_LAWS), random.randrange(2)), keep=keep, erase=erase)


def check_retention(length: Length) -> Outcome:
    """B14."""
    random = Random(length.seed)
    began = date(2020, 2, 29)
    failures: list[str] = []
    outcomes: Counter[str] = Counter()
    for number, rules in enumerate(rules_to_try(random, length.of(8, 400))):
        for kind, asked, topic, ended in product(RETENTION_KINDS, RETENTION_QUESTIONS, (None, "complaint"), (None, began)):
            record = RetentionRecord(kind=kind, topic=topic, event_on=began, ended_on=ended)
            decision = decide_retention(rules, record, on=began + timedelta(days=random.randrange(2_500)), asked=asked)
            outcomes[decision.outcome] += 1
            if decision.outcome not in RETENTION_OUTCOMES or not all(map(explain, decision.reasons)) or not decision.reasons:
                failures.append(f"rules {number}, seed {length.seed}, {kind}, {asked}: {decision}")
            is_by_law = asked != "time" and decision.outcome in {"restrict", "refuse"} and asked != "restriction"
            if is_by_law and not any(reason.values.get("ground") for reason in decision.reasons):
                failures.append(f"rules {number}, seed {length.seed}, {kind}, {asked}: no ground is cited")
    note = ", ".join(f"{outcomes[name]:,} {name}" for name in RETENTION_OUTCOMES)
    return Outcome(runs=sum(outcomes.values()), failures=tuple(failures[:_SHOWN]), note=note)


PROMISES: Final = (
    Promise(
        "B13", "What is erased is in no file of the store, in no backup taken since and in none restored later", check_erased
    ),
    Promise("B14", "Whatever is asked about a record has one outcome, with the ground that it rests on", check_retention),
)
