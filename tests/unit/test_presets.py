"""The five trades: what the chapters promise stands in the presets, and a preset is taken wherever a policy is."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

import relcare as rc
from relcare.cli._app import app
from relcare.demo import DEMO_AS_OF, demo_book
from relcare.presets import preset_document, preset_names, preset_text

ROOT = Path(__file__).parents[2]
CHAPTERS = ROOT / "docs" / "presets"
HEAD = "| what the handbook says | rules | figures | from |"

# What the practice of the five trades puts a figure to, or names outright; the preset, its rule, and how the rule says it.
PRACTICE = [
    ("consulting", "abc", '{ id = "A", share = "20%" }'),
    ("consulting", "abc", '{ id = "B", share = "40%" }'),
    ("consulting", "abc", '{ id = "C", share = "40%" }'),
    ("consulting", "abc", 'review = "monthly"'),
    ("consulting", "call-A", 'every = "1 week"'),
    ("consulting", "visit-A", 'every = "2 months"'),
    ("consulting", "visit-A", 'reaches = ["principal"]'),
    ("consulting", "news-A", 'role = "researcher"'),
    ("consulting", "call-B", 'every = "1 week"'),
    ("consulting", "visit-B", 'every = "3 months"'),
    ("consulting", "call-C", 'every = "2 weeks"'),
    ("consulting", "visit-C", 'every = "4 months"'),
    ("consulting", "national-day", 'role = "secretary"'),
    ("consulting", "birthday", 'role = "secretary"'),
    ("consulting", "thanks", 'channel = "letter"'),
    ("consulting", "proposal", 'within = "3 days"'),
    ("consulting", "fault", 'within = "same day"'),
    ("consulting", "callback", 'within = "agreed"'),
    ("consulting", "vip", "largest_purchase >= 10_000"),
    ("consulting", "vip", "best_month >= 20_000"),
    ("consulting", "vip", "best_rank >= 'department'"),
    ("warehouse", "record-walk-in", 'within = "same day"'),
    ("warehouse", "inspect-register", 'every = "2 weeks"'),
    ("warehouse", "inspect-register", 'lead = "1 week"'),
    ("warehouse", "contact-open", 'every = "1 week"'),
    ("warehouse", "contact-closed", 'every = "1 month"'),
    ("warehouse", "signing", 'within = "agreed"'),
    ("warehouse", "intent-changed", 'role = "keeper"'),
    ("warehouse", "new-year", 'role = "secretary"'),
    ("warehouse", "vip", "largest_high_end >= 10_000"),
    ("warehouse", "vip", "best_month >= 20_000"),
    ("warehouse", "vip", "best_rank >= 'department'"),
    ("warehouse", "vip", 'approval = "head"'),
    ("investment", "market", 'by = ["business_line", "risk_appetite", "product_term"]'),
    ("investment", "contact-open", 'every = "1 week"'),
    ("investment", "contact-standard", 'every = "1 month"'),
    ("investment", "proposal", 'within = "3 days"'),
    ("investment", "callback", 'within = "agreed"'),
    ("service-desk", "fault-repaired", 'within = "same day"'),
    ("service-desk", "fault-answered", 'within = "same day"'),
    ("service-desk", "appointment", 'within = "agreed"'),
    ("service-desk", "appointments 100 % on time", "appointments_missed_90d == 0"),
    ("service-desk", "installations at least 95 % on time", "installation_rate >= 0.95"),
    ("service-desk", "facts.desire_congruency", 'difference = ["performance", "desire"]'),
    ("service-desk", "facts.expectation_congruency", 'difference = ["performance", "expectation"]'),
    ("agent", "upstream", 'appeal = "loyalty"'),
    ("agent", "partner", 'appeal = "fellow feeling"'),
    ("agent", "channel", 'appeal = "profit"'),
    ("agent", "end_customer", 'appeal = "reason"'),
]


@cache
def tables(name: str) -> tuple[str, ...]:
    """The text of every table of a preset, without the comment lines."""
    text = "\n".join(line for line in preset_text(name).splitlines() if not line.startswith("#"))
    return tuple(part.strip() for part in re.split(r"^(?=\[)", text, flags=re.MULTILINE) if part.strip())


def text_of(name: str, rule: str) -> str:
    """What a preset says of a rule, a type, a fact, an indicator or a room such as `permission`."""
    found = [table for table in tables(name) if table.startswith((f"[{rule}]\n",)) or _names(table, rule)]
    inline = [line for table in tables(name) for line in table.splitlines() if line.strip().startswith(f'{{ id = "{rule}", ')]
    assert found or inline, f"preset {name} has no rule {rule!r}"
    return "\n".join((*found, *inline))


def _names(table: str, rule: str) -> bool:
    return f'id = "{rule}"' in table.splitlines() or f'type = "{rule}"' in table.splitlines()


def rows(name: str) -> Iterator[tuple[list[str], list[str], str]]:
    """The rows of a chapter's table: the rules, the figures, and whose figures they are."""
    lines = (CHAPTERS / f"{name}.md").read_text(encoding="utf-8").partition(HEAD)[2].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        _, _, rules, figures, whose, _ = (cell.strip() for cell in line.split("|"))
        yield re.findall(r"`([^`]+)`", rules), re.findall(r"`([^`]+)`", figures), whose


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_of_a_chapter_stands_in_the_rule_it_names(name: str) -> None:
    found = list(rows(name))
    assert len(found) >= 15
    for rules, figures, whose in found:
        assert rules, "a row names a rule"
        assert figures, "a row has a figure"
        assert whose in ("practice", "start")
        assert [(rule, figure) for rule in rules for figure in figures if figure not in text_of(name, rule)] == []


