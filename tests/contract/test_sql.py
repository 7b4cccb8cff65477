"""The store over SQLAlchemy keeps the contract, over a SQLite file and over a real PostgreSQL server (STO-1, STO-5)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")

from sqlalchemy import Engine, create_engine

from relcare.storage import Store
from relcare.storage.sql import SqlStore
from relcare.testing import StoreContract, store_machine

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'host.db'}"


class TestSqlStoreInSqlite(StoreContract):
    is_persistent = True

    def make_store(self, folder: Path) -> Store:
        return SqlStore.new(sqlite_url(folder))

    def reopen(self, folder: Path) -> Store:
        return SqlStore.open(sqlite_url(folder))


TestSqliteMachine = store_machine(
    lambda folder: SqlStore.new(sqlite_url(folder)), reopen=lambda folder: SqlStore.open(sqlite_url(folder))
).TestCase
TestSqliteMachine.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)


@pytest.fixture(scope="module")
def engine(postgres: "PostgresServer") -> Iterator[Engine]:
    """As a host has one, for all its books."""
    engine = create_engine(postgres.url("postgres").replace("postgresql:", "postgresql+psycopg:"))
    yield engine
    engine.dispose()


class TestSqlStoreInPostgres(StoreContract):
    is_persistent = True

    @pytest.fixture(autouse=True)
    def _server(self, postgres: "PostgresServer", engine: Engine) -> None:
        self.engine, self.schema = engine, postgres.schema()

    def make_store(self, folder: Path) -> Store:
        return SqlStore.new(self.engine, schema=self.schema)

    def reopen(self, folder: Path) -> Store:
        return SqlStore.open(self.engine, schema=self.schema)


def test_the_state_machine_finds_no_difference_in_postgres(postgres: "PostgresServer", engine: Engine) -> None:
    schemas: dict[Path, str] = {}

    def make(folder: Path) -> Store:
        schemas[folder] = postgres.schema()
        return SqlStore.new(engine, schema=schemas[folder])

    def reopen(folder: Path) -> Store:
        return SqlStore.open(engine, schema=schemas[folder])

    run_state_machine_as_test(
        store_machine(make, reopen=reopen), settings=settings(max_examples=10, stateful_step_count=15, deadline=None)
    )
