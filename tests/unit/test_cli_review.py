"""`relcare review propose | challenge | decide | history` on the demo book, twice."""

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.cli._app import app
from relcare.demo import demo_book
from relcare.formats import write_book
from relcare.storage import BookReader, BookWriter, SqliteStore

ROOT = Path(__file__).parents[2]
POLICY = "preset:consulting"
CHALLENGE = ("challenge", "--client", "c-049", "--reason", "a large order is signed", "--by", "lin", "--at", "2026-03-31T09:00")
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


def asked(*arguments: str, entry: str) -> dict[str, Any]:
    """What a command without a policy answers."""
    result = CliRunner().invoke(app, ["review", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return checked(result.stdout, entry)


def shape(book: str, command: str, *arguments: str, entry: str = "review_kept") -> dict[str, Any]:
    return checked(run(book, command, *arguments, "--json").stdout, entry)


def checked(text: str, entry: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    Draft202012Validator({**json.loads(block), "$ref": f"#/$defs/{entry}"}).validate(found)
    return found


def propose(book: str) -> dict[str, Any]:
    return shape(book, "propose", "--as-of", "2026-03-31")


@pytest.mark.parametrize(
    ("words", "hint"), [(CHALLENGE, ""), (DECIDE, "; hint: did you mean 'zhou'?")], ids=["challenge", "decide"]
)
def test_nobody_takes_part_who_is_not_of_the_staff(book: str, words: tuple[str, ...], hint: str) -> None:
    propose(book)
    named = tuple({"lin": "nobody", "zhou": "zhuo"}.get(word, word) for word in words)
    refused = run(book, *named, status=2).stderr
    wrong = named[named.index("--by") + 1]
    assert refused == f"relcare: --by is {wrong!r}: must be the id of a member of staff in the book{hint}\n"


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
        (("rerun",), "propose one first"),
        (("rerun", "--review", "x"), "unknown review 'x'"),
        ((*DECIDE, "--review", "consulting:2026-03-01"), "consulting:2026-03-01"),
        (("history", "--from", "2026-03-02", "--until", "2026-03-01"), "must not be before from_on"),
        (("history", "--from", "2026-03-02", "--until", "2026-03-03", "--scheme", "x"), "no scheme 'x'"),
    ],
    ids=["none", "rerun", "rerun unknown", "unknown", "days", "scheme"],
)
def test_what_is_not_there_is_refused(book: str, command: tuple[str, ...], message: str) -> None:
    assert message in run(book, *command, status=2).stderr


def test_of_a_decided_review_nothing_changes_any_more(book: str) -> None:
    propose(book)
    run(book, *DECIDE)
    assert "is decided" in run(book, *CHALLENGE, status=2).stderr


def test_a_kept_review_is_shown_as_it_was_then_and_listed(book: str, tmp_path: Path) -> None:
    proposed = propose(book)
    shape(book, *CHALLENGE)
    shape(book, *DECIDE, "--uphold", "c-049", "--in-force-from", "2026-04-01")
    kept = asked("show", book, "--review", proposed["id"], entry="review_record")
    assert (len(kept["rows"]), kept["policy_version"], kept["decided_by"]) == (56, proposed["policy_version"], "zhou")
    assert kept["borders"] == proposed["borders"]
    assert [row for row in kept["rows"] if row["client_id"] in {one["client_id"] for one in proposed["moves"]}] == [
        {**row, "tier": "A"} if row["client_id"] == "c-049" else row for row in proposed["moves"]
    ]
    (listed,) = asked("list", book, entry="review_list")["reviews"]
    assert (listed["id"], listed["clients"], listed["moves"], listed["challenges"]) == (kept["id"], 56, 7, 1)
    with SqliteStore.open(book) as store, store.read() as unit:
        reader = BookReader(unit)
        write_book(reader.book(), tmp_path / "folder", reviews=reader.reviews())
    folder, again = str(tmp_path / "folder"), str(tmp_path / "again.book")
    imported = CliRunner().invoke(app, ["import", folder, again, "--json"])
    assert checked(imported.stdout, "import")["counts"]["reviews"] == 1
    for other in (folder, again):
        assert asked("show", other, "--review", proposed["id"], entry="review_record") == kept
        assert propose(other)["is_decided"]


def test_a_kept_review_and_the_list_as_tables(book: str) -> None:
    empty = CliRunner().invoke(app, ["review", "list", book])
    assert "none is kept" in empty.stdout
    kept = propose(book)["id"]
    assert "proposed" in CliRunner().invoke(app, ["review", "list", book]).stdout
    page = CliRunner().invoke(app, ["review", "show", book, "--review", kept]).stdout
    assert "by version 1 of policy consulting, with the facts of 2026-03-02" in page
    assert "Where the tiers ended" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --policy and --as-of, or --review"),
        (("--policy", POLICY), "give --policy and --as-of, or --review"),
        (("--review", "x", "--policy", POLICY), "leave --policy and --as-of out"),
        (("--review", "consulting:2026-03-03"), "did you mean 'consulting:2026-03-02'?"),
    ],
    ids=["nothing", "no day", "both", "unknown"],
)
def test_show_says_what_it_needs(book: str, arguments: tuple[str, ...], message: str) -> None:
    propose(book)
    result = CliRunner().invoke(app, ["review", "show", book, *arguments])
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_an_old_month_gives_what_was_right_then_whatever_the_book_says_by_now(book: str) -> None:
    kept = propose(book)
    shape(book, *DECIDE, "--in-force-from", "2026-04-01")
    client = demo_book().clients[0]
    with SqliteStore.open(book) as store, store.write() as unit:
        BookWriter(unit).put_client(attrs.evolve(client, attributes={}, stage="dormant"), expected=1)
    found = shape(book, "rerun", entry="review_rerun")
    assert (found["id"], found["rows"], found["is_same"], found["differing"]) == (kept["id"], 56, True, [])
    assert "it gives what was right then" in run(book, "rerun").stdout
    assert shape(book, "propose", "--as-of", "2026-03-31")["is_decided"]