@pytest.mark.parametrize(("name", "rule", "figure"), PRACTICE, ids=[f"{name}-{rule}-{figure}" for name, rule, figure in PRACTICE])
def test_a_figure_of_the_practice_is_the_default_of_its_preset(name: str, rule: str, figure: str) -> None:
    assert figure in text_of(name, rule)
    assert (rule, figure, "practice") in {(one, two, whose) for ones, twos, whose in rows(name) for one in ones for two in twos}


@pytest.mark.parametrize("name", preset_names())
def test_every_rule_that_obliges_is_told_of_in_its_chapter(name: str) -> None:
    policy = rc.preset(name)
    told = {rule for rules, _, _ in rows(name) for rule in rules}
    ids = {rule.id for rule in (*policy.cadence, *policy.triggers, *policy.segmentation, *policy.segments)}
    assert ids - told == set()


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_has_a_chapter_that_is_linked(name: str) -> None:
    index = (CHAPTERS / "index.md").read_text(encoding="utf-8")
    assert f"[`{name}`]({name}.md)" in index
    assert f"\n{name}\n" in index.partition("```{toctree}")[2]


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("command", ["check", "due", "board", "capacity", "neglect", "segments"])
def test_a_preset_is_taken_where_a_policy_is(name: str, command: str, tmp_path: Path) -> None:
    words = [command, f"preset:{name}"]
    if command != "check":
        rc.write_book(demo_book(), tmp_path / "book")
        words = [command, str(tmp_path / "book"), "--policy", f"preset:{name}", "--as-of", "2026-03-31"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", preset_names())
def test_every_place_of_a_preset_is_found_in_its_text(name: str) -> None:
    document = preset_document(name)
    for index, rule in enumerate(document.policy.cadence):
        line = int(document.place_of(f"cadence[{index}]").rpartition(":")[2])
        assert preset_text(name).splitlines()[line - 1 :][:2] == ["[[cadence]]", f'id = "{rule.id}"']


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_does_not_depend_on_the_order_of_clients(name: str) -> None:
    policy, book = rc.preset(name), demo_book()
    backwards = attrs.evolve(book, clients=tuple(reversed(book.clients)))
    here, there = (policy.decide(one, as_of=DEMO_AS_OF) for one in (book, backwards))
    assert {one.key: (one.state, one.due_on) for one in here.obligations} == {
        one.key: (one.state, one.due_on) for one in there.obligations
    }
