"""How much work obligations come to in the long run."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from relcare._fields import ReadOnlyMap
from relcare._time import Every
from relcare.model import Obligation

__all__ = ["minutes_in_four_weeks", "workload_of"]

_FOUR_WEEKS: Final = 28


def workload_of(obligations: Iterable[Obligation]) -> Mapping[str, Fraction]:
    """How many minutes each role owes in four weeks, on average and exactly, if every contact is kept on time.

    A contact that takes m minutes and is owed every d days is worth 28 m / d. It counts once for each client, rule and person it
    is meant for, however many of its occurrences are owed just now; what several rules ask for counts once, under the rule that
    governs (CAD-13). The interval is the one in force, shortened by strategies (REL-4); a month is 146,097 / 4,800 days. A visit
    that would satisfy the rule of the calls as well takes nothing off: the true figure may be lower.

    Args:
        obligations: All that are owed, the upcoming ones too, such as `BookResult.obligations`.

    Returns:
        Minutes by the role that the rule names, in order of code point; roles that owe none are left out.

    Source: CAD-9, CAD-13, REL-4.
    """
    contacts = {(owed.client_id, owed.rule_id, owed.person_id): owed for owed in obligations}
    minutes: dict[str, Fraction] = {}
    for owed in contacts.values():
        if owed.minutes:
            share = minutes_in_four_weeks(owed.minutes, owed.interval)
            minutes[owed.role] = minutes.get(owed.role, Fraction(0)) + share
    return ReadOnlyMap(sorted(minutes.items()))


def minutes_in_four_weeks(minutes: int, interval: str) -> Fraction:
    """How much a contact comes to that takes so long and is owed at an interval.

    Args:
        minutes: Of one contact.
        interval: As in `2 weeks`.
    """
    return Fraction(minutes * _FOUR_WEEKS) / Every.parse(interval).average_days
