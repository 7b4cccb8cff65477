"""Backups: taken while the book is in use, proved on the spot by restoring them, and missed when they do not come.

Source: STO-3
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from relcare.access import DigestKey, RetentionRules
from relcare.errors import InvalidValueError, OutcomeUnknownError, StorageError
from relcare.storage._audit_trail import CHAIN_ID
from relcare.storage._backup_files import (
    PROOF,
    RESTORED,
    Backup,
    BackupPolicy,
    about,
    backups_in,
    digest_of_file,
    in_utc,
    known_backup,
    sweep_unfinished,
)
from relcare.storage._capabilities import CanBeCopied, CanBeDiscarded, CanBeInspected
from relcare.storage._erasure import reapply_erasures
from relcare.storage._erasure_journal import Erasure
from relcare.storage._left_behind import FolderLock, folder_of_own
from relcare.storage._open import create_store
from relcare.storage._protocols import Store
from relcare.storage._sqlite_file import checked_path, make_folder, sync_file, sync_folder
from relcare.storage._values import Record

__all__ = ["back_up", "last_backup", "restore"]

_PLACE: Final = ("backup", "last")


def back_up(store: Store, folder: str | os.PathLike[str], /, *, now: datetime, policy: BackupPolicy | None = None) -> Backup:
    """The backup that was taken of a store, verified; others read and write meanwhile.

    It is restored into a new book beside it, all of which is read again, before it counts: a backup that was never restored
    is a hope. Then the store notes it, for `check_health`, and the oldest backups beyond those to keep are taken away.

    What earlier ones left unfinished in the folder when they were killed goes first; nothing of one that runs, which holds a lock
    of the folder. Where folders have no locks (Windows, some network shares), what was not changed for a day goes.

    Args:
        store: One that can be copied: `SqliteStore`, `SqlStore`.
        folder: Where backups of this book lie; made where there is none. Another disk than the book's.
        now: The aware instant that it is; two backups in one microsecond are refused.
        policy: How many to keep; eight by default.

    Raises:
        InvalidValueError: `now` has no zone.
        StorageError: The store cannot be copied, is damaged, or what was restored differs. Older backups are then all kept.
        OutcomeUnknownError: The backup is good, and whether the store noted it is not known.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from relcare.model import Book, Client
        >>> from relcare.storage import SqliteStore, back_up, load_book, open_store, restore
        >>> with TemporaryDirectory() as folder:
        ...     book = Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul")
        ...     with SqliteStore.create(f"{folder}/book.db", book) as store:
        ...         backup = back_up(store, f"{folder}/backups", now=datetime(2026, 3, 31, 9, tzinfo=UTC))
        ...     Path(backup.path).name
        ...     restore(backup.path, f"{folder}/again.db").close()
        ...     load_book(open_store(f"{folder}/again.db")) == book
        'relcare-20260331T090000000000Z.db'
        True
    """
    moment = in_utc(now)
    if not isinstance(store, CanBeCopied):
        raise StorageError(f"a {type(store).__name__} cannot be copied while it is in use; hint: see CanBeCopied")
    place = checked_path(folder)
    _make_folder(place)
    with FolderLock(place) as lock:
        sweep_unfinished(place, lock, moment)
        lock.share()
        backup = _taken(store, place, moment)
        _note(store, backup)
        _retain(place, (policy or BackupPolicy()).keep, backup)
    return backup


def _taken(store: CanBeCopied, place: Path, moment: datetime) -> Backup:
    target = place / f"relcare-{moment:%Y%m%dT%H%M%S%f}Z.db"
    unproved = target.with_suffix(".part")
    if os.path.lexists(target):
        raise StorageError(f"{str(target)!r} exists already; hint: another backup is being taken")
    digest = store.copy_to(unproved)
    try:
        _prove(unproved, digest)
        backup = Backup(
            path=str(target),
            taken_at=moment,
            digest=digest,
            file_digest=digest_of_file(unproved),
            byte_count=unproved.stat().st_size,
        )
        _write_file(about(target), backup.as_text())
        unproved.rename(target)
        sync_folder(place)
    except BaseException as error:
        for left in (unproved, about(target), target):
            with suppress(OSError):
                left.unlink()
        if isinstance(error, OSError):
            raise StorageError(f"{str(target)!r} cannot be written: {error.strerror}") from error
        raise
    return backup


def restore(
    path: str | os.PathLike[str],
    url: str,
    /,
    *,
    journal: Iterable[Erasure] = (),
    key: DigestKey | None = None,
    rules: RetentionRules | None = None,
    chain_id: str = CHAIN_ID,
) -> Store:
    """The new store that holds what a backup holds; the backup stays as it is.

    Args:
        path: The file of a backup, or any SQLite book that nobody has open.
        url: Where, as for `create_store`: a new SQLite file, an empty PostgreSQL database, ...
        journal: Of what was erased since: it is erased again before the store is given out, see `reapply_erasures`.
        key: With which the digests of the journal were made; must be given with one.
        rules: Of retention; must be given where rules decided one of these erasures.
        chain_id: Of the chain of the audit trail, in which each of them has an entry.

    Raises:
        InvalidValueError: A journal is given without its key, with another key, or without the rules that it needs.
        StorageError: The file is not what was backed up, or there is a store already; nothing is left behind.

    Source: STO-3, ACC-5
    """
    erasures = tuple(journal)
    if erasures and key is None:
        raise InvalidValueError("key", None, "must be given with a journal")
    source = checked_path(path)
    known = known_backup(source)
    if known is not None and digest_of_file(source) != known.file_digest:
        raise StorageError(f"{str(source)!r} is not what was backed up: its digest differs; hint: take another backup")
    store = create_store(url)
    try:
        _fill(store, source, None if known is None else known.digest)
        if key is not None:
            reapply_erasures(store, erasures, key=key, rules=rules, chain_id=chain_id)
    except BaseException:
        if isinstance(store, CanBeDiscarded):
            store.discard()
        raise
    return store


def last_backup(store: Store) -> Backup | None:
    """The last verified backup that a store knows of; None when there never was one.

    Raises:
        StorageError: What is known of it cannot be read.
    """
    with store.read() as view:
        record = view.records.get(*_PLACE)
    return None if record is None else Backup.from_text(record.payload)


def _fill(store: Store, source: Path, expected: str | None) -> str:
    if not isinstance(store, CanBeCopied) or not isinstance(store, CanBeInspected):
        raise StorageError(f"nothing can be restored into a {type(store).__name__}; hint: see CanBeCopied")
    digest = store.fill_from(source)
    # Read back through a connection of its own: what was sent is not what counts.
    if not digest == store.verify() == (expected or digest):
        raise StorageError("what was restored is not what was backed up; hint: take another backup")
    return digest


def _prove(unproved: Path, digest: str) -> None:
    from relcare.storage._sqlite import SqliteStore

    with (
        folder_of_own(PROOF, unproved.parent) as folder,
        SqliteStore.new(folder / RESTORED) as store,
    ):
        _fill(store, unproved, digest)


def _note(store: Store, backup: Backup) -> None:
    try:
        with store.write() as unit:
            before = unit.records.get(*_PLACE)
            kind, record_id = _PLACE
            record = Record(kind=kind, id=record_id, payload=backup.as_text())
            unit.records.put(record, expected=0 if before is None else before.version)
    except StorageError as error:
        told = OutcomeUnknownError if isinstance(error, OutcomeUnknownError) else StorageError
        raise told(f"the backup {backup.path!r} is good, but the store could not note it: {error}") from error


def _retain(folder: Path, keep: int, newest: Backup) -> None:
    # What a clock that was ahead has named for days to come makes room first, and not what was taken just now.
    for backup in sorted(backups_in(folder), key=lambda one: one.path > newest.path)[keep:]:
        path = Path(backup.path)
        gone = path.with_suffix(".part")
        # Its name goes first: a crash in between leaves what is no backup any more, and what the next one sweeps.
        with suppress(OSError):
            path.rename(gone)
            about(path).unlink()
            gone.unlink()


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise StorageError(f"{str(folder)!r} cannot be made: {error.strerror}") from error


def _write_file(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    sync_file(path)
