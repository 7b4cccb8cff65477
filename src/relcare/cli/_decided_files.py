"""What was decided over columns, as files: one for each client, or a folder of one for each table."""

import os
from pathlib import Path
from typing import Final, get_args

from relcare.cli._new_folder import whole_or_not
from relcare.errors import InvalidValueError
from relcare.frames import DecidedFrames
from relcare.frames._decided import DecidedTable

__all__ = ["refuse_taken", "write_rows"]

_END: Final = ".parquet"


def refuse_taken(path: str) -> None:
    """Refuse a place where something is, before anything is worked out.

    Raises:
        InvalidValueError: If something is there.
    """
    if os.path.lexists(path):
        raise InvalidValueError("--to", path, "must not exist yet", "name a new file or folder")


def write_rows(decided: DecidedFrames, path: str) -> None:
    """Write a row for each client into a file that is named as one of Parquet; else every table into a new folder.

    Args:
        decided: What was decided. A table that was not asked for has no file.
        path: As in `rows.parquet`, or `rows`.

    Raises:
        InvalidValueError: If something is there already.
        StorageError: If it cannot be written; of a folder nothing is left then.
    """
    if path.endswith(_END):
        decided.write_parquet(path)
        return
    with whole_or_not(path) as folder:
        folder.mkdir()
        for table in get_args(DecidedTable):
            if getattr(decided, table) is not None:
                decided.write_parquet(Path(folder) / f"{table}{_END}", table)
