"""Which entries of a log count: corrections and deletions taken at their word."""

from collections.abc import Iterable

from relcare.errors import InvalidValueError
from relcare.model._events import VOID, Touchpoint

__all__ = ["standing"]


def standing(touchpoints: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    """The entries that count: neither corrected nor deleted, and no mere take-backs (TIM-7).

    Taking back a deletion or a correction brings the entry back; correcting a correction does not: the last one stands for all.

    Args:
        touchpoints: In any order; order is kept.

    Raises:
        InvalidValueError: If entries take each other back in a circle.
    """
    entries = tuple(touchpoints)
    takers: dict[str, list[str]] = {}
    for entry in entries:
        if entry.voids_id is not None:
            takers.setdefault(entry.voids_id, []).append(entry.id)
    if not takers:
        return entries
    deletions = {entry.id for entry in entries if entry.channel == VOID}
    settled: dict[str, bool] = {}

    def is_undone(taker: str) -> bool:
        """Whether a correction or deletion was itself taken back, and not replaced by another correction."""
        standing_takers = [other for other in takers.get(taker, ()) if not settled[other]]
        return bool(standing_takers) and deletions.issuperset(standing_takers)

    for start, first in takers.items():
        # A walk with its own stack: a chain of corrections may be longer than Python's recursion limit.
        path, on_path = [] if start in settled else [(start, iter(first))], {start}
        while path:
            current, rest = path[-1]
            taker = next((other for other in rest if other not in settled), None)
            if taker is None:
                settled[current] = any(not is_undone(other) for other in takers.get(current, ()))
                on_path.discard(path.pop()[0])
            elif taker in on_path:
                raise InvalidValueError("voids_id", taker, "must not take back an entry that takes this one back")
            else:
                path.append((taker, iter(takers.get(taker, ()))))
                on_path.add(taker)
    return tuple(entry for entry in entries if entry.channel != VOID and not settled.get(entry.id, False))
