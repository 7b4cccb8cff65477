"""What is due as a table of patterns: clients who share an anchor, a basis or a count share their days (CAD-3).

There are few of them, whatever the number of clients: who decides over columns asks once for each, and joins.
"""

from collections.abc import Iterator
from datetime import date

import attrs

from relcare.cadence._by_mode import dues_of
from relcare.cadence._contacts import ContactFinder, Contacts
from relcare.cadence._days import Days, DueContext, days_of
from relcare.cadence._due import Due
from relcare.cadence._quota import period_of, shares_of
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory
from relcare.model import Birthday, Client, ContactPerson

__all__ = ["PatternDue", "grid_dues", "quota_dues", "quota_period", "rolled_days"]

_WHO = "-"


@attrs.frozen(kw_only=True)
class PatternDue:
    """One occurrence of a rule for everybody who shares a pattern; days are ordinals.

    Attributes:
        occurrence: Its name in the key; of a birthday what stands behind the person's id (CAD-13).
        due: Rolled.
        earliest: `due` less the lead.
        latest: `due` plus the grace.
        kept_from: A contact on this day or later has kept it; None where none can yet, because it has not begun.
        until: The last day on which the client, or the policy, may have begun for it to be owed.
    """

    occurrence: str
    due: int
    earliest: int
    latest: int
    kept_from: int | None
    until: int


def rolled_days(rule: CadenceRule, raw: int, context: DueContext) -> Days:
    """Due, earliest and latest of a raw day (CAD-5)."""
    return days_of(rule, raw, context)


def grid_dues(
    rule: CadenceRule, context: DueContext, *, anchor: int | None, birthday: Birthday | None = None, since: int | None = None
) -> Iterator[PatternDue]:
    """The last occurrence of a grid that has begun, with those before it that are not late, and the next.

    Whether contacts have kept one is for the caller to ask, see `kept_from`; and whether it had begun when the client did, see
    `until`.

    Args:
        rule: A grid rule.
        context: What all clients share.
        anchor: Of the series, an ordinal; None where the rule itself says it.
        birthday: Whose days are kept, for a rule of birthdays.
        since: The client's first day, where that is still to come; before it nothing is owed.
    """
    is_since = rule.anchor == "client.client_since_on"
    first = anchor if is_since else since
    history = ClientHistory(
        client=Client(id=_WHO, name=_WHO, client_since_on=None if first is None else date.fromordinal(first)),
        people={} if birthday is None else {_WHO: ContactPerson(id=_WHO, client_id=_WHO, name=_WHO, birthday=birthday)},
        staff={},
        touchpoints=(),
        touch_days=(),
        purchases=(),
    )
    finder = ContactFinder[CadenceRule].of(rule)
    for one in dues_of(finder, history, context, strategy_intervals={}, anchor=anchor):
        yield _pattern(one, context.as_of)


def _pattern(one: Due, as_of: int) -> PatternDue:
    # Of the reasons the first says on which day it would be kept, were all days business days.
    raw = one.reasons[0].values["on"]
    is_begun = one.earliest <= as_of and isinstance(raw, date)
    return PatternDue(
        occurrence=one.occurrence if one.person_id is None else one.occurrence.removeprefix(_WHO),
        due=one.due,
        earliest=one.earliest,
        latest=one.latest,
        # Who keeps a date on the date itself has kept it, also where the due day rolled to a later one.
        kept_from=min(one.earliest, raw.toordinal()) if is_begun and isinstance(raw, date) else None,
        until=one.due,
    )


def quota_period(rule: CadenceRule, day: int) -> tuple[int, int]:
    """The period of a quota that a day is in: its first day, and the first day of the next one; ordinals."""
    return period_of(rule, day)


def quota_dues(rule: CadenceRule, context: DueContext, *, done: int) -> Iterator[PatternDue]:
    """The contacts of the period that are still owed once so many were made.

    Args:
        rule: A quota.
        context: What all clients share.
        done: How many contacts counted in the period so far.
    """
    start, _ = period_of(rule, context.as_of)
    begun = date.fromordinal(start)
    for ordinal, first, last in shares_of(rule, context.as_of, Contacts([start] * done, [])):
        days = days_of(rule, last, context)
        yield PatternDue(
            occurrence=f"{begun}.{ordinal}",
            due=days.due,
            earliest=min(days.due, first),
            latest=days.latest,
            kept_from=None,
            until=last,
        )
