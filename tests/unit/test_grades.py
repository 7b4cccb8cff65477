"""Grades as values, in words, at the command, in reviews and in comparisons."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import attrs
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from relcare import explain
from relcare.cli._app import app
from relcare.codec import dumps_policy, loads_policy
from relcare.errors import InvalidValueError, PolicyDocumentError, UnknownRecordError
from relcare.formats import write_book
from relcare.grades import Better, Grade
from relcare.model import Book, Client, Money, Purchase
from relcare.policy import Criterion
from relcare.ranking import TieRule
from relcare.review import decide, propose
from relcare.soundness import compare, justify, prove

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 31)
TEXT = """
format = 1
[policy]
id = "shop"
version = "1"
effective_from = 2026-01-01
currency = "EUR"
[facts.revenue]
type = "money"
polarity = "more"
measure = { sum = "purchases.amount", window = "12 months" }
[facts.line]
type = "category"
values = ["trade", "retail"]
may_be_missing = true
[[grade]]
id = "money"
fact = "revenue"
parts = 2
[[segmentation]]
id = "value"
kind = "threshold"
tiers = [ { id = "A", when = "grade.money >= 2" }, { id = "B", when = "grade.money >= 1" } ]
"""
SHOP = loads_policy(TEXT)
SPEND = {"ann": 300, "bo": 200, "cho": 200, "dai": 100}
BOOK = Book(
    clients=[Client(id=name, name=name.title(), owner_id="lee") for name in SPEND],
    purchases=[
        Purchase(id=name, client_id=name, purchased_on=date(2026, 2, 1), amount=Money(amount, "EUR"))
        for name, amount in SPEND.items()
    ],
)


class TestTheValue:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Grade(id="a b", fact="revenue", parts=5), "id is 'a b': must be an identifier"),
            (lambda: Grade(id="g", fact="", parts=5), "fact is ''"),
            (lambda: Grade(id="g", fact="revenue", parts=1), "parts is 1: must be a whole number from 2 to 1000; hint: 5 makes"),
            (lambda: Grade(id="g", fact="revenue", parts=1001), "parts is 1001"),
            (lambda: Grade(id="g", fact="revenue", parts=True), "parts is True"),
            (
                lambda: attrs.evolve(SHOP.grades[0], better=cast("Better", "most")),
                "better is 'most': must be one of 'more', 'less'",
            ),
            (lambda: attrs.evolve(SHOP.grades[0], ties=cast("TieRule", "together")), "ties is 'together'"),
            (lambda: attrs.evolve(SHOP.grades[0], scope=cast("Criterion", "revenue > 0")), "scope is .*: must be a criterion"),
        ],
    )
    def test_what_no_grade_can_be_is_refused(self, make: Callable[[], object], message: str) -> None:
        with pytest.raises(InvalidValueError, match=message):
            make()

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('fact = "revenue"', 'fact = "revenu"', "grade[0].fact: unknown fact 'revenu'; hint: did you mean 'revenue'?"),
            ('fact = "revenue"', 'fact = "line"', "grade[0].fact: line is a category: a grade needs a number"),
            ('polarity = "more"', "", "grade[0].better: revenue has no polarity: the grade must say which way is better"),
            ("parts = 2", 'parts = "2"', "grade[0].parts: must be a whole number, not text"),
            ("parts = 2", "", "grade[0].parts: parts is missing"),
            ("parts = 2", "parts = 2\nscop = 'x'", "grade[0].scop: unknown key 'scop'; hint: did you mean 'scope'?"),
            (
                "parts = 2",
                "parts = 2\nscope = 'tier.value == \"A\"'",
                "grade[0].scope: tier.value cannot be asked for here; hint: it is decided after this",
            ),
            (
                "parts = 2",
                "parts = 2\nscope = 'grade.money > 1'",
                "grade[0].scope: grade.money cannot be asked for here; hint: grades rank by facts, not by grades",
            ),
            ("grade.money >= 2", "grade.mony >= 2", "unknown fact 'grade.mony'; hint: did you mean 'grade.money'?"),
            ('id = "money"', 'id = "mo ney"', "grade[0].id: is 'mo ney': must be an identifier"),
        ],
    )
    def test_every_mistake_of_a_document_has_its_place(self, old: str, new: str, message: str) -> None:
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(TEXT.replace(old, new, 1))
        assert message in str(caught.value)

    def test_two_grades_have_two_ids(self) -> None:
        with pytest.raises(PolicyDocumentError, match=r"grade\[1\]\.id: id 'money' is taken by grade\[0\]"):
            attrs.evolve(SHOP, grades=SHOP.grades * 2)

    def test_a_document_says_only_what_is_not_the_default(self) -> None:
        assert '[[grade]]\nid = "money"\nfact = "revenue"\nparts = 2\n\n' in dumps_policy(SHOP)


class TestResults:
    def test_equals_that_a_cut_would_part_go_up_together(self) -> None:
        result = SHOP.decide(BOOK, as_of=TODAY)
        assert dict(result.grades["money"].grades) == {"ann": 2, "bo": 2, "cho": 2, "dai": 1}
        (tie,) = result.grades["money"].ties
        assert (tie.client_ids, tie.grades, tie.is_unequal) == (("bo", "cho"), (2, 2), False)
        by_id = attrs.evolve(SHOP, grades=[attrs.evolve(SHOP.grades[0], ties="by id")]).decide(BOOK, as_of=TODAY)
        assert by_id.grades["money"].ties[0].is_unequal

    def test_a_grade_explains_itself(self) -> None:
        result = SHOP.decide(BOOK, as_of=TODAY)
        assert explain(result.grade("money", "bo")) == (
            "bo has 2 of 2 in money: rank 2 of 4 in money (revenue is 200.00) makes it 2 of 2, which ends at 200.00; "
            "2 clients share the value at a cut of grade money, and all of them stay above it"
        )

    @pytest.mark.parametrize(("grade", "client", "what"), [("mony", "bo", "grade 'mony'"), ("money", "bob", "client 'bob'")])
    def test_what_there_is_not_is_said_to_be_unknown(self, grade: str, client: str, what: str) -> None:
        with pytest.raises(UnknownRecordError, match=f"unknown {what}"):
            SHOP.decide(BOOK, as_of=TODAY).grade(grade, client)
        with pytest.raises(UnknownRecordError, match="client 'bob'"):
            SHOP.decide(BOOK, as_of=TODAY).grades["money"].placement("bob")

    def test_a_tier_says_which_grade_would_better_it(self) -> None:
        why = justify(SHOP, SHOP.decide(BOOK, as_of=TODAY), client_id="dai").tier("value")
        up = why.lever("grade.money").up
        assert up is not None
        assert (up.becomes, up.outcome) == (2, "A")

    def test_the_fact_behind_a_grade_is_no_lever_of_its_own_beside_it(self) -> None:
        tiers = TEXT.replace("grade.money >= 2", "grade.money >= 2 and revenue >= 250")
        policy = loads_policy(tiers)
        why = justify(policy, policy.decide(BOOK, as_of=TODAY), client_id="bo").tier("value")
        assert why.lever("revenue").feeds == ("grade.money",)
        assert why.lever("revenue").up is None

    def test_a_requirement_reaches_through_the_grade(self) -> None:
        required = TEXT + '[[require]]\nmonotone = "revenue"\n'
        assert prove(loads_policy(required)).is_sound
        among = required.replace("parts = 2", 'parts = 2\nscope = "revenue < 1000"')
        (finding,) = (one for one in prove(loads_policy(among)).findings if one.question == "require monotone")
        assert finding.outcome == "undecided"
        assert finding.values["why"] == "grade.money is computed from revenue, and may rise or fall with it"

    def test_a_review_keeps_the_grades_it_was_decided_with(self) -> None:
        review = propose(SHOP, BOOK, as_of=TODAY)
        assert {row.client_id: row.reasons[0].facts["grade.money"] for row in review.rows} == {
            "ann": 2, "bo": 2, "cho": 2, "dai": 1
        }  # fmt: skip
        at = datetime(2026, 3, 31, 12, tzinfo=ZoneInfo("UTC"))
        done = decide(review, by="zhou", at=at, in_force_from=date(2026, 4, 1))
        assert propose(SHOP, BOOK, as_of=TODAY, earlier=[done]) == done


class TestComparisons:
    def test_a_grade_of_other_parts_is_another_fact_for_what_asks_for_it(self) -> None:
        new = attrs.evolve(SHOP, grades=[attrs.evolve(SHOP.grades[0], parts=5)])
        found = compare(SHOP, new)
        assert [(one.room, one.id, one.field, one.before, one.after) for one in found.changes] == [
            ("grades", "money", "parts", "2", "5")
        ]
        assert found.schemes[0].affected_by == ("grade.money",)

    def test_a_grade_of_a_fact_that_is_measured_otherwise_is_another_fact(self) -> None:
        new = loads_policy(TEXT.replace("12 months", "24 months"))
        assert compare(SHOP, new).schemes[0].affected_by == ("grade.money",)

    def test_where_it_stands_makes_no_difference(self) -> None:
        new = attrs.evolve(SHOP, grades=[attrs.evolve(SHOP.grades[0], source="handbook")])
        assert compare(SHOP, new).schemes[0].affected_by == ()


def explained(tmp_path: Path, text: str, client: str, *options: str) -> str:
    folder, policy = tmp_path / "book", tmp_path / "shop.toml"
    folder.mkdir()
    write_book(BOOK, folder)
    policy.write_text(text, encoding="utf-8")
    args = ["explain", str(folder), "--policy", str(policy), "--as-of", str(TODAY), "--client", client, *options]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output
    return result.stdout


class TestCommand:
    def test_explain_gives_the_shape_of_the_reference(self, tmp_path: Path) -> None:
        shape = json.loads(explained(tmp_path, TEXT, "bo", "--json"))
        page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
        definitions = json.loads(re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)[0])
        Draft202012Validator({**definitions, "$ref": "#/$defs/explain"}).validate(shape)
        (grade,) = shape["grades"]
        assert [grade[name] for name in ("grade_id", "grade", "parts", "value", "rank", "last")] == [
            "money", 2, 2, "200.00", 2, "200.00"
        ]  # fmt: skip

    def test_explain_shows_where_a_client_stands(self, tmp_path: Path) -> None:
        assert re.search(r"^Grades\n(.*\n)*?.*money +1 of 2 +4 +100\.00", explained(tmp_path, TEXT, "dai"), re.MULTILINE)

    def test_who_is_outside_has_no_place(self, tmp_path: Path) -> None:
        text = TEXT.replace("parts = 2", 'parts = 2\nscope = "revenue >= 200"')
        assert re.search(r"money +– +– +100\.00", explained(tmp_path, text, "dai"))
