"""A pin over what the facts alone come to (SEG-10)."""

from collections.abc import Mapping, Sequence

import attrs

from relcare.cells import Box, Space
from relcare.model import Pin
from relcare.policy import Core
from relcare.segmentation import Assignment
from relcare.soundness._explanation_endings import Ending, Endings
from relcare.soundness._explanation_rules import CellRules

__all__ = ["Hold", "held_rules", "hold_of"]


@attrs.frozen
class Hold:
    """What a pin makes of each ending.

    Attributes:
        pin: Who says so, and until when.
        tier_ids: Of the scheme, best first.
        is_for_open: Whether the pin also decides what facts leave open: an exact one does, a floor unless the client is known to
            keep a better tier for want of facts. The tier that it would keep instead is not known while facts decide.
    """

    pin: Pin
    tier_ids: Sequence[str]
    is_for_open: bool

    @property
    def ending(self) -> Ending:
        """The ending where the pin decides."""
        return "decided", self.pin.tier

    def held(self, ending: Ending) -> Ending:
        """How a decision ends under the pin, given how it ends by the facts alone."""
        state, tier = ending
        if state == "out of scope" or (state == "undecided" and not self.is_for_open):
            return ending
        is_above = tier is not None and self.tier_ids.index(tier) < self.tier_ids.index(self.pin.tier)
        return ending if self.pin.kind == "floor" and is_above else self.ending

    def settles(self, ending: Ending) -> bool:
        """Whether an ending is the pin's, and what facts leave open comes to it too."""
        return self.is_for_open and ending == self.ending


def hold_of(found: Assignment, tier_ids: Sequence[str]) -> Hold | None:
    """The pin of a client, of whom an assignment tells; None without one."""
    pin = found.pin
    if pin is None:
        return None
    return Hold(pin, tier_ids, pin.kind == "exact" or found.tier == pin.tier)


def held_rules(rules: CellRules, hold: Hold) -> CellRules:
    """The rules of a threshold scheme for a client with a pin."""

    def judge(row: Mapping[str, Core]) -> Ending:
        return hold.held(rules.judge(row))

    def endings_in(space: Space) -> Endings:
        found: dict[Ending, list[Box]] = {}
        for ending, boxes in rules.endings_in(space).boxes.items():
            found.setdefault(hold.held(ending), []).extend(boxes)
        if hold.is_for_open:  # then the pin's ending is wherever no other is certain
            found.pop(hold.ending, None)
        return Endings(space, found)

    return attrs.evolve(rules, judge=judge, endings_in=endings_in)
