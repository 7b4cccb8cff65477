"""Civil days of a zone as stretches of UTC: exact through every change of the clocks.

A day is an ordinal, an instant a plain `datetime` in UTC. A day is one stretch, or two with different offsets when the clocks
change on it; a day that a zone skipped (30 December 2011 in Apia) is none. The two may even have a piece of the next day between
them, where clocks went back over midnight (St John's until 2011).
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import attrs

__all__ = ["Minutes", "Piece", "end_of", "local_day", "local_text", "pieces_of", "start_of", "to_utc"]

Minutes: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of a day in minutes since local midnight, half-open, in order and apart from each other."""

# No clock was ever further than 16 hours from UTC; and of all changes since 1900 no two of a zone are 56 hours apart or closer
# (96 hours, Freetown in 1939), so that between the two ends of a day's window there is one change or none.
_FURTHEST: Final = timedelta(hours=16)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@attrs.frozen
class Piece:
    """A stretch of one civil day in which the clocks do not change.

    Attributes:
        start: Its first instant.
        end: The first instant after it.
        midnight: What would be midnight of the day at the piece's offset; it may lie before `start`.
    """

    start: datetime
    end: datetime
    midnight: datetime

    def cut(self, minutes: Minutes) -> list[tuple[datetime, datetime]]:
        """The parts of the piece at which the clock on the wall shows these minutes, half-open and in order."""
        found: list[tuple[datetime, datetime]] = []
        for first, last in minutes:
            start, end = max(self.start, self.midnight + first * _MINUTE), min(self.end, self.midnight + last * _MINUTE)
            if start < end:
                found.append((start, end))
        return found


def to_utc(moment: datetime) -> datetime:
    """The instant as a plain `datetime` in UTC."""
    # By way of a plain copy: pendulum's own class would stay, with arithmetic of its own.
    plain = datetime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=moment.tzinfo,
        fold=moment.fold,
    )
    return plain.astimezone(UTC)


def local_day(zone: str, at: datetime) -> int:
    """The civil day that the zone's calendar shows at an instant."""
    return at.astimezone(ZoneInfo(zone)).toordinal()


def local_text(zone: str, at: datetime) -> str:
    """What calendar and clock show there: `2026-03-29 07:30`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@lru_cache(maxsize=16_384)
def pieces_of(zone: str, day: int) -> tuple[Piece, ...]:
    """When a civil day is in a zone: its stretches in order of time, two when the clocks change on it.

    None at all when the zone skipped the day. Between two there may be a piece of another day, where clocks went back over
    midnight.

    Args:
        zone: An IANA name.
        day: An ordinal.

    Examples:
        >>> from datetime import date
        >>> for piece in pieces_of("Europe/Berlin", date(2026, 3, 29).toordinal()):
        ...     print(f"{piece.start:%d %H:%M} to {piece.end:%d %H:%M} in UTC")
        28 23:00 to 29 01:00 in UTC
        29 01:00 to 29 22:00 in UTC
        >>> pieces_of("Pacific/Apia", date(2011, 12, 30).toordinal())
        ()

    Source: TIM-2.
    """
    there = ZoneInfo(zone)
    midnight = datetime.combine(date.fromordinal(day), datetime.min.time(), UTC)
    low, high = midnight - _FURTHEST, midnight + _DAY + _FURTHEST
    before, after = _offset(there, low), _offset(there, high)
    if before == after:
        return (Piece(midnight - before, midnight + _DAY - before, midnight - before),)
    change = _change(there, low, high, before)
    found: list[Piece] = []
    for first, last, offset in ((low, change, before), (change, high, after)):
        start, end = max(first, midnight - offset), min(last, midnight + _DAY - offset)
        if start < end:
            found.append(Piece(start, end, midnight - offset))
    return tuple(found)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    """The first second at another offset, which there is by `high`."""
    seconds, width = 0, int((high - low).total_seconds())
    while width > 1:
        half = width // 2
        if _offset(zone, low + timedelta(seconds=seconds + half)) == before:
            seconds += half
            width -= half
        else:
            width = half
    return low + timedelta(seconds=seconds + 1)


def start_of(zone: str, day: int) -> datetime:
    """The first instant of a civil day, or of the first one after it that the zone did not skip."""
    while not (pieces := pieces_of(zone, day)):
        day += 1
    return pieces[0].start


def end_of(zone: str, day: int) -> datetime:
    """The first instant after which the civil day, or the last one before it that the zone did not skip, does not come back."""
    while not (pieces := pieces_of(zone, day)):
        day -= 1
    return pieces[-1].end
