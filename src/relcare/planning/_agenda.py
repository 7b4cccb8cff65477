"""What a plan says: who does what on which day, what found no day and why, and how full the days are (PLN-2 to PLN-4)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_day, check_optional_text, check_tuple_of, to_day, to_tuple
from relcare.errors import InvalidValueError
from relcare.model import Reason
from relcare.planning._agenda_entries import DayLoad, Slot, StaffPlan, Unplanned, to_reasons

__all__ = ["CHANGE_KINDS", "OVERLOADS", "Agenda", "Change", "ChangeKind", "Overload"]

Overload: TypeAlias = Literal["spill", "stretch", "report"]
OVERLOADS: Final[tuple[Overload, ...]] = ("spill", "stretch", "report")
"""What happens to contacts that do not fit on time (PLN-3)."""

ChangeKind: TypeAlias = Literal["added", "moved", "handed_over", "removed", "unplanned"]
CHANGE_KINDS: Final[tuple[ChangeKind, ...]] = ("added", "moved", "handed_over", "removed", "unplanned")
"""How a plan differs from the one before: see `Change`."""


@attrs.frozen(kw_only=True)
class Change:
    """How one contact is planned otherwise than before.

    Attributes:
        kind: `added`: it had no day before. `moved`: it has another day. `handed_over`: another member of staff does it, on the
            same day or another. `removed`: it is neither planned nor owed any more. `unplanned`: it had a day and has none now.
        client_id: With whom.
        key: Of the obligation, or None for an appointment that nothing asked for.
        before: Where it was; None for `added`.
        after: Where it is; None for `removed` and `unplanned`.
        reasons: Why, as the new plan says.
    """

    kind: ChangeKind
    client_id: str
    key: str | None
    before: Slot | None
    after: Slot | None
    reasons: tuple[Reason, ...] = attrs.field(default=(), converter=to_reasons)


def _to_slots(values: Iterable[Slot]) -> tuple[Slot, ...]:
    found = to_tuple(values)
    is_sortable = isinstance(found, tuple) and all(isinstance(one, Slot) for one in found)  # pyright: ignore[reportUnnecessaryIsInstance]
    return tuple(sorted(found, key=_slot_order)) if is_sortable else found


def _to_unplanned(values: Iterable[Unplanned]) -> tuple[Unplanned, ...]:
    found = to_tuple(values)
    is_sortable = isinstance(found, tuple) and all(isinstance(one, Unplanned) for one in found)  # pyright: ignore[reportUnnecessaryIsInstance]
    return tuple(sorted(found, key=_unplanned_order)) if is_sortable else found


def _to_loads(values: Iterable[DayLoad]) -> tuple[DayLoad, ...]:
    found = to_tuple(values)
    is_sortable = isinstance(found, tuple) and all(isinstance(one, DayLoad) for one in found)  # pyright: ignore[reportUnnecessaryIsInstance]
    return tuple(sorted(found, key=lambda one: (one.staff_id, one.on))) if is_sortable else found


def _to_staff(values: Iterable[StaffPlan]) -> tuple[StaffPlan, ...]:
    found = to_tuple(values)
    is_sortable = isinstance(found, tuple) and all(isinstance(one, StaffPlan) for one in found)  # pyright: ignore[reportUnnecessaryIsInstance]
    return tuple(sorted(found, key=lambda one: one.staff_id)) if is_sortable else found


def _slot_order(one: Slot) -> tuple[date, str, bool, float, int, str, str]:
    """By day, then by member of staff; there what has an hour by the hour, then the heaviest, then by key."""
    hour = 0.0 if one.starts_at is None else one.starts_at.timestamp()
    return one.on, one.staff_id, one.starts_at is None, hour, -one.weight, one.key or "", one.appointment_id or ""


def _unplanned_order(one: Unplanned) -> tuple[int, date, str]:
    return -one.weight, one.due_on, one.key


@attrs.frozen(kw_only=True)
class Agenda:
    """Who does what on which day, from one day to another; what found no day, and why; how full the days are.

    It depends on nothing but what it was made from, so that equal input gives equal agendas.

    Attributes:
        as_of: The civil day from which it looks ahead, its first day.
        until: Its last day, inclusive.
        overload: What was done about contacts that do not fit on time.
        slots: By day, then by member of staff; there what has an hour by the hour, then the heaviest, then by key.
        unplanned: The heaviest first, then the earliest due, then by key.
        loads: By member of staff, then by day; every open day of the horizon is there.
        staff: By id; how good and how full each plan is.

    Raises:
        InvalidValueError: If the days are in the wrong order, or an entry is not what it must be.

    Source: PLN-2, PLN-3.
    """

    as_of: date = attrs.field(converter=to_day)
    until: date = attrs.field(converter=to_day)
    overload: Overload = "spill"
    slots: tuple[Slot, ...] = attrs.field(default=(), converter=_to_slots, repr=False)
    unplanned: tuple[Unplanned, ...] = attrs.field(default=(), converter=_to_unplanned, repr=False)
    loads: tuple[DayLoad, ...] = attrs.field(default=(), converter=_to_loads, repr=False)
    staff: tuple[StaffPlan, ...] = attrs.field(default=(), converter=_to_staff, repr=False)

    def __attrs_post_init__(self) -> None:
        check_day("as_of", self.as_of)
        check_day("until", self.until)
        if self.until < self.as_of:
            raise InvalidValueError("until", self.until, f"must not be before as_of, {self.as_of}")
        check_choice("overload", self.overload, OVERLOADS)
        check_tuple_of("slots", self.slots, Slot)
        check_tuple_of("unplanned", self.unplanned, Unplanned)
        check_tuple_of("loads", self.loads, DayLoad)
        check_tuple_of("staff", self.staff, StaffPlan)

    def __len__(self) -> int:
        return len(self.slots)

    def __iter__(self) -> Iterator[Slot]:
        return iter(self.slots)

    def on(self, day: date) -> tuple[Slot, ...]:
        """What is planned for a day, in order."""
        return tuple(slot for slot in self.slots if slot.on == day)

    def for_client(self, client_id: str) -> tuple[Slot, ...]:
        """What is planned with a client, in order."""
        return tuple(slot for slot in self.slots if slot.client_id == client_id)

    def for_staff(self, staff_id: str | None) -> "Agenda":
        """The agenda of one member of staff; for None what nobody was found for. Somebody unknown has an empty one.

        Raises:
            InvalidValueError: If it is neither text nor None.
        """
        check_optional_text("staff_id", staff_id)
        return attrs.evolve(
            self,
            slots=(slot for slot in self.slots if slot.staff_id == staff_id),
            unplanned=(one for one in self.unplanned if one.staff_id == staff_id),
            loads=(load for load in self.loads if load.staff_id == staff_id),
            staff=(plan for plan in self.staff if plan.staff_id == staff_id),
        )

    @cached_property
    def staff_ids(self) -> tuple[str, ...]:
        """Everybody who has a plan, by code point."""
        return tuple(plan.staff_id for plan in self.staff)

    @cached_property
    def load_by_day(self) -> Mapping[tuple[str, date], DayLoad]:
        """How full each day is, by member of staff and day."""
        return {(load.staff_id, load.on): load for load in self.loads}

    @property
    def weight_on_time(self) -> int:
        """Of what is planned on time, over all staff."""
        return sum(plan.weight_on_time for plan in self.staff)

    @property
    def weight_bound(self) -> int:
        """No plan has more weight on time than this."""
        return sum(plan.weight_bound for plan in self.staff)

    @property
    def gap(self) -> Fraction:
        """By how much of the bound the weight on time may fall short of the optimum, from 0 to 1; 0 when it is the optimum."""
        bound = self.weight_bound
        return Fraction(bound - self.weight_on_time, bound) if bound else Fraction()

    @property
    def is_exact(self) -> bool:
        """Whether every member of staff's plan is surely the optimum; see `StaffPlan`."""
        return all(plan.is_exact for plan in self.staff)

    def changes(self, previous: "Agenda") -> tuple[Change, ...]:
        """What is planned otherwise than in an agenda made before, in order of day, client and key.

        What lay before the first day of this one is over and is no change.

        Args:
            previous: The agenda before.

        Source: PLN-4.
        """
        return tuple(sorted(_changes(previous, self), key=_change_order))


