"""What speed is promised over columns, each as a ratio against the same work written by hand for the engine.

Times are of processors, all threads of the engine together; what it comes to on the wall is noted beside. Rows were checked
before: `is_checked` says so, and one benchmark says what it costs to check them again.
"""

import resource
from collections.abc import Callable, Iterator
from datetime import date
from math import inf
from time import perf_counter
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.codec import loads_policy

pl: Any = pytest.importorskip("polars")
duckdb: Any = pytest.importorskip("duckdb")
frames: Any = pytest.importorskip("relcare.frames")

Ratio = Callable[..., None]
Books = Callable[[int], Any]
DAY: Final = date(2026, 3, 31)
FEW: Final = 3_000
MILLION: Final = 1_000_000
TIER: Final = "scheme.abc.tier"
RULES: Final = range(1, 11)
FLAGS: Final = [f"segment.rule_{n}" for n in RULES]
HEAD: Final = """
format = 1
[policy]
id = "speed"
version = "1"
effective_from = 2026-01-01
"""
QUOTA: Final = loads_policy(f"""{HEAD}
[facts.revenue]
type = "integer"
[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [{{ id = "A", share = "20%" }}, {{ id = "B", share = "40%" }}, {{ id = "C", share = "40%" }}]
""")
TEN_RULES: Final = loads_policy(
    HEAD
    + "".join(f'[facts.{name}]\ntype = "integer"\n' for name in ("revenue", "orders"))
    + "".join(f'[[segment]]\nid = "rule_{n}"\nwhen = "revenue >= {1_000 * n} and orders < {n + 5}"\n' for n in RULES)
)


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    """Clients as most books have them: many who buy little, few who buy much, in no order of their ids; each book made once."""
    made: dict[int, Any] = {}

    def book(count: int) -> Any:
        if count not in made:
            row = pl.int_range(count)
            even = [(row.hash(seed) % 1_000_000 + 1) / 1_000_000 for seed in (1, 2)]
            made[count] = pl.select(
                id=pl.format("c{}", (row * 7_919 % count).cast(pl.String).str.zfill(8)),
                revenue=(400 / (even[0] + 0.0001)).cast(pl.Int64),
                orders=(3 / (even[1] + 0.05)).cast(pl.Int64),
            )
        return made[count]

    yield book
    made.clear()


