"""A PostgreSQL server of our own for the tests: made anew, reached by a port of this machine, stopped at the end."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import attrs
import pytest

USUAL_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")


@attrs.frozen
class PostgresServer:
    """A running server whose only user is `relcare`, whom it trusts."""

    programs: Path
    folder: Path
    port: int

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        return f"postgresql://relcare@127.0.0.1:{port or self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def database(self, name: str | None = None, *, options: str = "") -> str:
        """The URL of a new, empty database."""
        name = name or f"book_{next(_NUMBERS)}"
        self.sql(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def schema(self) -> str:
        """A new, empty schema in the database `postgres`: cheaper than a database."""
        name = f"book_{next(_NUMBERS)}"
        self.sql(f"CREATE SCHEMA {name}")
        return name

    def start(self) -> None:
        settings = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c max_connections=200 -c fsync=off"
        self.control("-o", settings, "-l", str(self.folder / "server.log"), "start")

    def control(self, *words: str) -> None:
        run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *words, folder=self.folder)


_NUMBERS = count(1)


def find_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`: that of the newest version."""
    # Distributions put links on the path to programs that look for their companions beside themselves.
    named = shutil.which("initdb")
    found = [Path(named).resolve().parent] if named else []
    for place in USUAL_PLACES:
        root = Path(place.split("*", maxsplit=1)[0]).parent
        if root.is_dir():
            found += Path("/").glob(place.lstrip("/"))
    complete = [one for one in found if all((one / name).exists() for name in ("initdb", "pg_ctl", "postgres"))]
    return max(complete, key=str, default=None)


def identity() -> dict[str, object]:
    """As whom to run the programs of the server, which refuse root: then as nobody."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def run(*command: object, folder: Path) -> None:
    """Runs a program of the server."""
    words = [str(word) for word in command]
    with (folder / "programs.log").open("ab") as log:
        # A pipe would be held open by the server that is started.
        subprocess.run(words, check=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity())  # type: ignore[call-overload] # the identity is three keywords


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@contextmanager
def running_server() -> Generator[PostgresServer]:
    """A server for the time of the block; without its programs, or the driver, the test is skipped with a reason."""
    pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")
    pytest.importorskip("psycopg", reason="psycopg, the driver of PostgreSQL, is not installed")
    programs = find_programs()
    if sys.platform == "win32" or programs is None:
        pytest.skip("no PostgreSQL server program (initdb) was found")
    # A folder of its own near the root: the path of a socket has at most some hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="relcare-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        words = ("-D", folder / "data", "-U", "relcare", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(programs / "initdb", *words, folder=folder)
        server = PostgresServer(programs, folder, free_port())
        with stopped_in_any_case(server):
            server.start()
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def stopped_in_any_case(server: PostgresServer) -> Generator[None]:
    """Stops the server after the block, even if this process is killed in it: a companion waits for the end of a pipe."""
    stop = (server.programs / "pg_ctl", "-D", server.folder / "data", "-m", "immediate", "-w", "stop")
    companion = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; exec "$@"', "sh", *(str(word) for word in stop)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=server.folder,
        start_new_session=True,  # what ends the tests from the terminal must not end it first
        **identity(),
    )  # type: ignore[call-overload] # the identity is three keywords
    try:
        yield
    finally:
        companion.communicate()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server that the tests share."""
    with running_server() as server:
        yield server


@pytest.fixture
def fragile_postgres() -> Iterator[PostgresServer]:
    """A server of its own, for a test that stops it."""
    with running_server() as server:
        yield server
