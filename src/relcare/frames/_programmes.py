"""Qualification as column expressions: any path is enough (VIP-1, VIP-2, VIP-4)."""

from collections.abc import Callable, Mapping

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._borders import SCORE, borders_of, place_of
from relcare.frames._criteria import Expr, Layout, any_true, cases, expression, is_true
from relcare.frames._engine import Engine, Lazy
from relcare.frames._reader import CLIENT
from relcare.policy import Vocabulary
from relcare.vip import Programme, TopList, review_day

__all__ = ["PROGRAMME_COLUMNS", "ProgrammeColumns", "programme_column"]

PROGRAMME_COLUMNS = ("qualification", "path", "code", "first_eligible_on")
"""What is said of each client in each programme."""


def programme_column(place: int, what: str) -> str:
    """The column of what the programme at a place says."""
    return f"y {place} {what}"


@attrs.frozen(kw_only=True, eq=False)
class ProgrammeColumns:
    """One programme of a policy.

    Attributes:
        place: In the policy.
        programme: The programme.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        engine: Whose frame it is.
    """

    place: int
    programme: Programme
    vocabulary: Vocabulary
    layout: Layout
    engine: Engine

    def answers(self) -> Mapping[str, Expr]:
        """Whether each path holds, by path; null while it is unknown."""
        return {path.id: expression(path.when, self.vocabulary, self.layout) for path in self.programme.paths}

    def decided(self, frame: Lazy) -> Lazy:
        """The frame with the qualification, the first path that holds, and the code of the reason."""
        names = {path_id: f"q {at}" for at, path_id in enumerate(self.answers())}
        frame = frame.with_columns(**{names[path_id]: answer for path_id, answer in self.answers().items()})
        holds = [(is_true(nw.col(name)), nw.lit(path_id)) for path_id, name in names.items()]
        whole = any_true([nw.col(name) for name in names.values()])
        yes, unknown = is_true(whole), whole.is_null()

        def word(met: str, open_: str, not_met: str) -> Expr:
            return cases([(yes, nw.lit(met)), (unknown, nw.lit(open_))], nw.lit(not_met))

        found = {
            "qualification": word("yes", "unknown", "no"),
            "path": cases(holds),
            "code": word("vip.path_met", "vip.path_unknown", "vip.path_not_met"),
        }
        derived = cases([(yes, nw.lit("yes")), (~unknown, nw.lit("no"))])
        return frame.with_columns(
            **{programme_column(self.place, what): value for what, value in found.items()},
            **{self.layout[f"vip.{self.programme.id}"]: derived},
        ).drop(*names.values())

    def listed(self, frame: Lazy, as_of: int, at: Callable[[Lazy, int], Lazy]) -> Lazy:
        """The frame with the lists of the best (VIP-1).

        Args:
            frame: With everything that lists ask for.
            as_of: The day, an ordinal.
            at: The same rows with the facts as they were at the end of an earlier day: that of a list's last review.
        """
        for top in self.programme.top:
            review = review_day(top, as_of)
            if review == as_of:
                frame = self._listed(frame, top)
                continue
            name = self.layout[f"vip.{self.programme.id}.top.{top.id}"]
            frame = frame.join(self._listed(at(frame, review), top).select(CLIENT, name), on=CLIENT, how="left")
        return frame

    def _listed(self, frame: Lazy, top: TopList) -> Lazy:
        among = nw.lit(value=True) if top.among is None else expression(top.among, self.vocabulary, self.layout)
        frame = frame.with_columns(**{"among": among, SCORE: nw.col(self.layout[top.by])})
        is_ranked = is_true(nw.col("among")) & ~nw.col(SCORE).is_null()
        borders = borders_of(
            self.engine,
            frame.filter(is_ranked).select(CLIENT, SCORE),
            lambda _, count: [min(top.most, count)],
            top.ties,
            by_group=False,
        )
        is_on = cases([(is_ranked, place_of(borders, 1).includes[0]), (~nw.col("among"), nw.lit(value=False))])
        return frame.with_columns(**{self.layout[f"vip.{self.programme.id}.top.{top.id}"]: is_on}).drop("among", SCORE)
