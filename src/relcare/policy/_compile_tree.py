"""Criteria as a decision tree: where a number already says how a comparison goes, it is not made again.

The constants that criteria compare a number with cut it into cells. A tree asks for the middle one first, and in either half
writes only what is still open; where nothing is, the answers are a constant.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from relcare.policy._criteria import And, Compare, Criterion, Leaf, Missing, Not, Or
from relcare.policy._types import Core

__all__ = ["DEPTH", "Bounds", "TreeWriter"]

# At most 2 to the 3rd ways through, whatever the number of constants: more takes longer to write and is no quicker.
DEPTH: Final = 3
# One comparison that is spared is paid for with another one.
_WORTH: Final = 2


@attrs.frozen
class Bounds:
    """What is known of a number: at least `low` and at most `high`; None where there is no limit."""

    low: int | None = None
    high: int | None = None

    def holds(self, operator: str, value: int) -> bool | None:
        """Whether a comparison holds for all numbers within, for none (False), or for some of them (None)."""
        below = self.high is not None and self.high < value
        above = self.low is not None and self.low > value
        least = self.low is not None and self.low >= value
        most = self.high is not None and self.high <= value
        yes, no = {
            "<": (below, least),
            "<=": (most, above),
            ">": (above, most),
            ">=": (least, below),
            "==": (least and most, below or above),
            "!=": (below or above, least and most),
        }[operator]
        return True if yes else False if no else None

    def cuts(self, operator: str, value: int) -> list[int]:
        """Where within these bounds a comparison changes its answer: the first numbers with another one."""
        found = [] if operator in {">", "<="} else [value]
        found += [] if operator in {">=", "<"} else [value + 1]
        return [cut for cut in found if (self.low is None or cut > self.low) and (self.high is None or cut <= self.high)]

    def halves(self, cut: int) -> tuple["Bounds", "Bounds"]:
        """What is below a cut, and what is not."""
        return Bounds(self.low, cut - 1), Bounds(cut, self.high)


_Known = Mapping[int, Bounds]
_ANY: Final = Bounds()


@attrs.frozen(eq=False)
class TreeWriter:
    """Writes the answers to criteria when no fact is missing, as one expression.

    Attributes:
        criteria: In the order of the answers.
        place: Where a fact stands; its value is called `v<place>`.
        constants: What each comparison compares with, in core form, by the identity of its node.
        test: The source of a comparison.
    """

    criteria: Sequence[Criterion]
    place: Callable[[str], int]
    constants: Mapping[int, Core]
    test: Callable[[Leaf], str]

    def expression(self, depth: int) -> str:
        """The answers as a tuple.

        Args:
            depth: How often at most a number is asked about first; 0 for all criteria one after the other.
        """
        return self._expression(self.criteria, {}, depth)

    def _expression(self, criteria: Sequence[Criterion], known: _Known, depth: int) -> str:
        """The answers where something is known already; `criteria` are those that may still be open."""
        still = [criterion for criterion in criteria if self._answer(criterion, known) is None]
        split = self._split(still, known) if depth else None
        if split is None:
            return f"({', '.join(self._written(criterion, known) for criterion in self.criteria)},)"
        place, cut = split
        below, others = known.get(place, _ANY).halves(cut)
        low, high = (self._expression(still, {**known, place: bounds}, depth - 1) for bounds in (below, others))
        return f"({low} if v{place} < {cut} else {high})"

    def _split(self, criteria: Iterable[Criterion], known: _Known) -> tuple[int, int] | None:
        """The number with most to ask about and the middle of its cuts; None where nothing is spared by asking."""
        cuts: dict[int, set[int]] = {}
        for criterion in criteria:
            for place, cut in self._cuts(criterion, known):
                cuts.setdefault(place, set()).add(cut)
        if not cuts:
            return None
        place = max(cuts, key=lambda place: (len(cuts[place]), -place))
        ordered = sorted(cuts[place])
        return (place, ordered[len(ordered) // 2]) if len(ordered) >= _WORTH else None

    def _cuts(self, node: Criterion, known: _Known) -> Iterator[tuple[int, int]]:
        """Where the open comparisons of a criterion change their answers."""
        if self._answer(node, known) is not None:
            return
        if isinstance(node, (And, Or)):
            for part in node.parts:
                yield from self._cuts(part, known)
        elif isinstance(node, Not):
            yield from self._cuts(node.part, known)
        elif isinstance(node, Compare):
            value, place = self.constants[id(node)], self.place(node.fact)
            if type(value) is int:
                yield from ((place, cut) for cut in known.get(place, _ANY).cuts(node.operator, value))

    def _answer(self, node: Criterion, known: _Known) -> bool | None:
        """What a criterion certainly comes to, whatever else the facts are."""
        if isinstance(node, (And, Or)):
            answers = {self._answer(part, known) for part in node.parts}
            decisive = isinstance(node, Or)
            return decisive if decisive in answers else None if None in answers else not decisive
        if isinstance(node, Not):
            answer = self._answer(node.part, known)
            return None if answer is None else not answer
        if isinstance(node, Compare):
            value = self.constants[id(node)]
            return known.get(self.place(node.fact), _ANY).holds(node.operator, value) if type(value) is int else None
        return False if isinstance(node, Missing) else None

    def _written(self, node: Criterion, known: _Known) -> str:
        """The answer to a criterion; a choice between two constants is quicker than a comparison's own result."""
        answer = self._answer(node, known)
        return f"True if {self._condition(node, known)} else False" if answer is None else str(answer)

    def _condition(self, node: Criterion, known: _Known) -> str:
        """The open part of a criterion, as a condition."""
        if isinstance(node, (And, Or)):
            joint = " and " if isinstance(node, And) else " or "
            return f"({joint.join(self._condition(part, known) for part in node.parts if self._answer(part, known) is None)})"
        if isinstance(node, Not):
            return f"(not {self._condition(node.part, known)})"
        return f"({self.test(node)})"
