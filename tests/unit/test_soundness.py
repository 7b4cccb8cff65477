"""Broken policies, each with one planted defect: every one is found, at its place, with a client who shows it."""

import pytest

import relcare as rc
from relcare.soundness import CODES, Finding, ProofReport, prove

HEAD = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "money"
min = "0"
max = "1000000"
polarity = "more"
may_be_missing = true
[facts.recency]
type = "integer"
min = "0"
max = "3650"
polarity = "less"
[facts.likelihood]
type = "level"
values = ["none", "low", "high"]
polarity = "more"
may_be_missing = true
"""


def proof(text: str) -> ProofReport:
    return prove(rc.loads_policy(HEAD + text))


def tiers(*when: str, **keys: str) -> str:
    listed = ", ".join(f'{{ id = "{tier}", when = "{text}" }}' for tier, text in zip("ABCDE", when, strict=False))
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return f'[[segmentation]]\nid = "s"\nkind = "threshold"\ntiers = [ {listed} ]\n{more}'


def only(report: ProofReport, code: str) -> Finding:
    found = [finding for finding in report.refuted if finding.code == code]
    assert len(found) == 1, [str(finding) for finding in report.findings]
    return found[0]


def facts(finding: Finding, index: int = 0) -> dict[str, str]:
    return {name: str(value) for name, value in finding.witnesses[index].facts.items()}


class TestPlantedDefects:
    """A defect that a random client would hardly meet is found exactly."""

    def test_a_one_cent_gap(self) -> None:
        finding = only(proof(tiers("revenue >= 100", "revenue < 99.99")), "total.gap")
        assert facts(finding) == {"revenue": "99.99"}
        assert finding.witnesses[0].outcome == "held"
        assert finding.hint is not None

    def test_on_whole_numbers_the_same_is_no_gap(self) -> None:
        assert proof(tiers("recency <= 90", "recency >= 91")).is_sound

    def test_a_one_day_gap(self) -> None:
        assert facts(only(proof(tiers("recency <= 89", "recency > 90")), "total.gap")) == {"recency": "90"}

    def test_two_tiers_for_one_client_under_unique(self) -> None:
        finding = only(proof(tiers("recency <= 90", "recency >= 90", hit="unique")), "conflict")
        assert facts(finding) == {"recency": "90"}
        assert finding.places == ("segmentation[0].tiers[1].when", "segmentation[0].tiers[0].when")

    def test_a_rule_behind_a_wider_one(self) -> None:
        finding = only(proof(tiers("recency <= 90", "recency <= 30", otherwise="C")), "dead.shadowed")
        assert finding.places == ("segmentation[0].tiers[1].when", "segmentation[0].tiers[0].when")

    def test_a_rule_behind_a_union_names_only_the_culprits(self) -> None:
        report = proof(
            tiers(
                "likelihood == 'none' and recency > 5",
                "recency <= 100",
                "recency > 100",
                "recency >= 50 and recency <= 200",
                otherwise="E",
            )
        )
        finding = only(report, "dead.shadowed")
        assert finding.values["rule"] == "D"
        assert finding.values["by"] == ("B", "C")

    def test_a_criterion_that_never_holds(self) -> None:
        finding = only(proof(tiers("recency < 10 and recency > 20", otherwise="B")), "dead.never")
        assert finding.places == ("segmentation[0].tiers[0].when",)

    def test_more_revenue_and_a_worse_tier(self) -> None:
        finding = only(proof(tiers("revenue >= 100 and revenue < 500", "revenue >= 500", otherwise="C")), "monotone")
        assert [facts(finding, index)["revenue"] for index in (0, 1)] == ["100.00", "500.00"]
        assert [witness.outcome for witness in finding.witnesses] == ["A", "B"]

    def test_longer_ago_and_a_better_tier_where_less_is_better(self) -> None:
        finding = only(proof(tiers("recency >= 100", otherwise="B")), "monotone")
        assert [(facts(finding, index)["recency"], finding.witnesses[index].outcome) for index in (0, 1)] == [
            ("100", "A"),
            ("0", "B"),
        ]

    def test_not_knowing_demotes(self) -> None:
        finding = only(proof(tiers("not missing(revenue) and revenue >= 100", otherwise="B")), "demotes")
        assert [witness.outcome for witness in finding.witnesses] == ["A", "B"]
        assert facts(finding, 1) == {"revenue": "None"}

    def test_a_threshold_beyond_the_bounds(self) -> None:
        assert only(proof(tiers("revenue > 2_000_000", otherwise="B")), "bounds").values["fact"] == "revenue"

    def test_points_that_fall_as_the_fact_rises(self) -> None:
        text = """
