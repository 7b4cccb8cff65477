"""The tier in force beside the one that a scheme comes to on a day, and why they may differ (SEG-11)."""

from collections.abc import Mapping
from datetime import date

import attrs

from relcare.model import Book, Reason, TierSpell
from relcare.segmentation._result import Assignment

__all__ = ["beside_in_force", "spells_in_force"]


def spells_in_force(book: Book, scheme_id: str, *, on: date) -> Mapping[str, TierSpell]:
    """By client id, the spell of a scheme that covers a day; clients without one are absent."""
    return {spell.client_id: spell for spell in book.tier_spells if spell.scheme_id == scheme_id and spell.covers(on)}


def beside_in_force(assignment: Assignment, spell: TierSpell | None) -> Assignment:
    """A tier worked out for a day, with one reason more where another is in force: it takes a decided review to change it.

    Args:
        assignment: What the scheme comes to.
        spell: What is in force for the client in that scheme; None for nothing.

    Source: SEG-11.
    """
    if spell is None or spell.tier == assignment.tier:
        return assignment
    reason = Reason(
        "tier.in_force",
        {},
        {"scheme": spell.scheme_id, "in_force": spell.tier, "since": spell.start_on, "tier": assignment.tier},
    )
    return attrs.evolve(assignment, reasons=(*assignment.reasons, reason))
