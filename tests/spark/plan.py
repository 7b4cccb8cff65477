"""What deciding asks of a cluster: the jobs, stages and bytes of each step, from Spark's own log of events.

    python -m tests.spark.plan --clients 20000

An invented book is decided by the preset `consulting` three times: as it is, with all events twice, and with all of it twice.
What a step reads, and what goes through its shuffles, is said for the first, with how many times as much it is in the others.
Each takes a minute or more; `--books both` decides one alone. Who breaks it off is told how far it came.
"""

import argparse
import contextlib
import io
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from tests.scale.invented import AS_OF, invent

import relcare as rc
from relcare.frames import Frames, decide, read_parquet

PARTS: Final = ("segmentation", "vip", "cadence")
READ: Final = "internal.metrics.input.bytesRead"
SHUFFLED: Final = "internal.metrics.shuffle.write.bytesWritten"
EVENTS: Final = ("touchpoints", "purchases")
BOOKS: Final[Mapping[str, tuple[int, int]]] = {"1": (1, 1), "events": (1, 2), "both": (2, 1)}
"""How many times the clients there are in each book, and how many times their events beside that."""
STEP: Final = "spark.job.description"
Steps = dict[str, Counter[str]]


def session(log: Path) -> Any:
    """A small session that writes a log of its events."""
    from pyspark.sql import SparkSession

    conf = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss8m",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.adaptive.enabled": "false",
        # What is counted are bytes, which are the same however expressions run.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        # Joins as they are where tables are large: none but those that are asked for are sent to all rows.
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": log.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("relcare-plan")
    for name, value in conf.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def book(folder: Path, *, events: int) -> Frames:
    """The book of a folder, its events once or twice."""
    from pyspark.sql import functions

    given = read_parquet(folder, engine="spark")
    tables: dict[str, Any] = {}
    for name in EVENTS if events > 1 else ():
        once = getattr(given, name)
        tables[name] = once.unionByName(once.withColumn("id", functions.concat(functions.col("id"), functions.lit("+"))))
    return attrs.evolve(given, **tables)


def decided(spark: Any, name: str, frames: Frames) -> None:
    """Decides a book, each job under the name of the step that asks for it."""
    context = spark.sparkContext

    def told(step: str) -> None:
        context.setJobDescription(f"{name}|{step}")

    found = decide(rc.preset("consulting"), frames, as_of=AS_OF, only=PARTS, progress=told)
    for table in ("clients", "obligations"):
        told(f"rows of {table}")
        getattr(found, table).write.format("noop").mode("overwrite").save()
        if name != "events":
            print(*exchanges(table, getattr(found, table)), sep="\n", flush=True)  # noqa: T201 - what the command is for
    context.setJobDescription("")


def exchanges(name: str, table: Any) -> Iterator[str]:
    """What a plan says about rows that move, by kind."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        table.explain("formatted")
    tree = told.getvalue().partition("\n\n")[0]
    kinds = Counter(
        re.findall(r"(BroadcastExchange|Exchange|BroadcastHashJoin|SortMergeJoin|HashAggregate|Window|Scan \w+)", tree)
    )
    yield f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def steps_of(log: Path) -> dict[str, Steps]:
    """By run and step: how many jobs and stages there were, and their bytes."""
    (path,) = (one for one in log.iterdir() if one.is_file() and not one.name.startswith("."))
    found: dict[str, Steps] = {}
    whose: dict[int, tuple[str, str]] = {}
    for line in path.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            run, _, step = event["Properties"].get(STEP, "|").partition("|")
            found.setdefault(run, {}).setdefault(step, Counter())["jobs"] += 1
            whose |= {stage: whose.get(stage, (run, step)) for stage in event["Stage IDs"]}
        elif event["Event"] == "SparkListenerStageCompleted":
            stage = event["Stage Info"]
            run, step = whose[stage["Stage ID"]]
            values = {one["Name"]: int(one["Value"]) for one in stage["Accumulables"] if one["Name"] in {READ, SHUFFLED}}
            found[run][step] += Counter({"stages": 1, "read": values.get(READ, 0), "shuffled": values.get(SHUFFLED, 0)})
    # What was run without a name reads the schemas of a book.
    return {run: steps for run, steps in found.items() if run in BOOKS}


def table(found: Mapping[str, Steps]) -> Iterator[str]:
    """The steps of the first book as a table, in the order in which they came, beside how much more is shuffled in the others."""
    first, *others = found
    more = {"events": "events x 2", "both": "clients x 2"}
    yield f"| step | jobs | stages | read, KB | shuffled, KB |{''.join(f' {more[name]} |' for name in others)}"
    yield f"|---|{'---:|' * (4 + len(others))}"
    total: dict[str, Counter[str]] = {run: sum(steps.values(), Counter()) for run, steps in found.items()}
    for step in [*found[first], "all"]:
        one, *doubled = (total[run] if step == "all" else found[run].get(step, Counter()) for run in (first, *others))
        growth = (f"{other['shuffled'] / one['shuffled']:.2f}" if one["shuffled"] else "" for other in doubled)
        cells = (f"{one['jobs']}", f"{one['stages']}", f"{one['read'] / 1e3:,.0f}", f"{one['shuffled'] / 1e3:,.0f}", *growth)
        yield f"| {step} | {' | '.join(cells)} |"


def main(words: Sequence[str] | None = None) -> int:
    """Makes the books, decides them and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.spark.plan", description=__doc__)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--books", nargs="+", choices=BOOKS, default=tuple(BOOKS))
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "log").mkdir()
        for times in {BOOKS[name][0] for name in options.books}:
            invent(root / f"book-{times}", options.clients * times)
        spark = session(root / "log")
        try:
            for name in options.books:
                times, events = BOOKS[name]
                decided(spark, name, book(root / f"book-{times}", events=events))
        except KeyboardInterrupt:
            print("broken off: the last step is not whole")  # noqa: T201 - likewise
        finally:
            spark.stop()
        print(*table(steps_of(root / "log")), sep="\n")  # noqa: T201 - what the command is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
