"""Backups of a book in use, restored and compared (row A9).

Source: STO-3
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Final

import attrs
from tests.soak.backups_load import counted, is_prefix, log_of, write_until, wrong_in
from tests.soak.many_stores import Place, Places, Processes, places
from tests.soak.promise import Length, Outcome, Promise

from relcare.storage import BackupPolicy, CanBeInspected, Store, StoredEntry, back_up, restore

BEGINNING: Final = datetime(2026, 3, 31, 9, tzinfo=UTC)
POLICY: Final = BackupPolicy(keep=2)


@attrs.define
class Tally:
    """What came of the backups of one store.

    Attributes:
        name: Of the store.
        folder: Where its backups lie.
        failures: What was not as it must be.
        busy: How long each took while others wrote, in seconds.
        quiet: The same, when nobody wrote any more.
        logs: The log of each, as restored.
    """

    name: str
    folder: Path
    failures: list[str] = attrs.Factory(list[str])
    busy: list[float] = attrs.Factory(list[float])
    quiet: list[float] = attrs.Factory(list[float])
    logs: list[list[StoredEntry]] = attrs.Factory(list[list[StoredEntry]])

    def back_up(self, store: Store, times: list[float]) -> None:
        """Takes one, restores it, and compares."""
        number = len(self.busy) + len(self.quiet)
        before, began = counted(store), perf_counter()
        backup = back_up(store, self.folder, now=BEGINNING + timedelta(hours=number), policy=POLICY)
        times.append(perf_counter() - began)
        after = counted(store)
        target = self.folder / "restored.db"
        with closing(restore(backup.path, str(target))) as again:
            told = list(wrong_in(again))
            restored = counted(again)
            self.logs.append(log_of(again))
            if not isinstance(again, CanBeInspected) or again.verify() != backup.digest:
                told.append("its digest is not that of the backup")
        target.unlink()
        if not before <= restored <= after:
            told.append(f"it holds {restored} units, when there were {before} before it began and {after} after it ended")
        self.failures += [f"{self.name}, backup {number}: {one}" for one in told]


def check(length: Length) -> Outcome:
    """A9."""
    writers = length.of(2, 8)
    with places() as rooms, Processes(writers) as processes:
        found = rooms.all("book")
        count = length.of(2, 200 // len(found) + 1)
        tallies = [_backed_up(place, rooms, processes, count, length.seed) for place in found]
    ratios = ", ".join(f"{one.name} {median(one.busy):.2f} s, quiet {median(one.quiet):.2f} s" for one in tallies)
    return Outcome(
        runs=sum(len(one.logs) for one in tallies),
        failures=tuple(failure for one in tallies for failure in one.failures),
        note=rooms.note(f"{writers} writers", f"one takes {ratios}"),
    )


def _backed_up(place: Place, rooms: Places, processes: Processes, count: int, seed: int) -> Tally:
    tally = Tally(place.name, rooms.folder / f"backups of {place.name}")
    stop = rooms.folder / f"stop {place.name}"
    with place.new() as store:
        works = [partial(_write, place, number, stop, seed) for number in range(processes.count)]
        writing = processes.start(works)
        try:
            while not counted(store) and not any(one.done() for one in writing):
                sleep(0.01)
            for _ in range(count):
                tally.back_up(store, tally.busy)
        finally:
            stop.touch()
        kept = sum(one.result() for one in writing)
        for _ in range(2):
            tally.back_up(store, tally.quiet)
        log = log_of(store)
    if len(log) != kept:
        tally.failures.append(f"{place.name}: {kept} units were acknowledged, {len(log)} are in the log")
    tally.failures += [
        f"{place.name}, backup {number}: its log is no beginning of the log"
        for number, part in enumerate(tally.logs)
        if not is_prefix(part, log)
    ]
    return tally


def _write(place: Place, number: int, stop: Path, seed: int) -> int:
    with place.open() as store:
        return write_until(store, number, stop, seed)


PROMISES: Final = (Promise("A9", "A backup taken while others write is one moment of the book, and restores to it", check),)
