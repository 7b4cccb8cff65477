"""The nouns: clients, people, what happened, what was decided. Frozen values without rules."""

from relcare.model._anniversaries import Anniversary
from relcare.model._birthday import Birthday
from relcare.model._book import Book, Notice, civil_day, return_problem, standing
from relcare.model._client import STAGES, AttributeChange, AttributeValue, Client, ContactPerson, Stage
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
from relcare.model._money import Money
from relcare.model._staff import Staff, TierSpell

__all__ = [
    "CONTACT_OUTCOMES",
    "DIRECTIONS",
    "STAGES",
    "STATES",
    "VOID",
    "Anniversary",
    "Answer",
    "AttributeChange",
    "AttributeValue",
    "Birthday",
    "Book",
    "Client",
    "ContactPerson",
    "Direction",
    "FactValue",
    "Money",
    "Notice",
    "Obligation",
    "Obligations",
    "Purchase",
    "PurchaseKind",
    "Reason",
    "ReasonValue",
    "Staff",
    "Stage",
    "State",
    "TierSpell",
    "Touchpoint",
    "Undecided",
    "Verdict",
    "civil_day",
    "return_problem",
    "standing",
]
