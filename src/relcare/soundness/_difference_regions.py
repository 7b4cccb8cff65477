"""For whom two rule sets decide differently: every combination of cells, those that nothing tells apart taken together."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, Literal, TypeAlias

import attrs

from relcare.cells import Box, BudgetSpentError, Space, merged
from relcare.policy import Criterion
from relcare.soundness._difference_values import Standing

__all__ = ["OPEN", "Answers", "Change", "Judged", "Open", "changed_boxes"]


class Open(Enum):
    """What is said of a criterion that some of the clients in question meet, and others do not."""

    OPEN = "open"


OPEN: Final = Open.OPEN

Answers: TypeAlias = Sequence[bool | Literal[Open.OPEN] | None]
"""Whether each criterion of a rule set holds for some clients, in order: for all, for none, unknown for all, or open."""

Change: TypeAlias = tuple[Standing, Standing]
"""What was made of a client before, and what is made of it now."""

_CRITERIA_A_STEP: Final = 32
"""A look at so many criteria costs as much as the rest of a step."""

_Found: TypeAlias = tuple[tuple[Change, tuple[Box, ...]], ...]


@attrs.frozen(kw_only=True)
class Judged:
    """A rule set, as criteria and what follows from them.

    Attributes:
        criteria: In an order of its own.
        judge: What is made of clients for whom the criteria have these answers; None where that hangs on one that is open.
        form: Everything but the criteria. Two rule sets of the same form make the same of the same answers.
        ordered_from: From which criterion on the first that holds makes all after it irrelevant; None where none does.
    """

    criteria: tuple[Criterion, ...]
    judge: Callable[[Answers], Standing | None]
    form: object
    ordered_from: int | None = None

    def relevant(self, answers: Answers) -> int:
        """How many of the criteria, from the first on, can still matter."""
        start = len(self.criteria) if self.ordered_from is None else self.ordered_from
        return next((place + 1 for place in range(start, len(answers)) if answers[place] is True), len(self.criteria))


def changed_boxes(space: Space, before: Judged, after: Judged, *, budget: int) -> dict[Change, list[Box]]:
    """Where two rule sets decide differently, exactly; the boxes do not overlap.

    Args:
        space: Of the criteria of both; it goes quickest when the axes of those that differ come first.
        before: The old rule set.
        after: The new one.
        budget: How many steps it may take.

    Raises:
        BudgetSpentError: If it takes more.
    """
    walk = _Walk(space, before, after, budget)
    return {change: merged(boxes) for change, boxes in walk.below(0, _State((1 << len(walk.boxes)) - 1, 0, 0))}


def _bits(flags: Iterable[bool | int]) -> int:
    return sum(1 << index for index, flag in enumerate(flags) if flag)


@attrs.frozen
class _Known:
    """One box in which a criterion is known.

    Attributes:
        number: Of the criterion.
        answer: What it is there.
        box: Where that is.
        through: The place of the first axis from which on the box leaves nothing out: a client who is in it so far is in it.
    """

    number: int
    answer: bool
    box: Box
    through: int


def _known(space: Space, number: int, criterion: Criterion) -> Iterator[_Known]:
    region = space.region(criterion)
    for answer, boxes in ((True, region.holds), (False, region.fails)):
        for box in boxes:
            limited = [place for place, axis in enumerate(space.axes) if box[place] != axis.full]
            yield _Known(number, answer, box, max(limited, default=-1) + 1)


@attrs.frozen
class _State:
    """What is known of clients after some of the axes, as bitsets.

    Attributes:
        still: The boxes of open criteria that they are in so far.
        holds: The criteria that hold for all of them, by number.
        fails: Those that hold for none of them.
    """

    still: int
    holds: int
    fails: int


class _Walk:
    """Goes through the axes one after the other, and remembers what it found below each state.

    What a cell does to the outcome is which boxes of which criteria it lies in. So cells that lie in the same ones are taken
    together, and what was found below them once is not sought again.
    """

    def __init__(self, space: Space, before: Judged, after: Judged, budget: int) -> None:
        self.space = space
        self.sides = before, after
        self.budget = budget
        self.spent = 0
        self.found: dict[tuple[int, _State], _Found] = {}
        numbers = {criterion: number for number, criterion in enumerate(dict.fromkeys((*before.criteria, *after.criteria)))}
        self.uses = [[numbers[criterion] for criterion in side.criteria] for side in self.sides]
        self.boxes = [known for criterion, number in numbers.items() for known in _known(space, number, criterion)]
        self.boxes_of = [_bits(known.number == number for known in self.boxes) for number in numbers.values()]
        self.met = [
            [_bits(known.box[place] >> cell & 1 for known in self.boxes) for cell in range(len(axis.cells))]
            for place, axis in enumerate(space.axes)
        ]
        self.settling = [list(self._settling_at(place)) for place in range(len(space.axes) + 1)]
        # Of rule sets of one form only criteria that differ can make a difference.
        is_aligned = before.form == after.form and len(before.criteria) == len(after.criteria)
        self.differing = [(a, b) for a, b in zip(*self.uses, strict=True) if a != b] if is_aligned else None

    def _settling_at(self, place: int) -> Iterator[tuple[int, int, bool]]:
        """The boxes that settle a criterion at a place, with its number and answer."""
        for answer in (True, False):
            there = _bits(known.answer is answer and known.through <= place for known in self.boxes)
            yield from ((there & every, number, answer) for number, every in enumerate(self.boxes_of) if there & every)

    def below(self, place: int, state: _State) -> _Found:
        """The changes in the axes from a place on."""
        self._spend(1 + len(self.boxes_of) // _CRITERIA_A_STEP)
        state = self._settled(place, state)
        answers = [self._answers(state, uses) for uses in self.uses]
        if self._is_alike(state):
            return ()
        before, after = (side.judge(known) for side, known in zip(self.sides, answers, strict=True))
        if before is not None and after is not None:
            return () if before == after else (((before, after), (self.space.everything[place:],)),)
        state = self._relevant(state, answers)
        key = place, state
        if key not in self.found:
            self.found[key] = self._along(place, state)
        return self.found[key]

    def _settled(self, place: int, state: _State) -> _State:
        still, holds, fails = state.still, state.holds, state.fails
        for settling, number, answer in self.settling[place]:
            if still & settling:
                still &= ~self.boxes_of[number]
                holds, fails = (holds | 1 << number, fails) if answer else (holds, fails | 1 << number)
        return _State(still, holds, fails)

    def _answers(self, state: _State, numbers: Iterable[int]) -> Answers:
        return [self._answer(state, number) for number in numbers]

    def _answer(self, state: _State, number: int) -> bool | Literal[Open.OPEN] | None:
        if state.holds >> number & 1:
            return True
        if state.fails >> number & 1:
            return False
        return OPEN if state.still & self.boxes_of[number] else None

    def _is_alike(self, state: _State) -> bool:
        """Whether both rule sets have the same answers for all these clients."""
        if self.differing is None:
            return False
        pairs = ((self._answer(state, a), self._answer(state, b)) for a, b in self.differing)
        return all(a is b and a is not OPEN for a, b in pairs)

    def _relevant(self, state: _State, answers: Sequence[Answers]) -> _State:
        """The state without the criteria that can make no difference any more."""
        used = {
            number
            for side, uses, known in zip(self.sides, self.uses, answers, strict=True)
            for number in uses[: side.relevant(known)]
        }
        kept = sum(1 << number for number in used)
        still = state.still
        for number, every in enumerate(self.boxes_of):
            if not kept >> number & 1:
                still &= ~every
        return _State(still, state.holds & kept, state.fails & kept)

    def _along(self, place: int, state: _State) -> _Found:
        cells_by_boxes: dict[int, int] = {}
        for cell, boxes in enumerate(self.met[place]):
            cells_by_boxes[state.still & boxes] = cells_by_boxes.get(state.still & boxes, 0) | 1 << cell
        # Cells below which the same was found are one, whatever boxes they lie in.
        cells_by_found: dict[_Found, int] = {}
        for boxes, cells in cells_by_boxes.items():
            found = self.below(place + 1, _State(boxes, state.holds, state.fails))
            cells_by_found[found] = cells_by_found.get(found, 0) | cells
        boxes_by_change: dict[Change, list[Box]] = {}
        for found, cells in cells_by_found.items():
            for change, rests in found:
                self._spend(len(rests))
                boxes_by_change.setdefault(change, []).extend((cells, *rest) for rest in rests)
        return tuple((change, tuple(boxes)) for change, boxes in boxes_by_change.items())

    def _spend(self, steps: int) -> None:
        self.spent += steps
        if self.spent > self.budget:
            raise BudgetSpentError(self.spent)
