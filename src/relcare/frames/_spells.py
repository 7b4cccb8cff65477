"""What was decided before: the tier that each client has in a scheme, and the pins that hold it there."""

from datetime import date

import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, Problem
from relcare.frames._border import Core
from relcare.frames._criteria import cases
from relcare.frames._engines import Lazy
from relcare.frames._reader import CLIENT
from relcare.segmentation import Scheme

__all__ = ["in_force_column", "pin_column", "pin_floor_column", "with_spells"]


def in_force_column(place: int) -> str:
    """The column of the tier in force, as its index from the best; of the scheme at a place."""
    return f"k {place}"


def pin_column(place: int) -> str:
    """The column of the tier that a client is pinned to, likewise."""
    return f"p {place}"


def pin_floor_column(place: int) -> str:
    """The column that says whether the pin is a floor."""
    return f"pf {place}"


def with_spells(frame: Lazy, core: Core, schemes: dict[int, Scheme], as_of: int) -> Lazy:
    """The frame with the tier in force and the pin of each scheme; a tier that a scheme does not have is none.

    Args:
        frame: A row for each client.
        core: The tables.
        schemes: By place.
        as_of: The day, an ordinal.

    Raises:
        BookDocumentError: If a client has two tiers, or two pins, in one scheme on the day.
    """
    tiers = _covering(core, core.tiers, "tiers", as_of)
    pins = _covering(core, core.pins, "pins", as_of)
    for place, scheme in schemes.items():
        index = cases([(nw.col("tier") == tier, nw.lit(at)) for at, tier in enumerate(scheme.tier_ids)]).cast(nw.Int64())
        frame = _joined(frame, tiers, scheme.id, {in_force_column(place): index})
        is_floor = nw.col("kind") == "floor" if pins is not None else nw.lit(value=False)
        frame = _joined(frame, pins, scheme.id, {pin_column(place): index, pin_floor_column(place): is_floor})
    return frame


def _joined(frame: Lazy, spells: Lazy | None, scheme_id: str, columns: dict[str, nw.Expr]) -> Lazy:
    if spells is None:
        is_flag = {new: nw.Boolean() if new.startswith("pf ") else nw.Int64() for new in columns}
        return frame.with_columns(**{new: nw.lit(None, dtype=kind) for new, kind in is_flag.items()})
    here = spells.filter(nw.col("scheme") == scheme_id).select(CLIENT, **columns)
    return frame.join(here, on=CLIENT, how="left")


def _covering(core: Core, spells: Lazy | None, name: str, as_of: int) -> Lazy | None:
    """The spells of the day; half-open (TIM-4)."""
    if spells is None:
        return None
    here = spells.filter((nw.col("from") <= as_of) & (nw.col("until").is_null() | (nw.col("until") > as_of)))
    twice = here.group_by(CLIENT, "scheme").agg(n=nw.len()).filter(nw.col("n") > 1).select(n=nw.len(), one=nw.col(CLIENT).min())
    ((count, example),) = core.engine.rows(twice)
    if count:
        message = f"has two at once on {date.fromordinal(as_of)} ({count}; one of them of client {example!r})"
        raise BookDocumentError([Problem(file=name, path="start_on", message=message)])
    return here
