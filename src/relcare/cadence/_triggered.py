"""What events oblige to, and whether it has been done (CAD-8)."""

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from relcare._time import Every
from relcare.cadence._contacts import ContactFinder
from relcare.cadence._days import DueContext
from relcare.cadence._due import Due
from relcare.cadence._trigger import Trigger
from relcare.facts import ClientHistory, EventFilter, event_filter
from relcare.model import Purchase, Reason, Touchpoint

__all__ = ["ReadyTrigger", "answered_dues", "trigger_days", "triggered_dues"]


@attrs.frozen(eq=False)
class ReadyTrigger:
    """A trigger made ready for many clients.

    Attributes:
        trigger: The trigger.
        obliges: Which events oblige.
        finder: Which touchpoints answer it.
    """

    trigger: Trigger
    obliges: EventFilter
    finder: ContactFinder[Trigger]

    @classmethod
    def of(cls, trigger: Trigger) -> "ReadyTrigger":
        """A trigger that has passed its check."""
        return cls(trigger, event_filter(trigger.event), ContactFinder[Trigger].of(trigger))


def triggered_dues(ready: ReadyTrigger, history: ClientHistory, context: DueContext) -> Iterator[Due]:
    """The obligations of one trigger, whose criterion holds, that are not answered yet; one an event, in the order of events.

    Args:
        ready: The trigger.
        history: The client.
        context: What all clients share.
    """
    for due, _, answer in answered_dues(ready, history, context):
        if answer is None:
            yield due


def answered_dues(
    ready: ReadyTrigger, history: ClientHistory, context: DueContext
) -> Iterator[tuple[Due, int, tuple[int, Touchpoint] | None]]:
    """What each event obliged to by `as_of`, with the day of the event, and the contact that answered it with its day."""
    trigger, obliges, finder = ready.trigger, ready.obliges, ready.finder
    contacts = finder.find(history, context.as_of)
    for place, (day, event) in enumerate(_events(trigger, obliges, history, context)):
        if trigger.first and place:
            return
        if trigger.within.unit == "agreed" and (not isinstance(event, Touchpoint) or event.follow_up_at is None):
            continue
        due = _due(trigger, event, day, context)
        begins = max(day, due.earliest)
        answers = (
            (contact, touch)
            for contact, touch in zip(contacts.days, contacts.touchpoints, strict=True)
            if contact >= begins and touch is not event and _is_after(touch, contact, event, day)
        )
        yield due, day, next(answers, None)


def _events(
    trigger: Trigger, obliges: EventFilter, history: ClientHistory, context: DueContext
) -> Iterator[tuple[int, Touchpoint | Purchase]]:
    """The events that oblige, with their days; none from before the policy, and none after `as_of`."""
    if trigger.on == "touchpoints":
        dated: list[tuple[int, Touchpoint | Purchase]] = list(zip(history.touch_days, history.touchpoints, strict=True))
    else:
        dated = [(purchase.purchased_on.toordinal(), purchase) for purchase in history.purchases if purchase.kind == "purchase"]
    for day, event in dated:
        # A first event before the policy was the first: what came later is not.
        if day <= context.as_of and obliges(history, event):
            if day >= context.in_force_from:
                yield day, event
            elif trigger.first:
                return


def _is_after(touch: Touchpoint, contact: int, event: Touchpoint | Purchase, day: int) -> bool:
    """Whether a contact comes after an event; on one day instants decide, and a mere day is taken to be after."""
    if contact != day or not isinstance(event, Touchpoint):
        return True
    both = isinstance(touch.occurred_at, datetime) and isinstance(event.occurred_at, datetime)
    return touch.occurred_at > event.occurred_at if both else True


def _due_time(trigger: Trigger, event: Touchpoint | Purchase, context: DueContext) -> tuple[int, datetime | None]:
    """The last day, and where hours matter the instant."""
    if isinstance(event, Purchase):
        return trigger.within.after(event.purchased_on, context.table, context.hours, context.zone)
    if trigger.within.unit != "agreed" or event.follow_up_at is None:
        return trigger.within.after(event.occurred_at, context.table, context.hours, context.zone)
    agreed = event.follow_up_at
    local = agreed.astimezone(context.zone) if isinstance(agreed, datetime) else None
    return (agreed if local is None else local.date()).toordinal(), local


def trigger_days(trigger: Trigger, raw: int, context: DueContext) -> tuple[int, int]:
    """The due day and the latest of what has to be done by a raw day; ordinals (CAD-5)."""
    due = context.table.roll(trigger.roll, raw)
    return due, context.table.add(due, trigger.grace.days) if trigger.grace.is_business else due + trigger.grace.days


def _due(trigger: Trigger, event: Touchpoint | Purchase, day: int, context: DueContext) -> Due:
    raw, due_at = _due_time(trigger, event, context)
    due, latest = trigger_days(trigger, raw, context)
    reason = Reason(
        "cadence.triggered",
        {},
        {
            "event": event.id,
            "kind": event.channel if isinstance(event, Touchpoint) else "purchase",
            "direction": event.direction if isinstance(event, Touchpoint) else None,
            "on": date.fromordinal(day),
            "within": str(trigger.within),
        },
    )
    return Due(
        rule=trigger,
        occurrence=event.id,
        interval=Every(days=trigger.within.days),
        due=due,
        earliest=min(due, raw) if trigger.within.unit == "agreed" else day,
        latest=latest,
        last=None,
        last_day=None,
        person_id=event.person_id if isinstance(event, Touchpoint) else None,
        reasons=(reason,),
        due_at=due_at if due == raw else None,
    )
