"""The types of the columns of a database, as plain SQL words."""

import re
from typing import Final, Literal, TypeAlias

import attrs

from relcare.errors import InvalidValueError, nearest

__all__ = ["SHOWN", "ColumnType", "SqlKind", "parsed_type"]

SqlKind: TypeAlias = Literal["text", "whole", "decimal", "flag", "date", "instant"]

_WORDS: Final[dict[str, SqlKind]] = {
    "text": "text",
    "varchar": "text",
    "character varying": "text",
    "string": "text",
    "smallint": "whole",
    "integer": "whole",
    "int": "whole",
    "bigint": "whole",
    "int64": "whole",
    "decimal": "decimal",
    "numeric": "decimal",
    "boolean": "flag",
    "bool": "flag",
    "date": "date",
    "timestamp with time zone": "instant",
    "timestamptz": "instant",
}
SHOWN: Final[dict[SqlKind, str]] = {
    "text": "text",
    "whole": "whole numbers",
    "decimal": "decimals with so many digits",
    "flag": "booleans",
    "date": "dates",
    "instant": "instants with a zone",
}
_KNOWN: Final = "text, integer, bigint, decimal(p, s), boolean, date, timestamp with time zone"
_TYPE: Final = re.compile(r"\s*([a-z][a-z0-9 ]*?)\s*(?:\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?\))?\s*", re.IGNORECASE)
_MOST_DIGITS: Final = 38


@attrs.frozen
class ColumnType:
    """What a column holds.

    Attributes:
        kind: Which kind of values.
        scale: How many decimals; 0 but for decimals.
    """

    kind: SqlKind
    scale: int = 0


def parsed_type(name: str, value: object) -> ColumnType:
    """A type by its SQL words, whatever their case.

    Args:
        name: How messages call it.
        value: As in `decimal(12, 2)`.

    Raises:
        InvalidValueError: If it is none that is known, or a decimal that does not say its digits.
    """
    found = _TYPE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise InvalidValueError(name, value, f"must be one of {_KNOWN}")
    word = " ".join(found[1].lower().split())
    kind = _WORDS.get(word)
    if kind is None:
        near = nearest(word, _WORDS)
        raise InvalidValueError(name, value, f"must be one of {_KNOWN}", f"did you mean {near!r}?" if near else None)
    if kind == "decimal":
        return ColumnType(kind, _scale(name, value, found[2], found[3]))
    if found[3] is not None or (found[2] is not None and kind != "text"):
        raise InvalidValueError(name, value, f"must be one of {_KNOWN}", f"leave out what follows {word}")
    return ColumnType(kind)


def _scale(name: str, value: object, digits: str | None, decimals: str | None) -> int:
    if digits is None:
        raise InvalidValueError(name, value, "must say how many digits and decimals it has", "as in decimal(18, 2)")
    scale = int(decimals or 0)
    if not scale <= int(digits) <= _MOST_DIGITS or int(digits) == 0:
        raise InvalidValueError(name, value, f"must have at most {_MOST_DIGITS} digits, and no more decimals than digits")
    return scale
