"""The relationships of a troubled sample book are doing as committed, by the function and by the command."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from relcare.cli._app import app
from relcare.model import Book
from relcare.storage import SqliteStore

HERE = Path(__file__).parent
AS_OF = ("--as-of", "2026-03-31")


@pytest.fixture(scope="module")
def book() -> Book:
    found = runpy.run_path(str(HERE / "portfolio.py"))["troubled_book"]()
    assert isinstance(found, Book)
    return found


@pytest.fixture
def path(book: Book, tmp_path: Path) -> str:
    place = str(tmp_path / "demo.book")
    SqliteStore.create(place, book).close()
    return place


def shape(entry: str, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, *AS_OF, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    page = (HERE.parents[1] / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    Draft202012Validator({**json.loads(block), "$ref": f"#/$defs/{entry}"}).validate(found)
    return found


def test_the_portfolio_is_as_committed() -> None:
    """A change here is a decision that changed: see the docstring of portfolio.py."""
    assert runpy.run_path(str(HERE / "portfolio.py"))["answer"]() == (HERE / "portfolio.json").read_text(encoding="utf-8")


def test_the_commands_answer_the_same(path: str) -> None:
    committed = json.loads((HERE / "portfolio.json").read_text(encoding="utf-8"))
    assert shape("portfolio", "portfolio", path, "--policy", "preset:agent") == committed["portfolio"]
    first = committed["referrals"]["client_id"]
    assert shape("referrals", "referrals", path, "--client", first) == committed["referrals"]
    near = shape("referrals", "referrals", path, "--client", first, "--steps", "1")
    assert [one["steps"] for one in near["clients"]] == [1]
    assert shape("referrals", "referrals", path, "--client", first, "--attribute", "brought_by")["clients"] == []


def test_tables_say_who_needs_attention_by_when_and_why(path: str) -> None:
    page = CliRunner().invoke(app, ["portfolio", path, "--policy", "preset:agent", *AS_OF]).stdout
    assert "upstream: 13 clients, 2 to attend to" in page
    told = " ".join(page.split())
    listed = re.findall(r"\bc-0[0-9]{2}\b", page)
    assert listed == ["c-005", "c-002", "c-001", "c-003", "c-004", "c-052"]
    assert "2026-04-01 c-002" in told
    assert "upstream: agree a support plan, without conditions, by 2026-04-01, since 2026-03-27, because" in told
    assert "channel: margin against target: margin_gap >= 0 is not met (margin_gap -0.1)" in told
    around = " ".join(CliRunner().invoke(app, ["referrals", path, "--client", "c-002", *AS_OF]).stdout.split())
    assert "Around c-002: 6 clients" in around
    assert "c-004 > c-001" in around


def test_a_client_is_explained_with_what_its_relationships_ask_for(path: str) -> None:
    arguments = ("explain", path, "--policy", "preset:agent", "--client", "c-002")
    strategy = shape("explain", *arguments)["strategy"]
    assert strategy["needs_attention"]
    assert strategy["act_by"] == "2026-04-01"
    assert [one["holds"] for one in strategy["situations"]] == [True, False]
    assert [one["health"] for one in strategy["indicators"]] == ["ailing"]
    assert {one["type"] for one in strategy["questions"]} == {"upstream"}
    page = " ".join(CliRunner().invoke(app, [*arguments, *AS_OF]).stdout.split())
    assert "Signs: 1 situation, 1 indicator not met" in page
    assert "upstream: ask: What" in page
    assert "upstream: form: a support plan while they are in trouble" in page


def test_an_unknown_client_is_told(path: str) -> None:
    result = CliRunner().invoke(app, ["referrals", path, "--client", "c-00", *AS_OF])
    assert (result.exit_code, "did you mean" in result.stderr) == (2, True)
