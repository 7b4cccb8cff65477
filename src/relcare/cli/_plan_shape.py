"""The JSON shape of `plan`, and an agenda read back from it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeVar, cast

import attrs

from relcare.cli._shapes import Json, reasons_shape
from relcare.errors import InvalidValueError
from relcare.planning import Agenda, Change, DayLoad, Overload, Slot, StaffPlan, Unplanned

__all__ = ["plan_shape", "read_plan"]

T = TypeVar("T")


def plan_shape(agenda: Agenda, changes: Sequence[Change] | None) -> dict[str, Json]:
    """Slots and what found no day in the order of the agenda; weights and minutes as whole numbers."""
    return {
        "as_of": agenda.as_of.isoformat(),
        "until": agenda.until.isoformat(),
        "overload": agenda.overload,
        "is_exact": agenda.is_exact,
        "weight_on_time": agenda.weight_on_time,
        "weight_bound": agenda.weight_bound,
        "slots": [_slot_shape(slot) for slot in agenda.slots],
        "unplanned": [_unplanned_shape(one) for one in agenda.unplanned],
        "loads": [_load_shape(load) for load in agenda.loads],
        "staff": [_staff_shape(plan) for plan in agenda.staff],
        "changes": None if changes is None else [_change_shape(change) for change in changes],
    }


def _slot_shape(slot: Slot) -> dict[str, Json]:
    return {
        "on": slot.on.isoformat(),
        "staff_id": slot.staff_id,
        "owner_id": slot.owner_id,
        "key": slot.key,
        "client_id": slot.client_id,
        "person_id": slot.person_id,
        "rule_id": slot.rule_id,
        "channel": slot.channel,
        "minutes": slot.minutes,
        "weight": slot.weight,
        "earliest_on": slot.earliest_on.isoformat(),
        "due_on": slot.due_on.isoformat(),
        "latest_on": slot.latest_on.isoformat(),
        "is_projected": slot.is_projected,
        "appointment_id": slot.appointment_id,
        "starts_at": None if slot.starts_at is None else slot.starts_at.isoformat(),
        "is_confirmed": slot.is_confirmed,
        "moved_days": slot.moved_days,
        "is_late": slot.is_late,
        "reasons": reasons_shape(slot.reasons),
    }


def _unplanned_shape(one: Unplanned) -> dict[str, Json]:
    return {
        "key": one.key,
        "client_id": one.client_id,
        "staff_id": one.staff_id,
        "owner_id": one.owner_id,
        "person_id": one.person_id,
        "rule_id": one.rule_id,
        "channel": one.channel,
        "minutes": one.minutes,
        "weight": one.weight,
        "earliest_on": one.earliest_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "latest_on": one.latest_on.isoformat(),
        "is_projected": one.is_projected,
        "reasons": reasons_shape(one.reasons),
    }


def _load_shape(load: DayLoad) -> dict[str, Json]:
    return {
        "staff_id": load.staff_id,
        "on": load.on.isoformat(),
        "minutes": load.minutes,
        "capacity": load.capacity,
        "contacts": load.contacts,
        "is_away": load.is_away,
    }


def _staff_shape(plan: StaffPlan) -> dict[str, Json]:
    return {
        "staff_id": plan.staff_id,
        "is_exact": plan.is_exact,
        "weight": plan.weight,
        "weight_on_time": plan.weight_on_time,
        "weight_bound": plan.weight_bound,
        "moves": plan.moves,
        "minutes": plan.minutes,
        "capacity": plan.capacity,
        "stretch_percent": plan.stretch_percent,
    }


def _change_shape(change: Change) -> dict[str, Json]:
    return {
        "kind": change.kind,
        "client_id": change.client_id,
        "key": change.key,
        "before": _place_shape(change.before),
        "after": _place_shape(change.after),
        "reasons": reasons_shape(change.reasons),
    }


def _place_shape(slot: Slot | None) -> Json:
    return None if slot is None else {"on": slot.on.isoformat(), "staff_id": slot.staff_id}


def read_plan(path: str) -> Agenda:
    """The agenda in a file that `relcare plan --json` wrote, without the reasons, which the next plan tells anew.

    Raises:
        InvalidValueError: If it is anything else.
    """
    try:
        document = cast("Mapping[str, object]", json.loads(Path(path).read_text(encoding="utf-8")))
        return Agenda(
            as_of=_day(document["as_of"]),
            until=_day(document["until"]),
            overload=cast("Overload", document["overload"]),
            slots=_each(Slot, document["slots"]),
            unplanned=_each(Unplanned, document["unplanned"]),
            loads=_each(DayLoad, document["loads"]),
            staff=_each(StaffPlan, document["staff"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise InvalidValueError("--previous", path, "must be a file that `relcare plan --json` wrote") from fault


def _each(kind: type[T], values: object) -> tuple[T, ...]:
    return tuple(_read(kind, cast("Mapping[str, object]", one)) for one in cast("Sequence[object]", values))


def _read(kind: type[T], given: Mapping[str, object]) -> T:
    names = [field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind))]
    return kind(**{name: () if name == "reasons" else _READERS.get(name, _text)(given[name]) for name in names})


def _day(value: object) -> date:
    return date.fromisoformat(cast("str", value))


def _instant(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(cast("str", value))


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    **dict.fromkeys(("on", "earliest_on", "due_on", "latest_on"), _day),
    **dict.fromkeys(("minutes", "weight", "capacity", "contacts", "weight_on_time", "weight_bound", "moves"), _number),
    **dict.fromkeys(("is_projected", "is_confirmed", "is_away", "is_exact"), _flag),
    "stretch_percent": _number,
    "starts_at": _instant,
}
"""How each field is read; the others are texts."""
