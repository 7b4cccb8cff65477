"""Reclassification as a managed change: proposed, previewed, challenged, decided, in force from a day; and what became of it.

Source: SEG-9, SEG-10, SEG-11.
"""

from relcare.review._change import challenge, decide, put_in_force, tier_spells
from relcare.review._due import review_day
from relcare.review._history import Movement, TierHistory, history
from relcare.review._preview import Preview, VipChange, preview
from relcare.review._propose import propose
from relcare.review._rehearsal import SimulatedMove, SimulatedReview
from relcare.review._rerun import rerun
from relcare.review._simulate import Simulation, simulate, simulate_each, steadied

__all__ = [
    "Movement",
    "Preview",
    "SimulatedMove",
    "SimulatedReview",
    "Simulation",
    "TierHistory",
    "VipChange",
    "challenge",
    "decide",
    "history",
    "preview",
    "propose",
    "put_in_force",
    "rerun",
    "review_day",
    "simulate",
    "simulate_each",
    "steadied",
    "tier_spells",
]
