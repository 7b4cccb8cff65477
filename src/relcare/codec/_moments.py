"""Instants as documents write them: `2026-03-20T14:30:00+09:00[Asia/Seoul]`; an ISO instant alone loses the name of its zone."""

import re
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from relcare._fields import check_zone
from relcare._time import day_from_text
from relcare.errors import InvalidValueError

__all__ = ["moment_from_text", "moment_text"]

_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))(?:\[([^\[\]]+)\])?",
    re.ASCII,
)


def moment_text(value: date) -> str:
    """A day or an instant as text that `moment_from_text` reads back, the zone's name with it where it has one."""
    zone: object = getattr(value.tzinfo, "key", None) if isinstance(value, datetime) else None
    return f"{value.isoformat()}[{zone}]" if isinstance(zone, str) else value.isoformat()


def moment_from_text(name: str, text: str) -> date:
    """The day or the instant that a text means.

    Args:
        name: The field, for the message.
        text: `2026-03-20`, or an instant with its offset, and a zone in square brackets after it or not.

    Raises:
        InvalidValueError: If it is neither; an instant without offset is none (TIM-2).
    """
    day = day_from_text(text)
    if day is not None:
        return day
    match = _MOMENT.fullmatch(text)
    try:
        instant = datetime.fromisoformat(match[1]) if match is not None else None
        zone = match[2] if match is not None else None
        if instant is not None and zone is not None:
            check_zone(name, zone)
            instant = instant.astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise InvalidValueError(name, text, "must be a date or an instant with its offset", "write it as 2026-01-31")
    return instant
