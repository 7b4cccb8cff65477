"""The parts of a drawn policy: measures, facts, criteria."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from hypothesis import strategies as st

from relcare._time import Span
from relcare.policy import (
    Compare,
    Contains,
    Criterion,
    Derivation,
    Fact,
    FactType,
    Measure,
    Missing,
    Not,
    OneOf,
    Operator,
    Vocabulary,
    Window,
    all_of,
    any_of,
    criterion,
)
from relcare.testing._nasty import NASTY_IDENTIFIERS
from relcare.testing._picks import Picks
from relcare.testing._strategies import CATEGORIES, RANKS, ROLES, TYPES, cached

__all__ = ["condition", "declared_facts", "measures"]

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
            "365 days",
            "1 month",
            "3 months",
            "12 months",
            "3 years",
            "1 calendar month",
            "12 calendar months",
            "1 calendar quarter",
            "2 calendar quarters",
            "1 calendar year",
        ),
    )
)
_FIELDS: Final = {
    "purchases": ("amount", "category"),
    "touchpoints": ("channel", "direction", "outcome", "person_id", "staff_id"),
}
_FUNCTIONS: Final = ("count", "sum", "max", "min", "latest", "days_since", "distinct")
_TYPE_OF: Final = {"sum": "money", "max": "money", "min": "money", "latest": "date"}
# Borders that the amounts, counts and days of the other strategies stand on or beside.
_BORDERS: Final = tuple(map(Decimal, ("1", "0", "0.01", "2", "3", "30", "90", "9999.99", "10000", "20000")))
_BOUNDS: Final = ((None, None), (None, None), ("0", None), ("-1000000", "20000"), ("0", "30"))
_ORDER: Final[tuple[Operator, ...]] = (">=", ">=", ">", "<", "<=", "==", "!=")
_WORDS: Final = (*CATEGORIES, *RANKS, *ROLES, *TYPES, "low", "O'Brien", 'a "b"', "c-1", "visitor")


def _measure(picks: Picks, functions: Sequence[str]) -> Measure:
    function = picks.one(functions)
    is_money = function in {"sum", "max", "min"}
    over = "purchases" if is_money else picks.one(("touchpoints", "purchases"))
    per = picks.one((None, None, "calendar month", "calendar quarter", "calendar year")) if function in {"sum", "count"} else None
    of_purchases = over == "purchases"
    return Measure(
        function=function,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        over=over,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        field="amount" if is_money else picks.one(_FIELDS[over]) if function == "distinct" else None,
        where=picks.one(_WHERE[over]),
        window=picks.one(_WINDOWS),
        per=per,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        returns="net" if of_purchases and picks.flag() else "gross",
        returns_delay=Span(days=picks.one((1, 14, 31))) if of_purchases and picks.flag() else None,
        when_empty=_empty(picks, function, is_best=per is not None),
    )


def _empty(picks: Picks, function: str, *, is_best: bool) -> str | None:
    """What a measure is over no events, where it may say so."""
    if function == "latest":
        return picks.one((None, None, "2020-02-29"))
    return picks.one((None, "0", "3")) if is_best or function in {"max", "min", "days_since"} else None


@st.composite
def _measures(draw: st.DrawFn, functions: Sequence[str]) -> Measure:
    return _measure(Picks(draw), functions)


@cached
def measures(*functions: str) -> st.SearchStrategy[Measure]:
    """Measures of every form (FCT-2, FCT-3): filtered or not, over every kind of window, gross and net, delayed, best periods.

    Args:
        *functions: Which to draw, such as `sum`; all by default.
    """
    return _measures(functions or _FUNCTIONS)


def _measured(picks: Picks, name: str) -> Fact:
    measure = _measure(picks, _FUNCTIONS)
    kind = _TYPE_OF.get(measure.function, "integer")
    low, high = (None, None) if kind == "date" else picks.one(_BOUNDS)
    is_coarse = kind == "money" and picks.flag()
    return Fact(
        id=name,
        type=kind,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        measure=measure,
        polarity="more",
        min=low,
        max=high,
        grain="0.5" if is_coarse else None,
        round="half up" if is_coarse else None,
    )


_READ: Final[tuple["partial[Fact]", ...]] = (
    partial(Fact, type="level", values=("low", "medium", "high"), reads="client.likelihood", may_be_missing=True),
    partial(Fact, type="category", reads="client.region_weight", may_be_missing=True),
    partial(Fact, type="category", values=("low", "nowhere"), reads="client.likelihood"),
    partial(Fact, type="set", reads="client.likelihood"),
    partial(Fact, type="flag", reads="client.likelihood"),
    partial(Fact, type="date", reads="client.region_weight", min=date(2024, 2, 29)),
    # No book has it: attributes that are off a number's grain, or of another type, are refused, which is another matter.
    partial(Fact, type="number", grain="0.5", reads="client.points", unit="points"),
    partial(Fact, type="level", values=RANKS, reads="people.rank", may_be_missing=True),
    partial(Fact, type="set", reads="people.role"),
)


def _derived(picks: Picks, name: str, numbers: Sequence[str]) -> Fact:
    pair = Derivation(function=picks.one(("ratio", "difference")), first=picks.one(numbers), second=picks.one(numbers))
    rounding = picks.one(("half up", "half even", "down", "up"))
    return Fact(id=name, type="number", grain="0.01", round=rounding, derivation=pair)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def declared_facts(picks: Picks) -> tuple[Fact, ...]:
    """One to four facts: measured, read off client or people, derived from those above them."""
    found: list[Fact] = []
    for name in picks.some([*NASTY_IDENTIFIERS, "sum", "channel", "tier"], 1, 4):
        numbers = [fact.id for fact in found if fact.fact_type.is_numeric]
        way = picks.count(0, 5)
        if way == 5 and numbers:
            found.append(_derived(picks, name, numbers))
        elif way < 4:
            found.append(_measured(picks, name))
        else:
            found.append(picks.one(_READ)(id=name))
    return tuple(found)


def condition(picks: Picks, vocabulary: Vocabulary) -> Criterion:
    """A well-typed criterion of up to three comparisons, mostly of numbers with a border that values stand on."""
    leaf = partial(_leaf, picks, vocabulary)
    way = picks.count(0, 9)
    if way < 6:
        return leaf()
    if way == 6:
        return Not(leaf())
    return (any_of if way == 7 else all_of)(leaf(), Not(leaf()) if way == 9 else leaf(), *([leaf()] if picks.flag() else []))


def _leaf(picks: Picks, vocabulary: Vocabulary) -> Criterion:
    numbers = [name for name, kind in vocabulary.items() if kind.is_numeric]
    name = picks.one(numbers) if numbers and picks.count(0, 2) else picks.one(list(vocabulary))
    kind = vocabulary[name]
    if picks.count(0, 9) == 9:
        return Missing(name)
    if kind.kind == "set":
        return Contains(name, picks.one(_WORDS))
    if kind.kind == "flag":
        return Compare(name, "==", value=picks.flag())
    if kind.is_numeric:
        return Compare(name, picks.one(_ORDER), _on_grain(picks.one(_BORDERS), kind))
    if kind.kind == "date":
        return Compare(name, picks.one(_ORDER), picks.one(("2024-02-29", "2025-03-31", "2026-01-01")))
    words = kind.values or _WORDS
    if picks.flag():
        return OneOf(name, tuple(picks.some(words, 1, 2)))
    return Compare(name, picks.one(_ORDER if kind.is_ordered else ("==", "!=")), picks.one(words))


def _on_grain(border: Decimal, kind: FactType) -> Decimal:
    grain = kind.grain or Decimal("0.01")
    return (border // grain) * grain
