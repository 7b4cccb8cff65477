"""Speed as ratios within one run: what is measured and what it is measured against run in the same test, alternately.

What a benchmark promises is declared once, where it stands:

    @pytest.mark.speed("ten rules against rule-engine", faster=120, goal=180)
    @pytest.mark.speed("ten rules against a function written by hand", at_most=1.5, goal=1.2)

The first number is the gate, without which the benchmark fails; the goal is what is aimed at. A timed run ends with a table of
all of them, and writes them into the JSON of pytest-benchmark under `gates`.
"""

import gc
import os
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from time import process_time
from typing import Any

import attrs
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

Work = Callable[[], Any]


@attrs.frozen(kw_only=True)
class Gate:
    """What one benchmark promises, and what came of it.

    Attributes:
        work: What is measured, against what.
        is_faster: Whether the numbers say how many times faster it is; else how many times as long it takes.
        gate: What it must reach.
        goal: What is aimed at; None where nothing more than the gate is.
        measured: What it reached; None when it was not measured.
        note: What else is worth knowing, or why it was not measured.
    """

    work: str
    is_faster: bool
    gate: float
    goal: float | None = None
    measured: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        return self.reaches(self.gate)

    def reaches(self, bound: float) -> bool:
        return self.measured is not None and (self.measured >= bound if self.is_faster else self.measured <= bound)

    @property
    def outcome(self) -> str:
        """`goal`, `gate`, `NO`, or why there is none."""
        if self.measured is None:
            return "skipped"
        return "goal" if self.reaches(self.gate if self.goal is None else self.goal) else "gate" if self.is_met else "NO"

    def cells(self) -> tuple[str, ...]:
        kind = "times faster" if self.is_faster else "times as long"
        numbers = (self.gate, self.goal, self.measured)
        return (self.work, kind, *("" if number is None else f"{number:.4g}" for number in numbers), self.outcome, self.note)


HEADINGS = ("work", "ratio", "gate", "goal", "measured", "met", "")
LIBRARIES = (
    *("attrs", "cattrs", "pendulum", "click", "narwhals", "polars", "duckdb", "pyspark", "pyarrow", "sqlalchemy"),
    *("ortools", "rule-engine", "zen-engine"),
)
GATES = pytest.StashKey[dict[str, Gate]]()


def declared(item: pytest.Item) -> Gate | None:
    """What a test promises; None when it promises nothing.

    Raises:
        pytest.UsageError: If it does not say how fast in one way.
    """
    mark = item.get_closest_marker("speed")
    if mark is None:
        return None
    bounds = {name: mark.kwargs[name] for name in ("faster", "at_most") if name in mark.kwargs}
    if len(mark.args) != 1 or len(bounds) != 1 or not set(mark.kwargs) <= {"faster", "at_most", "goal"}:
        raise pytest.UsageError(f"{item.nodeid}: speed needs the work, either faster or at_most, and may have a goal")
    ((kind, gate),) = bounds.items()
    return Gate(work=mark.args[0], is_faster=kind == "faster", gate=gate, goal=mark.kwargs.get("goal"))


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", "speed(work, *, faster | at_most, goal): what a benchmark promises; see its conftest")
    config.stash.setdefault(GATES, {})


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes every promise, so that what is skipped is in the table too."""
    promises = {item.nodeid: gate for item in session.items if (gate := declared(item)) is not None}
    session.config.stash[GATES].update(promises)


@pytest.fixture
def judge(request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> Callable[..., None]:
    """Takes how many times as long ours took as the reference, and fails the test where that breaks its promise.

    Ratios are only judged where they are measured: a run without timing executes the work once.
    """
    gates, nodeid = request.config.stash[GATES], request.node.nodeid

    def judged(found: float, note: str = "") -> None:
        promise = gates[nodeid]
        measured = attrs.evolve(promise, measured=1 / found if promise.is_faster else found, note=note)
        if benchmark.enabled:
            gates[nodeid] = measured
            benchmark.extra_info["gate"] = attrs.asdict(measured)
            assert measured.is_met, f"{measured.work}: {' '.join(measured.cells()[1:])}"

    return judged


@pytest.fixture
def ratio(benchmark: BenchmarkFixture, judge: Callable[..., None]) -> Callable[..., None]:
    """Measures how many times as long ours takes as the reference, and judges it: the best of several alternate runs of each.

    The benchmark fixture times ours for the report. A note may be made of the seconds that ours took. What takes a millisecond is
    timed without the collector of garbage, as `timeit` does it: what that costs depends on what else the process holds.
    """

    def measure(
        ours: Work,
        reference: Work,
        *,
        rounds: int = 5,
        note: Callable[[float], str] | None = None,
        is_collecting: bool = True,
    ) -> None:
        def once(work: Work) -> float:
            return seconds(work, is_collecting=is_collecting)

        pairs = [(once(ours), once(reference)) for _ in range(rounds if benchmark.enabled else 1)]
        benchmark.pedantic(ours, rounds=min(rounds, 3))  # type: ignore[no-untyped-call]
        best, other = (min(times) for times in zip(*pairs, strict=True))
        judge(best / max(other, 1e-9), "" if note is None else note(best))

    return measure


def seconds(work: Work, *, is_collecting: bool = True) -> float:
    """How long a processor is busy with some work."""
    gc.collect()
    if not is_collecting:
        gc.disable()
    try:
        started = process_time()
        work()
        return process_time() - started
    finally:
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config: pytest.Config, benchmarks: object, output_json: dict[str, Any]) -> None:
    """The table in the JSON of the run."""
    gates = config.stash[GATES].items()
    output_json["gates"] = [{"test": test, **attrs.asdict(gate), "outcome": gate.outcome} for test, gate in gates]


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    """What the figures hang on, beside the processor; the name of the machine is nobody's business."""
    del machine_info["node"]
    machine_info["memory_bytes"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    there = {found.metadata["Name"].lower(): found.version for found in distributions()}
    machine_info["libraries"] = {name: there[name] for name in LIBRARIES if name in there}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table at the end of a timed run."""
    gates = config.stash[GATES]
    is_timed = config.getoption("benchmark_enable", default=False) or not config.getoption("benchmark_disable", default=True)
    if not gates or not is_timed:
        return
    for report in terminalreporter.stats.get("skipped", ()):
        if report.nodeid in gates and isinstance(report.longrepr, tuple):
            gates[report.nodeid] = attrs.evolve(gates[report.nodeid], note=str(report.longrepr[2]).removeprefix("Skipped: "))
    terminalreporter.section("gates")
    for line in table([HEADINGS, *(gate.cells() for gate in gates.values())]):
        terminalreporter.write_line(line)


def table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Rows as lines, the numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= place <= 4 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
