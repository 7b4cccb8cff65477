"""One strategy for each value of the library that a program can construct, by its class; what Hypothesis' `from_type` draws."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Final, TypeVar, cast

import attrs
from hypothesis import strategies as st

from relcare.access import (
    RELATIONS,
    AccessPurpose,
    AccessRequest,
    AccessRule,
    AccessRules,
    Anchor,
    AuditEntry,
    ChainHead,
    ChainLink,
    ChangeEvent,
    Delegation,
    DelegationEvent,
    DigestKey,
    EraseClock,
    FieldClass,
    GrantEvent,
    Identity,
    KeepClock,
    Principal,
    RetentionRecord,
    RetentionRules,
    Signature,
    Standing,
)
from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import CombinedCalendar, Deadline, NationalCalendar, SetCalendar, Weekdays, WorkingHours, calendar
from relcare.custody import ACTIONS, ClaimRules, HoldingLimit, NeglectLadder, Protection, Rung
from relcare.decisions import Acceptance, Example, Policy, Requirement, RoleStaffing, ShareBound, Staffing
from relcare.grades import Grade
from relcare.model import (
    Absence,
    Appointment,
    AttributeChange,
    Birthday,
    Book,
    Challenge,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Pin,
    Purchase,
    Review,
    ReviewBorder,
    ReviewDecision,
    ReviewRow,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.permission import Cap, CapPeriod, ConsentRule, Gap, Hours, HourWindow, Lapse, PermissionRules, Rotation, Stop
from relcare.policy import (
    CLIENT_FACTS,
    And,
    Compare,
    Contains,
    Criterion,
    Derivation,
    Every,
    Fact,
    FactType,
    Measure,
    Missing,
    Not,
    OneOf,
    Or,
    Span,
    Vocabulary,
    Window,
)
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
from relcare.testing._access_strategies import part_of_access
from relcare.testing._appointment_strategies import appointments
from relcare.testing._book_strategies import books, touchpoints
from relcare.testing._cadence_strategies import cadence_rules, calendars
from relcare.testing._clocks import FixedClock, SteppingClock
from relcare.testing._custody_strategies import claim_rules, holding_limits, neglect_ladders
from relcare.testing._grade_strategies import dimensions, grades, matrices, matrix_schemes
from relcare.testing._permission_strategies import hours, part_of_rules, permission_rules
from relcare.testing._policies import policies
from relcare.testing._policy_examples import examples
from relcare.testing._policy_parts import measures
from relcare.testing._policy_strategies import criteria, facts, vocabularies, windows
from relcare.testing._record_strategies import absences, consents, owner_spells, pins, tier_spells
from relcare.testing._retention_strategies import part_of_retention
from relcare.testing._review_strategies import challenges, review_borders, review_decisions, review_rows, reviews
from relcare.testing._scheme_strategies import (
    intervals,
    quota_schemes,
    shares,
    steadinesses,
    strategies_of_types,
    threshold_schemes,
)
from relcare.testing._segment_strategies import segments
from relcare.testing._strategies import (
    ROLES,
    amounts,
    attribute_changes,
    birthdays,
    cached,
    clients,
    days,
    identifiers,
    ids,
    moments,
    money,
    names,
    people,
    purchases,
    staff,
)
from relcare.testing._trigger_strategies import deadlines, triggers, working_hours
from relcare.testing._vip_strategies import LEVELS, benefits, membership_events, membership_rules, qualified_spells
from relcare.vip import TOP_REVIEWS, Benefit, MembershipRules, Programme, QualifiedSpell, TopList, VipPath

__all__ = ["VALUES", "strategy_of"]

T = TypeVar("T")
_CLIENTS: Final = ("c-1", "c-2", "한글")
_STAFF: Final = ("lee", "王")
_NATIONS: Final = ("CN", "KR", "US", "US-CA")
_TIERS: Final = ("A", "B", "C", "키")
_CODES: Final = ("total.gap", "monotone", "path.implied")
_WORDS: Final = Vocabulary(
    {
        "revenue": FactType(kind="money", grain=Decimal("0.01"), polarity="more"),
        "orders": FactType(kind="integer", grain=Decimal(1), low=Decimal(0)),
        "likelihood": FactType(kind="level", values=("none", "low", "high")),
        "is_local": FactType(kind="flag"),
        "topics": FactType(kind="set"),
        "founded_on": FactType(kind="date"),
        **CLIENT_FACTS,
    }
)
"""What rules that are drawn by themselves, without a policy, ask about."""


def _one_of(several: st.SearchStrategy[tuple[T, ...]]) -> st.SearchStrategy[T]:
    """One of those drawn together."""
    return several.filter(bool).flatmap(st.sampled_from)


@cached
def _criteria() -> st.SearchStrategy[Criterion]:
    return criteria(_WORDS, max_depth=1)


def _leaf(kind: type, *, of_sets: bool = False) -> st.SearchStrategy[object]:
    """A comparison of one form; only sets are asked what they contain."""
    words = Vocabulary({name: type_ for name, type_ in _WORDS.items() if (type_.kind == "set") is of_sets})
    return criteria(words, max_depth=0).filter(lambda leaf: isinstance(leaf, kind))


def _parts() -> st.SearchStrategy[tuple[Criterion, ...]]:
    return st.lists(_criteria(), min_size=2, max_size=3).map(tuple)


def _national() -> st.SearchStrategy[object]:
    # By name and not by value: the years of a calendar are worked out in the value.
    return st.sampled_from(_NATIONS).map(calendar)


def _calendar_of(kind: type) -> st.SearchStrategy[object]:
    return calendars().filter(lambda one: isinstance(one, kind))


def _share() -> st.SearchStrategy[Fraction]:
    return shares().flatmap(st.sampled_from)


def _terms() -> st.SearchStrategy[ScoreTerm]:
    scores = quota_schemes(_WORDS).map(lambda scheme: () if isinstance(scheme.score, str) else scheme.score)
    return _one_of(scores)


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
        among=st.none() | _criteria(),
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
    return st.builds(VipPath, names(), _criteria())


def _segment(kind: type) -> st.SearchStrategy[object]:
    of_kind = segments(_WORDS).map(lambda several: tuple(one for one in several if isinstance(one, kind)))
    return _one_of(of_kind)


def _situations() -> st.SearchStrategy[Situation]:
    begun = st.fixed_dictionaries({"since": st.none() | identifiers()})
    dated = st.fixed_dictionaries({"since": identifiers(), "within": intervals()})
    rest = {"id": ids(), "when": _criteria(), "action": names(), "tracked_by": st.lists(ids(), max_size=2)}
    return (begun | dated).flatmap(lambda time: st.builds(partial(Situation, **time), **rest, source=st.none() | names()))


def _requirements() -> st.SearchStrategy[Requirement]:
    of_scheme = st.builds(Requirement, kind=st.sampled_from(["total", "never_demotes"]), of=identifiers())
    of_fact = st.builds(Requirement, kind=st.just("monotone"), of=identifiers(), scheme=st.none() | identifiers())
    of_tier = st.builds(
        Requirement,
        kind=st.just("share"),
        of=st.builds("{} {} {}%".format, st.sampled_from(_TIERS), st.sampled_from(["<=", ">="]), st.integers(0, 100)),
        scheme=st.none() | identifiers(),
    )
    of_class = st.builds(
        Requirement, kind=st.just("closed"), of=names(), role=st.none() | names(), relation=st.sampled_from(RELATIONS)
    )
    return of_scheme | of_fact | of_tier | of_class | st.just(Requirement(kind="feasible"))


def _acceptances() -> st.SearchStrategy[Acceptance]:
    return st.builds(
        Acceptance,
        code=st.sampled_from(_CODES),
        of=st.none() | identifiers(),
        reason=names(),
        until=st.none() | days(),
    )


def _staffings() -> st.SearchStrategy[Staffing]:
    return st.builds(
        Staffing,
        clients=st.sampled_from([1, 500]) | st.integers(1, 100_000_000),
        roles=st.lists(_roles(), min_size=1, max_size=3, unique_by=lambda role: role.role),
        days_per_week=st.integers(1, 7),
        people_per_client=st.sampled_from(["0", "1", "2.5"]),
        mix=st.dictionaries(identifiers(), st.sampled_from([{"low": "100%"}, {"low": "12.5%", "high": "87.5%"}]), max_size=2),
    )


def _roles() -> st.SearchStrategy[RoleStaffing]:
    return st.builds(
        RoleStaffing,
        role=st.sampled_from(["account manager", *ROLES]),
        staff=st.sampled_from(["0.5", "1", "2.5", "1000000"]),
        minutes_per_day=st.sampled_from([1, 60, 480, 1_440]),
    )


VALUES: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    # what happens
    Absence: lambda: _one_of(absences(_STAFF)),
    Appointment: lambda: _one_of(appointments(_CLIENTS, staff_ids=_STAFF, person_ids=["p-1"])),
    AttributeChange: attribute_changes,
    Birthday: birthdays,
    Book: books,
    Client: clients,
    Consent: lambda: _one_of(consents(_CLIENTS, person_ids=["p-1"])),
    ContactPerson: lambda: _one_of(people(_CLIENTS)),
    MembershipEvent: lambda: _one_of(membership_events(_CLIENTS)),
    Money: lambda: money() | money("KRW", low="-1000"),
    OwnerSpell: lambda: _one_of(owner_spells(_CLIENTS, owner_ids=_STAFF)),
    Purchase: lambda: _one_of(purchases(_CLIENTS)),
    Staff: staff,
    Challenge: lambda: challenges(_CLIENTS),
    Pin: lambda: _one_of(pins(_CLIENTS)),
    Review: reviews,
    ReviewBorder: review_borders,
    ReviewDecision: review_decisions,
    ReviewRow: lambda: review_rows(_CLIENTS),
    TierSpell: lambda: _one_of(tier_spells(_CLIENTS)),
    Touchpoint: lambda: _one_of(touchpoints(_CLIENTS)),
    # calendars
    CombinedCalendar: lambda: _calendar_of(CombinedCalendar),
    NationalCalendar: _national,
    SetCalendar: lambda: _calendar_of(SetCalendar),
    Deadline: deadlines,
    Weekdays: lambda: st.just(Weekdays()),
    WorkingHours: working_hours,
    # what rules are made of
    And: lambda: st.builds(And, _parts()),
    Compare: partial(_leaf, Compare),
    Contains: partial(_leaf, Contains, of_sets=True),
    Derivation: lambda: st.builds(
        Derivation, function=st.sampled_from(["ratio", "difference"]), first=identifiers(), second=identifiers()
    ),
    Every: intervals,
    Fact: facts,
    FactType: lambda: facts().map(lambda fact: fact.fact_type),
    Measure: measures,
    Missing: lambda: st.builds(Missing, st.sampled_from(sorted(_WORDS))),
    Not: lambda: st.builds(Not, _criteria()),
    OneOf: partial(_leaf, OneOf),
    Or: lambda: st.builds(Or, _parts()),
    Span: lambda: st.builds(Span, days=st.sampled_from([0, 1, 2, 5]) | st.integers(0, 69_993), is_business=st.booleans()),
    Vocabulary: vocabularies,
    Window: windows,
    # rules
    Band: lambda: st.builds(Band, amounts(), st.sampled_from(["0", "0.1", "-1", "10"])),
    CadenceRule: lambda: cadence_rules(_WORDS),
    Dimension: lambda: dimensions(_WORDS),
    Grade: lambda: grades(_WORDS),
    Matrix: lambda: matrices(_WORDS),
    ClaimRules: lambda: claim_rules(_WORDS).filter(lambda rules: rules is not None),
    HoldingLimit: lambda: _one_of(holding_limits(_WORDS).map(tuple)),
    NeglectLadder: lambda: _one_of(neglect_ladders(_WORDS).map(tuple)),
    Trigger: lambda: triggers(_WORDS),
    Hours: hours,
    PermissionRules: permission_rules,
    **{kind: partial(part_of_rules, kind) for kind in (Cap, CapPeriod, ConsentRule, Gap, HourWindow, Lapse, Rotation, Stop)},
    Benefit: lambda: benefits(LEVELS),
    MembershipRules: membership_rules,
    Programme: _programmes,
    Protection: lambda: _one_of(
        neglect_ladders(_WORDS).map(lambda found: tuple(one for ladder in found for one in ladder.protect))
    ),
    QualifiedSpell: lambda: _one_of(qualified_spells()),
    QuotaScheme: lambda: quota_schemes(_WORDS) | quota_schemes(_WORDS, grouped=True),
    Rung: lambda: st.builds(Rung, intervals(), st.sampled_from(ACTIONS)),
    QuotaTier: lambda: st.builds(QuotaTier, st.sampled_from(_TIERS), _share()),
    ScoreTerm: _terms,
    Indicator: lambda: st.builds(Indicator, id=ids(), healthy=_criteria(), source=st.none() | names()),
    Situation: _situations,
    Strategy: lambda: _one_of(strategies_of_types()),
    ThresholdScheme: lambda: threshold_schemes(_WORDS) | matrix_schemes(_WORDS),
    Steadiness: steadinesses,
    ThresholdTier: lambda: st.builds(ThresholdTier, st.sampled_from(_TIERS), _criteria(), st.none() | _criteria()),
    CriterionSegment: partial(_segment, CriterionSegment),
    ProductSegment: partial(_segment, ProductSegment),
    Theme: lambda: st.builds(Theme, identifiers(), names()),
    TopList: _top_lists,
    VipPath: _paths,
    # access
    **{
        kind: partial(part_of_access, kind)
        for kind in (
            AccessPurpose,
            AccessRequest,
            AccessRule,
            AccessRules,
            Anchor,
            AuditEntry,
            ChainHead,
            ChainLink,
            ChangeEvent,
            Delegation,
            DelegationEvent,
            DigestKey,
            FieldClass,
            GrantEvent,
            Identity,
            Principal,
            Signature,
            Standing,
        )
    },
    **{kind: partial(part_of_retention, kind) for kind in (EraseClock, KeepClock, RetentionRecord, RetentionRules)},
    # policies
    Acceptance: _acceptances,
    Example: examples,
    Policy: policies,
    Requirement: _requirements,
    RoleStaffing: _roles,
    ShareBound: lambda: st.builds(ShareBound, st.sampled_from(_TIERS), st.sampled_from(["<=", ">="]), _share()),
    Staffing: _staffings,
    # clocks
    FixedClock: lambda: st.builds(FixedClock, moments("America/New_York")),
    SteppingClock: lambda: st.builds(SteppingClock, moments("America/New_York")),
}
"""How each is drawn."""


@cached
def strategy_of(kind: type[T]) -> st.SearchStrategy[T]:
    """The strategy of a class, made when it is first asked for."""
    return cast("st.SearchStrategy[T]", VALUES[kind]())
