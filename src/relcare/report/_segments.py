"""Segments for reading: who is in them, what their members share, whom to invite."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import because, count_of
from relcare.segments import CommonTrait, CriterionSegment, InCommon, Invitation, Invitations, SegmentResult

__all__ = ["common_listing", "invitation_listings", "segment_listings", "segments_listing"]

_RAREST: Final = 1_000_000


def segments_listing(results: Iterable[SegmentResult]) -> Listing:
    """Every segment with how many are in it, in no cell of it, and unknown."""
    rows = [
        Row(
            (
                f"{len(one.members):,}",
                f"{len(one.unplaced):,}",
                f"{len(one.unknown):,}",
                f"{len(one.cells):,} of {one.cell_count:,}" if one.dimensions else "",
                one.segment.id,
            ),
            one.segment.title or "",
        )
        for one in results
    ]
    return Listing(
        title=count_of(len(rows), "segment"),
        columns=(
            Column("Members", 8, "right"),
            Column("Unplaced", 8, "right"),
            Column("Unknown", 8, "right"),
            Column("Cells", 14, "right"),
            Column("Segment"),
        ),
        rows=rows,
        empty="the policy has none",
    )


def segment_listings(result: SegmentResult, names: Names) -> Iterator[Listing]:
    """One segment: its cells with who is in each, or its members; then who is in no cell, and of whom it is unknown."""
    segment = result.segment
    heading = segment.id if segment.title is None else f"{segment.id}, {segment.title}"
    members = count_of(len(result.members), "member")
    if isinstance(segment, CriterionSegment):
        lead = f"when {segment.when}"
        yield _clients(f"{heading}: {members}", result, result.members, names, lead=lead)
    else:
        yield Listing(
            title=f"{heading}: {members} in {len(result.cells):,} of {count_of(result.cell_count, 'cell')}",
            columns=(Column("Clients", 8, "right"), Column("Cell")),
            lead=f"by {', '.join(segment.by)}" + ("" if segment.scope is None else f"; of those for whom {segment.scope}"),
            rows=[Row((f"{len(c.client_ids):,}", c.name), ", ".join(map(names.client, c.client_ids))) for c in result.cells],
            empty="nobody",
        )
        if result.unplaced:
            yield _clients(f"In no cell: {len(result.unplaced):,}", result, result.unplaced, names)
    if result.unknown:
        yield _clients(f"Unknown: {len(result.unknown):,}", result, result.unknown, names)


def _clients(title: str, result: SegmentResult, client_ids: Iterable[str], names: Names, *, lead: str = "") -> Listing:
    found = [result.membership(client_id) for client_id in client_ids]
    return Listing(
        title=title,
        columns=(Column("Client"),),
        lead=lead,
        rows=[Row((names.client(one.client_id),), because(one.reasons)) for one in found],
        empty="nobody",
    )


def common_listing(title: str, shared: InCommon) -> Listing:
    """What the members share, the highest lift first, and how rare so many would be by chance.

    Args:
        title: Whose.
        shared: What was found.
    """
    missing = [f"{name} of {count:,} of {len(shared.client_ids):,}" for name, count in shared.missing.items() if count]
    looked_at = next((one.looked_at for one in shared.found), 0)
    notes = [f"chance among the {count_of(looked_at, 'value')} looked at is in brackets"] if looked_at else []
    notes.extend([f"left out, because missing: {', '.join(missing)}"] if missing else [])
    return Listing(
        title=title,
        columns=(
            Column("Members", 9, "right"),
            Column("Book", 11, "right"),
            Column("Lift", 6, "right"),
            Column("By chance", 22, "right"),
            Column("Value"),
        ),
        lead=f"shared by {count_of(shared.at_least, 'member')} or more; of those of whom it is known",
        rows=[_trait(one) for one in shared.found],
        empty="nothing that so many share",
        note="; ".join(notes),
    )


def _trait(one: CommonTrait) -> Row:
    return Row(
        (
            f"{one.count:,}/{one.known:,}",
            f"{one.book_count:,}/{one.book_known:,}",
            _two_places(one.lift),
            f"{_odds(one.chance)} ({_odds(one.chance_of_any)})",
            f"{one.fact} = {one.value}",
        )
    )


def _two_places(value: Fraction) -> str:
    """Rounded half up."""
    whole, rest = divmod(int(value * 100 + Fraction(1, 2)), 100)
    return f"{whole:,}.{rest:02d}"


def _odds(chance: Fraction) -> str:
    """A likelihood for people: per cent while it is likely, `1 in 250` when it is rare."""
    if chance * 50 >= 1:
        return f"{int(chance * 100 + Fraction(1, 2))} %"
    return f"1 in {int(1 / chance):,}" if chance * _RAREST >= 1 else f"< 1 in {_RAREST:,}"


def invitation_listings(title: str, found: Invitations, names: Names) -> Iterator[Listing]:
    """Who of the segment shares a theme, who besides, and whom to ask.

    Args:
        title: What for.
        found: Whom it suits.
        names: Of clients.
    """
    note = "whether each may be contacted: relcare may-contact"
    yield _guests(f"{title}: {count_of(len(found.inside), 'client')} of the segment", found.inside, names, note)
    yield _guests(f"Besides: {count_of(len(found.outside), 'client')} outside it", found.outside, names, "")
    if found.unknown:
        yield Listing(
            title=f"To be asked: {count_of(len(found.unknown), 'member')} of whom {found.theme.fact} is missing",
            columns=(Column("Client"),),
            rows=[Row((names.client(client_id),)) for client_id in found.unknown],
        )


def _guests(title: str, guests: Iterable[Invitation], names: Names, note: str) -> Listing:
    return Listing(
        title=title,
        columns=(Column("Client"),),
        rows=[Row((names.client(one.client_id),), because(one.reasons)) for one in guests],
        empty="nobody",
        note=note,
    )
