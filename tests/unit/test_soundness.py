"""Reports: every question answered, every line with its place, and what is given up never taken for fine."""

import pytest

import relcare as rc
from relcare.errors import InvalidValueError
from relcare.soundness import CODES, ProofReport, prove

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


class TestNoFalseAlarm:
    """What only looks like a defect is none: grain, bounds and missing data are known."""

    @pytest.mark.parametrize(
        "when",
        [
            pytest.param(("recency <= 90", "recency >= 91"), id="between whole numbers there is nothing"),
            pytest.param(("revenue > 99.99", "revenue < 100"), id="between two cents there is nothing"),
            pytest.param(("likelihood > 'low'", "likelihood <= 'low'"), id="above the last level but one there is the last"),
            pytest.param(("revenue >= 100", "revenue < 100"), id="who is held for want of data is not forgotten"),
            pytest.param(("likelihood == 'high'", "likelihood in ('none', 'low')"), id="every level is named"),
        ],
    )
    def test_it_is_sound(self, when: tuple[str, ...]) -> None:
        report = proof(tiers(*when))
        assert report.refuted == ()
        assert report.undecided == ()


class TestReports:
    """A report answers every question, and says which it gave up."""

    @pytest.mark.parametrize("name", ["agent", "consulting"])
    def test_the_presets_are_sound(self, name: str) -> None:
        report = prove(rc.preset(name))
        assert report.is_sound
        assert report.undecided == ()

    def test_every_question_is_answered(self) -> None:
        report = proof(tiers("recency <= 89", otherwise="B", scope="revenue >= 5"))
        asked = [(finding.subject, finding.question) for finding in report.findings]
        assert asked == [
            *[("segmentation[0].scope", question) for question in ("can hold", "says something", "bounds")],
            *[("segmentation[0]", question) for question in ("can hold", "bounds", "dead", "total", "monotone", "never demotes")],
        ]
        assert {finding.outcome for finding in report.findings} == {"proved"}

    def test_a_spent_budget_is_undecided_and_never_fine(self) -> None:
        report = prove(rc.loads_policy(HEAD + tiers("revenue >= 10", "recency <= 3", "likelihood == 'low'")), budget=0)
        assert {finding.question for finding in report.undecided} >= {"dead"}
        assert "undecided" in str(report.undecided[0])

    def test_a_required_proof_that_is_given_up_is_open(self) -> None:
        text = '[facts.rate]\ntype = "number"\ngrain = "0.01"\nround = "half up"\nratio = ["revenue", "recency"]\n'
        report = proof(f'{text}{tiers("rate >= 1", "rate < 0.5")}[[require]]\ntotal = "s"\n')
        assert [finding.question for finding in report.open] == ["require total"]
        assert not report.is_sound

    def test_what_only_a_ratio_decides_is_undecided(self) -> None:
        text = '[facts.rate]\ntype = "number"\ngrain = "0.01"\nround = "half up"\nratio = ["revenue", "recency"]\n'
        report = proof(text + tiers("rate >= 1", "rate < 0.5"))
        assert report.refuted == ()
        assert "computed from other facts" in " ".join(map(str, report.undecided))

    def test_a_book_needs_a_day(self) -> None:
        with pytest.raises(InvalidValueError, match="as_of"):
            prove(rc.loads_policy(HEAD + tiers("recency <= 89", otherwise="B")), book=rc.Book(clients=()))

    def test_every_line_names_its_place(self) -> None:
        report = proof(tiers("recency <= 89", "recency > 90"))
        assert str(report.refuted[0]).startswith("segmentation[0].tiers[0].when: error: total.gap: ")
        assert all(str(finding).startswith("segmentation[0]") for finding in report.findings)

    def test_a_line_tells_the_client_the_other_places_and_the_way_out(self) -> None:
        (finding,) = proof(tiers("recency <= 89", "recency > 90")).refuted
        line = finding.text(
            lambda path: {"segmentation[0].tiers[0].when": "p.toml:7", "segmentation[0].tiers[1].when": "p.toml:8"}[path]
        )
        assert line.startswith("p.toml:7: error: total.gap: ")
        assert line.endswith(': recency = 90 is held (also p.toml:8); hint: write when = "recency > 89" for B')

    def test_every_code_says_what_it_means(self) -> None:
        assert all(severity in {"error", "warning", "note"} and text for severity, text in CODES.values())
