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
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.pinned]
type = "flag"
may_be_missing = true
[[neglect]]
id = "all"
rungs = [
  { after = "3 days", action = "warn" },
  { after = "5 days", action = "escalate" },
  { after = "30 days", action = "release" },
]
protect = [{ id = "pin", when = "pinned == True" }]
[[holding]]
id = "few"
most = 1
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "clients.csv": (
        "client_id,name,owner_id,client_since_on,pinned\n"
        "c-1,金泰,lee,2025-01-01,false\n"
        "c-2,김철수,lee,2025-01-01,\n"
        "c-3,[red]Møller[/red],wu,2025-01-01,false\n"
        "c-4,Ødegård,,2025-01-01,false\n"
    ),
    "touchpoints.csv": (
        "touchpoint_id,client_id,occurred_at,channel,outcome\n"
        "t-1,c-1,2026-03-01,call,reached\n"
        "t-2,c-2,2026-03-01,call,reached\n"
        "t-3,c-3,2026-03-30,visit,met\n"
    ),
    "staff.csv": "staff_id,name,role,head_id\nlee,이수민,sales,kim\nwu,吴,sales,\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "book"
    found.mkdir()
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["neglect", *(str(arg) for arg in args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def shape_of(*args: object) -> Any:
    shape = json.loads(run(*args, "--json").stdout)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": "#/$defs/neglect"}).validate(shape)
    return shape


def test_json_lists_whom_something_is_to_be_done_about_and_every_holding(folder: Path, policy: Path) -> None:
    shape = shape_of(folder, "--policy", policy, "--as-of", "2026-03-31")
    told = [(one["client_id"], one["action"], one["held_back"], one["missing"], one["tells"]) for one in shape["clients"]]
    assert told == [
        ("c-1", "release", [], [], ["lee", "kim"]),
        ("c-2", "escalate", ["release"], ["pinned"], ["lee", "kim"]),
    ]
    assert shape["nothing_to_do"] == 1
    held = [(one["owner_id"], one["count"], one["state"], one["client_ids"]) for one in shape["holdings"]]
    assert held == [("lee", 2, "over", ["c-1", "c-2"]), ("wu", 1, "full", ["c-3"])]


def test_one_owner_alone(folder: Path, policy: Path) -> None:
    shape = shape_of(folder, "--policy", policy, "--as-of", "2026-04-03", "--owner", "wu")
    assert [(one["client_id"], one["action"], one["next_on"]) for one in shape["clients"]] == [("c-3", "warn", "2026-04-04")]
    assert [one["owner_id"] for one in shape["holdings"]] == ["wu"]


def test_tables_tell_what_to_do_and_why(folder: Path, policy: Path) -> None:
    text = run(folder, "--policy", policy, "--as-of", "2026-03-31").stdout
    assert "2026-03-31: 2 clients of 3 on a ladder to look at" in text
    assert "release to the pool after 30 days, on 2026-03-31" in re.sub(r"\s+", " ", text)
    assert "Limits: 2 holdings without room, of 2" in text
    assert "Møller" not in text


def test_names_are_shown_as_they_are(folder: Path, policy: Path) -> None:
    assert "[red]Møller[/red]" in run(folder, "--policy", policy, "--as-of", "2026-04-03").stdout


def test_a_policy_without_ladders_or_limits_has_nothing_to_tell(folder: Path) -> None:
    shape = shape_of(folder, "--policy", "preset:agent", "--as-of", "2026-03-31")
    assert (shape["clients"], shape["holdings"], shape["nothing_to_do"]) == ([], [], 0)
    assert "nobody" in run(folder, "--policy", "preset:agent", "--as-of", "2026-03-31").stdout


def test_a_day_outside_the_policy_is_refused(folder: Path, policy: Path) -> None:
    assert "outside the effective dates" in run(folder, "--policy", policy, "--as-of", "2025-12-31", status=2).stderr
