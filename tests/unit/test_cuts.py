from decimal import localcontext
from fractions import Fraction

import pytest

from relcare.ranking import cuts

FIFTH = Fraction(1, 5)


def sizes(count: int, *percent: int | str) -> tuple[int, ...]:
    ends = cuts(count, [Fraction(share) / 100 for share in percent])
    return tuple(end - start for start, end in zip((0, *ends), ends, strict=False))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, (0, 0, 0)),
        (1, (0, 1, 0)),
        (2, (0, 1, 1)),
        (3, (1, 1, 1)),
        (4, (1, 1, 2)),
        (5, (1, 2, 2)),
        (7, (1, 3, 3)),
        (10, (2, 4, 4)),
        (91, (18, 37, 36)),
        (1_000_000, (200_000, 400_000, 400_000)),
    ],
)
def test_a_fifth_and_two_fifths_twice(count: int, expected: tuple[int, ...]) -> None:
    assert sizes(count, 20, 40, 40) == expected


def test_a_half_goes_up_and_a_little_less_goes_down() -> None:
    assert cuts(5, [Fraction(1, 10)]) == (1,)
    assert cuts(5, [Fraction(1, 10) - Fraction(1, 10**9)]) == (0,)
    assert cuts(15, [Fraction(1, 10)]) == (2,), "half up, not half even"
    assert cuts(25, [Fraction(1, 10)]) == (3,)


def test_the_shares_are_added_before_they_are_rounded() -> None:
    # Rounded one by one these would be 1, 1 and 1 of two.
    assert cuts(2, [Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]) == (1, 1, 2)


def test_one_middle_tier_may_shrink_by_one_but_no_cut_does() -> None:
    assert sizes(1, 25, 40, 35) == (0, 1, 0)
    assert sizes(2, 25, 40, 35) == (1, 0, 1)
    assert cuts(1, [Fraction(1, 4), Fraction(2, 5), Fraction(7, 20)]) == (0, 1, 1)
    assert cuts(2, [Fraction(1, 4), Fraction(2, 5), Fraction(7, 20)]) == (1, 1, 2)


def test_a_share_of_nothing_and_one_of_all() -> None:
    assert sizes(7, 0, 100) == (0, 7)
    assert sizes(7, 100, 0) == (7, 0)
    assert sizes(7, 0, 0, 100, 0) == (0, 0, 7, 0)
    assert sizes(0, 100) == (0,)


def test_no_shares_make_no_cuts() -> None:
    assert cuts(7, []) == ()


def test_shares_that_no_decimal_holds_are_exact() -> None:
    third = Fraction(1, 3)
    assert cuts(3, [third, third, third]) == (1, 2, 3)
    assert cuts(10**30, [third, third, third])[-1] == 10**30


def test_the_hosts_decimal_context_does_not_matter() -> None:
    with localcontext() as context:
        context.prec = 2
        assert cuts(123_457, [FIFTH, 2 * FIFTH, 2 * FIFTH]) == (24_691, 74_074, 123_457)
