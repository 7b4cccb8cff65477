"""A10: however the clock jumps and whatever fails, a backup that is overdue is never called recent."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import attrs
from tests.soak.promise import Length, Outcome, Promise

from relcare.errors import StorageError
from relcare.storage import Backup, BackupPolicy, LogEntry, SqliteStore, back_up, check_health, create_store, restore

__all__ = ["PROMISES", "check_overdue", "walk_about"]

ZONES: Final = tuple(map(ZoneInfo, ("UTC", "Europe/Paris", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe")))
YEAR: Final = timedelta(days=365)
TICK: Final = timedelta(microseconds=1)
STEPS: Final = 14
# Some days before clocks change in Paris, in New York and on Lord Howe.
BEFORE_CHANGES: Final = tuple(datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 4), (3, 25), (10, 1), (10, 21)))


@attrs.define
class _World:
    """A book, the time that passes, and the clock that somebody sets.

    Attributes:
        store: The book.
        folder: Where everything lies.
        random: Of this walk.
        time: What the time really is.
        error: By how much the clock is wrong.
        last: The last verified backup, when it was really taken, and whether its file is as it was; None before the first.
    """

    store: SqliteStore
    folder: Path
    random: Random
    time: datetime
    error: timedelta = timedelta(0)
    last: tuple[Backup, datetime, bool] | None = None
    policy: BackupPolicy = attrs.Factory(BackupPolicy)

    def clock(self) -> datetime:
        """What the clock shows, in whatever zone the machine is set to."""
        return (self.time + self.error).astimezone(self.random.choice(ZONES))

    def write(self) -> None:
        """The book changes, so that two backups differ."""
        with self.store.write() as unit:
            entry_id = f"t-{self.time.isoformat()}"
            unit.log.append(LogEntry(id=entry_id, kind="note", client_id="c-1", payload="{}"))

    def back_up(self) -> None:
        """Takes one."""
        backup = back_up(self.store, self.folder / "backups", now=self.clock(), policy=self.policy)
        self.last = (backup, self.time, True)
        left = sorted(one.name for one in self.folder.joinpath("backups").iterdir() if one.suffix not in {".db", ".json"})
        assert not left, f"after a backup {left} lie in its folder"


# --- what happens --------------------------------------------------------------------------------------------------------------


def _back_up(world: _World) -> None:
    world.back_up()


def _time_passes(world: _World) -> None:
    world.time += timedelta(hours=world.random.randint(1, 120), microseconds=world.random.randint(0, 3))


def _time_passes_to_the_border(world: _World) -> None:
    """The first moment that is too late, the last that is not, or an hour from it, as on a day with a change of clocks."""
    if world.last is not None:
        border = world.last[1] + timedelta(days=world.policy.max_age_days)
        moment = border + world.random.choice((timedelta(0), TICK, -TICK, timedelta(hours=1), timedelta(hours=-1)))
        world.time = max(world.time, moment)


def _clock_jumps(world: _World) -> None:
    world.error += world.random.choice((YEAR, -YEAR))


def _clock_is_set_right(world: _World) -> None:
    world.error = timedelta(0)


def _copy_differs(_: SqliteStore, path: Path) -> str:
    with SqliteStore.new(path) as empty:
        empty.verify()
    return "0" * 64


def _cannot(*_: object) -> str:
    raise StorageError("it cannot")


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


FAULTS: Final = (
    ("relcare.storage._sqlite.SqliteStore.copy_to", _copy_differs),
    ("relcare.storage._sqlite.SqliteStore.copy_to", _cannot),
    ("relcare.storage._sqlite.SqliteStore.fill_from", _cannot),
    ("relcare.storage._backup._write_file", _no_space),
    ("relcare.storage._backup.Path.rename", _no_space),
    ("relcare.storage._backup._note", _cannot),
)


def _backup_fails(world: _World) -> None:
    """It must raise, and count as none: at whatever step, that of noting it included."""
    target, fault = world.random.choice(FAULTS)
    before = world.last
    with patch(target, fault):
        try:
            world.back_up()
        except StorageError:
            world.last = before
        else:
            raise AssertionError(f"a backup succeeded although {target} failed")


def _backup_is_killed(world: _World) -> None:
    """What it was about to prove, or to call a backup, stays until the next one."""
    step = world.random.choice(("relcare.storage._backup.digest_of_file", "relcare.storage._backup.sync_folder"))
    moment = world.clock()
    child = os.fork()
    if child == 0:
        with patch(step, lambda _: os._exit(0)):
            back_up(SqliteStore.open(world.store.path), world.folder / "backups", now=moment, policy=world.policy)
        os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise AssertionError(f"a backup did not come to {step}")


def _file_goes(world: _World) -> None:
    if world.last is not None:
        Path(world.last[0].path).unlink(missing_ok=True)
        world.last = (*world.last[:2], False)


def _file_is_cut(world: _World) -> None:
    if world.last is not None and world.last[2]:
        path = Path(world.last[0].path)
        path.write_bytes(path.read_bytes()[:-1])
        world.last = (*world.last[:2], False)


def _restore_fails(world: _World) -> None:
    """That somebody tries a backup in vain makes nothing younger."""
    if world.last is not None:
        with patch("relcare.storage._sqlite.SqliteStore.fill_from", _cannot):
            try:
                restore(world.last[0].path, str(world.folder / "again.db")).close()
            except StorageError:
                return
        raise AssertionError("a restore succeeded that could not")


# How often each, out of all.
HAPPENINGS: Final[tuple[tuple[Callable[[_World], None], int], ...]] = (
    (_back_up, 4),
    (_time_passes, 8),
    (_time_passes_to_the_border, 4),
    (_clock_jumps, 3),
    (_clock_is_set_right, 2),
    (_backup_fails, 4),
    *([(_backup_is_killed, 2)] if hasattr(os, "fork") else []),
    (_file_goes, 1),
    (_file_is_cut, 1),
    (_restore_fails, 1),
)


# --- the row -------------------------------------------------------------------------------------------------------------------


def _faults(world: _World) -> Iterator[str | None]:
    """What is wrong with what health says of the backup now, by the clock as it is and by one that is a year off besides."""
    for zone in ZONES:
        yield _fault(world, world.clock().astimezone(zone))
    for jump in (YEAR, -YEAR):
        yield _fault(world, world.clock() + jump)


def _fault(world: _World, now: datetime) -> str | None:
    told = check_health(world.store, now=now, policy=world.policy).checks[-1]
    most = timedelta(days=world.policy.max_age_days)
    really = world.last is not None and world.last[2] and world.time - world.last[1] <= most
    # Of two moments in one zone Python would compare what the clocks show.
    by_the_clock = world.last is not None and timedelta(0) <= now.astimezone(UTC) - world.last[0].taken_at <= most
    if told.is_ok and not really:
        return f"called {told.code} at {now}, and is not"
    if not told.is_ok and really and by_the_clock:
        return f"called {told.code} at {now}, and is recent"
    return None


@contextmanager
def _world(random: Random) -> Iterator[_World]:
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as name:
        folder = Path(name)
        start = random.choice(BEFORE_CHANGES) + timedelta(hours=random.randint(0, 120))
        policy = BackupPolicy(max_age_days=random.choice((1, 7, 7, 30)), keep=random.randint(1, 3))
        with closing(create_store(f"sqlite:{folder / 'book.db'}")) as store:
            assert isinstance(store, SqliteStore)
            yield _World(store, folder, random, start, policy=policy)


def check_overdue(length: Length) -> Outcome:
    """Walks of all that may happen; after each step health is asked, and the time that really passed is the judge."""
    return walk_about(length.seed, length.of(8, 400))


def walk_about(seed: int, walks: int) -> Outcome:
    """So many walks."""
    failures: list[str] = []
    asked = 0
    choices, weights = zip(*HAPPENINGS, strict=True)
    for walk in range(walks):
        random = Random(f"{seed}-{walk}")
        with _world(random) as world:
            for step, happening in enumerate(random.choices(choices, weights, k=STEPS)):
                world.time += timedelta(milliseconds=1)  # two backups of one moment are refused
                world.write()
                happening(world)
                for fault in _faults(world):
                    asked += 1
                    if fault is not None:
                        failures.append(f"seed {seed}, walk {walk}, step {step} ({happening.__name__}): {fault}")
    return Outcome(runs=asked, failures=tuple(failures), note="clocks a year off, changes of the clocks, failures at each step")


PROMISES: Final = (Promise("A10", "A backup that is overdue fails health, whatever the clock and failures say", check_overdue),)
