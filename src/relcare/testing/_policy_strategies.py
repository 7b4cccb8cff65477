"""Hypothesis strategies for what a policy is made of: facts, vocabularies, well-typed criteria, rows of facts near them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final, cast

from hypothesis import strategies as st

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.model import FactValue
from relcare.policy import (
    CLIENT_FACTS,
    Compare,
    Constant,
    Contains,
    Core,
    Criterion,
    Derivation,
    Fact,
    FactKind,
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
    leaves,
)
from relcare.testing._strategies import days, identifiers

__all__ = ["criteria", "fact_values", "facts", "rows", "vocabularies", "windows"]

# Words that can be written as a constant: no backslash, not both quotation marks.
_WORDS: Final = (
    "low",
    "medium",
    "high",
    "key city",
    "O'Brien",
    'a "b"',
    "50%_",
    "高端",
    "한글",
    "\U0001f600",
    "'quoted'",
    " ",
    "#",
)
_GRAINS: Final = ("1", "0.01", "0.0001", "0.5", "5", "100", "0.000000000001")
_SPREAD: Final = 1_000_000
_ORDERED: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=", "==", "!=")
_EQUAL: Final[tuple[Operator, ...]] = ("==", "!=")
_EXACT: Final = Context(prec=120)
_MEASURES: Final[dict[FactKind, tuple[Measure, ...]]] = {
    "money": (
        Measure(function="sum", over="purchases", field="amount", window=Window(months=12), returns="net"),
        Measure(function="max", over="purchases", field="amount", where=criterion("category == 'high-end'"), when_empty="0"),
        Measure(function="sum", over="purchases", field="amount", per="calendar month", when_empty="0"),
    ),
    "integer": (
        Measure(function="count", over="touchpoints", where=criterion("outcome in ('met', 'reached')"), window=Window(days=90)),
        Measure(function="days_since", over="touchpoints"),
        Measure(function="distinct", over="purchases", field="category"),
    ),
    "date": (Measure(function="latest", over="touchpoints"),),
}


def windows() -> st.SearchStrategy[Window]:
    """Windows of every form (TIM-4)."""
    counts = st.sampled_from([1, 2, 3, 12, 90, 365, 3_333]) | st.integers(1, 800)
    calendar = st.tuples(st.integers(1, 400), st.sampled_from([1, 3, 12])).map(
        lambda pair: Window(months=pair[0] * pair[1], is_calendar=True, unit_months=pair[1])
    )
    rolling = counts.map(lambda n: Window(months=n)) | counts.map(lambda n: Window(days=n))
    return st.just(Window()) | rolling | calendar


def _listed(most: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(_WORDS).filter(lambda word: bool(word.strip())), min_size=2, max_size=most, unique=True).map(
        tuple
    )


def facts(
    kinds: Sequence[FactKind] = ("number", "money", "integer", "level", "category", "set", "flag", "date"),
) -> st.SearchStrategy[Fact]:
    """Declared facts: bounds on the grain or none, with and without rounding, read, measured or derived.

    Args:
        kinds: Which kinds to draw.
    """
    return st.sampled_from(kinds).flatmap(_fact)


@st.composite
def _fact(draw: st.DrawFn, kind: FactKind) -> Fact:
    given: dict[str, object] = {"id": draw(identifiers()), "type": kind, "may_be_missing": draw(st.booleans())}
    given["polarity"] = draw(st.sampled_from(["more", "less", "neither"]))
    if kind in {"number", "money", "integer"}:
        grain = Decimal(draw(st.sampled_from(("1", "5", "100") if kind == "integer" else _GRAINS)))
        bounds = sorted(
            draw(st.lists(st.sampled_from([-100, -1, 0, 1, 10_000]) | st.integers(-_SPREAD, _SPREAD), min_size=2, max_size=2))
        )
        low, high = (_EXACT.multiply(Decimal(bound), grain) for bound in bounds)
        given |= {"grain": grain, "min": draw(st.sampled_from([None, low])), "max": draw(st.sampled_from([None, high]))}
        given["round"] = draw(st.sampled_from([None, None, "half up", "half even", "down", "up"]))
    elif kind == "date":
        low_on, high_on = sorted(draw(st.tuples(days(), days())))
        given |= {"min": draw(st.sampled_from([None, low_on])), "max": draw(st.sampled_from([None, high_on]))}
    elif kind == "level" or (kind == "category" and draw(st.booleans())):
        given["values"] = draw(_listed())
    sources: list[dict[str, object]] = [{}, {"reads": "client.likelihood"}]
    sources.extend({"measure": measure} for measure in _MEASURES.get(kind, ()))
    sources.extend({"reads": f"people.{field}"} for field, wanted in (("rank", "level"), ("role", "set")) if kind == wanted)
    if kind in {"number", "money", "integer"}:
        sources.append({"derivation": Derivation(function=draw(st.sampled_from(["ratio", "difference"])), first="a", second="b")})
    return Fact(**given, **draw(st.sampled_from(sources)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _grain(kind: FactType) -> Decimal:
    return kind.grain or Decimal("0.01")


def _exact(kind: FactType, grains: int) -> Decimal:
    return _EXACT.multiply(Decimal(grains), _grain(kind))


def _bounds(kind: FactType) -> tuple[int | None, int | None]:
    """The bounds in whole grains, or as ordinals."""
    if isinstance(kind.low, date) or isinstance(kind.high, date):
        return (
            kind.low.toordinal() if isinstance(kind.low, date) else None,
            kind.high.toordinal() if isinstance(kind.high, date) else None,
        )
    low = None if kind.low is None else int(_EXACT.divide(kind.low, _grain(kind)).to_integral_value(ROUND_CEILING))
    high = None if kind.high is None else int(_EXACT.divide(kind.high, _grain(kind)).to_integral_value(ROUND_FLOOR))
    return low, high


def _whole(kind: FactType, near: Iterable[int] = (), *, is_inside: bool) -> st.SearchStrategy[int]:
    """Grains or ordinals: on the bounds and the given points, one step beside them, anywhere; inside the bounds when so asked."""
    low, high = _bounds(kind)
    least, most = (FIRST_DAY.toordinal(), LAST_DAY.toordinal()) if kind.kind == "date" else (-_SPREAD, _SPREAD)
    bounds = [bound for bound in (low, high) if bound is not None]
    least, most = min([least, *bounds]), max([most, *bounds])
    middle = days().map(date.toordinal) if kind.kind == "date" else st.just(0) | st.integers(-100, 100)
    points = [point + step for point in (*near, *bounds) for step in (-1, 0, 1)]
    drawn = st.integers(least, most) | middle | (st.sampled_from(points) if points else st.nothing())
    if not is_inside:
        return drawn
    # Clamped instead of filtered: narrow bounds would starve the filter.
    return drawn.map(lambda value: value if low is None or value >= low else low).map(
        lambda value: value if high is None or value <= high else high
    )


def fact_values(fact: Fact | FactType) -> st.SearchStrategy[FactValue]:
    """Values as people write them, on both sides of the fact's bounds and choices, and missing; always on its grain.

    Args:
        fact: A declared fact, or a type.
    """
    kind = fact.fact_type if isinstance(fact, Fact) else fact
    return st.none() | cast("st.SearchStrategy[FactValue]", _readable(kind))


def _readable(kind: FactType) -> st.SearchStrategy[object]:
    if kind.is_numeric:
        exact = _whole(kind, is_inside=False).map(lambda grains: _exact(kind, grains))
        return exact | exact.map(lambda number: f"{number:f}") | st.just("nothing")
    if kind.kind == "date":
        on = _whole(kind, is_inside=False).map(date.fromordinal)
        return on | on.map(date.isoformat) | st.just("2026-W53-7")
    if kind.kind == "flag":
        return st.booleans() | st.sampled_from(["yes", "no", "true", "false", "maybe"])
    words = st.sampled_from([*kind.values, "elsewhere"]) | st.sampled_from(_WORDS)
    return st.frozensets(words, max_size=3) if kind.kind == "set" else words


def vocabularies(*, max_facts: int = 5) -> st.SearchStrategy[Vocabulary]:
    """Vocabularies of declared facts of every kind, with the built-in ones and a tier, at least one name."""
    declared = st.lists(facts(), max_size=max_facts, unique_by=lambda fact: fact.id).map(
        lambda found: {f.id: f.fact_type for f in found}
    )
    more = {**CLIENT_FACTS, "tier.abc": FactType(kind="level", values=("C", "B", "A")), "amount": FactType(kind="number")}
    built_in = st.sets(st.sampled_from(sorted(more)), max_size=4).map(
        lambda chosen: {name: more[name] for name in sorted(chosen)}
    )
    return st.tuples(declared, built_in).map(lambda parts: {**parts[0], **parts[1]}).filter(bool).map(Vocabulary)


def criteria(vocabulary: Vocabulary, *, max_depth: int = 3) -> st.SearchStrategy[Criterion]:
    """Criteria that are well typed over a vocabulary: constants on the grain, inside and outside the bounds.

    Args:
        vocabulary: At least one fact.
        max_depth: How many levels of `and` and `or` there are at most, each perhaps negated; 0 is a single comparison.
    """
    leaf: st.SearchStrategy[Criterion] = st.one_of([_leaf(name, vocabulary[name]) for name in sorted(vocabulary)])
    if not max_depth:
        return leaf
    # A flat list joined afterwards: nested strategies would draw little else than single comparisons.
    return st.builds(
        _joined, st.lists(leaf, min_size=1, max_size=2 + 2 * max_depth), st.integers(0, 2**20 - 1), st.just(max_depth)
    )


def _joined(parts: list[Criterion], choices: int, levels: int) -> Criterion:
    """The parts joined level by level; three bits of the choices say how each group is made, and they are used again in turn."""
    used = 0

    def bits() -> int:
        nonlocal used
        used += 3
        return (choices >> (used % 18)) & 7

    def turned(part: Criterion, how: int) -> Criterion:
        return Not(part) if how & 1 else part

    parts = [turned(part, bits()) for part in parts]
    for level in range(levels):
        groups: list[Criterion] = []
        while parts:
            how = bits()
            size = len(parts) if level == levels - 1 else 2 + (how >> 2)
            group, parts = parts[:size], parts[size:]
            joined = all_of(*group) if how & 2 else any_of(*group)
            groups.append(turned(joined, how) if len(group) > 1 else joined)
        parts = groups
    return parts[0]


def _leaf(name: str, kind: FactType) -> st.SearchStrategy[Criterion]:
    missing: st.SearchStrategy[Criterion] = st.just(Missing(name))
    if kind.kind == "set":
        return missing | st.sampled_from(_WORDS).map(lambda word: Contains(name, word))
    constants = _constants(kind)
    operators = st.sampled_from(_ORDERED if kind.is_ordered else _EQUAL)
    one_of = st.lists(constants, min_size=1, max_size=3).map(lambda values: OneOf(name, tuple(values)))
    return missing | one_of | st.tuples(operators, constants).map(lambda pair: Compare(name, *pair))


def _constants(kind: FactType) -> st.SearchStrategy[Constant]:
    if kind.is_numeric:
        return _whole(kind, is_inside=False).map(lambda grains: _exact(kind, grains))
    if kind.kind == "date":
        return _whole(kind, is_inside=False).map(lambda on: date.fromordinal(on).isoformat())
    if kind.kind == "flag":
        return st.booleans()
    return st.sampled_from(kind.values or _WORDS)


def rows(vocabulary: Vocabulary, *, near: Iterable[Criterion] = ()) -> st.SearchStrategy[dict[str, Core]]:
    """Rows of facts in core form, one value a name: on the criteria's constants, a grain below, a grain above, anywhere, missing.

    Args:
        vocabulary: The names, in order.
        near: Criteria whose constants to draw near; checked against the vocabulary.
    """
    points: dict[str, set[Core]] = {name: set() for name in vocabulary}
    for one in near:
        for leaf in leaves(one):
            points[leaf.fact].update(vocabulary.constants(leaf))
    return st.fixed_dictionaries({name: st.none() | _core(kind, points[name]) for name, kind in vocabulary.items()})


def _core(kind: FactType, points: set[Core]) -> st.SearchStrategy[Core]:
    if kind.is_numeric and kind.grain is None:
        exact = [
            point + step
            for point in points
            if isinstance(point, Decimal)
            for step in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
        ]
        return st.sampled_from([Decimal(0), *sorted(exact)]) | st.integers(-_SPREAD, _SPREAD).map(Decimal)
    if kind.is_numeric or kind.kind == "date":
        return _whole(kind, sorted(point for point in points if isinstance(point, int)), is_inside=True)
    if kind.kind == "flag":
        return st.booleans()
    if kind.kind == "level":
        return st.integers(0, len(kind.values) - 1)
    words = st.sampled_from([*sorted(str(point) for point in points), *(kind.values or (*_WORDS, "elsewhere"))])
    return st.frozensets(words, max_size=3) if kind.kind == "set" else words
