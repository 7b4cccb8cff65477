"""What a store may be able to do beyond keeping a book: small protocols, each optional, found by `isinstance`.

Source: STO-1, STO-3
"""

from pathlib import Path
from typing import Protocol, runtime_checkable

import attrs

__all__ = ["CanBeCopied", "CanBeDiscarded", "CanBeInspected", "HealthCheck"]


@attrs.frozen(kw_only=True)
class HealthCheck:
    """One thing that was looked at.

    Attributes:
        code: What, for programs: stable (`backup.overdue`, `sqlite.version`).
        is_ok: Whether it is as it should be.
        text: What was found, for people; no value of a client.
    """

    code: str
    is_ok: bool
    text: str


@runtime_checkable
class CanBeInspected(Protocol):
    """Knows what its promises rest on."""

    def inspect(self) -> tuple[HealthCheck, ...]:
        """What was found, the settings of the database first. A "no" is an answer and no error.

        Raises:
            StorageError: It cannot be looked at.
        """
        ...


@runtime_checkable
class CanBeCopied(Protocol):
    """Can be copied whole while others read and write: records, log, positions, idempotency keys, versions of what is deleted."""

    def copy_to(self, path: Path, /) -> str:
        """Writes the book as it is at one moment into a new SQLite file, and gives the digest of what was read.

        Raises:
            StorageError: Something is there already, or the copy failed; nothing is left behind.
        """
        ...

    def fill_from(self, path: Path, /) -> None:
        """Takes everything from such a file into this store, which is empty: all of it or nothing.

        Raises:
            StorageError: This store is not empty, or the file cannot be read.
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
