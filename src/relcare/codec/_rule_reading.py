"""Facts, schemes, rules and triggers from their tables."""

from decimal import Decimal

from relcare._fields import check_id, check_identifier, check_text
from relcare._time import Every, Span
from relcare.cadence import EVENT_KINDS, LEAP_DAYS, MODES, ROLLS, CadenceRule, Trigger
from relcare.calendars import Deadline
from relcare.codec._matrix_reading import read_matrix_scheme
from relcare.codec._tables import Table
from relcare.policy import FACT_KINDS, PERIODS, ROUNDINGS, Derivation, Fact, Measure, Window
from relcare.ranking import TIE_RULES
from relcare.segmentation import (
    HIT_POLICIES,
    HOLDS_BACK,
    MISSING_RULES,
    REVIEWS,
    Band,
    QuotaScheme,
    QuotaTier,
    Scheme,
    ScoreTerm,
    Steadiness,
    ThresholdScheme,
    ThresholdTier,
)

__all__ = ["read_fact", "read_rule", "read_scheme", "read_trigger"]

_FUNCTIONS = ("count", "sum", "max", "min", "latest", "days_since", "distinct")
_FACT_NAMES = {"reads": "from"}


def _given(**values: object) -> dict[str, object]:
    """The keyword arguments that the document gives; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def read_fact(table: Table, fact_id: str) -> Fact | None:
    """A fact (FCT-1); None when something is wrong with it."""
    measure_table, derivation = table.table("measure"), None
    measure = read_measure(measure_table) if measure_table is not None else None
    for name in ("ratio", "difference"):
        pair = table.texts(name)
        if pair is not None and len(pair) != 2:
            table.report(name, "must name two facts", f'write {name} = ["first", "second"]')
        elif pair is not None:
            derivation = Derivation(function="ratio" if name == "ratio" else "difference", first=pair[0], second=pair[1])
    fields = _given(
        type=table.choice("type", FACT_KINDS, required=True),
        values=table.texts("values"),
        unit=table.text("unit"),
        grain=table.number("grain"),
        min=table.bound("min"),
        max=table.bound("max"),
        may_be_missing=table.flag("may_be_missing"),
        polarity=table.choice("polarity", ("more", "less", "neither")),
        reads=table.text("from"),
        round=table.choice("round", ROUNDINGS),
        measure=measure,
        derivation=derivation,
    )
    table.close()
    if measure_table is not None and measure is None:
        table.is_broken = True
    return table.build(lambda: Fact(id=fact_id, **fields), _FACT_NAMES)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def read_measure(table: Table) -> Measure | None:
    """A measure (FCT-2), such as `{ sum = "purchases.amount", window = "12 months" }`."""
    named = [name for name in _FUNCTIONS if name in table.data]
    targets = {name: table.text(name) for name in _FUNCTIONS}
    if len(named) != 1:
        table.report(None, "must have exactly one of " + ", ".join(_FUNCTIONS), 'write sum = "purchases.amount"')
    take = table.choice("take", ("max",))
    window = table.parsed("window", Window.parse)
    delay = table.parsed("returns_delay", lambda text: Span.parse(text, "returns_delay"))
    fields = _given(
        where=table.criterion("where"),
        per=table.choice("per", PERIODS),
        returns=table.choice("returns", ("gross", "net")),
        when_empty=table.number("when_empty"),
    )
    table.close()
    if take is not None and "per" not in table.data:
        table.report("take", "must go with per", 'write per = "calendar month"')
    if table.is_broken:
        return None
    over, _, field = (targets[named[0]] or "").partition(".")

    def make() -> Measure:
        return Measure(
            function=named[0],  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            over=over,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            field=field or None,
            window=window or Window(),
            returns_delay=delay,
            **fields,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        )

    return table.build(make, {"over": named[0], "field": named[0], "function": named[0]})


def read_scheme(table: Table) -> Scheme | None:
    """A quota, threshold or matrix scheme; None when something is wrong with it."""
    kind = table.choice("kind", ("quota", "threshold", "matrix"), required=True)
    steady_table = table.table("steady")
    steady = None if steady_table is None else _steadiness(steady_table)
    table.is_broken = table.is_broken or (steady_table is not None and steady is None)
    common = _given(
        steady=steady,
        id=table.text("id", required=True, check=check_identifier),
        scope=table.criterion("scope"),
        missing=table.choice("missing", MISSING_RULES),
        newcomer=table.text("newcomer"),
        review=table.choice("review", REVIEWS),
        source=table.text("source", check=check_text),
    )
    if kind is None:
        # Which of these there may be is not known.
        table.close("tiers", "score", "ties", "hit", "otherwise", "uses_quota", "group_by", "rows", "columns", "cells")
        return None
    if kind == "matrix":
        return read_matrix_scheme(table, common)
    return _quota(table, common) if kind == "quota" else _threshold(table, common)


def _steadiness(table: Table) -> Steadiness | None:
    fields = _given(
        hysteresis=table.text("hysteresis"),
        minimum_stay=table.parsed("minimum_stay", lambda text: Every.parse(text, "minimum_stay")),
        confirm=table.whole("confirm"),
        one_step=table.flag("one_step"),
        holds_back=table.choice("holds_back", HOLDS_BACK),
    )
    table.close()
    return table.build(lambda: Steadiness(**fields), {"share": "hysteresis"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _quota(table: Table, common: dict[str, object]) -> Scheme | None:
    tiers: list[QuotaTier] = []
    for part in table.tables("tiers", required=True):
        tier_id, share = part.text("id", required=True, check=check_id), part.text("share", required=True)
        part.close()
        tier = part.build(lambda i=tier_id, s=share: QuotaTier(i or "", s or ""))  # type: ignore[misc]
        if tier is None:
            table.is_broken = True
        else:
            tiers.append(tier)
    ties, uses_quota = table.choice("ties", TIE_RULES), table.flag("uses_quota")
    group_by = table.fact("group_by", required=False)
    score: object = table.data.get("score")
    if isinstance(score, list):
        terms = [_term(part) for part in table.tables("score")]
        if None in terms:
            table.is_broken = True
        score = tuple(term for term in terms if term is not None)
    else:
        score = table.fact("score")
    table.close()
    fields = {**common, **_given(ties=ties, uses_quota=uses_quota, group_by=group_by), "tiers": tiers, "score": score}
    return table.build(lambda: QuotaScheme(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _term(table: Table) -> ScoreTerm | None:
    bands: list[Band] = []
    for part in table.tables("bands"):
        start, worth = part.number("from", required=True), part.number("points", required=True)
        part.close()
        band = part.build(lambda f=start, p=worth: Band(f or 0, p or 0))  # type: ignore[misc]
        if band is None:
            table.is_broken = True
        else:
            bands.append(band)
    points = table.table("points")
    worths: dict[str, Decimal | int | str] = {}
    if points is not None:
        for level in list(points.data):
            value = points.number(level)
            if value is not None:
                worths[level] = value
        table.is_broken = table.is_broken or points.is_broken
    fact, weight, missing = table.fact("fact"), table.number("weight"), table.number("missing")
    table.close()
    return table.build(
        lambda: ScoreTerm(fact=fact or "", points=worths, bands=bands, weight=weight, missing_points=missing),
        {"missing_points": "missing"},
    )


def _threshold(table: Table, common: dict[str, object]) -> Scheme | None:
    tiers: list[ThresholdTier] = []
    for part in table.tables("tiers", required=True):
        tier_id, when = part.text("id", required=True, check=check_id), part.criterion("when", required=True)
        stays = part.criterion("stays")
        part.close()
        if tier_id is None or when is None or part.is_broken:
            table.is_broken = True
            continue
        tier = part.build(lambda i=tier_id, w=when, s=stays: ThresholdTier(i, w, s))  # type: ignore[misc]
        if tier is None:
            table.is_broken = True
        else:
            tiers.append(tier)
    fields = {**common, **_given(hit=table.choice("hit", HIT_POLICIES), otherwise=table.text("otherwise")), "tiers": tiers}
    table.close()
    return table.build(lambda: ThresholdScheme(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def read_rule(table: Table) -> CadenceRule | None:
    """A cadence rule; None when something is wrong with it."""
    anchor = table.any_value("anchor")
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        channel=table.text("channel", required=True, check=check_text),
        every=table.parsed("every", Every.parse),
        mode=table.choice("mode", MODES),
        anchor=None if anchor is None else str(anchor),
        when=table.criterion("when"),
        role=table.text("role", check=check_text),
        minutes=table.whole("minutes"),
        times=table.whole("times"),
        satisfied_by=table.texts("satisfied_by"),
        in_lieu_limit=table.whole("in_lieu_limit"),
        spread=table.parsed("spread", Span.parse),
        counts=table.criterion("counts"),
        reaches=table.texts("reaches"),
        grace=table.parsed("grace", Span.parse),
        lead=table.parsed("lead", Span.parse),
        roll=table.choice("roll", ROLLS),
        leap_day=table.choice("leap_day", LEAP_DAYS),
        minimum=table.parsed("minimum", Every.parse),
        priority=table.whole("priority"),
        purpose=table.text("purpose", check=check_text),
        source=table.text("source", check=check_text),
    )
    table.close()
    return table.build(lambda: CadenceRule(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def read_trigger(table: Table) -> Trigger | None:
    """A trigger; None when something is wrong with it."""
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        event=table.criterion("event", required=True),
        on=table.choice("on", EVENT_KINDS),
        first=table.flag("first"),
        when=table.criterion("when"),
        channel=table.text("channel", required=True, check=check_text),
        within=table.parsed("within", Deadline.parse),
        role=table.text("role", check=check_text),
        minutes=table.whole("minutes"),
        satisfied_by=table.texts("satisfied_by"),
        counts=table.criterion("counts"),
        reaches=table.texts("reaches"),
        grace=table.parsed("grace", Span.parse),
        roll=table.choice("roll", ROLLS),
        priority=table.whole("priority"),
        purpose=table.text("purpose", check=check_text),
        source=table.text("source", check=check_text),
    )
    if "within" not in table.data:
        table.report("within", "within is missing", 'write within = "3 days", "4 business hours" or "agreed"')
    table.close()
    return table.build(lambda: Trigger(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
