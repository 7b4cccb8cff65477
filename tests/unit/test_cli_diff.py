import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from relcare.cli._app import app
from relcare.codec import dumps_policy
from relcare.demo import demo_book
from relcare.presets import preset_text
from relcare.storage import SqliteStore

ROOT = Path(__file__).parents[2]
DAY = "2026-03-31"
HOUSE = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "money"
min = "0"
may_be_missing = true
[[segmentation]]
id = "size"
kind = "threshold"
tiers = [{ id = "A", when = "revenue >= 1_000" }]
otherwise = "B"
"""


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["diff", *(str(arg) for arg in args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def shape_of(*args: object, status: int = 1) -> Any:
    shape = json.loads(run(*args, "--json", status=status).stdout)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": "#/$defs/diff"}).validate(shape)
    return shape


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def more_a(tmp_path: Path) -> Path:
    """The consulting preset with A at 25 %; B keeps its 40 %."""
    text = preset_text("consulting")
    for before, after in (('"A", share = "20%"', '"A", share = "25%"'), ('"C", share = "40%"', '"C", share = "35%"')):
        assert before in text
        text = text.replace(before, after)
    return written(tmp_path / "more-a.toml", text)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.db"
    SqliteStore.create(path, demo_book()).close()
    return path


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return written(tmp_path / "house.toml", HOUSE)


class TestShareOverTheDemoBook:
    def test_it_tells_who_moves_who_pays_and_what_it_does_to_the_workload(self, more_a: Path, book: Path) -> None:
        out = run("preset:consulting", more_a, "--book", book, "--as-of", DAY, status=1).stdout
        assert max(map(cell_len, out.splitlines())) <= 80
        for part in (
            "tiers and VIPs: only raises",
            "segmentation abc tiers.A.share                  20%             25%",
            "places of 100: A 20 → 25, B 40 → 40, C 40 → 35",
            "A gains 5; C pays 5",
            "On 2026-03-31, 6 of 60 clients move",
            "Scheme abc: B → A 3, C → B 3",
            "c-008 江浦里冷链物流有限公司",
            "border at 10",
            "Contacts owed: 12 lost, 15 gained, 0 on another day",
        ):
            assert part in out
        assert re.search(r"^ {2}researcher +600 +780 +\+180$", out, re.MULTILINE)

    def test_its_json_has_the_documented_shape(self, more_a: Path, book: Path) -> None:
        shape = shape_of("preset:consulting", more_a, "--book", book, "--as-of", DAY)
        assert (shape["is_equal"], shape["direction"]) == (False, "only raises")
        assert shape["schemes"][0]["shares"] == {
            "sizes": [
                {"tier": "A", "before": "20.00", "after": "25.00"},
                {"tier": "B", "before": "40.00", "after": "40.00"},
                {"tier": "C", "before": "40.00", "after": "35.00"},
            ],
            "flows": [{"before": "B", "after": "A", "places": "5.00"}, {"before": "C", "after": "B", "places": "5.00"}],
            "payers": [{"tier": "C", "places": "5.00"}],
        }
        moved = shape["book"]
        assert moved["moved"] == [move["client_id"] for move in moved["tier_moves"]]
        assert (moved["clients"], len(moved["moved"])) == (60, 6)
        assert moved["workload"]["after"]["researcher"] == "780.00"
        assert {one["rule_id"] for one in moved["gained"]} == {"call-A", "visit-A", "news-A", "call-B", "visit-B"}


class TestRegions:
    def test_a_region_has_its_criterion_and_an_example(self, house: Path, tmp_path: Path) -> None:
        new = written(tmp_path / "new.toml", HOUSE.replace("1_000", "900"))
        out = run(house, new, status=1).stdout
        assert "Scheme size: 1 region, only raises" in out
        assert "revenue >= 900 and revenue < 1000; for example revenue 900.00" in " ".join(out.split())
        (region,) = shape_of(house, new)["schemes"][0]["regions"]
        assert region == {
            "before": {"kind": "tier", "tier": "B"},
            "after": {"kind": "tier", "tier": "A"},
            "when": "revenue >= 900 and revenue < 1000",
            "witness": {"revenue": "900.00"},
            "computed": [],
        }
        assert shape_of(house, new)["book"] is None

    def test_segments_have_regions_and_a_grade_that_is_cut_otherwise_shows_on_a_book(self, tmp_path: Path, book: Path) -> None:
        """SEG-5, SEG-7."""
        measured = HOUSE.replace('min = "0"', 'min = "0"\nmeasure = { sum = "purchases.amount" }').replace(
            "may_be_missing = true\n", ""
        )
        measured = measured.replace("effective_from = 2026-01-01", 'effective_from = 2026-01-01\ncurrency = "CNY"')
        more = (
            '[[grade]]\nid = "spend"\nfact = "revenue"\nparts = 2\nbetter = "more"\n'
            '[[segment]]\nid = "big"\nwhen = "revenue >= 50"\n'
        )
        old = written(tmp_path / "old.toml", measured + more)
        new = written(tmp_path / "new.toml", measured + more.replace("parts = 2", "parts = 5").replace(">= 50", ">= 40"))
        told = run(old, new, "--book", book, "--as-of", DAY, status=1).output
        assert "Segment big: 1 region, only raises" in told
        assert "revenue >= 40 and revenue < 50; for example revenue 40.00" in told
        assert "Grade spend: other parts" in told
        assert "of 2" in told
        assert "of 5" in told
        shape = shape_of(old, new, "--book", book, "--as-of", DAY)
        assert [one["by_rank"] for one in shape["grades"]] == [["parts"]]
        assert [region["before"]["kind"] for region in shape["segments"][0]["regions"]] == ["no"]
        assert {move["after"]["parts"] for move in shape["book"]["grade_moves"]} == {5}

    def test_what_could_not_be_found_out_is_said_and_is_not_equal(self, house: Path, tmp_path: Path) -> None:
        new = written(tmp_path / "new.toml", HOUSE.replace('min = "0"', 'min = "-5"'))
        out = run(house, new, status=1).stdout
        assert "Scheme size: undecided" in out
        assert "the two policies declare revenue with different values" in out
        assert "1 comparison is undecided" in out
        assert shape_of(house, new)["schemes"][0]["undecided"] == "the two policies declare revenue with different values"

    def test_presets_that_have_little_in_common_are_compared_all_the_same(self, book: Path) -> None:
        shape_of("preset:consulting", "preset:agent", "--book", book, "--as-of", DAY)
        out = run("preset:consulting", "preset:agent", "--book", book, "--as-of", DAY, status=1).stdout
        assert max(map(cell_len, out.splitlines())) <= 80


class TestStatus:
    @pytest.mark.parametrize("name", ["consulting", "agent"])
    def test_a_preset_equals_itself(self, name: str, book: Path) -> None:
        out = run(f"preset:{name}", f"preset:{name}", "--book", book, "--as-of", DAY).stdout
        assert "they decide every client alike" in out
        assert "0 of 60 clients move" in out
        assert shape_of(f"preset:{name}", f"preset:{name}", status=0)["is_equal"]

    def test_another_title_is_told_and_is_equal(self, house: Path, tmp_path: Path) -> None:
        new = written(tmp_path / "new.toml", HOUSE.replace('version = "1"', 'version = "2"\ntitle = "[bold]Ours"'))
        out = run(house, new).stdout
        assert re.search(r"^ {2}policy title +not given +\[bold\]Ours$", out, re.MULTILINE)

    def test_a_policy_that_was_written_back_is_equal(self, tmp_path: Path) -> None:
        from relcare.presets import preset

        run("preset:agent", written(tmp_path / "again.toml", dumps_policy(preset("agent"))))

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("{house}",), "Missing argument 'NEW'"),
            (("{house}", "nowhere.toml"), "does not exist"),
            (("{house}", "preset:agnt"), "did you mean 'agent'?"),
            (("{house}", "{house}", "--book", "{book}"), "--book needs --as-of"),
            (("{house}", "{house}", "--as-of", DAY), "--as-of goes with --book"),
            (("{house}", "{house}", "--book", "nowhere", "--as-of", DAY), "does not exist"),
            (("{house}", "{later}", "--book", "{book}", "--as-of", DAY), "outside the effective dates of policy 'later'"),
            (("{house}", "{broken}"), "broken.toml:"),
        ],
    )
    def test_wrong_use_and_bad_input_end_with_status_2(
        self, args: tuple[str, ...], message: str, house: Path, book: Path, tmp_path: Path
    ) -> None:
        later = written(tmp_path / "later.toml", HOUSE.replace('"house"', '"later"').replace("2026-01-01", "2026-07-01"))
        broken = written(tmp_path / "broken.toml", HOUSE.replace("revenue >= 1_000", "revenu >= 1_000"))
        result = run(*(arg.format(house=house, book=book, later=later, broken=broken) for arg in args), status=2)
        assert message in result.stderr
        assert not result.stdout

    def test_help_tells_the_exit_status(self) -> None:
        out = run("--help").stdout
        assert "Usage: " in out
        assert "Exit status" in out


class TestOverColumns:
    @pytest.fixture
    def parquet(self, tmp_path: Path) -> Path:
        frames = pytest.importorskip("relcare.frames")
        pytest.importorskip("polars")
        frames.write_parquet(frames.frames_of(demo_book()), tmp_path / "parquet")
        return tmp_path / "parquet"

    @pytest.mark.parametrize("engine", ["polars", "duckdb"])
    def test_how_many_move_is_counted_by_either_engine(self, house: Path, tmp_path: Path, engine: str) -> None:
        frames, native = pytest.importorskip("relcare.frames"), pytest.importorskip("polars")
        pytest.importorskip(engine)
        clients = native.DataFrame({"id": ["a", "b", "c", "d"], "revenue": [950, 1_000, 899, None]})
        frames.write_parquet(frames.Frames(clients=clients), tmp_path / "few")
        new = written(tmp_path / "new.toml", HOUSE.replace("1_000", "900"))
        shape = shape_of(house, new, "--book", tmp_path / "few", "--as-of", DAY, "--engine", engine)
        assert shape["book"] is None
        assert shape["columns"] == {
            "as_of": DAY,
            "engine": engine,
            "clients": 4,
            "moved": 1,
            "direction": "only raises",
            "transitions": [
                {
                    "room": "segmentation",
                    "id": "size",
                    "before": {"kind": "tier", "tier": "B"},
                    "after": {"kind": "tier", "tier": "A"},
                    "clients": 1,
                    "direction": "only raises",
                }
            ],
            "owed": None,
            "workload": None,
            "undecided": None,
        }

    def test_contacts_are_counted_by_rule_and_a_person_reads_tables(self, more_a: Path, parquet: Path) -> None:
        out = run("preset:consulting", more_a, "--book", parquet, "--as-of", DAY, "--engine", "polars", status=1).stdout
        assert max(map(cell_len, out.splitlines())) <= 80
        assert "On 2026-03-31, 6 of 60 clients move" in out
        assert re.search(r"^ {2}B +A +3$", out, re.MULTILINE)
        counts = re.findall(r"^ {2}((?:call|visit|news)-[ABC]) +(\d+) +(\d+) +0$", out, re.MULTILINE)
        # As many as over the book of objects: 12 lost, 15 gained.
        assert [sum(int(row[at]) for row in counts) for at in (1, 2)] == [12, 15]
        assert "minutes of these contacts: 555 lost, 795 gained" in out

    def test_the_workload_is_told_as_over_the_book_of_objects(self, more_a: Path, parquet: Path) -> None:
        asked = ("preset:consulting", more_a, "--book", parquet, "--as-of", DAY)
        by_objects, by_columns = shape_of(*asked)["book"], shape_of(*asked, "--engine", "polars")["columns"]
        assert by_columns["workload"] == by_objects["workload"]
        assert by_columns["undecided"] == by_objects["undecided"] == {"before": 8, "after": 8}
        tables = [run(*asked, *more, status=1).stdout for more in ((), ("--engine", "polars"))]
        workload = [re.search(r"^Workload.*?\n\n", table, re.MULTILINE | re.DOTALL) for table in tables]
        assert workload[0] is not None
        assert workload[1] is not None
        assert workload[0].group() == workload[1].group()

    def test_grades_and_reviews_are_counted_beside_those_who_move(self, tmp_path: Path) -> None:
        frames, native = pytest.importorskip("relcare.frames"), pytest.importorskip("polars")
        grade = '[[grade]]\nid = "rich"\nfact = "revenue"\nparts = 2\nbetter = "more"\n'
        old = written(tmp_path / "old.toml", HOUSE + grade)
        stays = HOUSE.replace("1_000", '1_000", stays = "revenue >= 800')
        new = written(tmp_path / "new.toml", stays + grade.replace("parts = 2", "parts = 3"))
        clients = native.DataFrame({"id": ["a", "b", "c", "d"], "revenue": [950, 1_000, 700, None]})
        tiers = native.DataFrame({"client_id": ["a"], "scheme_id": ["size"], "tier": ["A"], "start_on": [date(2026, 1, 5)]})
        frames.write_parquet(frames.Frames(clients=clients, tiers=tiers), tmp_path / "few")
        asked = (old, new, "--book", tmp_path / "few", "--as-of", DAY, "--engine", "polars")
        shape = shape_of(*asked)["columns"]
        assert (shape["moved"], shape["direction"]) == (0, "equal")
        tier = [{"kind": "tier", "tier": "B"}, {"kind": "tier", "tier": "A"}]
        told = {one["room"]: (one["before"], one["after"], one["clients"]) for one in shape["transitions"] if one["id"] == "size"}
        assert told == {"settled": (*tier, 1), "wanted": (*tier, 1)}
        graded = [one for one in shape["transitions"] if one["room"] == "grades"]
        assert {one["direction"] for one in graded} == {"other"}
        assert {"kind": "grade", "tier": "3"} in [one["after"] for one in graded]
        out = run(*asked, status=1).stdout
        assert "1 client has another grade; 1 client is elsewhere after a review; by polars" in out
        assert "Scheme size, after a review on the day" in out

    def test_a_refusal_names_the_same_command_over_objects(self, house: Path, parquet: Path, tmp_path: Path) -> None:
        new = written(tmp_path / "new.toml", HOUSE + '[[neglect]]\nid = "all"\nrungs = [{ after = "3 days", action = "warn" }]\n')
        told = run(house, new, "--book", parquet, "--as-of", DAY, "--engine", "polars", status=2).stderr
        way = "leave it out with --only segmentation; the same command without --engine decides it client by client"
        assert told == f"<policy>: neglect[0]: is not decided over columns yet; hint: {way}\n"

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (("--engine", "polars"), "--engine goes with --book"),
            (("--only", "vip"), "go with --engine"),
            (("--memory-limit", "1GB"), "go with --engine"),
        ],
        ids=["engine without a book", "only without an engine", "limit without an engine"],
    )
    def test_options_that_come_to_nothing_are_refused(self, house: Path, args: tuple[str, ...], told: str) -> None:
        assert told in run(house, house, *args, status=2).stderr
