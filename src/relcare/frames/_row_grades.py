"""The grade that stands in a row, as objects have it: who has none is asked again, of a place what is known (SEG-5, CRI-3)."""

from collections.abc import Mapping
from typing import cast

import attrs

from relcare.frames._cells import Row, core_in, text_in, whole_in
from relcare.frames._needs import facts_of_grade
from relcare.frames._row_schemes import check_there, of_another
from relcare.grades import Grade, GradePlace, better_of, grade_by_fact
from relcare.model import Reason
from relcare.policy import Core, Vocabulary

__all__ = ["grade_in"]


def grade_in(row: Row, grade: Grade, facts: Mapping[str, Core], vocabulary: Vocabulary) -> GradePlace:
    """What a row says of a grade; how many are ranked, who is before the client and who shares its value is not there.

    Args:
        row: By column.
        grade: The grade.
        facts: Of the row, as they are compared.
        vocabulary: What they mean.

    Raises:
        InvalidValueError: If a fact that it rests on is not there, or the grade says otherwise of these facts.
    """
    check_there(row, facts_of_grade(grade))
    client_id, part = text_in(row, "client_id") or "", whole_in(row, grade.name)
    found = grade_by_fact(grade, {client_id: facts}, vocabulary=vocabulary).placement(client_id)
    if found.reasons[0].code != text_in(row, f"{grade.name}.code") or (part is None) is not (found.grade is None):
        raise of_another(grade.name, part)
    if part is None:
        return found
    kind = vocabulary[grade.fact]
    last = core_in(row, f"{grade.name}.last", kind)
    if not 1 <= part <= grade.parts or _is_below(grade, facts[grade.fact], last, vocabulary):
        raise of_another(grade.name, part)
    told = kind.decode(last)
    if isinstance(told, frozenset):  # pragma: no cover - no set is graded
        raise of_another(grade.name, part)
    placed = Reason(
        "grade.placed",
        found.reasons[0].facts,
        {"grade": grade.id, "part": part, "parts": grade.parts, "rank": None, "count": None, "last": told},
    )
    return attrs.evolve(found, grade=part, rank=None, last=told, reasons=(placed,))


def _is_below(grade: Grade, value: Core, last: Core, vocabulary: Vocabulary) -> bool:
    """Whether a value is worse than the last one of its part."""
    one, other = cast("int", value), cast("int", last)
    return one > other if better_of(grade, vocabulary[grade.fact]) == "less" else one < other
