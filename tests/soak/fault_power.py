"""A2: power is lost at every system call of every public call that writes; the disk then holds what it may."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import attrs
from tests.soak.fault_book import REFUSED, Broken, Place, look, observe
from tests.soak.fault_disk import Disk, Kind, Op, State, read_state, write_state
from tests.soak.fault_workloads import Workload
from tests.soak.faults import Action, Shim

from relcare.errors import StorageError
from relcare.storage import SqliteStore

MIXES: Final = 3
DONE: Final = "done "
LOOKED: Final = "looked "


@attrs.frozen(kw_only=True)
class Expected:
    """What a workload leads to when nothing fails.

    Attributes:
        start: What is there before.
        seen: What is observed before the first step, and after each.
        between: What else is allowed while the first step is under way.
    """

    start: State
    seen: Sequence[str]
    between: frozenset[str]

    def allows(self, found: str, acknowledged: int) -> bool:
        """Whether this may be found when so many steps were acknowledged and the next may be under way."""
        return (acknowledged == 0 and found in self.between) or found in self.seen[acknowledged : acknowledged + 2]


def expect(workload: Workload, folder: Path, kind: type[SqliteStore] = SqliteStore) -> Expected:
    """What a workload leads to; the folder is then as before it."""
    write_state(folder, {})
    place = Place(folder, kind)
    workload.ready(place)
    place.close()
    start = read_state(folder)
    seen = [observe(place)]
    write_state(folder, start)
    for step in workload.steps:
        step(place)
        place.close()
        seen.append(observe(place))
    between = {seen[0]} if workload.between else set[str]()
    for make in workload.between:
        make(place)
        place.close()
        between.add(observe(place))
    write_state(folder, start)
    return Expected(start=start, seen=seen, between=frozenset(between))


class PowerLoss:
    """One workload, done once; then every state that a disk may hold on the way is built, opened and looked at.

    Args:
        shim: The library of this process.
        folder: To work in; emptied at will.
        kind: The class of the store.
    """

    def __init__(self, shim: Shim, folder: Path, kind: type[SqliteStore] = SqliteStore) -> None:
        self.runs = 0
        self.failures: list[str] = []
        self._shim = shim
        self._folder = folder
        self._kind = kind

    def record(self, workload: Workload) -> tuple[Expected, list[Op]]:
        """What was to be seen, and the journal of doing it."""
        expected = expect(workload, self._folder, self._kind)
        place = Place(self._folder, self._kind)
        with self._shim.armed():
            self._play(workload, place)
            place.close()
        ops = self._shim.journal()
        disk = Disk(expected.start)
        for op in ops:
            disk.apply(op)
        if disk.written() != read_state(self._folder):
            self.failures.append(f"{workload.name}: the journal does not tell all that was written")
        return expected, ops

    def check_states(self, workload: Workload, random: Random, most: int = sys.maxsize) -> None:
        """Opens what may be on the disk, at each call; or about so many states of all."""
        expected, ops = self.record(workload)
        share = most / (len(ops) * (2 + MIXES))
        known: set[tuple[int, int]] = set()
        for where, acknowledged, state in states(expected, ops, random, share):
            key = (hash(frozenset(state.items())), acknowledged)
            if key not in known:
                known.add(key)
                self._check(f"{workload.name} {where}", expected, acknowledged, state)

    def check_kills(self, workload: Workload, random: Random, most: int = sys.maxsize) -> None:
        """Kills a process at each call, or at so many of them, and opens what it left, which is also what the model says."""
        expected, ops = self.record(workload)
        calls = [op.call for op in ops if op.kind is not Kind.MARK]
        for call in random.sample(calls, min(most, len(calls))):
            action = random.choice((Action.KILL_BEFORE, Action.KILL_TORN, Action.KILL_AFTER))
            write_state(self._folder, expected.start)
            self._die(workload, action, call)
            # The journal of the process that died: no two runs write the same bytes, for a log begins with a random number.
            killed = self._shim.journal()
            disk = Disk(expected.start)
            for op in killed:
                disk.apply(op)
            where = f"{workload.name} {action.name} {call}"
            if disk.written() != read_state(self._folder):
                self.failures.append(f"{where}: the model of the disk holds something else than the disk")
            self._look(where, expected, sum(op.kind is Kind.MARK for op in killed))

    def check_retries(self, workload: Workload, random: Random, most: int = sys.maxsize) -> None:
        """Kills a process at each call, or at so many; the next one looks, goes on or repeats, and then the power goes."""
        expected, ops = self.record(workload)
        chosen = set(random.sample(range(len(ops)), min(most, len(ops))))
        disk = Disk(expected.start)
        acknowledged = 0
        for number, op in enumerate(ops):
            if op.kind is Kind.MARK:
                acknowledged += 1
            elif number in chosen:
                self._retry(f"{workload.name} before {_told(op)}", workload, expected, disk, acknowledged)
            disk.apply(op)

    def _retry(self, where: str, workload: Workload, expected: Expected, disk: Disk, acknowledged: int) -> None:
        self.runs += 1
        before = disk.copy()
        write_state(self._folder, before.written())
        place = Place(self._folder, self._kind)
        with self._shim.armed():
            try:
                _, found = go_on(workload, place, expected, acknowledged, shim=self._shim)
            except Exception as error:  # noqa: BLE001 - whatever comes is what was not promised
                found = f"{type(error).__name__}: {error}"
        ops = self._shim.journal()
        place.close()
        if found != expected.seen[-1]:
            self.failures.append(f"{where}, then repeated: not as without the crash ({found})")
        for op in ops:
            before.apply(op)
            if op.kind is Kind.MARK:
                least = acknowledged = int(op.name.removeprefix(LOOKED).removeprefix(DONE))
                write_state(self._folder, before.synced())
                found = self._observed()
                if found not in expected.seen[least:]:
                    self.failures.append(f"{where}, then power was lost after {op.name!r}: lost what was there ({found})")

    def _play(self, workload: Workload, place: Place) -> None:
        for number, step in enumerate(workload.steps, start=1):
            step(place)
            self._shim.mark(f"{DONE}{number}")

    def _die(self, workload: Workload, action: Action, call: int) -> None:
        child = os.fork()
        if child == 0:
            try:
                place = Place(self._folder, self._kind)
                with self._shim.armed(action, call):
                    self._play(workload, place)
                    place.close()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            self.failures.append(f"{workload.name} {action.name} {call}: was not killed")

    def _check(self, where: str, expected: Expected, acknowledged: int, state: State) -> None:
        write_state(self._folder, state)
        self._look(where, expected, acknowledged)

    def _look(self, where: str, expected: Expected, acknowledged: int) -> None:
        self.runs += 1
        found = self._observed()
        if not expected.allows(found, acknowledged):
            what = "lost what was acknowledged" if found in expected.seen else "torn"
            self.failures.append(f"{where}: {what} ({acknowledged} acknowledged, {found})")

    def _observed(self) -> str:
        try:
            with self._shim.armed(counted=frozenset()):  # so that nothing waits for the disk
                return observe(Place(self._folder, self._kind))
        except Broken as error:
            return f"broken: {error}"
        except Exception as error:  # noqa: BLE001 - whatever comes is what was not promised
            return f"untyped: {type(error).__name__}: {error}"


def go_on(
    workload: Workload, place: Place, expected: Expected, acknowledged: int, *, may_be_done: bool = True, shim: Shim | None = None
) -> tuple[str, str]:
    """What is seen after a failure, and what when all is done: who comes back looks, and repeats what did not happen.

    Args:
        workload: What is gone on with.
        place: With the store closed; it is left open, for to close it would bring everything to the disk.
        expected: Of the workload.
        acknowledged: How many steps were.
        may_be_done: Whether the next one may have happened; then one with an idempotency key is repeated all the same.
        shim: Where to note each step that is acknowledged; None for nowhere.
    """
    looked = look_at(place)
    reached = acknowledged
    if may_be_done and looked in expected.seen[acknowledged + 1 : acknowledged + 2]:
        # Of a step that changes nothing nobody can see whether it happened.
        reached += looked != expected.seen[acknowledged]
    if shim is not None and looked != REFUSED and looked in expected.seen[acknowledged:]:
        shim.mark(f"{LOOKED}{reached}")
    for number in range(acknowledged if workload.is_keyed else reached, len(workload.steps)):
        workload.steps[number](place)
        if shim is not None:
            shim.mark(f"{DONE}{number + 1}")
    return looked, look_at(place)


def look_at(place: Place) -> str:
    """What is seen of a book, or that it is refused; the store is left open."""
    try:
        _ = place.store
    except StorageError:
        return REFUSED
    return look(place)


def states(expected: Expected, ops: Sequence[Op], random: Random, share: float) -> Iterator[tuple[str, int, State]]:
    """Where, how many steps were acknowledged, and what the disk may hold: before each call, in the middle of it, at the end."""
    disk = Disk(expected.start)
    acknowledged = 0
    for op in ops:
        if op.kind is Kind.MARK:
            acknowledged += 1
            continue
        if random.random() < share:
            yield from _kinds(f"before {_told(op)}", acknowledged, disk, random)
        if op.kind is Kind.WRITE:
            disk.tear(op)
            if random.random() < share:
                yield from _kinds(f"in the middle of {_told(op)}", acknowledged, disk, random)
        disk.apply(op)
    yield from _kinds("at the end", acknowledged, disk, random)


def _kinds(where: str, acknowledged: int, disk: Disk, random: Random) -> Iterator[tuple[str, int, State]]:
    yield f"{where}, all written", acknowledged, disk.written()
    yield f"{where}, only what was synced", acknowledged, disk.synced()
    for _ in range(MIXES):
        yield f"{where}, some sectors", acknowledged, disk.mixed(random)


def _told(op: Op) -> str:
    return f"call {op.call} ({op.kind.name} {Path(op.name).name})".replace(" )", ")")
