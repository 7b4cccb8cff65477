"""What a backup is, and those that lie in a folder.

Source: STO-3
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import attrs

from relcare.errors import InvalidValueError, StorageError
from relcare.storage._left_behind import FolderLock, is_left, sweep_folders
from relcare.storage._sqlite_file import checked_path

__all__ = [
    "PROOF",
    "RESTORED",
    "Backup",
    "BackupPolicy",
    "about",
    "age_of",
    "backups_in",
    "digest_of_file",
    "in_utc",
    "known_backup",
    "sweep_unfinished",
]

FORMAT: Final = 1
PROOF: Final = "relcare-proof-"
"""How the names of folders begin in which backups are restored, to prove them."""

RESTORED: Final = "restored.db"

_NAME: Final = re.compile(r"relcare-\d{8}T\d{12}Z\.db")
_UNFINISHED: Final = re.compile(r"relcare-\d{8}T\d{12}Z\.(part(-journal|-wal|-shm)?|json)")
_PROVED_IN: Final = re.compile(r"relcare-proof-[a-z0-9_]{8}")
_LONGEST: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class BackupPolicy:
    """How often a book is backed up, and how many backups are kept.

    Attributes:
        max_age_days: How old the last verified backup may be; from 1. Weekly by default.
        keep: How many backups stay in a folder; from 1. The newest is never taken away.
    """

    max_age_days: int = 7
    keep: int = 8

    def __attrs_post_init__(self) -> None:
        for name, value in (("max_age_days", self.max_age_days), ("keep", self.keep)):
            if type(value) is not int or value < 1:
                raise InvalidValueError(name, value, "must be a whole number from 1")


@attrs.frozen(kw_only=True)
class Backup:
    """One backup: a SQLite book, and beside it a file of the same name with `.json` that says what it is.

    Attributes:
        path: Where the book lies, absolute.
        taken_at: When it was taken; in UTC. What was committed before is in it.
        digest: Of its content; the same as that of the store it was taken from, and of every store restored from it.
        file_digest: The SHA-256 of the file, in hexadecimal.
        byte_count: How long the file is.
    """

    path: str
    taken_at: datetime
    digest: str
    file_digest: str
    byte_count: int

    def as_text(self) -> str:
        """As JSON."""
        shape = {"format": FORMAT, **attrs.asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps(shape, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Backup":
        """Read from JSON.

        Raises:
            StorageError: It is no description of a backup, or of a newer relcare.
        """
        try:
            shape = json.loads(text)
            if shape.pop("format") != FORMAT:
                raise StorageError("a newer relcare wrote what is known of the backup; hint: upgrade relcare")
            taken_at = datetime.fromisoformat(shape.pop("taken_at"))
            return cls(taken_at=taken_at.astimezone(UTC), **shape)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StorageError(f"what is known of the backup cannot be read ({type(error).__name__})") from error


def age_of(backup: Backup, now: datetime) -> timedelta:
    """How old a backup is; negative when the clock says that it is yet to be taken."""
    return in_utc(now) - backup.taken_at


def backups_in(folder: str | os.PathLike[str], /) -> tuple[Backup, ...]:
    """The backups in a folder, the newest first; none where there is no folder.

    Files that are no backups of relcare, and backups that were never finished, are passed over.
    """
    return tuple(sorted(_found(checked_path(folder)), key=lambda backup: backup.path, reverse=True))


def _found(folder: Path) -> Iterator[Backup]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) is None:
            continue
        with suppress(StorageError):
            known = known_backup(path)
            if known is not None:
                yield known


def sweep_unfinished(folder: Path, lock: FolderLock, now: datetime) -> None:
    """Takes away what backups that were killed left in their folder, and nothing of one that runs; what cannot be, stays.

    Where the folder has no locks, what was not changed for a day was left.

    Args:
        folder: Of backups.
        lock: Of the folder; everybody who takes a backup shares it meanwhile.
        now: The instant that it is.
    """
    is_alone, limit = lock.try_alone(), now.timestamp() - _LONGEST.total_seconds()
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if _is_unfinished(path) and is_left(path, is_alone=is_alone, older_than=limit):
                with suppress(OSError):
                    path.unlink()
    sweep_folders(folder, _PROVED_IN, RESTORED, older_than=limit)


def _is_unfinished(path: Path) -> bool:
    if _UNFINISHED.fullmatch(path.name) is None:
        return False
    return path.suffix != ".json" or not os.path.lexists(path.with_suffix(".db"))


def known_backup(path: Path) -> Backup | None:
    """What the file beside it says, at the place where it is now; None without such a file."""
    try:
        text = about(path).read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError(f"{str(about(path))!r} cannot be read ({type(error).__name__})") from error
    return attrs.evolve(Backup.from_text(text), path=str(path))


def about(path: Path) -> Path:
    """The file beside a backup that says what it is."""
    return path.with_suffix(".json")


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    found = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    except OSError as error:
        raise StorageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    return found.hexdigest()


def in_utc(now: datetime) -> datetime:
    """An aware instant, in UTC; what is none is refused."""
    if not isinstance(now, datetime) or now.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("now", now, "must be an aware instant", "give it a zone")
    return now.astimezone(UTC)
