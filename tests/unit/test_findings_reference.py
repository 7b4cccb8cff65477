"""The reference of findings: every code has its place there, with an example whose output was really produced.

That the output is real is checked by the examples themselves, which run with the documentation; here it is checked that none of
them is left out, and that each shows the code whose section it stands in.
"""

import re
from pathlib import Path

import pytest

from relcare.soundness import CODES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "findings.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^\((finding-[a-z-]+)\)=\n### `([a-z_.]+)`\n", re.MULTILINE)
TARGETS = {code: target for target, code in HEADING.findall(PAGE)}
ROW = re.compile(r"^\| \[`([a-z_.]+)`\]\(#([a-z-]+)\) \| (\w+) \| (.+) \|$", re.MULTILINE)
PARTS = ("- **Asked:** ", "- **Proved:** ", "- **Undecided:** ", "- **What to do:** ")


def section(code: str) -> str:
    """What stands between the heading of a code and the next heading."""
    return re.split(r"^(?:##|\(finding-)", PAGE.partition(f"### `{code}`\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def printed(text: str) -> str:
    """What the examples of a section print, as one line."""
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines() if not line.startswith((">>> ", "... "))]
    return " ".join(lines)


def test_every_code_has_its_section_in_the_order_of_the_codes() -> None:
    assert list(TARGETS) == list(CODES)


def test_the_table_gives_every_code_with_its_severity_and_meaning() -> None:
    rows = [(code, target, severity, meaning) for code, target, severity, meaning in ROW.findall(PAGE)]
    assert rows == [(code, TARGETS[code], *CODES[code]) for code in CODES]


@pytest.mark.parametrize("code", CODES)
def test_every_section_says_what_is_asked_what_is_proved_when_it_is_undecided_and_what_to_do(code: str) -> None:
    text = section(code)
    assert text.strip().startswith(f"{CODES[code][0].capitalize()}. Question `")
    assert [text.count(part) for part in PARTS] == [1, 1, 1, 1]


@pytest.mark.parametrize("code", CODES)
def test_an_example_of_every_section_produces_its_code(code: str) -> None:
    assert f": {CODES[code][0]}: {code}: {CODES[code][1]}" in printed(section(code))


def test_no_example_is_left_out_when_the_documentation_runs() -> None:
    assert "skip:" not in PAGE
    assert PAGE.count("```python\n") >= len(CODES)


def test_the_reference_leads_to_the_page() -> None:
    index = Path(__file__).parents[2] / "docs" / "reference" / "index.md"
    assert "\nfindings\n" in index.read_text(encoding="utf-8")