def _identity(slot: Slot) -> tuple[str, str]:
    """What makes two slots of two plans the same contact."""
    return ("obligation", slot.key) if slot.key is not None else ("appointment", slot.appointment_id or "")


def _changes(previous: Agenda, now: Agenda) -> Iterator[Change]:
    before = {_identity(slot): slot for slot in previous.slots if slot.on >= now.as_of}
    after = {_identity(slot): slot for slot in now.slots}
    left_out = {one.key: one for one in now.unplanned}
    for name, slot in after.items():
        old = before.get(name)
        if old is None:
            yield Change(kind="added", client_id=slot.client_id, key=slot.key, before=None, after=slot, reasons=slot.reasons)
        elif (old.on, old.staff_id) != (slot.on, slot.staff_id):
            kind: ChangeKind = "moved" if old.staff_id == slot.staff_id else "handed_over"
            yield Change(kind=kind, client_id=slot.client_id, key=slot.key, before=old, after=slot, reasons=slot.reasons)
    for name, old in before.items():
        if name not in after:
            left = left_out.get(old.key or "")
            gone: ChangeKind = "removed" if left is None else "unplanned"
            reasons = () if left is None else left.reasons
            yield Change(kind=gone, client_id=old.client_id, key=old.key, before=old, after=None, reasons=reasons)


def _change_order(one: Change) -> tuple[date, str, str, str]:
    slot = one.after or one.before
    day = date.min if slot is None else slot.on
    return day, one.client_id, one.key or "", one.kind
