"""Hypothesis strategies for whole policies, each of which decides every book of `books`."""

from datetime import date
from typing import Final

from hypothesis import strategies as st

from relcare._time import Every, Span
from relcare.cadence import CadenceRule
from relcare.decisions import Policy, vocabularies_of
from relcare.policy import FactType, Vocabulary, criterion
from relcare.relationships import Indicator, Situation, Strategy
from relcare.segmentation import (
    MISSING_RULES,
    Band,
    Dimension,
    Matrix,
    QuotaScheme,
    QuotaTier,
    Scheme,
    ScoreTerm,
    ThresholdScheme,
    ThresholdTier,
)
from relcare.testing._access_strategies import drawn_access
from relcare.testing._custody_strategies import drawn_ladders, drawn_limits, drawn_pool
from relcare.testing._grade_strategies import drawn_grades
from relcare.testing._nasty import NASTY_IDS, NASTY_NAMES
from relcare.testing._permission_strategies import drawn_permission
from relcare.testing._picks import Picks
from relcare.testing._policy_examples import drawn_examples
from relcare.testing._policy_parts import condition, declared_facts
from relcare.testing._retention_strategies import drawn_retention
from relcare.testing._segment_strategies import drawn_segments
from relcare.testing._strategies import TYPES, cached, days
from relcare.vip import MembershipRules, Programme, VipPath

__all__ = ["policies"]

_SHARES: Final = (("20%", "40%", "40%"), ("100%",), ("12.5%", "87.5%"), ("0%", "50%", "50%"))
_TIERS: Final = ("A", "B", "C")
_TEXTS: Final = (None, None, *NASTY_NAMES)
_MEMBERSHIPS: Final = (
    MembershipRules(),
    MembershipRules(length="1 year", keeping="one step down", levels=["gold", "은"], notice="30 days"),
    MembershipRules(length="30 days", keeping="re-evaluated", window="1 month", returns_delay="2 weeks", longest_grant="1 year"),
    MembershipRules(length="1 month", keeping="grace", grace="3 days", grants=False),
)
_FROM: Final = days(last=date(2024, 12, 31))


def _threshold(picks: Picks, scheme_id: str, vocabulary: Vocabulary) -> Scheme:
    tiers = [ThresholdTier(tier, condition(picks, vocabulary)) for tier in _TIERS[: picks.count(1, 3)]]
    otherwise = picks.one((None, "A", "D"))
    missing = picks.one(MISSING_RULES)
    return ThresholdScheme(
        id=scheme_id,
        tiers=tiers,
        hit="highest" if otherwise is None else picks.one(("highest", "first", "unique")),
        otherwise=otherwise,
        scope=condition(picks, vocabulary) if picks.flag() else None,
        missing=missing,
        newcomer="A" if missing == "newcomer" else None,
        source=picks.one(_TEXTS),
    )


def _term(picks: Picks, fact: str, kind: FactType) -> ScoreTerm | None:
    least = picks.one((None, "0.25"))
    if kind.is_numeric:
        # These starts are whole on every grain of these policies.
        return ScoreTerm(fact=fact, bands=(Band("1", "1.5"), Band("10000", 5)), missing_points=least)
    if kind.kind == "flag":
        return ScoreTerm(fact=fact, points={"true": 1, "false": "-1"}, missing_points=least)
    if kind.kind in {"level", "category"} and kind.values:
        return ScoreTerm(fact=fact, points={value: at for at, value in enumerate(kind.values)}, missing_points=least)
    return None


