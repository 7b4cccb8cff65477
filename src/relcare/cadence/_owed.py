"""What was owed, as far as a stretch of days goes: the values."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

import attrs

from relcare.cadence._contacts import Contacts
from relcare.cadence._redate import TierChange
from relcare.cadence._rule import CadenceRule
from relcare.cadence._trigger import Trigger
from relcare.model import Touchpoint
from relcare.policy import Core

__all__ = ["Asked", "Owed", "Stretch", "matters", "planned_by_due_day", "within"]


@attrs.frozen(kw_only=True, eq=False)
class Stretch:
    """Days on which the same rules apply to a client.

    Attributes:
        first: The first day, an ordinal.
        last: The last day, inclusive.
        row: The client's facts in core form.
        changes: The latest change of each tier, by fact (CAD-6).
    """

    first: int
    last: int
    row: Mapping[str, Core]
    changes: Mapping[str, TierChange]


@attrs.frozen(kw_only=True, eq=False)
class Owed:
    """A contact that was owed, as far as one stretch goes.

    Attributes:
        rule: The rule that governed.
        key: Of the obligation (CAD-13).
        debt: What its pieces in several stretches share, also where another rule came to govern it.
        due: The day on which it was due, an ordinal.
        latest: The last day of grace.
        first: The first day of the stretch at whose end it was owed; some of these may lie before its earliest day.
        last: The last such day; before `first` when it was owed at the end of no day.
        kept_day: The day of the contact that kept it, in this stretch or another; None when there was none.
        kept_by: That contact.
        is_over: Whether nobody can keep it any more: the next occurrence took its place, or its period is over.
        person_id: Whose occasion it is.
    """

    rule: CadenceRule | Trigger
    key: str
    debt: Hashable
    due: int
    latest: int
    first: int
    last: int
    kept_day: int | None
    kept_by: Touchpoint | None
    is_over: bool
    person_id: str | None


@attrs.frozen(kw_only=True, eq=False)
class Asked:
    """What one rule asked of a client in one stretch; of rules that ask the same thing only the one that governs (CAD-13).

    Attributes:
        rule: The rule.
        planned: How many contacts it expects in the stretch.
        contacts: Those that count towards them, up to `as_of`.
        owed: What was owed.
    """

    rule: CadenceRule | Trigger
    planned: Fraction
    contacts: Contacts
    owed: tuple[Owed, ...]


def within(contacts: Contacts, first: int, last: int) -> Contacts:
    """The contacts from a day to a day, both inclusive."""
    start, end = bisect_left(contacts.days, first), bisect_right(contacts.days, last)
    return Contacts(contacts.days[start:end], contacts.touchpoints[start:end])


def matters(piece: Owed, stretch: Stretch) -> bool:
    """Whether it was owed, due or kept in the stretch."""
    return (
        piece.first <= piece.last
        or stretch.first <= piece.due <= stretch.last
        or (piece.kept_day is not None and stretch.first <= piece.kept_day <= stretch.last)
    )


def planned_by_due_day(rule: CadenceRule | Trigger, owed: Sequence[Owed], stretch: Stretch) -> Asked:
    """What is due in the stretch is planned for it, and done when it was kept, whenever that was."""
    due = [piece for piece in owed if stretch.first <= piece.due <= stretch.last]
    kept = [(piece.kept_day, piece.kept_by) for piece in due if piece.kept_day is not None and piece.kept_by is not None]
    contacts = Contacts([day for day, _ in kept], [touch for _, touch in kept])
    return Asked(rule=rule, planned=Fraction(len(due)), contacts=contacts, owed=tuple(owed))
