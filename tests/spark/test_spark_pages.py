"""The page about Spark, run as it is written."""

from doctest import ELLIPSIS
from pathlib import Path
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "decide-on-spark.md"


@pytest.mark.usefixtures("compiled")
def test_the_page_says_what_happens(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = Sybil([PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()]).parse(PAGE)
    examples = list(page.examples())
    assert len(examples) > 8
    for example in examples:
        example.evaluate()
