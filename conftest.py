"""Runs what the README, the documentation and the docstrings show, exactly as it is written.

Every document starts in a scratch folder of its own with the files of `docs/examples` in it, so that an example can name a policy
file by its short name and leave a book behind. `<!-- skip: next -->` before a block leaves that block out.
"""

import os
import shutil
import tempfile
from doctest import ELLIPSIS
from pathlib import Path
from typing import Any

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser
from sybil.parsers.rest import SkipParser as DocstringSkipParser
from sybil.sybil import SybilCollection
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent
_FOLDER = "__scratch_folder__"
_BEFORE = "__folder_before__"


def _enter_scratch(namespace: dict[str, Any]) -> None:
    folder = tempfile.mkdtemp(prefix="relcare-docs-")
    examples = ROOT / "docs" / "examples"
    if examples.is_dir():
        shutil.copytree(examples, folder, dirs_exist_ok=True)
    namespace[_FOLDER], namespace[_BEFORE] = folder, Path.cwd()
    os.chdir(folder)


def _leave_scratch(namespace: dict[str, Any]) -> None:
    os.chdir(namespace[_BEFORE])
    shutil.rmtree(namespace[_FOLDER], ignore_errors=True)


def _documents(pattern: str, folder: Path, *, exclude: str | None = None) -> Sybil:
    return Sybil(
        parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
        pattern=pattern,
        exclude=exclude,
        path=str(folder),
        setup=_enter_scratch,
        teardown=_leave_scratch,
    )


_DOCSTRINGS = Sybil(
    parsers=[DocTestParser(optionflags=ELLIPSIS), DocstringSkipParser()],
    pattern="*.py",
    path=str(ROOT / "src" / "relcare"),
    document_types={".py": PythonDocStringDocument},
)
_README = _documents("README.md", ROOT)
# The page about Spark is run by `make spark`: it starts a Java machine.
_DOCS = _documents("*.md", ROOT / "docs", exclude="**/decide-on-spark.md")

pytest_collect_file = SybilCollection([_README, _DOCS, _DOCSTRINGS]).pytest()


class _DocumentsWhole(LoadScopeScheduling):  # type: ignore[misc] # xdist is published without types
    """Gives a worker one test at a time, but a document, whose examples build on each other, as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file.startswith("tests/") else file


# xdist's own groups (`--dist loadgroup`) have no effect under pytest 9.2.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """How the tests are shared out with `-n 2`."""
    return _DocumentsWhole(config, log)
