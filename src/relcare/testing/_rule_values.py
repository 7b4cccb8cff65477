"""One strategy for each kind of rule, by its class; drawn by itself, without a policy."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger
from relcare.custody import ACTIONS, ClaimRules, HoldingLimit, NeglectLadder, Protection, Rung
from relcare.grades import Grade
from relcare.permission import Cap, CapPeriod, ConsentRule, Gap, Hours, HourWindow, Lapse, PermissionRules, Rotation, Stop
from relcare.ranking import TIE_RULES
from relcare.relationships import Indicator, Situation, Strategy
from relcare.segmentation import (
    Band,
    Dimension,
    Matrix,
    QuotaScheme,
    QuotaTier,
    ScoreTerm,
    Steadiness,
    ThresholdScheme,
    ThresholdTier,
)
from relcare.segments import CriterionSegment, ProductSegment, Theme
from relcare.testing._cadence_strategies import cadence_rules
from relcare.testing._custody_strategies import claim_rules, holding_limits, neglect_ladders
from relcare.testing._grade_strategies import dimensions, grades, matrices, matrix_schemes
from relcare.testing._permission_strategies import hours, part_of_rules, permission_rules
from relcare.testing._relationship_strategies import strategies_of_types
from relcare.testing._rule_part_values import WORDS, lone_criteria
from relcare.testing._scheme_strategies import quota_schemes, shares, steadinesses, threshold_schemes
from relcare.testing._segment_strategies import segments
from relcare.testing._strategies import ROLES, amounts, identifiers, ids, intervals, names, one_of_drawn
from relcare.testing._trigger_strategies import triggers
from relcare.testing._vip_strategies import LEVELS, benefits, membership_rules, qualified_spells
from relcare.vip import TOP_REVIEWS, Benefit, MembershipRules, Programme, QualifiedSpell, TopList, VipPath

__all__ = ["RULES", "TIERS", "lone_share"]

TIERS: Final = ("A", "B", "C", "키")


def _terms() -> st.SearchStrategy[ScoreTerm]:
    scores = quota_schemes(WORDS).map(lambda scheme: () if isinstance(scheme.score, str) else scheme.score)
    return one_of_drawn(scores)


def _programme(rules: MembershipRules | None, gifts: tuple[Benefit, ...], **fields: object) -> Programme:
    """A programme whose benefits are for levels that it has."""
    known = () if rules is None else rules.levels
    kept = (attrs.evolve(gift, levels=[level for level in gift.levels if level in known]) for gift in gifts)
    return Programme(membership=rules, benefits=() if rules is None else kept, **fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _top_lists() -> st.SearchStrategy[TopList]:
    return st.builds(
        TopList,
        id=identifiers(),
        most=st.sampled_from([1, 20, 100_000_000]),
        by=st.sampled_from(["revenue", "orders", "likelihood", "founded_on"]),
        among=st.none() | lone_criteria(),
        ties=st.sampled_from(TIE_RULES),
        review=st.sampled_from([None, *TOP_REVIEWS]),
    )


def _programmes() -> st.SearchStrategy[Programme]:
    return st.builds(
        _programme,
        rules=st.none() | membership_rules(),
        gifts=st.lists(benefits(LEVELS), max_size=2, unique_by=lambda gift: gift.id).map(tuple),
        top=st.lists(_top_lists(), max_size=2, unique_by=lambda top: top.id),
        id=identifiers(),
        paths=st.lists(_paths(), min_size=1, max_size=3, unique_by=lambda path: path.id),
        approval=st.sampled_from([None, *ROLES]),
        source=st.none() | names(),
    )


def _paths() -> st.SearchStrategy[VipPath]:
    return st.builds(VipPath, names(), lone_criteria())


def _segment(kind: type) -> st.SearchStrategy[object]:
    of_kind = segments(WORDS).map(lambda several: tuple(one for one in several if isinstance(one, kind)))
    return one_of_drawn(of_kind)


def _situations() -> st.SearchStrategy[Situation]:
    begun = st.fixed_dictionaries({"since": st.none() | identifiers()})
    dated = st.fixed_dictionaries({"since": identifiers(), "within": intervals()})
    rest = {"id": ids(), "when": lone_criteria(), "action": names(), "tracked_by": st.lists(ids(), max_size=2)}
    return (begun | dated).flatmap(lambda time: st.builds(partial(Situation, **time), **rest, source=st.none() | names()))


def lone_share() -> st.SearchStrategy[Fraction]:
    """The share of one tier."""
    return shares().flatmap(st.sampled_from)


RULES: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    Band: lambda: st.builds(Band, amounts(), st.sampled_from(["0", "0.1", "-1", "10"])),
    CadenceRule: lambda: cadence_rules(WORDS),
    Dimension: lambda: dimensions(WORDS),
    Grade: lambda: grades(WORDS),
    Matrix: lambda: matrices(WORDS),
    ClaimRules: lambda: claim_rules(WORDS).filter(lambda rules: rules is not None),
    HoldingLimit: lambda: one_of_drawn(holding_limits(WORDS).map(tuple)),
    NeglectLadder: lambda: one_of_drawn(neglect_ladders(WORDS).map(tuple)),
    Trigger: lambda: triggers(WORDS),
    Hours: hours,
    PermissionRules: permission_rules,
    **{kind: partial(part_of_rules, kind) for kind in (Cap, CapPeriod, ConsentRule, Gap, HourWindow, Lapse, Rotation, Stop)},
    Benefit: lambda: benefits(LEVELS),
    MembershipRules: membership_rules,
    Programme: _programmes,
    Protection: lambda: one_of_drawn(
        neglect_ladders(WORDS).map(lambda found: tuple(one for ladder in found for one in ladder.protect))
    ),
    QualifiedSpell: lambda: one_of_drawn(qualified_spells()),
    QuotaScheme: lambda: quota_schemes(WORDS) | quota_schemes(WORDS, grouped=True),
    Rung: lambda: st.builds(Rung, intervals(), st.sampled_from(ACTIONS)),
    QuotaTier: lambda: st.builds(QuotaTier, st.sampled_from(TIERS), lone_share()),
    ScoreTerm: _terms,
    Indicator: lambda: st.builds(Indicator, id=ids(), healthy=lone_criteria(), source=st.none() | names()),
    Situation: _situations,
    Strategy: lambda: one_of_drawn(strategies_of_types()),
    ThresholdScheme: lambda: threshold_schemes(WORDS) | matrix_schemes(WORDS),
    Steadiness: steadinesses,
    ThresholdTier: lambda: st.builds(ThresholdTier, st.sampled_from(TIERS), lone_criteria(), st.none() | lone_criteria()),
    CriterionSegment: partial(_segment, CriterionSegment),
    ProductSegment: partial(_segment, ProductSegment),
    Theme: lambda: st.builds(Theme, identifiers(), names()),
    TopList: _top_lists,
    VipPath: _paths,
}
"""How each is drawn."""