def _quota(picks: Picks, scheme_id: str, vocabulary: Vocabulary) -> Scheme:
    plain = [name for name, kind in vocabulary.items() if kind.is_numeric or kind.kind == "level"]
    terms = tuple(term for name, kind in vocabulary.items() if (term := _term(picks, name, kind)) is not None)
    scores: list[str | tuple[ScoreTerm, ...]] = [*plain, terms, terms[:1]]
    missing = picks.one(MISSING_RULES)
    return QuotaScheme(
        id=scheme_id,
        tiers=[QuotaTier(tier, share) for tier, share in zip(_TIERS, picks.one(_SHARES), strict=False)],
        score=picks.one(scores),
        scope=picks.one((None, criterion("client.stage != 'visitor'"))),
        ties=picks.one(("by id", "together upward", "together downward")),
        missing=missing,
        newcomer="A" if missing == "newcomer" else None,
        review=picks.one((None, "monthly")),
    )


def _dimension(fact: str, kind: FactType) -> Dimension:
    if kind.values:
        return Dimension(fact=fact, values=[kind.values[:1], kind.values[1:]])
    # These starts are whole on every grain of these policies.
    return Dimension(fact=fact, bands=["1", "10000"])


def _matrix(picks: Picks, scheme_id: str, vocabulary: Vocabulary) -> Scheme:
    """A matrix of two facts, or thresholds where there are not as many that can be cut."""
    cut = [
        name
        for name, kind in vocabulary.items()
        if kind.is_numeric or (kind.kind in {"level", "category"} and len(kind.values) > 1)
    ]
    if len(cut) < 2:
        return _threshold(picks, scheme_id, vocabulary)
    rows, columns = (_dimension(name, vocabulary[name]) for name in picks.some(cut, 2, 2))
    matrix = Matrix(rows=rows, columns=columns, cells=[[picks.one(_TIERS) for _ in range(2)] for _ in range(2)])
    return ThresholdScheme(id=scheme_id, tiers=matrix.tiers(_TIERS), matrix=matrix, otherwise=picks.one((None, "A", "D")))


def _rule(picks: Picks, rule_id: str, vocabulary: Vocabulary) -> CadenceRule:
    anchor = picks.one((None, None, "people.birthday", "client.client_since_on", "2024-02-29"))
    every = "1 year" if anchor == "people.birthday" else picks.one(("2 weeks", "3 days", "1 month", "1 quarter", "1 year"))
    return CadenceRule(
        id=rule_id,
        channel=picks.one(("call", "visit")),
        every=every,
        mode="rolling" if anchor is None else "grid",
        anchor=anchor,
        when=condition(picks, vocabulary) if picks.flag() else None,
        role=picks.one(("account manager", "secretary")),
        minutes=picks.one((0, 20)),
        satisfied_by=picks.one(((), ("message",))),
        counts=picks.one((None, criterion("outcome == 'met'"))),
        reaches=picks.one(((), ("principal",))),
        grace=picks.one((Span(), Span(days=2), Span(days=3, is_business=True))),
        lead=picks.one((Span(), Span(days=1))),
        roll=picks.one(("following", "preceding", "nearest", "none")),
        leap_day=picks.one(("28 February", "1 March", "skip")),
        minimum=picks.one((None, "3 days")) if anchor is None else None,
        priority=picks.one((0, 5)),
        purpose=picks.one(_TEXTS),
    )


def _programme(picks: Picks, programme_id: str, vocabulary: Vocabulary) -> Programme:
    return Programme(
        id=programme_id,
        paths=[VipPath(way, condition(picks, vocabulary)) for way in picks.some(NASTY_NAMES, 1, 3)],
        approval=picks.one((None, "head")),
        source=picks.one(_TEXTS),
        membership=picks.one((None, None, *_MEMBERSHIPS)),
    )


def _situation(picks: Picks, name: str, facts: Vocabulary) -> Situation:
    dates = [fact for fact, kind in facts.items() if kind.kind == "date"]
    since = picks.one((None, *dates))
    return Situation(
        id=name,
        when=condition(picks, facts),
        action=picks.one(NASTY_NAMES),
        since=since,
        within=None if since is None else picks.one((None, Every(days=5))),
    )


