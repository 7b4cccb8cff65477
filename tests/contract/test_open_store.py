"""A line of text opens any store, and every store gives the same answers (STO-1)."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from relcare.cli._app import app
from relcare.demo import DEMO_AS_OF, demo_book
from relcare.desk import Desk
from relcare.errors import InvalidValueError, RelcareError, StorageError
from relcare.model import Book, Touchpoint
from relcare.presets import preset
from relcare.storage import MemoryStore, SqliteStore, Store, create_store, load_book, open_store, store_schemes, without_password
from relcare.testing import FixedClock

if TYPE_CHECKING:
    from tests.contract.conftest import PostgresServer

PRESETS = ("consulting", "agent")


@pytest.fixture
def sql_url(tmp_path: Path) -> str:
    pytest.importorskip("sqlalchemy", reason="the extra sql is not installed")
    return f"sqlite:///{tmp_path / 'sql.db'}"


class TestUrls:
    @pytest.mark.parametrize("prefix", ["", "sqlite:"])
    def test_a_path_and_a_sqlite_url_name_the_same_file(self, tmp_path: Path, prefix: str) -> None:
        with closing(create_store(f"{prefix}{tmp_path}/책.db", demo_book())) as store:
            assert isinstance(store, SqliteStore)
        with closing(open_store(str(tmp_path / "책.db"))) as store:
            assert load_book(store) == demo_book()

    def test_memory_is_new_and_empty_each_time(self) -> None:
        first = create_store("memory:", demo_book())
        assert load_book(first) == demo_book()
        with open_store("memory:").read() as view:
            assert list(view.records.scan("client")) == []
        with pytest.raises(InvalidValueError, match="'memory:' alone"):
            open_store("memory:else")

    def test_opening_creates_nothing_and_creating_replaces_nothing(self, tmp_path: Path) -> None:
        url = f"sqlite:{tmp_path / 'book.db'}"
        with pytest.raises(StorageError, match="No such file"):
            open_store(url)
        create_store(url).close()
        with pytest.raises(StorageError, match="exists already"):
            create_store(url)

    def test_a_book_that_cannot_be_saved_leaves_no_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("relcare.storage._open.save_book", fail)
        with pytest.raises(ZeroDivisionError):
            create_store(f"sqlite:{tmp_path / 'book.db'}", demo_book())
        assert list(tmp_path.iterdir()) == []

    def test_an_unknown_scheme_is_told_the_nearest(self) -> None:
        with pytest.raises(InvalidValueError, match="did you mean 'postgresql'"):
            open_store("postgres://lee:hush@host/firm")

    def test_a_letter_before_a_colon_is_a_drive(self) -> None:
        with pytest.raises(StorageError, match="No such file"):
            open_store("c:/nowhere/book.db")

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("postgresql://lee:hush@host/firm", "postgresql://lee:***@host/firm"),
            ("postgresql://lee:hu@sh@host/firm", "postgresql://lee:***@host/firm"),
            ("postgresql://lee@host/firm", "postgresql://lee@host/firm"),
            ("book.db", "book.db"),
        ],
    )
    def test_a_password_is_not_shown(self, url: str, shown: str) -> None:
        assert without_password(url) == shown


PLUGIN = """
from relcare.storage import MemoryStore

STORES = {}

class Shelf:
    @staticmethod
    def open(url):
        return STORES[url]

    @staticmethod
    def new(url):
        return STORES.setdefault(url, MemoryStore())

