"""A folder that is whole when it is there."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

__all__ = ["whole_or_not"]


@contextmanager
def whole_or_not(folder: str) -> Generator[Path]:
    """A place beside a folder that becomes the folder when everything is written; nothing is left of it otherwise.

    Raises:
        InvalidValueError: If something is there already.
        StorageError: If the folder cannot be made.
    """
    from relcare.errors import InvalidValueError, StorageError

    target = Path(folder)
    if os.path.lexists(target):
        raise InvalidValueError("folder", folder, "must not exist yet", "name a new folder")
    try:
        beside = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as fault:
        raise StorageError(f"{folder!r} cannot be made: {fault.strerror}") from fault
    try:
        yield beside / target.name
        try:
            (beside / target.name).rename(target)
        except OSError as fault:
            raise StorageError(f"{folder!r} cannot be made: {fault.strerror}") from fault
    finally:
        shutil.rmtree(beside, ignore_errors=True)
