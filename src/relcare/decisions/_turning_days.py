"""On which days a qualification may change, so that a history is looked at there and nowhere else (VIP-4)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from relcare.facts import FactReader, FactSource
from relcare.policy import Fact, Missing, leaves
from relcare.vip import Qualifier

__all__ = ["ageing_facts", "ages_that_turn", "moves_others", "turning_days"]

_STEPS = (-1, Fraction(-1, 2), 0, Fraction(1, 2), 1)


def turning_days(qualifier: Qualifier, source: FactSource, as_of: int) -> Iterator[int]:
    """Every day up to `as_of` on which a path of a programme may begin or cease to hold for a client; others may be among them.

    Facts change by events, ends of windows and dated attributes; days since an event grow by themselves and cross a border.

    Args:
        qualifier: The programme.
        source: The client's facts.
        as_of: The last day that matters, an ordinal.
    """
    yield from source.change_days(qualifier.layout)
    declared = source.reader.closure(qualifier.layout)
    ageing = ageing_facts(declared)
    if not ageing:
        return
    first = min((day for fact in ageing for day in source.series[fact.id].days), default=as_of + 1)
    if moves_others(declared):
        yield from range(first, as_of + 1)
        return
    for fact in ageing:
        ages = ages_that_turn(qualifier, source.reader, fact)
        yield from (day + age for day in source.series[fact.id].days for age in ages)


def ageing_facts(declared: Iterable[Fact]) -> list[Fact]:
    """The facts that grow by themselves from day to day."""
    return [fact for fact in declared if fact.measure is not None and fact.measure.function == "days_since"]


def moves_others(declared: Sequence[Fact]) -> bool:
    """Whether a fact is derived from one that grows by itself: then it may cross its borders on any day."""
    ageing = {fact.id for fact in ageing_facts(declared)}
    return any(
        fact.derivation is not None and not ageing.isdisjoint({fact.derivation.first, fact.derivation.second})
        for fact in declared
    )


def ages_that_turn(qualifier: Qualifier, reader: FactReader, fact: Fact) -> frozenset[int]:
    """How many days after an event a comparison or a bound of the fact may turn, whichever way it is rounded."""
    grain = Fraction(reader.types[fact.id].grain or 1)
    found = [leaf for path in qualifier.programme.paths for leaf in leaves(path.when) if leaf.fact == fact.id]
    borders = [
        c for leaf in found if not isinstance(leaf, Missing) for c in qualifier.vocabulary.constants(leaf) if isinstance(c, int)
    ]
    borders.extend(floor(Fraction(bound) / grain) for bound in (fact.min, fact.max) if isinstance(bound, Decimal))
    found_ages = {floor((border + step) * grain) + later for border in borders for step in _STEPS for later in (0, 1)}
    return frozenset(age for age in found_ages if age >= 0)
