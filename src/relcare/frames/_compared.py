"""What another policy does to a book in columns: frames that have not run yet, and what is asked of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, cast, get_args

import attrs
import narwhals.stable.v2 as nw

from relcare.errors import InvalidValueError
from relcare.frames._engine import Engine, EngineName, Lazy
from relcare.soundness import Direction, Standing, direction_of, joint_direction

__all__ = ["ComparedFrames", "ContactChange", "OwedChange", "Transition"]

ContactChange = Literal["gained", "lost", "redated"]
_CHANGES: Final[tuple[ContactChange, ...]] = get_args(ContactChange)
_TRANSITION: Final = ("room", "id", "before_kind", "before", "after_kind", "after")


@attrs.frozen(kw_only=True)
class Transition:
    """How many go from where to where.

    Attributes:
        room: `segmentation`, `vip` or `segments`.
        id: The scheme, programme or segment.
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
    """

    rule_id: str
    gained: int
    lost: int
    redated: int


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
        moves: A lazy frame, not run yet, with a row for each client and scheme, programme or segment that both policies have and
            that makes something else of it: `client_id`, `room`, `id`, `before_kind` and `before` (`tier` and the tier; `held`,
            `outside`, `yes`, `no`, `unknown` and null), `before_code` (the first reason's), and the same as `after_...`.
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
    _engine: Engine = attrs.field(alias="run_by", repr=False)

    def transitions(self) -> tuple[Transition, ...]:
        """How many go from where to where, collected: by room and id, then by where they come from and go to."""
        counted = self._moves.group_by(*_TRANSITION).agg(n=nw.len()).select(*_TRANSITION, "n")
        found: list[Transition] = []
        for room, name, *cells, count in self._engine.rows(counted):
            before, after = Standing(*cells[:2]), Standing(*cells[2:])
            direction = direction_of(before, after, self._orders.get(name, ()) if room == "segmentation" else ())
            found.append(Transition(room=room, id=name, before=before, after=after, count=int(count), direction=direction))
        return tuple(sorted(found, key=lambda one: (one.room, one.id, str(one.before), str(one.after))))

    def direction(self) -> Direction:
        """Which way tiers and qualifications go, all together."""
        return joint_direction(one.direction for one in self.transitions() if one.room != "segments")

    def moved(self) -> int:
        """How many clients move in any scheme or programme, each counted once."""
        movers = self._moves.filter(nw.col("room") != "segments").select("client_id").unique()
        ((count,),) = self._engine.rows(movers.select(n=nw.len()))
        return int(count)

    def owed(self) -> tuple[OwedChange, ...]:
        """How many contacts are gained, lost and redated, collected: by rule.

        Raises:
            InvalidValueError: If cadence was not asked for.
        """
        if self.contacts is None:
            raise InvalidValueError("contacts", None, "were not compared", "ask for cadence")
        keys = ("rule_id", "change")
        counted = self._engine.opened(self.contacts).group_by(*keys).agg(n=nw.len()).select(*keys, "n")
        found: dict[str, dict[ContactChange, int]] = {}
        for rule_id, change, count in self._engine.rows(counted):
            found.setdefault(rule_id, dict.fromkeys(_CHANGES, 0))[cast("ContactChange", change)] = int(count)
        return tuple(OwedChange(rule_id=rule_id, **found[rule_id]) for rule_id in sorted(found))

    @property
    def _moves(self) -> Lazy:
        return self._engine.opened(self.moves)
