"""What was decided before: the tier that each client has in a scheme, and the pins that hold it there."""

import narwhals.stable.v2 as nw

from relcare.frames._core import Core
from relcare.frames._criteria import cases
from relcare.frames._engine import Lazy
from relcare.frames._reader import CLIENT
from relcare.segmentation import Scheme

__all__ = ["in_force_column", "pin_column", "pin_floor_column", "since_column", "with_spells"]


def in_force_column(place: int) -> str:
    """The column of the tier in force, as its index from the best; of the scheme at a place."""
    return f"k {place}"


def since_column(place: int) -> str:
    """The column of the first day in the tier in force, an ordinal."""
    return f"ks {place}"


def pin_column(place: int) -> str:
    """The column of the tier that a client is pinned to, likewise."""
    return f"p {place}"


def pin_floor_column(place: int) -> str:
    """The column that says whether the pin is a floor."""
    return f"pf {place}"


def with_spells(frame: Lazy, core: Core, schemes: dict[int, Scheme]) -> Lazy:
    """The frame with the tier in force and the pin of each scheme; a tier that a scheme does not have is none.

    Args:
        frame: A row for each client.
        core: The tables.
        schemes: By place.
    """
    tiers, pins = core.tiers, core.pins
    for place, scheme in schemes.items():
        index = cases([(nw.col("tier") == tier, nw.lit(at)) for at, tier in enumerate(scheme.tier_ids)]).cast(nw.Int64())
        since = nw.lit(None, dtype=nw.Int64()) if tiers is None else nw.col("from")
        frame = _joined(frame, tiers, scheme.id, {in_force_column(place): index, since_column(place): since})
        is_floor = nw.col("kind") == "floor" if pins is not None else nw.lit(value=False)
        frame = _joined(frame, pins, scheme.id, {pin_column(place): index, pin_floor_column(place): is_floor})
    return frame


def _joined(frame: Lazy, spells: Lazy | None, scheme_id: str, columns: dict[str, nw.Expr]) -> Lazy:
    if spells is None:
        is_flag = {new: nw.Boolean() if new.startswith("pf ") else nw.Int64() for new in columns}
        return frame.with_columns(**{new: nw.lit(None, dtype=kind) for new, kind in is_flag.items()})
    here = spells.filter(nw.col("scheme") == scheme_id).select(CLIENT, **columns)
    return frame.join(here, on=CLIENT, how="left")
