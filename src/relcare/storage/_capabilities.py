"""What a store may be able to do beyond keeping a book: small protocols, each optional, found by `isinstance`.

Source: STO-1, STO-3
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import attrs

from relcare.storage._values import StoredEntry

__all__ = ["CanBeCopied", "CanBeDiscarded", "CanBeInspected", "CanReadByClient", "HealthCheck", "HealthState"]

HealthState: TypeAlias = Literal["ok", "note", "failed"]
"""`note`: worth knowing, and no reason for an alarm."""


@attrs.frozen(kw_only=True)
class HealthCheck:
    """One thing that was looked at.

    Attributes:
        code: What, for programs: stable (`backup.overdue`, `sqlite.version`).
        state: How it is.
        text: What was found, for people; no value of a client.
    """

    code: str
    state: HealthState
    text: str

    @property
    def is_ok(self) -> bool:
        """Whether it gives no reason for an alarm."""
        return self.state != "failed"


@runtime_checkable
class CanBeInspected(Protocol):
    """Knows what its promises rest on, and can look at all that it keeps."""

    def inspect(self) -> tuple[HealthCheck, ...]:
        """What the database is and how it is set. A "no" is an answer and no error.

        Raises:
            StorageError: It cannot be looked at.
        """
        ...

    def verify(self) -> str:
        """Reads every row, and gives the digest of them all: the same content has the same digest in every store.

        Raises:
            StorageError: A row is damaged, a key does not fit its record, or it cannot be read.
        """
        ...


@runtime_checkable
class CanBeCopied(Protocol):
    """Can be copied whole while others read and write: records, log, positions, idempotency keys, versions of what is deleted."""

    def copy_to(self, path: Path, /) -> str:
        """Writes what is stored at one moment into a new SQLite book, and gives the digest of what was read; see `verify`.

        Raises:
            StorageError: Something is there already, or the copy failed; nothing is left behind.
        """
        ...

    def fill_from(self, path: Path, /) -> str:
        """Takes everything from a SQLite book into this store, which is empty, and gives the digest of what was read.

        Raises:
            StorageError: This store is not empty, or the book cannot be read; this store stays empty.
        """
        ...


@runtime_checkable
class CanBeDiscarded(Protocol):
    """Can take itself away."""

    def discard(self) -> None:
        """Closes the store and takes it away with everything in it; there is no way back but a backup.

        Raises:
            StorageError: A unit is still open, or it cannot be taken away.
        """
        ...


@runtime_checkable
class CanReadByClient(Protocol):
    """What the log of a unit may be able to do: give everything client by client, in one pass.

    Where it cannot, the whole log is read and sorted; the answers are the same.
    """

    def by_client(self) -> Iterator[StoredEntry]:
        """All entries, by client id in code point order, those of a client in the order of commits; ends with its unit."""
        ...
