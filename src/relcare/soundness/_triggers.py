"""Do triggers come to an end, or does each answer oblige to the next?"""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from relcare.cadence import DEFAULT_COUNTS, Trigger
from relcare.cells import BudgetSpentError, Space
from relcare.decisions import Policy
from relcare.errors import PolicyError
from relcare.facts import EVENT_VOCABULARY
from relcare.policy import And, Compare
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["prove_triggers"]


def prove_triggers(policy: Policy) -> Iterator[Finding]:
    """No answer to a trigger is an event of another, and so on in a circle: the work would never end.

    Triggers that oblige once (`first`), or only where a time was agreed, come to an end by themselves.
    """
    if policy.triggers:
        yield from or_proved("triggers end", "trigger", list(_loops(policy.triggers)))


def _loops(triggers: Sequence[Trigger]) -> Iterator[Finding]:
    lasting = [index for index, one in enumerate(triggers) if not one.first and one.within.unit != "agreed"]
    feeds = {
        index: {other for other in lasting if triggers[other].on == "touchpoints" and _feeds(triggers[index], triggers[other])}
        for index in lasting
    }
    while True:
        try:
            TopologicalSorter(feeds).prepare()
        except CycleError as error:
            found: list[int] = error.args[1]
            circle = sorted(set(found))
        else:
            return
        places = [f"trigger[{index}].event" for index in circle]
        hint = "let the event leave out what answers it, as by its purpose or direction"
        ids = tuple(triggers[index].id for index in circle)
        yield plain_refutation("triggers end", "trigger", "trigger.loop", places, hint, triggers=ids)
        feeds = {index: others - set(circle) for index, others in feeds.items() if index not in circle}


def _feeds(answered: Trigger, obliging: Trigger) -> bool:
    """Whether something that answers the one can be an event of the other; in doubt it can."""
    counts = answered.counts or DEFAULT_COUNTS
    for channel in sorted(answered.channels):
        both = And((Compare("channel", "==", channel), counts, obliging.event))
        try:
            if Space.of((both,), EVENT_VOCABULARY).region(both).holds:
                return True
        except (BudgetSpentError, PolicyError):
            return True
    return False
