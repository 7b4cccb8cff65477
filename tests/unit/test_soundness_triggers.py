"""Triggers that feed each other for ever are found, and those that end are proved to."""

import pytest

import relcare as rc
from relcare.soundness import prove

HEAD = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'


def trigger(trigger_id: str, event: str, channel: str, within: str = "1 day", more: str = "") -> str:
    return f'[[trigger]]\nid = "{trigger_id}"\nevent = "{event}"\nchannel = "{channel}"\nwithin = "{within}"\n{more}\n'


def loops(*triggers: str) -> list[tuple[str, ...]]:
    report = prove(rc.loads_policy(HEAD + "".join(triggers)))
    return [finding.places for finding in report.refuted if finding.code == "trigger.loop"]


def test_two_that_answer_each_other_never_end() -> None:
    found = loops(trigger("a", "channel == 'call'", "letter"), trigger("b", "channel == 'letter'", "call"))
    assert found == [("trigger[0].event", "trigger[1].event")]


def test_one_that_is_its_own_event_never_ends() -> None:
    assert loops(trigger("a", "channel == 'call'", "call")) == [("trigger[0].event",)]


def test_three_in_a_circle_are_one_finding_and_a_bystander_is_left_out() -> None:
    found = loops(
        trigger("a", "channel == 'call'", "letter"),
        trigger("x", "channel == 'visit'", "letter"),
        trigger("b", "channel == 'letter'", "mail"),
        trigger("c", "channel == 'mail'", "call"),
    )
    assert found == [("trigger[0].event", "trigger[2].event", "trigger[3].event")]


@pytest.mark.parametrize(
    "mended",
    [
        trigger("a", "channel == 'call' and direction == 'incoming'", "letter", more="counts = \"direction == 'outgoing'\""),
        trigger("a", "channel == 'call'", "letter", more="first = true"),
        trigger("a", "channel == 'call'", "letter", within="agreed"),
        trigger("a", "channel == 'visit'", "letter"),
    ],
)
def test_what_ends_is_proved(mended: str) -> None:
    other = trigger("b", "channel == 'letter'", "call", more="counts = \"direction == 'outgoing'\"")
    report = prove(rc.loads_policy(HEAD + mended + other))
    (answer,) = (finding for finding in report.findings if finding.question == "triggers end")
    assert answer.outcome == "proved"