class Clocked:
    """Some work, and how long the quickest run of it took on the wall."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.best = inf

    def __call__(self) -> None:
        started = perf_counter()
        self.work()
        self.best = min(self.best, perf_counter() - started)


def measure(ratio: Ratio, ours: Callable[[], Any], reference: Callable[[], Any], *, rounds: int) -> None:
    """Judges the ratio of processor time; notes that of the wall and the most memory that the process ever had."""
    one, other = Clocked(ours), Clocked(reference)

    def note(seconds: float) -> str:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        return f"{seconds:.2f} s; on the wall {other.best / one.best:.3g} times faster; process at most {held:.1f} GB"

    ratio(one, other, rounds=rounds, note=note)


# --------------------------------------------------------------------------------------------------------------- quota tiers


def tiers(clients: Any, *, is_checked: bool = True) -> Any:
    decided = frames.decide(QUOTA, frames.Frames(clients=clients, is_checked=is_checked), as_of=DAY, only=["segmentation"])
    return decided.clients.select("client_id", TIER).collect()


def tiers_by_sort(clients: Any) -> Any:
    """What everybody writes: all in order, the best first, and the first of them are in."""
    ranked = clients.lazy().sort("revenue", "id", descending=[True, False]).with_row_index("rank")
    first, second = cuts(clients.height)
    rank = pl.col("rank")
    tier = pl.when(rank < first).then(pl.lit("A")).when(rank < second).then(pl.lit("B")).otherwise(pl.lit("C"))
    return ranked.select(client_id="id", **{TIER: tier}).collect()


def tiers_by_hand(clients: Any) -> Any:
    """A histogram, the borders in it, the ids of those who share them, and comparisons."""
    lazy, score, client = clients.lazy(), pl.col("revenue"), pl.col("id")
    ((low, high),) = lazy.select(low=score.min(), high=score.max()).collect().rows()
    width = -(-(high + 1 - low) // 4_096)
    bins = counted(lazy.select(bin=(score - low) // width))
    includes = []
    for cut in cuts(clients.height):
        above, place = border(bins, cut, 0)
        start = low + place * width
        above, last = border(counted(lazy.filter(score.is_between(start, start + width - 1)).select(score)), cut, above)
        equals = sorted(lazy.filter(score == last).select(client).collect()["id"])
        includes.append((score > last) | ((score == last) & (client <= equals[cut - above - 1])))
    tier = pl.when(includes[0]).then(pl.lit("A")).when(includes[1]).then(pl.lit("B")).otherwise(pl.lit("C"))
    return lazy.select(client_id="id", **{TIER: tier}).collect()


def cuts(count: int) -> tuple[int, int]:
    """How many are in A, and how many in A or B."""
    return count * 2 // 10, count * 6 // 10


def counted(values: Any) -> list[tuple[int, int]]:
    """How often there is each value of the one column, from the greatest down."""
    (name,) = values.collect_schema()
    return sorted(values.group_by(name).agg(pl.len()).collect().rows(), reverse=True)


def border(counts: list[tuple[int, int]], cut: int, above: int) -> tuple[int, int]:
    """The value that a cut falls on, and how many are above it."""
    for value, count in counts:
        if above + count >= cut:
            return above, value
        above += count
    raise ValueError(cut)


def both(against: str, promises: dict[int, dict[str, float]]) -> pytest.MarkDecorator:
    """One benchmark for books of several sizes, with what each promises."""
    work = "quota tiers of {} million, polars, {}"
    return pytest.mark.parametrize(
        "count",
        [
            pytest.param(
                count, marks=pytest.mark.speed(work.format(count // MILLION, against), **promise), id=f"{count // MILLION}m"
            )
            for count, promise in promises.items()
        ],
    )


@both("against polars' own sort", {MILLION: {"faster": 1.5, "goal": 2}, 10 * MILLION: {"faster": 10, "goal": 12}})
def test_quota_tiers_against_a_sort(benchmark: BenchmarkFixture, ratio: Ratio, books: Books, count: int) -> None:
    few = books(FEW)
    assert tiers(few).sort("client_id").equals(tiers_by_sort(few).sort("client_id"))
    clients = books(count if benchmark.enabled else FEW)
    measure(ratio, lambda: tiers(clients), lambda: tiers_by_sort(clients), rounds=5 if count == MILLION else 2)


@both("against borders by hand", {count: {"at_most": 1.5, "goal": 1.3} for count in (MILLION, 10 * MILLION)})
def test_quota_tiers_against_borders_by_hand(benchmark: BenchmarkFixture, ratio: Ratio, books: Books, count: int) -> None:
    clients = books(count if benchmark.enabled else FEW)
    assert tiers(clients).equals(tiers_by_hand(clients))
    measure(ratio, lambda: tiers(clients), lambda: tiers_by_hand(clients), rounds=10 if count == MILLION else 5)


@pytest.mark.speed("quota tiers of 10 million, every row checked, polars, against polars' own sort", faster=1.5, goal=2)
def test_quota_tiers_of_tables_that_are_checked(benchmark: BenchmarkFixture, ratio: Ratio, books: Books) -> None:
    clients = books(10 * MILLION if benchmark.enabled else FEW)
    assert tiers(clients, is_checked=False).equals(tiers(clients))
    measure(ratio, lambda: tiers(clients, is_checked=False), lambda: tiers_by_sort(clients), rounds=2)


# --------------------------------------------------------------------------------------------------------------------- rules


def answers(clients: Any) -> Any:
    """Clients with the flags of ten rules, lazy."""
    return frames.decide(TEN_RULES, frames.Frames(clients=clients, is_checked=True), as_of=DAY, only=["segments"]).clients


@pytest.mark.speed("ten rules for 10 million, polars, against expressions by hand", at_most=1.5, goal=1.2)
def test_ten_rules_against_polars_by_hand(benchmark: BenchmarkFixture, ratio: Ratio, books: Books) -> None:
    clients = books(10 * MILLION if benchmark.enabled else FEW)

    def ours() -> Any:
        return answers(clients).select("client_id", *FLAGS).collect()

    def by_hand() -> Any:
        revenue, orders = pl.col("revenue"), pl.col("orders")
        flags = {flag: (revenue >= 1_000 * n) & (orders < n + 5) for n, flag in zip(RULES, FLAGS, strict=True)}
        return clients.lazy().select(client_id="id", **flags).collect()

    assert ours().equals(by_hand())
    measure(ratio, ours, by_hand, rounds=10)


@pytest.mark.speed("ten rules for 10 million, DuckDB, against SQL by hand", at_most=1.5, goal=1.2)
def test_ten_rules_against_duckdb_by_hand(benchmark: BenchmarkFixture, ratio: Ratio, books: Books) -> None:
    """Both write a table, which is most of the work: of the conditions alone the ratio would be greater."""
    connection = duckdb.connect()
    connection.register("given", books(10 * MILLION if benchmark.enabled else FEW))
    connection.execute("CREATE TABLE clients AS SELECT * FROM given")
    clients = connection.table("clients")
    flags = ", ".join(f'revenue >= {1_000 * n} AND orders < {n + 5} AS "{flag}"' for n, flag in zip(RULES, FLAGS, strict=True))

    def ours() -> None:
        connection.execute("DROP TABLE IF EXISTS ours")
        answers(clients).select(", ".join(["client_id", *(f'"{flag}"' for flag in FLAGS)])).create("ours")

    def by_hand() -> None:
        connection.execute("DROP TABLE IF EXISTS by_hand")
        connection.execute(f"CREATE TABLE by_hand AS SELECT id AS client_id, {flags} FROM clients")  # noqa: S608 - our own text

    ours()
    by_hand()
    assert connection.table("ours").except_(connection.table("by_hand")).fetchall() == []
    measure(ratio, ours, by_hand, rounds=5)
    connection.close()
