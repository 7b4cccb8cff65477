"""Who keeps which client, and for how long: the neglect ladder, holding limits, and claims from the pool.

Source: CAD-15.
"""

from relcare.custody._case import CustodyCase, Turnout
from relcare.custody._claim import Holders, claim_verdict, counts_towards, holdings_of
from relcare.custody._custody import Custody, custody_of
from relcare.custody._holding import Holding, HoldingLimit, HoldingState, holding_problems
from relcare.custody._ladder import NeglectLadder, Rung, ladder_problems
from relcare.custody._neglect import Neglect, neglect_order, severity
from relcare.custody._ownership import Ownership, Stretch
from relcare.custody._pool import ClaimRules, claim_problems
from relcare.custody._protection import ACTIONS, OCCASIONS, Action, Occasion, Protection

__all__ = [
    "ACTIONS",
    "OCCASIONS",
    "Action",
    "ClaimRules",
    "Custody",
    "CustodyCase",
    "Holders",
    "Holding",
    "HoldingLimit",
    "HoldingState",
    "Neglect",
    "NeglectLadder",
    "Occasion",
    "Ownership",
    "Protection",
    "Rung",
    "Stretch",
    "Turnout",
    "claim_problems",
    "claim_verdict",
    "counts_towards",
    "custody_of",
    "holding_problems",
    "holdings_of",
    "ladder_problems",
    "neglect_order",
    "severity",
]
