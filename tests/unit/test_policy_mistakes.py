"""All mistakes of a document at once: a mistake of form in a table hides none of the names that are wrong in it."""

from typing import Final

import pytest

from relcare.codec import dumps_policy, loads_policy
from relcare.errors import PolicyDocumentError

HEAD: Final = """format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.strength]
type = "level"
values = ["small", "large"]
[facts.revenue]
type = "integer"
"""
LENGTH: Final = '{}: must be a whole number and a unit; write "2 weeks", "10 days", "1 month", "1 quarter" or "1 year"'
SIGNED: Final = '[facts.signed_on]\ntype = "date"\n'


def told(text: str) -> list[str]:
    """What is wrong with the text behind the head, with its lines counted from there."""
    with pytest.raises(PolicyDocumentError) as caught:
        loads_policy(HEAD + text, file="p")
    lines = HEAD.count("\n")
    return [
        f"{(problem.line or 0) - lines}: {problem.path}: {problem.message}; {problem.hint}" for problem in caught.value.problems
    ]


def test_an_unknown_key_of_a_rule_of_access_hides_no_unknown_class_and_no_unknown_purpose() -> None:
    text = """[[field_class]]
id = "basic"
fields = ["client.name"]
[[access_purpose]]
id = "visit"
[[access]]
id = "look-up"
roles = ["clerk", 7]
actions = ["get"]
classes = ["basik"]
purposes = ["visits"]
"""
    assert told(text) == [
        "8: access[0].roles[1]: must be text, not a number; None",
        "10: access[0].classes[0]: unknown class of fields 'basik'; did you mean 'basic'?",
        "11: access[0].purposes[0]: unknown purpose 'visits'; did you mean 'visit'?",
    ]


@pytest.mark.parametrize(("field", "what"), [("tier.size", "scheme 'size'"), ("vip.club", "programme 'club'")])
def test_a_class_names_no_tier_and_no_programme_that_there_is_not(field: str, what: str) -> None:
    (found,) = told(f'[[field_class]]\nid = "basic"\nfields = ["client.name", "{field}"]\n')
    assert found.startswith(f"3: field_class[0].fields[1]: unknown {what}; declare it under")


def test_the_cells_and_the_dimensions_of_a_matrix_are_all_judged() -> None:
    text = """[[segmentation]]
id = "size"
kind = "matrix"
tiers = ["A", "B"]
cells = [
    ["A"],
    ["B", "C"],
]
revue = "monthly"
[segmentation.rows]
fact = "strength"
values = ["smal", "large"]
[segmentation.columns]
fact = "revenu"
bands = ["0", "10"]
"""
    assert told(text) == [
        "6: segmentation[0].cells[0]: must name a tier for each column, which are 2; None",
        "7: segmentation[0].cells[1][1]: is 'C': must be one of the tiers 'A', 'B'; None",
        "9: segmentation[0].revue: unknown key 'revue'; did you mean 'review'?",
        "12: segmentation[0].rows.values: the groups of strength leave out 'small'; give each its group, or write otherwise",
        "12: segmentation[0].rows.values[0]: strength has no value 'smal'; did you mean 'small'?",
        "14: segmentation[0].columns.fact: unknown fact 'revenu'; did you mean 'revenue'?",
    ]


def test_a_broken_membership_leads_to_no_mistakes_elsewhere_and_hides_none() -> None:
    text = """[[vip]]
id = "club"
paths = [{ id = "best", when = "vip.club.top.ten and revenu > 1" }]
top = [{ id = "ten", most = "ten", by = "revenu" }]
benefits = [{ id = "lounge", text = "the lounge", levels = ["bronze"] }]
membership = { length = "a year", levels = ["gold"] }
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
when = "vip.club.membership == 'member' and 'lounge' in vip.club.benefits"
"""
    assert told(text) == [
        "3: vip[0].paths[0].when: unknown fact 'revenu'; did you mean 'revenue'?",
        "4: vip[0].top[0].most: must be a whole number, not text; None",
        "4: vip[0].top[0].by: unknown fact 'revenu'; did you mean 'revenue'?",
        "5: vip[0].benefits[0].levels[0]: is 'bronze': must be a level of the programme; its levels are 'gold'",
        LENGTH.format("6: vip[0].membership.length: is 'a year'"),
    ]


def test_a_grade_of_the_wrong_form_is_judged_by_its_names_as_well() -> None:
    found = told('[[grade]]\nid = "g"\nfact = "revenu"\nparts = "five"\nscope = "grade.g > 1"\nbest = "more"\n')
    assert [one.partition(":")[0] for one in found] == ["3", "4", "6"]


def test_numbers_out_of_range_are_all_told_and_not_the_first_alone() -> None:
    text = '[[cadence]]\nid = "r"\nchannel = "call"\nevery = "1 week"\nminutes = 9999\npriority = 9999\ntimes = 9999\n'
    assert [one.partition(":")[0] for one in told(text)] == ["5", "6", "7"]


