"""A3: every system call of every public call that writes fails, once or from then on; or the disk is full."""

import errno
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import attrs
from tests.soak.fault_book import REFUSED, Broken, Place, observe
from tests.soak.fault_disk import Disk, Kind, Op, write_state
from tests.soak.fault_power import Expected, expect, go_on
from tests.soak.fault_workloads import Workload
from tests.soak.faults import ALL, CHANGES, Action, Shim

from relcare.errors import OutcomeUnknownError, StorageError
from relcare.storage import Record, SqliteStore

PROBE: Final = "probe"
LIMIT_STEP: Final = 1_000


@attrs.frozen
class Fault:
    """What fails.

    Attributes:
        action: Once, or from then on.
        at: The number of the call.
        error: What the system says.
        limit: Instead: no file may be longer than so many bytes.
    """

    action: Action = Action.COUNT
    at: int = 0
    error: int = 0
    limit: int | None = None

    @property
    def counted(self) -> frozenset[Kind]:
        """Of which calls it is one: no disk is too full to be read."""
        return CHANGES if self.error == errno.ENOSPC else ALL

    def __str__(self) -> str:
        if self.limit is not None:
            return f"files of at most {self.limit} bytes"
        return f"{errno.errorcode[self.error]} at call {self.at}{' and on' if self.action is Action.FAIL_ON else ''}"


@attrs.define
class Attempt:
    """What came of doing a workload while something failed.

    Attributes:
        acknowledged: How many steps were.
        error: With which the next one ended; None where all were acknowledged.
        probes: The records that were stored afterwards, through the same store.
    """

    acknowledged: int = 0
    error: StorageError | None = None
    probes: list[str] = attrs.field(factory=list)


