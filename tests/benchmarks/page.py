"""Writes the page of the documentation that shows the last timed run, with the machine that it ran on.

    make bench
    python -m tests.benchmarks.page --date 2026-03-31

What is read is the JSON of the run alone; the day is given, since a page is made again from an old run too.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

__all__ = ["main", "page"]

RUN: Final = Path(".benchmarks/latest.json")
PAGE: Final = Path("docs/reference/benchmarks.md")
AREAS: Final = {
    "test_speed": "Rules over objects, and the first import",
    "test_segmentation_speed": "Segmentation over objects",
    "test_objects_speed": "Books over objects",
    "test_cadence_speed": "Cadence",
    "test_planning_speed": "Planning",
    "test_soundness_speed": "Proofs",
    "test_storage_speed": "Storage",
    "test_access_speed": "Access",
    "test_live_speed": "Tiers that follow every change",
    "test_frames_speed": "Tiers and rules over columns",
    "test_scale_speed": "Measures and cadence over columns",
    "test_spark_speed": "Spark",
}
"""What the benchmarks of a file are about, in the order of the page; files that are not here follow."""
OUTCOMES: Final = {"goal": "goal", "gate": "gate", "NO": "**no**", "skipped": "not measured"}
_INTRODUCTION: Final = """\
# Benchmarks

<!-- Made by `python -m tests.benchmarks.page`: do not edit, make it again. -->

What speed is promised, and what the last timed run found. A gate is a ratio within one run: ours and what it is measured against
run in the same test, alternately. Without its gate a benchmark fails; the goal is what is aimed at. *Times faster* has to reach
its number, *times as long* must not exceed it. Times are of processors, all threads together, unless the row says otherwise.
"""
_AGAIN: Final = f"""\
```{{admonition}} Make this page again
`make bench` measures everything on your machine and writes `{RUN}`; `make bench-page DATE=<the day>` makes this page of it.
```
"""
HEADINGS: Final = ("what, against what", "ratio", "gate", "goal", "measured", "reached", "seen")


def page(run: Mapping[str, Any], on: date, remark: str = "") -> str:
    """The page of a run.

    Args:
        run: The JSON that `make bench` leaves.
        on: The day of the run.
        remark: What a reader must know of it: that it was not whole, or that the machine was busy.
    """
    gates: list[Mapping[str, Any]] = run["gates"]
    return "\n".join([*_head(run["machine_info"], gates, on, remark), *_areas(gates)]) + "\n"


def _head(machine: Mapping[str, Any], gates: Sequence[Mapping[str, Any]], on: date, remark: str) -> Iterator[str]:
    count = {outcome: sum(gate["outcome"] == outcome for gate in gates) for outcome in OUTCOMES}
    cpu = machine["cpu"]
    processor, cores = cpu.get("brand_raw") or machine["machine"], cpu.get("count", "?")
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(machine["libraries"].items()))
    yield _INTRODUCTION
    yield f"This is the run of {on}: of {len(gates)} promises {count['goal']} reached the goal, {count['gate']} more the gate,"
    yield f"{count['NO']} neither; not measured: {count['skipped']}."
    yield ""
    if remark:
        yield from ("```{warning}", remark, "```", "")
    yield _AGAIN
    yield "| | |"
    yield "|---|---|"
    yield f"| processor | {processor}, {cores} cores ({machine['machine']}) |"
    yield f"| memory | {machine['memory_bytes'] / 2**30:.0f} GiB |"
    yield f"| system | {machine['system']} |"
    yield f"| Python | {machine['python_implementation']} {machine['python_version']} |"
    yield f"| libraries | {libraries} |"


def _areas(gates: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    by_file: dict[str, list[Mapping[str, Any]]] = {name: [] for name in AREAS}
    for gate in gates:
        by_file.setdefault(Path(gate["test"].partition("::")[0]).stem, []).append(gate)
    for name, found in by_file.items():
        if found:
            yield from ("", f"## {AREAS.get(name, name)}", "")
            yield f"| {' | '.join(HEADINGS)} |"
            yield "|---|---|---:|---:|---:|---|---|"
            yield from map(_row, found)


def _row(gate: Mapping[str, Any]) -> str:
    numbers = ["" if gate[name] is None else f"{gate[name]:.4g}" for name in ("gate", "goal", "measured")]
    kind = "times faster" if gate["is_faster"] else "times as long"
    cells = [gate["work"], kind, *numbers, OUTCOMES[gate["outcome"]], gate["note"]]
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.page", description=__doc__.splitlines()[0] if __doc__ else None
    )
    asked.add_argument("--date", type=date.fromisoformat, required=True, help="the day of the run, as 2026-03-31")
    asked.add_argument("--run", type=Path, default=RUN, help="the JSON of the run")
    asked.add_argument("--page", type=Path, default=PAGE, help="where the page goes")
    asked.add_argument("--remark", default="", help="what a reader must know of the run, such as that it was not whole")
    given = asked.parse_args(arguments)
    run = json.loads(given.run.read_text(encoding="utf-8"))
    given.page.write_text(page(run, given.date, given.remark), encoding="utf-8")


if __name__ == "__main__":
    main()
