"""Relationship types and their strategies: what the relationship rests on, how often, what to watch, do and avoid."""

from relcare.relationships._problems import strategy_problems
from relcare.relationships._referrals import Referred, referrals_around
from relcare.relationships._signs import Indicator, Situation
from relcare.relationships._strategy import BUILT_IN_STRATEGIES, MergedStrategy, Strategy, merge_strategies, strategies_of

__all__ = [
    "BUILT_IN_STRATEGIES",
    "Indicator",
    "MergedStrategy",
    "Referred",
    "Situation",
    "Strategy",
    "merge_strategies",
    "referrals_around",
    "strategies_of",
    "strategy_problems",
]
