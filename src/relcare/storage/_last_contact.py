"""When a client was last in touch, also once what told of it is erased or restricted: clocks go on counting from that day."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from relcare.errors import StorageError
from relcare.model import Touchpoint, civil_day
from relcare.storage._erasing import ErasingUnit
from relcare.storage._erasure_scope import Piece, event_in
from relcare.storage._protocols import ReadUnit
from relcare.storage._values import Record

__all__ = ["forget_last_contact", "keep_last_contact", "last_contact"]

_KIND: Final = "last_contact"
"""Records of a day for each client, and of nothing else that was said or done on it."""


def last_contact(unit: ReadUnit, client_id: str, pieces: Iterable[Piece], zone: str) -> date | None:
    """The last day on which a client was in touch by themselves; None when they never were.

    Args:
        unit: In which the day is kept, where what told of it is there no more.
        client_id: The client.
        pieces: What may be read about them.
        zone: Of the book.

    Raises:
        StorageError: The day that is kept cannot be read.
    """
    found = [day for day in (_kept(unit, client_id), _told(pieces, zone)) if day is not None]
    return max(found, default=None)


def keep_last_contact(unit: ErasingUnit, client_id: str, day: date | None, pieces: Iterable[Piece], zone: str) -> None:
    """Keeps the day of the last contact, unless it is kept already or the pieces that stay tell it.

    Args:
        unit: In which pieces go.
        client_id: The client, of whom something stays.
        day: As `last_contact` had it before they went.
        pieces: Those that stay.
        zone: Of the book.
    """
    if day is None or day in {_kept(unit, client_id), _told(pieces, zone)}:
        return
    known = unit.records.get(_KIND, client_id)
    record = Record(kind=_KIND, id=client_id, payload=json.dumps({"on": day.isoformat()}))
    unit.records.put(record, expected=0 if known is None else known.version)


def forget_last_contact(unit: ErasingUnit, client_id: str) -> bool:
    """Whether a day was kept of a client; it goes with every trace."""
    return unit.eraser.forget_record(_KIND, client_id)


def _told(pieces: Iterable[Piece], zone: str) -> date | None:
    events = (event_in(piece) for piece in pieces)
    touches = (one.occurred_at for one in events if isinstance(one, Touchpoint) and one.direction == "incoming")
    return max((civil_day(moment, ZoneInfo(zone)) for moment in touches), default=None)


def _kept(unit: ReadUnit, client_id: str) -> date | None:
    record = unit.records.get(_KIND, client_id)
    if record is None:
        return None
    try:
        return date.fromisoformat(json.loads(record.payload)["on"])
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(f"a stored {_KIND} record is damaged ({type(error).__name__}); hint: restore a backup") from error
