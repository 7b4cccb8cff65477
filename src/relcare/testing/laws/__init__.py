"""What holds for every policy, book and day, as functions: each says nothing, or raises with the first counterexample.

A law that fails for a policy of yours has found either a rule that does something else than you think (`segmentation_is_monotone`
and `missing_data_never_demotes` look for that; `relcare.prove` decides it once for all clients) or a fault of relcare.

Examples:
    >>> from datetime import date
    >>> from relcare.model import Book, Client
    >>> from relcare.presets import preset
    >>> book = Book(clients=[Client(id="c-1", name="Ahn", relationship_types={"partner"}), Client(id="c-2", name="Bae")])
    >>> for law in ALL_LAWS:
    ...     law(preset("agent"), book, as_of=date(2026, 3, 31))
"""

from relcare.testing.laws._cadence import (
    CADENCE_LAWS,
    a_contact_that_counts_keeps_the_rule,
    cadence_ignores_the_order_of_the_log,
    cadence_is_deterministic,
    due_days_are_in_order,
    generating_twice_adds_nothing,
    the_latest_come_first,
)
from relcare.testing.laws._law import Law, LawBrokenError
from relcare.testing.laws._relationships import (
    STRATEGY_LAWS,
    intervals_are_the_shortest_above_the_minimum,
    several_types_keep_all_they_say,
    strategies_ignore_their_order,
)
from relcare.testing.laws._segmentation import (
    SEGMENTATION_LAWS,
    missing_data_never_demotes,
    quotas_cut_at_cumulative_shares,
    ranks_follow_scores,
    segmentation_ignores_order,
    segmentation_is_monotone,
    segmentation_is_total,
    tier_sizes_add_up,
)
from relcare.testing.laws._vip import VIP_LAWS, a_path_that_holds_decides, vip_is_monotone, vip_thresholds_are_inclusive

__all__ = [
    "ALL_LAWS",
    "CADENCE_LAWS",
    "SEGMENTATION_LAWS",
    "STRATEGY_LAWS",
    "VIP_LAWS",
    "Law",
    "LawBrokenError",
    "a_contact_that_counts_keeps_the_rule",
    "a_path_that_holds_decides",
    "cadence_ignores_the_order_of_the_log",
    "cadence_is_deterministic",
    "due_days_are_in_order",
    "generating_twice_adds_nothing",
    "intervals_are_the_shortest_above_the_minimum",
    "missing_data_never_demotes",
    "quotas_cut_at_cumulative_shares",
    "ranks_follow_scores",
    "segmentation_ignores_order",
    "segmentation_is_monotone",
    "segmentation_is_total",
    "several_types_keep_all_they_say",
    "strategies_ignore_their_order",
    "the_latest_come_first",
    "tier_sizes_add_up",
    "vip_is_monotone",
    "vip_thresholds_are_inclusive",
]

ALL_LAWS: tuple[Law, ...] = (*SEGMENTATION_LAWS, *CADENCE_LAWS, *STRATEGY_LAWS, *VIP_LAWS)
"""Every law, for one parametrised test."""
