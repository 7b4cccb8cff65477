import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from rich.console import Console

import relcare.desk
from relcare.cli._app import app
from relcare.demo import DEMO_AS_OF, demo_book
from relcare.model import Client
from relcare.report import Column, Listing, Row, plain, reading_bar
from relcare.storage import SqliteStore, load_book
from relcare.testing import FixedClock

ROOT = Path(__file__).parents[2]
DAY = "2026-03-31"

POLICY = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
currency = "CNY"

[facts.likelihood]
type = "level"
values = ["low", "high"]
from = "client.likelihood"
may_be_missing = true

[facts.largest_purchase]
type = "money"
grain = "0.01"
min = "0"
measure = { max = "purchases.amount", when_empty = "0" }

[[segmentation]]
id = "ab"
kind = "quota"
score = [{ fact = "likelihood", points = { low = 1, high = 2 } }]
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
missing = "hold"

[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
grace = "2 days"

[[cadence]]
id = "visit-A"
channel = "visit"
every = "1 month"
lead = "1 week"
when = "tier.ab == 'A'"

[[vip]]
id = "vip"
paths = [{ id = "one purchase", when = "largest_purchase >= 10_000" }]

[[examples]]
given = { largest_purchase = "10000" }
expect = { "vip.vip" = "yes" }
"""

FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\ncurrency = "CNY"\n',
    "clients.csv": (
        "client_id,name,relationship_types,owner_id,client_since_on,likelihood\n"
        "c-1,金泰物流有限公司,partner,lee,2025-01-01,high\n"
        "c-2,김철수,end_customer|channel,lee,2025-01-01,low\n"
        "c-3,[red]Møller[/red] :smile: & Søn,,wu,2025-01-01,\n"
    ),
    "touchpoints.csv": (
        "touchpoint_id,client_id,occurred_at,channel,outcome\n"
        "t-1,c-1,2026-03-16,call,reached\n"
        "t-2,c-2,2026-03-20,call,reached\n"
        "t-3,c-1,2026-03-04,visit,met\n"
    ),
    "purchases.csv": "purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-02-03,10000\nb-2,c-2,2026-02-03,9999.99\n",
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


@pytest.fixture
def book(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.db"
    run("import", folder, path)
    return path


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def run_json(*args: object, status: int = 0) -> Any:
    return json.loads(run(*args, "--json", status=status).stdout)


def schema(name: str) -> Draft202012Validator:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    found = re.findall(r"^```json\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    definitions = json.loads(found[0])
    assert name in definitions["$defs"]
    Draft202012Validator.check_schema(definitions)
    return Draft202012Validator({**definitions, "$ref": f"#/$defs/{name}"})


class TestShapes:
    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("review_show", ("review", "show")),
            ("due", ("due",)),
            ("board", ("board",)),
            ("vip_show", ("vip", "show")),
        ],
    )
    @pytest.mark.parametrize("preset", ["consulting", "agent"])
    def test_a_question_about_a_book_answers_in_its_documented_shape(
        self, name: str, command: tuple[str, ...], preset: str
    ) -> None:
        demo = ROOT / "src" / "relcare" / "demo" / "book"
        schema(name).validate(run_json(*command, demo, "--policy", f"preset:{preset}", "--as-of", DAY))

    def test_explain_answers_in_its_documented_shape(self, folder: Path, policy: Path) -> None:
        shape = run_json("explain", folder, "--policy", policy, "--as-of", DAY, "--client", "c-2")
        schema("explain").validate(shape)
        assert shape["client"]["relationship_types"] == ["channel", "end_customer"]
        assert shape["facts"]["largest_purchase"] == "9999.99"
        assert [one["programme_id"] for one in shape["vip"]] == ["vip"]

    def test_demo_answers_in_its_documented_shape(self) -> None:
        shape = run_json("demo")
        schema("demo").validate(shape)
        assert shape["as_of"] == DAY
        assert [one["policy_id"] for one in shape["policies"]] == ["consulting", "agent"]

    def test_review_show_gives_tier_score_rank_and_reasons(self, folder: Path, policy: Path) -> None:
        shape = run_json("review", "show", folder, "--policy", policy, "--as-of", DAY)
        (scheme,) = shape["schemes"]
        facts = [(one["client_id"], one["tier"], one["score"], one["rank"], one["held"]) for one in scheme["assignments"]]
        assert facts == [("c-1", "A", "2", 1, False), ("c-2", "B", "1", 2, False), ("c-3", None, None, None, True)]
        assert scheme["assignments"][0]["reasons"][0]["code"] == "segmentation.ranked"
        assert scheme["assignments"][0]["reasons"][0]["facts"] == {"likelihood": "high"}
        assert "score 2" in scheme["assignments"][0]["reasons"][0]["text"]

    def test_a_tier_in_force_that_is_not_the_one_worked_out_is_told_beside_it(self, folder: Path, policy: Path) -> None:
        (folder / "tiers.csv").write_text(
            "client_id,scheme_id,tier,start_on,end_on\nc-1,ab,B,2026-02-02,\n"
            "c-2,ab,A,2025-01-01,2026-01-01\nc-2,ab,B,2026-01-01,\n",
            encoding="utf-8",
        )
        question = (folder, "--policy", policy, "--as-of", DAY)
        shape = run_json("review", "show", *question)
        schema("review_show").validate(shape)
        told = {
            (one["client_id"], one["tier"]): [reason["values"] for reason in one["reasons"] if reason["code"] == "tier.in_force"]
            for one in shape["schemes"][0]["assignments"]
        }
        values = {"scheme": "ab", "in_force": "B", "since": "2026-02-02", "tier": "A"}
        assert {key: found for key, found in told.items() if found} == {("c-1", "A"): [values]}
        assert "B is in force since 2026-02-02, until a review" in re.sub(r"\s+", " ", run("review", "show", *question).stdout)
        found = run_json("explain", *question, "--client", "c-1")
        schema("explain").validate(found)
        text = "tier B of scheme ab is in force since 2026-02-02, not A, until a review puts another in force"
        assert found["tiers"][0]["reasons"][-1]["text"] == text
        assert text in re.sub(r"\s+", " ", run("explain", *question, "--client", "c-1").stdout)
        for quiet in ("c-2", "c-3"):
            assert "in force since" not in run("explain", *question, "--client", quiet).stdout

    def test_vip_show_gives_amounts_as_decimal_text_and_shortfalls_by_path_and_fact(self, folder: Path, policy: Path) -> None:
        shape = run_json("vip", "show", folder, "--policy", policy, "--as-of", DAY)
        yes, near, far = shape["programmes"][0]["decisions"]
        assert (yes["qualification"], yes["first_eligible_on"], yes["shortfall"]) == ("yes", "2026-02-03", {})
        assert near["shortfall"] == {"one purchase": {"largest_purchase": "0.01"}}
        assert near["paths"] == [
            {
                "id": "one purchase",
                "answer": "no",
                "first_eligible_on": None,
                "first_ever_on": None,
                "shortfall": {"largest_purchase": "0.01"},
                "missing": [],
            }
        ]
        assert far["first_eligible_on"] is None

    def test_names_stand_in_json_in_their_own_script(self, folder: Path, policy: Path) -> None:
        out = run("explain", folder, "--policy", policy, "--as-of", DAY, "--client", "c-2", "--json").stdout
        assert "김철수" in out

    def test_the_same_question_gives_the_same_bytes_from_a_folder_and_from_a_book(
        self, folder: Path, book: Path, policy: Path
    ) -> None:
        for command in (("review", "show"), ("due",), ("board",), ("vip", "show")):
            asked = ("--policy", policy, "--as-of", DAY, "--json")
            assert run(*command, folder, *asked).stdout == run(*command, book, *asked).stdout


class TestDue:
    def test_without_until_it_lists_what_has_begun(self, folder: Path, policy: Path) -> None:
        shape = run_json("due", folder, "--policy", policy, "--as-of", DAY)
        assert [one["key"] for one in shape["obligations"]] == ["c-3/call/first", "c-1/call/t-1", "c-1/visit-A/t-3"]
        assert [(one["client_id"], one["missing"]) for one in shape["undecided"]] == [("c-3", ["tier.ab"])]

    def test_until_adds_what_is_due_by_that_day_inclusive(self, folder: Path, policy: Path) -> None:
        def keys(until: str) -> set[str]:
            shape = run_json("due", folder, "--policy", policy, "--as-of", DAY, "--until", until)
            return {one["key"] for one in shape["obligations"]}

        assert keys("2026-04-03") - keys("2026-04-02") == {"c-2/call/t-2"}

    def test_until_before_the_day_is_wrong_use(self, folder: Path, policy: Path) -> None:
        result = run("due", folder, "--policy", policy, "--as-of", DAY, "--until", "2026-03-30", status=2)
        assert "before --as-of" in result.stderr

    @pytest.mark.parametrize(("owner", "keys"), [("wu", ["c-3/call/first"]), ("nobody", [])])
    def test_an_owner_sees_own_clients_only(self, folder: Path, policy: Path, owner: str, keys: list[str]) -> None:
        shape = run_json("due", folder, "--policy", policy, "--as-of", DAY, "--owner", owner)
        assert [one["key"] for one in shape["obligations"]] == keys
        assert len(shape["undecided"]) == len(keys)

    def test_the_board_of_an_owner_holds_own_clients_only(self, folder: Path, policy: Path) -> None:
        shape = run_json("board", folder, "--policy", policy, "--as-of", DAY, "--owner", "wu")
        assert {one["client_id"] for one in (*shape["obligations"], *shape["undecided"])} == {"c-3"}

    def test_every_key_on_a_board_stands_among_its_obligations_once(self, folder: Path, policy: Path) -> None:
        shape = run_json("board", folder, "--policy", policy, "--as-of", DAY)
        named = [key for section in shape["sections"] for key in section["keys"]]
        listed = [one["key"] for one in shape["obligations"]]
        assert set(named) == set(listed)
        assert len(listed) == len(set(listed))

    def test_today_is_read_off_the_clock_in_the_zone_of_the_book(
        self, folder: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late_in_london = datetime(2026, 3, 30, 23, 30, tzinfo=UTC)
        monkeypatch.setattr(relcare.desk, "SystemClock", lambda: FixedClock(late_in_london))
        assert run_json("due", folder, "--policy", policy, "--as-of", "today")["as_of"] == DAY


class TestCheck:
    def test_a_document_whose_examples_hold_is_fine(self, policy: Path) -> None:
        assert "1 worked example" in run("check", policy).stdout
        shape = run_json("check", policy)
        schema("check").validate(shape)
        assert shape["is_ok"]

    @pytest.mark.parametrize("name", ["consulting", "agent"])
    def test_every_preset_is_fine(self, name: str) -> None:
        run("check", f"preset:{name}")

    def test_an_example_that_fails_is_a_finding(self, policy: Path) -> None:
        policy.write_text(POLICY.replace('largest_purchase = "10000"', 'largest_purchase = "9999"'), encoding="utf-8")
        result = run("check", policy, status=1)
        assert "examples[0].expect: vip.vip is no, not yes" in result.stdout
        shape = run_json("check", policy, status=1)
        schema("check").validate(shape)
        failures = shape["policies"][0]["examples"]["failures"]
        line = policy.read_text(encoding="utf-8").splitlines().index("[[examples]]") + 1
        assert failures == [{"index": 0, "line": line, "key": "vip.vip", "expected": "yes", "found": "no"}]

    def test_every_mistake_of_a_document_is_one_line_with_its_place(self, policy: Path) -> None:
        wrong = POLICY.replace('every = "2 weeks"', 'every = "2 weks"').replace("tier.ab == 'A'", "tier.bb == 'A'")
        policy.write_text(wrong, encoding="utf-8")
        result = run("check", policy, status=2)
        lines = result.stderr.splitlines()
        assert len(lines) == 2
        for line in lines:
            assert re.match(rf"{re.escape(str(policy))}:\d+:\d+: cadence\[\d\]\.\w+: ", line)
        shape = run_json("check", policy, status=2)
        schema("check").validate(shape)
        assert [one["path"] for one in shape["policies"][0]["problems"]] == ["cadence[0].every", "cadence[1].when"]

    @pytest.mark.parametrize("content", [b"", b"format = 1\n[policy", b"\xff\xfe\x00", b"format = 2\n"])
    def test_what_is_no_policy_is_bad_input(self, policy: Path, content: bytes) -> None:
        policy.write_bytes(content)
        assert str(policy) in run("check", policy, status=2).stderr


class TestWrongUse:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("nonsense",), "No such command"),
            (("due", "{folder}", "--policy", "{policy}"), "--as-of"),
            (("due", "{folder}", "--as-of", DAY), "--policy"),
            (("due", "{folder}", "--policy", "{policy}", "--as-of", "31.3.2026"), "is no date"),
            (("due", "{folder}", "--policy", "{policy}", "--as-of", "2026-02-30"), "is no date"),
            (("due", "{folder}", "--policy", "{policy}", "--as-of", "1800-01-01"), "is not from 1900-01-01"),
            (("due", "{folder}", "--policy", "{policy}", "--as-of", "2025-12-31"), "outside the effective dates"),
            (("due", "{folder}", "--policy", "nowhere.toml", "--as-of", DAY), "does not exist"),
            (("due", "{folder}", "--policy", "preset:consultin", "--as-of", DAY), "did you mean 'consulting'?"),
            (("due", "nowhere", "--policy", "{policy}", "--as-of", DAY), "does not exist"),
            (("due", "{policy}", "--policy", "{policy}", "--as-of", DAY), "house.toml"),
            (("explain", "{folder}", "--policy", "{policy}", "--as-of", DAY, "--client", "c-9"), "unknown client 'c-9'"),
            (("preset", "agnt"), "did you mean 'agent'?"),
            (("check", "{folder}"), "is a directory"),
        ],
    )
    def test_it_ends_with_status_2_and_says_why(self, args: tuple[str, ...], message: str, folder: Path, policy: Path) -> None:
        result = run(*(arg.format(folder=folder, policy=policy) for arg in args), status=2)
        assert message in result.stderr
        assert not result.stdout

    def test_every_mistake_of_a_folder_is_one_line_with_its_place(self, folder: Path, policy: Path) -> None:
        (folder / "purchases.csv").write_text(
            "purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-02-31,10000\nb-2,c-7,2026-02-03,1e5\n", encoding="utf-8"
        )
        result = run("due", folder, "--policy", policy, "--as-of", DAY, status=2)
        lines = result.stderr.splitlines()
        assert len(lines) == 3
        assert all(re.match(r".*purchases\.csv:[23]:\d+: ", line) for line in lines)


class TestLog:
    def test_a_recorded_call_is_no_longer_owed(self, book: Path, policy: Path) -> None:
        args = ("--client", "c-1", "--channel", "call", "--on", DAY, "--outcome", "reached", "--by", "lee")
        shape = run_json("log", book, *args, "--note", "two\nlines")
        schema("log").validate(shape)
        assert shape["touchpoint"]["occurred_at"] == DAY
        assert shape["touchpoint"]["staff_id"] == "lee"
        owed = run_json("due", book, "--policy", policy, "--as-of", DAY)["obligations"]
        assert not [one for one in owed if (one["client_id"], one["rule_id"]) == ("c-1", "call")]

    def test_nobody_logs_who_is_not_of_the_staff(self, book: Path) -> None:
        words = ("--client", "c-1", "--channel", "call", "--on", DAY, "--by", "leee")
        refused = run("log", book, *words, status=2).stderr
        assert refused == "relcare: --by is 'leee': must be the id of a member of staff in the book; hint: did you mean 'lee'?\n"

    @pytest.mark.parametrize(
        "told, kept",
        [
            ("2026-04-02", "2026-04-02"),
            ("2026-04-02T14:30", "2026-04-02T14:30:00+09:00"),
            ("2026-04-02T14:30+02:00", "2026-04-02T21:30:00+09:00"),
        ],
    )
    def test_what_was_promised_for_the_next_contact_is_kept_on_the_book_s_clocks(self, book: Path, told: str, kept: str) -> None:
        shape = run_json("log", book, "--client", "c-1", "--channel", "call", "--on", DAY, "--follow-up-at", told)
        schema("log").validate(shape)
        assert shape["touchpoint"]["follow_up_at"] == kept

    def test_a_promised_callback_is_owed_at_its_time(self, book: Path, tmp_path: Path) -> None:
        rules = tmp_path / "callback.toml"
        rules.write_text(
            'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
            '[[trigger]]\nid = "callback"\nchannel = "call"\nevent = "direction == \'incoming\'"\nwithin = "agreed"\n',
            encoding="utf-8",
        )
        call = ("--client", "c-1", "--channel", "call", "--on", DAY, "--direction", "incoming")
        run("log", book, *call, "--follow-up-at", "2026-04-02T14:30", "--id", "asked")
        (owed,) = run_json("due", book, "--policy", rules, "--as-of", DAY, "--until", "2026-04-30")["obligations"]
        assert (owed["key"], owed["due_on"], owed["due_at"]) == ("c-1/callback/asked", "2026-04-02", "2026-04-02T14:30:00+09:00")

    def test_the_same_id_twice_is_recorded_once(self, book: Path) -> None:
        args = ("log", book, "--client", "c-1", "--channel", "call", "--on", DAY, "--id", "t-9")
        assert run(*args).stdout == run(*args).stdout == f"recorded t-9: call with c-1 on {DAY}\n"
        with SqliteStore.open(book) as store:
            assert [touch.id for touch in load_book(store).touchpoints].count("t-9") == 1
        run(*args, "--outcome", "missed", status=2)

    def test_an_id_is_made_up_and_never_twice(self, book: Path) -> None:
        args = ("log", book, "--client", "c-1", "--channel", "call", "--on", DAY)
        assert run(*args).stdout != run(*args).stdout

    def test_a_folder_is_refused_and_left_as_it_is(self, folder: Path) -> None:
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        result = run("log", folder, "--client", "c-1", "--channel", "call", "--on", DAY, status=2)
        assert "relcare import" in result.stderr
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--client", "c-9"),
            ("--channel", ""),
            ("--on", "yesterday"),
            ("--voids", "t-9"),
            ("--direction", "sideways"),
            ("--follow-up-at", "soon"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, book: Path, wrong: tuple[str, str]) -> None:
        args = {"--client": "c-1", "--channel": "call", "--on": DAY} | dict([wrong])
        run("log", book, *(part for pair in args.items() for part in pair), status=2)


class TestImport:
    def test_it_counts_what_is_in_the_book_and_lists_what_is_worth_a_look(self, folder: Path, tmp_path: Path) -> None:
        result = run("import", folder, tmp_path / "one.db")
        assert "3 clients, 0 people, 3 touchpoints, 2 purchases, 1 staff, 0 tier spells, 0 consents" in result.stdout
        assert "the owner of client c-3, wu, is not among the staff" in result.stdout
        shape = run_json("import", folder, tmp_path / "two.db")
        schema("import").validate(shape)
        assert shape["notices"] == [{"code": "book.unknown_owner", "kind": "client", "id": "c-3", "value": "wu"}]

    def test_it_writes_over_nothing(self, folder: Path, tmp_path: Path) -> None:
        there = tmp_path / "there.db"
        there.write_bytes(b"mine")
        assert "must not exist yet" in run("import", folder, there, status=2).stderr
        assert there.read_bytes() == b"mine"

    def test_a_place_that_cannot_be_written_is_bad_input(self, folder: Path, tmp_path: Path) -> None:
        run("import", folder, tmp_path / "no" / "such" / "place.db", status=2)


class TestPreset:
    def test_the_document_is_printed_to_the_byte(self) -> None:
        packaged = ROOT / "src" / "relcare" / "presets" / "agent.toml"
        assert run("preset", "agent").stdout == packaged.read_text(encoding="utf-8")
        schema("preset").validate(run_json("preset", "agent"))

    def test_without_a_name_they_are_listed(self) -> None:
        shape = run_json("preset")
        schema("presets").validate(shape)
        assert {"agent", "consulting"} <= {one["name"] for one in shape["presets"]}
        assert "consulting" in run("preset").stdout


class TestDemo:
    def test_it_shows_tiers_boards_types_and_vips_with_reasons_in_80_columns(self) -> None:
        lines = run("demo").stdout.splitlines()
        assert 120 <= len(lines) <= 240
        assert max(map(cell_len, lines)) <= 80
        text = "\n".join(lines)
        for part in ("Tiers of abc: A ", "Today, 2026-03-31", "Tomorrow, 2026-04-01", "This week, to 2026-04-05", "A month, to "):
            assert part in text
        for part in ("VIP programme vip", "Tiers of revenue", "upstream: ", "partner: ", "channel: ", "end_customer: "):
            assert part in text

    def test_it_leaves_a_book_to_play_with_and_writes_over_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "play.db"
        assert f"relcare board {path}" in run("demo", "--book", path).stdout
        with SqliteStore.open(path) as store:
            assert len(load_book(store).clients) == len(demo_book().clients)
        run("board", path, "--policy", "preset:consulting", "--as-of", DAY)
        run("demo", "--book", path, status=2)

    def test_another_day_and_another_policy(self, policy: Path) -> None:
        assert run_json("demo", "--as-of", "2026-03-01", "--policy", policy)["as_of"] == "2026-03-01"
        run("demo", "--policy", policy)

    def test_the_book_is_the_packaged_one_and_its_day_the_last_of_its_history(self) -> None:
        book = demo_book()
        assert 55 <= len(book.clients) <= 65
        days = [date(t.occurred_at.year, t.occurred_at.month, t.occurred_at.day) for t in book.touchpoints]
        assert max(days) <= DEMO_AS_OF


class TestTables:
    @pytest.mark.parametrize("command", [("review", "show"), ("due", "--until", "2026-12-31"), ("vip", "show"), ("board",)])
    def test_every_list_fits_80_columns(self, command: tuple[str, ...], folder: Path, policy: Path) -> None:
        out = run(*command[:2], *command[2:], folder, "--policy", policy, "--as-of", DAY).stdout
        assert max(map(cell_len, out.splitlines())) <= 80
        assert "金泰物流有限公司" in out

    def test_a_name_is_shown_as_it_is_and_never_as_markup(self, folder: Path, policy: Path) -> None:
        out = run("explain", folder, "--policy", policy, "--as-of", DAY, "--client", "c-3").stdout
        assert out.startswith("c-3 [red]Møller[/red] :smile: & Søn\n")

    def test_columns_line_up_whatever_the_script(self) -> None:
        names = ["金泰物流有限公司上海分公司第一事业部仓储物流", "김철수", "Møller", "👩‍👩‍👧 family", ""]
        listing = Listing(
            title="t",
            columns=(Column("Client"), Column("Who", 6), Column("N", 5, "right")),
            rows=[Row((n, "lee", "7")) for n in names],
        )
        lines = list(printed(listing))[1:]
        heads = {cell_len(line[: line.index("lee")]) for line in lines[1:]}
        assert len(heads) == 1
        assert len({cell_len(line) for line in lines}) == 1

    def test_reasons_wrap_behind_their_indent_without_blanks_at_the_end(self) -> None:
        listing = Listing(title="t", columns=(Column("Client"),), rows=[Row(("c",), "because " * 40)])
        lines = list(printed(listing))[3:]
        assert len(lines) > 3
        assert all(line.startswith("    because") and line == line.rstrip() for line in lines)

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain", "plain"),
            ("[bold]x[/bold]", "[bold]x[/bold]"),
            ("a\x1b[31mb\x07", "a[31mb"),
            ("a\r\nb\tc", "a b c"),
            ("abc\u202edef\u2066", "abcdef"),
            ("zero\u200bwidth", "zerowidth"),
            ("\ud800", ""),
            ("👩‍👧", "👩‍👧"),
            ("line\u2028end", "line end"),
            ("C1 \x9b31m", "C1 31m"),
        ],
    )
    def test_text_loses_what_could_steer_a_terminal(self, text: str, shown: str) -> None:
        assert plain(text) == shown

    def test_a_name_from_a_book_reaches_the_terminal_without_direction_marks(self, policy: Path, tmp_path: Path) -> None:
        path = tmp_path / "odd.db"
        client = Client(id="c-1", name="Kim\u200f\u200b Ltd")
        SqliteStore.create(path, relcare.model.Book(clients=[client])).close()
        out = run("due", path, "--policy", policy, "--as-of", DAY).stdout
        assert "c-1 Kim Ltd" in out

    def test_the_bar_names_the_file_and_counts_its_lines(self) -> None:
        out = StringIO()
        with reading_bar(Console(file=out, force_terminal=True, width=100)) as told:
            told("somewhere/purchases.csv", 0, 200_000)
            told("somewhere/purchases.csv", 200_000, 200_000)
        assert "purchases.csv" in out.getvalue()
        assert "200000/200000" in out.getvalue()


def printed(listing: Listing) -> Iterator[str]:
    out = StringIO()
    Console(file=out, width=80).print(listing)
    yield from out.getvalue().splitlines()


class TestProcess:
    def test_without_the_extra_it_says_what_to_install(self) -> None:
        script = "import sys; sys.modules['click'] = None; from relcare.cli import main; main(['demo'])"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2
        assert done.stderr == "the command relcare needs the extra 'cli'; hint: pip install 'relcare[cli]'\n"

    def test_the_tables_by_themselves_say_what_to_install(self) -> None:
        script = "import sys; sys.modules['rich'] = None; import relcare.report"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
        assert done.stderr.endswith("relcare.report needs the extra 'cli'; hint: pip install 'relcare[cli]'\n")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
    @pytest.mark.parametrize("extra", [(), ("--json",)])
    def test_an_output_that_cannot_be_written_is_said_in_one_line(self, extra: tuple[str, ...]) -> None:
        script = "import sys; from relcare.cli import main; main(sys.argv[1:])"
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-c", script, "demo", *extra],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
            )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith("relcare: the output cannot be written: ")
        assert len(done.stderr.splitlines()) == 1

    def test_json_is_ascii_where_the_stream_is(self, folder: Path, policy: Path) -> None:
        script = "import sys; from relcare.cli import main; main(sys.argv[1:])"
        args = ["explain", str(folder), "--policy", str(policy), "--as-of", DAY, "--client", "c-1"]
        for extra in (["--json"], []):
            done = subprocess.run(
                [sys.executable, "-c", script, *args, *extra],
                capture_output=True,
                check=False,
                timeout=60,
                env={"PYTHONIOENCODING": "ascii"},
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout.isascii()
            if extra:
                assert json.loads(done.stdout)["client"]["name"] == "金泰物流有限公司"

    def test_version_and_help(self) -> None:
        assert run("--version").stdout.startswith("relcare ")
        for command in ((), ("review",), ("due",), ("log",), ("demo",)):
            assert "Usage: " in run(*command, "--help").stdout
