"""Whom to put into which tier: schemes as values, tiers as decisions with reasons."""

from relcare.segmentation._assign import assign, assign_one, in_scope, place_one, stand_one, threshold_outcome
from relcare.segmentation._check import scheme_problems, tier_type
from relcare.segmentation._groups import GroupOf, group_of, grouper_of
from relcare.segmentation._in_force import beside_in_force, spells_in_force
from relcare.segmentation._live import LiveChange, LiveScheme
from relcare.segmentation._matrix import Dimension, Matrix
from relcare.segmentation._quota_run import cuts_of
from relcare.segmentation._result import Assignment, BorderTie, SchemeResult
from relcare.segmentation._scheme import QuotaScheme, Scheme, ThresholdScheme
from relcare.segmentation._scheme_checks import HIT_POLICIES, MISSING_RULES, REVIEWS, HitPolicy, MissingRule
from relcare.segmentation._score import Scorer, scorer_of
from relcare.segmentation._score_terms import Band, ScoreTerm
from relcare.segmentation._settle import Settlement, settle
from relcare.segmentation._shares import share_text, to_share
from relcare.segmentation._steadiness import HOLDS_BACK, HeldBack, Steadiness
from relcare.segmentation._tiers import QuotaTier, ThresholdTier
from relcare.segmentation._uses import facts_used

__all__ = [
    "HIT_POLICIES",
    "HOLDS_BACK",
    "MISSING_RULES",
    "REVIEWS",
    "Assignment",
    "Band",
    "BorderTie",
    "Dimension",
    "GroupOf",
    "HeldBack",
    "HitPolicy",
    "LiveChange",
    "LiveScheme",
    "Matrix",
    "MissingRule",
    "QuotaScheme",
    "QuotaTier",
    "Scheme",
    "SchemeResult",
    "ScoreTerm",
    "Scorer",
    "Settlement",
    "Steadiness",
    "ThresholdScheme",
    "ThresholdTier",
    "assign",
    "assign_one",
    "beside_in_force",
    "cuts_of",
    "facts_used",
    "group_of",
    "grouper_of",
    "in_scope",
    "place_one",
    "scheme_problems",
    "scorer_of",
    "settle",
    "share_text",
    "spells_in_force",
    "stand_one",
    "threshold_outcome",
    "tier_type",
    "to_share",
]
