"""The consulting preset over books of millions: time, memory and bytes by engine and size, and how they grow.

    python -m tests.scale.run --clients 1000000 3000000 10000000 --engines polars duckdb

A book is invented, decided by each engine in a process of its own, and taken away again. The digests of all rows must agree; the
exit code is 1 where they do not. The table is printed as it stands in docs/explanation/scale.md, and written as JSON.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Any, Final

__all__ = ["growth", "main", "table"]

HEADINGS: Final = (
    "engine", "clients", "touchpoints", "rows out", "seconds", "CPU seconds", "peak memory", "book", "read", "written", "digest",
)  # fmt: skip
_MB: Final = 1_000_000
Found = dict[str, Any]


def _child(*words: object) -> Found:
    """What a module of this folder prints."""
    done = subprocess.run([sys.executable, "-m", *map(str, words)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} failed:\n{done.stderr}")
    return json.loads(done.stdout) if done.stdout else {}


def measurements(options: argparse.Namespace, root: Path) -> Iterator[Found]:
    """One measurement after the other: each engine over each book."""
    for clients in options.clients:
        book = root / f"book-{clients}"
        began = perf_counter()
        _child("tests.scale.invented", "--clients", clients, "--folder", book)
        _say(f"{clients:,} clients invented in {perf_counter() - began:.0f} s")
        for engine in options.engines:
            rows = root / f"rows-{clients}-{engine}"
            limit = ["--memory-limit", options.memory_limit] if engine == "duckdb" else []
            checked = ["--checked"] if options.checked else []
            found = _child("tests.scale.measured", "--engine", engine, "--folder", book, "--to", rows, *limit, *checked)
            found |= {"clients": clients, "touchpoints": clients * 10} | _child("tests.scale.measured", "--digest", rows)
            _say(f"{clients:,} clients decided by {engine} in {found['seconds']:.0f} s")
            shutil.rmtree(rows)
            yield found
        shutil.rmtree(book)


def table(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The rows of a table in Markdown."""
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{'|'.join('---' if place in {0, len(HEADINGS) - 1} else '---:' for place in range(len(HEADINGS)))}|"
    for one in found:
        cells = (
            one["engine"],
            f"{one['clients']:,}",
            f"{one['touchpoints']:,}",
            f"{sum(one['rows'].values()):,}",
            f"{one['seconds']:.1f}",
            f"{one['cpu_seconds']:.1f}",
            f"{one['peak_bytes'] / _MB:,.0f} MB",
            f"{one['bytes_of_the_book'] / _MB:,.0f} MB",
            f"{one.get('bytes_read', 0) / _MB:,.0f} MB",
            f"{one.get('bytes_written', 0) / _MB:,.0f} MB",
            "`" + "-".join(each[:4] for each in one["digests"].values()) + "`",
        )
        yield f"| {' | '.join(cells)} |"


def growth(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a size costs against the smallest one, by engine."""
    for engine in dict.fromkeys(one["engine"] for one in found):
        first, *others = [one for one in found if one["engine"] == engine]
        for one in others:
            times = {name: one[name] / first[name] for name in ("clients", "seconds", "cpu_seconds", "peak_bytes")}
            yield (
                f"{engine}: {times['clients']:.3g} times the clients take {times['seconds']:.3g} times the time, "
                f"{times['cpu_seconds']:.3g} times the CPU time and {times['peak_bytes']:.3g} times the memory"
            )


def machine() -> str:
    """What it ran on."""
    info, name = Path("/proc/cpuinfo"), platform.machine()
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        name = models[0] if models else name
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} x {name}, {memory:.0f} GiB, Python {platform.python_version()}"


def disagreements(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The books about which engines say different things."""
    said: dict[int, dict[str, Any]] = {}
    for one in found:
        before = said.setdefault(one["clients"], {"digests": one["digests"], "engine": one["engine"]})
        if before["digests"] != one["digests"]:
            yield f"{one['clients']:,} clients: {one['engine']} does not say what {before['engine']} says"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--engines", nargs="+", default=["polars", "duckdb"], choices=["polars", "duckdb"])
    parser.add_argument("--memory-limit", default="4GB", help="of DuckDB")
    parser.add_argument("--checked", action="store_true", help="the rows were checked before, as Frames(is_checked=True)")
    parser.add_argument("--folder", type=Path, help="where books and rows stand meanwhile; a temporary one by default")
    parser.add_argument("--json", type=Path, help="a file for what was measured")
    options = parser.parse_args(words)
    root = Path(mkdtemp(prefix="relcare-scale-", dir=options.folder))
    try:
        found = list(measurements(options, root))
    finally:
        shutil.rmtree(root)
    lines = [f"{machine()}; {date.today()}; memory limit of DuckDB {options.memory_limit}", "", *table(found), "", *growth(found)]  # noqa: DTZ011 - the day of the machine is meant
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"machine": lines[0], "measurements": found}, indent=2), encoding="utf-8")
    wrong = list(disagreements(found))
    for line in wrong:
        _say(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
