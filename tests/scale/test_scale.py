"""The books of `make scale` in small: what engines say of millions is what objects say of a few."""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import relcare as rc

pl = pytest.importorskip("polars")
pytest.importorskip("duckdb")

from tests.scale.invented import AS_OF, ENTRIES, invent  # noqa: E402
from tests.scale.measured import digest, measured  # noqa: E402
from tests.scale.run import disagreements, growth, table  # noqa: E402

from relcare.frames import book_from_frames, read_parquet  # noqa: E402

CLIENTS = 400
COLUMNS = ("scheme.abc.tier", "programme.vip.qualification", "programme.vip.first_eligible_on")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scale") / "book"
    invent(made, CLIENTS)
    return made


def test_a_book_is_the_same_each_time_and_each_client_has_its_entries(folder: Path, tmp_path: Path) -> None:
    invent(tmp_path / "again", CLIENTS)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet"))
    assert all(pl.read_parquet(folder / name).equals(pl.read_parquet(tmp_path / "again" / name)) for name in names)
    entries = Counter(pl.read_parquet(folder / "touchpoints")["client_id"].to_list())
    assert len(entries) == CLIENTS
    assert set(entries.values()) == {ENTRIES}


def test_engines_and_objects_decide_the_preset_alike(folder: Path, tmp_path: Path) -> None:
    # DuckDB takes seconds to plan it, whatever the size of the book: that is for `make identity`.
    limits = {"polars": None, **({"duckdb": "500MB"} if "RELCARE_IDENTITY" in os.environ else {})}
    found = {
        engine: measured(engine, folder, tmp_path / engine, memory_limit=limit, is_checked=False)
        for engine, limit in limits.items()
    }
    said = {engine: digest(tmp_path / engine) for engine in found}
    assert all(one == said["polars"] for one in said.values())
    assert all(one["peak_bytes"] > 10_000_000 and one["bytes_of_the_rows"] > 10_000 for one in found.values())
    book = book_from_frames(read_parquet(folder))
    result = rc.preset("consulting").decide(book, as_of=AS_OF)
    rows = pl.read_parquet(tmp_path / "polars" / "clients.parquet")
    said_of = {client_id: said for client_id, *said in rows.select("client_id", *COLUMNS).rows()}
    for client_id in result.client_ids:
        vip = result.vip("vip", client_id)
        tier = result.tier("abc", client_id).tier
        assert said_of[client_id] == [tier, vip.qualification, vip.first_eligible_on], client_id
    assert 0 < sum(said[1] == "yes" for said in said_of.values()) < CLIENTS / 5
    owed = pl.read_parquet(tmp_path / "polars" / "obligations.parquet")
    assert Counter(owed.select("client_id", "rule_id", "due_on", "state").rows()) == Counter(
        (one.client_id, one.rule_id, one.due_on, one.state) for one in result.obligations
    )


def test_what_was_measured_is_printed_with_how_it_grows_and_disagreement_is_told() -> None:
    one = {
        "engine": "polars",
        "clients": 1_000_000,
        "touchpoints": 10_000_000,
        "rows": {"clients": 1_000_000, "obligations": 5},
        "seconds": 10.0,
        "cpu_seconds": 20.0,
        "peak_bytes": 2_000_000_000,
        "bytes_of_the_book": 100_000_000,
        "digests": {"clients": "0123456789abcdef", "obligations": "fedcba9876543210"},
    }
    larger = {**one, "clients": 3_000_000, "seconds": 25.0, "cpu_seconds": 60.0, "peak_bytes": 3_000_000_000}
    assert list(table([one]))[2] == (
        "| polars | 1,000,000 | 10,000,000 | 1,000,005 | 10.0 | 20.0 | 2,000 MB | 100 MB | 0 MB | 0 MB | `0123-fedc` |"
    )
    assert list(growth([one, larger])) == [
        "polars: 3 times the clients take 2.5 times the time, 3 times the CPU time and 1.5 times the memory"
    ]
    other = {**one, "engine": "duckdb", "digests": {"clients": "0123456789abcdef", "obligations": "0000000000000000"}}
    assert list(disagreements([one, larger])) == []
    assert list(disagreements([one, other])) == ["1,000,000 clients: duckdb does not say what polars says"]


def test_the_day_that_is_decided_about_is_the_last_of_the_log(folder: Path) -> None:
    days = pl.read_parquet(folder / "touchpoints")["occurred_at"]
    assert (days.min(), days.max()) == (date(2025, 10, 1), AS_OF)
