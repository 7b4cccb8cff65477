"""Borders instead of ranks: who is in the best k needs no full ranking, only the key of the last one in (SEG-2, SEG-3)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal

import attrs

__all__ = ["TIE_RULES", "Border", "Ranking", "TieRule", "rank"]

TieRule = Literal["by id", "together upward", "together downward"]
TIE_RULES: Final[tuple[TieRule, ...]] = ("by id", "together upward", "together downward")


@attrs.frozen
class Border:
    """The last key that is in: everybody with a higher score, and those with this score up to and including this id.

    Attributes:
        score: The score at the border, in the core's integers.
        last_id: The highest id by code point that is in at this score; None when all with this score are in.
    """

    score: int
    last_id: str | None

    def includes(self, score: int, member_id: str) -> bool:
        """Whether a score and id are on the near side of the border."""
        return score > self.score or (score == self.score and (self.last_id is None or member_id <= self.last_id))


@attrs.frozen(eq=False)
class Ranking:
    """Scores in order, with a border for each cut.

    Attributes:
        scores: By id; higher is better.
        borders: One a cut, best first; None where nobody is in: a cut of 0, or equals at the top that all go below it.
        ties: Ids that share the score at a cut although the cut runs between them; one tuple a cut, empty where it does not.
    """

    scores: Mapping[str, int]
    borders: tuple[Border | None, ...]
    ties: tuple[tuple[str, ...], ...]
    _descending: Sequence[int] = attrs.field(alias="descending")

    def place(self, member_id: str) -> int | None:
        """The index of the first border that includes a member; None when none does."""
        return self._first(self.scores[member_id], member_id)

    def places(self) -> dict[str, int | None]:
        """The `place` of everybody, in the order of `scores`.

        A score has one place for all who share it, except at a border that parts equals: only those are asked by id.
        """
        table = {score: self._first(score, "") for score in set(self._descending)}
        found = {member_id: table[score] for member_id, score in self.scores.items()}
        pairs = zip(self.ties, self.borders, strict=True)
        parting = (group for group, border in pairs if border is not None and border.last_id is not None)
        for group in dict.fromkeys(parting):
            for member_id in group:
                found[member_id] = self.place(member_id)
        return found

    def _first(self, score: int, member_id: str) -> int | None:
        """The index of the first border that includes a score and an id; each border includes all that those before it do."""
        borders = self.borders
        index = bisect_left(
            borders,
            True,  # noqa: FBT003 - what the key must be
            key=lambda border: border is not None and border.includes(score, member_id),
        )
        return index if index < len(borders) else None

    def rank_of(self, member_id: str) -> int:
        """The rank from 1: score descending, then id by code point (SEG-3)."""
        score = self.scores[member_id]
        above = bisect_left(self._descending, -score, key=lambda other: -other)
        return above + bisect_left(self._equals[score], member_id) + 1

    def member_at(self, place: int) -> str:
        """Who has a rank, from 1 to the number of members; the inverse of `rank_of`."""
        score = self._descending[place - 1]
        above = bisect_left(self._descending, -score, key=lambda other: -other)
        return self._equals[score][place - 1 - above]

    def equals_of(self, member_id: str) -> tuple[str, ...]:
        """Everybody with a member's score, itself included, by code point: their ranks follow one another."""
        return tuple(self._equals[self.scores[member_id]])

    @cached_property
    def _equals(self) -> Mapping[int, Sequence[str]]:
        """The ids of each score, by code point; set at once when complete, for threads may ask at the same time."""
        groups: dict[int, list[str]] = {}
        for member, value in self.scores.items():
            groups.setdefault(value, []).append(member)
        return {value: sorted(group) for value, group in groups.items()}


def rank(scores: Mapping[str, int], at: Sequence[int], ties: TieRule = "by id") -> Ranking:
    """Who is in the best k, for several k at once.

    Only the bare scores are sorted; ids are compared among those at a border alone, which is where most of the time of a full
    sort goes.

    Args:
        scores: Exact integers by id; higher is better.
        at: The cuts, ascending, each from 0 to the number of scores.
        ties: What becomes of equal scores that a cut would part: `by id`, `together upward` (all of them are in),
            `together downward` (none of them is).

    Source: SEG-3.
    """
    descending = sorted(scores.values(), reverse=True)
    borders: list[Border | None] = []
    parted: list[tuple[str, ...]] = []
    equals = _equals_at(scores, descending, at)
    for cut in at:
        if cut <= 0:
            borders.append(None)
            parted.append(())
            continue
        score = descending[cut - 1]
        if cut == len(descending) or descending[cut] < score:
            borders.append(Border(score, None))
            parted.append(())
            continue
        group = equals[score]
        above = bisect_left(descending, -score, key=lambda other: -other)
        parted.append(group)
        if ties == "together downward":
            borders.append(Border(descending[above - 1], None) if above else None)
        else:
            borders.append(Border(score, None if ties == "together upward" else group[cut - above - 1]))
    return Ranking(scores, tuple(borders), tuple(parted), descending)


def _equals_at(scores: Mapping[str, int], descending: Sequence[int], at: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Everybody with a score that a cut runs through, by code point; one pass, however many cuts there are."""
    count = len(descending)
    groups: dict[int, list[str]] = {
        descending[cut]: [] for cut in at if 0 < cut < count and descending[cut] == descending[cut - 1]
    }
    if groups:
        for member, value in scores.items():
            if value in groups:
                groups[value].append(member)
    return {value: tuple(sorted(group)) for value, group in groups.items()}
