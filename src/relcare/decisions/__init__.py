"""The policy as one value, and its decisions for facts, one client, or a book."""

from relcare.decisions._check import CheckReport, ExampleFailure
from relcare.decisions._examples import Example, ExpectValue
from relcare.decisions._keeping import holding, may_claim, neglect
from relcare.decisions._live import LiveTiers
from relcare.decisions._policy import Policy
from relcare.decisions._portfolio import (
    ClientHealth,
    Health,
    IndicatorReading,
    Portfolio,
    SituationReading,
    TypeHealth,
    health_of,
    portfolio,
)
from relcare.decisions._problems import PolicyParts, find_problems, path_text
from relcare.decisions._programme_view import ProgrammeView
from relcare.decisions._ready import ReadyPolicy
from relcare.decisions._requirements import REQUIREMENTS, Acceptance, Requirement, RequirementKind, ShareBound
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._roll import RollEntry, VipRoll, vip_roll
from relcare.decisions._segment_themes import segment_guests, segment_themes
from relcare.decisions._staffing import RoleStaffing, Staffing
from relcare.decisions._tiers_by_day import DayRows, TiersByDay
from relcare.decisions._turning_days import ageing_facts, ages_that_turn, moves_others
from relcare.decisions._vocabularies import Vocabularies, vocabularies_of, vocabularies_of_policy

__all__ = [
    "REQUIREMENTS",
    "Acceptance",
    "BookResult",
    "CheckReport",
    "ClientHealth",
    "ClientResult",
    "DayRows",
    "Example",
    "ExampleFailure",
    "ExpectValue",
    "FactsResult",
    "Health",
    "IndicatorReading",
    "LiveTiers",
    "Policy",
    "PolicyParts",
    "Portfolio",
    "ProgrammeView",
    "ReadyPolicy",
    "Requirement",
    "RequirementKind",
    "RoleStaffing",
    "RollEntry",
    "ShareBound",
    "SituationReading",
    "Staffing",
    "TiersByDay",
    "TypeHealth",
    "VipRoll",
    "Vocabularies",
    "ageing_facts",
    "ages_that_turn",
    "find_problems",
    "health_of",
    "holding",
    "may_claim",
    "moves_others",
    "neglect",
    "path_text",
    "portfolio",
    "segment_guests",
    "segment_themes",
    "vip_roll",
    "vocabularies_of",
    "vocabularies_of_policy",
]
