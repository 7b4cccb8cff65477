"""Which values stores keep, each kind with its class."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from relcare.access import ChangeEvent, DelegationEvent, GrantEvent
from relcare.codec._record_values import (
    AccessCase,
    BookSettings,
    ClientOwners,
    ClientPins,
    ClientTiers,
    RecordChange,
    StaffAbsences,
    TextPiece,
)
from relcare.model import (
    Absence,
    Appointment,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    OwnerSpell,
    Pin,
    Purchase,
    Review,
    Staff,
    TierSpell,
    Touchpoint,
)

__all__ = ["CLASSES", "RecordKind", "RecordValue"]

RecordKind = Literal[
    "absence",
    "absences",
    "access_case",
    "appointment",
    "book",
    "change",
    "change_step",
    "client",
    "consent",
    "delegation_step",
    "grant_step",
    "membership_event",
    "owner_spell",
    "owners",
    "person",
    "pin",
    "pins",
    "purchase",
    "review",
    "staff",
    "text_piece",
    "tier_spell",
    "tiers",
    "touchpoint",
]

RecordValue: TypeAlias = (
    Absence
    | AccessCase
    | Appointment
    | BookSettings
    | ChangeEvent
    | Client
    | ClientOwners
    | ClientPins
    | ClientTiers
    | Consent
    | ContactPerson
    | DelegationEvent
    | GrantEvent
    | MembershipEvent
    | OwnerSpell
    | Pin
    | Purchase
    | RecordChange
    | Review
    | Staff
    | StaffAbsences
    | TextPiece
    | TierSpell
    | Touchpoint
)

CLASSES: Final[Mapping[str, type]] = {
    "absence": Absence,
    "absences": StaffAbsences,
    "access_case": AccessCase,
    "appointment": Appointment,
    "book": BookSettings,
    "change": RecordChange,
    "change_step": ChangeEvent,
    "client": Client,
    "consent": Consent,
    "delegation_step": DelegationEvent,
    "grant_step": GrantEvent,
    "membership_event": MembershipEvent,
    "owner_spell": OwnerSpell,
    "owners": ClientOwners,
    "person": ContactPerson,
    "pin": Pin,
    "pins": ClientPins,
    "purchase": Purchase,
    "review": Review,
    "staff": Staff,
    "text_piece": TextPiece,
    "tier_spell": TierSpell,
    "tiers": ClientTiers,
    "touchpoint": Touchpoint,
}
