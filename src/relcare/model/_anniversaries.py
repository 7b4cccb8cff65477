"""Coming birthdays as a query."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

import attrs

from relcare._fields import check_choice, check_day
from relcare._time import LeapDay
from relcare.errors import InvalidValueError
from relcare.model._birthday import Birthday
from relcare.model._client import ContactPerson
from relcare.model._staff import Staff

__all__ = ["Anniversary", "birthdays_between"]


@attrs.frozen(kw_only=True)
class Anniversary:
    """A birthday that is kept on a day.

    Attributes:
        on: The day.
        kind: `staff`, or `person` for somebody at a client.
        id: Whose.
        name: Their name.
        client_id: Where the person is; None for staff.
        age: The age reached; None when the year is unknown.
    """

    on: date
    kind: Literal["staff", "person"]
    id: str
    name: str
    client_id: str | None = None
    age: int | None = None


def birthdays_between(
    staff: Iterable[Staff], people: Iterable[ContactPerson], from_on: date, until_on: date, leap_day: LeapDay
) -> tuple[Anniversary, ...]:
    """See `Book.birthdays`."""
    check_choice("leap_day", leap_day, get_args(LeapDay))
    check_day("from_on", from_on)
    check_day("until_on", until_on)
    if not 0 <= (until_on - from_on).days <= 366:
        raise InvalidValueError("until_on", until_on, f"must be from {from_on} to 366 days later")
    who: list[tuple[Literal["staff", "person"], Staff | ContactPerson]] = [("staff", member) for member in staff]
    who.extend(("person", person) for person in people)
    found = [
        Anniversary(
            on=on,
            kind=kind,
            id=one.id,
            name=one.name,
            client_id=one.client_id if isinstance(one, ContactPerson) else None,
            age=None if one.birthday.year is None else on.year - one.birthday.year,
        )
        for kind, one in who
        if one.birthday is not None
        for on in _kept_between(one.birthday, from_on, until_on, leap_day)
    ]
    return tuple(sorted(found, key=lambda a: (a.on, a.kind == "person", a.id)))


def _kept_between(birthday: Birthday, from_on: date, until_on: date, leap_day: LeapDay) -> list[date]:
    # A lunar year reaches into the next civil one.
    first = from_on.year - (birthday.calendar != "solar")
    days = (birthday.in_year(year, leap_day) for year in range(first, until_on.year + 1))
    return [day for day in days if day is not None and from_on <= day <= until_on]
