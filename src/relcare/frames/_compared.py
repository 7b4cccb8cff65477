"""What another policy does to a book in columns: frames that have not run yet, and what is asked of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal, cast, get_args

import attrs
import narwhals.stable.v2 as nw

from relcare.errors import InvalidValueError
from relcare.frames._engine import Engine, EngineName, Lazy
from relcare.soundness import Direction, Standing, direction_of, joint_direction
from relcare.soundness._difference_workload import minutes_in_four_weeks

__all__ = ["BESIDE", "ComparedFrames", "ContactChange", "OwedChange", "OwedSide", "RoleChange", "Transition"]

ContactChange = Literal["gained", "lost", "redated"]
_CHANGES: Final[tuple[ContactChange, ...]] = get_args(ContactChange)
BESIDE: Final = frozenset({"grades", "wanted", "settled", "segments"})
"""The rooms beside the moves: what is there decides nothing by itself, or has no better and worse, or is not decided yet."""
_OF_SCHEMES: Final = frozenset({"segmentation", "wanted", "settled"})
_TRANSITION: Final = ("room", "id", "before_kind", "before", "after_kind", "after")


@attrs.frozen(kw_only=True)
class Transition:
    """How many go from where to where.

    Attributes:
        room: `grades`, `segmentation`, `vip` or `segments`; of a scheme that keeps clients in their tiers under either policy
            also `settled`, where a review on the day would leave them, and `wanted`, what later ones would be confirmed by
            (SEG-9).
        id: The grade, scheme, programme or segment.
        before: What the old policy makes of them.
        after: What the new one does; of a segment by a product the same where they are in other cells of it.
        count: How many clients.
        direction: Which way.
    """

    room: str
    id: str
    before: Standing
    after: Standing
    count: int
    direction: Direction


@attrs.frozen(kw_only=True)
class OwedChange:
    """What is owed otherwise under one rule.

    Attributes:
        rule_id: The rule.
        gained: How many contacts are owed under the new policy alone.
        lost: How many are owed under the old policy alone.
        redated: How many both owe, on different days.
        gained_minutes: How long those take that are gained, by the new policy; 0 where it does not say.
        lost_minutes: How long those take that are lost, by the old policy; likewise.
    """

    rule_id: str
    gained: int
    lost: int
    redated: int
    gained_minutes: int
    lost_minutes: int


@attrs.frozen(kw_only=True)
class RoleChange:
    """How much work of a role there is under either policy, if every contact is kept on time.

    Attributes:
        role: As the rules name it.
        before: Minutes in four weeks under the old policy, exactly.
        after: The same under the new one.
    """

    role: str
    before: Fraction
    after: Fraction


@attrs.frozen(kw_only=True, eq=False)
class OwedSide:
    """What is owed under one policy.

    Attributes:
        obligations: A frame of the engine, as in `DecidedFrames`; None where there is no cadence.
        undecided: Likewise.
        roles: The role of each rule.
        minutes: How long a contact of each rule takes; 0 where the policy does not say.
    """

    obligations: Any
    undecided: Any
    roles: Mapping[str, str]
    minutes: Mapping[str, int]

    def workload(self, engine: Engine) -> Mapping[str, Fraction]:
        """Minutes in four weeks by role, as `relcare.soundness.workload_of` says of objects."""
        found: dict[str, Fraction] = {}
        if self.obligations is None:
            return found
        # However many occurrences of a rule a client owes, the rule asks for so much in four weeks.
        owed = (
            engine.opened(self.obligations).group_by("client_id", "rule_id", "person_id").agg(interval=nw.col("interval").max())
        )
        counted = owed.group_by("rule_id", "interval").agg(n=nw.len()).select("rule_id", "interval", "n")
        for rule_id, interval, count in engine.rows(counted):
            if self.minutes[rule_id]:
                share = int(count) * minutes_in_four_weeks(self.minutes[rule_id], interval)
                found[self.roles[rule_id]] = found.get(self.roles[rule_id], Fraction(0)) + share
        return found

    def open_rules(self, engine: Engine) -> int:
        """How many rules are undecided, each counted for each client."""
        if self.undecided is None:
            return 0
        ((count,),) = engine.rows(engine.opened(self.undecided).select(n=nw.len()))
        return int(count)


@attrs.frozen(kw_only=True, eq=False)
class ComparedFrames:
    """What another policy does to a book in columns.

    Attributes:
        old_id: The old policy.
        old_version: Its version.
        new_id: The new policy.
        new_version: Its version.
        as_of: The civil day.
        engine: Whose the frames are, as in `DecidedFrames`.
        clients: How many were asked about.
        moves: A lazy frame, not run yet, with a row for each client and grade, scheme, programme or segment that both policies
            have and that makes something else of it: `client_id`, `room` (see `Transition`), `id`, `before_kind` and `before`
            (`tier` and the tier, `grade` and its number; `held`, `outside`, `ungraded`, `yes`, `no`, `unknown` and null),
            `before_code` (the first reason's; of `settled` all of `settled_codes`, where there are any), and the same as
            `after_...`.
        contacts: Likewise, a row for each contact that is owed otherwise: `client_id`, `rule_id`, `person_id`, `occurrence` (as
            in `DecidedFrames.obligations`), `last_contact_on` (of a rolling rule, which owes anew after each contact),
            `before_on` and `after_on`, when it is due under each policy, and `change`: `gained`, `lost` or `redated`. None where
            cadence was not asked for, or neither policy has any.
    """

    old_id: str
    old_version: str
    new_id: str
    new_version: str
    as_of: date
    engine: EngineName
    clients: int
    moves: Any
    contacts: Any = None
    _orders: Mapping[str, Sequence[tuple[str, ...]]] = attrs.field(alias="orders", repr=False)
    _sides: tuple[OwedSide, OwedSide] = attrs.field(alias="sides", repr=False)
    _engine: Engine = attrs.field(alias="run_by", repr=False)

    def transitions(self) -> tuple[Transition, ...]:
        """How many go from where to where, collected: by room and id, then by where they come from and go to."""
        counted = self._moves.group_by(*_TRANSITION).agg(n=nw.len()).select(*_TRANSITION, "n")
        found: list[Transition] = []
        for room, name, *cells, count in self._engine.rows(counted):
            before, after = Standing(*cells[:2]), Standing(*cells[2:])
            direction = direction_of(before, after, self._orders.get(name, ()) if room in _OF_SCHEMES else ())
            found.append(Transition(room=room, id=name, before=before, after=after, count=int(count), direction=direction))
        return tuple(sorted(found, key=lambda one: (one.room, one.id, _in_order(one.before), _in_order(one.after))))

    def direction(self) -> Direction:
        """Which way tiers and qualifications go, all together."""
        return joint_direction(one.direction for one in self.transitions() if one.room not in BESIDE)

    def moved(self) -> int:
        """How many clients move in any scheme or programme, each counted once."""
        return self.moved_in("segmentation", "vip")

    def moved_in(self, *rooms: str) -> int:
        """How many clients are elsewhere in any of some rooms, each counted once.

        Args:
            rooms: See `Transition`.
        """
        movers = self._engine.distinct(self._moves.filter(nw.col("room").is_in(rooms)).select("client_id"))
        ((count,),) = self._engine.rows(movers.select(n=nw.len()))
        return int(count)

    def owed(self) -> tuple[OwedChange, ...]:
        """How many contacts are gained, lost and redated, collected: by rule.

        Raises:
            InvalidValueError: If cadence was not asked for.
        """
        self._check_owed()
        keys = ("rule_id", "change")
        counted = self._engine.opened(self.contacts).group_by(*keys).agg(n=nw.len()).select(*keys, "n")
        found: dict[str, dict[ContactChange, int]] = {}
        for rule_id, change, count in self._engine.rows(counted):
            found.setdefault(rule_id, dict.fromkeys(_CHANGES, 0))[cast("ContactChange", change)] = int(count)
        before, after = (side.minutes for side in self._sides)
        return tuple(
            OwedChange(
                rule_id=rule_id,
                **counts,
                gained_minutes=counts["gained"] * after.get(rule_id, 0),
                lost_minutes=counts["lost"] * before.get(rule_id, 0),
            )
            for rule_id, counts in sorted(found.items())
        )

    def workload(self) -> tuple[RoleChange, ...]:
        """How much work both policies make, collected: by role, as `relcare.soundness.compare_on` says it.

        Raises:
            InvalidValueError: If cadence was not asked for.
        """
        self._check_owed()
        before, after = (side.workload(self._engine) for side in self._sides)
        nothing = Fraction(0)
        return tuple(
            RoleChange(role=role, before=before.get(role, nothing), after=after.get(role, nothing))
            for role in sorted({*before, *after})
        )

    def undecided(self) -> tuple[int, int]:
        """How many rules are undecided under the old and under the new policy, collected; they are in no workload.

        Raises:
            InvalidValueError: If cadence was not asked for.
        """
        self._check_owed()
        before, after = (side.open_rules(self._engine) for side in self._sides)
        return before, after

    def _check_owed(self) -> None:
        if self.contacts is None:
            raise InvalidValueError("contacts", None, "were not compared", "ask for cadence")

    @property
    def _moves(self) -> Lazy:
        return self._engine.opened(self.moves)


def _in_order(standing: Standing) -> tuple[bool, int, str]:
    """Grades by their numbers, before all that is no number."""
    number = int(standing.tier or 0) if standing.kind == "grade" else 0
    return (not number, number, str(standing))
