"""Every length and share that can be made is written as a text that is read back as the same value."""

from fractions import Fraction

import pytest

from relcare.calendars import Deadline
from relcare.permission import CapPeriod, Lapse
from relcare.policy import Every, Span, Window
from relcare.segmentation import share_text, to_share

MOST_DAYS = 69_993


@pytest.mark.parametrize("days", [1, 7, 9_999, 10_000, 10_001, 69_992, MOST_DAYS])
def test_a_number_of_days_is_read_back_up_to_the_most_there_can_be(days: int) -> None:
    values = (Every(days=days), Span(days=days), Span(days=days, is_business=True), Window(days=days))
    assert [type(value).parse(str(value)) for value in values] == list(values)


@pytest.mark.parametrize("months", [1, 11, 12, 9_996, 9_999])
def test_a_number_of_months_is_read_back_up_to_the_most_there_can_be(months: int) -> None:
    values = (Every(months=months), Window(months=months), Window(months=months, is_calendar=True))
    assert [type(value).parse(str(value)) for value in values] == list(values)


@pytest.mark.parametrize("text", ["1 hour", "9999 hours", "9999 days", "9999 weeks", "9999 business hours", "9999 business days"])
def test_a_deadline_is_read_back(text: str) -> None:
    deadline = Deadline.parse(text)
    assert Deadline.parse(str(deadline)) == deadline


@pytest.mark.parametrize("text", ["1 hour", "9999 hours", "9999 days", "9999 weeks"])
def test_a_lapse_is_read_back(text: str) -> None:
    lapse = Lapse.parse(text)
    assert Lapse.parse(str(lapse)) == lapse


@pytest.mark.parametrize("text", ["1 hour", "9999 hours", "9999 days"])
def test_a_period_of_a_cap_is_read_back(text: str) -> None:
    period = CapPeriod.parse(text)
    assert CapPeriod.parse(str(period)) == period


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(1, 3), "1/3"),
        (Fraction(2, 3), "2/3"),
        (Fraction(1, 7), "1/7"),
        (Fraction(1, 8), "12.5%"),
        (Fraction(1, 10**11), "0.000000001%"),
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
    ],
)
def test_a_share_is_read_back_also_where_no_percentage_is_exact(share: Fraction, text: str) -> None:
    assert share_text(share) == text
    assert to_share(text) == share
