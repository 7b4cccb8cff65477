import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.cli._app import app
from relcare.demo import demo_book
from relcare.errors import StorageError
from relcare.formats import read_book, read_reviews, write_book
from relcare.model import Book, Review
from relcare.storage import SqliteStore

pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

ROOT = Path(__file__).parents[2]


def run(*args: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["export", *(str(arg) for arg in args)])
    assert result.exit_code == code, result.output
    return result


def shape(*args: object) -> Any:
    found = json.loads(run(*args, "--json").output)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```json\n(\{\n  \"\$schema.*?)```", page, re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": "#/$defs/export"}).validate(found)
    return found


@pytest.fixture(scope="module")
def book() -> Book:
    """Few clients of the demo book: all that is asked is whether everything comes back."""
    whole = demo_book()
    few = {client.id for client in whole.clients[:6]}
    rows: dict[str, Any] = {
        name: [one for one in getattr(whole, name) if one.client_id in few]
        for name in ("people", "touchpoints", "purchases", "tier_spells")
    }
    return attrs.evolve(whole, clients=whole.clients[:6], **rows)


def as_sqlite(book: Book, path: Path) -> Path:
    SqliteStore.create(path, book).close()
    return path


def as_csv(book: Book, path: Path) -> Path:
    write_book(book, path)
    return path


def as_parquet(book: Book, path: Path) -> Path:
    frames.write_parquet(frames.frames_of(book), path)
    return path


@pytest.mark.parametrize("given", [as_sqlite, as_parquet], ids=["sqlite", "parquet"])
def test_any_book_comes_back_the_same_from_parquet_files(given: Callable[[Book, Path], Path], book: Book, tmp_path: Path) -> None:
    run(given(book, tmp_path / "given"), tmp_path / "out")
    assert frames.book_from_frames(frames.read_parquet(tmp_path / "out")) == book


def test_a_folder_of_csv_files_comes_back_the_same(book: Book, tmp_path: Path) -> None:
    given = as_csv(book, tmp_path / "given")
    run(given, tmp_path / "columns")
    run(tmp_path / "columns", tmp_path / "back", "--format", "csv")
    assert read_book(tmp_path / "back") == read_book(given)


def test_it_tells_what_was_written(book: Book, tmp_path: Path) -> None:
    found = shape(as_sqlite(book, tmp_path / "b.db"), tmp_path / "out", "--format", "csv")
    assert (found["format"], found["counts"]["clients"], found["left_out"]) == ("csv", 6, {"reviews": 0})
    assert "again: 6 clients," in run(tmp_path / "out", tmp_path / "again").output


def test_reviews_go_into_csv_files_and_are_counted_where_they_cannot(book: Book, tmp_path: Path) -> None:
    review = Review(id="r", policy_id="house", policy_version="1", on=date(2026, 3, 2), zone=book.zone)
    given = tmp_path / "given"
    write_book(book, given, reviews=[review])
    assert shape(given, tmp_path / "columns")["left_out"] == {"reviews": 1}
    assert "1 review left out" in run(given, tmp_path / "other").output
    run(given, tmp_path / "back", "--format", "csv")
    assert read_reviews(tmp_path / "back") == (review,)


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder", "file"])
def test_nothing_is_written_over(book: Book, tmp_path: Path, *, is_folder: bool) -> None:
    out = tmp_path / "out"
    if is_folder:
        out.mkdir()
    else:
        out.write_text("mine", encoding="utf-8")
    assert "must not exist yet" in run(as_csv(book, tmp_path / "given"), out, code=2).stderr
    assert list(out.iterdir()) == [] if is_folder else out.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_told(book: Book, tmp_path: Path) -> None:
    assert "cannot be made" in run(as_csv(book, tmp_path / "given"), tmp_path / "none" / "out", code=2).stderr


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_what_fails_leaves_nothing_behind(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """An attribute named like a column goes into no CSV file; a disk is full in the middle of the Parquet files."""

    def full(_: object, folder: Path) -> None:
        folder.mkdir()
        (folder / "clients.parquet").write_bytes(b"PAR1")
        raise StorageError("no space left")

    strange = attrs.evolve(book.clients[0], attributes={"name": "x"})
    given = as_sqlite(attrs.evolve(book, clients=[strange, *book.clients[1:]]), tmp_path / "b.db")
    monkeypatch.setattr(frames, "write_parquet", full)
    before = sorted(tmp_path.iterdir())
    assert run(given, tmp_path / "out", "--format", kind, code=2).stderr.startswith("relcare: ")
    assert sorted(tmp_path.iterdir()) == before
