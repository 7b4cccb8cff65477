"""Grades as facts: worked out for a whole book, given or missing for a client by itself (SEG-5)."""

from collections.abc import Iterator, Mapping, Sequence

from relcare.errors import InvalidValueError
from relcare.grades import Grade, GradeResult, grade_by_fact, is_gradable
from relcare.model import Reason
from relcare.policy import Core, Vocabulary

__all__ = ["encode_grades", "grade_book", "ungraded"]

Row = dict[str, Core]


def grade_book(grades: Sequence[Grade], rows: Mapping[str, Row], vocabulary: Vocabulary) -> dict[str, GradeResult]:
    """Where everybody stands among the others, by grade; each becomes a fact in the rows."""
    results: dict[str, GradeResult] = {}
    for grade in grades:
        result = grade_by_fact(grade, rows, vocabulary=vocabulary)
        for client_id, row in rows.items():
            row[grade.name] = result.grades.get(client_id)
        results[grade.id] = result
    return results


def ungraded(grades: Sequence[Grade], row: Row, vocabulary: Vocabulary) -> Iterator[Reason]:
    """Sets the grades of a client by itself that its row lacks to missing; names those that the others of a book would give."""
    for grade in grades:
        if grade.name not in row:
            row[grade.name] = None
            if is_gradable(grade, row, vocabulary):
                yield Reason("grade.needs_book", {}, {"fact": grade.name, "grade": grade.id})


def encode_grades(grades: Sequence[Grade], given: Mapping[str, int | None]) -> Row:
    """Grades by id that somebody worked out before, as facts.

    Raises:
        InvalidValueError: If one is no whole number from 1 to the number of its groups.
    """
    row: Row = {}
    for grade in grades:
        if grade.id in given:
            value = given[grade.id]
            if value is not None and (type(value) is not int or not 1 <= value <= grade.parts):
                raise InvalidValueError(f"grades.{grade.id}", value, f"must be a whole number from 1 to {grade.parts}, or None")
            row[grade.name] = value
    return row
