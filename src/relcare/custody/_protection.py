"""What holds a release back, as a value: an open contract, a complaint not long ago, a pin, an owner who is away (CAD-15)."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_id, check_tuple_of, to_texts, to_tuple
from relcare._time import Every
from relcare.errors import InvalidValueError, nearest
from relcare.facts import EVENT_VOCABULARY
from relcare.policy import Criterion, RuleProblem, Vocabulary, check_criteria, criterion_problems

__all__ = [
    "ACTIONS",
    "OCCASIONS",
    "Action",
    "Occasion",
    "Protection",
    "check_protections",
    "protection_problems",
    "to_protections",
    "until_problems",
]

Action = Literal["warn", "escalate", "at risk", "release"]
ACTIONS: Final[tuple[Action, ...]] = ("warn", "escalate", "at risk", "release")
"""What a rung asks for, from the mildest on."""

Occasion = Literal["touchpoints", "purchases"]
OCCASIONS: Final[tuple[Occasion, ...]] = ("touchpoints", "purchases")

_OF_PURCHASES: Final = frozenset({"category", "amount"})


def _to_during(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "during")


@attrs.frozen(kw_only=True)
class Protection:
    """What holds the rungs of a ladder back, or keeps a client in the pool from being claimed.

    It protects while all that it names holds; when a missing fact leaves that open, it protects too, and says so. It never moves
    a client, and restarts no clock: what it held back comes the day it ends.

    Attributes:
        id: Unique in its ladder.
        when: A criterion about the client: a pin, an open deal.
        event: Which events begin a cool-down; unknown does not. The latest one counts, from its own day on.
        on: What is looked at for events: `touchpoints` or `purchases`; returns and credits are no events.
        until: A date fact; through this day it protects. A missing date is unknown.
        during: How long a cool-down lasts, its first day included; or how long it protects beyond the day of `until`.
        owner_away: Whether it protects while the owner is absent and nobody stands in.
        holds: Which actions of the ladder it holds back.

    Raises:
        InvalidValueError: If the parts do not fit together.

    Examples:
        >>> from relcare.policy import criterion
        >>> str(Protection(id="complaint", event=criterion("purpose == 'complaint'"), during="30 days").during)
        '30 days'

    Source: CAD-15.
    """

    id: str
    when: Criterion | None = None
    event: Criterion | None = None
    on: Occasion = "touchpoints"
    until: str | None = None
    during: Every | None = attrs.field(default=None, converter=_to_during)
    owner_away: bool = False
    holds: tuple[str, ...] = attrs.field(default=("release",), converter=to_texts)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_criteria(when=self.when, event=self.event)
        check_choice("on", self.on, OCCASIONS)
        if self.until is not None:
            check_id("until", self.until)
        if not isinstance(self.owner_away, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("owner_away", self.owner_away, "must be true or false")
        check_tuple_of("holds", self.holds, str)
        for index, action in enumerate(self.holds):
            check_choice(f"holds[{index}]", action, ACTIONS)
        if not self.holds or len(set(self.holds)) < len(self.holds):
            raise InvalidValueError("holds", self.holds, "must name each action it holds back once, at least one")
        self._check_together()

    def _check_together(self) -> None:
        if self.when is None and self.event is None and self.until is None and not self.owner_away:
            raise InvalidValueError("when", None, "must be given", "or write event, until, or owner_away = true")
        if self.event is not None and self.until is not None:
            raise InvalidValueError("until", self.until, "must not go with an event", "write two protections")
        if self.event is not None and self.during is None:
            raise InvalidValueError("during", None, "must go with an event", 'write during = "30 days"')
        if self.during is not None and self.event is None and self.until is None:
            raise InvalidValueError("during", str(self.during), "must go with an event or a date")
        if self.on != "touchpoints" and self.event is None:
            raise InvalidValueError("on", self.on, "must go with an event")

    def holds_back(self, action: Action) -> bool:
        """Whether an action is among those that it holds back."""
        return action in self.holds


def protection_problems(protection: Protection, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a protection.

    Args:
        protection: The protection.
        vocabulary: All facts that a ladder may use.
    """
    yield from criterion_problems(("when",), protection.when, vocabulary)
    is_purchase = protection.on == "purchases"
    own = {name: kind for name, kind in EVENT_VOCABULARY.items() if (name in _OF_PURCHASES) == is_purchase}
    yield from criterion_problems(("event",), protection.event, Vocabulary(own))
    if protection.until is not None:
        yield from until_problems(("until",), protection.until, vocabulary)


def until_problems(path: tuple[str | int, ...], fact: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with the fact that says until when a client is protected."""
    if vocabulary.is_broken(fact):
        return
    kind = vocabulary.get(fact)
    if kind is None:
        near = nearest(fact, [known for known, one in vocabulary.items() if one.kind == "date"])
        yield RuleProblem(path, f"unknown fact {fact!r}", f"did you mean {near!r}?" if near else "declare a date under [facts]")
    elif kind.kind != "date":
        yield RuleProblem(path, f"{fact} is a {kind.kind}: a client is protected until a date")


def to_protections(values: Iterable[Protection]) -> tuple[Protection, ...]:
    """Protections as a tuple, see `to_tuple`."""
    return to_tuple(values)


def check_protections(protect: tuple[Protection, ...]) -> None:
    """Refuse what is no protection, and two of one id."""
    check_tuple_of("protect", protect, Protection)
    for index, protection in enumerate(protect):
        if any(other.id == protection.id for other in protect[:index]):
            raise InvalidValueError(f"protect[{index}].id", protection.id, "must be its own: another protection has it")
