"""What only the store in a file promises: its settings, its file, crashes and forks (STO-3)."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

import relcare.storage
from relcare.access import DigestKey, RetentionRules
from relcare.errors import InvalidValueError, StorageError
from relcare.model import Book, Client, ContactPerson, TierSpell, Touchpoint
from relcare.storage import LogEntry, Record, SqliteStore, apply_retention, erase_client

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(relcare.storage.__file__).parents[2])}
CLIENT = Record(kind="client", id="c-1", payload='{"name": "Secretperson"}')
KILLS = 8
KEY = DigestKey(b"a secret of at least 32 bytes, see?")
NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.new(path) as store:
        yield store


def run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


class TestSettings:
    def test_the_profile_is_in_force_on_new_and_on_opened_stores(self, store: SqliteStore, path: Path) -> None:
        with SqliteStore.open(path) as opened:
            for one in (store, opened):
                profile = one.profile()
                assert profile == {
                    "sqlite_version": sqlite3.sqlite_version,
                    "journal_mode": "wal",
                    "synchronous": 2,
                    "foreign_keys": 1,
                    "trusted_schema": 0,
                    "cell_size_check": 1,
                    "secure_delete": 1,
                    "application_id": 0x52434152,
                    "user_version": 2,
                }

    def test_every_table_is_strict_and_holds_only_text_and_integers(self, store: SqliteStore) -> None:
        with closing(sqlite3.connect(store.path)) as plain:
            tables = plain.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'")
            strict = dict(tables.fetchall())
            assert strict == {"record": 1, "record_key": 1, "log": 1, "work": 1}
            types = {row[0] for name in strict for row in plain.execute("SELECT type FROM pragma_table_info(?)", (name,))}
        assert types == {"TEXT", "INTEGER"}

    def test_no_page_needs_a_sort(self, store: SqliteStore) -> None:
        from relcare.storage._sqlite_transaction import STATEMENTS

        with closing(sqlite3.connect(store.path)) as plain:
            for statement in (STATEMENTS.scan, STATEMENTS.scan_key, STATEMENTS.since, STATEMENTS.of_client):
                plan = plain.execute(f"EXPLAIN QUERY PLAN {statement}", ("1",) * statement.count("?")).fetchall()
                steps = [row[3] for row in plan]
                assert all("SEARCH" in step for step in steps), steps

    def test_the_path_is_absolute_whatever_the_process_does_later(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with SqliteStore.new("book.db") as store:
            monkeypatch.chdir("/")
            assert store.path == str(path)


class TestFile:
    @pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
    def test_the_file_and_its_companions_belong_to_the_owner_alone(self, store: SqliteStore, path: Path) -> None:
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
        assert modes == {"book.db": 0o600, "book.db-wal": 0o600, "book.db-shm": 0o600}

    def test_closing_leaves_one_whole_file(self, path: Path) -> None:
        with SqliteStore.new(path) as store, store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        assert [one.name for one in path.parent.iterdir()] == ["book.db"]

    def test_a_mistyped_path_is_an_error_and_creates_nothing(self, path: Path) -> None:
        with pytest.raises(StorageError, match="No such file"):
            SqliteStore.open(path)
        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize("name", ["a b?mode=memory#x%41.db", "책.db", "'quoted\".db", ":memory:"])
    def test_every_character_of_a_path_is_taken_literally(self, tmp_path: Path, name: str) -> None:
        SqliteStore.new(tmp_path / name).close()
        SqliteStore.open(tmp_path / name).close()
        assert [one.name for one in tmp_path.iterdir()] == [name]

    @pytest.mark.parametrize("path", ["", "a\0b", b"bytes.db"], ids=["empty", "NUL", "bytes"])
    def test_an_impossible_path_is_refused(self, path: str) -> None:
        with pytest.raises(InvalidValueError, match="path"):
            SqliteStore.new(path)

    def test_new_never_replaces_a_file(self, store: SqliteStore, path: Path) -> None:
        with pytest.raises(StorageError, match="exists already"):
            SqliteStore.new(path)
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)

    @pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
    def test_new_does_not_play_in_the_journal_of_another_database(self, path: Path, suffix: str) -> None:
        left = path.with_name(path.name + suffix)
        left.write_bytes(b"old")
        with pytest.raises(StorageError, match="left from another"):
            SqliteStore.new(path)
        assert (path.exists(), left.read_bytes()) == (False, b"old")

    def test_new_in_a_missing_folder_is_a_storage_error(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="cannot be created"):
            SqliteStore.new(tmp_path / "missing" / "book.db")

    def test_a_creation_that_fails_leaves_nothing_behind(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from relcare.storage._sqlite_schema import TABLES

        monkeypatch.setattr("relcare.storage._sqlite_file.TABLES", (*TABLES, "NOT SQL"))
        with pytest.raises(StorageError, match="create its file"):
            SqliteStore.new(path)
        assert list(path.parent.iterdir()) == []

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "an empty file"),
            (b"client_id,name\nc-1,Kim\n" * 50, "no database"),
            (b"SQLite format 3\0" + b"\xff" * 99, "not"),
        ],
        ids=["empty", "text", "damaged head"],
    )
    def test_a_file_that_is_no_book_is_refused_and_kept(self, path: Path, content: bytes, reason: str) -> None:
        path.write_bytes(content)
        with pytest.raises(StorageError, match=reason):
            SqliteStore.open(path)
        assert path.read_bytes() == content

    def test_the_database_of_another_application_is_refused_and_kept(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE record (kind TEXT)")
        before = path.read_bytes()
        with pytest.raises(StorageError, match="another application"):
            SqliteStore.open(path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(("schema", "reason"), [(7, "newer relcare"), (0, "unknown schema"), (-1, "unknown schema")])
    def test_a_schema_that_is_not_ours_is_refused(self, path: Path, schema: int, reason: str) -> None:
        SqliteStore.new(path).close()
        with closing(sqlite3.connect(path)) as plain:
            plain.execute(f"PRAGMA user_version = {schema}")
        with pytest.raises(StorageError, match=reason):
            SqliteStore.open(path)

    def test_a_folder_is_no_book(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="is not a file"):
            SqliteStore.open(tmp_path)

    def test_a_book_that_is_a_symbolic_link_is_opened(self, store: SqliteStore, tmp_path: Path) -> None:
        link = tmp_path / "link.db"
        link.symlink_to(store.path)
        SqliteStore.open(link).close()


class TestFailures:
    def test_a_failure_carries_no_value_of_a_client(self, store: SqliteStore) -> None:
        with closing(sqlite3.connect(store.path)) as other:
            other.execute("DROP TABLE record_key")
        secret = attrs.evolve(CLIENT, keys={"name": "Secretperson"})
        with pytest.raises(StorageError, match="could not write") as caught, store.write() as unit:
            unit.records.put(secret, expected=0)
        assert isinstance(caught.value.__cause__, sqlite3.Error)
        assert "Secretperson" not in "".join(traceback.format_exception(caught.value))

    def test_a_unit_in_which_the_store_failed_cannot_commit(self, store: SqliteStore) -> None:
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        with closing(sqlite3.connect(store.path)) as other:
            other.execute("DROP TABLE log")
        with pytest.raises(StorageError, match="nothing of it is kept"), store.write() as unit:  # noqa: PT012 - all of it
            unit.records.put(CLIENT, expected=1)
            with pytest.raises(StorageError, match="could not write"):
                unit.log.append(LogEntry(id="t-1", kind="touchpoint", client_id="c-1", payload="{}"))
            with pytest.raises(StorageError, match="failed within"):
                unit.records.get("client", "c-1")
        with store.read() as view:
            found = view.records.get("client", "c-1")
            assert found is not None
            assert found.version == 1

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE record SET keys = '['",
            "UPDATE record SET payload = ''",
            "UPDATE record SET payload = replace(payload, 'Secret', 'Secres')",
            "UPDATE record SET version = 2",
            "UPDATE record SET digest = digest + 1",
            "UPDATE record SET payload = CAST(x'ff' AS TEXT)",
        ],
    )
    def test_a_damaged_row_is_an_error_and_no_value(self, store: SqliteStore, damage: str) -> None:
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        with closing(sqlite3.connect(store.path)) as other:
            other.execute(damage)
            other.commit()
        with store.read() as view, pytest.raises(StorageError, match="damaged"):
            view.records.get("client", "c-1")

    def test_what_a_lost_key_hides_is_erased_all_the_same(self, path: Path) -> None:
        people = [ContactPerson(id="p-1", client_id="c-1", name="Secretperson")]
        with SqliteStore.create(path, Book(clients=[Client(id="c-1", name="A")], people=people)) as store:
            with closing(sqlite3.connect(path)) as other:
                other.execute("UPDATE record_key SET value = 'c-1 ' WHERE id = 'p-1'")
                other.commit()
            erased = erase_client(store, "c-1", key=KEY, at=NOW, by="lee", ground="asked").erasure
            assert erased.record_count == 2
            store.verify()
        assert b"Secretperson" not in path.read_bytes()
        assert b"c-1 " not in path.read_bytes()

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE log SET client_id = 'c-2' WHERE position = 1",
            "UPDATE record SET id = 'c-3' WHERE kind = 'tiers'",
        ],
    )
    def test_nothing_is_called_erased_while_a_damaged_row_may_be_about_the_client(self, path: Path, damage: str) -> None:
        touchpoint = Touchpoint(
            id="t-1", client_id="c-1", occurred_at=NOW, channel="call", direction="outgoing", outcome="reached"
        )
        spells = [TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=NOW.date())]
        book = Book(clients=[Client(id=one, name="A") for one in ("c-1", "c-2")], touchpoints=[touchpoint], tier_spells=spells)
        with SqliteStore.create(path, book) as store:
            with closing(sqlite3.connect(path)) as other:
                other.execute(damage)
                other.commit()
            with pytest.raises(StorageError, match="damaged"):
                erase_client(store, "c-1", key=KEY, at=NOW, by="lee", ground="asked")
            with store.read() as view:
                assert view.records.get("client", "c-1") is not None

    def test_time_erases_nothing_in_a_book_that_is_damaged(self, path: Path) -> None:
        people = [ContactPerson(id="p-1", client_id="c-1", name="Secretperson")]
        with SqliteStore.create(path, Book(clients=[Client(id="c-1", name="A")], people=people)) as store:
            with closing(sqlite3.connect(path)) as other:
                other.execute("DELETE FROM record_key")
                other.commit()
            with pytest.raises(StorageError, match="table of keys is damaged"):
                apply_retention(store, RetentionRules(), key=KEY, at=NOW, by="lee")

    def test_after_a_commit_of_unknown_outcome_no_more_is_written(self, store: SqliteStore, path: Path) -> None:
        # A file size limit lets the write of the log fail as a full disk would; the child sets it for itself alone.
        told = run(
            """
