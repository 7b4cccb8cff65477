"""Hypothesis strategies for measures and for whole policies that decide every book of `books`."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare._fields import ReadOnlyMap
from relcare._time import Every, Span
from relcare.cadence import CadenceRule
from relcare.decisions import Policy, vocabularies_of
from relcare.policy import Compare, Criterion, Derivation, Fact, FactType, Measure, Operator, Vocabulary, Window, criterion
from relcare.relationships import Strategy
from relcare.segmentation import Band, QuotaScheme, QuotaTier, Scheme, ScoreTerm, ThresholdScheme, ThresholdTier
from relcare.testing._policy_examples import examples
from relcare.testing._policy_strategies import criteria, windows
from relcare.testing._strategies import RANKS, TYPES, cached, days, identifiers, ids, names
from relcare.vip import Programme, VipPath

__all__ = ["measures", "policies", "programmes"]

_WHERE: Final[Mapping[str, tuple[Criterion | None, ...]]] = {
    "purchases": (
        None,
        None,
        criterion("category == 'high-end'"),
        criterion("category != 'fibre' or amount >= 10_000"),
        criterion("missing(category)"),
        criterion("0.1 <= amount < 20_000"),
    ),
    "touchpoints": (
        None,
        None,
        criterion("outcome in ('met', 'reached') or missing(outcome)"),
        criterion("channel == 'call' and direction == 'outgoing'"),
        criterion("person.role == 'principal' or person.rank == 'bureau'"),
        criterion("not (staff.role == 'secretary' or purpose == 'greeting')"),
        criterion("in_lieu_of == 'visit'"),
    ),
}
_WINDOWS: Final = tuple(
    map(
        Window.parse,
        (
            "lifetime",
            "1 day",
            "30 days",
            "90 days",
            "1 month",
            "3 months",
            "12 months",
            "1 calendar month",
            "2 calendar quarters",
        ),
    )
)
_FIELDS: Final = {"purchases": ("amount", "category"), "touchpoints": ("channel", "outcome", "person_id", "staff_id")}
_TYPE_OF: Final = {"sum": "money", "max": "money", "min": "money", "latest": "date"}
# Borders that the amounts, counts and days of the other strategies stand on or beside.
_BORDERS: Final = tuple(map(Decimal, ("0", "0.01", "1", "2", "3", "30", "90", "9999.99", "10000", "20000")))
_SHARES: Final = (("20%", "40%", "40%"), ("100%",), ("12.5%", "87.5%"), ("0%", "50%", "50%"))
_TIERS: Final = ("A", "B", "C")
_ORDER: Final[tuple[Operator, ...]] = (">=", ">=", ">", "<", "<=", "==", "!=")


@st.composite
def _measures(draw: st.DrawFn, functions: Sequence[str]) -> Measure:
    function = draw(st.sampled_from(functions))
    is_money = function in {"sum", "max", "min"}
    over = "purchases" if is_money else draw(st.sampled_from(sorted(_WHERE)))
    field = "amount" if is_money else draw(st.sampled_from(_FIELDS[over])) if function == "distinct" else None
    per = draw(st.sampled_from([None, None, "calendar month", "calendar quarter"])) if function in {"sum", "count"} else None
    may_be_empty = per is not None or function in {"max", "min", "days_since"}
    of_purchases = over == "purchases"
    return Measure(
        function=function,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        over=over,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        field=field,
        where=draw(st.sampled_from(_WHERE[over])),
        window=draw(st.sampled_from(_WINDOWS) | windows()),
        per=per,  # type: ignore[arg-type]
        returns="net" if of_purchases and draw(st.booleans()) else "gross",
        returns_delay=Span(days=draw(st.sampled_from([1, 14, 31]))) if of_purchases and draw(st.booleans()) else None,
        when_empty=draw(st.sampled_from([None, "0", "3"])) if may_be_empty else None,
    )


@cached
def measures(*functions: str) -> st.SearchStrategy[Measure]:
    """Measures of every form (FCT-2, FCT-3): filtered or not, over every kind of window, gross and net, delayed, best periods.

    Args:
        *functions: Which to draw, such as `sum`; all by default.
    """
    return _measures(functions or ("count", "sum", "max", "min", "latest", "days_since", "distinct"))


def _measured(name: str) -> st.SearchStrategy[Fact]:
    def declared(measure: Measure, bounds: tuple[str | None, str | None], grain: str | None) -> Fact:
        kind = _TYPE_OF.get(measure.function, "integer")
        given: dict[str, object] = {} if kind == "date" else {"min": bounds[0], "max": bounds[1]}
        if kind == "money" and grain is not None:
            given |= {"grain": grain, "round": "half up"}
        return Fact(id=name, type=kind, measure=measure, polarity="more", **given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    bounds = st.sampled_from([(None, None), (None, None), ("0", None), ("-1000000", "20000"), ("0", "30")])
    return st.builds(declared, measures(), bounds, st.sampled_from([None, None, "0.5"]))


def _read(name: str) -> st.SearchStrategy[Fact]:
    words: dict[str, object] = {"id": name, "may_be_missing": True}
    return st.sampled_from(
        [
            Fact(**words, type="level", values=("low", "medium", "high"), reads="client.likelihood"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="category", reads="client.region_weight"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="category", values=("low", "nowhere"), reads="client.likelihood"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="set", reads="client.likelihood"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="flag", reads="client.likelihood"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="date", reads="client.region_weight", min=date(2024, 2, 29)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            # No book of these strategies has it: numbers of every text are refused or missing, which is another matter.
            Fact(**words, type="number", grain="0.5", reads="client.points", unit="points"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="level", values=RANKS, reads="people.rank"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            Fact(**words, type="set", reads="people.role"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        ]
    )


@st.composite
def _facts(draw: st.DrawFn) -> tuple[Fact, ...]:
    found: list[Fact] = []
    for name in draw(st.lists(identifiers(), min_size=1, max_size=4, unique=True)):
        numbers = [fact.id for fact in found if fact.fact_type.is_numeric]
        if numbers and draw(st.integers(0, 3)) == 0:
            pair = Derivation(
                function=draw(st.sampled_from(["ratio", "difference"])),
                first=draw(st.sampled_from(numbers)),
                second=draw(st.sampled_from(numbers)),
            )
            rounding = draw(st.sampled_from(["half up", "half even", "down", "up"]))
            found.append(Fact(id=name, type="number", grain=Decimal("0.01"), round=rounding, derivation=pair))  # type: ignore[arg-type]
        else:
            found.append(draw(_measured(name) | _read(name)))
    return tuple(_accepted(fact) for fact in found)


def _accepted(fact: Fact) -> Fact:
    """The fact with a `when_empty` that its bounds allow."""
    measure = fact.measure
    if measure is None or measure.when_empty is None or not isinstance(fact.max, Decimal) or measure.when_empty <= fact.max:
        return fact
    return attrs.evolve(fact, measure=attrs.evolve(measure, when_empty=None))  # pragma: no cover - no bound is below 3


def _conditions(vocabulary: Vocabulary) -> st.SearchStrategy[Criterion]:
    """Criteria, half of them one comparison of a number with a border that values stand on."""
    numbers = sorted(name for name, kind in vocabulary.items() if kind.is_numeric)
    drawn = criteria(vocabulary, max_depth=1)
    if not numbers:
        return drawn
    return (
        st.tuples(st.sampled_from(numbers), st.sampled_from(_ORDER), st.sampled_from(_BORDERS)).map(
            lambda drawn: Compare(drawn[0], drawn[1], _on_grain(drawn[2], vocabulary[drawn[0]]))
        )
        | drawn
    )


def _on_grain(border: Decimal, kind: FactType) -> Decimal:
    grain = kind.grain or Decimal("0.01")
    return (border // grain) * grain


@st.composite
def _thresholds(draw: st.DrawFn, scheme_id: str, vocabulary: Vocabulary) -> Scheme:
    when = _conditions(vocabulary)
    tiers = [ThresholdTier(tier, draw(when)) for tier in _TIERS[: draw(st.integers(1, 3))]]
    missing = draw(st.sampled_from(["hold", "newcomer"]))
    return ThresholdScheme(
        id=scheme_id,
        tiers=tiers,
        hit="highest"
        if (otherwise := draw(st.sampled_from([None, "A", "D"]))) is None
        else draw(st.sampled_from(["highest", "first", "unique"])),
        otherwise=otherwise,
        scope=draw(st.none() | when),
        missing=missing,  # type: ignore[arg-type]
        newcomer="A" if missing == "newcomer" else None,
        source=draw(st.none() | names()),
    )


def _terms(fact: str, kind: FactType) -> ScoreTerm | None:
    if kind.is_numeric:
        # Whole starts on every grain of these strategies.
        return ScoreTerm(fact=fact, bands=(Band("100", "1.5"), Band("10000", 5)), missing_points="0.25")
    if kind.kind == "flag":
        return ScoreTerm(fact=fact, points={"true": 1, "false": "-1"})
    return ScoreTerm(fact=fact, points={value: at for at, value in enumerate(kind.values)}) if kind.values else None


@st.composite
def _quotas(draw: st.DrawFn, scheme_id: str, vocabulary: Vocabulary) -> Scheme:
    plain = sorted(name for name, kind in vocabulary.items() if kind.is_numeric or kind.kind == "level")
    terms = [term for term in (_terms(name, vocabulary[name]) for name in sorted(vocabulary)) if term is not None]
    scores: list[str | tuple[ScoreTerm, ...]] = [*plain, tuple(terms), tuple(terms[:1])]
    missing = draw(st.sampled_from(["hold", "newcomer"]))
    return QuotaScheme(
        id=scheme_id,
        tiers=[QuotaTier(tier, share) for tier, share in zip(_TIERS, draw(st.sampled_from(_SHARES)), strict=False)],
        score=draw(st.sampled_from(scores)),
        scope=draw(st.none() | st.just(criterion("client.stage != 'visitor'"))),
        ties=draw(st.sampled_from(["by id", "together upward", "together downward"])),
        missing=missing,  # type: ignore[arg-type]
        newcomer="A" if missing == "newcomer" else None,
        review=draw(st.sampled_from([None, "monthly"])),
    )


@st.composite
def _rules(draw: st.DrawFn, rule_id: str, vocabulary: Vocabulary) -> CadenceRule:
    anchor = draw(st.sampled_from([None, "people.birthday", "client.client_since_on", "2024-02-29"]))
    every = draw(st.sampled_from(["3 days", "2 weeks", "1 month", "1 year"])) if anchor != "people.birthday" else "1 year"
    return CadenceRule(
        id=rule_id,
        channel=draw(st.sampled_from(["call", "visit"])),
        every=every,
        mode="rolling" if anchor is None else "grid",
        anchor=anchor,
        when=draw(st.none() | _conditions(vocabulary)),
        role=draw(st.sampled_from(["account manager", "secretary"])),
        minutes=draw(st.sampled_from([0, 20])),
        satisfied_by=draw(st.sampled_from([(), ("message",)])),
        counts=draw(st.sampled_from([None, criterion("outcome == 'met'")])),
        reaches=draw(st.sampled_from([(), ("principal",)])),
        grace=draw(st.sampled_from([Span(), Span(days=2), Span(days=3, is_business=True)])),
        lead=draw(st.sampled_from([Span(), Span(days=1)])),
        roll=draw(st.sampled_from(["following", "preceding", "nearest", "none"])),
        leap_day=draw(st.sampled_from(["28 February", "1 March", "skip"])),
        minimum=draw(st.sampled_from([None, "3 days"])) if anchor is None else None,
        priority=draw(st.sampled_from([0, 5])),
        purpose=draw(st.none() | names()),
    )


@st.composite
def _programmes(draw: st.DrawFn, programme_id: str, vocabulary: Vocabulary) -> Programme:
    ways = draw(st.lists(names(), min_size=1, max_size=3, unique=True))
    return Programme(
        id=programme_id,
        paths=[VipPath(way, draw(_conditions(vocabulary))) for way in ways],
        approval=draw(st.sampled_from([None, "head"])),
        source=draw(st.none() | names()),
    )


def programmes(programme_id: str, vocabulary: Vocabulary) -> st.SearchStrategy[Programme]:
    """Programmes of one to three paths, whose criteria are well typed over a vocabulary.

    Args:
        programme_id: An identifier.
        vocabulary: At least one fact.
    """
    return _programmes(programme_id, vocabulary)


@cached
def _strategies() -> st.SearchStrategy[list[Strategy]]:
    one = st.builds(
        Strategy,
        type=st.sampled_from([*TYPES, "reseller"]),
        appeal=names(),
        intervals=st.dictionaries(
            st.sampled_from(["call", "visit", "letter"]), st.sampled_from([Every(days=7), Every(months=2)])
        ),
        advice=st.lists(names(), max_size=2),
        avoid=st.lists(names(), max_size=1),
    )
    return st.lists(one, max_size=2, unique_by=lambda strategy: strategy.type)


@st.composite
def _policies(draw: st.DrawFn, *, with_examples: bool) -> Policy:
    facts = draw(_facts())
    strategies = draw(_strategies())
    schemes: list[Scheme] = []
    for scheme_id in draw(st.sampled_from([(), ("abc",), ("abc",), ("등급", "abc")])):
        known = vocabularies_of(facts, schemes, strategies, (), currency="CNY").programmes
        plain = Vocabulary({name: kind for name, kind in known.items() if not name.startswith("strategy.")})
        schemes.append(draw(_thresholds(scheme_id, plain) | _quotas(scheme_id, plain)))
    known = vocabularies_of(facts, schemes, strategies, (), currency="CNY").programmes
    clubs = [draw(_programmes(name, known)) for name in draw(st.sampled_from([(), ("vip",), ("vip",), ("vip", "gold")]))]
    known = vocabularies_of(facts, schemes, strategies, clubs, currency="CNY").full
    rules = [draw(_rules(rule_id, known)) for rule_id in draw(st.lists(ids(), max_size=2, unique=True))]
    return Policy(
        id=draw(ids()),
        version=draw(st.sampled_from(["1", "2026-01", "β"])),
        effective_from=draw(days(last=date(2024, 12, 31))),
        effective_until=draw(st.sampled_from([None, None, date(2199, 12, 31)])),
        title=draw(st.none() | names()),
        currency="CNY",
        calendar=draw(st.sampled_from([None, None, "CN", "US-CA"])),
        source=draw(st.none() | names()),
        facts=facts,
        segmentation=schemes,
        cadence=rules,
        relationships=strategies,
        vip=clubs,
        examples=draw(examples(ReadOnlyMap(known), [r.id for r in rules])) if with_examples else (),
    )


@cached
def policies(*, with_examples: bool = True) -> st.SearchStrategy[Policy]:
    """Small valid policies with facts, schemes, rules, strategies and programmes of every kind; each decides every book of `books`.

    They are in force from some day of 2023 or 2024 on, and their money is in CNY. Their examples can be run, and need not hold.

    Args:
        with_examples: Whether they carry worked examples.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(policies())
        ... def every_example_is_run(policy):
        ...     assert policy.check().count == len(policy.examples)
        >>> every_example_is_run()
    """
    return _policies(with_examples=with_examples)
