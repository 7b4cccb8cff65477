"""Which events count: event criteria compiled to a function of one event."""

from collections.abc import Callable
from typing import Final, TypeAlias

from relcare.facts._history import ClientHistory
from relcare.model import CONTACT_OUTCOMES, Purchase, Touchpoint
from relcare.policy import EVENT_FACTS, Core, Criterion, Vocabulary, compile_criteria, criterion, facts_of

__all__ = ["DEFAULT_COUNTS", "EVENT_VOCABULARY", "EventFilter", "event_filter"]

Event: TypeAlias = Touchpoint | Purchase
EventFilter: TypeAlias = Callable[[ClientHistory, Event], bool]
EVENT_VOCABULARY: Final = Vocabulary(EVENT_FACTS)

DEFAULT_COUNTS: Final = criterion(f"missing(outcome) or outcome in ({', '.join(map(repr, CONTACT_OUTCOMES))})")
"""What is a contact where a rule declares no `counts`: an outcome that says so, or none logged (CAD-2)."""


def _role(history: ClientHistory, event: Event) -> Core:
    person = history.people.get(getattr(event, "person_id", None) or "")
    return person.role if person else None


def _rank(history: ClientHistory, event: Event) -> Core:
    person = history.people.get(getattr(event, "person_id", None) or "")
    return person.rank if person else None


def _staff_role(history: ClientHistory, event: Event) -> Core:
    member = history.staff.get(getattr(event, "staff_id", None) or "")
    return member.role if member else None


def _field(name: str) -> Callable[[ClientHistory, Event], Core]:
    def read(_history: ClientHistory, event: Event) -> Core:
        value: Core = getattr(event, name, None)
        return value

    return read


def _amount(_history: ClientHistory, event: Event) -> Core:
    return event.amount.amount if isinstance(event, Purchase) else None


_READERS: Final[dict[str, Callable[[ClientHistory, Event], Core]]] = {
    **{name: _field(name) for name in ("channel", "direction", "outcome", "purpose", "in_lieu_of", "category")},
    "amount": _amount,
    "person.role": _role,
    "person.rank": _rank,
    "staff.role": _staff_role,
}


def event_filter(criterion: Criterion | None) -> EventFilter:
    """A function that says whether an event of a history counts; one whose criterion is unknown does not (CAD-2).

    Args:
        criterion: Checked against `EVENT_VOCABULARY` before; None lets every event count.
    """
    if criterion is None:
        return lambda _history, _event: True
    layout = facts_of(criterion)
    readers = [_READERS[name] for name in layout]
    compiled = compile_criteria((criterion,), EVENT_VOCABULARY, layout)

    def counts(history: ClientHistory, event: Event) -> bool:
        return compiled([read(history, event) for read in readers])[0] is True

    return counts
