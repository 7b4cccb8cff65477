"""An agenda for a terminal: who does what on which day, what found no day, how full the days are, what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Final

from relcare.planning import Agenda, Change, ChangeKind, Slot, StaffPlan, Unplanned
from relcare.report._capacity import bar
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, count_of

__all__ = ["plan_pages"]

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AS_BEFORE: Final = "plan.kept"
"""What nearly every contact of a plan made anew would say; what moved is on a page of its own."""
_CHANGES: Final[Mapping[ChangeKind, str]] = {
    "added": "new",
    "moved": "moved",
    "handed_over": "handed over",
    "removed": "gone",
    "unplanned": "no day",
}


def plan_pages(agenda: Agenda, names: Names, *, changes: Sequence[Change] | None = None) -> Iterator[Listing]:
    """The agenda of each member of staff by day, what found no day and why, the load, and what changed.

    Args:
        agenda: The agenda.
        names: Of clients and staff.
        changes: Against an agenda made before; None where there is none.

    Yields:
        What changed first, where that is asked for; then a listing for each member of staff, what found no day, and the load.
    """
    if changes is not None:
        yield _changes(changes, names)
    for staff_id in agenda.staff_ids:
        slots = [slot for slot in agenda.slots if slot.staff_id == staff_id]
        if slots:
            yield _agenda(staff_id, slots, names)
    yield _unplanned(agenda, names)
    yield _load(agenda, names)


def _agenda(staff_id: str, slots: Sequence[Slot], names: Names) -> Listing:
    late = sum(slot.is_late for slot in slots)
    return Listing(
        title=f"{names.member(staff_id)}: {count_of(len(slots), 'contact')}" + (f", {late:,} of them late" if late else ""),
        columns=(Column("Day", 14), Column("Min", 4, "right"), Column("Client"), Column("Contact", 17), Column("Due", 11)),
        rows=_by_day(slots, names),
    )


def _by_day(slots: Iterable[Slot], names: Names) -> Iterator[Row]:
    """The day stands on its first line only, so that the eye finds where the next one begins."""
    for day, some in groupby(slots, key=lambda slot: slot.on):
        for place, slot in enumerate(some):
            yield Row(
                ("" if place else _day(day), f"{slot.minutes}", names.client(slot.client_id), _contact(slot), _due(slot)),
                because((reason for reason in slot.reasons if reason.code != _AS_BEFORE), is_brief=True),
            )


def _day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day}"


def _contact(one: Slot | Unplanned) -> str:
    rule = one.rule_id
    return one.channel if rule is None else rule if one.channel in rule else f"{one.channel} {rule}"


def _due(slot: Slot) -> str:
    """What is on its due day says only that; what is not, by how many days."""
    if slot.is_confirmed:
        return "confirmed"
    days = slot.moved_days
    if not days:
        return "due"
    mark = "late" if slot.is_late else "after" if days > 0 else "before"
    return f"{abs(days):,} d {mark}"


def _unplanned(agenda: Agenda, names: Names) -> Listing:
    """What found no day; what is only due after the last day is counted, not listed."""
    found = [one for one in agenda.unplanned if not one.is_later]
    later = len(agenda.unplanned) - len(found)
    return Listing(
        title=f"Not planned: {count_of(len(found), 'contact')}",
        columns=(Column("Due", 10), Column("Min", 4, "right"), Column("Client"), Column("Contact", 17), Column("Who", 8)),
        rows=(
            Row(
                (
                    one.due_on.isoformat(),
                    f"{one.minutes}",
                    names.client(one.client_id),
                    _contact(one),
                    names.member(one.staff_id),
                ),
                because(one.reasons, is_brief=True),
            )
            for one in found
        ),
        empty="Everything has a day.",
        note=f"{count_of(later, 'contact')} due after {agenda.until}" if later else "",
    )


def _load(agenda: Agenda, names: Names) -> Listing:
    """Each member of staff in the whole horizon, with the fullest day."""
    return Listing(
        title=f"Load from {agenda.as_of} to {agenda.until}, in minutes",
        columns=(
            Column("Who"),
            Column("Planned", 8, "right"),
            Column("Capacity", 8, "right"),
            Column("", 21),
            Column("Fullest day", 14),
            Column("On time", 7, "right"),
        ),
        rows=(_load_row(agenda, plan, names) for plan in agenda.staff),
        empty="Nobody has anything to do.",
        note=_quality(agenda),
    )


def _load_row(agenda: Agenda, plan: StaffPlan, names: Names) -> Row:
    loads = [load for load in agenda.loads if load.staff_id == plan.staff_id]
    planned = sum(load.minutes for load in loads)
    # Of equally full days the first one.
    fullest = max((load for load in loads if load.minutes), key=lambda load: (load.minutes, -load.on.toordinal()), default=None)
    return Row(
        (
            names.member(plan.staff_id),
            f"{planned:,}",
            f"{plan.capacity:,}",
            bar(Fraction(planned), planned, plan.capacity),
            MISSING if fullest is None else _day(fullest.on),
            _percent(Fraction(plan.weight_on_time, plan.weight)) if plan.weight else MISSING,
        ),
        f"all intervals stretched to {plan.stretch_percent}%" if plan.stretch_percent != 100 else "",
    )


def _quality(agenda: Agenda) -> str:
    if agenda.is_exact or not agenda.gap:
        return "No plan has more weight on time."
    return f"No plan has more than {_percent(agenda.gap, up=True)} more weight on time."


def _changes(changes: Sequence[Change], names: Names) -> Listing:
    return Listing(
        title=f"Changed: {count_of(len(changes), 'contact')}",
        columns=(Column("What", 11), Column("Client"), Column("Contact", 14), Column("Before", 12), Column("Now", 12)),
        rows=(
            Row(
                (
                    _CHANGES[change.kind],
                    names.client(change.client_id),
                    _changed_contact(change),
                    _place(change.before, names),
                    _place(change.after, names),
                ),
                because(change.reasons, is_brief=True),
            )
            for change in changes
        ),
        empty="Nothing.",
    )


def _changed_contact(change: Change) -> str:
    slot = change.after or change.before
    return MISSING if slot is None else _contact(slot)


def _place(slot: Slot | None, names: Names) -> str:
    """Day and month, and who."""
    return MISSING if slot is None else f"{slot.on:%m-%d} {names.member(slot.staff_id)}"


def _percent(value: Fraction, *, up: bool = False) -> str:
    """A whole percentage, rounded down: 100 % is said of nothing less; a bound is rounded up."""
    return f"{-(-value * 100 // 1) if up else value * 100 // 1}%"
