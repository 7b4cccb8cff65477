"""C1: a malformed policy or book is told in full, each mistake at its place, by our own errors alone."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from traceback import format_exc
from typing import Final

from tests.soak.malformed_books import bad_book, bad_record, planted_book
from tests.soak.malformed_policies import EVERYTHING, SYNTAXES, Syntax, drawn_tree, several, spoil_bytes, spoil_tree, written
from tests.soak.malformed_time import Stopwatch
from tests.soak.promise import Length, Outcome, Promise

from relcare.calendars import calendar
from relcare.codec import decode_text, dumps_policy, loads_policy, parse_json, parse_toml
from relcare.errors import DocumentError, PolicyDocumentError

_FILE: Final = "house"
_COMMAND: Final = "from relcare.cli import main; main()"
_MOST_PLANTS: Final = 6


def _read(text: str, syntax: Syntax, watch: Stopwatch) -> PolicyDocumentError | None:
    """What is wrong with a document; None where nothing is, and it is read back as it was written."""
    try:
        with watch.running():
            policy = loads_policy(text, file=_FILE, syntax=syntax)
    except PolicyDocumentError as error:
        return error
    if loads_policy(dumps_policy(policy)) != policy:
        raise AssertionError("what was read is written as another policy")
    return None


def _places(error: DocumentError) -> Iterator[str]:
    """What is amiss with the places of an error."""
    if not error.problems:
        yield "an error without a problem"
    for problem in error.problems:
        if not problem.file.startswith(_FILE) or (problem.line is None and not problem.path and "1 MiB" not in problem.message):
            yield f"no place: {problem}"


def mutated(random: Random, watch: Stopwatch) -> list[str]:
    """One document with some mistakes of any kind."""
    tree, syntax = drawn_tree(random), random.choice(SYNTAXES)
    if random.random() < 0.5:
        for _ in range(random.randint(1, 3)):
            spoil_tree(random, tree)
        text = written(tree, syntax)
    else:
        raw = spoil_bytes(random, written(tree, syntax).encode())
        try:
            text = decode_text(raw, _FILE)
        except PolicyDocumentError as error:
            return list(_places(error))
    wrong = _read(text, syntax, watch)
    return [] if wrong is None else list(_places(wrong))


def planted(random: Random, watch: Stopwatch) -> list[str]:
    """One document with several mistakes that have nothing to do with each other: each is told, at its line."""
    tree, syntax = drawn_tree(random), random.choice(SYNTAXES)
    plants = several(random, tree, random.randint(2, _MOST_PLANTS))
    text = written(tree, syntax)
    error = _read(text, syntax, watch)
    if error is None:
        return [f"nothing was told of {[plant.path for plant in plants]}"]
    _, places = (parse_json if syntax == "json" else parse_toml)(text, _FILE)
    told = {problem.line for problem in error.problems}
    lines = {plant.path: {places.around(plant.path).line, places.around(plant.path).value_line} for plant in plants}
    missed = [str(path) for path, where in lines.items() if not where & told]
    if len(error.problems) < len(plants):
        missed.append(f"{len(error.problems)} problems for {len(plants)} mistakes")
    return [*_places(error), *(f"not told: {one} among {[plant.path for plant in plants]}" for one in missed)]


def _commands(seed: int, count: int) -> list[str]:
    """What the command does with files that are no policy: it ends with 2, says so, and shows no trace of the program."""
    found: list[str] = []
    random = Random(seed)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "house.toml"
        for number in range(count):
            raw = EVERYTHING.encode()
            file.write_bytes(spoil_bytes(random, raw) + b"\n[zzz]\n" if number else b"\xff\xfe")
            done = subprocess.run(
                [sys.executable, "-c", _COMMAND, "check", str(file)], capture_output=True, text=True, timeout=60, check=False
            )
            if done.returncode != 2 or "Traceback" in done.stderr + done.stdout or "house.toml" not in done.stderr + done.stdout:
                found.append(f"command {number}: ended with {done.returncode}: {(done.stderr or done.stdout)[-300:]}")
    return found


_WAYS: Final = (mutated, planted, planted, bad_book, planted_book, bad_record)


def _check(length: Length) -> Outcome:
    runs, watch = length.of(180, 100_000), Stopwatch()
    calendar("US-CA")  # loaded before anything is timed
    failures: list[str] = []
    for number in range(runs):
        way = _WAYS[number % len(_WAYS)]
        watch.doing = f"{way.__name__} {length.seed}:{number}"
        try:
            found = way(Random(watch.doing), watch)
        except Exception:  # noqa: BLE001 - what is no error of ours is what is looked for
            found = [format_exc(limit=-3)]
        failures.extend(f"{watch.doing}: {one}" for one in found)
    failures.extend(_commands(length.seed, length.of(2, 50)))
    return Outcome(runs=runs, failures=tuple(failures), note=str(watch))


PROMISES: Final = (
    Promise(
        "C1", "A malformed policy or book is told in full: our errors alone, each mistake at its place, none in silence", _check
    ),
)
