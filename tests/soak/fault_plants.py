"""Stores with a planted bug that only a fault brings to light, and what the rows A2 and A3 see of each; printed as JSON."""

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

from tests.soak.fault_errors import ErrorsOfInputAndOutput
from tests.soak.fault_power import PowerLoss
from tests.soak.fault_workloads import WORKLOADS
from tests.soak.faults import Action, Shim

from relcare.errors import OutcomeUnknownError, StorageError
from relcare.storage import SqliteStore
from relcare.storage._protocols import UnitOfWork
from relcare.storage._sqlite_file import remove_file, sync_file
from relcare.storage._sqlite_transaction import SqliteTransaction

NAMED: Final = {workload.name: workload for workload in WORKLOADS}


class NormalSync(SqliteStore):
    """Waits for the disk now and then."""

    def _take(self) -> sqlite3.Connection:
        connection = super()._take()
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


class OutOfTheDatabase(SqliteStore):
    """Lets the errors of sqlite3 out."""

    @contextmanager
    def write(self, idempotency_key: str | None = None, /, *, body_digest: str | None = None) -> Iterator[UnitOfWork]:
        try:
            with super().write(idempotency_key, body_digest=body_digest) as unit:
                yield unit
        except StorageError as error:
            raise error.__cause__ or error from None


def _commit_or_not(transaction: SqliteTransaction) -> None:
    with suppress(StorageError):
        _commit(transaction)


def _commit_or_failed(transaction: SqliteTransaction) -> None:
    try:
        _commit(transaction)
    except OutcomeUnknownError as error:
        raise StorageError("the commit failed") from error


_commit = SqliteTransaction.commit


def _sync_log(path: Path, _: sqlite3.Connection) -> None:
    with suppress(FileNotFoundError):
        sync_file(path.with_name(f"{path.name}-wal"))


def _states(workload: str, *, kind: type[SqliteStore] = SqliteStore) -> list[str]:
    loss = PowerLoss(Shim(), _folder(), kind)
    loss.check_states(NAMED[workload], Random(1), 150)
    return loss.failures


def _retries(workload: str) -> list[str]:
    loss = PowerLoss(Shim(), _folder())
    loss.check_retries(NAMED[workload], Random(1))
    return loss.failures


def _errors(workload: str, action: Action, *, kind: type[SqliteStore] = SqliteStore) -> list[str]:
    tried = ErrorsOfInputAndOutput(Shim(), _folder(), kind)
    for fault in tried.faults_of_syncs(NAMED[workload], action):
        tried.check(NAMED[workload], fault)
    return tried.failures


def _folder() -> Path:
    return Path(os.environ["FAULTFS_ROOT"]) / "book"


def _planted(place: str, bug: object, look: Callable[[], list[str]]) -> Callable[[], list[str]]:
    def planted() -> list[str]:
        with patch(f"relcare.storage.{place}", bug):
            return look()

    return planted


TRANSACTION: Final = "_sqlite_transaction.SqliteTransaction.commit"
PLANTS: Final[dict[str, Callable[[], list[str]]]] = {
    "synchronous = NORMAL": lambda: _states("put", kind=NormalSync),
    "the log that a killed process left is not brought to the disk": _planted(
        "_sqlite.secure_log", lambda *_: None, lambda: _retries("put")
    ),
    "what is discarded comes back": _planted("_sqlite.discard_file", remove_file, lambda: _states("discard")),
    "the folder of the first backup is lost": _planted(
        "_backup.make_folder", lambda folder: folder.mkdir(exist_ok=True), lambda: _states("back_up")
    ),
    "an error of a commit is swallowed": _planted(TRANSACTION, _commit_or_not, lambda: _errors("put", Action.FAIL_ONCE)),
    "an unknown outcome is told as a failure": _planted(TRANSACTION, _commit_or_failed, lambda: _errors("put", Action.FAIL_ON)),
    "the log is synchronised again after that failed": _planted(
        "_sqlite.secure_log", _sync_log, lambda: _errors("migrate", Action.FAIL_ON)
    ),
    "an error of the database comes out": lambda: _errors("put", Action.FAIL_ONCE, kind=OutOfTheDatabase),
}
SOUND: Final[dict[str, Callable[[], list[str]]]] = {
    "states": lambda: _states("put"),
    "retries": lambda: _retries("put"),
    "errors": lambda: _errors("put", Action.FAIL_ONCE),
}


def main() -> None:
    """Prints, by plant, what was seen of it; nothing may be seen of a sound store."""
    with tempfile.TemporaryDirectory() as aside:
        tempfile.tempdir = aside
        seen = {name: look() for name, look in {**PLANTS, **SOUND}.items()}
    sys.stdout.write(f"{json.dumps(seen)}\n")


if __name__ == "__main__":
    main()
