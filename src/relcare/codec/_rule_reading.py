"""Facts, schemes, rules and triggers from their tables."""

from typing import Literal

from relcare._fields import check_id, check_identifier, check_text
from relcare._time import Every, Span
from relcare.cadence import EVENT_KINDS, LEAP_DAYS, MODES, ROLLS, CadenceRule, Trigger
from relcare.cadence._rule import anchor_problems
from relcare.calendars import Deadline
from relcare.codec._matrix_reading import read_matrix_scheme
from relcare.codec._tables import Table
from relcare.errors import InvalidValueError
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
from relcare.segmentation._check import group_problems, score_problems, term_problems

__all__ = ["read_fact", "read_rule", "read_scheme", "read_trigger"]

_FUNCTIONS = ("count", "sum", "max", "min", "latest", "days_since", "distinct")
_FACT_NAMES = {"reads": "from"}


def read_fact(table: Table, fact_id: str) -> Fact | None:
    """A fact (FCT-1); None when something is wrong with it."""
    ratio, difference = _pair(table, "ratio"), _pair(table, "difference")
    if "ratio" in table.data and "difference" in table.data:
        table.report("difference", "stands beside ratio: a fact is one of them", "declare two facts", at_key=True)
    fields: dict[str, object] = {
        "id": fact_id,
        "type": table.choice("type", FACT_KINDS, required=True),
        "values": table.texts("values"),
        "unit": table.text("unit"),
        "grain": table.number("grain"),
        "min": table.bound("min"),
        "max": table.bound("max"),
        "may_be_missing": table.flag("may_be_missing"),
        "polarity": table.choice("polarity", ("more", "less", "neither")),
        "reads": table.text("from"),
        "round": table.choice("round", ROUNDINGS),
        "measure": table.part("measure", read_measure),
        "derivation": ratio or difference,
    }
    table.close()
    return table.build(Fact, fields, _FACT_NAMES)


def _pair(table: Table, function: Literal["ratio", "difference"]) -> Derivation | None:
    """The two facts that a fact is worked out from."""
    pair = table.texts(function)
    are_right = True
    for index, fact in table.named(function):
        try:
            check_text(function, fact)
        except InvalidValueError as error:
            are_right = False
            table.reader.report((*table.path, function, index), f"is {error.value}: {error.rule}", error.hint)
        else:
            table.ask_fact(fact, function, index)
    if pair is not None and len(pair) != 2:
        table.report(function, "must name two facts", f'write {function} = ["first", "second"]')
    elif pair is not None and are_right:
        return Derivation(function=function, first=pair[0], second=pair[1])
    table.is_broken = table.is_broken or not are_right
    return None


def read_measure(table: Table) -> Measure | None:
    """A measure (FCT-2), such as `{ sum = "purchases.amount", window = "12 months" }`."""
    named = [name for name in _FUNCTIONS if name in table.data]
    targets = {name: table.text(name) for name in _FUNCTIONS}
    if len(named) != 1:
        table.report(None, "must have exactly one of " + ", ".join(_FUNCTIONS), 'write sum = "purchases.amount"')
    take = table.choice("take", ("max",))
    window = table.parsed("window", Window.parse)
    delay = table.parsed("returns_delay", lambda text: Span.parse(text, "returns_delay"))
    fields: dict[str, object] = {
        "where": table.criterion("where"),
        "per": table.choice("per", PERIODS),
        "returns": table.choice("returns", ("gross", "net")),
        "when_empty": table.bound("when_empty"),
    }
    table.close()
    if take is not None and "per" not in table.data:
        table.report("take", "must go with per", 'write per = "calendar month"')
        return None
    if len(named) != 1:
        return None
    function, target = named[0], targets[named[0]]
    over, _, field = (target or "").partition(".")
    counted: dict[str, object] = {"over": None if target is None else over, **({"field": field} if field else {})}
    whole: dict[str, object] = {**fields, **counted, "function": function, "window": window, "returns_delay": delay}
    return table.build(Measure, whole, {"over": function, "field": function})


def read_scheme(table: Table) -> Scheme | None:
    """A quota, threshold or matrix scheme; None when something is wrong with it."""
    kind = table.choice("kind", ("quota", "threshold", "matrix"), required=True)
    common: dict[str, object] = {
        "steady": table.part("steady", _steadiness),
        "id": table.text("id", required=True, check=check_identifier),
        "scope": table.criterion("scope"),
        "missing": table.choice("missing", MISSING_RULES),
        "newcomer": table.text("newcomer"),
        "review": table.choice("review", REVIEWS),
        "source": table.text("source", check=check_text),
    }
    if kind is None:
        # Which of these there may be is not known.
        table.close("tiers", "score", "ties", "hit", "otherwise", "uses_quota", "group_by", "rows", "columns", "cells")
        return None
    if kind == "matrix":
        return read_matrix_scheme(table, common)
    return _quota(table, common) if kind == "quota" else _threshold(table, common)


def _steadiness(table: Table) -> Steadiness | None:
    fields: dict[str, object] = {
        "hysteresis": table.text("hysteresis"),
        "minimum_stay": table.parsed("minimum_stay", lambda text: Every.parse(text, "minimum_stay")),
        "confirm": table.whole("confirm"),
        "one_step": table.flag("one_step"),
        "holds_back": table.choice("holds_back", HOLDS_BACK),
    }
    table.close()
    return table.build(Steadiness, fields, {"share": "hysteresis"})


