"""Borders instead of ranks: who is in the best k needs no full ranking, only the key of the last one in (SEG-2, SEG-3)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Final, Literal, TypeVar

import attrs

from relcare._fields import read_only
from relcare.ranking._reach import Reach, reaches

__all__ = ["TIE_RULES", "Border", "Ranking", "TieRule", "borders_at", "rank", "rank_columns"]

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


@attrs.frozen(kw_only=True, eq=False)
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

    @cached_property
    def scores(self) -> Mapping[str, int]:
        """The scores by id, in the order they were given; higher is better."""
        return read_only(dict(zip(self._ids, self._values, strict=True)))

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
    def _descending(self) -> Sequence[int]:
        """The scores in order: for ranks, which a border does without."""
        return sorted(self._values, reverse=True)

    @cached_property
    def _equals(self) -> Mapping[int, Sequence[str]]:
        """The ids of each score, by code point; set at once when complete, for threads may ask at the same time."""
        groups: dict[int, list[str]] = {}
        for member, value in self.scores.items():
            groups.setdefault(value, []).append(member)
        return {value: sorted(group) for value, group in groups.items()}


def rank(scores: Mapping[str, int], at: Sequence[int], ties: TieRule = "by id") -> Ranking:
    """Who is in the best k, for several k at once.

    Scores are put in order only near a cut, and ids only among equals at a border: a full sort spends its time on all the rest.

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
    reached = reaches(values, [cut for cut in at if cut > 0])
    equals = _equals(ids, values, {reach.score for cut, reach in reached.items() if reach.parts(cut)})
    return Ranking(
        borders=borders_at(at, reached, ties, equals, values),
        ties=tuple(equals[reached[cut].score] if cut in reached and reached[cut].parts(cut) else () for cut in at),
        cut_scores=tuple(reached[cut].score if cut in reached else None for cut in at),
        ids=ids,
        values=values,
    )


def borders_at(
    at: Sequence[int],
    reached: Mapping[int, Reach],
    ties: TieRule,
    equals: Mapping[int, Sequence[str]],
    scores: Iterable[int],
) -> tuple[Border | None, ...]:
    """The border at each cut.

    Args:
        at: The cuts, ascending.
        reached: Where those above 0 fall.
        ties: What becomes of equal scores that a cut would part.
        equals: The ids of who has a score that is parted by id, by code point.
        scores: All that there are.
    """
    borders: list[Border | None] = []
    for cut in at:
        reach = reached.get(cut)
        if reach is None:
            borders.append(None)
        elif not reach.parts(cut) or ties == "together upward":
            borders.append(Border(reach.score, None))
        elif ties == "by id":
            borders.append(Border(reach.score, equals[reach.score][cut - reach.above - 1]))
        else:
            higher = min((score for score in scores if score > reach.score), default=None)
            borders.append(None if higher is None else Border(higher, None))
    return tuple(borders)


def _equals(ids: Sequence[str], values: Sequence[int], scores: AbstractSet[int]) -> dict[int, tuple[str, ...]]:
    """Everybody with one of these scores, by code point; one pass, however many there are."""
    groups: dict[int, list[str]] = {score: [] for score in scores}
    if groups:
        for member_id, value in zip(ids, values, strict=True):
            if value in groups:
                groups[value].append(member_id)
    return {score: tuple(sorted(group)) for score, group in groups.items()}
