"""Defects planted on purpose, one at a time, each in a process of its own: the rows must see them.

    python -m tests.soak.crash_plants

prints for each how often its row saw it broken.
"""

import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from tests.soak import crash_migrations, crash_sharing, crashes
from tests.soak.crash_backups import walk_about
from tests.soak.old_books import check_old_books
from tests.soak.processes import Acknowledge, start
from tests.soak.promise import Length, Outcome

from relcare.storage import Backup
from relcare.storage._base import BaseStore
from relcare.storage._sqlite_schema import SCHEMA_VERSION, STEPS
from relcare.storage._sqlite_transaction import SqliteTransaction

__all__ = ["PLANTS"]

SMALL: Final = Length("short", 7)
Check = Callable[[], Outcome]


def _found(faults: list[str]) -> Outcome:
    return Outcome(runs=1, failures=tuple(faults))


def _killed(silent_share: float) -> Outcome:
    return crashes.kill_writers(SMALL, 6, silent_share=silent_share)


# --- the defects ---------------------------------------------------------------------------------------------------------------


def _commit_most(self: SqliteTransaction) -> None:
    if next(_NUMBERS) % 5:
        _COMMIT(self)
    else:
        self.rollback()


_NUMBERS: Final = count(1)
_COMMIT: Final = SqliteTransaction.commit
_MANY: Final = SqliteTransaction.many


def _commit_each_statement(self: SqliteTransaction, statement: str, rows: Iterable[Any]) -> None:
    _MANY(self, statement, rows)
    self.connection.execute("COMMIT")
    self.connection.execute("BEGIN IMMEDIATE")


def _no_key(*_: object) -> None:
    """A unit that forgets its key."""


def _migrate_in_pieces(connection: Any) -> None:
    from relcare.storage._rows import row_digest

    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
        return
    connection.create_function("row_digest", -1, row_digest, deterministic=True)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("BEGIN IMMEDIATE")
    for statement in STEPS[1]:
        connection.execute(statement)
    connection.execute("COMMIT")


def _nothing(*_: object, **__: object) -> None:
    """What is left out."""


def _undo_anywhere(_: BaseStore, transaction: Any) -> None:
    transaction.rollback()


def _by_the_face_of_the_clock(last: Backup, now: datetime) -> timedelta:
    return now.replace(tzinfo=None) - last.taken_at.astimezone(now.tzinfo).replace(tzinfo=None)


def _never_young(last: Backup, now: datetime) -> timedelta:
    return max(now - last.taken_at, timedelta(0))


def _a_day_of_grace(last: Backup, now: datetime) -> timedelta:
    return now - last.taken_at - timedelta(days=1)


# --- which row must see which ---------------------------------------------------------------------------------------------------

_TRANSACTION: Final = "relcare.storage._sqlite_transaction.SqliteTransaction"
_FORGETS: Final = tuple(one for one in STEPS[1] if not one.startswith("UPDATE sqlite_sequence"))
PLANTS: Final[dict[str, tuple[str, object, Check]]] = {
    "A1 one unit in five is acknowledged and forgotten": (f"{_TRANSACTION}.commit", _commit_most, partial(_killed, 0.5)),
    "A1 each statement is a transaction": (f"{_TRANSACTION}.many", _commit_each_statement, partial(_killed, 0.0)),
    "A4 the key is not kept": (f"{_TRANSACTION}.store_work", _no_key, partial(_killed, 1.0)),
    "A10 a day of grace": ("relcare.storage._health.age_of", _a_day_of_grace, partial(walk_about, 3, 1)),
    "A10 a clock that went back": ("relcare.storage._health.age_of", _never_young, partial(walk_about, 3, 1)),
    "A10 days by the face of the clock": (
        "relcare.storage._health.age_of",
        _by_the_face_of_the_clock,
        partial(walk_about, 3, 1),
    ),
    "A10 the file is not looked at": ("relcare.storage._health._file", _nothing, partial(walk_about, 8, 1)),
    "A12 the number of the schema first": (
        "relcare.storage._sqlite_file.migrate",
        _migrate_in_pieces,
        partial(crash_migrations.check_migrations, SMALL),
    ),
    "A13 a migration forgets the last position": (
        "relcare.storage._sqlite_schema.STEPS",
        {1: _FORGETS},
        partial(check_old_books, SMALL),
    ),
    "A14 a forked child may commit": (
        "relcare.storage._units.Scope._check_process",
        _nothing,
        lambda: _found(crash_sharing.forks_within(crash_sharing.leave)),
    ),
    "A14 a forked child rolls back": (
        "relcare.storage._base.BaseStore._undo",
        _undo_anywhere,
        lambda: _found(crash_sharing.forks_within(crash_sharing.leave)),
    ),
    "A14 a forked child finalises": (
        "relcare.storage._base.leave_to_parent",
        _nothing,
        lambda: _found(crash_sharing.forks_within(crash_sharing.leave)),
    ),
    "A14 locks that closing drops": (
        "relcare.storage._sqlite_guard.FileGuard._lock",
        _nothing,
        lambda: _found(crash_sharing.foreign_opens(60, crash_sharing.copy_folder)),
    ),
}


def _plant(name: str, acknowledge: Acknowledge) -> None:
    target, defect, check = PLANTS[name]
    with patch(target, defect):
        try:
            seen = len(check().failures)
        except Exception:  # noqa: BLE001 - a row that falls over is a broken row
            seen = 1
    acknowledge(seen)


def main() -> None:
    """Plants each defect, and says how often it was seen."""
    for name in PLANTS:
        child = start(partial(_plant, name))
        child.finish()
        sys.stdout.write(f"{name}: {sum(child.acknowledged)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