def _strategy(picks: Picks, kind: str, facts: Vocabulary) -> Strategy:
    intervals = {
        channel: picks.one((Every(days=7), Every(months=2))) for channel in picks.some(("call", "visit", "letter"), 0, 2)
    }
    return Strategy(
        type=kind,
        appeal=picks.one(NASTY_NAMES),
        intervals=intervals,
        advice=tuple(picks.some(NASTY_NAMES, 0, 2)),
        avoid=tuple(picks.some(NASTY_NAMES, 0, 1)),
        questions=tuple(picks.some(NASTY_NAMES, 0, 1)),
        forms=tuple(picks.some(NASTY_NAMES, 0, 1)),
        indicators=[Indicator(id=name, healthy=condition(picks, facts)) for name in picks.some(NASTY_IDS, 0, 1)],
        situations=[_situation(picks, name, facts) for name in picks.some(NASTY_IDS, 0, 1)],
    )


@st.composite
def _policies(draw: st.DrawFn, *, with_examples: bool) -> Policy:
    picks = Picks(draw)
    facts = declared_facts(picks)
    own_facts = vocabularies_of(facts, (), (), (), currency="CNY").programmes
    grades = drawn_grades(picks, vocabularies_of(facts, (), (), (), currency="CNY").grades)
    strategies = [_strategy(picks, kind, own_facts) for kind in picks.some((*TYPES, "reseller"), 0, 2)]
    schemes: list[Scheme] = []
    for scheme_id in picks.one(((), ("abc",), ("abc",), ("등급", "abc"))):
        known = vocabularies_of(facts, schemes, (), (), grades=grades, currency="CNY").programmes
        own = Vocabulary({name: kind for name, kind in known.items() if not name.startswith("strategy.")})
        schemes.append(picks.one((_threshold, _quota, _quota, _threshold, _matrix))(picks, scheme_id, own))
    known = vocabularies_of(facts, schemes, strategies, (), grades=grades, currency="CNY").programmes
    clubs = [_programme(picks, name, known) for name in picks.one((("vip",), (), ("vip", "gold")))]
    known = vocabularies_of(facts, schemes, strategies, clubs, grades=grades, currency="CNY").segments
    groups = drawn_segments(picks, known, most=2)
    known = vocabularies_of(facts, schemes, strategies, clubs, grades=grades, segments=groups, currency="CNY").full
    rules = [_rule(picks, rule_id, known) for rule_id in picks.some(NASTY_IDS, 0, 2)]
    return Policy(
        id=picks.one(NASTY_IDS),
        version=picks.one(("1", "2026-01", "β")),
        effective_from=draw(_FROM),
        effective_until=picks.one((None, date(2199, 12, 31))),
        title=picks.one(_TEXTS),
        currency="CNY",
        calendar=picks.one((None, "CN", "US-CA")),
        source=picks.one(_TEXTS),
        facts=facts,
        grades=grades,
        segmentation=schemes,
        cadence=rules,
        neglect=drawn_ladders(picks, known),
        holding=drawn_limits(picks, known),
        pool=drawn_pool(picks, known),
        relationships=strategies,
        vip=clubs,
        segments=groups,
        permission=drawn_permission(picks, laws=False) if picks.flag() else None,
        access=drawn_access(picks, known) if picks.flag() else None,
        retention=drawn_retention(picks) if picks.flag() else None,
        examples=drawn_examples(draw, known, [rule.id for rule in rules]) if with_examples else (),
    )


@cached
def policies(*, with_examples: bool = True) -> st.SearchStrategy[Policy]:
    """Small valid policies with facts, grades, schemes, rules, ladders, strategies and programmes of every kind.

    Each decides every book of `books`. They are in force from some day of 2023 or 2024 on, and their money is in CNY. Their
    examples can be run, and need not hold.

    Args:
        with_examples: Whether they carry worked examples.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(policies(with_examples=False))
        ... def every_policy_has_facts(policy):
        ...     assert policy.facts
        >>> every_policy_has_facts()
    """
    return _policies(with_examples=with_examples)
