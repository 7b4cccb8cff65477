"""The JSON shapes of VIP membership: the roll of a programme, and a step that was taken."""

from relcare.cli._shapes import Json, reasons_shape, value_shape, values_shape
from relcare.decisions import RollEntry, VipRoll
from relcare.model import MembershipEvent
from relcare.vip import MembershipState

__all__ = ["roll_shape", "step_shape"]


def roll_shape(roll: VipRoll) -> dict[str, Json]:
    """Members, who asked, who could ask, who is about to lose it."""
    return {
        "members": [_entry(one) for one in roll.members],
        "waiting": [_entry(one) for one in roll.waiting],
        "candidates": [one.client_id for one in roll.candidates],
        "ending": [one.client_id for one in roll.ending],
    }


def step_shape(event: MembershipEvent, state: MembershipState) -> dict[str, Json]:
    """A step as it is stored, and where the client stands after it."""
    return {
        "event": {
            "id": event.id,
            "client_id": event.client_id,
            "programme_id": event.programme_id,
            "step": event.step,
            "on": event.on.isoformat(),
            "by": event.by,
            "role": event.role,
            "sponsor_id": event.sponsor_id,
            "level": event.level,
            "end_on": value_shape(event.end_on),
            "reason": event.reason,
            "recorded_at": value_shape(event.recorded_at),
        },
        "membership": _state(state),
    }


def _entry(entry: RollEntry) -> dict[str, Json]:
    lacking: dict[str, Json] = {path: values_shape(amounts) for path, amounts in entry.decision.shortfall.items()}
    return {
        "client_id": entry.client_id,
        **_state(entry.membership),
        "qualification": entry.decision.qualification,
        "shortfall": lacking,
    }


def _state(state: MembershipState) -> dict[str, Json]:
    return {
        "state": state.state,
        "since_on": value_shape(state.since_on),
        "level": state.level,
        "term_ends_on": value_shape(state.term_ends_on),
        "notice_on": value_shape(state.notice_on),
        "notified_on": value_shape(state.notified_on),
        "next_step": state.next_step,
        "next_on": value_shape(state.next_on),
        "missing": list(state.missing),
        "spells": [
            {"level": spell.level, "start_on": value_shape(spell.start_on), "end_on": value_shape(spell.end_on)}
            for spell in state.spells
        ],
        "reasons": reasons_shape(state.reasons),
    }
