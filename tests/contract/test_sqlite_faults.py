"""STO-3 where the file system fails or a process was killed, without the fault shim of the soak, which needs a C compiler."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

import relcare.storage._sqlite as sqlite_store
import relcare.storage._sqlite_file as sqlite_file
from relcare.errors import OutcomeUnknownError, StorageError
from relcare.storage import Record, SqliteStore, back_up, backups_in, last_backup, restore
from relcare.storage._sqlite_transaction import SqliteTransaction

NOW = datetime(2026, 3, 31, 9, tzinfo=UTC)
NOTE = Record(kind="note", id="n-1", payload="{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.db"


def fail(*_: object, **__: object) -> None:
    raise OSError(5, "Input/output error")


def commit_of_unknown_outcome(transaction: SqliteTransaction) -> None:
    transaction.rollback()
    raise OutcomeUnknownError("nobody knows")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_what_a_killed_process_left_in_the_log_is_brought_to_the_disk_before_anybody_looks(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqliteStore.new(path).close()
    if (child := os.fork()) == 0:
        store = SqliteStore.open(path)
        with store.write() as unit:
            unit.records.put(NOTE, expected=0)
        os._exit(0)  # without closing the store
    os.waitpid(child, 0)
    log = path.with_name("book.db-wal")
    assert log.stat().st_size > 0
    synced: list[Path] = []
    monkeypatch.setattr(sqlite_file, "sync_file", synced.append)
    with SqliteStore.open(path) as store, store.read() as view:
        assert synced == [log, log]
        assert log.stat().st_size == 0
        assert view.records.get("note", "n-1") is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_it_is_brought_there_too_where_sqlite_is_reached_as_any_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = pytest.importorskip("relcare.storage.sql", reason="the extra sql is not installed")
    url = f"sqlite:///{path}"
    sql.SqlStore.new(url).close()
    if (child := os.fork()) == 0:
        store = sql.SqlStore.open(url)
        with store.write() as unit:
            unit.records.put(NOTE, expected=0)
        os._exit(0)  # without closing the store
    os.waitpid(child, 0)
    log = path.with_name("book.db-wal")
    assert log.stat().st_size > 0
    synced: list[Path] = []
    monkeypatch.setattr(sqlite_file, "sync_file", synced.append)
    with sql.SqlStore.open(url) as store, store.read() as view:
        assert synced == [log, log]
        assert view.records.get("note", "n-1") is not None


def test_a_log_that_cannot_be_brought_to_the_disk_is_a_storage_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore.new(path) as first:
        with first.write() as unit:
            unit.records.put(NOTE, expected=0)
        with monkeypatch.context() as patch:
            patch.setattr(sqlite_file, "sync_file", fail)
            with pytest.raises(StorageError, match="could not open"):
                SqliteStore.open(path)
        SqliteStore.open(path).close()


def test_a_new_book_that_does_not_open_is_taken_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise StorageError("no")

    monkeypatch.setattr(sqlite_store, "open_connection", refuse)
    with pytest.raises(StorageError, match="no"):
        SqliteStore.new(path)
    assert list(path.parent.iterdir()) == []


def test_a_book_that_cannot_be_taken_away_is_not_said_to_be_gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore.new(path)
    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(StorageError, match="cannot be taken away"):
        store.discard()
    assert path.exists()


def test_a_book_that_may_come_back_is_of_unknown_outcome(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore.new(path)
    monkeypatch.setattr(sqlite_file, "sync_folder", fail)
    with pytest.raises(OutcomeUnknownError, match="was taken away"):
        store.discard()
    assert not path.exists()


class TestBackups:
    def test_a_note_of_unknown_outcome_is_told_as_such(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with SqliteStore.new(path) as store:
            monkeypatch.setattr("relcare.storage._backup._prove", lambda *_: None)
            monkeypatch.setattr(SqliteTransaction, "commit", commit_of_unknown_outcome)
            with pytest.raises(OutcomeUnknownError, match="is good, but"):
                back_up(store, path.parent / "backups", now=NOW)

    def test_the_name_of_a_new_folder_is_brought_to_the_disk(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[Path] = []
        monkeypatch.setattr(sqlite_file, "sync_folder", synced.append)
        sqlite_file.make_folder(path.parent / "backups")
        assert synced == [path.parent]

    def test_one_that_can_be_neither_finished_nor_taken_away_is_one_storage_error(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with SqliteStore.new(path) as store:
            monkeypatch.setattr(Path, "rename", fail)
            monkeypatch.setattr(Path, "unlink", fail)
            with pytest.raises(StorageError, match="cannot be written"):
                back_up(store, path.parent / "backups", now=NOW)
            assert backups_in(path.parent / "backups") == ()
            assert last_backup(store) is None

    def test_a_folder_aside_that_fails_is_a_storage_error(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        SqliteStore.new(path).close()
        monkeypatch.setattr(tempfile, "TemporaryDirectory", fail)
        with pytest.raises(StorageError, match="keep a copy aside"):
            restore(path, f"sqlite:{path.parent}/again.db")
        assert [one.name for one in path.parent.iterdir()] == ["book.db"]
