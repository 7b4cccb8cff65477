"""Two policies over one book in columns: whom the new one moves, and what is owed otherwise."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.frames._compare_rooms import OF_TIERS, ComparedRoom, pairs, rooms_of
from relcare.frames._compared import ComparedFrames, OwedSide
from relcare.frames._criteria import cases
from relcare.frames._decide import prepared
from relcare.frames._decided import DecidedFrames
from relcare.frames._engine import Engine, Lazy
from relcare.frames._frames import Frames, Opened, opened
from relcare.frames._given import check_only, check_policy
from relcare.frames._progress import Progress, silent
from relcare.frames._support import PARTS

__all__ = ["compare"]

_WHO: Final = "client_id"
_TIERED: Final = frozenset({"grades", "segmentation"})
_CONTACT: Final = (_WHO, "rule_id", "person_id", "occurrence", "last_contact_on")
_DAYS: Final = ("before_on", "after_on")


def compare(
    old: Policy,
    new: Policy,
    frames: Frames,
    *,
    as_of: date,
    only: Collection[str] | None = None,
    calendar: Calendar | None = None,
    progress: Progress = silent,
) -> ComparedFrames:
    """What another policy does to a book in columns on a day: the same as `relcare.soundness.compare_on` says of objects.

    Both policies decide the whole book anew, with the tiers in force as they are. Who qualifies, who belongs to a segment and
    what is owed is then asked as if each policy's own tiers were in force from that day on. Schemes, programmes, segments and
    rules are matched by id. Two contacts of one day are one here: what a rolling rule owes after either is the same.

    Args:
        old: The policy to come from.
        new: The policy to go to.
        frames: The book.
        as_of: A civil day in the zone of the frames, on which both policies are in force.
        only: Parts to compare, as for `decide`; what they rest on is decided with them.
        calendar: Business days; each policy's own by default.
        progress: As for `decide`.

    Raises:
        UnsupportedPolicyError: As for `decide`.
        BookDocumentError: As for `decide`.
        InvalidValueError: As for `decide`.
        PolicyError: If one of the policies is not in force on that day; it names the policy.
    """
    for policy in (old, new):
        check_policy(policy)
    check_only(only)
    given, parts = opened(frames), frozenset(PARTS if only is None else only)
    ways = (_Way(as_of, only, calendar, partial(_tell, progress, name)) for name in ("old", "new"))
    before, after = (_Side.of(policy, given, way) for policy, way in zip((old, new), ways, strict=True))
    progress("moves")
    comparison = _Comparison(old=old, new=new, before=before, after=after, parts=parts, engine=given.engine)
    contacts = comparison.contacts()
    return ComparedFrames(
        old_id=old.id,
        old_version=old.version,
        new_id=new.id,
        new_version=new.version,
        as_of=after.then.as_of,
        engine=given.engine.name,
        clients=after.then.count(),
        moves=comparison.moves().to_native(),
        contacts=None if contacts is None else contacts.to_native(),
        orders={scheme.id: [one.tier_ids, scheme.tier_ids] for one, scheme in pairs(old.segmentation, new.segmentation)},
        sides=(before.owed(old), after.owed(new)),
        run_by=given.engine,
    )


@attrs.frozen(eq=False)
class _Way:
    """How a policy is asked: when, about which parts, with which business days, and who is told how far it is."""

    as_of: date
    only: Collection[str] | None
    calendar: Calendar | None
    told: Progress


@attrs.frozen(kw_only=True, eq=False)
class _Side:
    """What one policy says.

    Attributes:
        reviewed: With the tiers in force as they are.
        then: With its own tiers in force from the day on; the same where none were in force.
    """

    reviewed: DecidedFrames
    then: DecidedFrames

    @classmethod
    def of(cls, policy: Policy, given: Opened, way: "_Way") -> "_Side":
        run, day = prepared(policy, way.as_of, given.zone, way.only)
        run.told = way.told
        if not run.schemes or run.parts <= _TIERED or not _has_tiers(given):
            found = run.decided(given, day, way.calendar)
            return cls(reviewed=found, then=found)
        review, _ = prepared(policy, way.as_of, given.zone, run.parts & _TIERED)
        review.told = way.told
        reviewed = review.decided(given, day, way.calendar)
        tiers = _in_force(policy, reviewed, given.engine, day)
        then = attrs.evolve(given, tables={**given.tables, "tiers": tiers})
        return cls(reviewed=reviewed, then=run.decided(then, day, way.calendar))

    def owed(self, policy: Policy) -> OwedSide:
        """What is owed, with what its rules say of it."""
        rules: list[CadenceRule | Trigger] = [*policy.cadence, *policy.triggers]
        return OwedSide(
            obligations=self.then.obligations,
            undecided=self.then.undecided,
            roles={rule.id: rule.role for rule in rules},
            minutes={rule.id: rule.minutes or 0 for rule in rules},
        )


def _tell(progress: Progress, name: str, step: str) -> None:
    progress(f"{name} policy: {step}")


def _has_tiers(given: Opened) -> bool:
    """Whether any tier was ever in force."""
    tiers = given.tables.get("tiers")
    return tiers is not None and given.engine.rows(tiers.select(n=nw.len()))[0][0] > 0


def _in_force(policy: Policy, reviewed: DecidedFrames, engine: Engine, day: date) -> Lazy:
    """The tiers that were decided, as a table of those in force from the day on."""
    clients = engine.opened(reviewed.clients)
    parts = [
        engine.picked(clients, {_WHO: _WHO, "tier": f"scheme.{scheme.id}.tier"}).with_columns(scheme_id=nw.lit(scheme.id))
        for scheme in policy.segmentation
    ]
    found = nw.concat(parts, how="vertical").filter(~nw.col("tier").is_null())
    return engine.settled(found.with_columns(start_on=nw.lit(day)))


@attrs.frozen(kw_only=True, eq=False)
class _Comparison:
    old: Policy
    new: Policy
    before: _Side
    after: _Side
    parts: frozenset[str]
    engine: Engine

    # -------------------------------------------------------------------------------------------------------------- moves

    def moves(self) -> Lazy:
        """Who is somewhere else, room by room, one under the other."""
        rooms = list(rooms_of(self.old, self.new, self.parts))
        if not rooms:
            return self._no_moves()
        both = self._said(rooms, "before", self.before).join(self._said(rooms, "after", self.after), on=_WHO, how="inner")
        return nw.concat([self._moved(room, both) for room in rooms], how="vertical")

    def _said(self, rooms: Sequence[ComparedRoom], word: str, side: _Side) -> Lazy:
        """What one policy says of each client in each room, worked out once."""
        tiers = [one for one in rooms if one.room in OF_TIERS]
        others = [one for one in rooms if one.room not in OF_TIERS]
        frames = [
            self.engine.picked(
                self.engine.opened(decided.clients),
                {_WHO: _WHO} | {one.column(word, what): old for one in some for what, old in one.columns(word).items()},
            )
            for decided, some in ((side.reviewed, tiers), (side.then, others))
            if some
        ]
        first, *more = frames
        for frame in more:
            first = first.join(frame, on=_WHO, how="inner")
        return self.engine.settled(first)

    def _moved(self, one: ComparedRoom, both: Lazy) -> Lazy:
        """Who is somewhere else in one scheme, programme or segment."""
        is_moved = one.seat("before") != one.seat("after")
        if one.has_cells:
            both = both.join(self._in_other_cells(one.id), on=_WHO, how="left")
            is_moved = is_moved | ~nw.col("is_elsewhere").is_null()
        sides = {name: value for word in ("before", "after") for name, value in one.shown(word).items()}
        return both.filter(is_moved).select(_WHO, room=nw.lit(one.room), id=nw.lit(one.id), **sides)

    def _in_other_cells(self, name: str) -> Lazy:
        """Who is in a cell of a segment under one policy alone."""
        sides: list[Lazy] = []
        for side in (self.before, self.after):
            if side.then.cells is not None:
                cells = self.engine.opened(side.then.cells)
                sides.append(cells.filter(nw.col("segment_id") == name).select(_WHO, "cell"))
        counted = nw.concat(sides, how="vertical").group_by(_WHO, "cell").agg(n=nw.len())
        alone = self.engine.distinct(counted.filter(nw.col("n") == 1).select(_WHO))
        return alone.with_columns(is_elsewhere=nw.lit(value=True))

    def _no_moves(self) -> Lazy:
        """The frame of moves where the policies have nothing in common."""
        nobody = self.engine.picked(self.engine.opened(self.after.then.clients), {_WHO: _WHO}).filter(nw.col(_WHO).is_null())
        names = ("room", "id", "before_kind", "before", "before_code", "after_kind", "after", "after_code")
        return nobody.with_columns(**{name: nw.lit(None, dtype=nw.String()) for name in names})

    # ----------------------------------------------------------------------------------------------------------- contacts

    def contacts(self) -> Lazy | None:
        """What is owed otherwise; None where cadence was not asked for, or neither policy has any."""
        sides: list[Lazy] = []
        for word, side in zip(_DAYS, (self.before, self.after), strict=True):
            if "cadence" in self.parts and side.then.obligations is not None:
                owed = self.engine.opened(side.then.obligations)
                there = {word: nw.col("due_on"), **{name: nw.lit(None, dtype=nw.Date()) for name in _DAYS if name != word}}
                is_rolling = nw.col("occurrence").is_null()
                last = nw.when(is_rolling).then(nw.col("last_contact_on"))
                sides.append(owed.with_columns(last_contact_on=last, **there).select(*_CONTACT, *_DAYS))
        if not sides:
            return None
        days = {name: nw.col(name).max() for name in _DAYS}
        found = nw.concat(sides, how="vertical").group_by(*_CONTACT).agg(**days).select(*_CONTACT, *_DAYS)
        is_gained, is_lost = nw.col("before_on").is_null(), nw.col("after_on").is_null()
        is_redated = nw.col("before_on") != nw.col("after_on")
        change = cases([(is_gained, nw.lit("gained")), (is_lost, nw.lit("lost")), (is_redated, nw.lit("redated"))])
        return found.with_columns(change=change).filter(~nw.col("change").is_null())
