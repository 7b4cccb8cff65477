"""The values of one fact, cut into the fewest pieces that a set of criteria can tell apart.

Grain and bounds make the pieces exact: between 99.99 and 100 there is nothing on a grain of 0.01. Missing is a piece of its own
where the fact may be missing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Final

import attrs

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.errors import PolicyError
from relcare.policy import Contains, Core, FactType, Leaf, Missing, Vocabulary, leaf_test

__all__ = ["Axis", "axis_of"]

MAX_MEMBERS: Final = 8
"""How many members of a set fact are told apart at most: each doubles the number of cells."""


@attrs.frozen(kw_only=True)
class Axis:
    """The cells of one fact.

    Attributes:
        fact: Its name.
        cells: One value in core form for each cell, as a representative: the lowest of an interval where it has one, else its
            highest; in ascending order for ordered facts; None, for missing, comes last.
        ends: The highest value of each interval, None where it has no end; the representative itself for other cells.
    """

    fact: str
    cells: tuple[Core, ...]
    ends: tuple[Core, ...]

    @cached_property
    def full(self) -> int:
        """All cells as a bitset: bit i stands for cell i."""
        return (1 << len(self.cells)) - 1

    @cached_property
    def known(self) -> int:
        """All cells but missing."""
        return sum(1 << index for index, cell in enumerate(self.cells) if cell is not None)

    def where(self, leaf: Leaf, vocabulary: Vocabulary) -> tuple[int, int]:
        """The cells in which a comparison holds, and those in which it fails; it is unknown in the rest.

        The real evaluator is asked about each representative, so that a proof cannot mean something else than a decision.
        """
        test = leaf_test(leaf, vocabulary)
        answers = [test(cell) for cell in self.cells]
        return _bits(answers, wanted=True), _bits(answers, wanted=False)


def _bits(answers: Sequence[bool | None], *, wanted: bool) -> int:
    return sum(1 << index for index, answer in enumerate(answers) if answer is wanted)


def axis_of(fact: str, used: Iterable[Leaf], vocabulary: Vocabulary) -> Axis:
    """The cells of a fact that the given comparisons can tell apart.

    Args:
        fact: Its name.
        used: Comparisons, checked against the vocabulary; those about other facts are passed over.
        vocabulary: What the fact means.

    Raises:
        PolicyError: If it is a set of which more than eight members are told apart, or a number without a grain.
    """
    kind = vocabulary[fact]
    about = [leaf for leaf in used if leaf.fact == fact]
    if kind.is_numeric and kind.grain is None:
        raise PolicyError(f"{fact} has no grain: between two values there would always be another")
    if kind.is_ordered:
        cells, ends = _intervals(kind, sorted(_cuts(about, vocabulary)))
    elif kind.kind == "set":
        members = sorted({leaf.value for leaf in about if isinstance(leaf, Contains)})
        if len(members) > MAX_MEMBERS:
            raise PolicyError(f"{fact} is asked for {len(members)} members: at most {MAX_MEMBERS} can be told apart")
        cells = [frozenset(chosen) for size in range(len(members) + 1) for chosen in combinations(members, size)]
        ends = cells
    elif kind.kind == "flag":
        cells = ends = [False, True]
    else:
        cells = ends = _choices(kind, [value for leaf in about for value in vocabulary.constants(leaf)])
    # A comparison may ask for missing even where it is not expected; then the cell exists only if the fact may be missing.
    nothing: list[Core] = [None] if kind.may_be_missing else []
    return Axis(fact=fact, cells=(*cells, *nothing), ends=(*ends, *nothing))


def _cuts(used: Iterable[Leaf], vocabulary: Vocabulary) -> set[int]:
    """The values at which a new cell begins: on each constant and one step above it."""
    found: set[int] = set()
    for leaf in used:
        if isinstance(leaf, Missing):
            continue
        for constant in vocabulary.constants(leaf):
            if isinstance(constant, int):
                found |= {constant, constant + 1}
    return found


def _intervals(kind: FactType, cuts: Sequence[int]) -> tuple[list[Core], list[Core]]:
    low, high = _bounds(kind)
    inner = [cut for cut in cuts if (low is None or cut > low) and (high is None or cut <= high)]
    starts: list[int | None] = [low, *inner]
    ends: list[int | None] = [*(cut - 1 for cut in inner), high]
    pairs = list(zip(starts, ends, strict=True))
    # An interval without a lowest value is represented by its highest, one without either by 0.
    return [start if start is not None else end if end is not None else 0 for start, end in pairs], [end for _, end in pairs]


def _bounds(kind: FactType) -> tuple[int | None, int | None]:
    if kind.kind == "level":
        return 0, len(kind.values) - 1
    if kind.kind == "date":
        low = kind.low if isinstance(kind.low, date) else FIRST_DAY
        high = kind.high if isinstance(kind.high, date) else LAST_DAY
        return low.toordinal(), high.toordinal()
    grain = kind.grain or Decimal(1)
    low_grains = int((kind.low / grain).to_integral_value("ROUND_CEILING")) if isinstance(kind.low, Decimal) else None
    high_grains = int((kind.high / grain).to_integral_value("ROUND_FLOOR")) if isinstance(kind.high, Decimal) else None
    return low_grains, high_grains


def _choices(kind: FactType, mentioned: Iterable[Core]) -> list[Core]:
    if kind.values:
        return list(kind.values)
    named = sorted({value for value in mentioned if isinstance(value, str)})
    return [*named, next(other for other in _others() if other not in named)]


def _others() -> Iterator[str]:
    """Names for "any other text", for the case that the first is one of those mentioned."""
    yield "anything else"
    yield from (f"anything else {number}" for number in range(2, 10_000))
