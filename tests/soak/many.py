"""Many processes on one store: nothing is lost, histories agree, readers miss nothing (rows A5, A6, A7).

Source: STO-2, STO-5
"""

from collections.abc import Sequence
from concurrent.futures import wait
from functools import partial
from typing import Final

from tests.soak.many_counts import Count, count_up, lost
from tests.soak.many_events import Event, follow, log_of, write_end, write_events, wrong
from tests.soak.many_history import Step, last_of, steps_of, violations
from tests.soak.many_stores import Place, Processes, places
from tests.soak.promise import Length, Outcome, Promise


def check_lost_updates(length: Length) -> Outcome:
    """A5."""
    rounds = length.of(40, 500)
    counts: dict[str, list[Count]] = {}
    failures: list[str] = []
    with places() as rooms, Processes(length.of(3, 8)) as processes:
        for place in rooms.all("counts"):
            with place.new() as store:
                found = processes.together([partial(_count, place, number, rounds) for number in range(processes.count)])
                failures += [f"{place.name}: {told}" for told in lost(store, found)]
            counts[place.name] = found
    every = [one for found in counts.values() for one in found]
    waits = ", ".join(f"{name} {max(one.longest_wait for one in found):.2f} s" for name, found in counts.items())
    return Outcome(
        runs=sum(one.acknowledged for one in every),
        failures=tuple(failures),
        note=rooms.note(f"{sum(one.conflicts for one in every):,} conflicts tried again", f"longest wait: {waits}"),
    )


def check_histories(length: Length) -> Outcome:
    """A6."""
    count = length.of(200, 10_000)
    failures: list[str] = []
    steps: list[Step] = []
    with places() as rooms, Processes(length.of(3, 8)) as processes:
        for place in rooms.all("history"):
            with place.new() as store:
                works = [partial(_steps, place, number, count, length.seed) for number in range(processes.count)]
                found = [step for one in processes.together(works) for step in one]
                failures += [f"{place.name}, seed {length.seed}: {told}" for told in violations(found, last_of(store))]
            steps += found
    written = sum(step.kind == "written" for step in steps)
    refused = sum(step.kind == "refused" for step in steps)
    return Outcome(
        runs=len(steps), failures=tuple(failures), note=rooms.note(f"{written:,} versions written, {refused:,} refused")
    )


def check_followers(length: Length) -> Outcome:
    """A7."""
    writers, readers = length.of(2, 8), length.of(1, 2)
    failures: list[str] = []
    seen = 0
    with places() as rooms, Processes(writers + readers) as processes:
        found = rooms.all("events")
        count = length.of(150, 100_000 // (len(found) * writers) + 1)
        for place in found:
            with place.new() as store:
                following = [partial(_follow, place, length.seed + number) for number in range(readers)]
                writing = [partial(_write, place, number, count, length.seed) for number in range(writers)]
                started = processes.start([*writing, *following])
                wait(started[:writers])
                write_end(store)
                written = [one.result() for one in started[:writers]]
                followed = [one.result() for one in started[writers:]]
                log = log_of(store)
            told = wrong(log, written, [_flat(one) for one in followed])
            failures += [f"{place.name}, seed {length.seed}: {one}" for one in told]
            seen += len(log)
    return Outcome(runs=seen, failures=tuple(failures), note=rooms.note(f"{writers} writers, {readers} followers on each store"))


def _count(place: Place, number: int, rounds: int) -> Count:
    with place.open() as store:
        return count_up(store, number, rounds)


def _steps(place: Place, number: int, count: int, seed: int) -> list[Step]:
    with place.open() as store:
        return steps_of(store, number, count, seed)


def _write(place: Place, number: int, count: int, seed: int) -> list[list[Event]]:
    with place.open() as store:
        return write_events(store, number, count, seed)


def _follow(place: Place, seed: int) -> list[list[Event]]:
    """One piece: both kinds of work have the same kind of answer."""
    with place.open() as store:
        return [follow(store, seed)]


def _flat(units: Sequence[Sequence[Event]]) -> list[Event]:
    return [event for unit in units for event in unit]


PROMISES: Final = (
    Promise(
        "A5",
        "Of many processes that change the same client none loses a change, and none is told that the store is busy",
        check_lost_updates,
    ),
    Promise("A6", "Every version has one writer, and nobody reads an older one than was seen before", check_histories),
    Promise("A7", "Every event that was acknowledged is in the log, and who follows the log misses none", check_followers),
)
