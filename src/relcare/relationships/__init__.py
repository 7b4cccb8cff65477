"""Relationship types and their strategies: what the relationship rests on, how often, what to do and what to avoid."""

from relcare.relationships._strategy import BUILT_IN_STRATEGIES, MergedStrategy, Strategy, merge_strategies, strategies_of

__all__ = ["BUILT_IN_STRATEGIES", "MergedStrategy", "Strategy", "merge_strategies", "strategies_of"]
