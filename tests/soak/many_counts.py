"""Reading, changing and writing the same client over and over, as each of many processes does it."""

import json
from time import monotonic
from typing import Final

import attrs

from relcare.errors import ConflictError, RelcareError
from relcare.storage import Record, Store, UnitOfWork

CLIENT: Final = ("client", "c-1")


@attrs.frozen(kw_only=True)
class Count:
    """What one process did.

    Attributes:
        number: Which process.
        acknowledged: How many changes it was told are kept.
        conflicts: How many were refused because another came first; each was read and tried again.
        longest_wait: Of all units, in seconds.
        errors: What reached the caller besides conflicts.
    """

    number: int
    acknowledged: int
    conflicts: int
    longest_wait: float
    errors: tuple[str, ...]


def count_up(store: Store, number: int, rounds: int) -> Count:
    """Adds one to the client `rounds` times: in one unit and, in turn, with what was read before the unit began."""
    acknowledged, conflicts, longest = 0, 0, 0.0
    errors: list[str] = []
    while acknowledged < rounds and len(errors) < 3:
        began = monotonic()
        try:
            if acknowledged % 2:
                with store.write() as unit:
                    _store_next(unit, unit.records.get(*CLIENT), number)
            else:
                with store.read() as view:
                    read = view.records.get(*CLIENT)
                began = monotonic()
                with store.write() as unit:
                    _store_next(unit, read, number)
            acknowledged += 1
        except ConflictError:
            conflicts += 1
        except RelcareError as error:
            errors.append(f"process {number}, change {acknowledged + 1}: {type(error).__name__}: {error}")
        longest = max(longest, monotonic() - began)
    return Count(number=number, acknowledged=acknowledged, conflicts=conflicts, longest_wait=longest, errors=tuple(errors))


def _store_next(unit: UnitOfWork, read: Record | None, number: int) -> None:
    counts: dict[str, int] = json.loads(read.payload) if read is not None else {}
    counts[str(number)] = counts.get(str(number), 0) + 1
    kind, record_id = CLIENT
    record = Record(kind=kind, id=record_id, payload=json.dumps(counts), keys={"total": str(sum(counts.values()))})
    unit.records.put(record, expected=0 if read is None else read.version)


def lost(store: Store, counts: list[Count]) -> list[str]:
    """What of the acknowledged changes is not in the store, or is there twice; and the errors."""
    expected = {str(one.number): one.acknowledged for one in counts}
    total = sum(expected.values())
    with store.read() as view:
        found = view.records.get(*CLIENT)
        by_total = [record.id for record in view.records.scan(CLIENT[0], key=("total", str(total)))]
    told = [error for one in counts for error in one.errors]
    if found is None:
        return [*told, "the client is not there"]
    if json.loads(found.payload) != expected:
        told.append(f"acknowledged {expected}, stored {found.payload}")
    if found.version != total:
        told.append(f"{total} changes were acknowledged, but the version is {found.version}")
    if by_total != [CLIENT[1]]:
        told.append(f"by its key the client is not found: {by_total}")
    return told
