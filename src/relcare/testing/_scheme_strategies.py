"""Hypothesis strategies for segmentation schemes, the strategies of relationship types, and clients' rows to class."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hypothesis import strategies as st

from relcare._time import Every
from relcare.policy import Compare, Core, Criterion, FactType, Vocabulary
from relcare.ranking import TIE_RULES
from relcare.relationships import Strategy
from relcare.segmentation import (
    HIT_POLICIES,
    MISSING_RULES,
    REVIEWS,
    Band,
    MissingRule,
    QuotaScheme,
    QuotaTier,
    Scheme,
    ScoreTerm,
    ThresholdScheme,
    ThresholdTier,
)
from relcare.testing._policy_strategies import criteria, rows
from relcare.testing._strategies import TYPES, identifiers, ids, names

__all__ = ["client_rows", "intervals", "quota_schemes", "strategies_of_types", "threshold_schemes"]

# Best first; the last ones sort before the others, so that nobody takes the alphabet for the order.
_TIERS: Final = ("A", "B", "C", "키", "a", "0", "tier 4")
# Sums and differences that floats get wrong, ties, and a term that takes away.
_POINTS: Final = ("0", "1", "2", "3", "6", "0.1", "0.2", "0.3", "-1", "10", "0.001")
_CHANNELS: Final = ("call", "visit", "message")
_INTERVALS: Final = ("1 day", "6 days", "1 week", "2 weeks", "30 days", "1 month", "31 days", "2 months", "1 quarter", "1 year")


def _points() -> st.SearchStrategy[Decimal]:
    return st.sampled_from(_POINTS).map(Decimal)


def _tier_ids(least: int = 1) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_TIERS), min_size=least, max_size=4, unique=True)


def _shares(count: int) -> st.SearchStrategy[list[Fraction]]:
    """So many shares that sum to 1: the usual ones often, thousandths, none and all among them."""
    usual = {3: [[20, 40, 40], [25, 40, 35], [0, 0, 100]], 2: [[20, 80], [50, 50], [100, 0]], 1: [[100]]}
    drawn = st.lists(st.integers(0, 1_000), min_size=count - 1, max_size=count - 1).map(
        lambda ends: [b - a for a, b in zip([0, *sorted(ends)], [*sorted(ends), 1_000], strict=True)]
    )
    known = [[share * 10 for share in shares] for shares in usual.get(count, [])]
    return (st.sampled_from(known) | drawn if known else drawn).map(lambda shares: [Fraction(share, 1_000) for share in shares])


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
    return st.builds(ScoreTerm, fact=st.just(fact), bands=bands, missing_points=missing)


def _scores(vocabulary: Vocabulary) -> st.SearchStrategy[str | list[ScoreTerm]]:
    whole = [name for name, kind in vocabulary.items() if _can_be_ranked(kind)]
    parts = [name for name, kind in vocabulary.items() if name in whole or _values_of(kind)]
    terms = st.lists(st.sampled_from(parts).flatmap(lambda name: _term(name, vocabulary[name])), min_size=1, max_size=3)
    return (st.sampled_from(whole) | terms) if whole else terms


def _scopes(vocabulary: Vocabulary) -> st.SearchStrategy[Criterion | None]:
    return st.none() | st.none() | criteria(vocabulary, max_depth=1)


def _missing(tier_ids: Sequence[str]) -> st.SearchStrategy[dict[str, str]]:
    def fields(rule: MissingRule, tier: str) -> dict[str, str]:
        return {"missing": rule, "newcomer": tier} if rule == "newcomer" else {"missing": rule}

    return st.builds(fields, st.sampled_from(MISSING_RULES), st.sampled_from(tier_ids))


def quota_schemes(vocabulary: Vocabulary) -> st.SearchStrategy[QuotaScheme]:
    """Quota schemes that use the facts of a vocabulary rightly: every tie rule, shares of 0% and 100%, all kinds of score.

    Args:
        vocabulary: At least one number with a grain, level, flag or category with declared values.
    """
    return _quota_schemes(vocabulary)


@st.composite
def _quota_schemes(draw: st.DrawFn, vocabulary: Vocabulary) -> QuotaScheme:
    tier_ids = draw(_tier_ids())
    shares = draw(_shares(len(tier_ids)))
    return QuotaScheme(
        id=draw(identifiers()),
        tiers=[QuotaTier(tier, share) for tier, share in zip(tier_ids, shares, strict=True)],
        score=draw(_scores(vocabulary)),
        scope=draw(_scopes(vocabulary)),
        ties=draw(st.sampled_from(TIE_RULES)),
        review=draw(st.none() | st.sampled_from(REVIEWS)),
        source=draw(st.none() | names()),
        **draw(_missing(tier_ids)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def threshold_schemes(vocabulary: Vocabulary) -> st.SearchStrategy[ThresholdScheme]:
    """Threshold schemes that use the facts of a vocabulary rightly: every hit policy, with and without an `otherwise`.

    Args:
        vocabulary: At least one fact.
    """
    return _threshold_schemes(vocabulary)


@st.composite
def _threshold_schemes(draw: st.DrawFn, vocabulary: Vocabulary) -> ThresholdScheme:
    tier_ids = draw(_tier_ids())
    hit = draw(st.sampled_from(HIT_POLICIES))
    left = st.sampled_from([*tier_ids, "left over"])
    otherwise = draw(left if hit == "first" else st.none() | left)
    return ThresholdScheme(
        id=draw(identifiers()),
        tiers=[ThresholdTier(tier, draw(criteria(vocabulary, max_depth=2))) for tier in tier_ids],
        hit=hit,
        otherwise=otherwise,
        scope=draw(_scopes(vocabulary)),
        review=draw(st.none() | st.sampled_from(REVIEWS)),
        source=draw(st.none() | names()),
        **draw(_missing(tier_ids)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def _criteria_in(scheme: Scheme) -> list[Criterion]:
    """What a scheme compares facts with, the starts of its bands as comparisons."""
    found = [] if scheme.scope is None else [scheme.scope]
    if not isinstance(scheme, QuotaScheme):
        return [*found, *(tier.when for tier in scheme.tiers)]
    terms = () if isinstance(scheme.score, str) else scheme.score
    return [*found, *(Compare(term.fact, ">=", band.start) for term in terms for band in term.bands)]


def client_rows(
    scheme: Scheme, vocabulary: Vocabulary, *, max_clients: int = 10
) -> st.SearchStrategy[dict[str, dict[str, Core]]]:
    """The facts of some clients by id, in any order: on the thresholds and bands of a scheme and beside them, with many equals.

    Args:
        scheme: Checked against the vocabulary.
        vocabulary: The facts.
        max_clients: At most so many, and now and then none.
    """
    return _client_rows(scheme, vocabulary, max_clients)


@st.composite
def _client_rows(draw: st.DrawFn, scheme: Scheme, vocabulary: Vocabulary, max_clients: int) -> dict[str, dict[str, Core]]:
    some = draw(st.lists(rows(vocabulary, near=_criteria_in(scheme)), min_size=1, max_size=4))
    places = draw(st.dictionaries(ids(), st.integers(0, len(some) - 1), max_size=max_clients))
    return {client_id: dict(some[place]) for client_id, place in places.items()}


def intervals() -> st.SearchStrategy[Every]:
    """Steps of days and of months, those that are nearly as long often, and two that are exactly as long."""
    # 1,600 Gregorian months are 48,699 days.
    equals = st.sampled_from([Every(months=1_600), Every(days=48_699)])
    return st.sampled_from(_INTERVALS).map(Every.parse) | st.integers(1, 400).map(lambda days: Every(days=days)) | equals


def strategies_of_types(
    types: Sequence[str] = (*TYPES, "investor"), *, channels: Sequence[str] = _CHANNELS
) -> st.SearchStrategy[tuple[Strategy, ...]]:
    """What a policy declares under relationships: some of the types, each once, in any order, with and without intervals.

    Args:
        types: Which types to draw from.
        channels: Which channels to draw intervals for.
    """

    def one(name: str) -> st.SearchStrategy[Strategy]:
        sentences = st.lists(names(), max_size=2)
        return st.builds(
            Strategy,
            type=st.just(name),
            appeal=names(),
            intervals=st.dictionaries(st.sampled_from(channels), intervals(), max_size=3),
            advice=sentences,
            avoid=sentences,
            source=st.none() | names(),
        )

    return st.lists(st.sampled_from(types).flatmap(one), max_size=len(types), unique_by=lambda strategy: strategy.type).map(tuple)
