"""What a grid asks for: its last occurrence that has begun, if it is still owed, and the next one (CAD-3, CAD-5)."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count

from relcare._time import LAST_DAY
from relcare.cadence._contacts import Contacts
from relcare.cadence._days import DueContext, days_of, first_basis
from relcare.cadence._due import Due
from relcare.cadence._occurrences import Grid
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory
from relcare.model import Reason

__all__ = ["dues_of_grid", "index_before"]

_LAST = LAST_DAY.toordinal()


def dues_of_grid(rule: CadenceRule, grid: Grid, contacts: Contacts, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    """The occurrences of one grid that are owed, and the first one that has not begun."""
    as_of, floor = context.as_of, first_basis(history, context)
    begun: list[tuple[Due, bool]] = []
    upcoming: Due | None = None
    for raw, one in _occurrences(rule, grid, contacts, context, at=index_before(rule, grid, as_of, floor=floor, context=context)):
        if one.due < floor:
            continue
        if upcoming is not None and one.due != upcoming.due:
            break
        if one.earliest > as_of:
            upcoming = one
        else:
            # Who keeps a date on the date itself has kept it, also where the due day rolled to a later one.
            begun.append((one, any(min(one.earliest, raw) <= day for day in contacts.days)))
    yield from _still_owed(begun, as_of)
    if upcoming is not None:
        yield upcoming


def _occurrences(rule: CadenceRule, grid: Grid, contacts: Contacts, context: DueContext, *, at: int) -> Iterator[tuple[int, Due]]:
    """The occurrences of a grid from one of them on, each with its raw day."""
    for n in count(at):
        if grid.last is not None and n > grid.last:
            return
        raw = grid.day_of(n)
        if raw is not None and raw > _LAST:
            return
        if raw is not None:
            yield raw, _occurrence(rule, grid, n, raw, contacts=contacts, context=context)


def _occurrence(rule: CadenceRule, grid: Grid, n: int, raw: int, *, contacts: Contacts, context: DueContext) -> Due:
    days, name = days_of(rule, raw, context), grid.name_of(n)
    values = {"anchor": rule.anchor, "occurrence": name, "on": date.fromordinal(raw)}
    return Due(
        rule=rule,
        occurrence=name,
        interval=rule.step,
        due=days.due,
        earliest=days.earliest,
        latest=days.latest,
        last=contacts.last(),
        last_day=contacts.days[-1] if contacts.days else None,
        person_id=grid.person_id,
        reasons=(Reason("cadence.occurrence", {}, values), *days.reasons),
    )


def index_before(rule: CadenceRule, grid: Grid, day: int, *, floor: int, context: DueContext) -> int:
    """An occurrence that had begun by a day, or the first there is: none before it is owed on that day or later."""
    # Rolling and leads never change the order of occurrences: go back to one that has begun, then on to the first that has not.
    # Skipped years and long closures leave gaps of several steps, so no fixed number of them would do.
    n = max(grid.first, grid.index_near(max(day, floor)))
    while n > grid.first:
        raw = grid.day_of(n)
        if raw is not None:
            due = days_of(rule, raw, context).due
            if due < day or due < floor:
                break
        n -= 1
    return n


def _still_owed(begun: Sequence[tuple[Due, bool]], as_of: int) -> Iterator[Due]:
    """The last occurrence that has begun, and those before it that are not late yet; late ones do not stack (CAD-5).

    Several that rolled to one due day are one contact, the last of them.
    """
    last = begun[-1][0].due if begun else None
    by_day = {one.due: one for one, is_kept in begun if not is_kept and (as_of <= one.due or one.due == last)}
    yield from by_day.values()
