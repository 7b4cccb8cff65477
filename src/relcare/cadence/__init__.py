"""What is owed to whom, when and by whom: derived from what really happened."""

from relcare.cadence._ahead import Later, later_dates, later_steps
from relcare.cadence._by_mode import dues_of
from relcare.cadence._by_pattern import PatternDue, grid_dues, quota_dues, quota_period, rolled_days
from relcare.cadence._contacts import ContactFinder, Contacts
from relcare.cadence._days import DueContext
from relcare.cadence._due import Due
from relcare.cadence._hindsight import Hindsight
from relcare.cadence._oblige import Cadence, asked, cadence_of, obligation_key, staff_by_role
from relcare.cadence._occurrences import Grid, grids_of
from relcare.cadence._owed import Asked, Owed, Stretch
from relcare.cadence._patterns import PatternTable, occurrence_days
from relcare.cadence._redate import TierChange, spread_day, tier_changes
from relcare.cadence._rolling import interval_of
from relcare.cadence._rule import ACCOUNT_MANAGER, DEFAULT_COUNTS, LEAP_DAYS, MODES, ROLLS, CadenceRule, Mode, rule_problems
from relcare.cadence._trigger import EVENT_KINDS, EventKind, Trigger, trigger_problems
from relcare.cadence._triggered import trigger_days

__all__ = [
    "ACCOUNT_MANAGER",
    "DEFAULT_COUNTS",
    "EVENT_KINDS",
    "LEAP_DAYS",
    "MODES",
    "ROLLS",
    "Asked",
    "Cadence",
    "CadenceRule",
    "ContactFinder",
    "Contacts",
    "Due",
    "DueContext",
    "EventKind",
    "Grid",
    "Hindsight",
    "Later",
    "Mode",
    "Owed",
    "PatternDue",
    "PatternTable",
    "Stretch",
    "TierChange",
    "Trigger",
    "asked",
    "cadence_of",
    "dues_of",
    "grid_dues",
    "grids_of",
    "interval_of",
    "later_dates",
    "later_steps",
    "obligation_key",
    "occurrence_days",
    "quota_dues",
    "quota_period",
    "rolled_days",
    "rule_problems",
    "spread_day",
    "staff_by_role",
    "tier_changes",
    "trigger_days",
    "trigger_problems",
]
