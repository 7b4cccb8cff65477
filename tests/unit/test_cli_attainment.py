"""`relcare attainment`: options, table and documented shape."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from relcare.cli._app import app
from relcare.cli._commands_attainment import BY
from relcare.planning import GROUPINGS

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "src" / "relcare" / "demo" / "book"

POLICY = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "clients.csv": (
        "client_id,name,relationship_types,owner_id,client_since_on\n"
        "c-1,金泰物流有限公司的一个很长很长很长的名字,partner,lee,2026-05-25\n"
        "c-2,김철수,,,2026-05-25\n"
    ),
    "touchpoints.csv": (
        "touchpoint_id,client_id,occurred_at,channel,outcome,staff_id\n"
        "t-1,c-1,2026-06-01,call,reached,lee\n"
        "t-2,c-1,2026-06-08,call,reached,kim\n"
        "t-3,c-1,2026-06-18,call,reached,\n"
    ),
    "staff.csv": "staff_id,name,role\nlee,이수민,account manager\n",
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
    result = CliRunner().invoke(app, ["attainment", *map(str, args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def run_json(*args: object) -> Any:
    return json.loads(run(*args, "--json").stdout)


def schema() -> Draft202012Validator:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    definitions = json.loads(found)
    Draft202012Validator.check_schema(definitions)
    return Draft202012Validator({**definitions, "$ref": "#/$defs/attainment"})


class TestShape:
    @pytest.mark.parametrize("grouping", BY)
    def test_every_grouping_answers_in_its_documented_shape(self, grouping: str) -> None:
        shape = run_json(DEMO, "--policy", "preset:consulting", "--month", "2026-03", "--by", grouping, "--not-seen", 30)
        schema().validate(shape)
        assert shape["grouping"] == grouping
        assert shape["groups"]

    def test_the_schema_and_the_command_know_what_can_be_grouped_by(self) -> None:
        shape: Any = schema().schema
        named = shape["$defs"]["attainment"]["properties"]["grouping"]["enum"]
        assert [*GROUPINGS, None] == [*BY, None] == named

    def test_figures_are_decimal_text_and_what_was_not_asked_for_is_null(self, folder: Path, policy: Path) -> None:
        shape = run_json(folder, "--policy", policy, "--month", "2026-06")
        schema().validate(shape)
        assert (shape["from_on"], shape["until_on"], shape["as_of"]) == ("2026-06-01", "2026-06-30", "2026-06-30")
        assert (shape["elapsed"], shape["grouping"], shape["groups"], shape["not_seen"]) == ("1.0000", None, [], None)
        total = shape["total"]
        assert (total["planned"], total["done"], total["earned"], total["remaining"]) == ("8.57", 3, "3.00", "5.57")
        assert (total["attained_ratio"], total["pace"], total["target"], total["meets_target"]) == (
            "0.3500",
            "0.3500",
            None,
            None,
        )
        assert total["done_by"] == [
            {"staff_id": "kim", "count": 1},
            {"staff_id": "lee", "count": 1},
            {"staff_id": None, "count": 1},
        ]
        assert total["results"] == {"on_time": 2, "late": 1, "open_late": 2, "missed": 0, "pending": 0}
        assert total["late_days"] == {"owner": 36, "owner_absent": 0, "permission": 0, "cap": 0}

    def test_each_run_of_late_days_has_its_cause(self, folder: Path, policy: Path) -> None:
        shape = run_json(folder, "--policy", policy, "--month", "2026-06")
        assert shape["lateness"][0] == {
            "key": "c-1/call/t-2",
            "client_id": "c-1",
            "rule_id": "call",
            "owner_id": "lee",
            "cause": "owner",
            "staff_id": "lee",
            "from_on": "2026-06-16",
            "until_on": "2026-06-17",
            "days": 2,
        }
        assert sum(run["days"] for run in shape["lateness"]) == 36

    def test_whom_nobody_reached_is_listed_with_the_days(self, folder: Path, policy: Path) -> None:
        shape = run_json(folder, "--policy", policy, "--month", "2026-06", "--not-seen", 13)
        assert shape["not_seen"] == {
            "days": 13,
            "clients": [{"client_id": "c-2", "owner_id": None, "last_on": None, "days": 36}],
        }

    def test_targets_are_shares_for_all_or_for_a_channel(self, folder: Path, policy: Path) -> None:
        asked = ("--policy", policy, "--month", "2026-06", "--by", "channel", "--target", "95%", "--target", "call=40%")
        shape = run_json(folder, *asked)
        assert (shape["total"]["on_time_ratio"], shape["total"]["target"], shape["total"]["meets_target"]) == (
            "0.4000",
            "0.9500",
            False,
        )
        assert [(one["name"], one["target"], one["meets_target"]) for one in shape["groups"]] == [("call", "0.4000", True)]


class TestPeriod:
    def test_a_month_is_its_days_from_the_first_to_the_last(self, folder: Path, policy: Path) -> None:
        days = run_json(folder, "--policy", policy, "--from", "2026-02-01", "--until", "2026-02-28")
        assert run_json(folder, "--policy", policy, "--month", "2026-02") == days

    def test_an_earlier_day_leaves_what_is_over(self, folder: Path, policy: Path) -> None:
        shape = run_json(folder, "--policy", policy, "--month", "2026-06", "--as-of", "2026-06-15")
        assert (shape["elapsed"], shape["total"]["done"]) == ("0.5000", 2)

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ((), "either --month, or --from and --until"),
            (("--from", "2026-06-01"), "either --month, or --from and --until"),
            (("--month", "2026-06", "--until", "2026-06-30"), "either --month, or --from and --until"),
            (("--month", "2026-13"), "'2026-13' is no month"),
            (("--month", "June"), "'June' is no month"),
            (("--from", "2026-06-02", "--until", "2026-06-01"), "2026-06-01 is before --from, 2026-06-02"),
            (("--month", "2026-06", "--by", "owners"), "'owners' is not one of"),
            (("--month", "2026-06", "--not-seen", "0"), "--not-seen"),
            (("--month", "2026-06", "--target", "95"), 'write "20%"'),
            (("--month", "2025-06"), "outside the effective dates"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
    )
    def test_wrong_use_ends_with_status_2_and_says_why(
        self, options: tuple[str, ...], told: str, folder: Path, policy: Path
    ) -> None:
        assert told in " ".join(run(folder, "--policy", policy, *options, status=2).stderr.split())


class TestTable:
    def test_it_fits_80_columns_and_lines_up_whatever_the_script(self, folder: Path, policy: Path) -> None:
        out = run(folder, "--policy", policy, "--month", "2026-06", "--by", "client", "--not-seen", 1).stdout
        lines = out.splitlines()
        assert all(cell_len(line) <= 80 for line in lines)
        figures = [line for line in lines if re.search(r"\d%$", line)]
        assert len(figures) == 3
        assert {cell_len(line) for line in figures} == {80}
        assert "金泰物流" in out
        assert "김철수" in out

    def test_the_demo_fits_80_columns_under_every_grouping(self) -> None:
        for grouping in BY:
            out = run(DEMO, "--policy", "preset:agent", "--month", "2026-03", "--by", grouping).stdout
            assert all(cell_len(line) <= 80 for line in out.splitlines())

    def test_it_tells_results_causes_doers_and_the_target(self, folder: Path, policy: Path) -> None:
        out = " ".join(run(folder, "--policy", policy, "--month", "2026-06", "--target", "95%").stdout.split())
        assert "2 on time, 1 late, 2 open and late (95% on time is not reached)" in out
        assert "late days: 36 by who was responsible" in out
        assert "done by kim 1, lee 1, nobody named 1" in out

    def test_clients_of_nobody_have_a_line_that_says_so(self, folder: Path, policy: Path) -> None:
        assert "nobody's" in run(folder, "--policy", policy, "--month", "2026-06", "--by", "owner").stdout

    def test_while_the_period_runs_it_says_how_much_is_over(self, folder: Path, policy: Path) -> None:
        out = run(folder, "--policy", policy, "--month", "2026-06", "--as-of", "2026-06-15").stdout
        assert "50% of the days are over." in out

    def test_an_empty_period_shows_dashes(self, folder: Path, policy: Path) -> None:
        out = run(folder, "--policy", policy, "--month", "2026-02", "--not-seen", 99).stdout
        assert "–" in out
        assert "none" in out
