"""The JSON shape of `may-contact`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from relcare.cli._shapes import Json, reasons_shape
from relcare.permission import PermissionDecision

__all__ = ["permission_shape"]


def permission_shape(client_id: str, person_id: str | None, answer: PermissionDecision) -> dict[str, Json]:
    """Instants in UTC, and once more by the client's clocks where the zone is known."""
    return {
        "client_id": client_id,
        "person_id": person_id,
        "channel": answer.channel,
        "purpose": answer.purpose,
        "at": answer.at.isoformat(),
        "is_allowed": answer.is_allowed,
        "next_allowed_at": None if answer.next_allowed_at is None else answer.next_allowed_at.isoformat(),
        "next_allowed_there": _there(answer.next_allowed_at, answer.zones),
        "zones": list(answer.zones),
        "laws": list(answer.laws),
        "reasons": reasons_shape(answer.reasons),
    }


def _there(moment: datetime | None, zones: tuple[str, ...]) -> str | None:
    return None if moment is None or len(zones) != 1 else moment.astimezone(ZoneInfo(zones[0])).isoformat()
