"""Many small choices within one composite strategy, cheaply: Hypothesis looks every new strategy over, these are made once."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import attrs
from hypothesis import strategies as st

__all__ = ["Picks"]

T = TypeVar("T")
# Divisible by every small number, so that no choice is favoured.
_INDEX: Final = st.integers(0, 27_719)


@attrs.frozen
class Picks:
    """Choices drawn one after the other; a failing example shrinks towards the first of each.

    Attributes:
        draw: Of the composite strategy.
    """

    draw: "Callable[[st.SearchStrategy[int]], int]"

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices, at least one of which there is."""
        return choices[self.draw(_INDEX) % len(choices)]

    def flag(self) -> bool:
        """Yes or no."""
        return self.draw(_INDEX) % 2 == 1

    def count(self, least: int, most: int) -> int:
        """How many, both ends included."""
        return least + self.draw(_INDEX) % (most - least + 1)

    def some(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        """Different ones of the choices, as long as there are any, in a drawn order."""
        left = list(choices)
        return [left.pop(self.draw(_INDEX) % len(left)) for _ in range(min(self.count(least, most), len(left)))]
