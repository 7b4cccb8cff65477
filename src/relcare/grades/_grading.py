"""Rows in, grades out: clients in the order of one fact, cut into groups of equal size (SEG-2, SEG-3, SEG-5)."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

import attrs

from relcare.grades._grade import Grade, better_of
from relcare.grades._result import GradePart, GradePlace, GradeResult, GradeTie
from relcare.model import FactValue, Reason
from relcare.policy import Core, Vocabulary, compile_criteria, decisive_facts, evaluate, facts_of
from relcare.ranking import cuts

__all__ = ["ends_of", "grade_by_fact", "is_gradable", "standing_of"]

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


def standing_of(grade: Grade, row: Mapping[str, Core], vocabulary: Vocabulary) -> int | None:
    """What a client is ranked by, the higher the better; None where it is not ranked."""
    value = row.get(grade.fact)
    if not isinstance(value, int) or not is_gradable(grade, row, vocabulary):
        return None
    return -value if better_of(grade, vocabulary[grade.fact]) == "less" else value


def ends_of(grade: Grade, count: int) -> Sequence[int]:
    """After how many of those ranked each group ends, best first (SEG-2)."""
    return cuts(count, [Fraction(1, grade.parts)] * grade.parts)


@attrs.frozen(eq=False)
class _Equals:
    """Clients with one value.

    Attributes:
        first: How many stand before them.
        client_ids: All of them, by code point.
    """

    first: int
    client_ids: tuple[str, ...]

    @property
    def end(self) -> int:
        """How many stand before whoever comes after them."""
        return self.first + len(self.client_ids)


@attrs.frozen(eq=False)
class _Grading:
    """One grade over the rows of a book.

    Attributes:
        grade: The grade.
        rows: Of everybody.
        vocabulary: What the facts mean.
    """

    grade: Grade
    rows: Rows
    vocabulary: Vocabulary

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

    @cached_property
    def sign(self) -> int:
        """Which way the fact's integers are ranked."""
        return -1 if better_of(self.grade, self.vocabulary[self.grade.fact]) == "less" else 1

    @cached_property
    def scopes(self) -> Mapping[str, bool | None]:
        scope = self.grade.scope
        if scope is None:
            return dict.fromkeys(self.rows, True)
        layout = facts_of(scope)
        compiled = compile_criteria((scope,), self.vocabulary, layout)
        return {client_id: compiled([row.get(name) for name in layout])[0] for client_id, row in self.rows.items()}

    @cached_property
    def scores(self) -> Mapping[str, int]:
        """What is the higher the better, of everybody who is ranked."""
        fact, sign = self.grade.fact, self.sign
        values = ((client_id, row.get(fact)) for client_id, row in self.rows.items() if self.scopes[client_id])
        return {client_id: sign * value for client_id, value in values if isinstance(value, int)}

    @cached_property
    def order(self) -> Sequence[_Equals]:
        """Everybody who is ranked, best first."""
        scores, found, first = self.scores, list[_Equals](), 0
        by_score = sorted(sorted(scores), key=scores.__getitem__, reverse=True)  # equals stay in the order of their ids
        for _, group in groupby(by_score, key=scores.__getitem__):
            found.append(_Equals(first, tuple(group)))
            first = found[-1].end
        return found

    @cached_property
    def ends(self) -> Sequence[int]:
        """After how many each group ends, best first."""
        return ends_of(self.grade, len(self.scores))

    @cached_property
    def grades(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for equals in self.order:
            counts: Sequence[int] = range(equals.first, equals.end)
            if self.grade.ties != "by id":
                together = equals.first if self.grade.ties == "together upward" else equals.end - 1
                counts = [together] * len(equals.client_ids)
            for client_id, before in zip(equals.client_ids, counts, strict=True):
                found[client_id] = self.grade.parts - bisect_right(self.ends, before)
        return {client_id: found[client_id] for client_id in self.scores}

    @cached_property
    def lowest(self) -> Mapping[int, int]:
        """The lowest score of each group that somebody is in."""
        # The last one of several is kept: from the best to the worst.
        return {self.grades[client_id]: self.scores[client_id] for equals in self.order for client_id in equals.client_ids}

    def groups(self) -> Iterator[GradePart]:
        """Best first; only those that somebody is in."""
        counts = Counter(self.grades.values())
        highest: dict[int, int] = {}
        for equals in self.order:
            for client_id in equals.client_ids:
                highest.setdefault(self.grades[client_id], self.scores[client_id])
        for grade, best in highest.items():
            last = self.in_words(self.lowest[grade])
            yield GradePart(grade=grade, count=counts[grade], best=self.in_words(best), last=last)

    def ties(self) -> Iterator[GradeTie]:
        """Equals through whom a cut runs, once, however many do."""
        for equals in self.order:
            if self.is_parted(equals):
                value = self.in_words(self.scores[equals.client_ids[0]])
                grades = tuple(self.grades[client_id] for client_id in equals.client_ids)
                yield GradeTie(value=value, client_ids=equals.client_ids, grades=grades)

    def is_parted(self, equals: _Equals) -> bool:
        return bisect_right(self.ends, equals.first) < bisect_left(self.ends, equals.end)

    def in_words(self, score: int) -> _Ordered:
        value = self.vocabulary[self.grade.fact].decode(self.sign * score)
        return None if isinstance(value, frozenset) else value

    def equals_of(self, client_id: str) -> _Equals:
        # Best first, so that what is sought is a score that falls.
        at = bisect_left(self.order, -self.scores[client_id], key=lambda equals: -self.scores[equals.client_ids[0]])
        return self.order[at]

    def place(self, client_id: str) -> GradePlace:
        row = self.rows[client_id]
        value = self.vocabulary[self.grade.fact].decode(row.get(self.grade.fact))
        if client_id not in self.grades:
            return self.outside(client_id, value)
        grade, equals = self.grades[client_id], self.equals_of(client_id)
        rank, last = equals.first + bisect_left(equals.client_ids, client_id) + 1, self.in_words(self.lowest[grade])
        reasons = [
            Reason(
                "grade.placed",
                self.shown(row),
                {
                    "grade": self.grade.id,
                    "part": grade,
                    "parts": self.grade.parts,
                    "rank": rank,
                    "count": len(self.scores),
                    "last": last,
                },
            )
        ]
        if self.is_parted(equals):
            count = len(equals.client_ids)
            reasons.append(Reason("grade.tie", {}, {"grade": self.grade.id, "ties": self.grade.ties, "equals": count}))
        return GradePlace(
            client_id=client_id,
            grade_id=self.grade.id,
            grade=grade,
            parts=self.grade.parts,
            value=value,
            rank=rank,
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
            missing = () if self.grade.scope is None else decisive_facts(self.grade.scope, row, self.vocabulary)
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
