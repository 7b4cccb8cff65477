"""Touchpoints that stand: entries that others took back are left out (TIM-7).

Entries that take others back are few: they alone are collected, and what follows from them is a small table again.
"""

from typing import Final

import narwhals.stable.v2 as nw

from relcare._time import FIRST_DAY
from relcare.errors import BookDocumentError, InvalidValueError, Problem
from relcare.frames._checks import refuse
from relcare.frames._engine import Engine, Lazy
from relcare.frames._reader import CLIENT, TableReader
from relcare.model import VOID, Touchpoint, standing

__all__ = ["read_voids", "standing_alone"]

_TABLE: Final = "touchpoints"


def read_voids(reader: TableReader, *, has_channel: bool) -> None:
    """Read what takes entries back, where the table has a column of it.

    Args:
        reader: Of touchpoints.
        has_channel: Whether channels are asked for anyway.
    """
    if reader.has("voids_id"):
        reader.text("voids_id", "voids")
        reader.text("id", "tid")
        reader.text("channel", "channel")
        is_idle = (nw.col("channel") == VOID) & nw.col("voids").is_null()
        refuse(reader, "voids_id", is_idle, "is missing where the channel is void", "name the entry that is taken back")
    elif has_channel:
        refuse(reader, "channel", nw.col("channel") == VOID, "has entries that only take others back", "leave them out")


def standing_alone(engine: Engine, touchpoints: Lazy) -> Lazy:
    """The touchpoints without those that were taken back, and without those that only take others back.

    Args:
        engine: Whose frame it is.
        touchpoints: With `tid`, `voids` and `channel`, where there is anything to take back.

    Raises:
        BookDocumentError: If an entry takes back what is not there, or entries take each other back in a circle.
    """
    if "voids" not in touchpoints.collect_schema():
        return touchpoints
    takers = touchpoints.filter(~nw.col("voids").is_null())
    found = engine.rows(takers.select("tid", "voids", is_void=nw.col("channel") == VOID))
    if not found:
        return touchpoints
    known = touchpoints.select(CLIENT, voids="tid")
    lost = takers.join(known, on=[CLIENT, "voids"], how="anti").select(n=nw.len(), example=nw.col(CLIENT).min())
    ((count, example),) = engine.rows(lost)
    if count:
        message = f"names no entry of the same client ({count}; one of them of client {example!r})"
        raise BookDocumentError([Problem(file=_TABLE, path="voids_id", message=message)])
    gone = engine.table(touchpoints, {"tid": (nw.String(), _undone(found))})
    return touchpoints.join(gone, on="tid", how="anti")


def _undone(takers: list[tuple[str, str, bool]]) -> list[str]:
    """The ids of entries that no longer stand, from those that take others back."""
    entries = {target: _entry(target, None, is_void=False) for _, target, _ in takers}
    entries |= {taker: _entry(taker, target, is_void=bool(is_void)) for taker, target, is_void in takers}
    try:
        left = {entry.id for entry in standing(entries.values())}
    except InvalidValueError as error:
        problem = Problem(file=_TABLE, path=error.name, message=f"is {error.value}: {error.rule}", hint=error.hint)
        raise BookDocumentError([problem]) from None
    return sorted(entries.keys() - left)


def _entry(entry_id: str, voids_id: str | None, *, is_void: bool) -> Touchpoint:
    channel = VOID if is_void else "entry"
    return Touchpoint(id=entry_id, client_id="any", occurred_at=FIRST_DAY, channel=channel, voids_id=voids_id)