[[segmentation]]
id = "q"
kind = "quota"
score = [ { fact = "revenue", bands = [ { from = "10", points = 5 }, { from = "20", points = 4 } ] } ]
tiers = [ { id = "A", share = "100%" } ]
"""
        assert only(proof(text), "monotone").values["higher"] == "20"

    def test_points_for_not_knowing(self) -> None:
        text = """
[[segmentation]]
id = "q"
kind = "quota"
score = [ { fact = "likelihood", points = { none = 0, low = 1, high = 2 }, missing = 1 } ]
tiers = [ { id = "A", share = "100%" } ]
"""
        assert only(proof(text), "missing.points").severity == "warning"

    def test_a_path_that_can_never_be_met(self) -> None:
        text = """
[[vip]]
id = "v"
paths = [ { id = "a", when = "recency < 0 or missing(recency)" }, { id = "b", when = "revenue >= 5" } ]
"""
        assert only(proof(text), "dead.never").places == ("vip[0].paths[0].when",)

    def test_a_path_implied_by_another(self) -> None:
        text = """
[[vip]]
id = "v"
paths = [ { id = "a", when = "revenue >= 5" }, { id = "b", when = "revenue >= 7 and recency < 3" } ]
"""
        finding = only(proof(text), "path.implied")
        assert finding.values["path"] == "b"
        assert finding.values["by"] == ("a",)

    def test_a_rule_for_everybody_that_says_when(self) -> None:
        text = '[[cadence]]\nid = "c"\nchannel = "call"\nevery = "1 week"\nwhen = "recency >= 0"\n'
        assert only(proof(text), "always").places == ("cadence[0].when",)

    def test_a_grace_as_long_as_the_interval(self) -> None:
        text = '[[cadence]]\nid = "c"\nchannel = "call"\nevery = "1 week"\ngrace = "7 days"\n'
        assert only(proof(text), "grace").values["every"] == "1 week"

    def test_two_rules_that_keep_each_other(self) -> None:
        text = "".join(
            f'[[cadence]]\nid = "{one}"\nchannel = "{one}"\nevery = "1 week"\nsatisfied_by = ["{other}"]\n'
            for one, other in (("call", "visit"), ("visit", "call"))
        )
        assert only(proof(text), "circle").severity == "note"


class TestReports:
    """A report answers every question, and says which it gave up."""

    @pytest.mark.parametrize("name", ["agent", "consulting"])
    def test_the_presets_are_sound(self, name: str) -> None:
        report = prove(rc.preset(name))
        assert report.is_sound
        assert report.undecided == ()

    def test_a_spent_budget_is_undecided_and_never_fine(self) -> None:
        report = prove(rc.loads_policy(HEAD + tiers("revenue >= 10", "recency <= 3", "likelihood == 'low'")), budget=0)
        assert {finding.question for finding in report.undecided} >= {"dead"}
        assert "undecided" in str(report.undecided[0])

    def test_what_only_a_ratio_decides_is_undecided(self) -> None:
        text = '[facts.rate]\ntype = "number"\ngrain = "0.01"\nround = "half up"\nratio = ["revenue", "recency"]\n'
        report = proof(text + tiers("rate >= 1", "rate < 0.5"))
        assert report.refuted == ()
        assert "computed from other facts" in " ".join(map(str, report.undecided))

    def test_every_line_names_its_place(self) -> None:
        report = proof(tiers("recency <= 89", "recency > 90"))
        assert str(report.refuted[0]).startswith("segmentation[0].tiers[0].when: total.gap: ")
        assert all(str(finding).startswith("segmentation[0]") for finding in report.findings)

    def test_every_code_says_what_it_means(self) -> None:
        assert all(severity in {"error", "warning", "note"} and text for severity, text in CODES.values())
