"""Who is responsible for a client from day to day: owners, and members of staff who are away."""

from collections.abc import Mapping, Sequence
from datetime import date

import attrs

from relcare._fields import MAX_NOTE, check_id, check_optional_text, to_day, to_optional_day
from relcare.errors import InvalidValueError
from relcare.model._spans import check_span, is_within

__all__ = ["Absence", "OwnerSpell", "stand_ins"]


@attrs.frozen(kw_only=True)
class Absence:
    """A member of staff is away from a day on, until a day.

    Attributes:
        staff_id: Who; need not be among the staff.
        start_on: The first day away.
        end_on: The first day back; None while that is open. Half-open (TIM-4).
        deputy_id: Who stands in, for this time alone (PLN-6); None when nobody does.
        reason: Free text.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    staff_id: str
    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)
    deputy_id: str | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("staff_id", self.staff_id)
        check_span(self.start_on, self.end_on)
        if self.deputy_id is not None:
            check_id("deputy_id", self.deputy_id)
            if self.deputy_id == self.staff_id:
                raise InvalidValueError("deputy_id", self.deputy_id, "must name somebody else: nobody stands in for themselves")
        check_optional_text("reason", self.reason)

    def covers(self, day: date) -> bool:
        """Whether the member of staff is away on a day; not on `end_on`."""
        return is_within(day, self.start_on, self.end_on)


def stand_ins(staff_id: str, absences_by_staff: Mapping[str, Sequence[Absence]], day: date) -> tuple[str, ...] | None:
    """Who stands in for a member of staff on a day, each for the one before: a deputy who is away passes it on (PLN-6).

    Args:
        staff_id: Whose work it is.
        absences_by_staff: As `Book.absences_by_staff`.
        day: The day.

    Returns:
        The last does it; empty when who was asked about is there. None when it leads to nobody, or back in a circle.
    """
    passed = [staff_id]
    while (away := next((one for one in absences_by_staff.get(passed[-1], ()) if one.covers(day)), None)) is not None:
        if away.deputy_id is None or away.deputy_id in passed:
            return None
        passed.append(away.deputy_id)
    return tuple(passed[1:])


@attrs.frozen(kw_only=True)
class OwnerSpell:
    """A client has an account manager, or is in the pool, from a day on, until a day.

    Attributes:
        client_id: Whose.
        owner_id: The account manager, who need not be among the staff; None: nobody's, in the pool.
        start_on: The first day.
        end_on: The first day on which it no longer holds; None while open. Half-open (TIM-4).
        note: What was said when the client was handed over, up to 65,536 characters.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    client_id: str
    owner_id: str | None
    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)
    note: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        check_id("client_id", self.client_id)
        if self.owner_id is not None:
            check_id("owner_id", self.owner_id)
        check_span(self.start_on, self.end_on)
        check_optional_text("note", self.note, MAX_NOTE)

    def covers(self, day: date) -> bool:
        """Whether it holds on a day; not on `end_on`."""
        return is_within(day, self.start_on, self.end_on)
