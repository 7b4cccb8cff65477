"""The conformance cases that ship in the wheel: this implementation gives their answers, and a wrong one is noticed."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import attrs
import jsonschema
import pytest

import relcare.cadence._contacts as contacts
import relcare.cadence._due as due
import relcare.cadence._oblige as oblige
import relcare.cadence._occurrences as occurrences
import relcare.facts._history as facts_history
import relcare.facts._series as series
import relcare.model._book as book
import relcare.segmentation._quota_run as quota_run
import relcare.segmentation._run as scheme_run
import relcare.segmentation._threshold_run as threshold_run
import relcare.vip._decide as vip
from relcare import ranking
from relcare._time import add_months
from relcare.errors import PolicyError, UnknownRecordError
from relcare.model import Touchpoint
from relcare.testing import CaseReport, ConformanceCase, ConformanceTest, conformance_cases, run_case
from relcare.testing._conformance import AREAS, thawed

CASES = conformance_cases()
BY_ID = {case.id: case for case in CASES}
RULES = (Path(__file__).parents[2] / "docs" / "reference" / "rules.md").read_text("utf-8")
FOLDER = files("relcare.testing").joinpath("cases")
SCHEMA = json.loads(FOLDER.joinpath("schema.json").read_text("utf-8"))
WRONG = "wrong"

# The named failures of other systems that concern rules of this release.
NAMED_FAILURES = (
    "cadence.monica-backdated-visit",
    "cadence.yudao-deleted-log",
    "cadence.portatour-missed-twice-then-phone",
    "cadence.livespace-note-tag-edit",
    "cadence.redtail-unheld-stays-overdue",
    "cadence.frappe-weekend-in-business-days",
    "cadence.drift-monthly-from-the-31st",
    "segmentation.seven-clients-at-20-40-40",
    "cadence.forcemanager-colleagues-visit",
    "cadence.yudao-transfer-restarts-the-clock",
    "cadence.creme-generated-twice",
)


def area_document(area: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FOLDER.joinpath(f"{area}.json").read_text("utf-8"))
    return document


def problems(document: object) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


class TestCases:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
    def test_every_case_holds(self, case: ConformanceCase) -> None:
        run_case(case).raise_if_any()

    def test_the_named_failures_of_other_systems_are_among_them(self) -> None:
        assert set(NAMED_FAILURES) <= set(BY_ID)
        assert all(BY_ID[case_id].seen_in for case_id in NAMED_FAILURES)

    def test_ids_are_unique_and_begin_with_their_area(self) -> None:
        assert len(BY_ID) == len(CASES)
        assert [case.area for case in CASES] == sorted(case.area for case in CASES)
        assert {case.area for case in CASES} == set(AREAS)

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
    def test_every_rule_that_a_case_rests_on_is_in_the_reference(self, case: ConformanceCase) -> None:
        assert [rule for rule in case.rules if f"### {rule} " not in RULES] == []

    def test_every_question_says_how_its_answer_follows(self) -> None:
        assert sum(len(case.tests) for case in CASES) >= 200
        assert [test.why for case in CASES for test in case.tests if len(test.why.split()) < 2 or test.why[-1] != "."] == []

    def test_an_area_can_be_asked_for(self) -> None:
        assert tuple(case for area in AREAS for case in conformance_cases(area)) == CASES
        with pytest.raises(UnknownRecordError, match="did you mean 'cadence'"):
            conformance_cases("cadance")

    def test_cases_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            CASES[0].policy["format"] = 2  # type: ignore[index]
        assert hash(CASES[0]) == hash(conformance_cases()[0])


class TestSchema:
    def test_the_schema_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize("area", AREAS)
    def test_every_file_keeps_to_it(self, area: str) -> None:
        document = area_document(area)
        assert problems(document) == []
        assert document["area"] == area

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda case: case.update(note="?"), "'note' was unexpected"),
            (lambda case: case.pop("rules"), "'rules' is a required"),
            (lambda case: case.update(id="Cadence"), "does not match"),
            (lambda case: case.update(refused=["vip[0]"]), "is valid under each of"),
            (lambda case: case["policy"].update(examples=[]), "should not be valid"),
            (lambda case: case["tests"][0].pop("why"), "'why' is a required"),
            (lambda case: case["tests"][0].update(given={}), "is valid under each of"),
            (lambda case: case["tests"][0].update(expect={"due.visit": 0.5}), "is not of type"),
            (lambda case: case["tests"][0].update(sizes={"abc": {"A": 1}}), "'clients' is a required"),
            (lambda case: case["tests"][0].update(owed=[{"dew": "2026-05-21"}]), "'dew' was unexpected"),
            (lambda case: case["tests"][0].update(staff=[], owed=[], expect={"staff.visit": "lee"}), "should not be valid"),
        ],
        ids=["key", "rules", "id", "both", "examples", "why", "forms", "float", "sizes", "owed", "staff"],
    )
    def test_what_is_no_case_is_refused(self, change: Callable[[dict[str, Any]], object], message: str) -> None:
        document = area_document("cadence")
        change(document["cases"][0])
        assert any(message in problem for problem in problems(document))


def spoilt(value: object) -> object:
    """The value with everything that can be compared made wrong."""
    if isinstance(value, dict):
        return {key: spoilt(item) for key, item in value.items()}
    return [*cast("list[object]", value), WRONG] if isinstance(value, list) else WRONG


def with_wrong_answers(test: ConformanceTest) -> tuple[ConformanceTest, int]:
    """The test with every expectation made wrong, and how many failures that must give."""
    document = cast("dict[str, Any]", thawed(test.document))
    is_refused = "refused" in document["expect"].values()
    count = 1 if is_refused else len(document["expect"])
    document["expect"] = dict.fromkeys(document["expect"], WRONG)
    if "owed" in document:
        count += max(1, len(document["owed"]))
        document["owed"] = [spoilt(one) for one in document["owed"]] or [{"key": WRONG}]
    for part in ("sizes", "held", "ties"):
        if part in document:
            count += len(document[part])
            document[part] = {scheme: spoilt(value) if value else [WRONG] for scheme, value in document[part].items()}
    if "paths" in document:
        count += sum(len(paths) for paths in document["paths"].values())
        document["paths"] = {
            programme: {path: dict.fromkeys(asked, WRONG) for path, asked in paths.items()}
            for programme, paths in document["paths"].items()
        }
    if "membership" in document:
        count += len(document["membership"])
        document["membership"] = {programme: dict.fromkeys(asked, WRONG) for programme, asked in document["membership"].items()}
    if "may_take" in document:
        count += len(document["may_take"])
        document["may_take"] = [{**one, "answer": WRONG} for one in document["may_take"]]
    return ConformanceTest(document), count


class TestWrongExpectations:
    @pytest.mark.parametrize("case", [case for case in CASES if case.tests], ids=lambda case: case.id)
    def test_every_wrong_answer_fails(self, case: ConformanceCase) -> None:
        changed = [with_wrong_answers(test) for test in case.tests]
        report = run_case(attrs.evolve(case, tests=[test for test, _ in changed]))
        for index, (_, count) in enumerate(changed):
            assert len([failure for failure in report.failures if failure.test == index]) == count

    def test_an_obligation_too_many_or_too_few_fails(self) -> None:
        case = BY_ID["cadence.redtail-unheld-review"]
        document = cast("dict[str, Any]", thawed(case.tests[0].document))
        for owed in (document["owed"][:1], [*document["owed"], document["owed"][1]], document["owed"][::-1]):
            assert not run_case(attrs.evolve(case, tests=(ConformanceTest({**document, "owed": owed}),))).is_ok

    def test_a_policy_that_should_be_refused_and_is_not_fails(self) -> None:
        right = BY_ID["facts.levels-by-rank"]
        report = run_case(attrs.evolve(right, tests=(), refused=("vip[0].id",)))
        assert [str(failure) for failure in report.failures] == [
            f"policy: reading it gives no problem, not problems at vip[0].id; {right.title}"
        ]

    def test_a_policy_that_is_refused_for_something_else_fails(self) -> None:
        case = BY_ID["vip.line-off-the-grain"]
        assert not run_case(attrs.evolve(case, refused=("vip[0].id",))).is_ok
        assert not run_case(attrs.evolve(case, refused=())).is_ok

    def test_an_answer_where_the_question_should_be_refused_fails(self) -> None:
        case = BY_ID["facts.chained-comparison"]
        document = cast("dict[str, Any]", thawed(case.tests[0].document))
        document["expect"] = {"vip.vip": "refused"}
        assert not run_case(attrs.evolve(case, tests=(ConformanceTest(document),))).is_ok

    def test_a_failure_names_case_test_answer_and_reason(self) -> None:
        case = BY_ID["cadence.monica-backdated-visit"]
        document = cast("dict[str, Any]", thawed(case.tests[0].document))
        document["expect"] = {"due.visit": "2026-05-31"}
        report = run_case(attrs.evolve(case, tests=(ConformanceTest(document),)))
        with pytest.raises(PolicyError) as caught:
            report.raise_if_any()
        assert str(caught.value) == (
            "conformance case cadence.monica-backdated-visit:\n"
            "tests[0]: due.visit gives 2026-05-21, not 2026-05-31; "
            "The visit was made on 21 March and entered on the 31st: two months from the 21st."
        )
        assert CaseReport(case_id="x").raise_if_any() is None  # type: ignore[func-returns-value]


def each_tier_rounded(count: int, shares: Sequence[Fraction]) -> tuple[int, ...]:
    return tuple(min(total, count) for total in accumulate(round(count * share) for share in shares))


def drifting(day: int, months: int) -> int:
    for _ in range(months):
        day = add_months(day, 1)
    return day


def utc_day(moment: date, _zone: object) -> date:
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment


def nothing_is_taken_back(touchpoints: Sequence[Touchpoint]) -> tuple[Touchpoint, ...]:
    return tuple(touch for touch in touchpoints if touch.channel != "void")


def any_channel_and_outcome(finder: Any, _history: object, touch: Touchpoint) -> bool:
    return bool(touch.channel in finder.rule.channels)


def late_from_the_due_day(one: due.Due, as_of: int, *_: object) -> str:
    return "upcoming" if as_of < one.earliest else "due" if as_of < one.due else "overdue"


def ids_backwards(border: ranking.Border, score: int, member_id: str) -> bool:
    return score > border.score or (score == border.score and (border.last_id is None or member_id >= border.last_id))


def unknown_is_no(*given: Any) -> Callable[[Any], tuple[bool, ...]]:
    compiled = original_compile(*given)
    return lambda values: tuple(answer is True for answer in compiled(values))


def unknown_is_no_for_rows(*given: Any, **options: Any) -> Callable[[Any], list[tuple[bool, ...]]]:
    compiled = original_compile_for_rows(*given, **options)
    return lambda rows: [tuple(answer is True for answer in answers) for answers in compiled(rows)]


def since_first_ever(qualifier: vip.Qualifier, row_at: Callable[[int], Mapping[str, Any]], days: Sequence[int]) -> object:
    past = original_history(qualifier, row_at, days)
    past.any_since = min((day for day in past.first_ever if day is not None), default=None)
    return past


original_compile: Callable[..., Any] = scheme_run.compile_criteria  # type: ignore[attr-defined]
original_compile_for_rows: Callable[..., Any] = threshold_run.compile_for_rows  # type: ignore[attr-defined]
original_history = vip.Qualifier._history
original_window_start = series.window_start

BUGS: dict[str, tuple[object, str, object, tuple[str, ...]]] = {
    "each tier rounded for itself": (
        quota_run,
        "cuts",
        each_tier_rounded,
        ("segmentation.each-tier-rounded-for-itself", "segmentation.half-a-client-rounds-up"),
    ),
    "ids in the wrong order": (
        ranking.Border,
        "includes",
        ids_backwards,
        ("segmentation.ties-by-id", "segmentation.ids-by-code-point"),
    ),
    "unknown taken for no": (
        threshold_run,
        "compile_for_rows",
        unknown_is_no_for_rows,
        ("segmentation.missing-fact-that-matters-not", "segmentation.missing-keeps-the-tier"),
    ),
    "unknown scope taken for no": (scheme_run, "compile_criteria", unknown_is_no, ("segmentation.scope",)),
    "previous plus one month": (occurrences, "add_months", drifting, ("cadence.drift-monthly-from-the-31st",)),
    "the date in UTC": (facts_history, "civil_day", utc_day, ("cadence.civil-day-in-the-books-zone",)),
    "deletions ignored": (book, "standing", nothing_is_taken_back, ("cadence.yudao-deleted-log",)),
    "any record is a contact": (
        contacts.ContactFinder,
        "is_contact",
        any_channel_and_outcome,
        ("cadence.portatour-missed-twice-then-phone", "cadence.mercury-incoming-ignored", "cadence.oro-contact-persons-mail"),
    ),
    "late on the due day": (
        due.Due,
        "state",
        late_from_the_due_day,
        ("cadence.states-at-their-edges", "cadence.redtail-unheld-stays-overdue"),
    ),
    "keys without the occurrence": (
        oblige,
        "obligation_key",
        lambda client_id, rule_id, _: f"{client_id}/{rule_id}",
        ("cadence.creme-generated-twice",),
    ),
    "a window one day too long": (
        series,
        "window_start",
        lambda window, as_of: original_window_start(window, as_of) - 1,
        ("facts.rolling-months", "facts.ninety-days-and-three-months", "vip.first-eligible-unbroken"),
    ),
    "eligible since ever": (vip.Qualifier, "_history", since_first_ever, ("vip.first-eligible-unbroken",)),
}


class TestPlantedBugs:
    @pytest.mark.parametrize("name", BUGS)
    def test_a_bug_in_the_engine_turns_cases_red(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        owner, attribute, bug, expected = BUGS[name]
        assert all(run_case(BY_ID[case_id]).is_ok for case_id in expected)
        monkeypatch.setattr(owner, attribute, bug)
        assert [case_id for case_id in expected if run_case(BY_ID[case_id]).is_ok] == []