def test_a_rule_that_hangs_on_a_mistake_is_not_told_beside_it() -> None:
    (found,) = told('[[cadence]]\nid = "r"\nchannel = "call"\nmode = "gird"\nanchor = "people.birthday"\n')
    assert "did you mean 'grid'?" in found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[[segment]]\nid = "s"\nby = ["strength"]\n[[cadence]]\nid = "r"\nchannel = "c"\nevery = "1 week"\nwhen = "segment.s"\n',
         "segment.s cannot be asked for here; that segment divides everybody by strength: ask for these"),
        ('[[grade]]\nid = "g"\nfact = "revenue"\nparts = 5\nbetter = "more"\nscope = "grade.g > 1"\n',
         "grade.g cannot be asked for here; grades rank by facts, not by grades: ask for the fact behind it"),
        ('[[cadence]]\nid = "r"\nchannel = "c"\nevery = "1 week"\nwhen = "tier.zzz == \'A\'"\n',
         "unknown fact 'tier.zzz'; declare it under [[segmentation]]"),
        ('[[cadence]]\nid = "r"\nchannel = "c"\nevery = "1 week"\nwhen = "zzz"\n',
         "unknown fact 'zzz'; declare it under [facts]"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_is_sent_where_it_belongs(text: str, hint: str) -> None:
    (found,) = told(text)
    assert hint in found


def test_a_benefit_that_a_programme_does_not_give_is_told() -> None:
    text = """[[vip]]
id = "club"
paths = [{ id = "best", when = "revenue > 1" }]
benefits = [{ id = "lounge", text = "the lounge" }]
membership = { length = "1 year" }
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
when = "'lunge' in vip.club.benefits"
"""
    assert told(text) == ["10: cadence[0].when: vip.club.benefits has no value 'lunge'; did you mean 'lounge'?"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("XX", "write a country code such as CN, or with a region US-CA"),
        ("China", "did you mean 'CN'?"),
        ("kr", "did you mean 'KR'?"),
        ("US-ZZ", "write a country code such as CN, or with a region US-CA"),
    ],
)
def test_a_calendar_that_there_is_not_is_told_when_the_document_is_read(name: str, hint: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        loads_policy(HEAD.replace("effective_from", f'calendar = "{name}"\neffective_from'))
    (problem,) = caught.value.problems
    assert (problem.line, problem.path, problem.hint) == (5, "policy.calendar", hint)


def test_the_calendar_of_permitted_hours_is_told_as_well() -> None:
    (found,) = told('[permission]\nhours = [{ allowed = ["Mon-Fri 09:00-18:00"], calendar = "XX" }]\n')
    assert found.startswith("2: permission.hours[0].calendar: 'XX' is no calendar")


def test_the_latest_day_over_no_events_may_be_declared() -> None:
    text = HEAD + SIGNED + 'measure = { latest = "purchases", when_empty = 2020-01-01 }\n'
    policy = loads_policy(text)
    assert loads_policy(dumps_policy(policy)) == policy


@pytest.mark.parametrize(
    ("measure", "rule"),
    [
        ('{ latest = "purchases", when_empty = "3" }', "must be a date for latest"),
        ('{ count = "purchases", per = "calendar month", when_empty = 2020-01-01 }', "must be a number for count"),
    ],
)
def test_what_stands_over_no_events_is_of_the_kind_that_is_measured(measure: str, rule: str) -> None:
    kind = "date" if "latest" in measure else "integer"
    (found,) = told(f'[facts.x]\ntype = "{kind}"\nmeasure = {measure}\n')
    assert rule in found


def test_what_is_left_out_is_told_without_the_words_of_python() -> None:
    found = told('[[access]]\nid = "a"\nactions = ["know"]\n[[segment]]\nid = "s"\nby = []\n')
    assert found == [
        "1: access[0]: roles must name a role, or relations a relation; no rule is everybody's",
        "6: segment[0].by: must name at least one fact; None",
    ]


def test_a_name_in_a_ratio_that_no_text_can_be_is_told_at_its_place() -> None:
    (found,) = told('[facts.x]\ntype = "number"\ngrain = "1"\nround = "down"\nratio = ["revenue", " \\u0007"]\n')
    assert found.startswith("5: facts.x.ratio[1]: is ' \\x07': must be visible text")


def test_a_fact_is_no_ratio_and_difference_at_once() -> None:
    text = '[facts.x]\ntype = "integer"\nround = "down"\nratio = ["revenue", "revenue"]\ndifference = ["revenue", "revenue"]\n'
    assert told(text) == ["5: facts.x.difference: stands beside ratio: a fact is one of them; declare two facts"]
