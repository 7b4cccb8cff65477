"""STO-3: backups are taken while in use, verified on the spot, restored whole; one that does not come is missed."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.cli._app import app
from relcare.demo import demo_book
from relcare.errors import InvalidValueError, StorageError
from relcare.model import Book, Client
from relcare.storage import (
    BackupPolicy,
    CanBeCopied,
    CanBeInspected,
    LogEntry,
    MemoryStore,
    Record,
    SqliteStore,
    Store,
    _backup,
    back_up,
    backups_in,
    check_health,
    create_store,
    last_backup,
    load_book,
    open_store,
    restore,
)
from relcare.storage._left_behind import FolderLock
from relcare.storage.sql import SqlStore

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BOOK = Book(clients=[Client(id="c-1", name="김철수"), Client(id="c-2", name="王芳")], zone="Asia/Seoul", currency="KRW")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'book.db'}"
    server = cast("PostgresServer", request.getfixturevalue("postgres"))
    return server.database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """With a deleted record, an idempotency key and a gap in the log: what a copy of the visible values would lose."""
    with closing(create_store(url, BOOK)) as store:
        with store.write("k-1", body_digest="d-1") as unit:
            unit.records.put(Record(kind="note", id="gone", payload="{}", keys={"a": "b", "가": "나"}), expected=0)
            unit.log.append(LogEntry(id="t-1", kind="change", client_id="c-1", payload='"안녕"', by="lee"))
        with store.write() as unit:
            unit.records.delete("note", "gone", expected=1)
        yield store


def digest_of(store: Store) -> str:
    assert isinstance(store, CanBeInspected)
    return store.verify()


class TestBackUp:
    def test_what_is_restored_is_the_book_with_all_that_no_reader_sees(self, store: Store, folder: Path, tmp_path: Path) -> None:
        digest = digest_of(store)
        backup = back_up(store, folder, now=NOW)
        assert backup.digest == digest
        with closing(restore(backup.path, f"sqlite:{tmp_path / 'again.db'}")) as again:
            assert digest_of(again) == digest
            assert load_book(again) == load_book(store)
            with again.write("k-1", body_digest="d-1") as unit:
                assert unit.is_repeat
            with again.write() as unit, store.write() as original:
                note = Record(kind="note", id="gone", payload="{}")
                assert unit.records.put(note, expected=0) == original.records.put(note, expected=0)
                entry = LogEntry(id="t-2", kind="note", client_id="c-1", payload="{}")
                assert unit.log.append(entry) == original.log.append(entry)

    def test_it_is_restored_into_a_database_as_well(self, store: Store, folder: Path, postgres: "PostgresServer") -> None:
        backup = back_up(store, folder, now=NOW)
        with closing(restore(backup.path, postgres.database())) as again:
            assert digest_of(again) == backup.digest
            with again.write() as unit:
                position = unit.log.append(LogEntry(id="t-2", kind="note", client_id="c-1", payload="{}"))
            with store.read() as view:
                assert position > max(one.position for one in view.log.since())

    def test_while_others_write_it_is_one_moment_of_the_book(self, store: Store, folder: Path, tmp_path: Path) -> None:
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                with store.write() as unit:
                    # Both or neither: a copy of two moments would show one without the other.
                    unit.records.put(Record(kind="item", id=f"{number:06}", payload="{}"), expected=0)
                    unit.log.append(LogEntry(id=f"i-{number:06}", kind="item", client_id="c-1", payload="{}"))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            taken = [back_up(store, folder, now=NOW + timedelta(seconds=number)) for number in range(4)]
        finally:
            stop.set()
            writer.join()
        counts = []
        for number, backup in enumerate(taken):
            with closing(restore(backup.path, f"sqlite:{tmp_path / f'{number}.db'}")) as again, again.read() as view:
                items = [one.id for one in view.records.scan("item")]
                assert [one.entry.id for one in view.log.since() if one.entry.kind == "item"] == [f"i-{one}" for one in items]
                assert items == [f"{one:06}" for one in range(1, len(items) + 1)]
                counts.append(len(items))
        assert counts == sorted(counts)
        assert counts[-1] > counts[0]

    def test_a_backup_that_does_not_restore_alike_does_not_count(
        self, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = back_up(store, folder, now=NOW)

        def copy_less(self: CanBeCopied, path: Path) -> str:
            with closing(SqliteStore.new(path)):
                return digest_of(cast("Store", self))

        monkeypatch.setattr(type(store), "copy_to", copy_less)
        with pytest.raises(StorageError, match="not what was backed up"):
            back_up(store, folder, now=NOW + 8 * DAY, policy=BackupPolicy(keep=1))
        assert backups_in(folder) == (good,)
        assert sorted(one.suffix for one in folder.iterdir()) == [".db", ".json"]
        assert last_backup(store) == good
        assert not check_health(store, now=NOW + 8 * DAY).is_ok

    def test_only_the_owner_can_read_it(self, store: Store, folder: Path) -> None:
        back_up(store, folder, now=NOW)
        modes = {stat.S_IMODE(one.stat().st_mode) for one in (folder, *folder.iterdir())}
        assert modes == {0o700, 0o600}

    def test_the_oldest_beyond_those_to_keep_go_and_what_is_not_ours_stays(self, store: Store, folder: Path) -> None:
        folder.mkdir()
        strange = [folder / "notes.db", folder / "relcare-20200101T000000000000Z.db"]
        for one in strange:
            one.write_bytes(b"mine")
        taken = [back_up(store, folder, now=NOW + number * DAY, policy=BackupPolicy(keep=2)) for number in range(4)]
        assert backups_in(folder) == (taken[3], taken[2])
        assert all(one.exists() for one in strange)
        assert not Path(taken[0].path).exists()

    def test_what_a_clock_that_was_ahead_has_named_makes_room_first(self, store: Store, folder: Path) -> None:
        policy = BackupPolicy(keep=2)
        ahead = [back_up(store, folder, now=NOW + 365 * DAY + number * DAY, policy=policy) for number in range(2)]
        taken = [back_up(store, folder, now=NOW + number * DAY, policy=policy) for number in range(2)]
        assert ahead[0] not in backups_in(folder)
        assert backups_in(folder) == (taken[1], taken[0])
        assert check_health(store, now=NOW + DAY).checks[-1].code == "backup.recent"

    def test_two_at_one_moment_are_refused(self, store: Store, folder: Path) -> None:
        back_up(store, folder, now=NOW)
        with pytest.raises(StorageError, match="exists already"):
            back_up(store, folder, now=NOW)

    def test_a_moment_without_a_zone_is_refused(self, store: Store, folder: Path) -> None:
        with pytest.raises(InvalidValueError, match="now"):
            back_up(store, folder, now=datetime(2026, 3, 31))
        assert not folder.exists()

    def test_a_store_that_cannot_be_copied_says_so(self, folder: Path) -> None:
        with pytest.raises(StorageError, match="MemoryStore cannot be copied"):
            back_up(MemoryStore.create(BOOK), folder, now=NOW)


# It dies in the middle of the proof, when there are three copies of the book.
KILLED = """
import os, sys
from datetime import datetime
from relcare.storage import _sqlite, back_up, open_store
real = _sqlite.carry
def carry(*words):
    real(*words)
    os.kill(os.getpid(), 9)
