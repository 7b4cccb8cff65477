"""Whether a client may be contacted now, and if not, from when on: fatigue, consent, hours and contact law.

Source: CAD-10, CAD-11.
"""

from relcare.permission._consent_rule import CONSENT_MODES, ConsentMode, ConsentRule, SoftOptIn
from relcare.permission._decide import ClientPermission, first_allowed, has_open_hour, may_contact
from relcare.permission._decision import HORIZON_DAYS, PermissionDecision
from relcare.permission._fatigue import REFUSALS, Cap, Gap, Rotation, Stop
from relcare.permission._hours import DAY_NAMES, HOLIDAY, HOLIDAY_RULES, Hours, HourWindow
from relcare.permission._law import CONFIDENCES, Confidence, LawRow, LegalPreset, Rule
from relcare.permission._laws import LAWS, law, near_law, with_included
from relcare.permission._lengths import CapPeriod, Lapse
from relcare.permission._local_days import Piece, pieces_of
from relcare.permission._permission_rules import ON_SILENCE, ActiveRule, PermissionRules, possible_zones
from relcare.permission._scope import BUILT_IN_MEDIA, CLASSES, MEDIA, Medium, PurposeClass, PurposeScope

__all__ = [
    "BUILT_IN_MEDIA",
    "CLASSES",
    "CONFIDENCES",
    "CONSENT_MODES",
    "DAY_NAMES",
    "HOLIDAY",
    "HOLIDAY_RULES",
    "HORIZON_DAYS",
    "LAWS",
    "MEDIA",
    "ON_SILENCE",
    "REFUSALS",
    "ActiveRule",
    "Cap",
    "CapPeriod",
    "ClientPermission",
    "Confidence",
    "ConsentMode",
    "ConsentRule",
    "Gap",
    "HourWindow",
    "Hours",
    "Lapse",
    "LawRow",
    "LegalPreset",
    "Medium",
    "PermissionDecision",
    "PermissionRules",
    "Piece",
    "PurposeClass",
    "PurposeScope",
    "Rotation",
    "Rule",
    "SoftOptIn",
    "Stop",
    "first_allowed",
    "has_open_hour",
    "law",
    "may_contact",
    "near_law",
    "pieces_of",
    "possible_zones",
    "with_included",
]
