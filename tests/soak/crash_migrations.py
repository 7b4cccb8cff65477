"""A12: a migration that dies anywhere leaves the old book or the new one; what is not understood is refused and stays."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

import attrs
from tests.soak.crash_files import FileState, made_from, schemas, state_of
from tests.soak.crash_ledger import KINDS, Kind
from tests.soak.processes import NO_FORK, Acknowledge, kill_itself, start
from tests.soak.promise import Length, Outcome, Promise

from relcare.errors import StorageError
from relcare.storage import BaseStore, SqliteStore
from relcare.storage._sqlite_schema import SCHEMA_VERSION

__all__ = ["PROMISES", "check_migrations"]


@attrs.frozen
class _Case:
    """An older book.

    Attributes:
        source: Its file, to be copied.
        old: What is in it.
        new: What must be in it when it was brought up to date.
    """

    source: Path
    old: FileState
    new: FileState


def _case(script: Path, folder: Path, *, more: int = 0) -> _Case:
    source = made_from(script, folder / f"{script.stem}-{more}.db", more=more)
    whole = Path(shutil.copyfile(source, folder / f"{script.stem}-{more}-whole.db"))
    SqliteStore.open(whole).close()
    return _Case(source, state_of(source), state_of(whole))


def _connect_and_die(number: int) -> None:
    """From now on this process dies before the numbered statement, whoever says it."""
    real, statements = sqlite3.connect, count(1)

    def connect(*words: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*words, **named)
        connection.set_trace_callback(lambda _: kill_itself() if next(statements) == number else None)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment] # in a process that is about to die


def _die_at(number: int, work: Callable[[], object], acknowledge: Acknowledge) -> None:
    _connect_and_die(number)
    work()
    acknowledge(number)


def _deaths(work: Callable[[], object], prepare: Callable[[], None]) -> Iterator[tuple[int, str | None]]:
    """Before which statement the process died, one after the other, and what it raised; the last did not die."""
    for number in count(1):
        prepare()
        child = start(partial(_die_at, number, work))
        child.finish()
        yield number, child.fault
        if child.acknowledged or child.fault:
            return


def _faults(path: Path, case: _Case) -> list[str]:
    """What is wrong after a death; the book is then opened as if nothing had been."""
    found = state_of(path)
    faults = [] if found in (case.old, case.new) else [f"a half state: schema {found.schema}"]
    try:
        with SqliteStore.open(path) as store:
            store.verify()
    except StorageError as error:
        return [*faults, str(error)]
    return faults if state_of(path) == case.new else [*faults, "the book differs when it is opened again"]


def _every_statement(case: _Case, path: Path) -> tuple[int, list[str]]:
    failures = [] if case.new.rows == case.old.rows else [f"schema {case.old.schema}: not the rows that were there"]
    number = 0
    for number, fault in _deaths(lambda: SqliteStore.open(path), lambda: _copy(case.source, path)):
        faults = [*([fault] if fault else []), *_faults(path, case)]
        failures += [f"schema {case.old.schema}, killed before statement {number}: {one}" for one in faults]
    return number, failures


def _copy(source: Path, path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    shutil.copyfile(source, path)


def _any_moment(case: _Case, path: Path, random: Random, kills: int) -> list[str]:
    """Killed from outside, within a statement as well."""
    _copy(case.source, path)
    began = perf_counter()
    SqliteStore.open(path).close()
    lasts = perf_counter() - began
    failures: list[str] = []
    for number in range(kills):
        _copy(case.source, path)
        child = start(lambda _: SqliteStore.open(path).close())
        child.kill(random.uniform(0, lasts))
        failures += [f"schema {case.old.schema}, kill {number} at any moment: {one}" for one in _faults(path, case)]
    return failures


def _creations(kind: Kind, path: Path) -> tuple[int, list[str]]:
    """A new book whose maker dies is whole, or is refused as no book."""
    failures: list[str] = []
    number = 0
    for number, fault in _deaths(lambda: kind.new(path), lambda: _remove(path)):
        faults = [fault] if fault else []
        try:
            with kind.open(path) as store:
                faults += [] if _is_empty(store) else ["it is not empty"]
        except StorageError as error:
            faults += [] if "not a book" in str(error) or "no book" in str(error) else [str(error)]
        failures += [f"{kind.name} made, killed before statement {number}: {one}" for one in faults]
    return number, failures


def _is_empty(store: BaseStore) -> bool:
    with store.read() as view:
        return not list(view.log.since())


def _remove(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def _refused(path: Path, why: str, change: str | None = None) -> list[str]:
    """What is wrong when a book that is not understood is opened."""
    if change is not None:
        with closing(sqlite3.connect(path)) as plain:
            plain.execute(change)
            plain.commit()
    before = state_of(path)
    try:
        SqliteStore.open(path).close()
    except StorageError:
        return [] if state_of(path) == before else [f"{why} was changed"]
    return [f"{why} was opened"]


def _not_understood(folder: Path) -> list[str]:
    """Books of later releases, books under older releases, and books whose number was written over."""
    newest = folder / "newest.db"
    SqliteStore.new(newest).close()
    failures: list[str] = []
    for schema in (SCHEMA_VERSION + 1, SCHEMA_VERSION + 100, 2**31 - 1, 0, -1, *range(1, SCHEMA_VERSION)):
        path = folder / "other.db"
        _copy(newest, path)
        failures += _refused(path, f"a book that says schema {schema}", f"PRAGMA user_version = {schema}")
    for older in range(1, SCHEMA_VERSION):
        with patch("relcare.storage._sqlite_file.SCHEMA_VERSION", older):
            failures += _refused(newest, f"a book of schema {SCHEMA_VERSION}, by a release that knows {older},")
    return failures


def _not_understood_sql(path: Path) -> list[str]:
    """The same where the tables lie in the database of a host."""
    for kind in KINDS[1:]:
        kind.new(path).close()
        for schema in (0, 2, 100):
            with closing(sqlite3.connect(path)) as plain:
                plain.execute("UPDATE relcare_turn SET schema_version = ?", (schema,))
                plain.commit()
            try:
                kind.open(path).close()
            except StorageError:
                continue
            return [f"tables of schema {schema} were opened"]
    return []


def check_migrations(length: Length) -> Outcome:
    """Every statement of every migration, some moments between them, and what must not be migrated at all."""
    if NO_FORK is not None:
        return NO_FORK
    random, failures, runs, kills = Random(length.seed), list[str](), 0, length.of(4, 200)
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as name:
        folder = Path(name)
        for script in [one for schema, one in schemas().items() if schema < SCHEMA_VERSION]:
            tried, found = _every_statement(_case(script, folder), folder / "killed.db")
            found += _any_moment(_case(script, folder, more=length.of(300, 5_000)), folder / "killed.db", random, kills)
            failures += found
            runs += tried + kills
        for kind in KINDS:
            tried, found = _creations(kind, folder / "made.db")
            failures += found
            runs += tried
        failures += _not_understood(folder) + _not_understood_sql(folder / "sql.db")
    return Outcome(runs=runs, failures=tuple(failures), note=f"of schema {SCHEMA_VERSION}, and the making of new books")


PROMISES: Final = (Promise("A12", "A migration happens as a whole or not at all", check_migrations),)
