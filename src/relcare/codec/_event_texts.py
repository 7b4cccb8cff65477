"""Touchpoints and purchases as stored text and back, without the detour over a converter: a book has millions of them.

The texts are those that the converter and the encoder of the codec would write, and what they refuse is refused here: a test
holds the two against each other.
"""

from collections.abc import Callable, Mapping
from datetime import date
from json import JSONEncoder
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

import attrs

from relcare.codec._moments import moment_text
from relcare.codec._record_hooks import moment_of, money_of
from relcare.errors import InvalidValueError
from relcare.model import DIRECTIONS, Money, Purchase, Touchpoint

__all__ = ["EventText"]

T = TypeVar("T", Touchpoint, Purchase)

# Whatever else there is in the field of a class, its own check refuses what is no text.
Write: TypeAlias = Callable[[Any], str]
Read: TypeAlias = Callable[[object, object], object]


def _direction(value: object, _: object) -> object:
    # Touchpoints understand `in` too; no text that was stored says so.
    if value not in DIRECTIONS:
        raise InvalidValueError("direction", value, "must be one of those that are written")
    return value


_WRITE: Final[Mapping[object, Write]] = {date: moment_text, date | None: moment_text, Money: str}
_READ: Final[Mapping[object, Read]] = {date: moment_of, date | None: moment_of, Money: money_of}


class EventText(Generic[T]):
    """Writes one class in one format, and reads it.

    Args:
        kind: All of its fields are text, moments and money.
        record_format: The number to write.
    """

    def __init__(self, kind: type[T], record_format: int) -> None:
        self._kind: Callable[..., T] = kind
        self._encode = JSONEncoder(ensure_ascii=False).encode  # of a text alone
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
        steps: list[tuple[str, str, str | None, Write | None]] = [
            (field.name, f',"{field.name}":', None if field.default is attrs.NOTHING else field.default, _WRITE.get(field.type))
            for field in fields
        ]
        self._before = [step for step in steps if step[0] < "format"]
        self._format = f',"format":{record_format}'
        self._after = [step for step in steps if step[0] > "format"]
        for half in (self._before, self._after):
            half.sort(key=lambda step: step[0])
        self._read = [(field.name, _READ[field.type]) for field in fields if field.type in _READ]
        if kind is Touchpoint:
            self._read.append(("direction", _direction))

    def dump(self, value: T) -> str:
        """The value as one line of JSON: names sorted, defaults left out."""
        parts: list[str] = []
        self._add(parts, value, self._before)
        parts.append(self._format)
        self._add(parts, value, self._after)
        return f"{{{''.join(parts)[1:]}}}"

    def _add(self, parts: list[str], value: T, steps: list[tuple[str, str, str | None, Write | None]]) -> None:
        for name, key, default, write in steps:
            member = getattr(value, name)
            if member is not None and member != default:
                parts.append(key)
                parts.append(self._encode(member if write is None else write(member)))

    def load(self, document: dict[str, Any], _: object) -> T:
        """The value that an object of this release's format means; it may raise whatever a foreign one makes it raise.

        Args:
            document: Freshly read; it is used up.
        """
        for name, read in self._read:
            value = document.get(name)
            if value is not None:
                document[name] = read(value, None)
        return self._kind(**document)