import resource, signal, sys
from relcare.errors import StorageError
from relcare.storage import LogEntry, SqliteStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = SqliteStore.open(sys.argv[1])
def append(number):
    with store.write() as unit:
        unit.log.append(LogEntry(id=f"t-{number}", kind="note", client_id="c-1", payload='"' + "x" * 50_000 + '"'))
append(0)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
acknowledged, refused = 1, None
for number in range(1, 20):
    try:
        append(number)
        acknowledged += 1
    except StorageError as error:
        refused = error
        break
print(acknowledged, type(refused).__name__, "outcome is not known" in str(refused))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
try:
    append(99)
except StorageError as error:
    print("open the store again" in str(error))
with store.read() as view:
    print(len(list(view.log.since())))
""",
            str(path),
        ).split()
        acknowledged = int(told[0])
        assert 1 < acknowledged < 19
        assert told[1:4] == ["OutcomeUnknownError", "True", "True"]
        assert int(told[4]) >= acknowledged
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        with store.read() as view:
            assert len(list(view.log.since())) >= acknowledged


WRITER = """
import sys
from relcare.storage import LogEntry, Record, SqliteStore
store = SqliteStore.open(sys.argv[1])
with store.read() as view:
    current = view.records.get("counter", "n")
    number, version = (int(current.payload), current.version) if current else (0, 0)
