"""From what stands in a column to what a field of the model takes, column by column."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Context, Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from relcare._fields import check_zone
from relcare._time import day_from_text
from relcare.errors import InvalidValueError
from relcare.frames._layout import ATTRIBUTE_KINDS, ColumnKind
from relcare.model import AttributeValue, Birthday, civil_day

__all__ = ["Cell", "attribute_kind", "attribute_value", "cell_of", "cells_at_once", "is_fit", "moment_cell"]

Cell: TypeAlias = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FLOAT_WHOLE: Final = 2**53
_DIGITS: Final = 28
_EXACT: Final = Context(prec=40)
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


def _is_text(kind: nw.dtypes.DType) -> bool:
    return isinstance(kind, (nw.String, nw.Categorical, nw.Enum))


def _is_instant(kind: nw.dtypes.DType) -> bool:
    return isinstance(kind, nw.Datetime) and kind.time_zone is not None


def is_fit(wanted: ColumnKind, kind: nw.dtypes.DType) -> bool:
    """Whether a column of this type can hold such values."""
    if wanted == "text":
        return _is_text(kind)
    if wanted == "birthday":
        return _is_text(kind) or isinstance(kind, nw.Date)
    if wanted in {"day", "moment"}:
        return isinstance(kind, nw.Date) or _is_instant(kind)
    if wanted == "set":
        return isinstance(kind, nw.String) or (isinstance(kind, nw.List) and kind.inner == nw.String)
    if wanted == "flag":
        return isinstance(kind, nw.Boolean) or _is_text(kind)
    return isinstance(kind, nw.Decimal) or kind.is_integer() or kind.is_float()


def attribute_kind(kind: nw.dtypes.DType) -> ColumnKind | None:
    """What a column of attributes holds, by its type; None for what no attribute is."""
    if _is_text(kind):
        return "text"
    if isinstance(kind, nw.Boolean):
        return "flag"
    if isinstance(kind, nw.Date):
        return "day"
    if isinstance(kind, nw.List) and kind.inner == nw.String:
        return "set"
    return "number" if isinstance(kind, nw.Decimal) or kind.is_integer() or kind.is_float() else None


def cell_of(column: str, wanted: ColumnKind, kind: nw.dtypes.DType, zone: ZoneInfo) -> Cell:
    """What turns one value of a column into the value of a field; it names the column in what it raises.

    Args:
        column: Its name.
        wanted: What the field is.
        kind: The type of the column, see `is_fit`; instants come as microseconds.
        zone: Of the book.
    """
    if wanted == "set":
        return _set
    if wanted == "birthday":
        return _birthday
    if wanted == "flag" and _is_text(kind):
        return lambda value: _flag(column, value)
    if wanted == "day" and _is_instant(kind):
        return lambda value: None if value is None else civil_day(_instant(column, value, zone), zone)
    if wanted in {"number", "amount"}:
        return lambda value: _number(column, value)
    return _text if wanted == "text" else _same


def cells_at_once(cell: Cell, values: Sequence[Any]) -> Sequence[Any]:
    """What a cell makes of a whole column; equal sets and birthdays are one object each."""
    if cell is _same or (cell is _text and "" not in values):
        return values
    found = list(map(cell, values))
    if cell is _set or cell is _birthday:
        known: dict[Any, Any] = {}
        return [known.setdefault(value, value) for value in found]
    return found


def moment_cell(column: str, kind: nw.dtypes.DType | None, zone: ZoneInfo) -> Callable[[Any, Any, Any], date | None]:
    """What makes a moment of its day, its instant and its zone; a column of instants of its own needs no second one.

    Args:
        column: Of the day.
        kind: Its type; None where there is no such column.
        zone: Of the book, in which instants without a zone are written.
    """
    is_instant = kind is not None and _is_instant(kind)

    def moment(day: Any, instant: Any, named: Any) -> date | None:  # noqa: ANN401 - what an engine gives
        given = day if is_instant and instant is None else instant
        if given is None:
            return None if is_instant else day
        found = _instant(column, given, _zone_of(column, named) if named else zone)
        if not is_instant and day is not None and civil_day(found, zone) != day:
            raise InvalidValueError(column, str(day), f"must be the day of its instant in {zone.key}, {civil_day(found, zone)}")
        return found

    return moment


def _instant(column: str, micros: int, zone: Any) -> datetime:  # noqa: ANN401 - a zone or an offset
    try:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone)
    except OverflowError:
        raise InvalidValueError(column, micros, "must be an instant from 1900 to 2199") from None


def _zone_of(column: str, text: str) -> Any:  # noqa: ANN401 - as above
    match = _OFFSET.fullmatch(text)
    if match is None:
        check_zone(f"{column}.zone", text)
        return ZoneInfo(text)
    hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 4))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if match[1] == "-" else offset)


def _same(value: Any) -> Any:  # noqa: ANN401 - what an engine gives
    return value


def _text(value: str | None) -> str | None:
    return value or None


def _birthday(value: Any) -> Any:  # noqa: ANN401 - what an engine gives
    return Birthday.parse(value) if isinstance(value, str) and value else value or None


def _set(value: Any) -> frozenset[str] | None:  # noqa: ANN401 - what an engine gives
    if value is None:
        return None
    members: Sequence[str | None] = value.split("|") if isinstance(value, str) else value
    stripped = [member.strip() if isinstance(value, str) and member else member for member in members]
    return frozenset(member for member in stripped if member)


def _flag(column: str, value: str | None) -> bool | None:
    if not value:
        return None
    if value not in _FLAGS:
        raise InvalidValueError(column, value, f"must be one of {', '.join(_FLAGS)}")
    return _FLAGS[value]


def _number(column: str, value: Any) -> Decimal | int | None:  # noqa: ANN401 - what an engine gives
    if isinstance(value, Decimal):
        if value.as_tuple().exponent == 0:
            return int(value)
        # The digits of the column may be more than those of a number: only noughts behind it.
        return value if len(value.as_tuple().digits) <= _DIGITS else _EXACT.normalize(value)
    if not isinstance(value, float):
        return value  # type: ignore[no-any-return]
    if value != value:  # noqa: PLR0124 - NaN is missing
        return None
    if not value.is_integer() or abs(value) >= _FLOAT_WHOLE:
        raise InvalidValueError(column, value, "must be whole, or a decimal: a float does not hold it exactly")
    return int(value)


def attribute_value(kind: str, text: str | None) -> AttributeValue:
    """The value of an attribute from its kind and its text.

    Raises:
        InvalidValueError: If there is no such kind, or the text is no such value.
    """
    if kind not in ATTRIBUTE_KINDS:
        raise InvalidValueError("kind", kind, f"must be one of {', '.join(ATTRIBUTE_KINDS)}")
    if kind == "none":
        return None
    if kind == "set":
        return frozenset(text.split("\n")) if text else frozenset[str]()
    found: AttributeValue = text or None
    if kind == "flag":
        found = _FLAGS.get(text or "")
    elif kind == "day":
        found = day_from_text(text or "")
    elif kind == "number":
        found = _exact(text or "")
    if found is None:
        raise InvalidValueError("value", text, f"must be a {kind}")
    return found


def _exact(text: str) -> Decimal | int | None:
    try:
        return int(text) if "." not in text else Decimal(text)
    except (ValueError, ArithmeticError):
        return None
