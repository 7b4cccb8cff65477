"""The page of the last timed run says what was measured, where, and how to measure it again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.page import main, page

DAY = date(2026, 3, 31)
WRITTEN = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
MADE_AGAIN = "`make bench-page DATE=<the day>`"


def gate(**changes: Any) -> dict[str, Any]:
    numbers = {"gate": 10.0, "goal": 12.0, "measured": 11.04, "is_faster": True}
    said = {"work": "tiers against a sort", "note": "0.6 s", "outcome": "gate"}
    return {"test": "tests/benchmarks/test_frames_speed.py::test_tiers[1m]", **numbers, **said, **changes}


def run_of(*gates: dict[str, Any]) -> dict[str, Any]:
    machine = {
        "node": "our-machine",
        "machine": "x86_64",
        "system": "Linux",
        "python_implementation": "CPython",
        "python_version": "3.11.7",
        "cpu": {"brand_raw": "A Processor", "count": 2},
        "memory_bytes": 24 * 2**30,
        "libraries": {"polars": "2.1.0", "attrs": "26.1.0"},
    }
    return {"machine_info": machine, "gates": list(gates)}


def test_a_row_says_what_was_promised_and_what_was_measured() -> None:
    assert "| tiers against a sort | times faster | 10 | 12 | 11.04 | gate | 0.6 s |" in page(run_of(gate()), DAY).splitlines()


def test_what_has_no_goal_or_was_not_measured_has_an_empty_cell() -> None:
    row = gate(goal=None, measured=None, outcome="skipped", is_faster=False, note="no engine")
    assert "| tiers against a sort | times as long | 10 |  |  | not measured | no engine |" in page(run_of(row), DAY).splitlines()


def test_a_note_cannot_break_the_table() -> None:
    assert "| gate | one / two |" in page(run_of(gate(note="one | two")), DAY)


def test_the_head_counts_what_became_of_the_promises() -> None:
    outcomes = ("goal", "goal", "gate", "NO", "skipped", "skipped", "skipped")
    text = page(run_of(*(gate(outcome=outcome) for outcome in outcomes)), DAY)
    assert "the run of 2026-03-31: of 7 promises 2 reached the goal, 1 more the gate,\n1 neither; not measured: 3" in text


def test_rows_stand_under_what_their_file_is_about_and_those_of_unknown_files_come_last() -> None:
    strange = gate(test="tests/benchmarks/test_new_speed.py::test_new")
    storage = gate(test="tests/benchmarks/test_storage_speed.py::test_reads")
    headings = [line for line in page(run_of(strange, gate(), storage), DAY).splitlines() if line.startswith("## ")]
    assert headings == ["## Storage", "## Tiers and rules over columns", "## test_new_speed"]


def test_the_machine_is_described_but_not_named() -> None:
    text = page(run_of(gate()), DAY)
    for said in ("A Processor, 2 cores (x86_64)", "24 GiB", "CPython 3.11.7", "attrs 26.1.0, polars 2.1.0"):
        assert said in text
    assert "our-machine" not in text


def test_what_a_reader_must_know_of_the_run_stands_above_its_figures() -> None:
    text = page(run_of(gate()), DAY, "Half of it.")
    assert text.index("```{warning}\nHalf of it.\n```") < text.index("## Tiers")
    assert "{warning}" not in page(run_of(gate()), DAY)


def test_the_command_writes_the_page_and_needs_the_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, written = tmp_path / "run.json", tmp_path / "page.md"
    run.write_text(json.dumps(run_of(gate())), encoding="utf-8")
    main(["--date", "2026-03-31", "--run", str(run), "--page", str(written)])
    assert written.read_text(encoding="utf-8") == page(run_of(gate()), DAY)
    with pytest.raises(SystemExit):
        main(["--run", str(run), "--page", str(written)])
    assert "--date" in capsys.readouterr().err


def test_the_page_of_the_documentation_says_how_it_is_made_again() -> None:
    assert MADE_AGAIN in page(run_of(gate()), DAY)
    assert MADE_AGAIN in WRITTEN.read_text(encoding="utf-8")
