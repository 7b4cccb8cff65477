"""What a conformance test asks about membership: where the client stands after some steps, and which step may follow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast

from relcare.decisions import ClientResult, Example, Policy
from relcare.errors import IllegalStepError
from relcare.model import Book, MembershipEvent
from relcare.vip import MembershipSpell, MembershipState

__all__ = ["events_of", "may_take", "membership_answers"]

_NONE: Final = "none"


def _day(value: date | None) -> str:
    return _NONE if value is None else value.isoformat()


def _spell(spell: MembershipSpell) -> dict[str, str]:
    return {"start": _day(spell.start_on), "end": _day(spell.end_on), "level": spell.level or _NONE}


_STATE: Final[Mapping[str, Callable[[MembershipState], object]]] = {
    "state": lambda found: found.state,
    "since": lambda found: _day(found.since_on),
    "level": lambda found: found.level or _NONE,
    "checked": lambda found: found.is_checked,
    "renewed": lambda found: found.is_renewed,
    "in_grace": lambda found: found.is_in_grace,
    "ends": lambda found: _day(found.term_ends_on),
    "notice": lambda found: _day(found.notice_on),
    "notified": lambda found: _day(found.notified_on),
    "next_step": lambda found: found.next_step or _NONE,
    "next": lambda found: _day(found.next_on),
    "missing": lambda found: list(found.missing),
    "spells": lambda found: [_spell(spell) for spell in found.spells],
}


def events_of(steps: object, example: Example, policy: Policy) -> tuple[MembershipEvent, ...]:
    """The steps of a test as events of its client, in their order; with one programme they need not name it."""
    written = cast("Sequence[Mapping[str, Any]]", steps)
    return tuple(_event(step, f"m-{number}", example, policy) for number, step in enumerate(written, start=1))


def _event(step: Mapping[str, Any], event_id: str, example: Example, policy: Policy) -> MembershipEvent:
    return MembershipEvent(
        id=event_id,
        client_id="client" if example.client is None else example.client.id,
        programme_id=step.get("programme", policy.vip_programmes[0].id),
        step=step["step"],
        on=date.fromisoformat(step["on"]),
        by=step["by"],
        role=step.get("role"),
        sponsor_id=step.get("sponsor"),
        level=step.get("level"),
        end_on=date.fromisoformat(step["until"]) if "until" in step else None,
        reason=step.get("reason"),
    )


def membership_answers(wanted: object, result: object) -> Iterator[tuple[str, object, object]]:
    """By programme, what the test asks for of where the client stands."""
    states = {state.programme_id: state for state in result.memberships} if isinstance(result, ClientResult) else {}
    for programme_id, asked in cast("Mapping[str, Mapping[str, object]]", wanted).items():
        state = states.get(programme_id)
        found = None if state is None else {name: read(state) for name, read in _STATE.items() if name in asked}
        yield f"membership.{programme_id}", asked, found


def may_take(
    wanted: object, events: Sequence[MembershipEvent], example: Example, policy: Policy
) -> Iterator[tuple[str, object, object]]:
    """Of each further step whether it may be taken after those before it, by whoever takes it."""
    book = Book(
        clients=() if example.client is None else (example.client,),
        people=example.people,
        touchpoints=example.touchpoints,
        purchases=example.purchases,
        membership_events=events,
        zone=example.zone,
    )
    for index, one in enumerate(cast("Sequence[Mapping[str, Any]]", wanted)):
        try:
            policy.take_step(book, _event(one["step"], "m-next", example, policy))
        except IllegalStepError:
            answer = "no"
        else:
            answer = "yes"
        yield f"may_take[{index}]", one["answer"], answer
