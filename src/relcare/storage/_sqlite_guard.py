"""Locks that nobody in this process can drop by accident."""

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from relcare.errors import StorageError

__all__ = ["FileGuard"]

# Where SQLite keeps the locks that say that somebody has the database open, and the memory beside it in use.
_IN_USE: Final = {"": (0x40000002, 510), "-shm": (128, 1)}


class FileGuard:
    """Says to other processes, for as long as a store is open, that it is.

    SQLite says so too, but its locks belong to the process: as soon as anybody in it opens and closes the file, to copy it or to
    look at its head, the system drops them all, and a forked child believes that it has those of its parent. Another process
    that then closes the book takes itself for the last, removes the write-ahead log under this store, and what either commits
    from then on is lost. The locks of the guard belong to files that the guard itself has opened, and stay. Only Linux has such
    locks for Python; elsewhere it does nothing.

    Args:
        path: Of a book, which SQLite has open already: closing any other file here would drop the locks of its owner.

    Raises:
        StorageError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._held: list[tuple[int, tuple[int, int]]] = []
        if sys.platform != "linux":
            return
        # SQLite lays its companions beside the file itself, and not beside a link to it.
        name = os.path.realpath(path)
        try:
            for suffix, place in _IN_USE.items():
                self._held.append((os.open(name + suffix, os.O_RDONLY | os.O_CLOEXEC), place))
        except OSError as error:
            self.close()
            raise StorageError(f"{str(path)!r} cannot be opened: {error.strerror}") from error
        self._lock(is_held=True)

    def let_go(self) -> None:
        """Lets the last connection that is closed tidy up."""
        self._lock(is_held=False)

    def close(self) -> None:
        """Closes the files: only after the connections, whose locks go with it."""
        while self._held:
            os.close(self._held.pop()[0])

    def __del__(self) -> None:
        # A store that nobody closed.
        with suppress(OSError):
            self.close()

    def _lock(self, *, is_held: bool) -> None:
        if sys.platform != "linux":
            return
        import fcntl

        kind = fcntl.F_RDLCK if is_held else fcntl.F_UNLCK
        for descriptor, (first, count) in self._held:
            # A file system without such locks leaves what SQLite has.
            with suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, first, count, 0))
