"""Rows in, grades out: a ranking of one fact, cut into groups of equal size (SEG-2, SEG-3, SEG-5)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

import attrs

from relcare.grades._grade import Grade, better_of
from relcare.grades._result import GradePart, GradePlace, GradeResult, GradeTie
from relcare.model import FactValue, Reason
from relcare.policy import Core, Vocabulary, compile_criteria, decisive_facts, evaluate, facts_of
from relcare.ranking import Ranking, cuts, rank

__all__ = ["grade_by_fact", "is_gradable"]

Rows: TypeAlias = Mapping[str, Mapping[str, Core]]
_Ordered: TypeAlias = str | int | Decimal | date | None
"""A value of a fact that has an order, as people read it."""


def grade_by_fact(grade: Grade, rows: Rows, *, vocabulary: Vocabulary) -> GradeResult:
    """Where every client stands in the fact of a grade.

    The best group ends after rank round-half-up(n / parts), the next after round-half-up(2n / parts), and so on (SEG-2). Who
    lacks the fact, is outside the scope, or may be, has no grade and stands outside n.

    Args:
        grade: Checked before.
        rows: The facts of every client by id, in core form.
        vocabulary: What the facts mean.

    Source: SEG-2, SEG-3, SEG-5.
    """
    return _Grading(grade, rows, vocabulary).result()


def is_gradable(grade: Grade, row: Mapping[str, Core], vocabulary: Vocabulary) -> bool:
    """Whether a client is ranked: it has the fact and is in the scope."""
    in_scope = grade.scope is None or evaluate(grade.scope, row, vocabulary) is True
    return in_scope and row.get(grade.fact) is not None


@attrs.define(eq=False)
class _Grading:
    """One grade over the rows of a book."""

    grade: Grade
    rows: Rows
    vocabulary: Vocabulary

    @cached_property
    def sign(self) -> int:
        """Which way the fact's integers are ranked."""
        return -1 if better_of(self.grade, self.vocabulary[self.grade.fact]) == "less" else 1

    @cached_property
    def scopes(self) -> dict[str, bool | None]:
        scope = self.grade.scope
        if scope is None:
            return dict.fromkeys(self.rows, True)
        layout = facts_of(scope)
        compiled = compile_criteria((scope,), self.vocabulary, layout)
        return {client_id: compiled([row.get(name) for name in layout])[0] for client_id, row in self.rows.items()}

    @cached_property
    def ranking(self) -> Ranking:
        scores: dict[str, int] = {}
        for client_id, row in self.rows.items():
            value = row.get(self.grade.fact)
            if self.scopes[client_id] and isinstance(value, int):
                scores[client_id] = self.sign * value
        share = Fraction(1, self.grade.parts)
        return rank(scores, cuts(len(scores), [share] * self.grade.parts), self.grade.ties)

    @cached_property
    def grades(self) -> dict[str, int]:
        parts = self.grade.parts
        # The last cut is n, so that its border includes everybody.
        return {client_id: parts - (parts - 1 if place is None else place) for client_id, place in self.ranking.places().items()}

    @cached_property
    def lowest(self) -> Mapping[int, int]:
        """The lowest score of each group that somebody is in."""
        found: dict[int, int] = {}
        for client_id, grade in self.grades.items():
            score = self.ranking.scores[client_id]
            found[grade] = min(score, found.get(grade, score))
        return found

    def groups(self) -> Iterator[GradePart]:
        """Best first; only those that somebody is in."""
        highest: dict[int, int] = {}
        for client_id, grade in self.grades.items():
            score = self.ranking.scores[client_id]
            highest[grade] = max(score, highest.get(grade, score))
        counts = Counter(self.grades.values())
        for grade in sorted(counts, reverse=True):
            best, last = self.in_words(highest[grade]), self.in_words(self.lowest[grade])
            yield GradePart(grade=grade, count=counts[grade], best=best, last=last)

    def result(self) -> GradeResult:
        return GradeResult(
            grade_id=self.grade.id,
            fact=self.grade.fact,
            parts=self.grade.parts,
            grades=self.grades,
            client_ids=tuple(self.rows),
            groups=tuple(self.groups()),
            ties=tuple(self.ties()),
            place=self.place,
        )

    def ties(self) -> Iterator[GradeTie]:
        """Equals once, however many cuts run through them."""
        parted = dict.fromkeys(equals for equals in self.ranking.ties if equals)
        for equals in parted:
            yield GradeTie(
                value=self.in_words(self.ranking.scores[equals[0]]),
                client_ids=equals,
                grades=tuple(self.grades[client_id] for client_id in equals),
            )

    def in_words(self, score: int) -> _Ordered:
        value = self.vocabulary[self.grade.fact].decode(self.sign * score)
        return None if isinstance(value, frozenset) else value

    def place(self, client_id: str) -> GradePlace:
        row = self.rows[client_id]
        value = self.vocabulary[self.grade.fact].decode(row.get(self.grade.fact))
        if client_id not in self.grades:
            return self.outside(client_id, value)
        grade, ranking = self.grades[client_id], self.ranking
        last, placed = self.in_words(self.lowest[grade]), ranking.rank_of(client_id)
        reasons = [
            Reason(
                "grade.placed",
                self.shown(row),
                {
                    "grade": self.grade.id,
                    "part": grade,
                    "parts": self.grade.parts,
                    "rank": placed,
                    "count": len(ranking.scores),
                    "last": last,
                },
            )
        ]
        score = ranking.scores[client_id]
        equals = next((group for group in ranking.ties if group and ranking.scores[group[0]] == score), ())
        if equals:
            reasons.append(Reason("grade.tie", {}, {"grade": self.grade.id, "ties": self.grade.ties, "equals": len(equals)}))
        return GradePlace(
            client_id=client_id,
            grade_id=self.grade.id,
            grade=grade,
            parts=self.grade.parts,
            value=value,
            rank=placed,
            last=last,
            reasons=tuple(reasons),
        )

    def outside(self, client_id: str, value: FactValue) -> GradePlace:
        """Who has no grade, with what stands against it."""
        row, scope = self.rows[client_id], self.scopes[client_id]
        missing: tuple[str, ...] = ()
        if scope is False:
            code = "grade.out_of_scope"
        elif scope is None:
            code = "grade.scope_unknown"
            missing = () if self.grade.scope is None else tuple(sorted(decisive_facts(self.grade.scope, row, self.vocabulary)))
        else:
            code, missing = "grade.missing", (self.grade.fact,)
        why = None if self.grade.scope is None or scope else str(self.grade.scope)
        return GradePlace(
            client_id=client_id,
            grade_id=self.grade.id,
            grade=None,
            parts=self.grade.parts,
            value=value,
            missing=missing,
            reasons=(Reason(code, self.shown(row), {"grade": self.grade.id, "missing": missing, "scope": why}),),
        )

    def shown(self, row: Mapping[str, Core]) -> dict[str, FactValue]:
        """The facts that decide, with their values (CRI-3)."""
        scope = () if self.grade.scope is None else facts_of(self.grade.scope)
        return {name: self.vocabulary[name].decode(row.get(name)) for name in dict.fromkeys((*scope, self.grade.fact))}
