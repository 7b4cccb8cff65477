"""What deciding over millions of rows promises about speed and memory: hardly more than the same work written by hand."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from operator import itemgetter
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import attrs
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")

from tests.scale.vip import MONTH, SINGLE, by_relcare, shop  # noqa: E402

import relcare as rc  # noqa: E402
from relcare.cadence import DueContext, later_steps  # noqa: E402
from relcare.calendars import RollTable, Weekdays  # noqa: E402
from relcare.frames import Frames, decide, expand  # noqa: E402

Ratio = Callable[..., None]
MOST_BYTES = 650_000_000
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NOTHING = pl.DataFrame(
    schema={"client_id": pl.String, "occurred_at": pl.Date, "channel": pl.String, "outcome": pl.String, "purpose": pl.String}
)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten million purchases of a million clients; a few thousand of a few hundred where nothing is timed."""
    is_timed = request.config.getoption("benchmark_enable", default=False)
    purchases, clients = (10_000_000, 1_000_000) if is_timed else (4_000, 800)
    return shop(tmp_path_factory.mktemp("scale") / "shop", purchases, clients)


# --------------------------------------------------------------------------------------------------- the same, by hand


def by_polars(folder: Path) -> Any:
    clients, bought = pl.scan_parquet(folder / "clients.parquet"), pl.scan_parquet(folder / "purchases.parquet")
    bought = bought.select("client_id", "purchased_on", cents=(pl.col("amount") * 100).cast(pl.Int64))
    month = pl.col("purchased_on").dt.year().cast(pl.Int32) * 12 + pl.col("purchased_on").dt.month()
    months = bought.group_by("client_id", month=month).agg(pl.col("cents").sum(), largest=pl.col("cents").max())
    best = months.group_by("client_id").agg(pl.col("cents").max(), pl.col("largest").max())
    is_single, is_month = pl.col("largest") >= SINGLE, pl.col("cents") >= MONTH
    found = clients.select(client_id="id").join(best, on="client_id", how="left")
    path = pl.when(is_single).then(pl.lit("single")).when(is_month).then(pl.lit("month"))
    who = found.filter(is_single | is_month).select("client_id").collect(engine="streaming")
    theirs = bought.join(who.lazy(), on="client_id", how="semi").collect(engine="streaming")
    days = theirs.sort("purchased_on").with_columns(so_far=pl.col("cents").cum_sum().over("client_id", month))
    since = (
        days.filter((pl.col("cents") >= SINGLE) | (pl.col("so_far") >= MONTH))
        .group_by("client_id")
        .agg(since=pl.col("purchased_on").min())
    )
    return (
        found.select("client_id", path=path)
        .join(since.lazy(), on="client_id", how="left")
        .select("client_id", pl.when(pl.col("path").is_null()).then(pl.lit("no")).otherwise(pl.lit("yes")), "path", "since")
        .collect(engine="streaming")
    )


def by_duckdb(folder: Path) -> Any:
    connection = duckdb.connect()
    connection.execute(f"create view purchases as select * from '{folder}/purchases.parquet'")  # noqa: S608
    connection.execute(
        f"""
        create table best as select client_id, max(total) as total, max(largest) as largest from (
            select client_id, date_trunc('month', purchased_on) as month, sum(amount) as total, max(amount) as largest
            from purchases group by all
        ) group by client_id;
        create table found as select id as client_id,
            case when largest >= {SINGLE / 100} then 'single' when total >= {MONTH / 100} then 'month' end as path
            from '{folder}/clients.parquet' left join best on id = client_id;
        create table since as select client_id, min(purchased_on) as since from (
            select client_id, purchased_on, amount,
                sum(amount) over (partition by client_id, date_trunc('month', purchased_on) order by purchased_on) as so_far
            from purchases semi join (from found where path is not null) who using (client_id)
        ) where amount >= {SINGLE / 100} or so_far >= {MONTH / 100} group by client_id;
        """  # noqa: S608 - numbers of our own
    )
    answer = "case when path is null then 'no' else 'yes' end"
    said = f"select client_id, {answer}, path, since from found left join since using (client_id)"  # noqa: S608
    return connection.sql(said).to_arrow_table()


