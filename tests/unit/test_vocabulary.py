from decimal import Decimal

import pytest

from relcare.policy import CLIENT_FACTS, EVENT_FACTS, FactType, Vocabulary, check_criterion, criterion
from relcare.policy._criteria import leaves

WORDS = Vocabulary(
    {
        **CLIENT_FACTS,
        "score": FactType(kind="number", grain=Decimal("0.5")),
        "tier.abc": FactType(kind="level", values=("C", "B", "A")),
        "flag": FactType(kind="flag"),
        "on": FactType(kind="date"),
    },
    frozenset({"broken"}),
)


def problems(text: str) -> list[tuple[int, str, str | None]]:
    return [(found.offset, found.message, found.hint) for found in check_criterion(criterion(text), WORDS)]


@pytest.mark.parametrize(
    "text",
    [
        "score >= 1.5 and tier.abc > 'C' and flag and on < '2026-01-01'",
        "client.stage in ('open', 'closed') and client.region == 'anything at all'",
        "'partner' in client.relationship_types and 'x' not in client.relationship_types",
        "missing(score) or missing(client.stage) or missing(client.relationship_types)",
        "flag == False and flag in (True,) and score in (0, 1.0)",
        "broken == 1 and 'x' in broken and broken in ('a', 2)",
    ],
)
def test_rightly_used_names_are_no_problem(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("scroe > 1", 0, "unknown fact 'scroe'", "did you mean 'score'?"),
        ("flag and zzzzzz", 9, "unknown fact 'zzzzzz'", "declare it under [facts]"),
        ("  missing(scroe)", 2, "unknown fact 'scroe'", "did you mean 'score'?"),
        ("score > 0.3", 0, "score is compared with 0.3, which is off its grain 0.5", None),
        ("score == 'x'", 0, "score is compared with 'x', but is a number: digits without quotation marks", None),
        ("score", 0, "score is compared with True, but is a number: digits without quotation marks", None),
        ("tier.abc >= 'b'", 0, "tier.abc has no value 'b'", "did you mean 'B'?"),
        ("client.stage == 'opne'", 0, "client.stage has no value 'opne'", "did you mean 'open'?"),
        ("client.stage > 'open'", 0, "client.stage is a category, which has no order", "use ==, != or in (...)"),
        ("flag > True", 0, "flag is a flag, which has no order", "use ==, != or in (...)"),
        (
            "client.relationship_types == 'partner'",
            0,
            "client.relationship_types is a set",
            "write '...' in client.relationship_types",
        ),
        (
            "client.relationship_types in ('partner',)",
            0,
            "client.relationship_types is a set",
            "write '...' in client.relationship_types",
        ),
        ("'x' in client.stage", 0, "client.stage is a category", "write client.stage == ... or client.stage in (...)"),
        ("on == 'soon'", 0, "on is compared with 'soon', but is a date", "write it as '2026-01-31'"),
    ],
)
def test_a_wrong_use_is_named_with_its_place_and_the_way_out(text: str, offset: int, message: str, hint: str | None) -> None:
    assert problems(text) == [(offset, message, hint)]


def test_every_problem_is_found_from_left_to_right() -> None:
    found = problems("scroe > 1 or client.stage in ('opne', 'open', 'shut') and not flag > True")
    assert [offset for offset, _, _ in found] == [0, 13, 13, 62]


def test_the_order_of_names_is_the_order_in_which_they_were_given() -> None:
    words = Vocabulary({"b": FactType(kind="flag"), "a": FactType(kind="flag")})
    assert list(words) == ["b", "a"]
    assert len(words) == 2
    assert words["a"].kind == "flag"


def test_constants_come_in_core_form() -> None:
    read = criterion("score in (1, 1.5) and tier.abc == 'A' and missing(flag) and 'x' in client.relationship_types")
    assert [WORDS.constants(leaf) for leaf in leaves(read)] == [(2, 3), (2,), (), ("x",)]


def test_events_have_a_vocabulary_of_their_own() -> None:
    read = criterion(
        "channel == 'call' and direction == 'incoming' and person.rank == 'bureau' and amount >= 0.001 and category != 'x'"
    )
    assert check_criterion(read, Vocabulary(EVENT_FACTS)) == ()
    assert (
        check_criterion(criterion("direction == 'sideways'"), Vocabulary(EVENT_FACTS))[0].message
        == "direction has no value 'sideways'"
    )
