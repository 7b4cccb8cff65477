"""The same moves in every store at once: the same answers (row A8).

Source: STO-1, STO-5, STO-6
"""

import logging
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Final

import attrs
import pytest
from sqlalchemy import create_engine
from tests.contract.conftest import PostgresServer, running_server
from tests.soak.alike_moves import KINDS, Move, made, random_move
from tests.soak.promise import Length, Outcome, Promise

from relcare.storage import CanBeInspected, MemoryStore, SqliteStore, Store
from relcare.storage.sql import SqlStore

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system without a disk, where there is one: nothing here has to last
SEQUENCES: Final = 10
"""In one world: to make the stores anew takes as long as some of them."""


@attrs.define
class Contender:
    """One store among those that are compared.

    Attributes:
        name: How it is called in what is told.
        store: The store, open.
        reopen: Opens it again after it was closed; None for one that keeps nothing.
    """

    name: str
    store: Store
    reopen: Callable[[], Store] | None = None

    def make(self, move: Move) -> list[object]:
        """What a move answers."""
        if move.reopens and self.reopen is not None:
            self.store.close()
            self.store = self.reopen()
        return made(self.store, move)


Worlds = Iterator[list[Contender]]


def differences(contenders: Sequence[Contender], random: Random, steps: int) -> list[str]:
    """Where others answer otherwise than the first does, up to the first of random moves in which they do."""
    for step in range(steps):
        move = random_move(random)
        told = _against_the_first([(one.name, one.make(move)) for one in contenders])
        if told:
            return [f"step {step}, {move}: {one}" for one in told]
    told = _against_the_first([(one.name, _state(one.store)) for one in contenders])
    told += _against_the_first([(one.name, one.store.verify()) for one in contenders if isinstance(one.store, CanBeInspected)])
    return [f"at the end: {one}" for one in told]


def _against_the_first(answers: Sequence[tuple[str, object]]) -> list[str]:
    if not answers:
        return []
    (first, expected), *others = answers
    return [f"{name} answered {found}, {first} {expected}" for name, found in others if found != expected]


def check(length: Length) -> Outcome:
    """A8."""
    worlds, steps = length.of(5, 500), length.of(20, 50)
    failures: list[str] = []
    names: list[str] = []
    # Of a bulk that meets what is there, the driver of PostgreSQL writes a line to the log of the host.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    with _worlds() as (each, missing):
        for world, contenders in enumerate(islice(each, worlds)):
            random = Random(f"{length.seed} {world}")
            for sequence in range(SEQUENCES):
                told = differences(contenders, random, steps)
                failures += [f"seed {length.seed}, world {world}, sequence {sequence}: {one}" for one in told]
                if told:
                    break
            names = [one.name for one in contenders]
            for one in contenders:
                one.store.close()
    note = f"sequences of {steps} moves in {', '.join(names)}"
    return Outcome(runs=worlds * SEQUENCES, failures=tuple(failures), note=f"{note}; {missing}" if missing else note)


@contextmanager
def _worlds() -> Generator[tuple[Worlds, str]]:
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="relcare-soak-", dir=MEMORY if MEMORY.is_dir() else None))
        )
        try:
            server, missing = stack.enter_context(running_server()), ""
        except pytest.skip.Exception as error:
            server, missing = None, f"not PostgreSQL: {error}"
        yield _world_after_world(folder, server, stack), missing


def _world_after_world(folder: Path, server: PostgresServer | None, stack: ExitStack) -> Worlds:
    engine = None
    if server is not None:
        engine = create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"))
        stack.callback(engine.dispose)
    for number in count():
        file, url = folder / f"{number}.db", f"sqlite:///{folder / str(number)}-host.db"
        contenders = [
            Contender("memory", MemoryStore()),
            Contender("SQLite", SqliteStore.new(file), partial(SqliteStore.open, file)),
            Contender("SQL in SQLite", SqlStore.new(url), partial(SqlStore.open, url)),
        ]
        if server is not None and engine is not None:
            schema = server.schema()
            reopen = partial(SqlStore.open, engine, schema=schema)
            contenders.append(Contender("PostgreSQL", SqlStore.new(engine, schema=schema), reopen))
        yield contenders


def _state(store: Store) -> object:
    with store.read() as view:
        return [list(view.records.scan(kind)) for kind in KINDS], list(view.log.since())


PROMISES: Final = (Promise("A8", "Every store gives the same answers to the same questions", check),)
