"""The shipped laws hold for every policy, book and day; what they find in a policy the prover refutes."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.calendars import Weekdays
from relcare.decisions import Policy
from relcare.model import Book
from relcare.soundness import prove
from relcare.testing import books, books_for, days, days_in_force, laws, policies
from relcare.testing.laws import Law, LawBrokenError

CALENDAR = Weekdays()
RULES = policies(with_examples=False)
# What a policy can break by itself; all others hold whatever it says.
OF_THE_POLICY = {laws.segmentation_is_monotone: "monotone", laws.missing_data_never_demotes: "never demotes"}
few = settings(max_examples=20)


def check(group: tuple[Law, ...], policy: Policy, book: Book, as_of: date) -> None:
    for law in group:
        if law not in OF_THE_POLICY:
            law(policy, book, as_of=as_of, calendar=CALENDAR)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    """A policy with a book near what it asks about, or with any book."""
    policy = draw(RULES)
    if draw(st.booleans()):
        return policy, draw(books_for(policy)), draw(days_in_force(policy))
    return policy, draw(books()), draw(days(date(2025, 1, 1)))


class TestSegmentation:
    """SEG-1: Every client in the scheme's scope gets exactly one tier, or an explicit held with the reason.

    SEG-2: The sizes always sum to n. SEG-3: Rank is score descending, then client id by code point.
    """

    @few
    @given(cases())
    def test_the_laws_of_segmentation_hold(self, case: tuple[Policy, Book, date]) -> None:
        check(laws.SEGMENTATION_LAWS, *case)


class TestCadence:
    """CAD-1: It is the latest qualifying touchpoint by when it happened. CAD-13: Generating twice adds nothing."""

    @few
    @given(cases())
    def test_the_laws_of_cadence_hold(self, case: tuple[Policy, Book, date]) -> None:
        check(laws.CADENCE_LAWS, *case)


class TestRelationships:
    """REL-4: The interval is the shortest of the rule's own and those of the client's strategies for that channel, never below
    the rule's `minimum`; so the order of strategies does not matter.
    """  # noqa: D205

    @few
    @given(cases())
    def test_the_laws_of_strategies_hold(self, case: tuple[Policy, Book, date]) -> None:
        check(laws.STRATEGY_LAWS, *case)


class TestVip:
    """VIP-4: Thresholds are inclusive. A path that holds decides, whatever else is unknown."""

    @few
    @given(cases())
    def test_the_laws_of_vip_hold(self, case: tuple[Policy, Book, date]) -> None:
        check(laws.VIP_LAWS, *case)


class TestWhatAPolicyCanBreak:
    """SEG-8: Absence of data never demotes. FCT-1: A declaration gives [...] its polarity (more is better, worse, or neither)."""

    @pytest.mark.parametrize("law", OF_THE_POLICY, ids=lambda law: law.__name__)
    @few
    @given(cases())
    def test_what_is_proved_is_never_found_broken(self, law: Law, case: tuple[Policy, Book, date]) -> None:
        policy, book, as_of = case
        answers = [finding for finding in prove(policy, calendar=CALENDAR).findings if finding.question == OF_THE_POLICY[law]]
        assume(answers)
        try:
            law(policy, book, as_of=as_of, calendar=CALENDAR)
        except LawBrokenError:
            assert any(finding.outcome != "proved" for finding in answers)
