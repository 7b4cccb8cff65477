"""More of what is better never gives less, and not knowing never gives less than knowing: for anything with ordered outcomes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from relcare.cells import Axis, Box
from relcare.policy import Core
from relcare.soundness._findings import Finding
from relcare.soundness._prover import RuleSet
from relcare.soundness._rules import refuted

__all__ = ["Ladder", "monotone", "never_demotes"]

Decided: TypeAlias = Sequence[tuple[int, Sequence[Box]]]
"""The rank of an outcome, from 0 for the best, with the boxes in which it is certain."""


@attrs.frozen(eq=False)
class Ladder:
    """Outcomes from best to worst, and where each is certain.

    Attributes:
        rules: The criteria they come from.
        decided: Rank and boxes.
        outcome: What the real evaluator makes of a client.
        places: The paths of the rules that gave these outcomes.
    """

    rules: RuleSet
    decided: Decided
    outcome: Callable[[Mapping[str, Core]], str]
    places: Callable[[Sequence[str]], tuple[str, ...]]

    def pairs(self) -> Iterator[tuple[Box, Box]]:
        """A box of a better outcome with a box of a worse one, every pair of them."""
        for rank, better in self.decided:
            for other, worse in self.decided:
                if rank < other:
                    yield from ((one, two) for one in better for two in worse)

    def refuted(self, question: str, code: str, fact: str, first: Mapping[str, Core], second: Mapping[str, Core]) -> Finding:
        """A refutation by two clients; the rule that decided the second is the one to look at first."""
        places = self.places([self.outcome(second), self.outcome(first)])
        finding = refuted(self.rules, question, code, places, fact=fact)
        return attrs.evolve(finding, witnesses=tuple(self.rules.witness_of(row, self.outcome) for row in (first, second)))


def _shared(one: Box, two: Box, place: int) -> Box | None:
    """What two boxes share in all axes but one; that one is left as the first has it."""
    shared = list(map(int.__and__, one, two))
    shared[place] = one[place]
    return tuple(shared) if all(shared) else None


def monotone(ladder: Ladder) -> Iterator[Finding]:
    """With all else equal, more of what is better never gives a worse outcome; the witness is two clients, the poorer first."""
    space = ladder.rules.space
    for place, axis in enumerate(space.axes):
        polarity = space.vocabulary[axis.fact].polarity
        if polarity != "neither":
            yield from _falls(ladder, place, axis, _above(axis), is_more=polarity == "more")


def _above(axis: Axis) -> Sequence[int]:
    """For each cell, the cells of more: of a set those with every member and others besides, else all that come after."""
    if not any(isinstance(cell, frozenset) for cell in axis.cells):
        return [axis.known & ~((2 << place) - 1) for place in range(len(axis.cells))]
    sets = [(place, cell) for place, cell in enumerate(axis.cells) if isinstance(cell, frozenset)]
    found = [0] * len(axis.cells)
    for place, cell in sets:
        found[place] = sum(1 << other for other, larger in sets if cell < larger)
    return found


def _falls(ladder: Ladder, place: int, axis: Axis, above: Sequence[int], *, is_more: bool) -> Iterator[Finding]:
    for better, worse in ladder.pairs():
        # The better outcome must go to the lower value: then more gives less (for "less is better", the other way round).
        low, high = (better[place], worse[place]) if is_more else (worse[place], better[place])
        low, high = low & axis.known, high & axis.known
        if not low or high <= low & -low:
            continue  # nothing high lies above the lowest: the commonest case, and the cheapest to see
        step = _step(low, high, above)
        shared = None if step is None else _shared(better, worse, place)
        if shared is None or step is None:
            continue
        bottom, top = step
        row = ladder.rules.space.row(shared)
        poor, rich = {**row, axis.fact: axis.cells[bottom]}, {**row, axis.fact: axis.cells[top]}
        yield ladder.refuted("monotone", "monotone", axis.fact, *((poor, rich) if is_more else (rich, poor)))
        return


def _step(low: int, high: int, above: Sequence[int]) -> tuple[int, int] | None:
    """A cell of the low ones and the nearest of the high ones that has more; None when there is none.

    The border reads better than an extreme.
    """
    while low:
        bottom = (low & -low).bit_length() - 1
        more = high & above[bottom]
        if more:
            return bottom, (more & -more).bit_length() - 1
        low &= low - 1
    return None


def never_demotes(ladder: Ladder) -> Iterator[Finding]:
    """Whatever is decided without a fact is no worse than with it; of the two witnesses the one with it comes first (SEG-8)."""
    space = ladder.rules.space
    for place, axis in enumerate(space.axes):
        missing = axis.full & ~axis.known
        for better, worse in ladder.pairs() if missing else ():
            shared = _shared(better, worse, place)
            known = better[place] & axis.known
            if shared is None or not known or not worse[place] & missing:
                continue
            row = space.row(shared)
            with_data = {**row, axis.fact: axis.cells[(known & -known).bit_length() - 1]}
            yield ladder.refuted("never demotes", "demotes", axis.fact, with_data, {**row, axis.fact: None})
            break
