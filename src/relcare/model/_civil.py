"""The civil day of an instant."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

__all__ = ["civil_day"]


def civil_day(moment: date, zone: ZoneInfo) -> date:
    """The day on which something happened, as the calendar in a zone showed it."""
    if not isinstance(moment, datetime):
        return moment
    # A plain copy first: pendulum's own conversion costs many times as much, and `datetime.astimezone` on its subclass is wrong.
    plain = datetime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=moment.tzinfo, fold=moment.fold
    )
    return plain.astimezone(zone).date()
