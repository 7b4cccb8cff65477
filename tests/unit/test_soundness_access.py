"""Broken rules of access, each with one planted defect and a mended twin: ACC-1, ACC-2."""

from datetime import date
from typing import Final

import pytest

import relcare as rc
from relcare.access import FIELDS, AccessRule, AccessRules, FieldClass, change_state, grant_state
from relcare.presets import part_text, preset_text
from relcare.soundness import Finding, prove

HEAD: Final = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
BASIC: Final = '[[field_class]]\nid = "basic"\nfields = ["client.name", "client.region"]\n'


def access(rule_id: str, **keys: str) -> str:
    """A rule about what is basic; what is given is written as it stands."""
    lines = {"relations": '["account manager"]', "actions": '["get"]', "classes": '["basic"]', **keys}
    return f'[[access]]\nid = "{rule_id}"\n' + "".join(f"{key} = {value}\n" for key, value in lines.items() if value)


HEADS: Final = access("approve", relations='["head"]', actions='["approve"]')
ASKING: Final = access("ask", relations='["colleague"]', approval="true", longest='"7 days"')


def found(*parts: str) -> list[tuple[str, tuple[str, ...]]]:
    """Code and places of every refutation but the one about fields that are in no class, of which there are many here."""
    report = prove(rc.loads_policy(HEAD + BASIC + "".join(parts)))
    return [(finding.code, finding.places) for finding in report.refuted if finding.code != "field.unclassed"]


def only(text: str, code: str) -> Finding:
    (finding,) = [finding for finding in prove(rc.loads_policy(text)).refuted if finding.code == code]
    return finding


