from datetime import date
from decimal import Decimal

import pytest

from relcare.errors import InvalidValueError
from relcare.policy import (
    And,
    Compare,
    CompiledCriteria,
    Contains,
    Core,
    Criterion,
    FactType,
    Missing,
    Not,
    OneOf,
    Or,
    Vocabulary,
    all_of,
    any_of,
    compile_criteria,
    criterion,
    decisive_facts,
    evaluate,
    facts_of,
    leaves,
)

A, B, C = (Compare(name, "==", value=True) for name in "abc")
WORDS = Vocabulary(
    {
        "a": FactType(kind="flag"),
        "b": FactType(kind="flag"),
        "c": FactType(kind="flag"),
        "n": FactType(kind="number", grain=Decimal("0.01")),
        "tier.abc": FactType(kind="level", values=("C", "B", "A")),
        "words": FactType(kind="set"),
        "amount": FactType(kind="number"),
        "on": FactType(kind="date"),
        "region": FactType(kind="category"),
    }
)
LAYOUT = tuple(WORDS)
MARCH = date(2026, 3, 1).toordinal()


def compiled(*criteria: Criterion) -> CompiledCriteria:
    return compile_criteria(criteria, WORDS, LAYOUT)


def answers(text: str, row: dict[str, Core]) -> bool | None:
    """The answer, which both readings must share."""
    read = criterion(text)
    plain = evaluate(read, row, WORDS)
    assert compiled(read)([row.get(name) for name in LAYOUT]) == (plain,)
    return plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Compare("n", ">=", Decimal("1.50")), "n >= 1.5"),
        (Compare("n", "<", Decimal("-100.00")), "n < -100"),
        (Compare("n", "==", Decimal("1E+3")), "n == 1000"),
        (Compare("n", "==", Decimal("0.00")), "n == 0"),
        (Compare("n", ">", Decimal("0.000000000001")), "n > 0.000000000001"),
        (Compare("r", "==", "O'Brien"), 'r == "O\'Brien"'),
        (Compare("r", "!=", 'a "b"'), "r != 'a \"b\"'"),
        (A, "a == True"),
        (OneOf("r", ("x",)), "r in ('x',)"),
        (OneOf("r", ("x", "y")), "r in ('x', 'y')"),
        (Not(OneOf("r", ("x",))), "r not in ('x',)"),
        (Contains("words", "x"), "'x' in words"),
        (Not(Contains("words", "x")), "'x' not in words"),
        (Missing("a"), "missing(a)"),
        (Not(Missing("a")), "not missing(a)"),
        (Not(A), "not a == True"),
        (Not(Not(A)), "not not a == True"),
        (all_of(A, any_of(B, C)), "a == True and (b == True or c == True)"),
        (any_of(A, all_of(B, C)), "a == True or b == True and c == True"),
        (Not(any_of(A, B)), "not (a == True or b == True)"),
        (Not(all_of(A, B)), "not (a == True and b == True)"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_criterion_has_one_text_and_the_text_gives_it_back(value: Criterion, text: str) -> None:
    assert str(value) == text
    assert criterion(text) == value


def test_text_with_both_quotation_marks_cannot_be_written() -> None:
    with pytest.raises(InvalidValueError, match="both kinds of quotation marks"):
        str(Compare("r", "==", "'\""))


def test_where_a_criterion_stood_is_no_part_of_what_it_is() -> None:
    assert criterion("  a  and\n b ") == criterion("a and b")
    assert hash(criterion("(a) and b")) == hash(criterion("a and b"))


def test_nested_conjunctions_become_one_and_a_single_part_stays_itself() -> None:
    assert all_of(all_of(A, B), C) == And((A, B, C)) == all_of(A, all_of(B, C))
    assert any_of(any_of(A, B), C) == Or((A, B, C)) == any_of(A, any_of(B, C))
    assert all_of(A) == any_of(A) == A


def test_leaves_and_facts_go_from_left_to_right_each_fact_once() -> None:
    read = criterion("b and (not a or 'x' in words) and b and missing(c)")
    assert [leaf.fact for leaf in leaves(read)] == ["b", "a", "words", "b", "c"]
    assert facts_of(read) == ("b", "a", "words", "c")


@pytest.mark.parametrize("left", [True, False, None])
@pytest.mark.parametrize("right", [True, False, None])
def test_the_three_valued_tables_are_kleenes(left: bool | None, right: bool | None) -> None:
    row: dict[str, Core] = {"a": left, "b": right}
    is_known = left is not None and right is not None
    assert answers("a and b", row) is (False if False in (left, right) else bool(is_known) or None)
    assert answers("a or b", row) is (True if True in (left, right) else None if not is_known else False)
    assert answers("not a", row) is (None if left is None else not left)


def test_no_tautology_is_sought() -> None:
    assert answers("n > 5 or n <= 5", {}) is None
    assert answers("a or not a", {}) is None
    assert answers("a and not a", {}) is None


def test_missing_is_never_unknown() -> None:
    assert answers("missing(n)", {}) is True
    assert answers("missing(n)", {"n": 0}) is False
    assert answers("not missing(a) and a", {}) is False
    assert answers("missing(a) or a", {"a": False}) is False


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("n >= 1.5", {"n": 150}, True),
        ("n >= 1.5", {"n": 149}, False),
        ("n > 1.5", {"n": 150}, False),
        ("1 <= n < 2", {"n": 100}, True),
        ("1 <= n < 2", {"n": 200}, False),
        ("n < -0.01", {"n": -2}, True),
        ("n != 0", {"n": 0}, False),
        ("n in (1, -1)", {"n": -100}, True),
        ("n not in (1, -1)", {"n": 1}, True),
        ("tier.abc >= 'B'", {"tier.abc": 2}, True),
        ("tier.abc >= 'B'", {"tier.abc": 1}, True),
        ("tier.abc >= 'B'", {"tier.abc": 0}, False),
        ("tier.abc in ('A', 'C')", {"tier.abc": 1}, False),
        ("'x' in words", {"words": frozenset({"x", "y"})}, True),
        ("'x' not in words", {"words": frozenset()}, True),
        ("'x' in words", {}, None),
        ("amount > 0.005", {"amount": Decimal("0.006")}, True),
        ("amount in (0.1, 0.2)", {"amount": Decimal("0.10")}, True),
        ("on < '2026-03-01'", {"on": MARCH - 1}, True),
        ("on >= '2026-03-01'", {"on": MARCH}, True),
        ("region == 'Ⅰ'", {"region": "I"}, False),
        ("region == 'None'", {"region": "None"}, True),
        ("a != True", {"a": False}, True),
        ("False == a", {"a": False}, True),
        ("a and b and not c", {"a": True, "b": True, "c": False}, True),
    ],
)
def test_a_comparison_means_what_it_says(text: str, row: dict[str, Core], answer: bool | None) -> None:
    assert answers(text, row) is answer


