"""`relcare diff` over columns: how many clients move, how many contacts are owed otherwise, and how much work that is."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

import attrs

from relcare.cli._diff_pages import way, workload_listing
from relcare.report import Column, Listing, Row, count_of
from relcare.soundness import Direction, joint_direction

if TYPE_CHECKING:
    from relcare.frames import ComparedFrames, OwedChange, RoleChange, Transition

__all__ = ["Counts", "counted_pages", "counts_of"]

_TITLES: Final = {
    "grades": "Grade {}",
    "segmentation": "Scheme {}",
    "settled": "Scheme {}, after a review on the day",
    "wanted": "Scheme {}, as later reviews are confirmed by it",
    "vip": "VIP programme {}",
    "segments": "Segment {}",
}
_BESIDE: Final = {
    "grades": ("client has another grade", "clients have another grade"),
    "segments": ("client is elsewhere in segments", "clients are elsewhere in segments"),
    "settled": ("client is elsewhere after a review", "clients are elsewhere after a review"),
}
"""Who is counted beside those who move."""


@attrs.frozen(kw_only=True)
class Counts:
    """What was counted: each frame is asked once, whatever is shown of it."""

    as_of: date
    engine: str
    clients: int
    moved: int
    direction: Direction
    transitions: "tuple[Transition, ...]"
    beside: Mapping[str, int]
    owed: "tuple[OwedChange, ...] | None"
    workload: "tuple[RoleChange, ...]" = ()
    undecided: tuple[int, int] = (0, 0)


def counts_of(found: "ComparedFrames") -> Counts:
    """Everything that `relcare diff` shows of a comparison over columns."""
    from relcare.frames._compared import BESIDE

    transitions = found.transitions()
    has_owed = found.contacts is not None
    there = {one.room for one in transitions}
    return Counts(
        as_of=found.as_of,
        engine=found.engine,
        clients=found.clients,
        moved=found.moved(),
        direction=joint_direction(one.direction for one in transitions if one.room not in BESIDE),
        transitions=transitions,
        beside={room: found.moved_in(room) for room in _BESIDE if room in there},
        owed=found.owed() if has_owed else None,
        workload=found.workload() if has_owed else (),
        undecided=found.undecided() if has_owed else (0, 0),
    )


def counted_pages(found: Counts) -> Iterator[Listing]:
    """How many go from where to where, scheme by scheme, and what is owed otherwise, rule by rule."""
    clients, move = count_of(found.clients, "client"), "moves" if found.moved == 1 else "move"
    yield Listing(
        title=f"On {found.as_of}, {found.moved:,} of {clients} {move}",
        lead=way(found.direction),
        note="; ".join([*(count_of(count, *_BESIDE[room]) for room, count in found.beside.items()), f"by {found.engine}"]),
    )
    for (room, name), several in groupby(found.transitions, key=lambda one: (one.room, one.id)):
        yield Listing(
            title=_TITLES[room].format(name),
            columns=(Column("Before", 18), Column("After", 18), Column("Clients", 11, "right")),
            rows=[Row((str(one.before), str(one.after), f"{one.count:,}")) for one in several],
        )
    if found.owed is not None:
        works = [(one.role, one.before, one.after) for one in found.workload]
        yield workload_listing(works, found.undecided)
        yield _owed_listing(found.owed)


def _owed_listing(owed: "Sequence[OwedChange]") -> Listing:
    """What is owed otherwise, rule by rule."""
    lost, gained = sum(one.lost_minutes for one in owed), sum(one.gained_minutes for one in owed)
    return Listing(
        title="Contacts owed otherwise",
        columns=(Column("Rule"), *(Column(title, 11, "right") for title in ("Lost", "Gained", "Redated"))),
        rows=[Row((one.rule_id, *(f"{count:,}" for count in (one.lost, one.gained, one.redated)))) for one in owed],
        note=f"minutes of these contacts: {lost:,} lost, {gained:,} gained" if lost or gained else "",
        empty="none",
    )
