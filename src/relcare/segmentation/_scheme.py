"""Segmentation schemes as values: quotas over a score, thresholds, and matrices of thresholds (SEG-1 to SEG-8)."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import attrs

from relcare._fields import check_choice, check_id, check_optional_text, check_text, check_tuple_of, to_tuple
from relcare.errors import InvalidValueError, nearest
from relcare.policy import Criterion
from relcare.ranking import TIE_RULES, TieRule
from relcare.segmentation._matrix import Matrix
from relcare.segmentation._scheme_checks import HIT_POLICIES, HitPolicy, MissingRule, check_common
from relcare.segmentation._score_terms import ScoreTerm
from relcare.segmentation._shares import share_text
from relcare.segmentation._steadiness import Steadiness
from relcare.segmentation._tiers import QuotaTier, ThresholdTier

__all__ = ["QuotaScheme", "Scheme", "ThresholdScheme"]


def _to_quota_tiers(values: Iterable[QuotaTier]) -> tuple[QuotaTier, ...]:
    return to_tuple(values)


def _to_threshold_tiers(values: Iterable[ThresholdTier]) -> tuple[ThresholdTier, ...]:
    return to_tuple(values)


def _to_score(value: str | Iterable[ScoreTerm]) -> str | tuple[ScoreTerm, ...]:
    return value if isinstance(value, str) else to_tuple(value)


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
        check_common(self)
        if type(self.uses_quota) is not bool:
            raise InvalidValueError("uses_quota", self.uses_quota, "must be true or false")
        if isinstance(self.score, str) and self.score:
            check_text("score", self.score)
        elif not isinstance(self.score, str):
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
        matrix: What the criteria of the tiers are made from, see `Matrix.tiers`; None where they are written out (SEG-7).
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
    matrix: Matrix | None = None
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
        check_common(self)
        if self.steady is not None and self.steady.hysteresis:
            rule = "must not be given for thresholds"
            raise InvalidValueError("steady.hysteresis", share_text(self.steady.hysteresis), rule, "write stays in the tiers")
        if self.hit == "unique" and any(tier.stays is not None for tier in self.tiers):
            raise InvalidValueError("tiers", list(self.tier_ids), 'must not have stays when hit = "unique"')
        if self.matrix is not None:
            self._check_matrix(self.matrix)

    def _check_matrix(self, matrix: Matrix) -> None:
        if not isinstance(matrix, Matrix):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("matrix", matrix, "must be a Matrix")
        if self.hit != "highest":
            raise InvalidValueError("hit", self.hit, 'must be "highest" for a matrix: its cells exclude each other')
        ids = tuple(tier.id for tier in self.tiers)
        for row, line in enumerate(matrix.cells):
            for column, named in enumerate(line):
                if named not in ids:
                    near = nearest(named, ids)
                    rule = f"must be one of the tiers {', '.join(map(repr, ids))}"
                    raise InvalidValueError(f"cells[{row}][{column}]", named, rule, f"did you mean {near!r}?" if near else None)
        if any(tier.when != matrix.criterion_of(tier.id) for tier in self.tiers):
            rule = "must have the criteria of the matrix"
            raise InvalidValueError("tiers", list(ids), rule, "write tiers=matrix.tiers(...)")

    @property
    def tier_ids(self) -> tuple[str, ...]:
        """The tiers, best first; an `otherwise` that is not listed comes last."""
        ids = tuple(tier.id for tier in self.tiers)
        return ids if self.otherwise is None or self.otherwise in ids else (*ids, self.otherwise)


Scheme: TypeAlias = QuotaScheme | ThresholdScheme
