"""A book in which every unit has several statements that agree, so that one which is lost, torn or done twice can be seen."""

from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from relcare.errors import StorageError
from relcare.storage import BaseStore, CanBeInspected, LogEntry, Record, SqliteStore, Store, UnitOfWork

if TYPE_CHECKING:
    from relcare.storage.sql import SqlStore

__all__ = ["KINDS", "Kind", "do_job", "done_in", "faults_of"]

StoreOf: TypeAlias = Callable[[Path], BaseStore]
KEPT: Final = 3


@attrs.frozen
class Kind:
    """A kind of store in a file.

    Attributes:
        name: For reports.
        new: Makes one.
        open: Opens one.
    """

    name: str
    new: StoreOf
    open: StoreOf


def _sql_new(path: Path) -> "SqlStore":
    from relcare.storage.sql import SqlStore

    return SqlStore.new(f"sqlite:///{path}")


def _sql_open(path: Path) -> "SqlStore":
    from relcare.storage.sql import SqlStore

    return SqlStore.open(f"sqlite:///{path}")


KINDS: Final = (
    Kind("SQLite", SqliteStore.new, SqliteStore.open),
    *([Kind("SQLite through SQLAlchemy", _sql_new, _sql_open)] if find_spec("sqlalchemy") else []),
)


def do_job(store: Store, job: int, mark: str, *, body_digest: str | None = None) -> bool:
    """Whether it was done now, and not before: one unit under the key of the job, of up to six statements.

    Args:
        store: Where.
        job: From 1; one after the other.
        mark: Of this attempt: whatever is done twice stands in the log twice.
        body_digest: As for `Store.write`.
    """
    with store.write(f"job-{job}", body_digest=body_digest) as unit:
        if not unit.is_repeat:
            _write(unit, job, mark)
        return not unit.is_repeat


def _write(unit: UnitOfWork, job: int, mark: str) -> None:
    counter = unit.records.get("counter", "n")
    number, version = (int(counter.payload), counter.version) if counter else (0, 0)
    unit.records.put(Record(kind="counter", id="n", payload=str(number + 1)), expected=version)
    unit.log.append(LogEntry(id=f"job-{job}-{mark}", kind="note", client_id=f"c-{job % 3}", payload=str(job)))
    keys = {"job": str(job)}
    unit.records.put(Record(kind="item", id=f"{job:06}-{mark}", payload=f'"{"x" * (job % 900)}"', keys=keys), expected=0)
    for old in list(unit.records.scan("item", key=("job", str(job - KEPT)))):
        unit.records.delete("item", old.id, expected=old.version)


def faults_of(store: Store, acknowledged: int, *, is_test_server: bool = False) -> list[str]:
    """What is wrong with a book in which the jobs from 1 to `acknowledged` are done, and perhaps the next one.

    Args:
        store: It.
        acknowledged: How many were.
        is_test_server: Whether it lies in a server that is told not to wait for the disk.
    """
    with store.read() as view:
        counter = view.records.get("counter", "n")
        done = [int(one.entry.payload) for one in view.log.since()]
        items = [one.keys[0][1] for one in view.records.scan("item")]
    number, version = (int(counter.payload), counter.version) if counter else (0, 0)
    faults: list[str] = []
    if number not in (acknowledged, acknowledged + 1):
        faults.append(f"{acknowledged} units were acknowledged, {number} are there")
    if version != number:
        faults.append(f"a counter of {number} has the version {version}")
    if done != list(range(1, number + 1)):
        faults.append(f"the counter says {number}, the log has {len(done)} jobs, {len(set(done))} of them different")
    if items != [str(job) for job in range(max(1, number - KEPT + 1), number + 1)]:
        faults.append(f"the counter says {number}, the items are those of {items}")
    if (number > 0 and not _is_done(store, number)) or _is_done(store, number + 1):
        faults.append(f"the counter says {number}, and the idempotency keys do not")
    return faults + _unsound(store, is_test_server=is_test_server)


def done_in(store: Store) -> int:
    """How many jobs the counter says are done."""
    with store.read() as view:
        counter = view.records.get("counter", "n")
    return int(counter.payload) if counter else 0


def _is_done(store: Store, job: int) -> bool:
    """Whether the key of a job was used; asking does not use it."""
    found: list[bool] = []
    with suppress(_Seen), store.write(f"job-{job}") as unit:
        found.append(unit.is_repeat)
        raise _Seen
    return found == [True]


class _Seen(Exception):  # noqa: N818 - no error: it leaves a unit without committing
    pass


def _unsound(store: Store, *, is_test_server: bool) -> list[str]:
    if not isinstance(store, CanBeInspected):
        return ["the store cannot be inspected"]
    faults = [check.text for check in store.inspect() if check.state == "failed" and not is_test_server]
    try:
        store.verify()
    except StorageError as error:
        faults.append(str(error))
    return faults
