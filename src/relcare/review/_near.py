"""Who stands at a border of a threshold scheme: one fact, a smallest step away, would give another tier (SEG-11)."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias, cast

import attrs

from relcare.cells import Axis, axis_of
from relcare.errors import InvalidValueError, nearest
from relcare.model import FactValue, Reason, ReasonValue
from relcare.policy import Core, FactType, OutOfBounds, Vocabulary, evaluate, facts_of, leaves
from relcare.segmentation import ThresholdScheme, threshold_outcome

__all__ = ["Borders", "steps_of"]

_STEP: Final = 1
# A quintile holds a fifth of the book: a step from one to the next is no small one.
_STEP_OF_A_GRADE: Final = 0
_Outcome: TypeAlias = tuple[str | None, bool]


def steps_of(vocabularies: Sequence[Vocabulary], margins: Mapping[str, Decimal | int | str]) -> dict[str, int]:
    """How many of its smallest steps of each fact count as near, where a margin says so.

    Args:
        vocabularies: Of the schemes of the policy, whether they are due or not.
        margins: By fact: how far away another tier still counts as near. Numbers in the fact's unit, levels in levels, dates in
            days.

    Raises:
        InvalidValueError: If there is no such fact, it has no order, or the margin is no positive multiple of its grain.
    """
    known = {name: kind for words in vocabularies for name, kind in words.types.items()}
    return {fact: _steps(fact, known, margin) for fact, margin in margins.items()}


def _steps(fact: str, known: Mapping[str, FactType], margin: Decimal | int | str) -> int:
    kind, name = known.get(fact), f"margins.{fact}"
    if kind is None:
        near = nearest(fact, known)
        raise InvalidValueError("margins", fact, "must name facts", f"did you mean {near!r}?" if near else None)
    if not kind.is_ordered:
        raise InvalidValueError(name, kind.kind, "must be about a fact with an order: a number, money, a level or a date")
    unit = FactType(kind="number", grain=(kind.grain if kind.is_numeric else None) or Decimal(1))
    steps = unit.encode(name, margin)
    if not isinstance(steps, int) or steps < _STEP:
        raise InvalidValueError(name, margin, "must be a positive multiple of the fact's grain")
    return steps


@attrs.frozen
class _Scale:
    """The values of one fact as the criteria of a scheme tell them apart.

    Attributes:
        axis: Its cells.
        kind: What its values mean.
        starts: The lowest value of each cell but the first.
        reach: How many smallest steps away another cell counts.
    """

    axis: Axis
    kind: FactType
    starts: tuple[int, ...]
    reach: int

    def near(self, value: int) -> Iterator[int]:
        """The nearest value of every other cell within reach: downwards the highest, upwards the lowest."""
        own = bisect_right(self.starts, value)
        yield from (start - 1 for start in reversed(self.starts[:own]) if value - start + 1 <= self.reach)
        yield from (start for start in self.starts[own:] if start - value <= self.reach)


class Borders:
    """Finds who stands at a border of a threshold scheme.

    A client does where one fact with an order, changed by its smallest step (a grain, a level, a day) or within its margin, gives
    another tier or takes the client out of the scope, all else as it stands. What missing facts leave open is no border.

    Args:
        scheme: The scheme.
        vocabulary: What its facts mean.
        steps: How many steps count of each fact; where it is not named one, and none of a grade.
    """

    def __init__(self, scheme: ThresholdScheme, vocabulary: Vocabulary, steps: Mapping[str, int]) -> None:
        self._scheme = scheme
        self._words = vocabulary
        self._criteria = [tier.when for tier in scheme.tiers]
        criteria = [*self._criteria, *([] if scheme.scope is None else [scheme.scope])]
        used = [leaf for criterion in criteria for leaf in leaves(criterion)]
        self.facts = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
        self._scales = [
            _scale(axis_of(name, used, vocabulary), vocabulary[name], steps.get(name, _step_of(name)))
            for name in self.facts
            if vocabulary[name].is_ordered
        ]

    def around(self, facts: Mapping[str, FactValue]) -> Iterator[Reason]:
        """The changes that would give another tier, fact by fact, downwards first, the nearest first.

        Args:
            facts: Those of the client, as people read them.
        """
        row = {name: self._core(name, facts.get(name)) for name in self.facts}
        now = self._outcome(row)
        if now is None:
            return
        for scale in self._scales:
            value = row[scale.axis.fact]
            if type(value) is int:
                yield from self._at(scale, row, value, now)

    def _at(self, scale: _Scale, row: Mapping[str, Core], value: int, now: _Outcome) -> Iterator[Reason]:
        told: set[tuple[bool, _Outcome]] = set()
        for other in scale.near(value):
            found = self._outcome({**row, scale.axis.fact: other})
            if found is None or found == now or (other > value, found) in told:
                continue
            told.add((other > value, found))
            fact, becomes = scale.axis.fact, cast("ReasonValue", scale.kind.decode(other))  # with an order it is no set
            values = {"scheme": self._scheme.id, "fact": fact, "at": becomes, "tier": found[0]}
            yield Reason("segmentation.border", {fact: scale.kind.decode(value)}, values)

    def _outcome(self, row: Mapping[str, Core]) -> _Outcome | None:
        """The tier, and whether the scheme classes the client; None where missing facts leave it open."""
        scope = self._scheme.scope
        answer = scope is None or evaluate(scope, row, self._words)
        if not answer:
            return None if answer is None else (None, False)
        tier, code = threshold_outcome(self._scheme, [evaluate(when, row, self._words) for when in self._criteria])
        return None if code == "segmentation.undecided" else (tier, True)

    def _core(self, name: str, value: FactValue) -> Core:
        core = self._words[name].encode(name, value)
        return None if isinstance(core, OutOfBounds) else core


def _step_of(fact: str) -> int:
    return _STEP_OF_A_GRADE if fact.startswith("grade.") else _STEP


def _scale(axis: Axis, kind: FactType, reach: int) -> _Scale:
    ends = [end for cell, end in zip(axis.cells, axis.ends, strict=True) if cell is not None]
    return _Scale(axis, kind, tuple(end + 1 for end in ends[:-1] if isinstance(end, int)), reach)
