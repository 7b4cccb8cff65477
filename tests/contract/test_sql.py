"""The store over SQLAlchemy keeps the contract, over a SQLite file and over a real PostgreSQL server (STO-1, STO-5)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")

from sqlalchemy import Engine, create_engine, text

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


@pytest.fixture(scope="module")
def schema(postgres: "PostgresServer", engine: Engine) -> str:
    """With the tables of a book in it: to make them takes ten times as long as a test."""
    name = postgres.schema()
    SqlStore.new(engine, schema=name).close()
    return name


def emptied(engine: Engine, schema: str) -> Store:
    """The book in a schema, as it was when its tables had just been made."""
    with engine.begin() as connection:
        for name in ("record_key", "record", "log", "work"):  # no TRUNCATE: it makes a new file for each of few rows
            connection.execute(text(f"DELETE FROM {schema}.relcare_{name}"))  # noqa: S608 - names of our own
        connection.execute(text(f"UPDATE {schema}.relcare_turn SET position = 0"))  # noqa: S608
    return SqlStore.open(engine, schema=schema)


class TestSqlStoreInPostgres(StoreContract):
    is_persistent = True

    @pytest.fixture(autouse=True)
    def _book(self, engine: Engine, schema: str) -> None:
        self.engine, self.schema = engine, schema

    def make_store(self, folder: Path) -> Store:
        return emptied(self.engine, self.schema)

    def reopen(self, folder: Path) -> Store:
        return SqlStore.open(self.engine, schema=self.schema)


def test_the_state_machine_finds_no_difference_in_postgres(engine: Engine, schema: str) -> None:
    def make(_: Path) -> Store:
        return emptied(engine, schema)

    def reopen(_: Path) -> Store:
        return SqlStore.open(engine, schema=schema)

    run_state_machine_as_test(
        store_machine(make, reopen=reopen), settings=settings(max_examples=10, stateful_step_count=15, deadline=None)
    )
