"""What a review would do: to sizes, to the work, to who qualifies for VIP."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

import attrs

from relcare._fields import ReadOnlyMap
from relcare.calendars import Calendar
from relcare.decisions import BookResult, Policy
from relcare.model import Answer, Book, Review, ReviewBorder, ReviewRow, TierSpell
from relcare.review._change import moved_spells
from relcare.soundness import workload_of

__all__ = ["Preview", "VipChange", "preview"]


@attrs.frozen(kw_only=True)
class VipChange:
    """A client whose qualification another tier changes.

    Attributes:
        client_id: Who.
        programme_id: For which programme.
        before: With the tiers in force.
        after: With the tiers of the review.
    """

    client_id: str
    programme_id: str
    before: Answer
    after: Answer


@attrs.frozen(kw_only=True)
class Preview:
    """What a review does before it is decided.

    Attributes:
        review_id: The review.
        rises: The rows of who moves to a better tier, or gets the first one.
        falls: The rows of who moves to a worse tier, or loses the one it has.
        border_cases: The rows of who stands at a border, moving or not.
        unequal: The cuts that part equals.
        sizes_before: How many clients each tier has, by scheme, best tier first.
        sizes_after: The same with the tiers of the review.
        workload_before: Minutes in four weeks by role, see `relcare.soundness.workload_of`.
        workload_after: The same with the tiers of the review.
        vip: Whose qualification changes, programme by programme, in the order of the book.
    """

    review_id: str
    rises: tuple[ReviewRow, ...]
    falls: tuple[ReviewRow, ...]
    border_cases: tuple[ReviewRow, ...]
    unequal: tuple[ReviewBorder, ...]
    sizes_before: Mapping[str, Mapping[str, int]]
    sizes_after: Mapping[str, Mapping[str, int]]
    workload_before: Mapping[str, Fraction]
    workload_after: Mapping[str, Fraction]
    vip: tuple[VipChange, ...]


def preview(policy: Policy, book: Book, review: Review, *, calendar: Calendar | None = None) -> Preview:
    """What a review would do to the book if its tiers were in force on its day, and nothing else had changed.

    Args:
        policy: The one it was proposed by.
        book: The one it was proposed for.
        review: A proposal, with or without challenges, or a decided review.
        calendar: Business days; by default the policy's own (TIM-6).

    Source: SEG-11.
    """
    order = {scheme.id: {tier: place for place, tier in enumerate(scheme.tier_ids)} for scheme in policy.segmentation}
    rises: list[ReviewRow] = []
    falls: list[ReviewRow] = []
    for row in review.moves:
        (rises if _is_rise(order.get(row.scheme_id, {}), row.before, review.tier_of(row)) else falls).append(row)
    before, after = _decided(policy, book, review, calendar)
    return Preview(
        review_id=review.id,
        rises=tuple(rises),
        falls=tuple(falls),
        border_cases=tuple(row for row in review.rows if row.is_border),
        unequal=tuple(border for border in review.borders if border.is_unequal),
        sizes_before=_sizes(review, order, is_after=False),
        sizes_after=_sizes(review, order, is_after=True),
        workload_before=workload_of(before.obligations),
        workload_after=workload_of(after.obligations),
        vip=tuple(_vip(before, after)),
    )


def _is_rise(places: Mapping[str, int], before: str | None, tier: str | None) -> bool:
    if tier is None:
        return False
    return before is None or places.get(tier, len(places)) < places.get(before, len(places))


def _decided(policy: Policy, book: Book, review: Review, calendar: Calendar | None) -> tuple[BookResult, BookResult]:
    """The book with the tiers that the review found, and with those that it gives, both on its day."""
    found = attrs.evolve(book, tier_spells=_as_found(book, review))
    moved = attrs.evolve(found, tier_spells=moved_spells(review, found.tier_spells, review.on, is_trial=True))
    before, after = (policy.decide(one, as_of=review.on, calendar=calendar) for one in (found, moved))
    return before, after


def _as_found(book: Book, review: Review) -> list[TierSpell]:
    """Spells that are in force on the day of the review as it found them."""
    reviewed = {(row.client_id, row.scheme_id) for row in review.rows}
    found = [spell for spell in book.tier_spells if (spell.client_id, spell.scheme_id) not in reviewed]
    for row in review.rows:
        if row.before is not None and row.since_on is not None:
            start_on: date = min(row.since_on, review.on)
            found.append(TierSpell(client_id=row.client_id, scheme_id=row.scheme_id, tier=row.before, start_on=start_on))
    return found


def _sizes(review: Review, order: Mapping[str, Mapping[str, int]], *, is_after: bool) -> Mapping[str, Mapping[str, int]]:
    sizes: dict[str, Mapping[str, int]] = {}
    for scheme_id in review.scheme_ids:
        rows = [row for row in review.rows if row.scheme_id == scheme_id]
        counts = Counter(review.tier_of(row) if is_after else row.before for row in rows)
        sizes[scheme_id] = ReadOnlyMap({tier: counts[tier] for tier in order.get(scheme_id, {})})
    return ReadOnlyMap(sizes)


def _vip(before: BookResult, after: BookResult) -> Iterator[VipChange]:
    for programme_id in after.programme_ids:
        pairs = zip(before.vip_decisions(programme_id), after.vip_decisions(programme_id), strict=True)
        for client_id, (was, now) in zip(after.client_ids, pairs, strict=True):
            if was.qualification != now.qualification:
                yield VipChange(client_id=client_id, programme_id=programme_id, before=was.qualification, after=now.qualification)