class Empty:
    pass
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs packages that offer stores: name and entry point."""

    def install(**points: str) -> None:
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / "shelf_plugin.py").write_text(PLUGIN)
        for name, point in points.items():
            about = folder / f"{name}-1.0.dist-info"
            about.mkdir()
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            (about / "entry_points.txt").write_text(f"[relcare.stores]\n{point}\n")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(__import__("sys").modules, "shelf_plugin", raising=False)

    return install


class TestThirdParties:
    def test_an_installed_package_brings_its_scheme(self, installed: Callable[..., None]) -> None:
        installed(shelf="shelf = shelf_plugin:Shelf")
        assert "shelf" in store_schemes()
        made = create_store("shelf:firm", demo_book())
        assert open_store("shelf:firm") is made
        assert load_book(made) == demo_book()

    def test_a_scheme_of_our_own_is_not_taken_over(self, installed: Callable[..., None]) -> None:
        installed(shelf="memory = shelf_plugin:Shelf")
        assert isinstance(open_store("memory:"), MemoryStore)

    def test_two_packages_for_one_scheme_are_an_error_and_no_choice(self, installed: Callable[..., None]) -> None:
        installed(shelf="shelf = shelf_plugin:Shelf", other="shelf = shelf_plugin:Empty")
        with pytest.raises(StorageError, match="two packages offer"):
            open_store("shelf:firm")

    @pytest.mark.parametrize("point", ["shelf_plugin:Nothing", "no_such_plugin:Shelf"])
    def test_one_that_cannot_be_loaded_is_named(self, installed: Callable[..., None], point: str) -> None:
        installed(shelf=f"shelf = {point}")
        with pytest.raises(StorageError, match=f"{point}.*cannot be loaded"):
            open_store("shelf:firm")

    def test_one_that_is_no_factory_is_named(self, installed: Callable[..., None]) -> None:
        installed(shelf="shelf = shelf_plugin:Empty")
        with pytest.raises(StorageError, match=r"no open\(url\) and new\(url\)"):
            open_store("shelf:firm")


def decided(book: Book) -> list[object]:
    """Everything that the presets say, worked out: a result works most of it out when it is asked."""
    told: list[object] = []
    for name in PRESETS:
        result = preset(name).decide(book, as_of=DEMO_AS_OF)
        told += [result.notes, tuple(result.obligations), result.undecided, dict(result.segments)]
        told += [(result.members(one), result.vip_decisions(one)) for one in result.programme_ids]
        for one in result.client_ids:
            told += [result.tier(scheme_id, one) for scheme_id in result.schemes]
            told += [result.vip(programme_id, one) for programme_id in result.programme_ids]
            told += [result.membership(programme_id, one) for programme_id in result.programme_ids]
            told += [result.qualified(programme_id, one) for programme_id in result.programme_ids]
            told += [result.grade(grade_id, one) for grade_id in result.grades]
            told.append(result.strategy(one))
            told.append(dict(result.facts(one)))
    return told


def through_the_desk(store: Store) -> list[object]:
    """What a desk says and stores in a day's work."""
    clock = FixedClock(datetime(2026, 4, 1, 9, tzinfo=UTC))
    desk = Desk(store=store, policy=preset("consulting"), clock=clock)
    first = desk.due(by="lee")
    owed = first[0]
    call = Touchpoint(id="t-new", client_id=owed.client_id, occurred_at=date(2026, 4, 1), channel="call", outcome="reached")
    told = [desk.record(call, by="lee", idempotency_key="k-1") for _ in range(2)]
    return [tuple(first), told, tuple(desk.due(by="lee")), desk.decide_client(owed.client_id, by="lee"), desk.book(by="lee")]


class TestTheSameAnswers:
    @pytest.fixture
    def urls(self, tmp_path: Path, sql_url: str, postgres: "PostgresServer") -> dict[str, str]:
        return {"memory": "memory:", "sqlite": f"sqlite:{tmp_path / 'book.db'}", "postgresql": postgres.database()}

    def test_the_demo_book_is_decided_alike_in_every_store(self, urls: dict[str, str], sql_url: str) -> None:
        from relcare.storage.sql import SqlStore

        expected = decided(demo_book())
        answers: list[list[object]] = []
        for store in (*(create_store(url, demo_book()) for url in urls.values()), SqlStore.create(sql_url, demo_book())):
            with closing(store):
                assert decided(load_book(store)) == expected
                answers.append(through_the_desk(store))
        assert all(one == answers[0] for one in answers)
        assert answers[0][0] != answers[0][2]

    def test_the_commands_print_the_same_for_every_store(self, urls: dict[str, str], tmp_path: Path) -> None:
        def run(*words: str) -> str:
            done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            return done.stdout

        asked = ("--policy", "preset:consulting", "--as-of", "2026-03-31")
        told = []
        for url in (urls["sqlite"], urls["postgresql"]):
            create_store(url, demo_book()).close()
            told.append([run("due", url, *asked), run("review", "show", url, *asked), run("vip", "show", url, *asked)])
        assert told[0] == told[1]
        assert json.loads(told[0][0])["obligations"]

    def test_import_makes_a_book_in_any_store(self, postgres: "PostgresServer", tmp_path: Path) -> None:
        from relcare.formats import write_book

        write_book(demo_book(), tmp_path / "csv")
        url = postgres.database()
        done = CliRunner().invoke(app, ["import", str(tmp_path / "csv"), url])
        assert done.exit_code == 0, done.output
        with closing(open_store(url)) as store:
            assert len(load_book(store).clients) == len(demo_book().clients)
        again = CliRunner().invoke(app, ["import", str(tmp_path / "csv"), url])
        assert (again.exit_code, "already" in again.stderr) == (2, True)


def test_every_error_here_is_ours() -> None:
    for url in ("", "nobody:", "sqlite:", "postgresql:", "memory:x", "a:b:c", "\0"):
        with pytest.raises(RelcareError):
            open_store(url)
