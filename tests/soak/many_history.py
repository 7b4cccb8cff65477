"""Histories of versions: what each of many processes read and wrote, and whether one store can have answered so."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from random import Random
from time import monotonic_ns
from typing import Final, Literal, TypeAlias

import attrs

from relcare.errors import ConflictError
from relcare.storage import Record, Store

Kind: TypeAlias = Literal["read", "written", "refused"]

REGISTERS: Final = ("r-1", "r-2", "r-3")
_KIND: Final = "register"


@attrs.frozen(kw_only=True)
class Step:
    """One thing that a process saw.

    Attributes:
        register: Which record.
        kind: `read`; `written`, by itself; or `refused`, with the version that is stored instead.
        started: When it was asked, in nanoseconds of a clock that all processes of a machine share.
        ended: When it was answered.
        over: Of one that was written, the version that was read before; 0 for no record.
        version: Which version it saw or wrote; 0 for no record.
        value: What stood in it; empty where nothing was seen.
        by: Which process and step, for the reader.
    """

    register: str
    kind: Kind
    started: int
    ended: int
    over: int = 0
    version: int
    value: str
    by: str


def steps_of(store: Store, number: int, count: int, seed: int) -> list[Step]:
    """Reads and writes `count` times in all, at random."""
    random = Random(f"{seed} {number}")
    seen: dict[str, Record | None] = dict.fromkeys(REGISTERS)
    steps: list[Step] = []
    while len(steps) < count:
        register, by = random.choice(REGISTERS), f"{number}.{len(steps)}"
        if random.random() < 0.3:
            step, seen[register] = _written(store, register, seen[register], by)
        else:
            step, seen[register] = _read(store, register, by, scans=random.random() < 0.1)
        steps.append(step)
    return steps


def _read(store: Store, register: str, by: str, *, scans: bool) -> tuple[Step, Record | None]:
    started = monotonic_ns()
    with store.read() as view:
        if scans:
            found = next((one for one in view.records.scan(_KIND) if one.id == register), None)
        else:
            found = view.records.get(_KIND, register)
    version, value = (0, "") if found is None else (found.version, found.payload)
    step = Step(register=register, kind="read", started=started, ended=monotonic_ns(), version=version, value=value, by=by)
    return step, found


def _written(store: Store, register: str, read: Record | None, by: str) -> tuple[Step, Record | None]:
    started = monotonic_ns()
    stored: Record | None = None
    over, found = 0 if read is None else read.version, 0
    try:
        with store.write() as unit:
            record = Record(kind=_KIND, id=register, payload=by)
            stored = unit.records.put(record, expected=over)
    except ConflictError as error:
        found = error.found
    kind: Kind = "refused" if stored is None else "written"
    version, value = (found, "") if stored is None else (stored.version, by)
    step = Step(
        register=register, kind=kind, started=started, ended=monotonic_ns(), over=over, version=version, value=value, by=by
    )
    return step, stored or read


def last_of(store: Store) -> dict[str, tuple[int, str]]:
    """The version and the value with which each register ended."""
    with store.read() as view:
        return {one.id: (one.version, one.payload) for one in view.records.scan(_KIND)}


def violations(steps: Iterable[Step], last: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """What no store can answer that keeps one history of each register."""
    by_register: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_register[step.register].append(step)
    for register in sorted({*by_register, *last}):
        for told in _of_register(by_register[register], last.get(register, (0, ""))):
            yield f"{register}: {told}"


def _of_register(steps: list[Step], last: tuple[int, str]) -> Iterator[str]:
    winners: dict[int, Step] = {}
    for step in steps:
        if step.kind == "written":
            if step.version in winners:
                yield f"version {step.version} was written by {winners[step.version].by} and by {step.by}"
            if step.version != step.over + 1:
                yield f"{step.by} wrote version {step.version} over version {step.over}, which it had read"
            winners[step.version] = step
    if sorted(winners) != list(range(1, len(winners) + 1)):
        yield f"{len(winners)} versions were written, but not those from 1 on"
    ended = (len(winners), winners[len(winners)].value if len(winners) in winners else "")
    if last != ended:
        yield f"it ended as {last}, but the last that was written is {ended}"
    for step in steps:
        yield from _against_values(step, winners)
    yield from _against_time(steps)


def _against_values(step: Step, winners: Mapping[int, Step]) -> Iterator[str]:
    if step.version == 0:
        return
    winner = winners.get(step.version)
    if winner is None:
        yield f"{step.by} saw version {step.version}, which nobody was told is kept"
    elif step.kind == "read" and step.value != winner.value:
        yield f"{step.by} read {step.value!r} as version {step.version}, but {winner.by} wrote {winner.value!r}"
    elif step.ended < winner.started:
        yield f"{step.by} saw version {step.version} before {winner.by} wrote it"


def _against_time(steps: list[Step]) -> Iterator[str]:
    """What was seen by anyone is seen by everyone who asks afterwards; what is written then is newer."""
    by_end = sorted(steps, key=lambda step: step.ended)
    ends = [step.ended for step in by_end]
    newest = list(accumulate((step.version for step in by_end), max))
    for step in steps:
        before = bisect_left(ends, step.started)
        known = newest[before - 1] if before else 0
        if step.version < known + (step.kind == "written"):
            yield f"stale: {step.by} ({step.kind}) got version {step.version} when version {known} had been seen"
