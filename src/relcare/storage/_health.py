"""Whether a store is well: what its promises rest on, and whether its last verified backup is recent enough."""

from datetime import datetime, timedelta
from pathlib import Path

import attrs

from relcare.errors import StorageError
from relcare.storage._backup import last_backup
from relcare.storage._backup_files import Backup, BackupPolicy, age_of
from relcare.storage._capabilities import CanBeInspected, HealthCheck
from relcare.storage._protocols import Store

__all__ = ["Health", "check_health"]


@attrs.frozen
class Health:
    """What was looked at, in a fixed order: the database, its content, the backup.

    Attributes:
        checks: Each with its code.
    """

    checks: tuple[HealthCheck, ...]

    @property
    def is_ok(self) -> bool:
        """Whether nothing failed."""
        return all(check.is_ok for check in self.checks)


def check_health(store: Store, *, now: datetime, policy: BackupPolicy | None = None, reads_all: bool = False) -> Health:
    """Whether a store is well; a backup that is overdue, or was never taken, is a failure.

    Args:
        store: Any; one that cannot be inspected is asked for its backup alone.
        now: The aware instant that it is.
        policy: How old the last verified backup may be; a week by default.
        reads_all: Also read every row and compare it with its digest.

    Raises:
        InvalidValueError: `now` has no zone.
        StorageError: The store cannot be read.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from relcare.storage import MemoryStore
        >>> health = check_health(MemoryStore(), now=datetime(2026, 3, 31, tzinfo=UTC))
        >>> health.is_ok, health.checks[0].code
        (False, 'backup.never')

    Source: STO-3
    """
    checks: list[HealthCheck] = []
    if isinstance(store, CanBeInspected):
        checks += store.inspect()
        if reads_all:
            checks.append(_content(store))
    checks.append(_backup(store, now, policy or BackupPolicy()))
    return Health(tuple(checks))


def _content(store: CanBeInspected) -> HealthCheck:
    try:
        digest = store.verify()
    except StorageError as error:
        return HealthCheck(code="store.content", state="failed", text=str(error))
    return HealthCheck(code="store.content", state="ok", text=f"every row is as it was stored (digest {digest[:12]})")


def _backup(store: Store, now: datetime, policy: BackupPolicy) -> HealthCheck:
    try:
        last = last_backup(store)
    except StorageError as error:
        return HealthCheck(code="backup.unreadable", state="failed", text=str(error))
    if last is None:
        return HealthCheck(code="backup.never", state="failed", text="never backed up; hint: relcare backup BOOK FOLDER")
    return _age(last, age_of(last, now), policy) or _file(last) or _fine(last)


def _age(last: Backup, age: timedelta, policy: BackupPolicy) -> HealthCheck | None:
    told = f"the last verified backup was taken at {last.taken_at.isoformat(timespec='seconds')}"
    if age < timedelta(0):
        # By a clock that went back an old backup would look young for ever.
        return HealthCheck(code="backup.clock", state="failed", text=f"{told}, which is yet to come: the clock is wrong")
    if age > timedelta(days=policy.max_age_days):
        late = f"{age.days} days ago; at most {policy.max_age_days} are allowed"
        return HealthCheck(code="backup.overdue", state="failed", text=f"{told}, {late}")
    return None


def _file(last: Backup) -> HealthCheck | None:
    try:
        found = Path(last.path).stat().st_size
    except OSError as error:
        told = f"the last backup, {last.path!r}, cannot be found: {error.strerror}"
        return HealthCheck(code="backup.missing", state="failed", text=told)
    if found != last.byte_count:
        told = f"the last backup, {last.path!r}, has {found} bytes, not {last.byte_count}"
        return HealthCheck(code="backup.changed", state="failed", text=told)
    return None


def _fine(last: Backup) -> HealthCheck:
    told = f"taken at {last.taken_at.isoformat(timespec='seconds')} and verified: {last.path}"
    return HealthCheck(code="backup.recent", state="ok", text=told)