while True:
    number += 1
    with store.write(f"k-{number}") as unit:
        version = unit.records.put(Record(kind="counter", id="n", payload=str(number)), expected=version).version
        unit.log.append(LogEntry(id=f"t-{number}", kind="note", client_id="c-1", payload="{}"))
        unit.records.put(Record(kind="item", id=f"{number:06}", payload="{}", keys={"of": "n"}), expected=0)
    print(number, flush=True)
"""


class TestCrashes:
    def test_what_was_acknowledged_survives_kill_9(self, path: Path) -> None:
        SqliteStore.new(path).close()
        acknowledged = 0
        for round_number in range(KILLS):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(path)], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
            )
            assert writer.stdout is not None
            for _ in range(1 + round_number * 3):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
            writer.stdout.close()
            writer.wait(timeout=60)
            # What was written to the pipe before the kill was acknowledged too; a torn last line was not.
            acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
            with SqliteStore.open(path) as store, store.read() as view:
                counter = view.records.get("counter", "n")
                assert counter is not None
                number = int(counter.payload)
                assert number >= acknowledged
                assert counter.version == number
                assert [stored.entry.id for stored in view.log.since()] == [f"t-{one}" for one in range(1, number + 1)]
                items = [f"{one:06}" for one in range(1, number + 1)]
                assert [one.id for one in view.records.scan("item", key=("of", "n"))] == items
                assert [one.id for one in view.records.scan("item")] == items
            with closing(sqlite3.connect(path)) as plain:
                assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
    def test_a_forked_child_is_refused_and_the_parent_goes_on(self, path: Path) -> None:
        told = run(
            """
