"""Rules of access in policy documents: read, refused with the place of every mistake, and written back (ACC-1)."""

import attrs
import pytest
from hypothesis import given, settings

import relcare as rc
from relcare.access import AccessPurpose, AccessRule, AccessRules, FieldClass, Identity
from relcare.codec import dumps_policy
from relcare.decisions import Policy, Requirement
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.testing import access_rules, policies

HEAD = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
FULL = """[[field_class]]
id = "basic"
title = "who it is"
fields = ["client.name", "attribute.hobby", "tier.abc"]
[[access_purpose]]
id = "visit"
lasts = "7 days"
[[access]]
id = "look-up"
roles = ["clerk"]
relations = ["colleague", "deputy"]
clients = "pool"
actions = ["get", "search"]
classes = ["basic"]
purposes = ["visit"]
media = ["paper", "screen"]
approval = true
longest = "3 days"
most = 20
source = "handbook"
[[access]]
id = "known"
relations = ["colleague"]
actions = ["know"]
[[identity]]
fields = ["client.name", "person.phone"]
[[require]]
closed = "basic"
role = "intern"
relation = "outsider"
[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [{ id = "A", when = "client.region == 'north'" }]
"""

DERIVED = """[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [{ id = "A", when = "client.region == 'north'" }]
[[vip]]
id = "club"
paths = [{ id = "north", when = "client.region == 'north'" }]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyDocumentError) as error:
        rc.loads_policy(HEAD + text, file="p")
    return [str(problem) for problem in error.value.problems]


class TestReading:
    def test_every_key_is_read(self) -> None:
        policy = rc.loads_policy(HEAD + FULL)
        assert policy.access == AccessRules(
            classes=[FieldClass("basic", ["client.name", "attribute.hobby", "tier.abc"], "who it is")],
            purposes=[AccessPurpose("visit", "7 days")],
            rules=[
                AccessRule(
                    id="look-up",
                    roles=["clerk"],
                    relations=["colleague", "deputy"],
                    clients="pool",
                    actions=["get", "search"],
                    classes=["basic"],
                    purposes=["visit"],
                    media=["paper", "screen"],
                    approval=True,
                    longest="3 days",
                    most=20,
                    source="handbook",
                ),
                AccessRule(id="known", relations=["colleague"], actions=["know"]),
            ],
            identities=[Identity(["client.name", "person.phone"])],
        )
        assert policy.require == (Requirement(kind="closed", of="basic", role="intern", relation="outsider"),)

    def test_it_is_written_back(self) -> None:
        policy = rc.loads_policy(HEAD + FULL)
        assert rc.loads_policy(dumps_policy(policy)) == policy

    def test_a_document_without_has_none_and_rules_that_say_nothing_are_none(self) -> None:
        assert rc.loads_policy(HEAD).access is None
        day = rc.loads_policy(HEAD).effective_from
        assert Policy(id="p", version="1", effective_from=day, access=AccessRules()) == rc.loads_policy(HEAD)

    def test_anything_else_is_no_rules(self) -> None:
        day = rc.loads_policy(HEAD).effective_from
        with pytest.raises(InvalidValueError, match="must be AccessRules"):
            Policy(id="p", version="1", effective_from=day, access=[])  # type: ignore[arg-type]

    @settings(max_examples=60)
    @given(access_rules())
    def test_all_rules_there_can_be_are_written_and_read_back(self, rules: AccessRules) -> None:
        policy = attrs.evolve(rc.loads_policy(HEAD + DERIVED), access=rules)
        assert rc.loads_policy(dumps_policy(policy)) == policy

    @settings(max_examples=15)
    @given(policies(with_examples=False))
    def test_policies_carry_them_along(self, policy: Policy) -> None:
        assert rc.loads_policy(dumps_policy(policy)).access == policy.access


class TestMistakes:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('"attribute.hobby"', '"hobby"', "p:9:26: field_class[0].fields[1]: is 'hobby': must be a field of a client's file"),
            ('"tier.abc"]', '"tier.abc", 7]', "p:9:57: field_class[0].fields[3]: must be text, not a number"),
            ('title = "who', 'titel = "who', "p:8:1: field_class[0].titel: unknown key 'titel'; hint: did you mean 'title'?"),
            (
                'lasts = "7 days"',
                'lasts = "a week"',
                "p:12:9: access_purpose[0].lasts: is 'a week': must be a whole number and a unit",
            ),
            ('"deputy"', '"deputies"', "p:16:27: access[0].relations[1]: is 'deputies': must be one of 'account manager'"),
            ('"search"', '"serch"', "p:18:19: access[0].actions[1]: is 'serch': must be one of 'know'"),
            (
                'clients = "pool"',
                'clients = "pol"',
                "p:17:11: access[0].clients: is 'pol': must be one of 'all', 'owned', 'pool'",
            ),
            (
                'classes = ["basic"]',
                'classes = ["basik"]',
                "access[0].classes[0]: unknown class of fields 'basik'; hint: did you mean 'basic'?",
            ),
            (
                'purposes = ["visit"]',
                'purposes = ["visits"]',
                "access[0].purposes[0]: unknown purpose 'visits'; hint: did you mean 'visit'?",
            ),
            ('"paper", ', '"papers", ', "p:21:10: access[0].media[0]: is 'papers': must be one of 'screen', 'paper', 'file'"),
            ("approval = true", 'approval = "yes"', "p:22:12: access[0].approval: must be true or false, not text"),
            (
                "approval = true",
                "approval = false",
                "p:23:11: access[0].longest: is Every(months=0, days=3): must go with approval",
            ),
            ("most = 20", "most = 0", "p:24:8: access[0].most: is 0: must be a whole number from 1 to 1,000,000"),
            ('id = "known"', 'id = "look-up"', "p:27:6: access[1].id: id 'look-up' is taken by access[0]"),
            ('actions = ["know"]', "", "p:26:1: access[1].actions: actions is missing"),
            (
                '"person.phone"]',
                '"touchpoint.note"]',
                "identity[0].fields[1]: is 'touchpoint.note': must be a field of the client",
            ),
            (
                'closed = "basic"',
                'closed = "basics"',
                "p:33:10: require[0].closed: unknown class of fields 'basics'; hint: did you mean 'basic'?",
            ),
            ('relation = "outsider"', 'relation = "stranger"', "p:35:12: require[0].relation: is 'stranger': must be one of"),
            ('role = "intern"\nrelation = "outsider"', "", "require[0].closed: is 'basic': must go with a role or a relation"),
            ('closed = "basic"', "feasible = true", "must go with closed"),
        ],
    )
    def test_each_has_its_place_and_the_nearest_right_name(self, old: str, new: str, expected: str) -> None:
        assert FULL.count(old) >= 1
        found = problems(FULL.replace(old, new))
        assert expected in found[0]
        assert len(found) <= 2

    def test_a_class_that_could_not_be_read_is_not_missed_by_the_rules(self) -> None:
        assert len(problems(FULL.replace('"client.name", "attribute', '"client.nome", "attribute'))) == 1
        assert len(problems(FULL.replace('lasts = "7 days"', 'lasts = "soon"'))) == 1
