"""Whom to put into which tier: schemes as values, tiers as decisions with reasons."""

from relcare.segmentation._assign import assign, assign_one, in_scope, threshold_outcome
from relcare.segmentation._check import scheme_problems, tier_type
from relcare.segmentation._result import Assignment, BorderTie, SchemeResult
from relcare.segmentation._scheme import (
    HIT_POLICIES,
    MISSING_RULES,
    REVIEWS,
    Band,
    HitPolicy,
    MissingRule,
    QuotaScheme,
    QuotaTier,
    Scheme,
    ScoreTerm,
    ThresholdScheme,
    ThresholdTier,
    share_text,
    to_share,
)
from relcare.segmentation._score import Scorer, scorer_of

__all__ = [
    "HIT_POLICIES",
    "MISSING_RULES",
    "REVIEWS",
    "Assignment",
    "Band",
    "BorderTie",
    "HitPolicy",
    "MissingRule",
    "QuotaScheme",
    "QuotaTier",
    "Scheme",
    "SchemeResult",
    "ScoreTerm",
    "Scorer",
    "ThresholdScheme",
    "ThresholdTier",
    "assign",
    "assign_one",
    "in_scope",
    "scheme_problems",
    "scorer_of",
    "share_text",
    "threshold_outcome",
    "tier_type",
    "to_share",
]
