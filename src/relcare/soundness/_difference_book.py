"""Whom in a book another policy moves, and what that does to the workload."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

import attrs

from relcare.calendars import Calendar
from relcare.decisions import BookResult, Policy
from relcare.model import Book, Obligation, Obligations, TierSpell
from relcare.segmentation import SchemeResult
from relcare.segments import SegmentResult
from relcare.soundness._difference_moves import GradeMove, SegmentMove, TierMove, VipMove, standing_by
from relcare.soundness._difference_values import Direction, Standing, direction_of, joint_direction
from relcare.soundness._difference_workload import workload_of

__all__ = ["PopulationDifference", "compare_on"]


@attrs.frozen(kw_only=True)
class PopulationDifference:
    """What another policy does to the clients of a book.

    Attributes:
        as_of: The day.
        client_ids: Everybody who was asked about, in the order of the book.
        tier_moves: Who moves in the schemes that both policies have, scheme by scheme, in the order of the book.
        vip_moves: Whose qualification changes for the programmes that both policies have, likewise.
        grade_moves: Who has another number, or none any more, in the grades that both policies have, likewise; beside the moves,
            for a grade decides nothing by itself.
        segment_moves: Who comes into a segment that both policies have, leaves it, or is in other cells of it, likewise; beside
            the moves, for a segment has no better and worse.
        workload_before: Minutes in four weeks by role under the old policy, see `workload_of`.
        workload_after: The same under the new one.
        gained: What is owed under the new policy alone: another rule, or another occurrence of it.
        lost: What is owed under the old policy alone.
        redated: What both owe, on different days, as the old and as the new policy see it.
        undecided_before: How many rules are undecided for a client under the old policy; they are in no workload.
        undecided_after: The same under the new one.
    """

    as_of: date
    client_ids: tuple[str, ...]
    tier_moves: tuple[TierMove, ...]
    vip_moves: tuple[VipMove, ...]
    grade_moves: tuple[GradeMove, ...] = ()
    segment_moves: tuple[SegmentMove, ...] = ()
    workload_before: Mapping[str, Fraction]
    workload_after: Mapping[str, Fraction]
    gained: Obligations
    lost: Obligations
    redated: tuple[tuple[Obligation, Obligation], ...]
    undecided_before: int
    undecided_after: int

    @property
    def moves(self) -> tuple[TierMove | VipMove, ...]:
        """Moves of both kinds."""
        return (*self.tier_moves, *self.vip_moves)

    @property
    def moved(self) -> tuple[str, ...]:
        """Who moves in any scheme or programme, each once, in the order of the book."""
        movers = {move.client_id for move in self.moves}
        return tuple(client_id for client_id in self.client_ids if client_id in movers)

    @property
    def direction(self) -> Direction:
        """Which way they move, all together."""
        return joint_direction(move.direction for move in self.moves)

    def transitions(self, scheme_id: str) -> Mapping[tuple[Standing, Standing], int]:
        """How many go from where to where in a scheme, in order of the first of each."""
        return Counter(move.standings for move in self.tier_moves if move.scheme_id == scheme_id)


def compare_on(old: Policy, new: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> PopulationDifference:
    """What another policy does to a book on a day: who moves and why, what is owed otherwise, and how much work that is.

    Both policies decide the whole book anew, with the tiers in force as they are. What is owed and who qualifies is then asked as
    if each policy's own tiers were in force from that day on: the question is what a policy leads to, not what was decided under
    another one.

    Args:
        old: The policy to come from.
        new: The policy to go to.
        book: Clients with their history.
        as_of: A day on which both policies are in force, as for `Policy.decide`.
        calendar: Business days; by default each policy's own.

    Raises:
        PolicyError: If one of the policies is not in force on that day; it names the policy.
        InvalidValueError: As for `Policy.decide`.
        MissingExtraError: As for `Policy.decide`.
    """
    reviewed = tuple(policy.decide(book, as_of=as_of, calendar=calendar) for policy in (old, new))
    before, after = (
        policy.decide(_in_force(book, result), as_of=as_of, calendar=calendar) if book.tier_spells else result
        for policy, result in zip((old, new), reviewed, strict=True)
    )
    owed_before = {owed.key: owed for owed in before.obligations}
    owed_after = {owed.key: owed for owed in after.obligations}
    both = [(owed_before[key], owed) for key, owed in owed_after.items() if key in owed_before]
    return PopulationDifference(
        as_of=after.as_of,
        client_ids=after.client_ids,
        tier_moves=tuple(_tier_moves(*reviewed)),
        vip_moves=tuple(_vip_moves(before, after)),
        grade_moves=tuple(_grade_moves(*reviewed)),
        segment_moves=tuple(_segment_moves(before, after)),
        workload_before=workload_of(before.obligations),
        workload_after=workload_of(after.obligations),
        gained=Obligations((owed for owed in after.obligations if owed.key not in owed_before), is_sorted=True),
        lost=Obligations((owed for owed in before.obligations if owed.key not in owed_after), is_sorted=True),
        redated=tuple(pair for pair in both if pair[0].due_on != pair[1].due_on),
        undecided_before=len(before.undecided),
        undecided_after=len(after.undecided),
    )


def _in_force(book: Book, result: BookResult) -> Book:
    """The book as it stands once the tiers that were decided are in force."""
    spells = [
        TierSpell(client_id=client_id, scheme_id=scheme.scheme_id, tier=tier, start_on=result.as_of)
        for scheme in result.schemes.values()
        for client_id, tier in scheme.tiers.items()
    ]
    return attrs.evolve(book, tier_spells=spells)


def _tier_moves(before: BookResult, after: BookResult) -> Iterator[TierMove]:
    for scheme_id, new in after.schemes.items():
        old = before.schemes.get(scheme_id)
        if old is not None:
            for client_id in after.client_ids:
                if _place(old, client_id) != _place(new, client_id):
                    one, other = old.assignment(client_id), new.assignment(client_id)
                    direction = direction_of(standing_by(one), standing_by(other), (old.tier_ids, new.tier_ids))
                    yield TierMove(scheme_id=scheme_id, before=one, after=other, direction=direction)


def _place(scheme: SchemeResult, client_id: str) -> tuple[str | None, bool]:
    """Tier and scope: quicker to compare than assignments, which work out their reasons."""
    return scheme.tiers.get(client_id), client_id in scheme.out_of_scope


def _grade_moves(before: BookResult, after: BookResult) -> Iterator[GradeMove]:
    for grade_id, new in after.grades.items():
        old = before.grades.get(grade_id)
        if old is not None:
            for client_id in after.client_ids:
                if old.grades.get(client_id) != new.grades.get(client_id):
                    yield GradeMove(before=old.placement(client_id), after=new.placement(client_id))


def _segment_moves(before: BookResult, after: BookResult) -> Iterator[SegmentMove]:
    for segment_id, new in after.segments.items():
        old = before.segments.get(segment_id)
        if old is not None:
            was, now = _seats(old), _seats(new)
            for client_id in after.client_ids:
                if was.get(client_id) != now.get(client_id):
                    yield SegmentMove(before=old.membership(client_id), after=new.membership(client_id))


def _seats(segment: SegmentResult) -> Mapping[str, object]:
    """Where everybody is who is not outside: quicker to compare than memberships, which work out their reasons."""
    seats: dict[str, object] = {
        **dict.fromkeys(segment.members, "in"),
        **dict.fromkeys(segment.unknown, "unknown"),
        **dict.fromkeys(segment.unplaced, "unplaced"),
    }
    cells: dict[str, list[tuple[str, ...]]] = {}
    for cell in segment.cells:
        for client_id in cell.client_ids:
            cells.setdefault(client_id, []).append(cell.values)
    return seats | {client_id: frozenset(values) for client_id, values in cells.items()}


def _vip_moves(before: BookResult, after: BookResult) -> Iterator[VipMove]:
    for programme_id in after.programme_ids:
        if programme_id in before.programme_ids:
            for client_id in after.client_ids:
                old, new = (_qualification(result, programme_id, client_id) for result in (before, after))
                if old != new:
                    yield VipMove(
                        before=before.vip(programme_id, client_id),
                        after=after.vip(programme_id, client_id),
                        direction=direction_of(old, new),
                    )


def _qualification(result: BookResult, programme_id: str, client_id: str) -> Standing:
    """As the derived fact says, without the history that a whole decision goes through."""
    answer = result.facts(client_id)[f"vip.{programme_id}"]
    return Standing("yes" if answer == "yes" else "no" if answer == "no" else "unknown")
