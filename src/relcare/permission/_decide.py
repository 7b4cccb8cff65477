"""Whether a client may be contacted, why, and if not, from when on: the strictest of all rules wins (CAD-10, CAD-11)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final

import attrs

from relcare._fields import (
    check_day,
    check_id,
    check_optional_text,
    check_text,
    check_tuple_of,
    check_zone,
    to_day,
    to_optional_day,
    to_tuple,
)
from relcare._time import LAST_DAY
from relcare.calendars import Calendar, Weekdays
from relcare.errors import InvalidValueError
from relcare.model import Consent, Touchpoint
from relcare.permission._barriers import first_open
from relcare.permission._case import Case, Entry, Seen, Sight, seen_in
from relcare.permission._decision import HORIZON_DAYS, PermissionDecision, barriers_of, decision, opens_within
from relcare.permission._local_days import end_of, local_day, start_of, to_utc
from relcare.permission._permission_rules import PermissionRules

__all__ = ["ClientPermission", "first_allowed", "has_open_hour", "may_contact"]

_HORIZON: Final = timedelta(days=HORIZON_DAYS)
# No further than civil dates go, less a day for the zones.
_LAST: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=UTC)
# Where the day begins first, it is 14 hours ahead: a civil date may have come there and not here.
_FIRST_ZONE: Final = timedelta(hours=14)


def _to_zones(values: Iterable[str]) -> tuple[str, ...]:
    zones = to_tuple(values)
    return tuple(dict.fromkeys(zones)) if isinstance(zones, tuple) else zones  # pyright: ignore[reportUnnecessaryIsInstance]


def _to_touchpoints(values: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    return to_tuple(values)


def _to_consents(values: Iterable[Consent]) -> tuple[Consent, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True, eq=False)
class ClientPermission:
    """One client made ready for many questions: what is the same for all of them is worked out once.

    Attributes:
        rules: The rules.
        zones: Where the client may be, see `possible_zones`; it must be allowed in all of them. At least one,
            each counted once.
        touchpoints: Of the client, those that stand (see `relcare.model.standing`), in the order of the log.
        consents: Of the client: consents and refusals.
        calendar: Business days, for public holidays; Monday to Friday by default. Laws bring calendars of their own.
        last_deal_on: The day of the client's last deal, for soft opt-in.

    Raises:
        InvalidValueError: If a field is not what it must be: an unknown zone, events of two clients.
    """

    rules: PermissionRules
    zones: tuple[str, ...] = attrs.field(converter=_to_zones)
    touchpoints: tuple[Touchpoint, ...] = attrs.field(default=(), converter=_to_touchpoints, repr=False)
    consents: tuple[Consent, ...] = attrs.field(default=(), converter=_to_consents, repr=False)
    calendar: Calendar = attrs.field(factory=Weekdays)
    last_deal_on: date | None = attrs.field(default=None, converter=to_optional_day)
    # Filled when a zone is first asked about: entries are only ever added.
    _seen: dict[str, list[Seen]] = attrs.field(factory=dict[str, list[Seen]], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.rules, PermissionRules):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("rules", self.rules, "must be PermissionRules")
        check_tuple_of("zones", self.zones, str)
        if not self.zones:
            raise InvalidValueError("zones", self.zones, "must name at least one zone")
        for index, zone in enumerate(self.zones):
            check_zone(f"zones[{index}]", zone)
        check_tuple_of("touchpoints", self.touchpoints, Touchpoint)
        check_tuple_of("consents", self.consents, Consent)
        clients = {consent.client_id for consent in self.consents} | {touch.client_id for touch in self.touchpoints}
        if len(clients) > 1:
            raise InvalidValueError("touchpoints", tuple(sorted(clients)), "must be of one client, and so must the consents")
        if self.last_deal_on is not None:
            check_day("last_deal_on", self.last_deal_on)

    def may_contact(self, *, channel: str, purpose: str | None, at: datetime, person_id: str | None = None) -> PermissionDecision:
        """See `relcare.permission.may_contact`."""
        if not isinstance(at, datetime) or at.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("at", at, "must be an aware instant", "give it a zone")
        moment = to_utc(at)
        check_day("at", moment.date())
        latest_day = (moment + _FIRST_ZONE).toordinal()
        case = self._case(
            channel, purpose, person_id, lambda s: s.day <= latest_day if s.entry.at is None else s.latest <= moment
        )
        barriers = barriers_of(case, self.zones)
        allowed = first_open(barriers, moment, _horizon(moment))
        return decision(case, self.zones, barriers, moment, allowed, is_allowed=allowed == moment)

    def first_allowed(self, *, channel: str, purpose: str | None, day: date, person_id: str | None = None) -> PermissionDecision:
        """See `relcare.permission.first_allowed`."""
        civil = to_day(day)
        check_day("day", civil)
        ordinal = civil.toordinal()
        start, end = start_of(self.zones[0], ordinal), end_of(self.zones[0], ordinal)
        case = self._case(channel, purpose, person_id, lambda s: s.day <= ordinal if s.entry.at is None else s.latest < end)
        barriers = barriers_of(case, self.zones)
        allowed = first_open(barriers, start, _horizon(start))
        is_allowed = allowed is not None and local_day(self.zones[0], allowed) == ordinal
        closing = [] if is_allowed else [b for b in barriers if (opens := b.opens_at(start)) is None or opens >= end]
        return decision(case, self.zones, closing or barriers, start, allowed, is_allowed=is_allowed)

    def has_open_hour(self, *, channel: str, purpose: str | None, day: date) -> bool:
        """See `relcare.permission.has_open_hour`."""
        start = start_of(self.zones[0], to_day(day).toordinal())
        return opens_within(self._case(channel, purpose, None, _everything), self.zones, start, _horizon(start))

    def _case(self, channel: str, purpose: str | None, person_id: str | None, is_known: Callable[[Seen], bool]) -> Case:
        check_text("channel", channel)
        check_optional_text("purpose", purpose)
        if person_id is not None:
            check_id("person_id", person_id)
        return Case(
            rules=self.rules,
            channel=channel,
            purpose=purpose,
            person_id=person_id,
            # In order of their days: which one a reason names does not depend on the order given.
            consents=tuple(sorted(self.consents, key=lambda one: (one.start_on, one.id))),
            sight=self._sight(is_known),
            last_deal_on=self.last_deal_on,
            business_days=self.calendar,
        )

    @cached_property
    def _entries(self) -> list[Entry]:
        return [Entry.of(touch, self.rules) for touch in self.touchpoints]

    def _sight(self, is_known: Callable[[Seen], bool]) -> Sight:
        known: dict[str, list[Seen]] = {}

        def look(zone: str) -> list[Seen]:
            if zone not in known:
                if zone not in self._seen:
                    self._seen[zone] = seen_in(zone, self._entries)
                known[zone] = [seen for seen in self._seen[zone] if is_known(seen)]
            return known[zone]

        return look


def _everything(_: Seen) -> bool:
    return True


def _horizon(start: datetime) -> datetime:
    return max(start, min(start + _HORIZON, _LAST))


def may_contact(
    rules: PermissionRules,
    *,
    zones: Iterable[str],
    channel: str,
    purpose: str | None,
    at: datetime,
    touchpoints: Iterable[Touchpoint] = (),
    consents: Iterable[Consent] = (),
    calendar: Calendar | None = None,
    person_id: str | None = None,
    last_deal_on: date | None = None,
) -> PermissionDecision:
    """Whether one client may be contacted at an instant, and if not, from when on.

    A pure function of what it is given: ask it when a contact is planned, and again at the moment of sending, with what is known
    then. A withdrawal in between is then respected.

    Args:
        rules: The rules.
        zones: Where the client may be, see `possible_zones`; it must be allowed in all of them. At least one.
        channel: By which channel.
        purpose: For what; None, and what no rule declares as service, is advertising.
        at: An aware instant.
        touchpoints: Of this client, those that stand (see `relcare.model.standing`), in the order of the log; later ones
            than `at` are not looked at.
        consents: Of this client: consents and refusals.
        calendar: Business days, for public holidays; Monday to Friday by default. Laws bring calendars of their own.
        person_id: With whom; the word of one person binds contacts with that person. None for the client at large.
        last_deal_on: The day of the client's last deal, for soft opt-in.

    Raises:
        InvalidValueError: If an argument is not what it must be: a naive instant, an unknown zone, events of two clients.
        MissingExtraError: If a law has public holidays of its own and the extra `calendar` is not installed.

    Examples:
        >>> from datetime import datetime
        >>> from zoneinfo import ZoneInfo
        >>> from relcare.permission import Hours, PermissionRules
        >>> rules = PermissionRules(hours=[Hours(quiet=["21:00-08:00"])])
        >>> late = datetime(2026, 3, 27, 21, 30, tzinfo=ZoneInfo("Asia/Seoul"))
        >>> answer = may_contact(rules, zones=["Asia/Seoul"], channel="call", purpose="offer", at=late)
        >>> answer.is_allowed, answer.next_allowed_at.astimezone(ZoneInfo("Asia/Seoul")).isoformat()
        (False, '2026-03-28T08:00:00+09:00')

    Source: CAD-10, CAD-11.
    """
    client = ClientPermission(
        rules=rules,
        zones=zones,
        touchpoints=touchpoints,
        consents=consents,
        calendar=Weekdays() if calendar is None else calendar,
        last_deal_on=last_deal_on,
    )
    return client.may_contact(channel=channel, purpose=purpose, at=at, person_id=person_id)


def first_allowed(
    rules: PermissionRules,
    *,
    zones: Iterable[str],
    channel: str,
    purpose: str | None,
    day: date,
    touchpoints: Iterable[Touchpoint] = (),
    consents: Iterable[Consent] = (),
    calendar: Calendar | None = None,
    person_id: str | None = None,
    last_deal_on: date | None = None,
) -> PermissionDecision:
    """Whether there is any allowed minute on a civil day, and which is the first from that day on.

    For plans by the day: the events of the day itself count, as for `as_of`.

    Args:
        rules: As for `may_contact`, and so are the others.
        zones: The day is meant in the first of them.
        channel: By which channel.
        purpose: For what.
        day: A civil day.
        touchpoints: Later ones than the day are not looked at.
        consents: As for `may_contact`.
        calendar: As for `may_contact`.
        person_id: As for `may_contact`.
        last_deal_on: As for `may_contact`.

    Returns:
        `at` is the start of the day. Reasons are those that keep the whole day closed, each by itself where there are such.

    Raises:
        InvalidValueError: As for `may_contact`.

    Source: CAD-11, CAD-5.
    """
    client = ClientPermission(
        rules=rules,
        zones=zones,
        touchpoints=touchpoints,
        consents=consents,
        calendar=Weekdays() if calendar is None else calendar,
        last_deal_on=last_deal_on,
    )
    return client.first_allowed(channel=channel, purpose=purpose, day=day, person_id=person_id)


def has_open_hour(
    rules: PermissionRules,
    *,
    zones: Iterable[str],
    channel: str,
    purpose: str | None,
    day: date,
    calendar: Calendar | None = None,
) -> bool:
    """Whether the hours of all rules together ever open, looked at for `HORIZON_DAYS` from a day on; nothing else is looked at.

    Args:
        rules: The rules.
        zones: Where a client may be.
        channel: By which channel.
        purpose: For what.
        day: The first day, in the first of the zones.
        calendar: Business days, as for `may_contact`.
    """
    client = ClientPermission(rules=rules, zones=zones, calendar=Weekdays() if calendar is None else calendar)
    return client.has_open_hour(channel=channel, purpose=purpose, day=day)
