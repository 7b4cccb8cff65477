"""Hypothesis strategies for triggers, their deadlines, and working hours."""

from typing import Final

from hypothesis import strategies as st

from relcare.cadence import ACCOUNT_MANAGER, ROLLS, Trigger
from relcare.calendars import Deadline, WorkingHours
from relcare.policy import Criterion, Span, Vocabulary, criterion
from relcare.testing._policy_strategies import criteria
from relcare.testing._strategies import ROLES, cached, ids

__all__ = ["deadlines", "triggers", "working_hours"]

_TEXTS: Final = ("same day", "1 day", "3 days", "2 weeks", "1 business day", "5 business days", "1 hour", "4 business hours")
_TOUCHES: Final = ("channel == 'visit'", "direction == 'incoming'", "purpose == 'fault'", "channel in ('call', 'visit')")
_PURCHASES: Final = ("amount >= 100", "category == 'high-end'", "not missing(amount)")
_WINDOWS: Final = (("09:00-18:00",), ("09:00-12:00", "13:00-18:00"), ("00:00-24:00",), ("22:00-23:30",))


@cached
def deadlines() -> st.SearchStrategy[Deadline]:
    """Deadlines in calendar days, business days, hours that pass and business hours; the agreed time sometimes."""
    return st.sampled_from([Deadline.parse(text) for text in (*_TEXTS, "agreed")])


@cached
def working_hours() -> st.SearchStrategy[WorkingHours]:
    """Working hours: one window, a break at noon, the whole day, the evening."""
    return st.sampled_from([WorkingHours(windows) for windows in _WINDOWS])


def triggers(vocabulary: Vocabulary) -> st.SearchStrategy[Trigger]:
    """Triggers that pass `trigger_problems` over a vocabulary: on touchpoints and purchases, with and without every choice.

    Draw several with `st.lists(..., unique_by=lambda trigger: trigger.id)`.

    Args:
        vocabulary: What their criteria about clients may use; none gives triggers for everybody.

    Examples:
        >>> from hypothesis import given, settings
        >>> from relcare.cadence import trigger_problems
        >>> words = Vocabulary({})
        >>> @settings(max_examples=5, database=None)
        ... @given(triggers(words))
        ... def every_trigger_is_sound(trigger):
        ...     assert not list(trigger_problems(trigger, words))
        >>> every_trigger_is_sound()
    """
    whens: st.SearchStrategy[Criterion | None] = st.none()
    if vocabulary:
        whens |= criteria(vocabulary, max_depth=1)
    common: dict[str, st.SearchStrategy[object]] = {
        "id": ids(),
        "first": st.booleans(),
        "when": whens,
        "channel": st.sampled_from(["call", "letter", "visit"]),
        "role": st.sampled_from([ACCOUNT_MANAGER, *ROLES]),
        "minutes": st.sampled_from([0, 15]),
        "satisfied_by": st.sampled_from([(), (), ("visit",)]),
        "counts": st.sampled_from([None, None, criterion("direction == 'outgoing'")]),
        "reaches": st.sampled_from([(), (), ("principal",)]),
        "grace": st.sampled_from([Span(), Span(2), Span(1, is_business=True)]),
        "roll": st.sampled_from(ROLLS),
        "priority": st.integers(-2, 2),
        "purpose": st.sampled_from([None, "thanks"]),
        "source": st.sampled_from([None, "handbook, section 3"]),
    }
    of_touches = st.fixed_dictionaries(
        {**common, "event": st.sampled_from([*map(criterion, _TOUCHES)]), "within": deadlines(), "on": st.just("touchpoints")}
    )
    timed = deadlines().filter(lambda deadline: deadline.unit != "agreed")
    of_purchases = st.fixed_dictionaries(
        {**common, "event": st.sampled_from([*map(criterion, _PURCHASES)]), "within": timed, "on": st.just("purchases")}
    )
    return (of_touches | of_purchases).map(_trigger)


def _trigger(given: dict[str, object]) -> Trigger:
    return Trigger(**given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