def test_a_review_that_is_not_as_it_was_is_told(book: str, tmp_path: Path) -> None:
    propose(book)
    folder = tmp_path / "folder"
    with SqliteStore.open(book) as store, store.read() as unit:
        reader = BookReader(unit)
        write_book(reader.book(), folder, reviews=reader.reviews())
    path = folder / "review_rows.csv"
    text = path.read_text(encoding="utf-8")
    head, first, rest = text.split("\n", 2)
    cells = first.split(",", 6)
    path.write_text("\n".join([head, ",".join([*cells[:5], "C", *cells[6:]]), rest]), encoding="utf-8")
    (one,) = json.loads(run(str(folder), "rerun", "--json", status=1).stdout)["differing"]
    assert (one["kept"], one["again"]) == ("C", cells[5])
    assert "1 of 56 rows differ" in run(str(folder), "rerun", status=1).stdout


def test_churn_as_declared_and_with_other_bands(book: str) -> None:
    days = ("--from", "2026-02-27", "--until", "2026-03-31")
    found = shape(book, "simulate", *days, "--band", "20%", entry="review_simulation")
    declared, free, band = found["settings"]
    assert [one["name"] for one in found["settings"]] == ["as declared", "nothing held back", "20%"]
    assert [one["on"] for one in declared["reviews"]] == ["2026-03-02"]
    assert 0 < band["reviews"][0]["moves"] < free["reviews"][0]["moves"]
    assert float(band["churn_percent"]) < float(free["churn_percent"])
    assert f"2026-03-02 {free['reviews'][0]['moves']}" in run(book, "simulate", *days).stdout
    empty = run(book, "simulate", "--from", "2026-03-03", "--until", "2026-03-04")
    assert "no review falls in these days" in empty.stdout


@pytest.mark.parametrize("word", ["revenue", "=5", "revenue="])
def test_a_margin_has_a_fact_and_an_amount(book: str, word: str) -> None:
    assert "is no margin" in run(book, "propose", "--as-of", "2026-03-31", "--margin", word, status=2).stderr