def _quota(table: Table, common: dict[str, object]) -> Scheme | None:
    fields: dict[str, object] = {
        **common,
        "tiers": table.values("tiers", _quota_tier, required=True),
        "ties": table.choice("ties", TIE_RULES),
        "uses_quota": table.flag("uses_quota"),
        "group_by": _group_by(table),
        "score": table.values("score", _term) if isinstance(table.data.get("score"), list) else _score(table),
    }
    table.close()
    return table.build(QuotaScheme, fields)


def _quota_tier(table: Table) -> QuotaTier | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "share": table.text("share", required=True),
    }
    table.close()
    return table.build(QuotaTier, fields)


def _group_by(table: Table) -> str | None:
    fact = table.text("group_by")
    if fact is not None:
        table.reader.ask((*table.path, "group_by"), lambda known: group_problems((), fact, known.facts))
    return fact


def _score(table: Table) -> str | None:
    fact = table.text("score", required=True)
    if fact is not None:
        table.reader.ask((*table.path, "score"), lambda known: score_problems((), fact, known.facts))
    return fact


def _term(table: Table) -> ScoreTerm | None:
    fact = table.fact("fact")
    fields: dict[str, object] = {
        "fact": fact,
        "points": table.part("points", _points),
        "bands": table.values("bands", _band),
        "weight": table.number("weight"),
        "missing_points": table.number("missing"),
    }
    table.close()
    term = table.build(ScoreTerm, fields, {"missing_points": "missing"})
    if term is not None:
        table.reader.ask(table.path, lambda known: term_problems((), term, known.facts))
    return term


def _points(table: Table) -> dict[str, object] | None:
    found = {level: table.number(level) for level in table.data}
    return None if table.is_broken else {level: worth for level, worth in found.items() if worth is not None}


def _band(table: Table) -> Band | None:
    fields: dict[str, object] = {
        "start": table.number("from", required=True),
        "points": table.number("points", required=True),
    }
    table.close()
    return table.build(Band, fields, {"start": "from"})


def _threshold(table: Table, common: dict[str, object]) -> Scheme | None:
    fields: dict[str, object] = {
        **common,
        "tiers": table.values("tiers", _threshold_tier, required=True),
        "hit": table.choice("hit", HIT_POLICIES),
        "otherwise": table.text("otherwise"),
    }
    table.close()
    return table.build(ThresholdScheme, fields)


def _threshold_tier(table: Table) -> ThresholdTier | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "when": table.criterion("when", required=True),
        "stays": table.criterion("stays"),
    }
    table.close()
    return table.build(ThresholdTier, fields)


def read_rule(table: Table) -> CadenceRule | None:
    """A cadence rule; None when something is wrong with it."""
    anchor = _anchor(table)
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "channel": table.text("channel", required=True, check=check_text),
        "every": table.parsed("every", Every.parse),
        "mode": table.choice("mode", MODES),
        "anchor": anchor,
        "when": table.criterion("when"),
        "role": table.text("role", check=check_text),
        "minutes": table.whole("minutes"),
        "times": table.whole("times"),
        "satisfied_by": table.texts("satisfied_by"),
        "in_lieu_limit": table.whole("in_lieu_limit"),
        "spread": table.parsed("spread", Span.parse),
        "counts": table.criterion("counts"),
        "reaches": table.texts("reaches"),
        "grace": table.parsed("grace", Span.parse),
        "lead": table.parsed("lead", Span.parse),
        "roll": table.choice("roll", ROLLS),
        "leap_day": table.choice("leap_day", LEAP_DAYS),
        "minimum": table.parsed("minimum", Every.parse),
        "priority": table.whole("priority"),
        "purpose": table.text("purpose", check=check_text),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(CadenceRule, fields)


def _anchor(table: Table) -> str | None:
    """The name of a date, or a date as it is written."""
    value = table.any_value("anchor")
    if value is None:
        return None
    anchor = str(value)
    table.reader.ask((*table.path, "anchor"), lambda known: anchor_problems((), anchor, known.facts))
    return anchor


def read_trigger(table: Table) -> Trigger | None:
    """A trigger; None when something is wrong with it."""
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "event": table.criterion("event", required=True),
        "on": table.choice("on", EVENT_KINDS),
        "first": table.flag("first"),
        "when": table.criterion("when"),
        "channel": table.text("channel", required=True, check=check_text),
        "within": table.parsed("within", Deadline.parse),
        "role": table.text("role", check=check_text),
        "minutes": table.whole("minutes"),
        "satisfied_by": table.texts("satisfied_by"),
        "counts": table.criterion("counts"),
        "reaches": table.texts("reaches"),
        "grace": table.parsed("grace", Span.parse),
        "roll": table.choice("roll", ROLLS),
        "priority": table.whole("priority"),
        "purpose": table.text("purpose", check=check_text),
        "source": table.text("source", check=check_text),
    }
    if "within" not in table.data:
        table.report("within", "within is missing", 'write within = "3 days", "4 business hours" or "agreed"')
    table.close()
    return table.build(Trigger, fields)
