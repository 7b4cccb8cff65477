"""What the promises of a SQLite book rest on."""

import os
import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path

from relcare.storage._capabilities import HealthCheck, HealthState

__all__ = ["inspect_file"]

_REPAIRED = (3, 51, 3)
"""Before it a checkpoint that meets a commit can, very rarely, damage a file with a write-ahead log."""

_WANTED: Mapping[str, str | int] = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def inspect_file(path: Path, profile: Mapping[str, str | int], *, is_poisoned: bool) -> tuple[HealthCheck, ...]:
    """The version, the settings in force, the rights of the file, and whether it may be written."""
    return (_version(), _settings(profile), _rights(path), _trust(is_poisoned=is_poisoned))


def _version() -> HealthCheck:
    told = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info >= _REPAIRED:
        return HealthCheck(code="sqlite.version", state="ok", text=told)
    wanted = ".".join(str(part) for part in _REPAIRED)
    return HealthCheck(
        code="sqlite.version",
        state="note",
        text=f"{told}; {wanted} repairs a fault that can, very rarely, damage a file while several connections write",
    )


def _settings(profile: Mapping[str, str | int]) -> HealthCheck:
    wrong = [f"{name} is {profile.get(name)}, not {value}" for name, value in _WANTED.items() if profile.get(name) != value]
    told = ", ".join(f"{name} {profile.get(name)}" for name in _WANTED)
    return HealthCheck(code="sqlite.settings", state="failed" if wrong else "ok", text="; ".join(wrong) or told)


def _rights(path: Path) -> HealthCheck:
    if os.name != "posix":
        return HealthCheck(code="sqlite.rights", state="note", text="the rights of files are not looked at on this system")
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return HealthCheck(code="sqlite.rights", state="failed", text=f"the file cannot be found: {error.strerror}")
    state: HealthState = "note" if mode & 0o077 else "ok"
    told = "others may read it" if mode & 0o077 else "the owner's alone"
    return HealthCheck(code="sqlite.rights", state=state, text=f"mode {mode:04o}: {told}")


def _trust(*, is_poisoned: bool) -> HealthCheck:
    if is_poisoned:
        return HealthCheck(
            code="store.writable", state="failed", text="a commit failed and its outcome is not known: open the store again"
        )
    return HealthCheck(code="store.writable", state="ok", text="no commit of unknown outcome")
