import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from rich.console import Console

from relcare.cli._app import app
from relcare.cli._engines import ENGINES
from relcare.cli._engines import PARTS as ENGINE_PARTS
from relcare.codec import load_policy
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.formats import read_book
from relcare.report import working

pl = pytest.importorskip("polars")
pytest.importorskip("duckdb")
frames = pytest.importorskip("relcare.frames")

ROOT = Path(__file__).parents[2]
DAY = "2026-03-31"
POLICY = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.strength]
type = "number"
grain = "0.5"
may_be_missing = true
[[segmentation]]
id = "ab"
kind = "quota"
score = "strength"
scope = "client.region != 'nowhere'"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
[[vip]]
id = "vip"
paths = [{ id = "strong", when = "strength >= 5" }]
"""
FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "clients.csv": (
        "client_id,name,region,strength\nc-1,金泰,east,\nc-2,김철수,east,\nc-3,[red]Møller[/red],nowhere,\nc-4,Ødegård,west,\n"
    ),
}
STRENGTHS = {"c-1": "1.5", "c-2": "6", "c-3": "9", "c-4": None}


@pytest.fixture
def csv_folder(tmp_path: Path) -> Path:
    found = tmp_path / "csv"
    found.mkdir()
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def parquet_folder(tmp_path: Path, csv_folder: Path) -> Path:
    given = frames.frames_of(read_book(csv_folder))
    strength = pl.Series("strength", [STRENGTHS[one] for one in given.clients["id"]]).cast(pl.Decimal(10, 1))
    clients = given.clients.with_columns(strength)
    frames.write_parquet(frames.Frames(clients=clients, attributes=given.attributes, zone=given.zone), tmp_path / "parquet")
    return tmp_path / "parquet"


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, encoding="utf-8")
    return str(path)


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(args))
    assert result.exit_code == code, result.output
    return result


def shape(*args: str) -> Any:
    found = json.loads(run(*args, "--json").output)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```json\n(\{\n  \"\$schema.*?)```", page, re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": "#/$defs/decide"}).validate(found)
    return found


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_folder_of_parquet_files_is_decided_by_either_engine(parquet_folder: Path, policy: str, engine: str) -> None:
    found = shape("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--engine", engine)
    assert found == {
        "as_of": DAY,
        "policy_id": "house",
        "policy_version": "1",
        "engine": engine,
        "clients": 4,
        "grades": [],
        "schemes": [
            {
                "id": "ab",
                "sizes": {"A": 1, "B": 1},
                "held": 1,
                "out_of_scope": 1,
                "borders": [
                    {"group": None, "tier": "A", "score": "6.0", "last_id": None},
                    {"group": None, "tier": "B", "score": "1.5", "last_id": None},
                ],
            }
        ],
        "programmes": [{"id": "vip", "yes": 2, "no": 1, "unknown": 1}],
        "segments": [],
        "obligations": None,
        "rows": None,
    }


def test_only_what_is_asked_for_is_decided(parquet_folder: Path, policy: str) -> None:
    found = shape("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--only", "vip")
    assert (found["schemes"], len(found["programmes"])) == ([], 1)


def test_what_is_owed_is_counted_by_state(csv_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "calls.toml"
    calls = '\n[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\n'
    path.write_text(POLICY.partition("[facts")[0] + calls, encoding="utf-8")
    args = ("decide", str(csv_folder), "--policy", str(path), "--as-of", DAY)
    assert shape(*args)["obligations"] == {"overdue": 4}
    assert "4  overdue" in run(*args).output


def test_tables_are_for_people(parquet_folder: Path, policy: str) -> None:
    text = run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY).output
    assert "2026-03-31: 4 clients by polars" in text
    assert "1  held without a tier" in text


def test_rows_go_into_a_file_of_their_own(parquet_folder: Path, policy: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    args = ("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--to", str(path))
    assert shape(*args)["rows"] == str(path)
    assert dict(pl.read_parquet(path).select("client_id", "scheme.ab.tier").rows())["c-2"] == "A"
    assert "must not exist yet" in run(*args, code=2).stderr


def test_all_tables_go_into_a_folder_of_their_own(csv_folder: Path, tmp_path: Path) -> None:
    path, calls = tmp_path / "calls.toml", '\n[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\n'
    path.write_text(POLICY + calls, encoding="utf-8")
    args = ("decide", str(csv_folder), "--policy", str(path), "--as-of", DAY, "--to")
    assert shape(*args, str(tmp_path / "rows"))["rows"] == str(tmp_path / "rows")
    files = {file.stem: pl.read_parquet(file) for file in (tmp_path / "rows").iterdir()}
    assert sorted(files) == ["clients", "obligations", "undecided"]
    assert dict(files["obligations"].select("client_id", "state").rows()) == dict.fromkeys(STRENGTHS, "overdue")
    assert files["undecided"].columns == ["client_id", "rule_id"]
    assert files["clients"].height == 4
    told = run(*args, str(tmp_path / "rows"), code=2).stderr
    assert "--to is" in told
    assert "must not exist yet; hint: name a new file or folder" in told


def test_nothing_is_left_of_a_folder_that_cannot_be_written(
    csv_folder: Path, policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("relcare.frames._polars_engine.PolarsEngine.write_parquet", refuse)
    args = ("decide", str(csv_folder), "--policy", policy, "--as-of", DAY, "--to", str(tmp_path / "rows"))
    assert "No space left on device" in run(*args, code=2).stderr
    assert [path.name for path in tmp_path.iterdir() if "rows" in path.name] == []


def test_numbers_in_csv_files_are_decided_over_columns(tmp_path: Path, csv_folder: Path, policy: str) -> None:
    rows = "".join(f"{one},x,east,{STRENGTHS[one] or ''}\n" for one in STRENGTHS)
    (csv_folder / "clients.csv").write_text(f"client_id,name,region,strength\n{rows}", encoding="utf-8")
    run("export", str(csv_folder), str(tmp_path / "exported"))
    for book, engine in ((csv_folder, "polars"), (tmp_path / "exported", "polars"), (tmp_path / "exported", "duckdb")):
        found = shape("decide", str(book), "--policy", policy, "--as-of", DAY, "--engine", engine)
        assert found["schemes"][0]["sizes"] == {"A": 2, "B": 1}
        assert found["programmes"] == [{"id": "vip", "yes": 2, "no": 1, "unknown": 1}]


def test_too_little_memory_is_told_in_one_line(parquet_folder: Path, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    def refuse(_: object) -> Any:
        raise duckdb.OutOfMemoryException("could not allocate block\n\nPossible solutions:")

    monkeypatch.setattr("relcare.frames._duckdb_engine._renamed", lambda *_: _Spent())
    monkeypatch.setattr(_Spent, "fetchall", refuse, raising=False)
    args = ("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--engine", "duckdb")
    told = run(*args, "--memory-limit", "300MB", code=2).stderr.splitlines()
    assert len(told) == 1
    assert told[0].startswith("relcare: DuckDB ran out of memory; hint: raise its limit with read_parquet(memory_limit=...)")


class _Spent:
    """A relation of a database that has no memory left."""

    def cross(self, _: object) -> "_Spent":
        return self

    def set_alias(self, _: str) -> "_Spent":
        return self


def test_a_folder_of_parquet_files_without_a_head_is_told_what_the_head_is(parquet_folder: Path, policy: str) -> None:
    (parquet_folder / "book.parquet").unlink()
    told = run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, code=2).stderr
    assert "book.parquet: is missing" in told
    assert "one row with format 1, the zone and the currency of the book" in told
    assert "book.toml" not in told


def test_duckdb_is_given_limits(parquet_folder: Path, policy: str) -> None:
    args = ("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY)
    limits = ("--memory-limit", "300MB", "--temp-directory", str(parquet_folder / "spill"))
    assert shape(*args, "--engine", "duckdb", *limits)["clients"] == 4
    assert "must go with engine='duckdb'" in run(*args, *limits, code=2).stderr


def test_any_other_book_is_turned_into_columns(csv_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text(POLICY.replace('type = "number"\ngrain = "0.5"', 'type = "category"').partition("[[")[0], encoding="utf-8")
    args = ("decide", str(csv_folder), "--policy", str(path), "--as-of", DAY)
    assert shape(*args)["clients"] == 4
    assert "no folder of Parquet files" in run(*args, "--engine", "duckdb", code=2).stderr


def test_a_policy_with_more_than_columns_decide_is_refused_with_its_places(parquet_folder: Path, policy: str) -> None:
    more = '\n[[neglect]]\nid = "all"\nrungs = [{ after = "3 days", action = "warn" }]\n'
    Path(policy).write_text(POLICY + more, encoding="utf-8")
    text = run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, code=2).stderr
    assert "neglect[0]: is not decided over columns yet" in text


SPREAD = """
[[neglect]]
id = "all"
rungs = [{ after = "3 days", action = "warn" }]
[[segment]]
id = "strong"
when = "tier.ab == 'A'"
[[cadence]]
id = "call"
channel = "call"
every = "1 month"
spread = "5 days"
"""


@pytest.mark.parametrize(
    ("only", "left"),
    [
        ((), "leave it out with --only segmentation --only vip --only segments; "),
        (("--only", "cadence", "--only", "vip"), "leave it out with --only vip; "),
        (("--only", "cadence"), ""),
    ],
    ids=["everything", "two parts", "that part alone"],
)
def test_a_refusal_names_options_and_commands_and_no_words_of_a_program(
    parquet_folder: Path, policy: str, only: tuple[str, ...], left: str
) -> None:
    Path(policy).write_text(POLICY + SPREAD, encoding="utf-8")
    args = ("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY)
    lines = run(*args, *only, code=2).stderr.splitlines()
    assert lines[0].endswith(f"by a digest of each id; hint: {left}relcare due decides it client by client")
    if not only:
        assert lines[1].endswith(f"decided over columns yet; hint: {left}relcare neglect decides it client by client")
    words = " ".join(lines)
    assert "only=" not in words
    assert "Policy." not in words
    if left:
        options = left.removeprefix("leave it out with ").removesuffix("; ").split()
        assert run(*args, *options).exit_code == 0, "what the hint says is decided"


def test_every_command_of_a_hint_is_there_and_every_part_has_one() -> None:
    from relcare.cli._refusals import CLIENT_BY_CLIENT

    for command in CLIENT_BY_CLIENT.values():
        assert run(*command.removeprefix("relcare ").split(), "--help").exit_code == 0
    assert set(ENGINE_PARTS) - {"grades", "segments"} <= set(CLIENT_BY_CLIENT)


def test_a_hint_of_its_own_is_kept(parquet_folder: Path, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = UnsupportedPolicyError([Problem(file="<policy>", path="vip", message="is 'VIP' to Spark", hint="rename one")])

    def refused(*_: object, **__: object) -> None:
        raise own

    monkeypatch.setattr("relcare.frames.decide", refused)
    text = run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, code=2).stderr
    assert text == "<policy>: vip: is 'VIP' to Spark; hint: rename one\n"


GRADED = """
[[grade]]
id = "force"
fact = "strength"
parts = 2
better = "more"
[[segment]]
id = "strong"
when = "grade.force == 2"
[[segment]]
id = "where"
by = ["client.region"]
[[segment]]
id = "both"
by = ["tier.ab", "client.region"]
"""


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_grades_and_segments_are_counted_as_objects_count_them(parquet_folder: Path, policy: str, engine: str) -> None:
    Path(policy).write_text(POLICY + GRADED, encoding="utf-8")
    args = ("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--engine", engine)
    found = shape(*args)
    book = frames.book_from_frames(frames.read_parquet(parquet_folder))
    result = load_policy(policy).decide(book, as_of=date.fromisoformat(DAY))
    grade = result.grades["force"]
    sizes = {str(part.grade): part.count for part in grade.groups}
    assert found["grades"] == [{"id": "force", "parts": 2, "sizes": sizes, "none": len(grade.client_ids) - grade.count}]
    assert sizes == {"2": 2, "1": 1}
    for one in found["segments"]:
        told = Counter(result.segment(one["id"], client_id).answer for client_id in result.client_ids)
        assert {answer: one[answer] for answer in ("yes", "no", "unknown")} == {"yes": 0, "no": 0, "unknown": 0, **told}
        cells = {" / ".join(cell.values): len(cell.client_ids) for cell in result.segments[one["id"]].cells}
        assert one["cells"] == (None if one["id"] == "strong" else cells)
    assert [len(one["cells"] or ()) for one in found["segments"]] == [0, 3, 2]


def test_a_person_reads_who_has_which_grade_and_who_is_in_which_segment(parquet_folder: Path, policy: str) -> None:
    Path(policy).write_text(POLICY + GRADED, encoding="utf-8")
    text = run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY).output
    for line in ("grade force", "2  2 of 2", "1  no grade", "segment where", "2  cell east", "1  cell A / east"):
        assert line in text, line


def test_every_other_command_reads_a_folder_of_parquet_files_too(
    parquet_folder: Path, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ("vip", "show", str(parquet_folder), "--policy", policy, "--as-of", DAY, "--json")
    found = run(*args).output
    assert found.count('"qualification": "yes"') == 2
    assert json.loads(run("review", "list", str(parquet_folder), "--json").output) == {"reviews": []}
    monkeypatch.setitem(sys.modules, "polars", None)
    assert run(*args).output == found


def test_there_is_one_list_of_engines() -> None:
    assert set(ENGINES) <= set(frames._parquet.ENGINES)


def test_what_is_worked_on_is_told_step_by_step_and_gone_at_the_end() -> None:
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, width=60)
    with working(console) as told:
        told("facts")
        told("scheme [b]abc[/b]")
    shown = stream.getvalue()
    for step in ("facts", "scheme [b]abc[/b]", "0:00:00"):
        assert step in shown
    assert shown.rstrip().endswith("\x1b[2K") or "\x1b[1A" in shown


def test_decide_tells_what_it_works_on(csv_folder: Path, policy: str) -> None:
    told: list[str] = []
    given = frames.frames_of(read_book(csv_folder))
    frames.decide(load_policy(policy), given, as_of=date(2026, 3, 31), progress=told.append)
    assert told == ["tables", "facts", "scheme ab", "qualifications"]


@pytest.mark.parametrize(("is_terminal", "more"), [(True, ()), (True, ("--json",)), (False, ())], ids=["watched", "json", "pipe"])
def test_only_a_person_who_waits_is_told(
    parquet_folder: Path, policy: str, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, more: tuple[str, ...]
) -> None:
    monkeypatch.setattr("relcare.cli._loading.is_watched", lambda: is_terminal)
    begun = list[str]()

    @contextmanager
    def noted() -> Iterator[Callable[[str], None]]:
        yield begun.append

    monkeypatch.setattr("relcare.report.working", noted)
    run("decide", str(parquet_folder), "--policy", policy, "--as-of", DAY, *more)
    assert begun == (["tables", "facts", "scheme ab", "qualifications", "counts"] if is_terminal and not more else [])
