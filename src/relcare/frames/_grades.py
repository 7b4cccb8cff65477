"""Grades as column expressions: where a row stands among the others, told by the borders of the parts (SEG-2, SEG-3, SEG-5)."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._borders import SCORE, GroupBorders, borders_of, place_of
from relcare.frames._criteria import Expr, Layout, cases, expression, is_true
from relcare.frames._engine import Engine, Lazy
from relcare.frames._reader import CLIENT
from relcare.grades import Grade, better_of
from relcare.policy import Vocabulary
from relcare.ranking import cuts

__all__ = ["GRADE_COLUMNS", "GradeColumns", "grade_column"]

GRADE_COLUMNS = ("code", "last", "is_tied")
"""What is said of each client in each grade, beside the grade, which is a fact."""


def grade_column(place: int, what: str) -> str:
    """The column of what the grade at a place says."""
    return f"g {place} {what}"


@attrs.frozen
class _Part:
    """Those who stand between two borders.

    Attributes:
        grade: Their grade.
        last: The lowest score among them.
        is_in: Whether a row is of them or better.
    """

    grade: int
    last: int
    is_in: Expr


_Value: TypeAlias = Callable[[_Part], int]


@attrs.frozen(kw_only=True, eq=False)
class GradeColumns:
    """One grade of a policy.

    Attributes:
        place: In the policy.
        grade: The grade.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        engine: Whose frame it is.
    """

    place: int
    grade: Grade
    vocabulary: Vocabulary
    layout: Layout
    engine: Engine

    def decided(self, frame: Lazy) -> Lazy:
        """The frame with the grade as a fact, the code of its reason, the last value of its part, and whether a cut parts it."""
        grade = self.grade
        scope = nw.lit(value=True) if grade.scope is None else expression(grade.scope, self.vocabulary, self.layout)
        frame = frame.with_columns(**{"scope": scope, SCORE: nw.col(self.layout[grade.fact]) * self._sign})
        is_ranked = is_true(nw.col("scope")) & ~nw.col(SCORE).is_null()
        ranked = frame.filter(is_ranked).select(CLIENT, SCORE)
        shares = [Fraction(1, grade.parts)] * grade.parts
        borders = borders_of(self.engine, ranked, lambda _, count: cuts(count, shares), grade.ties, by_group=False)[None]
        parts = self._parts(borders)
        outside = [
            (~nw.col("scope"), nw.lit("grade.out_of_scope")),
            (nw.col("scope").is_null(), nw.lit("grade.scope_unknown")),
            (nw.col(SCORE).is_null(), nw.lit("grade.missing")),
        ]
        found = {
            self.layout[grade.name]: nw.when(is_ranked).then(_told(parts, lambda part: part.grade)),
            grade_column(self.place, "code"): cases(outside, nw.lit("grade.placed")),
            grade_column(self.place, "last"): nw.when(is_ranked).then(_told(parts, lambda part: part.last * self._sign)),
            grade_column(self.place, "is_tied"): is_ranked & _is_tied(borders),
        }
        return frame.with_columns(**found).drop("scope", SCORE)

    @property
    def _sign(self) -> int:
        """Which way the fact's integers are ranked."""
        return -1 if better_of(self.grade, self.vocabulary[self.grade.fact]) == "less" else 1

    def _parts(self, borders: GroupBorders) -> Sequence[_Part]:
        """Best first; those that nobody is in share the border of the one above, or have none."""
        found: list[_Part] = []
        seen = None
        includes = place_of({None: borders}, self.grade.parts).includes
        for place, (border, is_in) in enumerate(zip(borders.borders, includes, strict=True)):
            if border is not None and border != seen:
                found.append(_Part(self.grade.parts - place, border.score, is_in))
                seen = border
        return found


def _told(parts: Sequence[_Part], value: _Value) -> Expr:
    """What is said of the part that a row is in, halved again and again: a thousand parts nest ten deep.

    Args:
        parts: Best first; a row is in the last one if it is in none before.
        value: What is said of each.
    """
    if len(parts) <= 1:
        return nw.lit(value(parts[0]) if parts else None, dtype=nw.Int64())
    half = len(parts) // 2
    return nw.when(parts[half - 1].is_in).then(_told(parts[:half], value)).otherwise(_told(parts[half:], value))


def _is_tied(borders: GroupBorders) -> Expr:
    """Whether a score is one that a cut parts."""
    scores = sorted({tie[0] for tie in borders.ties if tie is not None})
    return is_true(nw.col(SCORE).is_in(scores)) if scores else nw.lit(value=False)
