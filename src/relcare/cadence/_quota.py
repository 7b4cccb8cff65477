"""So many contacts in each calendar period (CAD-3)."""

from collections.abc import Iterator
from datetime import date

from relcare._time import add_months, first_of_month, month_index
from relcare.cadence._contacts import Contacts
from relcare.cadence._days import DueContext, days_of, first_basis
from relcare.cadence._due import Due
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory
from relcare.model import Reason

__all__ = ["dues_of_quota", "period_of", "shares_of"]


def period_of(rule: CadenceRule, day: int) -> tuple[int, int]:
    """The period of a quota that a day is in: its first day, and the first day of the next one; both ordinals.

    Weeks begin on Monday; months, quarters and the like on the first, counted from January.
    """
    months = rule.step.months
    if not months:
        start = day - date.fromordinal(day).weekday()
        return start, start + 7
    start = first_of_month(month_index(day) // months * months)
    return start, add_months(start, months)


def shares_of(rule: CadenceRule, day: int, contacts: Contacts) -> Iterator[tuple[int, int, int]]:
    """The contacts of the period that are still owed on a day: ordinal from 1, first and last day of its share of the period.

    The period is cut into as many equal shares as contacts are owed; the contacts made so far in the period, early or late, count
    for the first ones. What a period did not bring is not owed in the next: it is missing from attainment (CAD-14).
    """
    start, end = period_of(rule, day)
    done = sum(1 for contact in contacts.days if start <= contact < end)
    length = end - start
    for ordinal in range(done + 1, rule.times + 1):
        yield ordinal, start + length * (ordinal - 1) // rule.times, start + length * ordinal // rule.times - 1


def dues_of_quota(rule: CadenceRule, contacts: Contacts, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    """Every contact of the current period that is still owed, with the days of its share."""
    start, _ = period_of(rule, context.as_of)
    floor = first_basis(history, context)
    for ordinal, first, last in shares_of(rule, context.as_of, contacts):
        if last < floor:  # before the client or the policy began nothing was owed
            continue
        days = days_of(rule, last, context)
        begun = date.fromordinal(start)
        quota = Reason("cadence.quota", {}, {"ordinal": ordinal, "times": rule.times, "period": str(rule.step), "from": begun})
        yield Due(
            rule=rule,
            occurrence=f"{begun}.{ordinal}",
            interval=rule.step,
            due=days.due,
            earliest=min(days.due, first),
            latest=days.latest,
            last=contacts.last(),
            last_day=contacts.days[-1] if contacts.days else None,
            person_id=None,
            reasons=(quota, *days.reasons),
        )
