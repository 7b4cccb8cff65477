"""Changed shares: which way the places go, and who pays for it."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final

from relcare.ranking import TieRule
from relcare.segmentation import QuotaScheme
from relcare.soundness._difference_values import Direction, PlaceFlow, ShareDifference, Standing, direction_of, joint_direction

__all__ = ["quota_direction", "share_difference"]

# From the rule that is hardest on the members of a tied group to the one that is kindest.
_TIES: Final[tuple[TieRule, ...]] = ("together downward", "by id", "together upward")


def share_difference(old: QuotaScheme, new: QuotaScheme) -> ShareDifference | None:
    """Which places of 100 go from which tier to which, exactly; None when no tier has another share.

    It is about places of the ranking and not about clients: who stands on a place is the score's matter, and a book of n clients
    is cut at whole places near these (SEG-2).
    """
    before = {tier.id: tier.share * 100 for tier in old.tiers}
    after = {tier.id: tier.share * 100 for tier in new.tiers}
    if list(before.items()) == list(after.items()):
        return None
    known = dict.fromkeys((*after, *before))
    return ShareDifference(
        flows=tuple(_flows(before, after)),
        sizes=tuple((tier, before.get(tier, Fraction(0)), after.get(tier, Fraction(0))) for tier in known),
    )


def _flows(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> list[PlaceFlow]:
    """Walks down both rankings at once, from border to border."""
    ends = sorted({Fraction(0), *accumulate(before.values()), *accumulate(after.values())})
    places: dict[tuple[str, str], Fraction] = {}
    for start, end in pairwise(ends):
        pair = _tier_at(end, before), _tier_at(end, after)
        if pair[0] != pair[1]:
            places[pair] = places.get(pair, Fraction(0)) + end - start
    return [PlaceFlow(left, entered, count) for (left, entered), count in places.items()]


def _tier_at(place: Fraction, sizes: Mapping[str, Fraction]) -> str:
    """The tier that a place is in; a place on a border is in the tier above it."""
    return next(tier for tier, end in zip(sizes, accumulate(sizes.values()), strict=True) if place <= end)


def quota_direction(old: QuotaScheme, new: QuotaScheme) -> Direction:
    """Which way the clients of a quota go whose ranking stays as it is.

    More places down to each border can only raise, whatever the number of clients (SEG-2), and so can a kinder rule for ties
    (SEG-3). Anything else that changes the ranking, or whom it holds, has no direction.
    """
    if _ranking_of(old) != _ranking_of(new):
        return "other"
    orders = old.tier_ids, new.tier_ids
    shares = share_difference(old, new)
    flows = shares.flows if shares is not None else ()
    ways: list[Direction] = [direction_of(Standing("tier", flow.before), Standing("tier", flow.after), orders) for flow in flows]
    kinder = _TIES.index(new.ties) - _TIES.index(old.ties)
    ways.append("only raises" if kinder > 0 else "only lowers" if kinder < 0 else "equal")
    return joint_direction(ways)


def _ranking_of(scheme: QuotaScheme) -> tuple[object, ...]:
    return scheme.score, scheme.group_by, scheme.missing, scheme.newcomer