def by_dictionary(folder: Path) -> dict[str, date]:
    """What is written where there is no engine: the totals of clients and months, day by day; when each client reached enough."""
    bought = pl.read_parquet(folder / "purchases.parquet")
    cents = (bought["amount"] * 100).cast(pl.Int64).to_list()
    totals: dict[tuple[str, int, int], int] = defaultdict(int)
    since: dict[str, date] = {}
    rows = zip(bought["client_id"].to_list(), bought["purchased_on"].to_list(), cents, strict=True)
    for client, day, amount in sorted(rows, key=itemgetter(1)):
        month = client, day.year, day.month
        totals[month] += amount
        if (amount >= SINGLE or totals[month] >= MONTH) and client not in since:
            since[client] = day
    return since


def rows(found: Any) -> list[tuple[Any, ...]]:
    """The rows of a polars frame, lazy or not, or of an arrow table, in one order."""
    table = found.lazy().collect() if hasattr(found, "lazy") else pl.from_arrow(found)
    return sorted(table.rows(), key=str)


RHYTHM = rc.loads_policy("""
format = 1
[policy]
id = "rhythm"
version = "1"
effective_from = 2026-01-01
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
[[cadence]]
id = "visit"
channel = "visit"
every = "2 months"
lead = "1 week"
""")


def expanded_by_hand(owed: Any) -> Any:
    """A pattern for each rule and due day, joined."""
    context = DueContext(as_of=FIRST.toordinal(), in_force_from=FIRST.toordinal(), table=RollTable(Weekdays(), FIRST, LAST))
    patterns: list[tuple[Any, ...]] = []
    rules = {rule.id: rule for rule in RHYTHM.cadence}
    for rule_id, due in owed.select("rule_id", "due_on").unique().collect().rows():
        for one in later_steps(rules[rule_id], rules[rule_id].step, due.toordinal(), context, LAST.toordinal()):
            days = map(date.fromordinal, (one.earliest, one.due, one.latest))
            patterns.append((rule_id, due, int(one.name), *days))
    table = pl.LazyFrame(patterns, schema=["rule_id", "due_on", "nth", "earliest", "due", "latest"], orient="row")
    joined = owed.join(table, on=["rule_id", "due_on"])
    return joined.select("client_id", "rule_id", "nth", "earliest", "due", "latest").collect(engine="streaming")


def once(ours: Callable[[], Any], benchmark: BenchmarkFixture) -> Any:
    """What ours comes to; where nothing is timed, that is all there is to run."""
    return ours() if benchmark.enabled else benchmark.pedantic(ours, rounds=1)  # type: ignore[no-untyped-call]


# ---------------------------------------------------------------------------------------------------------- benchmarks


