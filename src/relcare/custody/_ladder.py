"""The neglect ladder as a value: what is to be done about a client nobody has been in touch with, and when (CAD-15)."""

from collections.abc import Iterable, Iterator

import attrs

from relcare._fields import check_choice, check_id, check_optional_text, check_text, check_tuple_of, to_texts, to_tuple
from relcare._time import Every
from relcare.custody._protection import (
    ACTIONS,
    Action,
    Protection,
    check_protections,
    protection_problems,
    to_protections,
)
from relcare.errors import InvalidValueError
from relcare.facts import EVENT_VOCABULARY
from relcare.policy import Criterion, RuleProblem, Vocabulary, check_criteria, criterion_problems

__all__ = ["NeglectLadder", "Rung", "ladder_problems"]


def _to_after(value: Every | str) -> Every:
    return value if isinstance(value, Every) else Every.parse(value, "after")


def _to_rungs(values: Iterable["Rung"]) -> tuple["Rung", ...]:
    return to_tuple(values)


@attrs.frozen
class Rung:
    """One step of a ladder.

    Attributes:
        after: How long without contact; calendar days, weeks or months. It is reached on that day: after 3 days without contact
            since the 1st on the 4th.
        action: `warn` the owner, `escalate` to the head, call the client `at risk`, or `release` it to the pool.

    Source: CAD-15.
    """

    after: Every = attrs.field(converter=_to_after)
    action: Action

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.after, Every):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("after", self.after, "must be an Every", 'write "3 days" or "6 months"')
        check_choice("action", self.action, ACTIONS)

    def reached_on(self, since: int) -> int:
        """The day on which it is reached, when nobody has been in touch since a day; both are ordinals."""
        return self.after.after(since)


@attrs.frozen(kw_only=True)
class NeglectLadder:
    """What is to be done about clients nobody is in touch with. Of several ladders the first that applies is the client's.

    Time is counted from the last contact or the day the present owner took over, whichever is later; without contact from the
    client's first day or the policy's, as for the first contact (CAD-1).

    Attributes:
        id: Unique in the policy.
        when: Whose ladder it is, by tier, type, stage or any fact; everybody's without it. Unknown means undecided (CRI-2).
        rungs: What is to be done when; one of each action at most. Their order does not matter.
        channels: By which channels a touchpoint counts as contact; any without them.
        counts: Which touchpoints count; see `relcare.facts.DEFAULT_COUNTS` (CAD-2).
        reaches: Roles at the client, one of which must have been reached; anybody without it.
        protect: What holds rungs back.
        source: Where the firm says so.

    Raises:
        InvalidValueError: If the parts do not fit together.

    Examples:
        >>> ladder = NeglectLadder(id="all", rungs=[Rung("3 days", "warn"), Rung("7 days", "release")])
        >>> [rung.action for rung in ladder.rungs]
        ['warn', 'release']

    Source: CAD-15.
    """

    id: str
    when: Criterion | None = None
    rungs: tuple[Rung, ...] = attrs.field(converter=_to_rungs)
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    counts: Criterion | None = None
    reaches: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    protect: tuple[Protection, ...] = attrs.field(default=(), converter=to_protections)
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_criteria(when=self.when, counts=self.counts)
        check_optional_text("source", self.source)
        for name, texts in (("channels", self.channels), ("reaches", self.reaches)):
            check_tuple_of(name, texts, str)
            for index, text in enumerate(texts):
                check_text(f"{name}[{index}]", text)
        check_tuple_of("rungs", self.rungs, Rung)
        if not self.rungs:
            raise InvalidValueError("rungs", (), "must have a rung", 'write rungs = [{ after = "30 days", action = "warn" }]')
        for index, rung in enumerate(self.rungs):
            if any(other.action == rung.action for other in self.rungs[:index]):
                raise InvalidValueError(f"rungs[{index}].action", rung.action, "must come once: another rung has it")
        check_protections(self.protect)


def ladder_problems(ladder: NeglectLadder, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a ladder.

    Args:
        ladder: The ladder.
        vocabulary: All facts that a cadence rule may use.
    """
    yield from criterion_problems(("when",), ladder.when, vocabulary)
    yield from criterion_problems(("counts",), ladder.counts, EVENT_VOCABULARY)
    for index, protection in enumerate(ladder.protect):
        for problem in protection_problems(protection, vocabulary):
            yield attrs.evolve(problem, path=("protect", index, *problem.path))
