"""What came of one client's days: what was planned and done, what was late, and whose that was (CAD-12, CAD-14)."""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from datetime import date

import attrs

from relcare.cadence import Asked, CadenceRule, Hindsight, Owed, Trigger
from relcare.model import Client
from relcare.planning._attainment_causes import Barriers, Responsibles, late_runs
from relcare.planning._attainment_days import Part, Period
from relcare.planning._attainment_score import Records
from relcare.planning._attainment_values import Expectation, Lateness, Outcome, Result, Slice

__all__ = ["ClientWalk"]


@attrs.frozen(kw_only=True, eq=False)
class ClientWalk:
    """One client's way through the period.

    Attributes:
        client: The client.
        hindsight: What its rules asked.
        parts: Its days, in order; at least one part.
        responsibles: Who is responsible when.
        barriers: What was not allowed when.
        period: Which days count.
    """

    client: Client
    hindsight: Hindsight
    parts: Sequence[Part]
    responsibles: Responsibles
    barriers: Barriers
    period: Period

    def add_to(self, records: Records) -> None:
        """Add everything about the client to the records."""
        debts: dict[Hashable, list[Owed]] = {}
        late: set[Hashable] = set()
        for part in self.parts:
            for asked in self.hindsight.asked(part.stretch):
                for owed in asked.owed:
                    debts.setdefault(owed.debt, []).append(owed)
                if part.stretch.first <= self.period.last:
                    about = self._slice(asked.rule, part)
                    self._add_expectation(asked, about, records)
                    for owed in asked.owed:
                        late.update(self._add_lateness(owed, about, records))
        for debt, pieces in debts.items():
            outcome = self._outcome(pieces[-1], is_late=debt in late)
            if outcome is not None:
                records.outcomes.append(outcome)

    def _slice(self, rule: CadenceRule | Trigger, part: Part) -> Slice:
        return Slice(
            client_id=self.client.id,
            rule_id=rule.id,
            channel=rule.channel,
            owner_id=part.owner_id,
            month_on=date.fromordinal(part.stretch.first).replace(day=1),
            types=self.client.relationship_types,
            tiers=part.tiers,
        )

    def _add_expectation(self, asked: Asked, about: Slice, records: Records) -> None:
        done_by: dict[str | None, int] = {}
        own = 0
        for day, touch in zip(asked.contacts.days, asked.contacts.touchpoints, strict=True):
            done_by[touch.staff_id] = done_by.get(touch.staff_id, 0) + 1
            if touch.staff_id is not None:
                own += touch.staff_id == self.responsibles.of(asked.rule, self.client.id, day)[0]
        if asked.planned or done_by:
            records.expectations.append(Expectation(about=about, planned=asked.planned, done_by=done_by, own=own))

    def _add_lateness(self, owed: Owed, about: Slice, records: Records) -> set[Hashable]:
        """Add the late days of one piece; gives its debt when there are any."""
        runs = list(late_runs(owed, self.client, self.responsibles, self.barriers, until=self.period.seen))
        for first, last, cause, staff_id in runs:
            records.lateness.append(
                Lateness(
                    about=about,
                    key=owed.key,
                    cause=cause,
                    staff_id=staff_id,
                    from_on=date.fromordinal(first),
                    until_on=date.fromordinal(last),
                )
            )
        return {owed.debt} if runs else set()

    def _outcome(self, owed: Owed, *, is_late: bool) -> Outcome | None:
        """What became of a debt, told by its last piece; None when it is not this period's."""
        first, seen = self.period.first, self.period.seen
        is_kept_here = owed.kept_day is not None and first <= owed.kept_day <= seen
        result = self._result(owed, is_late=is_late)
        if result is None or not (is_late or is_kept_here or first <= owed.due <= seen):
            return None
        day = owed.kept_day if owed.kept_day is not None and result == "on_time" else owed.latest
        if day < first and result == "on_time":
            day = owed.due  # kept before the period began, for a day in it
        touch = owed.kept_by
        return Outcome(
            about=attrs.evolve(
                self._slice(owed.rule, self._part_of(day)), owner_id=self.responsibles.owner(self.client.id, min(day, seen))
            ),
            key=owed.key,
            result=result,
            due_on=date.fromordinal(owed.due),
            latest_on=date.fromordinal(owed.latest),
            kept_on=None if owed.kept_day is None else date.fromordinal(owed.kept_day),
            touchpoint_id=None if touch is None else touch.id,
            staff_id=None if touch is None else touch.staff_id,
        )

    def _result(self, owed: Owed, *, is_late: bool) -> Result | None:
        if owed.kept_day is not None:
            return "on_time" if owed.kept_day <= owed.latest else "late"
        if owed.is_over:
            return "missed"
        if owed.last < self.period.as_of:  # the rule no longer asks for it
            return "missed" if is_late else None
        return "open_late" if self.period.as_of > owed.latest else "pending"

    def _part_of(self, day: int) -> Part:
        """The part of the period that a day is in; the nearest where it is outside."""
        place = bisect_right([part.stretch.first for part in self.parts], min(day, self.period.seen))
        return self.parts[max(0, place - 1)]
