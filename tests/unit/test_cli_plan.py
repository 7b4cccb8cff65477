"""`relcare capacity` and `relcare plan`: options, tables, documented shapes, the calendar."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from rich.cells import cell_len

import relcare.desk
from relcare.cli._app import app
from relcare.cli._commands_plan import OVERLOAD_CHOICES
from relcare.cli._plan_shape import plan_shape, read_plan
from relcare.formats import read_icalendar
from relcare.planning import OVERLOADS
from relcare.testing import FixedClock

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "src" / "relcare" / "demo" / "book"
MONDAY = "2026-03-30"

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
lead = "1 day"
grace = "1 day"
minutes = 20
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "clients.csv": (
        "client_id,name,owner_id,client_since_on\n"
        "c-1,金泰物流有限公司的一个很长很长很长的名字,lee,2026-03-25\n"
        "c-2,김철수 무역,lee,2026-03-25\n"
        "c-3,Ahn,wu,2026-03-26\n"
    ),
    "staff.csv": "staff_id,name,role\nlee,이수민,account manager\nwu,吴磊,account manager\n",
    "appointments.csv": (
        "appointment_id,client_id,staff_id,on,starts_at,minutes,channel,obligation_key,state,place\n"
        'a-1,c-3,wu,2026-04-03,2026-04-03 10:00,60,visit,,confirmed,"Seoul, Mapo"\n'
        "a-2,c-3,wu,2026-04-07,,30,visit,,cancelled,\n"
    ),
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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relcare.desk, "SystemClock", lambda: FixedClock(datetime(2026, 3, 30, tzinfo=UTC)))


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def run_json(*args: object) -> Any:
    return json.loads(run(*args, "--json").stdout)


def check(name: str, shape: Any) -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    definitions = json.loads(found)
    Draft202012Validator.check_schema(definitions)
    Draft202012Validator({**definitions, "$ref": f"#/$defs/{name}"}).validate(shape)


def row_of(name: str, out: str) -> str:
    return next(line for line in out.splitlines() if line.startswith(f"  {name} "))


def sick(folder: Path) -> None:
    (folder / "absences.csv").write_text("staff_id,start_on,end_on,reason\nlee,2026-04-01,2026-04-02,sick\n", encoding="utf-8")


class TestCapacity:
    def test_it_answers_in_its_documented_shape(self, folder: Path, policy: Path) -> None:
        shape = run_json("capacity", folder, "--policy", policy, "--as-of", MONDAY)
        check("capacity", shape)
        assert (shape["largest_book"], shape["largest_shared_book"], shape["fits"]) == (135, 180, True)
        assert shape["owners"][0] == {
            "name": "lee",
            "staff": 1,
            "clients": 2,
            "average": "8.00",
            "peak": 20,
            "capacity": 360,
            "fits": True,
            "fits_peak": True,
            "rules": [{"rule_id": "call", "average": "8.00"}],
        }
        assert [role["name"] for role in shape["roles"]] == ["account manager"]
        check("capacity", run_json("capacity", DEMO, "--policy", "preset:agent", "--as-of", "2026-03-31"))

    def test_the_chart_marks_where_the_capacity_ends(self, folder: Path, policy: Path) -> None:
        out = run("capacity", folder, "--policy", policy, "--as-of", MONDAY, "--minutes", 10).stdout
        lee, wu, whole = (
            next(line for line in out.splitlines() if line.startswith(f"  {name} ")) for name in ("lee", "wu", "all")
        )
        assert lee.endswith("  ████████████░░│░░░░░»"), "8 minutes on average, 20 on the fullest day, 10 there are"
        assert wu.endswith("  ██████░░░░░░░░│░░░░░»")
        assert whole.endswith("  █████████░░░░░│░░░░░»")
        assert "The fullest day is too full for lee, wu." in " ".join(out.split())

    def test_too_much_is_said_and_nothing_asked_too(self, folder: Path, policy: Path) -> None:
        told = " ".join(run("capacity", folder, "--policy", policy, "--as-of", MONDAY, "--minutes", 5).stdout.split())
        assert "Too much on average for lee." in told
        assert "has 1 client with everybody's share as it is, and 2 where each role shares" in told
        policy.write_text(POLICY.partition("[[cadence]]")[0], encoding="utf-8")
        assert "The rules ask for nothing." in run("capacity", folder, "--policy", policy, "--as-of", MONDAY).stdout

    def test_today_is_the_day_where_none_is_given(self, folder: Path, policy: Path, clock: None) -> None:
        assert run_json("capacity", folder, "--policy", policy)["as_of"] == MONDAY


class TestPlan:
    def test_it_answers_in_its_documented_shape(self, folder: Path, policy: Path) -> None:
        shape = run_json("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 1)
        check("plan", shape)
        assert (shape["as_of"], shape["until"], shape["changes"], shape["is_exact"]) == (MONDAY, "2026-04-05", None, True)
        assert [(one["on"], one["staff_id"], one["client_id"], one["channel"]) for one in shape["slots"]] == [
            ("2026-04-01", "lee", "c-1", "call"),
            ("2026-04-01", "lee", "c-2", "call"),
            ("2026-04-02", "wu", "c-3", "call"),
            ("2026-04-03", "wu", "c-3", "visit"),
        ]
        assert (shape["slots"][3]["starts_at"], shape["slots"][3]["is_confirmed"]) == ("2026-04-03T10:00:00+09:00", True)

    @pytest.mark.parametrize("overload", OVERLOADS)
    def test_every_word_for_overload_plans_the_demo_in_the_shape(self, overload: str) -> None:
        options = ("--policy", "preset:agent", "--from", "2026-03-31", "--weeks", 1, "--minutes", 30, "--overload", overload)
        shape = run_json("plan", DEMO, *options)
        check("plan", shape)
        assert shape["overload"] == overload

    def test_the_words_for_overload_are_those_of_the_library(self) -> None:
        assert OVERLOAD_CHOICES == OVERLOADS

    def test_a_sick_day_moves_what_it_must_and_nothing_else(self, folder: Path, policy: Path, tmp_path: Path) -> None:
        """PLN-4: replanning keeps what was planned unless it must move."""
        asked = ("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 2)
        before = tmp_path / "before.json"
        before.write_text(run(*asked, "--json").stdout, encoding="utf-8")
        assert run_json(*asked, "--previous", before)["changes"] == []
        assert "Changed: 0 contacts\n  Nothing." in run(*asked, "--previous", before).stdout
        sick(folder)
        shape = run_json(*asked, "--previous", before)
        check("plan", shape)
        assert [(one["kind"], one["client_id"], one["before"]["on"], one["after"]["on"]) for one in shape["changes"]] == [
            ("moved", "c-1", "2026-04-01", shape["changes"][0]["after"]["on"]),
            ("moved", "c-2", "2026-04-01", shape["changes"][1]["after"]["on"]),
        ]
        assert {one["after"]["on"] for one in shape["changes"]} <= {"2026-03-31", "2026-04-02"}
        assert all("lee is away on 2026-04-01" in str(one["reasons"]) for one in shape["changes"])
        then = {slot["key"]: slot["on"] for slot in json.loads(before.read_text(encoding="utf-8"))["slots"]}
        moved = {one["key"] for one in shape["changes"]}
        assert all(slot["on"] == then[slot["key"]] for slot in shape["slots"] if slot["key"] not in moved)

    def test_a_plan_comes_back_from_its_json_but_for_the_reasons(self, folder: Path, policy: Path, tmp_path: Path) -> None:
        options = ("--policy", "preset:agent", "--from", "2026-03-31", "--weeks", 1, "--minutes", 45, "--overload", "report")
        for place, asked in enumerate(((DEMO, *options), (folder, "--policy", policy, "--from", MONDAY))):
            path = tmp_path / f"{place}.json"
            path.write_text(run("plan", *asked, "--json").stdout, encoding="utf-8")
            told = json.loads(path.read_text(encoding="utf-8"))
            for one in (*told["slots"], *told["unplanned"]):
                one["reasons"] = []
            assert plan_shape(read_plan(str(path)), None) == told

    @pytest.mark.parametrize(
        "damage",
        [
            "",
            "[]",
            '{"as_of": "2026-03-30"}',
            lambda told: told | {"as_of": "yesterday"},
            lambda told: told | {"until": "2026-01-01"},
            lambda told: told | {"overload": "ignore"},
            lambda told: told | {"slots": [told["slots"][0] | {"minutes": "20"}]},
            lambda told: told | {"slots": [told["slots"][0] | {"staff_id": 7}]},
            lambda told: told | {"slots": [told["slots"][0] | {"is_confirmed": "no"}]},
            lambda told: told | {"slots": "none"},
            lambda told: told | {"staff": [{}]},
        ],
        ids=[
            "empty",
            "a list",
            "cut off",
            "no day",
            "wrong order",
            "overload",
            "minutes",
            "staff",
            "flag",
            "slots",
            "nobody",
        ],
    )
    def test_what_is_no_plan_is_refused_as_one(self, damage: Any, folder: Path, policy: Path, tmp_path: Path) -> None:
        asked = ("plan", folder, "--policy", policy, "--from", MONDAY)
        path = tmp_path / "before.json"
        text = damage if isinstance(damage, str) else json.dumps(damage(run_json(*asked)))
        path.write_text(text, encoding="utf-8")
        assert "must be a file that `relcare plan --json` wrote" in run(*asked, "--previous", path, status=2).stderr


class TestTables:
    def test_they_fit_80_columns_whatever_the_script(self, folder: Path, policy: Path) -> None:
        for asked in (
            (folder, "--policy", policy, "--from", MONDAY),
            (DEMO, "--policy", "preset:agent", "--from", "2026-03-31", "--minutes", 30, "--overload", "report"),
        ):
            out = run("plan", *asked).stdout
            assert max(cell_len(line) for line in out.splitlines()) <= 80

    def test_a_day_stands_on_its_first_line_and_columns_line_up(self, folder: Path, policy: Path) -> None:
        lines = run("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 1).stdout.splitlines()
        head, first, second = lines[1:4]
        assert lines[0] == "lee: 2 contacts"
        assert first.startswith("  Wed 2026-04-01    20  c-1 金泰物流")
        assert second.startswith("                    20  c-2 김철수 무역")
        assert {cell_len(line[: line.index(word)]) for line, word in ((head, "Contact"), (first, "call"), (second, "call"))} == {
            50
        }

    def test_what_has_no_day_stands_with_the_reason_and_what_is_later_is_counted(self, folder: Path, policy: Path) -> None:
        asked = ("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 1)
        assert "Not planned: 0 contacts\n  Everything has a day.\n\n" in run(*asked).stdout
        early = run("plan", folder, "--policy", policy, "--from", "2026-03-25", "--weeks", 1).stdout
        assert "Not planned: 0 contacts\n  Everything has a day.\n  3 contacts due after 2026-03-31\n" in early
        told = run(*asked, "--minutes", 10, "--overload", "report").stdout
        assert "Not planned: 3 contacts" in told
        assert re.search(r"2026-04-01 +20  c-1 金泰物流.* call +lee\n    \S", told)

    def test_the_load_tells_minutes_the_fullest_day_and_how_good_the_plan_is(self, folder: Path, policy: Path) -> None:
        out = run("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 1).stdout
        assert "Load from 2026-03-30 to 2026-04-05, in minutes" in out
        assert row_of("wu", out).split() == ["wu", "80", "1,800", "█·············│", "Fri", "2026-04-03", "100%"]
        assert "confirmed" in out


class TestCalendar:
    def test_it_has_an_event_for_each_contact_and_is_revised_when_written_again(
        self, folder: Path, policy: Path, tmp_path: Path, clock: None
    ) -> None:
        path = tmp_path / "plan.ics"
        asked = ("plan", folder, "--policy", policy, "--from", MONDAY, "--weeks", 1, "--ics", path)
        run(*asked)
        first = path.read_bytes().decode()
        events = {event.summary: event for event in read_icalendar(first)}
        assert sorted(events) == [
            "call: Ahn (吴磊)",
            "call: 金泰物流有限公司的一个很长很长很长的名字 (이수민)",
            "call: 김철수 무역 (이수민)",
            "visit: Ahn (吴磊)",
        ]
        visit = events["visit: Ahn (吴磊)"]
        assert (visit.start, visit.place, visit.status) == (datetime(2026, 4, 3, 1, tzinfo=UTC), "Seoul, Mapo", "CONFIRMED")
        run(*asked)
        assert path.read_bytes().decode() == first, "nothing changed"
        sick(folder)
        run(*asked)
        again = {event.summary: event for event in read_icalendar(path.read_bytes().decode())}
        assert {name: event.sequence for name, event in again.items()} == {name: int("이수민" in name) for name in events}, (
            "what moved has a later version, and nothing else has"
        )
        (folder / "clients.csv").write_text(
            FILES["clients.csv"].replace("c-2,김철수 무역,lee", "c-2,김철수 무역,"), encoding="utf-8"
        )
        run(*asked)
        gone = {event.summary: event for event in read_icalendar(path.read_bytes().decode())}
        assert (gone["call: 김철수 무역 (이수민)"].status, gone["visit: Ahn (吴磊)"].status) == ("CANCELLED", "CONFIRMED")

    def test_days_outside_the_plan_stay_as_they_were(self, folder: Path, policy: Path, tmp_path: Path, clock: None) -> None:
        path = tmp_path / "plan.ics"
        asked = ("plan", folder, "--policy", policy, "--ics", path)
        run(*asked, "--from", MONDAY, "--weeks", 3)
        long = {event.uid: event for event in read_icalendar(path.read_bytes().decode())}
        run(*asked, "--from", MONDAY, "--weeks", 1)
        assert {event.uid: event for event in read_icalendar(path.read_bytes().decode())} == long

    def test_a_calendar_of_somebody_else_is_left_alone(self, folder: Path, policy: Path, tmp_path: Path) -> None:
        path = tmp_path / "private.ics"
        text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mine//EN\r\nEND:VCALENDAR\r\n"
        path.write_text(text, encoding="utf-8", newline="")
        told = run("plan", folder, "--policy", policy, "--from", MONDAY, "--ics", path, status=2).stderr
        assert "must be a text that write_icalendar returned" in " ".join(told.split())
        assert path.read_bytes().decode() == text

    def test_without_the_extra_it_says_what_to_install(
        self, folder: Path, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "icalendar", None)
        told = run("plan", folder, "--policy", policy, "--from", MONDAY, "--ics", tmp_path / "x.ics", status=2).stderr
        assert "pip install 'relcare[ical]'" in told
        run("plan", folder, "--policy", policy, "--from", MONDAY)
