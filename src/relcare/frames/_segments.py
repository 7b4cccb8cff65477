"""Segments as column expressions: who belongs, who does not, of whom it is open, and who is in which cells (SEG-7)."""

from collections.abc import Iterable, Mapping, Sequence

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, Layout, any_true, cases, expression
from relcare.frames._engine import SEPARATOR, Engine, Lazy
from relcare.frames._possible import Never, possible
from relcare.frames._reader import CLIENT
from relcare.frames._schemes import scheme_column
from relcare.policy import Vocabulary, facts_of
from relcare.segmentation import Scheme
from relcare.segments import CriterionSegment, ProductSegment, Segment

__all__ = ["SEGMENT_COLUMNS", "SegmentColumns", "cells_of", "never_of", "segment_column", "with_segments"]

SEGMENT_COLUMNS = ("answer", "code")
"""What is said of each client in each segment, beside the flag of one by a criterion, which is a fact."""

_EMPTY = SEPARATOR * 2
_OUTCOMES = (
    ("yes", "segment.member"),
    ("no", "segment.outside"),
    ("unknown", "segment.unknown"),
    ("no", "segment.inapplicable"),
)
"""What comes of a criterion: the answer and its code."""


def segment_column(place: int, what: str) -> str:
    """The column of what the segment at a place says."""
    return f"z {place} {what}"


def never_column(place: int) -> str:
    """The column that says whether the flag of the segment at a place will never be known."""
    return f"z {place} never"


@attrs.frozen(kw_only=True, eq=False)
class SegmentColumns:
    """One segment of a policy.

    Attributes:
        place: In the policy.
        segment: The segment.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        never: Facts that will never be known of some rows.
    """

    place: int
    segment: Segment
    vocabulary: Vocabulary
    layout: Layout
    never: Never

    def _named(self, answer: Expr, code: Expr) -> dict[str, Expr]:
        return {segment_column(self.place, "answer"): answer, segment_column(self.place, "code"): code}

    # ----------------------------------------------------------------------------------------------- by a criterion

    def flags(self, segment: CriterionSegment) -> dict[str, Expr]:
        """Whether somebody belongs, which is a fact, and whether that will never turn out."""
        never = nw.lit(value=False)
        if self._may_be_inapplicable(segment):
            never = ~possible(segment.when, self.vocabulary, self.layout, self.never)[0]
        flag = expression(segment.when, self.vocabulary, self.layout)
        return {self.layout[f"segment.{segment.id}"]: flag, never_column(self.place): never}

    def _may_be_inapplicable(self, segment: CriterionSegment) -> bool:
        """Whether there may be a fact that will never be known; otherwise what is unknown is open."""
        return any(name in self.never for name in facts_of(segment.when))

    def outcomes(self, segment: CriterionSegment) -> dict[str, Expr]:
        """What came of it, as the place of an answer and of a code, once the flags are there."""
        holds, never = nw.col(self.layout[f"segment.{segment.id}"]), nw.col(never_column(self.place))
        places = [nw.lit(place, dtype=nw.Int32()) for place in range(len(_OUTCOMES))]
        if not self._may_be_inapplicable(segment):
            return {segment_column(self.place, "outcome"): cases([(holds, places[0]), (~holds, places[1])], places[2])}
        found = cases([(holds, places[0]), (~holds, places[1]), (~never, places[2])], places[3])
        return {segment_column(self.place, "outcome"): found, never_column(self.place): holds.is_null() & never}

    # -------------------------------------------------------------------------------------------------- by a product

    def by_product(self, frame: Lazy, segment: ProductSegment) -> Lazy:
        """The frame with the answer and the code of its reason."""
        scope, may = nw.lit(value=True), nw.lit(value=True)
        if segment.scope is not None:
            scope = expression(segment.scope, self.vocabulary, self.layout)
            may, _ = possible(segment.scope, self.vocabulary, self.layout, self.never)
        frame = frame.with_columns(scope=scope).with_columns(is_open=nw.col("scope").is_null() & may)
        in_scope, is_open = nw.col("scope"), nw.col("is_open")
        missing = [nw.col(self.layout[name]).is_null() for name in segment.by]
        lacking = any_true([*missing, *self._empty(segment)])
        hopeless = any_true([*self._hopeless(segment), *self._empty(segment)])
        is_out = in_scope.is_null() | ~in_scope
        answers = [(is_open, "unknown"), (is_out, "no"), (~lacking, "yes"), (hopeless, "no")]
        codes = [
            (is_open, "scope_unknown"),
            (in_scope.is_null(), "inapplicable"),
            (is_out, "out_of_scope"),
            (lacking, "unplaced"),
        ]
        answer = cases([(when, nw.lit(name)) for when, name in answers], nw.lit("unknown"))
        code = cases([(when, nw.lit(f"segment.{name}")) for when, name in codes], nw.lit("segment.placed"))
        return frame.with_columns(**self._named(answer, code)).drop("scope", "is_open")

    def _empty(self, segment: ProductSegment) -> list[Expr]:
        """For each dimension that is a set, whether it is there and has no members."""
        sets = [name for name in segment.by if self.vocabulary[name].kind == "set"]
        return [(nw.col(self.layout[name]) == _EMPTY).fill_null(value=False) for name in sets]

    def _hopeless(self, segment: ProductSegment) -> list[Expr]:
        """For each dimension that may never be known, whether that is so."""
        known = [name for name in segment.by if name in self.never]
        return [nw.col(self.layout[name]).is_null() & self.never[name] for name in known]

    def cells(self, frame: Lazy, engine: Engine) -> Lazy:
        """`client_id`, `segment_id` and `cell`: a row for each cell that a client is in; of a product."""
        segment = self.segment
        if isinstance(segment, CriterionSegment):  # pragma: no cover - it has no cells
            raise TypeError(segment)
        names = [f"d {at}" for at, _ in enumerate(segment.by)]
        placed = frame.filter(nw.col(segment_column(self.place, "code")) == "segment.placed")
        values = {new: self._value(name) for new, name in zip(names, segment.by, strict=True)}
        sets = [new for new, name in zip(names, segment.by, strict=True) if self.vocabulary[name].kind == "set"]
        inside = placed.select(CLIENT, **values)
        for name in sets:
            inside = engine.with_members(inside, name)
        cell = nw.concat_str(*names, separator=" / ")
        return inside.select(client_id=nw.col(CLIENT), segment_id=nw.lit(segment.id), cell=cell)

    def _value(self, name: str) -> Expr:
        """A dimension in words; a set stays as it is."""
        column, kind = nw.col(self.layout[name]), self.vocabulary[name]
        if kind.kind == "level":
            return cases([(column == rank, nw.lit(value)) for rank, value in enumerate(kind.values)])
        if kind.kind == "flag":
            return cases([(column, nw.lit("true"))], nw.lit("false"))
        return column


