"""Why a decision came out as it did and what would change it, as values (SEG-12, CRI-3)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeVar

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import UnknownRecordError, nearest
from relcare.model import FactValue, Pin
from relcare.policy import Criterion, FactKind

__all__ = ["Change", "ClientJustification", "DecisionState", "Justification", "Lever", "Placement", "Way"]

FoundT = TypeVar("FoundT")

DecisionState = Literal["decided", "no match", "conflict", "undecided", "out of scope"]
"""How a decision ended: with an outcome, or why without one; `undecided` is for want of facts."""


@attrs.frozen(kw_only=True)
class Change:
    """The smallest change of one fact, all else as it stands, that leads to another outcome.

    Attributes:
        fact: Which.
        now: Its value; None is missing.
        becomes: The nearest value with the other outcome. For a text, `anything else` stands for any that no criterion names.
        last: The value next to it on the near side, one grain, level or day away: the last without that outcome. The present
            value of facts without an order, None where the fact is missing.
        is_rise: Whether the fact must become more (a higher level, a later day); None where there is no more and less, or
            where it is missing.
        distance: From `now` to `becomes`, in the fact's unit: an amount, levels, days, members of a set; None for facts without a
            distance and where it is missing.
        margin: From `now` to `last`, in the same unit; None for facts without an order.
        outcome: The tier, or `yes` or `no`, that follows; None when none does.
        state: How the decision ends then.
    """

    fact: str
    now: FactValue
    becomes: FactValue
    last: FactValue
    is_rise: bool | None
    distance: Decimal | None
    margin: Decimal | None
    outcome: str | None
    state: DecisionState


@attrs.frozen(kw_only=True)
class Lever:
    """What one fact contributes to a decision, and what it could do by itself.

    Attributes:
        fact: Which.
        kind: What sort of value it has.
        value: The value that it has; None is missing.
        is_needed: Whether it belongs to the sufficient reason.
        points: What it adds to the score of a quota; None elsewhere, and where a missing fact has no points.
        up: The smallest change to a better outcome.
        best: The smallest change to the best outcome that this fact can reach; equal to `up` where that is the next.
        fall: The smallest change with which the outcome no longer stands; its `last` still holds, and its `margin` is what there
            is to lose.
        computed_from: The facts that this one is computed from: it cannot be changed by itself, and no change is offered.
        feeds: Facts of the same decision that are computed from this one: it cannot be changed without them, and no change is
            offered.
    """

    fact: str
    kind: FactKind
    value: FactValue
    is_needed: bool
    points: Decimal | None = None
    up: Change | None = None
    best: Change | None = None
    fall: Change | None = None
    computed_from: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Way:
    """Values of missing facts that would settle an open decision, all else as it stands.

    Attributes:
        when: Which facts, and which values of them: true exactly for those. Missing facts that are not named may stay missing.
        outcome: The tier, or `yes` or `no`, that follows; None when none does.
        state: How the decision ends then.
    """

    when: Criterion
    outcome: str | None
    state: DecisionState


@attrs.frozen(kw_only=True)
class Placement:
    """Where a client stands in a ranking, and how far from the borders, the others staying as they are.

    Borders are the client's own: with ties by id, a client with a low id stays with a score that one with a high id falls with.

    Attributes:
        score: Its score.
        rank: From 1.
        count: How many are ranked.
        holds_from: The lowest score with which it still has its tier; None when it cannot fall.
        spare_points: How much of its score it can lose and still hold.
        spare_places: How many others may pass it.
        next_tier: The next better tier that it can reach at all; None in the best one.
        reached_from: The lowest score with which it would have that tier.
        lacking_points: How much is lacking.
        lacking_places: How many others it would have to pass.
    """

    score: Decimal
    rank: int
    count: int
    holds_from: Decimal | None = None
    spare_points: Decimal | None = None
    spare_places: int | None = None
    next_tier: str | None = None
    reached_from: Decimal | None = None
    lacking_points: Decimal | None = None
    lacking_places: int | None = None


@attrs.frozen(kw_only=True)
class Justification:
    """Why one decision came out as it did, and what would change it.

    Attributes:
        outcome: The tier, or `yes` or `no`; None when none was decided, also where a tier is kept or given as to a newcomer.
        state: How the decision ended.
        sufficient: The sufficient reason: facts whose values alone force this outcome, whatever the others are, missing included
            where a fact may be missing. Irreducible: without any one of them the outcome can differ. Facts named first by the
            tiers (then by the scope) are kept first. In a quota the other clients stay as they are. None when it was given up.
        levers: Every fact of the decision, in that order.
        missing: The facts for want of which it is undecided, in order of name.
        ways: What values of missing facts would settle it, best outcome first; for a quota that lacks several facts, the values
            that make the most points and those that make the fewest.
        placement: Of a ranked client whose rank decides; none while a pin does.
        given_up: Why there is no sufficient reason, or no way, though there may be; None when nothing was given up.
        pin: Whoever's word holds the client in a tier of the scheme on the day; all of the above is under it. Under an exact one
            nothing but the scheme's scope can move the client; a floor is left upwards alone (SEG-10).
        without_pin: The tier that the facts alone come to; None without a pin, and where they come to none.
    """

    outcome: str | None
    state: DecisionState
    sufficient: tuple[str, ...] | None
    levers: tuple[Lever, ...]
    missing: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    placement: Placement | None = None
    given_up: str | None = None
    pin: Pin | None = None
    without_pin: str | None = None

    def lever(self, fact: str) -> Lever:
        """What one fact could do.

        Raises:
            UnknownRecordError: If the decision does not ask for it.
        """
        return _found("fact", fact, {lever.fact: lever for lever in self.levers})

    @property
    def is_by_pin(self) -> bool:
        """Whether the pin decides: an exact one does within the scheme, a floor where the facts alone come to no better tier."""
        if self.pin is None or self.state != "decided":
            return False
        return self.pin.kind == "exact" or self.outcome == self.pin.tier != self.without_pin

    @property
    def is_opaque(self) -> bool:
        """Whether the outcome rests on computed facts alone, so that nothing can be said about a single change."""
        computed = {lever.fact for lever in self.levers if lever.computed_from}
        return bool(self.sufficient) and computed.issuperset(self.sufficient or ())


def _to_justifications(value: Mapping[str, Justification]) -> Mapping[str, Justification]:
    return ReadOnlyMap(value)


@attrs.frozen
class ClientJustification:
    """Every decision about one client, justified.

    Attributes:
        tiers: By scheme, in the order of the policy. From facts alone only those that facts alone decide.
        vip: By programme, in the order of the policy.
    """

    tiers: Mapping[str, Justification] = attrs.field(converter=_to_justifications)
    vip: Mapping[str, Justification] = attrs.field(converter=_to_justifications)

    def tier(self, scheme_id: str) -> Justification:
        """Why the client has its tier in a scheme.

        Raises:
            UnknownRecordError: If the scheme decided nothing about it: there is none of that name, or it is a quota, which needs
                the result of a book.
        """
        return _found("scheme", scheme_id, self.tiers)

    def programme(self, programme_id: str) -> Justification:
        """Why the client qualifies for a programme or does not.

        Raises:
            UnknownRecordError: If there is no such programme.
        """
        return _found("programme", programme_id, self.vip)


def _found(kind: str, name: str, known: Mapping[str, FoundT]) -> FoundT:
    if name in known:
        return known[name]
    near = nearest(name, known)
    raise UnknownRecordError(kind, name, f"did you mean {near!r}?" if near else None)
