"""Days and instants that come in: plain dates, and aware instants in a zone that is known (TIM-2)."""

from datetime import UTC, date, datetime
from functools import lru_cache

import pendulum

from relcare._fields._zones import ZONE_NAME
from relcare._time import FIRST_DAY, LAST_DAY
from relcare.errors import InvalidValueError

__all__ = ["check_day", "check_moment", "to_day", "to_moment", "to_optional_day", "to_optional_moment"]


def to_day(value: date) -> date:
    """A plain `datetime.date`; pendulum dates lose their subclass, instants stay for the check to refuse."""
    return _plain_day(value)


def to_optional_day(value: date | None) -> date | None:
    """Like `to_day`; None stays None."""
    return None if value is None else _plain_day(value)


def _plain_day(value: date) -> date:
    if type(value) is date or not _is_civil(value):
        return value
    return date(value.year, value.month, value.day)


def _is_civil(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def to_moment(value: date) -> date:
    """A plain date, or an aware instant as `pendulum.DateTime` in its own zone; naive instants stay for the check to refuse."""
    if type(value) is date:
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            # By way of UTC: two equal instants may carry different folds, and later arithmetic would tell them apart.
            zone = _zone(value)
            if zone is not None:
                local = _plain_instant(value).astimezone(UTC).astimezone(zone)
                day, time = (local.year, local.month, local.day), (local.hour, local.minute, local.second, local.microsecond)
                # Its own constructors do the same at six times the price.
                return pendulum.DateTime(*day, *time, tzinfo=zone, fold=local.fold)
        except (ValueError, OverflowError, OSError):
            pass
        # A plain copy, for the check to refuse: only what is in a known zone goes on as pendulum's own class.
        return datetime.combine(value, value.time(), value.tzinfo)
    return _plain_day(value)


def to_optional_moment(value: date | None) -> date | None:
    """Like `to_moment`; None stays None."""
    return None if value is None else to_moment(value)


def _zone(value: datetime) -> pendulum.Timezone | pendulum.FixedTimezone | None:
    """The instant's zone by its IANA name, or its offset when it has no name; None for an offset that no zone has."""
    key = getattr(value.tzinfo, "key", None)
    if isinstance(key, str) and ZONE_NAME.fullmatch(key):
        return _named_zone(key)
    offset = value.utcoffset()
    if offset is None or offset.total_seconds() % 60 or abs(offset.total_seconds()) > 14 * 3_600:
        return None
    return pendulum.timezone(int(offset.total_seconds()) or "UTC")


def _plain_instant(value: datetime) -> datetime:
    """Without the class of whoever made it, whose own conversions may cost many times as much."""
    if type(value) is datetime:
        return value
    day, time = (value.year, value.month, value.day), (value.hour, value.minute, value.second, value.microsecond)
    return datetime(*day, *time, tzinfo=value.tzinfo, fold=value.fold)


@lru_cache(maxsize=1_024)
def _named_zone(key: str) -> pendulum.Timezone | pendulum.FixedTimezone:
    return pendulum.timezone(key)


def check_day(name: str, value: object) -> None:
    """Refuse what is not a civil date from 1900-01-01 to 2199-12-31; an instant is not a date."""
    if isinstance(value, datetime):
        raise InvalidValueError(name, value, "must be a date, not an instant", "use .date() in the zone that you mean")
    if not isinstance(value, date):
        raise InvalidValueError(name, value, "must be a date")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise InvalidValueError(name, value, f"must be from {FIRST_DAY} to {LAST_DAY}")


def check_moment(name: str, value: object) -> None:
    """Refuse what is neither a civil date nor an aware instant in a known zone (TIM-2)."""
    if type(value) is date and FIRST_DAY <= value <= LAST_DAY:
        return
    if not isinstance(value, datetime):
        check_day(name, value)
    elif value.tzinfo is None:
        raise InvalidValueError(name, value, "must be a date or an aware instant", "give it a zone")
    else:
        check_day(name, date(value.year, value.month, value.day))
        if not isinstance(value, pendulum.DateTime):
            raise InvalidValueError(name, value, "must be in an IANA zone or at an offset of whole minutes up to 14 hours")
