import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import relcare.desk
from relcare.cli._app import app

ROOT = Path(__file__).parents[2]

POLICY = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01

[permission]
law = ["kr"]
service = ["delivery"]
caps = [ { limit = 1, per = "day", channels = ["call"] } ]
"""

FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Shanghai"\n',
    "clients.csv": "client_id,name,zone\nc-1,金泰物流有限公司,\nc-2,김철수,Asia/Seoul\nc-3,Møller,America/New_York\n",
    "touchpoints.csv": (
        "touchpoint_id,client_id,occurred_at,channel,outcome,purpose\nt-1,c-2,2026-03-16T10:00,call,missed,delivery\n"
    ),
    "purchases.csv": (
        "purchase_id,client_id,purchased_on,amount,currency\nb-1,c-1,2026-02-03,100,CNY\nb-2,c-1,2026-05-01,100,CNY\n"
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


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["may-contact", *map(str, args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def run_json(*args: object, status: int = 0) -> Any:
    shape = json.loads(run(*args, "--json", status=status).stdout)
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    found = re.findall(r"^```json\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    Draft202012Validator({**json.loads(found[0]), "$ref": "#/$defs/may_contact"}).validate(shape)
    return shape


def options(policy: Path, client: str, at: str, *more: str) -> tuple[str, ...]:
    return ("--policy", str(policy), "--client", client, "--channel", "call", "--at", at, *more)


def test_it_is_zero_when_contact_is_allowed_and_names_what_it_rests_on(folder: Path, policy: Path) -> None:
    shape = run_json(folder, *options(policy, "c-1", "2026-03-31T14:30", "--purpose", "offer"))
    assert (shape["is_allowed"], shape["at"], shape["next_allowed_at"]) == (True, "2026-03-31T06:30:00+00:00", shape["at"])
    assert {reason["code"] for reason in shape["reasons"]} == {"permission.soft_opt_in"}
    assert shape["reasons"][0]["values"]["deal_on"] == "2026-02-03"


def test_it_is_one_when_it_is_not_and_says_from_when_on(folder: Path, policy: Path) -> None:
    shape = run_json(folder, *options(policy, "c-2", "2026-03-16T10:30", "--purpose", "delivery"), status=1)
    assert shape["next_allowed_at"] == "2026-03-16T15:00:00+00:00"
    assert shape["next_allowed_there"] == "2026-03-17T00:00:00+09:00"
    assert [reason["code"] for reason in shape["reasons"]] == ["permission.cap"]


def test_the_hours_are_those_of_the_client(folder: Path, policy: Path) -> None:
    shape = run_json(folder, *options(policy, "c-3", "2026-03-31T14:30+09:00"), status=1)
    assert (shape["zones"], shape["next_allowed_at"]) == (["America/New_York"], None)
    assert set(shape["laws"]) == {"kr.ad.consent", "kr.ad.reconfirm", "kr.ad.night"}


def test_people_get_a_line_for_each_reason(folder: Path, policy: Path) -> None:
    lines = run(folder, *options(policy, "c-2", "2026-03-16T10:30", "--purpose", "delivery"), status=1).stdout.splitlines()
    assert lines == [
        "c-2 김철수: contact by call for delivery is not allowed before 2026-03-17 00:00 in Asia/Seoul",
        "- 1 contact per day by call are the most allowed, and there were 1",
    ]


def test_now_is_the_time_of_the_clock(folder: Path, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from relcare.testing import FixedClock

    monkeypatch.setattr(relcare.desk, "SystemClock", lambda: FixedClock(datetime(2026, 3, 31, 5, tzinfo=UTC)))
    assert run_json(folder, *options(policy, "c-1", "now"))["at"] == "2026-03-31T05:00:00+00:00"


@pytest.mark.parametrize("at", ["2026-03-31", "14:30", "tomorrow", "2026-02-30T10:00"])
def test_anything_but_a_time_is_refused(folder: Path, policy: Path, at: str) -> None:
    assert "--at is" in run(folder, *options(policy, "c-1", at), status=2).stderr


def test_an_unknown_client_is_refused(folder: Path, policy: Path) -> None:
    assert "unknown client 'c-9'" in run(folder, *options(policy, "c-9", "2026-03-31T10:00"), status=2).stderr
