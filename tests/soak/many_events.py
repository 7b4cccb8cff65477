"""Events written by many at once, and readers who follow the log by its cursor."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from random import Random
from time import monotonic, sleep
from typing import Final

import attrs

from relcare.storage import LogEntry, Store

END: Final = "end"
"""The id of the event after which nobody writes."""

_PATIENCE: Final = 600.0
_LARGEST_UNIT: Final = 20
_MOST: Final = 5_000


class GivenUpError(Exception):
    """A unit is not to be kept."""


@attrs.frozen
class Event:
    """What a reader saw, or a writer was told is kept.

    Attributes:
        position: Its place in the log.
        id: Its id.
    """

    position: int
    id: str


def write_events(store: Store, number: int, count: int, seed: int) -> list[list[Event]]:
    """The units that were kept, with at least `count` events in all: some in bulk, some slow, some given up, some repeated."""
    random = Random(f"{seed} {number}")
    units: list[list[Event]] = []
    written = 0
    while written < count:
        name = f"{number}-{len(units)}"
        entries = [_entry(f"{name}-{index}", number) for index in range(min(random.randint(1, _LARGEST_UNIT), count - written))]
        if random.random() < 0.05:
            _give_up(store, [_entry(f"never-{one.id}", number) for one in entries])
        again = random.choice(random.choice(units)) if units and random.random() < 0.1 else None
        units.append(_write(store, entries, again, is_bulk=random.random() < 0.5, pause=random.choice([0.0, 0.0, 0.0, 0.001])))
        written += len(entries)
    return units


def _write(store: Store, entries: Sequence[LogEntry], again: Event | None, *, is_bulk: bool, pause: float) -> list[Event]:
    with store.write() as unit:
        if again is not None and unit.log.append(_entry(again.id, int(again.id.split("-")[0]))) != again.position:
            raise AssertionError(f"the event {again.id} was repeated and has another position now")
        if is_bulk:
            unit.log.append_many(entries)
            stored = [unit.log.get(one.id) for one in entries]
            events = [Event(one.position, one.entry.id) for one in stored if one is not None]
        else:
            events = [Event(unit.log.append(one), one.id) for one in entries]
        # Who has its positions and does not commit yet is overtaken by others, if the store lets them.
        sleep(pause)
    return events


def _give_up(store: Store, entries: Sequence[LogEntry]) -> None:
    with suppress(GivenUpError), store.write() as unit:
        unit.log.append_many(entries)
        raise GivenUpError


def write_end(store: Store) -> None:
    """Tells the readers that nothing more will come."""
    with store.write() as unit:
        unit.log.append(_entry(END, 0))


def follow(store: Store, seed: int) -> list[Event]:
    """All that a reader sees who remembers the last position, reads on from there, and sometimes breaks off half-way."""
    random = Random(f"{seed} reader")
    seen: list[Event] = []
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline and all(event.id != END for event in seen[-_MOST:]):
        cursor = seen[-1].position if seen else 0
        most = random.choice([3, 700, _MOST])
        with store.read() as view:
            seen += [Event(one.position, one.entry.id) for one in islice(view.log.since(cursor), most)]
        sleep(0.001)
    return seen


def wrong(
    log: Sequence[Event], written: Sequence[Sequence[Sequence[Event]]], readers: Sequence[Sequence[Event]]
) -> Iterator[str]:
    """What does not fit between the log, the units of each writer, and what readers saw, the end included."""
    positions = [event.position for event in log]
    if positions != sorted(set(positions)):
        yield "the positions of the log do not grow"
    kept = {event for writer in written for unit in writer for event in unit}
    yield from (f"event {one.id} was acknowledged at {one.position} and is not in the log" for one in _by_id(kept - {*log}))
    yield from (
        f"event {one.id} is in the log at {one.position} and was never kept" for one in _by_id({*log} - kept) if one.id != END
    )
    places = {event: place for place, event in enumerate(log)}
    for writer in written:
        for unit in writer:
            found = [places.get(event, -1) for event in unit]
            if found != list(range(found[0], found[0] + len(unit))):
                yield f"the unit that begins with {unit[0].id} lies in pieces: {found}"
        firsts = [places.get(unit[0], -1) for unit in writer]
        if firsts != sorted(firsts):
            yield f"the units of the writer of {writer[0][0].id} are not in their order"
    for number, seen in enumerate(readers):
        if list(seen) != list(log):
            missed = _by_id({*log} - {*seen})
            yield f"reader {number} saw {len(seen)} of {len(log)} events, missed {[one.id for one in missed[:5]]}"


def log_of(store: Store) -> list[Event]:
    """The log as it is."""
    with store.read() as view:
        return [Event(one.position, one.entry.id) for one in view.log.since()]


def _by_id(events: set[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.id)


def _entry(entry_id: str, number: int) -> LogEntry:
    return LogEntry(id=entry_id, kind="touchpoint", client_id=f"c-{number}", payload="{}", by="lee")
