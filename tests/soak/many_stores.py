"""The stores that rows with many processes try, and the processes."""

import multiprocessing
import tempfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final, Self, TypeVar

import attrs
import pytest
from tests.contract.conftest import PostgresServer, running_server

from relcare.storage import SqliteStore
from relcare.storage.sql import SqlStore

Answer = TypeVar("Answer")

START_SECONDS: Final = 120.0


@attrs.frozen
class Place:
    """Where a store lies; each process opens it for itself.

    Attributes:
        name: How it is called in what is told.
        where: The path of a file, or a URL for `SqlStore`.
    """

    name: str
    where: str

    def new(self) -> SqliteStore | SqlStore:
        """The new, empty store there."""
        return SqlStore.new(self.where) if "://" in self.where else SqliteStore.new(self.where)

    def open(self) -> SqliteStore | SqlStore:
        """The store that is there."""
        return SqlStore.open(self.where) if "://" in self.where else SqliteStore.open(self.where)


@attrs.frozen
class Places:
    """Where stores can be kept here.

    Attributes:
        folder: For files.
        server: A PostgreSQL server; None without one.
        missing: Why there is none; empty where there is one.
    """

    folder: Path
    server: PostgresServer | None
    missing: str

    def all(self, name: str) -> list[Place]:
        """Places for a store of each kind, all of them free."""
        found = [
            Place("SQLite", str(self.folder / f"{name}.db")),
            Place("SQL in SQLite", f"sqlite:///{self.folder / name}-host.db"),
        ]
        if self.server is not None:
            found.append(Place("PostgreSQL", self.server.database()))
        return found

    def note(self, *figures: str) -> str:
        """The note of a row, which says what was not tried."""
        return "; ".join([*figures, f"not PostgreSQL: {self.missing}"] if self.missing else figures)


@contextmanager
def places() -> Generator[Places]:
    """Room for stores, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="relcare-soak-") as folder, ExitStack() as stack:
        try:
            server, missing = stack.enter_context(running_server()), ""
        except pytest.skip.Exception as error:
            server, missing = None, str(error)
        yield Places(Path(folder), server, missing)


class Processes:
    """So many processes, which begin each piece of work together."""

    def __init__(self, count: int) -> None:
        context = _context()
        self.count = count
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(context.Barrier(count),))

    def together(self, works: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """What each answers; there are as many as processes, and each can be pickled."""
        return [started.result() for started in self.start(works)]

    def start(self, works: Sequence[Callable[[], Answer]]) -> list[Future[Answer]]:
        """The same, without waiting for it."""
        if len(works) != self.count:
            raise ValueError(f"{len(works)} pieces of work for {self.count} processes")
        return [self._pool.submit(_when_all_are_there, work) for work in works]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._pool.shutdown()


_BARRIER: Barrier | None = None


def _begin(barrier: Barrier) -> None:
    global _BARRIER  # noqa: PLW0603 - a barrier can only be given to a process as it begins
    _BARRIER = barrier


def _when_all_are_there(work: Callable[[], Answer]) -> Answer:
    if _BARRIER is None:
        raise RuntimeError("this process was not begun by Processes")
    _BARRIER.wait(START_SECONDS)
    return work()


def _context() -> BaseContext:
    """Each process is a fork of one that has opened nothing and imported everything; where there are no forks it is new."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context
