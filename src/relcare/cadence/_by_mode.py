"""What one rule, whose criterion holds, asks of one client, by the rule's mode (CAD-3)."""

from collections.abc import Iterator, Mapping

from relcare._time import Every
from relcare.cadence._contacts import ContactFinder, of_person
from relcare.cadence._days import DueContext
from relcare.cadence._due import Due
from relcare.cadence._grid import dues_of_grid
from relcare.cadence._occurrences import grids_of
from relcare.cadence._quota import dues_of_quota
from relcare.cadence._redate import Redating
from relcare.cadence._rolling import rolling_due
from relcare.cadence._rule import CadenceRule
from relcare.facts import ClientHistory

__all__ = ["dues_of"]


def dues_of(
    finder: ContactFinder[CadenceRule],
    history: ClientHistory,
    context: DueContext,
    *,
    strategy_intervals: Mapping[str, tuple[Every, str]],
    anchor: int | None = None,
    redating: Redating | None = None,
) -> Iterator[Due]:
    """What one rule, whose criterion holds, asks of one client.

    A rolling rule gives one. A quota gives every contact of the current period that is still owed. A grid gives the last
    occurrence that has begun, if it is still owed, and the next one: late ones do not stack (CAD-5).

    Args:
        finder: The rule.
        history: The client.
        context: What all clients share.
        strategy_intervals: By channel, with the type that asks for it (REL-4).
        anchor: The ordinal of the date fact that a grid names, or None.
        redating: The change of tier that a rolling rule has to look at, or None (CAD-6).
    """
    if finder.rule.mode == "rolling":
        yield rolling_due(finder, history, context, strategy_intervals, redating)
        return
    contacts = finder.find(history, context.as_of)
    if finder.rule.mode == "quota":
        yield from dues_of_quota(finder.rule, contacts, history, context)
        return
    for grid in grids_of(finder.rule, history, anchor):
        yield from dues_of_grid(finder.rule, grid, of_person(contacts, grid.person_id), history, context)
