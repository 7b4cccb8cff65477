"""What the backups that lie beside one another know of erasures: an older one brings back what a newer one knows to be gone.

Source: STO-3, ACC-5.
"""

import os
from pathlib import Path

from relcare.storage._backup_files import backups_in
from relcare.storage._erasure_journal import ERASURE_KIND
from relcare.storage._sqlite_copy import opened_copy
from relcare.storage._sqlite_file import checked_path

__all__ = ["erased_since"]


def erased_since(path: str | os.PathLike[str], /) -> int:
    """How many erasures the newest backup beside a backup knows of that this one does not.

    Nought does not say that there are none: the newest may be from before them.

    Args:
        path: The file of a backup.

    Raises:
        StorageError: One of the two cannot be read.
    """
    source = checked_path(path)
    newest = max((Path(one.path) for one in backups_in(source.parent)), default=source, key=lambda one: one.name)
    if newest.name <= source.name:
        return 0
    return len(_erasure_ids(newest) - _erasure_ids(source))


def _erasure_ids(path: Path) -> frozenset[str]:
    with opened_copy(path) as source:
        return frozenset(str(record_id) for kind, record_id, *_ in source.rows("record") if kind == ERASURE_KIND)
