"""Border keys from histograms: who is in the best k of a hundred million rows, without sorting them (SEG-2, SEG-3).

A histogram of scores, made finer around the cuts until a score is left, and the ids of the few who share it: that is all that is
collected. The tier of a row is then a plain comparison.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, any_true, is_true
from relcare.frames._cuts import Cut, first_cut, narrow_by_sample
from relcare.frames._engine import Cell, Engine, Lazy
from relcare.frames._reader import CLIENT
from relcare.ranking import Border, TieRule

__all__ = ["GROUP", "SCORE", "GroupBorders", "borders_of", "place_of", "with_borders"]

GROUP: Final = "group"
SCORE: Final = "score"

_FEW_IDS: Final = 100_000
CutsOf = Callable[[str | None, int], Sequence[int]]


@attrs.frozen
class GroupBorders:
    """The cuts through one ranking.

    Attributes:
        count: How many are ranked.
        borders: One a cut, best first; None where nobody is in.
        ties: The score that a cut parts although it is shared, and how many share it; None where it parts no equals.
    """

    count: int
    borders: tuple[Border | None, ...]
    ties: tuple[tuple[int, int] | None, ...]

    def up_to(self, cuts: int) -> "GroupBorders":
        """The first so many cuts alone."""
        return GroupBorders(self.count, self.borders[:cuts], self.ties[:cuts])


def borders_of(engine: Engine, ranked: Lazy, cuts: CutsOf, ties: TieRule, *, by_group: bool) -> dict[str | None, GroupBorders]:
    """The borders of each group, by group; one group None where there are none.

    Args:
        engine: Whose frame it is.
        ranked: `cid`, `score`, and `group` where there are groups; who has no score is not ranked.
        cuts: How many are in up to each border, of a group and how many are ranked in it.
        ties: What becomes of equals at a cut.
        by_group: Whether there are groups.
    """
    return _Search(engine, ranked, cuts, ties, by_group=by_group).borders()


class _Search:
    def __init__(self, engine: Engine, ranked: Lazy, cuts: CutsOf, ties: TieRule, *, by_group: bool) -> None:
        self.engine = engine
        self.ranked = ranked
        self.cuts = cuts
        self.ties = ties
        self.keys: tuple[str, ...] = (GROUP,) if by_group else ()
        # Looked at again and again; the ids are not, and are by far the most of it.
        self.scores: Lazy = engine.kept(ranked.select(SCORE, *self.keys))

    def borders(self) -> dict[str | None, GroupBorders]:
        found: dict[str | None, tuple[int, list[Cut | None]]] = {}
        for group, count, low, high in self._spans():
            at = self.cuts(group, count)
            found[group] = (count, [first_cut(group, cut, count, low, high) for cut in at])
        cuts = [cut for _, several in found.values() for cut in several if cut is not None]
        if not self.keys:
            narrow_by_sample(self.engine, self.scores, SCORE, cuts)
        while searched := [cut for cut in cuts if not cut.is_found]:
            self._narrow(searched)
        parting = [cut for cut in cuts if cut.is_parting]
        last_ids = self._ids_at(parting) if self.ties == "by id" else {}
        higher = self._next_scores([cut for cut in parting if cut.above]) if self.ties == "together downward" else {}
        return {
            group: GroupBorders(
                count,
                tuple(None if cut is None else self._border(cut, last_ids, higher) for cut in several),
                tuple((cut.low, cut.inside) if cut is not None and cut.is_parting else None for cut in several),
            )
            for group, (count, several) in found.items()
        }

    def _border(
        self, cut: Cut, last_ids: Mapping[tuple[str | None, int, int], str], higher: Mapping[tuple[str | None, int], int]
    ) -> Border | None:
        if not cut.is_parting or self.ties == "together upward":
            return Border(cut.low, None)
        if self.ties == "by id":
            return Border(cut.low, last_ids[cut.group, cut.low, cut.at - cut.above])
        above = higher.get((cut.group, cut.low))
        return None if above is None else Border(above, None)

    def _spans(self) -> Iterator[tuple[str | None, int, int, int]]:
        """How many are ranked in each group, and between which scores."""
        parts = {"n": nw.col(SCORE).count(), "low": nw.col(SCORE).min(), "high": nw.col(SCORE).max()}
        if self.keys:
            scored = self.scores.filter(~nw.col(SCORE).is_null())
            found = self.engine.rows(scored.group_by(*self.keys).agg(**parts).select(*self.keys, *parts))
        else:
            found = [(None, *row) for row in self.engine.rows(self.scores.select(**parts))]
        for group, count, low, high in sorted(found, key=lambda row: row[0] or ""):
            yield group, int(count), int(low or 0), int(high or 0)

    # --------------------------------------------------------------------------------------------- the histogram

    def _narrow(self, cuts: Sequence[Cut]) -> None:
        """Narrows each cut to one bin of a histogram over the scores that it is known to be among."""
        spans = dict.fromkeys((cut.group, cut.low, cut.high, cut.width) for cut in cuts)
        bins = self._bins(list(spans))
        for cut in cuts:
            above = cut.above
            for place, count in bins[cut.group, cut.low, cut.high]:
                if above + count >= cut.at:
                    low = cut.low + place * cut.width
                    cut.low, cut.high, cut.above, cut.inside = low, min(low + cut.width, cut.high), above, count
                    break
                above += count

    def _bins(
        self, spans: Sequence[tuple[str | None, int, int, int]]
    ) -> dict[tuple[str | None, int, int], list[tuple[int, int]]]:
        """How many scores are in each bin of each span, from the highest bin down."""
        found: dict[tuple[str | None, int, int], list[tuple[int, int]]] = {}
        if self.keys:
            columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {
                GROUP: (nw.String(), [group for group, _, _, _ in spans]),
                "low": (nw.Int64(), [low for _, low, _, _ in spans]),
                "high": (nw.Int64(), [high for _, _, high, _ in spans]),
                "width": (nw.Int64(), [width for _, _, _, width in spans]),
            }
            rows = self.scores.join(self.engine.table(self.scores, columns), on=GROUP, how="inner")
            rows = rows.filter((nw.col(SCORE) >= nw.col("low")) & (nw.col(SCORE) < nw.col("high")))
            place = self.engine.quotient(nw.col(SCORE) - nw.col("low"), nw.col("width"), is_small=True)
            counted = rows.with_columns(bin=place).group_by(GROUP, "low", "high", "bin").agg(n=nw.len())
            for group, low, high, at, count in self.engine.rows(counted.select(GROUP, "low", "high", "bin", "n")):
                found.setdefault((group, low, high), []).append((int(at), int(count)))
        else:
            for group, low, high, width in spans:
                rows = self.scores.filter((nw.col(SCORE) >= low) & (nw.col(SCORE) < high))
                above = nw.col(SCORE) - low
                place = above if width == 1 else self.engine.quotient(above, width, is_small=True)
                counted = rows.select(bin=place).group_by("bin").agg(n=nw.len())
                pairs = self.engine.rows(counted.select("bin", "n"))
                found[group, low, high] = [(int(at), int(count)) for at, count in pairs]
        return {span: sorted(bins, reverse=True) for span, bins in found.items()}

    # -------------------------------------------------------------------------------------------------- the ties

    def _at(self, group: str | None, score: int) -> Expr:
        here = nw.col(SCORE) == score
        return here if group is None else here & (nw.col(GROUP) == group)

    def _ids_at(self, cuts: Sequence[Cut]) -> dict[tuple[str | None, int, int], str]:
        """The id up to which the equals at a cut are in, by group, score and how many of them are in."""
        shared = {(cut.group, cut.low): cut.inside for cut in cuts}
        found: dict[tuple[str | None, int, int], str] = {}
        ids = self._few_ids(list(shared)) if sum(shared.values()) <= _FEW_IDS else None
        for cut in cuts:
            key = (cut.group, cut.low, cut.at - cut.above)
            if ids is not None:
                found[key] = ids[cut.group, cut.low][key[2] - 1]
            elif key not in found:
                first = self.ranked.filter(self._at(cut.group, cut.low)).select(CLIENT).sort(CLIENT).head(key[2])
                ((found[key],),) = self.engine.rows(first.select(nw.col(CLIENT).max()))
        return found

    def _few_ids(self, spots: Sequence[tuple[str | None, int]]) -> dict[tuple[str | None, int], list[str]]:
        """Everybody at some scores, by code point."""
        if not spots:
            return {}
        if self.keys:
            columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {
                GROUP: (nw.String(), [group for group, _ in spots]),
                SCORE: (nw.Int64(), [score for _, score in spots]),
            }
            there = self.ranked.join(self.engine.table(self.ranked, columns), on=[GROUP, SCORE], how="semi")
        else:
            there = self.ranked.filter(any_true([nw.col(SCORE) == score for _, score in spots]))
        found: dict[tuple[str | None, int], list[str]] = {spot: [] for spot in spots}
        for *group, score, client_id in self.engine.rows(there.select(*self.keys, SCORE, CLIENT)):
            found[group[0] if group else None, score].append(client_id)
        return {spot: sorted(ids) for spot, ids in found.items()}

    def _next_scores(self, cuts: Sequence[Cut]) -> dict[tuple[str | None, int], int]:
        """The next higher score that somebody has, by group and score."""
        found: dict[tuple[str | None, int], int] = {}
        for group, score in dict.fromkeys((cut.group, cut.low) for cut in cuts):
            above = nw.col(SCORE) > score
            rows = self.scores.filter(above if group is None else above & (nw.col(GROUP) == group))
            ((found[group, score],),) = self.engine.rows(rows.select(nw.col(SCORE).min()))
        return found


# ------------------------------------------------------------------------------------------------------------------ row by row


def with_borders(engine: Engine, frame: Lazy, borders: Mapping[str | None, GroupBorders], cuts: int) -> Lazy:
    """The frame with the borders of each row's group beside it; as it is where there are no groups.

    Args:
        engine: Whose frame it is.
        frame: With `group`, where there are groups.
        borders: By group.
        cuts: How many borders a group has.
    """
    if None in borders:
        return frame
    groups = [group for group in borders if group is not None]
    columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {GROUP: (nw.String(), groups)}
    for place in range(cuts):
        at = [borders[group].borders[place] for group in groups]
        tied = [borders[group].ties[place] for group in groups]
        columns[f"b {place}"] = (nw.Int64(), [None if border is None else border.score for border in at])
        columns[f"i {place}"] = (nw.String(), [None if border is None else border.last_id for border in at])
        columns[f"t {place}"] = (nw.Int64(), [None if tie is None else tie[0] for tie in tied])
    return frame.join(engine.table(frame, columns), on=GROUP, how="left")


@attrs.frozen
class Place:
    """Where a row stands among the borders.

    Attributes:
        includes: For each border, whether the row is on its near side.
        scores: For each border, the lowest score that is in; null where nobody is.
        is_tied: Whether its score is one that a cut parts.
    """

    includes: tuple[Expr, ...]
    scores: tuple[Expr, ...]
    is_tied: Expr


def place_of(borders: Mapping[str | None, GroupBorders], cuts: int) -> Place:
    """What to ask of rows that `with_borders` has seen."""
    score, client_id = nw.col(SCORE), nw.col(CLIENT)
    if None not in borders:
        at = [nw.col(f"b {place}") for place in range(cuts)]
        last = [nw.col(f"i {place}") for place in range(cuts)]
        includes = [(score > b) | ((score == b) & (i.is_null() | (client_id <= i))) for b, i in zip(at, last, strict=True)]
        tied = [score == nw.col(f"t {place}") for place in range(cuts)]
        return Place(tuple(map(is_true, includes)), tuple(at), is_true(any_true(tied)))
    whole = borders[None]
    return Place(
        tuple(_includes(border, score, client_id) for border in whole.borders),
        tuple(nw.lit(None if border is None else border.score).cast(nw.Int64()) for border in whole.borders),
        is_true(any_true([score == tie[0] for tie in whole.ties if tie is not None])),
    )


def _includes(border: Border | None, score: Expr, client_id: Expr) -> Expr:
    if border is None:
        return nw.lit(value=False)
    if border.last_id is None:
        return is_true(score >= border.score)
    return is_true((score > border.score) | ((score == border.score) & (client_id <= border.last_id)))
