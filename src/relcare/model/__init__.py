"""The nouns: clients, people, what happened, what was decided. Frozen values without rules."""

from relcare.model._anniversaries import Anniversary
from relcare.model._appointment import APPOINTMENT_STATES, Appointment, AppointmentState
from relcare.model._birthday import Birthday
from relcare.model._book import Book
from relcare.model._book_checks import return_problem
from relcare.model._book_notices import Notice
from relcare.model._challenge import CHALLENGE_STATES, Challenge, ChallengeState, ReviewDecision
from relcare.model._civil import civil_day
from relcare.model._client import STAGES, AttributeChange, AttributeValue, Client, ContactPerson, Stage
from relcare.model._columns import from_columns
from relcare.model._consent import CONSENT_KINDS, Consent, ConsentKind
from relcare.model._decided import (
    STATES,
    Answer,
    FactValue,
    Obligation,
    Obligations,
    Reason,
    ReasonValue,
    State,
    Undecided,
    Verdict,
)
from relcare.model._events import CONTACT_OUTCOMES, DIRECTIONS, VOID, Direction, Purchase, PurchaseKind, Touchpoint
from relcare.model._knowledge import as_known
from relcare.model._membership import MEMBERSHIP_STEPS, MembershipEvent, MembershipStep
from relcare.model._money import NO_CURRENCY, Money, check_currency
from relcare.model._pin import PIN_KINDS, Pin, PinKind
from relcare.model._responsible import Absence, OwnerSpell, stand_ins
from relcare.model._review import Review
from relcare.model._review_rows import ReviewBorder, ReviewRow
from relcare.model._staff import Staff, TierSpell
from relcare.model._standing import standing

__all__ = [
    "APPOINTMENT_STATES",
    "CHALLENGE_STATES",
    "CONSENT_KINDS",
    "CONTACT_OUTCOMES",
    "DIRECTIONS",
    "MEMBERSHIP_STEPS",
    "NO_CURRENCY",
    "PIN_KINDS",
    "STAGES",
    "STATES",
    "VOID",
    "Absence",
    "Anniversary",
    "Answer",
    "Appointment",
    "AppointmentState",
    "AttributeChange",
    "AttributeValue",
    "Birthday",
    "Book",
    "Challenge",
    "ChallengeState",
    "Client",
    "Consent",
    "ConsentKind",
    "ContactPerson",
    "Direction",
    "FactValue",
    "MembershipEvent",
    "MembershipStep",
    "Money",
    "Notice",
    "Obligation",
    "Obligations",
    "OwnerSpell",
    "Pin",
    "PinKind",
    "Purchase",
    "PurchaseKind",
    "Reason",
    "ReasonValue",
    "Review",
    "ReviewBorder",
    "ReviewDecision",
    "ReviewRow",
    "Staff",
    "Stage",
    "State",
    "TierSpell",
    "Touchpoint",
    "Undecided",
    "Verdict",
    "as_known",
    "check_currency",
    "civil_day",
    "from_columns",
    "return_problem",
    "stand_ins",
    "standing",
]
