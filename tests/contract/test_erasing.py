"""Every store of relcare that can erase does it alike: ACC-5."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contract.conftest import PostgresServer

from relcare.errors import ConflictError, StorageError
from relcare.storage import CanBeInspected, CanErase, LogEntry, MemoryStore, Record, SqliteStore, Store
from relcare.storage.sql import SqlStore

KINDS = ("memory", "sqlite", "sql", "postgres")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        made: Store = SqlStore.new(server.database())
    else:
        makers: dict[str, Callable[[], Store]] = {
            "memory": MemoryStore,
            "sqlite": lambda: SqliteStore.new(tmp_path / "book.db"),
            "sql": lambda: SqlStore.new(f"sqlite:///{tmp_path}/host.db"),
        }
        made = makers[request.param]()
    yield made
    made.close()


def filled(store: Store) -> None:
    with store.write() as unit:
        for one in ("c-1", "c-2"):
            unit.records.put(Record(kind="client", id=one, payload="{}", keys={"owner_id": "lee"}), expected=0)
            unit.log.append_many([LogEntry(id=f"{one}-{n}", kind="touchpoint", client_id=one, payload="{}") for n in range(3)])


def erased(store: Store) -> CanErase:
    assert isinstance(store, CanErase)
    return store


def mark(position: int) -> LogEntry:
    return LogEntry(id=f"erased:{position}", kind="erased", client_id="d", payload="{}")


def test_a_record_goes_with_its_keys_and_the_memory_of_its_version(store: Store) -> None:
    filled(store)
    with erased(store).erasing() as unit:
        assert unit.eraser.forget_record("client", "c-1")
        assert not unit.eraser.forget_record("client", "c-9")
        assert unit.records.get("client", "c-1") is None
    with store.read() as view:
        assert [one.id for one in view.records.scan("client", key=("owner_id", "lee"))] == ["c-2"]
    with store.write() as unit:
        assert unit.records.put(Record(kind="client", id="c-1", payload="{}"), expected=0).version == 1


def test_what_was_deleted_before_can_be_forgotten(store: Store) -> None:
    filled(store)
    with store.write() as unit:
        unit.records.delete("client", "c-1", expected=1)
    with erased(store).erasing() as unit:
        assert unit.eraser.forget_record("client", "c-1")
    with store.write() as unit:
        assert unit.records.put(Record(kind="client", id="c-1", payload="{}"), expected=0).version == 1


def test_an_entry_is_rewritten_in_its_place_and_found_under_its_new_names_alone(store: Store) -> None:
    filled(store)
    with erased(store).erasing() as unit:
        unit.eraser.rewrite_entry(2, mark(2))
        assert unit.log.get("c-1-1") is None
        assert [one.position for one in unit.log.of_client("c-1")] == [1, 3]
    with store.read() as view:
        assert [one.position for one in view.log.since()] == [1, 2, 3, 4, 5, 6]
        assert [one.position for one in view.log.of_client("c-1")] == [1, 3]
        assert [one.entry for one in view.log.of_client("d")] == [mark(2)]
        assert view.log.get("c-1-1") is None
        found = view.log.get("erased:2")
        assert found is not None
        assert found.entry == mark(2)
    with store.write() as unit:
        assert unit.log.append(LogEntry(id="c-1-1", kind="touchpoint", client_id="c-1", payload="{}")) == 7


def test_what_is_erased_is_erased_when_the_store_is_read_whole(store: Store) -> None:
    filled(store)
    if not isinstance(store, CanBeInspected):
        return
    before = store.verify()
    with erased(store).erasing() as unit:
        unit.eraser.forget_record("client", "c-1")
        for position in (1, 2, 3):
            unit.eraser.rewrite_entry(position, mark(position))
    assert store.verify() != before


def test_a_unit_that_fails_erases_nothing(store: Store) -> None:
    filled(store)

    def half() -> None:
        with erased(store).erasing() as unit:
            unit.eraser.forget_record("client", "c-1")
            unit.eraser.rewrite_entry(1, mark(1))
            unit.records.put(Record(kind="client", id="c-2", payload="{}"), expected=0)

    with pytest.raises(ConflictError):
        half()
    with store.read() as view:
        assert view.records.get("client", "c-1") is not None
        assert view.log.get("c-1-0") is not None


def test_an_ended_unit_erases_nothing_more(store: Store) -> None:
    with erased(store).erasing() as unit:
        eraser = unit.eraser
    with pytest.raises(StorageError, match="this unit has ended"):
        eraser.forget_record("client", "c-1")


def test_scrubbing_says_what_is_left(store: Store) -> None:
    filled(store)
    left = erased(store).scrub()
    is_postgres = isinstance(store, SqlStore) and "PostgreSQL" in str(left)
    assert left is None or is_postgres


def test_somebody_who_reads_keeps_the_log_on_the_disk_and_that_is_said(tmp_path: Path) -> None:
    with SqliteStore.new(tmp_path / "book.db") as store, SqliteStore.open(tmp_path / "book.db") as other:
        filled(store)
        with other.read() as view:
            assert view.records.get("client", "c-1") is not None
            with store.erasing() as unit:
                unit.eraser.forget_record("client", "c-1")
            left = store.scrub()
            assert left is not None
            assert "somebody reads the book" in left
            assert view.records.get("client", "c-1") is not None
        assert store.scrub() is None
