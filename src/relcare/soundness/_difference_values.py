"""What a comparison of two policies comes to."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final, Literal

import attrs

from relcare.errors import InvalidValueError
from relcare.policy import Criterion
from relcare.soundness._findings import Witness

__all__ = [
    "ChangedRegion",
    "DeclaredChange",
    "Direction",
    "PlaceFlow",
    "PolicyDifference",
    "Room",
    "RuleDifference",
    "ShareDifference",
    "Standing",
    "StandingKind",
    "direction_of",
    "joint_direction",
    "written",
]

Direction = Literal["equal", "only raises", "only lowers", "both", "other", "undecided"]
"""Which way a change goes.

`equal`: nobody is decided otherwise. `only raises`, `only lowers`, `both`: every change is from one tier to a better or a worse
one, or between `yes` and `no`. `other`: some change is neither up nor down, because somebody is or was held, comes into a scope
or leaves it, comes to a tier that has no order with the one before, or has facts that mean something else by now. `undecided`:
it could not be found out.
"""

Room = Literal["grades", "segmentation", "vip", "segments", "cadence"]
"""Where a rule stands that is compared."""

StandingKind = Literal["tier", "kept", "held", "outside", "inside", "yes", "no", "unknown", "grade", "ungraded"]

_WORDS: Final = {"inside": "in scope", "outside": "out of scope", "ungraded": "no grade"}


@attrs.frozen
class Standing:
    """What a rule set makes of a client.

    Attributes:
        kind: `tier` for a tier; `kept` where facts are missing, so that the tier in force stays, and without one the newcomer's
            (SEG-8); `held` where no tier can be had; `outside` and `inside` a scheme's scope; `yes`, `no` or `unknown` for a VIP
            programme and for whether a cadence rule applies; `grade` for a grade, and `ungraded` for who has none, in counts over
            columns.
        tier: The tier; of `kept` the newcomer's, or None; the number of a `grade`; None for all other kinds.
    """

    kind: StandingKind
    tier: str | None = None

    def __str__(self) -> str:
        if self.kind == "kept":
            return f"kept, else {self.tier or 'held'}"
        return self.tier or _WORDS.get(self.kind, self.kind)


def written(value: object) -> str:
    """A value as documents write it; the parts of a criterion that holds a text which the grammar has no way to write."""
    try:
        return str(value)
    except InvalidValueError:
        return repr(value)


@attrs.frozen(kw_only=True)
class ChangedRegion:
    """Clients who are decided otherwise, all alike.

    Attributes:
        before: What the old policy makes of them.
        after: What the new one does.
        when: Who they are: true exactly for them; None for everybody.
        witnesses: One of them as the old and as the new policy decide it: both were asked again.
        computed: Facts of `when` that are computed from others (`ratio`, `difference`). Their values do not vary freely, so that
            there may be no such client at all.
    """

    before: Standing
    after: Standing
    when: Criterion | None
    witnesses: tuple[Witness, Witness]
    computed: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """Who they are, as documents write it; None for everybody."""
        return None if self.when is None else written(self.when)


@attrs.frozen
class PlaceFlow:
    """Places of a ranking that go from one tier to another.

    Attributes:
        before: The tier they were in.
        after: The tier they are in.
        places: How many of 100.
    """

    before: str
    after: str
    places: Fraction


@attrs.frozen(kw_only=True)
class ShareDifference:
    """Changed shares: which places of 100 go where, and who pays.

    Attributes:
        flows: From tier to tier, from the best place down; places that stay are left out.
        sizes: Each tier with its places of 100 before and after, best first, tiers of the old policy alone last.
    """

    flows: tuple[PlaceFlow, ...]
    sizes: tuple[tuple[str, Fraction, Fraction], ...]

    @property
    def payers(self) -> tuple[tuple[str, Fraction], ...]:
        """The tiers that shrink, each with how many places of 100 it loses."""
        return tuple((tier, before - after) for tier, before, after in self.sizes if after < before)

    @property
    def gainers(self) -> tuple[tuple[str, Fraction], ...]:
        """The tiers that grow, each with how many places of 100 it gains."""
        return tuple((tier, after - before) for tier, before, after in self.sizes if after > before)


@attrs.frozen(kw_only=True)
class RuleDifference:
    """One grade, scheme, programme, segment or cadence rule that both policies have, compared.

    Attributes:
        room: `grades`, `segmentation`, `vip`, `segments` or `cadence`.
        id: Its id.
        regions: Whose decision changes while their facts stay the same; empty when nobody's does.
        direction: Which way. For a cadence rule "raises" means that it applies where it did not, for a segment that it has
            members whom it had not. It is `other` where a fact that is read changes its own meaning, or `by_rank` names anything.
        affected_by: Facts it reads that the new policy declares, measures or decides otherwise, in order of name: the same client
            may have other values of them.
        shares: Of a quota whose shares changed.
        by_rank: The fields of a grade that were changed and say how clients are ranked against each other (`fact`, `parts`,
            `better`, `ties`): whom that moves depends on the book, so there are no regions of it; `compare_on` says who.
        undecided: Why it could not be found out; None where it could.
    """

    room: Room
    id: str
    regions: tuple[ChangedRegion, ...] = ()
    direction: Direction = "equal"
    affected_by: tuple[str, ...] = ()
    shares: ShareDifference | None = None
    by_rank: tuple[str, ...] = ()
    undecided: str | None = None

    @property
    def is_equal(self) -> bool:
        """Whether it decides everybody as before, other facts included."""
        return self.direction == "equal" and not self.affected_by


@attrs.frozen(kw_only=True)
class DeclaredChange:
    """One field that was written otherwise.

    Attributes:
        room: `policy`, `facts`, `grades`, `segmentation`, `cadence`, `triggers`, `neglect`, `holding`, `pool`, `permission`,
            `relationships`, `vip`, `segments`, `field_class`, `access_purpose`, `access`, `identity` or
            `retention`.
        id: Of the fact, scheme, rule, strategy type, programme, segment, class or purpose; the fields of an identity; empty for
            the policy itself.
        kind: `added`, `removed` or `changed`.
        field: Which, as a path such as `tiers.A.share`; empty when the whole was added or removed.
        before: As text; None when it was not given.
        after: As text; None when it is not given.
        can_matter: Whether a decision can change by it. Titles, sources and the like cannot; nor can criteria whose regions were
            compared, for what these change stands there.
    """

    room: str
    id: str
    kind: Literal["added", "removed", "changed"]
    field: str = ""
    before: str | None = None
    after: str | None = None
    can_matter: bool = True


@attrs.frozen(kw_only=True)
class PolicyDifference:
    """Everything in which two policies differ.

    Attributes:
        old_id: The old policy.
        old_version: Its version.
        new_id: The new policy.
        new_version: Its version.
        changes: What was written otherwise, in the order of the document; worked examples are passed over.
        schemes: Each scheme that both have, in the new order.
        programmes: Each VIP programme that both have, in the new order.
        rules: Each cadence rule that both have, in the new order.
        grades: Each grade that both have, in the new order; its regions are those of its scope.
        segments: Each segment by a criterion that both have, in the new order; its regions are those of membership.
        direction: Which way tiers and qualifications go, all together.
    """

    old_id: str
    old_version: str
    new_id: str
    new_version: str
    changes: tuple[DeclaredChange, ...]
    schemes: tuple[RuleDifference, ...]
    programmes: tuple[RuleDifference, ...]
    rules: tuple[RuleDifference, ...]
    grades: tuple[RuleDifference, ...] = ()
    segments: tuple[RuleDifference, ...] = ()
    direction: Direction

    @property
    def compared(self) -> tuple[RuleDifference, ...]:
        """Grades, schemes, programmes, segments and rules together, in the order in which they feed each other."""
        return (*self.grades, *self.schemes, *self.programmes, *self.segments, *self.rules)

    @property
    def is_equal(self) -> bool:
        """Whether both policies provably decide every client alike; what is undecided is not equal."""
        return not any(change.can_matter for change in self.changes) and all(one.is_equal for one in self.compared)


def joint_direction(directions: Iterable[Direction]) -> Direction:
    """Several directions as one: `other` whatever the rest is, then `undecided`; up and down together are `both`."""
    found = set(directions) - {"equal"}
    for absorbing in ("other", "undecided", "both"):
        if absorbing in found:
            return absorbing
    if len(found) > 1:
        return "both"
    return found.pop() if found else "equal"


def direction_of(before: Standing, after: Standing, orders: Iterable[tuple[str, ...]] = ()) -> Direction:
    """Which way one client goes.

    Args:
        before: What was decided.
        after: What is decided now.
        orders: The tiers of the old scheme and of the new one, each best first. Two tiers have an order where at least one of
            them lists both, and no two disagree.
    """
    if before == after:
        return "equal"
    if {before.kind, after.kind} == {"yes", "no"}:
        return "only raises" if after.kind == "yes" else "only lowers"
    if before.kind == after.kind == "tier":
        ways = {
            order.index(after.tier) < order.index(before.tier)
            for order in map(list[str | None], orders)
            if _lists(order, before, after)
        }
        if len(ways) == 1:
            return "only raises" if ways.pop() else "only lowers"
    return "other"


def _lists(order: list[str | None], before: Standing, after: Standing) -> bool:
    return before.tier in order and after.tier in order
