"""From one line of text to a store: what a command line, a settings file or an environment can hold."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from relcare.errors import InvalidValueError, MissingExtraError, StorageError, nearest
from relcare.model import Book, Review
from relcare.storage._book_writer import save_book
from relcare.storage._capabilities import CanBeDiscarded
from relcare.storage._memory import MemoryStore
from relcare.storage._protocols import Store

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["StoreFactory", "create_store", "open_store", "scheme_of", "store_schemes", "without_password"]

GROUP: Final = "relcare.stores"
"""The entry points under which third parties name their factories, by scheme."""

# One letter is a drive, not a scheme.
_SCHEME: Final = re.compile(r"([a-z][a-z0-9.-]+)(?:\+[a-z0-9_]+)?:")
_PASSWORD: Final = re.compile(r"(//[^/@:]*):[^/]*@")


@runtime_checkable
class StoreFactory(Protocol):
    """Opens and makes the stores of one scheme; what an entry point of the group `relcare.stores` names."""

    def open(self, url: str, /) -> Store:
        """The store that exists at a URL of the scheme; creates nothing.

        Raises:
            StorageError: There is none, or it cannot be opened.
        """
        ...

    def new(self, url: str, /) -> Store:
        """A new, empty store there.

        Raises:
            StorageError: There is one already, or it cannot be made; nothing is left behind.
        """
        ...


class _Memory:
    def open(self, url: str, /) -> Store:
        if url != "memory:":
            raise InvalidValueError("url", url, "must be 'memory:' alone")
        return MemoryStore()

    def new(self, url: str, /) -> Store:
        return self.open(url)


class _Sqlite:
    def open(self, url: str, /) -> Store:
        from relcare.storage._sqlite import SqliteStore

        return SqliteStore.open(url.removeprefix("sqlite:"))

    def new(self, url: str, /) -> Store:
        from relcare.storage._sqlite import SqliteStore

        return SqliteStore.new(url.removeprefix("sqlite:"))


class _Postgres:
    def open(self, url: str, /) -> Store:
        from relcare.storage.sql import SqlStore

        return SqlStore.open(url)

    def new(self, url: str, /) -> Store:
        from relcare.storage.sql import SqlStore

        return SqlStore.new(url)


_OWN: Final[Mapping[str, Callable[[], StoreFactory]]] = {"memory": _Memory, "postgresql": _Postgres, "sqlite": _Sqlite}


def scheme_of(url: str) -> str | None:
    """The scheme of a URL (`postgresql` of `postgresql+psycopg://...`); None for the plain path of a SQLite file."""
    found = _SCHEME.match(url)
    return None if found is None else found[1]


def store_schemes() -> tuple[str, ...]:
    """The schemes that `open_store` knows here, by code point: those of relcare, and those that installed packages add.

    Examples:
        >>> from relcare.storage import store_schemes
        >>> {"memory", "postgresql", "sqlite"} <= set(store_schemes())
        True
    """
    return tuple(sorted({*_OWN, *(one.name for one in _installed())}))


def open_store(url: str, /) -> Store:
    """The store that exists at a URL.

    | URL | store |
    | --- | --- |
    | `sqlite:book.db`, or the path alone | the SQLite file there |
    | `postgresql://user@host/database` | the database there (extra `sql`) |
    | `memory:` | a new, empty one |
    | any other scheme | that of an installed package, by its entry point in the group `relcare.stores` |

    Args:
        url: With its scheme; a text without one is the path of a SQLite file. A password in it stands in no message, but may
            be seen by others on the machine when it stands on a command line: let the driver find it elsewhere.

    Raises:
        InvalidValueError: Nobody knows the scheme.
        MissingExtraError: The scheme needs an extra that is not installed.
        StorageError: There is no store, or it cannot be opened.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from relcare.storage import create_store, open_store
        >>> with TemporaryDirectory() as folder:
        ...     create_store(f"sqlite:{folder}/book.db").close()
        ...     with open_store(f"sqlite:{folder}/book.db").read() as view:
        ...         list(view.log.since())
        []

    Source: STO-1
    """
    return _factory(url).open(url)


def create_store(url: str, book: Book | None = None, /, *, by: str | None = None, reviews: Iterable[Review] = ()) -> Store:
    """A new store at a URL, see `open_store`.

    Args:
        url: As for `open_store`.
        book: What it holds; None leaves it empty.
        by: Who records the book; stored with each event.
        reviews: Those that are kept with the book.

    Raises:
        InvalidValueError: Nobody knows the scheme.
        MissingExtraError: The scheme needs an extra that is not installed.
        StorageError: There is one already, or it cannot be made; the stores of relcare leave nothing behind.
    """
    store = _factory(url).new(url)
    if book is None:
        return store
    try:
        save_book(store, book, by=by, reviews=reviews)
    except BaseException:
        if isinstance(store, CanBeDiscarded):
            store.discard()
        else:
            store.close()
        raise
    return store


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    return _PASSWORD.sub(r"\1:***@", url)


def _factory(url: str) -> StoreFactory:
    if type(url) is not str:
        raise InvalidValueError("url", type(url).__name__, "must be text")
    scheme = scheme_of(url)
    if scheme is None:
        return _Sqlite()
    if scheme in _OWN:
        return _OWN[scheme]()
    found = _named(scheme, _installed())
    if found is None:
        known = store_schemes()
        close = nearest(scheme, known)
        hint = f"did you mean {close!r}?" if close else f"one of {', '.join(known)}; a path with a colon as sqlite:PATH"
        raise InvalidValueError("url", f"{scheme}:", "must begin with a scheme that is installed", hint)
    return found


def _installed() -> "Iterable[EntryPoint]":
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _named(scheme: str, installed: "Iterable[EntryPoint]") -> StoreFactory | None:
    points = [one for one in installed if one.name == scheme]
    if not points:
        return None
    if len({one.value for one in points}) > 1:
        told = " and ".join(sorted(one.value for one in points))
        raise StorageError(f"two packages offer stores for {scheme + ':'!r}: {told}; hint: uninstall one of them")
    try:
        factory: object = points[0].load()
    except MissingExtraError:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise StorageError(f"the stores for {scheme + ':'!r} ({points[0].value}) cannot be loaded: {told}") from error
    if not isinstance(factory, StoreFactory):
        raise StorageError(f"the stores for {scheme + ':'!r} ({points[0].value}) have no open(url) and new(url)")
    return factory
