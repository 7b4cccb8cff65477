"""What only the store over SQLAlchemy promises: order in every language, turns of processes, lost connections (STO-3, STO-6)."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")

from sqlalchemy import Engine, create_engine, text

import relcare.storage
from relcare.errors import InvalidValueError, OutcomeUnknownError, StorageError
from relcare.model import Book, Client
from relcare.storage import LogEntry, Record, Records, load_book
from relcare.storage.sql import SqlStore, tables_of
from relcare.storage.sql._tables import statements_for

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(relcare.storage.__file__).parents[2])}
CLIENT = Record(kind="client", id="c-1", payload='{"name": "Secretperson"}', keys={"name": "Secretperson"})


def entry(entry_id: str) -> LogEntry:
    return LogEntry(id=entry_id, kind="note", client_id="c-1", payload="{}")


ROUNDS = 30
COUNT = f"""
import sys
from relcare.storage import LogEntry, Record
from relcare.storage.sql import SqlStore
with SqlStore.open(sys.argv[1]) as store:
    for number in range({ROUNDS}):
        with store.write() as unit:
            name = f"t-{{sys.argv[2]}}-{{number}}"
            unit.log.append(LogEntry(id=name, kind="note", client_id="c-1", payload="{{}}"))
            current = unit.records.get("counter", "n")
            counted, version = (int(current.payload), current.version) if current else (0, 0)
            unit.records.put(Record(kind="counter", id="n", payload=str(counted + 1)), expected=version)
