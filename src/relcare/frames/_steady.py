"""What keeps a client in its tier at a review, as column expressions (SEG-9): `Settlement` over rows."""

from collections.abc import Callable, Sequence

import attrs
import narwhals.stable.v2 as nw

from relcare._time import Every
from relcare.frames._criteria import Expr, Layout, cases, expression, is_true
from relcare.frames._engine import Lazy
from relcare.frames._spells import in_force_column, pin_column, pin_floor_column, since_column
from relcare.policy import Vocabulary
from relcare.segmentation import Scheme, Steadiness, ThresholdScheme

__all__ = ["STEADY_COLUMNS", "SteadyColumns", "is_steady"]

STEADY_COLUMNS = ("wanted", "settled", "settled_codes")
"""What is said of each client in a scheme that keeps clients in their tiers, beside what is said in every scheme."""


def is_steady(scheme: Scheme) -> bool:
    """Whether a scheme says anything about who stays."""
    return scheme.steady is not None or _has_stays(scheme)


def _has_stays(scheme: Scheme) -> bool:
    return isinstance(scheme, ThresholdScheme) and any(tier.stays is not None for tier in scheme.tiers)


@attrs.frozen(kw_only=True, eq=False)
class SteadyColumns:
    """How hard it is to leave a tier of one scheme. Tiers are their indexes from the best.

    Attributes:
        place: In the policy.
        scheme: The scheme.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        as_of: The day of the review, an ordinal.
        pinned: The tier under the client's pin, given the one without it.
    """

    place: int
    scheme: Scheme
    vocabulary: Vocabulary
    layout: Layout
    as_of: int
    pinned: Callable[[Expr], Expr]

    @property
    def before(self) -> Expr:
        """The tier in force."""
        return nw.col(in_force_column(self.place))

    # --------------------------------------------------------------------------------------------------- who stays

    def by_criteria(self, scheme: ThresholdScheme, tier: Expr) -> Expr:
        """Where incumbents are who stay while the criterion of staying holds; what is unknown takes nobody out (SEG-8)."""
        found: list[tuple[Expr, Expr]] = []
        for at, one in enumerate(scheme.tiers):
            if one.stays is not None:
                stays = expression(one.stays, self.vocabulary, self.layout).fill_null(value=True)
                is_between = is_true((self.before <= at) & (tier > at))
                found.append((is_between & stays, self.pinned(nw.lit(at).cast(nw.Int64()))))
        return cases(found, tier) if found else tier

    def by_hysteresis(self, frame: Lazy, wider: Sequence[Expr]) -> Lazy:
        """The frame with where incumbents are who stay as far as the wider cuts reach.

        Args:
            frame: With `tier`, and `is_scored` for who has a score.
            wider: For each wider cut, whether the row is within it; none where there are no wider cuts.
        """
        tier, reached = nw.col("tier"), nw.col("wanted")
        if not wider:
            return frame.with_columns(wanted=tier)
        frame = frame.with_columns(wanted=cases([(is_in, nw.lit(at)) for at, is_in in enumerate(wider)]).cast(nw.Int64()))
        # Equals that all go below a wider cut may reach less far than by the cut itself.
        near = nw.when(reached < self.before).then(self.before).otherwise(reached)
        frame = frame.with_columns(wanted=nw.when(near < tier).then(near).otherwise(tier))
        stays = nw.col("is_scored") & is_true(self.before < tier)
        return frame.with_columns(wanted=nw.when(stays).then(self.pinned(reached)).otherwise(tier))

    # --------------------------------------------------------------------------------------------------- the review

    def settled(self, frame: Lazy, is_out: Expr) -> Lazy:
        """The frame with where each client ends up, and the codes of why that is not simply what was proposed.

        Args:
            frame: With `tier`, by the facts alone, and `wanted`, once who may stay stays.
            is_out: Who is out of scope.
        """
        frame, codes = self._free(frame)
        pin, tier = nw.col(pin_column(self.place)), nw.col("settled")
        rises = is_true(nw.col(pin_floor_column(self.place)) & (tier <= pin))
        frame = frame.with_columns(is_by_pin=~pin.is_null() & ~rises)
        is_by_pin = nw.col("is_by_pin")
        said = [nw.when(holds & ~is_by_pin).then(nw.lit(f"segmentation.{code}")) for code, holds in codes.items()]
        said.append(nw.when(is_by_pin).then(nw.lit("segmentation.pinned")))
        frame = frame.with_columns(
            settled=nw.when(~is_out).then(nw.when(is_by_pin).then(pin).otherwise(tier)),
            settled_codes=nw.concat_str(*said, separator=" ", ignore_nulls=True),
        )
        reasons = nw.col("settled_codes")
        frame = frame.with_columns(settled_codes=nw.when(~is_out & (reasons != "")).then(reasons))
        return frame.drop("moves", "is_early", "is_far", "is_by_pin")

    def _free(self, frame: Lazy) -> tuple[Lazy, dict[str, Expr]]:
        """The frame with where a client goes, pins apart, as `settled`; and the codes that hold, in their order."""
        proposed, wanted, before = nw.col("tier"), nw.col("wanted"), self.before
        moves, is_early, is_far = nw.col("moves"), nw.col("is_early"), nw.col("is_far")
        steady = self.scheme.steady or Steadiness()
        turns = wanted > before if steady.holds_back == "falls" else wanted != before
        step = nw.when(wanted > before).then(before + 1).otherwise(before - 1)
        is_alone = moves & ~is_early & nw.lit(steady.confirm > 1)
        frame = frame.with_columns(moves=is_true(turns))
        frame = frame.with_columns(is_early=moves & self._is_early(steady.minimum_stay))
        goes = moves & ~is_early & nw.lit(steady.confirm == 1)
        frame = frame.with_columns(is_far=goes & is_true(step != wanted) & nw.lit(steady.one_step))
        codes = {
            "held_stays": wanted.is_null() & ~before.is_null(),
            "hysteresis": is_true(wanted != proposed) & ~before.is_null(),
            "minimum_stay": is_early,
            "unconfirmed": is_alone,
            "one_step": is_far,
        }
        stays = wanted.is_null() | is_early | is_alone
        return frame.with_columns(settled=cases([(stays, before), (is_far, step)], wanted)), codes

    def _is_early(self, stay: Every | None) -> Expr:
        """Whether a client has been in its tier for less than it must."""
        if stay is None:
            return nw.lit(value=False)
        return is_true(nw.col(since_column(self.place)) > _last_start(stay, self.as_of))


def _last_start(stay: Every, as_of: int) -> int:
    """The last day on which a tier can have begun that may be left on a day: no later one is ever over sooner."""
    day = stay.after(as_of, -1)
    while stay.after(day + 1) <= as_of:
        day += 1
    return day
