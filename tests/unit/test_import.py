import functools
import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY_OR_OPTIONAL = ("sqlite3", "holidays", "click", "rich", "cattrs", "hypothesis", "pytest", "narwhals", "polars", "duckdb")


def loaded_after(statement: str) -> set[str]:
    """The names of all modules that a fresh interpreter holds after one statement."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", HEAVY_OR_OPTIONAL)
def test_importing_relcare_loads_nothing_heavy_and_no_extra(name: str) -> None:
    assert name not in loaded_after("import relcare")


@pytest.mark.parametrize(
    "name", [*(name for name in HEAVY_OR_OPTIONAL if name != "click"), "relcare.decisions", "relcare.storage", "relcare.report"]
)
def test_the_help_of_the_command_loads_click_and_nothing_heavy(name: str) -> None:
    assert name not in loaded_after_help()


@functools.cache
def loaded_after_help() -> set[str]:
    asked = "from relcare.cli import main\ntry: main(['--help'])\nexcept SystemExit as end: assert not end.code"
    loaded = loaded_after(f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): exec({asked!r})")
    assert {"click", "relcare.cli"} <= loaded
    return loaded


def rooms_after(statement: str) -> set[str]:
    """The rooms of the library that are loaded after one statement."""
    names = (name.removeprefix("relcare").removeprefix(".") for name in loaded_after(statement) if name.startswith("relcare"))
    return {name.partition(".")[0] for name in names} - {""}


def test_importing_relcare_loads_none_of_its_rooms() -> None:
    assert rooms_after("import relcare") == set()


def test_what_a_noun_stands_on_is_all_that_its_first_use_loads() -> None:
    assert rooms_after("import relcare; relcare.Client") == {"_fields", "_time", "calendars", "errors", "model"}


def test_importing_relcare_brings_nothing_but_attrs_and_pendulum_from_outside() -> None:
    packages = importlib.metadata.packages_distributions()
    roots = {module.partition(".")[0] for module in loaded_after("import relcare") - loaded_after("pass")}
    outside = {root for root in roots if root in packages and root not in sys.stdlib_module_names}
    # dateutil (with six) and tzdata come with pendulum.
    assert outside <= {"relcare", "attr", "attrs", "pendulum", "dateutil", "six", "tzdata", "typing_extensions"}


def test_the_version_is_the_one_of_the_project_file() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert importlib.metadata.version("relcare") == declared
