"""Demand against capacity for a terminal: figures and bars."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from relcare.planning import BookDemand, DemandGrouping, MemberDemand
from relcare.report._listing import Column, Listing, Row
from relcare.report._text import MISSING, count_of, plain

__all__ = ["bar", "capacity_pages"]

_BAR: Final = 20
_FULL: Final = 14
"""The place of the mark: what is to the left of it fits, what is to the right does not."""
_NOBODY: Final[Mapping[DemandGrouping, str]] = {"owner": "nobody", "role": "no role", "team": "no team"}
_FIGURES: Final = (
    Column("Clients", 7, "right"),
    Column("Average", 7, "right"),
    Column("Peak", 6, "right"),
    Column("Capacity", 8, "right"),
    Column("", _BAR + 1),
)


def bar(average: Fraction, peak: int, capacity: int, width: int = _BAR, full: int = _FULL) -> str:
    """A bar of a demand: the average solid, the fullest day shaded, the rest dotted, and a mark where the capacity ends.

    Args:
        average: Minutes a day.
        peak: On the fullest day; less than the average is drawn as the average.
        capacity: Minutes a day; none draws what is asked at full length.
        width: Of the bar, in cells, the mark not counted. What would be longer ends in `»`.
        full: How many of them the capacity takes.
    """
    scale = Fraction(full, capacity) if capacity else None
    solid, shaded = (
        (width + 1 if value else 0) if scale is None else min(width + 1, _rounded_up(value * scale))
        for value in (average, Fraction(peak))
    )
    cells = ("█" * solid).ljust(shaded, "░").ljust(full, "·")
    if len(cells) > width:
        cells = f"{cells[: width - 1]}»"
    return f"{cells[:full]}│{cells[full:]}"


def _rounded_up(value: Fraction) -> int:
    """Whole cells, so that what is asked for is always seen, and what does not fit is beyond the mark."""
    return -(-value.numerator // value.denominator)


def capacity_pages(demand: BookDemand) -> Iterator[Listing]:
    """The demand of a book by account manager, role and team, with a bar for each, and the largest book that fits.

    Args:
        demand: See `relcare.planning.demand_of`.

    Yields:
        One listing for each grouping; of roles and teams only where there is more than one.
    """
    yield Listing(
        title=f"{demand.as_of}: {count_of(demand.clients, 'client')}, minutes a working day",
        lead=_lead(demand),
        columns=(Column("Who"), *_FIGURES),
        rows=(*(_row(member, "owner") for member in demand.members), _row(demand.total, None)),
        note=_note(demand),
    )
    for grouping in ("role", "team"):
        groups = demand.by(grouping)
        if len(groups) > 1:
            yield Listing(
                title=f"By {grouping}",
                columns=(Column(grouping.capitalize()), *_FIGURES),
                rows=(_row(group, grouping) for group in groups),
            )


def _lead(demand: BookDemand) -> str:
    lines = ["█ on average, ░ on the fullest day, │ the capacity"]
    if demand.undecided:
        times = "once" if demand.undecided == 1 else f"{demand.undecided:,} times"
        lines.append(f"Not counted: rules of which nobody can say whether they apply to a client, {times}.")
    return "\n".join(lines)


def _row(member: MemberDemand, grouping: DemandGrouping | None) -> Row:
    return Row(
        (
            "all" if grouping is None else _name(member, grouping),
            f"{member.clients:,}",
            _minutes(member.average),
            f"{member.peak:,}",
            f"{member.capacity:,}",
            bar(member.average, member.peak, member.capacity),
        )
    )


def _name(member: MemberDemand, grouping: DemandGrouping) -> str:
    name = _NOBODY[grouping] if member.name is None else plain(member.name)
    return name if grouping == "owner" or member.staff <= 1 else f"{name} ({member.staff})"


def _note(demand: BookDemand) -> str:
    if demand.largest_book is None:
        return "The rules ask for nothing."
    too_much = [_name(member, "owner") for member in demand.members if not member.fits]
    fits = f"Too much on average for {', '.join(too_much)}." if too_much else "On average everything fits."
    full = [_name(member, "owner") for member in demand.members if member.fits and not member.fits_peak]
    peaks = f" The fullest day is too full for {', '.join(full)}." if full else ""
    shared = MISSING if demand.largest_shared_book is None else f"{demand.largest_shared_book:,}"
    clients = count_of(demand.largest_book, "client")
    return (
        f"{fits}{peaks} The largest book of this mix that fits has {clients} with everybody's share as it is, "
        f"and {shared} where each role shares its work evenly."
    )


def _minutes(value: Fraction) -> str:
    return f"{float(round(value, 1)):,.1f}"
