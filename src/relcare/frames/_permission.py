"""What keeps a contact that is owed from being made on a day: refusals aside, hours and too many contacts (CAD-10, CAD-11)."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Calendar
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.frames._core import Core
from relcare.frames._criteria import is_true
from relcare.frames._engine import Lazy
from relcare.frames._fatigue import FatigueColumns, Question, first_day_that_matters
from relcare.frames._local_days import WHERE, ClientZones, zones_of
from relcare.permission import ClientPermission, PermissionRules, pieces_of

__all__ = ["PermissionColumns", "unsupported_permission"]


def unsupported_permission(rules: PermissionRules) -> Iterator[tuple[str, str]]:
    """The parts of rules about permission that are not decided over columns, each with what is wrong with it.

    Args:
        rules: Of a policy.
    """
    for place in range(len(rules.law)):
        yield f"law[{place}]", "is not decided over columns yet"
    if len(rules.zones) > 1:
        yield "zones", "are several, and it is not decided over columns yet whether a contact is allowed in all of them"
    for place in range(len(rules.consent)):
        yield f"consent[{place}]", "is not decided over columns yet"
    by_hours = "goes by hours: which day it closes depends on instants, and is not decided over columns yet"
    for place, cap in enumerate(rules.caps):
        if cap.per.unit == "hours":
            yield f"caps[{place}].per", by_hours
    for place, gap in enumerate(rules.gaps):
        if gap.minimum.unit == "hours":
            yield f"gaps[{place}].minimum", by_hours
    for place, hours in enumerate(rules.hours):
        if hours.night_consent:
            yield f"hours[{place}].night_consent", "is not decided over columns yet"
    for place, stop in enumerate(rules.stops):
        if stop.within is not None and stop.after > 1:
            yield f"stops[{place}].within", "is not decided over columns yet: which refusals are forgotten depends on their order"


@attrs.frozen(kw_only=True, eq=False)
class PermissionColumns:
    """The rules about permission over rows of what is owed.

    Attributes:
        rules: All rules.
        asking: Cadence rules and triggers, in the order of their numbers.
        core: The tables.
        as_of: The day, an ordinal.
        zone: Of the book.
        calendar: Business days.
    """

    rules: PermissionRules
    asking: Sequence[CadenceRule | Trigger]
    core: Core
    as_of: int
    zone: str
    calendar: Calendar

    def joined_to(self, frame: Lazy, owed: Lazy) -> Lazy:
        """The frame with `is_shut` (the hours are closed all day) and `is_tired`, see `FatigueColumns`.

        Args:
            frame: What is owed: `cid`, `rule`, `person` (empty for nobody).
            owed: The same rows with `cid`, `rule`, `person_id` and `earliest`; they are asked once more.

        Raises:
            BookDocumentError: If a client has a zone that there is not.
            UnsupportedPolicyError: If the clocks of a zone show the day in pieces, or not at all.
        """
        fallback = self.rules.zones[0] if self.rules.zones else self.zone
        since = first_day_that_matters(self.rules, self.as_of)
        zones = zones_of(self.core, self.zone, fallback, since=since, until=self.as_of)
        for zone in zones.known:
            self._check_day(zone)
        asking = list(self._questions())
        tired = FatigueColumns(rules=self.rules, asking=asking, zones=zones, consents=self.core.said, as_of=self.as_of)
        return tired.joined_to(self._with_hours(frame, zones, asking), owed)

    def _questions(self) -> Iterator[Question]:
        """What is asked; of what clients asked for themselves only refusals are in the way."""
        for place, rule in enumerate(self.asking):
            if rule.purpose not in self.rules.requested:
                yield place, rule.channel, rule.purpose

    def _check_day(self, zone: str) -> None:
        pieces = pieces_of(zone, self.as_of)
        if not pieces or any(one.end != other.start for one, other in pairwise(pieces)):
            day = date.fromordinal(self.as_of)
            message = f"is not decided over columns on {day}, which clocks in {zone} show in pieces, or not at all"
            raise UnsupportedPolicyError([Problem(file="<policy>", path="permission", message=message)])

    def _with_hours(self, frame: Lazy, zones: ClientZones, asking: Sequence[Question]) -> Lazy:
        """Hours depend on the channel, the purpose and the zone alone: each is asked about once."""
        if not self.rules.hours:
            return frame.with_columns(is_shut=nw.lit(value=False))
        only_hours = attrs.evolve(self.rules, caps=(), gaps=(), rotations=(), stops=())
        found: list[tuple[int, str]] = []
        for zone in zones.known:
            asked = ClientPermission(rules=only_hours, zones=(zone,))
            asked = attrs.evolve(asked, calendar=self.calendar) if self.rules.sees_holidays else asked
            for place, channel, purpose in asking:
                answer = asked.first_allowed(channel=channel, purpose=purpose, day=date.fromordinal(self.as_of))
                if not answer.is_allowed:
                    found.append((place, zone))
        table = self.core.engine.table(
            frame,
            {
                "rule": (nw.Int64(), [place for place, _ in found]),
                WHERE: (nw.String(), [zone for _, zone in found]),
                "shut": (nw.Int64(), [1] * len(found)),
            },
        )
        frame = zones.joined_to(frame).join(table, on=["rule", WHERE], how="left")
        return frame.with_columns(is_shut=is_true(nw.col("shut") == 1))
