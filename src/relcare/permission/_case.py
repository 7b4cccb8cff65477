"""One client made ready for questions, and one question: what counts, and which of the client's words concern it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final, TypeAlias

import attrs

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.calendars import Calendar, calendar
from relcare.model import Consent, Touchpoint
from relcare.permission._local_days import end_of, local_day, to_utc
from relcare.permission._permission_rules import ActiveRule, PermissionRules
from relcare.permission._scope import Medium, PurposeClass

__all__ = ["Case", "Entry", "Seen", "Sight", "seen_in"]

_LOW: Final = FIRST_DAY.toordinal()
_HIGH: Final = LAST_DAY.toordinal()


@lru_cache(maxsize=64)
def _named_calendar(name: str) -> Calendar:
    return calendar(name)


@attrs.frozen(eq=False)
class Entry:
    """A touchpoint as the rules see it, wherever the client is.

    Attributes:
        touchpoint: Itself.
        at: When it happened, in UTC; None where only the date is known.
        medium: Of its channel, or None.
        is_ours: Whether it is a contact of ours that counts for caps, gaps and rotations.
        purpose_class: Of its purpose.
    """

    touchpoint: Touchpoint
    at: datetime | None
    medium: Medium | None
    is_ours: bool
    purpose_class: PurposeClass

    @classmethod
    def of(cls, touch: Touchpoint, rules: PermissionRules) -> "Entry":
        """The entry of a touchpoint."""
        is_contact = touch.direction == "outgoing" and touch.channel not in rules.not_contact
        return cls(
            touch,
            to_utc(touch.occurred_at) if isinstance(touch.occurred_at, datetime) else None,
            rules.medium_of(touch.channel),
            is_contact and touch.purpose not in rules.uncounted,
            rules.class_of(touch.purpose),
        )


@attrs.frozen(eq=False)
class Seen:
    """A touchpoint as a zone's calendar shows it.

    Attributes:
        day: Its civil day there; a touchpoint with a date only keeps it.
        latest: When it happened; with a date only, the end of that day, for it may have been then.
        entry: The touchpoint.
    """

    day: int
    latest: datetime
    entry: Entry


Sight: TypeAlias = Callable[[str], Sequence[Seen]]
"""The touchpoints of a client that are known, by zone: in order of day and time, those of one moment in the order of the log."""


def seen_in(zone: str, entries: Iterable[Entry]) -> list[Seen]:
    """All touchpoints in the order of `Sight`."""
    found: list[Seen] = []
    for entry in entries:
        if entry.at is None:
            day = entry.touchpoint.occurred_at.toordinal()
            found.append(Seen(day, end_of(zone, day), entry))
        else:
            found.append(Seen(local_day(zone, entry.at), entry.at, entry))
    found.sort(key=_order)
    return found


def _order(seen: Seen) -> tuple[int, datetime]:
    return seen.day, seen.latest


@attrs.frozen(kw_only=True, eq=False)
class Case:
    """A question.

    Attributes:
        rules: All rules.
        channel: By which channel.
        purpose: For what, or None.
        person_id: With whom, or None.
        consents: Of the client.
        sight: Its touchpoints.
        last_deal_on: The day of the client's last deal, or None.
        business_days: The policy's calendar.
    """

    rules: PermissionRules
    channel: str
    purpose: str | None
    person_id: str | None
    consents: tuple[Consent, ...]
    sight: Sight
    last_deal_on: date | None
    business_days: Calendar

    @property
    def medium(self) -> Medium | None:
        """Of the channel."""
        return self.rules.medium_of(self.channel)

    @property
    def purpose_class(self) -> PurposeClass:
        """Of the purpose."""
        return self.rules.class_of(self.purpose)

    @property
    def is_requested(self) -> bool:
        """Whether the client asked for it."""
        return self.purpose in self.rules.requested

    def concerns(self, consent: Consent) -> bool:
        """Whether a consent or refusal is about this channel, purpose and person; whatever its dates."""
        return (
            consent.person_id in {None, self.person_id}
            and (consent.channel in {None, self.channel} or consent.channel == self.medium)
            and consent.purpose in {None, self.purpose, self.purpose_class}
        )

    def counted(self, active: ActiveRule, zone: str) -> list[Seen]:
        """The touchpoints that count for a cap or gap: ours, on its channels, for its purposes."""
        is_about_all = getattr(active.rule, "purposes", "every") == "every"
        return [
            seen
            for seen in self.sight(zone)
            if seen.entry.is_ours
            and (is_about_all or seen.entry.purpose_class == "advertising")
            and active.is_about(seen.entry.touchpoint.channel, seen.entry.medium)
        ]

    def refusals(self, active: ActiveRule, zone: str, outcomes: Sequence[str]) -> list[Seen]:
        """The touchpoints, ours or the client's, with one of the outcomes on the channels of a stop."""
        return [
            seen
            for seen in self.sight(zone)
            if seen.entry.touchpoint.outcome in outcomes and active.is_about(seen.entry.touchpoint.channel, seen.entry.medium)
        ]

    def calendar_named(self, name: str | None) -> Calendar:
        """Business days by the name of their calendar; the policy's own for None."""
        return self.business_days if name is None or name == self.business_days.name else _named_calendar(name)

    def is_holiday(self, name: str | None, day: int) -> bool:
        """Whether a day is a public holiday: a Monday to Friday that is no business day."""
        if not _LOW <= day <= _HIGH:
            return False
        that = date.fromordinal(day)
        return that.weekday() < 5 and not self.calendar_named(name).is_business_day(that)

    def is_published(self, name: str | None, day: int) -> bool:
        """Whether it is known for certain that a day is a public holiday or none."""
        return _LOW <= day <= _HIGH and self.calendar_named(name).is_known(date.fromordinal(day))
