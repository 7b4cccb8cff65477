"""The audit trail: every tampering is found, and the chain never forks (rows B9 and B10).

Source: ACC-4
"""

from collections import Counter
from functools import partial
from random import Random
from typing import Final

from tests.soak.audit_tampering import INVISIBLE, KEY, NOON, WAYS, Trail, trail_of
from tests.soak.many_stores import Place, Processes, places
from tests.soak.promise import Length, Outcome, Promise

from relcare.access import AuditEntry
from relcare.errors import ConflictError, StorageError
from relcare.storage import AuditTrail

_SHOWN: Final = 5


def is_found(trail: Trail, *, anchored: bool) -> bool:
    """Whether whoever looks at the store finds that something is wrong; links that cannot even be read count too."""
    with trail.store.read() as view:
        try:
            found = AuditTrail(view).verify(anchor=trail.anchor if anchored else None, key=KEY if anchored else None, erased=())
        except StorageError:
            return True
    return not found.is_intact


def check_tampering(length: Length) -> Outcome:
    """B9."""
    count = length.of(220, 10_000)
    random = Random(length.seed)
    failures: list[str] = []
    hidden: Counter[str] = Counter()
    for number in range(count):
        name = sorted(WAYS)[number % len(WAYS)]
        trail = trail_of(random)
        if is_found(trail, anchored=True):
            failures.append(f"{number}, seed {length.seed}: an untouched trail is said to be tampered with")
        WAYS[name](trail, random)
        if not is_found(trail, anchored=True):
            failures.append(f"{name} ({number}, seed {length.seed}): not found with the anchor")
        if not is_found(trail, anchored=False):
            hidden[name] += 1
    failures += [f"{name}: not found without the anchor, which the documents do not say" for name in hidden.keys() - INVISIBLE]
    told = ", ".join(sorted(hidden))
    return Outcome(runs=count, failures=tuple(failures[:_SHOWN]), note=f"invisible without the anchor: {told}")


def append_all(place: Place, who: int, count: int) -> int:
    """How many conflicts there were; none in a store where writers take turns."""
    conflicts = 0
    with place.open() as store:
        for number in range(count):
            entry = AuditEntry(at=NOON, actor_id=f"p-{who}", action="get", answer="allowed", purpose="care", count=number)
            while True:
                try:
                    with store.write() as unit:
                        AuditTrail(unit).append(entry)
                except ConflictError:
                    conflicts += 1
                else:
                    break
    return conflicts


def wrong_with(place: Place, processes: int, count: int) -> list[str]:
    """What is wrong with a chain to which processes appended side by side."""
    with place.open() as store, store.read() as view:
        trail = AuditTrail(view)
        report = trail.verify()
        links = list(trail.links())
    told = [f"{place.name}: {fault.kind} at {fault.place}" for fault in report.faults]
    if report.count != processes * count:
        told.append(f"{place.name}: {report.count} links of {processes * count}")
    if len({link.before for link in links}) != len(links):
        told.append(f"{place.name}: two links follow the same one")
    for who in range(processes):
        own = [link.entry.count for link in links if link.entry is not None and link.entry.actor_id == f"p-{who}"]
        if own != list(range(count)):
            told.append(f"{place.name}: the entries of process {who} are out of order")
    return told


def check_forks(length: Length) -> Outcome:
    """B10."""
    count = length.of(50, 1_000)
    failures: list[str] = []
    conflicts = runs = 0
    with places() as rooms, Processes(length.of(3, 8)) as processes:
        for place in rooms.all("audit"):
            place.new().close()
            works = [partial(append_all, place, number, count) for number in range(processes.count)]
            conflicts += sum(processes.together(works))
            runs += processes.count * count
            failures += wrong_with(place, processes.count, count)
        note = rooms.note(f"{processes.count} processes, {conflicts:,} conflicts tried again")
    return Outcome(runs=runs, failures=tuple(failures[:_SHOWN]), note=note)


PROMISES: Final = (
    Promise("B9", "Every tampering with the audit trail is found where the last anchor is held outside", check_tampering),
    Promise("B10", "The chain of the audit trail never forks, however many processes append to it", check_forks),
)
