"""PostgreSQL stopped without any goodbye while a client works: what it was told stays, and what it tries again is done once."""

from contextlib import suppress
from functools import partial
from itertools import count
from random import Random
from time import sleep
from typing import TYPE_CHECKING, Final

import pytest
from tests.soak.crash_ledger import do_job, faults_of
from tests.soak.processes import Acknowledge, start
from tests.soak.promise import Length, Outcome

from relcare.errors import StorageError

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer

    from relcare.storage.sql import SqlStore

__all__ = ["check_stopped_servers"]

STOPS: Final = 8


def check_stopped_servers(length: Length) -> Outcome:
    """The server is stopped and started some times, at full length alone: each takes a second."""
    if length.name == "short":
        return Outcome(skipped="PostgreSQL at full length alone")
    from tests.contract.conftest import running_server

    try:
        with running_server() as server:
            return _stop_and_start(server, length.seed)
    except pytest.skip.Exception as reason:
        return Outcome(skipped=str(reason.msg))


def _stop_and_start(server: "PostgresServer", seed: int) -> Outcome:
    from relcare.storage.sql import SqlStore

    url = server.database()
    SqlStore.new(url).close()
    random, told = Random(seed), 0
    child = start(partial(_work, url))
    for _ in range(STOPS):
        told += random.randint(1, 60)
        child.wait_for(told)
        sleep(random.uniform(0, 0.005))
        server.control("-m", "immediate", "stop")
        server.start()
        told = len(child.acknowledged)
    child.wait_for(told + 1)
    child.kill()
    with SqlStore.open(url) as store:
        faults = faults_of(store, len(child.acknowledged), is_test_server=True)
    faults += [] if child.fault is None else [child.fault]
    failures = tuple(f"seed {seed}, PostgreSQL: {fault}" for fault in faults)
    return Outcome(runs=STOPS, failures=failures, note=f"PostgreSQL stopped {STOPS} times in {len(child.acknowledged):,} units")


def _work(url: str, acknowledge: Acknowledge) -> None:
    """Does each job until the store says that it is done."""
    from relcare.storage.sql import SqlStore as Opened

    store: SqlStore | None = None
    for job in count(1):
        for attempt in count(1):
            with suppress(StorageError):
                store = store or Opened.open(url)
                do_job(store, job, str(attempt), body_digest=f"body of {job}")
                break
            sleep(0.02)
        acknowledge(job)