class ErrorsOfInputAndOutput:
    """One workload, done again for each thing that can fail.

    Args:
        shim: The library of this process.
        folder: To work in; emptied at will.
        kind: The class of the store.
    """

    def __init__(self, shim: Shim, folder: Path, kind: type[SqliteStore] = SqliteStore) -> None:
        self.runs = 0
        self.unknown = 0
        self.failures: list[str] = []
        self._shim = shim
        self._folder = folder
        self._kind = kind
        self._ops: list[Op] = []
        self._expected: dict[str, Expected] = {}

    def faults(self, workload: Workload) -> list[Fault]:
        """All that can fail: each call, in four ways; and a disk that is full at any size."""
        expected = self._expect(workload)
        counts = {counted: self._count(workload, expected, counted) for counted in (CHANGES, ALL)}
        calls = [
            Fault(action, at, error)
            for error, counted in ((errno.EIO, ALL), (errno.ENOSPC, CHANGES))
            for action in (Action.FAIL_ONCE, Action.FAIL_ON)
            for at in range(1, counts[counted] + 1)
        ]
        return [*calls, *(Fault(limit=limit) for limit in self._limits(workload, expected))]

    def faults_of_syncs(self, workload: Workload, action: Action) -> list[Fault]:
        """Those in which the system says of a sync that it failed."""
        self._count(workload, self._expect(workload), ALL)
        return [Fault(action, op.call, errno.EIO) for op in self._shim.journal() if op.kind is Kind.SYNC]

    def check(self, workload: Workload, fault: Fault) -> None:
        """Does the workload while this fails, and looks at what is then kept."""
        self.runs += 1
        self._ops.clear()
        write_state(self._folder, self._expect(workload).start)
        place = Place(self._folder, self._kind)
        try:
            attempt = self._attempt(workload, place, fault)
            at_once, probes = list(self._ops), list(attempt.probes)
            self._end(place, attempt)
            self._judge(workload, fault, attempt)
            if fault.action is Action.FAIL_ON and attempt.error is not None:
                # The same, had the process been killed instead of closing its store.
                self._ops, attempt.probes = at_once, probes
                write_state(self._folder, self._disk(workload).written())
                self._judge(workload, fault, attempt)
        except Broken as error:
            self.failures.append(f"{workload.name}, {fault}: {error}")
        except Exception as error:  # noqa: BLE001 - whatever comes is what was not promised
            self.failures.append(f"{workload.name}, {fault}: what came out was {type(error).__name__}: {error}")
        finally:
            place.close()

    @contextmanager
    def _recorded(self, fault: Fault | None = None) -> Iterator[None]:
        """What is done in the block is known to the model of the disk."""
        meets = fault or Fault()
        try:
            with self._shim.armed(meets.action, meets.at, meets.error, meets.counted), _file_limit(meets.limit):
                yield
        finally:
            self._ops += self._shim.journal()

    def _attempt(self, workload: Workload, place: Place, fault: Fault) -> Attempt:
        attempt = Attempt()
        with self._recorded(fault):
            try:
                for step in workload.steps:
                    step(place)
                    attempt.acknowledged += 1
            except StorageError as error:
                attempt.error = error
                self._probe(place, attempt)
            else:
                place.close()
        return attempt

    def _end(self, place: Place, attempt: Attempt) -> None:
        """What failed works again, and the store is still open."""
        with self._recorded():
            self._probe(place, attempt)
            place.close()

    def _probe(self, place: Place, attempt: Attempt) -> None:
        """A later write works, or is refused plainly."""
        if not place.is_open:
            return
        name = f"{len(attempt.probes) + 1}"
        try:
            with place.store.write() as unit:
                unit.records.put(Record(kind=PROBE, id=name, payload="{}"), expected=0)
        except StorageError:
            return
        attempt.probes.append(name)

    def _judge(self, workload: Workload, fault: Fault, attempt: Attempt) -> None:
        expected = self._expect(workload)
        is_unknown = isinstance(attempt.error, OutcomeUnknownError)
        self.unknown += is_unknown
        with closing(Place(self._folder, self._kind)) as place, self._recorded():
            looked, ended = go_on(workload, place, expected, attempt.acknowledged, may_be_done=is_unknown)
            if ended != REFUSED:
                self._check_probes(place, attempt)
        if not self._is_allowed(looked, expected, attempt, fault):
            told = "all was done" if attempt.error is None else f"{type(attempt.error).__name__}: {attempt.error}"
            raise Broken(f"{attempt.acknowledged} steps acknowledged, then {told}; found {looked}")
        if ended != expected.seen[-1]:
            raise Broken(f"what was repeated had another effect: {ended}")
        # Of a book that is gone nothing can be repeated: that it may come back is all that was said.
        is_gone = is_unknown and looked == REFUSED
        if not is_gone and any(op.kind is Kind.FAILED_SYNC for op in self._ops):
            self._lose_power(workload)

    def _disk(self, workload: Workload) -> Disk:
        """The disk after all that was done; what a failed sync should have written may never come to it."""
        disk = Disk(self._expect(workload).start, forgets=True)
        for op in self._ops:
            disk.apply(op)
        return disk

    def _lose_power(self, workload: Workload) -> None:
        """A sync that failed may have lost what it should have written, and the next one does not say so."""
        write_state(self._folder, self._disk(workload).synced())
        with self._shim.armed(counted=frozenset()):  # so that nothing waits for the disk
            found = observe(Place(self._folder, self._kind))
        if found != self._expect(workload).seen[-1]:
            raise Broken(f"a sync failed, all was repeated, power was lost, and so was what had been acknowledged: {found}")

    def _is_allowed(self, found: str, expected: Expected, attempt: Attempt, fault: Fault) -> bool:
        done = attempt.acknowledged
        if isinstance(attempt.error, OutcomeUnknownError):
            return expected.allows(found, done)
        # What was being made is left there only where nothing can be taken away any more.
        is_left = attempt.error is not None and fault.action is Action.FAIL_ON and bool(expected.between)
        return found == expected.seen[done] or (is_left and expected.allows(found, done))

    def _check_probes(self, place: Place, attempt: Attempt) -> None:
        with place.store.read() as view:
            for name in attempt.probes:
                if view.records.get(PROBE, name) is None:
                    raise Broken("a later write was acknowledged and is not there")

    def _expect(self, workload: Workload) -> Expected:
        if workload.name not in self._expected:
            self._expected[workload.name] = expect(workload, self._folder, self._kind)
        return self._expected[workload.name]

    def _count(self, workload: Workload, expected: Expected, counted: frozenset[Kind]) -> int:
        write_state(self._folder, expected.start)
        place = Place(self._folder, self._kind)
        with self._shim.armed(counted=counted):
            for step in workload.steps:
                step(place)
            place.close()
        return self._shim.calls()

    def _limits(self, workload: Workload, expected: Expected) -> range:
        ends = [op.offset + len(op.data) for op in self._journal_of(workload, expected) if op.kind is Kind.WRITE]
        return range(0, max(ends), LIMIT_STEP)

    def _journal_of(self, workload: Workload, expected: Expected) -> list[Op]:
        self._count(workload, expected, CHANGES)
        return self._shim.journal()


@contextmanager
def _file_limit(limit: int | None) -> Iterator[None]:
    """In the block no file of this process grows beyond so many bytes."""
    if limit is None:
        yield
        return
    import resource  # which only Unix has

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
