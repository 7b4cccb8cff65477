"""Cells: the domain of some facts cut where criteria can tell a difference, and coverings of boxes of cells.

What a set of criteria does to every client there could be is a finite question: each fact has finitely many cells, each
criterion is a set of boxes of cells, and a rule that never decides, a client that nobody decides, or a pair that contradicts
itself is a box that others cover or leave uncovered.
"""

from relcare.cells._axes import Axis, axis_of
from relcare.cells._cover import DEFAULT_BUDGET, Cover
from relcare.cells._describe import describe, merged
from relcare.cells._space import MAX_BOXES, Box, BudgetSpentError, Region, Space, meet, without_covered

__all__ = [
    "DEFAULT_BUDGET",
    "MAX_BOXES",
    "Axis",
    "Box",
    "BudgetSpentError",
    "Cover",
    "Region",
    "Space",
    "axis_of",
    "describe",
    "meet",
    "merged",
    "without_covered",
]
