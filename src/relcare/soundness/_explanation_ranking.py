"""Borders of a ranking as one client meets them while all others stay as they are: exact, without ranking anew."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.ranking import Ranking, TieRule, rank
from relcare.segmentation import QuotaScheme, SchemeResult, Scorer, cuts_of
from relcare.soundness._explanation import Placement

__all__ = ["Contest", "Contests", "seats_of"]

_NO_SEATS: Final[Mapping[str, int]] = ReadOnlyMap()


def seats_of(scheme: QuotaScheme, result: SchemeResult, client_id: str) -> Mapping[str, Mapping[str, int]]:
    """By group, how many places of each tier are taken by others who are not ranked: pinned exactly, kept, newcomers (SEG-10)."""
    if not scheme.uses_quota:
        return {}
    ranked = {one for ranking in result.rankings.values() for one in ranking.scores}
    taken = {one: tier for one, tier in result.tiers.items() if one not in ranked and one != client_id}
    if scheme.group_by is None:
        return {whole: Counter(taken.values()) for whole in result.rankings}
    seats: dict[str, Counter[str]] = {}
    for one, tier in taken.items():
        if one in result.groups:
            seats.setdefault(result.groups[one], Counter())[tier] += 1
    return seats


@attrs.frozen(eq=False)
class Contest:
    """A ranking as one client meets it: the others stay, the client moves.

    Attributes:
        scheme: The quota.
        ranking: Of everybody who is ranked.
        client_id: The client, ranked or not.
        cuts: After which rank each tier ends, this client counted.
        entries: The lowest score with which the client is in each tier or a better one, best tier first; infinite where no score
            is enough, or where any is.
    """

    scheme: QuotaScheme
    ranking: Ranking
    client_id: str
    cuts: tuple[int, ...]
    entries: tuple[float, ...]

    @classmethod
    def of(cls, scheme: QuotaScheme, ranking: Ranking, client_id: str, seats: Mapping[str, int] = _NO_SEATS) -> "Contest":
        """The contest for one client, with the places of each tier that the others who are not ranked take (SEG-10)."""
        is_ranked = client_id in ranking.scores
        count = len(ranking.scores) + (not is_ranked)
        own_rank = ranking.rank_of(client_id) if is_ranked else count
        at = tuple(cuts_of(scheme, count, seats))
        entries = tuple(_entry(ranking, cut, count, own_rank, client_id=client_id, ties=scheme.ties) for cut in at)
        return cls(scheme, ranking, client_id, at, entries)

    @classmethod
    def apart(cls, scheme: QuotaScheme, ranking: Ranking, client_id: str) -> "Contest":
        """The contest of a pinned client who takes no place: the borders of the others stand as they are (SEG-10)."""
        entries = tuple(
            inf if border is None else border.score + (not border.includes(border.score, client_id)) for border in ranking.borders
        )
        return cls(scheme, ranking, client_id, (), entries)

    def place(self, score: int) -> int:
        """The index of the tier that the client has with a score."""
        last = len(self.entries) - 1
        return next((index for index, entry in enumerate(self.entries) if score >= entry), last)

    def placement(self, scorer: Scorer) -> Placement | None:
        """Where the client stands; None when it is not ranked."""
        if self.client_id not in self.ranking.scores:
            return None
        score = self.ranking.scores[self.client_id]
        place, rank = self.place(score), self._rank_at_a_tie()
        spare = _apart(score, self.entries[place], scorer)
        better = self._next_better(place)
        lacking = None if better is None else _apart(self.entries[better], score, scorer)
        return Placement(
            score=scorer.in_words(score),
            rank=self.ranking.rank_of(self.client_id),
            count=len(self.ranking.scores),
            holds_from=_in_words(self.entries[place], scorer),
            spare_points=spare,
            spare_places=None if spare is None else self.cuts[place] - rank,
            next_tier=None if better is None else self.scheme.tier_ids[better],
            reached_from=None if better is None else _in_words(self.entries[better], scorer),
            lacking_points=lacking,
            lacking_places=None if better is None else rank - self.cuts[better],
        )

    def _next_better(self, place: int) -> int | None:
        """The nearest better tier that some score reaches; a tier without places is none."""
        higher = (inf, *self.entries)
        return next((index for index in reversed(range(place)) if self.entries[index] < higher[index]), None)

    def _rank_at_a_tie(self) -> int:
        """The rank that counts at a cut: of the first of its equals where they go up together, of the last where down."""
        equals = self.ranking.equals_of(self.client_id)
        counts = {"by id": self.client_id, "together upward": equals[0], "together downward": equals[-1]}
        return self.ranking.rank_of(counts[self.scheme.ties])


@attrs.frozen(eq=False)
class Contests:
    """The rankings of all groups as one client meets them: it may be in one, and could be in any other (SEG-4).

    Attributes:
        scheme: The quota.
        rankings: By group.
        client_id: The client, ranked or not.
        seats: By group, the places of each tier that others who are not ranked take, see `seats_of`.
        is_apart: Whether the client is pinned and takes no place.
    """

    scheme: QuotaScheme
    rankings: Mapping[str, Ranking]
    client_id: str
    seats: Mapping[str, Mapping[str, int]]
    is_apart: bool = False

    @cached_property
    def known(self) -> Mapping[str, Contest]:
        """By group, of each that has clients."""
        pairs = ((group, ranking, self.seats.get(group, _NO_SEATS)) for group, ranking in self.rankings.items())
        return {group: self._met(ranking, seats) for group, ranking, seats in pairs}

    @cached_property
    def alone(self) -> Contest:
        """In a group that nobody else is in."""
        return self._met(rank({}, [0] * len(self.scheme.tiers)), _NO_SEATS)

    def _met(self, ranking: Ranking, seats: Mapping[str, int]) -> Contest:
        if self.is_apart:
            return Contest.apart(self.scheme, ranking, self.client_id)
        return Contest.of(self.scheme, ranking, self.client_id, seats)

    def of(self, group: str) -> Contest:
        """The contest in a group."""
        return self.known.get(group, self.alone)

    def placement(self, scorer: Scorer) -> Placement | None:
        """Where the client stands in its own group; None when it is not ranked."""
        return next((c.placement(scorer) for c in self.known.values() if self.client_id in c.ranking.scores), None)


def _entry(ranking: Ranking, cut: int, count: int, own_rank: int, *, client_id: str, ties: TieRule) -> float:
    """The lowest score that is among the best so many: it must pass whoever of the others is the last of them."""
    if cut <= 0:
        return inf
    if cut >= count:
        return -inf
    rival = ranking.member_at(cut if cut < own_rank else cut + 1)
    is_equal_enough = ties == "together upward" or (ties == "by id" and client_id < rival)
    return ranking.scores[rival] + (not is_equal_enough)


def _in_words(entry: float, scorer: Scorer) -> Decimal | None:
    return scorer.in_words(entry) if isinstance(entry, int) else None


def _apart(high: float, low: float, scorer: Scorer) -> Decimal | None:
    return scorer.in_words(high - low) if isinstance(high, int) and isinstance(low, int) else None