import os, sys
from relcare.errors import StorageError
from relcare.storage import Record, SqliteStore
store = SqliteStore.new(sys.argv[1])
with store.write() as unit:
    unit.records.put(Record(kind="client", id="c-1", payload="{}"), expected=0)
    child = os.fork()
    if child == 0:
        for attempt in (store.read, store.write):
            try:
                with attempt():
                    print("let in")
            except StorageError as error:
                print("refused" if "forked" in str(error) else error)
        try:
            store.close()
        except StorageError:
            print("refused", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    unit.records.put(Record(kind="client", id="c-2", payload="{}"), expected=0)
with store.read() as view:
    print([record.id for record in view.records.scan("client")])
store.close()
""",
            str(path),
        )
        assert told.splitlines() == ["refused", "refused", "refused", "['c-1', 'c-2']"]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
    def test_a_child_forked_within_a_unit_neither_commits_nor_tears_it(self, path: Path) -> None:
        told = run(
            """
import os, sys
from relcare.errors import StorageError
from relcare.storage import Record, SqliteStore
store = SqliteStore.new(sys.argv[1])
def some(kind):
    return (Record(kind=kind, id=f"{number:03}", payload='"' + "x" * 40_000 + '"') for number in range(100))
with store.write() as unit:
    unit.records.put(Record(kind="client", id="c-1", payload="{}"), expected=0)
child = -1
try:
    with store.write() as unit:
        unit.records.put_many(some("a"))  # more than SQLite keeps in memory: pages of it lie in the log already
        child = os.fork()
        if child == 0:
            try:
                unit.records.get("client", "c-1")
            except StorageError as error:
                print("refused" if "forked" in str(error) else error, flush=True)
        else:
            os.waitpid(child, 0)
            print(len(list(unit.records.scan("a"))))
            unit.records.put_many(some("b"))
except StorageError as error:
    print("not committed" if "forked" in str(error) else error, flush=True)
    sys.exit()  # with all that an interpreter does at its end
with store.read() as view:
    print([len(list(view.records.scan(kind))) for kind in "ab"])
store.verify()
store.close()
""",
            str(path),
        )
        assert told.splitlines() == ["refused", "not committed", "100", "[100, 100]"]

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has locks that stay")
    def test_who_opens_and_closes_the_file_in_this_process_drops_no_lock(self, store: SqliteStore, path: Path) -> None:
        script = """
import sys
from relcare.storage import LogEntry, SqliteStore
with SqliteStore.open(sys.argv[1]) as store, store.write() as unit:
    unit.log.append(LogEntry(id=sys.argv[2], kind="note", client_id="c-1", payload="{}"))
"""
        for number in range(0, 4, 2):
            with store.write() as unit:
                unit.log.append(LogEntry(id=f"t-{number}", kind="note", client_id="c-1", payload="{}"))
            for one in path.parent.iterdir():
                one.read_bytes()
            # The other process closes the book; if it took itself for the last, it would remove the log of this one.
            run(script, str(path), f"t-{number + 1}")
            assert path.with_name("book.db-wal").exists()
        with store.read() as view:
            assert [one.entry.id for one in view.log.since()] == [f"t-{number}" for number in range(4)]
        store.close()
        assert [one.name for one in path.parent.iterdir()] == ["book.db"]

    def test_of_many_processes_that_count_up_none_is_lost(self, store: SqliteStore, path: Path) -> None:
        script = """
import sys
from relcare.storage import Record, SqliteStore
with SqliteStore.open(sys.argv[1]) as store:
    for _ in range(50):
        with store.write() as unit:
            current = unit.records.get("counter", "n")
            number, version = (int(current.payload), current.version) if current else (0, 0)
            unit.records.put(Record(kind="counter", id="n", payload=str(number + 1)), expected=version)
"""
        writers = [subprocess.Popen([sys.executable, "-c", script, str(path)], env=ENVIRONMENT) for _ in range(4)]
        assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
        with store.read() as view:
            counter = view.records.get("counter", "n")
            assert counter is not None
            assert (counter.payload, counter.version) == ("200", 200)


def test_who_stays_in_memory_never_loads_sqlite3() -> None:
    script = """
import sys
from relcare.storage import MemoryStore
print("sqlite3" in sys.modules)
from relcare.storage import SqliteStore
print("sqlite3" in sys.modules)
"""
    assert run(script).split() == ["False", "True"]


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    lookup: Callable[[str], object] = relcare.storage.__getattr__
    with pytest.raises(AttributeError, match="SqlitStore"):
        lookup("SqlitStore")
    assert "SqliteStore" in dir(relcare.storage)
