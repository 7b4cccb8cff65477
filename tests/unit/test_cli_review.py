"""`relcare review propose | challenge | decide | history` on the demo book, twice."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.cli._app import app
from relcare.demo import demo_book
from relcare.storage import SqliteStore

ROOT = Path(__file__).parents[2]
POLICY = "preset:consulting"
CHALLENGE = ("challenge", "--client", "c-049", "--reason", "a large order is signed", "--by", "lee", "--at", "2026-03-31T09:00")
DECIDE = ("decide", "--by", "zhou", "--at", "2026-03-31T10:00")


@pytest.fixture
def book(tmp_path: Path) -> str:
    path = str(tmp_path / "demo.book")
    SqliteStore.create(path, demo_book()).close()
    return path


def run(book: str, command: str, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["review", command, book, "--policy", POLICY, *arguments])
    assert result.exit_code == status, result.output
    return result


def shape(book: str, command: str, *arguments: str, entry: str = "review_kept") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(book, command, *arguments, "--json").stdout)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    Draft202012Validator({**json.loads(block), "$ref": f"#/$defs/{entry}"}).validate(found)
    return found


def propose(book: str) -> dict[str, Any]:
    return shape(book, "propose", "--as-of", "2026-03-31")


def test_twice_with_nothing_moving_the_second_time(book: str) -> None:
    first = propose(book)
    assert (first["id"], len(first["moves"]), first["staying"]) == ("consulting:2026-03-02", 8, 48)
    assert propose(book) == first
    shape(book, *CHALLENGE)
    done = shape(book, *DECIDE, "--uphold", "c-049", "--in-force-from", "2026-04-01")
    assert (len(done["moves"]), len(done["changed"]), done["in_force_from"]) == (7, 7, "2026-04-01")
    assert [one["state"] for one in done["challenges"]] == ["upheld"]
    again = shape(book, *DECIDE)
    assert again == {**done, "changed": []}
    assert propose(book) == again
    april = shape(book, "propose", "--as-of", "2026-04-20")
    assert [row["client_id"] for row in april["moves"]] == ["c-049"]


def test_the_history_tells_what_became_of_it(book: str) -> None:
    propose(book)
    shape(book, *DECIDE, "--in-force-from", "2026-04-01")
    (found,) = shape(book, "history", "--from", "2026-03-31", "--until", "2026-04-01", entry="review_history")["schemes"]
    assert (len(found["movements"]), found["stable_percent"]) == (8, "92.2")
    assert {"before": None, "after": "C", "count": 4} in found["transitions"]


def test_tables_are_laid_out_for_80_columns(book: str) -> None:
    proposed = run(book, "propose", "--as-of", "2026-03-31").stdout
    assert "8 clients of 56 to move" in proposed
    assert "account manager: minutes in four weeks" in proposed
    run(book, *CHALLENGE)
    assert "a large order is signed" in run(book, *DECIDE, "--uphold", "c-049").stdout
    assert run(book, *DECIDE).stdout.endswith("nobody moved: it was decided already\n")
    assert "7 movements" in run(book, "history", "--from", "2026-03-02", "--until", "2026-04-01").stdout


def test_a_folder_is_asked_and_not_written(book: str) -> None:
    folder = str(ROOT / "src" / "relcare" / "demo" / "book")
    assert len(shape(folder, "propose", "--as-of", "2026-03-31")["moves"]) == 8
    for command in (CHALLENGE, DECIDE):
        assert "is not written to" in run(folder, *command, status=2).stderr
    assert propose(book)["id"] == "consulting:2026-03-02"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (DECIDE, "propose one first"),
        ((*DECIDE, "--review", "consulting:2026-03-01"), "consulting:2026-03-01"),
        (("history", "--from", "2026-03-02", "--until", "2026-03-01"), "must not be before from_on"),
        (("history", "--from", "2026-03-02", "--until", "2026-03-03", "--scheme", "x"), "no scheme 'x'"),
    ],
    ids=["none", "unknown", "days", "scheme"],
)
def test_what_is_not_there_is_refused(book: str, command: tuple[str, ...], message: str) -> None:
    assert message in run(book, *command, status=2).stderr


def test_of_a_decided_review_nothing_changes_any_more(book: str) -> None:
    propose(book)
    run(book, *DECIDE)
    assert "is decided" in run(book, *CHALLENGE, status=2).stderr
