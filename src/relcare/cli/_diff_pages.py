"""`relcare diff` on a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from relcare.grades import GradePlace
from relcare.model import Reason
from relcare.report import Column, Listing, Names, Row, count_of
from relcare.report._text import because, shown
from relcare.segments import SegmentMembership
from relcare.soundness import (
    ChangedRegion,
    DeclaredChange,
    PolicyDifference,
    PopulationDifference,
    RuleDifference,
    ShareDifference,
)

__all__ = ["policy_pages", "population_pages", "way", "workload_listing"]

_ROOMS: Final = {
    "grades": "Grade",
    "segmentation": "Scheme",
    "vip": "VIP programme",
    "segments": "Segment",
    "cadence": "Cadence rule",
}
_STANDINGS: Final = (Column("Before", 18), Column("After"))
_SHORT: Final = 14


def policy_pages(found: PolicyDifference) -> Iterator[Listing]:
    """In what two policies differ: what was written otherwise, and whom that moves."""
    yield _summary(found)
    if found.changes:
        yield _changes_listing(found.changes)
    for one in found.compared:
        if one.shares is not None:
            yield _shares_listing(one, one.shares)
        if one.by_rank:
            yield _by_rank_listing(one)
        if one.regions or one.undecided is not None:
            yield _regions_listing(one)
    if any(one.affected_by for one in found.compared):
        yield _affected_listing(found.compared)


def _summary(found: PolicyDifference) -> Listing:
    verdict = "they decide every client alike" if found.is_equal else f"tiers and VIPs: {way(found.direction)}"
    given_up = sum(one.undecided is not None for one in found.compared)
    return Listing(
        title=f"From policy {found.old_id} version {found.old_version} to policy {found.new_id} version {found.new_version}",
        lead=verdict,
        note=f"{count_of(given_up, 'comparison is', 'comparisons are')} undecided" if given_up else "",
    )


def way(direction: str) -> str:
    """Which way, in words."""
    return {
        "equal": "nobody's changes",
        "both": "some rise and some fall",
        "other": "some changes are neither up nor down",
    }.get(direction, direction)


def _changes_listing(changes: Sequence[DeclaredChange]) -> Listing:
    return Listing(
        title=f"Written otherwise: {count_of(len(changes), 'place')}",
        columns=(Column("Where"), Column("Old", _SHORT), Column("New", _SHORT)),
        rows=(_change_row(change) for change in changes),
    )


def _change_row(change: DeclaredChange) -> Row:
    where = " ".join(part for part in (change.room, change.id, change.field) if part)
    if change.kind != "changed":
        return Row((where, "", "added") if change.kind == "added" else (where, "", "removed"))
    before, after = change.before or "not given", change.after or "not given"
    if max(len(before), len(after)) <= _SHORT:
        return Row((where, before, after))
    return Row((where, "", ""), f"{before} → {after}")


def _shares_listing(one: RuleDifference, shares: ShareDifference) -> Listing:
    sizes = ", ".join(f"{tier} {_number(before)} → {_number(after)}" for tier, before, after in shares.sizes)
    paid = " and ".join(f"{tier} pays {_number(places)}" for tier, places in shares.payers)
    gained = " and ".join(f"{tier} gains {_number(places)}" for tier, places in shares.gainers)
    return Listing(
        title=f"Scheme {one.id}, places of 100: {sizes}",
        lead="; ".join(part for part in (gained, paid) if part),
        columns=(Column("Places", 8, "right"), Column("From", 8), Column("To")),
        rows=(Row((_number(flow.places), flow.before, flow.after)) for flow in shares.flows),
        empty="every place stays in its tier",
    )


def _by_rank_listing(one: RuleDifference) -> Listing:
    return Listing(
        title=f"{_ROOMS[one.room]} {one.id}: other {', '.join(one.by_rank)}",
        empty="whom that moves depends on the others: compare on a book with --book and --as-of",
    )


def _regions_listing(one: RuleDifference) -> Listing:
    head = f"{_ROOMS[one.room]} {one.id}"
    if one.undecided is not None:
        return Listing(title=f"{head}: undecided", empty=one.undecided)
    return Listing(
        title=f"{head}: {count_of(len(one.regions), 'region')}, {one.direction}",
        columns=_STANDINGS,
        rows=(_region_row(region) for region in one.regions),
    )


def _region_row(region: ChangedRegion) -> Row:
    facts = ", ".join(f"{name} {shown(value)}" for name, value in region.witnesses[0].facts.items())
    told = [region.text or "everybody", f"for example {facts}" if facts else ""]
    if region.computed:
        told.append(f"if there is such a client: {', '.join(region.computed)} is computed from other facts")
    return Row((str(region.before), str(region.after)), "; ".join(part for part in told if part))


def _affected_listing(compared: Sequence[RuleDifference]) -> Listing:
    """What reads facts that are others now; by fact, for one scheme feeds many rules."""
    readers: dict[str, list[str]] = {}
    for one in compared:
        for fact in one.affected_by:
            readers.setdefault(fact, []).append(f"{_ROOMS[one.room].lower()} {one.id}")
    return Listing(
        title="Read facts that change: the same client may have other values of them",
        columns=(Column("Fact"),),
        rows=(Row((fact,), ", ".join(names)) for fact, names in readers.items()),
    )


def population_pages(found: PopulationDifference, names: Names) -> Iterator[Listing]:
    """Who in a book moves and why, and what that does to the workload."""
    clients = count_of(len(found.client_ids), "client")
    yield Listing(
        title=f"On {found.as_of}, {len(found.moved):,} of {clients} {'moves' if len(found.moved) == 1 else 'move'}",
        lead=way(found.direction),
        note=_beside(found),
    )
    for scheme_id in dict.fromkeys(move.scheme_id for move in found.tier_moves):
        counted = ", ".join(f"{before} → {after} {count:,}" for (before, after), count in found.transitions(scheme_id).items())
        yield Listing(
            title=f"Scheme {scheme_id}: {counted}",
            columns=(Column("Before", 12), Column("After", 12), Column("Client")),
            rows=(
                Row((str(before), str(after), names.client(move.client_id)), because(move.after.reasons, is_brief=True))
                for move in found.tier_moves
                if move.scheme_id == scheme_id
                for before, after in [move.standings]
            ),
        )
    for programme_id in dict.fromkeys(move.programme_id for move in found.vip_moves):
        own = [move for move in found.vip_moves if move.programme_id == programme_id]
        standings = [(one.before.qualification, one.after.qualification, one.client_id, one.after.reasons) for one in own]
        yield _moves_listing(f"VIP programme {programme_id}", standings, names)
    for grade_id in dict.fromkeys(move.grade_id for move in found.grade_moves):
        graded = [move for move in found.grade_moves if move.grade_id == grade_id]
        places = [(_grade(one.before), _grade(one.after), one.client_id, one.after.reasons) for one in graded]
        yield _moves_listing(f"Grade {grade_id}", places, names)
    for segment_id in dict.fromkeys(move.segment_id for move in found.segment_moves):
        seated = [move for move in found.segment_moves if move.segment_id == segment_id]
        seats = [(_seat(one.before), _seat(one.after), one.client_id, one.after.reasons) for one in seated]
        yield _moves_listing(f"Segment {segment_id}", seats, names)
    zero, before, after = Fraction(0), found.workload_before, found.workload_after
    roles = [(role, before.get(role, zero), after.get(role, zero)) for role in sorted({*before, *after})]
    yield workload_listing(roles, (found.undecided_before, found.undecided_after))
    yield _contacts_listing(found)


def _moves_listing(title: str, moves: Sequence[tuple[str, str, str, Sequence[Reason]]], names: Names) -> Listing:
    """Who went from where to where, by client id, with the reasons of where they are."""
    return Listing(
        title=title,
        columns=(Column("Before", 12), Column("After", 12), Column("Client")),
        rows=(
            Row((before, after, names.client(client_id)), because(reasons, is_brief=True))
            for before, after, client_id, reasons in moves
        ),
    )


def _beside(found: PopulationDifference) -> str:
    """Moves that are neither up nor down, and are not counted among those that are."""
    graded = len({move.client_id for move in found.grade_moves})
    seated = len({move.client_id for move in found.segment_moves})
    told = [f"{count_of(graded, 'client has', 'clients have')} another grade"] if graded else []
    if seated:
        told.append(f"{count_of(seated, 'client is', 'clients are')} elsewhere in segments")
    return "; ".join(told)


def _seat(membership: SegmentMembership) -> str:
    return ", ".join(" / ".join(cell) for cell in membership.cells) or membership.answer


def _grade(place: GradePlace) -> str:
    return "none" if place.grade is None else f"{place.grade} of {place.parts}"


def workload_listing(roles: Sequence[tuple[str, Fraction, Fraction]], undecided: tuple[int, int]) -> Listing:
    """How much work each role has before and after.

    Args:
        roles: Each with its minutes under the old and under the new policy.
        undecided: How many rules are undecided under either.
    """
    zero = Fraction(0)
    total = ("all", sum((before for _, before, _ in roles), zero), sum((after for *_, after in roles), zero))
    return Listing(
        title="Workload in minutes per four weeks, if every contact is kept on time",
        columns=(Column("Role"), Column("Before", 10, "right"), Column("After", 10, "right"), Column("Change", 10, "right")),
        rows=(
            Row((role, f"{round(one):,}", f"{round(other):,}", f"{round(other) - round(one):+,}"))
            for role, one, other in (*roles, total)
        ),
        note=f"undecided rules, {undecided[0]:,} before and {undecided[1]:,} after, are in neither" if any(undecided) else "",
    )


def _contacts_listing(found: PopulationDifference) -> Listing:
    lost, gained = (Counter(owed.rule_id for owed in side) for side in (found.lost, found.gained))
    redated = Counter(after.rule_id for _, after in found.redated)
    rules = sorted({*lost, *gained, *redated})
    return Listing(
        title=f"Contacts owed: {len(found.lost):,} lost, {len(found.gained):,} gained, {len(found.redated):,} on another day",
        columns=(Column("Rule"), Column("Lost", 8, "right"), Column("Gained", 8, "right"), Column("Other day", 9, "right")),
        rows=(Row((rule, f"{lost[rule]:,}", f"{gained[rule]:,}", f"{redated[rule]:,}")) for rule in rules),
    )


def _number(value: Fraction) -> str:
    """To two places at most."""
    text = f"{Decimal(round(value * 100)).scaleb(-2):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
