"""STO-4: files written by an older release open in this one; a crash on the way leaves the old book or the new one (STO-3)."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

import relcare.storage
from relcare.errors import StorageError
from relcare.storage import BookReader, LogEntry, Record, SqliteStore, load_book
from relcare.storage._sqlite_schema import SCHEMA_VERSION, STEPS

FIXTURES = {1: Path(__file__).parent / "store_schema_1.sql"}
TABLES = {
    "record": "kind, id, version, payload, keys",
    "record_key": "kind, name, value, id",
    "log": "position, id, kind, client_id, payload, recorded_by, recorded_at",
    "work": "idempotency_key, body_digest",
}
Rows: TypeAlias = dict[str, list[tuple[object, ...]]]


def old_book(path: Path, schema: int = 1) -> Path:
    """A file as the release with this schema left it."""
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
        plain.executescript(FIXTURES[schema].read_text("utf-8"))
    return path


def rows_of(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as plain:
        return {name: plain.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2").fetchall() for name, columns in TABLES.items()}  # noqa: S608


def schema_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as plain:
        schema: int = plain.execute("PRAGMA user_version").fetchone()[0]
        return schema


def shape_of(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()


def test_there_is_a_book_of_every_older_schema() -> None:
    assert sorted(FIXTURES) == sorted(STEPS) == list(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("schema", FIXTURES)
class TestOlderBooks:
    def test_it_opens_with_every_row_as_it_was(self, tmp_path: Path, schema: int) -> None:
        path = old_book(tmp_path / "book.db", schema)
        before = rows_of(path)
        SqliteStore.open(path).close()
        # The end of its log was cut off, once; that is kept, so that what is cut off later is told from it.
        before["record"] = sorted([*before["record"], ("relcare:log", "lost", 38, None, "[]")])
        assert (rows_of(path), schema_of(path)) == (before, SCHEMA_VERSION)

    def test_what_it_lost_before_is_no_damage_and_what_it_loses_later_is(self, tmp_path: Path, schema: int) -> None:
        path = old_book(tmp_path / "book.db", schema)
        with SqliteStore.open(path) as store:
            store.verify()
            with store.write() as unit:
                unit.log.append(LogEntry(id="t-2", kind="note", client_id="c-17", payload="{}"))
            store.verify()
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("DELETE FROM log WHERE position = 1")
            plain.commit()
        with SqliteStore.open(path) as store, pytest.raises(StorageError, match=r"log is damaged \(entries are missing: 1\)"):
            store.verify()

    def test_its_tables_are_then_those_of_a_new_book(self, tmp_path: Path, schema: int) -> None:
        SqliteStore.open(old_book(tmp_path / "old.db", schema)).close()
        SqliteStore.new(tmp_path / "new.db").close()
        assert shape_of(tmp_path / "old.db") == shape_of(tmp_path / "new.db")

    def test_it_is_a_book_that_goes_on(self, tmp_path: Path, schema: int) -> None:
        with SqliteStore.open(old_book(tmp_path / "book.db", schema)) as store:
            book = load_book(store)
            assert [client.name for client in book.clients] == ["김철수", "O'Brien & Co"]
            assert [touchpoint.id for touchpoint in book.touchpoints] == ["t-1"]
            with store.read() as view:
                assert [one.id for one in view.records.scan("person", key=("client_id", "c-17"))] == ["p-1"]
                found = BookReader(view).find_client("c-18")
                assert found is not None
                assert found.version == 2
            with store.write("k-1", body_digest="d1") as unit:
                assert unit.is_repeat
            with store.write() as unit:
                assert unit.records.put(Record(kind="note", id="gone", payload="{}"), expected=0).version == 2
                # The log once had forty entries: no position is given twice.
                assert unit.log.append(LogEntry(id="t-2", kind="note", client_id="c-17", payload="{}")) == 41

    def test_a_step_that_fails_anywhere_leaves_the_old_book(
        self, tmp_path: Path, schema: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = old_book(tmp_path / "book.db", schema)
        before = (rows_of(path), shape_of(path))
        steps = STEPS[schema]
        for count in range(len(steps) + 1):
            with monkeypatch.context() as patch:
                patch.setitem(STEPS, schema, (*steps[:count], "NOT SQL"))
                with pytest.raises(StorageError, match="open its file"):
                    SqliteStore.open(path)
            assert (rows_of(path), shape_of(path), schema_of(path)) == (*before, schema)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
    def test_a_process_that_dies_at_any_statement_leaves_the_old_book_or_the_new_one(self, tmp_path: Path, schema: int) -> None:
        path = old_book(tmp_path / "book.db", schema)
        SqliteStore.open(old_book(tmp_path / "whole.db", schema)).close()
        outcomes = {(schema, repr(rows_of(path))), (SCHEMA_VERSION, repr(rows_of(tmp_path / "whole.db")))}
        # One process that forks a child for each statement: a new interpreter for each would take a minute.
        script = """
import os, sqlite3, sys
from itertools import count
from relcare.storage import SqliteStore
source, target = sys.argv[1:]
real = sqlite3.connect
for number in count(1):
    with open(source, "rb") as one, open(f"{target}-{number}.db", "wb") as other:
        other.write(one.read())
    child = os.fork()
    if child == 0:
        steps = count(1)
        def connect(*words, **named):
            connection = real(*words, **named)
            connection.set_trace_callback(lambda _: next(steps) == number and os._exit(9))
            return connection
        sqlite3.connect = connect
        SqliteStore.open(f"{target}-{number}.db")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        break
print(number)
"""
        done = subprocess.run(
            [sys.executable, "-c", script, str(path), str(tmp_path / "killed")],
            env={**os.environ, "PYTHONPATH": str(Path(relcare.storage.__file__).parents[2])},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        tried = int(done.stdout)
        assert tried > len(STEPS[schema])
        found = [(schema_of(one), repr(rows_of(one))) for one in sorted(tmp_path.glob("killed-*.db"))]
        assert len(found) == tried
        assert set(found) == outcomes
        for one in tmp_path.glob("killed-*.db"):
            with SqliteStore.open(one) as store:
                assert len(load_book(store).clients) == 2


def test_a_book_whose_keys_point_nowhere_is_refused_and_kept(tmp_path: Path) -> None:
    path = old_book(tmp_path / "book.db")
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("INSERT INTO record_key VALUES ('client', 'owner_id', 'lee', 'nobody')")
        plain.commit()
    with pytest.raises(StorageError):
        SqliteStore.open(path)
    assert schema_of(path) == 1
