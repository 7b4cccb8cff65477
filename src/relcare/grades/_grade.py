"""A grade as a value, and whether it uses facts rightly (SEG-5)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_identifier, check_optional_text, check_text
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, FactType, RuleProblem, Vocabulary, check_criteria, criterion_problems, fact_problems
from relcare.ranking import TIE_RULES, TieRule

__all__ = ["BETTER", "MAX_PARTS", "Better", "Grade", "better_of", "grade_name", "grade_problems", "grade_type"]

Better = Literal["more", "less"]
BETTER: Final[tuple[Better, ...]] = ("more", "less")

MAX_PARTS: Final = 1000
"""The most groups that a grade cuts the ranked clients into."""


@attrs.frozen(kw_only=True)
class Grade:
    """Where a client stands among the others in one fact, as a whole number from 1, the worst group, to `parts`, the best.

    Attributes:
        id: An identifier; the grade becomes the fact `grade.<id>`.
        fact: A number, money, an integer, a level or a date; declared, not a tier or another grade.
        parts: Into how many groups of equal size the ranked are cut: 5 for quintiles, 100 for percentile points; 2 to 1000.
        better: Whether `more` or `less` of the fact is the better; None for the fact's own polarity, which must then be one of
            them.
        ties: What becomes of equals whom a cut would part: `together upward` (all get the best grade that any of them reaches),
            `together downward`, or `by id`, which treats equals unequally.
        scope: Among whom; everybody without it. Who is outside it has no grade.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: SEG-5.
    """

    id: str
    fact: str
    parts: int
    better: Better | None = None
    ties: TieRule = "together upward"
    scope: Criterion | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_text("fact", self.fact)
        if type(self.parts) is not int or not 2 <= self.parts <= MAX_PARTS:
            raise InvalidValueError("parts", self.parts, f"must be a whole number from 2 to {MAX_PARTS}", "5 makes quintiles")
        if self.better is not None:
            check_choice("better", self.better, BETTER)
        check_choice("ties", self.ties, TIE_RULES)
        check_criteria(scope=self.scope)
        check_optional_text("source", self.source)

    @property
    def name(self) -> str:
        """The fact that the grade becomes, such as `grade.recency`."""
        return grade_name(self.id)


def grade_name(grade_id: str) -> str:
    """The fact that a grade becomes: `grade.recency`."""
    return f"grade.{grade_id}"


def grade_type(grade: Grade) -> FactType:
    """The type of `grade.<id>`: an integer from 1 to the number of groups, of which more is better; missing without a place."""
    return FactType(kind="integer", grain=Decimal(1), low=Decimal(1), high=Decimal(grade.parts), polarity="more")


def better_of(grade: Grade, kind: FactType) -> Better | None:
    """Which way the fact of a grade is ranked; None where neither the grade nor the fact says so."""
    if grade.better is not None:
        return grade.better
    return None if kind.polarity == "neither" else kind.polarity


def grade_problems(grade: Grade, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a grade.

    Args:
        grade: The grade.
        vocabulary: The declared and built-in facts.
    """
    yield from criterion_problems(("scope",), grade.scope, vocabulary)
    yield from fact_problems(("fact",), grade.fact, vocabulary)
    kind = vocabulary.get(grade.fact)
    if kind is None:
        return
    if not kind.is_ordered:
        rule = "a grade needs a number, money, an integer, a level or a date"
        yield RuleProblem(("fact",), f"{grade.fact} is a {kind.kind}: {rule}")
    elif better_of(grade, kind) is None:
        rule = f"{grade.fact} has no polarity: the grade must say which way is better"
        yield RuleProblem(("better",), rule, 'write better = "more" or better = "less"')
