"""What quota tiers on Spark promise: borders against a window over everybody (SEG-2, SEG-3).

The time is that on the wall: what Spark does it does in a process of its own, whose processor time is not this one's. Rows were
checked before, as in `test_frames_speed.py`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.codec import loads_policy

frames: Any = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
TIER: Final = "scheme.abc.tier"
MILLION: Final = 1_000_000
QUOTA: Final = loads_policy("""
format = 1
[policy]
id = "speed"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "integer"
[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [{ id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" }]
""")


pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def spark(request: pytest.FixtureRequest) -> Iterator[Any]:
    if not request.config.getoption("benchmark_enable"):
        pytest.skip("starts a Java machine, and does so only to be timed; see tests/spark for what is decided")
    if find_spec("pyspark") is None or (shutil.which("java") is None and "JAVA_HOME" not in os.environ):
        pytest.skip("needs Java and PySpark, which `make spark` installs")
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "4",
    }
    builder = SparkSession.builder.master("local[2]").appName("relcare-speed")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def clients(spark: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Clients as most books have them: many who buy little, few who buy much, in no order of their ids; as Parquet files."""
    from pyspark.sql import functions

    count = request.param
    row = functions.col("id")
    even = (functions.pmod(functions.hash(row), functions.lit(MILLION)) + 1) / MILLION
    found = spark.range(count).select(
        functions.format_string("c%08d", row * 7_919 % count).alias("id"),
        (400 / (even + 0.0001)).cast("bigint").alias("revenue"),
    )
    found.write.parquet(str(tmp_path / "clients"))
    return spark.read.parquet(str(tmp_path / "clients"))


def run(table: Any) -> None:
    """All rows, into nothing."""
    table.write.format("noop").mode("overwrite").save()


def tiers(clients: Any) -> Any:
    decided = frames.decide(QUOTA, frames.Frames(clients=clients, is_checked=True), as_of=DAY, only=["segmentation"])
    return decided.clients.select("client_id", f"`{TIER}`")


def tiers_by_window(clients: Any) -> Any:
    """What everybody writes: a rank over all rows, the best first."""
    from pyspark.sql import Window, functions

    count = clients.count()
    rank = functions.row_number().over(Window.orderBy(functions.col("revenue").desc(), "id"))
    first, second = count * 2 // 10, count * 6 // 10
    tier = functions.when(rank <= first, "A").when(rank <= second, "B").otherwise("C")
    return clients.select(functions.col("id").alias("client_id"), tier.alias(TIER))


def alike(one: Any, other: Any) -> bool:
    return bool(one.exceptAll(other).isEmpty() and one.count() == other.count())


@pytest.mark.parametrize(
    "clients",
    [
        pytest.param(
            MILLION,
            marks=pytest.mark.speed("quota tiers of 1,000,000 clients on Spark against a window over all", faster=1),
            id="1 million",
        ),
        pytest.param(
            10 * MILLION,
            marks=pytest.mark.speed("quota tiers of 10,000,000 clients on Spark against a window over all", faster=4, goal=5),
            id="10 million",
        ),
    ],
    indirect=True,
)
def test_quota_tiers_on_spark(clients: Any, judge: Callable[..., None], benchmark: BenchmarkFixture) -> None:
    some = clients.limit(10_000).localCheckpoint()
    assert alike(tiers(some), tiers_by_window(some))
    works = (tiers, tiers_by_window)
    times: dict[Callable[[Any], Any], list[float]] = {work: [] for work in works}
    for _ in range(3):
        for work in works:
            started = perf_counter()
            run(work(clients))
            times[work].append(perf_counter() - started)
    benchmark.pedantic(lambda: None)  # type: ignore[no-untyped-call]
    ours, other = (min(times[work]) for work in works)
    judge(ours / other, f"{ours:.1f} s against {other:.1f} s on the wall")
