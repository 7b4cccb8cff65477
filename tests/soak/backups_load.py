"""A book whose every unit can be checked, written by many while it is backed up."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from time import sleep
from typing import Final

from relcare.storage import LogEntry, ReadUnit, Record, Store, StoredEntry

__all__ = ["counted", "is_prefix", "log_of", "write_until", "wrong_in"]

_COUNTER: Final = ("counter", "all")
_FIRST: Final = "0" * 64


def write_until(store: Store, number: int, stop: Path, seed: int) -> int:
    """How many units were kept until the file `stop` was there.

    Each counts on, chains what it appends to what was appended before, and moves a client from one team to the other.
    """
    random = Random(f"{seed} {number}")
    kept = 0
    while not stop.exists():
        with store.write(f"{number}-{kept}") as unit:
            before = unit.records.get(*_COUNTER)
            count, link = _read(before)
            link = _next(link, count + 1)
            kind, record_id = _COUNTER
            counter = Record(kind=kind, id=record_id, payload=json.dumps([count + 1, link]), keys={"count": str(count + 1)})
            unit.records.put(counter, expected=0 if before is None else before.version)
            unit.log.append(_entry(count + 1, link, number))
            client = unit.records.get("client", f"c-{number}")
            moved = Record(kind="client", id=f"c-{number}", payload=f"{kept + 1}", keys={"team": random.choice(["a", "b"])})
            unit.records.put(moved, expected=0 if client is None else client.version)
        kept += 1
        sleep(random.uniform(0, 0.004))  # so that the book does not outgrow the backups
    return kept


def counted(store: Store) -> int:
    """How many units were kept so far."""
    with store.read() as view:
        return _read(view.records.get(*_COUNTER))[0]


def log_of(store: Store) -> list[StoredEntry]:
    """The whole log."""
    with store.read() as view:
        return list(view.log.since())


def wrong_in(store: Store) -> Iterator[str]:
    """Where what lies in a store is not what some number of whole units leaves behind."""
    with store.read() as view:
        counter = view.records.get(*_COUNTER)
        count, link = _read(counter)
        if counter is not None and (counter.version, [*view.records.scan("counter", key=("count", f"{count}"))]) != (
            count,
            [counter],
        ):
            yield f"the counter says {count}, its version {counter.version}, and its key finds another"
        yield from _wrong_in_log(list(view.log.since()), count, link)
        yield from _wrong_in_clients(view, count)


def _wrong_in_log(log: Sequence[StoredEntry], count: int, link: str) -> Iterator[str]:
    if len(log) != count:
        yield f"the counter says {count}, the log has {len(log)} entries"
    found = _FIRST
    for number, stored in enumerate(log, 1):
        found = _next(found, number)
        if (stored.entry.id, stored.entry.payload) != (f"e-{number}", f'"{found}"'):
            yield f"entry {number} of the log is not the one that was appended"
            return
    if found != link:
        yield f"the chain of the log does not end as the counter says, at {count}"


def _wrong_in_clients(view: ReadUnit, count: int) -> Iterator[str]:
    clients = list(view.records.scan("client"))
    teams = sorted(one.id for team in ("a", "b") for one in view.records.scan("client", key=("team", team)))
    if teams != [one.id for one in clients]:
        yield "by their keys there are other clients"
    if sum(one.version for one in clients) != count or any(f"{one.version}" != one.payload for one in clients):
        yield f"the versions of the clients do not add up to {count}"


def is_prefix(part: Sequence[StoredEntry], whole: Sequence[StoredEntry]) -> bool:
    """Whether a log is the beginning of another, with the same positions."""
    return list(part) == list(whole[: len(part)])


def _read(counter: Record | None) -> tuple[int, str]:
    if counter is None:
        return 0, _FIRST
    count, link = json.loads(counter.payload)
    return int(count), str(link)


def _next(link: str, number: int) -> str:
    return sha256(f"{link} {number}".encode()).hexdigest()


def _entry(number: int, link: str, writer: int) -> LogEntry:
    return LogEntry(id=f"e-{number}", kind="note", client_id=f"c-{writer}", payload=f'"{link}"', by="lee")
