"""The book as columns: what a caller hands in."""

from typing import Any

import attrs

from relcare._fields import check_zone
from relcare.errors import BookDocumentError, InvalidValueError, Problem
from relcare.frames._engine import Engine, Lazy
from relcare.frames._engines import engine_of
from relcare.frames._layout import TABLES
from relcare.model import check_currency

__all__ = ["Frames", "Opened", "check_frames", "opened"]


@attrs.frozen(kw_only=True, eq=False)
class Frames:
    """A book as tables of one engine: polars frames (eager or lazy), DuckDB relations or Spark DataFrames.

    Tables of pandas and pyarrow become frames of polars. Columns are named as the fields of the values of `relcare.model`,
    attributes of clients by their own names (as `attributes.<name>` where a field has the same one). What a policy does not
    ask for need not be there. Ids are text. Days are dates, or aware instants, which count on their civil day in the zone, or
    midnights without a zone where no hours are asked for. Amounts and numbers are integers, decimals or text of exact decimals;
    a float is taken where it is whole. Sets are lists of text, or text joined by `|`. Null, NaN and empty text are missing.

    Attributes:
        clients: One row each: `id`, and what the policy asks about.
        people: Those at the clients: `id`, `client_id`, `role`, `rank`.
        touchpoints: `client_id`, `occurred_at`, and what event criteria ask for; `id` where they oblige or their order counts;
            `occurred_at.instant` beside days that were instants; `follow_up_at`; `id`, `channel` and `voids_id` where entries
            take others back.
        purchases: `client_id`, `purchased_on`, `amount`; `id` where they oblige, `id` and `returns_purchase_id`
            where returns count; `currency`.
        staff: `id`, `role`.
        tiers: In force at some time: `client_id`, `scheme_id`, `tier`, `start_on`, `end_on`; without it none is.
        pins: `client_id`, `scheme_id`, `tier`, `kind`, `start_on`, `end_on`; without it nobody is pinned.
        consents: As `relcare.model.Consent`.
        absences: `staff_id`, `start_on`, `end_on`, `deputy_id`.
        owner_spells: Who had which client: `client_id`, `owner_id`, `start_on`, `end_on`; without it clients name their owners.
        appointments: As `relcare.model.Appointment`; nothing that is decided over columns looks at them.
        membership_events: As `relcare.model.MembershipEvent`, likewise.
        attributes: What the columns of clients cannot hold: `client_id`, `name`, `kind` (`text`, `number`, `flag`, `day`, `set`,
            `none`), `value` as text, `effective_on` of a dated change, `recorded_at`. Where it is given, even without rows, an
            attribute that no column has is one that no client has.
        zone: In which instants become days (TIM-2).
        currency: Of all amounts, where purchases have no column of it.
        is_checked: Whether the rows were checked before, so that nobody looks for wrong ones: ids that are there twice, rows of
            no client, days and numbers out of bounds. Columns are checked all the same. What comes of wrong rows is not said.

    Raises:
        InvalidValueError: If the zone is none, or the currency.
    """

    clients: Any
    people: Any = None
    touchpoints: Any = None
    purchases: Any = None
    staff: Any = None
    tiers: Any = None
    pins: Any = None
    consents: Any = None
    absences: Any = None
    owner_spells: Any = None
    appointments: Any = None
    membership_events: Any = None
    attributes: Any = None
    zone: str = "UTC"
    currency: str | None = None
    is_checked: bool = False

    def __attrs_post_init__(self) -> None:
        check_zone("zone", self.zone)
        if self.currency is not None:
            check_currency("currency", self.currency)


@attrs.frozen(kw_only=True, eq=False)
class Opened:
    """The tables that were given, lazy, whose they are, the currency of what names none, and whether rows were checked before."""

    engine: Engine
    tables: dict[str, Lazy]
    zone: str
    currency: str | None = None
    is_checked: bool = False


def check_frames(frames: object) -> None:
    """Refuse what is no book in columns, such as one of its tables.

    Raises:
        InvalidValueError: If it is none.
    """
    if not isinstance(frames, Frames):
        raise InvalidValueError("frames", type(frames).__name__, "must be Frames", "Frames(clients=...), or frames_of(book)")


def opened(frames: Frames) -> Opened:
    """The tables of one engine.

    Raises:
        InvalidValueError: If these are no Frames, or a table is no frame.
        BookDocumentError: If they are of different engines, or a table has a column twice.
    """
    check_frames(frames)
    found = {name: engine_of(name, getattr(frames, name)) for name in TABLES if getattr(frames, name) is not None}
    engine = engine_of("clients", frames.clients)[0]
    strange = [name for name, (other, _) in found.items() if other.name != engine.name]
    if strange:
        raise BookDocumentError(
            Problem(
                file=name,
                message=f"is a table of {found[name][0].name}, but clients is one of {engine.name}",
                hint="give all tables in the same engine",
            )
            for name in strange
        )
    tables = {name: engine.opened(native) for name, (_, native) in found.items()}
    return Opened(engine=engine, tables=tables, zone=frames.zone, currency=frames.currency, is_checked=frames.is_checked)
