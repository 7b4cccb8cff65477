"""Criteria as a decision tree: what bounds settle, and that the tree answers like the criteria."""

from decimal import Decimal
from itertools import product

import pytest

from relcare.policy import FactType, Vocabulary, compile_for_rows, criterion, evaluate
from relcare.policy._compile_tree import Bounds
from relcare.policy._criteria import OPERATORS
from relcare.policy._evaluate import _COMPARE

WHOLE = FactType(kind="integer", grain=Decimal(1))
WORDS = Vocabulary({"a": WHOLE, "b": WHOLE, "is_key": FactType(kind="flag")})
FAR = 20


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("low", [None, 2, 3, 4])
@pytest.mark.parametrize("high", [None, 4, 5])
def test_bounds_settle_what_all_numbers_within_agree_on(operator: str, low: int | None, high: int | None) -> None:
    within = range(-FAR if low is None else low, (FAR if high is None else high) + 1)
    bounds = Bounds(low, high)
    for value in range(8):
        answers = {_COMPARE[operator](number, value) for number in within}  # type: ignore[index]
        assert bounds.holds(operator, value) is (answers.pop() if len(answers) == 1 else None)
        changes = [n for n in within[1:] if _COMPARE[operator](n, value) != _COMPARE[operator](n - 1, value)]  # type: ignore[index]
        assert bounds.cuts(operator, value) == changes


def test_halves_part_the_numbers() -> None:
    assert Bounds(1, 9).halves(5) == (Bounds(1, 4), Bounds(5, 9))
    assert Bounds().halves(0) == (Bounds(None, -1), Bounds(0, None))


def test_a_tree_answers_like_the_criteria_on_every_row() -> None:
    texts = [
        *(f"a {one} {value} and b {other} {7 - value}" for value in range(6) for one in OPERATORS for other in ("<", "==")),
        "not (a > 2 or b <= 3)",
        "is_key or a in (1, 4)",
        "missing(a) or not missing(b) and a != 3",
    ]
    criteria = [criterion(text) for text in texts]
    values = (None, *range(-1, 8))
    rows = [{"a": a, "b": b, "is_key": key} for a, b, key in product(values, values, (None, True, False))]
    expected = [tuple(evaluate(one, row, WORDS) for one in criteria) for row in rows]
    assert compile_for_rows(criteria, WORDS)(rows) == expected
    assert compile_for_rows(criteria, WORDS, is_for_many=True)(rows) == expected
