"""The occurrences of a grid: anchor + n steps, never previous + one step (TIM-3, TIM-5, CAD-3)."""

from collections.abc import Callable, Iterator
from datetime import date

import attrs

from relcare._time import FIRST_DAY, add_months, day_of_year_in
from relcare.cadence._rule import CadenceRule
from relcare.calendars import LUNAR_YEARS, Festival
from relcare.facts import ClientHistory
from relcare.model import Birthday

__all__ = ["Grid", "grids_of"]


@attrs.frozen(kw_only=True, eq=False)
class Grid:
    """One series of dates of one client.

    Attributes:
        person_id: Whose birthday it is, or None.
        day_of: The raw day of occurrence n, an ordinal; None where it is skipped or does not exist.
        name_of: How occurrence n is told apart in an obligation's key (CAD-13).
        index_near: An n whose day is near a given one.
        first: The lowest n that exists.
        last: The highest n that is known; None without end.
    """

    person_id: str | None
    day_of: Callable[[int], int | None]
    name_of: Callable[[int], str]
    index_near: Callable[[int], int]
    first: int = 0
    last: int | None = None


def grids_of(rule: CadenceRule, history: ClientHistory, anchor: int | None) -> Iterator[Grid]:
    """The series of a grid rule for a client: one a person for birthdays, else one; none where the anchor is not known.

    Args:
        rule: A grid rule.
        history: The client.
        anchor: The ordinal of a date fact that the rule names as its anchor; None when it is missing or the rule names none.
    """
    if rule.anchor == "people.birthday":
        for person in sorted(history.people.values(), key=lambda p: p.id):
            if person.birthday is not None:
                yield _birthdays(rule, person.id, person.birthday)
        return
    if rule.festival is not None:
        yield _festivals(rule.festival)
        return
    if rule.anchor == "client.client_since_on":
        since = history.client.client_since_on
        if since is not None:
            # The first day is no anniversary yet.
            yield attrs.evolve(_steps(rule, since.toordinal()), first=1)
        return
    if rule.anchor_date is not None:
        anchor = rule.anchor_date.toordinal()
    if anchor is not None:
        yield _steps(rule, anchor)


def _birthdays(rule: CadenceRule, person_id: str, birthday: Birthday) -> Grid:
    def day_of(year: int) -> int | None:
        day = birthday.in_year(year, rule.leap_day)
        # The day of birth is no birthday yet.
        return None if day is None or year == birthday.year else day.toordinal()

    return Grid(
        person_id=person_id,
        day_of=day_of,
        name_of=lambda year: f"{person_id}@{year}",
        # A lunar year reaches into the next civil one.
        index_near=lambda day: date.fromordinal(day).year - (birthday.calendar != "solar"),
        first=FIRST_DAY.year if birthday.year is None else birthday.year + 1,
        last=None if birthday.calendar == "solar" else LUNAR_YEARS[birthday.calendar][1],
    )


def _festivals(named: Festival) -> Grid:
    def day_of(year: int) -> int | None:
        day = named.in_year(year)
        return None if day is None else day.toordinal()

    return Grid(
        person_id=None,
        day_of=day_of,
        name_of=lambda year: f"{named.id}@{year}",
        index_near=lambda day: date.fromordinal(day).year,
        first=FIRST_DAY.year,
        last=None if named.lunar is None else LUNAR_YEARS[named.lunar][1],
    )


def _steps(rule: CadenceRule, anchor: int) -> Grid:
    step = rule.step
    start = date.fromordinal(anchor)
    is_leap_anchor = (start.month, start.day) == (2, 29) and step.months > 0 and step.months % 12 == 0

    def day_of(n: int) -> int | None:
        if n < 0:
            return None
        if is_leap_anchor:
            return day_of_year_in(start.year + n * step.months // 12, 2, 29, rule.leap_day)
        return add_months(anchor, step.months * n) if step.months else anchor + step.days * n

    return Grid(person_id=None, day_of=day_of, name_of=str, index_near=lambda day: int((day - anchor) / step.average_days))
