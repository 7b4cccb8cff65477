"""What is owed, seen from a desk: boards (PLN-7), what the rules ask of the people (PLN-1), and what came of it (CAD-14)."""

from relcare.planning._attainment import attainment
from relcare.planning._attainment_report import GROUPINGS, Attainment, Grouping
from relcare.planning._attainment_score import Score
from relcare.planning._attainment_values import (
    CAUSES,
    RESULTS,
    Cause,
    Expectation,
    LastContact,
    Lateness,
    Outcome,
    Result,
    Slice,
)
from relcare.planning._board import Board, BoardSection, SectionId, board
from relcare.planning._demand import Demand, RoleDemand, demand

__all__ = [
    "CAUSES",
    "GROUPINGS",
    "RESULTS",
    "Attainment",
    "Board",
    "BoardSection",
    "Cause",
    "Demand",
    "Expectation",
    "Grouping",
    "LastContact",
    "Lateness",
    "Outcome",
    "Result",
    "RoleDemand",
    "Score",
    "SectionId",
    "Slice",
    "attainment",
    "board",
    "demand",
]
