"""`relcare segments`: who belongs, what members share, whom to invite."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.cli._app import app

ROOT = Path(__file__).parents[2]
POLICY = """\
format = 1
[policy]
id = "fund"
version = "1"
effective_from = 2026-01-01
[facts]
lines = { type = "set", may_be_missing = true }
risk = { type = "level", values = ["cautious", "bold"], may_be_missing = true }
hobbies = { type = "set", may_be_missing = true }
[[segment]]
id = "bold"
title = "Bold ones"
when = "risk == 'bold'"
[[segment]]
id = "grid"
by = ["lines", "risk"]
scope = "client.stage == 'closed'"
"""
CLIENTS = """\
client_id,name,stage,lines,risk,hobbies
c-1,金泰,closed,equity|bonds,bold,golf|tea
c-2,김철수,closed,equity,bold,golf
c-3,[red]Møller[/red],closed,equity,bold,golf
c-4,Ødegård,closed,bonds,cautious,tea
c-5,王芳,closed,bonds,,tea
c-6,Lee,,equity,bold,
c-7,Ito,open,bonds,cautious,golf
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "book"
    found.mkdir()
    (found / "book.toml").write_text('format = 1\nzone = "Asia/Seoul"\n', encoding="utf-8")
    (found / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    return found


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "fund.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def run(folder: Path, policy: Path, *args: str, status: int = 0) -> Result:
    words = ["segments", str(folder), "--policy", str(policy), "--as-of", "2026-03-31", *args]
    result = CliRunner().invoke(app, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def shape_of(name: str, folder: Path, policy: Path, *args: str) -> Any:
    shape = json.loads(run(folder, policy, *args, "--json").stdout)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": f"#/$defs/{name}"}).validate(shape)
    return shape


def test_json_lists_every_segment(folder: Path, policy: Path) -> None:
    bold, grid = shape_of("segments", folder, policy)["segments"]
    assert (bold["kind"], bold["title"], bold["members"]) == ("criterion", "Bold ones", ["c-1", "c-2", "c-3", "c-6"])
    assert (bold["unknown"], bold["outside"]) == ([{"client_id": "c-5", "facts": ["risk"]}], 2)
    assert grid["unplaced"] == [{"client_id": "c-5", "facts": ["risk"]}]
    assert grid["unknown"] == [{"client_id": "c-6", "facts": ["client.stage"]}]
    assert grid["cells"][0] == {"values": ["bonds", "cautious"], "client_ids": ["c-4"]}
    assert (grid["cell_count"], grid["dimensions"]["lines"]) == (4, ["bonds", "equity"])
    assert "memberships" not in grid


def test_one_segment_has_its_reasons(folder: Path, policy: Path) -> None:
    (grid,) = shape_of("segments", folder, policy, "--segment", "grid")["segments"]
    told = {one["client_id"]: (one["answer"], one["cells"], one["reasons"][0]["code"]) for one in grid["memberships"]}
    assert told["c-1"] == ("yes", [["bonds", "bold"], ["equity", "bold"]], "segment.placed")
    assert told["c-5"] == ("unknown", [], "segment.unplaced")
    assert told["c-6"] == ("unknown", [], "segment.scope_unknown")
    assert "c-7" not in told


def test_what_members_share_with_its_lift_and_its_chance(folder: Path, policy: Path) -> None:
    shape = shape_of("segments_common", folder, policy, "--segment", "bold", "--common")
    equity, golf = shape["found"]
    assert (equity["fact"], equity["value"], equity["lift"]) == ("lines", "equity", "1.75")
    assert (golf["fact"], golf["value"], golf["count"], golf["known"]) == ("hobbies", "golf", 3, 3)
    assert (golf["share"], golf["book_share"], golf["lift"]) == ("1.0000", "0.6667", "1.50")
    assert golf["chance"] == "0.2"  # 4 of the 20 ways to draw 3 of 6
    assert golf["client_ids"] == ["c-1", "c-2", "c-3"]
    assert shape["traits"][1] == {"fact": "hobbies", "missing": 1, "book_missing": 1}


def test_traits_cell_and_how_many_may_be_named(folder: Path, policy: Path) -> None:
    asked = ("--segment", "grid", "--cell", "equity/bold", "--common", "--traits", "hobbies, risk", "--at-least", "1")
    shape = shape_of("segments_common", folder, policy, *asked)
    assert (shape["cell"], [one["fact"] for one in shape["traits"]]) == ("equity/bold", ["hobbies", "risk"])
    assert [(one["value"], one["count"]) for one in shape["found"]] == [("golf", 3), ("bold", 3), ("tea", 1)]


def test_whom_to_invite_inside_and_outside(folder: Path, policy: Path) -> None:
    shape = shape_of("segments_theme", folder, policy, "--segment", "bold", "--theme", "hobbies=golf")
    assert [one["client_id"] for one in shape["inside"]] == ["c-1", "c-2", "c-3"]
    assert [one["client_id"] for one in shape["outside"]] == ["c-7"]
    assert shape["unknown"] == ["c-6"]


def test_tables_tell_the_same(folder: Path, policy: Path) -> None:
    assert "2 segments" in run(folder, policy).stdout
    text = run(folder, policy, "--segment", "bold").stdout
    assert "bold, Bold ones: 4 members" in text
    assert "[red]Møller[/red]" in text
    assert "Unknown: 1" in text
    text = run(folder, policy, "--segment", "grid").stdout
    assert "grid: 4 members in 3 of 4 cells" in text
    assert "In no cell: 1" in text
    text = run(folder, policy, "--segment", "bold", "--common").stdout
    assert re.search(r"3/3 +4/6 +1.50 +20 % \(\d+ %\) +hobbies = golf", text)
    text = run(folder, policy, "--segment", "bold", "--theme", "hobbies=golf").stdout
    assert "bold, hobbies=golf: 3 clients of the segment" in text
    assert "Besides: 1 client outside it" in text
    assert "To be asked: 1 member of whom hobbies is missing" in text


def test_a_policy_without_segments_has_none(folder: Path) -> None:
    assert "the policy has none" in run(folder, Path("preset:agent")).stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--common",), "give --segment"),
        (("--theme", "hobbies=golf"), "give --segment"),
        (("--cell", "equity / bold"), "give --segment"),
        (("--segment", "bold", "--common", "--theme", "hobbies=golf"), "not both"),
        (("--segment", "bold", "--traits", "hobbies"), "go with --common"),
        (("--segment", "bold", "--at-least", "2"), "go with --common"),
        (("--segment", "grid", "--cell", "equity / bold"), "--cell goes with"),
        (("--segment", "bld"), "did you mean 'bold'"),
        (("--segment", "grid", "--cell", "equity / bld", "--common"), "did you mean 'equity / bold'"),
        (("--segment", "bold", "--common", "--traits", "hobby"), "did you mean 'hobbies'"),
        (("--segment", "bold", "--theme", "golf"), "write hobbies=golf"),
    ],
)
def test_wrong_use_is_refused(folder: Path, policy: Path, args: tuple[str, ...], told: str) -> None:
    assert told in run(folder, policy, *args, status=2).stderr
