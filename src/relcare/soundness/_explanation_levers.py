"""What one fact could do by itself: each of its cells tried with the real evaluator, and the nearest of those that matter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from relcare.cells import Axis
from relcare.policy import Core, FactType
from relcare.soundness._explanation import Change
from relcare.soundness._explanation_endings import Ending, cell_of

__all__ = ["Judge", "Levers", "levers_of"]

Judge: TypeAlias = Callable[[Mapping[str, Core]], Ending]
"""The real evaluator: how the decision about a row ends."""


@attrs.frozen
class Levers:
    """The smallest changes of one fact, see `Lever`; None where there is none."""

    up: Change | None = None
    best: Change | None = None
    fall: Change | None = None


@attrs.frozen
class _Step:
    """One value that a fact could take instead.

    Attributes:
        becomes: The nearest value of a cell.
        last: The value next to it on the near side.
        size: How far it is, in grains, levels, days or members; None where there is no distance.
    """

    becomes: Core
    last: Core
    size: int | None


def levers_of(axis: Axis, kind: FactType, row: Mapping[str, Core], judge: Judge, choices: Sequence[str]) -> Levers:
    """The smallest changes of a fact that better an outcome or end it, all else as it stands.

    Becoming missing is no change that is tried: not to know is nobody's deed. An open decision has no levers.

    Args:
        axis: The fact's cells: all values of one end the decision alike.
        kind: What its values mean.
        row: The facts in core form.
        judge: The real evaluator.
        choices: The outcomes, best first.
    """
    worst = len(choices)

    def rank(ending: Ending) -> int:
        state, outcome = ending
        return choices.index(outcome) if state == "decided" and outcome is not None else worst

    def ending_at(value: Core) -> Ending:
        return judge({**row, axis.fact: value})

    now = judge(row)
    if now[0] == "undecided":
        return Levers()
    tried = [(step, ending_at(step.becomes)) for step in _steps(axis, row.get(axis.fact))]

    def nearest(matters: Callable[[int], bool]) -> Change | None:
        for step, ending in tried:
            # One grain less must not do: the border is shown, so the border is tried.
            if matters(rank(ending)) and not matters(rank(now if step.last is None else ending_at(step.last))):
                return _change(axis.fact, kind, row.get(axis.fact), step, ending)
        return None

    best = min((rank(ending) for _, ending in tried), default=worst)
    return Levers(
        up=nearest(lambda found: found < rank(now)),
        best=nearest(lambda found: found == best) if best < rank(now) else None,
        fall=nearest(lambda found: found > rank(now)),
    )


def _steps(axis: Axis, now: Core) -> Sequence[_Step]:
    """The nearest value of every other cell with a value, nearest first; of two equally near the lower first.

    Without a distance they come in the order of the cells: from the lowest, in the declared order, by code point.
    """
    others = [index for index, cell in enumerate(axis.cells) if cell is not None]
    if now is None:
        return [_Step(axis.cells[index], None, None) for index in others]
    own = cell_of(axis, now)
    others.remove(own)
    if isinstance(now, frozenset):
        return sorted(_member_steps(axis, own, others, now), key=lambda step: step.size or 0)
    if type(now) is int:
        return sorted(_ordered_steps(axis, own, others, now), key=lambda step: step.size or 0)
    return [_Step(axis.cells[index], now, None) for index in others]


def _ordered_steps(axis: Axis, own: int, others: Sequence[int], now: int) -> Iterator[_Step]:
    for index in others:
        # From below a cell is entered at its lowest value, from above at its highest.
        value = axis.ends[index] if index < own else axis.cells[index]
        if isinstance(value, int):
            yield _Step(value, value + 1 if index < own else value - 1, abs(value - now))


def _member_steps(axis: Axis, own: int, others: Sequence[int], now: frozenset[str]) -> Iterator[_Step]:
    """Members that no criterion asks for stay."""
    kept = axis.cells[own]
    for index in others:
        cell = axis.cells[index]
        if isinstance(cell, frozenset) and isinstance(kept, frozenset):
            yield _Step((now - kept) | cell, now, len(kept ^ cell))


def _change(fact: str, kind: FactType, now: Core, step: _Step, ending: Ending) -> Change:
    state, outcome = ending
    is_rise = now < step.becomes if kind.is_ordered and isinstance(now, int) and isinstance(step.becomes, int) else None
    return Change(
        fact=fact,
        now=kind.decode(now),
        becomes=kind.decode(step.becomes),
        last=kind.decode(step.last),
        is_rise=is_rise,
        distance=None if step.size is None else _in_unit(kind, step.size),
        # The neighbour is one step nearer.
        margin=None if step.size is None or is_rise is None else _in_unit(kind, step.size - 1),
        outcome=outcome,
        state=state,
    )


def _in_unit(kind: FactType, steps: int) -> Decimal:
    """A distance in the fact's unit; exact, whatever the host's decimal context."""
    amount = kind.decode(steps) if kind.is_numeric else None
    return amount if isinstance(amount, Decimal) else Decimal(steps)
