"""Cuts, borders and ranks: the arithmetic of quotas, in integers."""

from relcare.ranking._borders import TIE_RULES, Border, Ranking, TieRule, rank, rank_columns
from relcare.ranking._counted import counted_borders, parted_scores
from relcare.ranking._cuts import cuts

__all__ = ["TIE_RULES", "Border", "Ranking", "TieRule", "counted_borders", "cuts", "parted_scores", "rank", "rank_columns"]
