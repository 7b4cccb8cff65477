"""The JSON shape of `neglect`."""

from collections.abc import Iterable
from datetime import date

from relcare.cli._shapes import Json, reasons_shape
from relcare.custody import Holding, Neglect

__all__ = ["neglect_shape"]


def neglect_shape(as_of: date, neglected: Iterable[Neglect], quiet_count: int, holdings: Iterable[Holding]) -> dict[str, Json]:
    """Whom something is to be done about, and who holds how many."""
    return {
        "as_of": as_of.isoformat(),
        "clients": [_client(one) for one in neglected],
        "nothing_to_do": quiet_count,
        "holdings": [_holding(one) for one in holdings],
    }


def _day(day: date | None) -> Json:
    return None if day is None else day.isoformat()


def _client(one: Neglect) -> dict[str, Json]:
    return {
        "client_id": one.client_id,
        "owner_id": one.owner_id,
        "head_id": one.head_id,
        "ladder_id": one.ladder_id,
        "action": one.action,
        "reached_on": _day(one.reached_on),
        "held_back": list(one.held_back),
        "next_action": one.next_action,
        "next_on": _day(one.next_on),
        "quiet_since": _day(one.quiet_since),
        "quiet_days": one.quiet_days,
        "last_contact_on": _day(one.last_contact_on),
        "missing": list(one.missing),
        "tells": list(one.tells),
        "reasons": reasons_shape(one.reasons),
    }


def _holding(one: Holding) -> dict[str, Json]:
    return {
        "limit_id": one.limit_id,
        "owner_id": one.owner_id,
        "state": one.state,
        "count": one.count,
        "open_count": len(one.open_ids),
        "most": one.most,
        "client_ids": list(one.client_ids),
        "reasons": reasons_shape(one.reasons),
    }
