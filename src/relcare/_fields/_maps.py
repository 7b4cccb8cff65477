"""A mapping that cannot be changed."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import TypeVar, cast, overload

__all__ = ["ReadOnlyMap", "read_only"]

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class ReadOnlyMap(Mapping[K, V]):
    """A mapping that cannot be changed, hashes and pickles; order as given, equality as for any mapping."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[K, V] | Iterable[tuple[K, V]] = (), *, is_kept: bool = False) -> None:
        # Kept: of somebody who will not change it any more, see `read_only`.
        self._data: dict[K, V] = cast("dict[K, V]", data) if is_kept else dict(data)

    def __getitem__(self, key: K) -> V:
        return self._data[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    # What the base class makes of the three above costs several times as much.
    def __contains__(self, key: object) -> bool:
        return key in self._data

    @overload
    def get(self, key: K, default: None = None, /) -> V | None: ...
    @overload
    def get(self, key: K, default: V, /) -> V: ...
    @overload
    def get(self, key: K, default: T, /) -> V | T: ...
    def get(self, key: K, default: object = None, /) -> object:
        """What a key stands for; the default where it is not there."""
        return self._data.get(key, default)

    def keys(self) -> KeysView[K]:
        """The keys, in their order."""
        return self._data.keys()

    def values(self) -> ValuesView[V]:
        """What they stand for, in the same order."""
        return self._data.values()

    def items(self) -> ItemsView[K, V]:
        """Both."""
        return self._data.items()

    def __hash__(self) -> int:
        return hash(frozenset(self._data.items()))

    def __repr__(self) -> str:
        return repr(self._data)


def read_only(data: dict[K, V]) -> ReadOnlyMap[K, V]:
    """The map of a dictionary that nobody will change any more: nothing is copied."""
    return ReadOnlyMap(data, is_kept=True)