class TestPlantedDefects:
    def test_a_field_in_no_class(self) -> None:
        listed = ", ".join(f'"{field}"' for field in FIELDS)
        whole = f'[[field_class]]\nid = "all"\nfields = [{listed}]\n'
        facts = '[facts.size]\ntype = "integer"\n[facts.branch]\ntype = "set"\nfrom = "client.line"\n'
        finding = only(HEAD + facts + whole, "field.unclassed")
        assert (finding.values["fields"], finding.values["count"]) == (("attribute.size", "attribute.line"), 2)
        assert (finding.severity, finding.places) == ("warning", ("field_class",))
        mended = whole.replace("fields = [", 'fields = ["attribute.size", "attribute.line", ')
        assert prove(rc.loads_policy(HEAD + facts + mended)).refuted == ()
        assert only(HEAD + whole.replace('"person.phone", ', ""), "field.unclassed").values["fields"] == ("person.phone",)

    def test_a_tier_or_a_programme_in_no_class(self) -> None:
        text = preset_text("consulting") + part_text("client-files").replace('"tier.abc", "vip.vip",', "")
        assert {"tier.abc", "vip.vip"} <= set(only(text, "field.unclassed").values["fields"])  # type: ignore[arg-type]

    def test_an_approval_that_nobody_may_give(self) -> None:
        assert found(ASKING) == [("approval.nobody", ("access[0]",))]
        assert found(ASKING, HEADS) == []
        paper = ASKING + 'media = ["paper"]\n'
        assert found(paper, HEADS) == [("approval.nobody", ("access[0]",))]
        assert found(paper, HEADS + 'media = ["paper"]\n') == []
        assert found(ASKING, HEADS + 'clients = "pool"\n') == [("approval.nobody", ("access[0]",))]
        assert found(ASKING, HEADS + 'purposes = ["visit"]\n') == [("approval.nobody", ("access[0]",))]
        entering = access("enter", relations='["keeper"]', actions='["apply"]', approval="true")
        assert found(entering, access("file", actions='["propose"]')) == [("approval.nobody", ("access[0]",))]

    def test_who_asks_is_the_only_one_who_could_approve(self) -> None:
        asking = ASKING.replace('"colleague"', '"colleague", "head"')
        assert found(asking, HEADS) == [("approval.own", ("access[0]",))]
        assert found(asking, HEADS, access("too", relations="", roles='["leader"]', actions='["approve"]')) == []
        assert found(asking + 'clients = "pool"\n', HEADS) == []
        entering = access("enter", relations='["keeper"]', actions='["apply"]', approval="true")
        filing = access("file", relations='["head"]', actions='["propose"]')
        assert found(entering, filing, HEADS) == [("approval.own", ("access[0]",))]
        assert found(entering, filing.replace('"head"', '"account manager"'), HEADS) == []

    def test_one_person_alone_gets_nothing_through_because_the_steps_say_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The proof asks the real steps: were they to let somebody approve what they asked for, it would be refuted."""
        entering = access("enter", relations='["keeper"]', actions='["apply"]', approval="true")
        filing = access("file", actions='["propose"]')
        assert found(ASKING, HEADS) == found(entering, filing, HEADS) == []
        monkeypatch.setattr("relcare.soundness._access.grant_state", lambda *_, **__: None)
        monkeypatch.setattr("relcare.soundness._access.change_state", lambda *_, **__: None)
        assert found(ASKING, HEADS) == [("approval.own", ("access[0]",))]
        assert found(entering, filing, HEADS) == [("approval.own", ("access[0]",))]
        assert (grant_state.__module__, change_state.__module__) == ("relcare.access._grant", "relcare.access._change")

    def test_a_grant_without_an_end(self) -> None:
        endless = access("ask", relations='["colleague"]', approval="true")
        assert found(endless, HEADS) == [("grant.endless", ("access[0]",))]
        purposes = '[[access_purpose]]\nid = "visit"\nlasts = "7 days"\n[[access_purpose]]\nid = "care"\n'
        assert found(purposes, endless, HEADS) == [("grant.endless", ("access[0]",))]
        assert only(HEAD + BASIC + purposes + endless + HEADS, "grant.endless").values["purpose"] == "care"
        assert found(purposes, endless + 'purposes = ["visit"]\n', HEADS) == []
        assert found(purposes.replace('id = "care"', 'id = "care"\nlasts = "1 day"'), endless, HEADS) == []

    @pytest.mark.parametrize(
        ("wide", "narrow", "is_idle"),
        [
            ({}, {}, True),
            ({"actions": '["get", "list"]'}, {}, True),
            ({}, {"actions": '["get", "list"]'}, False),
            ({}, {"roles": '["clerk"]'}, True),
            ({"roles": '["clerk"]'}, {}, False),
            ({"relations": "", "roles": '["clerk"]'}, {"roles": '["clerk"]'}, True),
            ({}, {"clients": '"pool"'}, True),
            ({"clients": '"pool"'}, {"clients": '"owned"'}, False),
            ({}, {"purposes": '["care"]'}, True),
            ({"purposes": '["care"]'}, {}, False),
            ({}, {"media": '["paper"]'}, False),
            ({"media": '["paper", "screen"]'}, {"media": '["paper"]'}, True),
            ({}, {"classes": '["other"]'}, False),
            ({}, {"approval": "true", "longest": '"1 day"'}, True),
            ({"approval": "true", "longest": '"1 day"'}, {}, False),
            ({"approval": "true", "longest": '"1 day"'}, {"approval": "true", "longest": '"1 day"'}, True),
            ({"approval": "true", "longest": '"1 day"'}, {"approval": "true", "longest": '"2 days"'}, False),
        ],
    )
    def test_a_rule_that_opens_nothing_more(self, wide: dict[str, str], narrow: dict[str, str], *, is_idle: bool) -> None:
        others = '[[field_class]]\nid = "other"\nfields = ["person.name"]\n'
        approving = access("approve", relations='["head"]', actions='["approve"]') + 'media = ["screen", "paper"]\n'
        refuted = found(others, access("wide", **wide), access("narrow", **narrow), approving)
        assert (("access.idle", ("access[1]", "access[0]")) in refuted) is is_idle

    @pytest.mark.parametrize(
        ("rule", "whom", "is_read"),
        [
            (access("r"), 'relation = "account manager"', True),
            (access("r"), 'relation = "colleague"', False),
            (access("r"), 'role = "clerk"', True),
            (access("r"), 'role = "clerk"\nrelation = "colleague"', False),
            (access("r", relations="", roles='["clerk"]'), 'role = "clerk"', True),
            (access("r", relations="", roles='["clerk"]'), 'relation = "outsider"', False),
            (access("r", relations="", roles='["clerk"]'), 'role = "clerk"\nrelation = "outsider"', True),
            (access("r", relations="", roles='["clerk"]', clients='"pool"'), 'role = "clerk"', True),
            (access("r", approval="true", longest='"1 day"'), 'relation = "account manager"', True),
            (access("r", actions='["propose", "apply", "approve"]'), 'relation = "account manager"', False),
            (access("r", actions='["filter"]'), 'relation = "account manager"', True),
        ],
    )
    def test_somebody_reads_what_must_be_closed_to_them(self, rule: str, whom: str, *, is_read: bool) -> None:
        codes = found(rule, f'[[require]]\nclosed = "basic"\n{whom}\n')
        assert (("require.closed", ("require[0]", "access[0]")) in codes) is is_read

    def test_the_witness_is_somebody_whom_the_real_decision_lets_in(self) -> None:
        text = HEAD + BASIC + access("r", relations="", roles='["clerk"]', clients='"pool"', media='["paper"]')
        finding = only(text + '[[require]]\nclosed = "basic"\nrole = "clerk"\n', "require.closed")
        (witness,) = finding.witnesses
        assert dict(witness.facts) == {
            "role clerk": True,
            "relation": "account manager",
            "clients": "pool",
            "action": "get",
            "field": "client.name",
            "purpose": "any purpose",
            "medium": "paper",
        }
        assert witness.outcome == "allowed"
        assert finding.values["require"] == "closed = basic for role clerk"

    def test_what_is_required_cannot_be_accepted_away_and_what_is_found_can(self) -> None:
        accepted = '[[accept]]\ncode = "grant.endless"\nof = "ask"\nreason = "until the new hall opens"\n'
        report = prove(
            rc.loads_policy(HEAD + BASIC + access("ask", approval="true", relations='["colleague"]') + HEADS + accepted)
        )
        assert [finding.code for finding in report.accepted] == ["grant.endless"]


def test_a_policy_without_rules_of_access_is_asked_nothing_about_it() -> None:
    assert prove(rc.loads_policy(HEAD)).findings == ()


def test_the_file_rules_of_the_firm_are_proved() -> None:
    report = prove(rc.loads_policy(HEAD + part_text("client-files")))
    assert report.refuted == report.undecided == ()
    assert {finding.question for finding in report.findings} == {
        "fields classed",
        "approvals",
        "grants end",
        "access",
        "require closed",
    }


def test_values_are_proved_as_documents_are() -> None:
    rules = AccessRules(
        classes=[FieldClass("basic", ["client.name"])],
        rules=[AccessRule(id="ask", relations=["colleague"], actions=["get"], classes=["basic"], approval=True)],
    )
    policy = rc.Policy(id="p", version="1", effective_from=date(2026, 1, 1), access=rules)
    assert {finding.code for finding in prove(policy).refuted} == {"field.unclassed", "approval.nobody", "grant.endless"}
