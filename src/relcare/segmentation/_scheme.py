"""Segmentation schemes as values: quotas over a score, and thresholds (SEG-1 to SEG-8)."""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import (
    check_choice,
    check_id,
    check_identifier,
    check_optional_text,
    check_text,
    check_tuple_of,
    to_decimal,
    to_map,
    to_tuple,
)
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, FactType
from relcare.ranking import TIE_RULES, TieRule
from relcare.segmentation._shares import share_text, to_share
from relcare.segmentation._steadiness import Steadiness

__all__ = [
    "HIT_POLICIES",
    "MISSING_RULES",
    "REVIEWS",
    "Band",
    "HitPolicy",
    "MissingRule",
    "QuotaScheme",
    "QuotaTier",
    "Scheme",
    "ScoreTerm",
    "ThresholdScheme",
    "ThresholdTier",
]

MissingRule = Literal["hold", "newcomer"]
MISSING_RULES: Final[tuple[MissingRule, ...]] = ("hold", "newcomer")
HitPolicy = Literal["highest", "first", "unique"]
HIT_POLICIES: Final[tuple[HitPolicy, ...]] = ("highest", "first", "unique")
REVIEWS: Final = ("monthly", "quarterly", "yearly")
# The host's own context may be set to few digits (FCT-4: exact).
_EXACT: Final = Context(prec=120)


def _to_points(value: Decimal | int | str) -> Decimal:
    return to_decimal("points", value)


