"""`relcare vip`: steps taken through the desk, and the roll of a programme."""

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
currency = "CNY"
[facts.revenue]
type = "money"
measure = { sum = "purchases.amount" }
[[vip]]
id = "club"
approval = "leader"
paths = [{ id = "big", when = "revenue >= 1_000" }]
membership = { length = "1 year", notice = "30 days", levels = ["gold", "silver"] }
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\ncurrency = "CNY"\n',
    "clients.csv": "client_id,name\nc-1,金泰\nc-2,김철수\nc-3,[red]Møller[/red]\nc-4,Ødegård\n",
    "purchases.csv": "purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-01-02,2000\nb-2,c-2,2026-01-02,1000\n",
    "staff.csv": "staff_id,name,role\nlee,이수민,account manager\nwu,吴,leader\n",
    "membership_events.csv": (
        "event_id,client_id,programme_id,step,on,by,role,sponsor_id,level,end_on,reason,recorded_at\n"
        "m-1,c-3,club,nominated,2026-01-05,lee,,,,,known for years,\n"
        "m-2,c-4,club,granted,2026-01-05,wu,leader,,silver,2026-04-05,a favour,\n"
    ),
}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "book"
    found.mkdir()
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def book(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.db"
    assert CliRunner().invoke(app, ["import", str(folder), str(path)]).exit_code == 0
    return path


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["vip", *(str(arg) for arg in args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def schema(name: str) -> Draft202012Validator:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```json\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    return Draft202012Validator({**json.loads(found), "$ref": f"#/$defs/{name}"})


def take(step: str, book: Path, policy: Path, *more: str, by: str = "lee", on: str = "2026-03-02", status: int = 0) -> Result:
    return run(step, book, "--policy", policy, "--client", "c-1", "--by", by, "--on", on, *more, status=status)


def roll(book: Path, policy: Path, day: str) -> Any:
    shape = json.loads(run("show", book, "--policy", policy, "--as-of", day, "--json").stdout)
    schema("vip_show").validate(shape)
    return shape["programmes"][0]["roll"]


def test_a_client_goes_all_the_way_in_and_out_again(book: Path, policy: Path) -> None:
    take("apply", book, policy, "--sponsor", "lee")
    take("check", book, policy)
    take("approve", book, policy, by="wu")
    assert [one["client_id"] for one in roll(book, policy, "2026-03-02")["members"]] == ["c-1", "c-4"]
    take("notify", book, policy, on="2027-02-01")
    take("renew", book, policy, by="wu", on="2027-02-02")
    take("revoke", book, policy, "--reason", "fraud", by="wu", on="2027-05-01")
    assert roll(book, policy, "2027-05-01")["members"] == []
    (lasted,) = (one["spells"] for one in roll(book, policy, "2027-04-30")["members"] if one["client_id"] == "c-1")
    assert lasted == [{"level": "gold", "start_on": "2026-03-02", "end_on": None}]


@pytest.mark.parametrize(
    ("by", "sponsor", "told"),
    [
        ("leee", "lee", "--by is 'leee': must be the id of a member of staff in the book; hint: did you mean 'lee'?"),
        ("lee", "boss", "--sponsor is 'boss': must be the id of a member of staff in the book"),
    ],
)
def test_nobody_takes_a_step_or_speaks_for_a_client_who_is_not_of_the_staff(
    book: Path, policy: Path, by: str, sponsor: str, told: str
) -> None:
    assert take("apply", book, policy, "--sponsor", sponsor, by=by, status=2).stderr == f"relcare: {told}\n"
    assert "c-1" not in [one["client_id"] for one in roll(book, policy, "2026-03-02")["waiting"]]


def test_a_book_without_staff_takes_everybody_at_their_word(folder: Path, policy: Path, tmp_path: Path) -> None:
    (folder / "staff.csv").unlink()
    (folder / "membership_events.csv").unlink()
    assert CliRunner().invoke(app, ["import", str(folder), str(tmp_path / "bare.db")]).exit_code == 0
    take("apply", tmp_path / "bare.db", policy, "--sponsor", "boss", by="whoever")


def test_the_roll_says_who_waits_who_could_ask_and_who_is_about_to_lose_it(book: Path, policy: Path) -> None:
    found = roll(book, policy, "2026-03-10")
    assert [(one["client_id"], one["level"]) for one in found["members"]] == [("c-4", "silver")]
    assert [(one["client_id"], one["missing"]) for one in found["waiting"]] == [("c-3", ["check", "approval"])]
    assert found["waiting"][0]["shortfall"] == {"big": {"revenue": "1000.00"}}
    assert found["candidates"] == ["c-1", "c-2"]
    assert found["ending"] == ["c-4"]
    assert roll(book, policy, "2026-03-05")["ending"] == []  # 31 days ahead


def test_one_programme_of_several_is_shown_alone(book: Path, policy: Path) -> None:
    second = '[[vip]]\nid = "friends"\napproval = "leader"\npaths = [{ id = "any", when = "revenue > 0" }]\n'
    policy.write_text(POLICY + second, encoding="utf-8")
    day = ("--policy", policy, "--as-of", "2026-03-10")
    both, one = (json.loads(run("show", book, *day, *more, "--json").stdout) for more in ((), ("--programme", "friends")))
    assert [programme["id"] for programme in both["programmes"]] == ["club", "friends"]
    assert one == {**both, "programmes": both["programmes"][1:]}
    text = run("show", book, *day, "--programme", "friends").stdout
    assert "VIP programme friends" in text
    assert "club" not in text
    refused = run("show", book, *day, "--programme", "freinds", status=2)
    assert refused.stderr == "relcare: unknown programme 'freinds'; hint: did you mean 'friends'?\n"


def test_the_roll_is_told_in_words(book: Path, policy: Path) -> None:
    text = run("show", book, "--policy", policy, "--as-of", "2026-03-10").stdout
    for part in ("Members of club: 0", "About to lose club: 1", "Asked for club: 1", "Qualify for club and did not ask: 2"):
        assert part in text
    assert "[red]Møller[/red]" in text
    assert "revenue >=" in text.partition("Qualify for club")[2]  # by what they qualify, not that they are no members


def test_a_step_prints_its_documented_shape(book: Path, policy: Path) -> None:
    shape = json.loads(take("grant", book, policy, "--until", "2026-06-01", "--level", "gold", "--json", by="wu").stdout)
    schema("vip_step").validate(shape)
    assert (shape["event"]["role"], shape["event"]["end_on"]) == ("leader", "2026-06-01")
    assert (shape["membership"]["state"], shape["membership"]["next_on"]) == ("member", "2026-06-01")


def test_a_step_says_in_words_where_the_client_stands(book: Path, policy: Path) -> None:
    told = take("nominate", book, policy, "--id", "m-9", "--reason", "a friend").stdout
    assert told == (
        "c-1 nominated on 2026-03-02 (m-9): nominated for programme club on 2026-03-02 by lee: a friend; "
        "still missing: check and approval\n"
    )
    take("nominate", book, policy, "--id", "m-9", "--reason", "a friend")  # the same again


@pytest.mark.parametrize(
    ("step", "by", "told"),
    [
        ("approve", "wu", "must not be taken"),
        ("renew", "wu", "must not be taken"),
    ],
)
def test_an_illegal_step_is_refused_and_nothing_is_written(book: Path, policy: Path, step: str, by: str, told: str) -> None:
    assert told in take(step, book, policy, by=by, status=2).stderr
    assert roll(book, policy, "2026-03-02")["waiting"][0]["client_id"] == "c-3"


def test_nobody_without_the_role_approves(book: Path, policy: Path) -> None:
    take("apply", book, policy)
    take("check", book, policy)
    assert "must be 'leader'" in take("approve", book, policy, status=2).stderr


def test_a_folder_is_not_written_to(folder: Path, policy: Path) -> None:
    assert "make a book of it with relcare import" in take("apply", folder, policy, status=2).stderr


def test_the_programme_is_asked_for_where_there_are_several(book: Path, policy: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.toml"
    two.write_text(POLICY + POLICY[POLICY.index("[[vip]]") :].replace('"club"', '"circle"'), encoding="utf-8")
    assert "2 programmes" in take("apply", book, two, status=2).stderr
    assert "c-1 applied" in take("apply", book, two, "--programme", "circle").stdout


class TestDemo:
    """VIP-2 in the packaged book: whoever applies is checked and approved by its head, under the preset that fits it."""

    def test_a_client_of_the_demo_book_becomes_a_vip_under_the_warehouse_preset(self, tmp_path: Path) -> None:
        book = tmp_path / "demo.db"
        assert CliRunner().invoke(app, ["demo", "--book", str(book), "--policy", "preset:warehouse", "--json"]).exit_code == 0
        given = (book, "--policy", "preset:warehouse", "--client", "c-005", "--on", "2026-03-31", "--json")

        def state(command: str, by: str, status: int = 0) -> str | None:
            result = run(command, *given, "--by", by, status=status)
            return str(json.loads(result.stdout)["membership"]["state"]) if status == 0 else None

        assert state("apply", "lin") == "applied"
        assert state("approve", "zhou", status=2) is None  # not before it was checked
        state("check", "lin")
        assert state("approve", "wu", status=2) is None  # an account manager is no leader
        assert state("approve", "zhou") == "member"
