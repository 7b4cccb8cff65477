"""The book as columns: what a caller hands in."""

from typing import Any

import attrs

from relcare._fields import check_zone
from relcare.errors import BookDocumentError, Problem
from relcare.frames._engine import Engine, Lazy
from relcare.frames._engines import engine_of

__all__ = ["TABLES", "Frames", "Opened", "opened"]

TABLES = ("clients", "people", "touchpoints", "purchases", "staff", "tiers", "pins")


@attrs.frozen(kw_only=True, eq=False)
class Frames:
    """A book as tables of one engine: polars frames (eager or lazy) or DuckDB relations; pandas and pyarrow become polars.

    Columns are named as the fields of the values of `relcare.model`, attributes of clients by their own names (as
    `attributes.<name>` where a field has the same one). What a policy does not ask for need not be there. Ids are text. Days are
    dates, or aware instants, which count on their civil day in the zone. Amounts and numbers are integers or decimals; a float is
    taken where it is whole. Sets are lists of text, or text joined by `|`. Null, NaN and empty text are missing.

    Attributes:
        clients: One row each: `id`, and what the policy asks about.
        people: Those at the clients: `id`, `client_id`, `role`, `rank`.
        touchpoints: That stand, see `relcare.model.standing`: `client_id`, `occurred_at`, and what event criteria ask for.
        purchases: `client_id`, `purchased_on`, `amount`; `id` and `returns_purchase_id` where returns count; `currency`.
        staff: `id`, `role`.
        tiers: In force at some time: `client_id`, `scheme_id`, `tier`, `start_on`, `end_on`; without it none is.
        pins: `client_id`, `scheme_id`, `tier`, `kind`, `start_on`, `end_on`; without it nobody is pinned.
        zone: In which instants become days (TIM-2).

    Raises:
        InvalidValueError: If the zone is none.
    """

    clients: Any
    people: Any = None
    touchpoints: Any = None
    purchases: Any = None
    staff: Any = None
    tiers: Any = None
    pins: Any = None
    zone: str = "UTC"

    def __attrs_post_init__(self) -> None:
        check_zone("zone", self.zone)


@attrs.frozen(kw_only=True, eq=False)
class Opened:
    """The tables that were given, lazy, and whose they are."""

    engine: Engine
    tables: dict[str, Lazy]
    zone: str


def opened(frames: Frames) -> Opened:
    """The tables of one engine.

    Raises:
        InvalidValueError: If a table is no frame.
        BookDocumentError: If they are of different engines.
    """
    found = {name: engine_of(name, getattr(frames, name)) for name in TABLES if getattr(frames, name) is not None}
    engine = engine_of("clients", frames.clients)[0]
    strange = [name for name, (other, _) in found.items() if other is not engine]
    if strange:
        raise BookDocumentError(
            Problem(
                file=name,
                message=f"is a table of {found[name][0].name}, but clients is one of {engine.name}",
                hint="give all tables in the same engine",
            )
            for name in strange
        )
    return Opened(engine=engine, tables={name: engine.opened(native) for name, (_, native) in found.items()}, zone=frames.zone)