def _to_optional_points(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else to_decimal("missing", value)


def _to_from(value: Decimal | int | str) -> Decimal:
    return to_decimal("from", value)


def _to_point_map(value: Mapping[str, Decimal | int | str]) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("points", value, "must be a table of levels and their points")
    return to_map({level: to_decimal(f"points.{level}", points) for level, points in value.items()})


def _check_is_criterion(name: str, value: object) -> None:
    if not isinstance(value, Criterion):
        raise InvalidValueError(name, value, "must be a criterion", 'write relcare.criterion("...")')


@attrs.frozen
class Band:
    """Points from a value on, inclusive, up to the next band (SEG-5).

    Attributes:
        start: The first value of the band, in the fact's unit.
        points: What it is worth.
    """

    start: Decimal = attrs.field(converter=_to_from)
    points: Decimal = attrs.field(converter=_to_points)


def _to_bands(values: Iterable[Band]) -> tuple[Band, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class ScoreTerm:
    """What one fact adds to a score.

    Attributes:
        fact: A declared fact.
        points: Of a level, a category with declared values, or a flag (`true`, `false`): the points of each; none left out.
        bands: Of a number, money, integer: points by band; below the first band 0.
        missing_points: What a missing fact is worth; without it the whole score is missing (SEG-8).

    Raises:
        InvalidValueError: If both or neither of points and bands are given, or two bands begin alike.
    """

    fact: str
    points: Mapping[str, Decimal] = attrs.field(factory=dict[str, Decimal], converter=_to_point_map)
    bands: tuple[Band, ...] = attrs.field(default=(), converter=_to_bands)
    missing_points: Decimal | None = attrs.field(default=None, converter=_to_optional_points)

    def __attrs_post_init__(self) -> None:
        check_text("fact", self.fact)
        check_tuple_of("bands", self.bands, Band)
        if bool(self.points) == bool(self.bands):
            raise InvalidValueError("points", dict(self.points), "must be given, or bands, and not both")
        starts = [band.start for band in self.bands]
        if len(set(starts)) != len(starts):
            raise InvalidValueError("bands", [str(start) for start in starts], "must begin at different values")

    def problem(self, kind: FactType) -> tuple[str, str | None] | None:
        """What is wrong with the term for a fact of this type, with a hint; None when nothing is."""
        if self.bands:
            if not kind.is_numeric:
                return f"{self.fact} is a {kind.kind}: bands need a number, money or an integer", "use points"
            for band in self.bands:
                if kind.grain is not None and _EXACT.remainder(band.start, kind.grain):
                    return f"a band of {self.fact} begins at {band.start}, which is off its grain {kind.grain}", None
            return None
        wanted = ("true", "false") if kind.kind == "flag" else kind.values if kind.kind in {"level", "category"} else ()
        if not wanted:
            return (
                f"{self.fact} is a {kind.kind} without declared values: points need a level, a category with values or a flag",
                "use bands",
            )
        strange = [level for level in self.points if level not in wanted]
        lacking = [level for level in wanted if level not in self.points]
        if strange:
            return f"{self.fact} has no value {strange[0]!r}", f"its values are {', '.join(map(repr, wanted))}"
        return (
            (f"the points of {self.fact} leave out {', '.join(map(repr, lacking))}", "give each value its points")
            if lacking
            else None
        )


@attrs.frozen
class QuotaTier:
    """A tier that a share of the ranked clients goes into.

    Attributes:
        id: The tier.
        share: As an exact fraction; given as `20%` or a Fraction.
    """

    id: str
    share: Fraction = attrs.field(converter=to_share)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)


@attrs.frozen
class ThresholdTier:
    """A tier that every client goes into for whom a criterion holds.

    Attributes:
        id: The tier.
        when: Who goes into it.
        stays: Who is not taken out of it, or of a better tier, at a review; None where `when` alone says so (SEG-9).
    """

    id: str
    when: Criterion
    stays: Criterion | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        _check_is_criterion("when", self.when)
        if self.stays is not None:
            _check_is_criterion("stays", self.stays)


def _to_quota_tiers(values: Iterable[QuotaTier]) -> tuple[QuotaTier, ...]:
    return to_tuple(values)


def _to_threshold_tiers(values: Iterable[ThresholdTier]) -> tuple[ThresholdTier, ...]:
    return to_tuple(values)


def _to_score(value: str | Iterable[ScoreTerm]) -> str | tuple[ScoreTerm, ...]:
    return value if isinstance(value, str) else to_tuple(value)


def _check_common(scheme: "QuotaScheme | ThresholdScheme") -> None:
    check_identifier("id", scheme.id)
    if scheme.scope is not None:
        _check_is_criterion("scope", scheme.scope)
    check_choice("missing", scheme.missing, MISSING_RULES)
    if scheme.review is not None:
        check_choice("review", scheme.review, REVIEWS)
    check_optional_text("source", scheme.source)
    if scheme.steady is not None and not isinstance(scheme.steady, Steadiness):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("steady", scheme.steady, "must be a Steadiness")
    ids = [tier.id for tier in scheme.tiers]
    if not ids:
        raise InvalidValueError("tiers", ids, "must list at least one tier, best first")
    if len(set(ids)) != len(ids):
        raise InvalidValueError("tiers", ids, "must be different")
    if scheme.missing == "newcomer" and scheme.newcomer is None:
        raise InvalidValueError("newcomer", scheme.newcomer, 'must name a tier when missing = "newcomer"')
    if scheme.newcomer is not None and scheme.newcomer not in scheme.tier_ids:
        raise InvalidValueError("newcomer", scheme.newcomer, f"must be one of the tiers {', '.join(map(repr, scheme.tier_ids))}")
    if scheme.missing == "hold" and scheme.newcomer is not None:
        raise InvalidValueError("newcomer", scheme.newcomer, 'must not be given when missing = "hold"')


@attrs.frozen(kw_only=True)
class QuotaScheme:
    """The best share is A, the next B, and so on (SEG-2, SEG-3).

    Attributes:
        id: An identifier; the tier becomes the fact `tier.<id>`.
        tiers: Best first; the shares sum to 100 %.
        score: A fact's id, for the fact as it stands (a level by its rank), or the terms of a sum of points (SEG-5).
        scope: Whom it classes; everybody without it. A client for whom it is unknown is held.
        group_by: A category, a level or a set, such as `client.region` or `client.relationship_types`: the clients of each value
            are ranked and cut by themselves (SEG-4). Who has none is treated as one without a score. None for everybody
            together.
        ties: What becomes of equal scores at a cut: `by id`, `together upward`, `together downward`.
        missing: Without a score the client keeps the tier it has; without one it is held, or `newcomer` (SEG-8). All stand
            outside n.
        newcomer: The tier of newcomers.
        review: How often it is decided anew: `monthly`, `quarterly`, `yearly`.
        steady: What keeps clients from moving at every review; None for nothing (SEG-9).
        uses_quota: Whether clients who are pinned exactly, kept or newcomers count in n and take a place in their tier (SEG-10).
        source: Where the firm says so.

    Raises:
        InvalidValueError: If the parts do not fit together.
    """

    id: str
    tiers: tuple[QuotaTier, ...] = attrs.field(converter=_to_quota_tiers)
    score: str | tuple[ScoreTerm, ...] = attrs.field(converter=_to_score)
    scope: Criterion | None = None
    group_by: str | None = None
    ties: TieRule = "by id"
    missing: MissingRule = "hold"
    newcomer: str | None = None
    review: str | None = None
    steady: Steadiness | None = None
    uses_quota: bool = False
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_tuple_of("tiers", self.tiers, QuotaTier)
        check_choice("ties", self.ties, TIE_RULES)
        _check_common(self)
        if type(self.uses_quota) is not bool:
            raise InvalidValueError("uses_quota", self.uses_quota, "must be true or false")
        if not isinstance(self.score, str):
            check_tuple_of("score", self.score, ScoreTerm)
        if not self.score:
            raise InvalidValueError("score", self.score, "must be a fact or at least one term")
        check_optional_text("group_by", self.group_by)
        if self.group_by in self.score_facts:
            raise InvalidValueError("group_by", self.group_by, "must not be in the score: all of a group would be equal in it")
        total = sum((tier.share for tier in self.tiers), Fraction(0))
        if total != 1:
            raise InvalidValueError("tiers", share_text(total), "must have shares that sum to 100%")

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """The tiers, best first."""
        return tuple(tier.id for tier in self.tiers)

    @property
    def score_facts(self) -> tuple[str, ...]:
        """The facts of the score, in the order of its terms."""
        return (self.score,) if isinstance(self.score, str) else tuple(term.fact for term in self.score)

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts without which nobody is ranked: those of the score, then the one that names the group."""
        return self.score_facts if self.group_by is None else (*self.score_facts, self.group_by)


@attrs.frozen(kw_only=True)
class ThresholdScheme:
    """Each tier has its criterion (SEG-6).

    Attributes:
        id: An identifier; the tier becomes the fact `tier.<id>`.
        tiers: Best first.
        hit: `highest` takes the best tier whose criterion holds, `first` the first listed and needs `otherwise`, `unique` expects
            one.
        otherwise: The tier when none holds; a tier that is not listed is the lowest. Without it the client is held.
        scope: Whom it classes; everybody without it. A client for whom it is unknown is held.
        missing: When missing facts leave the choice open: `hold` or `newcomer` (SEG-8).
        newcomer: The tier of newcomers.
        review: How often it is decided anew: `monthly`, `quarterly`, `yearly`.
        steady: What keeps clients from moving at every review; None for nothing (SEG-9).
        source: Where the firm says so.

    Raises:
        InvalidValueError: If the parts do not fit together.
    """

    id: str
    tiers: tuple[ThresholdTier, ...] = attrs.field(converter=_to_threshold_tiers)
    hit: HitPolicy = "highest"
    otherwise: str | None = None
    scope: Criterion | None = None
    missing: MissingRule = "hold"
    newcomer: str | None = None
    review: str | None = None
    steady: Steadiness | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_tuple_of("tiers", self.tiers, ThresholdTier)
        check_choice("hit", self.hit, HIT_POLICIES)
        if self.otherwise is not None:
            check_id("otherwise", self.otherwise)
        elif self.hit == "first":
            raise InvalidValueError("otherwise", self.otherwise, 'must name a tier when hit = "first"')
        _check_common(self)
        if self.steady is not None and self.steady.hysteresis:
            rule = "must not be given for thresholds"
            raise InvalidValueError("steady.hysteresis", share_text(self.steady.hysteresis), rule, "write stays in the tiers")
        if self.hit == "unique" and any(tier.stays is not None for tier in self.tiers):
            raise InvalidValueError("tiers", list(self.tier_ids), 'must not have stays when hit = "unique"')

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """The tiers, best first; an `otherwise` that is not listed comes last."""
        ids = tuple(tier.id for tier in self.tiers)
        return ids if self.otherwise is None or self.otherwise in ids else (*ids, self.otherwise)


Scheme: TypeAlias = QuotaScheme | ThresholdScheme
