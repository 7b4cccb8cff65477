"""What a process that was killed left behind: told from what another still uses by locks, which the system drops with a process.

A lock of a folder belongs to the one who opened it there. Where there are none (Windows, some network shares) it cannot be told.
"""

import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from re import Pattern
from typing import Final, Self

from relcare.storage._sqlite_file import remove_file

__all__ = ["FolderLock", "folder_of_own", "is_left", "sweep_folders"]

_TRIES: Final = 16


class FolderLock:
    """Says to others that a folder is in use, for as long as it is not released, or until the process ends.

    Args:
        folder: Which exists; one that cannot be opened is like one without locks.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        if hasattr(os, "O_DIRECTORY"):
            with suppress(OSError):
                self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def try_alone(self) -> bool | None:
        """Whether nobody else uses the folder, and nobody will until this is shared or released; None where it cannot be told."""
        if self._descriptor is None:
            return None
        import fcntl

        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True

    def share(self) -> None:
        """From now on others may use it too, and none of them is alone."""
        if self._descriptor is None:
            return
        import fcntl

        # Waits at most for somebody who tidies up.
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Ends it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@contextmanager
def folder_of_own(prefix: str, parent: Path | None = None) -> Generator[Path]:
    """A new folder that nobody sweeps while it is used; it goes with all that is in it.

    Args:
        prefix: Of its name.
        parent: Where it lies; None for where the system keeps what is temporary.

    Raises:
        OSError: It cannot be made, or cannot be taken away again.
    """
    for _ in range(_TRIES):
        with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name, FolderLock(Path(name)) as lock:
            # Between the two somebody who sweeps may have taken it for one that was left.
            if lock.try_alone() is not False and Path(name).exists():
                yield Path(name)
                return
    raise FileExistsError("others keep sweeping it away")


def sweep_folders(parent: Path, pattern: Pattern[str], file_name: str, *, older_than: float | None = None) -> None:
    """Takes away the folders made by `folder_of_own` that a process left when it was killed; what cannot be, stays.

    Args:
        parent: Where they lie.
        pattern: Of their names.
        file_name: Of the database in them. One that holds anything else stays: it is not ours.
        older_than: Where there are no locks, what was last changed before then, in seconds since 1970, was left; None: nothing.
    """
    with suppress(OSError):
        for folder in sorted(parent.iterdir()):
            if pattern.fullmatch(folder.name) is not None and _is_own_folder(folder):
                with FolderLock(folder) as lock:
                    if is_left(folder, is_alone=lock.try_alone(), older_than=older_than):
                        remove_file(folder / file_name)
                        with suppress(OSError):
                            folder.rmdir()


def is_left(path: Path, *, is_alone: bool | None, older_than: float | None) -> bool:
    """Whether nobody uses a path any more: by the lock, or by its age where there are no locks."""
    if is_alone is not None:
        return is_alone
    return older_than is not None and path.stat().st_mtime < older_than


def _is_own_folder(path: Path) -> bool:
    # Of others nothing is touched: they could lay a link in its place meanwhile.
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())
