"""A value from what a table gives for its fields, with what is wrong with them."""

import re
from collections.abc import Callable, Container, Mapping
from typing import Final, TypeVar

import attrs

from relcare.errors import InvalidValueError

__all__ = ["attempt"]

T = TypeVar("T")

# A rule about the value alone: whatever the other fields say, it is wrong.
_ALONE: Final = re.compile(
    r"must be (a whole number|from|at least|at most|more than|one of '|visible text|an identifier|an IANA)"
)


def attempt(
    kind: Callable[..., T],
    fields: Mapping[str, object],
    names: Mapping[str, str],
    keys: Container[str],
    *,
    is_broken: bool,
) -> tuple[T | None, list[InvalidValueError]]:
    """The value, or what it refuses.

    Every field that is out of its range is refused, not the first alone. What rules say about several fields is told only where
    all others are right: it may be no more than what a mistake that is told already leads to.

    Args:
        kind: The class of the value.
        fields: Its keyword arguments; None for what is not given, and for what is known to be wrong.
        names: What the document calls a field, where it is not the field's own name.
        keys: Those that the document has: a field whose key is there and whose value is None is wrong.
        is_broken: Whether something is wrong with the table already, such as an unknown key.

    Returns:
        The value, or None where a field is wrong or lacking; and what was refused.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    has_wrong = is_broken and any(value is None and names.get(name, name) in keys for name, value in fields.items())
    refused: list[InvalidValueError] = []
    while _required(kind) <= given.keys():
        try:
            made = kind(**given)
        except InvalidValueError as error:
            field = _field_of(error, fields, names)
            is_alone = _ALONE.match(error.rule) is not None and names.get(field, field) in keys
            may_follow = has_wrong or (is_broken and names.get(field, field) not in keys)
            if is_alone or not may_follow:
                refused.append(error)
            if not is_alone or given.pop(field, None) is None:
                break
            has_wrong = True
        else:
            return (None if has_wrong else made), refused
    return None, refused


def _required(kind: Callable[..., object]) -> frozenset[str]:
    """The fields that a value cannot do without, by the names of its arguments."""
    fields = attrs.fields_dict(kind)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportUnknownMemberType]
    needed = (field for field in fields.values() if field.init and field.default is attrs.NOTHING)
    return frozenset(field.alias or field.name for field in needed)


def _field_of(error: InvalidValueError, fields: Mapping[str, object], names: Mapping[str, str]) -> str:
    """The argument that an error is about, which it may call as the document does."""
    word = error.name.partition("[")[0].partition(".")[0]
    return word if word in fields else next((field for field, name in names.items() if name == word), word)
