"""Borders instead of ranks: who is in the best k needs no full ranking, only the key of the last one in (SEG-2, SEG-3)."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, TypeVar

import attrs

__all__ = ["TIE_RULES", "Border", "Ranking", "TieRule", "rank", "rank_columns"]

TieRule = Literal["by id", "together upward", "together downward"]
_Label = TypeVar("_Label")
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
        borders: One a cut, best first; None where nobody is in: a cut of 0, or equals at the top that all go below it.
        ties: Ids that share the score at a cut although the cut runs between them; one tuple a cut, empty where it does not.
        cut_scores: The score of the last one above each cut; None for a cut of 0.
    """

    borders: tuple[Border | None, ...]
    ties: tuple[tuple[str, ...], ...]
    cut_scores: tuple[int | None, ...]
    _ids: Sequence[str] = attrs.field(alias="ids")
    _values: Sequence[int] = attrs.field(alias="values")
    _descending: Sequence[int] = attrs.field(alias="descending")

    @cached_property
    def scores(self) -> Mapping[str, int]:
        """The scores by id, in the order they were given; higher is better."""
        return dict(zip(self._ids, self._values, strict=True))

    @property
    def count(self) -> int:
        """How many are ranked."""
        return len(self._ids)

    def place(self, member_id: str) -> int | None:
        """The index of the first border that includes a member; None when none does."""
        return self.place_of(self.scores[member_id], member_id)

    def place_of(self, score: int, member_id: str) -> int | None:
        """The `place` that a score and an id have among the borders, of a member or not."""
        for index, border in enumerate(self.borders):
            if border is not None and border.includes(score, member_id):
                return index
        return None

    def places(self) -> dict[str, int | None]:
        """The `place` of everybody, in the order of `scores`."""
        return self.labelled([*range(len(self.borders))], None)

    def labelled(self, labels: Sequence[_Label], otherwise: _Label) -> dict[str, _Label]:
        """What everybody gets, in the order of `scores`, when each border has a label for whom it includes first.

        A score has one place for all who share it, except at a border that parts equals: only those are asked by id.

        Args:
            labels: One for each border, best first.
            otherwise: For whom no border includes.
        """
        ascending: list[int] = []
        worth = [otherwise]
        for border, label in reversed(list(zip(self.borders, labels, strict=True))):
            if border is not None:
                ascending.append(border.score)
                worth.append(label)
        found = dict(zip(self._ids, [worth[bisect_right(ascending, score)] for score in self._values], strict=True))
        for score, group in zip(self.cut_scores, self.ties, strict=True):
            if group and score is not None:
                places = ((member_id, self.place_of(score, member_id)) for member_id in group)
                found.update({member_id: otherwise if place is None else labels[place] for member_id, place in places})
        return found

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
    return rank_columns(list(scores), list(scores.values()), at, ties)


def rank_columns(ids: Sequence[str], values: Sequence[int], at: Sequence[int], ties: TieRule = "by id") -> Ranking:
    """The same as `rank` of ids and their scores in the same order, for those who have both by themselves.

    Source: SEG-3.
    """
    descending = sorted(values, reverse=True)
    borders: list[Border | None] = []
    parted: list[tuple[str, ...]] = []
    equals = _equals_at(ids, values, descending, at)
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
    reached = tuple(descending[cut - 1] if cut > 0 else None for cut in at)
    return Ranking(tuple(borders), tuple(parted), reached, ids, values, descending)


def _equals_at(
    ids: Sequence[str], values: Sequence[int], descending: Sequence[int], at: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Everybody with a score that a cut runs through, by code point; one pass, however many cuts there are."""
    count = len(descending)
    groups: dict[int, list[str]] = {
        descending[cut]: [] for cut in at if 0 < cut < count and descending[cut] == descending[cut - 1]
    }
    if groups:
        for member, value in zip(ids, values, strict=True):
            if value in groups:
                groups[value].append(member)
    return {value: tuple(sorted(group)) for value, group in groups.items()}
