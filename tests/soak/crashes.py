"""A1 and A4: what was acknowledged survives `kill -9`, and a retry never doubles."""

import tempfile
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import attrs
from tests.soak.crash_ledger import KINDS, Kind, do_job, done_in, faults_of
from tests.soak.crash_servers import check_stopped_servers
from tests.soak.processes import NO_FORK, Acknowledge, Child, kill_itself, start
from tests.soak.promise import Length, Outcome, Promise

from relcare.errors import InvalidValueError

__all__ = ["PROMISES", "check_acknowledged", "check_retried", "kill_writers"]

KILLS_OF_A_BOOK: Final = 10
UNITS_OF_A_LIFE: Final = 12


@attrs.define
class _Book:
    """A book that outlives its writers.

    Attributes:
        path: Its file.
        kind: Of store.
        acknowledged: How many jobs were: those from 1 to this number.
    """

    path: Path
    kind: Kind
    acknowledged: int = 0


def _write(book: _Book, mark: str, silent_at: int | None, acknowledge: Acknowledge) -> None:
    """Does job after job, the first of which may be done, until it is killed; to open and to close the book is work too."""
    random = Random(mark)
    jobs = count(book.acknowledged + 1)
    while True:
        with book.kind.open(book.path) as store:
            for _ in range(random.randint(1, UNITS_OF_A_LIFE)):
                job = next(jobs)
                do_job(store, job, mark, body_digest=f"body of {job}")
                if job == silent_at:
                    kill_itself()
                acknowledge(job)


def _kill_anywhere(child: Child, random: Random) -> None:
    """While it opens the book, within any unit, or between two."""
    if random.random() < 0.2:
        child.kill(random.uniform(0, 0.02))
        return
    child.wait_for(random.randint(1, 2 * UNITS_OF_A_LIFE))
    child.kill(random.uniform(0, 0.002))


def _live(book: _Book, mark: str, random: Random, *, is_silent: bool) -> list[str]:
    """One life of a writer, ended anywhere or between a commit and its acknowledgement; what went wrong in it."""
    silent_at = book.acknowledged + random.randint(1, UNITS_OF_A_LIFE) if is_silent else None
    child = start(partial(_write, book, mark, silent_at))
    if is_silent:
        child.finish()
    else:
        _kill_anywhere(child, random)
    book.acknowledged += len(child.acknowledged)
    return [] if child.fault is None else [child.fault]


def kill_writers(length: Length, kills: int, *, silent_share: float) -> Outcome:
    """Writers killed over some books: this share of them between a commit and its acknowledgement, the others anywhere."""
    random, failures, untold, units, book = Random(length.seed), list[str](), 0, 0, None
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as folder:
        for number in range(kills):
            if book is None or number % KILLS_OF_A_BOOK == 0:
                kind = KINDS[number // KILLS_OF_A_BOOK % len(KINDS)]
                book = _Book(Path(folder) / f"{number}.db", kind)
                kind.new(book.path).close()
            before = book.acknowledged
            faults = _live(book, f"{length.seed}-{number}", random, is_silent=random.random() < silent_share)
            with book.kind.open(book.path) as store:
                faults += faults_of(store, book.acknowledged)
                untold += done_in(store) - book.acknowledged
            units += book.acknowledged - before
            failures += [f"seed {length.seed}, kill {number}, {book.kind.name}: {fault}" for fault in faults]
    note = f"{units:,} units acknowledged, {untold:,} committed and killed before they were"
    return Outcome(runs=kills, failures=tuple(failures), note=note)


def check_acknowledged(length: Length) -> Outcome:
    """A writer is killed, again and again; whatever it acknowledged is there, and at most one unit more, whole."""
    return NO_FORK or kill_writers(length, length.of(20, 1_000), silent_share=0.0)


def check_retried(length: Length) -> Outcome:
    """Every job is tried until it is acknowledged, mostly by another process than the one before, and is done once."""
    if NO_FORK is not None:
        return NO_FORK
    files = kill_writers(length, length.of(20, 1_000), silent_share=0.6)
    other = _other_bodies()
    servers = check_stopped_servers(length)
    return Outcome(
        runs=files.runs + servers.runs + 1,
        failures=(*files.failures, *other, *servers.failures),
        note=f"{files.note}; {servers.skipped or servers.note}",
    )


def _other_bodies() -> list[str]:
    """A key that comes back with another body is a mistake of the caller, and is refused."""
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as folder, KINDS[0].new(Path(folder) / "book.db") as store:
        do_job(store, 1, "a", body_digest="one")
        try:
            do_job(store, 1, "b", body_digest="another")
        except InvalidValueError:
            return faults_of(store, 1)
    return ["a key was taken for two bodies"]


PROMISES: Final = (
    Promise("A1", "An acknowledged write survives kill -9, and no unit is torn", check_acknowledged),
    Promise("A4", "Retrying under the same key is always safe: nothing is done twice", check_retried),
)
