"""Whether clients have had enough of us on a day: caps, gaps, rotations and stops, each over the days that matter (CAD-10)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare._time import Every
from relcare.frames._criteria import Expr, any_true, is_true
from relcare.frames._engine import Lazy
from relcare.frames._local_days import LOCAL, ClientZones
from relcare.frames._order import order_of
from relcare.frames._reader import CLIENT
from relcare.permission import Cap, PermissionRules, Rotation, Stop

__all__ = ["FatigueColumns", "Question", "first_day_that_matters", "first_day_within"]

_LONG: Final = 200_000
"""More days than any calendar here has."""

Question = tuple[int, str, str | None]
"""A rule or trigger by its place, its channel and its purpose."""


def first_day_within(length: Every | None, day: int) -> int | None:
    """The first day on which what lasts so long, if it begins then, is not over yet on another day; None where it never is."""
    if length is None:
        return None
    high = 1
    while length.after(day - high) > day:
        high *= 2
        if high > _LONG:
            return None
    low = high // 2
    while high - low > 1:
        half = (low + high) // 2
        low, high = (half, high) if length.after(day - half) > day else (low, half)
    return day - low


def first_day_that_matters(rules: PermissionRules, day: int) -> int | None:
    """The first day whose touchpoints say whether clients have had enough on another day; None where all of them do."""
    days = [cap.per.days_around(day)[0] for cap in rules.caps]
    days += [day - gap.minimum.count + 1 for gap in rules.gaps]
    lapsing = [first_day_within(rotation.within, day) for rotation in rules.rotations]
    lapsing += [first_day_within(stop.pause, day) if stop.after == 1 else None for stop in rules.stops]
    return None if None in lapsing else min([*days, *(first for first in lapsing if first is not None)], default=day)


@attrs.frozen(kw_only=True, eq=False)
class FatigueColumns:
    """The rules against too many contacts, over rows of what is owed.

    Attributes:
        rules: All rules.
        asking: What is asked, without what clients asked for themselves.
        zones: Where clients are.
        consents: What they said, of all days; None for nothing.
        as_of: The day, an ordinal.
    """

    rules: PermissionRules
    asking: Sequence[Question]
    zones: ClientZones
    consents: Lazy | None
    as_of: int

    def joined_to(self, frame: Lazy, owed: Lazy) -> Lazy:
        """The frame with `is_tired`: whether any of these rules keeps a contact from being made all day.

        Args:
            frame: What is owed: `cid`, `rule`, `person` (empty for nobody).
            owed: The same rows with `cid`, `rule`, `person_id` and `earliest`; they are asked once more.
        """
        frame, stopped = self._with_stops(frame, owed)
        frame, counted = self._with_counts(frame)
        frame, running = self._with_rotations(frame)
        return frame.with_columns(is_tired=any_true([*counted, *running, *stopped]))

    # ---------------------------------------------------------------------------------------------------- what is about what

    def _places(self, path: str) -> list[int]:
        """What a rule of permission is about."""
        return [
            place
            for place, channel, purpose in self.asking
            if any(active.path == path for active in self.rules.rules_for(channel, purpose))
        ]

    def _about(self, path: str) -> Expr:
        return any_true([nw.col("rule") == place for place in self._places(path)])

    def _used(self, name: str, several: Iterable[object]) -> list[int]:
        return [at for at, _ in enumerate(several) if self._places(f"{name}[{at}]")]

    def _ours(self) -> Expr:
        """Whether a touchpoint is a contact of ours that counts."""
        rules = self.rules
        is_note = is_true(any_true([nw.col("channel") == channel for channel in rules.not_contact]))
        is_left_out = is_true(any_true([nw.col("purpose") == purpose for purpose in rules.uncounted]))
        return (nw.col("direction") == "outgoing") & ~is_note & ~is_left_out

    def _counted(self, channels: Sequence[str], purposes: str) -> Expr:
        """Whether a touchpoint counts for a cap or a gap."""
        found = self._ours() & _on(channels)
        if purposes == "every":
            return found
        served = (*self.rules.service, *self.rules.requested)
        return found & ~is_true(any_true([nw.col("purpose") == purpose for purpose in served]))

    # ----------------------------------------------------------------------------------------------------------- caps and gaps

    def _with_counts(self, frame: Lazy) -> tuple[Lazy, list[Expr]]:
        """Caps and gaps, in one pass over the days of the longest of them."""
        caps = {at: self.rules.caps[at] for at in self._used("caps", self.rules.caps)}
        gaps = {at: self.rules.gaps[at] for at in self._used("gaps", self.rules.gaps)}
        if not caps and not gaps:
            return frame, []
        firsts = {f"cap {at}": cap.per.days_around(self.as_of)[0] for at, cap in caps.items()}
        firsts |= {f"gap {at}": self.as_of - gap.minimum.count + 1 for at, gap in gaps.items()}
        counted = {f"cap {at}": self._counted(cap.channels, cap.purposes) for at, cap in caps.items()}
        counted |= {f"gap {at}": self._counted(gap.channels, gap.purposes) for at, gap in gaps.items()}
        events = self.zones.touchpoints(min(firsts.values()))
        is_in = {name: is_true(counts & (nw.col(LOCAL) >= firsts[name])).cast(nw.Int64()) for name, counts in counted.items()}
        totals = events.select(CLIENT, **is_in).group_by(CLIENT).agg(*(nw.col(name).sum().cast(nw.Int64()) for name in is_in))
        frame = frame.join(totals, on=CLIENT, how="left")
        closed = [self._about(f"caps[{at}]") & _reached(f"cap {at}", cap) for at, cap in caps.items()]
        return frame, closed + [self._about(f"gaps[{at}]") & is_true(nw.col(f"gap {at}") > 0) for at in gaps]

    # --------------------------------------------------------------------------------------------------------------- rotations

    def _with_rotations(self, frame: Lazy) -> tuple[Lazy, list[Expr]]:
        closed: list[Expr] = []
        for at in self._used("rotations", self.rules.rotations):
            asked = {place: channel for place, channel, _ in self.asking if place in self._places(f"rotations[{at}]")}
            for number, channel in enumerate(dict.fromkeys(asked.values())):
                name = f"run {at} {number}"
                frame = frame.join(self._runs(self.rules.rotations[at], channel, name), on=CLIENT, how="left")
                about = any_true([nw.col("rule") == place for place, other in asked.items() if other == channel])
                closed.append(about & is_true(nw.col(name) >= self.rules.rotations[at].most))
        return frame, closed

    def _runs(self, rotation: Rotation, channel: str, name: str) -> Lazy:
        """How many contacts running were made by a channel, of those that are remembered.

        What is not remembered can be left out: it is older than the rest, and a run that needs it is forgotten.
        """
        events = self.zones.touchpoints(first_day_within(rotation.within, self.as_of)).filter(self._ours())
        # A mere day may have been the end of that day: it comes behind the instants of it.
        events = events.select(CLIENT, "tid", "channel", order=order_of(LOCAL, is_day_last=True))
        others = events.filter(nw.col("channel") != channel)
        latest = others.group_by(CLIENT).agg(order=nw.col("order").max())
        ended = (
            others.join(latest, on=[CLIENT, "order"], how="inner")
            .group_by(CLIENT)
            .agg(ended=nw.col("order").max(), by=nw.col("tid").max())
        )
        ours = events.filter(nw.col("channel") == channel).join(ended, on=CLIENT, how="left")
        is_later = (nw.col("order") > nw.col("ended")) | ((nw.col("order") == nw.col("ended")) & (nw.col("tid") > nw.col("by")))
        running = ours.filter(nw.col("ended").is_null() | is_true(is_later))
        return running.group_by(CLIENT).agg(**{name: nw.len()}).with_columns(**{name: nw.col(name).cast(nw.Int64())})

    # ------------------------------------------------------------------------------------------------------------------- stops

    def _with_stops(self, frame: Lazy, owed: Lazy) -> tuple[Lazy, list[Expr]]:
        stops = {at: self.rules.stops[at] for at in self._used("stops", self.rules.stops)}
        if not stops:
            return frame, []
        engine, keys = self.zones.core.engine, [CLIENT, "rule", "person"]
        refused = [self._refusals(stop).with_columns(stop=nw.lit(at).cast(nw.Int64())) for at, stop in stops.items()]
        days = engine.settled(nw.concat(refused, how="vertical"))
        ((several,),) = engine.rows(days.select(n=nw.len()))
        if not several:
            return frame, []
        # Few say no: what is owed to everybody else is not looked at for it.
        begun = owed.filter(nw.col("earliest") <= self.as_of).join(days.select(CLIENT), on=CLIENT, how="semi")
        begun = engine.distinct(begun.select(CLIENT, "rule", "person_id", person=nw.col("person_id").fill_null("")))
        asked = engine.settled(self._renewed(begun))
        closed: list[Expr] = []
        for at, stop in stops.items():
            held = self._stopped(asked.filter(self._about(f"stops[{at}]")), days.filter(nw.col("stop") == at), stop)
            frame = frame.join(held.with_columns(**{f"stop {at}": nw.lit(1)}), on=keys, how="left")
            closed.append(is_true(nw.col(f"stop {at}") == 1))
        return frame, closed

    def _stopped(self, asked: Lazy, days: Lazy, stop: Stop) -> Lazy:
        """What is owed to clients who refused so often since they last consented, and for whom it has not lapsed.

        Counting starts anew after each stop and each consent. Since the last consent so many full stops have begun, and the last
        of them on the day behind which only the rest of the refusals lies.
        """
        keys = [CLIENT, "rule", "person"]
        rows = asked.join(days, on=CLIENT, how="inner")
        rows = rows.filter(nw.col("renewed").is_null() | is_true(nw.col("refused") >= nw.col("renewed")))
        others = rows.select(*keys, other="refused", more="several")
        is_later = nw.col("other") > nw.col("refused")
        later = nw.when(is_later).then(nw.col("more")).otherwise(nw.lit(0))
        both = rows.join(others, on=keys, how="inner").with_columns(later=later)
        sums = {"later": nw.col("later").sum().cast(nw.Int64()), "total": nw.col("more").sum().cast(nw.Int64())}
        days = both.group_by(*keys, "refused", "several").agg(**sums)
        rest = nw.col("total") % stop.after
        # One day of each: that of the last stop.
        is_it = (nw.col("later") <= rest) & (rest < nw.col("later") + nw.col("several")) & (nw.col("total") >= stop.after)
        first = first_day_within(stop.pause, self.as_of)
        return days.filter(is_it if first is None else is_it & (nw.col("refused") >= first)).select(*keys)

    def _refusals(self, stop: Stop) -> Lazy:
        """The days of refusals, and how many there were."""
        words = any_true([nw.col("outcome") == outcome for outcome in stop.outcomes])
        first = first_day_within(stop.pause, self.as_of) if stop.after == 1 else None
        events = self.zones.touchpoints(first).filter(is_true(words) & _on(stop.channels))
        days = events.group_by(CLIENT, LOCAL).agg(several=nw.len())
        return days.select(CLIENT, refused=nw.col(LOCAL), several=nw.col("several").cast(nw.Int64()))

    def _renewed(self, begun: Lazy) -> Lazy:
        """What is asked with the last day by now on which a consent to it began, whether that is still in force or not."""
        keys = [CLIENT, "rule", "person"]
        if self.consents is None:
            return begun.select(*keys, renewed=nw.lit(None, dtype=nw.Int64()))
        given = self.consents.filter((nw.col("kind") == "given") & (nw.col("from") <= self.as_of))
        given = given.select(CLIENT, about="channel", why="purpose", who="person_id", since="from")
        both = begun.join(given, on=CLIENT, how="left")
        renewed = nw.when(any_true(list(self._covering()))).then(nw.col("since"))
        return both.with_columns(renewed=renewed).group_by(*keys).agg(renewed=nw.col("renewed").max())

    def _covering(self) -> Iterator[Expr]:
        """Whether a consent covers a row, for each thing that may be asked."""
        person = nw.col("who").is_null() | is_true(nw.col("who") == nw.col("person_id"))
        for place, channel, purpose in self.asking:
            mediums = [channel, *filter(None, [self.rules.medium_of(channel)])]
            purposes = [*filter(None, [purpose]), self.rules.class_of(purpose)]
            yield (nw.col("rule") == place) & _is_none_or("about", mediums) & _is_none_or("why", purposes) & person


def _is_none_or(column: str, words: Sequence[str]) -> Expr:
    return nw.col(column).is_null() | is_true(any_true([nw.col(column) == word for word in words]))


def _on(channels: Sequence[str]) -> Expr:
    """Whether a touchpoint is on one of some channels; on any where none is named."""
    return is_true(any_true([nw.col("channel") == channel for channel in channels])) if channels else nw.lit(value=True)


def _reached(name: str, cap: Cap) -> Expr:
    return nw.lit(value=True) if cap.limit == 0 else is_true(nw.col(name) >= cap.limit)
