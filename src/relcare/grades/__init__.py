"""Where a client stands among the others in one fact: quintiles, percentile points, recency, frequency and money."""

from relcare.grades._grade import BETTER, MAX_PARTS, Better, Grade, better_of, grade_name, grade_problems, grade_type
from relcare.grades._grading import ends_of, grade_by_fact, is_gradable, standing_of
from relcare.grades._result import GradePart, GradePlace, GradeResult, GradeTie

__all__ = [
    "BETTER",
    "MAX_PARTS",
    "Better",
    "Grade",
    "GradePart",
    "GradePlace",
    "GradeResult",
    "GradeTie",
    "better_of",
    "ends_of",
    "grade_by_fact",
    "grade_name",
    "grade_problems",
    "grade_type",
    "is_gradable",
    "standing_of",
]
