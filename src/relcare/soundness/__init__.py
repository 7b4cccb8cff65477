"""Whether a policy holds together: proved, refuted with a witness, or undecided; what changes between two; why one decides so."""

from relcare.soundness._difference import compare
from relcare.soundness._difference_book import PopulationDifference, compare_on
from relcare.soundness._difference_moves import GradeMove, SegmentMove, TierMove, VipMove
from relcare.soundness._difference_values import (
    ChangedRegion,
    DeclaredChange,
    Direction,
    PlaceFlow,
    PolicyDifference,
    Room,
    RuleDifference,
    ShareDifference,
    Standing,
    StandingKind,
    direction_of,
    joint_direction,
)
from relcare.soundness._difference_workload import workload_of
from relcare.soundness._explanation import (
    Change,
    ClientJustification,
    DecisionState,
    Justification,
    Lever,
    Placement,
    Way,
)
from relcare.soundness._explanation_justify import Justifier, justify
from relcare.soundness._findings import CODES, Finding, Outcome, ProofReport, Severity, Witness
from relcare.soundness._prove import prove
from relcare.soundness._versions import prove_versions

__all__ = [
    "CODES",
    "Change",
    "ChangedRegion",
    "ClientJustification",
    "DecisionState",
    "DeclaredChange",
    "Direction",
    "Finding",
    "GradeMove",
    "Justification",
    "Justifier",
    "Lever",
    "Outcome",
    "PlaceFlow",
    "Placement",
    "PolicyDifference",
    "PopulationDifference",
    "ProofReport",
    "Room",
    "RuleDifference",
    "SegmentMove",
    "Severity",
    "ShareDifference",
    "Standing",
    "StandingKind",
    "TierMove",
    "VipMove",
    "Way",
    "Witness",
    "compare",
    "compare_on",
    "direction_of",
    "joint_direction",
    "justify",
    "prove",
    "prove_versions",
    "workload_of",
]
