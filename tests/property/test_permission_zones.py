"""Hours against every change of the clocks that the zones know from 1970 to 2037.

The next allowed time is compared with a scan of every minute around each change. A run of the tests looks at a slice of the
changes; `make zones` (the environment variable `RELCARE_ALL_ZONES`) looks at all of them.
"""

import os
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest

from relcare.permission import Hours, PermissionRules, first_allowed, may_contact
from relcare.permission._local_days import end_of, local_day, pieces_of, start_of

IS_WHOLE: Final = "RELCARE_ALL_ZONES" in os.environ
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2038, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
BEFORE: Final = timedelta(hours=27)
SCANNED: Final = 75 * 60

# The hours of the law, and those that clocks skip or show twice, in which mistakes hide.
HOURS: Final = (
    Hours(allowed=["08:00-21:00"]),
    Hours(allowed=["Mon-Fri 10:00-13:00", "Mon-Fri 14:00-20:00"]),
    Hours(quiet=["21:00-08:00"]),
    Hours(allowed=["01:30-02:30"]),
    Hours(allowed=["00:00-00:01", "23:30-23:45"]),
    Hours(quiet=["00:01-23:59"]),
)


def _data(zone: str) -> bytes:
    """The compiled zone, where `zoneinfo` itself finds it."""
    for folder in TZPATH:
        path = Path(folder, zone)
        if path.is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


def _changes(zone: str) -> list[tuple[datetime, int, int]]:
    """When the offset of a zone changes, from what to what in seconds: read from its file (RFC 8536) and its closing rule."""
    data = _data(zone)
    _, _, _, second = _block(data, 0, 4)  # the first block repeats what 32 bits can hold
    moments, kinds, offsets, end = _block(data, second, 8)
    found = []
    for place in range(1, len(moments)):
        before, after = offsets[kinds[place - 1]], offsets[kinds[place]]
        moment = EPOCH + timedelta(seconds=moments[place])
        if before != after and EPOCH <= moment < LAST:
            found.append((moment, before, after))
    last = EPOCH + timedelta(seconds=moments[-1]) if moments else EPOCH
    return [*found, *(_changes_by_rule(zone, max(last, EPOCH)) if b"," in data[end:] else ())]


def _block(data: bytes, at: int, width: int) -> tuple[tuple[int, ...], bytes, list[int], int]:
    """When the zone goes over to which kind of time, the offset of each kind, and where the block ends."""
    assert data[at : at + 4] == b"TZif"
    isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[at + 20 : at + 44])
    body = at + 44
    after = body + times * width
    start = after + times
    moments = struct.unpack(f">{times}{'q' if width == 8 else 'l'}", data[body:after])
    offsets = [struct.unpack(">l", data[start + 6 * kind : start + 6 * kind + 4])[0] for kind in range(types)]
    return moments, data[after:start], offsets, start + types * 6 + chars + leap * (width + 4) + isstd + isut


