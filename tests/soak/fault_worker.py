"""Does a row of faults in a process that was started with `faultfs.c`, and prints what came of it as JSON; see `faults.py`."""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

import attrs
from tests.soak.fault_disk import Kind
from tests.soak.fault_errors import ErrorsOfInputAndOutput
from tests.soak.fault_power import PowerLoss
from tests.soak.fault_workloads import WORKLOADS, Workload
from tests.soak.faults import Shim
from tests.soak.promise import Length, LengthName, Outcome

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SHORT_STATES = 20
SHORT_RETRIES = 2
SHORT_KILLS = 1
SHORT_FAULTS = 8


def power_loss(shim: Shim, folder: Path, workloads: Sequence[Workload], length: Length) -> Outcome:
    """What came of A2."""
    loss = PowerLoss(shim, folder)
    for workload in workloads:
        random = Random(f"{length.seed} {workload.name}")
        loss.check_states(workload, random, length.of(SHORT_STATES, sys.maxsize))
        loss.check_retries(workload, random, length.of(SHORT_RETRIES, sys.maxsize))
        loss.check_kills(workload, random, length.of(SHORT_KILLS, sys.maxsize))
    return Outcome(runs=loss.runs, failures=tuple(loss.failures), note=f"{len(WORKLOADS)} workloads")


def errors(shim: Shim, folder: Path, workloads: Sequence[Workload], length: Length) -> Outcome:
    """What came of A3."""
    tried = ErrorsOfInputAndOutput(shim, folder)
    for workload in workloads:
        faults = tried.faults(workload)
        count = length.of(min(SHORT_FAULTS, len(faults)), len(faults))
        for fault in Random(f"{length.seed} {workload.name}").sample(faults, count):
            tried.check(workload, fault)
    return Outcome(runs=tried.runs, failures=tuple(tried.failures), note=f"{len(WORKLOADS)} workloads")


def run(row: str, length: Length, shard: int, shards: int) -> Outcome:
    """What came of a row."""
    root = Path(os.environ["FAULTFS_ROOT"])
    # What is laid aside for a moment meets faults too; of what is left of it after a power cut nothing is promised.
    aside = root / "aside" if row == "A3" else root.with_name(f"{root.name}-aside")
    aside.mkdir()
    tempfile.tempdir = str(aside)
    left: list[str] = []

    def note(error: "UnraisableHookArgs") -> None:
        left.append(f"an error came out where nobody could catch it: {error.exc_value!r}")

    sys.unraisablehook = note
    shim = Shim()
    workloads = WORKLOADS[shard::shards]
    _, ops = PowerLoss(shim, root / "book").record(workloads[0])
    if not any(op.kind is Kind.WRITE for op in ops):
        return Outcome(skipped="the fault shim does not see what this SQLite writes")
    done = {"A2": power_loss, "A3": errors}[row](shim, root / "book", workloads, length)
    return attrs.evolve(done, failures=(*done.failures, *left))


def main(words: Sequence[str]) -> None:
    """Reads the row, the name of the length, its seed and the shard."""
    row, name, seed, shard = words
    number, _, count = shard.partition("/")
    outcome = run(row, Length(cast("LengthName", name), int(seed)), int(number), int(count))
    sys.stdout.write(f"{json.dumps(attrs.asdict(outcome))}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
