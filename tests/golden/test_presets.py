"""The presets over the sample book give the committed results, to the last reason."""

import runpy
from pathlib import Path

import pytest

from relcare.presets import preset, preset_names

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_decides_as_committed(name: str) -> None:
    """A change here is a decision that changed: see the docstring of decide.py."""
    decisions = runpy.run_path(str(HERE / "decide.py"))["decisions"]
    assert decisions(name) == (HERE / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", preset_names())
def test_the_worked_examples_of_a_preset_hold(name: str) -> None:
    policy = preset(name)
    assert len(policy.examples) >= 6
    assert policy.check().failures == ()


@pytest.mark.parametrize("name", preset_names())
def test_every_rule_of_a_preset_names_its_source(name: str) -> None:
    policy = preset(name)
    rules = (*policy.segmentation, *policy.cadence, *policy.relationships, *policy.vip_programmes)
    assert [rule for rule in rules if not rule.source] == []