@pytest.mark.speed("VIPs of 10 million purchases with their first days against polars by hand", at_most=1.5, goal=1.2)
def test_vips_in_polars_against_polars_by_hand(folder: Path, benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    def ours() -> Any:
        return by_relcare(folder, "polars")[1].collect(engine="streaming")

    found = rows(by_polars(folder))
    assert rows(once(ours, benchmark)) == found
    assert {row[2] for row in found} == {None, "single", "month"}
    if benchmark.enabled:
        ratio(ours, lambda: by_polars(folder), rounds=3)


@pytest.mark.speed("VIPs of 10 million purchases with their first days against DuckDB by hand", at_most=1.5, goal=1.2)
def test_vips_in_duckdb_against_duckdb_by_hand(folder: Path, benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    def ours() -> Any:
        return by_relcare(folder, "duckdb")[1].to_arrow_table()

    assert rows(once(ours, benchmark)) == rows(by_duckdb(folder))
    if benchmark.enabled:
        ratio(ours, lambda: by_duckdb(folder), rounds=3)


@pytest.mark.speed(
    "VIPs of 10 million purchases with their first days against a loop over a dictionary, on the wall", faster=10, goal=12
)
def test_vips_against_a_dictionary(folder: Path, benchmark: BenchmarkFixture, judge: Callable[..., None]) -> None:
    """On the wall: that an engine works on all processors at once and a loop on one alone is part of what is promised.

    Both begin with the files and end with the first days.
    """

    def ours() -> Any:
        return by_relcare(folder, "polars")[1].collect(engine="streaming")

    def clocked(work: Callable[[], Any]) -> tuple[Any, float, float]:
        wall, processors = perf_counter(), process_time()
        return work(), perf_counter() - wall, process_time() - processors

    said = once(ours, benchmark)
    found, slow, _ = clocked(lambda: by_dictionary(folder))
    assert {client: since for client, answer, _, since in said.rows() if answer == "yes"} == found
    if benchmark.enabled:
        benchmark.pedantic(lambda: None)  # type: ignore[no-untyped-call]
        _, quick, work = min((clocked(ours) for _ in range(3)), key=itemgetter(1))
        judge(quick / slow, f"{quick:.2f} s against {slow:.1f} s on the wall; ours {work:.2f} s of processors")


@pytest.mark.speed("contacts until the end of the year against a join of patterns by hand", at_most=1.5, goal=1.2)
def test_expansion_of_what_is_owed_against_a_pattern_join_by_hand(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    count = 300_000 if benchmark.enabled else 100
    is_call = pl.col("n") % 2 == 0
    owed = pl.DataFrame({"n": pl.int_range(2 * count, eager=True)}).select(
        client_id="c" + (pl.col("n") // 2).cast(pl.String).str.zfill(9),
        rule_id=pl.when(is_call).then(pl.lit("call")).otherwise(pl.lit("visit")),
        interval=pl.when(is_call).then(pl.lit("1 week")).otherwise(pl.lit("2 months")),
        due_on=pl.lit(FIRST) + pl.duration(days=pl.col("n") // 2 % 7),
    )
    none = decide(RHYTHM, Frames(clients=pl.DataFrame({"id": ["c"]}), touchpoints=NOTHING), as_of=FIRST)
    decided = attrs.evolve(none, obligations=owed.lazy())

    def ours() -> Any:
        return expand(RHYTHM, decided, until=LAST, calendar=Weekdays()).collect(engine="streaming")

    few = attrs.evolve(none, obligations=owed.head(200).lazy())
    assert rows(expand(RHYTHM, few, until=LAST, calendar=Weekdays())) == rows(expanded_by_hand(owed.head(200).lazy()))
    many = ours().height
    assert many > 50 * count

    def speed(took: float) -> str:
        return f"{many / took / 1e6:.0f} million a second of a processor"

    ratio(ours, lambda: expanded_by_hand(owed.lazy()), note=speed)


@pytest.mark.speed("the memory of VIPs of 10 million purchases in DuckDB with a limit against 650 MB", at_most=1.0)
def test_vips_within_a_limit_of_memory(folder: Path, benchmark: BenchmarkFixture, judge: Callable[..., None]) -> None:
    def limited() -> dict[str, Any]:
        words = [sys.executable, "-m", "tests.scale.vip", "--folder", str(folder), "--memory-limit", "300MB"]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def within() -> dict[str, Any]:
        decided, _ = by_relcare(folder, "duckdb", "300MB")
        assert sum(decided.counts("programme.vip.path").values()) == decided.count()
        return {"peak_bytes": 0}

    # A process of its own is for what is timed: it takes longer to start than a few thousand rows take.
    found = benchmark.pedantic(limited if benchmark.enabled else within, rounds=1)  # type: ignore[no-untyped-call]
    judge(found["peak_bytes"] / MOST_BYTES, f"{found['peak_bytes'] / 1e6:.0f} MB")