def with_segments(columns: Sequence[SegmentColumns], frame: Lazy, engine: Engine) -> Lazy:
    """The frame with what all segments say of each client; no segment asks for another."""
    by_criterion = [(one, one.segment) for one in columns if isinstance(one.segment, CriterionSegment)]
    if by_criterion:
        # All at once: an engine looks at every layer of a plan, however many columns are in it.
        frame = frame.with_columns(**_together(one.flags(segment) for one, segment in by_criterion))
        frame = frame.with_columns(**_together(one.outcomes(segment) for one, segment in by_criterion))
        frame = engine.with_names(
            frame,
            {
                segment_column(one.place, what): (segment_column(one.place, "outcome"), words)
                for one, _ in by_criterion
                for what, words in zip(SEGMENT_COLUMNS, zip(*_OUTCOMES, strict=True), strict=True)
            },
        )
    for one in columns:
        if isinstance(one.segment, ProductSegment):
            frame = one.by_product(frame, one.segment)
    return frame


def _together(parts: Iterable[Mapping[str, Expr]]) -> dict[str, Expr]:
    return {name: found for part in parts for name, found in part.items()}


def cells_of(columns: Sequence[SegmentColumns], frame: Lazy, engine: Engine) -> Lazy | None:
    """The cells of all products, one under the other; None without any."""
    found = [one.cells(frame, engine) for one in columns if isinstance(one.segment, ProductSegment)]
    return nw.concat(found, how="vertical") if found else None


def never_of(schemes: Mapping[int, Scheme], segments: Sequence[Segment]) -> Never:
    """The tiers of whom a scheme does not class, and the segments that only they could settle.

    Args:
        schemes: Those that were decided, by place.
        segments: Likewise, in the order of the policy.
    """
    scoped = {place: scheme for place, scheme in schemes.items() if scheme.scope is not None}
    never = {f"tier.{scheme.id}": ~nw.col(scheme_column(place, "is_in_scope")) for place, scheme in scoped.items()}
    named = {place: segment.id for place, segment in enumerate(segments) if isinstance(segment, CriterionSegment)}
    return never | {f"segment.{name}": nw.col(never_column(place)) for place, name in named.items()}
