"""What Hypothesis runs when it is imported: `from_type` then knows every value of relcare.

The classes are imported here and told to Hypothesis; their strategies are made when the first of them is drawn from.
`HYPOTHESIS_NO_PLUGINS=relcare` leaves it out.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["NAMES_BY_MODULE", "register"]

NAMES_BY_MODULE: Final[Mapping[str, tuple[str, ...]]] = {
    "access": (
        "AccessPurpose",
        "AccessRequest",
        "AccessRule",
        "AccessRules",
        "Anchor",
        "AuditEntry",
        "ChainHead",
        "ChainLink",
        "ChangeEvent",
        "Delegation",
        "DelegationEvent",
        "DigestKey",
        "EraseClock",
        "FieldClass",
        "GrantEvent",
        "Identity",
        "KeepClock",
        "Principal",
        "RetentionRecord",
        "RetentionRules",
        "Signature",
        "Standing",
    ),
    "cadence": ("CadenceRule", "Trigger"),
    "calendars": ("CombinedCalendar", "Deadline", "NationalCalendar", "SetCalendar", "Weekdays", "WorkingHours"),
    "custody": ("ClaimRules", "HoldingLimit", "NeglectLadder", "Protection", "Rung"),
    "decisions": ("Acceptance", "Example", "Policy", "Requirement", "RoleStaffing", "ShareBound", "Staffing"),
    "grades": ("Grade",),
    "model": (
        "Absence",
        "Appointment",
        "AttributeChange",
        "Birthday",
        "Book",
        "Challenge",
        "Client",
        "Consent",
        "ContactPerson",
        "MembershipEvent",
        "Money",
        "OwnerSpell",
        "Pin",
        "Purchase",
        "Review",
        "ReviewBorder",
        "ReviewDecision",
        "ReviewRow",
        "Staff",
        "TierSpell",
        "Touchpoint",
    ),
    "permission": (
        "Cap",
        "CapPeriod",
        "ConsentRule",
        "Gap",
        "HourWindow",
        "Hours",
        "Lapse",
        "PermissionRules",
        "Rotation",
        "Stop",
    ),
    "policy": (
        "And",
        "Compare",
        "Contains",
        "Derivation",
        "Every",
        "Fact",
        "FactType",
        "Measure",
        "Missing",
        "Not",
        "OneOf",
        "Or",
        "Span",
        "Vocabulary",
        "Window",
    ),
    "relationships": ("Indicator", "Situation", "Strategy"),
    "segmentation": (
        "Band",
        "Dimension",
        "Matrix",
        "QuotaScheme",
        "QuotaTier",
        "ScoreTerm",
        "Steadiness",
        "ThresholdScheme",
        "ThresholdTier",
    ),
    "segments": ("CriterionSegment", "ProductSegment", "Theme"),
    "testing._clocks": ("FixedClock", "SteppingClock"),
    "vip": ("Benefit", "MembershipRules", "Programme", "QualifiedSpell", "TopList", "VipPath"),
}
"""Every value that a program can construct, by the module it is taken from.

What is kept in stores is not among them: its rooms cost as much again to import, and `store_records` and `store_entries` draw it.
"""


def register() -> None:
    """Tells Hypothesis how each of them is drawn; the entry point of the group `hypothesis`."""
    from hypothesis import strategies as st

    for home, names in NAMES_BY_MODULE.items():
        module = import_module(f"relcare.{home}")
        for name in names:
            st.register_type_strategy(getattr(module, name), _drawn)


def _drawn(kind: type[object]) -> "SearchStrategy[object]":
    from relcare.testing._values import strategy_of

    return strategy_of(kind)