"""


def run_all(script: str, *arguments: str, times: int) -> list[str]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, *arguments, str(number)], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        for number in range(times)
    ]
    told = [one.communicate(timeout=60)[0] for one in started]
    assert [one.returncode for one in started] == [0] * times
    return told


@pytest.fixture
def url(postgres: "PostgresServer") -> str:
    return postgres.database()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with SqlStore.new(url) as store:
        yield store


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A host's, which hides nothing."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    yield engine
    engine.dispose()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'host.db'}"


class TestOrder:
    def test_ids_are_in_the_order_of_code_points_whatever_the_language_of_the_database(self, postgres: "PostgresServer") -> None:
        url = postgres.database(options="TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'ko'")
        ids = ["B", "a", "b", "Ö", "é", "가", "\uff5e", "\U0001f600"]
        assert postgres.sql("SELECT 'a' < 'B'", url.rpartition("/")[2]) == [(True,)]
        with SqlStore.new(url) as store:
            with store.write() as unit:
                unit.records.put_many(Record(kind="client", id=one, payload="{}", keys={"k": "v"}) for one in reversed(ids))
            with store.read() as view:
                assert [one.id for one in view.records.scan("client")] == sorted(ids)
                assert [one.id for one in view.records.scan("client", key=("k", "v"), after="b")] == sorted(ids)[3:]

    def test_a_database_that_cannot_hold_every_text_is_refused(self, postgres: "PostgresServer") -> None:
        url = postgres.database(options="TEMPLATE template0 ENCODING 'LATIN1'")
        with pytest.raises(StorageError, match="LATIN1"):
            SqlStore.new(url)

    @pytest.mark.parametrize("is_of_a_host", [True, False], ids=["engine of a host", "URL"])
    def test_a_database_that_does_not_say_how_it_keeps_text_is_refused(
        self, postgres: "PostgresServer", *, is_of_a_host: bool
    ) -> None:
        url = postgres.database(options="TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        where = create_engine(url.replace("postgresql:", "postgresql+psycopg:")) if is_of_a_host else url
        for make in (SqlStore.new, SqlStore.open):
            with pytest.raises(StorageError, match=r"SQL_ASCII.*hint: take one in UTF8"):
                make(where)
        if isinstance(where, Engine):
            where.dispose()

    def test_no_page_needs_a_sort(self, store: SqlStore, engine: Engine) -> None:
        say = statements_for(tables_of(), "postgresql")
        values: dict[str, Any] = {"p0": "x", "p1": "x", "p2": "x", "p3": "x", "p4": 9}
        pages = {
            "scan": (say.scan, values | {"p2": 9}),
            "scan_key": (say.scan_key, values),
            "since": (say.since, {"p0": 1, "p1": 9}),
            "of_client": (say.of_client, {"p0": "x", "p1": 1, "p2": 9}),
        }
        with engine.connect() as connection:
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_bitmapscan = off"))
            for name, (statement, given) in pages.items():
                plain = statement.compile(engine, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
                plan = connection.exec_driver_sql(f"EXPLAIN {plain}", {key: given[key] for key in plain.params})
                lines = "\n".join(row[0] for row in plan)
                assert "Index" in lines, (name, lines)
                assert "Sort" not in lines, (name, lines)


class TestTurns:
    def test_who_comes_second_waits_and_its_positions_are_behind(self, store: SqlStore, url: str) -> None:
        with SqlStore.open(url) as other, ThreadPoolExecutor(max_workers=1) as pool:

            def append() -> int:
                with other.write() as unit:
                    return unit.log.append(entry("t-2"))

            with store.write() as unit:
                first = unit.log.append(entry("t-1"))
                waiting = pool.submit(append)
                with pytest.raises(TimeoutError):
                    waiting.result(timeout=0.3)
            second = waiting.result(timeout=60)
            with store.read() as view:
                assert [one.position for one in view.log.since()] == [first, second]

    def test_of_many_processes_none_loses_a_change_and_who_follows_misses_none(self, store: SqlStore, url: str) -> None:
        seen: list[tuple[int, str]] = []
        with ThreadPoolExecutor(max_workers=1) as pool:
            writing = pool.submit(run_all, COUNT, url, times=3)
            is_last = False
            while not is_last:
                is_last = not wait([writing], timeout=0.05).not_done
                with store.read() as view:
                    behind = seen[-1][0] if seen else 0
                    seen += [(one.position, one.entry.id) for one in view.log.since(behind)]
            writing.result()
        assert len(seen) == len({name for _, name in seen}) == 3 * ROUNDS
        with store.read() as view:
            assert [(one.position, one.entry.id) for one in view.log.since()] == seen
            counter = view.records.get("counter", "n")
        assert counter is not None
        assert (counter.payload, counter.version) == (str(3 * ROUNDS), 3 * ROUNDS)

    def test_of_two_processes_with_a_sqlite_file_none_loses_a_change(self, file_url: str) -> None:
        with SqlStore.new(file_url) as store:
            run_all(COUNT, file_url, times=2)
            with store.read() as view:
                counter = view.records.get("counter", "n")
            assert counter is not None
            assert (counter.payload, counter.version) == (str(2 * ROUNDS), 2 * ROUNDS)

    def test_who_waits_too_long_is_told_so(self, store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.storage.sql._dialects.WAIT_SECONDS", 0.2)

        def enter() -> None:
            with SqlStore.open(url) as other, other.write():
                pass

        with store.write(), ThreadPoolExecutor(max_workers=1) as pool:
            waiting = pool.submit(enter)
            with pytest.raises(StorageError, match=r"another unit kept the store for 0\.2 seconds"):
                waiting.result(timeout=60)

    def test_a_commit_waits_for_the_disk_even_where_the_database_would_not(self, postgres: "PostgresServer") -> None:
        url = postgres.database()
        name = url.rpartition("/")[2]
        postgres.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        with SqlStore.new(url) as store:
            transaction: Any = store.begin(writes=True)
            assert transaction._connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
            transaction.rollback()


class Gap:
    """Stands between a client and the server, and loses the connection at the first COMMIT that it is told to lose."""

    def __init__(self, port: int, *, is_commit_delivered: bool) -> None:
        self.is_commit_delivered = is_commit_delivered
        self.is_armed = False
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with client, server:
            while data := _received(client):
                if self.is_armed and b"COMMIT\0" in data:
                    self.is_armed = False
                    if self.is_commit_delivered:
                        self._lost_server = server
                        server.sendall(data)
                        self.committed.wait(timeout=30)
                    break
                server.sendall(data)
            for one in (client, server):
                one.shutdown(socket.SHUT_RDWR)

    committed = threading.Event()
    _lost_server: socket.socket | None = None

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            if self._lost_server is server:
                self.committed.set()
                return
            try:
                client.sendall(data)
            except OSError:
                return


def _received(one: socket.socket) -> bytes:
    try:
        return one.recv(65_536)
    except OSError:
        return b""


class TestLostConnections:
    @pytest.mark.parametrize("is_commit_delivered", [True, False], ids=["behind the commit", "before the commit"])
    def test_a_commit_whose_answer_is_lost_is_of_unknown_outcome_and_its_repetition_is_safe(
        self, postgres: "PostgresServer", *, is_commit_delivered: bool
    ) -> None:
        name = postgres.database().rpartition("/")[2]
        gap = Gap(postgres.port, is_commit_delivered=is_commit_delivered)
        with SqlStore.new(postgres.url(name, port=gap.port)) as store:
            gap.is_armed = True
            with pytest.raises(OutcomeUnknownError), store.write("visit-1") as unit:
                unit.log.append(entry("t-1"))
            with store.write("visit-1") as again:
                assert again.is_repeat == is_commit_delivered
                if not again.is_repeat:
                    again.log.append(entry("t-1"))
            with store.read() as view:
                assert [one.entry.id for one in view.log.since()] == ["t-1"]
        gap.close()

    def test_a_unit_that_loses_the_server_fails_whole_and_the_store_goes_on(self, fragile_postgres: "PostgresServer") -> None:
        url = fragile_postgres.database()
        with SqlStore.new(url) as store:
            with store.write() as unit:
                unit.log.append(entry("t-1"))
            with pytest.raises(StorageError, match="nothing of it is kept"), store.write() as unit:  # noqa: PT012 - all of it
                unit.log.append(entry("t-2"))
                fragile_postgres.control("-m", "immediate", "stop")
                with pytest.raises(StorageError, match="could not write"):
                    unit.log.append(entry("t-3"))
                with pytest.raises(StorageError, match="failed within"):
                    unit.log.get("t-1")
            with pytest.raises(StorageError, match="begin a unit"), store.read():
                pass
            fragile_postgres.start()
            with store.write() as unit:
                unit.log.append(entry("t-4"))
            with store.read() as view:
                assert [one.entry.id for one in view.log.since()] == ["t-1", "t-4"]


class TestErrors:
    def test_a_failure_carries_no_value_of_a_client(self, store: SqlStore, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE relcare_record ADD CONSTRAINT nobody CHECK (payload NOT LIKE '%Secret%')"))
        changes: tuple[Callable[[Records], object], ...] = (
            lambda records: records.put(CLIENT, expected=0),
            lambda records: records.put_many([CLIENT]),
        )
        with SqlStore.open(engine) as opened:
            for change in changes:
                with pytest.raises(StorageError, match="could not write") as caught, opened.write() as unit:
                    change(unit.records)
                assert "Secretperson" not in "".join(traceback.format_exception(caught.value))
                assert caught.value.__cause__ is None

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE relcare_record SET payload = replace(payload, 'Secret', 'Secres')",
            "UPDATE relcare_record SET version = version + 1",
            "UPDATE relcare_record SET digest = digest + 1",
        ],
    )
    def test_a_damaged_row_is_an_error_and_no_value(self, store: SqlStore, engine: Engine, damage: str) -> None:
        with store.write() as unit:
            unit.records.put(CLIENT, expected=0)
        with engine.begin() as connection:
            connection.execute(text(damage))
        with store.read() as view, pytest.raises(StorageError, match="damaged"):
            view.records.get("client", "c-1")

    def test_a_database_without_a_book_is_refused_and_stays_as_it_is(self, url: str, engine: Engine) -> None:
        with pytest.raises(StorageError, match="no book of relcare"):
            SqlStore.open(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one() == 0

    @pytest.mark.parametrize("database", ["url", "file_url"])
    def test_new_never_replaces_a_book(self, database: str, request: pytest.FixtureRequest) -> None:
        where: str = request.getfixturevalue(database)
        with SqlStore.new(where) as store:
            with store.write() as unit:
                unit.log.append(entry("t-1"))
            with pytest.raises(StorageError, match="already"):
                SqlStore.new(where)
            with store.read() as view:
                assert view.log.get("t-1") is not None

    @pytest.mark.parametrize("schema", [0, 99])
    def test_another_schema_is_refused(self, store: SqlStore, engine: Engine, url: str, schema: int) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE relcare_turn SET schema_version = :schema"), {"schema": schema})
        with pytest.raises(StorageError, match=f"schema {schema}, this relcare knows 1"):
            SqlStore.open(url)

    def test_who_cannot_be_reached_is_told_without_the_password(self, postgres: "PostgresServer") -> None:
        with pytest.raises(StorageError, match=r"open its database.*nobody-here") as caught:
            SqlStore.open(postgres.url("nobody-here").replace("relcare@", f"relcare:{'hu' + 'sh'}@"))
        assert "hush" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize("url", ["", "no url: hush", "mysql://lee:hush@host/db", "nobody://lee:hush@host/db", "sqlite://"])
    def test_what_is_no_url_of_a_database_that_is_known_is_refused(self, url: str) -> None:
        with pytest.raises((InvalidValueError, StorageError)) as caught:
            SqlStore.open(url)
        assert "hush" not in str(caught.value)

    def test_a_book_that_cannot_be_saved_leaves_no_table(self, url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("relcare.storage.sql._store.save_book", fail)
        with pytest.raises(ZeroDivisionError):
            SqlStore.create(url, Book(clients=[], zone="UTC"))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one() == 0


class TestHosts:
    def test_a_book_stands_beside_the_tables_of_the_host_and_leaves_them(self, engine: Engine) -> None:
        book = Book(clients=[Client(id="c-1", name="김철수")], zone="Asia/Seoul")
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE record (id TEXT)"))
            connection.execute(text("CREATE SCHEMA team"))
        with SqlStore.create(engine, book, schema="team") as store, SqlStore.create(engine, book) as other:
            assert load_book(store) == load_book(other) == book
            other.discard()
            with pytest.raises(StorageError, match="no book"):
                SqlStore.open(engine)
            assert load_book(store) == book
        with engine.connect() as connection:
            assert connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all() == [("record",)]

    def test_the_profile_says_what_promises_rest_on(self, store: SqlStore, file_url: str) -> None:
        assert store.profile()["synchronous_commit"] == "on"
        with SqlStore.new(file_url) as other:
            assert other.profile() == {
                "sqlite_version": sqlite3.sqlite_version,
                "journal_mode": "wal",
                "busy_timeout": 30_000,
                "foreign_keys": 1,
                "synchronous": 2,
                "secure_delete": 1,
            }


class TestSqliteFile:
    @pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
    def test_a_new_file_belongs_to_its_owner_alone(self, file_url: str, tmp_path: Path) -> None:
        with SqlStore.new(file_url):
            assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}

    def test_a_mistyped_file_is_an_error_and_creates_nothing(self, file_url: str, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="no such file"):
            SqlStore.open(file_url)
        assert list(tmp_path.iterdir()) == []

    def test_every_table_is_strict(self, file_url: str, tmp_path: Path) -> None:
        with SqlStore.new(file_url), closing(sqlite3.connect(tmp_path / "host.db")) as plain:
            tables = plain.execute("SELECT name, strict FROM pragma_table_list WHERE name LIKE 'relcare%'").fetchall()
        assert dict(tables) == dict.fromkeys(
            ("relcare_record", "relcare_record_key", "relcare_log", "relcare_work", "relcare_turn"), 1
        )

    def test_after_a_commit_of_unknown_outcome_no_more_is_written(self, file_url: str) -> None:
        from sqlalchemy.exc import OperationalError

        with SqlStore.new(file_url) as store:
            dialect: Any = store._dialect

            class Failing(type(dialect)):  # type: ignore[misc] # the class of a value
                def commit(self, connection: object) -> None:
                    raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

            store._dialect = Failing()
            with pytest.raises(OutcomeUnknownError), store.write() as unit:
                unit.log.append(entry("t-1"))
            store._dialect = dialect
            with pytest.raises(StorageError, match="open the store again"), store.write():
                pass
            with store.read() as view:
                assert list(view.log.since()) == []


def without(module: str, script: str) -> str:
    """What the script prints where a module is not installed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.modules[{module!r}] = None\n{script}"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


CATCH = "from relcare.errors import RelcareError\ntry:\n    {}\nexcept RelcareError as error:\n    print(error)"


class TestExtras:
    def test_without_sqlalchemy_the_extra_is_named(self) -> None:
        told = without("sqlalchemy", CATCH.format("import relcare.storage.sql"))
        assert told == "relcare.storage.sql needs the extra 'sql'; hint: pip install 'relcare[sql]'\n"

    def test_without_a_driver_it_is_named(self) -> None:
        script = CATCH.format("from relcare.storage.sql import SqlStore; SqlStore.open('postgresql://localhost/firm')")
        assert "'psycopg'" in without("psycopg", script)

    def test_the_package_of_stores_does_not_load_sqlalchemy(self) -> None:
        assert without("sqlalchemy", "import relcare.storage\nprint('fine')") == "fine\n"
