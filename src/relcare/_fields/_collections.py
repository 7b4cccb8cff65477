"""Collections that come in: converted to ones that cannot be changed, and refused with a member of the wrong type."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from relcare._fields._maps import ReadOnlyMap
from relcare.errors import InvalidValueError

__all__ = ["check_tuple_of", "to_frozenset", "to_map", "to_texts", "to_tuple"]

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


def to_tuple(values: Iterable[T]) -> tuple[T, ...]:
    """The values as a tuple; a text stays as it is, so that the check can refuse it instead of splitting it into letters."""
    return values if isinstance(values, (tuple, str)) else _collected(values, tuple)  # type: ignore[return-value]


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Texts as a tuple, see `to_tuple`. Converters of fields are never generic: type checkers then refuse valid calls."""
    return to_tuple(values)


def to_frozenset(values: Iterable[str]) -> frozenset[str]:
    """The values as a frozenset; a text stays as it is, see `to_tuple`."""
    return values if isinstance(values, (frozenset, str)) else _collected(values, frozenset)  # type: ignore[return-value]


def _collected(values: object, kind: type) -> object:
    try:
        return kind(values)
    except TypeError:  # not iterable, or with members that cannot be hashed: the check names the field
        return values


def to_map(values: Mapping[K, V]) -> Mapping[K, V]:
    """The mapping, read-only."""
    if isinstance(values, ReadOnlyMap) or not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return values
    return ReadOnlyMap(values)


def check_tuple_of(name: str, value: object, kind: type) -> None:
    """Refuse a collection with a member of another type, naming the first one's index."""
    if not isinstance(value, tuple):
        raise InvalidValueError(name, value, f"must be a collection of {kind.__name__}")
    for index, member in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if not isinstance(member, kind):
            raise InvalidValueError(f"{name}[{index}]", member, f"must be a {kind.__name__}")  # pyright: ignore[reportUnknownArgumentType]
