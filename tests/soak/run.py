"""Prints the table of promises: what is promised, how often it was tried, how often it was broken.

    python -m tests.soak.run --length short
    python -m tests.soak.run --length full --only A1 A4 --seed 7

The exit code is 1 when a promise was broken, with what was seen.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from traceback import format_exc

from tests.soak.promise import Length, Outcome, Promise

SEED = 20260331
PLUMBING = frozenset({"promise", "run"})


def promises() -> list[Promise]:
    """All rows, in the order of their ids: A1, A2, ... A10, B1, ..."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    modules = (import_module(f"tests.soak.{name}") for name in names if name not in PLUMBING and not name.startswith("test_"))
    rows: list[Promise] = [row for module in modules for row in getattr(module, "PROMISES", ())]
    return sorted(rows, key=lambda row: (row.id[0], int(row.id[1:])))


def kept(row: Promise, length: Length) -> Outcome:
    """What came of a row; an error of its own is a failure, not the end of the table."""
    try:
        return row.check(length)
    except Exception:  # noqa: BLE001 - whatever it is, the other rows are still to be tried
        return Outcome(runs=1, failures=(format_exc(),))


def line(row: Promise, outcome: Outcome, seconds: float) -> str:
    """One row of the table."""
    if outcome.skipped is not None:
        return f"{row.id:<4}{'-':>9}{'-':>6}{'':>8}  {row.text} (skipped: {outcome.skipped})"
    note = f" ({outcome.note})" if outcome.note else ""
    return f"{row.id:<4}{outcome.runs:>9,}{len(outcome.failures):>6,}{seconds:>7.1f}s  {row.text}{note}"


def show(text: str) -> None:
    """Prints a line at once: who waits for an hour wants to see how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(rows: Iterable[Promise], length: Length) -> int:
    """Does the rows one after the other; how many of them were broken."""
    show(f"{length.name}, seed {length.seed}")
    show(f"{'':<4}{'runs':>9}{'broken':>7}{'time':>7}  promise")
    broken = 0
    for row in rows:
        began = perf_counter()
        outcome = kept(row, length)
        show(line(row, outcome, perf_counter() - began))
        if not outcome.is_kept:
            broken += 1
            for failure in outcome.failures[:5] or ("nothing was tried",):
                show(f"     {failure}")
    return broken


def main(words: Sequence[str] | None = None) -> int:
    """Reads the words of the command line, and runs."""
    parser = argparse.ArgumentParser(prog="soak", description="The table of promises.")
    parser.add_argument("--length", choices=("short", "full"), default="short")
    parser.add_argument("--only", nargs="+", metavar="ID", help="only these rows, such as A1 B9")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(words)
    rows = promises()
    unknown = sorted(set(asked.only or ()) - {row.id for row in rows})
    if unknown:
        parser.error(f"no such rows: {', '.join(unknown)}; there are {', '.join(row.id for row in rows)}")
    wanted = [row for row in rows if asked.only is None or row.id in asked.only]
    return 1 if run(wanted, Length(asked.length, asked.seed)) else 0


if __name__ == "__main__":
    sys.exit(main())
