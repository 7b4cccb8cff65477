"""`relcare diff` over columns: how many clients move, and how many contacts are owed otherwise."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

import attrs

from relcare.cli._diff_pages import way
from relcare.report import Column, Listing, Row, count_of
from relcare.soundness import Direction, joint_direction

if TYPE_CHECKING:
    from relcare.frames import ComparedFrames, OwedChange, Transition

__all__ = ["Counts", "counted_pages", "counts_of"]

_TITLES: Final = {"segmentation": "Scheme", "vip": "VIP programme", "segments": "Segment"}


@attrs.frozen(kw_only=True)
class Counts:
    """What was counted: each frame is asked once, whatever is shown of it."""

    as_of: date
    engine: str
    clients: int
    moved: int
    direction: Direction
    transitions: "tuple[Transition, ...]"
    owed: "tuple[OwedChange, ...] | None"


def counts_of(found: "ComparedFrames") -> Counts:
    """Everything that `relcare diff` shows of a comparison over columns."""
    transitions = found.transitions()
    return Counts(
        as_of=found.as_of,
        engine=found.engine,
        clients=found.clients,
        moved=found.moved(),
        direction=joint_direction(one.direction for one in transitions if one.room != "segments"),
        transitions=transitions,
        owed=None if found.contacts is None else found.owed(),
    )


def counted_pages(found: Counts) -> Iterator[Listing]:
    """How many go from where to where, scheme by scheme, and what is owed otherwise, rule by rule."""
    clients, move = count_of(found.clients, "client"), "moves" if found.moved == 1 else "move"
    yield Listing(
        title=f"On {found.as_of}, {found.moved:,} of {clients} {move}",
        lead=way(found.direction),
        note=f"by {found.engine}",
    )
    for (room, name), several in groupby(found.transitions, key=lambda one: (one.room, one.id)):
        yield Listing(
            title=f"{_TITLES[room]} {name}",
            columns=(Column("Before", 18), Column("After", 18), Column("Clients", 11, "right")),
            rows=[Row((str(one.before), str(one.after), f"{one.count:,}")) for one in several],
        )
    if found.owed is not None:
        columns = (Column("Rule"), *(Column(title, 11, "right") for title in ("Lost", "Gained", "Redated")))
        rows = [Row((one.rule_id, *(f"{count:,}" for count in (one.lost, one.gained, one.redated)))) for one in found.owed]
        yield Listing(title="Contacts owed otherwise", columns=columns, rows=rows, empty="none")
