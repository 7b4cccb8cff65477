import pickle

import pytest

import relcare.errors as errors_module
from relcare.errors import (
    AccessDenied,
    BookDocumentError,
    ConflictError,
    DocumentError,
    IllegalStepError,
    InvalidValueError,
    MissingExtraError,
    OutcomeUnknownError,
    PolicyDocumentError,
    PolicyError,
    Problem,
    RelcareError,
    StorageError,
    UnknownRecordError,
    UnsupportedPolicyError,
    nearest,
)

PROBLEM = Problem(
    file="house.toml", line=12, column=8, path="cadence[0].every", message="'1 wek' is not a step", hint="did you mean '1 week'"
)

# One error of every class, and the text that it must show.
ERRORS_AND_TEXTS: list[tuple[RelcareError, str]] = [
    (RelcareError("something"), "something"),
    (InvalidValueError("amount", -1, "must be at least 0"), "amount is -1: must be at least 0"),
    (
        InvalidValueError("zone", "Asia/Soul", "must be an IANA zone", "did you mean 'Asia/Seoul'"),
        "zone is 'Asia/Soul': must be an IANA zone; hint: did you mean 'Asia/Seoul'",
    ),
    (PolicyError("no scheme 'abd'"), "no scheme 'abd'"),
    (PolicyError("no scheme 'abd'", "did you mean 'abc'"), "no scheme 'abd'; hint: did you mean 'abc'"),
    (DocumentError([]), "0 problems"),
    (
        PolicyDocumentError([PROBLEM]),
        "1 problem\nhouse.toml:12:8: cadence[0].every: '1 wek' is not a step; hint: did you mean '1 week'",
    ),
    (
        BookDocumentError(
            [
                Problem(file="purchases.csv", line=3, column=2, message="not a day"),
                Problem(file="clients.csv", message="no header"),
            ]
        ),
        "2 problems\nclients.csv: no header\npurchases.csv:3:2: not a day",
    ),
    (
        UnsupportedPolicyError([Problem(file="<policy>", path="cadence[0]", message="is not decided over columns yet")]),
        "1 problem\n<policy>: cadence[0]: is not decided over columns yet",
    ),
    (
        IllegalStepError("events[1].step", "approved", "must come after a check", "take the step 'checked' first"),
        "events[1].step is 'approved': must come after a check; hint: take the step 'checked' first",
    ),
    (StorageError("the disk is full"), "the disk is full"),
    (OutcomeUnknownError("the commit failed"), "the commit failed"),
    (
        ConflictError("client", "c-17", 3, 4),
        "client 'c-17' is at version 4, not 3: it was changed in between; hint: read it again and repeat the change",
    ),
    (UnknownRecordError("client", "c-17"), "unknown client 'c-17'"),
    (
        UnknownRecordError("scheme", "abd", "did you mean 'abc'"),
        "unknown scheme 'abd'; hint: did you mean 'abc'",
    ),
    (AccessDenied("only the head may look a client up"), "only the head may look a client up"),
    (
        MissingExtraError("the calendar of CN", "calendar"),
        "the calendar of CN needs the extra 'calendar'; hint: pip install 'relcare[calendar]'",
    ),
]
CASES = [pytest.param(error, text, id=f"{type(error).__name__}-{at}") for at, (error, text) in enumerate(ERRORS_AND_TEXTS)]


def test_every_error_class_has_a_case_here() -> None:
    classes = {
        value
        for name in errors_module.__all__
        if isinstance(value := getattr(errors_module, name), type) and issubclass(value, Exception)
    }
    assert {type(error) for error, _ in ERRORS_AND_TEXTS} == classes


@pytest.mark.parametrize(("error", "text"), CASES)
def test_the_text_names_the_parameter_the_value_the_rule_and_the_way_out(error: RelcareError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(("error", "text"), CASES)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_class_text_and_attributes(error: RelcareError, text: str, protocol: int) -> None:
    copy = pickle.loads(pickle.dumps(error, protocol))
    again = pickle.loads(pickle.dumps(copy, protocol))
    assert type(again) is type(error)
    assert str(again) == text
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        pytest.param(InvalidValueError, ValueError, id="a refused value is a ValueError"),
        pytest.param(UnknownRecordError, LookupError, id="an unknown record is a LookupError"),
        pytest.param(AccessDenied, PermissionError, id="a denied access is a PermissionError"),
        pytest.param(MissingExtraError, ImportError, id="a missing extra is an ImportError"),
        pytest.param(ConflictError, StorageError, id="a conflict is a StorageError"),
        pytest.param(OutcomeUnknownError, StorageError, id="an unknown outcome is a StorageError"),
        pytest.param(PolicyDocumentError, DocumentError, id="a wrong policy is a wrong document"),
        pytest.param(BookDocumentError, DocumentError, id="a wrong book is a wrong document"),
        pytest.param(UnsupportedPolicyError, DocumentError, id="a policy in the wrong place is a wrong document"),
    ],
)
def test_callers_can_catch_by_what_they_know(kind: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)
    assert issubclass(kind, RelcareError)
    assert not issubclass(kind, KeyError), "a KeyError prints its message in quotes"


def test_problems_stand_in_the_order_of_file_line_and_column() -> None:
    places = [("b", 1, 1), ("a", 2, 1), ("a", 1, 9), ("a", 1, 2), ("a", None, None)]
    error = DocumentError(Problem(file=file, line=line, column=column, message="wrong") for file, line, column in places)
    assert [(p.file, p.line, p.column) for p in error.problems] == [
        ("a", None, None),
        ("a", 1, 2),
        ("a", 1, 9),
        ("a", 2, 1),
        ("b", 1, 1),
    ]


def test_a_long_value_is_cut_to_sixty_characters() -> None:
    error = InvalidValueError("note", "x" * 100_000, "must be at most 2,000 characters")
    assert len(error.value) == 60
    assert error.value.endswith("...")


def test_a_value_that_cannot_be_shown_does_not_hide_the_error_about_it() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert str(InvalidValueError("stage", Broken(), "must be text")) == "stage is <Broken>: must be text"


def test_an_error_pickles_even_when_the_value_given_does_not() -> None:
    error = InvalidValueError("clock", lambda: None, "must be text")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("likelihod", "likelihood", id="one letter missing"),
        pytest.param("zzz", None, id="nothing close"),
        pytest.param("", None, id="nothing written"),
        pytest.param("l" * 1_000_000, None, id="a flood"),
    ],
)
def test_the_nearest_name_is_found_or_none(word: str, expected: str | None) -> None:
    assert nearest(word, {"likelihood", "region_weight", "revenue_12m"}) == expected


def test_the_nearest_of_equally_near_names_does_not_depend_on_their_order() -> None:
    assert nearest("tier", ["tiers", "tierx"]) == nearest("tier", ["tierx", "tiers"])
