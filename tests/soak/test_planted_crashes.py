"""The rows of crashes see what they are for: defects planted one at a time, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.soak.crash_plants import PLANTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen() -> dict[str, int]:
    """How often each was seen."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.crash_plants"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    return {name: int(count) for name, _, count in (line.rpartition(": ") for line in done.stdout.splitlines())}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_defect_is_seen(name: str, seen: dict[str, int]) -> None:
    if name.endswith("closing drops") and sys.platform != "linux":
        pytest.skip("only Linux has locks that stay")
    assert seen[name] > 0
