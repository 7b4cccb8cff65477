"""Tiers as column expressions: thresholds row by row, quotas by border keys (SEG-1 to SEG-6, SEG-8, SEG-10)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import attrs
import narwhals.stable.v2 as nw

from relcare.frames._borders import GROUP, SCORE, GroupBorders, borders_of, place_of, with_borders
from relcare.frames._criteria import Expr, Layout, all_true, any_true, cases, expression, how_many, is_true
from relcare.frames._engine import SEPARATOR, Engine, Lazy
from relcare.frames._reader import CLIENT
from relcare.frames._scores import refuse_too_great, score_expression, weighed_limits
from relcare.frames._spells import in_force_column, pin_column, pin_floor_column
from relcare.frames._steady import STEADY_COLUMNS, SteadyColumns, is_steady
from relcare.policy import Vocabulary
from relcare.segmentation import QuotaScheme, Scheme, ThresholdScheme, cuts_of

__all__ = ["SCHEME_COLUMNS", "SchemeColumns", "scheme_column"]

SCHEME_COLUMNS = ("tier", "code", "is_in_scope", "is_held", "group", "score", "border", "is_tied")
"""What is said of each client in each scheme."""


def scheme_column(place: int, what: str) -> str:
    """The column of what the scheme at a place says."""
    return f"x {place} {what}"


@attrs.frozen(kw_only=True, eq=False)
class SchemeColumns:
    """One scheme of a policy.

    Attributes:
        place: In the policy.
        scheme: The scheme.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        engine: Whose frame it is.
        as_of: The day, an ordinal.
        has_spells: Whether anybody may have a tier in force; what nobody has is not asked of each row.
        has_pins: Whether anybody may be pinned.
        is_checked: Whether facts are known to be small enough for their weights.
    """

    place: int
    scheme: Scheme
    vocabulary: Vocabulary
    layout: Layout
    engine: Engine
    as_of: int
    has_spells: bool = True
    has_pins: bool = True
    is_checked: bool = False

    def decided(self, frame: Lazy) -> tuple[Lazy, Mapping[str | None, GroupBorders]]:
        """The frame with the columns of the scheme, and the borders of a quota by group."""
        scope = nw.lit(value=True) if self.scheme.scope is None else expression(self.scheme.scope, self.vocabulary, self.layout)
        frame = frame.with_columns(scope=scope)
        if isinstance(self.scheme, ThresholdScheme):
            return self._named(self._thresholds(frame, self.scheme)), {}
        frame, borders = self._quota(frame, self.scheme)
        return self._named(frame), borders

    # ------------------------------------------------------------------------------------------------ both kinds

    @property
    def kept(self) -> Expr:
        """The tier in force."""
        return nw.col(in_force_column(self.place))

    @property
    def pin(self) -> Expr:
        return nw.col(pin_column(self.place))

    @property
    def steady(self) -> SteadyColumns:
        """What keeps clients in their tiers."""
        return SteadyColumns(
            place=self.place,
            scheme=self.scheme,
            vocabulary=self.vocabulary,
            layout=self.layout,
            as_of=self.as_of,
            pinned=self.pinned,
        )

    def fallback(self) -> tuple[Expr, Expr]:
        """The tier without a decision, and the code of its reason (SEG-8)."""
        newcomer = self.scheme.newcomer
        tier = _place(None if newcomer is None else self.scheme.tier_ids.index(newcomer))
        code = nw.lit("segmentation.missing" if newcomer is None else "segmentation.newcomer")
        if not self.has_spells:
            return tier, code
        is_kept = ~self.kept.is_null()
        return cases([(is_kept, self.kept)], tier), cases([(is_kept, nw.lit("segmentation.kept"))], code)

    def pinned(self, tier: Expr) -> Expr:
        """The tier under the client's pin, given the one without it (SEG-10)."""
        if not self.has_pins:
            return tier
        rises = is_true(nw.col(pin_floor_column(self.place)) & (tier < self.pin))
        return nw.when(self.pin.is_null() | rises).then(tier).otherwise(self.pin)

    def _named(self, frame: Lazy) -> Lazy:
        """The columns that are read, from the tier's index, its code and the rest."""
        in_scope = nw.col("scope").fill_null(value=True)
        named = ("tier", "wanted", "settled") if is_steady(self.scheme) else ("tier",)
        if is_steady(self.scheme):
            frame = self.steady.settled(frame, ~in_scope)
        frame = self.engine.with_names(frame, {scheme_column(self.place, one): (one, self.scheme.tier_ids) for one in named})
        found = {
            "code": nw.col("code"),
            "is_in_scope": in_scope,
            "is_held": in_scope & nw.col("tier").is_null(),
            GROUP: nw.col(GROUP),
            SCORE: nw.col(SCORE),
            "border": nw.col("border"),
            "is_tied": nw.col("is_tied"),
        }
        found |= {"settled_codes": nw.col("settled_codes")} if is_steady(self.scheme) else {}
        best = len(self.scheme.tier_ids) - 1
        known = nw.when(self.kept.is_null()).then(nw.col("tier").cast(nw.Int64())).otherwise(self.kept)
        frame = frame.with_columns(
            **{scheme_column(self.place, what): value for what, value in found.items()},
            **{self.layout[f"tier.{self.scheme.id}"]: (known * -1 + best)},
        )
        more = [name for name in frame.collect_schema() if name[:2] in {"b ", "i ", "t "} and name[2:].isdigit()]
        more += STEADY_COLUMNS if is_steady(self.scheme) else ()
        return frame.drop("scope", "tier", "code", GROUP, SCORE, "border", "is_tied", *more)

    def _coded(self, tier: Expr, code: Expr) -> dict[str, Expr]:
        """The tier and its code, out of scope and under a pin too."""
        scope, has_scope = nw.col("scope"), self.scheme.scope is not None
        if has_scope:
            tier = cases([(scope.is_null(), self.kept)], tier)
            code = cases([(scope.is_null(), nw.lit("segmentation.scope_unknown"))], code)
        if self.has_pins:
            tier = self.pinned(tier)
            code = cases([(~self.pin.is_null(), nw.lit("segmentation.pinned"))], code)
        if has_scope:
            is_out = ~scope.fill_null(value=True)
            tier = nw.when(~is_out).then(tier)
            code = cases([(is_out, nw.lit("segmentation.out_of_scope"))], code)
        return {"tier": tier, "code": code}

    # ------------------------------------------------------------------------------------------------ thresholds

    def _thresholds(self, frame: Lazy, scheme: ThresholdScheme) -> Lazy:
        answers = {f"q {at}": expression(tier.when, self.vocabulary, self.layout) for at, tier in enumerate(scheme.tiers)}
        tier, code = self._outcome(scheme, [nw.col(name) for name in answers])
        other = {GROUP: nw.String(), SCORE: nw.Int64(), "border": nw.Int64(), "is_tied": nw.Boolean()}
        nothing = {name: nw.lit(None, dtype=kind) for name, kind in other.items()}
        frame = frame.with_columns(**answers).with_columns(**self._coded(tier, code), **nothing).drop(*answers)
        return frame.with_columns(wanted=self.steady.by_criteria(scheme, nw.col("tier"))) if is_steady(scheme) else frame

    def _outcome(self, scheme: ThresholdScheme, answers: Sequence[Expr]) -> tuple[Expr, Expr]:
        """The tier with its code; what is undecided falls back (CRI-2, SEG-6)."""
        holds = [is_true(answer) for answer in answers]
        is_open = [answer.is_null() for answer in answers]
        ids = scheme.tier_ids
        own = [ids.index(tier.id) for tier in scheme.tiers]
        # Which tiers it may come to, whichever way the unknown answers turn out; -1 is for none at all.
        ways: dict[int, list[Expr]] = {index: [] for index in range(-1, len(ids))}
        otherwise = -1 if scheme.otherwise is None else ids.index(scheme.otherwise)
        if scheme.hit == "unique":
            for index, unknown in zip(own, is_open, strict=True):
                ways[index].append(unknown)
            ways[otherwise].append(nw.lit(value=True))
        else:
            before: list[Expr] = []
            for index, held, unknown in zip(own, holds, is_open, strict=True):
                ways[index].append(all_true([*before, held | unknown]))
                before.append(~held)
            ways[otherwise].append(all_true(before))
        possible = {index: any_true(found) for index, found in ways.items() if found}
        count = how_many(list(possible.values()))
        is_settled = count == 1
        (chosen, code) = self._settled(possible, own, holds)
        fallback, why = self.fallback()
        if scheme.hit != "unique":
            return cases([(is_settled, chosen)], fallback), cases([(is_settled, code)], why)
        certain, open_ones = how_many(holds), how_many(is_open)
        single = cases([(held, nw.lit(index)) for index, held in zip(own, holds, strict=True)]).cast(nw.Int64())
        is_conflict, is_single = certain > 1, (certain == 1) & (open_ones == 0)
        is_settled = is_settled & (certain == 0) & (open_ones <= 1)
        nobody = nw.lit(None, dtype=nw.Int64())
        tier = cases([(is_conflict, nobody), (is_single, single), (is_settled, chosen)], fallback)
        codes = [(is_conflict, nw.lit("segmentation.conflict")), (is_single, nw.lit(self._met))]
        return tier, cases([*codes, (is_settled, code)], why)

    @property
    def _met(self) -> str:
        """The code where a criterion gives the tier: a matrix is read off as one for each of its tiers (SEG-7)."""
        is_matrix = isinstance(self.scheme, ThresholdScheme) and self.scheme.matrix is not None
        return "segmentation.cell" if is_matrix else "segmentation.threshold_met"

    def _settled(self, possible: Mapping[int, Expr], own: Sequence[int], holds: Sequence[Expr]) -> tuple[Expr, Expr]:
        """The one possible tier, and why; read only where there is one."""
        tiers = [(way, nw.lit(None, dtype=nw.Int64()) if at < 0 else nw.lit(at).cast(nw.Int64())) for at, way in possible.items()]
        met = {at: any_true([held for index, held in zip(own, holds, strict=True) if index == at]) for at in possible}
        codes: list[tuple[Expr, Expr]] = []
        for at, way in possible.items():
            if at < 0:
                codes.append((way, nw.lit("segmentation.no_match")))
            else:
                codes += [(way & met[at], nw.lit(self._met)), (way, nw.lit("segmentation.otherwise"))]
        return cases(tiers), cases(codes)

    # ---------------------------------------------------------------------------------------------------- quotas

    def _quota(self, frame: Lazy, scheme: QuotaScheme) -> tuple[Lazy, Mapping[str | None, GroupBorders]]:
        if not self.is_checked:
            refuse_too_great(self.engine, frame, weighed_limits(scheme, self.vocabulary), self.layout)
        frame = frame.with_columns(**{GROUP: self._group(scheme), SCORE: score_expression(scheme, self.vocabulary, self.layout)})
        is_scored = ~nw.col(SCORE).is_null()
        if scheme.scope is not None:
            is_scored = is_scored & is_true(nw.col("scope"))
        if scheme.group_by is not None:
            is_scored = is_scored & ~nw.col(GROUP).is_null()
        is_pinned, is_floor = ~self.pin.is_null(), is_true(nw.col(pin_floor_column(self.place)))
        is_apart = is_pinned & ~is_floor if scheme.uses_quota else is_pinned
        is_ranked = nw.col("is_scored") & ~is_apart if self.has_pins else nw.col("is_scored")
        fallback, why = self.fallback()
        unranked = self._coded(fallback, why)
        frame = frame.with_columns(is_scored=is_scored).with_columns(is_ranked=is_ranked, **unranked)
        both, cuts = self._borders(frame, scheme), len(scheme.tiers)
        borders = {group: found.up_to(cuts) for group, found in both.items()}
        all_cuts = cuts * len(_widths(scheme))
        frame = with_borders(self.engine, frame, both, all_cuts)
        place = place_of(borders, cuts)
        # Who is past all other borders is in the last tier.
        by_border = _place(cuts - 1)
        if cuts > 1:
            by_border = cases([(held, _place(at)) for at, held in enumerate(place.includes[:-1])], by_border)
        tier = cases([(nw.col("is_scored"), self.pinned(by_border))], nw.col("tier"))
        is_plain = nw.col("is_ranked") & ~is_pinned if self.has_pins else nw.col("is_ranked")
        frame = frame.with_columns(tier=tier, code=cases([(is_plain, nw.lit("segmentation.ranked"))], nw.col("code")))
        lowest = cases([(nw.col("tier") == at, score) for at, score in enumerate(place.scores)])
        frame = frame.with_columns(border=nw.when(nw.col("is_ranked")).then(lowest), is_tied=nw.col("is_ranked") & place.is_tied)
        if is_steady(scheme):
            wider = place_of(both, all_cuts).includes[cuts:]
            frame = self.steady.by_hysteresis(frame, wider)
        return frame.with_columns(**{SCORE: self._score(scheme)}).drop("is_scored", "is_ranked"), borders

    def _group(self, scheme: QuotaScheme) -> Expr:
        """What names the group of a row; null for none (SEG-4)."""
        if scheme.group_by is None:
            return nw.lit(None, dtype=nw.String())
        column, kind = nw.col(self.layout[scheme.group_by]), self.vocabulary[scheme.group_by]
        if kind.kind == "level":
            return cases([(column == rank, nw.lit(value)) for rank, value in enumerate(kind.values)])
        if kind.kind == "set":
            shown = column.str.strip_chars(SEPARATOR).str.replace_all(SEPARATOR, ", ", literal=True)
            return nw.when(column != SEPARATOR * 2).then(shown)
        return column

    def _borders(self, frame: Lazy, scheme: QuotaScheme) -> Mapping[str | None, GroupBorders]:
        """The borders of each group; behind them the wider ones of who stays, where there are such (SEG-9)."""
        by_group = scheme.group_by is not None
        keys = (GROUP,) if by_group else ()
        seats = self._seats(frame, scheme, keys) if scheme.uses_quota else {}
        return borders_of(
            self.engine,
            frame.select(CLIENT, *keys, **{SCORE: self._score(scheme)}),
            lambda group, count: [at for more in _widths(scheme) for at in cuts_of(scheme, count, seats.get(group, {}), more)],
            scheme.ties,
            by_group=by_group,
        )

    def _score(self, scheme: QuotaScheme) -> Expr:
        """The score of who is ranked; null of all others."""
        is_known_ranked = scheme.scope is None and scheme.group_by is None and not self.has_pins  # where the score is known
        return nw.col(SCORE) if is_known_ranked else nw.when(nw.col("is_ranked")).then(nw.col(SCORE))

    def _seats(self, frame: Lazy, scheme: QuotaScheme, keys: Sequence[str]) -> dict[str | None, dict[str, int]]:
        """How many places of each tier are taken by clients who are not ranked, by group (SEG-10)."""
        taken = frame.filter(~nw.col("is_ranked") & ~nw.col("tier").is_null()).select("tier", *keys)
        found: dict[str | None, dict[str, int]] = {}
        counted = taken.group_by("tier", *keys).agg(n=nw.len()).select("tier", *keys, "n")
        for tier, *group, count in self.engine.rows(counted):
            found.setdefault(group[0] if group else None, {})[scheme.tier_ids[int(tier)]] = int(count)
        return found


def _place(at: int | None) -> Expr:
    """The place of a tier, from the best."""
    return nw.lit(at, dtype=nw.Int32())


def _widths(scheme: QuotaScheme) -> tuple[Fraction, ...]:
    """By how much of the ranking the cuts are wider: as they are, and for who is in already."""
    more = Fraction(0) if scheme.steady is None else scheme.steady.hysteresis
    return (Fraction(0), more) if more else (Fraction(0),)
