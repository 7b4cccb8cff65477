"""Indicators and situations of relationships, and the clients of triggers, are asked the questions of any other criterion."""

import pytest

from relcare.codec import loads_policy
from relcare.soundness import prove

DOCUMENT = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts]
margin = { type = "number", grain = "0.1", min = "0", max = "100", from = "client.margin", may_be_missing = true }
objections = { type = "integer", min = "0", from = "client.objections" }
[[relationship]]
type = "channel"
appeal = "profit"
indicators = [ { id = "margin", healthy = "margin >= 10" } ]
situations = [ { id = "low", when = "margin < 10", action = "review the prices" } ]
[[trigger]]
id = "evidence"
event = "purpose == 'objection'"
when = "objections >= 1"
channel = "message"
within = "3 days"
counts = "purpose == 'evidence'"
"""
INDICATOR = "relationship[0].indicators[0].healthy"
SITUATION = "relationship[0].situations[0].when"


def refuted(text: str) -> list[tuple[str, str]]:
    """Code and first place of every refutation."""
    return [(str(finding.code), finding.places[0]) for finding in prove(loads_policy(text)).refuted]


def test_what_can_hold_and_fail_is_proved_of_each() -> None:
    report = prove(loads_policy(DOCUMENT))
    assert report.is_sound
    asked = {(finding.question, finding.subject) for finding in report.findings if finding.outcome == "proved"}
    for subject in (INDICATOR, SITUATION, "trigger[0].when"):
        assert {("can hold", subject), ("says something", subject), ("bounds", subject)} <= asked


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("margin >= 10", "margin >= 10 and margin < 5", ("dead.never", INDICATOR)),
        ("margin >= 10", "margin >= 101", ("dead.never", INDICATOR)),
        ("margin < 10", "margin < 0", ("dead.never", SITUATION)),
        ("margin < 10", "margin < 10 and margin > 20", ("dead.never", SITUATION)),
        ("margin >= 10", "margin >= 10 or margin < 101", ("bounds", INDICATOR)),
        ("objections >= 1", "objections >= 0", ("always", "trigger[0].when")),
        ("objections >= 1", "objections < 0", ("dead.never", "trigger[0].when")),
        ("margin < 10", "'partnr' in client.relationship_types", ("type.unknown", SITUATION)),
    ],
    ids=["never healthy", "beyond the bounds", "never low", "contradiction", "bound", "always", "nobody", "type"],
)
def test_a_planted_defect_is_found(old: str, new: str, found: tuple[str, str]) -> None:
    assert DOCUMENT.count(f'"{old}"') == 1
    assert found in refuted(DOCUMENT.replace(f'"{old}"', f'"{new}"'))
