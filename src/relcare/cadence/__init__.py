"""What is owed to whom, when and by whom: derived from what really happened."""

from relcare.cadence._contacts import ContactFinder, Contacts
from relcare.cadence._due import Due, DueContext, dues_of
from relcare.cadence._oblige import Cadence, cadence_of, obligation_key, staff_by_role
from relcare.cadence._occurrences import Grid, grids_of
from relcare.cadence._rule import ACCOUNT_MANAGER, DEFAULT_COUNTS, LEAP_DAYS, MODES, ROLLS, CadenceRule, Mode, rule_problems

__all__ = [
    "ACCOUNT_MANAGER",
    "DEFAULT_COUNTS",
    "LEAP_DAYS",
    "MODES",
    "ROLLS",
    "Cadence",
    "CadenceRule",
    "ContactFinder",
    "Contacts",
    "Due",
    "DueContext",
    "Grid",
    "Mode",
    "cadence_of",
    "dues_of",
    "grids_of",
    "obligation_key",
    "rule_problems",
    "staff_by_role",
]
