"""Caps, gaps, rotations and stops as barriers (CAD-10)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from relcare.model import Reason
from relcare.permission._barriers import Barrier, Lifted
from relcare.permission._case import Case, Seen
from relcare.permission._fatigue import Cap, Gap, Rotation, Stop
from relcare.permission._local_days import local_text
from relcare.permission._permission_rules import ActiveRule

__all__ = ["fatigue_barrier"]


def fatigue_barrier(case: Case, active: ActiveRule, zone: str) -> Barrier | None:
    """The barrier of a cap, gap, rotation or stop in a zone; None for other rules, and where nothing has happened."""
    rule = active.rule
    if isinstance(rule, Cap):
        seen = case.counted(active, zone)
        return _HourCap(rule, active, seen) if rule.per.unit == "hours" else Lifted(zone, _DayCap.of(rule, active, seen))
    if isinstance(rule, Gap):
        seen = case.counted(active, zone)
        if not seen:
            return None
        return _HourGap(rule, active, zone, seen) if rule.minimum.unit == "hours" else Lifted(zone, _DayGap(rule, active, seen))
    if isinstance(rule, Rotation):
        last = [seen for seen in case.sight(zone) if seen.entry.is_ours][-rule.most :]
        if len(last) < rule.most or any(seen.entry.touchpoint.channel != case.channel for seen in last):
            return None
        return Lifted(zone, _Rotation(rule, active, case.channel, last[0].day))
    if isinstance(rule, Stop):
        stretches = _stops(case, rule, case.refusals(active, zone, rule.outcomes))
        return Lifted(zone, _Stopped(rule, active, stretches)) if stretches else None
    return None


def _channels(active: ActiveRule) -> tuple[str, ...] | None:
    """What to say about whom a rule counts; None for all channels together."""
    channels: tuple[str, ...] = getattr(active.rule, "channels", ()) if active.row is None else active.row.media
    return channels or None


def _law(active: ActiveRule) -> str | None:
    return None if active.row is None else active.row.id


@attrs.frozen(eq=False)
class _DayCap:
    rule: Cap
    active: ActiveRule
    days: Sequence[int]

    @classmethod
    def of(cls, rule: Cap, active: ActiveRule, seen: Sequence[Seen]) -> "_DayCap":
        return cls(rule, active, [one.day for one in seen])

    def _count(self, day: int) -> int:
        first, last = self.rule.per.days_around(day)
        return bisect_right(self.days, last) - bisect_right(self.days, first - 1)

    def opens_on(self, day: int) -> int | None:
        if self.rule.limit == 0:
            return None
        while self._count(day) >= self.rule.limit:
            _, last = self.rule.per.days_around(day)
            if self.rule.per.unit == "days":  # the contact that must no longer count, for one more to fit
                day = self.days[bisect_right(self.days, last) - self.rule.limit] + self.rule.per.count
            else:
                day = last + 1
        return day

    def reason(self, day: int) -> Reason:
        rule, count = self.rule, self._count(day)
        return Reason(
            "permission.cap",
            {},
            {
                "limit": rule.limit,
                "per": str(rule.per),
                "channels": _channels(self.active),
                "count": count,
                "rule": self.active.path,
                "law": _law(self.active),
            },
        )


@attrs.frozen(eq=False)
class _HourCap:
    rule: Cap
    active: ActiveRule
    seen: Sequence[Seen]

    @property
    def _length(self) -> timedelta:
        return timedelta(hours=self.rule.per.count)

    def opens_at(self, at: datetime) -> datetime | None:
        if self.rule.limit == 0:
            return None
        latest = sorted(one.latest for one in self.seen)
        if len(latest) < self.rule.limit:
            return at
        return max(at, latest[-self.rule.limit] + self._length)

    def reason(self, at: datetime) -> Reason:
        rule, count = self.rule, sum(one.latest > at - self._length for one in self.seen)
        return Reason(
            "permission.cap",
            {},
            {
                "limit": rule.limit,
                "per": str(rule.per),
                "channels": _channels(self.active),
                "count": count,
                "rule": self.active.path,
                "law": _law(self.active),
            },
        )


@attrs.frozen(eq=False)
class _DayGap:
    rule: Gap
    active: ActiveRule
    seen: Sequence[Seen]

    def opens_on(self, day: int) -> int | None:
        return max(day, self.seen[-1].day + self.rule.minimum.count)

    def reason(self, day: int) -> Reason:  # noqa: ARG002 - the same on every day
        last = date.fromordinal(self.seen[-1].day).isoformat()
        return _gap_reason(self.rule, self.active, last)


@attrs.frozen(eq=False)
class _HourGap:
    rule: Gap
    active: ActiveRule
    zone: str
    seen: Sequence[Seen]

    @property
    def _last(self) -> datetime:
        return max(one.latest for one in self.seen)

    def opens_at(self, at: datetime) -> datetime | None:
        return max(at, self._last + timedelta(hours=self.rule.minimum.count))

    def reason(self, at: datetime) -> Reason:  # noqa: ARG002 - the same at every instant
        return _gap_reason(self.rule, self.active, local_text(self.zone, self._last))


def _gap_reason(rule: Gap, active: ActiveRule, last: str) -> Reason:
    return Reason(
        "permission.gap",
        {},
        {
            "minimum": str(rule.minimum),
            "last": last,
            "channels": _channels(active),
            "rule": active.path,
            "law": _law(active),
        },
    )


@attrs.frozen(eq=False)
class _Rotation:
    """The run is as long as it may be; it ends by itself only when its first contact is forgotten."""

    rule: Rotation
    active: ActiveRule
    channel: str
    first: int

    def opens_on(self, day: int) -> int | None:
        return None if self.rule.within is None else max(day, self.rule.within.after(self.first))

    def reason(self, day: int) -> Reason:  # noqa: ARG002 - the same on every day
        return Reason(
            "permission.rotation",
            {},
            {"most": self.rule.most, "channel": self.channel, "rule": self.active.path, "law": _law(self.active)},
        )


def _stops(case: Case, rule: Stop, refusals: Sequence[Seen]) -> list[tuple[int, int | None]]:
    """From which day to which, half-open, each stop lasts; None is for good."""
    renewed = sorted(c.start_on.toordinal() for c in case.consents if c.kind == "given" and case.concerns(c))
    found: list[tuple[int, int | None]] = []
    pending: list[int] = []
    for seen in refusals:
        day = seen.day
        pending = [
            earlier
            for earlier in pending
            if not any(earlier < again <= day for again in renewed) and (rule.within is None or day < rule.within.after(earlier))
        ]
        pending.append(day)
        if len(pending) == rule.after:
            ends = [again for again in renewed if again > day][:1]
            if rule.pause is not None:
                ends.append(rule.pause.after(day))
            found.append((day, min(ends, default=None)))
            pending = []
    return found


@attrs.frozen(eq=False)
class _Stopped:
    rule: Stop
    active: ActiveRule
    stretches: Sequence[tuple[int, int | None]]

    def _around(self, day: int) -> tuple[int, int | None] | None:
        return next((s for s in self.stretches if s[0] <= day and (s[1] is None or day < s[1])), None)

    def opens_on(self, day: int) -> int | None:
        while (stretch := self._around(day)) is not None:
            if stretch[1] is None:
                return None
            day = stretch[1]
        return day

    def reason(self, day: int) -> Reason:
        since, until = self._around(day) or (day, None)
        return Reason(
            "permission.stopped",
            {},
            {
                "refusals": self.rule.after,
                "since": date.fromordinal(since),
                "until": None if until is None else date.fromordinal(until),
                "channels": _channels(self.active),
                "rule": self.active.path,
                "law": _law(self.active),
            },
        )
