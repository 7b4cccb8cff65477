"""The presets over the sample book give the committed results; each is proved wholly and names its sources."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from relcare.codec import dumps_policy, loads_policy, policy_document
from relcare.decisions import Policy
from relcare.presets import preset, preset_names
from relcare.soundness import prove

HERE = Path(__file__).parent
TRADES = ("agent", "consulting", "investment", "service-desk", "warehouse")


def test_there_is_a_preset_for_each_trade() -> None:
    assert preset_names() == TRADES


@pytest.mark.parametrize("name", TRADES)
def test_a_preset_decides_as_committed(name: str) -> None:
    """A change here is a decision that changed: see the docstring of decide.py."""
    decisions = runpy.run_path(str(HERE / "decide.py"))["decisions"]
    assert decisions(name) == (HERE / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TRADES)
def test_the_worked_examples_of_a_preset_hold(name: str) -> None:
    policy = preset(name)
    assert len(policy.examples) >= 8
    assert policy.check().failures == ()


@pytest.mark.parametrize("name", TRADES)
def test_every_question_about_a_preset_is_proved_or_accepted_with_a_reason(name: str) -> None:
    policy = preset(name)
    report = prove(policy)
    assert [str(one) for one in report.findings if one.outcome != "proved" and one.accepted is None] == []
    assert {one.code for one in report.findings if one.accepted is not None} == {"horizon"}
    assert all(one.reason for one in policy.accept)


@pytest.mark.parametrize("name", TRADES)
def test_a_preset_requires_its_proofs_of_itself(name: str) -> None:
    policy = preset(name)
    assert policy.staffing is not None
    kinds = {one.kind for one in policy.require}
    assert {"feasible", "monotone", "never_demotes", "share"} <= kinds
    # The question is whether each scheme is total; a quota scheme has no such question.
    assert ("total" in kinds) == (name != "consulting")


@pytest.mark.parametrize("name", TRADES)
def test_every_rule_of_a_preset_names_its_source(name: str) -> None:
    rules = list(_rules(preset(name)))
    assert len(rules) >= 15
    assert [rule_id for rule_id, source in rules if not source] == []


@pytest.mark.parametrize("name", TRADES)
def test_a_source_is_a_section_of_the_trades_own_handbook(name: str) -> None:
    policy = preset(name)
    assert policy.source
    for rule_id, source in _rules(policy):
        assert source is not None
        book, _, section = source.partition(", ")
        assert book in (policy.source, "VIP regulation", "VIP regulation of the warehouse operator"), rule_id
        assert section, rule_id


@pytest.mark.parametrize("name", TRADES)
def test_a_preset_is_written_back_as_the_equal_policy(name: str) -> None:
    policy = preset(name)
    written = dumps_policy(policy)
    again = loads_policy(written)
    assert again == policy
    assert dumps_policy(again) == written
    assert policy_document(again) == policy_document(policy)


def _rules(policy: Policy) -> Iterator[tuple[str, str | None]]:
    """Everything that decides, with its source."""
    yield from ((one.id, one.source) for one in policy.segmentation)
    yield from ((one.id, one.source) for one in policy.segments)
    yield from ((one.id, one.source) for one in policy.grades)
    yield from ((one.id, one.source) for one in policy.cadence)
    yield from ((one.id, one.source) for one in policy.triggers)
    yield from ((one.id, one.source) for one in policy.neglect)
    yield from ((one.id, one.source) for one in policy.holding)
    yield from ((one.id, one.source) for one in policy.vip_programmes)
    for strategy in policy.relationships:
        yield strategy.type, strategy.source
        yield from ((one.id, one.source) for one in strategy.indicators)
        yield from ((one.id, one.source) for one in strategy.situations)
