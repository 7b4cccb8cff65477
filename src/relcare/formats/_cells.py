"""From cells to values, and from values to cells.

Files repeat themselves: the same days and the same amounts stand in many rows. What turns a cell into such a value is a
dictionary that fills itself, and it names its column when it cannot.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError
from relcare.model import AttributeValue, Money

__all__ = [
    "Amounts",
    "Days",
    "Instants",
    "Moments",
    "amount_cell",
    "attribute_cell",
    "count",
    "day_cell",
    "flag",
    "flag_cell",
    "moment_cell",
]

_KEPT: Final = 65_536
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?"
    r" ?(?:(Z)|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::([0-5][0-9]))?)?)?",
    re.ASCII,
)
_COUNT: Final = re.compile(r"[0-9]{0,10}", re.ASCII)
_MAX_OFFSET: Final = timedelta(hours=14)


def _day(column: str, text: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InvalidValueError(column, text, "must be a day that exists") from None
    raise InvalidValueError(column, text, "must be a date as 2026-03-20")


class Days(dict[str, date]):
    """The civil dates of a column, by what stands in the cell."""

    def __init__(self, column: str) -> None:
        super().__init__()
        self._column = column

    def __missing__(self, text: str) -> date:
        day = self[text] = _day(self._column, text)
        return day


class Moments(dict[str, date]):
    """The dates and instants of a column, by what stands in the cell (TIM-2).

    A local time is read in the book's zone: of a time that the clocks show twice it is the first, and a time that they skip is
    refused. A time with an offset is the same instant in the book's zone.
    """

    def __init__(self, column: str, zone: ZoneInfo) -> None:
        super().__init__()
        self._column = column
        self._zone = zone

    def __missing__(self, text: str) -> date:
        moment = self._instant(text) if len(text) > 10 else _day(self._column, text)
        if len(self) < _KEPT:
            self[text] = moment
        return moment

    def _instant(self, text: str) -> datetime:
        match = _MOMENT.fullmatch(text)
        if match is None:
            rule = "must be a date or a time as 2026-03-20T14:30, with or without seconds and offset"
            raise InvalidValueError(self._column, text, rule)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
        micro = int((match[7] or "").ljust(6, "0"))
        try:
            local = datetime(year, month, day, hour, minute, second, micro, tzinfo=self._zone)
            if match[8]:
                return local.replace(tzinfo=UTC).astimezone(self._zone)
            if match[9]:
                return local.replace(tzinfo=timezone(self._offset(text, match))).astimezone(self._zone)
        except (ValueError, OverflowError) as fault:
            if isinstance(fault, InvalidValueError):
                raise
            raise InvalidValueError(self._column, text, "must be a time on a day that exists") from None
        # In a gap the offset before it is the smaller one; where the clocks go back, the first offset is the larger one.
        if self._offset_at(local) < self._offset_at(local.replace(fold=1)):
            rule = f"must be a time that the clocks in {self._zone.key} show: they skip this one"
            raise InvalidValueError(self._column, text, rule, "give the time after the change, or the offset")
        return local

    def _offset(self, text: str, match: re.Match[str]) -> timedelta:
        offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0), seconds=int(match[12] or 0))
        if offset > _MAX_OFFSET:
            raise InvalidValueError(self._column, text, "must have an offset of at most 14 hours")
        return -offset if match[9] == "-" else offset

    def _offset_at(self, local: datetime) -> timedelta:
        return self._zone.utcoffset(local) or timedelta(0)


class Amounts(dict[tuple[str, str], Money]):
    """The amounts of money, by what stands in the cells of amount and currency.

    Args:
        book: The currency of the book, which is then the only one allowed; or None.
        otherwise: What an empty currency cell means; None where it is a mistake.
    """

    def __init__(self, book: str | None, otherwise: str | None) -> None:
        super().__init__()
        self._book = book
        self._otherwise = otherwise

    def __missing__(self, key: tuple[str, str]) -> Money:
        amount, written = key
        currency = written or self._otherwise
        if currency is None:
            raise InvalidValueError("currency", written, "must not be empty")
        if self._book is not None and currency != self._book:
            raise InvalidValueError("currency", written, f"must be the currency of the book, {self._book}")
        money = Money(amount, currency)
        if len(self) < _KEPT:
            self[key] = money
        return money


class Instants(dict[str, datetime]):
    """The instants of a column where a day alone does not do; as `Moments` reads them."""

    def __init__(self, column: str, zone: ZoneInfo) -> None:
        super().__init__()
        self._column = column
        self._moments = Moments(column, zone)

    def __missing__(self, text: str) -> datetime:
        moment = self._moments[text]
        if not isinstance(moment, datetime):
            raise InvalidValueError(self._column, text, "must be a time as 2026-03-20T14:30, with or without seconds and offset")
        return moment


def count(column: str, text: str) -> int:
    """A whole number in plain digits; an empty cell is 0."""
    if not _COUNT.fullmatch(text):
        raise InvalidValueError(column, text, "must be a whole number in plain digits, at most ten of them")
    return int(text or 0)


def flag(column: str, text: str) -> bool:
    """`true`, or `false`, which an empty cell means too."""
    if text not in {"", "false", "true"}:
        raise InvalidValueError(column, text, "must be true or false")
    return text == "true"


def flag_cell(*, value: bool) -> str:
    """`true` or `false`."""
    return "true" if value else "false"


def day_cell(day: date | None) -> str:
    """A civil date as ISO text; an empty cell for None."""
    return "" if day is None else day.isoformat()


def moment_cell(moment: date | None, zone: ZoneInfo) -> str:
    """A date, or an instant in the book's zone with its offset: no change of the clocks makes that ambiguous."""
    if not isinstance(moment, datetime):
        return day_cell(moment)
    # By way of a plain UTC instant: pendulum's own conversions are slower, and its zone need not be the book's.
    plain = datetime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=moment.tzinfo,
        fold=moment.fold,
    )
    return plain.astimezone(UTC).astimezone(zone).isoformat()


def amount_cell(amount: Decimal) -> str:
    """An exact number without exponent."""
    return f"{amount:f}"


def attribute_cell(name: str, value: AttributeValue) -> str:
    """The text of an attribute: `true`, `false`, ISO dates, numbers without exponent, members of a set in order, joined by `|`.

    None is an empty cell, and so is "not known". An empty set is `|`: that is known.

    Raises:
        InvalidValueError: If a member of a set holds the `|` that joins them.
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return flag_cell(value=value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        if any("|" in member for member in value):
            raise InvalidValueError(name, sorted(value), "must have no member with '|', which joins the members in a cell")
        return "|".join(sorted(value)) or "|"
    return amount_cell(value) if isinstance(value, Decimal) else str(value)
