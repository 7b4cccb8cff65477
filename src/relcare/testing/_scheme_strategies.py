"""Hypothesis strategies for segmentation schemes, and for what keeps clients from moving in them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, cast

from hypothesis import strategies as st

from relcare._time import Every
from relcare.policy import Criterion, FactType, Vocabulary
from relcare.ranking import TIE_RULES
from relcare.segmentation import (
    HIT_POLICIES,
    HOLDS_BACK,
    REVIEWS,
    Band,
    HitPolicy,
    MissingRule,
    QuotaScheme,
    QuotaTier,
    ScoreTerm,
    Steadiness,
    ThresholdScheme,
    ThresholdTier,
)
from relcare.testing._nasty import NASTY_NAMES
from relcare.testing._policy_strategies import criteria, rows
from relcare.testing._strategies import identifiers

__all__ = ["quota_schemes", "shares", "steadinesses", "threshold_schemes"]

# Best first; the last ones sort before the others, so that nobody takes the alphabet for the order.
_TIERS: Final = ("A", "B", "C", "키", "a", "0", "tier 4")
# Sums and differences that floats get wrong, ties, and a term that takes away.
_POINTS: Final = ("0", "1", "2", "3", "6", "0.1", "0.2", "0.3", "-1", "10", "0.001")


def _points() -> st.SearchStrategy[Decimal]:
    return st.sampled_from(_POINTS).map(Decimal)


def _tier_ids() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_TIERS), min_size=1, max_size=4, unique=True)


def _ends() -> st.SearchStrategy[int]:
    """Where a tier ends, in thousandths: at 20% and 60%, or 25% and 65%, often."""
    return st.sampled_from([0, 200, 250, 500, 600, 650, 1_000]) | st.integers(0, 1_000)


def _shares_between(ends: Sequence[int]) -> list[Fraction]:
    return [Fraction(end - start, 1_000) for start, end in pairwise([0, *sorted(ends), 1_000])]


def shares() -> st.SearchStrategy[list[Fraction]]:
    """The shares of one to four tiers, which sum to 1; none and all of it among them."""
    return st.lists(_ends(), max_size=3).map(_shares_between)


def steadinesses(*, of_quota: bool = True) -> st.SearchStrategy[Steadiness]:
    """What keeps clients from moving: nothing at all, all of it, and each part by itself.

    Args:
        of_quota: With a hysteresis now and then, which only quotas have.
    """
    shares = [Fraction(0), Fraction(1, 20), Fraction(1, 5), Fraction(1)] if of_quota else [Fraction(0)]
    return st.builds(
        Steadiness,
        hysteresis=st.sampled_from(shares),
        minimum_stay=st.none() | st.sampled_from(["1 day", "30 days", "1 month", "6 months"]).map(Every.parse),
        confirm=st.sampled_from([1, 1, 2, 3]),
        one_step=st.booleans(),
        holds_back=st.sampled_from(HOLDS_BACK),
    )


def _can_be_ranked(kind: FactType) -> bool:
    return (kind.is_numeric and kind.grain is not None) or kind.kind == "level"


def _values_of(kind: FactType) -> tuple[str, ...]:
    """What points are given to; empty where a fact has bands or nothing."""
    return ("true", "false") if kind.kind == "flag" else kind.values if kind.kind in {"level", "category"} else ()


def _term(fact: str, kind: FactType) -> st.SearchStrategy[ScoreTerm]:
    missing = st.none() | _points()
    values = _values_of(kind)
    if values:
        table = st.fixed_dictionaries(dict.fromkeys(values, _points()))
        return st.builds(ScoreTerm, fact=st.just(fact), points=table, missing_points=missing)
    starts = rows(Vocabulary({fact: kind})).map(lambda row: Decimal(str(kind.decode(row[fact] or 0))))
    bands = st.lists(st.builds(Band, starts, _points()), min_size=1, max_size=3, unique_by=lambda band: band.start)
    banded = st.builds(ScoreTerm, fact=st.just(fact), bands=bands, missing_points=missing)
    return banded | st.builds(ScoreTerm, fact=st.just(fact), weight=_points().filter(bool), missing_points=missing)


def _scores(vocabulary: Vocabulary) -> st.SearchStrategy[str | list[ScoreTerm]]:
    whole = [name for name, kind in vocabulary.items() if _can_be_ranked(kind)]
    parts = [name for name, kind in vocabulary.items() if name in whole or _values_of(kind)]
    terms = st.lists(st.one_of([_term(name, vocabulary[name]) for name in parts]), min_size=1, max_size=3)
    return (st.sampled_from(whole) | terms) if whole else terms


def _common(vocabulary: Vocabulary) -> dict[str, st.SearchStrategy[object]]:
    """What both kinds of scheme have; newcomers get the tier at a place, where there are any."""
    return {
        "id": identifiers(),
        "scope": st.none() | criteria(vocabulary, max_depth=1),
        "newcomer": st.none() | st.integers(0, 3),
        "review": st.none() | st.sampled_from(REVIEWS),
        "source": st.sampled_from([None, *NASTY_NAMES]),
    }


def _with_newcomer(fields: dict[str, Any], tier_ids: Sequence[str]) -> dict[str, Any]:
    place: int | None = fields["newcomer"]
    rule: MissingRule = "hold" if place is None else "newcomer"
    return {**fields, "missing": rule, "newcomer": None if place is None else tier_ids[place % len(tier_ids)]}


def _free_groups(vocabulary: Vocabulary, score: object) -> list[str]:
    """The facts that groups can be made of beside a score."""
    scored = {score} if isinstance(score, str) else {term.fact for term in cast("list[ScoreTerm]", score)}
    return [name for name, kind in vocabulary.items() if kind.kind in {"category", "level", "set"} and name not in scored]


def quota_schemes(vocabulary: Vocabulary, *, grouped: bool = False) -> st.SearchStrategy[QuotaScheme]:
    """Quota schemes that use the facts of a vocabulary rightly: every tie rule, shares of 0% and 100%, all kinds of score.

    Args:
        vocabulary: At least one number with a grain, level, flag or category with declared values.
        grouped: With quotas for each group by itself wherever the vocabulary has a fact to group by; without any otherwise.
    """

    def build(tier_ids: list[str], ends: list[int], group: int, **fields: Any) -> QuotaScheme:  # noqa: ANN401 - drawn
        parts = _shares_between(ends[: len(tier_ids) - 1])
        tiers = [QuotaTier(tier, share) for tier, share in zip(tier_ids, parts, strict=True)]
        free = _free_groups(vocabulary, fields["score"]) if grouped else []
        group_by = free[group % len(free)] if free else None
        return QuotaScheme(tiers=tiers, group_by=group_by, **_with_newcomer(fields, tier_ids))

    return st.builds(
        build,
        tier_ids=_tier_ids(),
        ends=st.lists(_ends(), min_size=3, max_size=3),
        group=st.integers(0, 11) if grouped else st.just(0),
        score=_scores(vocabulary),
        ties=st.sampled_from(TIE_RULES),
        steady=st.none() | steadinesses(),
        uses_quota=st.booleans(),
        **_common(vocabulary),
    )


def threshold_schemes(vocabulary: Vocabulary) -> st.SearchStrategy[ThresholdScheme]:
    """Threshold schemes that use the facts of a vocabulary rightly: every hit policy, with and without an `otherwise`.

    Args:
        vocabulary: At least one fact.
    """

    def build(
        tier_ids: list[str],
        whens: list[Criterion],
        stays: list[Criterion | None],
        hit: HitPolicy,
        otherwise: int,
        **fields: Any,  # noqa: ANN401 - drawn
    ) -> ThresholdScheme:
        kept = stays if hit != "unique" else [None] * len(stays)
        tiers = [ThresholdTier(tier, when, stay) for tier, when, stay in zip(tier_ids, whens, kept, strict=False)]
        known = [*tier_ids, "left over"] if hit == "first" else [*tier_ids, "left over", None, None]
        return ThresholdScheme(tiers=tiers, hit=hit, otherwise=known[otherwise % len(known)], **_with_newcomer(fields, tier_ids))

    return st.builds(
        build,
        tier_ids=_tier_ids(),
        whens=st.lists(criteria(vocabulary, max_depth=2), min_size=4, max_size=4),
        stays=st.lists(st.none() | criteria(vocabulary, max_depth=1), min_size=4, max_size=4),
        hit=st.sampled_from(HIT_POLICIES),
        steady=st.none() | steadinesses(of_quota=False),
        otherwise=st.integers(0, 11),
        **_common(vocabulary),
    )
