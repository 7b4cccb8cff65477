"""Every row of the table of promises, at the length of every change; `make soak` is the full one."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.soak.promise import Length, Outcome, Promise
from tests.soak.run import kept, line, promises, run

ROWS = promises()
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("promise", ROWS, ids=[row.id for row in ROWS])
def test_the_promise_is_kept(promise: Promise) -> None:
    """In a process of its own, which may be killed, may fork and may load what the tests must not."""
    words = [sys.executable, "-m", "tests.soak.run", "--length", "short", "--only", promise.id]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if "(skipped: " in done.stdout:
        pytest.skip(done.stdout.rpartition("(skipped: ")[2].strip().removesuffix(")"))


class TestTheTable:
    """A table that cannot show a broken promise is worth nothing."""

    def test_a_broken_promise_is_counted_and_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        def check(length: Length) -> Outcome:
            return Outcome(runs=3, failures=(f"lost at seed {length.seed}",))

        assert run([Promise("A1", "nothing is lost", check)], Length("short", 7)) == 1
        assert "lost at seed 7" in capsys.readouterr().out

    def test_a_row_that_tries_nothing_is_broken(self) -> None:
        assert run([Promise("A1", "nothing is lost", lambda _: Outcome())], Length("short", 7)) == 1

    def test_a_row_that_falls_over_is_broken_and_the_next_is_tried(self, capsys: pytest.CaptureFixture[str]) -> None:
        def fall(_: Length) -> Outcome:
            raise OSError("over")

        rows = [Promise("A1", "first", fall), Promise("A2", "second", lambda _: Outcome(runs=2))]
        assert run(rows, Length("short", 7)) == 1
        shown = capsys.readouterr().out
        assert "OSError: over" in shown
        assert line(rows[1], Outcome(runs=2), 0.0).split()[:3] in [one.split()[:3] for one in shown.splitlines()]

    def test_a_skipped_row_says_why(self) -> None:
        promise = Promise("A3", "no error is untyped", lambda _: Outcome(skipped="no C compiler"))
        outcome = kept(promise, Length("short", 7))
        assert outcome.is_kept
        assert "no C compiler" in line(promise, outcome, 0.0)

    def test_a_length_says_how_often(self) -> None:
        assert (Length("short", 1).of(3, 100), Length("full", 1).of(3, 100)) == (3, 100)
