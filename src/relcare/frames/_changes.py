"""The latest change of each tier: what re-dates a rolling rule (CAD-6)."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from relcare.frames._core import Core
from relcare.frames._criteria import cases
from relcare.frames._engine import Lazy
from relcare.frames._reader import CLIENT
from relcare.segmentation import Scheme

__all__ = ["before_column", "change_column", "with_changes"]


def change_column(place: int) -> str:
    """The column of the first day in the tier in force, of the scheme at a place; null without a change."""
    return f"ch {place}"


def before_column(place: int) -> str:
    """The column of the tier until then, as a level; null for one that the scheme has not."""
    return f"cb {place}"


def with_changes(frame: Lazy, core: Core, schemes: Mapping[int, Scheme], as_of: int) -> Lazy:
    """The frame with the latest change of the tier in force, of each scheme.

    Args:
        frame: A row for each client.
        core: The tables; `spells` given.
        schemes: By place, those that rules ask for.
        as_of: The day, an ordinal.
    """
    if core.spells is None:  # pragma: no cover - asked for only where they are given
        return frame
    for place, scheme in schemes.items():
        past = core.spells.filter((nw.col("scheme") == scheme.id) & (nw.col("from") <= as_of))
        last = past.group_by(CLIENT).agg(begun=nw.col("from").max())
        now = past.join(last, on=CLIENT, how="inner").filter(nw.col("from") == nw.col("begun"))
        # A tier that is over, or that the scheme has not, is none in force.
        is_on = nw.col("until").is_null() | (nw.col("until") > as_of)
        now = now.filter(is_on & nw.col("tier").is_in(list(scheme.tier_ids))).select(CLIENT, now="tier")
        others = past.join(now, on=CLIENT, how="inner")
        before = others.filter(nw.col("tier") != nw.col("now"))
        other = before.group_by(CLIENT).agg(other=nw.col("from").max())
        earlier = before.join(other, on=CLIENT, how="inner").filter(nw.col("from") == nw.col("other"))
        begins = others.join(other, on=CLIENT, how="inner").filter(nw.col("from") > nw.col("other"))
        starts = begins.group_by(CLIENT).agg(**{change_column(place): nw.col("from").min()})
        best = len(scheme.tier_ids) - 1
        level = cases([(nw.col("tier") == tier, nw.lit(best - at)) for at, tier in enumerate(scheme.tier_ids)]).cast(nw.Int64())
        levels = earlier.select(CLIENT, **{before_column(place): level})
        frame = frame.join(starts, on=CLIENT, how="left").join(levels, on=CLIENT, how="left")
    return frame