_sqlite.carry = carry
back_up(open_store(sys.argv[1]), sys.argv[2], now=datetime.fromisoformat(sys.argv[3]))
"""


def names_in(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


class TestLeftBehind:
    @pytest.fixture
    def aside(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Where what is temporary lies."""
        (tmp_path / "aside").mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "aside"))
        return tmp_path / "aside"

    @pytest.fixture
    def sqlite(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with SqliteStore.create(tmp_path / "book.db", BOOK) as store:
            yield store

    def kill_one(self, store: SqliteStore, folder: Path, aside: Path) -> None:
        words = [sys.executable, "-c", KILLED, store.path, str(folder), NOW.isoformat()]
        done = subprocess.run(words, env={**os.environ, "TMPDIR": str(aside)}, check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL
        left = " ".join((*names_in(folder), *names_in(aside)))
        assert all(one in left for one in ("Z.part", "restored.db-wal", "copy.db"))

    @pytest.mark.skipif(sys.platform != "linux", reason="folders may have no locks here")
    def test_what_a_killed_backup_left_goes_with_the_next(self, sqlite: SqliteStore, folder: Path, aside: Path) -> None:
        self.kill_one(sqlite, folder, aside)
        backup = back_up(sqlite, folder, now=NOW)
        assert names_in(folder) == [Path(backup.path).with_suffix(end).name for end in (".db", ".json")]
        assert names_in(aside) == []

    @pytest.mark.skipif(sys.platform != "linux", reason="folders may have no locks here")
    def test_what_a_killed_restore_left_goes_with_the_next(
        self, sqlite: SqliteStore, folder: Path, aside: Path, tmp_path: Path
    ) -> None:
        backup = back_up(sqlite, folder, now=NOW)
        left, used = aside / "relcare-copy-abcdefgh", aside / "relcare-copy-notebook"
        for one in (left, used):
            one.mkdir()
            (one / "copy.db").write_bytes(b"all of it")
        with FolderLock(used) as lock:
            assert lock.try_alone()
            restore(backup.path, str(tmp_path / "again.db")).close()
        assert names_in(aside) == [used.name, f"{used.name}/copy.db"]

    def test_nothing_goes_of_a_backup_that_runs(
        self, sqlite: SqliteStore, folder: Path, aside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert names_in(aside) == []
        real = _backup._prove

        def prove(unproved: Path, digest: str) -> None:
            with monkeypatch.context() as patch:
                patch.setattr(_backup, "_prove", real)
                other = back_up(sqlite, folder, now=NOW + DAY)
            assert Path(other.path).exists()
            real(unproved, digest)

        monkeypatch.setattr(_backup, "_prove", prove)
        back_up(sqlite, folder, now=NOW)
        assert [one.taken_at for one in backups_in(folder)] == [NOW + DAY, NOW]

    @pytest.mark.parametrize("fails", ["relcare-20260331T090000000000Z.json", "relcare-20260331T090000000000Z.part"])
    @pytest.mark.skipif(sys.platform != "linux", reason="folders may have no locks here")
    def test_what_an_unfinished_clearance_left_goes_with_the_next(
        self, sqlite: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch, fails: str
    ) -> None:
        policy, real = BackupPolicy(keep=1), Path.unlink

        def unlink(self: Path, *, missing_ok: bool = False) -> None:
            if self.name == fails:
                raise PermissionError(13, "not now")
            real(self, missing_ok=missing_ok)

        back_up(sqlite, folder, now=NOW, policy=policy)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", unlink)
            second = back_up(sqlite, folder, now=NOW + DAY, policy=policy)
        assert backups_in(folder) == (second,)
        assert fails in names_in(folder)
        back_up(sqlite, folder, now=NOW + 2 * DAY, policy=policy)
        assert len(names_in(folder)) == 2

    def test_what_is_not_of_our_making_stays(self, sqlite: SqliteStore, folder: Path) -> None:
        (folder / "relcare-proof-notebook").mkdir(parents=True)
        strange = ["notes.part", "relcare-2026.part", "relcare-20260331T090000000000Z.partly", "relcare-proof-notebook/mine.txt"]
        for name in strange:
            (folder / name).write_bytes(b"mine")
        back_up(sqlite, folder, now=NOW + DAY)
        assert set(strange) <= set(names_in(folder))

    def test_where_there_are_no_locks_what_is_older_than_a_day_goes(
        self, sqlite: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(FolderLock, "try_alone", lambda _: None)
        folder.mkdir()
        young, old = (folder / f"relcare-2026010{number}T000000000000Z.part" for number in (1, 2))
        for path, age in ((young, DAY), (old, DAY + timedelta(seconds=1))):
            path.write_bytes(b"all of it")
            os.utime(path, ((NOW - age).timestamp(),) * 2)
        back_up(sqlite, folder, now=NOW)
        assert (young.exists(), old.exists()) == (True, False)


class TestDamage:
    @pytest.fixture
    def sqlite(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with SqliteStore.create(tmp_path / "book.db", demo_book()) as store:
            yield store

    def damage(self, store: SqliteStore, statement: str) -> None:
        with closing(sqlite3.connect(store.path)) as plain:
            plain.execute(statement)
            plain.commit()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE record SET payload = replace(payload, 'c-0', 'c-9')",
            "UPDATE log SET recorded_by = 'nobody' WHERE position = 3",
            "UPDATE log SET payload = (SELECT payload FROM log WHERE position = 4) WHERE position = 3",
            "DELETE FROM record_key WHERE id = (SELECT min(id) FROM record_key)",
            "INSERT INTO record_key SELECT kind, 'owner_id', 'nobody', id FROM record LIMIT 1",
            "UPDATE record_key SET value = value || ' ' WHERE id = (SELECT min(id) FROM record_key)",
            "UPDATE log SET client_id = 'c-9' WHERE position = 3",
            "DELETE FROM log WHERE position = 1",
            "DELETE FROM log WHERE position = 3",
            "DELETE FROM log WHERE position = (SELECT max(position) FROM log)",
            "INSERT INTO work VALUES ('k', '', 7)",
            "UPDATE sqlite_sequence SET seq = 1",
            "UPDATE sqlite_sequence SET seq = seq + 1",
        ],
    )
    def test_what_is_damaged_is_found_and_never_backed_up(self, sqlite: SqliteStore, folder: Path, statement: str) -> None:
        self.damage(sqlite, statement.replace("", ""))
        with pytest.raises(StorageError, match="damaged"):
            sqlite.verify()
        with pytest.raises(StorageError, match="damaged"):
            back_up(sqlite, folder, now=NOW)
        assert list(folder.iterdir()) == []
        health = check_health(sqlite, now=NOW, reads_all=True)
        assert [check.code for check in health.checks if not check.is_ok] == ["store.content", "backup.never"]

    @pytest.mark.parametrize("first", [True, False])
    def test_a_log_that_lost_an_entry_is_found_in_a_database_as_well(self, tmp_path: Path, *, first: bool) -> None:
        wanted = "min" if first else "max"
        with closing(SqlStore.create(f"sqlite:///{tmp_path / 'host.db'}", demo_book())) as store:
            digest_of(store)
            with closing(sqlite3.connect(tmp_path / "host.db")) as plain:
                plain.execute(f"DELETE FROM relcare_log WHERE position = (SELECT {wanted}(position) FROM relcare_log)")  # noqa: S608
                plain.commit()
            with pytest.raises(StorageError, match=r"the stored log is damaged \(entries are missing: 1\)"):
                digest_of(store)

    def test_of_every_bit_that_is_flipped_none_becomes_a_value(self, tmp_path: Path) -> None:
        path = tmp_path / "book.db"
        with SqliteStore.create(path, BOOK) as store:
            with store.write() as unit:
                unit.records.put_many(Record(kind="item", id=f"i-{number}", payload="x" * 700) for number in range(50))
            expected = (store.verify(), load_book(store))
        content = path.read_bytes()
        found = 0
        # A stride without a factor in common with the size of a page meets every part of one.
        for bit in range(0, len(content) * 8, 1_621):
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            try:
                with SqliteStore.open(path) as store:
                    told = (store.verify(), load_book(store))
            except StorageError:
                found += 1
            else:
                assert told == expected  # space in which nothing lies
        assert found > 100

    def test_a_backup_that_changed_is_not_restored(self, sqlite: SqliteStore, folder: Path, tmp_path: Path) -> None:
        backup = back_up(sqlite, folder, now=NOW)
        content = bytearray(Path(backup.path).read_bytes())
        content[-7] ^= 1
        Path(backup.path).write_bytes(content)
        with pytest.raises(StorageError, match="its digest differs"):
            restore(backup.path, str(tmp_path / "again.db"))
        assert not (tmp_path / "again.db").exists()

    def test_a_book_in_use_is_no_backup(self, sqlite: SqliteStore, tmp_path: Path) -> None:
        with sqlite.write() as unit:
            unit.log.append(LogEntry(id="t", kind="note", client_id="c-1", payload="{}"))
        with pytest.raises(StorageError, match="in use"):
            restore(sqlite.path, str(tmp_path / "again.db"))

    def test_restoring_replaces_nothing(self, sqlite: SqliteStore, folder: Path) -> None:
        backup = back_up(sqlite, folder, now=NOW)
        with pytest.raises(StorageError, match="exists already"):
            restore(backup.path, sqlite.path)
        with pytest.raises(StorageError, match="not empty"):
            sqlite.fill_from(Path(backup.path))
        with pytest.raises(StorageError, match="cannot be read"):
            restore(folder / "nothing.db", str(folder / "again.db"))


class TestHealth:
    def code(self, store: Store, now: datetime, **policy: int) -> str:
        check = check_health(store, now=now, policy=BackupPolicy(**policy)).checks[-1]
        return check.code if check.is_ok else f"failed {check.code}"

    def test_a_backup_that_never_came_or_is_overdue_fails(self, store: Store, folder: Path) -> None:
        assert self.code(store, NOW) == "failed backup.never"
        back_up(store, folder, now=NOW)
        assert self.code(store, NOW + 7 * DAY) == "backup.recent"
        assert self.code(store, NOW + 7 * DAY + timedelta(microseconds=1)) == "failed backup.overdue"
        assert self.code(store, NOW + 7 * DAY + timedelta(microseconds=1), max_age_days=30) == "backup.recent"

    @pytest.mark.parametrize("jump", [-365 * DAY, -timedelta(seconds=1), 365 * DAY])
    def test_a_clock_that_jumps_is_never_an_excuse(self, store: Store, folder: Path, jump: timedelta) -> None:
        back_up(store, folder, now=NOW)
        assert self.code(store, NOW + jump).startswith("failed")

    def test_the_day_on_which_the_clocks_change_counts_in_hours(self, store: Store, folder: Path) -> None:
        from zoneinfo import ZoneInfo

        before = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Paris"))
        back_up(store, folder, now=before)
        assert self.code(store, before + 7 * DAY) == "failed backup.overdue"  # an hour more than seven days
        assert self.code(store, before + 7 * DAY - timedelta(hours=1)) == "backup.recent"

    def test_a_backup_that_is_gone_or_cut_short_fails(self, store: Store, folder: Path) -> None:
        path = Path(back_up(store, folder, now=NOW).path)
        path.write_bytes(path.read_bytes()[:-1])
        assert self.code(store, NOW) == "failed backup.changed"
        path.unlink()
        assert self.code(store, NOW) == "failed backup.missing"

    def test_what_cannot_be_read_fails(self, store: Store) -> None:
        with store.write() as unit:
            unit.records.put(Record(kind="backup", id="last", payload='{"format": 1}'), expected=0)
        assert self.code(store, NOW) == "failed backup.unreadable"

    def test_a_sqlite_book_tells_its_version_and_its_settings(self, tmp_path: Path) -> None:
        with SqliteStore.create(tmp_path / "book.db", BOOK) as store:
            checks = {check.code: check for check in check_health(store, now=NOW).checks}
            assert sqlite3.sqlite_version in checks["sqlite.version"].text
            assert [checks[name].state for name in ("sqlite.settings", "sqlite.rights", "store.writable")] == ["ok"] * 3
            (tmp_path / "book.db").chmod(0o644)
            assert {check.code: check.state for check in store.inspect()}["sqlite.rights"] == "note"

    def test_a_server_that_does_not_wait_for_the_disk_fails(self, postgres: "PostgresServer") -> None:
        with closing(create_store(postgres.database(), BOOK)) as store:
            checks = {check.code: check for check in check_health(store, now=NOW).checks}
            assert checks["postgresql.version"].text.startswith("PostgreSQL")
            assert (checks["postgresql.settings"].state, "fsync" in checks["postgresql.settings"].text) == ("failed", True)

    @pytest.mark.parametrize("wrong", [0, -1, True, 1.5])
    def test_a_policy_that_allows_no_backup_is_refused(self, wrong: int) -> None:
        with pytest.raises(InvalidValueError):
            BackupPolicy(max_age_days=wrong)
        with pytest.raises(InvalidValueError):
            BackupPolicy(keep=wrong)


def validate(name: str, shape: object) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    definitions = json.loads(re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)[0])
    Draft202012Validator({**definitions, "$ref": f"#/$defs/{name}"}).validate(shape)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command at a moment."""

    def at(moment: datetime, *words: str) -> Result:
        monkeypatch.setattr("relcare.desk._clock.SystemClock.now", lambda _: moment)
        return CliRunner().invoke(app, words, catch_exceptions=False)

    return at


class TestCommands:
    def test_backup_restore_and_health_from_the_command_line(
        self, run: Callable[..., Result], tmp_path: Path, folder: Path
    ) -> None:
        book, again = str(tmp_path / "book.db"), str(tmp_path / "again.db")
        create_store(book, BOOK).close()
        first = run(NOW, "health", book)
        assert (first.exit_code, "never backed up" in first.stdout) == (1, True)
        taken = run(NOW, "backup", book, str(folder), "--json")
        assert taken.exit_code == 0
        shape = json.loads(taken.stdout)
        validate("backup", shape)
        assert shape["path"] == str(folder / "relcare-20260331T090000000000Z.db")
        fine = run(NOW + DAY, "health", book, "--all", "--json")
        told = json.loads(fine.stdout)
        validate("health", told)
        assert (fine.exit_code, told["is_ok"]) == (0, True)
        assert {check["code"] for check in told["checks"]} >= {"sqlite.version", "store.content", "backup.recent"}
        assert run(NOW + 8 * DAY, "health", book).exit_code == 1
        assert run(NOW + 8 * DAY, "health", book, "--max-age", "30").exit_code == 0
        restored = run(NOW, "restore", shape["path"], again)
        assert (restored.exit_code, again in restored.stdout) == (0, True)
        with closing(open_store(again)) as store:
            assert load_book(store) == BOOK
        refused = run(NOW, "restore", shape["path"], again)
        assert (refused.exit_code, "exists already" in refused.stderr) == (2, True)
        validate("restore", json.loads(run(NOW, "restore", shape["path"], f"sqlite:{tmp_path / 'third.db'}", "--json").stdout))

    def test_how_many_are_kept_can_be_said(self, run: Callable[..., Result], tmp_path: Path, folder: Path) -> None:
        book = str(tmp_path / "book.db")
        create_store(book, BOOK).close()
        for number in range(3):
            done = run(NOW + number * DAY, "backup", book, str(folder), "--keep", "2")
            assert (done.exit_code, "verified" in done.stdout) == (0, True)
        assert len(backups_in(folder)) == 2

    def test_a_folder_of_csv_files_is_no_store(self, run: Callable[..., Result], tmp_path: Path, folder: Path) -> None:
        from relcare.formats import write_book

        write_book(BOOK, tmp_path / "csv")
        assert run(NOW, "backup", str(tmp_path / "csv"), str(folder)).exit_code == 2
        assert not folder.exists()
