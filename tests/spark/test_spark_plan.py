"""What the command about the cluster plan reads out of a log of Spark's events."""

import json
from pathlib import Path
from typing import Any

from tests.spark.plan import READ, SHUFFLED, steps_of, table


def started(run: str, stages: list[int]) -> dict[str, Any]:
    properties = {"spark.job.description": run} if run else {}
    return {"Event": "SparkListenerJobStart", "Properties": properties, "Stage IDs": stages}


def completed(stage: int, read: int, shuffled: int) -> dict[str, Any]:
    amounts = [{"Name": READ, "Value": read}, {"Name": SHUFFLED, "Value": shuffled}, {"Name": "other", "Value": "x"}]
    return {"Event": "SparkListenerStageCompleted", "Stage Info": {"Stage ID": stage, "Accumulables": amounts}}


def log_of(folder: Path, events: list[dict[str, Any]]) -> Path:
    (folder / "events").write_text("\n".join(map(json.dumps, events)))
    return folder


def test_steps_are_added_up_and_held_against_those_of_a_book_twice_as_large(tmp_path: Path) -> None:
    log = log_of(
        tmp_path,
        [
            *(started("", [0]), completed(0, 9_000, 9_000)),
            *(started("1|facts", [1, 2]), completed(1, 5_000, 2_000), completed(2, 0, 1_000)),
            *(started("1|contacts", [2, 3]), completed(3, 1_000, 0)),
            *(started("both|facts", [4]), completed(4, 9_000, 6_000)),
        ],
    )
    assert list(table(steps_of(log))) == [
        "| step | jobs | stages | read, KB | shuffled, KB | clients x 2 |",
        "|---|---:|---:|---:|---:|---:|",
        "| facts | 1 | 2 | 5 | 3 | 2.00 |",
        "| contacts | 1 | 1 | 1 | 0 |  |",
        "| all | 2 | 3 | 6 | 3 | 2.00 |",
    ]


def test_one_book_alone_is_a_table_without_a_column_beside(tmp_path: Path) -> None:
    log = log_of(tmp_path, [started("both|facts", [1]), completed(1, 5_000, 2_000)])
    assert list(table(steps_of(log)))[2:] == ["| facts | 1 | 1 | 5 | 2 |", "| all | 1 | 1 | 5 | 2 |"]
