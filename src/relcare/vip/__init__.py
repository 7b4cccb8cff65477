"""Who is a VIP: paths to qualification and membership, decided with reasons, dates and what is lacking."""

from relcare.vip._decide import PathDecision, Qualifier, RowAt, VipDecision, qualifier_of
from relcare.vip._membership import benefits_of, is_nominated, membership, membership_so_far, was_qualified
from relcare.vip._programme import (
    QUALIFICATION_TYPE,
    Programme,
    VipPath,
    membership_types,
    path_types,
    programme_problems,
)
from relcare.vip._settings import KEEPINGS, TOP_REVIEWS, Benefit, Keeping, MembershipRules, TopList
from relcare.vip._state import (
    MEMBERSHIP_STATES,
    MembershipSpell,
    MembershipState,
    MembershipStateName,
    NextStep,
    QualifiedSpell,
)
from relcare.vip._top import review_day, top_places, top_standing

__all__ = [
    "KEEPINGS",
    "MEMBERSHIP_STATES",
    "QUALIFICATION_TYPE",
    "TOP_REVIEWS",
    "Benefit",
    "Keeping",
    "MembershipRules",
    "MembershipSpell",
    "MembershipState",
    "MembershipStateName",
    "NextStep",
    "PathDecision",
    "Programme",
    "QualifiedSpell",
    "Qualifier",
    "RowAt",
    "TopList",
    "VipDecision",
    "VipPath",
    "benefits_of",
    "is_nominated",
    "membership",
    "membership_so_far",
    "membership_types",
    "path_types",
    "programme_problems",
    "qualifier_of",
    "review_day",
    "top_places",
    "top_standing",
    "was_qualified",
]