def _changes_by_rule(zone: str, since: datetime) -> Iterator[tuple[datetime, int, int]]:
    """The changes that a file leaves to its closing rule; none where the file lists them all."""

    def offset(at: datetime) -> int:
        return int((at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds())

    at, step = since + timedelta(days=1), timedelta(days=2)
    while at + step < LAST:
        if offset(at) != offset(at + step):
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            yield high, offset(at), offset(high)
        at += step


@lru_cache(maxsize=1)
def all_changes() -> list[tuple[str, datetime, int, int]]:
    """Every zone with every change of its clocks, and its offset before and after."""
    zones = [zone for zone in sorted(available_timezones()) if not zone.startswith(("posix/", "right/"))]
    return [(zone, *change) for zone in zones if zone not in {"Factory", "localtime", "posixrules"} for change in _changes(zone)]


def slice_of(changes: list[tuple[str, datetime, int, int]]) -> list[tuple[str, datetime]]:
    """All of them, or one in a few hundred; changes over midnight and odd offsets are always among them.

    Zones whose clocks change at one instant from one offset to one other show the same around it: one of them stands for all.
    """
    if IS_WHOLE:
        return list({(moment, *offsets): (zone, moment) for zone, moment, *offsets in changes}.values())
    always = {("America/St_Johns", 2006), ("Pacific/Apia", 2011), ("America/Sao_Paulo", 2018), ("Africa/Monrovia", 1972)}
    picked = [(zone, moment) for zone, moment, _, _ in changes[::421]]
    return picked + [(zone, moment) for zone, moment, _, _ in changes if (zone, moment.year) in always]


def wall_open(hours: Hours, local: datetime) -> bool:
    """Whether the hours are open, read off the clock on the wall."""
    minute, weekday = local.hour * 60 + local.minute, local.weekday()
    inside = False
    for window in hours.windows:
        if window.start < window.end:
            inside |= weekday in window.days and window.start <= minute < window.end
        else:
            inside |= weekday in window.days and minute >= window.start
            inside |= (weekday - 1) % 7 in window.days and minute < window.end
    return inside if hours.allowed else not inside


def walls(zone: str, start: datetime) -> Iterator[datetime]:
    there = ZoneInfo(zone)
    return ((start + count * MINUTE).astimezone(there) for count in range(SCANNED))


def asked_at(change: datetime) -> Iterator[int]:
    """Minutes after the start of the scan at which to ask: right around the change, and through the day before."""
    middle = int(BEFORE / MINUTE)
    yield from (middle - 61, middle - 31, middle - 1, middle, middle + 1, middle + 29, middle + 59, middle + 61)
    yield from range(change.minute, middle + 26 * 60, 401)


@pytest.mark.parametrize("part", range(8))
def test_around_every_change_the_next_allowed_time_is_the_first_open_minute(part: int) -> None:
    """CAD-11: quiet hours in the client's zone; blocked means deferred with the next allowed time."""
    rules = [PermissionRules(hours=[hours]) for hours in HOURS]
    for zone, change in slice_of(all_changes())[part::8]:
        # From a whole local minute: some offsets had seconds, and then hours begin between the whole minutes of UTC.
        start = (change - BEFORE).replace(second=0)
        start -= timedelta(seconds=(start.astimezone(ZoneInfo(zone)).second))
        clocks = list(walls(zone, start))
        for hours, rule in zip(HOURS, rules, strict=True):
            is_open = [wall_open(hours, clock) for clock in clocks]
            following = [SCANNED] * (SCANNED + 1)
            for count in range(SCANNED - 1, -1, -1):
                following[count] = count if is_open[count] else following[count + 1]
            for count in asked_at(change):
                at = start + count * MINUTE
                answer = may_contact(rule, zones=[zone], channel="call", purpose="offer", at=at)
                found, expected = answer.next_allowed_at, following[count]
                assert found is not None
                assert found >= at
                assert answer.is_allowed == is_open[count], (zone, at)
                if expected < SCANNED:
                    # A change in the middle of a minute of UTC opens hours there; no other opening is between whole minutes.
                    assert start + (expected - 1) * MINUTE < found <= start + expected * MINUTE, (zone, at, str(hours.windows))
                else:
                    assert found >= start + SCANNED * MINUTE
                assert wall_open(hours, found.astimezone(ZoneInfo(zone))), (zone, at)


@pytest.mark.parametrize("part", range(4))
def test_around_every_change_the_pieces_of_days_are_the_days_of_the_calendar(part: int) -> None:
    """Every instant is in exactly one piece of exactly the day that the zone's calendar shows."""
    for zone, change in slice_of(all_changes())[part::4]:
        there = ZoneInfo(zone)
        days = range(local_day(zone, change) - 2, local_day(zone, change) + 4)
        pieces = sorted((piece.start, piece.end, day, piece.midnight) for day in days for piece in pieces_of(zone, day))
        for (_, end, _, _), (start, _, _, _) in pairwise(pieces):
            assert end == start, (zone, change)
        for start, end, day, midnight in pieces:
            for at in (start, end - timedelta(seconds=1)):
                local = at.astimezone(there)
                assert local.toordinal() == day
                assert local.replace(tzinfo=None) - datetime.combine(local.date(), datetime.min.time()) == at - midnight


@pytest.mark.parametrize("part", range(4))
def test_around_every_change_a_day_begins_and_ends_with_its_first_and_last_instant(part: int) -> None:
    for zone, change in slice_of(all_changes())[part::4]:
        for day in range(local_day(zone, change) - 1, local_day(zone, change) + 2):
            if not pieces_of(zone, day):
                continue
            first, last = start_of(zone, day), end_of(zone, day) - timedelta(seconds=1)
            assert local_day(zone, first) == local_day(zone, last) == day
            assert local_day(zone, first - timedelta(seconds=1)) < day
            assert local_day(zone, last + timedelta(seconds=1)) != day
            found = first_allowed(PermissionRules(), zones=[zone], channel="call", purpose=None, day=date.fromordinal(day))
            assert found.next_allowed_at == first


def test_no_two_changes_of_a_zone_are_as_close_as_the_window_in_which_one_is_looked_for() -> None:
    zones: dict[str, list[datetime]] = {}
    for zone, moment, _, _ in all_changes():
        zones.setdefault(zone, []).append(moment)
    closest = min(b - a for moments in zones.values() for a, b in pairwise(moments))
    assert closest > timedelta(hours=56)


def test_there_are_the_changes_that_all_this_is_about() -> None:
    changes = all_changes()
    assert len(changes) > 20_000
    assert len({change[0] for change in changes}) > 350
    assert len(slice_of(changes)) > 50
