"""Whether what a policy asks may be done at all under its own permission."""

import pytest

from relcare.codec import loads_policy
from relcare.soundness import Finding, prove

HEAD = """\
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
"""


def found(text: str, question: str) -> list[Finding]:
    return [finding for finding in prove(loads_policy(HEAD + text)).findings if finding.question == question]


def rule(channel: str, every: str, more: str = "") -> str:
    return f'[[cadence]]\nid = "{channel}"\nchannel = "{channel}"\nevery = "{every}"\n{more}\n'


@pytest.mark.parametrize(
    ("cadence", "cap", "is_refuted"),
    [
        (rule("call", "1 week"), 'limit = 1, per = "month"', True),
        (rule("call", "1 week"), 'limit = 4, per = "month"', True),
        (rule("call", "1 week"), 'limit = 5, per = "month"', False),
        (rule("call", "1 week"), 'limit = 1, per = "week"', False),
        (rule("call", "6 days"), 'limit = 1, per = "week"', True),
        (rule("call", "30 days"), 'limit = 1, per = "30 days"', False),
        (rule("call", "1 day"), 'limit = 1, per = "24 hours"', False),
        (rule("call", "1 day"), 'limit = 1, per = "25 hours"', True),
        (rule("call", "1 year"), 'limit = 0, per = "day"', True),
        (rule("call", "1 week"), 'limit = 1, per = "month", channels = ["visit"]', False),
        (rule("call", "1 week", 'satisfied_by = ["visit"]'), 'limit = 1, per = "month", channels = ["call"]', False),
        (rule("call", "1 week", 'satisfied_by = ["visit"]'), 'limit = 1, per = "month"', True),
        (rule("call", "1 week", 'purpose = "callback"'), 'limit = 1, per = "month"', False),
        (rule("call", "1 week", 'purpose = "news"'), 'limit = 1, per = "month", purposes = "advertising"', True),
        (rule("call", "1 week", 'purpose = "service"'), 'limit = 1, per = "month", purposes = "advertising"', False),
        (rule("call", "1 month", 'mode = "quota"\ntimes = 3'), 'limit = 2, per = "month"', True),
        (rule("call", "1 month", 'mode = "quota"\ntimes = 3'), 'limit = 3, per = "month"', False),
    ],
)
def test_a_cap_that_makes_an_interval_impossible_is_found(cadence: str, cap: str, is_refuted: bool) -> None:
    findings = found(f"{cadence}[permission]\ncaps = [ {{ {cap} }} ]\n", "caps")
    assert [finding.outcome for finding in findings] == ["refuted" if is_refuted else "proved"]
    if is_refuted:
        assert findings[0].code == "cap.interval"
        assert findings[0].places == ("permission.caps[0]", "cadence[0]")


def test_uncounted_contacts_are_held_to_a_cap_of_none_only() -> None:
    cadence = rule("card", "1 week", 'purpose = "greeting"')
    capped = f'{cadence}[permission]\nuncounted = ["greeting"]\n'
    assert found(capped + 'caps = [ { limit = 1, per = "month" } ]', "caps")[0].outcome == "proved"
    assert found(capped + 'caps = [ { limit = 0, per = "month" } ]', "caps")[0].outcome == "refuted"


@pytest.mark.parametrize(
    ("gap", "is_refuted"), [("2 weeks", False), ("15 days", True), ("336 hours", False), ("337 hours", True)]
)
def test_a_gap_longer_than_an_interval_is_found(gap: str, is_refuted: bool) -> None:
    findings = found(f'{rule("call", "2 weeks")}[permission]\ngaps = [ {{ minimum = "{gap}" }} ]\n', "gaps")
    assert [finding.outcome for finding in findings] == ["refuted" if is_refuted else "proved"]


def test_the_caps_of_a_law_are_looked_at() -> None:
    findings = found(f'{rule("call", "1 week")}[permission]\nlaw = ["fr"]\n', "caps")
    assert (findings[0].code, findings[0].values["law"], findings[0].places[0]) == (
        "cap.interval",
        "fr.tel.cap",
        "permission.law",
    )


@pytest.mark.parametrize(
    ("permission", "is_refuted"),
    [
        ('hours = [ { quiet = ["21:00-08:00"] } ]', False),
        ('hours = [ { quiet = ["00:00-24:00"] } ]', True),
        ('hours = [ { quiet = ["00:00-12:00"] }, { quiet = ["12:00-24:00"], channels = ["call"] } ]', True),
        ('hours = [ { quiet = ["00:00-12:00"] }, { quiet = ["12:00-24:00"], channels = ["visit"] } ]', True),
        ('hours = [ { quiet = ["00:00-12:00"] }, { quiet = ["12:00-23:59"] } ]', False),
        ('hours = [ { allowed = ["08:00-12:00"] } ]\nzones = ["Asia/Seoul", "America/Los_Angeles"]', True),
        ('hours = [ { allowed = ["08:00-21:00"] } ]\nzones = ["Asia/Seoul", "America/Los_Angeles"]', False),
        ('law = ["kr"]', False),
        ('law = ["us"]', False),
        ('law = ["us", "fr"]', True),
        ('law = ["us-RI", "kr", "fr"]', True),
    ],
)
def test_hours_that_leave_none_are_found(permission: str, is_refuted: bool) -> None:
    findings = found(f"{rule('call', '1 year')}[permission]\n{permission}\n", "hours")
    assert {finding.outcome for finding in findings} == {"refuted" if is_refuted else "proved"}
    if is_refuted:
        assert {finding.code for finding in findings} == {"hours.none"}


def test_a_channel_that_looks_misspelt_is_found() -> None:
    text = f'{rule("visit", "1 year")}[permission]\ncaps = [ {{ limit = 9, per = "day", channels = ["fax", "vist"] }} ]\n'
    findings = found(text, "permission channels")
    assert [(finding.code, finding.places, finding.hint) for finding in findings] == [
        ("channel.unknown", ("permission.caps[0].channels[1]",), "did you mean 'visit'?")
    ]


def test_a_channel_of_no_known_medium_is_noted_where_there_are_laws() -> None:
    text = f'{rule("gift", "1 year")}[permission]\nlaw = ["de"]\n'
    assert [(finding.code, finding.severity) for finding in found(text, "media")] == [("medium.unknown", "note")]
    assert found(f'{text}media = {{ gift = "post" }}\n', "media")[0].outcome == "proved"
    assert found(f'{rule("gift", "1 year")}[permission]\nservice = ["x"]\n', "media") == []


def test_without_permission_nothing_is_asked() -> None:
    questions = {finding.question for finding in prove(loads_policy(HEAD + rule("call", "1 week"))).findings}
    assert not questions & {"caps", "gaps", "hours", "media", "permission channels"}
