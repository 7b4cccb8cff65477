"""Zones that come in: IANA names that mean the same on every machine."""

import re
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from relcare.errors import InvalidValueError, nearest

__all__ = ["ZONE_NAME", "check_zone", "zone_of"]

ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*", re.ASCII)
# These read the machine's own setting or stand for no zone at all.
_NOT_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})
# Copies that some machines have and others have not; `right/` counts leap seconds.
_NOT_AREAS: Final = ("posix/", "right/")


def check_zone(name: str, value: object) -> None:
    """Refuse what is not an IANA zone name, spelled exactly (`Asia/Seoul`)."""
    plain = value if isinstance(value, str) and len(value) <= 64 and ZONE_NAME.fullmatch(value) else None
    if plain is not None and plain not in _NOT_ZONES and not plain.startswith(_NOT_AREAS):
        try:
            ZoneInfo(plain)
        except (ValueError, OSError, LookupError):  # one bad name gives five different classes
            pass
        else:
            return
    near = nearest(value, available_timezones()) if isinstance(value, str) else None
    raise InvalidValueError(
        name, value, "must be an IANA zone name such as 'Asia/Seoul'", f"did you mean {near!r}?" if near else None
    )


def zone_of(name: str) -> ZoneInfo:
    """The zone of a checked name."""
    return ZoneInfo(name)