def test_a_set_of_criteria_answers_in_order_and_an_empty_set_says_nothing() -> None:
    function = compiled(criterion("a"), criterion("not a"), criterion("missing(b)"))
    assert function([True, None, None, None, None, None, None, None, None]) == (True, False, True)
    assert compiled()([]) == ()


def test_only_the_facts_that_are_missing_and_asked_for_are_named() -> None:
    read = criterion("b and a and missing(c) and n > 1")
    flag = FactType(kind="flag")
    words = Vocabulary({"a": flag, "b": flag, "c": flag, "n": FactType(kind="integer", grain=Decimal(1))})
    assert decisive_facts(read, {"a": True}, words) == ("b", "n")
    # What is settled already needs no more facts, and a part that is settled names none.
    assert decisive_facts(read, {"a": False}, words) == ()
    assert decisive_facts(criterion("b or (a and n > 1)"), {"a": False}, words) == ("b",)


def nested(kind: str, levels: int) -> Criterion:
    """A criterion of so many levels, the comparison at the bottom being one."""
    found: Criterion = Compare("a", "==", True)
    for _ in range(levels - 1):
        found = Not(found) if kind == "not" else (And if kind == "and" else Or)((Missing("b"), found))
    return found


@pytest.mark.parametrize("kind", ["not", "and", "or"])
def test_what_is_built_by_hand_is_at_most_72_levels_deep(kind: str) -> None:
    deepest = nested(kind, 72)
    function = compile_criteria([deepest], Vocabulary({"a": FactType(kind="flag"), "b": FactType(kind="flag")}), ("a", "b"))
    assert function([True, None])[0] is {"not": False, "and": True, "or": True}[kind]
    assert str(deepest)
    assert deepest == nested(kind, 72)
    with pytest.raises(InvalidValueError, match="must not be nested deeper than 72 levels"):
        nested(kind, 73)
