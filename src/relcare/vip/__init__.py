"""Who is a VIP: paths to qualification, decided with reasons, dates and what is lacking."""

from relcare.vip._decide import PathDecision, Qualifier, VipDecision, qualifier_of
from relcare.vip._programme import QUALIFICATION_TYPE, Programme, VipPath, programme_problems

__all__ = [
    "QUALIFICATION_TYPE",
    "PathDecision",
    "Programme",
    "Qualifier",
    "VipDecision",
    "VipPath",
    "programme_problems",
    "qualifier_of",
]
