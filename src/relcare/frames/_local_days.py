"""The civil days of touchpoints where their clients are: a few zones, each day of each worked out once, and joined (TIM-2)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare._fields import check_zone
from relcare.errors import BookDocumentError, InvalidValueError, Problem
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, cases
from relcare.frames._engine import EPOCH, Cell, Lazy
from relcare.frames._reader import CLIENT
from relcare.permission import pieces_of

__all__ = ["LOCAL", "WHERE", "ClientZones", "zones_of"]

LOCAL: Final = "local"
"""The column of the civil day of a touchpoint in the zone of its client."""
WHERE: Final = "where"
"""The column of the zone of a client."""

_DAY: Final = 86_400_000_000
_MIDNIGHT: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FURTHEST: Final = 2
"""No two calendars show days that are further apart at one instant."""


@attrs.frozen(kw_only=True, eq=False)
class ClientZones:
    """Where clients are.

    Attributes:
        core: The tables.
        own: The zone of the book, in which `day` is meant.
        fallback: The zone of clients of whom it is not known.
        known: All zones in which there are clients, in order.
        since: The first day of touchpoints that matters; None where all of them do.
        until: The last one.
    """

    core: Core
    own: str
    fallback: str
    known: Sequence[str]
    since: int | None
    until: int

    @property
    def zone(self) -> Expr:
        """The zone of a row of clients."""
        return nw.col("zone").fill_null(self.fallback)

    def joined_to(self, frame: Lazy) -> Lazy:
        """The frame with the zone of each client."""
        if len(self.known) < 2:
            return frame.with_columns(**{WHERE: nw.lit(self.known[0] if self.known else self.fallback)})
        return frame.join(self.core.clients.select(CLIENT, **{WHERE: self.zone}), on=CLIENT, how="left")

    def touchpoints(self, first: int | None) -> Lazy:
        """The touchpoints from a day on where their clients are, up to the last that matters, with those days.

        Args:
            first: An ordinal, not before `since`; None for all that there are.
        """
        return self._local if first is None else self._local.filter(nw.col(LOCAL) >= first)

    @cached_property
    def _local(self) -> Lazy:
        events = self.core.touchpoints
        if events is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        events = events.filter(nw.col("day") <= self.until + _FURTHEST)
        if self.since is not None:
            events = events.filter(nw.col("day") >= self.since - _FURTHEST)
        is_abroad = any(zone != self.own for zone in self.known)
        events = self._dated(events) if is_abroad else events.with_columns(local=nw.col("day"))
        return events.filter(nw.col(LOCAL) <= self.until)

    def _dated(self, events: Lazy) -> Lazy:
        """The events with their days; those of clients in other zones by the instant, where it is known."""
        engine, instant = self.core.engine, nw.col("instant")
        abroad = self.core.clients.select(CLIENT, **{WHERE: self.zone}).filter(nw.col(WHERE) != self.own)
        events = events.join(abroad, on=CLIENT, how="left")
        is_abroad = ~nw.col(WHERE).is_null() & ~instant.is_null()
        events = events.with_columns(utc=nw.when(is_abroad).then(engine.quotient(instant + EPOCH * _DAY, _DAY)))
        pairs: list[tuple[str, int]] = engine.rows(engine.distinct(events.filter(~nw.col("utc").is_null()).select(WHERE, "utc")))
        found = [(zone, int(utc), _steps(zone, int(utc))) for zone, utc in sorted(pairs)]
        most = max((len(steps) for *_, steps in found), default=0)
        if not most:
            return events.with_columns(local=nw.col("day"))
        columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {
            WHERE: (nw.String(), [zone for zone, _, _ in found]),
            "utc": (nw.Int64(), [utc for _, utc, _ in found]),
        }
        for at in range(most):
            for what, name in enumerate((f"from {at}", f"there {at}")):
                values = [steps[at][what] if at < len(steps) else None for *_, steps in found]
                columns[name] = (nw.Int64(), values)
        events = events.join(engine.table(events, columns), on=[WHERE, "utc"], how="left")
        steps = [(instant >= nw.col(f"from {at}"), nw.col(f"there {at}")) for at in reversed(range(most))]
        return events.with_columns(local=cases([(nw.col("utc").is_null(), nw.col("day")), *steps]))


def _steps(zone: str, utc: int) -> list[tuple[int, int]]:
    """From which instants of a day in UTC on the calendar of a zone shows which day."""
    begins = _MIDNIGHT + timedelta(days=utc - EPOCH)
    ends = begins + timedelta(days=1)
    pieces = sorted((piece.start, piece.end, day) for day in range(utc - 2, utc + 3) for piece in pieces_of(zone, day))
    micro = timedelta(microseconds=1)
    return [((start - _MIDNIGHT) // micro, day) for start, end, day in pieces if end > begins and start < ends]


def zones_of(core: Core, own: str, fallback: str, *, since: int | None, until: int) -> ClientZones:
    """Where the clients are.

    Args:
        core: The tables.
        own: The zone of the book.
        fallback: Of clients of whom it is not known.
        since: The first day of touchpoints that matters; None where all of them do.
        until: The last one.

    Raises:
        BookDocumentError: If a client has a zone that there is not.
    """
    found = sorted(
        {
            fallback if zone is None else str(zone)
            for (zone,) in core.engine.rows(core.engine.distinct(core.clients.select("zone")))
        }
    )
    for zone in found:
        try:
            check_zone("zone", zone)
        except InvalidValueError as error:
            problem = Problem(file="clients", path="zone", message=f"is {zone!r}: {error.rule}", hint=error.hint)
            raise BookDocumentError([problem]) from None
    return ClientZones(core=core, own=own, fallback=fallback, known=found, since=since, until=until)
